package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"yitang/server/account"
)

const accountColumns = "user, name, role, window, password, department, state, must_change"

// PutAccount makes an account or replaces it.
func (d *DB) PutAccount(ctx context.Context, a account.Account) error {
	return putAccount(ctx, d.write, a)
}

func putAccount(ctx context.Context, q execer, a account.Account) error {
	if a.State == "" {
		a.State = account.Active
	}
	_, err := q.ExecContext(ctx, `INSERT INTO accounts (`+accountColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (user) DO UPDATE SET name = excluded.name, role = excluded.role, window = excluded.window,
		password = excluded.password, department = excluded.department, state = excluded.state, must_change = excluded.must_change`,
		a.User, a.Name, a.Role, a.Window, a.Password, a.Department, a.State, a.MustChange)
	if err != nil {
		return fmt.Errorf("db: account %s: %w", a.User, err)
	}
	return nil
}

// Account returns the account of a user, or nil.
func (d *DB) Account(ctx context.Context, user string) (*account.Account, error) {
	return scanAccount(d.read.QueryRowContext(ctx, `SELECT `+accountColumns+` FROM accounts WHERE user = ?`, user))
}

// Accounts lists all of them by name.
func (d *DB) Accounts(ctx context.Context) ([]account.Account, error) {
	rows, err := d.read.QueryContext(ctx, `SELECT `+accountColumns+` FROM accounts ORDER BY user`)
	if err != nil {
		return nil, fmt.Errorf("db: accounts: %w", err)
	}
	defer rows.Close()
	var list []account.Account
	for rows.Next() {
		a, err := scanAccount(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, *a)
	}
	return list, rows.Err()
}

// Users lists who has an account of a role.
func (d *DB) Users(ctx context.Context, role account.Role) ([]string, error) {
	rows, err := d.read.QueryContext(ctx, `SELECT user FROM accounts WHERE role = ? ORDER BY user`, role)
	if err != nil {
		return nil, fmt.Errorf("db: accounts: %w", err)
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var user string
		if err := rows.Scan(&user); err != nil {
			return nil, fmt.Errorf("db: accounts: %w", err)
		}
		list = append(list, user)
	}
	return list, rows.Err()
}

// PutToken keeps a token.
func (d *DB) PutToken(ctx context.Context, t account.Token) error { return putToken(ctx, d.write, t) }

func putToken(ctx context.Context, q execer, t account.Token) error {
	var until int64
	if t.Lives > 0 {
		until = t.Made.Add(t.Lives).UnixMilli()
	}
	_, err := q.ExecContext(ctx, `INSERT INTO tokens (digest, user, expires, seen, idle, source, made) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?4)`,
		t.Digest, t.User, until, t.Made.UnixMilli(), t.Idle.Milliseconds(), t.Source)
	if err != nil {
		return fmt.Errorf("db: token of %s: %w", t.User, err)
	}
	return nil
}

// Touch says that a session is in use.
func (d *DB) Touch(ctx context.Context, digest []byte, now time.Time) error {
	if _, err := d.write.ExecContext(ctx, `UPDATE tokens SET seen = ? WHERE digest = ?`, now.UnixMilli(), digest); err != nil {
		return fmt.Errorf("db: touch a token: %w", err)
	}
	return nil
}

// DropToken ends a session.
func (d *DB) DropToken(ctx context.Context, digest []byte) error {
	return dropToken(ctx, d.write, digest)
}

func dropToken(ctx context.Context, q execer, digest []byte) error {
	if _, err := q.ExecContext(ctx, `DELETE FROM tokens WHERE digest = ?`, digest); err != nil {
		return fmt.Errorf("db: drop a token: %w", err)
	}
	return nil
}

// Bearer returns whose token it is at a time, or nil: also when it has expired or done nothing for too long, or when the
// account may not be used.
func (d *DB) Bearer(ctx context.Context, digest []byte, now time.Time) (*account.Account, error) {
	return scanAccount(d.read.QueryRowContext(ctx, `SELECT `+accountColumns+` FROM tokens JOIN accounts USING (user)
		WHERE digest = ?1 AND state = 'active' AND `+lives, digest, now.UnixMilli()))
}

// lives chooses tokens that are good at ?2.
const lives = `(expires = 0 OR expires > ?2) AND (idle = 0 OR seen + idle > ?2)`

// Sessions lists the tokens that are good at a time, the newest act first: of one user, or of all when user is empty.
func (d *DB) Sessions(ctx context.Context, user string, now time.Time) ([]account.Session, error) {
	rows, err := d.read.QueryContext(ctx, `SELECT lower(hex(substr(digest, 1, 8))), user, role, source, made, seen
		FROM tokens JOIN accounts USING (user) WHERE ?1 IN ('', user) AND `+lives+` ORDER BY seen DESC, digest`, user, now.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("db: sessions: %w", err)
	}
	defer rows.Close()
	var list []account.Session
	for rows.Next() {
		var s account.Session
		var made, seen int64
		if err := rows.Scan(&s.ID, &s.User, &s.Role, &s.Source, &made, &seen); err != nil {
			return nil, fmt.Errorf("db: sessions: %w", err)
		}
		s.Made, s.Seen = millis(made), millis(seen)
		list = append(list, s)
	}
	return list, rows.Err()
}

func scanAccount(row interface{ Scan(...any) error }) (*account.Account, error) {
	var a account.Account
	err := row.Scan(&a.User, &a.Name, &a.Role, &a.Window, &a.Password, &a.Department, &a.State, &a.MustChange)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("db: account: %w", err)
	}
	return &a, nil
}
