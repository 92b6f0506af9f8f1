package db

import (
	"context"
	"database/sql"
	"fmt"

	"yitang/server/hall"
)

// OwnAccepted implements archive.Own: acceptances from a moment on, by matter.
func (d *DB) OwnAccepted(ctx context.Context, from, before hall.Millis, each func(at hall.Millis, m hall.MatterCode) error) error {
	r, err := d.read.QueryContext(ctx, `SELECT max(accepted_at), matter FROM cases WHERE accepted_at > 0 AND accepted_at >= ? AND accepted_at < ? GROUP BY matter`, from, before)
	if err != nil {
		return fmt.Errorf("db: accepted: %w", err)
	}
	defer r.Close()
	for r.Next() {
		var at hall.Millis
		var m hall.MatterCode
		if err := r.Scan(&at, &m); err != nil {
			return fmt.Errorf("db: accepted: %w", err)
		}
		if err := each(at, m); err != nil {
			return err
		}
	}
	return r.Err()
}

// OwnDays implements archive.Own: the days of the hall's first and last ticket, empty where there is none.
func (d *DB) OwnDays(ctx context.Context) (first, last hall.Day, err error) {
	var a, b sql.NullString
	err = d.read.QueryRowContext(ctx, `SELECT (SELECT day FROM tickets ORDER BY issued_at LIMIT 1),
		(SELECT day FROM tickets ORDER BY issued_at DESC LIMIT 1)`).Scan(&a, &b)
	if err != nil {
		return "", "", fmt.Errorf("db: tickets: %w", err)
	}
	return hall.Day(a.String), hall.Day(b.String), nil
}

// OwnHas implements archive.Own.
func (d *DB) OwnHas(ctx context.Context, id string) (has bool, err error) {
	err = d.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM tickets WHERE id = ?1) OR EXISTS (SELECT 1 FROM cases WHERE id = ?1)`, id).Scan(&has)
	if err != nil {
		return false, fmt.Errorf("db: %s: %w", id, err)
	}
	return has, nil
}
