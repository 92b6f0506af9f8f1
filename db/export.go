package db

import (
	"context"
	"encoding/json"
	"fmt"

	"yitang/server/hall"
)

// stay is a leg of a ticket on its way out of the projections.
type stay struct {
	ticket hall.Ticket
	leg    hall.Service
	back   hall.Millis // when a ticket that was sent on for later was back, or 0
	visits []legVisit
}

type legVisit struct {
	Leg     int             `json:"leg"`
	Matter  hall.MatterCode `json:"matter"`
	Case    hall.CaseID     `json:"case"`
	Purpose hall.Purpose    `json:"purpose"`
}

// TicketRows hands over every stay of every ticket issued in [from, to], in the order of issue. It reads a stream.
func (d *DB) TicketRows(ctx context.Context, from, to hall.Millis, each func(*hall.TicketRow) error) error {
	r, err := d.read.QueryContext(ctx, `SELECT t.id, t.matters, t.person, t.actor, t.channel, t.state, t.from_ticket, t.issued_at, t.ended_at,
		coalesce(s.leg, 0), coalesce(s.window, ''), coalesce(s.clerk, ''), coalesce(s.called_at, 0), coalesce(s.started_at, 0),
		coalesce(s.ended_at, 0), coalesce(s.end, ''), coalesce(s.resumed_at, 0),
		(SELECT json_group_array(json_object('leg', v.leg, 'matter', v.matter, 'case', v.case_id, 'purpose', v.purpose))
		 FROM case_visits v WHERE v.ticket = t.id)
		FROM tickets t LEFT JOIN services s ON s.ticket = t.id WHERE t.issued_at BETWEEN ? AND ? ORDER BY t.issued_at, t.seq, s.leg`, from, to)
	if err != nil {
		return fmt.Errorf("db: export tickets: %w", err)
	}
	defer r.Close()
	var w stays
	for r.Next() {
		var s stay
		var matters, visits string
		err := r.Scan(&s.ticket.ID, &matters, &s.ticket.Person, &s.ticket.Actor, &s.ticket.Channel, &s.ticket.State, &s.ticket.From,
			&s.ticket.IssuedAt, &s.ticket.EndedAt, &s.leg.Leg, &s.leg.Window, &s.leg.Clerk, &s.leg.CalledAt, &s.leg.StartedAt,
			&s.leg.EndedAt, &s.leg.End, &s.back, &visits)
		if err != nil {
			return fmt.Errorf("db: export tickets: %w", err)
		}
		if err := json.Unmarshal([]byte(matters), &s.ticket.Matters); err != nil {
			return fmt.Errorf("db: export ticket %s: %w", s.ticket.ID, err)
		}
		if err := json.Unmarshal([]byte(visits), &s.visits); err != nil {
			return fmt.Errorf("db: export ticket %s: %w", s.ticket.ID, err)
		}
		if err := w.add(&s, each); err != nil {
			return err
		}
	}
	if err := r.Err(); err != nil {
		return fmt.Errorf("db: export tickets: %w", err)
	}
	return w.end(each)
}

// stays gathers the legs of one ticket into rows: a hold or a reactivation goes on in the same row, a transfer begins a
// new one.
type stays struct {
	ticket hall.Ticket
	visits []legVisit
	row    *hall.TicketRow   // being gathered; nil between two tickets
	legs   []int             // in it
	done   []*hall.TicketRow // the ticket's rows so far
	moved  hall.Millis       // from when it waited at the next window, or 0
}

func (w *stays) add(s *stay, each func(*hall.TicketRow) error) error {
	if s.ticket.ID != w.ticket.ID {
		if err := w.end(each); err != nil {
			return err
		}
		*w = stays{ticket: s.ticket, visits: s.visits}
	}
	w.begin()
	if s.leg.Leg == 0 { // never called
		return nil
	}
	w.legs = append(w.legs, s.leg.Leg)
	w.row.Window, w.row.Clerk = s.leg.Window, s.leg.Clerk
	if w.row.CalledAt == 0 {
		w.row.CalledAt = s.leg.CalledAt
	}
	if w.row.StartedAt == 0 {
		w.row.StartedAt = s.leg.StartedAt
	}
	w.row.EndedAt = s.leg.EndedAt
	if s.leg.End != "transferred" {
		return nil
	}
	w.row.State, w.moved = "transferred", s.leg.EndedAt
	if s.back != 0 {
		w.moved = s.back
	}
	w.put()
	return nil
}

// begin opens a row where none is open.
func (w *stays) begin() {
	if w.row != nil {
		return
	}
	w.row = &hall.TicketRow{Ticket: w.ticket.ID, From: w.ticket.From, IssuedAt: w.ticket.IssuedAt, Person: w.ticket.Person,
		Actor: w.ticket.Actor, Channel: w.ticket.Channel, Matters: w.ticket.Matters}
	if n := len(w.done); n > 0 {
		w.row.From, w.row.Ticket, w.row.IssuedAt = stayID(w.ticket.ID, n), stayID(w.ticket.ID, n+1), w.moved
	}
}

func stayID(t hall.TicketID, n int) hall.TicketID {
	if n == 1 {
		return t
	}
	return hall.TicketID(fmt.Sprintf("%s-%d", t, n))
}

// end closes the ticket: its last row, or, after a transfer that nobody has taken up, one that still waits or has ended.
// Where a clerk sent the ticket on without an outcome, the person had come there for what was done at the next window.
func (w *stays) end(each func(*hall.TicketRow) error) error {
	if w.ticket.ID == "" {
		return nil
	}
	w.begin()
	w.row.State = "waiting"
	if w.ticket.Over() {
		w.row.State, w.row.EndedAt = string(w.ticket.State), w.ticket.EndedAt
	} else {
		w.row.EndedAt = 0
	}
	w.put()
	for i := len(w.done) - 2; i >= 0; i-- {
		if row, next := w.done[i], w.done[i+1]; len(row.Purposes) == 0 {
			row.Cases, row.Purposes, row.Matters = next.Cases, next.Purposes, next.Matters
		}
	}
	for _, row := range w.done {
		if err := each(row); err != nil {
			return err
		}
	}
	return nil
}

// put fills in the cases of the row's legs and closes it.
func (w *stays) put() {
	var matters []hall.MatterCode
	var loose []hall.Purpose
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
	for _, l := range w.legs {
		if l == leg {
			return true
		}
	}
	return false
}

// CaseRows hands over every case that was opened until to and not closed before from, in the order of opening.
func (d *DB) CaseRows(ctx context.Context, from, to hall.Millis, each func(*hall.Case) error) error {
	r, err := d.read.QueryContext(ctx, `SELECT body FROM cases WHERE opened_at <= ?2 AND (closed_at = 0 OR closed_at >= ?1)
		ORDER BY opened_at, seq`, from, to)
	if err != nil {
		return fmt.Errorf("db: export cases: %w", err)
	}
	defer r.Close()
	for r.Next() {
		var body string
		if err := r.Scan(&body); err != nil {
			return fmt.Errorf("db: export cases: %w", err)
		}
		c, err := decode[hall.Case](body)
		if err != nil {
			return err
		}
		if err := each(c); err != nil {
			return err
		}
	}
	return r.Err()
}

// ReferralRows hands over what was sent from window to window or department to department in [from, to]: for each case
// behind the ticket one. It came back when the next one of the same ticket or case goes where it was from.
func (d *DB) ReferralRows(ctx context.Context, from, to hall.Millis, each func(*hall.ReferralRow) error) error {
	r, err := d.read.QueryContext(ctx, `
		WITH moved AS (SELECT *, lead(to_at) OVER w AS next_to, lead(sent_back) OVER w AS next_back
		               FROM referrals WINDOW w AS (PARTITION BY ticket, case_id ORDER BY seq)),
		behind AS (SELECT DISTINCT ticket, case_id FROM case_visits WHERE case_id <> '')
		SELECT b.case_id, m.at, m.from_at, m.to_at, m.reason,
			CASE WHEN m.next_to = m.from_at THEN 'no'
			     WHEN EXISTS (SELECT 1 FROM services s WHERE s.ticket = m.ticket AND s.called_at >= m.at AND s.started_at > 0) THEN 'yes' ELSE '' END
		FROM moved m JOIN behind b ON b.ticket = m.ticket WHERE m.ticket <> '' AND m.at BETWEEN ?1 AND ?2
		UNION ALL
		SELECT m.case_id, m.at, m.from_at, m.to_at, m.reason,
			CASE WHEN m.next_back = 1 THEN 'no' WHEN m.next_to IS NOT NULL THEN 'yes'
			     WHEN c.body ->> 'acknowledged_at' >= m.at THEN 'yes' ELSE '' END
		FROM moved m JOIN cases c ON c.id = m.case_id WHERE m.case_id <> '' AND m.at BETWEEN ?1 AND ?2
		ORDER BY 2, 1`, from, to)
	if err != nil {
		return fmt.Errorf("db: export referrals: %w", err)
	}
	defer r.Close()
	for r.Next() {
		var row hall.ReferralRow
		if err := r.Scan(&row.Case, &row.At, &row.From, &row.To, &row.Reason, &row.Accepted); err != nil {
			return fmt.Errorf("db: export referrals: %w", err)
		}
		if err := each(&row); err != nil {
			return err
		}
	}
	return r.Err()
}
