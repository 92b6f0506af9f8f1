package hall

import (
	"regexp"
	"slices"
	"strings"
)

// TakeOffline takes in a ticket that a kiosk gave out by itself while the hall was away. The person holds the paper, so
// its number, time and place stand; only what cannot be served any more is refused.
type TakeOffline struct {
	Take
	Number   string // of the kiosk's own series: K2-001
	Day      Day    // business day of the issue
	IssuedAt Millis // by the kiosk's clock
	// UnheardEnd is the end of the status page's code of the ticket that the kiosk had asked for just before without hearing
	// the answer: should the hall have issued it, nobody holds it. Empty when there is none.
	UnheardEnd string
}

// reasonReissued marks a ticket whose holder got another number from the kiosk's own series.
const reasonReissued = "reissued_offline"

// offlineNumber is a number that no field can give: letters and digits of the kiosk, a hyphen, at least three digits.
//
//nolint:gochecknoglobals // a constant that Go cannot write
var offlineNumber = regexp.MustCompile(`^[A-Z0-9]{1,8}-[0-9]{3,5}$`)

func (c TakeOffline) decide(s *State, at call) ([]Body, error) {
	id := TicketID("")
	if len(c.Day) == len("2006-01-02") && offlineNumber.MatchString(c.Number) {
		id = MakeTicketID(c.Day, c.Number)
	}
	switch known := s.tickets[id]; {
	case id == "":
		return nil, refuse(CodeInvalid, "number：%q 不是取号机离线号段的号码。", c.Number)
	case !s.open || c.Day != s.day:
		return nil, refuse(CodeDayOver, "%s 号是 %s 取的，那一天的办理已经结束。", c.Number, c.Day)
	case known != nil && known.Track == c.Track: // delivered before; the answer was lost
		return nil, nil
	case known != nil:
		return nil, refuse(CodeNumberTaken, "%s 号今天已经有人持有。请在导服台重新取号。", c.Number)
	}
	c.Matters = slices.DeleteFunc(slices.Clone(c.Matters), func(m MatterCode) bool { return s.matters[m] == nil })
	c.Papers = nil // of the matters that the kiosk knew
	if err := c.check(s); err != nil {
		return nil, err
	}
	out, issued := c.cancelUnheard(s), min(c.IssuedAt, at.at)
	kept := c.kept(s, issued)
	//lint:ignore SA4005 what follows reads the embedded Take by its promoted fields
	c.Take = c.forAppointment(kept)
	field := s.matters[c.Matters[0]].Field
	ticket := &TicketIssued{
		Ticket: id, Number: c.Number, Field: field, Matters: c.Matters, Priority: c.Priority, Language: c.Language,
		Channel: c.Channel, PersonKind: c.PersonKind, Person: c.Person, Track: c.Track, IssuedAt: issued, Slot: c.Slot,
		Deliver: c.Deliver,
	}
	if v := s.floor.Terms.SinceFor(c.Priority.Class(), issued, c.Slot); v != issued {
		ticket.Since = v
	}
	return append(append(out, ticket), s.arrival(kept, id, issued)...), nil
}

// kept is the appointment that the person checks in by the paper, named or found by the person, at the time of its issue.
func (c TakeOffline) kept(s *State, issued Millis) *Appointment {
	if a, err := c.Take.checkIn(s, issued); c.Appointment != "" && err == nil {
		return a
	}
	return s.dueFor(c.Take, issued)
}

// cancelUnheard ends the ticket that was issued but never reached the kiosk.
func (c TakeOffline) cancelUnheard(s *State) []Body {
	for _, t := range s.sorted() {
		if c.UnheardEnd != "" && strings.HasSuffix(t.Track, c.UnheardEnd) && t.State == Waiting {
			return []Body{&TicketCancelled{Ticket: t.ID, Reason: reasonReissued}}
		}
	}
	return nil
}
