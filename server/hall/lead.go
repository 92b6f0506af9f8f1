package hall

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"unicode/utf8"
)

// LeadID names a supervision lead (督查线索): what was found, in which month, about whom. See MakeLeadID.
type LeadID string

// LeadState is how far a lead has been followed.
type LeadState string

// The states of a lead. One that nobody has touched yet is in no state and in no journal.
const (
	LeadAssigned  LeadState = "assigned"
	LeadVerified  LeadState = "verified"  // it was so
	LeadDismissed LeadState = "dismissed" // it was not, or there is a good reason
	LeadReopened  LeadState = "reopened"
)

// Lead is what was found and what somebody did about it. A *Lead that State hands out never changes.
type Lead struct {
	ID       LeadID    `json:"lead"`
	Signal   string    `json:"signal"`  // A1 … F5
	Subject  string    `json:"subject"` // a matter, a window, a department, two of them, or the hall
	From     Day       `json:"from"`
	To       Day       `json:"to"`
	State    LeadState `json:"state"`
	Assignee string    `json:"assignee,omitempty"`
	Acts     []LeadAct `json:"acts"` // oldest first
}

// LeadAct is one thing that was done about a lead, with the evidence as it was then.
type LeadAct struct {
	At    Millis    `json:"at"`
	By    Actor     `json:"by"`
	State LeadState `json:"state"`
	To    string    `json:"to,omitempty"`
	Text  string    `json:"text,omitempty"`
	N     int       `json:"n"`
	K     int       `json:"k"`
	Rows  []string  `json:"rows"`
}

// Over says whether the lead was verified or dismissed.
func (l *Lead) Over() bool { return l.State == LeadVerified || l.State == LeadDismissed }

// LeadStepped is one step in following a lead.
type LeadStepped struct {
	Lead    LeadID    `json:"lead"`
	Signal  string    `json:"signal"`
	Subject string    `json:"subject"`
	From    Day       `json:"from"`
	To      Day       `json:"to"`
	State   LeadState `json:"state"`
	Whom    string    `json:"whom,omitempty"` // assigned to
	Text    string    `json:"text,omitempty"`
	N       int       `json:"n"`
	K       int       `json:"k"`
	Rows    []string  `json:"rows"`
}

// Kind names the body in the journal.
func (*LeadStepped) Kind() Kind { return KindLeadStepped }

// MakeLeadID is short, the same for the same lead, and can stand in an address, which a subject cannot.
func MakeLeadID(signal string, from Day, subject string) LeadID {
	sum := sha256.Sum256([]byte(subject))
	return LeadID(signal + "-" + string(from) + "-" + hex.EncodeToString(sum[:4]))
}

// LeadSubject is the lead that the event is about, or empty.
func (e *Event) LeadSubject() LeadID {
	if b, ok := e.Body.(*LeadStepped); ok {
		return b.Lead
	}
	return ""
}

// Lead returns a lead that somebody has touched, or nil.
func (s *State) Lead(id LeadID) *Lead { return s.leads[id] }

func (b *LeadStepped) apply(s *State, e *Event) {
	l := Lead{ID: b.Lead, Signal: b.Signal, Subject: b.Subject, From: b.From, To: b.To, Acts: []LeadAct{}}
	if old := s.leads[b.Lead]; old != nil {
		l = *old
	}
	l.State = b.State
	if b.State == LeadAssigned {
		l.Assignee = b.Whom
	}
	l.Acts = append(l.Acts[:len(l.Acts):len(l.Acts)], LeadAct{At: e.At, By: e.Actor, State: b.State, To: b.Whom, Text: b.Text, N: b.N, K: b.K, Rows: b.Rows})
	s.leads[b.Lead] = &l
}

// Bounds of a lead.
const (
	MaxLeadRows     = 200 // of its evidence that the journal keeps
	maxAssigneeChar = 40
)

// StepLead assigns a lead, verifies it, dismisses it or opens it again. Who calls has found the lead: its evidence comes in.
type StepLead struct {
	Signal, Subject string
	From, To        Day
	N, K            int
	Rows            []string
	State           LeadState
	Whom            string // assigned to
	Text            string // finding, or the reason
}

func (c StepLead) decide(s *State, _ call) ([]Body, error) {
	id := MakeLeadID(c.Signal, c.From, c.Subject)
	old := s.leads[id]
	over := old != nil && old.Over()
	switch {
	case !slices.Contains([]LeadState{LeadAssigned, LeadVerified, LeadDismissed, LeadReopened}, c.State):
		return nil, refuse(CodeInvalid, "state：没有 %q 这一步。", c.State)
	case c.State == LeadReopened && !over:
		return nil, refuse(CodeLeadState, "这条线索没有办结，不用重新打开。")
	case c.State != LeadReopened && over:
		return nil, refuse(CodeLeadState, "这条线索已经办结。要再查，请先写明理由重新打开。")
	case c.State == LeadAssigned && (c.Whom == "" || utf8.RuneCountInString(c.Whom) > maxAssigneeChar):
		return nil, refuse(CodeInvalid, "to：请写明交给谁核实（最多 %d 个字）。", maxAssigneeChar)
	case c.State != LeadAssigned && c.Text == "":
		return nil, refuse(CodeInvalid, "text：请写明核实情况或理由。")
	case utf8.RuneCountInString(c.Text) > maxTextChars:
		return nil, refuse(CodeInvalid, "text：最多 %d 个字。", maxTextChars)
	}
	rows := append([]string{}, c.Rows[:min(len(c.Rows), MaxLeadRows)]...)
	return []Body{&LeadStepped{Lead: id, Signal: c.Signal, Subject: c.Subject, From: c.From, To: c.To, State: c.State,
		Whom: c.Whom, Text: c.Text, N: c.N, K: c.K, Rows: rows}}, nil
}
