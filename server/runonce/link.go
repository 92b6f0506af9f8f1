package runonce

import (
	"slices"
	"time"

	"yitang/server/hall"
)

// correctionDays is for how many calendar days after its closing a case may still be corrected.
const correctionDays = 30

// owner is by what a ticket that names no case finds one.
type owner struct {
	party  Party
	matter hall.MatterCode
}

// Linker finds the case of a ticket that names none. Whether a ticket finds a case does not depend on the report day:
// a case that is opened or closed later than the ticket's day is the same case for it.
type Linker struct {
	zone  *time.Location
	spans map[owner][]openSpan
}

// openSpan is a case's days, both inclusive.
type openSpan struct {
	id             CaseID
	openedAt       hall.Millis
	opened, closed dayNo
}

const never = dayNo(1<<31 - 1)

// NewLinker knows the cases.
func NewLinker(zone *time.Location, cases []Case) *Linker {
	l := &Linker{zone: zone, spans: map[owner][]openSpan{}}
	for i := range cases {
		l.add(&cases[i])
	}
	for _, spans := range l.spans { // the one opened last first
		slices.SortFunc(spans, func(a, b openSpan) int {
			if a.openedAt != b.openedAt {
				return int(max(-1, min(1, b.openedAt-a.openedAt)))
			}
			return compare(b.id, a.id)
		})
	}
	return l
}

func (l *Linker) add(c *Case) {
	span := openSpan{id: c.ID, openedAt: c.OpenedAt, opened: dayOf(l.zone, c.OpenedAt), closed: never}
	if at := ClosedAt(c); at != 0 {
		span.closed = dayOf(l.zone, at)
	}
	for i, p := range []Party{c.Subject, c.Agent} {
		if p != "" && (i == 0 || p != c.Subject) {
			k := owner{p, c.Matter}
			l.spans[k] = append(l.spans[k], span)
		}
	}
}

func last[T any](list []T) T { return list[len(list)-1] }

// Resolve fills the links of a ticket that names no case; it leaves a ticket alone that names one.
func (l *Linker) Resolve(t *Ticket) {
	if len(t.Links) > 0 || t.Person == "" {
		return
	}
	for i, m := range t.Matters {
		purpose := Purpose(0)
		switch len(t.Purposes) {
		case 0:
		case len(t.Matters):
			purpose = t.Purposes[i]
		default:
			purpose = t.Purposes[0]
		}
		if id := l.find(owner{t.Person, m}, dayOf(l.zone, t.IssuedAt), purpose); id != "" {
			t.Links, t.Resolved = append(t.Links, Link{Case: id, Purpose: purpose}), true
		}
	}
}

func (l *Linker) find(k owner, day dayNo, p Purpose) CaseID {
	for _, s := range l.spans[k] {
		until := s.closed
		if p == Correct && until != never {
			until += correctionDays
		}
		if s.opened <= day && day <= until {
			return s.id
		}
	}
	return ""
}

// ClosedAt is when a case closed, 0 while it is open or nobody knows. What never was a case to be decided (withdrawn, no
// authority, test, void) closed at the latest time known of it.
func ClosedAt(c *Case) hall.Millis {
	switch c.End {
	case Delivered, Refused:
		return c.ClosedAt
	case Withdrawn, NoAuthority, Test, Void:
		if c.ClosedAt != 0 {
			return c.ClosedAt
		}
		return max(c.OpenedAt, c.AcceptedAt, c.DecidedAt)
	}
	return 0
}

func compare[T ~string](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
