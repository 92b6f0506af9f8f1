package wire

import "time"

// LayoutWindow is a window with what it may do. The first field is its primary one. A field without an entry in Acts gets
// every act; at a delivery window handing out only.
type LayoutWindow struct {
	ID     string              `json:"id"`
	Name   string              `json:"name,omitempty"`
	Kind   string              `json:"kind"` // general, field, dedicated or delivery
	Fields []string            `json:"fields"`
	Acts   map[string][]string `json:"acts,omitempty"` // receive, decide, deliver
}

// Calling are the settings of the calling rule. Targets in minutes; 0 is the usual one.
type Calling struct {
	Policy         string  `json:"policy"` // ratio, fcfs, strict, edd or primary
	Pure           bool    `json:"pure,omitempty"`
	Quota          int     `json:"quota,omitempty"`
	StatutoryMin   float64 `json:"statutory_min"`
	AppointmentMin float64 `json:"appointment_min"`
	OrdinaryMin    float64 `json:"ordinary_min"`
	IdleCallS      int     `json:"idle_call_s,omitempty"` // the hall calls for a window that has been free for so many seconds; 0: clerks call
	AlarmMin       int     `json:"alarm_min,omitempty"`   // expected wait of newcomers that raises an alarm; 0 is the usual one
}

// Relief asks for one more window when at least Waiting people have waited longer than OverMin minutes for the field and
// the window is closed. At most one names a window.
type Relief struct {
	Field   string `json:"field"`
	Waiting int    `json:"waiting"`
	OverMin int    `json:"over_min"`
	Window  string `json:"window"`
}

// LayoutField is a field with the number of its matters.
type LayoutField struct {
	ID      string `json:"id"`
	Name    Text   `json:"name"`
	Matters int    `json:"matters"`
}

// LayoutPlan is a layout as the manager sees and changes it.
type LayoutPlan struct {
	Version string         `json:"version"`
	Fields  []LayoutField  `json:"fields"`
	Windows []LayoutWindow `json:"windows"`
	Calling Calling        `json:"calling"`
	Reliefs []Relief       `json:"reliefs"`
	Booking BookingPlan    `json:"booking"`
}

// LayoutVersion is a layout that came into force or was planned.
type LayoutVersion struct {
	Seq     uint64    `json:"seq"` // number of the event in the journal
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	Version string    `json:"version"` // empty: a plan was withdrawn
	Planned bool      `json:"planned"`
}

// LayoutState is the layout in force, what is planned for the next business day, and what was before.
type LayoutState struct {
	Now      LayoutPlan      `json:"now"`
	Planned  *LayoutPlan     `json:"planned"`
	Versions []LayoutVersion `json:"versions"` // the newest first
}

// LayoutChange replaces windows and settings of the layout with the version that the page was made from.
type LayoutChange struct {
	Base    string         `json:"base"`
	When    string         `json:"when"` // now or next_day
	Windows []LayoutWindow `json:"windows"`
	Calling Calling        `json:"calling"`
	Reliefs []Relief       `json:"reliefs"` // null leaves them as they are
	Booking *BookingPlan   `json:"booking"` // null leaves it as it is
}

// WhatifRequest asks for a replay of past days under other windows and settings. Closed windows stay empty.
type WhatifRequest struct {
	Days    int            `json:"days"`            // the last so many; not looked at when Dates are named
	Dates   []string       `json:"dates,omitempty"` // exactly these, each YYYY-MM-DD
	Windows []LayoutWindow `json:"windows"`
	Calling Calling        `json:"calling"`
	Closed  []string       `json:"closed,omitempty"`
}

// PastDay is an ended business day that can be replayed.
type PastDay struct {
	Day     string `json:"day"`
	Tickets int    `json:"tickets"`
}

// PastDays are the last days, newest last.
type PastDays struct {
	Days []PastDay `json:"days"`
}

// TicketCall is one call of a ticket with its reason.
type TicketCall struct {
	Leg    int       `json:"leg"`
	Window string    `json:"window"`
	At     time.Time `json:"at"`
	Why    Why       `json:"why"`
}

// TicketCalls are all calls of a ticket.
type TicketCalls struct {
	Ticket Ticket       `json:"ticket"`
	Calls  []TicketCall `json:"calls"`
}
