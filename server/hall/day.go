package hall

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// OpenDay begins a business day. IssueUntil is the moment from which no ticket is issued any more. Given is what the journal
// has of that day already: its numbers go on from there.
type OpenDay struct {
	Day        Day
	IssueUntil Millis
	Given      Given
}

func (c OpenDay) decide(s *State, at call) ([]Body, error) {
	if len(s.layout.Matters) == 0 {
		return nil, refuse(CodeNoCatalogue, "还没有事项目录。请先用 yitang import 导入。")
	}
	if _, err := time.Parse(time.DateOnly, string(c.Day)); err != nil {
		return nil, refuse(CodeInvalid, "day：%q 不是 YYYY-MM-DD 格式的日期。", c.Day)
	}
	if s.open {
		return nil, refuse(CodeDayOpen, "营业日 %s 尚未结束。请先结束它。", s.day)
	}
	if clockOf(s.day, s.at, at.clock) == ClockAhead {
		return nil, refuse(CodeClockAhead, "本机时钟到了 %s，而上一营业日是 %s。请校正时钟；时钟没错的话，请系统管理员在 /admin 确认日期。", c.Day, s.day)
	}
	if c.Day <= s.day {
		return nil, refuse(CodeInvalid, "营业日 %s 已经有过。新的一天必须在 %s 之后。", c.Day, s.day)
	}
	return append(append(s.begin(), s.skipped(c.Day)...), &DayOpened{IssueUntil: c.IssueUntil, Given: c.Given}), nil
}

// CloseDay ends the business day: tickets that still wait are abandoned, called ones missed, the ones being served
// finished without an outcome, windows closed. Each is an event of its own.
type CloseDay struct{}

// notOpen says why there is no open day, and what to do: somebody ended it, who may have erred, or its time has not come.
func (s *State) notOpen() error {
	from := s.layout.Hours.early()
	if s.byHand() {
		_, user, _ := strings.Cut(string(s.endedBy), ":") // after its role
		return refuse(CodeHallClosed, "%s 的营业已由 %s 提前结束。如果结束错了，请管理人员在当天恢复营业；否则请在下一个工作日%s再来。", s.day, cmp.Or(user, string(s.endedBy)), from)
	}
	if from == "" {
		return refuse(CodeHallClosed, "大厅现在没有营业。请咨询导服台。")
	}
	return refuse(CodeHallClosed, "大厅现在没有营业。工作日%s取号。", from)
}

func (s *State) byHand() bool { return s.endedBy != "" && s.endedBy != System }

// reasonDayClosed marks what the end of the day ended, not a person.
const reasonDayClosed = "day_closed"

func (CloseDay) decide(s *State, at call) ([]Body, error) {
	if !s.open {
		return nil, refuse(CodeHallClosed, "营业日已经结束。")
	}
	var out []Body
	for _, t := range s.sorted() {
		switch t.State {
		case Waiting, Held:
			out = append(out, &TicketAbandoned{Ticket: t.ID, Reason: reasonDayClosed})
		case Called:
			out = append(out, &TicketMissed{Ticket: t.ID, Window: t.Window, Leg: t.Leg, Reason: reasonDayClosed})
		case Serving:
			out = append(out, &TicketFinished{Ticket: t.ID, Window: t.Window, Leg: t.Leg})
		}
	}
	for _, id := range s.order {
		if s.windows[id].state != Closed {
			out = append(out, &WindowClosed{Window: id})
		}
		if s.windows[id].asked != nil {
			out = append(out, &WindowReleased{Window: id, Reason: ReleasedDay})
		}
	}
	return append(append(out, s.endAppointments(at.at)...), &DayClosed{}), nil
}

// ReopenDay takes the end of the business day back (恢复营业), on the same day: whoever still waited or was held then waits or is
// held again in the old place, and the numbers go on. What the end did beside stays: windows are closed, a ticket that had been
// called is a no-show, one that was being served is finished, and appointments that were called off stay so. Day is the one that
// the clock shows.
type ReopenDay struct{ Day Day }

func (c ReopenDay) decide(s *State, _ call) ([]Body, error) {
	switch {
	case s.open:
		return nil, refuse(CodeDayOpen, "营业日 %s 没有结束，不需要恢复。", s.day)
	case s.day == "":
		return nil, refuse(CodeHallClosed, "还没有开始过营业日，没有可以恢复的。")
	case c.Day != s.day:
		return nil, refuse(CodeTooLate, "营业日 %s 已经过去，今天是 %s，不能再恢复。", s.day, c.Day)
	}
	out := []Body{&DayReopened{}}
	for _, t := range s.sorted() {
		if t.State == Abandoned && t.Note == reasonDayClosed && s.stillServed(t) {
			out = append(out, &TicketReactivated{Ticket: t.ID, Reopened: true})
			if t.wasHeld() {
				out[len(out)-1] = &TicketReactivated{Ticket: t.ID, For: t.For, Reopened: true, Held: true}
			}
		}
	}
	return out, nil
}

// stillServed says whether the layout still has the ticket's field and matters: it may have been changed since the ticket ended.
func (s *State) stillServed(t *Ticket) bool {
	return s.hasField(t.Field) && !slices.ContainsFunc(t.Remaining, func(m MatterCode) bool { return s.matters[m] == nil })
}

// mayComeBack refuses a ticket that nobody could serve any more.
func (s *State) mayComeBack(t *Ticket) error {
	if s.stillServed(t) {
		return nil
	}
	return refuse(CodeEnded, "%s 号的事项已不在目录里，不能恢复。请重新取号。", t.Number)
}

// wasHeld says whether the day ended while the ticket was held: one that waits has no call.
func (t *Ticket) wasHeld() bool { return t.CalledAt > 0 || t.sentOn }

// sorted lists the day's tickets by issue, so that decisions do not depend on a map's order.
func (s *State) sorted() []*Ticket {
	list := make([]*Ticket, 0, len(s.tickets))
	for _, t := range s.tickets {
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b *Ticket) int { return cmp.Compare(a.Order, b.Order) })
	return list
}
