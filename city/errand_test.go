package city_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yitang/city/register"
	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/halltest"
	"yitang/server/person"
	"yitang/server/wire"
)

// citizen is who wants an appointment.
const citizen = "11010519491231002X"

const awayAPI = "/api/v1/halls/changji"

// booking is a hall of the city that takes appointments.
func (w *town) booking(id hall.ID, people int) *halltest.Hall {
	w.Helper()
	layout := halltest.Layout(w.TB, 1)
	layout.Hall, layout.Name = id, hall.Text{"zh": "大厅" + string(id)}
	layout.Booking = hall.Booking{DaysAhead: 5}
	for _, f := range layout.Fields {
		for _, from := range layout.Hours.Slots() {
			layout.Booking.Usual = append(layout.Booking.Usual, hall.Places{Field: f.ID, From: from, People: people})
		}
	}
	h := halltest.With(w.TB, layout)
	w.admit(h.Dir, id)
	h.City = "pass"
	return h
}

// newPair are a city with a township, where people are, and the city's own hall, where they want to go.
func newPair(t *testing.T) (w *town, here, there *halltest.Hall) {
	w = newTown(t)
	here, there = w.booking("township", 1), w.booking("changji", 1)
	here.Start()
	there.Start()
	w.until("each hears of the other", func() bool { return others(here) == "changji" && others(there) == "township" })
	return w, here, there
}

// others are the halls that somebody at a hall may choose from.
func others(h *halltest.Hall) string {
	var list []string
	for _, o := range halltest.Into[wire.OtherHalls](h, h.Get(200, "", "/api/v1/halls?matter="+h.Matters[0])).Halls {
		list = append(list, o.Hall)
	}
	return strings.Join(list, " ")
}

// slot is a half hour of tomorrow that somebody can have.
func slot(h *halltest.Hall, base string, nth int) (day, from string) {
	h.Helper()
	days := halltest.Into[wire.BookingDays](h, h.Get(200, "", base+"/booking/slots?matters="+h.Matters[0])).Days
	for _, d := range days[1:] {
		for _, s := range d.Slots {
			if s.Free > 0 {
				if nth == 0 {
					return d.Day, s.From
				}
				nth--
			}
		}
	}
	h.Fatal("nothing is free")
	return "", ""
}

func wants(h *halltest.Hall, day, from string) wire.BookRequest {
	return wire.BookRequest{Matters: h.Matters[:1], Day: day, From: from, Person: wire.Person{Kind: "id", Number: citizen}, Language: "ug"}
}

// TestErrand plays the whole way of an appointment at another hall, asked for at the own one: what is free there, booked,
// asked for again under the same key, found, moved, refused where it is full, checked in at the other hall, and given up.
func TestErrand(t *testing.T) {
	w, here, there := newPair(t)
	offer := halltest.Into[wire.BookingOffer](here, here.Get(200, "", awayAPI+"/booking"))
	if !offer.On || offer.Hall.Name["zh"] != "大厅changji" || len(offer.Matters) == 0 {
		t.Fatalf("%+v", offer)
	}
	day, from := slot(here, awayAPI, 0)
	first := here.Post(201, "", awayAPI+"/appointments", "key-1", wants(here, day, from))
	mine := halltest.Into[wire.Appointment](here, first)
	if again := here.Post(201, "", awayAPI+"/appointments", "key-1", wants(here, day, from)); !bytes.Equal(again.Body, first.Body) {
		t.Errorf("the same request again: %s, first %s", again.Body, first.Body)
	}
	if a := here.Post(422, "", awayAPI+"/appointments", "key-1", wants(here, day, "00:00")); a.Code() != "idempotency_key_reused" {
		t.Errorf("%s", a.Body)
	}
	list := halltest.Into[wire.AppointmentList](there, there.Get(200, there.Tokens[account.Guide], "/api/v1/appointments?day="+day))
	if len(list.Appointments) != 1 || list.Appointments[0].Code != mine.Code {
		t.Errorf("%+v", list)
	}
	there.Post(409, "", "/api/v1/appointments", "", wire.BookRequest{Matters: there.Matters[:1], Day: day, From: from, Person: wire.Person{Kind: "id", Number: "652301198501010031"}})
	if a := here.Post(409, "", awayAPI+"/appointments", "", wants(here, day, from)); a.Code() != "slot_full" {
		t.Errorf("%s", a.Body)
	}
	who := wire.Person{Kind: "id", Number: citizen}
	if found := halltest.Into[wire.Appointment](here, here.Post(200, "", awayAPI+"/appointments/find", "", wire.AppointmentSearch{Code: mine.Code, Person: who})); found.ID != mine.ID {
		t.Errorf("%+v", found)
	}
	// the same number at the hall itself is the same person
	there.Post(200, "", "/api/v1/appointments/find", "", wire.AppointmentSearch{Code: mine.Code, Person: who})
	page := awayAPI + "/appointments" + strings.TrimPrefix(mine.URL, "/appointment")
	nextDay, next := slot(here, awayAPI, 2)
	if moved := halltest.Into[wire.Appointment](here, here.Post(200, "", page+"/move", "key-2", wire.MoveRequest{Day: nextDay, From: next})); moved.From != next || moved.Code != mine.Code {
		t.Errorf("%+v", moved)
	}
	look := there.Post(200, there.Tokens[account.Kiosk], "/api/v1/appointments/look", "", wire.AppointmentSearch{Code: here.URL + mine.URL + "?hall=changji"})
	if halltest.Into[wire.Appointment](there, look).ID != mine.ID {
		t.Errorf("the kiosk does not know the page's address: %s", look.Body)
	}
	here.Post(200, "", page+"/cancel", "", struct{}{})
	if a := halltest.Into[wire.Appointment](here, here.Get(200, "", page)); a.State != "cancelled" || a.Reason != "by_holder" {
		t.Errorf("%+v", a)
	}
	here.Stop()
	there.Stop()
	there.Verify()
	w.end()
	w.namesNobody(here.Dir, there.Dir)
}

// namesNobody: the number stands in no file of either hall or of the city, and the pseudonym in none of the hall that asked or
// of the city: what passes through the city is sealed.
func (w *town) namesNobody(here, there string) {
	w.Helper()
	key, err := person.LoadOrCreateKey(filepath.Join(there, "person.key"))
	if err != nil {
		w.Fatal(err)
	}
	pseudonym := key.Pseudonym(person.Individual, citizen)
	for _, dir := range []string{here, there, w.dir} {
		err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
			if err != nil || info.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			if bytes.Contains(data, []byte(citizen)) {
				w.Errorf("the number is in %s", path)
			}
			if dir != there && bytes.Contains(data, []byte(pseudonym)) {
				w.Errorf("the pseudonym is in %s", path)
			}
			return err
		})
		if err != nil {
			w.Error(err)
		}
	}
}

// TestErrandHonest: what the other hall does not have is never said to be booked. With a line down nothing is asked; without an
// answer nobody knows, and the same request finds out, also when the hall was killed after its commit.
func TestErrandHonest(t *testing.T) {
	w, here, there := newPair(t)
	day, from := slot(here, awayAPI, 0)
	book := func(status int, key string) halltest.Answer {
		t.Helper()
		return here.Post(status, "", awayAPI+"/appointments", key, wants(here, day, from))
	}
	offered := func(hall string) string {
		return here.Send(halltest.Request{Method: http.MethodGet, Path: "/api/v1/halls/" + hall + "/booking"}).Code()
	}
	for _, hall := range []string{"township", "nowhere"} { // itself, and none
		if code := offered(hall); code != "no_hall" {
			t.Errorf("%s: %s", hall, code)
		}
	}
	bad := wants(here, day, from)
	bad.Person.Number = "110105194912310021"
	here.Post(422, "", awayAPI+"/appointments", "", bad)
	w.end() // the line is down
	w.until("the hall knows", func() bool { return offered("changji") == "hall_away" })
	if a := book(503, "key-1"); a.Code() != "hall_away" {
		t.Errorf("%s", a.Body)
	}
	here.Get(200, "", "/api/v1/booking") // the own hall goes on
	if got := others(here); got != "" {
		t.Errorf("with the line down: %q", got)
	}
	w.start()
	w.log()
	w.until("the line is up", func() bool { return others(here) == "changji" })
	there.Stop() // its word is fresh for a while yet: the city asks it, and no answer comes
	if a := book(503, "key-1"); a.Code() != "unsure" {
		t.Errorf("%s", a.Body)
	}
	there.Start()
	var first halltest.Answer
	w.until("booked at last", func() bool {
		first = here.Send(halltest.Request{Method: http.MethodPost, Path: awayAPI + "/appointments", Key: "key-1", Body: wants(here, day, from)})
		return first.Status == 201
	})
	there.Restart() // what it answered before it ended it answers again
	w.until("the first answer again", func() bool {
		a := here.Send(halltest.Request{Method: http.MethodPost, Path: awayAPI + "/appointments", Key: "key-1", Body: wants(here, day, from)})
		return a.Status == 201 && bytes.Equal(a.Body, first.Body)
	})
	if n := len(halltest.Into[wire.AppointmentList](there, there.Get(200, there.Tokens[account.Guide], "/api/v1/appointments?day="+day)).Appointments); n != 1 {
		t.Errorf("%d appointments", n)
	}
	w.change(func(r *register.Register) {
		if err := r.Revoke("changji"); err != nil {
			t.Fatal(err)
		}
	})
	w.until("a revoked hall is none", func() bool { return offered("changji") == "no_hall" })
}
