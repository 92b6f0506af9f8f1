package wire

import "time"

// ReportDays says of which days there is something to report.
type ReportDays struct {
	Today string `json:"today"` // the hall's
	First string `json:"first"` // day with tickets, imported or the hall's own; empty where there is none
	Last  string `json:"last"`
}

// CaseLine is what happened to a case, in the order of time.
type CaseLine struct {
	Case   string      `json:"case"`
	Matter string      `json:"matter"`
	End    string      `json:"end"`
	Cases  []string    `json:"cases,omitempty"` // of a ticket's line: those that it is about
	Events []CaseEvent `json:"events"`
}

// CaseEvent is one thing that happened to a case; which fields it has depends on the kind.
type CaseEvent struct {
	At      time.Time `json:"at"`
	Kind    string    `json:"kind"` // opened, ticket, notice, accepted, referral, decided or closed
	Ticket  string    `json:"ticket,omitempty"`
	Purpose string    `json:"purpose,omitempty"` // one letter
	Window  string    `json:"window,omitempty"`
	Channel string    `json:"channel,omitempty"`
	State   string    `json:"state,omitempty"`
	Staff   bool      `json:"staff,omitempty"`
	Items   []string  `json:"items,omitempty"`
	Written bool      `json:"written,omitempty"`
	From    string    `json:"from,omitempty"`
	To      string    `json:"to,omitempty"`
	Case    string    `json:"case,omitempty"` // whose it is, where one application has several numbers

	CalledAt  *time.Time `json:"called_at,omitempty"` // of a ticket; At is when it was taken
	StartedAt *time.Time `json:"started_at,omitempty"`
	EndedAt   *time.Time `json:"ended_at,omitempty"`
}
