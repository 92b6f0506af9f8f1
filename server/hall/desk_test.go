package hall_test

import (
	"slices"
	"testing"

	"yitang/server/hall"
)

// deskRows are refusals that need more than a state; each stands in a test of this file or of case_test.go.
func deskRows() []row {
	return []row{
		{"recall", "called three times", "!recall_limit"}, {"no-show", "called once", "!recall_first"},
		{"recall", "called a moment ago", "!too_soon"}, {"decide", "opinions awaited", "!joint_open"}, {"decide", "another has it", "!not_your_case"},
		{"rate", "rated", "!already_rated"}, {"task", "one's own", "!own_rating"}, {"task", "out of order", "!task_state"},
	}
}

// strict is a day at a hall with the default desk.
func strict(t testing.TB) *day {
	l := layout()
	l.Desk = hall.DefaultDesk()
	d := newHall(t)
	d.do(hall.System, hall.AdoptLayout{Layout: l}, hall.OpenDay{Day: today})
	d.do(li, hall.OpenWindow{Window: one})
	return d
}

// TestThreeCallsThenANoShow: three times, 20 s apart, and 20 s more for the last one.
func TestThreeCallsThenANoShow(t *testing.T) {
	d := strict(t)
	id := d.take("A-1")
	d.do(li, hall.CallNext{Window: one})
	first, recall, miss := d.at, hall.Recall{Window: one}, hall.Miss{Window: one}
	for calls := 1; calls <= 3; calls++ {
		d.at += 19_999
		d.expect(hall.CodeTooSoon, li, map[bool]hall.Command{true: recall, false: miss}[calls < 3])
		if calls < 3 {
			d.expect(hall.CodeRecallFirst, li, miss)
			d.at++
			d.do(li, recall)
		}
	}
	d.expect(hall.CodeRecallLimit, li, recall)
	d.at++
	if got := d.ticket(id); got.CalledAt != first || got.Calls != 3 {
		t.Errorf("the first call counts: %+v", got)
	}
	d.do(li, miss)
	d.do(desk, hall.Reactivate{Ticket: id})
	d.do(li, hall.CallNext{Window: one})
	if got := d.ticket(id); got.Calls != 1 {
		t.Errorf("after the reactivation it was called %d times", got.Calls)
	}
}

// TestSplitCollector: who came for results comes for them at the next window, too.
func TestSplitCollector(t *testing.T) {
	d := newDay(t)
	d.do(li, hall.OpenWindow{Window: one})
	take := ticketFor("A-1", "B-1")
	take.Deliver = true
	d.do(desk, take)
	d.do(li, hall.CallNext{Window: one}, hall.Start{Window: one})
	into := d.do(li, hall.Split{Window: one, Matters: []hall.MatterCode{"B-1"}, Reason: "另办", Track: "u"})[0].Subject()
	if !d.ticket(into).Deliver {
		t.Error("the second ticket is one for a new application")
	}
}

// TestSplitKeepsWhatIsKnown: the next window sees the case and what was said of the matter's papers.
func TestSplitKeepsWhatIsKnown(t *testing.T) {
	d := newOffice(t)
	d.come("p-1", "A-2")
	d.finish(hall.Outcome{Matter: "A-2", Outcome: "accepted"})
	take := by("p-1", "A-1", "A-2")
	take.Cases, take.Papers = []hall.CaseID{case1}, hall.Papers{"A-1": {}, "A-2": {}}
	d.do(desk, take)
	d.do(li, hall.CallNext{Window: one}, hall.Start{Window: one})
	into := d.ticket(d.do(li, hall.Split{Window: one, Matters: []hall.MatterCode{"A-2"}, Reason: "另办", Track: "u"})[0].Subject())
	if !slices.Equal(into.Cases, take.Cases) || len(into.Papers) != 1 || into.Papers["A-2"] == nil {
		t.Errorf("the second ticket: %+v", into)
	}
}

// TestSplit: one matter goes on elsewhere under a number of its own, with the place of the first ticket.
func TestSplit(t *testing.T) {
	d := newDay(t)
	d.do(li, hall.OpenWindow{Window: one})
	d.do(wang, hall.OpenWindow{Window: "2"})
	id := d.take("A-1", "B-1", "A-2")
	d.do(li, hall.CallNext{Window: one}, hall.Start{Window: one})
	d.at += min1
	d.take("B-2")
	events := d.do(li, hall.Split{Window: one, Matters: []hall.MatterCode{"B-1"}, Reason: "另办", Track: "u"})
	into := events[0].Body.(*hall.TicketIssued)
	if into.Number != "B002" || into.From != id || into.Channel != "kiosk" {
		t.Errorf("the second ticket: %+v", into)
	}
	equal(t, "B", waitingFor(d, "B"), "B002", "B001") // it came with the first ticket
	if got := d.ticket(id); len(got.Remaining) != 2 || got.State != hall.Serving {
		t.Errorf("the first ticket: %+v", got)
	}
	for _, bad := range [][]hall.MatterCode{{}, {"B-1"}, {"A-1", "A-2"}, {"A-1", "A-1"}} {
		d.expect(hall.CodeInvalid, li, hall.Split{Window: one, Matters: bad})
	}
	d.expect(hall.CodeInvalid, li, hall.Split{Window: one, Matters: []hall.MatterCode{"A-2"}, Field: "B", To: "2"})
	d.expect(hall.CodeWindowClosed, li, hall.Split{Window: one, Matters: []hall.MatterCode{"A-2"}, To: "3"})
	d.do(li, hall.Split{Window: one, Matters: []hall.MatterCode{"A-2"}, To: "2"})
	equal(t, "window 2", numbers(d.s.View().AtWindow["2"]), "A002")
	d.do(li, hall.Finish{Window: one})
	if got := d.ticket(id); got.State != hall.Done {
		t.Errorf("with nothing left: %+v", got)
	}
	d.do(wang, hall.CallNext{Window: "2"}, hall.Transfer{Window: "2", Field: "B"})
	equal(t, "B after a transfer", waitingFor(d, "B"), "B002", "B001")
}

func TestTransferToADepartment(t *testing.T) {
	d := newOffice(t)
	id := d.come("p-1", "A-1")
	d.expect(hall.CodeNotFound, li, hall.Transfer{Window: one, Department: "教育局"})
	events := d.do(li, hall.Transfer{Window: one, Department: "工信局", Reason: "归工信局"})
	if b := events[0].Body.(*hall.TicketTransferred); b.Department != "工信局" || b.Field != "C" || b.To != "" {
		t.Errorf("%+v", b)
	}
	if got := d.ticket(id); got.State != hall.Waiting || got.Field != "C" || got.Place != got.Since {
		t.Errorf("%+v", got)
	}
}

// TestHandOver gives the window to a colleague in the middle of a service; the first clerk has no more say.
func TestHandOver(t *testing.T) {
	d := newOffice(t)
	id := d.come("p-1", "A-1")
	d.expect(hall.CodeInvalid, li, hall.HandOver{Window: one, Clerk: li})
	d.do(li, hall.HandOver{Window: one, Clerk: "clerk:zhao"})
	d.expect(hall.CodeWindowTaken, li, hall.Finish{Window: one})
	d.do("clerk:zhao", hall.Finish{Window: one})
	d.do(desk, hall.Rate{Ticket: id, Grade: 1, Reasons: []string{"slow"}, Via: "phone"})
	if got := d.s.Task("20250603-A001-1"); got.About != "clerk:zhao" {
		t.Errorf("the rating is about %s", got.About)
	}
}

func TestPauseHasAnEnd(t *testing.T) {
	d := newOffice(t)
	for _, bad := range []hall.Millis{1, d.at, d.at + 13*60*min1} {
		d.expect(hall.CodeInvalid, li, hall.PauseWindow{Window: one, Until: bad})
	}
	d.do(li, hall.PauseWindow{Window: one, Reason: "午餐", Until: d.at + 30*min1})
	if got := d.s.Window(one); got.Until != d.at+30*min1 || got.Reason != "午餐" {
		t.Errorf("%+v", got)
	}
	d.do(li, hall.ResumeWindow{Window: one})
	if got := d.s.Window(one); got.Until != 0 {
		t.Errorf("after the pause: %+v", got)
	}
}

// TestIdentify: a person without a card at the kiosk is found at the window.
func TestIdentify(t *testing.T) {
	d := newOffice(t)
	d.come("p-1", "A-1")
	d.finish(hall.Outcome{Matter: "A-1", Outcome: "accepted"})
	d.come("", "A-1")
	d.expect(hall.CodeInvalid, li, hall.Identify{Window: one, PersonKind: "none"})
	d.expect(hall.CodeInvalid, li, hall.Identify{Window: one, PersonKind: "id", Person: "p-1", Actor: "ghost"})
	d.do(li, hall.Identify{Window: one, PersonKind: "id", Person: "p-1"})
	if events := d.do(li, hall.Identify{Window: one, PersonKind: "id", Person: "p-1"}); len(events) != 0 {
		t.Errorf("a second time it made %v", kinds(events))
	}
	if got := d.finish(hall.Outcome{Matter: "A-1", Outcome: "progress"})[0]; got.Case != case1 {
		t.Errorf("%+v", got)
	}
}

// TestRatings: once a service; a bad one is verified by somebody else, answered, closed.
func TestRatings(t *testing.T) {
	d := newOffice(t)
	id := d.come("p-1", "A-1", "B-1")
	d.finish(hall.Outcome{Matter: "A-1", Outcome: "done"}) // the rest waits for window 2
	d.do(desk, hall.Rate{Ticket: id, Grade: 5, Via: "evaluator"})
	d.expect(hall.CodeAlreadyRated, desk, hall.Rate{Ticket: id, Grade: 1, Via: "phone"})
	d.do(wang, hall.CallNext{Window: "2"})
	d.expect(hall.CodeNotServed, desk, hall.Rate{Ticket: id, Grade: 1, Via: "phone"})
	d.do(wang, hall.Start{Window: "2"}, hall.Finish{Window: "2"})
	for _, bad := range []hall.Rate{{Ticket: id, Grade: 0, Via: "phone"}, {Ticket: id, Grade: 6, Via: "phone"}, {Ticket: id, Grade: 3, Via: "fax"},
		{Ticket: id, Grade: 3, Via: "phone", Reasons: []string{"slow"}}, {Ticket: id, Grade: 1, Via: "phone", Reasons: []string{"ugly"}},
		{Ticket: id, Grade: 1, Via: "phone", Reasons: []string{"slow", "slow"}}} {
		d.expect(hall.CodeInvalid, desk, bad)
	}
	d.at += 3000
	b := d.do(desk, hall.Rate{Ticket: id, Grade: 2, Reasons: []string{"slow", "other"}, Text: "等了很久", Via: "tablet"})[0].Body.(*hall.RatingGiven)
	if b.About != wang || b.AfterMS != 3000 || b.Due != "2025-06-13" || b.Leg != 2 {
		t.Errorf("%+v", b)
	}
	task := func(state hall.TaskState) hall.StepTask {
		return hall.StepTask{Rating: b.Rating, State: state, Verified: "true", Text: "已核实"}
	}
	d.expect(hall.CodeOwnRating, wang, task(hall.TaskVerified))
	d.expect(hall.CodeTaskState, li, task(hall.TaskAnswered))
	d.expect(hall.CodeInvalid, li, hall.StepTask{Rating: b.Rating, State: hall.TaskVerified, Text: "x"})
	d.do(li, task(hall.TaskVerified), task(hall.TaskAnswered), task(hall.TaskClosed))
	if got := d.s.Task(b.Rating); got.State != hall.TaskClosed || got.Verifier != li || got.ClosedAt == 0 {
		t.Errorf("%+v", got)
	}
	d.do(hall.System, hall.CloseDay{}, hall.OpenDay{Day: tomorrow})
	if d.s.Task(b.Rating) != nil {
		t.Error("a closed task is kept for ever")
	}
}

// TestATicketIsSentOnForLater: it is nobody's until the person is back, then it waits in its old place where it was sent to.
func TestATicketIsSentOnForLater(t *testing.T) {
	d := newDay(t)
	d.do(li, hall.OpenWindow{Window: one})
	id := d.take("A-1")
	d.do(li, hall.CallNext{Window: one}, hall.Start{Window: one}, hall.Transfer{Window: one, To: "2", Later: true, Reason: "先去缴费"})
	if k := d.ticket(id); k.State != hall.Held || k.Note != "先去缴费" || len(d.s.WaitingAt("2")) != 0 {
		t.Fatalf("%+v", k)
	}
	d.do(wang, hall.OpenWindow{Window: "2"}) // it was closed then
	d.at += min1
	d.take("A-1")
	d.do(desk, hall.ResumeTicket{Ticket: id})
	equal(t, "window 2", numbers(d.s.View().AtWindow["2"]), "A001")
	if k := d.ticket(id); k.Place != k.Since {
		t.Errorf("its place is %d, not that of its issue", k.Place)
	}
	d.do(wang, hall.CallNext{Window: "2"})
	if w := d.s.Window("2"); w.Ticket.ID != id {
		t.Errorf("window 2 called %s", w.Ticket.ID)
	}
}
