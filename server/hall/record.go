package hall

// Service is one leg of a ticket as the projections keep it: who called and served it where, and what came of it.
type Service struct {
	Leg       int
	Window    WindowID
	Clerk     Actor
	CalledAt  Millis
	StartedAt Millis
	EndedAt   Millis
	End       string // finished, transferred, held or no_show; empty while it lasts
	Reason    string // of a transfer
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
