package hall

import (
	"cmp"
	"slices"
	"time"
)

// AppointmentID names an appointment: Y and the number of the event that booked it.
type AppointmentID string

// AppointmentState is where an appointment is in its life.
type AppointmentState string

// The states of an appointment.
const (
	Booked    AppointmentState = "booked"
	Arrived   AppointmentState = "arrived"   // checked in: a ticket was issued for it
	Missed    AppointmentState = "missed"    // 爽约: did not come within the time for check-in
	CalledOff AppointmentState = "cancelled" // by the person, the staff, or because the hall did not open
)

// Appointment (预约) is a promise of the hall to serve somebody about a slot. An *Appointment that State hands out never
// changes. It holds a pseudonym, never a name or number.
type Appointment struct {
	ID           AppointmentID    `json:"appointment"`
	Seq          uint64           `json:"seq"`   // of the event that booked it
	Code         string           `json:"code"`  // that the person says or types: short, and no two open ones have the same
	Track        string           `json:"track"` // unguessable code of its page
	Day          Day              `json:"day"`
	From         int              `json:"from"` // minute of the day at which its half hour begins
	Slot         Millis           `json:"slot"` // the same as an instant
	Matters      []MatterCode     `json:"matters"`
	PersonKind   string           `json:"person_kind"`
	Person       string           `json:"person"` // pseudonym
	Language     string           `json:"language"`
	Channel      string           `json:"channel"` // phone or desk
	State        AppointmentState `json:"state"`
	BookedAt     Millis           `json:"booked_at"`
	EndedAt      Millis           `json:"ended_at,omitempty"` // checked in, missed or called off
	Reason       string           `json:"reason,omitempty"`   // for which it was called off
	Moved        int              `json:"moved,omitempty"`    // how often
	Ticket       TicketID         `json:"ticket,omitempty"`
	Late         bool             `json:"late,omitempty"`          // checked in after the grace: the slot's place was lost
	MissedBefore int              `json:"missed_before,omitempty"` // no-shows of the person when it was booked
}

// Reasons for which the hall itself calls an appointment off.
const (
	offDayClosed  = "day_closed"  // the day ended early
	offHallClosed = "hall_closed" // the hall did not open on its day
)

// CheckIn is when one may check in for it, by the settings.
func (a *Appointment) CheckIn(b *Booking) (from, grace, until Millis) {
	return a.Slot - b.Early(), a.Slot + AppointmentGrace, a.Slot + b.Late()
}

func (a *Appointment) before(o *Appointment) int {
	return cmp.Or(cmp.Compare(a.Slot, o.Slot), cmp.Compare(a.Seq, o.Seq))
}

// holds says whether it takes up a place.
func (a *Appointment) holds() bool { return a.State == Booked || a.State == Arrived }

// Appointment is one that is booked, or that was settled and whose day is not over; or nil.
func (s *State) Appointment(id AppointmentID) *Appointment {
	i := slices.IndexFunc(s.appointments, func(a *Appointment) bool { return a.ID == id })
	if i < 0 {
		return nil
	}
	return s.appointments[i]
}

// putAppointment keeps the newest version, in the order of slots. Views show the old list: it is copied.
func (s *State) putAppointment(a *Appointment) {
	list := slices.DeleteFunc(slices.Clone(s.appointments), func(o *Appointment) bool { return o.ID == a.ID })
	i, _ := slices.BinarySearchFunc(list, a, (*Appointment).before)
	s.appointments = slices.Insert(list, i, a)
	s.noteMissed(a)
}

// noteMissed counts a no-show, or takes it back when the person turns out to have come.
func (s *State) noteMissed(a *Appointment) {
	days := s.missedOf[a.Person]
	if a.State == Missed {
		if days == nil {
			days = map[AppointmentID]Day{}
			s.missedOf[a.Person] = days
		}
		days[a.ID] = a.Day
		return
	}
	delete(days, a.ID)
	if len(days) == 0 {
		delete(s.missedOf, a.Person)
	}
}

// editAppointment changes a copy. One that is not there is passed over: at a start the newest day is replayed alone,
// before Restore.
func (s *State) editAppointment(id AppointmentID, change func(a *Appointment)) {
	old := s.Appointment(id)
	if old == nil {
		return
	}
	a := *old
	change(&a)
	s.putAppointment(&a)
}

// newAppointmentDay lets go of what was settled and is past.
func (s *State) newAppointmentDay(day Day) {
	s.appointments = slices.DeleteFunc(slices.Clone(s.appointments), func(a *Appointment) bool { return a.State != Booked && a.Day < day })
	oldest := day.minus(maxMissedDays)
	for person, days := range s.missedOf {
		for id, d := range days {
			if d < oldest {
				delete(days, id)
			}
		}
		if len(days) == 0 {
			delete(s.missedOf, person)
		}
	}
}

// restoreAppointments takes over what is kept; see Restore.
func (s *State) restoreAppointments(list []*Appointment) {
	s.appointments, s.missedOf = nil, map[string]map[AppointmentID]Day{}
	for _, a := range list {
		s.noteMissed(a)
		if a.State == Booked || a.Day >= s.day {
			s.appointments = append(s.appointments, a)
		}
	}
	slices.SortFunc(s.appointments, (*Appointment).before)
}

// missedSince counts a person's no-shows in so many days up to today.
func (s *State) missedSince(person string, today Day, days int) int {
	n, oldest := 0, today.minus(days)
	for _, d := range s.missedOf[person] {
		n += btoi(d >= oldest)
	}
	return n
}

// minus is the calendar day so many days earlier; the day itself where it is none.
func (d Day) minus(days int) Day {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return d
	}
	return Day(t.AddDate(0, 0, -days).Format(time.DateOnly))
}

// Slot is a half hour of a day with the people it can still take.
type Slot struct {
	Day  Day
	From int
	Free int
}

// Free is how many more people can be booked for all the matters in the half hour: the least that any of their fields,
// and any bound of a matter's own, leaves. Except names one that does not count, because it is being moved.
func (l *Layout) Free(list []*Appointment, matters []MatterCode, day Day, from int, except AppointmentID) int {
	free := maxPlaces
	for _, code := range matters {
		m := l.matter(code)
		if m == nil {
			return 0
		}
		own, bounded := l.Booking.matterCapacity(code)
		inField, inMatter := 0, 0
		for _, a := range list {
			if a.Day == day && a.From == from && a.holds() && a.ID != except {
				inField += btoi(slices.ContainsFunc(a.Matters, func(c MatterCode) bool { k := l.matter(c); return k != nil && k.Field == m.Field }))
				inMatter += btoi(slices.Contains(a.Matters, code))
			}
		}
		free = min(free, l.Booking.Capacity(day, from, m.Field)-inField)
		if bounded {
			free = min(free, own-inMatter)
		}
	}
	return max(free, 0)
}

func (l *Layout) matter(code MatterCode) *Matter {
	for i := range l.Matters {
		if l.Matters[i].Code == code {
			return &l.Matters[i]
		}
	}
	return nil
}

// SlotsOn are the half hours of a day that have any capacity for the matters.
func (l *Layout) SlotsOn(list []*Appointment, matters []MatterCode, day Day) []Slot {
	var out []Slot
	for _, from := range l.Hours.Slots() {
		if len(matters) > 0 && l.Free(nil, matters, day, from, "") > 0 {
			out = append(out, Slot{Day: day, From: from, Free: l.Free(list, matters, day, from, "")})
		}
	}
	return out
}

// SettleDue says whether Settle would do something now.
func (v *View) SettleDue(now Millis) bool {
	return v.Open && len(lapsed(v.Appointments, &v.Layout.Booking, v.Day, max(now, v.At))) > 0
}

// lapsed are the booked ones of the day whose time for check-in is over.
func lapsed(list []*Appointment, b *Booking, day Day, now Millis) []*Appointment {
	var out []*Appointment
	for _, a := range list {
		if a.State != Booked || a.Day != day {
			continue
		}
		if _, _, until := a.CheckIn(b); now > until {
			out = append(out, a)
		}
	}
	return out
}
