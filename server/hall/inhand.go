package hall

import (
	"cmp"
	"maps"
	"slices"
)

func (c Recall) decide(s *State, at call) ([]Body, error) {
	_, t, err := s.holder(c.Window, at.by)
	if err != nil {
		return nil, err
	}
	if t.State == Serving {
		return nil, s.serving(t)
	}
	if err := s.mayRecall(t, at); err != nil {
		return nil, err
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
	if err := s.mayMiss(t, at); err != nil {
		return nil, err
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
		Department: c.Department, Later: c.Later, Reason: c.Reason, Left: t.Remaining}
	targets := 0
	for _, set := range []bool{c.Field != "", c.To != "", c.Department != ""} {
		if set {
			targets++
		}
	}
	if targets != 1 {
		return nil, refuse(CodeInvalid, "请选择转到哪个领域、哪个窗口或哪个部门（三者选一）。")
	}
	if c.Department != "" {
		f, ok := s.fieldOf(c.Department)
		if !ok {
			return nil, refuse(CodeNotFound, "没有部门 %q。", c.Department)
		}
		moved.Field = f
		return []Body{moved}, nil
	}
	if err := s.reachable(c.Window, c.Field, c.To, c.Later); err != nil {
		return nil, err
	}
	if c.To != "" {
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

// reachable refuses a field or a window that a ticket cannot be sent to from a window, now or later.
func (s *State) reachable(from WindowID, f FieldID, to WindowID, later bool) error {
	switch {
	case to == from:
		return refuse(CodeInvalid, "不能转到本窗口。")
	case f != "" && !s.hasField(f):
		return refuse(CodeNotFound, "没有领域 %s。", f)
	case to == "":
		return nil
	}
	w := s.windows[to]
	if w == nil {
		return refuse(CodeNotFound, "没有 %s 号窗口。", to)
	}
	if w.state == Closed && !later {
		return refuse(CodeWindowClosed, "%s号窗口没有开启，不能转去。", to)
	}
	return nil
}

// fieldOf is the field whose windows serve a department's matters.
func (s *State) fieldOf(department string) (FieldID, bool) {
	i := slices.IndexFunc(s.layout.Matters, func(m Matter) bool { return m.Department == department })
	if department == "" || i < 0 {
		return "", false
	}
	return s.layout.Matters[i].Field, true
}

func (c Split) decide(s *State, at call) ([]Body, error) {
	_, t, err := s.holder(c.Window, at.by)
	if err != nil {
		return nil, err
	}
	if err := c.check(s, t, at.at); err != nil {
		return nil, err
	}
	field := s.matters[c.Matters[0]].Field
	number := Number(field, s.issued[field]+1)
	into := &TicketIssued{
		Ticket: MakeTicketID(s.day, number), Number: number, Field: cmp.Or(c.Field, field), Matters: c.Matters,
		Priority: t.Priority, Language: t.Language, Channel: t.Channel, PersonKind: t.PersonKind, Person: t.Person,
		Track: c.Track, Actor: t.Actor, From: t.ID, Since: t.Since, To: c.To, Deliver: t.Deliver,
		Cases: t.Cases, Papers: maps.Clone(t.Papers),
	}
	maps.DeleteFunc(into.Papers, func(m MatterCode, _ []string) bool { return !slices.Contains(c.Matters, m) })
	return []Body{into, &TicketSplit{Ticket: t.ID, Window: c.Window, Into: into.Ticket, Matters: c.Matters, Reason: c.Reason}}, nil
}

func (c Split) check(s *State, t *Ticket, _ Millis) error {
	if t.State != Serving {
		return refuse(CodeNotStarted, "%s 号还没有开始办理。请先开始。", t.Number)
	}
	if len(c.Matters) == 0 || len(c.Matters) >= len(t.Remaining) {
		return refuse(CodeInvalid, "matters：请选择分出去的事项，并至少留下一项在本窗口办理。")
	}
	for i, m := range c.Matters {
		if !slices.Contains(t.Remaining, m) || slices.Contains(c.Matters[:i], m) {
			return refuse(CodeInvalid, "matters[%d]：%s 号没有待办事项 %q，或写了两次。", i, t.Number, m)
		}
	}
	if c.Field != "" && c.To != "" {
		return refuse(CodeInvalid, "请选择转到哪个领域或哪个窗口（二者选一）。")
	}
	return s.reachable(c.Window, c.Field, c.To, false)
}

func (c Identify) decide(s *State, at call) ([]Body, error) {
	_, t, err := s.holder(c.Window, at.by)
	if err != nil {
		return nil, err
	}
	if c.Person == "" || c.PersonKind != "id" && c.PersonKind != "company" {
		return nil, refuse(CodeInvalid, "person：请读取证件，或输入号码。")
	}
	if err := checkActor(c.Actor); err != nil {
		return nil, err
	}
	if t.Person == c.Person && (c.Actor == "" || c.Actor == t.Actor) {
		return nil, nil
	}
	return []Body{&TicketIdentified{Ticket: t.ID, Window: c.Window, PersonKind: c.PersonKind, Person: c.Person, Actor: c.Actor}}, nil
}

func checkActor(actor string) error {
	switch actor {
	case "", "self", "agent", "staff":
		return nil
	}
	return refuse(CodeInvalid, "actor：%q 不是 self、agent 或 staff。", actor)
}
