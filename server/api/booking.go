package api

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/wire"
	"yitang/server/workday"
)

// bookRoutes are open to everybody but for those of the staff: whoever has an appointment's page may change it, and its
// code is unguessable.
func (a *API) bookRoutes() []route {
	staff := []account.Role{account.Guide, account.Manager}
	desk := []account.Role{account.Kiosk, account.Guide}
	return []route{
		{method: http.MethodGet, path: "/api/v1/booking", summary: "What can be booked: whether the hall takes appointments, and for which matters",
			out: wire.BookingOffer{}, status: 200, away: true, handle: a.bookingOffer},
		{method: http.MethodGet, path: "/api/v1/booking/slots", summary: "The half hours that can be booked for some matters",
			detail: "?matters=SCJG-004,GAJ-001: all of them in one visit.", out: wire.BookingDays{},
			params: asks{must("matters", "their codes, with commas between")}, status: 200, away: true, handle: a.bookingSlots},
		{method: http.MethodPost, path: "/api/v1/appointments", summary: "Book an appointment",
			detail: "The person's number is not kept; the answer says nothing about the person. At most 30 requests a minute from one address. A guide's is one made at the desk.",
			in:     wire.BookRequest{}, out: wire.Appointment{}, status: 201, away: true, handle: a.book},
		{method: http.MethodGet, path: "/api/v1/appointments", summary: "A day's appointments", detail: "?day=2025-06-03, today without.",
			roles: staff, out: wire.AppointmentList{}, params: asks{mayDay("day", "today without")}, status: 200, handle: a.appointmentList},
		{method: http.MethodPost, path: "/api/v1/appointments/find", summary: "Find one's appointment again by its code and the number it was made with",
			in: wire.AppointmentSearch{}, out: wire.Appointment{}, status: 200, away: true, keyless: true, handle: a.findAppointment},
		{method: http.MethodPost, path: "/api/v1/appointments/look", summary: "The appointment of a code that somebody shows at a kiosk or the guide desk",
			roles: desk, in: wire.AppointmentSearch{}, out: wire.Appointment{}, status: 200, handle: a.lookAppointment},
		{method: http.MethodGet, path: "/api/v1/appointments/:code", summary: "An appointment, for whoever has its page",
			out: wire.Appointment{}, status: 200, away: true, handle: a.appointment},
		{method: http.MethodPost, path: "/api/v1/appointments/:code/move", summary: "Move an appointment to another half hour",
			in: wire.MoveRequest{}, out: wire.Appointment{}, status: 200, away: true, handle: a.moveAppointment},
		{method: http.MethodPost, path: "/api/v1/appointments/:code/cancel", summary: "Give up an appointment",
			detail: "Doing it again changes nothing.", out: wire.Appointment{}, status: 200, away: true, handle: a.cancelAppointment},
	}
}

// today is the hall's business day.
func (p presenter) today() hall.Day { return hall.BusinessDay(p.zone, p.now()) }

func (a *API) bookingOffer(c *fiber.Ctx) error {
	v := a.Hall.View()
	p := a.present(v.Layout)
	full := p.catalogue(v, a.Now())
	b := &v.Layout.Booking
	out := wire.BookingOffer{Hall: full.Hall, On: b.On(), DaysAhead: b.DaysAhead, EarlyMin: int(b.Early() / minuteMS), LateMin: int(b.Late() / minuteMS),
		GraceMin: int(hall.AppointmentGrace / minuteMS), Fields: full.Fields, Matters: []wire.Matter{}}
	for _, m := range full.Matters {
		if b.On() && b.Takes(hall.MatterCode(m.Code), hall.FieldID(m.Field)) {
			out.Matters = append(out.Matters, m)
		}
	}
	return c.JSON(out)
}

func (a *API) bookingSlots(c *fiber.Ctx) error {
	var matters []hall.MatterCode
	for _, code := range strings.Split(c.Query("matters"), ",") {
		if code != "" {
			matters = append(matters, hall.MatterCode(code))
		}
	}
	if len(matters) == 0 || len(matters) > hall.MaxTicketMatters {
		return refusal(http.StatusUnprocessableEntity, string(hall.CodeInvalid), "matters：请写 1 到 10 个事项编码，用逗号分开。")
	}
	v := a.Hall.View()
	p := a.present(v.Layout)
	out := wire.BookingDays{Days: []wire.BookingDay{}}
	days, err := v.Layout.BookableDays(p.today())
	var unknown *workday.UnknownYearError
	if errors.As(err, &unknown) {
		out.Notice = unknown.Message()
		return c.JSON(out)
	}
	if err != nil {
		return err
	}
	for _, day := range days {
		d := wire.BookingDay{Day: string(day), Slots: []wire.BookingSlot{}}
		for _, s := range v.Layout.SlotsOn(v.Appointments, matters, day) {
			if p.instant(day, s.From).After(a.Now()) {
				d.Slots = append(d.Slots, wire.BookingSlot{From: hall.Clock(s.From), Free: s.Free})
			}
		}
		out.Days = append(out.Days, d)
	}
	return c.JSON(out)
}

// instant is a minute of a day in the hall's zone.
func (p presenter) instant(day hall.Day, minute int) time.Time {
	d, err := time.Parse(time.DateOnly, string(day))
	if err != nil {
		return time.Time{}
	}
	return time.Date(d.Year(), d.Month(), d.Day(), 0, minute, 0, 0, p.zone)
}

// when reads the half hour that a person chose.
func (p presenter) when(day, from string) (hall.When, error) {
	d, err := time.Parse("2006-01-02 15:04", day+" "+from)
	if err != nil {
		return hall.When{}, refusal(http.StatusUnprocessableEntity, string(hall.CodeInvalid), "day、from：请写成 2025-06-03 和 10:30 的样子。")
	}
	w := hall.When{Day: hall.Day(d.Format(time.DateOnly)), From: d.Hour()*60 + d.Minute(), Today: p.today()}
	w.Slot = hall.Millis(p.instant(w.Day, w.From).UnixMilli())
	return w, nil
}

// caller is the guide who asks, or nil: these pages are open to everybody.
func (a *API) caller(c *fiber.Ctx) (*account.Account, error) {
	t, _ := token(c, false)
	acc, err := a.auth.bearer(c.UserContext(), t, true)
	if err != nil || acc == nil || acc.Role != account.Guide {
		return nil, err
	}
	return acc, nil
}

// holder is who does something with an appointment: a guide, whoever has its page, or another hall for somebody there.
func (a *API) holder(c *fiber.Ctx, id hall.AppointmentID) (by hall.Actor, channel string, err error) {
	guide, err := a.caller(c)
	if guide != nil {
		return actor(guide), "desk", nil
	}
	if from := asking(c); from != "" {
		return hall.Actor("hall:" + from), "phone", err
	}
	return hall.Actor("holder:" + string(id)), "phone", err
}

func (a *API) book(c *fiber.Ctx) error {
	if err := a.callers.may(a.source(c), time.Now()); err != nil {
		return err
	}
	var in wire.BookRequest
	if err := body(c, &in); err != nil {
		return err
	}
	p := a.present(a.Hall.View().Layout)
	when, err := p.when(in.Day, in.From)
	if err != nil {
		return err
	}
	cmd := hall.Book{When: when, Matters: named[hall.MatterCode](in.Matters), Language: cmp.Or(in.Language, "zh"), Codes: drawCodes(), Track: a.drawTrack()}
	if cmd.PersonKind, cmd.Person, err = a.personOf(c, in.Person); err != nil {
		return err
	}
	by, channel, err := a.holder(c, "phone")
	if err != nil {
		return err
	}
	cmd.Channel = channel
	return a.do(c, command{status: http.StatusCreated, cmd: cmd, by: by, answer: a.appointmentAnswer})
}

// appointmentAnswer answers with the appointment that the events are about.
func (a *API) appointmentAnswer(s *hall.State, events []hall.Event) any {
	p := a.present(s.Layout())
	for i := range events {
		if k := s.Appointment(events[i].AppointmentSubject()); k != nil {
			return p.appointment(k, nil)
		}
	}
	return nil
}

// appointment is one without a word about the person. Its ticket is named where it is at hand.
func (p presenter) appointment(k *hall.Appointment, t *hall.Ticket) wire.Appointment {
	from, grace, until := k.CheckIn(&p.layout.Booking)
	out := wire.Appointment{ID: string(k.ID), Code: k.Code, URL: "/appointment/" + k.Track, Day: string(k.Day), From: hall.Clock(k.From), At: p.time(k.Slot),
		Matters: words(k.Matters), State: string(k.State), Reason: k.Reason, CheckIn: "open", CheckInFrom: p.time(from), GraceUntil: p.time(grace),
		CheckInUntil: p.time(until), Late: k.Late}
	switch now := hall.Millis(p.now().UnixMilli()); {
	case now < from:
		out.CheckIn = "early"
	case now > until:
		out.CheckIn = "over"
	case now > grace:
		out.CheckIn = "late"
	}
	if t != nil {
		out.Number, out.TrackURL = t.Number, "/t/"+t.Track
	}
	return out
}

func (a *API) appointment(c *fiber.Ctx) error {
	k, err := a.byTrack(c)
	if err != nil {
		return err
	}
	return a.answerAppointment(c, k)
}

func (a *API) answerAppointment(c *fiber.Ctx, k *hall.Appointment) error {
	var t *hall.Ticket
	if k.Ticket != "" {
		var err error
		if t, err = a.Tickets.Ticket(c.UserContext(), k.Ticket); err != nil {
			return err
		}
	}
	return c.JSON(a.present(a.Hall.View().Layout).appointment(k, t))
}

func (a *API) byTrack(c *fiber.Ctx) (*hall.Appointment, error) {
	k, err := a.Bookings.AppointmentByTrack(c.UserContext(), c.Params("code"))
	if err == nil && k == nil {
		err = errNoAppointment
	}
	return k, err
}

func (a *API) moveAppointment(c *fiber.Ctx) error {
	var in wire.MoveRequest
	if err := body(c, &in); err != nil {
		return err
	}
	k, err := a.byTrack(c)
	if err != nil {
		return err
	}
	when, err := a.present(a.Hall.View().Layout).when(in.Day, in.From)
	if err != nil {
		return err
	}
	by, _, err := a.holder(c, k.ID)
	if err != nil {
		return err
	}
	return a.do(c, command{status: http.StatusOK, cmd: hall.MoveAppointment{When: when, Appointment: k.ID}, by: by,
		answer: func(s *hall.State, _ []hall.Event) any {
			return a.present(s.Layout()).appointment(s.Appointment(k.ID), nil)
		}})
}

func (a *API) cancelAppointment(c *fiber.Ctx) error {
	k, err := a.byTrack(c)
	if err != nil {
		return err
	}
	if k.State == hall.CalledOff {
		return a.answerAppointment(c, k)
	}
	by, channel, err := a.holder(c, k.ID)
	if err != nil {
		return err
	}
	reason := map[string]string{"desk": "by_guide", "phone": "by_holder"}[channel]
	return a.do(c, command{status: http.StatusOK, cmd: hall.CancelAppointment{Appointment: k.ID, Reason: reason}, by: by, answer: a.appointmentAnswer})
}

// findAppointment wants both the code and the number: neither alone opens anything, and the answer does not say which
// of them was wrong.
func (a *API) findAppointment(c *fiber.Ctx) error {
	if err := a.callers.may(a.source(c), time.Now()); err != nil {
		return err
	}
	var in wire.AppointmentSearch
	if err := body(c, &in); err != nil {
		return err
	}
	_, person, err := a.personOf(c, in.Person)
	if err != nil {
		return err
	}
	k := appointmentOf(a.Hall.View().Appointments, in.Code, person, false)
	if k == nil || person == "" || k.Person != person {
		return errNoAppointment
	}
	return a.answerAppointment(c, k)
}

func (a *API) lookAppointment(c *fiber.Ctx) error {
	var in wire.AppointmentSearch
	if err := body(c, &in); err != nil {
		return err
	}
	k := appointmentOf(a.Hall.View().Appointments, in.Code, "", who(c).Role == account.Guide)
	if k == nil {
		return errNoAppointment
	}
	return a.answerAppointment(c, k)
}

// appointmentOf is the appointment that a code says: eight digits, the code or address of its page, or its own name where the person
// has shown to be whose it is, or staff ask. A code may have been somebody's before: the open one goes first.
func appointmentOf(list []*hall.Appointment, code, person string, staff bool) *hall.Appointment {
	code, _, _ = strings.Cut(code[strings.LastIndex(code, "/")+1:], "?")
	digits := strings.NewReplacer(" ", "", "-", "").Replace(code)
	fits := func(k *hall.Appointment) bool {
		return code != "" && (k.Code == digits || k.Track == strings.ToUpper(code) || string(k.ID) == code && (staff || person != "" && k.Person == person))
	}
	if i := slices.IndexFunc(list, func(k *hall.Appointment) bool { return k.State == hall.Booked && fits(k) }); i >= 0 {
		return list[i]
	}
	if i := slices.IndexFunc(list, fits); i >= 0 {
		return list[i]
	}
	return nil
}

func (a *API) appointmentList(c *fiber.Ctx) error {
	v := a.Hall.View()
	p := a.present(v.Layout)
	day := hall.Day(cmp.Or(c.Query("day"), string(p.today())))
	if _, err := time.Parse(time.DateOnly, string(day)); err != nil {
		return refusal(http.StatusUnprocessableEntity, string(hall.CodeInvalid), "day：请写成 2025-06-03 的样子。")
	}
	list, err := a.Bookings.AppointmentsOn(c.UserContext(), day)
	if err != nil {
		return err
	}
	out := wire.AppointmentList{Day: string(day), Appointments: []wire.Appointment{}}
	for _, k := range list {
		w := p.appointment(k, nil)
		w.MissedBefore, w.Channel, w.URL = k.MissedBefore, k.Channel, ""
		if k.Ticket != "" {
			_, w.Number, _ = strings.Cut(string(k.Ticket), "-")
		}
		out.Appointments = append(out.Appointments, w)
		count(&out.Totals, k)
	}
	return c.JSON(out)
}
