package hall

// The acts on a ticket that lies in no window's hand.
type (
	// ResumeTicket brings a held ticket back: at once into Window's hand, or without a Window first into the queue of
	// the window that held it, of its field where that window has closed. One that was sent on for later goes to its old
	// place in the queue that it was sent to.
	ResumeTicket struct {
		Ticket TicketID
		Window WindowID
	}
	// Reactivate puts a no-show back in its place.
	Reactivate struct{ Ticket TicketID }
	// Cancel gives up a place.
	Cancel struct {
		Ticket TicketID
		Reason string
	}
	// Abandon marks a ticket whose holder has left without a word.
	Abandon struct{ Ticket TicketID }
	// ReportReceipt says what became of a receipt.
	ReportReceipt struct {
		Ticket TicketID
		State  PrintState
		Reason string
		Note   string
	}
)

// ReactivateWithin is how long after a no-show a ticket may come back to its place.
const ReactivateWithin Millis = 10 * 60 * 1000

func (c ResumeTicket) decide(s *State, at call) ([]Body, error) {
	t, err := s.ticket(c.Ticket)
	if err != nil {
		return nil, err
	}
	if t.State != Held {
		return nil, refuse(CodeNotHeld, "%s 号没有被暂挂。", t.Number)
	}
	if c.Window == "" && t.sentOn {
		return []Body{&TicketResumed{Ticket: t.ID, Leg: t.Leg, For: s.unlessClosed(t.For)}}, nil
	}
	if c.Window == "" {
		return []Body{&TicketResumed{Ticket: t.ID, Leg: t.Leg, For: s.unlessClosed(t.Window)}}, nil
	}
	w, err := s.working(c.Window, at.by)
	if err != nil {
		return nil, err
	}
	if w.ticket != "" {
		return nil, s.busy(w)
	}
	return []Body{&TicketResumed{Ticket: t.ID, Window: c.Window, Leg: t.Leg + 1, Serving: true}}, nil
}

func (c Reactivate) decide(s *State, at call) ([]Body, error) {
	t, err := s.ticket(c.Ticket)
	switch {
	case err != nil:
		return nil, err
	case t.State != NoShow:
		return nil, refuse(CodeNotMissed, "%s 号没有过号。", t.Number)
	case !s.open:
		return nil, s.notOpen()
	case t.Reactivated:
		return nil, refuse(CodeAlreadyReactivated, "%s 号已经恢复过一次。请重新取号。", t.Number)
	case !t.mayReturn(at.at):
		return nil, refuse(CodeTooLate, "%s 号过号已超过 10 分钟。请重新取号。", t.Number)
	}
	if err := s.mayComeBack(t); err != nil {
		return nil, err
	}
	return []Body{&TicketReactivated{Ticket: t.ID, For: s.unlessClosed(t.For)}}, nil
}

// mayReturn says whether the ticket is a no-show that can still be put back in its place.
func (t *Ticket) mayReturn(now Millis) bool {
	return t.State == NoShow && !t.Reactivated && now-t.EndedAt <= ReactivateWithin
}

// unlessClosed is the window, or none when it is closed or gone: then the field's windows take over its tickets.
func (s *State) unlessClosed(id WindowID) WindowID {
	if w := s.windows[id]; w != nil && w.state != Closed {
		return id
	}
	return ""
}

func (c Cancel) decide(s *State, _ call) ([]Body, error) {
	t, err := s.ticket(c.Ticket)
	if err != nil {
		return nil, err
	}
	switch {
	case t.State == Called, t.State == Serving:
		return nil, refuse(CodeInHand, "%s 号正在 %s 号窗口。请由窗口结束。", t.Number, t.Window)
	case s.open && (!t.Over() || t.State == NoShow):
		return []Body{&TicketCancelled{Ticket: t.ID, Reason: c.Reason}}, nil
	}
	return nil, refuse(CodeEnded, "%s 号已经结束。", t.Number)
}

func (c Abandon) decide(s *State, _ call) ([]Body, error) {
	t, err := s.ticket(c.Ticket)
	if err != nil {
		return nil, err
	}
	switch t.State {
	case Called, Serving:
		return nil, refuse(CodeInHand, "%s 号正在 %s 号窗口。请由窗口结束。", t.Number, t.Window)
	case Waiting, Held:
		return []Body{&TicketAbandoned{Ticket: t.ID, Reason: "left"}}, nil
	}
	return nil, refuse(CodeEnded, "%s 号已经结束。", t.Number)
}

func (c ReportReceipt) decide(s *State, _ call) ([]Body, error) {
	t, err := s.ticket(c.Ticket)
	if err != nil {
		return nil, err
	}
	switch c.State {
	case Printed, Sent, Failed, Uncertain:
	default:
		return nil, refuse(CodeInvalid, "state：%q 不是 printed、sent、failed 或 uncertain。", c.State)
	}
	if t.Print == c.State && !c.State.Unproven() {
		return nil, nil
	}
	return []Body{&ReceiptReported{Ticket: t.ID, State: c.State, Reason: c.Reason, Note: c.Note}}, nil
}
