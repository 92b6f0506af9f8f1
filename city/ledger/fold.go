package ledger

import (
	"slices"
	"strings"
	"time"

	"yitang/server/hall"
)

// ticket is a ticket as the ledger keeps it, JSON in tickets.body: what its events say about where it was, and for what.
type ticket struct {
	ID       hall.TicketID     `json:"-"`
	Field    hall.FieldID      `json:"f,omitempty"`
	Matters  []hall.MatterCode `json:"m,omitempty"`
	Person   string            `json:"-"`
	Actor    string            `json:"a,omitempty"`
	Channel  string            `json:"c,omitempty"`
	State    hall.TicketState  `json:"s"`
	From     hall.TicketID     `json:"o,omitempty"`
	IssuedAt hall.Millis       `json:"i"`
	Since    hall.Millis       `json:"w,omitempty"` // from when the wait counts, where not from the issue
	EndedAt  hall.Millis       `json:"e,omitempty"`
	Legs     []leg             `json:"l,omitempty"`
	Visits   []hall.LegVisit   `json:"v,omitempty"`
}

// leg is one service of a ticket.
type leg struct {
	Leg       int           `json:"l"`
	Window    hall.WindowID `json:"w"`
	Clerk     hall.Actor    `json:"k"`
	CalledAt  hall.Millis   `json:"c"`
	StartedAt hall.Millis   `json:"s,omitempty"`
	EndedAt   hall.Millis   `json:"e,omitempty"`
	BackAt    hall.Millis   `json:"b,omitempty"` // of a ticket that was sent on for later
	End       string        `json:"x,omitempty"` // finished, transferred, held or no_show
}

// touched are the tickets that an event changes.
func touched(e *hall.Event) []hall.TicketID {
	switch b := e.Body.(type) {
	case *hall.CaseStarted:
		return b.Attempts
	case *hall.CaseLinked:
		return []hall.TicketID{b.Of}
	}
	if t := e.Subject(); t != "" {
		return []hall.TicketID{t}
	}
	return nil
}

// after is the ticket after an event about it; t is not changed, and nil before its issue.
func (t *ticket) after(e *hall.Event) *ticket {
	if b, ok := e.Body.(*hall.TicketIssued); ok {
		n := &ticket{ID: b.Ticket, Field: b.Field, Matters: b.Matters, Person: b.Person, Actor: b.Actor, Channel: b.Channel,
			State: hall.Waiting, From: b.From, IssuedAt: b.IssuedAt, Since: b.Since}
		if n.IssuedAt == 0 {
			n.IssuedAt = e.At
		}
		if n.Actor == "" {
			n.Actor = "self"
		}
		return n
	}
	if t == nil { // of a journal whose beginning retention has taken away
		return nil
	}
	n := *t
	n.Legs, n.Visits = slices.Clone(t.Legs), slices.Clone(t.Visits)
	if !n.served(e) {
		n.moved(e)
	}
	return &n
}

// served follows what happens at the window.
func (t *ticket) served(e *hall.Event) bool {
	switch b := e.Body.(type) {
	case *hall.TicketCalled:
		t.State = hall.Called
		t.Legs = append(t.Legs, leg{Leg: b.Leg, Window: b.Window, Clerk: b.Clerk, CalledAt: e.At})
	case *hall.TicketStarted:
		t.State = hall.Serving
		if l := t.leg(b.Leg); l != nil {
			l.StartedAt = e.At
		}
	case *hall.TicketFinished:
		t.State, t.EndedAt = hall.Done, e.At
		t.end(b.Leg, finishedAt(e, b), "finished")
		t.visit(b.Leg, b.Outcomes)
	case *hall.TicketReopened:
		t.State, t.EndedAt = hall.Serving, 0
		if l := t.leg(b.Leg); l != nil {
			l.EndedAt, l.End = 0, ""
		}
		t.Visits = slices.DeleteFunc(t.Visits, func(v hall.LegVisit) bool { return v.Leg == b.Leg })
	case *hall.TicketHeld:
		t.State, t.EndedAt = hall.Held, e.At
		t.end(b.Leg, e.At, "held")
	case *hall.TicketResumed:
		if t.State, t.EndedAt = hall.Waiting, 0; b.Serving {
			t.State = hall.Serving
			t.back(b.Leg-1, e.At)
			t.Legs = append(t.Legs, leg{Leg: b.Leg, Window: b.Window, Clerk: e.Actor, CalledAt: e.At, StartedAt: e.At})
		} else {
			t.back(b.Leg, e.At)
		}
	case *hall.TicketMissed:
		t.State, t.EndedAt = hall.NoShow, e.At
		t.end(b.Leg, e.At, "no_show")
	default:
		return false
	}
	return true
}

// moved follows the rest.
func (t *ticket) moved(e *hall.Event) {
	switch b := e.Body.(type) {
	case *hall.TicketTransferred:
		if t.State, t.Field = hall.Waiting, b.Field; b.Later {
			t.State, t.EndedAt = hall.Held, e.At
		}
		t.end(b.Leg, e.At, "transferred")
		t.visit(b.Leg, b.Outcomes)
	case *hall.TicketReactivated:
		if t.State, t.EndedAt = hall.Waiting, 0; b.Held {
			t.State, t.EndedAt = hall.Held, e.At
		}
	case *hall.TicketCancelled:
		t.State, t.EndedAt = hall.Cancelled, e.At
	case *hall.TicketAbandoned:
		t.State, t.EndedAt = hall.Abandoned, e.At
	case *hall.TicketIdentified:
		if t.Person = b.Person; b.Actor != "" {
			t.Actor = b.Actor
		}
	case *hall.CaseStarted: // tickets that ended unserved before
		t.Visits = append(t.Visits, hall.LegVisit{Matter: b.Matter, Case: b.Case, Purpose: hall.Apply})
	case *hall.CaseLinked:
		for i := range t.Visits {
			if v := &t.Visits[i]; v.Leg == b.Leg && v.Matter == b.Matter {
				v.Case, v.Purpose = b.Case, b.Purpose
			}
		}
	}
}

func (t *ticket) leg(n int) *leg {
	for i := range t.Legs {
		if t.Legs[i].Leg == n {
			return &t.Legs[i]
		}
	}
	return nil
}

// end ends a leg, once: a transfer after the end of a service moves the ticket, not the leg.
func (t *ticket) end(n int, at hall.Millis, how string) {
	if l := t.leg(n); l != nil && l.End == "" {
		l.EndedAt, l.End = at, how
	}
}

// finishedAt is when a service ended as far as anybody knows: without outcomes it was not a person who ended it but the day.
func finishedAt(e *hall.Event, b *hall.TicketFinished) hall.Millis {
	if len(b.Outcomes) == 0 {
		return 0
	}
	return e.At
}

// unended says whether nobody knows when the leg ended.
func (l *leg) unended() bool { return l.End != "" && l.EndedAt == 0 }

// back notes when a ticket that was sent on for later was back.
func (t *ticket) back(n int, at hall.Millis) {
	if l := t.leg(n); l != nil && l.End == "transferred" {
		l.BackAt = at
	}
}

func (t *ticket) visit(n int, outcomes []hall.Outcome) {
	for _, o := range outcomes {
		t.Visits = append(t.Visits, hall.LegVisit{Leg: n, Matter: o.Matter, Case: o.Case, Purpose: o.Purpose})
	}
}

// stays are the ticket's rows, by the same rules as in the hall.
func (t *ticket) stays() []*hall.TicketRow {
	of := &hall.Ticket{ID: t.ID, From: t.From, IssuedAt: t.IssuedAt, EndedAt: t.EndedAt, Person: t.Person, Actor: t.Actor,
		Channel: t.Channel, Matters: t.Matters, State: t.State}
	legs := make([]hall.Service, len(t.Legs))
	for i, l := range t.Legs {
		legs[i] = hall.Service{Leg: l.Leg, Window: l.Window, Clerk: l.Clerk, CalledAt: l.CalledAt, StartedAt: l.StartedAt, EndedAt: l.EndedAt, End: l.End, BackAt: l.BackAt}
	}
	return hall.Stays(of, legs, t.Visits)
}

// unnumbered is the day of what has none in its number.
const unnumbered = "1970-01-01"

// dayOf is the day that a number of a ticket or a case begins with, as YYYY-MM-DD.
func dayOf(id string) string {
	if day, _, ok := strings.Cut(id, "-"); ok && len(day) == 8 {
		if t, err := time.Parse("20060102", day); err == nil {
			return t.Format(time.DateOnly)
		}
	}
	return unnumbered
}
