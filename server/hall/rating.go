package hall

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// RatingID names a rating (好差评) by the service it is about: the ticket and the leg, 20250603-A012-1.
type RatingID string

// TaskState is how far a bad rating has been dealt with.
type TaskState string

// The states of a task.
const (
	TaskNew      TaskState = "new"
	TaskVerified TaskState = "verified"
	TaskAnswered TaskState = "answered"
	TaskClosed   TaskState = "closed"
)

// Task is what a bad rating (1 or 2) asks for: verify it (not by the person it is about), answer, close in time.
type Task struct {
	Rating     RatingID  `json:"rating"`
	Ticket     TicketID  `json:"ticket"`
	Window     WindowID  `json:"window"`
	About      Actor     `json:"about"` // the clerk who served
	Grade      int       `json:"grade"`
	State      TaskState `json:"state"`
	At         Millis    `json:"at"`
	Due        Day       `json:"due,omitempty"` // empty while the calendar does not know the year
	Verifier   Actor     `json:"verifier,omitempty"`
	Verified   string    `json:"verified,omitempty"` // true, false or unclear: whether what it says was so
	Finding    string    `json:"finding,omitempty"`
	Answer     string    `json:"answer,omitempty"`
	VerifiedAt Millis    `json:"verified_at,omitempty"`
	AnsweredAt Millis    `json:"answered_at,omitempty"`
	ClosedAt   Millis    `json:"closed_at,omitempty"`
}

// RatingGiven is a grade from 1 (非常不满意) to 5 (非常满意) for one service.
type RatingGiven struct {
	Rating  RatingID `json:"rating"`
	Of      TicketID `json:"of_ticket"`
	Leg     int      `json:"leg"`
	Window  WindowID `json:"window"`
	About   Actor    `json:"about"`
	Grade   int      `json:"grade"`
	Reasons []string `json:"reasons,omitempty"`
	Text    string   `json:"text,omitempty"`
	Via     string   `json:"via"`                // evaluator, tablet or phone
	AfterMS int64    `json:"after_ms"`           // since the service ended; 0 while it still runs
	Due     Day      `json:"task_due,omitempty"` // of the task that a bad one becomes
}

// TaskStepped is one step in dealing with a bad rating.
type TaskStepped struct {
	Rating   RatingID  `json:"rating"`
	State    TaskState `json:"state"`
	Verified string    `json:"verified,omitempty"`
	Text     string    `json:"text,omitempty"`
}

// Kind names the body in the journal.
func (*RatingGiven) Kind() Kind { return KindRatingGiven }

// Kind names the body in the journal.
func (*TaskStepped) Kind() Kind { return KindTaskStepped }

// RatingSubject is the rating that the event is about, or empty.
func (e *Event) RatingSubject() RatingID {
	switch b := e.Body.(type) {
	case *RatingGiven:
		return b.Rating
	case *TaskStepped:
		return b.Rating
	}
	return ""
}

// tasks are the bad ratings that are open or were closed since the day was opened, and which services were rated today.
type tasks struct {
	byID  map[RatingID]*Task
	rated map[RatingID]bool
}

func newTasks() tasks { return tasks{byID: map[RatingID]*Task{}, rated: map[RatingID]bool{}} }

func (k *tasks) put(t *Task) { k.byID[t.Rating] = t }

func (k *tasks) newDay() {
	k.rated = map[RatingID]bool{}
	for id, t := range k.byID {
		if t.State == TaskClosed {
			delete(k.byID, id)
		}
	}
}

// Task returns a task that is open or was closed today, or nil.
func (s *State) Task(id RatingID) *Task { return s.tasks.byID[id] }

// Rated says whether the ticket's service in a leg has been rated.
func (s *State) Rated(t TicketID, leg int) bool { return s.tasks.rated[MakeRatingID(t, leg)] }

// MakeRatingID names the rating of a service.
func MakeRatingID(t TicketID, leg int) RatingID { return RatingID(fmt.Sprintf("%s-%d", t, leg)) }

func (b *RatingGiven) apply(s *State, e *Event) {
	s.tasks.rated[b.Rating] = true
	if b.Grade <= badGrade {
		s.tasks.put(&Task{Rating: b.Rating, Ticket: b.Of, Window: b.Window, About: b.About, Grade: b.Grade, State: TaskNew,
			At: e.At, Due: b.Due})
	}
}

func (b *TaskStepped) apply(s *State, e *Event) {
	old := s.tasks.byID[b.Rating]
	if old == nil {
		return
	}
	t := *old
	t.State = b.State
	switch b.State {
	case TaskVerified:
		t.Verifier, t.Verified, t.Finding, t.VerifiedAt = e.Actor, b.Verified, b.Text, e.At
	case TaskAnswered:
		t.Answer, t.AnsweredAt = b.Text, e.At
	case TaskClosed:
		t.ClosedAt = e.At
	}
	s.tasks.put(&t)
}

// badGrade is the best grade that becomes a task.
const badGrade = 2

// Bounds of a rating's words.
const (
	maxReasons   = 6
	maxTextChars = 500
)

// RatingReasons lists what may be ticked with a grade of 1 or 2.
func RatingReasons() []string {
	return []string{"attitude", "waited_long", "slow", "asked_more_papers", "told_incompletely", "sent_around", "unclear", "facilities", "other"}
}

// Rate grades the last service of a ticket, once, on its business day. Without a Ticket it is the one that Window serves,
// or served last.
type Rate struct {
	Ticket  TicketID
	Window  WindowID
	Number  string // with Window: of the ticket that was asked about, which need not be the last one any more
	Grade   int
	Reasons []string
	Text    string
	Via     string
}

func (c Rate) decide(s *State, at call) ([]Body, error) {
	t, err := c.ticket(s)
	if err != nil {
		return nil, err
	}
	switch {
	case t.Leg == 0 || t.State == Called || t.lastServed == "":
		return nil, refuse(CodeNotServed, "%s 号还没有办理，不能评价。", t.Number)
	case s.Rated(t.ID, t.Leg):
		return nil, refuse(CodeAlreadyRated, "%s 号的这次服务已经评价过。谢谢！", t.Number)
	case c.Grade < 1 || c.Grade > 5:
		return nil, refuse(CodeInvalid, "grade：请选择 1（非常不满意）到 5（非常满意）。")
	case len(c.Reasons) > 0 && c.Grade > badGrade:
		return nil, refuse(CodeInvalid, "reasons：只有评价为不满意或非常不满意时才选择原因。")
	case len(c.Reasons) > maxReasons || utf8.RuneCountInString(c.Text) > maxTextChars:
		return nil, refuse(CodeInvalid, "reasons：最多 %d 项；text：最多 %d 个字。", maxReasons, maxTextChars)
	case !slices.Contains([]string{"evaluator", "tablet", "phone"}, c.Via):
		return nil, refuse(CodeInvalid, "via：%q 不是 evaluator、tablet 或 phone。", c.Via)
	}
	for i, r := range c.Reasons {
		if !slices.Contains(RatingReasons(), r) || slices.Contains(c.Reasons[:i], r) {
			return nil, refuse(CodeInvalid, "reasons[%d]：没有 %q 这个原因，或选了两次。", i, r)
		}
	}
	b := &RatingGiven{Rating: MakeRatingID(t.ID, t.Leg), Of: t.ID, Leg: t.Leg, Window: t.Window, About: t.lastServed,
		Grade: c.Grade, Reasons: c.Reasons, Text: c.Text, Via: c.Via}
	if t.EndedAt != 0 {
		b.AfterMS = int64(at.at - t.EndedAt)
	}
	if c.Grade <= badGrade {
		b.Due = s.due(s.day, s.layout.Desk.ratingDays())
	}
	return []Body{b}, nil
}

// user is who acts, whatever the role.
func user(a Actor) string {
	_, name, ok := strings.Cut(string(a), ":")
	if !ok {
		return string(a)
	}
	return name
}

func (c Rate) ticket(s *State) (*Ticket, error) {
	if c.Ticket != "" {
		return s.ticket(c.Ticket)
	}
	w := s.Window(c.Window)
	if w == nil {
		return nil, refuse(CodeNotFound, "没有 %s 号窗口。", c.Window)
	}
	if t := w.Rateable(); t != nil && (c.Number == "" || t.Number == c.Number) {
		return t, nil
	}
	if t := w.Last; t != nil && t.Number == c.Number { // its evaluator answered when the next one was served already
		return t, nil
	}
	return nil, refuse(CodeNotServed, "%s 号窗口现在没有可以评价的服务。", c.Window)
}

// Rateable is the ticket that the window's evaluator asks about, or nil: the one in hand while it is served, else the one
// served last.
func (w *Window) Rateable() *Ticket {
	if w.Ticket != nil && w.Ticket.State == Serving {
		return w.Ticket
	}
	return w.Last
}

// StepTask verifies, answers or closes a bad rating, in this order.
type StepTask struct {
	Rating   RatingID
	State    TaskState
	Verified string // of the verification: true, false or unclear
	Text     string // finding or answer
}

func (c StepTask) decide(s *State, at call) ([]Body, error) {
	t := s.tasks.byID[c.Rating]
	if t == nil {
		return nil, refuse(CodeNotFound, "没有待处理的差评 %s。", c.Rating)
	}
	next := map[TaskState]TaskState{TaskNew: TaskVerified, TaskVerified: TaskAnswered, TaskAnswered: TaskClosed}[t.State]
	switch {
	case user(at.by) == user(t.About):
		return nil, refuse(CodeOwnRating, "不能处理对自己的评价。请由其他人员核实。")
	case c.State != next:
		return nil, refuse(CodeTaskState, "差评 %s 要依次核实、答复、办结。", c.Rating)
	case c.State == TaskVerified && !slices.Contains([]string{"true", "false", "unclear"}, c.Verified):
		return nil, refuse(CodeInvalid, "verified：%q 不是 true、false 或 unclear。", c.Verified)
	case c.State != TaskClosed && (c.Text == "" || utf8.RuneCountInString(c.Text) > maxTextChars):
		return nil, refuse(CodeInvalid, "text：请写明核实情况或答复（最多 %d 个字）。", maxTextChars)
	}
	return []Body{&TaskStepped{Rating: c.Rating, State: c.State, Verified: c.Verified, Text: c.Text}}, nil
}
