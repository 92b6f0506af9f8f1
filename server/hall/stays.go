package hall

import (
	"cmp"
	"fmt"
	"slices"
)

// LegVisit ties one leg of a ticket to a case, or says what the person had come for.
type LegVisit struct {
	Leg     int        `json:"leg"` // 0: the ticket was never served
	Matter  MatterCode `json:"matter"`
	Case    CaseID     `json:"case,omitempty"`
	Purpose Purpose    `json:"purpose,omitempty"`
}

// Stays are a ticket's rows as the exchange files know tickets: a hold or a reactivation goes on in the same row, a
// transfer begins a new one. Legs are those that were called, in order. Of the ticket its ID, From, IssuedAt, EndedAt, Person,
// Actor, Channel, Matters and State are read.
func Stays(t *Ticket, legs []Service, visits []LegVisit) []*TicketRow {
	w := stays{ticket: t, visits: visits}
	for i := range legs {
		w.add(&legs[i])
	}
	return w.end()
}

// stays gathers the legs of one ticket into rows.
type stays struct {
	ticket *Ticket
	visits []LegVisit
	row    *TicketRow   // being gathered; nil between two stays
	legs   []int        // in it
	done   []*TicketRow // the ticket's rows so far
	moved  Millis       // from when it waited at the next window, or 0
}

func (w *stays) add(leg *Service) {
	w.begin()
	w.legs = append(w.legs, leg.Leg)
	w.row.Window, w.row.Clerk = leg.Window, leg.Clerk
	if w.row.CalledAt == 0 {
		w.row.CalledAt = leg.CalledAt
	}
	if w.row.StartedAt == 0 {
		w.row.StartedAt = leg.StartedAt
	}
	w.row.EndedAt = leg.EndedAt
	if leg.End == "transferred" {
		w.row.State, w.moved = "transferred", cmp.Or(leg.BackAt, leg.EndedAt)
		w.put()
	}
}

// begin opens a row where none is open.
func (w *stays) begin() {
	if w.row != nil {
		return
	}
	w.row = &TicketRow{Ticket: w.ticket.ID, From: w.ticket.From, IssuedAt: w.ticket.IssuedAt, Person: w.ticket.Person,
		Actor: w.ticket.Actor, Channel: w.ticket.Channel, Matters: w.ticket.Matters}
	if n := len(w.done); n > 0 {
		w.row.From, w.row.Ticket, w.row.IssuedAt = stayID(w.ticket.ID, n), stayID(w.ticket.ID, n+1), w.moved
	}
}

func stayID(t TicketID, n int) TicketID {
	if n == 1 {
		return t
	}
	return TicketID(fmt.Sprintf("%s-%d", t, n))
}

// end closes the ticket: its last row, or, after a transfer that nobody has taken up, one that still waits or has ended.
// Where a clerk sent the ticket on without an outcome, the person had come there for what was done at the next window.
func (w *stays) end() []*TicketRow {
	w.begin()
	w.row.State = "waiting"
	switch {
	case w.ticket.State == Done && len(w.legs) > 0: // the end is the last leg's
		w.row.State = string(Done)
	case w.ticket.Over():
		w.row.State, w.row.EndedAt = string(w.ticket.State), w.ticket.EndedAt
	default:
		w.row.EndedAt = 0
	}
	w.put()
	for i := len(w.done) - 2; i >= 0; i-- {
		if row, next := w.done[i], w.done[i+1]; len(row.Purposes) == 0 {
			row.Cases, row.Purposes, row.Matters = next.Cases, next.Purposes, next.Matters
		}
	}
	return w.done
}

// put fills in the cases of the row's legs and closes it.
func (w *stays) put() {
	var matters []MatterCode
	var loose []Purpose
	for _, v := range w.visits {
		if !w.has(v.Leg) {
			continue
		}
		matters = append(matters, v.Matter)
		if v.Case != "" && v.Purpose != "" {
			w.row.Cases, w.row.Purposes = append(w.row.Cases, v.Case), append(w.row.Purposes, v.Purpose)
		} else if v.Purpose != "" {
			loose = append(loose, v.Purpose)
		}
	}
	if len(matters) > 0 {
		w.row.Matters = matters
	}
	if len(w.row.Cases) == 0 && len(loose) == len(w.row.Matters) {
		w.row.Purposes = loose
	}
	w.done = append(w.done, w.row)
	w.row, w.legs = nil, nil
}

// has says whether a leg belongs to the row; leg 0 ties a ticket that was never served.
func (w *stays) has(leg int) bool {
	if leg == 0 {
		return w.row.StartedAt == 0
	}
	return slices.Contains(w.legs, leg)
}
