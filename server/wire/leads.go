package wire

import "time"

// Leads are the supervision leads (督查线索) of a month.
type Leads struct {
	Month       string `json:"month"` // YYYY-MM
	ReportDay   string `json:"report_day"`
	NotComputed string `json:"not_computed"` // a sentence; empty when every signal has data
	Leads       []Lead `json:"leads"`

	Staff []LeadStaff `json:"staff"` // who may be asked to verify one
}

// LeadStaff is an account that a lead can be given to.
type LeadStaff struct {
	User       string `json:"user"`
	Name       string `json:"name"`
	Role       string `json:"role"`
	Department string `json:"department,omitempty"`
}

// Lead is what was found, to be verified by a person: k of n rows of a subject are of the kind. It is never a verdict.
type Lead struct {
	ID       string    `json:"id"`
	Signal   string    `json:"signal"` // A1 … F5
	Text     string    `json:"text"`
	Subject  string    `json:"subject"`
	Name     string    `json:"name"` // of the subject
	N        int       `json:"n"`
	K        int       `json:"k"`
	Rate     *float64  `json:"rate"`
	Rows     []string  `json:"rows"`
	State    string    `json:"state"`              // new, assigned, verified, dismissed, reopened; gone where the data do not show it any more
	Assignee string    `json:"assignee,omitempty"` // account
	Whom     string    `json:"assignee_name,omitempty"`
	Acts     []LeadAct `json:"acts"` // oldest first
}

// LeadAct is one thing that was done about a lead, with the number of rows that it was done on.
type LeadAct struct {
	At    time.Time `json:"at"`
	By    string    `json:"by"`
	State string    `json:"state"`
	To    string    `json:"to,omitempty"` // a name, as By is
	Text  string    `json:"text,omitempty"`
	K     int       `json:"k"`
}

// LeadStep is a step in following a lead.
type LeadStep struct {
	To   string `json:"to,omitempty"`   // assign: the account of whom
	Text string `json:"text,omitempty"` // verify, dismiss, reopen: the finding or the reason; assign: a word to go with it
}

// LeadLimits are the limits from which on the rules flag.
type LeadLimits struct {
	Base   string      `json:"base"` // version of the hall's layout
	Limits []LeadLimit `json:"limits"`
}

// LeadLimit is one of them.
type LeadLimit struct {
	Name       string  `json:"name"`
	Signal     string  `json:"signal"` // A1 … F5; empty where it holds for all
	SignalText string  `json:"signal_text"`
	Text       string  `json:"text"`
	Unit       string  `json:"unit"` // share (0 to 1), rows, times, working_days, days, minutes or seconds
	Value      float64 `json:"value"`
	Default    float64 `json:"default"`
	Min        float64 `json:"min"`
	Max        float64 `json:"max"`
}

// LeadLimitsChange are new values by name.
type LeadLimitsChange struct {
	Base   string             `json:"base"`
	Values map[string]float64 `json:"values"`
}
