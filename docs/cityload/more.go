package main

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"time"

	"github.com/rs/zerolog"

	"yitang/city"
	"yitang/city/join"
	"yitang/city/outbox"
	"yitang/city/play"
	"yitang/db"
	"yitang/server/catalogue"
	"yitang/server/hall"
)

// catchUp measures a real outbox with a real journal on disk that is so many events behind.
func (s *site) catchUp(ctx context.Context, behind int) error {
	id := hallID(0)
	dir := filepath.Join(s.dir, "hall")
	data, err := journal(dir, id, behind)
	if err != nil {
		return err
	}
	defer data.Close()
	head, err := data.Head(ctx)
	if err != nil {
		return err
	}
	if err := s.pass(dir, id); err != nil {
		return err
	}
	o, err := outbox.New(outbox.Config{Dir: dir, Journal: data, Log: zerolog.Nop(),
		News: func() (<-chan struct{}, func()) { return make(chan struct{}), func() {} }})
	if err != nil {
		return err
	}
	run, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	began := time.Now()
	go func() { ended <- o.Run(run) }()
	for o.Position() < head && ctx.Err() == nil {
		time.Sleep(5 * time.Millisecond)
	}
	say("events_behind", head)
	say("seconds_until_the_stream_had_all", seconds(time.Since(began)))
	for {
		_, seq, _, err := s.ledger.Position(ctx, id)
		if err != nil {
			return err
		}
		if seq == head {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	say("seconds_until_the_database_had_all", seconds(time.Since(began)))
	stop()
	return <-ended
}

// journal plays days until a journal on disk has enough events.
func journal(dir string, id hall.ID, events int) (*db.DB, error) {
	data, err := db.Open(dir)
	if err != nil {
		return nil, err
	}
	layout, err := catalogue.Example()
	if err != nil {
		return nil, err
	}
	layout.Hall = id
	var entries []hall.Entry
	n := 0
	h, err := play.New(*layout, 1, func(e hall.Entry) error {
		entries = append(entries, e)
		n += len(e.Events)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for d := 0; n < events; d++ {
		if err := h.Day(hall.Day(time.Date(2025, 6, 3+d, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)), 1000); err != nil {
			return nil, err
		}
		if err := data.Append(entries); err != nil {
			return nil, err
		}
		entries = nil
	}
	return data, nil
}

// pass writes the hall's pass as join would.
func (s *site) pass(dir string, id hall.ID) error {
	k := s.keys[id]
	seed, err := k.Seed()
	if err != nil {
		return err
	}
	public, err := k.PublicKey()
	if err != nil {
		return err
	}
	p := join.Pass{Request: join.Request{Hall: id, User: public}, Seed: string(seed),
		Grant: &join.Grant{Hall: id, URLs: []string{s.urls}, Gen: 1, Key: make([]byte, 32)}}
	text, err := json.Marshal(&p)
	if err != nil {
		return err
	}
	return join.WriteFile(filepath.Join(dir, join.File), text)
}

// year times what a page asks over the year that the halls played: the report on run-at-most-once, whose months are judged the
// first time and kept, and the figures, with a day for each of 250 days that vary by hall and day.
func (s *site) year(ctx context.Context) error {
	const from, to = "2025-01-01", "2025-12-31"
	for _, what := range []string{"seconds_for_the_years_report_judged_for_the_first_time", "seconds_for_the_years_report_again"} {
		began, used := time.Now(), s.cpu()
		r, err := city.Report(ctx, s.ledger, from, to)
		if err != nil {
			return err
		}
		if r.Parts == 0 {
			return errors.New("nothing was judged")
		}
		say(what, seconds(time.Since(began)))
		now := s.cpu()
		say("of_cpu_own", seconds(now.own-used.own))
		say("of_cpu_postgresql", seconds(now.postgres-used.postgres))
		say("hall_months", r.Parts)
		say("cases", r.All.N)
	}
	if err := vary(ctx, s.url, 250); err != nil {
		return err
	}
	began := time.Now()
	figures, err := s.ledger.ByHall(ctx, "2026-01-01", "2026-12-31")
	if err != nil {
		return err
	}
	var issued int64
	for _, f := range figures {
		issued += f.Issued
	}
	say("tickets_in_the_years_figures", issued)
	say("seconds_for_the_years_figures", seconds(time.Since(began)))
	return nil
}
