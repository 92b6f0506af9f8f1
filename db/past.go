package db

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"

	"yitang/server/hall"
)

// PastWriter is what archive.PastWriter is: the same type written twice, because neither package knows the other.
type PastWriter = interface {
	Case(id string, opened, closed int, body []byte) error
	Tickets(day int, body []byte) error
	Accepted(day int, matter string, cases int) error
	Standards(body []byte) error
}

// past writes the imported history within one transaction.
type past struct {
	kase, tickets, accepted, standards *statement
}

// ReplacePast replaces the imported history in one transaction: what fill writes through put, and what seal appends to the
// journal, is on disk as a whole, or nothing has changed.
func (d *DB) ReplacePast(ctx context.Context, fill func(put PastWriter) error, seal func(digest string) error) error {
	tx, err := d.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("db: past: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it has nothing to do
	for _, table := range []string{"past_cases", "past_days", "past_accepted", "past_standards"} {
		if _, err := tx.Exec("DELETE FROM " + table); err != nil { // #nosec G202 -- a table of ours
			return fmt.Errorf("db: %s: %w", table, err)
		}
	}
	p := preparer{conn: d.stmts.conn}
	defer p.close() //nolint:errcheck // what they did is known
	w := past{
		kase:      p.prepare(`INSERT INTO past_cases (id, opened, closed, body) VALUES (?, ?, ?, ?)`),
		tickets:   p.prepare(`INSERT INTO past_days (day, tickets) VALUES (?, ?)`),
		accepted:  p.prepare(`INSERT INTO past_accepted (day, matter, cases) VALUES (?, ?, ?)`),
		standards: p.prepare(`INSERT INTO past_standards (one, body) VALUES (1, ?)`),
	}
	if p.err != nil {
		return p.err
	}
	if err := fill(&w); err != nil {
		return err
	}
	digest, err := pastDigest(ctx, tx)
	if err != nil {
		return err
	}
	hash := d.hash
	d.joined = tx
	err = seal(digest)
	d.joined = nil
	if err == nil {
		if err = tx.Commit(); err != nil {
			err = fmt.Errorf("db: past: commit: %w", err)
		}
	}
	if err != nil {
		d.hash = hash
		return err
	}
	_, err = d.write.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)") // the log has grown as large as the history
	return err
}

// Case implements archive.PastWriter.
func (p *past) Case(id string, opened, closed int, body []byte) error {
	return pastError("case "+id, p.kase.exec(id, opened, closed, body))
}

// Tickets implements archive.PastWriter.
func (p *past) Tickets(day int, body []byte) error {
	return pastError("tickets", p.tickets.exec(day, body))
}

// Accepted implements archive.PastWriter.
func (p *past) Accepted(day int, matter string, cases int) error {
	return pastError("accepted", p.accepted.exec(day, matter, cases))
}

// Standards implements archive.PastWriter.
func (p *past) Standards(body []byte) error { return pastError("standards", p.standards.exec(body)) }

func pastError(what string, err error) error {
	if err != nil {
		return fmt.Errorf("db: past: %s: %w", what, err)
	}
	return nil
}

// PastCases implements archive.Store.
func (d *DB) PastCases(ctx context.Context, from, to int, each func(body []byte) error) error {
	return d.bodies(ctx, each, `
		SELECT body FROM past_cases WHERE closed - opened <= 92 AND closed BETWEEN ?1 AND ?2 + 92 AND opened <= ?2
		UNION ALL
		SELECT body FROM past_cases WHERE closed - opened > 92 AND opened <= ?2 AND closed >= ?1`, from, to)
}

// PastDays implements archive.Store.
func (d *DB) PastDays(ctx context.Context, from, to int, each func(body []byte) error) error {
	return d.bodies(ctx, each, `SELECT tickets FROM past_days WHERE day BETWEEN ? AND ? ORDER BY day, no`, from, to)
}

func (d *DB) bodies(ctx context.Context, each func([]byte) error, query string, args ...any) error {
	rows, err := d.read.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("db: past: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var body sql.RawBytes
		if err := rows.Scan(&body); err != nil {
			return fmt.Errorf("db: past: %w", err)
		}
		if err := each(body); err != nil {
			return err
		}
	}
	return rows.Err()
}

// PastCase implements archive.Store.
func (d *DB) PastCase(ctx context.Context, id string) ([]byte, error) {
	return d.body(ctx, `SELECT body FROM past_cases WHERE id = ?`, id)
}

// PastStandards implements archive.Store.
func (d *DB) PastStandards(ctx context.Context) ([]byte, error) {
	return d.body(ctx, `SELECT body FROM past_standards`)
}

// PastSpan implements archive.Store.
func (d *DB) PastSpan(ctx context.Context) (first, last int, err error) {
	var a, b sql.NullInt64
	err = d.read.QueryRowContext(ctx, `SELECT (SELECT min(day) FROM past_days), (SELECT max(day) FROM past_days)`).Scan(&a, &b)
	if err != nil {
		return 0, 0, fmt.Errorf("db: past: %w", err)
	}
	return int(a.Int64), int(b.Int64), nil
}

func (d *DB) body(ctx context.Context, query string, args ...any) ([]byte, error) {
	var body []byte
	err := d.read.QueryRowContext(ctx, query, args...).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("db: past: %w", err)
	}
	return body, nil
}

// PastAccepted implements archive.Store.
func (d *DB) PastAccepted(ctx context.Context, from, to int, each func(day int, matter string) error) error {
	rows, err := d.read.QueryContext(ctx, `SELECT max(day), matter FROM past_accepted WHERE day BETWEEN ? AND ? GROUP BY matter`, from, to)
	if err != nil {
		return fmt.Errorf("db: past: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var day int
		var matter string
		if err := rows.Scan(&day, &matter); err != nil {
			return fmt.Errorf("db: past: %w", err)
		}
		if err := each(day, matter); err != nil {
			return err
		}
	}
	return rows.Err()
}

// pastDigest is SHA-256 over the imported tables: every column of every row, each with its length in front, in the order
// of their keys. It is empty for a hall that has imported nothing.
func pastDigest(ctx context.Context, q queryer) (string, error) {
	sum, some := sha256.New(), false
	for _, query := range []string{"SELECT no, id, opened, closed, body FROM past_cases ORDER BY no", "SELECT no, day, tickets FROM past_days ORDER BY no",
		"SELECT day, matter, cases FROM past_accepted ORDER BY day, matter", "SELECT one, body FROM past_standards"} {
		rows, err := q.QueryContext(ctx, query)
		if err != nil {
			return "", fmt.Errorf("db: past: %w", err)
		}
		defer rows.Close()
		names, err := rows.Columns()
		if err != nil {
			return "", fmt.Errorf("db: past: %w", err)
		}
		cells, into := make([]sql.RawBytes, len(names)), make([]any, len(names))
		for i := range cells {
			into[i] = &cells[i]
		}
		for rows.Next() {
			if err := rows.Scan(into...); err != nil {
				return "", fmt.Errorf("db: past: %w", err)
			}
			for _, c := range cells {
				sum.Write(binary.BigEndian.AppendUint32(nil, uint32(len(c)))) // #nosec G115 -- cells are bounded
				sum.Write(c)
			}
			some = true
		}
		if err := rows.Err(); err != nil {
			return "", fmt.Errorf("db: past: %w", err)
		}
	}
	if !some {
		return "", nil
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// LayoutsInForce implements archive.Own.
func (d *DB) LayoutsInForce(ctx context.Context, from, before hall.Millis, each func(since hall.Millis, l *hall.Layout) error) error {
	return replay(ctx, d.read, allEvents+`
		WHERE `+adopted+` AND at < ?2 AND seq >= coalesce((SELECT max(seq) FROM events WHERE `+adopted+` AND at <= ?1), 0)
		ORDER BY seq`, decoded(func(ev *hall.Event) error {
		if b, ok := ev.Body.(*hall.LayoutAdopted); ok {
			return each(ev.At, &b.Layout)
		}
		return nil
	}), from, before)
}

// Layout returns the layout that the hall adopted last; an empty one when it has none.
func (d *DB) Layout(ctx context.Context) (*hall.Layout, error) {
	l := &hall.Layout{}
	err := replay(ctx, d.read, allEvents+`
		WHERE `+adopted+` ORDER BY seq DESC LIMIT 1`, decoded(func(ev *hall.Event) error {
		if b, ok := ev.Body.(*hall.LayoutAdopted); ok {
			*l = b.Layout
		}
		return nil
	}))
	return l, err
}
