package hall

// CallIdle calls for one free window, where the setting Calling.IdleCallS lets the hall do so: of those that have been free for
// so long, in the order in which a ticket is offered to free windows, the first that the rule finds somebody for. The hall itself
// gives it, when View.IdleDue says so; it is never refused.
type CallIdle struct{}

// Offerer is a Rule that knows in which order free windows are offered a ticket.
type Offerer interface {
	Free(s *State) []WindowID
}

func (CallIdle) decide(s *State, at call) ([]Body, error) {
	o, ok := s.rule.(Offerer)
	if !ok || !s.open || s.layout.Calling.IdleCallS == 0 {
		return nil, nil
	}
	for _, id := range o.Free(s) {
		w := s.Window(id)
		if !w.idleFor(s.layout.Calling.IdleCallS, at.at) {
			continue
		}
		if t, why := s.rule.Next(s, id, at.at); t != nil {
			return []Body{&TicketCalled{Ticket: t.ID, Window: id, Clerk: w.Clerk, Leg: t.Leg + 1, Why: why}}, nil
		}
	}
	return nil, nil
}

// idleFor says whether the window has been open without anybody for so many seconds.
func (w *Window) idleFor(seconds int, now Millis) bool {
	return w.State == Open && w.Ticket == nil && now-w.Free >= Millis(seconds)*1000
}

// IdleDue says whether CallIdle could find somebody now. It does not ask the rule, which may keep a window back.
func (v *View) IdleDue(now Millis) bool {
	s := v.Layout.Calling.IdleCallS
	if !v.Open || s == 0 || v.Totals.Waiting == 0 {
		return false
	}
	for i := range v.Windows {
		if w := &v.Windows[i]; w.idleFor(s, max(now, v.At)) && v.someFor(w) {
			return true
		}
	}
	return false
}

// someFor says whether anybody waits with a matter of a field that the window serves, or was sent to it.
func (v *View) someFor(w *Window) bool {
	if len(v.AtWindow[w.Plan.ID]) > 0 {
		return true
	}
	for i := range v.Queues {
		q := &v.Queues[i]
		if len(q.Waiting) > 0 && w.Plan.Serves(q.Field.ID) {
			return true
		}
		for _, t := range q.Waiting {
			if len(t.Remaining) > 1 { // its other matters may be the window's
				return true
			}
		}
	}
	return false
}
