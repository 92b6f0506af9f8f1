package db

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"yitang/server/hall"
)

// statements are prepared once on the only writing connection.
type statements struct {
	*preparer
	event, keep  *statement
	mark, forget *statement
	tx           *sql.Tx // within which they are used
	project      projector
}

func prepare(w *sql.DB) (*statements, error) {
	p, err := newPreparer(w)
	if err != nil {
		return nil, err
	}
	s := &statements{
		preparer: p,
		event: p.prepare(`INSERT INTO events (seq, hall, day, at, actor, kind, version, payload, digest, hash, purged)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
		mark: p.prepare(putMark), forget: p.prepare(forgetAnswers),
		keep:    p.prepare(`INSERT INTO answers (actor, key, digest, at, answer, place) VALUES (?, ?, ?, ?, ?, ?)`),
		project: newProjector(p),
	}
	if p.err != nil {
		return nil, errors.Join(p.err, p.close())
	}
	return s, nil
}

// findAnswer finds what a key was answered.
const findAnswer = `SELECT digest, answer FROM answers WHERE actor = ? AND key = ?`

// Answer implements engine.Journal. It has a connection of its own: neither the commit under way nor a long report holds it up.
func (d *DB) Answer(actor hall.Actor, key string) (answer []byte, digest string, found bool, err error) {
	var row [2]driver.Value
	found, err = d.answers.row(row[:], string(actor), key)
	if err != nil {
		return nil, "", false, fmt.Errorf("db: answers: %w", err)
	}
	digest, _ = row[0].(string)
	answer, _ = row[1].([]byte)
	return answer, digest, found, nil
}

// Append implements engine.Journal: the events, what they change in the projections and the answers are on disk
// together or not at all.
func (d *DB) Append(entries []hall.Entry) error {
	if d.joined != nil {
		return d.appendIn(d.joined, entries)
	}
	tx, err := d.write.Begin()
	if err != nil {
		return fmt.Errorf("db: append: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it has nothing to do
	hash, place := d.hash, d.place
	if err := d.appendIn(tx, entries); err != nil {
		d.hash, d.place = hash, place
		return err
	}
	if err := tx.Commit(); err != nil {
		d.hash, d.place = hash, place
		return fmt.Errorf("db: commit: %w", err)
	}
	return nil
}

// appendIn writes the entries within a transaction.
func (d *DB) appendIn(tx *sql.Tx, entries []hall.Entry) (err error) {
	w := d.stmts.in(tx)
	for i := range entries {
		if entries[i].Key != "" {
			d.place++
		}
		if d.hash, err = w.entry(d.hash, &entries[i], d.place); err != nil {
			return err
		}
	}
	return nil
}

// in is the statements with the transaction that holds their connection.
func (s *statements) in(tx *sql.Tx) *statements {
	bound := *s
	bound.tx = tx
	return &bound
}

// entry writes one accepted command: its events, what they touched, and what its sender was answered.
func (s *statements) entry(hash []byte, e *hall.Entry, place uint64) (_ []byte, err error) {
	for i := range e.Events {
		if hash, err = s.happened(hash, &e.Events[i]); err != nil {
			return nil, err
		}
	}
	if err := errors.Join(s.touched(e), s.beside(e)); err != nil || e.Key == "" {
		return hash, err
	}
	answer := e.Answer
	if answer == nil {
		answer = []byte{}
	}
	if err := s.keep.exec(string(e.Actor), e.Key, e.Digest, int64(e.At), answer, place); err != nil {
		return nil, fmt.Errorf("db: keep the answer to key %q: %w", e.Key, err)
	}
	return hash, nil
}

// happened writes one event and returns its hash.
func (s *statements) happened(hash []byte, ev *hall.Event) ([]byte, error) {
	if b, ok := ev.Body.(*hall.RecordsPurged); ok {
		if err := s.complete(b); err != nil {
			return nil, err
		}
	}
	payload, err := json.Marshal(ev.Body)
	if err != nil {
		return nil, fmt.Errorf("db: event %d: %w", ev.Seq, err)
	}
	r := record{seq: ev.Seq, hall: string(ev.Hall), day: string(ev.Day), at: int64(ev.At), actor: string(ev.Actor),
		kind: string(ev.Body.Kind()), version: hall.BodyVersion, payload: payload}
	r.seal(hash)
	if err := s.insert(&r); err != nil {
		return nil, err
	}
	if err := s.project.event(ev); err != nil {
		return nil, fmt.Errorf("db: project event %d: %w", ev.Seq, err)
	}
	return r.hash, s.obey(ev)
}

// touched projects what the events of an entry were about.
func (s *statements) touched(e *hall.Entry) error {
	for _, t := range e.Tickets {
		if err := s.project.ticket(t); err != nil {
			return fmt.Errorf("db: project ticket %s: %w", t.ID, err)
		}
	}
	for _, c := range e.Cases {
		if err := s.project.kase(c); err != nil {
			return fmt.Errorf("db: project case %s: %w", c.ID, err)
		}
	}
	for _, t := range e.Tasks {
		if err := s.project.task(t); err != nil {
			return fmt.Errorf("db: project task %s: %w", t.Rating, err)
		}
	}
	for _, l := range e.Leads {
		if err := s.project.lead(l); err != nil {
			return fmt.Errorf("db: project lead %s: %w", l.ID, err)
		}
	}
	for _, a := range e.Appointments {
		if err := s.project.appointment(a); err != nil {
			return fmt.Errorf("db: project appointment %s: %w", a.ID, err)
		}
	}
	return nil
}

func (s *statements) insert(r *record) error {
	err := s.event.exec(r.seq, r.hall, r.day, r.at, r.actor, r.kind, r.version, string(r.payload), r.digest, r.hash, r.purged)
	if err != nil {
		return fmt.Errorf("db: event %d: %w", r.seq, err)
	}
	return nil
}

// record is one row of events.
type record struct {
	seq          uint64
	hall, day    string
	at           int64
	actor, kind  string
	version      int
	payload      []byte
	digest, hash []byte // digest of the payload as it was first, hash over the hash before and this event
	purged       uint64 // event by which retention took the personal part out of the payload; 0 = it is whole
}

// genesis is the hash before the first event.
func genesis() []byte { return make([]byte, sha256.Size) }

// seal computes digest and hash: SHA-256 over the hash before, the fixed-size numbers, each text with its length in
// front, and the payload's digest. So no byte of an event, nor its place, can change without changing every hash after.
func (r *record) seal(before []byte) {
	digest := sha256.Sum256(r.payload)
	r.digest = digest[:]
	r.hash = r.link(before)
}

// linkBytes is room for what is hashed of most events.
const linkBytes = 256

func (r *record) link(before []byte) []byte {
	b := append(make([]byte, 0, linkBytes), before...)
	b = binary.BigEndian.AppendUint64(b, r.seq)
	b = binary.BigEndian.AppendUint64(b, uint64(r.at))      // #nosec G115 -- its bits are what is hashed; texts are bounded
	b = binary.BigEndian.AppendUint64(b, uint64(r.version)) // #nosec G115 -- its bits are what is hashed; texts are bounded
	for _, text := range []string{r.hall, r.day, r.actor, r.kind} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(text))) // #nosec G115 -- its bits are what is hashed; texts are bounded
		b = append(b, text...)
	}
	sum := sha256.Sum256(append(b, r.digest...))
	return sum[:]
}

// allEvents is what replay reads, without which and in what order.
const allEvents = `SELECT seq, hall, day, at, actor, kind, version, payload, digest, hash, purged FROM events`

// adopted are the layouts that came into force: both kinds of layouts are named because the index names both.
const adopted = `kind IN ('layout_adopted', 'layout_planned') AND kind = 'layout_adopted'`

// replayDay is how Replay finds its events, without reading what lies between.
const replayDay = `
	WITH day(seq) AS (SELECT coalesce((SELECT max(seq) FROM events WHERE kind = 'day_opened'), 0))
	` + allEvents + `
	WHERE seq IN ((SELECT max(seq) FROM events WHERE ` + adopted + ` AND seq < (SELECT seq FROM day)),
	              (SELECT max(seq) FROM events WHERE kind = 'screens_arranged' AND seq < (SELECT seq FROM day)))
	UNION ALL
	` + allEvents + ` WHERE seq >= (SELECT seq FROM day)
	ORDER BY seq`

// Replay implements engine.Journal: the newest layout and arrangement of the screens from before the newest business
// day, then that day.
func (d *DB) Replay(ctx context.Context, apply func(*hall.Event) error) error {
	return replay(ctx, d.write, replayDay, decoded(apply))
}

// queryer is a connection or a transaction.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func replay(ctx context.Context, q queryer, query string, each func(*record) error, args ...any) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("db: replay: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r record
		if err := rows.Scan(&r.seq, &r.hall, &r.day, &r.at, &r.actor, &r.kind, &r.version, &r.payload, &r.digest, &r.hash, &r.purged); err != nil {
			return fmt.Errorf("db: replay: %w", err)
		}
		if err := each(&r); err != nil {
			return fmt.Errorf("db: event %d: %w", r.seq, err)
		}
	}
	return rows.Err()
}

// decoded is an each of replay that takes what the records say.
func decoded(each func(*hall.Event) error) func(*record) error {
	return func(r *record) error {
		ev, err := r.event()
		if err != nil {
			return err
		}
		return each(ev)
	}
}

func (r *record) event() (*hall.Event, error) {
	body, err := hall.DecodeBody(hall.Kind(r.kind), r.payload)
	if err != nil {
		return nil, err
	}
	return &hall.Event{Seq: r.seq, Hall: hall.ID(r.hall), Day: hall.Day(r.day), At: hall.Millis(r.at),
		Actor: hall.Actor(r.actor), Body: body}, nil
}
