package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"yitang/server/hall"
)

// Verdict is what Verify found.
type Verdict struct {
	Events uint64
	Fault  string // empty when the chain is whole and the projections agree; else a sentence that names the place
}

// Verify reads a hall's whole journal: it recomputes the hash chain, replays every event through the hall's rules into
// fresh projections, and compares them with the ones on disk. It changes nothing and may run beside a working hall.
// Progress is called after every 10,000 events. Heads are what the journal was at earlier times, from outside the hall. An error means that the hall could not be read.
func Verify(ctx context.Context, dir string, rule hall.Rule, progress func(events uint64), heads ...hall.HeadSigned) (Verdict, error) {
	src, err := openReader(ctx, filepath.Join(dir, File))
	if err != nil {
		return Verdict{}, err
	}
	defer src.Close()
	scratch, err := os.MkdirTemp("", "yitang-verify-")
	if err != nil {
		return Verdict{}, fmt.Errorf("db: verify: %w", err)
	}
	defer os.RemoveAll(scratch)
	v := verifier{state: hall.New(rule), progress: progress}
	tx, err := src.BeginTx(ctx, &sql.TxOptions{ReadOnly: true}) // one moment of a hall that works on
	if err != nil {
		return Verdict{}, fmt.Errorf("db: verify: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // it only read
	links := chain{before: genesis(), purges: newPurges(), heads: heads}
	if fault, err := links.walk(ctx, tx); err != nil || fault != "" {
		return Verdict{Events: links.events, Fault: fault}, err
	}
	return v.run(ctx, tx, filepath.Join(scratch, "fresh.db"))
}

// verifier walks the journal once.
type verifier struct {
	state    *hall.State
	verdict  Verdict
	imported string // digest of the history that the journal says was imported last
	progress func(uint64)
}

func (v *verifier) run(ctx context.Context, src *sql.Tx, fresh string) (Verdict, error) {
	w, err := sql.Open("sqlite3", dsn(fresh, "_journal_mode=OFF&_synchronous=OFF"))
	if err != nil {
		return Verdict{}, fmt.Errorf("db: verify: %w", err)
	}
	defer w.Close()
	w.SetMaxOpenConns(1)
	if err := migrate(w); err != nil {
		return Verdict{}, err
	}
	stmts, err := prepare(w)
	if err != nil {
		return Verdict{}, err
	}
	defer stmts.close() //nolint:errcheck // it was only a copy to compare with
	if err := v.walk(ctx, src, w, stmts); err != nil || v.verdict.Fault != "" {
		return v.verdict, err
	}
	if err := v.triggers(ctx, src, w); err != nil || v.verdict.Fault != "" {
		return v.verdict, err
	}
	for _, table := range projections() {
		if err := v.compare(ctx, src, w, table); err != nil || v.verdict.Fault != "" {
			return v.verdict, err
		}
	}
	return v.verdict, v.past(ctx, src)
}

// projections are the tables that follow from the journal.
func projections() []string {
	return []string{"tickets", "services", "window_spells", "cases", "case_visits", "referrals", "ratings", "rating_tasks",
		"case_steps", "leads", "appointments"}
}

// past compares the imported history with what the journal says was imported last.
func (v *verifier) past(ctx context.Context, src *sql.Tx) error {
	digest, err := pastDigest(ctx, src)
	if err == nil && digest != v.imported {
		v.verdict.Fault = "the imported history is not the one that the journal says was imported: it was changed, or imported by an older program; import it again"
	}
	return err
}

var errFault = errors.New("fault found")

func (v *verifier) walk(ctx context.Context, src *sql.Tx, w *sql.DB, stmts *statements) error {
	tx, err := w.Begin()
	if err != nil {
		return fmt.Errorf("db: verify: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it has nothing to do
	err = replay(ctx, src, wholeJournal, func(r *record) error { return v.step(r, &stmts.project) })
	if errors.Is(err, errFault) {
		return nil
	}
	if err != nil {
		return err
	}
	return tx.Commit()
}

// step projects one event of a chain that is whole.
func (v *verifier) step(r *record, p *projector) error {
	v.verdict.Events++
	if v.verdict.Events%10_000 == 0 && v.progress != nil {
		v.progress(v.verdict.Events)
	}
	ev, err := r.event()
	if err != nil {
		return v.fault("event %d (%s) cannot be read: %v", r.seq, r.kind, err)
	}
	if b, ok := ev.Body.(*hall.HistoryImported); ok {
		v.imported = b.Digest
	}
	v.state.Apply(ev)
	return p.all(ev, v.state)
}

func (v *verifier) fault(format string, args ...any) error {
	v.verdict.Fault = fmt.Sprintf(format, args...)
	return errFault
}

// triggers finds a journal whose guards were taken away or made to guard nothing.
func (v *verifier) triggers(ctx context.Context, src *sql.Tx, fresh *sql.DB) error {
	have, err := guards(ctx, src)
	if err != nil {
		return err
	}
	want, err := guards(ctx, fresh)
	if err != nil {
		return err
	}
	if !slices.Equal(have, want) {
		v.verdict.Fault = "the triggers that keep the journal append-only are missing or were changed"
	}
	return nil
}

func guards(ctx context.Context, q queryer) ([]string, error) {
	rows, err := q.QueryContext(ctx, "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'events' ORDER BY name")
	if err != nil {
		return nil, fmt.Errorf("db: verify: %w", err)
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, fmt.Errorf("db: verify: %w", err)
		}
		list = append(list, text)
	}
	return list, rows.Err()
}

// compare reads a projection and its fresh twin side by side.
func (v *verifier) compare(ctx context.Context, src *sql.Tx, fresh *sql.DB, table string) error {
	const order = " ORDER BY 1, 2, 3"
	have, err := src.QueryContext(ctx, "SELECT * FROM "+table+order) // #nosec G202 -- a table of ours
	if err != nil {
		return fmt.Errorf("db: verify %s: %w", table, err)
	}
	defer have.Close()
	want, err := fresh.QueryContext(ctx, "SELECT * FROM "+table+order) // #nosec G202 -- a table of ours
	if err != nil {
		return fmt.Errorf("db: verify %s: %w", table, err)
	}
	defer want.Close()
	for {
		a, err := nextRow(have)
		if err != nil {
			return fmt.Errorf("db: verify %s: %w", table, err)
		}
		b, err := nextRow(want)
		if err != nil {
			return fmt.Errorf("db: verify %s: %w", table, err)
		}
		if a == nil && b == nil {
			return nil
		}
		if fault := differ(table, a, b); fault != "" {
			v.verdict.Fault = fault
			return nil
		}
	}
}

func differ(table string, have, want map[string]string) string {
	switch {
	case have == nil:
		return fmt.Sprintf("projection %s lacks a row that the journal makes: %s", table, key(want))
	case want == nil:
		return fmt.Sprintf("projection %s has a row that the journal does not make: %s", table, key(have))
	}
	for column, value := range want {
		if have[column] != value {
			return fmt.Sprintf("projection %s, row %s: %s is %q, the journal says %q", table, key(want), column, have[column], value)
		}
	}
	return ""
}

func key(row map[string]string) string {
	for _, column := range []string{"id", "ticket", "window", "seq"} {
		if row[column] != "" {
			return row[column]
		}
	}
	return "?"
}

// nextRow returns the next row by column, or nil at the end.
func nextRow(rows *sql.Rows) (map[string]string, error) {
	if !rows.Next() {
		return nil, rows.Err()
	}
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	values, into := make([]sql.NullString, len(names)), make([]any, len(names))
	for i := range values {
		into[i] = &values[i]
	}
	if err := rows.Scan(into...); err != nil {
		return nil, err
	}
	row := make(map[string]string, len(names))
	for i, name := range names {
		row[name] = values[i].String
	}
	return row, nil
}
