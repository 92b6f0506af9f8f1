package hall

// The acts of a clerk on a window and on the ticket in its hand.
type (
	// OpenWindow begins work at a window.
	OpenWindow struct{ Window WindowID }
	// PauseWindow stops for a while.
	PauseWindow struct {
		Window WindowID
		Reason string
		Until  Millis // when the clerk means to be back; 0 = not said
	}
	// ResumeWindow ends a pause.
	ResumeWindow struct{ Window WindowID }
	// CloseWindow ends work at a window.
	CloseWindow struct{ Window WindowID }
	// CallNext calls the ticket that the hall's Rule chooses.
	CallNext struct{ Window WindowID }
	// Recall calls the ticket in hand again.
	Recall struct{ Window WindowID }
	// Start begins the service of the called ticket.
	Start struct{ Window WindowID }
	// Miss ends a called ticket whose applicant did not come (过号).
	Miss struct{ Window WindowID }
	// Hold lets the applicant fetch something.
	Hold struct {
		Window WindowID
		Reason string
	}
	// Transfer (转办) sends the ticket in hand to a field, another window or a department. Exactly one of Field, To and
	// Department is set. Later says that the applicant has to see to something first, or that the window opens later: the
	// ticket is held and waits there, in its old place, from when it is resumed.
	Transfer struct {
		Window     WindowID
		Field      FieldID
		To         WindowID
		Department string
		Later      bool
		Reason     string
	}
	// Split lets matters of the ticket in hand go on elsewhere under a number of their own, with the place of this ticket.
	// Exactly one of Field and To is set, or neither: then they go to the field of the first of them. Track is an
	// unguessable code that the caller has drawn.
	Split struct {
		Window  WindowID
		Matters []MatterCode
		Field   FieldID
		To      WindowID
		Reason  string
		Track   string
	}
	// Identify says who the person with the ticket in hand is. Person is a pseudonym.
	Identify struct {
		Window     WindowID
		PersonKind string
		Person     string
		Actor      string // self, agent or staff; empty leaves it
	}
	// HandOver gives the window, with the ticket in its hand, to a colleague.
	HandOver struct {
		Window WindowID
		Clerk  Actor
	}
)

// mine returns the window if the actor works at it; a closed one belongs to nobody.
func (s *State) mine(id WindowID, by Actor) (*window, error) {
	w := s.windows[id]
	if w == nil {
		return nil, refuse(CodeNotFound, "没有 %s 号窗口。", id)
	}
	if w.state != Closed && w.clerk != by {
		return nil, refuse(CodeWindowTaken, "%s号窗口由另一位工作人员使用。请先由其关闭窗口。", id)
	}
	return w, nil
}

// working is mine, and open. The keys on a window's counter act for the clerk who works there.
func (s *State) working(id WindowID, by Actor) (*window, error) {
	if w := s.windows[id]; w != nil && by.atCounter() {
		by = w.clerk
	}
	w, err := s.mine(id, by)
	if err != nil {
		return nil, err
	}
	switch w.state {
	case Closed:
		return nil, refuse(CodeWindowClosed, "%s号窗口还没有开启。请先开启窗口。", id)
	case Paused:
		return nil, refuse(CodeWindowPaused, "%s号窗口已暂停。请先恢复窗口。", id)
	}
	return w, nil
}

// holder is working, with the ticket in hand.
func (s *State) holder(id WindowID, by Actor) (*window, *Ticket, error) {
	w, err := s.working(id, by)
	if err != nil {
		return nil, nil, err
	}
	t := s.inHand(w)
	if t == nil {
		return nil, nil, refuse(CodeNoTicketInHand, "%s号窗口现在没有号票。请先叫下一位。", id)
	}
	return w, t, nil
}

func (c OpenWindow) decide(s *State, at call) ([]Body, error) {
	if !s.open {
		return nil, s.notOpen()
	}
	w, err := s.mine(c.Window, at.by)
	if err != nil {
		return nil, err
	}
	switch w.state {
	case Open:
		return nil, nil
	case Paused:
		return nil, refuse(CodeWindowPaused, "%s号窗口已暂停。请用“恢复”。", c.Window)
	}
	out := []Body{&WindowOpened{Window: c.Window, Clerk: at.by}}
	if w.asked != nil {
		out = append(out, &WindowReleased{Window: c.Window, Reason: ReleasedOpened})
	}
	return out, nil
}

func (c PauseWindow) decide(s *State, at call) ([]Body, error) {
	w, err := s.mine(c.Window, at.by)
	switch {
	case err != nil:
		return nil, err
	case w.state == Paused:
		return nil, nil
	case w.state == Closed:
		return nil, refuse(CodeWindowClosed, "%s号窗口还没有开启。", c.Window)
	case w.ticket != "":
		return nil, s.busy(w)
	}
	if c.Until != 0 && (c.Until <= at.clock || c.Until > at.clock+maxPause) { // by the clock on the wall, also where it does not fit to the journal
		return nil, refuse(CodeInvalid, "until：请填写今后 12 小时内的时间。")
	}
	return []Body{&WindowPaused{Window: c.Window, Reason: c.Reason, Until: c.Until}}, nil
}

// maxPause is the longest pause that can be announced.
const maxPause Millis = 12 * 60 * 60 * 1000

func (c HandOver) decide(s *State, at call) ([]Body, error) {
	w, err := s.mine(c.Window, at.by)
	switch {
	case err != nil:
		return nil, err
	case w.state == Closed:
		return nil, refuse(CodeWindowClosed, "%s号窗口还没有开启。", c.Window)
	case c.Clerk == "" || c.Clerk == at.by:
		return nil, refuse(CodeInvalid, "to：请选择接手的同事。")
	}
	return []Body{&WindowHandedOver{Window: c.Window, Clerk: c.Clerk, In: w.ticket}}, nil
}

func (c ResumeWindow) decide(s *State, at call) ([]Body, error) {
	w, err := s.mine(c.Window, at.by)
	switch {
	case err != nil:
		return nil, err
	case w.state == Open:
		return nil, nil
	case w.state == Closed:
		return nil, refuse(CodeWindowClosed, "%s号窗口还没有开启。", c.Window)
	}
	return []Body{&WindowResumed{Window: c.Window}}, nil
}

func (c CloseWindow) decide(s *State, at call) ([]Body, error) {
	w, err := s.mine(c.Window, at.by)
	switch {
	case err != nil:
		return nil, err
	case w.state == Closed:
		return nil, nil
	case w.ticket != "":
		return nil, s.busy(w)
	}
	out := []Body{}
	for _, t := range s.WaitingAt(c.Window) { // nobody else may call these: give them back to their field
		out = append(out, &TicketTransferred{Ticket: t.ID, Window: c.Window, Leg: t.Leg, Field: t.Field,
			Reason: reasonWindowClosed, Left: t.Remaining})
	}
	return append(out, &WindowClosed{Window: c.Window}), nil
}

func (s *State) busy(w *window) error {
	return refuse(CodeTicketInHand, "%s号窗口手上有 %s 号。请先办结、转办或过号。", w.plan.ID, s.inHand(w).Number)
}

func (c CallNext) decide(s *State, at call) ([]Body, error) {
	w, err := s.working(c.Window, at.by)
	if err != nil {
		return nil, err
	}
	if w.ticket != "" {
		return nil, s.busy(w)
	}
	t, why := s.rule.Next(s, c.Window, at.at)
	if t == nil {
		return nil, nil
	}
	return []Body{&TicketCalled{Ticket: t.ID, Window: c.Window, Clerk: w.clerk, Leg: t.Leg + 1, Why: why}}, nil
}
