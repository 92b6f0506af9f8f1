package hall

import (
	"cmp"
	"slices"

	"yitang/server/workday"
)

// Desk is how a hall wants its windows to work: settings of the layout. The zero value asks for nothing: a ticket may be
// called again at once and any number of times, and missed at any moment.
type Desk struct {
	Calls         int    `json:"calls,omitempty"`           // a ticket is called so often, the first call included; 0 = no limit
	RecallEveryS  int    `json:"recall_every_s,omitempty"`  // seconds between two calls of a ticket
	LastCallFirst bool   `json:"last_call_first,omitempty"` // a no-show (过号) only after the last call
	RatingDays    int    `json:"rating_days,omitempty"`     // working days to close a bad rating; 0 = 5
	YellowDays    int    `json:"yellow_days,omitempty"`     // a case is yellow with so many working days left; 0 = 3
	RedDays       int    `json:"red_days,omitempty"`        // and red; 0 = 1
	Bureau        string `json:"bureau,omitempty"`          // decides transferred matters and holds the one seal; empty = 行政审批局
}

// DefaultDesk is what a hall begins with: called three times 20 s apart, then a no-show; bad ratings closed within five
// working days.
func DefaultDesk() Desk {
	return Desk{Calls: 3, RecallEveryS: 20, LastCallFirst: true, RatingDays: 5, YellowDays: 3, RedDays: 1, Bureau: "行政审批局"}
}

// ratingDays, and the next ones, are settings with their values where the layout has none.
func (d Desk) ratingDays() int { return cmp.Or(d.RatingDays, DefaultDesk().RatingDays) }

// Warn is with how many working days left a case turns yellow, and red.
func (d Desk) Warn() (yellow, red int) {
	return cmp.Or(d.YellowDays, DefaultDesk().YellowDays), cmp.Or(d.RedDays, DefaultDesk().RedDays)
}

// Seals is who decides a matter and seals the decision, unless somebody says otherwise: the bureau for transferred ones
// (一枚印章管审批), else the matter's department.
func (l *Layout) Seals(m *Matter) string {
	if m.Transferred {
		return cmp.Or(l.Desk.Bureau, DefaultDesk().Bureau)
	}
	return m.Department
}

// Departments lists the bureau and every department that a matter belongs to.
func (l *Layout) Departments() []string {
	list := []string{cmp.Or(l.Desk.Bureau, DefaultDesk().Bureau)}
	for i := range l.Matters {
		if d := l.Matters[i].Department; d != "" && !slices.Contains(list, d) {
			list = append(list, d)
		}
	}
	return list
}

// Workdays is the hall's calendar: the embedded years and those of its own lists.
func (l *Layout) Workdays() workday.Calendar { return workday.Default().With(l.Calendar...) }

// pauseBetween refuses a call, or a no-show, that comes too soon after the call before. While the hall's time stands still, since
// the clock does not fit to the journal, nobody knows how soon it is.
func (s *State) pauseBetween(t *Ticket, at call) error {
	wait := t.lastCallAt + Millis(s.layout.Desk.RecallEveryS)*1000 - at.at
	if wait <= 0 || clockOf(s.day, s.at, at.clock) != ClockRight {
		return nil
	}
	return refuse(CodeTooSoon, "%s 号刚刚呼叫过。请在 %d 秒后再试。", t.Number, (wait+999)/1000)
}

// mayRecall refuses a call beyond the limit.
func (s *State) mayRecall(t *Ticket, at call) error {
	if n := s.layout.Desk.Calls; n > 0 && t.Calls >= n {
		return refuse(CodeRecallLimit, "%s 号已呼叫 %d 次，不能再呼叫。请办理或过号。", t.Number, t.Calls)
	}
	return s.pauseBetween(t, at)
}

// mayMiss refuses a no-show before the last call.
func (s *State) mayMiss(t *Ticket, at call) error {
	d := s.layout.Desk
	if !d.LastCallFirst {
		return nil
	}
	if t.Calls < d.Calls {
		return refuse(CodeRecallFirst, "%s 号只呼叫了 %d 次。呼叫满 %d 次后才能过号。", t.Number, t.Calls, d.Calls)
	}
	return s.pauseBetween(t, at)
}
