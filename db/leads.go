package db

import (
	"context"
	"encoding/json"
	"fmt"

	"yitang/server/hall"
)

const insertStep = `INSERT INTO case_steps (seq, case_id, at, actor, step, ticket, written, promised_day, department, end)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

const upsertLead = `INSERT INTO leads (id, since, state, body) VALUES (?, ?, ?, ?)
	ON CONFLICT (id) DO UPDATE SET state = excluded.state, body = excluded.body`

func (p *projector) lead(l *hall.Lead) error {
	body, err := json.Marshal(l)
	if err != nil {
		return err
	}
	return p.leads.exec(l.ID, l.From, l.State, string(body))
}

// Leads lists the leads of a month, by its first day, that somebody has followed.
func (d *DB) Leads(ctx context.Context, month hall.Day) ([]*hall.Lead, error) {
	return rows[hall.Lead](ctx, d.read, `SELECT body FROM leads WHERE since = ? ORDER BY id`, month)
}

// StepRows hands over the steps of cases in [from, before), in order.
func (d *DB) StepRows(ctx context.Context, from, before hall.Millis, each func(*hall.StepRow) error) error {
	return scan(ctx, d, each, func(r *hall.StepRow) []any {
		return []any{&r.Case, &r.Matter, &r.At, &r.By, &r.Step, &r.Ticket, &r.Written, &r.PromisedDay, &r.Department, &r.End}
	}, `SELECT s.case_id, c.matter, s.at, s.actor, s.step, s.ticket, s.written, s.promised_day, s.department, s.end
		FROM case_steps s JOIN cases c ON c.id = s.case_id WHERE s.at >= ? AND s.at < ? ORDER BY s.seq`, from, before)
}

// RatingRows hands over the ratings given in [from, before), in order.
func (d *DB) RatingRows(ctx context.Context, from, before hall.Millis, each func(*hall.RatingRow) error) error {
	return scan(ctx, d, each, func(r *hall.RatingRow) []any { return []any{&r.Rating, &r.Window, &r.At, &r.Grade, &r.AfterMS} },
		`SELECT id, window, at, grade, after_ms FROM ratings WHERE at >= ? AND at < ? ORDER BY seq`, from, before)
}

// TaskRows hands over the bad ratings given in [from, before), in order.
func (d *DB) TaskRows(ctx context.Context, from, before hall.Millis) ([]*hall.Task, error) {
	return rows[hall.Task](ctx, d.read, `SELECT body FROM rating_tasks WHERE at >= ? AND at < ? ORDER BY at, id`, from, before)
}

// PurposeRows hands over what people came for, as said at the window in [from, before), and what had followed from the outcome.
func (d *DB) PurposeRows(ctx context.Context, from, before hall.Millis, each func(*hall.PurposeRow) error) error {
	return scan(ctx, d, each, func(r *hall.PurposeRow) []any { return []any{&r.Ticket, &r.Window, &r.At, &r.Purpose, &r.Derived} },
		`SELECT ticket, window, at, purpose, derived FROM case_visits WHERE at >= ? AND at < ? AND purpose <> '' AND leg > 0
		ORDER BY at, ticket, leg, matter`, from, before)
}

// SpellRows hands over in which times of [from, before) windows were open or paused, in order.
func (d *DB) SpellRows(ctx context.Context, from, before hall.Millis, each func(*hall.SpellRow) error) error {
	return scan(ctx, d, each, func(r *hall.SpellRow) []any {
		return []any{&r.Window, &r.Since, &r.Until, &r.State, &r.Clerk, &r.Reason, &r.Unended}
	},
		`SELECT window, since, until, state, clerk, reason, EXISTS (SELECT 1 FROM events WHERE kind = 'day_closed' AND at = until)
		FROM window_spells WHERE since < ?2 AND (until = 0 OR until > ?1)
		ORDER BY since, seq`, from, before)
}

// CertificateRows hands over the documents of the cases decided in [from, before), in order.
func (d *DB) CertificateRows(ctx context.Context, from, before hall.Millis, each func(*hall.CertificateRow) error) error {
	return scan(ctx, d, each, func(r *hall.CertificateRow) []any { return []any{&r.No, &r.Case, &r.Matter, &r.At, &r.InHall} },
		`SELECT body ->> '$.document_no', id, matter, decided_at, coalesce(body ->> '$.channel', '') IN ('window', 'online')
			OR EXISTS (SELECT 1 FROM case_visits v WHERE v.case_id = c.id)
		FROM cases c WHERE decided_at > 0 AND decided_at >= ? AND decided_at < ? AND coalesce(body ->> '$.document_no', '') <> '' ORDER BY decided_at, id`, from, before)
}

// SentRows hands over the tickets sent on by hand in [from, before), in order.
func (d *DB) SentRows(ctx context.Context, from, before hall.Millis, each func(*hall.SentRow) error) error {
	return scan(ctx, d, each, func(r *hall.SentRow) []any { return []any{&r.Ticket, &r.At, &r.To} },
		`SELECT ticket, at, to_at FROM referrals WHERE ticket <> '' AND at >= ? AND at < ? ORDER BY seq`, from, before)
}

// scan reads rows into structs, one after the other.
func scan[T any](ctx context.Context, d *DB, each func(*T) error, into func(*T) []any, query string, args ...any) error {
	r, err := d.read.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("db: %w", err)
	}
	defer r.Close()
	for r.Next() {
		var v T
		if err := r.Scan(into(&v)...); err != nil {
			return fmt.Errorf("db: %T: %w", v, err)
		}
		if err := each(&v); err != nil {
			return err
		}
	}
	return r.Err()
}
