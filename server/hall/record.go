package hall

// Service is one leg of a ticket as the projections keep it: who called and served it where, and what came of it.
type Service struct {
	Leg       int
	Window    WindowID
	Clerk     Actor
	CalledAt  Millis
	StartedAt Millis
	EndedAt   Millis // 0 while it lasts, and where nobody ended it but the end of the day: how long it took is unknown
	End       string // finished, transferred, held or no_show; empty while it lasts
	Reason    string // of a transfer
	BackAt    Millis // when a ticket that was sent on for later was back, or 0
	Outcomes  []Outcome
}

// Visit is one service that had to do with a case.
type Visit struct {
	Ticket  TicketID
	Leg     int
	At      Millis
	Window  WindowID
	Outcome string
	Purpose Purpose
	Derived Purpose
}

// Rating is a rating as the projections keep it.
type Rating struct {
	Grade   int
	Reasons []string
	Text    string
}

// CaseFilter chooses cases; empty fields do not.
type CaseFilter struct {
	Department string
	State      CaseState
	Chosen     string // mail or collect
	Closed     bool   // closed ones, newest first; else open ones, the most urgent first
	Limit      int
}

// TicketRow is one stay of a ticket at a window or in a queue, as the exchange files know tickets: a transfer begins a new
// one. Times are 0 where nothing happened, and where nobody knows when it did: a service that only the end of the day ended.
type TicketRow struct {
	Ticket   TicketID // of the first stay the ticket's own; then with -2, -3, …
	From     TicketID // the stay before, when this one came of a transfer; or the ticket it was split off
	Cases    []CaseID
	Purposes []Purpose // one for each case; for a stay without case one for each matter, or none
	Matters  []MatterCode
	Person   string // pseudonym
	Actor    string // self, agent or staff
	Channel  string
	Window   WindowID
	Clerk    Actor
	State    string // done, no_show, abandoned, cancelled, transferred or waiting

	IssuedAt, CalledAt, StartedAt, EndedAt Millis
}

// ReferralRow is a case sent from one window or department to another.
type ReferralRow struct {
	Case     CaseID
	At       Millis
	From, To string
	Reason   string
	Accepted string // yes, no (it came back) or unknown
}

// StepRow is one step of a case.
type StepRow struct {
	Case        CaseID
	Matter      MatterCode
	At          Millis
	By          Actor
	Step        CaseStep
	Ticket      TicketID // in whose service; empty = at no window
	Written     bool
	PromisedDay Day    // that the step gives the case; empty = it stays
	Department  string // that it goes to
	End         End
}

// RatingRow is a rating as the projections keep it.
type RatingRow struct {
	Rating  RatingID
	Window  WindowID
	At      Millis
	Grade   int
	AfterMS int64 // since the service ended; 0 while it still ran
}

// PurposeRow is what somebody came for, and what had followed from the outcome where somebody chose another.
type PurposeRow struct {
	Ticket           TicketID
	Window           WindowID
	At               Millis
	Purpose, Derived Purpose
}

// SpellRow is a time in which a window was open or paused.
type SpellRow struct {
	Window       WindowID
	Since, Until Millis // Until 0 = still so
	State        WindowState
	Clerk        Actor
	Reason       string
	Unended      bool // nobody ended it but the end of the day
}

// CertificateRow is a document that a case ended with, and whether the case came through the hall: at a window or online.
type CertificateRow struct {
	No     string
	Case   CaseID
	Matter MatterCode
	At     Millis // of the decision
	InHall bool
}

// SentRow is a ticket sent on by hand, to a window, a field or a department.
type SentRow struct {
	Ticket TicketID
	At     Millis
	To     string
}

// Chained is an event with its place in the journal's chain of hashes. Its Body is nil where retention has redacted it.
type Chained struct {
	Event
	Kind       Kind
	Prev, Hash []byte // of the event before, and its own
}
