package db

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"

	"yitang/server/hall"
)

// Heads lists the signed heads, oldest first.
func (d *DB) Heads(ctx context.Context) ([]hall.HeadSigned, error) {
	var list []hall.HeadSigned
	err := replay(ctx, d.read, `SELECT seq, hall, day, at, actor, kind, version, payload, digest, hash, purged FROM events
		WHERE kind = 'head_signed' ORDER BY seq`, func(r *record) error {
		ev, err := r.event()
		if err != nil {
			return err
		}
		if b, ok := ev.Body.(*hall.HeadSigned); ok {
			list = append(list, *b)
		}
		return nil
	})
	return list, err
}

// SignedDay is the business day of the last signed head, empty before the first.
func (d *DB) SignedDay(ctx context.Context) (day hall.Day, err error) {
	return one[hall.Day](ctx, d, `SELECT payload ->> '$.of_day' FROM events WHERE kind = 'head_signed' ORDER BY seq DESC LIMIT 1`)
}

// DayBefore is the business day before one, empty when there was none.
func (d *DB) DayBefore(ctx context.Context, day hall.Day) (hall.Day, error) {
	return one[hall.Day](ctx, d, `SELECT day FROM events WHERE kind = 'day_opened' AND day < ? ORDER BY seq DESC LIMIT 1`, day)
}

func one[T ~string](ctx context.Context, d *DB, query string, args ...any) (v T, err error) {
	err = d.read.QueryRowContext(ctx, query, args...).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return v, nil
	}
	if err != nil {
		return v, fmt.Errorf("db: %w", err)
	}
	return v, nil
}

// HeadNow is the number and the hash of the last event.
func (d *DB) HeadNow(ctx context.Context) (seq uint64, hash string, err error) {
	var sum []byte
	err = d.read.QueryRowContext(ctx, `SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1`).Scan(&seq, &sum)
	if err != nil {
		return 0, "", fmt.Errorf("db: head: %w", err)
	}
	return seq, hex.EncodeToString(sum), nil
}
