package wire

import "time"

// Leg is one service of a ticket: what the window before has done.
type Leg struct {
	Leg       int        `json:"leg"`
	Window    string     `json:"window"`
	Clerk     string     `json:"clerk"`
	CalledAt  time.Time  `json:"called_at"`
	StartedAt *time.Time `json:"started_at,omitempty"`
	EndedAt   *time.Time `json:"ended_at,omitempty"`
	End       string     `json:"end,omitempty"`    // finished, transferred, held or no_show; empty while it lasts
	Reason    string     `json:"reason,omitempty"` // of a transfer
	Outcomes  []Outcome  `json:"outcomes,omitempty"`
}

// Brief is what a clerk needs to know of the ticket in front: what was done before, and the case behind each matter.
type Brief struct {
	Ticket  Ticket        `json:"ticket"`
	Legs    []Leg         `json:"legs"`
	Matters []BriefMatter `json:"matters"` // those not served yet
}

// BriefMatter is one matter of the ticket with the case behind it, found by itself.
type BriefMatter struct {
	Matter  string `json:"matter"`
	Case    *Case  `json:"case"`    // null: nothing open is known of this person and matter
	Visits  int    `json:"visits"`  // business days on which the case was served before
	Purpose string `json:"purpose"` // A, or B after an attempt, C when the result is ready: what is likely

	Endings []Ending `json:"endings"` // the outcomes that it may have
}

// Ending is an outcome that a matter may have, with the purpose that follows from it.
type Ending struct {
	Outcome string `json:"outcome"`
	Purpose string `json:"purpose"`
}

// WindowQueue is who comes next at a window, in the order in which it would call them if it were free now.
type WindowQueue struct {
	Seq     uint64   `json:"seq"`     // of the hall's state that it was made from
	Waiting int      `json:"waiting"` // all that the window could call
	Coming  []Coming `json:"coming"`  // the first of them
}

// Coming is one of them, and why it stands there.
type Coming struct {
	Ticket   Ticket `json:"ticket"`
	Step     string `json:"step"`             // returned, overdue, score or quota: the part of the rule that decides
	Passes   bool   `json:"passes,omitempty"` // somebody who has waited longer comes later
	Sentence Text   `json:"sentence"`
}

// SplitRequest lets matters of the ticket in hand go on elsewhere under a number of their own. Without Field and Window
// they go to the field of the first of them.
type SplitRequest struct {
	Matters []string `json:"matters"`
	Field   string   `json:"field,omitempty"`
	Window  string   `json:"window,omitempty"`
	Reason  string   `json:"reason,omitempty"`
}

// SplitResponse has the ticket in hand and the new one.
type SplitResponse struct {
	Ticket Ticket `json:"ticket"`
	Split  Ticket `json:"split"`
}

// IdentifyRequest says who is here with the ticket in hand.
type IdentifyRequest struct {
	Person Person `json:"person"`
	Actor  string `json:"actor,omitempty"` // self, agent or staff; empty leaves it
}

// HandOverRequest names the colleague who takes the window over, ticket and all.
type HandOverRequest struct {
	To string `json:"to"` // user
}

// FinishResponse has the ticket, what became of each matter, and the papers to print.
type FinishResponse struct {
	Ticket   Ticket      `json:"ticket"`
	Outcomes []Outcome   `json:"outcomes"`
	Papers   []PaperLink `json:"papers"`
}

// PurposeRequest corrects what a visit was for; the journal keeps both.
type PurposeRequest struct {
	Leg     int    `json:"leg"`
	Matter  string `json:"matter"`
	Purpose string `json:"purpose"`        // Q A B V P C S X R
	Case    string `json:"case,omitempty"` // ties it to a case, too
	Reason  string `json:"reason"`
}

// RatingRequest grades the last service of a ticket (好差评).
type RatingRequest struct {
	Grade   int      `json:"grade"`             // 5 非常满意 … 1 非常不满意
	Reasons []string `json:"reasons,omitempty"` // for 1 and 2, of the list in RatingForm
	Text    string   `json:"text,omitempty"`
	Number  string   `json:"number,omitempty"` // at a window: of the ticket asked about; without, what RatingForm tells
	Via     string   `json:"via,omitempty"`    // at a window evaluator (default) or tablet; by the ticket's code phone
}

// RatingForm is what a tablet or phone shows for a rating; Ticket is empty when there is nothing to rate now.
type RatingForm struct {
	Ticket  string     `json:"ticket,omitempty"`
	Number  string     `json:"number,omitempty"`
	Window  string     `json:"window,omitempty"`
	EndedAt *time.Time `json:"ended_at,omitempty"`
	Rated   bool       `json:"rated,omitempty"`
	Reasons []string   `json:"reasons"` // codes
}

// RatingTask is a bad rating on its way: verify (not by the person it is about), answer, close in time.
type RatingTask struct {
	ID         string     `json:"id"`
	Number     string     `json:"number"`
	Window     string     `json:"window"`
	About      string     `json:"about"` // user of the clerk
	Grade      int        `json:"grade"`
	Reasons    []string   `json:"reasons"`
	Text       string     `json:"text,omitempty"`
	At         time.Time  `json:"at"`
	Due        string     `json:"due,omitempty"`
	Late       bool       `json:"late,omitempty"`
	State      string     `json:"state"` // new, verified, answered or closed
	Verifier   string     `json:"verifier,omitempty"`
	Verified   string     `json:"verified,omitempty"` // true, false or unclear
	Finding    string     `json:"finding,omitempty"`
	Answer     string     `json:"answer,omitempty"`
	VerifiedAt *time.Time `json:"verified_at,omitempty"`
	AnsweredAt *time.Time `json:"answered_at,omitempty"`
	ClosedAt   *time.Time `json:"closed_at,omitempty"`
}

// RatingTasks lists them, the oldest first.
type RatingTasks struct {
	Tasks []RatingTask `json:"tasks"`
}

// TaskAct takes a bad rating a step on: verify (verified, text), answer (text), close.
type TaskAct struct {
	Verified string `json:"verified,omitempty"` // true, false or unclear
	Text     string `json:"text,omitempty"`
}
