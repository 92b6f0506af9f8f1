package hall_test

import (
	"strings"
	"testing"

	"yitang/server/hall"
)

// fullDay has a ticket in every state and a window in every state: A001 done, A002 no-show, A003 cancelled, A004 held,
// A005 called, A006 serving, A007 and B001 waiting, A008 for window 4 only.
func fullDay(t *testing.T) *day {
	d := newDay(t)
	d.do(li, hall.OpenWindow{Window: one})
	d.do(wang, hall.OpenWindow{Window: "2"})
	d.do("clerk:zhao", hall.OpenWindow{Window: "4"}, hall.PauseWindow{Window: "4", Reason: "午休"})
	for range 8 {
		d.take("A-1")
		d.at += min1
	}
	d.take("B-1")
	next, start := hall.CallNext{Window: one}, hall.Start{Window: one}
	d.do(li, next, start, hall.Finish{Window: one})
	d.do(li, next, hall.Miss{Window: one})
	d.do(desk, hall.Cancel{Ticket: "20250603-A003"})
	d.do(li, next, start, hall.Hold{Window: one})
	d.do(li, next)
	d.do(wang, hall.CallNext{Window: "2"}, hall.Transfer{Window: "2", To: "4"}) // A006 …
	d.do(wang, hall.CallNext{Window: "2"}, hall.Start{Window: "2"})             // … so that A007 is served
	return d
}

func TestTheEndOfTheDayEndsEveryTicketByAnEventOfItsOwn(t *testing.T) {
	d := fullDay(t)
	before := d.s.View().Totals
	open := map[hall.TicketID]bool{}
	for n := range 8 {
		id := hall.MakeTicketID(today, hall.Number("A", n+1))
		if x := d.ticket(id); !x.Over() {
			open[id] = true
		}
	}
	open["20250603-B001"] = true
	d.at += min1
	events := d.do(hall.System, hall.CloseDay{})
	equal(t, "close", kinds(events), "ticket_abandoned", "ticket_missed", "ticket_abandoned", "ticket_finished",
		"ticket_abandoned", "ticket_abandoned", "window_closed", "window_closed", "window_closed", "day_closed")
	for _, e := range events {
		switch b := e.Body.(type) {
		case *hall.TicketAbandoned:
			delete(open, b.Ticket)
			if b.Reason != "day_closed" {
				t.Errorf("%+v", b)
			}
		case *hall.TicketMissed:
			delete(open, b.Ticket)
			if b.Reason != "day_closed" || b.Window != one || b.Leg != 1 {
				t.Errorf("%+v", b)
			}
		case *hall.TicketFinished:
			delete(open, b.Ticket)
			if b.Outcomes != nil || b.Window != "2" {
				t.Errorf("the end of the day is no outcome: %+v", b)
			}
		}
	}
	if len(open) > 0 {
		t.Errorf("without an end: %v", open)
	}
	v := d.s.View()
	want := hall.Totals{Issued: 9, Done: 2, NoShow: 2, Cancelled: 1, Abandoned: 4}
	if v.Open || v.Totals != want || before.Issued != 9 {
		t.Errorf("open %v, %+v, want %+v", v.Open, v.Totals, want)
	}
	for _, w := range v.Windows {
		if w.State != hall.Closed || w.Ticket != nil || w.Clerk != "" {
			t.Errorf("%+v", w)
		}
	}
}

func TestTheNextDayStartsClean(t *testing.T) {
	d := fullDay(t)
	d.do(desk, hall.ReportReceipt{Ticket: a001, State: hall.Failed}, hall.ReportDevice{Device: "k1", Part: "printer", State: "down"})
	d.do(hall.System, hall.CloseDay{})
	d.at += 14 * 60 * min1
	d.do(hall.System, hall.OpenDay{Day: tomorrow, IssueUntil: d.at + 600*min1})

	v := d.s.View()
	if !v.Open || v.Day != tomorrow || v.Totals != (hall.Totals{}) || v.Until != d.at+600*min1 {
		t.Errorf("%+v", v)
	}
	if len(v.Held)+len(v.Missed)+len(v.Failed)+len(v.Calls) != 0 {
		t.Errorf("left over: %v %v %v %v", v.Held, v.Missed, v.Failed, v.Calls)
	}
	for _, q := range v.Queues {
		if len(q.Waiting) != 0 || q.Served != 0 {
			t.Errorf("field %s: %+v", q.Field.ID, q)
		}
	}
	for id, list := range v.AtWindow {
		if len(list) != 0 {
			t.Errorf("for window %s still waits %v", id, numbers(list))
		}
	}
	for _, w := range v.Windows {
		if w.State != hall.Closed || w.Served != 0 || w.Ticket != nil {
			t.Errorf("%+v", w)
		}
	}
	if len(v.Devices) != 1 || v.Devices[0].State != "down" {
		t.Errorf("the printer was mended by the night: %+v", v.Devices)
	}
	if d.s.Ticket(a001) != nil {
		t.Error("yesterday's A001 is still there")
	}
	d.expect(hall.CodeNotFound, desk, hall.Cancel{Ticket: a001})
	if id := d.take("A-1"); id != "20250604-A001" {
		t.Errorf("the day begins with %s", id)
	}
	if id := d.take("B-1"); id != "20250604-B001" {
		t.Errorf("B begins with %s", id)
	}
	for _, e := range d.events[len(d.events)-3:] {
		if e.Day != tomorrow {
			t.Errorf("%s belongs to %s", e.Body.Kind(), e.Day)
		}
	}
}

func TestIssuingEndsBeforeTheDayDoes(t *testing.T) {
	d := newDay(t)
	d.do(li, hall.OpenWindow{Window: one})
	d.at = d.s.View().Until - 1
	d.take("A-1")
	d.at++
	d.expect(hall.CodeHallClosed, desk, ticketFor("A-1"))
	d.do(li, hall.CallNext{Window: one}, hall.Finish{Window: one}) // who has a ticket is served
}

func TestADayWithoutALastTicketIssuesOn(t *testing.T) {
	d := newHall(t)
	d.do(hall.System, hall.AdoptLayout{Layout: layout()}, hall.OpenDay{Day: today})
	d.at += 100 * 60 * min1
	d.take("A-1")
}

func TestAnEmptyHallHasAView(t *testing.T) {
	v := newHall(t).s.View()
	if v.Open || v.Day != "" || v.Seq != 0 || len(v.Queues) != 0 || len(v.Windows) != 0 || v.Layout == nil {
		t.Errorf("%+v", v)
	}
	if v.Queue("A") != nil || v.Window("1") != nil {
		t.Error("it has a queue or a window")
	}
}

// TestADayEndedByMistakeIsTakenUpAgain: whoever waited or was held does so again in the old place, the numbers go on, and what
// somebody had in hand stays ended.
func TestADayEndedByMistakeIsTakenUpAgain(t *testing.T) {
	d := fullDay(t)
	before := d.s.View()
	d.at += min1
	d.do(hall.System, hall.CloseDay{})
	d.at += min1
	d.expect(hall.CodeTooLate, desk, hall.ReopenDay{Day: tomorrow})
	equal(t, "reopen", kinds(d.do(desk, hall.ReopenDay{Day: today})), "day_reopened", "ticket_reactivated", "ticket_reactivated",
		"ticket_reactivated", "ticket_reactivated")
	v := d.s.View()
	want := before.Totals
	want.Done, want.Serving, want.NoShow, want.Called = want.Done+1, 0, want.NoShow+1, 0
	if !v.Open || v.Day != today || v.Until != before.Until || v.Totals != want {
		t.Errorf("open %v, %s, until %d, %+v, want %+v", v.Open, v.Day, v.Until, v.Totals, want)
	}
	equal(t, "held", numbers(v.Held), numbers(before.Held)...)
	d.do(li, hall.OpenWindow{Window: one}, hall.CallNext{Window: one}, hall.Miss{Window: one}, hall.Reactivate{Ticket: d.s.View().Missed[len(d.s.View().Missed)-1].ID})
	if got := d.take("A-1"); got != hall.MakeTicketID(today, "A009") {
		t.Errorf("the next number is %s", got)
	}
	d.expect(hall.CodeDayOpen, desk, hall.ReopenDay{Day: today})
}

// TestWhyNobodyGetsANumber: the refusal says who ended the day and what can be done, and when numbers are given out otherwise.
func TestWhyNobodyGetsANumber(t *testing.T) {
	set := layout()
	set.Hours = hall.Hours{Spans: []hall.Span{{From: 600, To: 840}}}
	for name, c := range map[string]struct {
		by   hall.Actor // ends the day; nobody has begun one where it is empty
		want []string
	}{
		"ended by the manager": {"manager:mgr", []string{string(today), "由 mgr 提前结束", "恢复营业", "09:30"}},
		"ended by its time":    {hall.System, []string{"没有营业", "09:30"}},
		"not begun, ever":      {"", []string{"没有营业", "09:30"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newHall(t)
			d.do(hall.System, hall.AdoptLayout{Layout: set})
			if c.by != "" {
				d.do(hall.System, hall.OpenDay{Day: today})
				d.do(c.by, hall.CloseDay{})
			}
			for _, cmd := range []hall.Command{ticketFor("A-1"), hall.OpenWindow{Window: one}} {
				_, err := hall.Decide(d.s, cmd, d.at, li)
				for _, want := range c.want {
					if err == nil || !strings.Contains(err.Error(), want) {
						t.Errorf("%T: %v does not say %q", cmd, err, want)
					}
				}
			}
		})
	}
}
