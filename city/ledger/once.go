package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"yitang/server/archive"
	"yitang/server/exchange"
	"yitang/server/hall"
	"yitang/server/runonce"
)

// How far around the period the judging looks, in days.
const (
	consultDays = 31 // before the opening of a case: consulting for it
	afterDays   = 31 // after the period: a case filed again (E2)
	bothDays    = 30 // between two filings of one application at two halls (C2)
)

// Across is what only the city can see of a hall's cases.
type Across struct {
	Moved int         // cases that somebody had tried to file at another hall before
	Both  [][2]string // C2: accepted at two halls, the other one's first
}

// One reads what the judging of a hall's cases needs: the hall's own, and what the same people did for the same matters at
// other halls. Numbers are made the city's by the hall's name in front.
//
// A case is one application from the first attempt to file, so an attempt that was not accepted, followed by a filing at
// another hall within thirty days, while it was open, belongs to the case there: it begins with that attempt, and its visits
// count. Two accepted ones are two cases, and a lead.
func (r *Reading) One(ctx context.Context, q runonce.Query) (*runonce.Data, *Across, error) {
	o := &one{l: r.l, id: r.id, data: &runonce.Data{Zone: r.zone, Calendar: r.layout.Workdays(), Standards: archive.Standards(r.layout), Days: []runonce.Ticket{}},
		across: &Across{}, renamed: map[runonce.CaseID]runonce.CaseID{}}
	var err error
	for _, d := range []struct {
		text hall.Day
		into *time.Time
	}{{q.From, &o.from}, {q.To, &o.to}, {q.ReportDay, &o.report}} {
		if *d.into, err = time.ParseInLocation(time.DateOnly, string(d.text), r.zone); err != nil {
			return nil, nil, fmt.Errorf("ledger: %q is no day", d.text)
		}
	}
	for _, read := range []func(context.Context) error{o.ownCases, o.otherCases, o.tickets, o.referrals} {
		if err := read(ctx); err != nil {
			return nil, nil, fmt.Errorf("ledger: %s: %w", r.id, err)
		}
	}
	o.link()
	return o.data, o.across, nil
}

// Reading is a hall whose months are judged.
type Reading struct {
	l        *Ledger
	id       hall.ID
	layout   *hall.Layout
	zone     *time.Location
	position uint64
	at       hall.Millis
}

// Read begins to judge a hall that has its lists.
func (l *Ledger) Read(h *Hall) (*Reading, error) {
	zone, err := time.LoadLocation(h.Zone)
	if err != nil {
		return nil, fmt.Errorf("ledger: %s: %w", h.ID, err)
	}
	return &Reading{l: l, id: h.ID, layout: h.Layout, zone: zone, position: h.Position, at: h.At}, nil
}

func (l *Ledger) hall(ctx context.Context, id hall.ID) (*Hall, error) {
	var h Hall
	var layout []byte
	err := l.pool.QueryRow(ctx, `SELECT id, zone, layout FROM halls WHERE id = $1 AND layout IS NOT NULL`, id).Scan(&h.ID, &h.Zone, &layout)
	if err == pgx.ErrNoRows { //nolint:errorlint // pgx returns it as it is
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("ledger: %s: %w", id, err)
	}
	h.Layout = &hall.Layout{}
	return &h, json.Unmarshal(layout, h.Layout)
}

// one gathers the data of one hall.
type one struct {
	l                *Ledger
	id               hall.ID
	from, to, report time.Time
	data             *runonce.Data
	across           *Across
	renamed          map[runonce.CaseID]runonce.CaseID // cases that are parts of another one now
	stubs            []hallTicket
	people           []string    // of the hall's cases
	since            hall.Millis // opening of the oldest of them
}

type hallTicket struct {
	hall hall.ID
	*ticket
}

func in(id hall.ID, number string) string {
	if number == "" {
		return ""
	}
	return string(id) + "/" + number
}

// kase is a case as the city names it.
func kase(id hall.ID, c *hall.Case) (runonce.Case, []runonce.Notice) {
	row, notices := exchange.FromCase(c)
	row.ID = runonce.CaseID(in(id, string(row.ID)))
	for i := range notices {
		notices[i].Case = row.ID
	}
	return row, notices
}

func (o *one) ownCases(ctx context.Context) error {
	until := min(o.report.AddDate(0, 0, 1).UnixMilli(), o.to.AddDate(0, 0, 1+afterDays).UnixMilli())
	r, err := o.l.pool.Query(ctx, `SELECT hall, body FROM cases WHERE hall = $1 AND opened_at < $3 AND (closed_at = 0 OR closed_at >= $2)`,
		o.id, o.from.UnixMilli(), until)
	if err != nil {
		return err
	}
	o.since = hall.Millis(o.from.UnixMilli())
	seen := map[string]bool{}
	return eachCase(r, func(_ hall.ID, c *hall.Case) {
		row, notices := kase(o.id, c)
		o.data.Cases, o.data.Notices = append(o.data.Cases, row), append(o.data.Notices, notices...)
		o.since = min(o.since, c.OpenedAt)
		for _, p := range []string{c.Subject, c.Agent} {
			if p != "" && !seen[p] {
				seen[p] = true
				o.people = append(o.people, p)
			}
		}
		if t := exchange.FiledOnline(c); t != nil {
			t.ID, t.Links[0].Case, t.Hall = hall.TicketID(in(o.id, string(t.ID))), row.ID, o.id
			o.data.Tickets, o.data.Days = append(o.data.Tickets, *t), append(o.data.Days, *t)
		}
	})
}

func eachCase(r pgx.Rows, do func(id hall.ID, c *hall.Case)) error {
	defer r.Close()
	for r.Next() {
		var id hall.ID
		var body []byte
		if err := r.Scan(&id, &body); err != nil {
			return err
		}
		c := &hall.Case{}
		if err := json.Unmarshal(body, c); err != nil {
			return err
		}
		do(id, c)
	}
	return r.Err()
}

// otherCases looks for the same subject and matter at other halls.
func (o *one) otherCases(ctx context.Context) error {
	index := map[[2]string][]int{}
	for i := range o.data.Cases {
		if c := &o.data.Cases[i]; c.Subject != "" {
			k := [2]string{string(c.Subject), string(c.Matter)}
			index[k] = append(index[k], i)
		}
	}
	r, err := o.l.pool.Query(ctx, `SELECT hall, body FROM cases WHERE subject = ANY($1) AND hall <> $2 AND opened_at < $3 AND opened_at >= $4 ORDER BY opened_at`,
		o.people, o.id, o.report.AddDate(0, 0, 1).UnixMilli(), int64(o.since)-bothDays*dayMS)
	if err != nil {
		return err
	}
	gone := map[int]bool{}
	err = eachCase(r, func(id hall.ID, c *hall.Case) {
		other, notices := kase(id, c)
		for _, i := range index[[2]string{c.Subject, string(c.Matter)}] {
			if !gone[i] {
				gone[i] = o.meet(&o.data.Cases[i], &other, notices)
			}
		}
	})
	rest := o.data.Cases[:0]
	for i, c := range o.data.Cases {
		if !gone[i] {
			rest = append(rest, c)
		}
	}
	o.data.Cases = rest
	return err
}

// noticesAfter sets another hall's notices before or after the hall's own.
const noticesAfter = 1000

const dayMS = 24 * 60 * 60 * 1000

// meet compares one of the hall's cases with one of the same subject and matter elsewhere. It says whether the hall's own
// one is only an attempt that belongs to the other.
func (o *one) meet(mine, other *runonce.Case, notices []runonce.Notice) (gone bool) {
	first, second := mine, other
	if other.OpenedAt < mine.OpenedAt || other.OpenedAt == mine.OpenedAt && other.ID < mine.ID {
		first, second = other, mine
	}
	closed := runonce.ClosedAt(first)
	if second.OpenedAt-first.OpenedAt > bothDays*dayMS || closed != 0 && closed < second.OpenedAt {
		return false
	}
	if first.AcceptedAt != 0 && second.AcceptedAt != 0 {
		if second == mine { // told once, where it was filed again
			o.across.Both = append(o.across.Both, [2]string{string(other.ID), string(mine.ID)})
		}
		return false
	}
	keeps := second
	if first.AcceptedAt != 0 {
		keeps = first
	}
	if keeps == other {
		o.renamed[mine.ID] = other.ID
		return true
	}
	o.renamed[other.ID] = mine.ID
	o.across.Moved++
	at := noticesAfter
	if first == other {
		mine.OpenedAt, at = other.OpenedAt, -noticesAfter
		if other.FirstComplete != "" {
			mine.FirstComplete = other.FirstComplete
		}
	}
	for _, n := range notices {
		n.Case, n.Seq = mine.ID, n.Seq+at
		o.data.Notices = append(o.data.Notices, n)
	}
	return false
}

// tickets reads the hall's own of the period, and those of its cases' people anywhere since the oldest case.
func (o *one) tickets(ctx context.Context) error {
	first, last := o.from.AddDate(0, 0, -consultDays).Format(time.DateOnly), o.report.Format(time.DateOnly)
	r, err := o.l.pool.Query(ctx, `SELECT hall, id, person, body FROM tickets WHERE hall = $1 AND day BETWEEN $2::text::date AND $3::text::date`, o.id, first, last)
	if err != nil {
		return err
	}
	if err := o.add(r); err != nil {
		return err
	}
	since := time.UnixMilli(int64(o.since)).In(o.data.Zone).AddDate(0, 0, -consultDays).Format(time.DateOnly)
	r, err = o.l.pool.Query(ctx, `SELECT hall, id, person, body FROM tickets WHERE person = ANY($1) AND day BETWEEN $2::text::date AND $3::text::date
		AND (hall <> $4 OR day < $5::text::date)`, o.people, since, last, o.id, first)
	if err != nil {
		return err
	}
	return o.add(r)
}

func (o *one) add(r pgx.Rows) error {
	defer r.Close()
	for r.Next() {
		t := hallTicket{}
		var err error
		if t.ticket, err = scanTicket(r, &t.hall); err != nil {
			return err
		}
		o.stubs = append(o.stubs, t)
	}
	return r.Err()
}

// link ties tickets to cases: by the number of the case where the ticket names one, else by person and matter.
func (o *one) link() {
	linker := runonce.NewLinker(o.data.Zone, o.data.Cases)
	for _, t := range o.stubs {
		for _, stay := range t.stays() {
			row := o.row(t.hall, stay)
			linker.Resolve(&row)
			if len(row.Links) > 0 {
				o.data.Tickets = append(o.data.Tickets, row)
			}
			if t.hall == o.id {
				o.data.Days = append(o.data.Days, row)
			}
		}
	}
	o.stubs = nil
}

func (o *one) row(id hall.ID, stay *hall.TicketRow) runonce.Ticket {
	row := exchange.FromTicket(stay)
	row.ID, row.From = hall.TicketID(in(id, string(row.ID))), hall.TicketID(in(id, string(row.From)))
	row.Window, row.Clerk, row.Hall = hall.WindowID(in(id, string(row.Window))), in(id, row.Clerk), id
	for i := range row.Links {
		c := runonce.CaseID(in(id, string(row.Links[i].Case)))
		if whole, ok := o.renamed[c]; ok {
			c = whole
		}
		row.Links[i].Case = c
	}
	return row
}

// referrals are those of the hall's own cases; it came back when the next one of the same case goes where it was from.
func (o *one) referrals(ctx context.Context) error {
	r, err := o.l.pool.Query(ctx, `SELECT case_id, at, from_at, to_at, coalesce(lead(back) OVER w, FALSE), lead(seq) OVER w IS NOT NULL
		FROM referrals WHERE hall = $1 AND case_id <> '' AND day BETWEEN $2::text::date AND $3::text::date
		WINDOW w AS (PARTITION BY case_id ORDER BY seq)`, o.id, o.from.AddDate(0, 0, -consultDays).Format(time.DateOnly), o.report.Format(time.DateOnly))
	if err != nil {
		return err
	}
	defer r.Close()
	for r.Next() {
		var row runonce.Referral
		var back, went bool
		if err := r.Scan(&row.Case, &row.At, &row.From, &row.To, &back, &went); err != nil {
			return err
		}
		switch {
		case back:
			row.Accepted = runonce.No
		case went:
			row.Accepted = runonce.Yes
		}
		row.Case = runonce.CaseID(in(o.id, string(row.Case)))
		o.data.Referrals = append(o.data.Referrals, row)
	}
	return r.Err()
}

// Judged is a judgement of one of the periods that were asked for, as it was kept.
type Judged struct {
	Hall  hall.ID
	Query int // its place among the queries
	Body  []byte
}

// Judged hands over every kept judgement of some periods, of all halls, read at once. Left out are those since which more has
// come from the hall while the report day was not over yet.
func (l *Ledger) Judged(ctx context.Context, queries []runonce.Query, do func(Judged) error) error {
	k := periods(queries)
	r, err := l.pool.Query(ctx, `SELECT j.hall, k.n - 1, j.body FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS k (first, last, report, n)
		JOIN judged j ON j.first = k.first::date AND j.last = k.last::date AND j.report = k.report::date
		JOIN halls h ON h.id = j.hall WHERE j.position = h.position OR j.over`, k[0], k[1], k[2])
	if err != nil {
		return fmt.Errorf("ledger: judged: %w", err)
	}
	defer r.Close()
	for r.Next() {
		var j Judged
		if err := r.Scan(&j.Hall, &j.Query, &j.Body); err != nil {
			return fmt.Errorf("ledger: judged: %w", err)
		}
		if err := do(j); err != nil {
			return err
		}
	}
	return r.Err()
}

// periods are the first, the last and the report days.
func periods(queries []runonce.Query) (k [3][]string) {
	for _, q := range queries {
		k[0], k[1], k[2] = append(k[0], string(q.From)), append(k[1], string(q.To)), append(k[2], string(q.ReportDay))
	}
	return k
}

// KeepJudged keeps judgements of a hall, with its position before anything of them was read; over says that the report day is
// past at the hall, so that nothing can change it any more.
func (l *Ledger) KeepJudged(ctx context.Context, at *Reading, queries []runonce.Query, bodies []string) error {
	k := periods(queries)
	_, err := l.pool.Exec(ctx, `INSERT INTO judged (hall, first, last, report, position, made, over, body)
		SELECT $1::text, first::date, last::date, report::date, $5::bigint, $6::bigint, to_timestamp($7::bigint / 1000.0) AT TIME ZONE $8::text >= (report::date + 1), body::jsonb
		FROM unnest($2::text[], $3::text[], $4::text[], $9::text[]) AS k (first, last, report, body)
		ON CONFLICT (hall, first, last, report) DO UPDATE SET position = excluded.position, made = excluded.made, over = excluded.over, body = excluded.body`,
		at.id, k[0], k[1], k[2], int64(at.position), time.Now().UnixMilli(), int64(at.at), at.zone.String(), bodies) // #nosec G115 -- a count of events
	if err != nil {
		return fmt.Errorf("ledger: judged: %w", err)
	}
	return nil
}
