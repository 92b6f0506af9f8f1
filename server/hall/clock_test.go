package hall_test

import (
	"testing"
	"time"

	"yitang/server/hall"
)

const dayMS = hall.Millis(24 * time.Hour / time.Millisecond)

// afterwards is a hall whose first day has ended with A001 and B001 given out and a case opened.
func afterwards(t *testing.T) *day {
	d := newDay(t)
	d.do(li, hall.OpenWindow{Window: one})
	d.take("A-1")
	d.take("B-1")
	d.at += min1
	d.do(hall.System, hall.CloseDay{})
	return d
}

// clock is how the clock stands by the view.
func (d *day) clock() hall.ClockState { return d.s.View().Clock(d.at) }

// After a holiday a hall opens by itself. After more than that no day is opened until somebody has said that the clock is right.
func TestAClockFarAhead(t *testing.T) {
	d := afterwards(t)
	d.at += 10 * dayMS // the longest holidays
	if d.clock() != hall.ClockRight {
		t.Errorf("after a holiday the clock is %s", d.clock())
	}
	d.do(hall.System, hall.OpenDay{Day: "2025-06-13"}, hall.CloseDay{})

	last := d.at
	d.at += hall.MaxSilence + min1
	if d.clock() != hall.ClockAhead {
		t.Errorf("after %d days the clock is %s", hall.MaxSilence/dayMS, d.clock())
	}
	d.expect(hall.CodeClockAhead, hall.System, hall.OpenDay{Day: "2025-06-29"})
	for _, e := range d.do(li, hall.RecordAccess{What: hall.LoggedIn, User: "li"}) {
		if e.At != last {
			t.Errorf("an event is %d ms after the last one, by a clock that nobody believes", e.At-last)
		}
	}
	d.expect(hall.CodeInvalid, li, hall.SetClock{Day: "29.6.2025"})
	e := d.do("system:wang", hall.SetClock{Day: "2025-06-28"})[0]
	if e.At != d.at || d.clock() != hall.ClockRight {
		t.Errorf("set at %d, %s", e.At, d.clock())
	}
	d.do(hall.System, hall.OpenDay{Day: "2025-06-28"})
	d.expect(hall.CodeClockRight, li, hall.SetClock{Day: "2025-06-28"})
}

// A clock that jumps while the day is open ends nothing and moves no time; what is done gets the time of the last event.
func TestAClockThatJumpsAwayIsNotFollowed(t *testing.T) {
	d := newDay(t)
	d.do(li, hall.OpenWindow{Window: one})
	d.take("A-1")
	before := d.at
	d.at += 3650 * dayMS
	id := d.take("A-1")
	if x := d.ticket(id); x.IssuedAt != before || id != "20250603-A002" {
		t.Errorf("%s was issued %d ms later", id, x.IssuedAt-before)
	}
	d.expect(hall.CodeDayOpen, li, hall.SetClock{Day: "2035-06-01"})
	d.at = before + min1 // mended
	if d.take("A-1"); d.clock() != hall.ClockRight || d.s.View().At != d.at {
		t.Errorf("the hall does not go on by the clock: %s", d.clock())
	}
}

// A hall that has followed a clock into the future comes back by an administrator's word, on the same day or a later one. No
// number and no case's number is given out again.
func TestAClockSetBack(t *testing.T) {
	d := afterwards(t)
	noon := d.at
	d.at += 5 * dayMS // believed
	d.do(hall.System, hall.OpenDay{Day: "2025-06-08"})
	d.take("A-1")
	d.at = noon + 60*min1
	if d.clock() != hall.ClockBehind {
		t.Errorf("the clock is %s", d.clock())
	}
	d.expect(hall.CodeDayOpen, li, hall.SetClock{Day: today})
	d.do(li, hall.CloseDay{})
	d.expect(hall.CodeInvalid, li, hall.OpenDay{Day: today})
	set, ok := d.do("system:wang", hall.SetClock{Day: today})[0].Body.(*hall.ClockSet)
	if !ok || set.WasDay != "2025-06-08" || set.Day != "2025-06-02" || set.Was != noon+5*dayMS {
		t.Fatalf("%+v", set)
	}
	if v := d.s.View(); v.At != d.at || d.clock() != hall.ClockRight {
		t.Errorf("%d, %s", v.At, d.clock())
	}
	d.do(hall.System, hall.OpenDay{Day: today, Given: hall.Given{Numbers: map[hall.FieldID]int{"A": 1, "B": 1}, Cases: 4}})
	if a, b, c := d.take("A-1"), d.take("B-1"), d.take("C-1"); a != "20250603-A002" || b != "20250603-B002" || c != "20250603-C001" {
		t.Errorf("%s %s %s", a, b, c)
	}
	d.do(li, hall.OpenWindow{Window: one}, hall.CallNext{Window: one})
	d.do(li, hall.Identify{Window: one, PersonKind: "id", Person: "p-1"})
	d.do(li, hall.Start{Window: one}, hall.Finish{Window: one, Outcomes: []hall.Outcome{{Matter: "A-1", Outcome: "accepted"}}})
	if d.s.Case("20250603-0005") == nil {
		t.Error("the case has another number than 0005")
	}
	d.do(hall.System, hall.CloseDay{})
	d.at += dayMS
	d.do(hall.System, hall.OpenDay{Day: tomorrow})
	if id := d.take("A-1"); id != "20250604-A001" {
		t.Errorf("the next day begins with %s", id)
	}
}

// A hall that never had a day has nothing to hold its clock against: the lists may have been adopted long before.
func TestANewHallBelievesItsClock(t *testing.T) {
	d := newHall(t)
	d.do(hall.System, hall.AdoptLayout{Layout: layout()})
	d.at += 400 * dayMS
	if d.clock() != hall.ClockRight {
		t.Errorf("the clock is %s", d.clock())
	}
	d.do(hall.System, hall.OpenDay{Day: "2026-07-08"})
}

// While the hall's time stands still because the clock does not fit to the journal, a clerk is not kept waiting between two calls
// for a time that does not pass, and may announce a pause by the clock that she sees.
func TestCallsGoOnWhileTimeStandsStill(t *testing.T) {
	for name, jump := range map[string]hall.Millis{"set back": -3 * 60 * min1, "far ahead": 365 * dayMS} {
		t.Run(name, func(t *testing.T) {
			d := strict(t)
			d.take("A-1")
			d.do(li, hall.CallNext{Window: one})
			d.at += jump
			d.do(li, hall.Recall{Window: one})
			d.do(li, hall.Recall{Window: one})
			d.expect(hall.CodeRecallLimit, li, hall.Recall{Window: one})
			d.do(li, hall.Miss{Window: one})
			d.expect(hall.CodeInvalid, li, hall.PauseWindow{Window: one, Reason: "lunch", Until: d.at - min1})
			d.do(li, hall.PauseWindow{Window: one, Reason: "lunch", Until: d.at + min1})
		})
	}
}
