package hall

// WorkedTicket is a ticket of a past day with what became of it, as the projections tell it to replays.
type WorkedTicket struct {
	Day      Day
	IssuedAt Millis
	Slot     Millis // of an appointment
	Priority Priority
	Deliver  bool
	Matters  []MatterCode
	State    TicketState
	CalledAt Millis // first call; 0 = never
	AtWindow Millis // from calls to ends, all windows together
	Windows  int    // that called it
}

// DayLoad is a past day with the number of its tickets.
type DayLoad struct {
	Day     Day
	Tickets int
}

// WorkedSpell is a time in which a window was open.
type WorkedSpell struct {
	Window      WindowID
	Since, Till Millis
}

// CallReason is one call of a ticket with its reason, as it stands in the journal.
type CallReason struct {
	Leg    int
	Window WindowID
	At     Millis
	Why    Why
}

// LayoutVersion is a layout that came into force, or was planned.
type LayoutVersion struct {
	Seq     uint64
	At      Millis
	By      Actor
	Version string
	Planned bool
}
