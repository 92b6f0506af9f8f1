package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// MarkName names a value that is kept beside the journal.
type MarkName string

// Mark returns a value, or "".
func (d *DB) Mark(ctx context.Context, name MarkName) (string, error) {
	var value string
	err := d.read.QueryRowContext(ctx, `SELECT value FROM marks WHERE name = ?`, name).Scan(&value)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("db: mark %s: %w", name, err)
	}
	return value, nil
}

// HasPersons says whether the hall keeps a pseudonym.
func (d *DB) HasPersons(ctx context.Context) (has bool, err error) {
	err = d.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM tickets WHERE person <> '') OR EXISTS (SELECT 1 FROM cases WHERE subject <> '' OR agent <> '')
		OR EXISTS (SELECT 1 FROM appointments WHERE person <> '')`).Scan(&has)
	if err != nil {
		return false, fmt.Errorf("db: persons: %w", err)
	}
	return has, nil
}

// MarkSet is a value that an entry keeps beside its events.
type MarkSet struct {
	Name  MarkName
	Value string
}

const putMark = `INSERT INTO marks (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`

// SetMark keeps a value; it is on disk when SetMark returns. An empty one is forgotten.
func (d *DB) SetMark(ctx context.Context, name MarkName, value string) error {
	var err error
	if value == "" {
		_, err = d.write.ExecContext(ctx, `DELETE FROM marks WHERE name = ?`, name)
	} else {
		_, err = d.write.ExecContext(ctx, putMark, name, value)
	}
	if err != nil {
		return fmt.Errorf("db: mark %s: %w", name, err)
	}
	return nil
}
