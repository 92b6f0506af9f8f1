package db

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"yitang/server/hall"
)

// CutAfter makes a hall that nobody works on what it was at a moment: later events, answers and what followed from them are gone,
// and the projections are made anew from what is left. Accounts and other tables beside the journal stay as they are. It returns
// the number of the last event. Error: the moment lies before the first event, or before a purge, which nothing brings back.
func (d *DB) CutAfter(ctx context.Context, at time.Time, rule hall.Rule) (last uint64, err error) {
	tx, err := d.write.BeginTx(ctx, nil)
	if err != nil {
		return 0, fmt.Errorf("db: cut: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it has nothing to do
	var purges int
	err = tx.QueryRow(`SELECT coalesce(max(seq), 0), (SELECT count(*) FROM events WHERE at > ?1 AND kind = 'records_purged') FROM events WHERE at <= ?1`, at.UnixMilli()).Scan(&last, &purges)
	switch {
	case err != nil:
		return 0, fmt.Errorf("db: cut: %w", err)
	case last == 0:
		return 0, fmt.Errorf("db: cut: the hall began after %s; choose a later time", at.Format(time.DateTime))
	case purges > 0:
		return 0, fmt.Errorf("db: cut: persons were purged after %s, and nothing brings them back; use a backup from before", at.Format(time.DateTime))
	}
	if err := cut(tx, last, at); err != nil {
		return 0, fmt.Errorf("db: cut: %w", err)
	}
	if err := d.rebuild(ctx, tx, rule); err != nil {
		return 0, err
	}
	if err := tx.Commit(); err != nil {
		return 0, fmt.Errorf("db: cut: %w", err)
	}
	return last, d.loadHash()
}

// cut takes the later events away, past the guard that otherwise keeps every event.
func cut(tx *sql.Tx, last uint64, at time.Time) error {
	var guard string
	if err := tx.QueryRow(`SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = 'events_keep_delete'`).Scan(&guard); err != nil {
		return err
	}
	for _, s := range []struct {
		query string
		args  []any
	}{{"DROP TRIGGER events_keep_delete", nil}, {`DELETE FROM events WHERE seq > ?`, []any{last}}, {guard, nil},
		{`DELETE FROM answers WHERE at > ?`, []any{at.UnixMilli()}}, {`UPDATE webhooks SET place = min(place, ?)`, []any{last}}} {
		if _, err := tx.Exec(s.query, s.args...); err != nil {
			return err
		}
	}
	for _, table := range projections() {
		if _, err := tx.Exec("DELETE FROM " + table); err != nil { // #nosec G202 -- the tables are named in the source
			return err
		}
	}
	return nil
}

// rebuild makes the projections from the journal.
func (d *DB) rebuild(ctx context.Context, tx *sql.Tx, rule hall.Rule) error {
	w, state := d.stmts.in(tx), hall.New(rule)
	var list []*record
	for after := uint64(0); ; after = list[len(list)-1].seq {
		list = list[:0]
		err := replay(ctx, tx, allEvents+`
			WHERE seq > ? ORDER BY seq LIMIT 10000`, func(r *record) error { list = append(list, r); return nil }, after)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, r := range list {
			ev, err := r.event()
			if err != nil {
				return fmt.Errorf("db: event %d: %w", r.seq, err)
			}
			state.Apply(ev)
			if err := w.project.all(ev, state); err != nil {
				return fmt.Errorf("db: project event %d: %w", r.seq, err)
			}
		}
	}
}
