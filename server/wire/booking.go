package wire

import "time"

// BookingPlan are the settings for appointments. Days and minutes of 0 are the usual ones: check-in from 30 minutes before
// the slot until 30 after it, 2 open appointments of a person, no-shows of 90 days, which cost nothing unless MissedMax says so.
type BookingPlan struct {
	DaysAhead  int            `json:"days_ahead"` // working days after today that can be booked; 0 = no appointments
	EarlyMin   int            `json:"early_min"`
	LateMin    int            `json:"late_min"`
	OpenMax    int            `json:"open_max"`
	MissedMax  int            `json:"missed_max"` // with so many no-shows one books at the guide desk only; 0 = they are only counted
	MissedDays int            `json:"missed_days"`
	Usual      []Places       `json:"usual"`
	Days       []DayPlaces    `json:"days"`
	Matters    []MatterPlaces `json:"matters"`
}

// Places are how many people a field takes in the half hour that begins at a minute of the day.
type Places struct {
	Field  string `json:"field"`
	From   int    `json:"from"`
	People int    `json:"people"`
}

// DayPlaces is a day that differs: closed for appointments, or with other numbers where it names them.
type DayPlaces struct {
	Day    string   `json:"day"`
	Closed bool     `json:"closed,omitempty"`
	Places []Places `json:"places,omitempty"`
}

// MatterPlaces bounds one matter within its field; 0 takes no appointments for it.
type MatterPlaces struct {
	Matter string `json:"matter"`
	People int    `json:"people"`
}

// BookingOffer is what a phone needs to book: no word in it is about a person.
type BookingOffer struct {
	Hall      Hall     `json:"hall"`
	On        bool     `json:"on"`         // the hall takes appointments
	DaysAhead int      `json:"days_ahead"` // working days after today
	EarlyMin  int      `json:"early_min"`  // check-in around the slot
	LateMin   int      `json:"late_min"`
	GraceMin  int      `json:"grace_min"` // after the slot: until then its place is kept
	Fields    []Field  `json:"fields"`
	Matters   []Matter `json:"matters"` // that can be booked
}

// BookingDays are the days that can be booked for some matters. Notice says why there is none.
type BookingDays struct {
	Days   []BookingDay `json:"days"`
	Notice string       `json:"notice,omitempty"`
}

// BookingDay is a working day with its half hours.
type BookingDay struct {
	Day   string        `json:"day"`
	Slots []BookingSlot `json:"slots"`
}

// BookingSlot is a half hour.
type BookingSlot struct {
	From string `json:"from"` // 10:30
	Free int    `json:"free"` // people it can still take
}

// BookRequest asks for an appointment.
type BookRequest struct {
	Matters  []string `json:"matters"`
	Day      string   `json:"day"`
	From     string   `json:"from"`   // 10:30, one of the half hours offered
	Person   Person   `json:"person"` // id or company: an appointment is somebody's
	Language string   `json:"language,omitempty"`
}

// MoveRequest asks for another half hour.
type MoveRequest struct {
	Day  string `json:"day"`
	From string `json:"from"`
}

// AppointmentSearch finds an appointment again: by its code and the number that it was made with; at a kiosk or the guide
// desk, where somebody stands, by the code or the address of its page alone.
type AppointmentSearch struct {
	Code   string `json:"code"`
	Person Person `json:"person"`
}

// Appointment (预约) is an appointment without a word about the person.
type Appointment struct {
	ID      string    `json:"id"`
	Code    string    `json:"code"` // eight digits, to say or to type
	URL     string    `json:"url"`  // path of its page; whoever has it may move it or give it up
	Day     string    `json:"day"`
	From    string    `json:"from"` // 10:30
	At      time.Time `json:"at"`   // the same as an instant
	Matters []string  `json:"matters"`
	State   string    `json:"state"`            // booked, arrived, missed or cancelled
	Reason  string    `json:"reason,omitempty"` // of a cancellation: by_holder, by_guide, day_closed or hall_closed
	CheckIn string    `json:"check_in"`         // early, open, late (the slot's place is lost) or over

	CheckInFrom  time.Time `json:"check_in_from"`
	GraceUntil   time.Time `json:"grace_until"`
	CheckInUntil time.Time `json:"check_in_until"`

	Number   string `json:"number,omitempty"`    // of its ticket
	TrackURL string `json:"track_url,omitempty"` // of its ticket's page
	Late     bool   `json:"late,omitempty"`      // checked in late

	MissedBefore int    `json:"missed_before,omitempty"` // no-shows of the person when it was booked; for staff only
	Channel      string `json:"channel,omitempty"`       // phone or desk; for staff only
}

// AppointmentList are a day's appointments in the order of their slots, and their sums.
type AppointmentList struct {
	Day          string            `json:"day"`
	Appointments []Appointment     `json:"appointments"`
	Totals       AppointmentTotals `json:"totals"`
}

// AppointmentTotals counts a day's appointments by state; late ones are among the arrived.
type AppointmentTotals struct {
	Booked    int `json:"booked"`
	Arrived   int `json:"arrived"`
	Late      int `json:"late"`
	Missed    int `json:"missed"`
	Cancelled int `json:"cancelled"`
}

// PriorityMark gives a waiting ticket a class that staff have verified.
type PriorityMark struct {
	Priority string `json:"priority"` // ordinary, elderly, disabled, pregnant or military
}
