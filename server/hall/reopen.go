package hall

import "slices"

// ReopenWithin is how long after a finish the clerk may take it back.
const ReopenWithin Millis = 2 * 60 * 1000

// Reopen takes the last finish at a window back (撤销办结): within ReopenWithin, before the next call, and as long as
// nobody has rated the service or gone on with its cases. The ticket is in the window's hand again as it was; what the
// finish did to its cases is undone, and a case that it opened ends as void.
type Reopen struct{ Window WindowID }

// TicketReopened undoes the finish of a ticket's service. Its cases were put back by events of their own just before.
type TicketReopened struct {
	Ticket    TicketID     `json:"ticket"`
	Window    WindowID     `json:"window"`
	Leg       int          `json:"leg"`
	Remaining []MatterCode `json:"remaining"`
	Last      TicketID     `json:"last,omitempty"`    // served at the window before it
	Dropped   []CaseID     `json:"dropped,omitempty"` // cases that the finish had opened
}

// Kind names the body in the journal.
func (*TicketReopened) Kind() Kind { return KindTicketReopened }

func (b *TicketReopened) subject() TicketID { return b.Ticket }
func (b *TicketReopened) window() WindowID  { return b.Window }

// undo is what a finish has changed, kept for a moment.
type undo struct {
	ticket *Ticket // before the finish
	last   TicketID
	at     Millis
	cases  []touched
}

// touched is a case that a service has changed.
type touched struct {
	id            CaseID
	before, after *Case // before is nil for one that the service opened
}

// touch takes note of a case before a service changes it.
func (s *State) touch(t TicketID, id CaseID, before *Case) {
	if t == "" || slices.ContainsFunc(s.touched[t], func(k touched) bool { return k.id == id }) {
		return
	}
	s.touched[t] = append(s.touched[t], touched{id: id, before: before})
}

// undoable keeps what a finish has changed, until the window's next ticket.
func (s *State) undoable(w *window, t *Ticket, at Millis) *undo {
	u := &undo{ticket: t, last: w.last, at: at, cases: s.touched[t.ID]}
	delete(s.touched, t.ID)
	for i := range u.cases {
		u.cases[i].after = s.files.byID[u.cases[i].id]
	}
	return u
}

func (c Reopen) decide(s *State, at call) ([]Body, error) {
	w, err := s.working(c.Window, at.by)
	if err != nil {
		return nil, err
	}
	if w.ticket != "" {
		return nil, s.busy(w)
	}
	u := w.undo
	switch {
	case u == nil:
		return nil, refuse(CodeNothingToUndo, "%s号窗口没有可以撤销的办结。", c.Window)
	case at.at-u.at > ReopenWithin:
		return nil, refuse(CodeTooLate, "%s 号办结已超过 2 分钟，不能撤销。", u.ticket.Number)
	case s.Rated(u.ticket.ID, u.ticket.Leg):
		return nil, refuse(CodeAlreadyRated, "%s 号的这次服务已经评价过，不能撤销。", u.ticket.Number)
	}
	if err := s.mayComeBack(u.ticket); err != nil {
		return nil, err
	}
	b := &TicketReopened{Ticket: u.ticket.ID, Window: c.Window, Leg: u.ticket.Leg, Remaining: u.ticket.Remaining, Last: u.last}
	var out []Body
	for _, k := range u.cases {
		if s.files.byID[k.id] != k.after { // somebody has gone on with it, or the hall was started again
			return nil, refuse(CodeCaseState, "办件 %s 已有新的处理，不能撤销 %s 号的办结。", k.id, u.ticket.Number)
		}
		switch {
		case k.before != nil:
			out = append(out, &CaseSynced{Case: *k.before, Undone: true})
		case k.after.Over():
			out = append(out, &CaseSynced{Case: voided(k.after, at.at), Undone: true})
			b.Dropped = append(b.Dropped, k.id)
		default:
			out = append(out, &CaseStepped{Case: k.id, Step: StepEnd, Detail: StepDetail{End: EndVoid, Reason: reasonUndone, Ticket: u.ticket.ID, Window: c.Window, Today: s.day}})
			b.Dropped = append(b.Dropped, k.id)
		}
	}
	return append(out, b), nil
}

// reasonUndone marks a case that ends because the finish that opened it was taken back.
const reasonUndone = "undone"

// voided is a case that the finish had opened and closed at once.
func voided(c *Case, at Millis) Case {
	n := *c
	n.End, n.ClosedAt = EndVoid, at
	return n
}

func (b *TicketReopened) apply(s *State, _ *Event) {
	t := s.edit(b.Ticket, func(t *Ticket) { t.State, t.EndedAt, t.Remaining = Serving, 0, b.Remaining })
	w := s.windows[b.Window]
	w.ticket, w.last, w.undo = t.ID, b.Last, nil
	w.served--
	s.served[t.Field]--
	delete(s.touched, t.ID)
}
