package api_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/halltest"
	"yitang/server/wire"
)

// People of the tests.
const (
	wangsID = "11010519491231002X"
	lisID   = "652301198501010031"
)

// watch is a clock that a test sets.
type watch struct {
	mu sync.Mutex
	at time.Time
}

func (w *watch) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

// set puts the clock at a moment of the hall, 2025-06-03 11:20.
func (w *watch) set(t *testing.T, at string) {
	t.Helper()
	moment, err := time.ParseInLocation("2006-01-02 15:04", at, time.FixedZone("+08", 8*3600))
	if err != nil {
		t.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = moment
}

// bookHall takes two people of each field in each half hour; its clock stands at 09:40 of a working day.
func bookHall(t *testing.T) (*halltest.Hall, *watch) {
	t.Helper()
	l := halltest.Layout(t, 2)
	l.Hours = hall.Hours{Spans: []hall.Span{{From: 600, To: 840}, {From: 960, To: 1200}}}
	l.Booking = hall.Booking{DaysAhead: 5}
	for _, f := range l.Fields {
		for _, from := range l.Hours.Slots() {
			l.Booking.Usual = append(l.Booking.Usual, hall.Places{Field: f.ID, From: from, People: 2})
		}
	}
	h, clock := halltest.With(t, l), &watch{}
	clock.set(t, "2025-06-03 09:40")
	h.Now = clock.now
	h.Start()
	return h, clock
}

func bookRequest(id, day, from string, matters ...string) wire.BookRequest {
	return wire.BookRequest{Matters: matters, Day: day, From: from, Person: wire.Person{Kind: "id", Number: id}, Language: "ug"}
}

func booked(h *halltest.Hall, id, day, from string, matters ...string) wire.Appointment {
	h.Helper()
	return halltest.Into[wire.Appointment](h, h.Post(201, "", "/api/v1/appointments", "", bookRequest(id, day, from, matters...)))
}

// page is the API's path of an appointment's page.
func page(a wire.Appointment) string {
	return "/api/v1/appointments" + strings.TrimPrefix(a.URL, "/appointment")
}

// TestAnAppointment plays the whole way: what is free, booked from a phone, moved, found again, offered at the kiosk by the
// person, checked in by its code, called; the journal holds it, also across a restart.
func TestAnAppointment(t *testing.T) {
	h, clock := bookHall(t)
	matter, kiosk := h.Matters[0], h.Tokens[account.Kiosk]
	offer := halltest.Into[wire.BookingOffer](h, h.Get(200, "", "/api/v1/booking"))
	if !offer.On || offer.DaysAhead != 5 || offer.EarlyMin != 30 || offer.GraceMin != 10 || len(offer.Matters) != len(h.Matters) {
		t.Errorf("the offer: on %t, %d days, %d matters", offer.On, offer.DaysAhead, len(offer.Matters))
	}
	free := func(day, from string) int {
		days := halltest.Into[wire.BookingDays](h, h.Get(200, "", "/api/v1/booking/slots?matters="+matter))
		for _, d := range days.Days {
			for _, s := range d.Slots {
				if d.Day == day && s.From == from {
					return s.Free
				}
			}
		}
		return -1
	}
	a := booked(h, wangsID, "2025-06-03", "11:30", matter)
	if a.State != "booked" || a.CheckIn != "early" || len(a.Code) != 8 || a.From != "11:30" || !strings.HasPrefix(a.URL, "/appointment/") {
		t.Errorf("%+v", a)
	}
	if got := []int{free("2025-06-03", "11:30"), free("2025-06-03", "12:00"), free("2025-06-06", "12:00"), free("2025-06-03", "9:30")}; !slices.Equal(got, []int{1, 2, -1, -1}) {
		t.Errorf("free: %v", got)
	}
	moved := halltest.Into[wire.Appointment](h, h.Post(200, "", page(a)+"/move", "", wire.MoveRequest{Day: "2025-06-03", From: "12:00"}))
	if moved.From != "12:00" || moved.Code != a.Code || free("2025-06-03", "12:00") != 1 || free("2025-06-03", "11:30") != 2 {
		t.Errorf("moved %+v", moved)
	}
	h.Restart()
	who := wire.Person{Kind: "id", Number: wangsID}
	again := halltest.Into[wire.Appointment](h, h.Post(200, "", "/api/v1/appointments/find", "", wire.AppointmentSearch{Code: a.Code[:4] + " " + a.Code[4:], Person: who}))
	if again.URL != a.URL {
		t.Errorf("found %+v", again)
	}
	h.Post(404, "", "/api/v1/appointments/find", "", wire.AppointmentSearch{Code: a.Code, Person: wire.Person{Kind: "id", Number: lisID}})
	h.Post(404, "", "/api/v1/appointments/find", "", wire.AppointmentSearch{Code: a.Code})

	bare := wire.TakeRequest{Matters: []string{matter}, Priority: "appointment"}
	if none := h.Post(422, kiosk, "/api/v1/tickets", "", bare); none.Code() != "invalid" || !strings.Contains(string(none.Body), "没有预约") {
		t.Errorf("who has no appointment and says so: %s", none.Body)
	}
	take := wire.TakeRequest{Appointment: a.Code, Language: "ug"}
	if early := h.Post(409, kiosk, "/api/v1/tickets", "", take); early.Code() != "too_early" {
		t.Errorf("%s", early.Body)
	}
	clock.set(t, "2025-06-03 11:40")
	open := halltest.Into[wire.PersonOpen](h, h.Post(200, kiosk, "/api/v1/people/find", "", wire.CaseSearch{Person: who}))
	if len(open.Appointments) != 1 || open.Appointments[0].CheckIn != "open" {
		t.Errorf("the kiosk is told %+v", open)
	}
	if look := halltest.Into[wire.Appointment](h, h.Post(200, kiosk, "/api/v1/appointments/look", "", wire.AppointmentSearch{Code: "http://hall" + a.URL})); look.ID != a.ID {
		t.Errorf("the scanned page is %+v", look)
	}
	k := halltest.Into[wire.Ticket](h, h.Post(201, kiosk, "/api/v1/tickets", "", take))
	if k.Priority != "appointment" || k.Slot == nil || k.Matters[0] != matter || !k.Known {
		t.Errorf("the ticket %+v", k)
	}
	if done := halltest.Into[wire.Appointment](h, h.Get(200, "", page(a))); done.State != "arrived" || done.Number != k.Number || done.TrackURL != k.TrackURL {
		t.Errorf("its page %+v", done)
	}
	list := halltest.Into[wire.AppointmentList](h, h.Get(200, h.Tokens[account.Guide], "/api/v1/appointments"))
	if list.Totals != (wire.AppointmentTotals{Arrived: 1}) || len(list.Appointments) != 1 || list.Appointments[0].Number != k.Number || list.Appointments[0].URL != "" {
		t.Errorf("the desk sees %+v", list)
	}
	h.Stop()
	h.Verify()
}

// Nothing that is answered holds the number or its pseudonym.
func TestAnAppointmentSaysNothingOfThePerson(t *testing.T) {
	h, _ := bookHall(t)
	a := h.Post(201, "", "/api/v1/appointments", "", bookRequest(wangsID, "2025-06-04", "11:30", h.Matters[0]))
	got := halltest.Into[map[string]any](h, a)
	for _, name := range []string{"person", "person_kind", "missed_before", "channel", "language"} {
		if got[name] != nil {
			t.Errorf("%s is in the answer: %s", name, a.Body)
		}
	}
	if strings.Contains(string(a.Body), wangsID) {
		t.Errorf("%s", a.Body)
	}
}

// Who does not come is counted by the hall itself; the guide desk may still let the person in.
func TestWhoDoesNotComeIsCounted(t *testing.T) {
	h, clock := bookHall(t)
	guide := h.Tokens[account.Guide]
	a := booked(h, wangsID, "2025-06-03", "11:30", h.Matters[0])
	clock.set(t, "2025-06-03 12:01")
	state := func() string {
		return halltest.Into[wire.Appointment](h, h.Get(200, "", page(a))).State
	}
	for end := time.Now().Add(patience); state() != "missed" && time.Now().Before(end); {
		time.Sleep(20 * time.Millisecond)
	}
	if got := state(); got != "missed" {
		t.Fatalf("it is %s", got)
	}
	if list := halltest.Into[wire.AppointmentList](h, h.Get(200, guide, "/api/v1/appointments?day=2025-06-03")); list.Totals.Missed != 1 {
		t.Errorf("%+v", list.Totals)
	}
	b := booked(h, wangsID, "2025-06-04", "11:30", h.Matters[0])
	if list := halltest.Into[wire.AppointmentList](h, h.Get(200, guide, "/api/v1/appointments?day=2025-06-04")); list.Appointments[0].MissedBefore != 1 {
		t.Errorf("%+v", list)
	}
	h.Post(409, h.Tokens[account.Kiosk], "/api/v1/tickets", "", wire.TakeRequest{Appointment: a.Code})
	h.Post(201, guide, "/api/v1/tickets", "", wire.TakeRequest{Appointment: a.ID})
	cancelled := halltest.Into[wire.Appointment](h, h.Post(200, "", page(b)+"/cancel", "", nil))
	if cancelled.State != "cancelled" || cancelled.Reason != "by_holder" {
		t.Errorf("%+v", cancelled)
	}
	h.Post(200, "", page(b)+"/cancel", "", nil)
	h.Post(409, "", page(b)+"/move", "", wire.MoveRequest{Day: "2025-06-04", From: "12:00"})
	h.Stop()
	h.Verify()
}

func TestBookingRefusals(t *testing.T) {
	h, _ := bookHall(t)
	m := h.Matters[0]
	for _, c := range []struct {
		name, path string
		body       any
		status     int
		code, word string
	}{
		{"no time", "", bookRequest(wangsID, "2025-06-04", "half past", m), 422, "invalid", "from"},
		{"no number", "", wire.BookRequest{Matters: []string{m}, Day: "2025-06-04", From: "11:30"}, 422, "invalid", "person"},
		{"a slip", "", bookRequest("110105194912310021", "2025-06-04", "11:30", m), 422, "", ""},
		{"a weekend", "", bookRequest(wangsID, "2025-06-07", "11:30", m), 422, "invalid", "2025-06-07"},
		{"no such page", "/AAAAAAAAAAAAAAAAAAAAAAAAAA/cancel", nil, 404, "not_found", "预约码"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := h.Post(c.status, "", "/api/v1/appointments"+c.path, "", c.body)
			if c.code != "" && a.Code() != c.code || !strings.Contains(string(a.Body), c.word) {
				t.Errorf("%s", a.Body)
			}
		})
	}
	h.Get(404, "", "/api/v1/appointments/AAAAAAAAAAAAAAAAAAAAAAAAAA")
	h.Get(422, "", "/api/v1/booking/slots")
	h.Get(422, h.Tokens[account.Manager], "/api/v1/appointments?day=tomorrow")
}

// One address asks so often and no more; the page of an appointment is not counted.
func TestOneAddressBooksOnlySoOften(t *testing.T) {
	h, _ := bookHall(t)
	a := booked(h, wangsID, "2025-06-04", "11:30", h.Matters[0])
	last := 0
	for range 40 {
		last = h.Send(halltest.Request{Method: "POST", Path: "/api/v1/appointments/find", Body: wire.AppointmentSearch{Code: "00000000"}}).Status
	}
	if last != 429 {
		t.Errorf("the fortieth is answered with %d", last)
	}
	h.Get(200, "", page(a))
}

// The same request with the same key is one appointment.
func TestARepeatedBookingIsOne(t *testing.T) {
	h, _ := bookHall(t)
	in := bookRequest(wangsID, "2025-06-04", "11:30", h.Matters[0])
	first, second := h.Post(201, "", "/api/v1/appointments", "k-1", in), h.Post(201, "", "/api/v1/appointments", "k-1", in)
	if string(first.Body) != string(second.Body) {
		t.Errorf("%s\n%s", first.Body, second.Body)
	}
}

// The manager changes the half hours; what the layout says else stays, and a stale change is refused.
func TestTheManagerSetsTheHalfHours(t *testing.T) {
	h, _ := bookHall(t)
	manager := h.Tokens[account.Manager]
	now := halltest.Into[wire.LayoutState](h, h.Get(200, manager, "/api/v1/layout")).Now
	plan := now.Booking
	plan.Days = []wire.DayPlaces{{Day: "2025-06-04", Closed: true}}
	plan.Usual = []wire.Places{{Field: now.Fields[0].ID, From: 690, People: 1}}
	plan.EarlyMin = 15
	change := wire.LayoutChange{Base: now.Version, When: "now", Windows: now.Windows, Calling: now.Calling, Booking: &plan}
	after := halltest.Into[wire.LayoutState](h, h.Post(200, manager, "/api/v1/layout", "", change)).Now
	if fmt.Sprint(after.Booking) != fmt.Sprint(plan) || len(after.Windows) != len(now.Windows) {
		t.Errorf("%+v", after.Booking)
	}
	h.Post(409, manager, "/api/v1/layout", "", change)
	days := halltest.Into[wire.BookingDays](h, h.Get(200, "", "/api/v1/booking/slots?matters="+h.Matters[0])).Days
	for _, d := range days {
		if want := 1; d.Day == "2025-06-04" {
			if len(d.Slots) != 0 {
				t.Errorf("%+v", d)
			}
		} else if len(d.Slots) != want {
			t.Errorf("%+v", d)
		}
	}
	change.Base, change.Booking = after.Version, nil // windows alone: the half hours stay
	if kept := halltest.Into[wire.LayoutState](h, h.Post(200, manager, "/api/v1/layout", "", change)).Now; fmt.Sprint(kept.Booking) != fmt.Sprint(plan) {
		t.Errorf("%+v", kept.Booking)
	}
	bad := plan
	bad.Usual = []wire.Places{{Field: "Z", From: 690, People: 1}}
	change.Booking = &bad
	if a := h.Post(422, manager, "/api/v1/layout", "", change); !strings.Contains(string(a.Body), "Z") {
		t.Errorf("%s", a.Body)
	}
}

// A class that the desk has verified counts at the next call, and the journal says who did it.
func TestTheDeskMarksAWaitingTicket(t *testing.T) {
	h, clock := halltest.Make(t, 1), &watch{}
	clock.set(t, "2025-06-03 10:00")
	h.Now = clock.now
	h.Start()
	guide, clerk := h.Tokens[account.Guide], h.Tokens[account.Clerk]
	take(h)
	second := take(h)
	path := "/api/v1/tickets/" + second.ID + "/priority"
	if k := halltest.Into[wire.TicketResponse](h, h.Post(200, guide, path, "", wire.PriorityMark{Priority: "disabled"})).Ticket; k.Priority != "disabled" {
		t.Errorf("%+v", k)
	}
	h.Post(422, guide, path, "", wire.PriorityMark{Priority: "vip"})
	h.Post(403, h.Tokens[account.Kiosk], path, "", wire.PriorityMark{Priority: "disabled"})
	clock.set(t, "2025-06-03 10:01") // both have waited for some time: four times as much of the target
	h.Post(200, clerk, "/api/v1/windows/1/open", "", nil)
	if next := halltest.Into[wire.NextResponse](h, h.Post(200, clerk, "/api/v1/windows/1/next", "", nil)); next.Ticket.Number != second.Number {
		t.Errorf("called %s, not %s", next.Ticket.Number, second.Number)
	}
	h.Post(409, guide, path, "", wire.PriorityMark{Priority: "ordinary"})
	h.Restart()
	if k := halltest.Into[wire.Ticket](h, h.Get(200, guide, "/api/v1/tickets/"+second.ID)); k.Priority != "disabled" {
		t.Errorf("after a restart: %+v", k)
	}
	h.Stop()
	h.Verify()
}

// twice sends a POST two times under one key and returns the answer, which must be the same.
func twice(h *halltest.Hall, status int, token, path, key string, body any) halltest.Answer {
	h.Helper()
	first := h.Post(status, token, path, key, body)
	if again := h.Post(status, token, path, key, body); !bytes.Equal(again.Body, first.Body) {
		h.Errorf("%s again: %s, first %s", path, again.Body, first.Body)
	}
	return first
}

// TestBookingKeys: a phone that asks again, because it heard no answer, books, moves and gives up once.
func TestBookingKeys(t *testing.T) {
	h, _ := bookHall(t)
	a := halltest.Into[wire.Appointment](h, twice(h, 201, "", "/api/v1/appointments", "k1", bookRequest(wangsID, "2025-06-03", "11:30", h.Matters[0])))
	twice(h, 200, "", page(a)+"/move", "k2", wire.MoveRequest{Day: "2025-06-03", From: "12:00"})
	twice(h, 200, "", page(a)+"/cancel", "k3", nil)
	list := halltest.Into[wire.AppointmentList](h, h.Get(200, h.Tokens[account.Guide], "/api/v1/appointments"))
	if len(list.Appointments) != 1 || list.Appointments[0].State != "cancelled" {
		t.Errorf("%+v", list)
	}
	h.Stop()
	h.Verify()
}
