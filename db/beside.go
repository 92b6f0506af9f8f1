package db

import (
	"context"
	"database/sql"
	"fmt"

	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/webhook"
)

// execer is a connection or a transaction.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// beside does what an entry changes beside the hall's own state, in the transaction that writes its events.
func (s *statements) beside(e *hall.Entry) error {
	ctx := context.Background()
	switch b := e.Beside.(type) {
	case nil:
		return nil
	case *account.Change:
		return changeAccounts(ctx, s.tx, b)
	case *webhook.Change:
		return changeHooks(ctx, s.tx, b)
	case *MarkSet:
		if err := s.mark.exec(b.Name, b.Value); err != nil {
			return fmt.Errorf("db: mark %s: %w", b.Name, err)
		}
		return nil
	}
	return fmt.Errorf("db: an entry of %s changes %T, which the journal does not keep", e.Actor, e.Beside)
}

func changeAccounts(ctx context.Context, q execer, c *account.Change) error {
	for _, a := range c.Passwords {
		if err := setPassword(ctx, q, a.User, a.Password); err != nil {
			return err
		}
	}
	for _, a := range c.Put {
		if err := putAccount(ctx, q, a); err != nil {
			return err
		}
	}
	if err := endSessions(ctx, q, c); err != nil {
		return err
	}
	for _, t := range c.Tokens {
		if err := putToken(ctx, q, t); err != nil {
			return err
		}
	}
	for subject, t := range c.Tries {
		if err := putTries(ctx, q, subject, t); err != nil {
			return err
		}
	}
	return nil
}

func endSessions(ctx context.Context, q execer, c *account.Change) error {
	for _, user := range c.End {
		if _, err := q.ExecContext(ctx, `DELETE FROM tokens WHERE user = ?`, user); err != nil {
			return fmt.Errorf("db: drop tokens of %s: %w", user, err)
		}
	}
	if c.Session != "" {
		if _, err := q.ExecContext(ctx, `DELETE FROM tokens WHERE lower(hex(substr(digest, 1, 8))) = ?`, c.Session); err != nil {
			return fmt.Errorf("db: drop a session: %w", err)
		}
	}
	if c.Token == nil {
		return nil
	}
	return dropToken(ctx, q, c.Token)
}

func changeHooks(ctx context.Context, q execer, c *webhook.Change) error {
	if c.Put != nil {
		return putHook(ctx, q, *c.Put)
	}
	if _, err := q.ExecContext(ctx, `DELETE FROM webhooks WHERE id = ?`, c.Drop); err != nil {
		return fmt.Errorf("db: webhook %s: %w", c.Drop, err)
	}
	return nil
}
