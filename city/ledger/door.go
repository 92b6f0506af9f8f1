package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"yitang/server/account"
)

// Session is a login to the city's pages that has not been ended.
type Session struct {
	User       string
	Password   []byte // digest of what was kept of the password when it was opened
	Made, Seen time.Time
}

// PutSession keeps a session under its token's digest, and forgets those that have been idle for too long.
func (l *Ledger) PutSession(ctx context.Context, digest []byte, s Session, idle time.Duration) error {
	if err := l.forget(ctx, "sessions", "seen", s.Seen.Add(-idle)); err != nil {
		return err
	}
	_, err := l.pool.Exec(ctx, `INSERT INTO sessions VALUES ($1, $2, $3, $4, $5)`, digest, s.User, s.Password, s.Made.UnixMilli(), s.Seen.UnixMilli())
	if err != nil {
		return fmt.Errorf("ledger: session: %w", err)
	}
	return nil
}

// forget deletes rows that are older than a time. What another login is just changing it leaves to the next one: they never
// wait for each other.
func (l *Ledger) forget(ctx context.Context, table, column string, before time.Time) error {
	_, err := l.pool.Exec(ctx, `DELETE FROM `+table+` WHERE ctid = ANY(ARRAY(SELECT ctid FROM `+table+` WHERE `+column+` < $1 FOR UPDATE SKIP LOCKED))`, before.UnixMilli()) // #nosec G202 -- names of ours
	if err != nil {
		return fmt.Errorf("ledger: %s: %w", table, err)
	}
	return nil
}

// Session returns the session of a token, nil where there is none.
func (l *Ledger) Session(ctx context.Context, digest []byte) (*Session, error) {
	var s Session
	var made, seen int64
	err := l.pool.QueryRow(ctx, `SELECT login, password, made, seen FROM sessions WHERE digest = $1`, digest).Scan(&s.User, &s.Password, &made, &seen)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("ledger: session: %w", err)
	}
	s.Made, s.Seen = time.UnixMilli(made), time.UnixMilli(seen)
	return &s, nil
}

// TouchSession notes an act.
func (l *Ledger) TouchSession(ctx context.Context, digest []byte, now time.Time) error {
	if _, err := l.pool.Exec(ctx, `UPDATE sessions SET seen = $2 WHERE digest = $1`, digest, now.UnixMilli()); err != nil {
		return fmt.Errorf("ledger: session: %w", err)
	}
	return nil
}

// DropSession ends a session.
func (l *Ledger) DropSession(ctx context.Context, digest []byte) error {
	if _, err := l.pool.Exec(ctx, `DELETE FROM sessions WHERE digest = $1`, digest); err != nil {
		return fmt.Errorf("ledger: session: %w", err)
	}
	return nil
}

// Locked are the subjects that may not try to log in at a time, with the time from which they may.
func (l *Ledger) Locked(ctx context.Context, now time.Time) (map[string]time.Time, error) {
	r, err := l.pool.Query(ctx, `SELECT subject, until FROM login_tries WHERE until > $1`, now.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("ledger: locked: %w", err)
	}
	defer r.Close()
	list := map[string]time.Time{}
	for r.Next() {
		var subject string
		var until int64
		if err := r.Scan(&subject, &until); err != nil {
			return nil, fmt.Errorf("ledger: locked: %w", err)
		}
		list[subject] = time.UnixMilli(until)
	}
	return list, r.Err()
}

// Failed counts a login that failed; the limit-th in a row locks. Two at once count as two.
func (l *Ledger) Failed(ctx context.Context, subject string, limit int, now time.Time) error {
	if err := l.forget(ctx, "login_tries", "last", now.Add(-2*account.LockFor)); err != nil {
		return err
	}
	return l.tx(ctx, func(tx pgx.Tx) error {
		var t account.Tries
		var last, until int64
		err := tx.QueryRow(ctx, `INSERT INTO login_tries AS t VALUES ($1, 0, 0, 0) ON CONFLICT (subject) DO UPDATE SET last = t.last
			RETURNING failures, last, until`, subject).Scan(&t.Failures, &last, &until)
		if err != nil {
			return err
		}
		t.Last, t.Until = time.UnixMilli(last), time.UnixMilli(until)
		t = t.Failed(now, limit)
		_, err = tx.Exec(ctx, `UPDATE login_tries SET failures = $2, last = $3, until = $4 WHERE subject = $1`, subject, t.Failures, t.Last.UnixMilli(), t.Until.UnixMilli())
		return err
	})
}

// Unlock lets a subject try again.
func (l *Ledger) Unlock(ctx context.Context, subject string) error {
	if _, err := l.pool.Exec(ctx, `DELETE FROM login_tries WHERE subject = $1`, subject); err != nil {
		return fmt.Errorf("ledger: unlock: %w", err)
	}
	return nil
}
