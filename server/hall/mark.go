package hall

import "slices"

// MarkPriority gives a ticket that has not been called another class: staff have seen the proof, which is not kept. Who
// marked it stands in the journal as the actor.
type MarkPriority struct {
	Ticket   TicketID
	Priority Priority
}

// TicketMarked says that somebody verified a priority class, or took one back.
type TicketMarked struct {
	Ticket   TicketID `json:"ticket"`
	Priority Priority `json:"priority"`
	Was      Priority `json:"was"`
}

// Markable are the classes that staff may give.
func Markable() []Priority { return []Priority{Ordinary, Elderly, Disabled, Pregnant, Military} }

func (c MarkPriority) decide(s *State, _ call) ([]Body, error) {
	if !slices.Contains(Markable(), c.Priority) {
		return nil, refuse(CodeInvalid, "priority：不能标记为 %q。", c.Priority)
	}
	t, err := s.ticket(c.Ticket)
	switch {
	case err != nil:
		return nil, err
	case t.State == Called || t.State == Serving:
		return nil, refuse(CodeInHand, "%s 号正在 %s 号窗口，不用再标记。", t.Number, t.Window)
	case t.State != Waiting && t.State != Held && !(t.State == NoShow && s.open):
		return nil, refuse(CodeEnded, "%s 号已经结束。", t.Number)
	}
	class := c.Priority
	if class == Ordinary && t.Slot != 0 { // an appointment stays one
		class = ByAppointment
	}
	if class == t.Priority {
		return nil, nil
	}
	return []Body{&TicketMarked{Ticket: t.ID, Priority: class, Was: t.Priority}}, nil
}

// Kind names the body in the journal.
func (*TicketMarked) Kind() Kind { return KindTicketMarked }

func (b *TicketMarked) subject() TicketID { return b.Ticket }

func (b *TicketMarked) apply(s *State, _ *Event) {
	s.edit(b.Ticket, func(t *Ticket) { t.Priority = b.Priority })
}
