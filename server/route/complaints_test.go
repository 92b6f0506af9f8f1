package route_test

import (
	"fmt"
	"testing"

	"yitang/server/hall"
)

// What people complained about in other halls' systems, each under every policy: none of it may happen here.

func everyPolicy(t *testing.T, test func(t *testing.T, c hall.Calling)) {
	for _, name := range hall.Policies() {
		t.Run(name, func(t *testing.T) { test(t, hall.Calling{Policy: name}) })
	}
}

func TestTwoClerksNeverCallTheSameTicket(t *testing.T) {
	everyPolicy(t, func(t *testing.T, c hall.Calling) {
		d := ruled(t, c, layout("AB", "A", "AB", "AB", "B"))
		for i := range 40 {
			d.come("AB"[i%2:i%2+1], []hall.Priority{hall.Ordinary, hall.Elderly, hall.ByAppointment}[i%3])
		}
		d.minutes(30)
		called := map[hall.TicketID]hall.WindowID{}
		for i := range 40 { // four clerks press in the same instant, ten times
			w := hall.WindowID(fmt.Sprint(i%4 + 1))
			d.do(hall.CallNext{Window: w})
			if d.s.Window(w).Ticket == nil { // nobody is left for it
				continue
			}
			id := d.s.Window(w).Ticket.ID
			if other, twice := called[id]; twice {
				t.Fatalf("%s was called by %s and by %s", id, other, w)
			}
			called[id] = w
			if i%4 == 3 {
				for _, w := range d.s.View().Windows {
					if w.Ticket != nil {
						d.do(hall.Finish{Window: w.Plan.ID})
					}
				}
			}
		}
		if len(called) < 36 {
			t.Errorf("only %d of 40 were called", len(called))
		}
	})
}

func TestAPriorityIsNeverLost(t *testing.T) {
	everyPolicy(t, func(t *testing.T, c hall.Calling) {
		d := ruled(t, c, layout("AB", "A", "B"))
		id := d.come("AB", hall.Disabled)
		still := func(after string) {
			if got := d.s.Ticket(id); got.Priority != hall.Disabled || got.Since != ten {
				t.Fatalf("after %s: %s since %d", after, got.Priority, got.Since)
			}
			if got := d.s.Ticket(id); got.State == hall.Waiting { // and the rule sees it
				d.s.Floor().All(func(_ *hall.Need, c hall.ClassNo, _ hall.Stand) {
					if c != hall.ClassStatutory {
						t.Fatalf("after %s it waits in class %d", after, c)
					}
				})
			}
		}
		d.minutes(3)
		d.do(hall.CallNext{Window: "1"}, hall.Miss{Window: "1"}, hall.Reactivate{Ticket: id})
		still("a missed call")
		d.do(hall.CallNext{Window: "1"}, hall.Start{Window: "1"}, hall.Hold{Window: "1"}, hall.ResumeTicket{Ticket: id})
		still("a hold")
		d.do(hall.CallNext{Window: "1"}, hall.Transfer{Window: "1", Field: "B"})
		still("a transfer")
		d.do(hall.CallNext{Window: "2"}, hall.Finish{Window: "2"})
		still("the first of two matters")
		d.do(hall.CallNext{Window: "1"}, hall.Finish{Window: "1"})
		if got := d.s.Ticket(id); got.State != hall.Done || got.Priority != hall.Disabled {
			t.Fatalf("at the end: %+v", got)
		}
	})
}

func TestWalkInsDoNotStarveBetweenAppointments(t *testing.T) {
	for _, name := range []string{"ratio", "strict", "fcfs", "edd"} {
		t.Run(name, func(t *testing.T) {
			d := ruled(t, hall.Calling{Policy: name}, layout("A", "A"))
			walkIn := d.come("A", hall.Ordinary)
			for i := 0; d.s.Ticket(walkIn).State == hall.Waiting; i++ {
				if i == 12 {
					t.Fatal("after an hour of appointments, one each five minutes, the walk-in still waits")
				}
				d.take1(hall.Take{Priority: hall.ByAppointment, Slot: d.at}, "A")
				d.do(hall.CallNext{Window: "1"}, hall.Finish{Window: "1"})
				d.minutes(5)
			}
		})
	}
}

func TestARecallDoesNotTouchTheWait(t *testing.T) {
	everyPolicy(t, func(t *testing.T, c hall.Calling) {
		d := ruled(t, c, layout("A", "A"))
		id := d.come("A", hall.Ordinary)
		d.minutes(7)
		d.do(hall.CallNext{Window: "1"})
		for range 3 {
			d.minutes(1)
			d.do(hall.Recall{Window: "1"})
		}
		if got := d.s.Ticket(id); got.CalledAt != ten+7*min1 || got.Calls != 4 {
			t.Errorf("called at %d, %d times", got.CalledAt, got.Calls)
		}
	})
}

func TestSkippingCannotBeRepeatedForEver(t *testing.T) {
	everyPolicy(t, func(t *testing.T, c hall.Calling) {
		d := ruled(t, c, layout("A", "A"))
		id := d.come("A", hall.Ordinary)
		d.do(hall.CallNext{Window: "1"}, hall.Miss{Window: "1"}, hall.Reactivate{Ticket: id}, hall.CallNext{Window: "1"}, hall.Miss{Window: "1"})
		if _, err := hall.Decide(d.s, hall.Reactivate{Ticket: id}, d.at, clerk); err == nil {
			t.Error("a ticket came back twice")
		}
		if got, _ := d.next("1"); got != "" {
			t.Errorf("%s is called although it was passed over twice", got)
		}
	})
}

func TestATicketIsBoundToNoWindowBeforeOneIsFree(t *testing.T) {
	everyPolicy(t, func(t *testing.T, c hall.Calling) {
		for _, fields := range []string{"A", "AB"} {
			d := ruled(t, c, layout("AB", "AB", "AB", "AB"))
			d.busy("A", "1", "2", "3")
			id := d.come(fields, hall.Ordinary)
			if got := d.s.Ticket(id); got.Window != "" || got.For != "" {
				t.Fatalf("%+v is bound", got)
			}
			for _, w := range []hall.WindowID{"3", "1", "2"} { // whichever is free first
				if got, _ := d.next(w); got != string(d.s.Ticket(id).Number) {
					t.Errorf("window %s would call %q", w, got)
				}
			}
		}
	})
}

func TestTiesGoToTheEarlier(t *testing.T) {
	everyPolicy(t, func(t *testing.T, c hall.Calling) {
		d := ruled(t, c, layout("A", "A"))
		d.take("AAAAA") // in one instant
		d.minutes(50)
		for i := range 5 {
			if got, _ := d.next("1"); got != hall.Number("A", i+1) {
				t.Fatalf("%s instead of %s", got, hall.Number("A", i+1))
			}
			d.do(hall.CallNext{Window: "1"}, hall.Finish{Window: "1"})
		}
	})
}

func TestNumbersGoOnAfterFiveAndAfter999(t *testing.T) {
	everyPolicy(t, func(t *testing.T, c hall.Calling) {
		d := ruled(t, c, layout("A", "A"))
		d.at = ten + 390*min1 // 16:30
		for i := range 1100 {
			if got, want := d.s.Ticket(d.come("A", hall.Ordinary)).Number, hall.Number("A", i+1); got != want {
				t.Fatalf("%s instead of %s", got, want)
			}
			d.at += 10_000 // to 19:33, over the hour at which UTC-bound numbers broke
		}
		for i := range 1100 {
			if got, _ := d.next("1"); got != hall.Number("A", i+1) {
				t.Fatalf("%s instead of %s", got, hall.Number("A", i+1))
			}
			d.do(hall.CallNext{Window: "1"}, hall.Finish{Window: "1"})
		}
	})
}

func TestAnEmptyQueueIsShownEmpty(t *testing.T) {
	everyPolicy(t, func(t *testing.T, c hall.Calling) {
		d := ruled(t, c, layout("AB", "A", "B"))
		d.take("A")
		d.do(hall.CallNext{Window: "1"}, hall.Finish{Window: "1"})
		if got, why := d.next("1"); got != "" || why.Rule != "" {
			t.Errorf("%q by %+v", got, why)
		}
		if v := d.s.View(); len(v.Queues) != 2 || len(v.Queues[0].Waiting) != 0 || v.Queues[0].Served != 1 {
			t.Errorf("%+v", v.Queues)
		}
	})
}
