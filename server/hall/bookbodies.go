package hall

// AppointmentBooked makes an appointment.
type AppointmentBooked struct {
	Appointment  AppointmentID `json:"appointment"`
	Code         string        `json:"code"`
	Track        string        `json:"track"`
	Day          Day           `json:"day"`
	From         int           `json:"from"` // minute of the day
	Slot         Millis        `json:"slot"`
	Matters      []MatterCode  `json:"matters"`
	PersonKind   string        `json:"person_kind"`
	Person       string        `json:"person"`
	Language     string        `json:"language"`
	Channel      string        `json:"channel"`
	MissedBefore int           `json:"missed_before,omitempty"`
}

// AppointmentMoved gives it another slot.
type AppointmentMoved struct {
	Appointment AppointmentID `json:"appointment"`
	Day         Day           `json:"day"`
	From        int           `json:"from"`
	Slot        Millis        `json:"slot"`
}

// AppointmentCancelled ends it before its time.
type AppointmentCancelled struct {
	Appointment AppointmentID `json:"appointment"`
	Reason      string        `json:"reason,omitempty"`
}

// AppointmentCheckedIn ties it to the ticket issued just before.
type AppointmentCheckedIn struct {
	Appointment AppointmentID `json:"appointment"`
	As          TicketID      `json:"ticket"`
	Late        bool          `json:"late,omitempty"`
}

// AppointmentMissed (爽约): nobody came within the time for check-in.
type AppointmentMissed struct {
	Appointment AppointmentID `json:"appointment"`
}

// Kind names the body in the journal.
func (*AppointmentBooked) Kind() Kind { return KindAppointmentBooked }

// Kind names the body in the journal.
func (*AppointmentMoved) Kind() Kind { return KindAppointmentMoved }

// Kind names the body in the journal.
func (*AppointmentCancelled) Kind() Kind { return KindAppointmentCancelled }

// Kind names the body in the journal.
func (*AppointmentCheckedIn) Kind() Kind { return KindAppointmentCheckedIn }

// Kind names the body in the journal.
func (*AppointmentMissed) Kind() Kind { return KindAppointmentMissed }

// newBookBody is newBody for appointments.
func newBookBody(kind Kind) Body {
	switch kind {
	case KindAppointmentBooked:
		return new(AppointmentBooked)
	case KindAppointmentMoved:
		return new(AppointmentMoved)
	case KindAppointmentCancelled:
		return new(AppointmentCancelled)
	case KindAppointmentCheckedIn:
		return new(AppointmentCheckedIn)
	case KindAppointmentMissed:
		return new(AppointmentMissed)
	}
	return nil
}

// AppointmentSubject is the appointment that the event changes, or empty.
func (e *Event) AppointmentSubject() AppointmentID {
	switch b := e.Body.(type) {
	case *AppointmentBooked:
		return b.Appointment
	case *AppointmentMoved:
		return b.Appointment
	case *AppointmentCancelled:
		return b.Appointment
	case *AppointmentCheckedIn:
		return b.Appointment
	case *AppointmentMissed:
		return b.Appointment
	}
	return ""
}

func (b *AppointmentBooked) apply(s *State, e *Event) {
	s.putAppointment(&Appointment{ID: b.Appointment, Seq: e.Seq, Code: b.Code, Track: b.Track, Day: b.Day, From: b.From, Slot: b.Slot, Matters: b.Matters,
		PersonKind: b.PersonKind, Person: b.Person, Language: b.Language, Channel: b.Channel, State: Booked, BookedAt: e.At, MissedBefore: b.MissedBefore})
}

func (b *AppointmentMoved) apply(s *State, _ *Event) {
	s.editAppointment(b.Appointment, func(a *Appointment) {
		a.Day, a.From, a.Slot = b.Day, b.From, b.Slot
		a.Moved++
	})
}

func (b *AppointmentCancelled) apply(s *State, e *Event) {
	s.editAppointment(b.Appointment, func(a *Appointment) { a.State, a.EndedAt, a.Reason = CalledOff, e.At, b.Reason })
}

func (b *AppointmentCheckedIn) apply(s *State, e *Event) {
	s.editAppointment(b.Appointment, func(a *Appointment) { a.State, a.EndedAt, a.Ticket, a.Late = Arrived, e.At, b.As, b.Late })
}

func (b *AppointmentMissed) apply(s *State, e *Event) {
	s.editAppointment(b.Appointment, func(a *Appointment) { a.State, a.EndedAt = Missed, e.At })
}
