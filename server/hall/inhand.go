package hall

import "slices"

func (c Recall) decide(s *State, at call) ([]Body, error) {
	_, t, err := s.holder(c.Window, at.by)
	if err != nil {
		return nil, err
	}
	if t.State == Serving {
		return nil, s.serving(t)
	}
	return []Body{&TicketRecalled{Ticket: t.ID, Window: c.Window, Calls: t.Calls + 1}}, nil
}

func (s *State) serving(t *Ticket) error {
	return refuse(CodeAlreadyServing, "%s 号已经开始办理。", t.Number)
}

func (c Start) decide(s *State, at call) ([]Body, error) {
	_, t, err := s.holder(c.Window, at.by)
	if err != nil {
		return nil, err
	}
	if t.State == Serving {
		return nil, s.serving(t)
	}
	return []Body{&TicketStarted{Ticket: t.ID, Window: c.Window, Leg: t.Leg}}, nil
}

func (c Miss) decide(s *State, at call) ([]Body, error) {
	_, t, err := s.holder(c.Window, at.by)
	if err != nil {
		return nil, err
	}
	if t.State == Serving {
		return nil, s.serving(t)
	}
	return []Body{&TicketMissed{Ticket: t.ID, Window: c.Window, Leg: t.Leg}}, nil
}

func (c Hold) decide(s *State, at call) ([]Body, error) {
	_, t, err := s.holder(c.Window, at.by)
	if err != nil {
		return nil, err
	}
	if t.State != Serving {
		return nil, refuse(CodeNotStarted, "%s 号还没有开始办理。请先开始。", t.Number)
	}
	return []Body{&TicketHeld{Ticket: t.ID, Window: c.Window, Leg: t.Leg, Reason: c.Reason}}, nil
}

func (c Transfer) decide(s *State, at call) ([]Body, error) {
	_, t, err := s.holder(c.Window, at.by)
	if err != nil {
		return nil, err
	}
	moved := &TicketTransferred{Ticket: t.ID, Window: c.Window, Leg: t.Leg, Field: c.Field, To: c.To,
		Reason: c.Reason, Left: t.Remaining}
	switch {
	case (c.Field == "") == (c.To == ""):
		return nil, refuse(CodeInvalid, "请选择转到哪个领域或哪个窗口（二者选一）。")
	case c.To == c.Window:
		return nil, refuse(CodeInvalid, "不能转到本窗口。")
	case c.Field != "" && !s.hasField(c.Field):
		return nil, refuse(CodeNotFound, "没有领域 %s。", c.Field)
	case c.To != "":
		to := s.windows[c.To]
		if to == nil {
			return nil, refuse(CodeNotFound, "没有 %s 号窗口。", c.To)
		}
		if to.state == Closed {
			return nil, refuse(CodeWindowClosed, "%s号窗口没有开启，不能转去。", c.To)
		}
		moved.Field = t.Field
	}
	return []Body{moved}, nil
}

// reasonNextMatter marks the way to the next window of a ticket with several matters.
const reasonNextMatter = "next_matter"

// nextField is where the ticket goes on with the matters that are left.
func (s *State) nextField(t *Ticket, left []MatterCode) FieldID {
	if p, ok := s.rule.(Planner); ok {
		return s.matters[p.Leg(s, left, t.Deliver)].Field
	}
	return s.matters[left[0]].Field
}

// OutcomeDone is the outcome of a matter when the clerk names none.
const OutcomeDone = "done"

// outcomes are the words that a matter may end with.
func outcomes() []string {
	return []string{"accepted", OutcomeDone, "incomplete", "consultation", "collected", "withdrawn"}
}

func (c Finish) decide(s *State, at call) ([]Body, error) {
	w, t, err := s.holder(c.Window, at.by)
	if err != nil {
		return nil, err
	}
	results, err := c.results(s, w, t)
	if err != nil {
		return nil, err
	}
	left := slices.DeleteFunc(slices.Clone(t.Remaining), func(m MatterCode) bool {
		return slices.ContainsFunc(results, func(o Outcome) bool { return o.Matter == m })
	})
	var out []Body
	if t.State != Serving { // the clerk went on without pressing start
		out = append(out, &TicketStarted{Ticket: t.ID, Window: c.Window, Leg: t.Leg, Implied: true})
	}
	if len(left) == 0 {
		return append(out, &TicketFinished{Ticket: t.ID, Window: c.Window, Leg: t.Leg, Outcomes: results}), nil
	}
	return append(out, &TicketTransferred{Ticket: t.ID, Window: c.Window, Leg: t.Leg, Field: s.nextField(t, left),
		Reason: reasonNextMatter, Outcomes: results, Left: left}), nil
}

// results checks the outcomes, or makes them: every remaining matter that the window may serve is done.
func (c Finish) results(s *State, w *window, t *Ticket) ([]Outcome, error) {
	if len(c.Outcomes) == 0 {
		return s.allDone(w, t), nil
	}
	for i, o := range c.Outcomes {
		switch {
		case !slices.Contains(t.Remaining, o.Matter):
			return nil, refuse(CodeInvalid, "outcomes[%d]：%s 号没有待办事项 %q。", i, t.Number, o.Matter)
		case !slices.Contains(outcomes(), o.Outcome):
			return nil, refuse(CodeInvalid, "outcomes[%d]：没有 %q 这种结果。", i, o.Outcome)
		case slices.ContainsFunc(c.Outcomes[:i], func(p Outcome) bool { return p.Matter == o.Matter }):
			return nil, refuse(CodeInvalid, "outcomes[%d]：事项 %s 写了两次。", i, o.Matter)
		}
	}
	return c.Outcomes, nil
}

func (s *State) allDone(w *window, t *Ticket) []Outcome {
	var out []Outcome
	for _, m := range t.Remaining {
		if s.serves(w, s.matters[m], t.Deliver) {
			out = append(out, Outcome{Matter: m, Outcome: OutcomeDone})
		}
	}
	if len(out) == 0 { // transferred to this window by hand: it served what it was sent
		for _, m := range t.Remaining {
			out = append(out, Outcome{Matter: m, Outcome: OutcomeDone})
		}
	}
	return out
}
