package db

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"yitang/server/hall"
)

// Marks of a hall that has, or is, a standby.
const (
	MarkEpoch    MarkName = "epoch"     // of the last change of the primary; empty = 1
	MarkFork     MarkName = "fork"      // place of the last answer that was taken over at it
	MarkFollows  MarkName = "follows"   // this folder is a standby of that address
	MarkFenced   MarkName = "fenced"    // a standby took over: its epoch and address
	MarkPeers    MarkName = "peers"     // addresses of the standbys, JSON
	MarkKey      MarkName = "key"       // fingerprint of the pseudonyms' key
	MarkPurgedTo MarkName = "purged_to" // what the last purge reached, JSON
)

// ErrDiverged means that a standby holds events which the primary does not have in the same form.
var ErrDiverged = errors.New("db: this folder and the primary tell different stories")

// Bounds of a shipment.
const (
	shipEvents  = 2000   // about so many; all events of one moment travel together
	shipAnswers = 20_000 // at most
)

// Cursor is how far a standby has come.
type Cursor struct {
	Seq   uint64 // of its last event
	Hash  string // of it, hex; empty before the first
	Place uint64 // of its last answer
	Side  string // digest of the tables beside the journal; empty: do not look at them now
}

// shipment is a piece of the journal on its way to a standby, cut where a commit ended.
type shipment struct {
	Records []shipped `json:"records,omitempty"`
	Answers []reply   `json:"answers,omitempty"`
	Side    *beside   `json:"side,omitempty"` // nil: as the standby has it
	Head    uint64    `json:"head"`           // newest event at that moment
	Place   uint64    `json:"place"`          // newest answer
}

type shipped struct {
	Seq     uint64 `json:"seq"`
	Hall    string `json:"hall"`
	Day     string `json:"day"`
	At      int64  `json:"at"`
	Actor   string `json:"actor"`
	Kind    string `json:"kind"`
	Version int    `json:"version"`
	Payload string `json:"payload"`
	Digest  []byte `json:"digest"`
	Hash    []byte `json:"hash"`
	Purged  uint64 `json:"purged,omitempty"`
}

type reply struct {
	Actor  string `json:"actor"`
	Key    string `json:"key"`
	Digest string `json:"digest"`
	At     int64  `json:"at"`
	Answer []byte `json:"answer"`
	Place  uint64 `json:"place"`
}

// Ship returns what a standby lacks, encoded for Receive: events, answers given to keys once the events are all there, and
// the accounts and other tables beside the journal where they differ. Everything is of one moment. Nil: it lacks nothing.
// Error: ErrDiverged.
func (d *DB) Ship(ctx context.Context, from Cursor) ([]byte, error) {
	tx, err := d.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("db: ship: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // it only read
	var s shipment
	if err := s.fill(ctx, tx, from); err != nil {
		return nil, fmt.Errorf("db: ship: %w", err)
	}
	if len(s.Records) == 0 && len(s.Answers) == 0 && s.Side == nil {
		return nil, nil
	}
	return json.Marshal(s)
}

func (s *shipment) fill(ctx context.Context, tx *sql.Tx, from Cursor) error {
	if err := sameAt(ctx, tx, from); err != nil {
		return err
	}
	err := tx.QueryRowContext(ctx, `SELECT coalesce((SELECT max(seq) FROM events), 0), coalesce((SELECT max(place) FROM answers WHERE place > 0), 0)`).
		Scan(&s.Head, &s.Place)
	if err != nil {
		return err
	}
	last, err := s.records(ctx, tx, from.Seq)
	if err != nil || last < s.Head {
		return err
	}
	if err := s.answers(ctx, tx, from.Place); err != nil || from.Side == "" {
		return err
	}
	side, err := readBeside(ctx, tx)
	if err != nil {
		return err
	}
	if side.digest() != from.Side {
		s.Side = side
	}
	return nil
}

// sameAt refuses a standby whose last event is not ours.
func sameAt(ctx context.Context, tx *sql.Tx, from Cursor) error {
	if from.Seq == 0 {
		return nil
	}
	var hash []byte
	err := tx.QueryRowContext(ctx, `SELECT hash FROM events WHERE seq = ?`, from.Seq).Scan(&hash)
	if errors.Is(err, sql.ErrNoRows) || err == nil && hex.EncodeToString(hash) != from.Hash {
		return fmt.Errorf("%w at event %d", ErrDiverged, from.Seq)
	}
	return err
}

// records reads on from an event, at least to the end of the commit in which it reaches the bound: the events of a commit
// bear the same moment. It returns the number of the last one.
func (s *shipment) records(ctx context.Context, tx *sql.Tx, after uint64) (uint64, error) {
	rows, err := tx.QueryContext(ctx, allEvents+`
		WHERE seq > ? ORDER BY seq`, after)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var r shipped
		if err := rows.Scan(&r.Seq, &r.Hall, &r.Day, &r.At, &r.Actor, &r.Kind, &r.Version, &r.Payload, &r.Digest, &r.Hash, &r.Purged); err != nil {
			return 0, err
		}
		if n := len(s.Records); n >= shipEvents && s.Records[n-1].At != r.At {
			return after, nil
		}
		s.Records, after = append(s.Records, r), r.Seq
	}
	return after, rows.Err()
}

func (s *shipment) answers(ctx context.Context, tx *sql.Tx, after uint64) error {
	rows, err := tx.QueryContext(ctx, `SELECT actor, key, digest, at, answer, place FROM answers WHERE place > ? AND place > 0
		ORDER BY place LIMIT ?`, after, shipAnswers)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var a reply
		if err := rows.Scan(&a.Actor, &a.Key, &a.Digest, &a.At, &a.Answer, &a.Place); err != nil {
			return err
		}
		s.Answers = append(s.Answers, a)
	}
	return rows.Err()
}

// ReceivedPiece says what Receive put on disk.
type ReceivedPiece struct {
	Events int
	Head   uint64 // the primary's newest event when it answered
	Place  uint64
	Epoch  int // that began with one of the events; 0 = none
}

// Receive puts a shipment on disk: each event only if its hash follows from the one before, its projections by the same
// rules, the answers. State is the standby's and goes along; it is ahead of the disk when an error comes back, so the
// standby has to stop then. Errors: ErrDiverged, a shipment that cannot be read.
func (d *DB) Receive(data []byte, state *hall.State) (ReceivedPiece, error) {
	var s shipment
	if err := json.Unmarshal(data, &s); err != nil {
		return ReceivedPiece{}, fmt.Errorf("db: receive: %w", err)
	}
	got := ReceivedPiece{Events: len(s.Records), Head: s.Head, Place: s.Place}
	tx, err := d.write.Begin()
	if err != nil {
		return got, fmt.Errorf("db: receive: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it has nothing to do
	hash, err := s.put(d.stmts.in(tx), d.hash, state, &got)
	if err != nil {
		return got, fmt.Errorf("db: receive: %w", err)
	}
	if s.Side != nil {
		if err := s.Side.replace(tx); err != nil {
			return got, fmt.Errorf("db: receive: %w", err)
		}
	}
	if err := tx.Commit(); err != nil {
		return got, fmt.Errorf("db: receive: commit: %w", err)
	}
	d.hash = hash
	if n := len(s.Answers); n > 0 {
		d.place = s.Answers[n-1].Place
	}
	return got, nil
}

func (s *shipment) put(w *statements, hash []byte, state *hall.State, got *ReceivedPiece) ([]byte, error) {
	for i := range s.Records {
		r := s.Records[i].record()
		if err := r.follows(state.Seq(), hash); err != nil {
			return nil, err
		}
		ev, err := r.event()
		if err != nil {
			return nil, err
		}
		if b, ok := ev.Body.(*hall.PrimaryChanged); ok {
			got.Epoch = b.Epoch
		}
		state.Apply(ev)
		if err := w.insert(r); err != nil {
			return nil, err
		}
		if err := w.project.all(ev, state); err != nil {
			return nil, fmt.Errorf("event %d: %w", r.seq, err)
		}
		if err := w.obey(ev); err != nil {
			return nil, err
		}
		hash = r.hash
	}
	for _, a := range s.Answers {
		if err := w.keep.exec(a.Actor, a.Key, a.Digest, a.At, append([]byte{}, a.Answer...), a.Place); err != nil {
			return nil, fmt.Errorf("answer to key %q: %w", a.Key, err)
		}
	}
	return hash, nil
}

func (r *shipped) record() *record {
	return &record{seq: r.Seq, hall: r.Hall, day: r.Day, at: r.At, actor: r.Actor, kind: r.Kind, version: r.Version,
		payload: []byte(r.Payload), digest: r.Digest, hash: r.Hash, purged: r.Purged}
}

// follows refuses an event that is not the next one of the chain.
func (r *record) follows(seq uint64, before []byte) error {
	digest := sha256.Sum256(r.payload)
	switch {
	case r.seq != seq+1:
		return fmt.Errorf("%w: event %d came after %d", ErrDiverged, r.seq, seq)
	case r.purged == 0 && !bytes.Equal(digest[:], r.digest):
		return fmt.Errorf("%w: the payload of event %d does not fit its digest", ErrDiverged, r.seq)
	case !bytes.Equal(r.link(before), r.hash):
		return fmt.Errorf("%w: the hash of event %d does not follow from the one before", ErrDiverged, r.seq)
	}
	return nil
}

// TrimAnswers forgets the answers after a place: those that a new primary never had.
func (d *DB) TrimAnswers(ctx context.Context, after uint64) error {
	if _, err := d.write.ExecContext(ctx, `DELETE FROM answers WHERE place > ?`, after); err != nil {
		return fmt.Errorf("db: answers: %w", err)
	}
	d.place = min(d.place, after)
	return nil
}

// Place is that of the last answer.
func (d *DB) Place() uint64 { return d.place }

// Cursor is how far this folder has come; with side, also what the tables beside the journal are.
func (d *DB) Cursor(ctx context.Context, side bool) (Cursor, error) {
	c := Cursor{Hash: hex.EncodeToString(d.hash), Place: d.place}
	if err := d.write.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM events`).Scan(&c.Seq); err != nil {
		return c, fmt.Errorf("db: %w", err)
	}
	if !side {
		return c, nil
	}
	b, err := readBeside(ctx, d.write)
	if err != nil {
		return c, fmt.Errorf("db: %w", err)
	}
	c.Side = b.digest()
	return c, nil
}

// beside are the tables that are no part of the journal and follow from nothing in it: accounts, sessions, webhooks.
type beside struct {
	Tables []table `json:"tables"`
}

type table struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
	Rows    [][]cell `json:"rows"`
}

// cell is a value: a text, a number, or bytes.
type cell struct {
	Text  *string `json:"t,omitempty"`
	Whole *int64  `json:"n,omitempty"`
	Bytes []byte  `json:"b,omitempty"`
}

// ownTables are followed in another way or belong to one server alone.
func ownTables() []string {
	return append(projections(), "events", "answers", "past_cases", "past_days", "past_accepted", "past_standards", "marks")
}

// readBeside reads every table that ownTables does not name, so that a new one is followed without a word here.
func readBeside(ctx context.Context, q queryer) (*beside, error) {
	names, err := columnOf(ctx, q, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid`)
	if err != nil {
		return nil, err
	}
	out := &beside{}
	for _, name := range names {
		if slices.Contains(ownTables(), name) {
			continue
		}
		t, err := readTable(ctx, q, name)
		if err != nil {
			return nil, err
		}
		out.Tables = append(out.Tables, t)
	}
	return out, nil
}

func readTable(ctx context.Context, q queryer, name string) (table, error) {
	t := table{Name: name}
	rows, err := q.QueryContext(ctx, "SELECT * FROM "+name)
	if err != nil {
		return t, err
	}
	defer rows.Close()
	if t.Columns, err = rows.Columns(); err != nil {
		return t, err
	}
	for rows.Next() {
		values, into := make([]any, len(t.Columns)), make([]any, len(t.Columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return t, err
		}
		row := make([]cell, len(values))
		for i, v := range values {
			row[i] = cellOf(v)
		}
		t.Rows = append(t.Rows, row)
	}
	return t, rows.Err()
}

func cellOf(v any) cell {
	switch v := v.(type) {
	case string:
		return cell{Text: &v}
	case int64:
		return cell{Whole: &v}
	case []byte:
		return cell{Bytes: v}
	}
	return cell{}
}

func (c cell) value() any {
	switch {
	case c.Text != nil:
		return *c.Text
	case c.Whole != nil:
		return *c.Whole
	case c.Bytes != nil:
		return c.Bytes
	}
	return nil
}

// digest recognises the tables. What changes by the minute, when a session was last used, is left out.
func (b *beside) digest() string {
	h := sha256.New()
	enc := json.NewEncoder(h)
	for _, t := range b.Tables {
		seen := slices.Index(t.Columns, "seen")
		_ = enc.Encode(t.Columns) // a hash takes everything
		for _, row := range t.Rows {
			if seen >= 0 {
				row = slices.Delete(slices.Clone(row), seen, seen+1)
			}
			_ = enc.Encode(row)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// replace puts the tables in place of this folder's, children last.
func (b *beside) replace(tx *sql.Tx) error {
	known, err := readBeside(context.Background(), tx)
	if err != nil {
		return err
	}
	for _, t := range slices.Backward(known.Tables) {
		if _, err := tx.Exec("DELETE FROM " + t.Name); err != nil { // #nosec G202 -- a table of ours
			return err
		}
	}
	for i, t := range known.Tables {
		if i >= len(b.Tables) || b.Tables[i].Name != t.Name || !slices.Equal(b.Tables[i].Columns, t.Columns) {
			return fmt.Errorf("table %s is not the primary's: both servers must run the same Yitang", t.Name)
		}
		if err := b.Tables[i].insert(tx); err != nil {
			return err
		}
	}
	return nil
}

func (t *table) insert(tx *sql.Tx) error {
	if len(t.Rows) == 0 {
		return nil
	}
	marks := bytes.Repeat([]byte("?, "), len(t.Columns))
	s, err := tx.Prepare("INSERT INTO " + t.Name + " VALUES (" + string(marks[:len(marks)-2]) + ")") // #nosec G202 -- a table of ours, and question marks
	if err != nil {
		return err
	}
	defer s.Close()
	for _, row := range t.Rows {
		args := make([]any, len(row))
		for i, c := range row {
			args[i] = c.value()
		}
		if _, err := s.Exec(args...); err != nil {
			return fmt.Errorf("table %s: %w", t.Name, err)
		}
	}
	return nil
}

func columnOf(ctx context.Context, q queryer, query string) ([]string, error) {
	rows, err := q.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, rows.Err()
}
