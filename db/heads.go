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
	err := replay(ctx, d.read, allEvents+`
		WHERE kind = 'head_signed' ORDER BY seq`, decoded(func(ev *hall.Event) error {
		if b, ok := ev.Body.(*hall.HeadSigned); ok {
			list = append(list, *b)
		}
		return nil
	}))
	return list, err
}

// LastHead is the last signed head with the time of its signature, and how many there are; nil before the first.
func (d *DB) LastHead(ctx context.Context) (last *hall.HeadSigned, at hall.Millis, n int, err error) {
	if err := d.read.QueryRowContext(ctx, `SELECT count(*) FROM events WHERE kind = 'head_signed'`).Scan(&n); err != nil {
		return nil, 0, 0, fmt.Errorf("db: heads: %w", err)
	}
	err = replay(ctx, d.read, allEvents+`
		WHERE kind = 'head_signed' ORDER BY seq DESC LIMIT 1`, decoded(func(ev *hall.Event) error {
		if b, ok := ev.Body.(*hall.HeadSigned); ok {
			last, at = b, ev.At
		}
		return nil
	}))
	return last, at, n, err
}

// Unsigned is the last business day that has ended, where its head is not signed yet; else empty. Open says that the newest day
// has not ended; one that was opened again was signed after the day before it. It goes by the order of the journal, not of the days: a clock may have been set back.
func (d *DB) Unsigned(ctx context.Context, open bool) (day hall.Day, err error) {
	err = d.read.QueryRowContext(ctx, `WITH newest AS (SELECT seq, day FROM events WHERE kind = 'day_opened' ORDER BY seq DESC LIMIT 1),
		begun AS (SELECT seq, day FROM events WHERE kind = 'day_opened' ORDER BY seq DESC LIMIT 1 OFFSET ?1),
		ended AS (SELECT day, max(seq, coalesce((SELECT max(r.seq) FROM events r WHERE r.kind = 'day_reopened' AND r.day = begun.day), 0)) AS seq FROM begun),
		signed AS (SELECT payload ->> '$.of_day' AS day, payload ->> '$.seq' AS seq FROM events WHERE kind = 'head_signed' ORDER BY seq DESC LIMIT 1)
		SELECT day FROM ended WHERE NOT EXISTS (SELECT 1 FROM signed, newest WHERE signed.day = ended.day AND signed.seq > ended.seq
			OR ?1 AND signed.day = newest.day AND signed.seq > newest.seq)`, open).Scan(&day)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("db: heads: %w", err)
	}
	return day, nil
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
