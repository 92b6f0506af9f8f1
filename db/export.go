package db

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"yitang/server/hall"
)

// serviceEnd is when a service s ended as far as anybody knows. Whoever ends one says what came of it; without an outcome it was
// the end of the day, hours after the person had gone.
const serviceEnd = `iif(s.end = 'finished' AND s.outcomes = '[]', 0, s.ended_at)`

// TicketRows hands over every stay of every ticket issued in [from, to], in the order of issue. It reads a stream.
func (d *DB) TicketRows(ctx context.Context, from, to hall.Millis, each func(*hall.TicketRow) error) error {
	r, err := d.read.QueryContext(ctx, `SELECT t.id, t.matters, t.person, t.actor, t.channel, t.state, t.from_ticket, t.issued_at, t.ended_at,
		coalesce(s.leg, 0), coalesce(s.window, ''), coalesce(s.clerk, ''), coalesce(s.called_at, 0), coalesce(s.started_at, 0),
		coalesce(`+serviceEnd+`, 0), coalesce(s.end, ''), coalesce(s.resumed_at, 0),
		(SELECT json_group_array(json_object('leg', v.leg, 'matter', v.matter, 'case', v.case_id, 'purpose', v.purpose))
		 FROM case_visits v WHERE v.ticket = t.id)
		FROM tickets t LEFT JOIN services s ON s.ticket = t.id WHERE t.issued_at BETWEEN ? AND ? ORDER BY t.issued_at, t.seq, s.leg`, from, to)
	if err != nil {
		return fmt.Errorf("db: export tickets: %w", err)
	}
	defer r.Close()
	var one whole
	for r.Next() {
		var t hall.Ticket
		var leg hall.Service
		var matters, visits string
		err := r.Scan(&t.ID, &matters, &t.Person, &t.Actor, &t.Channel, &t.State, &t.From, &t.IssuedAt, &t.EndedAt,
			&leg.Leg, &leg.Window, &leg.Clerk, &leg.CalledAt, &leg.StartedAt, &leg.EndedAt, &leg.End, &leg.BackAt, &visits)
		if err != nil {
			return fmt.Errorf("db: export tickets: %w", err)
		}
		if t.ID != one.ticket.ID {
			if err := one.hand(each); err != nil {
				return err
			}
			one = whole{ticket: t}
			if err := errors.Join(json.Unmarshal([]byte(matters), &one.ticket.Matters), json.Unmarshal([]byte(visits), &one.visits)); err != nil {
				return fmt.Errorf("db: export ticket %s: %w", t.ID, err)
			}
		}
		if leg.Leg != 0 { // called at least once
			one.legs = append(one.legs, leg)
		}
	}
	if err := r.Err(); err != nil {
		return fmt.Errorf("db: export tickets: %w", err)
	}
	return one.hand(each)
}

// whole is a ticket on its way out of the projections, with its legs.
type whole struct {
	ticket hall.Ticket
	legs   []hall.Service
	visits []hall.LegVisit
}

func (w *whole) hand(each func(*hall.TicketRow) error) error {
	if w.ticket.ID == "" {
		return nil
	}
	for _, row := range hall.Stays(&w.ticket, w.legs, w.visits) {
		if err := each(row); err != nil {
			return err
		}
	}
	return nil
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
