package hall_test

import (
	"slices"
	"testing"

	"yitang/server/hall"
)

func waitingFor(d *day, f hall.FieldID) []string { return numbers(d.s.View().Queue(f).Waiting) }

func equal(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestATransferredTicketKeepsItsPlace(t *testing.T) {
	d := newDay(t)
	d.do(li, hall.OpenWindow{Window: one})
	d.do(wang, hall.OpenWindow{Window: "2"})
	d.take("B-1")
	d.at += min1
	d.take("A-1")
	d.at += min1
	d.take("B-1")
	d.at += 30 * min1
	d.do(li, hall.CallNext{Window: one}, hall.Start{Window: one}, hall.Transfer{Window: one, Field: "B", Reason: "转办"})
	equal(t, "B", waitingFor(d, "B"), "B001", "A001", "B002")
	if got := d.ticket(a001); got.CalledAt != 0 || got.StartedAt != 0 || got.Calls != 0 || got.Leg != 1 || got.Note != "转办" {
		t.Errorf("between two windows: %+v", got)
	}
	d.do(wang, hall.CallNext{Window: "2"}, hall.Finish{Window: "2"}, hall.CallNext{Window: "2"})
	if got := d.ticket(a001); got.State != hall.Called || got.Leg != 2 || got.Calls != 1 || got.CalledAt != d.at {
		t.Errorf("in its second leg: %+v", got)
	}
}

func TestSeveralMattersGoFromWindowToWindow(t *testing.T) {
	d := newDay(t)
	d.do(li, hall.OpenWindow{Window: one})
	d.do(wang, hall.OpenWindow{Window: "2"})
	id := d.take("A-1", "C-1", "A-2", "B-1")
	d.do(li, hall.CallNext{Window: one})
	events := d.do(li, hall.Finish{Window: one}) // which window 1 may serve
	equal(t, "finish", kinds(events), "ticket_started", "ticket_transferred")
	got := d.ticket(id)
	if !slices.Equal(got.Remaining, []hall.MatterCode{"C-1", "B-1"}) || got.Field != "C" || got.State != hall.Waiting {
		t.Errorf("after A: %+v", got)
	}
	if len(got.Matters) != 4 {
		t.Errorf("the ticket forgot what it was for: %v", got.Matters)
	}
	d.do("clerk:zhao", hall.OpenWindow{Window: "4"}, hall.CallNext{Window: "4"}, hall.Start{Window: "4"})
	d.do("clerk:zhao", hall.Finish{Window: "4", Outcomes: []hall.Outcome{{Matter: "C-1", Outcome: "incomplete"}}})
	d.do(wang, hall.CallNext{Window: "2"})
	events = d.do(wang, hall.Finish{Window: "2"})
	done, ok := events[len(events)-1].Body.(*hall.TicketFinished)
	if !ok || len(done.Outcomes) != 1 || diff(done.Outcomes[0], hall.Outcome{Matter: "B-1", Outcome: hall.OutcomeDone}) != "" {
		t.Errorf("the last leg: %+v", events)
	}
	v := d.s.View()
	if v.Window(one).Served != 1 || v.Window("2").Served != 1 || v.Window("4").Served != 1 || v.Queue("B").Served != 1 {
		t.Errorf("served: %+v", v.Windows)
	}
}

// TestATicketSentToAWindowWithoutTheSkill is finished there: somebody decided that it be.
func TestATicketSentToAWindowWithoutTheSkill(t *testing.T) {
	d := newDay(t)
	d.do(li, hall.OpenWindow{Window: one})
	d.do(wang, hall.OpenWindow{Window: "3"})
	id := d.take("A-1")
	d.do(li, hall.CallNext{Window: one}, hall.Transfer{Window: one, To: "3"})
	d.do(wang, hall.CallNext{Window: "3"}, hall.Finish{Window: "3"})
	if got := d.ticket(id); got.State != hall.Done || got.Window != "3" {
		t.Errorf("%+v", got)
	}
}

func TestARecallDoesNotTouchTheWait(t *testing.T) {
	d := newDay(t)
	d.do(li, hall.OpenWindow{Window: one})
	id := d.take("A-1")
	d.at += min1
	d.do(li, hall.CallNext{Window: one})
	first := d.at
	for calls := 2; calls <= 4; calls++ {
		d.at += min1
		d.do(li, hall.Recall{Window: one})
		if got := d.ticket(id); got.CalledAt != first || got.Calls != calls {
			t.Errorf("call %d: %+v", calls, got)
		}
		if v := d.s.View(); len(v.Calls) != 1 || v.Calls[0].Calls != calls || v.Calls[0].At != d.at || v.Calls[0].State != hall.Called {
			t.Errorf("screens show %+v", v.Calls)
		}
	}
}

func TestAHeldTicketComesBackFirst(t *testing.T) {
	for _, closed := range []bool{false, true} {
		d := newDay(t)
		d.do(li, hall.OpenWindow{Window: one})
		d.take("A-1")
		id := d.take("A-1")
		d.do(li, hall.CallNext{Window: one}, hall.Finish{Window: one})
		d.do(li, hall.CallNext{Window: one}, hall.Start{Window: one}, hall.Hold{Window: one, Reason: "复印"})
		d.at += min1
		d.take("A-1")
		if closed {
			d.do(li, hall.CloseWindow{Window: one})
		}
		d.do(desk, hall.ResumeTicket{Ticket: id})
		if closed {
			equal(t, "A", waitingFor(d, "A"), "A002", "A003")
		} else {
			equal(t, "window 1", numbers(d.s.View().AtWindow[one]), "A002")
		}
		got := d.ticket(id)
		if got.CalledAt != 0 || got.StartedAt != 0 || got.EndedAt != 0 || got.Calls != 0 || got.Note != "" {
			t.Errorf("it waits, but still has its last call: %+v", got)
		}
	}
}

// TestAClosedWindowGivesItsTicketsBackInTheirPlace: nobody else may call them, and nobody queues twice.
func TestAClosedWindowGivesItsTicketsBackInTheirPlace(t *testing.T) {
	d := newDay(t)
	d.do(li, hall.OpenWindow{Window: one})
	d.do(wang, hall.OpenWindow{Window: "2"})
	for range 4 {
		d.take("A-1")
		d.at += min1
	}
	next, start := hall.CallNext{Window: "2"}, hall.Start{Window: "2"}
	d.do(wang, next, hall.Transfer{Window: "2", To: one})
	d.do(wang, next, hall.Transfer{Window: "2", To: one})
	d.do(wang, next, start, hall.Hold{Window: "2"}) // A003 comes back first, to window 2
	d.do(desk, hall.ResumeTicket{Ticket: "20250603-A003"})
	equal(t, "window 1", numbers(d.s.View().AtWindow[one]), "A001", "A002")
	equal(t, "window 2", numbers(d.s.View().AtWindow["2"]), "A003")

	events := d.do(li, hall.CloseWindow{Window: one})
	equal(t, "close", kinds(events), "ticket_transferred", "ticket_transferred", "window_closed")
	equal(t, "A", waitingFor(d, "A"), "A001", "A002", "A004")
	d.do(wang, hall.CloseWindow{Window: "2"})
	equal(t, "A", waitingFor(d, "A"), "A003", "A001", "A002", "A004")
}

// TestANoShowComesBackToWhereItWasSent: who was sent to a window and missed the call waits for that window again, and
// for the field when the window has closed meanwhile.
func TestANoShowComesBackToWhereItWasSent(t *testing.T) {
	for _, closed := range []bool{false, true} {
		d := newDay(t)
		d.do(li, hall.OpenWindow{Window: one})
		d.do(wang, hall.OpenWindow{Window: "3"})
		id := d.take("A-1")
		d.do(li, hall.CallNext{Window: one}, hall.Transfer{Window: one, To: "3"})
		d.do(wang, hall.CallNext{Window: "3"}, hall.Miss{Window: "3"})
		if closed {
			d.do(wang, hall.CloseWindow{Window: "3"})
		}
		d.do(desk, hall.Reactivate{Ticket: id})
		if v := d.s.View(); closed {
			equal(t, "A", waitingFor(d, "A"), "A001")
		} else {
			equal(t, "window 3", numbers(v.AtWindow["3"]), "A001")
		}
	}
}

func TestAReceiptChangesNoOrder(t *testing.T) {
	d := newDay(t)
	d.do(li, hall.OpenWindow{Window: one})
	next, start := hall.CallNext{Window: one}, hall.Start{Window: one}
	var ids []hall.TicketID
	for range 9 {
		ids = append(ids, d.take("A-1"))
	}
	for range 3 {
		d.do(li, next, start, hall.Hold{Window: one})
	}
	for range 3 {
		d.do(li, next, hall.Miss{Window: one})
	}
	for _, id := range []hall.TicketID{ids[0], ids[4], ids[7], ids[3]} {
		d.do(desk, hall.ReportReceipt{Ticket: id, State: hall.Failed, Reason: "paper_out"})
	}
	v := d.s.View()
	equal(t, "held", numbers(v.Held), "A001", "A002", "A003")
	equal(t, "missed", numbers(v.Missed), "A004", "A005", "A006")
	equal(t, "waiting", waitingFor(d, "A"), "A007", "A008", "A009")
	equal(t, "failed", numbers(v.Failed), "A001", "A005", "A008", "A004")
	d.do(desk, hall.ReportReceipt{Ticket: ids[4], State: hall.Printed}, hall.ReportReceipt{Ticket: ids[0], State: hall.Uncertain})
	equal(t, "failed or uncertain", numbers(d.s.View().Failed), "A008", "A004", "A001")
	if v.Held[0].Print != hall.Failed || v.Queue("A").Waiting[1].Print != hall.Failed {
		t.Error("the lists show the tickets as they were before the report")
	}
}

func TestALateReceiptOfAnEarlierMissPushesNobodyOut(t *testing.T) {
	d := newDay(t)
	d.do(li, hall.OpenWindow{Window: one})
	first := d.take("A-1")
	for range 50 {
		d.take("A-1")
	}
	for range 51 {
		d.do(li, hall.CallNext{Window: one}, hall.Miss{Window: one})
	}
	d.do(desk, hall.ReportReceipt{Ticket: first, State: hall.Failed})
	if got := numbers(d.s.View().Missed); len(got) != 50 || got[0] != "A002" || got[49] != "A051" {
		t.Errorf("missed: %v", got)
	}
	d.do(desk, hall.Reactivate{Ticket: first}) // though no list shows it any more
	if got := d.s.View().Totals.NoShow; got != 50 {
		t.Errorf("%d no-shows", got)
	}
}

// TestAReaderCannotSpoilTheQueue: what a page does with its own copy of a view stays there.
func TestAReaderCannotSpoilTheQueue(t *testing.T) {
	d := newDay(t)
	for range 3 {
		d.take("A-1")
	}
	list := d.s.View().Queue("A").Waiting
	d.take("A-1")
	after := d.s.View().Queue("A").Waiting
	_ = append(list, &hall.Ticket{Number: "X001"})
	equal(t, "A", numbers(after), "A001", "A002", "A003", "A004")
}

func TestThePriorityIsNeverLost(t *testing.T) {
	for _, p := range []hall.Priority{hall.Ordinary, hall.ByAppointment, hall.Elderly, hall.Disabled, hall.Pregnant, hall.Military} {
		d := newDay(t)
		d.do(li, hall.OpenWindow{Window: one})
		d.do(wang, hall.OpenWindow{Window: "2"})
		c := ticketFor("A-1")
		c.Priority = p
		next, start := hall.CallNext{Window: one}, hall.Start{Window: one}
		d.do(desk, c)
		d.do(li, next, hall.Miss{Window: one}, hall.Reactivate{Ticket: a001}, next, start, hall.Hold{Window: one},
			hall.ResumeTicket{Ticket: a001}, next, hall.Transfer{Window: one, To: "2"})
		d.do(wang, hall.CallNext{Window: "2"}, hall.Finish{Window: "2"})
		if got := d.ticket(a001).Priority; got != p {
			t.Errorf("%s became %s", p, got)
		}
	}
}

func TestTheSameReportTwiceIsOneEvent(t *testing.T) {
	d := newDay(t)
	id := d.take("A-1")
	count := func(c hall.Command) int { return len(d.do(desk, c)) }
	printed := hall.ReportReceipt{Ticket: id, State: hall.Printed}
	failed := hall.ReportReceipt{Ticket: id, State: hall.Failed}
	uncertain := hall.ReportReceipt{Ticket: id, State: hall.Uncertain}
	low := hall.ReportDevice{Device: "k1", Part: "printer", State: "warning", Reason: "paper_low"}
	for i, c := range []struct {
		cmd  hall.Command
		want int
	}{{failed, 1}, {failed, 1}, {uncertain, 1}, {uncertain, 1}, {printed, 1}, {printed, 0}, {low, 1}, {low, 0},
		{hall.ReportDevice{Device: "k1", Part: "printer", State: "down", Reason: "paper_out"}, 1}, {low, 1}} {
		if got := count(c.cmd); got != c.want {
			t.Errorf("report %d: %d events, want %d", i, got, c.want)
		}
	}
}

func TestDevicesWithASlashInTheirNameAreTold(t *testing.T) {
	d := newHall(t)
	d.do(desk, hall.ReportDevice{Device: "k/1", Part: "p", State: "up"}, hall.ReportDevice{Device: "k", Part: "1/p", State: "down"})
	if got := d.s.View().Devices; len(got) != 2 || got[0].Device != "k" || got[1].State != "up" {
		t.Errorf("%+v", got)
	}
}
