package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"yitang/server/account"
)

// PutAccount makes an account or replaces it.
func (d *DB) PutAccount(ctx context.Context, a account.Account) error {
	_, err := d.write.ExecContext(ctx, `INSERT INTO accounts (user, name, role, window, password, department) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (user) DO UPDATE SET name = excluded.name, role = excluded.role, window = excluded.window,
		password = excluded.password, department = excluded.department`, a.User, a.Name, a.Role, a.Window, a.Password, a.Department)
	if err != nil {
		return fmt.Errorf("db: account %s: %w", a.User, err)
	}
	return nil
}

// Account returns the account of a user, or nil.
func (d *DB) Account(ctx context.Context, user string) (*account.Account, error) {
	return scanAccount(d.read.QueryRowContext(ctx,
		`SELECT user, name, role, window, password, department FROM accounts WHERE user = ?`, user))
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
func (d *DB) PutToken(ctx context.Context, t account.Token) error {
	var until int64
	if t.Lives > 0 {
		until = t.Made.Add(t.Lives).UnixMilli()
	}
	_, err := d.write.ExecContext(ctx, `INSERT INTO tokens (digest, user, expires, seen, idle, source) VALUES (?, ?, ?, ?, ?, ?)`,
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
	if _, err := d.write.ExecContext(ctx, `DELETE FROM tokens WHERE digest = ?`, digest); err != nil {
		return fmt.Errorf("db: drop a token: %w", err)
	}
	return nil
}

// Bearer returns whose token it is at a time, or nil: also when it has expired or done nothing for too long.
func (d *DB) Bearer(ctx context.Context, digest []byte, now time.Time) (*account.Account, error) {
	return scanAccount(d.read.QueryRowContext(ctx, `SELECT user, name, role, window, password, department FROM tokens JOIN accounts USING (user)
		WHERE digest = ?1 AND (expires = 0 OR expires > ?2) AND (idle = 0 OR seen + idle > ?2)`, digest, now.UnixMilli()))
}

func scanAccount(row *sql.Row) (*account.Account, error) {
	var a account.Account
	err := row.Scan(&a.User, &a.Name, &a.Role, &a.Window, &a.Password, &a.Department)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("db: account: %w", err)
	}
	return &a, nil
}
