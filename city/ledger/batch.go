package ledger

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"yitang/server/hall"
)

// key names a ticket or a case of a hall.
type key struct {
	hall hall.ID
	id   string
}

type dayKey struct {
	hall hall.ID
	day  string
}

// batch is what some events change, loaded once, folded in memory and written once.
type batch struct {
	tickets map[key]*ticket
	cases   map[key]*hall.Case
	dirty   map[key]bool // tickets and cases that changed; their numbers never meet
	before  map[key]*ticket
	days    map[dayKey]*figures
	windows map[key]state
	devices map[[3]string]state
	layouts map[hall.ID]*hall.Layout
	sent    []referral
	purges  []purge
}

type state struct {
	state string
	since hall.Millis
}

type referral struct {
	hall         hall.ID
	seq          uint64
	day          string
	at           hall.Millis
	ticket, kase string
	from, to     string
	back         bool
}

func newBatch() *batch {
	return &batch{tickets: map[key]*ticket{}, cases: map[key]*hall.Case{}, dirty: map[key]bool{}, before: map[key]*ticket{},
		days: map[dayKey]*figures{}, windows: map[key]state{}, devices: map[[3]string]state{}, layouts: map[hall.ID]*hall.Layout{}}
}

// keys are three columns of names for unnest: hall, number, day.
type keys struct{ halls, ids, days []string }

func (k *keys) add(of key) {
	k.halls, k.ids, k.days = append(k.halls, string(of.hall)), append(k.ids, of.id), append(k.days, dayOf(of.id))
}

// load reads what the events change.
func (b *batch) load(ctx context.Context, tx pgx.Tx, events []*hall.Event) error {
	tickets, cases := map[key]bool{}, map[key]bool{}
	for _, e := range events {
		for _, t := range touched(e) {
			tickets[key{e.Hall, string(t)}] = true
		}
		if c := e.CaseSubject(); c != "" {
			cases[key{e.Hall, string(c)}] = true
		}
	}
	if err := b.loadTickets(ctx, tx, tickets); err != nil {
		return err
	}
	return b.loadCases(ctx, tx, cases)
}

func (b *batch) loadTickets(ctx context.Context, tx pgx.Tx, want map[key]bool) error {
	var k keys
	for of := range want {
		k.add(of)
	}
	r, err := tx.Query(ctx, `SELECT t.hall, t.id, t.person, t.body FROM unnest($1::text[], $2::text[], $3::date[]) AS k (hall, id, day)
		JOIN tickets t ON t.hall = k.hall AND t.day = k.day AND t.id = k.id`, k.halls, k.ids, k.days)
	if err != nil {
		return err
	}
	defer r.Close()
	for r.Next() {
		var of key
		t, err := scanTicket(r, &of.hall)
		if err != nil {
			return err
		}
		of.id = string(t.ID)
		b.tickets[of], b.before[of] = t, t
	}
	return r.Err()
}

// scanTicket reads a row: first what before asks for, then id, person and body.
func scanTicket(r pgx.Rows, before ...any) (*ticket, error) {
	t := &ticket{}
	var body []byte
	if err := r.Scan(append(before, &t.ID, &t.Person, &body)...); err != nil {
		return nil, err
	}
	return t, json.Unmarshal(body, t)
}

func (b *batch) loadCases(ctx context.Context, tx pgx.Tx, want map[key]bool) error {
	var k keys
	for of := range want {
		k.add(of)
	}
	r, err := tx.Query(ctx, `SELECT c.hall, c.id, c.body FROM unnest($1::text[], $2::text[], $3::date[]) AS k (hall, id, day)
		JOIN cases c ON c.hall = k.hall AND c.filed = k.day AND c.id = k.id`, k.halls, k.ids, k.days)
	if err != nil {
		return err
	}
	defer r.Close()
	for r.Next() {
		var of key
		c := &hall.Case{}
		var body []byte
		if err := r.Scan(&of.hall, &of.id, &body); err != nil {
			return err
		}
		if err := json.Unmarshal(body, c); err != nil {
			return err
		}
		b.cases[of] = c
	}
	return r.Err()
}

// day is what is counted for a day.
func (b *batch) day(h hall.ID, day string) *figures {
	k := dayKey{h, day}
	if b.days[k] == nil {
		b.days[k] = &figures{}
	}
	return b.days[k]
}

// fold makes an event part of the batch.
func (b *batch) fold(e *hall.Event) {
	today := b.day(e.Hall, eventDay(e))
	today.Events++
	if e.Body == nil {
		return
	}
	for _, id := range touched(e) {
		k := key{e.Hall, string(id)}
		if t := b.tickets[k].after(e); t != nil {
			b.tickets[k], b.dirty[k] = t, true
		}
	}
	if id := e.CaseSubject(); id != "" {
		b.foldCase(e, key{e.Hall, string(id)}, today)
	}
	switch body := e.Body.(type) {
	case *hall.RatingGiven:
		today.Ratings, today.RatingSum = today.Ratings+1, today.RatingSum+int64(body.Grade)
		if body.Grade <= 2 {
			today.RatingsBad++
		}
	case *hall.LayoutAdopted:
		b.layouts[e.Hall] = &body.Layout
	case *hall.DeviceReported:
		b.devices[[3]string{string(e.Hall), body.Device, body.Part}] = state{body.State, e.At}
	case *hall.TicketTransferred:
		b.transfer(e, body)
	case *hall.CaseStepped:
		b.step(e, body)
	case *hall.RecordsPurged:
		b.forget(e.Hall, body)
	default:
		b.window(e)
	}
}

func (b *batch) foldCase(e *hall.Event, k key, today *figures) {
	old := b.cases[k]
	c := hall.CaseAfter(old, e)
	if c == nil {
		return
	}
	b.cases[k], b.dirty[k] = c, true
	if old == nil {
		today.CasesOpened++
	}
	if c.Over() && (old == nil || !old.Over()) {
		today.CasesClosed++
	}
}

func (b *batch) window(e *hall.Event) {
	set := func(w hall.WindowID, s hall.WindowState) { b.windows[key{e.Hall, string(w)}] = state{string(s), e.At} }
	switch body := e.Body.(type) {
	case *hall.WindowOpened:
		set(body.Window, hall.Open)
	case *hall.WindowPaused:
		set(body.Window, hall.Paused)
	case *hall.WindowResumed:
		set(body.Window, hall.Open)
	case *hall.WindowClosed:
		set(body.Window, hall.Closed)
	}
}

// transfer keeps a transfer that somebody wanted, as the hall's own projection does.
func (b *batch) transfer(e *hall.Event, t *hall.TicketTransferred) {
	if t.Own() {
		return
	}
	to := t.Department
	if to == "" {
		to = string(t.To)
	}
	if to == "" {
		to = string(t.Field)
	}
	b.sent = append(b.sent, referral{hall: e.Hall, seq: e.Seq, day: eventDay(e), at: e.At, ticket: string(t.Ticket), from: string(t.Window), to: to})
}

func (b *batch) step(e *hall.Event, c *hall.CaseStepped) {
	if c.Step == hall.StepSend || c.Step == hall.StepReturn {
		b.sent = append(b.sent, referral{hall: e.Hall, seq: e.Seq, day: eventDay(e), at: e.At, kase: string(c.Case),
			from: c.Detail.From, to: c.Detail.Department, back: c.Step == hall.StepReturn})
	}
}

// count moves the days' figures from what tickets counted for before to what they count for now.
func (b *batch) count() {
	for k := range b.dirty {
		t := b.tickets[k]
		if t == nil {
			continue
		}
		var was, is figures
		was.of(b.before[k])
		is.of(t)
		d := b.day(k.hall, dayOf(k.id))
		d.add(&is, 1)
		d.add(&was, -1)
	}
}

// sorted are the changed keys in order, so that two workers lock rows in the same order.
func (b *batch) sorted() []key {
	return slices.SortedFunc(maps.Keys(b.dirty), func(x, y key) int {
		if x.hall != y.hall {
			if x.hall < y.hall {
				return -1
			}
			return 1
		}
		if x.id < y.id {
			return -1
		}
		return 1
	})
}
