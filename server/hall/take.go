package hall

import "slices"

// Take issues a ticket. Track is an unguessable code that the caller has drawn; Person a pseudonym or empty.
type Take struct {
	Matters    []MatterCode
	Priority   Priority
	Language   string
	Channel    string
	PersonKind string
	Person     string
	Track      string
	Slot       Millis   // of an appointment that is checked in, else 0
	Deliver    bool     // comes to collect a result (出件)
	Actor      string   // self (also when empty), agent or staff
	Cases      []CaseID // that the person named; with Deliver their results must be ready
	Told       *Told    // the forecast given with it, or nil
	Papers     Papers   // what the person said of the papers, or nil

	Appointment AppointmentID // that is checked in with it; without one the person's that is due is found
	Excused     bool          // staff check it in, also early or when it counts as missed
}

// Papers are what an applicant said before queueing of the materials of each matter: those that are missing, none of them,
// or nothing where the matter does not stand.
type Papers map[MatterCode][]string

// MaxTicketMatters is how many matters one ticket may hold.
const MaxTicketMatters = 10

func (c Take) decide(s *State, at call) ([]Body, error) {
	if !s.open {
		return nil, s.notOpen()
	}
	if s.until != 0 && at.at >= s.until {
		return nil, refuse(CodeHallClosed, "今天的取号已经结束。请在下一个工作日%s再来。", s.layout.Hours.early())
	}
	kept, err := c.checkIn(s, at.at)
	if err != nil {
		return nil, err
	}
	c = c.forAppointment(kept)
	if err := c.check(s); err != nil {
		return nil, err
	}
	if err := c.withinLimits(s); err != nil && kept == nil {
		return nil, err
	}
	field := s.matters[c.Matters[0]].Field
	number := Number(field, s.issued[field]+1)
	issued := &TicketIssued{
		Ticket: MakeTicketID(s.day, number), Number: number, Field: field, Matters: c.Matters, Priority: c.Priority,
		Language: c.Language, Channel: c.Channel, PersonKind: c.PersonKind, Person: c.Person, Track: c.Track,
		Slot: c.Slot, Deliver: c.Deliver, Actor: c.Actor, Cases: c.Cases, Told: c.Told, Papers: c.Papers,
	}
	if v := s.floor.Terms.SinceFor(c.Priority.Class(), at.at, c.Slot); v != at.at {
		issued.Since = v
	}
	return append([]Body{issued}, s.arrival(kept, issued.Ticket, at.at)...), nil
}

func (c Take) check(s *State) error {
	if len(c.Matters) == 0 {
		return refuse(CodeInvalid, "matters：请至少选择一个事项。")
	}
	if len(c.Matters) > MaxTicketMatters {
		return refuse(CodeInvalid, "matters：一张号票最多办理 %d 个事项。", MaxTicketMatters)
	}
	for i, m := range c.Matters {
		if s.matters[m] == nil {
			return refuse(CodeUnknownMatter, "matters[%d]：目录里没有事项 %q。", i, m)
		}
		if slices.Contains(c.Matters[:i], m) {
			return refuse(CodeInvalid, "matters[%d]：事项 %s 选了两次。", i, m)
		}
	}
	switch c.Priority {
	case Ordinary, ByAppointment, Elderly, Disabled, Pregnant, Military:
	default:
		return refuse(CodeInvalid, "priority：没有 %q 这一类。", c.Priority)
	}
	switch c.Language {
	case "zh", "ug", "kk", "en":
	default:
		return refuse(CodeInvalid, "language：没有 %q 这种语言。", c.Language)
	}
	if err := checkActor(c.Actor); err != nil {
		return err
	}
	if err := c.checkPapers(s); err != nil {
		return err
	}
	return c.checkCases(s)
}

// checkPapers refuses papers of another matter, and ones that the matter does not ask for.
func (c Take) checkPapers(s *State) error {
	for m, missing := range c.Papers {
		if !slices.Contains(c.Matters, m) {
			return refuse(CodeInvalid, "papers：号票不办理事项 %s。", m)
		}
		for _, item := range missing {
			if !slices.Contains(s.matters[m].Materials, item) {
				return refuse(CodeInvalid, "papers：事项 %s 不需要“%s”。", m, item)
			}
		}
	}
	return nil
}

// checkCases refuses a case that the hall does not know as open, and somebody who comes to collect what is not ready.
func (c Take) checkCases(s *State) error {
	for i, id := range c.Cases {
		k := s.Case(id)
		switch {
		case k == nil:
			return refuse(CodeNotFound, "cases[%d]：没有正在办理的办件 %s。请核对办件编号。", i, id)
		case !slices.Contains(c.Matters, k.Matter):
			return refuse(CodeInvalid, "cases[%d]：办件 %s 办理的是事项 %s。", i, id, k.Matter)
		case c.Deliver && k.DecidedAt == 0:
			return refuse(CodeCaseState, "cases[%d]：办件 %s 还没有办好，暂时不能领取。", i, id)
		}
	}
	return nil
}
