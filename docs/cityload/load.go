package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"yitang/city/letter"
	"yitang/city/line"
	"yitang/city/play"
	"yitang/server/catalogue"
	"yitang/server/hall"
	"yitang/server/person"
)

// totals are what halls published.
type totals struct {
	mu      sync.Mutex
	events  map[hall.ID]int64
	tickets map[hall.ID]int64
	sent    atomic.Int64
	bytes   atomic.Int64

	messages atomic.Int64
}

// atOnce is how many halls play and publish at the same time.
const atOnce = 200

func (s *site) load(ctx context.Context) error {
	t := &totals{events: map[hall.ID]int64{}, tickets: map[hall.ID]int64{}}
	began, used := time.Now(), s.cpu()
	g, ctx := errgroup.WithContext(ctx)
	slots := make(chan struct{}, atOnce)
	for i := range s.o.Halls {
		g.Go(func() error {
			slots <- struct{}{}
			defer func() { <-slots }()
			return s.publish(ctx, i, t)
		})
	}
	disturbed := make(chan error, 1)
	go func() { disturbed <- s.disturb(ctx, t) }()
	if err := g.Wait(); err != nil {
		return err
	}
	sent := time.Since(began)
	if err := <-disturbed; err != nil {
		return err
	}
	if s.o.Apart {
		defer s.profile()()
		say("rss_mb_before_the_city", forgetPeak())
		began, used = time.Now(), s.cpu()
		s.run(context.WithoutCancel(ctx))
	}
	behind, err := s.intake.Behind(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	if err := s.drain(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	took := time.Since(began)
	n := t.sent.Load()
	say("events", n)
	say("publish_events_per_s", int(float64(n)/sent.Seconds()))
	say("messages_behind_when_all_were_sent", behind)
	say("into_database_events_per_s", int(float64(n)/took.Seconds()))
	say("seconds", seconds(took))
	s.sayCPU(used, n)
	s.timed.say()
	say("messages", t.messages.Load())
	say("letters_mb", t.bytes.Load()>>20)
	if s.o.Servers == 1 {
		say("stream_mb", s.servers[0].Stored()>>20)
	}
	size, err := s.ledger.Size(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	say("database_mb", size>>20)
	if s.o.Apart {
		say("rss_mb_peak_of_the_city", memoryMB(os.Getpid(), "VmHWM:"))
	}
	say("rss_mb_halls_and_city_together", memoryMB(os.Getpid(), "VmRSS:"))
	return s.compare(context.WithoutCancel(ctx), t)
}

// publish plays a hall's days and sends them as its outbox would: with the message's id, in parts, each waited for and sent
// again as a whole when a part of it was not acknowledged.
func (s *site) publish(ctx context.Context, i int, t *totals) error {
	id := hallID(i)
	k := s.keys[id]
	public, err := k.PublicKey()
	if err != nil {
		return err
	}
	nc, err := nats.Connect(s.urls, nats.Nkey(public, k.Sign), nats.CustomInboxPrefix(line.Inbox(id)), nats.MaxReconnects(-1), nats.ReconnectWait(200*time.Millisecond), nats.Timeout(30*time.Second))
	if err != nil {
		return err
	}
	defer nc.Close()
	js, err := jetstream.New(nc, jetstream.WithPublishAsyncTimeout(10*time.Second))
	if err != nil {
		return err
	}
	layout, err := catalogue.Example()
	if err != nil {
		return err
	}
	layout.Hall = id
	var events []hall.Event
	h, err := play.New(*layout, uint64(i+1), func(e hall.Entry) error { events = append(events, e.Events...); return nil }) // #nosec G115 -- a run
	if err != nil {
		return err
	}
	for _, day := range s.o.days() {
		if err := h.Day(day, s.o.Tickets); err != nil {
			return err
		}
		if err := send(ctx, js, h, h.Chain(events), s.o.Pack, t); err != nil {
			return err
		}
		t.mu.Lock()
		t.events[id] += int64(len(events))
		t.tickets[id] = int64(h.Tickets())
		t.mu.Unlock()
		events = events[:0]
	}
	return nil
}

// days are the business days that each hall plays: in a row, or for a year one in each month.
func (o *options) days() (list []hall.Day) {
	for d := range o.Days {
		day := time.Date(2025, 6, 3+d, 0, 0, 0, 0, time.UTC)
		if o.Year {
			day = time.Date(2025, time.Month(d+1), 17, 0, 0, 0, 0, time.UTC)
		}
		list = append(list, hall.Day(day.Format(time.DateOnly)))
	}
	return list
}

const part = 256

func send(ctx context.Context, js jetstream.JetStream, h *play.Hall, events []hall.Chained, most int, t *totals) error {
	key, err := person.NewKey(make([]byte, 32))
	if err != nil {
		return err
	}
	w := letter.Writer{Hall: h.ID, Gen: 1, Key: key}
	head := events[len(events)-1].Seq
	for len(events) > 0 && ctx.Err() == nil {
		n := min(part, len(events))
		if !sendPart(js, &w, events[:n], head, most, t) {
			time.Sleep(200 * time.Millisecond)
			continue
		}
		t.sent.Add(int64(n))
		events = events[n:]
	}
	return ctx.Err()
}

func sendPart(js jetstream.JetStream, w *letter.Writer, events []hall.Chained, head uint64, most int, t *totals) bool {
	var waits []jetstream.PubAckFuture
	for len(events) > 0 {
		m, n, err := w.Pack(events[:min(most, len(events))], head)
		if err != nil {
			return false
		}
		f, err := js.PublishMsgAsync(&nats.Msg{Subject: line.JournalOf(w.Hall), Data: m.Data}, jetstream.WithMsgID(m.ID))
		if err != nil {
			return false
		}
		t.messages.Add(1)
		t.bytes.Add(int64(len(m.Data)))
		waits, events = append(waits, f), events[n:]
	}
	for _, f := range waits {
		select {
		case <-f.Ok():
		case <-f.Err():
			return false
		case <-time.After(15 * time.Second):
			return false
		}
	}
	return true
}

// disturb kills a server and stops the database while halls publish.
func (s *site) disturb(ctx context.Context, t *totals) error {
	expected := int64(s.o.Halls*s.o.Tickets*len(s.o.days())) * 6 // about so many events
	reach := func(share float64) bool {
		for float64(t.sent.Load()) < share*float64(expected) {
			select {
			case <-ctx.Done():
				return false
			case <-time.After(20 * time.Millisecond):
			}
		}
		return true
	}
	if s.o.KillOne && s.o.Servers > 1 {
		if !reach(0.3) {
			return nil
		}
		s.servers[len(s.servers)-1].Close()
		s.servers[len(s.servers)-1] = nil
		say("killed_a_server_after_events", t.sent.Load())
	}
	if s.o.Restart && s.pg != nil {
		if !reach(0.5) {
			return nil
		}
		_ = s.pg.Kill()
		say("stopped_postgresql_after_events_taken", s.intake.Taken())
		time.Sleep(3 * time.Second)
		return s.pg.Again(context.WithoutCancel(ctx))
	}
	return nil
}

func (s *site) drain(ctx context.Context) error {
	for {
		n, err := s.intake.Behind(ctx)
		if err == nil && n == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// compare holds the database's sums against what each hall published.
func (s *site) compare(ctx context.Context, t *totals) error {
	wrong := 0
	for id, events := range t.events {
		f, err := s.ledger.Sum(ctx, id)
		if err != nil {
			return err
		}
		if f.Events != events || f.Issued != t.tickets[id] {
			wrong++
			fmt.Fprintf(os.Stderr, "%s: %d events of %d, %d tickets of %d\n", id, f.Events, events, f.Issued, t.tickets[id])
		}
	}
	say("halls_compared", len(t.events))
	say("halls_with_other_sums", wrong)
	if wrong > 0 {
		return fmt.Errorf("%d halls differ", wrong)
	}
	return nil
}
