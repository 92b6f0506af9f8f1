package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"yitang/server/account"
)

// Tries returns the failed logins of a subject; the zero value for one that has none.
func (d *DB) Tries(ctx context.Context, subject string) (account.Tries, error) {
	var failures int
	var last, until int64
	err := d.read.QueryRowContext(ctx, `SELECT failures, last, until FROM login_tries WHERE subject = ?`, subject).
		Scan(&failures, &last, &until)
	if errors.Is(err, sql.ErrNoRows) {
		return account.Tries{}, nil
	}
	if err != nil {
		return account.Tries{}, fmt.Errorf("db: tries of %s: %w", subject, err)
	}
	return account.Tries{Failures: failures, Last: time.UnixMilli(last), Until: millis(until)}, nil
}

func millis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// Locked lists the subjects that no login is tried for at a time, with the time until which.
func (d *DB) Locked(ctx context.Context, now time.Time) (map[string]time.Time, error) {
	rows, err := d.read.QueryContext(ctx, `SELECT subject, until FROM login_tries WHERE until > ?`, now.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("db: locks: %w", err)
	}
	defer rows.Close()
	locked := map[string]time.Time{}
	for rows.Next() {
		var subject string
		var until int64
		if err := rows.Scan(&subject, &until); err != nil {
			return nil, fmt.Errorf("db: locks: %w", err)
		}
		locked[subject] = millis(until)
	}
	return locked, rows.Err()
}

// putTries keeps the failed logins of a subject and forgets those that no lock and no count hangs on any more. The zero
// value forgets the subject.
func putTries(ctx context.Context, q execer, subject string, t account.Tries) error {
	var err error
	if t == (account.Tries{}) {
		_, err = q.ExecContext(ctx, `DELETE FROM login_tries WHERE subject = ?`, subject)
	} else {
		var until int64
		if !t.Until.IsZero() {
			until = t.Until.UnixMilli()
		}
		_, err = q.ExecContext(ctx, `DELETE FROM login_tries WHERE last < ?;
			INSERT INTO login_tries (subject, failures, last, until) VALUES (?, ?, ?, ?)
			ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures, last = excluded.last, until = excluded.until`,
			t.Last.Add(-2*account.LockFor).UnixMilli(), subject, t.Failures, t.Last.UnixMilli(), until)
	}
	if err != nil {
		return fmt.Errorf("db: tries of %s: %w", subject, err)
	}
	return nil
}

// setPassword gives a user a new password and keeps the last ones' hashes. All the user's sessions end.
func setPassword(ctx context.Context, q execer, user, hash string) error {
	for _, step := range []struct {
		query string
		args  []any
	}{
		{`INSERT INTO passwords (user, n, password) SELECT user, (SELECT coalesce(max(n), 0) + 1 FROM passwords WHERE user = ?1), password
			FROM accounts WHERE user = ?1 AND password <> ''`, []any{user}},
		{`DELETE FROM passwords WHERE user = ?1 AND n <= (SELECT max(n) FROM passwords WHERE user = ?1) - ?2`, []any{user, account.History}},
		{`UPDATE accounts SET password = ?2, must_change = 0 WHERE user = ?1`, []any{user, hash}},
		{`DELETE FROM tokens WHERE user = ?1`, []any{user}},
	} {
		if _, err := q.ExecContext(ctx, step.query, step.args...); err != nil {
			return fmt.Errorf("db: password of %s: %w", user, err)
		}
	}
	return nil
}

// Passwords returns the kept hashes of a user's last passwords, the present one last.
func (d *DB) Passwords(ctx context.Context, user string) ([]string, error) {
	rows, err := d.read.QueryContext(ctx, `SELECT password FROM (SELECT n, password FROM passwords WHERE user = ?1
		UNION ALL SELECT 1 << 40, password FROM accounts WHERE user = ?1) ORDER BY n`, user)
	if err != nil {
		return nil, fmt.Errorf("db: passwords of %s: %w", user, err)
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var hash string
		if err := rows.Scan(&hash); err != nil {
			return nil, fmt.Errorf("db: passwords of %s: %w", user, err)
		}
		list = append(list, hash)
	}
	return list, rows.Err()
}
