package ledger

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"yitang/city/letter"
	"yitang/server/hall"
)

// Taken says what became of some letters.
type Taken struct {
	New     int // took effect
	Again   int // had been taken before, or belong to a generation that was replaced
	Early   int // wait for one before them
	Refused int // of a hall whose journal is torn
	Unknown int // of a kind that this city does not know yet: only counted, until a newer city rebuilds
}

// hallRow is a hall's row in halls, locked by the transaction.
type hallRow struct {
	ID       hall.ID
	Gen      letter.Generation
	Position uint64
	Hash     string
	Head     uint64
	Early    int
	At       hall.Millis
	Fault    string
}

// Take takes letters in, in one transaction: all of them have their effect once, or none has. Letters of one hall may come
// in any order, and again.
func (l *Ledger) Take(ctx context.Context, letters []*letter.Letter) (taken Taken, err error) {
	b := newBatch()
	byHall := map[hall.ID][]*letter.Letter{}
	for _, m := range letters {
		byHall[m.Hall] = append(byHall[m.Hall], m)
	}
	if err := l.ensure(ctx, daysOf(letters)); err != nil {
		return taken, err
	}
	err = l.tx(ctx, func(tx pgx.Tx) error {
		b, taken = newBatch(), Taken{}
		rows, err := lockHalls(ctx, tx, byHall)
		if err != nil {
			return err
		}
		var events []*hall.Event
		for i := range rows {
			list, err := rows[i].choose(ctx, tx, byHall[rows[i].ID], &taken)
			if err != nil {
				return err
			}
			events = append(events, list...)
		}
		if err := b.load(ctx, tx, events); err != nil {
			return err
		}
		for _, e := range events {
			b.fold(e)
		}
		return b.store(ctx, tx, rows)
	})
	return taken, err
}

// daysOf are the days whose partitions the letters need: those in the numbers of tickets and cases, and the events' own.
func daysOf(letters []*letter.Letter) map[string]bool {
	days := map[string]bool{}
	for _, m := range letters {
		e, err := m.Event()
		if err != nil || e.Body == nil {
			continue
		}
		for _, t := range touched(e) {
			days[dayOf(string(t))] = true
		}
		days[dayOf(string(e.CaseSubject()))] = true
		days[eventDay(e)] = true
	}
	delete(days, unnumbered)
	return days
}

// eventDay is the business day of an event, before the first one the day of its time.
func eventDay(e *hall.Event) string {
	if e.Day != "" {
		return string(e.Day)
	}
	return time.UnixMilli(int64(e.At)).UTC().Format(time.DateOnly)
}

// lockHalls returns the rows of the halls in the order of their names, so that two workers cannot wait for each other.
func lockHalls(ctx context.Context, tx pgx.Tx, byHall map[hall.ID][]*letter.Letter) ([]hallRow, error) {
	var ids []string
	for id := range byHall {
		ids = append(ids, string(id))
	}
	slices.Sort(ids)
	if _, err := tx.Exec(ctx, `INSERT INTO halls (id) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING`, ids); err != nil {
		return nil, err
	}
	r, err := tx.Query(ctx, `SELECT id, gen, position, hash, head, early, at, fault FROM halls WHERE id = ANY($1) ORDER BY id FOR UPDATE`, ids)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(r, pgx.RowToStructByPos[hallRow])
}

// choose returns the events that may be taken in now, in order, and keeps those that came too early.
func (h *hallRow) choose(ctx context.Context, tx pgx.Tx, letters []*letter.Letter, taken *Taken) ([]*hall.Event, error) {
	if newest := slices.MaxFunc(letters, func(a, b *letter.Letter) int { return cmp.Compare(a.Gen, b.Gen) }); newest.Gen > h.Gen {
		if err := h.begin(ctx, tx, newest.Gen); err != nil {
			return nil, err
		}
	}
	mine := slices.DeleteFunc(slices.Clone(letters), func(m *letter.Letter) bool { return m.Gen != h.Gen })
	taken.Again += len(letters) - len(mine)
	if h.Fault != "" {
		taken.Refused += len(mine)
		return nil, nil
	}
	reaches := slices.ContainsFunc(mine, func(m *letter.Letter) bool { return m.Seq == h.Position+1 })
	var waiting []*letter.Letter
	if reaches && h.Early > 0 {
		var err error
		if waiting, err = h.waiting(ctx, tx); err != nil {
			return nil, err
		}
	}
	mine = append(mine, waiting...)
	slices.SortStableFunc(mine, func(a, b *letter.Letter) int { return cmp.Compare(a.Seq, b.Seq) })
	events, early := h.follow(mine, taken)
	return events, h.keep(ctx, tx, early, taken)
}

// follow goes along the chain of hashes from the position on, as far as the letters reach.
func (h *hallRow) follow(mine []*letter.Letter, taken *Taken) (events []*hall.Event, early []*letter.Letter) {
	for i, m := range mine {
		h.Head = max(h.Head, m.Head, m.Seq)
		switch {
		case m.Seq < h.Position, m.Seq == h.Position && m.Hash == h.Hash:
			taken.Again++
		case m.Seq == h.Position, m.Seq == h.Position+1 && h.Hash != "" && m.Prev != h.Hash:
			h.Fault = fmt.Sprintf("第 %d 号事件与市里已收到的对不上：该大厅可能由旧备份恢复，或两个大厅用了同一个名字。请执行 yitang city renew %s", m.Seq, h.ID)
			taken.Refused += len(mine) - i
			return events, nil
		case m.Seq == h.Position+1:
			e, err := m.Event()
			if err != nil {
				taken.Unknown++
			}
			h.Position, h.Hash, h.At = m.Seq, m.Hash, m.At
			taken.New++
			events = append(events, e)
		case len(early) == 0 || early[len(early)-1].Seq != m.Seq:
			early = append(early, m)
		}
	}
	return events, early
}

// begin throws away what was taken in of a hall: it begins again.
func (h *hallRow) begin(ctx context.Context, tx pgx.Tx, gen letter.Generation) error {
	*h = hallRow{ID: h.ID, Gen: gen}
	for _, table := range []string{"early", "tickets", "cases", "referrals", "hall_days", "windows", "devices", "judged"} {
		if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE hall = $1`, h.ID); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `UPDATE halls SET purged = DEFAULT WHERE id = $1`, h.ID)
	return err
}

// waiting are the letters that came too early.
func (h *hallRow) waiting(ctx context.Context, tx pgx.Tx) ([]*letter.Letter, error) {
	r, err := tx.Query(ctx, `SELECT body FROM early WHERE hall = $1 AND gen = $2 ORDER BY seq`, h.ID, h.Gen)
	if err != nil {
		return nil, err
	}
	bodies, err := pgx.CollectRows(r, pgx.RowTo[string])
	var list []*letter.Letter
	for _, text := range bodies {
		m := &letter.Letter{}
		if err := json.Unmarshal([]byte(text), m); err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return list, err
}

// keep lets go of the early letters that have been reached and adds the new ones.
func (h *hallRow) keep(ctx context.Context, tx pgx.Tx, early []*letter.Letter, taken *Taken) error {
	if h.Early == 0 && len(early) == 0 {
		return nil
	}
	gone, err := tx.Exec(ctx, `DELETE FROM early WHERE hall = $1 AND (gen <> $2 OR seq <= $3)`, h.ID, h.Gen, h.Position)
	if err != nil {
		return err
	}
	var numbers []int64
	var bodies []string
	for _, m := range early {
		text, err := json.Marshal(m)
		if err != nil {
			return err
		}
		numbers, bodies = append(numbers, int64(m.Seq)), append(bodies, strings.ToValidUTF8(string(text), "")) // #nosec G115 -- Decode refuses more
	}
	came, err := tx.Exec(ctx, `INSERT INTO early (hall, gen, seq, body) SELECT $1, $2, seq, body FROM unnest($3::bigint[], $4::text[]) AS e (seq, body)
		ON CONFLICT DO NOTHING`, h.ID, h.Gen, numbers, bodies)
	if err != nil {
		return err
	}
	h.Early += int(came.RowsAffected() - gone.RowsAffected())
	taken.Early += int(came.RowsAffected())
	return nil
}

// Refuse marks a hall whose letters cannot be taken in for a reason that does not pass: the others go on without it.
func (l *Ledger) Refuse(ctx context.Context, id hall.ID, why error) error {
	return l.tx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO halls (id, fault) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET fault = excluded.fault`,
			id, "收到的事件无法入库："+why.Error())
		return err
	})
}

// Position is up to where a hall's journal has been taken in, zero for one that nothing came from.
func (l *Ledger) Position(ctx context.Context, id hall.ID) (gen letter.Generation, seq uint64, hash string, err error) {
	err = l.pool.QueryRow(ctx, `SELECT gen, position, hash FROM halls WHERE id = $1`, id).Scan(&gen, &seq, &hash)
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	return gen, seq, hash, err
}
