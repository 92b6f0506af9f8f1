package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"yitang/server/hall"
)

const insertRating = `INSERT INTO ratings (id, seq, ticket, leg, day, window, clerk, at, grade, reasons, text, via, after_ms)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

const upsertTask = `INSERT INTO rating_tasks (id, state, at, closed_at, body) VALUES (?, ?, ?, ?, ?)
	ON CONFLICT (id) DO UPDATE SET state = excluded.state, closed_at = excluded.closed_at, body = excluded.body`

func (p *projector) rated(e *hall.Event, b *hall.RatingGiven) error {
	reasons, err := json.Marshal(append([]string{}, b.Reasons...))
	if err != nil {
		return err
	}
	return p.rating.exec(b.Rating, e.Seq, b.Of, b.Leg, e.Day, b.Window, b.About, e.At, b.Grade, string(reasons), b.Text, b.Via, b.AfterMS)
}

func (p *projector) task(t *hall.Task) error {
	body, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return p.tasks.exec(t.Rating, t.State, t.At, t.ClosedAt, string(body))
}

// Tasks lists the bad ratings that are not closed yet, oldest first, or those that are, newest first.
func (d *DB) Tasks(ctx context.Context, closed bool, limit int) ([]*hall.Task, error) {
	if closed {
		return rows[hall.Task](ctx, d.read, `SELECT body FROM rating_tasks WHERE closed_at > 0 ORDER BY closed_at DESC LIMIT ?`, limit)
	}
	return rows[hall.Task](ctx, d.read, `SELECT body FROM rating_tasks WHERE closed_at = 0 ORDER BY at LIMIT ?`, limit)
}

// Rating returns what a rating says; found is false when the service has not been rated.
func (d *DB) Rating(ctx context.Context, id hall.RatingID) (r hall.Rating, found bool, err error) {
	var reasons string
	err = d.read.QueryRowContext(ctx, `SELECT grade, reasons, text FROM ratings WHERE id = ?`, id).Scan(&r.Grade, &reasons, &r.Text)
	if errors.Is(err, sql.ErrNoRows) {
		return r, false, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(reasons), &r.Reasons)
	}
	if err != nil {
		return r, false, fmt.Errorf("db: rating %s: %w", id, err)
	}
	return r, true, nil
}
