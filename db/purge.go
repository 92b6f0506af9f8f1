package db

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strings"
	"time"

	"yitang/server/hall"
)

// purged is an event as a purge leaves it.
type purged struct {
	seq     uint64
	body    hall.Body
	payload []byte
	done    bool // it is so already
}

// PurgePlan returns what the next purge has to do, a business day at a time: nil when nothing is left. Persons of days up to
// one are due, and access records of days up to another.
func (d *DB) PurgePlan(ctx context.Context, persons, audit hall.Day) (*hall.RecordsPurged, error) {
	last, err := lastPurge(ctx, d)
	if err != nil {
		return nil, err
	}
	b := &hall.RecordsPurged{Through: last.Through, After: last.To, To: last.To, ClosedFrom: last.ClosedBefore, ClosedBefore: last.ClosedBefore,
		AuditAfter: last.AuditTo, AuditTo: last.AuditTo}
	day, end, at, err := d.nextDay(ctx, last.To, persons)
	if err != nil {
		return nil, err
	}
	if end > 0 {
		b.Through, b.To, b.ClosedBefore = day, end, at
	}
	if b.AuditTo, err = d.auditEnd(ctx, audit, last.AuditTo); err != nil {
		return nil, err
	}
	if b.To == b.After && b.AuditTo == b.AuditAfter {
		return nil, nil
	}
	return b, nil
}

// PurgeAllPlan widens a plan to all days that are due, for counting them, and says how many they are.
func (d *DB) PurgeAllPlan(ctx context.Context, b *hall.RecordsPurged, persons hall.Day) (*hall.RecordsPurged, int, error) {
	all, days := *b, 0
	if all.To > all.After {
		days = 1
	}
	for {
		day, end, at, err := d.nextDay(ctx, all.To, persons)
		if err != nil || end == 0 {
			return &all, days, err
		}
		all.Through, all.To, all.ClosedBefore, days = day, end, at, days+1
	}
}

// lastPurge is how far retention has come.
func lastPurge(ctx context.Context, d *DB) (b hall.RecordsPurged, err error) {
	text, err := d.Mark(ctx, MarkPurgedTo)
	if err != nil || text == "" {
		return b, err
	}
	return b, json.Unmarshal([]byte(text), &b)
}

// nextDay is the first business day after an event, up to a day, with the number and the moment of its end; 0 when there is
// none, or it has not been followed by another one. A day that an earlier one follows was opened by a clock that was ahead: it
// is due when that one is.
func (d *DB) nextDay(ctx context.Context, after uint64, until hall.Day) (day hall.Day, end uint64, at hall.Millis, err error) {
	err = d.read.QueryRowContext(ctx, `SELECT a.day, b.seq - 1, b.at FROM
		(SELECT seq, (SELECT min(day) FROM events e WHERE kind = 'day_opened' AND e.seq >= d.seq) AS day
		 FROM events d WHERE kind = 'day_opened' AND seq > ?1 ORDER BY seq LIMIT 1) a,
		(SELECT seq, at FROM events WHERE kind = 'day_opened' AND seq > (SELECT seq FROM events WHERE kind = 'day_opened' AND seq > ?1 ORDER BY seq LIMIT 1)
		 ORDER BY seq LIMIT 1) b WHERE a.day <= ?2`, after, until).Scan(&day, &end, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return "", 0, 0, nil
	}
	if err != nil {
		return "", 0, 0, fmt.Errorf("db: purge: %w", err)
	}
	return day, end, at, nil
}

// auditEnd is the last event of the last day whose access records are due; last where no day is.
func (d *DB) auditEnd(ctx context.Context, until hall.Day, last uint64) (end uint64, err error) {
	err = d.read.QueryRowContext(ctx, `SELECT coalesce((SELECT min(seq) - 1 FROM events WHERE kind = 'day_opened' AND day > ?1
		AND seq > (SELECT max(seq) FROM events WHERE kind = 'day_opened' AND day <= ?1)), 0)`, until).Scan(&end)
	if err != nil {
		return 0, fmt.Errorf("db: purge: %w", err)
	}
	return max(end, last), nil
}

// PurgeCount says how many events a purge would change. It changes nothing.
func (d *DB) PurgeCount(ctx context.Context, b *hall.RecordsPurged) (int, error) {
	list, err := gather(ctx, d.read, b, 0)
	return len(list), err
}

// personalEvents are the events that a purge looks at: about tickets in a range of numbers, of cases and tasks that were
// closed in a time, access records in another range.
func personalEvents() string {
	kinds := make([]string, 0, 16)
	for _, k := range hall.PersonalKinds() {
		kinds = append(kinds, "'"+string(k)+"'")
	}
	const columns = `SELECT e.seq, e.hall, e.day, e.at, e.actor, e.kind, e.version, e.payload, e.digest, e.hash, e.purged FROM `
	return columns + `events e WHERE e.seq > ?1 AND e.seq <= ?2 AND e.kind IN (` + strings.Join(kinds, ", ") + `)
		UNION ` + columns + `cases c JOIN events e ON e.kind IN ('case_started', 'case_stepped', 'case_synced')
		  AND CASE WHEN json_valid(e.payload) THEN coalesce(e.payload ->> '$.case', e.payload ->> '$.state.case') END = c.id
		  WHERE c.closed_at > 0 AND c.closed_at >= ?3 AND c.closed_at < ?4
		UNION ` + columns + `events e WHERE e.seq > ?5 AND e.seq <= ?6 AND e.kind = 'access_recorded'
		ORDER BY 1`
}

// gather lists the events that a purge changes, in order, as they are afterwards. Of those that were changed it knows only
// the ones of the purge with number by.
func gather(ctx context.Context, q queryer, b *hall.RecordsPurged, by uint64) ([]purged, error) {
	rows, err := q.QueryContext(ctx, personalEvents(), b.After, b.To, b.ClosedFrom, b.ClosedBefore, b.AuditAfter, b.AuditTo)
	if err != nil {
		return nil, fmt.Errorf("db: purge: %w", err)
	}
	defer rows.Close()
	var list []purged
	for rows.Next() {
		var r record
		if err := rows.Scan(&r.seq, &r.hall, &r.day, &r.at, &r.actor, &r.kind, &r.version, &r.payload, &r.digest, &r.hash, &r.purged); err != nil {
			return nil, fmt.Errorf("db: purge: %w", err)
		}
		if r.purged != 0 {
			if r.purged == by {
				list = append(list, purged{seq: r.seq, payload: r.payload, done: true})
			}
			continue
		}
		p, err := r.redacted()
		if err != nil {
			return nil, fmt.Errorf("db: purge: event %d: %w", r.seq, err)
		}
		if !bytes.Equal(p.payload, r.payload) {
			list = append(list, p)
		}
	}
	return list, rows.Err()
}

func (r *record) redacted() (purged, error) {
	e, err := r.event()
	if err != nil {
		return purged{}, err
	}
	p := purged{seq: r.seq, body: hall.Redact(e.Body)}
	p.payload, err = json.Marshal(p.body)
	return p, err
}

// purgeDigest recognises what a purge left.
func purgeDigest(list []purged) string {
	h := sha256.New()
	for _, p := range list {
		addPurged(h, p.seq, p.payload)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func addPurged(h hash.Hash, seq uint64, payload []byte) {
	h.Write(binary.BigEndian.AppendUint64(nil, seq))
	h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(payload)))) // #nosec G115 -- payloads are bounded
	h.Write(payload)
}

// complete fills in what a purge will have done, before its event is sealed.
func (s *statements) complete(b *hall.RecordsPurged) error {
	list, err := gather(context.Background(), s.tx, b, 0)
	if err != nil {
		return err
	}
	b.Records, b.Digest = len(list), purgeDigest(list)
	return nil
}

// purge does what its event says, in the same transaction. Another result than the event's means that this folder and the
// primary's are not the same.
func (s *statements) purge(e *hall.Event, b *hall.RecordsPurged) error {
	list, err := gather(context.Background(), s.tx, b, e.Seq)
	if err != nil {
		return err
	}
	if len(list) != b.Records || purgeDigest(list) != b.Digest {
		return fmt.Errorf("%w: the purge of event %d gives %d records here and %d there", ErrDiverged, e.Seq, len(list), b.Records)
	}
	for _, p := range list {
		if p.done {
			continue
		}
		if _, err := s.tx.Exec(`UPDATE events SET payload = ?, purged = ? WHERE seq = ?`, string(p.payload), e.Seq, p.seq); err != nil {
			return fmt.Errorf("db: purge: event %d: %w", p.seq, err)
		}
	}
	if err := s.redactRows(b); err != nil {
		return err
	}
	text, err := json.Marshal(b)
	if err != nil {
		return err
	}
	err = s.mark.exec(MarkPurgedTo, string(text))
	return err
}

// redactRows takes out of the projections what Redact takes out of the events.
func (s *statements) redactRows(b *hall.RecordsPurged) error {
	for _, step := range []struct {
		query string
		args  []any
		each  func(id, body string) error
	}{
		{`SELECT id, note FROM tickets WHERE id IN (SELECT payload ->> '$.ticket' FROM events WHERE seq > ? AND seq <= ? AND kind = 'ticket_issued')`,
			[]any{b.After, b.To}, s.redactTicket},
		{`SELECT ticket || ' ' || leg, outcomes FROM services WHERE outcomes <> '[]' AND ticket IN
			(SELECT payload ->> '$.ticket' FROM events WHERE seq > ? AND seq <= ? AND kind = 'ticket_issued')`, []any{b.After, b.To}, s.redactService},
		{`SELECT seq, reason FROM referrals WHERE reason <> '' AND (ticket <> '' AND seq > ?1 AND seq <= ?2
			OR case_id IN (SELECT id FROM cases WHERE closed_at > 0 AND closed_at >= ?3 AND closed_at < ?4))`,
			[]any{b.After, b.To, b.ClosedFrom, b.ClosedBefore}, s.redactReferral},
		{`SELECT id, body FROM appointments WHERE seq > ? AND seq <= ?`, []any{b.After, b.To}, redactBody(s, "appointments", hall.RedactAppointment)},
		{`SELECT id, body FROM rating_tasks WHERE id IN (SELECT id FROM ratings WHERE seq > ? AND seq <= ?)`, []any{b.After, b.To},
			redactBody(s, "rating_tasks", hall.RedactTask)},
		{`SELECT id, body FROM cases WHERE closed_at > 0 AND closed_at >= ? AND closed_at < ?`, []any{b.ClosedFrom, b.ClosedBefore},
			redactBody(s, "cases", hall.RedactCase)},
	} {
		if err := eachPair(s.tx, step.query, step.args, step.each); err != nil {
			return fmt.Errorf("db: purge: %w", err)
		}
	}
	for _, query := range []string{`UPDATE ratings SET text = '' WHERE seq > ?1 AND seq <= ?2 AND text <> ''`,
		`UPDATE appointments SET person = '', code = '', track = body ->> '$.track' WHERE seq > ?1 AND seq <= ?2`} {
		if _, err := s.tx.Exec(query, b.After, b.To); err != nil {
			return fmt.Errorf("db: purge: %w", err)
		}
	}
	_, err := s.tx.Exec(`UPDATE cases SET subject = '', agent = '' WHERE closed_at > 0 AND closed_at >= ? AND closed_at < ?`, b.ClosedFrom, b.ClosedBefore)
	return err
}

func (s *statements) redactTicket(id, note string) error {
	t := hall.RedactTicket(&hall.Ticket{ID: hall.TicketID(id), Note: note})
	_, err := s.tx.Exec(`UPDATE tickets SET person = '', track = ?, note = ? WHERE id = ?`, t.Track, t.Note, id)
	return err
}

func (s *statements) redactService(id, outcomes string) error {
	var list []hall.Outcome
	if err := json.Unmarshal([]byte(outcomes), &list); err != nil {
		return err
	}
	text, err := json.Marshal(hall.RedactOutcomes(list))
	if err != nil {
		return err
	}
	ticket, leg, _ := strings.Cut(id, " ")
	_, err = s.tx.Exec(`UPDATE services SET outcomes = ? WHERE ticket = ? AND leg = CAST(? AS INTEGER)`, string(text), ticket, leg)
	return err
}

func (s *statements) redactReferral(seq, reason string) error {
	_, err := s.tx.Exec(`UPDATE referrals SET reason = ? WHERE seq = CAST(? AS INTEGER)`, hall.RedactText(reason), seq)
	return err
}

// redactBody rewrites the body of a row of a table.
func redactBody[T any](s *statements, table string, redact func(*T) *T) func(id, body string) error {
	return func(id, body string) error {
		v, err := decode[T](body)
		if err != nil {
			return err
		}
		text, err := json.Marshal(redact(v))
		if err != nil {
			return err
		}
		_, err = s.tx.Exec("UPDATE "+table+" SET body = ? WHERE id = ?", string(text), id) // #nosec G202 -- a table of ours
		return err
	}
}

// eachPair reads all rows of two texts before it hands them on, so that what is done with them does not meet the reading.
func eachPair(tx *sql.Tx, query string, args []any, each func(a, b string) error) error {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var list [][2]string
	for rows.Next() {
		var p [2]string
		if err := rows.Scan(&p[0], &p[1]); err != nil {
			return err
		}
		list = append(list, p)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for _, p := range list {
		if err := each(p[0], p[1]); err != nil {
			return err
		}
	}
	return nil
}

// Compact writes the whole file anew, so that nothing of what was purged is left between its pages or in its log. It takes as
// long as copying the file, needs as much room again, and nothing is written meanwhile.
func (d *DB) Compact(ctx context.Context) error {
	for _, query := range []string{"VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"} {
		if _, err := d.write.ExecContext(ctx, query); err != nil {
			return fmt.Errorf("db: compact: %w; the purge itself is done", err)
		}
	}
	return nil
}

// Tidy forgets sessions and failed logins that ended before a moment.
func (d *DB) Tidy(ctx context.Context, before time.Time) error {
	for _, query := range []string{`DELETE FROM tokens WHERE expires > 0 AND expires < ?`, `DELETE FROM login_tries WHERE last < ?`} {
		if _, err := d.write.ExecContext(ctx, query, before.UnixMilli()); err != nil {
			return fmt.Errorf("db: tidy: %w", err)
		}
	}
	return nil
}

// purges holds what verify finds purged against the events that order it.
type purges struct {
	sums   map[uint64]hash.Hash
	counts map[uint64]int
	first  map[uint64]*record // an event of each
	orders map[uint64]*hall.RecordsPurged
}

func newPurges() purges {
	return purges{map[uint64]hash.Hash{}, map[uint64]int{}, map[uint64]*record{}, map[uint64]*hall.RecordsPurged{}}
}

func (p *purges) add(r *record, body hall.Body) {
	if b, ok := body.(*hall.RecordsPurged); ok {
		p.orders[r.seq] = b
	}
	if r.purged == 0 {
		return
	}
	if p.sums[r.purged] == nil {
		p.sums[r.purged], p.first[r.purged] = sha256.New(), r
	}
	addPurged(p.sums[r.purged], r.seq, r.payload)
	p.counts[r.purged]++
}

// fault is what is wrong with the purged events, or "".
func (p *purges) fault() string {
	for _, seq := range sortedKeys(p.sums) {
		if p.orders[seq] == nil {
			r := p.first[seq]
			return fmt.Sprintf("event %d (%s) was changed: it claims that retention did it by event %d, which is no purge", r.seq, r.kind, seq)
		}
	}
	for _, seq := range sortedKeys(p.orders) {
		b := p.orders[seq]
		sum := p.sums[seq]
		if sum == nil {
			sum = sha256.New()
		}
		if p.counts[seq] != b.Records || hex.EncodeToString(sum.Sum(nil)) != b.Digest {
			return fmt.Sprintf("event %d (records_purged) ordered %d events to be purged; the %d that claim so are not as they were then", seq, b.Records, p.counts[seq])
		}
	}
	return ""
}

func sortedKeys[V any](m map[uint64]V) []uint64 {
	keys := make([]uint64, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, cmp.Compare)
	return keys
}
