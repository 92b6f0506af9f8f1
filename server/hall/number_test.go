package hall_test

import (
	"fmt"
	"testing"

	"yitang/server/hall"
)

func TestNumber(t *testing.T) {
	for n, want := range map[int]string{1: "A001", 9: "A009", 10: "A010", 99: "A099", 100: "A100", 999: "A999", 1000: "A1000", 20000: "A20000"} {
		if got := hall.Number("A", n); got != want {
			t.Errorf("Number(A, %d) = %s, want %s", n, got, want)
		}
	}
	if got := hall.MakeTicketID("2025-06-03", "A012"); got != "20250603-A012" {
		t.Errorf("MakeTicketID: %s", got)
	}
}

// issue takes a ticket without the checks of try, for long series.
func (d *day) issue(m hall.MatterCode) *hall.TicketIssued {
	d.Helper()
	events, err := hall.Decide(d.s, ticketFor(m), d.at, desk)
	if err != nil || len(events) != 1 {
		d.Fatalf("%d events, %v", len(events), err)
	}
	d.apply(events)
	return events[0].Body.(*hall.TicketIssued)
}

func TestNumbersGoOnPast999WithoutAGap(t *testing.T) {
	d := newDay(t)
	for i := 1; i <= 1002; i++ {
		got, want := d.issue("A-1"), fmt.Sprintf("A%03d", i)
		if got.Number != want || got.Ticket != hall.TicketID("20250603-"+want) {
			t.Fatalf("ticket %d is %s (%s)", i, got.Number, got.Ticket)
		}
		if i%100 == 0 { // each field counts for itself
			if b := d.issue("B-1").Number; b != fmt.Sprintf("B%03d", i/100) {
				t.Fatalf("after %d in A, B issues %s", i, b)
			}
		}
	}
	list := numbers(d.s.View().Queue("A").Waiting)
	if len(list) != 1002 || list[998] != "A999" || list[999] != "A1000" {
		t.Errorf("A1000 does not stand behind A999: %v", list[990:])
	}
}

func TestRefusedRequestsDrawNoNumber(t *testing.T) {
	d := newDay(t)
	d.take("A-1")
	for _, c := range []hall.Take{ticketFor(), ticketFor("A-1", "X"), ticketFor("A-1", "A-1"), {Matters: []hall.MatterCode{"A-1"}}} {
		if _, code := d.try(desk, c); code == "" {
			t.Fatalf("%+v was accepted", c)
		}
	}
	if id := d.take("A-1"); id != "20250603-A002" {
		t.Errorf("after refusals comes %s", id)
	}
}

func TestNumbersAreNeverUsedAgain(t *testing.T) {
	d := newDay(t)
	d.do(li, hall.OpenWindow{Window: one})
	d.do(desk, hall.Cancel{Ticket: d.take("A-1")})
	d.take("A-1")
	d.do(li, hall.CallNext{Window: one}, hall.Finish{Window: one})
	d.take("A-1", "B-1") // finishing A-1 moves it to B's queue with its number
	d.do(li, hall.CallNext{Window: one}, hall.Finish{Window: one})
	if got := numbers(d.s.View().Queue("B").Waiting); len(got) != 1 || got[0] != "A003" {
		t.Errorf("in B waits %v", got)
	}
	if id := d.take("A-1"); id != "20250603-A004" {
		t.Errorf("the next of A is %s", id)
	}
	if id := d.take("B-1"); id != "20250603-B001" {
		t.Errorf("the first of B is %s", id)
	}
}

func TestNumbersBelongToTheBusinessDayNotToUTC(t *testing.T) {
	d := newHall(t)
	d.do(hall.System, hall.AdoptLayout{Layout: layout()}, hall.OpenDay{Day: today})
	d.at = 1748995199999 // 23:59:59.999 UTC
	d.take("A-1")
	d.at++
	for _, want := range []hall.TicketID{"20250603-A002", "20250603-A003"} {
		if id := d.take("A-1"); id != want {
			t.Errorf("after midnight UTC comes %s, want %s", id, want)
		}
		d.at += 9 * 60 * min1 // past Beijing's midnight too: the day ends when the hall closes it
	}
	for _, e := range d.events[1:] {
		if e.Day != today {
			t.Errorf("event %d belongs to %q", e.Seq, e.Day)
		}
	}
	d.do(hall.System, hall.CloseDay{}, hall.OpenDay{Day: tomorrow})
	if id := d.take("A-1"); id != "20250604-A001" {
		t.Errorf("the new day begins with %s", id)
	}
}

func TestTimeNeverGoesBack(t *testing.T) {
	d := newDay(t)
	first := d.take("A-1")
	d.at -= 60 * min1 // the machine's clock was set
	second := d.take("A-1")
	if a, b := d.ticket(first), d.ticket(second); b.IssuedAt < a.IssuedAt || !a.Before(&b) {
		t.Errorf("issued at %d, then at %d", a.IssuedAt, b.IssuedAt)
	}
	for i := range d.events[1:] {
		if d.events[i+1].At < d.events[i].At || d.events[i+1].Seq != d.events[i].Seq+1 {
			t.Errorf("event %d: %+v after %+v", i+1, d.events[i+1], d.events[i])
		}
	}
}
