package hall_test

import (
	"testing"

	"yitang/server/hall"
)

// TestAFinishIsTakenBack: the case that it opened ends as void, the one that it took on is as before, and the second
// finish counts.
func TestAFinishIsTakenBack(t *testing.T) {
	d := newOffice(t)
	id := d.come("p-1", "A-1")
	first := d.finish(hall.Outcome{Matter: "A-1", Outcome: hall.OutcomeIncomplete, Missing: []string{"章程"}})[0].Case
	served := d.s.Window(one).Served
	d.do(li, hall.Reopen{Window: one})
	if k := d.ticket(id); k.State != hall.Serving || k.EndedAt != 0 || len(k.Remaining) != 1 {
		t.Errorf("the ticket: %+v", k)
	}
	if w := d.s.Window(one); w.Ticket == nil || w.Ticket.ID != id || w.Served != served-1 {
		t.Errorf("the window: %+v", w)
	}
	if k := d.s.Case(first); k.End != hall.EndVoid {
		t.Errorf("the first case: %+v", k)
	}
	kase := d.finish(hall.Outcome{Matter: "A-1", Outcome: hall.OutcomeAccepted})[0]
	if k := d.s.Case(kase.Case); kase.Case == first || kase.Purpose != hall.Apply || k.State != hall.CaseAccepted || k.FirstComplete != "yes" {
		t.Errorf("the second case: %+v, %+v", kase, k)
	}
	before := d.s.Case(kase.Case)
	d.at += 60 * min1
	d.come("p-1", "A-1")
	d.finish(hall.Outcome{Matter: "A-1", Outcome: hall.OutcomeWithdrawn})
	d.do(li, hall.Reopen{Window: one})
	if got := d.s.Case(kase.Case); got.State != hall.CaseAccepted || got.ClosedAt != 0 || got.AcceptedAt != before.AcceptedAt {
		t.Errorf("after the withdrawal was taken back: %+v", got)
	}
	if got := d.s.FindCase("p-1", "A-1"); got == nil || got.ID != kase.Case {
		t.Errorf("the person's open case is %+v", got)
	}
}

// TestAFinishStands once something has come of it.
func TestAFinishStands(t *testing.T) {
	accepted := hall.Finish{Window: one, Outcomes: []hall.Outcome{{Matter: "A-1", Outcome: hall.OutcomeAccepted}}}
	for name, c := range map[string]struct {
		then func(d *day, id hall.TicketID, k hall.CaseID)
		code hall.Code
	}{
		"after two minutes": {func(d *day, _ hall.TicketID, _ hall.CaseID) { d.at += hall.ReopenWithin + 1 }, hall.CodeTooLate},
		"after a rating": {func(d *day, id hall.TicketID, _ hall.CaseID) {
			d.do(desk, hall.Rate{Ticket: id, Grade: 5, Via: "phone"})
		}, hall.CodeAlreadyRated},
		"after a department's act": {func(d *day, _ hall.TicketID, k hall.CaseID) {
			d.do(li, hall.ActOnCase{Case: k, Step: hall.StepAcknowledge, Detail: hall.StepDetail{Today: today}})
		}, hall.CodeCaseState},
		"after the next call": {func(d *day, _ hall.TicketID, _ hall.CaseID) {
			d.take("A-1")
			d.do(li, hall.CallNext{Window: one}, hall.Miss{Window: one})
		}, hall.CodeNothingToUndo},
		"twice": {func(d *day, _ hall.TicketID, _ hall.CaseID) {
			d.do(li, hall.Reopen{Window: one}, hall.Hold{Window: one})
		}, hall.CodeNothingToUndo},
	} {
		t.Run(name, func(t *testing.T) {
			d := newOffice(t)
			id := d.come("p-1", "A-1")
			events := d.do(li, accepted)
			c.then(d, id, events[len(events)-1].Body.(*hall.TicketFinished).Outcomes[0].Case)
			d.expect(c.code, li, hall.Reopen{Window: one})
		})
	}
}
