package hall

// Why says why a window called the ticket it called. It is stored with the call, so that an argument about jumping the
// queue (插队) can be settled afterwards. Figures are rounded to four places.
type Why struct {
	Rule       string `json:"rule"`
	Version    int    `json:"version"`
	Candidates int    `json:"candidates"` // tickets the window could have called
	WaitedMS   int64  `json:"waited_ms"`

	Step     Step     `json:"step,omitempty"`
	TargetMS int64    `json:"target_ms,omitempty"` // of the ticket's class
	Ratio    float64  `json:"ratio,omitempty"`     // wait over target
	Score    float64  `json:"score,omitempty"`
	Reserved int      `json:"reserved,omitempty"` // candidates that were left, since the window is kept for a scarce skill
	Passed   bool     `json:"passed,omitempty"`   // somebody who came earlier, under the strict policy
	Heads    []Scored `json:"heads,omitempty"`    // the best of each lane, the called one first
	Others   []Other  `json:"others,omitempty"`   // free windows that could not have taken the ticket
}

// Step is the part of the rule that decided.
type Step string

// The steps.
const (
	StepReturned Step = "returned" // back from a hold
	StepOverdue  Step = "overdue"  // at least twice the target: nobody starves
	StepScore    Step = "score"    // by the policy's score
	StepQuota    Step = "quota"    // strict priority has had its turn: the earliest
)

// Scored is the head of a lane with what the rule made of it.
type Scored struct {
	Ticket   TicketID `json:"ticket"`
	Number   string   `json:"number"`
	Priority Priority `json:"priority"`
	Waiting  int      `json:"waiting"` // in its lane
	WaitedMS int64    `json:"waited_ms"`
	Ratio    float64  `json:"ratio"`
	Primary  bool     `json:"primary,omitempty"` // of the window's primary field
	Share    float64  `json:"share"`             // of its matters that the window can do
	Score    float64  `json:"score"`
	Reserved bool     `json:"reserved,omitempty"`
}

// Reason says why a free window could not take a ticket.
type Reason string

// The reasons.
const (
	ReasonOtherField  Reason = "other_field"  // has no skill for it
	ReasonDeliverOnly Reason = "deliver_only" // hands results out only
	ReasonOtherAct    Reason = "other_act"    // serves the field, but not for this
	ReasonPartly      Reason = "partly"       // could do a part of its matters only
	ReasonSent        Reason = "sent"         // the ticket was sent to one window
	ReasonKept        Reason = "kept"         // kept for a scarce skill
)

// Other is a free window that could not have taken the ticket.
type Other struct {
	Window WindowID `json:"window"`
	Reason Reason   `json:"reason"`
}

// Rule chooses the ticket that a free window calls, or nil when none waits for it. It must be deterministic: the same
// state, window and time give the same ticket.
type Rule interface {
	Next(s *State, w WindowID, now Millis) (*Ticket, Why)
}

// Planner is a Rule that also knows which of the matters left a ticket goes on with.
type Planner interface {
	Leg(s *State, left []MatterCode, deliver bool) MatterCode
}
