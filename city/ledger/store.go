package ledger

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// store writes the batch and the halls' positions.
func (b *batch) store(ctx context.Context, tx pgx.Tx, rows []hallRow) error {
	b.count()
	for _, write := range []func(context.Context, pgx.Tx) error{b.storePurges, b.storeTickets, b.storeCases, b.storeDays} {
		if err := write(ctx, tx); err != nil {
			return err
		}
	}
	q := &pgx.Batch{} // one trip to the database for all that are few
	b.storeReferrals(q)
	b.storeStates(q)
	if err := b.storeLayouts(q); err != nil {
		return err
	}
	for i := range rows {
		h := &rows[i]
		q.Queue(`UPDATE halls SET gen = $2, position = $3, hash = $4, head = $5, early = $6, at = $7, fault = $8 WHERE id = $1`,
			h.ID, h.Gen, h.Position, h.Hash, h.Head, h.Early, h.At, h.Fault)
	}
	return tx.SendBatch(ctx, q).Close()
}

func (b *batch) storeTickets(ctx context.Context, tx pgx.Tx) error {
	var k keys
	var persons, bodies []string
	for _, of := range b.sorted() {
		t := b.tickets[of]
		if t == nil {
			continue
		}
		body, err := json.Marshal(t)
		if err != nil {
			return err
		}
		k.add(of)
		persons, bodies = append(persons, t.Person), append(bodies, string(body))
	}
	if len(bodies) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `INSERT INTO tickets (hall, id, day, person, body)
		SELECT hall, id, day, person, body::json FROM unnest($1::text[], $2::text[], $3::date[], $4::text[], $5::text[]) AS t (hall, id, day, person, body)
		ON CONFLICT (hall, day, id) DO UPDATE SET person = excluded.person, body = excluded.body`, k.halls, k.ids, k.days, persons, bodies)
	return err
}

func (b *batch) storeCases(ctx context.Context, tx pgx.Tx) error {
	var k keys
	var matters, subjects, agents, bodies []string
	var opened, accepted, closed []int64
	for _, of := range b.sorted() {
		c := b.cases[of]
		if c == nil {
			continue
		}
		body, err := json.Marshal(c)
		if err != nil {
			return err
		}
		k.add(of)
		matters, subjects, agents = append(matters, string(c.Matter)), append(subjects, c.Subject), append(agents, c.Agent)
		opened, accepted, closed = append(opened, int64(c.OpenedAt)), append(accepted, int64(c.AcceptedAt)), append(closed, int64(c.ClosedAt))
		bodies = append(bodies, string(body))
	}
	if len(bodies) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `INSERT INTO cases (hall, id, filed, matter, subject, agent, opened_at, accepted_at, closed_at, body)
		SELECT hall, id, filed, matter, subject, agent, opened_at, accepted_at, closed_at, body::json
		FROM unnest($1::text[], $2::text[], $3::date[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::bigint[], $10::text[])
		AS c (hall, id, filed, matter, subject, agent, opened_at, accepted_at, closed_at, body)
		ON CONFLICT (hall, filed, id) DO UPDATE SET matter = excluded.matter, subject = excluded.subject, agent = excluded.agent,
		opened_at = excluded.opened_at, accepted_at = excluded.accepted_at, closed_at = excluded.closed_at, body = excluded.body`,
		k.halls, k.ids, k.days, matters, subjects, agents, opened, accepted, closed, bodies)
	return err
}

// dayColumns are the figures' columns, in the order of figures.list.
func dayColumns() []string {
	return []string{"events", "issued", "called", "served", "done", "missed", "left_early", "wait_ms", "wait_5", "wait_10", "wait_15",
		"wait_20", "wait_30", "wait_45", "wait_60", "wait_90", "wait_more", "service_ms", "cases_opened", "cases_closed", "ratings",
		"rating_sum", "ratings_bad"}
}

// upsertDays adds figures to the days.
func upsertDays() string {
	columns := dayColumns()
	arrays, sums := make([]string, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		arrays[i] = "$" + strconv.Itoa(i+3) + "::bigint[]"
		sums[i] = c + " = hall_days." + c + " + excluded." + c
	}
	list := strings.Join(columns, ", ")
	return `INSERT INTO hall_days (hall, day, ` + list + `) SELECT hall, day, ` + list + ` FROM unnest($1::text[], $2::date[], ` +
		strings.Join(arrays, ", ") + `) AS d (hall, day, ` + list + `) ON CONFLICT (hall, day) DO UPDATE SET ` + strings.Join(sums, ", ")
}

func (b *batch) storeDays(ctx context.Context, tx pgx.Tx) error {
	var list []dayKey
	for k := range b.days {
		list = append(list, k)
	}
	slices.SortFunc(list, func(x, y dayKey) int {
		return strings.Compare(string(x.hall)+"\x00"+x.day, string(y.hall)+"\x00"+y.day)
	})
	if len(list) == 0 {
		return nil
	}
	halls, days, columns := make([]string, len(list)), make([]string, len(list)), make([][]int64, len(dayColumns()))
	for i, k := range list {
		halls[i], days[i] = string(k.hall), k.day
		for j, v := range b.days[k].list() {
			columns[j] = append(columns[j], *v)
		}
	}
	args := []any{halls, days}
	for _, c := range columns {
		args = append(args, c)
	}
	_, err := tx.Exec(ctx, upsertDays(), args...)
	return err
}

func (b *batch) storeReferrals(q *pgx.Batch) {
	for _, r := range b.sent {
		q.Queue(`INSERT INTO referrals (hall, seq, day, at, ticket, case_id, from_at, to_at, back)
			VALUES ($1, $2, $3::text::date, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
			r.hall, r.seq, r.day, r.at, r.ticket, r.kase, r.from, r.to, r.back)
	}
}

func (b *batch) storeStates(q *pgx.Batch) {
	for k, s := range b.windows {
		q.Queue(`INSERT INTO windows (hall, number, state, since) VALUES ($1, $2, $3, $4)
			ON CONFLICT (hall, number) DO UPDATE SET state = excluded.state, since = excluded.since`, k.hall, k.id, s.state, s.since)
	}
	for k, s := range b.devices {
		q.Queue(`INSERT INTO devices (hall, device, part, state, since) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (hall, device, part) DO UPDATE SET state = excluded.state, since = excluded.since`, k[0], k[1], k[2], s.state, s.since)
	}
}

func (b *batch) storeLayouts(q *pgx.Batch) error {
	for id, layout := range b.layouts {
		body, err := json.Marshal(layout)
		if err != nil {
			return err
		}
		zone := layout.Zone
		if zone == "" {
			zone = defaultZone
		}
		q.Queue(`UPDATE halls SET name = $2, zone = $3, version = $4, layout = $5::text::jsonb WHERE id = $1`,
			id, layout.Name["zh"], zone, layout.Version, string(body))
	}
	return nil
}

// defaultZone is that of a hall that names none.
const defaultZone = "Asia/Shanghai"
