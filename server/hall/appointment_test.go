package hall_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yitang/server/hall"
)

// Slots of the tests: the day begins at 10:00, as minute 600.
func slotAt(day hall.Day, from int) hall.Millis {
	d, err := time.Parse(time.DateOnly, string(day))
	if err != nil {
		panic(err)
	}
	return hall.Millis(d.UnixMilli()) + hall.Millis(from-8*60)*min1
}

func when(day hall.Day, from int) hall.When {
	return hall.When{Day: day, From: from, Slot: slotAt(day, from), Today: today}
}

func booking(person string, day hall.Day, from int, matters ...hall.MatterCode) hall.Book {
	return hall.Book{When: when(day, from), Matters: matters, PersonKind: "id", Person: person, Language: "ug", Channel: "phone",
		Codes: []string{"11112222", "33334444", "55556666", "77778888"}, Track: "track-" + person + string(day)}
}

// bookable is the tests' hall with appointments: hours 10 to 14 and 16 to 20 of 2025, two people of field A and one of B
// in each half hour, three tomorrow at 11, none tomorrow at 12.
func bookable() hall.Layout {
	l := layout()
	l.Hours = hall.Hours{Spans: []hall.Span{{From: 600, To: 840}, {From: 960, To: 1200}}}
	l.Booking = hall.Booking{DaysAhead: 5, OpenMax: 2, MissedMax: 2, Matters: []hall.MatterPlaces{{Matter: "A-2", People: 1}, {Matter: "B-2", People: 0}},
		Days: []hall.DayPlaces{{Day: tomorrow, Places: []hall.Places{{Field: "A", From: 660, People: 3}, {Field: "A", From: 720, People: 0}}}, {Day: "2025-06-05", Closed: true}}}
	for from := 600; from < 1200; from += hall.SlotMin {
		l.Booking.Usual = append(l.Booking.Usual, hall.Places{Field: "A", From: from, People: 2}, hall.Places{Field: "B", From: from, People: 1})
	}
	return l
}

func newBookDay(t testing.TB) *day {
	d := newHall(t)
	d.do(hall.System, hall.AdoptLayout{Layout: bookable()}, hall.OpenDay{Day: today, IssueUntil: ten + 600*min1})
	return d
}

const holder hall.Actor = "holder:phone"

// book makes an appointment that must be accepted.
func (d *day) book(person string, at hall.Day, from int, matters ...hall.MatterCode) hall.AppointmentID {
	d.Helper()
	return d.do(holder, booking(person, at, from, matters...))[0].Body.(*hall.AppointmentBooked).Appointment
}

func (d *day) appointment(id hall.AppointmentID) hall.Appointment {
	d.Helper()
	a := d.s.Appointment(id)
	if a == nil {
		d.Fatalf("no appointment %s", id)
	}
	return *a
}

// checkIn takes the ticket of an appointment.
func checkIn(id hall.AppointmentID) hall.Take {
	c := ticketFor()
	c.Appointment = id
	return c
}

func TestSlotsFollowTheHoursAndTheCalendar(t *testing.T) {
	l := bookable()
	days, err := l.BookableDays(today)
	if err != nil {
		t.Fatal(err)
	}
	want := []hall.Day{today, tomorrow, "2025-06-05", "2025-06-11", "2025-06-12", "2025-06-13"} // 古尔邦节 and a weekend from 6 to 10 June
	if d := cmp.Diff(want, days); d != "" {
		t.Errorf("days (-want +got):\n%s", d)
	}
	slots := l.SlotsOn(nil, []hall.MatterCode{"A-1"}, tomorrow)
	var got []string
	for _, s := range slots {
		got = append(got, hall.Clock(s.From))
	}
	if want := "10:00 10:30 11:00 11:30 12:30 13:00 13:30 16:00 16:30 17:00 17:30 18:00 18:30 19:00 19:30"; strings.Join(got, " ") != want {
		t.Errorf("slots %v, want %s", got, want)
	}
	if n := len(l.SlotsOn(nil, []hall.MatterCode{"A-1"}, "2025-06-05")); n != 0 {
		t.Errorf("%d slots on a day that is closed for appointments", n)
	}
	if n := len(l.SlotsOn(nil, []hall.MatterCode{"B-2"}, tomorrow)); n != 0 {
		t.Errorf("%d slots for a matter without places", n)
	}
}

func TestBookingIsRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		cmd  hall.Book
		code hall.Code
		word string
	}{
		{"nobody", booking("", tomorrow, 600, "A-1"), hall.CodeInvalid, "person"},
		{"nothing", booking("p", tomorrow, 600), hall.CodeInvalid, "matters"},
		{"the unknown", booking("p", tomorrow, 600, "X-9"), hall.CodeUnknownMatter, "X-9"},
		{"between half hours", booking("p", tomorrow, 615, "A-1"), hall.CodeInvalid, "10:15"},
		{"at lunch", booking("p", tomorrow, 870, "A-1"), hall.CodeInvalid, "14:30"},
		{"on a holiday", booking("p", "2025-06-06", 600, "A-1"), hall.CodeInvalid, "2025-06-06"},
		{"too far ahead", booking("p", "2025-07-01", 600, "A-1"), hall.CodeInvalid, "2025-07-01"},
		{"yesterday", booking("p", "2025-06-02", 600, "A-1"), hall.CodeInvalid, "2025-06-02"},
		{"now", booking("p", today, 600, "A-1"), hall.CodeSlotFull, "10:00"},
		{"a closed day", booking("p", "2025-06-05", 600, "A-1"), hall.CodeSlotFull, "约满"},
		{"no places at noon", booking("p", tomorrow, 720, "A-1"), hall.CodeSlotFull, "12:00"},
		{"no places of the matter", booking("p", tomorrow, 600, "B-2"), hall.CodeSlotFull, "约满"},
		{"no places of the field", booking("p", tomorrow, 600, "C-1"), hall.CodeSlotFull, "约满"},
		{"a full half hour", booking("p", tomorrow, 630, "A-1"), hall.CodeSlotFull, "10:30"},
		{"a full matter", booking("p", tomorrow, 1140, "A-2"), hall.CodeSlotFull, "19:00"},
		{"the same matter again", booking("p-1", tomorrow, 660, "A-1"), hall.CodeTooManyOpen, "A-1"},
		{"at the same time", booking("p-1", tomorrow, 630, "B-1"), hall.CodeTooManyOpen, "这个时间"},
		{"three open ones", booking("p-2", tomorrow, 660, "B-1"), hall.CodeTooManyOpen, "2 个"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newBookDay(t)
			d.book("p-1", tomorrow, 630, "A-1")
			d.book("p-2", tomorrow, 630, "A-1")
			d.book("p-2", tomorrow, 1140, "A-2")
			d.expect(c.code, holder, c.cmd)
			if _, err := hall.Decide(d.s, c.cmd, d.at, holder); err == nil || !strings.Contains(err.Error(), c.word) {
				t.Errorf("%v does not name %q", err, c.word)
			}
		})
	}
}

// A desk may go beyond a person's bounds, never beyond the half hour's.
func TestTheDeskBooksForSomebody(t *testing.T) {
	d := newBookDay(t)
	d.book("p-1", tomorrow, 600, "A-1")
	again := booking("p-1", tomorrow, 660, "A-1")
	again.Channel = "desk"
	d.do("guide:gu", again)
	full := booking("p-1", tomorrow, 600, "B-1", "A-1")
	full.Channel = "desk"
	d.book("p-2", tomorrow, 600, "A-1")
	d.expect(hall.CodeSlotFull, "guide:gu", full)
}

func TestCodesOfOpenAppointmentsDiffer(t *testing.T) {
	d := newBookDay(t)
	a, b := d.book("p-1", tomorrow, 600, "A-1"), d.book("p-2", tomorrow, 600, "A-1")
	if one, other := d.appointment(a).Code, d.appointment(b).Code; one != "11112222" || other != "33334444" {
		t.Errorf("codes %s and %s", one, other)
	}
}

func TestMovingAndCallingOff(t *testing.T) {
	d := newBookDay(t)
	id := d.book("p-1", tomorrow, 600, "A-1")
	d.book("p-2", tomorrow, 600, "A-1")
	d.do(holder, hall.MoveAppointment{When: when(tomorrow, 660), Appointment: id})
	if a := d.appointment(id); a.From != 660 || a.Moved != 1 || a.Slot != slotAt(tomorrow, 660) {
		t.Errorf("moved to %+v", a)
	}
	d.book("p-3", tomorrow, 600, "A-1") // its place is free again
	d.expect(hall.CodeSlotFull, holder, hall.MoveAppointment{When: when(tomorrow, 600), Appointment: id})
	d.do(holder, hall.CancelAppointment{Appointment: id, Reason: "by_holder"})
	if a := d.appointment(id); a.State != hall.CalledOff || a.Reason != "by_holder" {
		t.Errorf("called off: %+v", a)
	}
	d.expect(hall.CodeAppointmentState, holder, hall.CancelAppointment{Appointment: id})
	d.expect(hall.CodeAppointmentState, holder, hall.MoveAppointment{When: when(tomorrow, 690), Appointment: id})
	if events := d.do(hall.System, hall.Settle{}); len(events) != 0 {
		t.Errorf("settled: %v", kinds(events))
	}
}

// TestCheckIn holds the bounds of the check-in and, against ROUTING.md, from when the wait counts: the slot less half the
// target of ten minutes when checked in by ten minutes after it, else the moment itself.
func TestCheckIn(t *testing.T) {
	slot := slotAt(today, 690) // 11:30
	for _, c := range []struct {
		name  string
		at    hall.Millis
		code  hall.Code
		since hall.Millis
		late  bool
	}{
		{"too early", slot - 30*min1 - 1, hall.CodeTooEarly, 0, false},
		{"as early as may be", slot - 30*min1, "", slot - 5*min1, false},
		{"in time", slot, "", slot - 5*min1, false},
		{"at the end of the grace", slot + 10*min1, "", slot - 5*min1, false},
		{"after the grace", slot + 10*min1 + 1, "", slot + 10*min1 + 1, true},
		{"as late as may be", slot + 30*min1, "", slot + 30*min1, true},
		{"too late", slot + 30*min1 + 1, hall.CodeTooLate, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newBookDay(t)
			id := d.book("p-1", today, 690, "A-1")
			d.at = c.at
			if c.code != "" {
				d.expect(c.code, desk, checkIn(id))
				return
			}
			events := d.do(desk, checkIn(id))
			issued := events[0].Body.(*hall.TicketIssued)
			k := d.ticket(issued.Ticket)
			if k.Since != c.since || k.Slot != slot || k.Priority != hall.ByAppointment || k.Person != "p-1" || !slices.Equal(k.Matters, []hall.MatterCode{"A-1"}) {
				t.Errorf("%+v, since %d, want %d", k, k.Since, c.since)
			}
			if a := d.appointment(id); a.State != hall.Arrived || a.Ticket != k.ID || a.Late != c.late {
				t.Errorf("%+v", a)
			}
			d.expect(hall.CodeAppointmentState, desk, checkIn(id))
		})
	}
}

func TestCheckInOnAnotherDay(t *testing.T) {
	d := newBookDay(t)
	d.expect(hall.CodeTooEarly, desk, checkIn(d.book("p-1", tomorrow, 600, "A-1")))
	d.expect(hall.CodeNotFound, desk, checkIn("Y99"))
}

// Whoever shows who they are and takes a number for the same matter is not to lose the appointment.
func TestAnAppointmentIsFoundByThePerson(t *testing.T) {
	take := func(person string, matters ...hall.MatterCode) hall.Take {
		c := ticketFor(matters...)
		c.PersonKind, c.Person = "id", person
		return c
	}
	for _, c := range []struct {
		name string
		at   hall.Millis
		take hall.Take
		kept bool
	}{
		{"the matter", 690, take("p-1", "A-1"), true},
		{"among others", 690, take("p-1", "B-1", "A-1"), true},
		{"another matter", 690, take("p-1", "B-1"), false},
		{"another person", 690, take("p-2", "A-1"), false},
		{"no person", 690, ticketFor("A-1"), false},
		{"before its time", 601, take("p-1", "A-1"), false},
		{"after its time", 721, take("p-1", "A-1"), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newBookDay(t)
			id := d.book("p-1", today, 690, "A-1")
			d.at = slotAt(today, int(c.at))
			d.do(desk, c.take)
			if got := d.appointment(id).State == hall.Arrived; got != c.kept {
				t.Errorf("arrived: %t", got)
			}
		})
	}
}

// A ticket of a kiosk's own series checks the person's appointment in by the time of its issue, also when the hall has
// meanwhile counted a no-show.
func TestAnOfflineTicketKeepsTheAppointment(t *testing.T) {
	d := newBookDay(t)
	id := d.book("p-1", today, 690, "A-1")
	slot := slotAt(today, 690)
	d.at = slot + 60*min1
	d.do(hall.System, hall.Settle{})
	if a := d.appointment(id); a.State != hall.Missed {
		t.Fatalf("%+v", a)
	}
	c := offline("K2-001", slot-min1, "A-1")
	c.PersonKind, c.Person = "id", "p-1"
	d.do("kiosk:2", c)
	k := d.ticket("20250603-K2-001")
	if a := d.appointment(id); a.State != hall.Arrived || a.Late || k.Since != slot-5*min1 || k.Priority != hall.ByAppointment {
		t.Errorf("%+v %+v", a, k)
	}
	d.do(holder, booking("p-1", tomorrow, 600, "A-1"))
	if n := d.s.View().Appointments[1].MissedBefore; n != 0 {
		t.Errorf("%d no-shows are still counted", n)
	}
}

func TestNoShowsAreCountedAndCost(t *testing.T) {
	d := newBookDay(t)
	d.book("p-1", today, 630, "A-1")
	d.book("p-1", today, 690, "B-1")
	d.at = slotAt(today, 720) + 1
	if !d.s.View().SettleDue(d.at) {
		t.Error("nobody is due")
	}
	if got := strings.Join(kinds(d.do(hall.System, hall.Settle{})), " "); got != "appointment_missed appointment_missed" {
		t.Errorf("settled %s", got)
	}
	d.expect(hall.CodeTooManyMissed, holder, booking("p-1", tomorrow, 600, "A-1"))
	byDesk := booking("p-1", tomorrow, 600, "A-1")
	byDesk.Channel = "desk"
	if b := d.do("guide:gu", byDesk)[0].Body.(*hall.AppointmentBooked); b.MissedBefore != 2 {
		t.Errorf("%d no-shows before", b.MissedBefore)
	}
	excused := checkIn(d.s.View().Appointments[0].ID)
	d.expect(hall.CodeAppointmentState, desk, excused)
	excused.Excused = true
	d.do("guide:gu", excused)
	d.book("p-1", tomorrow, 660, "B-1") // one is left, below the bound
}

// What the hall itself did not keep is nobody's no-show.
func TestTheHallsOwnFaultIsNoNoShow(t *testing.T) {
	d := newBookDay(t)
	over, early, skipped := d.book("p-1", today, 630, "A-1"), d.book("p-2", today, 1140, "A-1"), d.book("p-3", tomorrow, 600, "A-1")
	d.at = slotAt(today, 720)
	d.do(hall.System, hall.CloseDay{})
	d.at += 3 * 24 * 60 * min1
	d.do(hall.System, hall.OpenDay{Day: "2025-06-06", IssueUntil: d.at + 600*min1})
	for _, e := range d.events {
		switch b := e.Body.(type) {
		case *hall.AppointmentMissed:
			if b.Appointment != over {
				t.Errorf("%s is a no-show", b.Appointment)
			}
		case *hall.AppointmentCancelled:
			if want := map[hall.AppointmentID]string{early: "day_closed", skipped: "hall_closed"}[b.Appointment]; b.Reason != want {
				t.Errorf("%s: %q, want %q", b.Appointment, b.Reason, want)
			}
		}
	}
	if n := len(d.s.View().Appointments); n != 0 {
		t.Errorf("%d appointments are left", n)
	}
}

// A restart finds what it needs in Kept.
func TestAppointmentsAreRestored(t *testing.T) {
	d := newBookDay(t)
	d.book("p-1", today, 630, "A-1")
	d.at = slotAt(today, 660) + 1
	d.do(hall.System, hall.Settle{}, hall.CloseDay{})
	later := d.book("p-2", tomorrow, 690, "A-1")
	begun := len(d.events)
	d.at = slotAt(tomorrow, 570)
	d.do(hall.System, hall.OpenDay{Day: tomorrow, IssueUntil: d.at + 600*min1})
	d.at = slotAt(tomorrow, 690)
	d.do(desk, checkIn(later))

	again := hall.New(firstCome{})
	for i := range d.events {
		if i == 0 || i >= begun {
			again.Apply(&d.events[i])
		}
	}
	missed := hall.Appointment{ID: "Y3", Seq: 3, Day: today, Person: "p-1", State: hall.Missed}
	arrived := d.appointment(later)
	again.Restore(hall.Kept{Appointments: []*hall.Appointment{&missed, &arrived}})
	if a, b := d.s.View(), again.View(); !same(a, b) {
		t.Fatalf("(-hall +restored):\n%s", diff(a, b))
	}
	next := booking("p-1", "2025-06-11", 600, "A-1")
	next.Today = tomorrow
	next.Slot = d.at + 8*24*60*min1
	x, err1 := hall.Decide(d.s, next, d.at, holder)
	y, err2 := hall.Decide(again, next, d.at, holder)
	if err1 != nil || err2 != nil || !same(x, y) || x[0].Body.(*hall.AppointmentBooked).MissedBefore != 1 {
		t.Errorf("%v %v %v", err1, err2, diff(x, y))
	}
}

func TestMarkedTicketsMoveOnTheFloor(t *testing.T) {
	d := newBookDay(t)
	id := d.take("A-1")
	d.do("guide:gu", hall.MarkPriority{Ticket: id, Priority: hall.Pregnant})
	if k := d.ticket(id); k.Priority != hall.Pregnant {
		t.Errorf("%+v", k)
	}
	if e := d.events[len(d.events)-1]; e.Actor != "guide:gu" || e.Body.(*hall.TicketMarked).Was != hall.Ordinary {
		t.Errorf("%+v", e)
	}
	if events := d.do("guide:gu", hall.MarkPriority{Ticket: id, Priority: hall.Pregnant}); len(events) != 0 {
		t.Error("marked twice")
	}
	d.do("guide:gu", hall.MarkPriority{Ticket: id, Priority: hall.Ordinary})
	d.expect(hall.CodeInvalid, "guide:gu", hall.MarkPriority{Ticket: id, Priority: "vip"})
	d.expect(hall.CodeInvalid, "guide:gu", hall.MarkPriority{Ticket: id, Priority: hall.ByAppointment})
}
