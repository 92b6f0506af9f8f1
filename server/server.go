// Package server runs one hall: it opens the data, replays the open day, serves the API and keeps the business day in
// step with the clock. Run owns every goroutine of the hall and returns when all have ended.
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"path/filepath"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"yitang/db"
	"yitang/display/voice"
	"yitang/server/api"
	"yitang/server/engine"
	"yitang/server/feed"
	"yitang/server/hall"
	"yitang/server/heads"
	"yitang/server/metrics"
	"yitang/server/person"
	"yitang/server/route"
	"yitang/server/standby"
	"yitang/server/webhook"
)

// The folder's database is what the engine and the API stand on.
var (
	_ engine.Journal     = (*db.DB)(nil)
	_ api.Tickets        = (*db.DB)(nil)
	_ api.Accounts       = (*db.DB)(nil)
	_ api.Administration = (*db.DB)(nil)
	_ api.Voice          = (*voice.Voice)(nil)
	_ api.Cases          = (*db.DB)(nil)
	_ api.Ratings        = (*db.DB)(nil)
	_ api.Leads          = (*db.DB)(nil)
	_ Past               = (*db.DB)(nil)
	_ api.Waits          = (*forecaster)(nil)
	_ api.Webhooks       = (*db.DB)(nil)
	_ api.Bookings       = (*db.DB)(nil)
)

// keyFile holds the key of the pseudonyms.
const keyFile = "person.key"

// clipsFolder holds recorded words, see package voice.
const clipsFolder = "clips"

// tellEvery is how often other systems are told what is new, at most.
const tellEvery = 100 * time.Millisecond

// Config says where a hall lives.
type Config struct {
	Dir     string // its data
	Listen  string // address to serve on, host:port
	Now     func() time.Time
	Pages   fs.FS
	Demo    bool
	Lead    api.Lead // nil outside a demo
	Copies  Copies
	HeadsTo string // folder to which the signed heads are exported; empty: none
	Follow  Follow
	Alone   bool        // do not ask the standbys whether one has taken over
	TLS     *tls.Config // nil serves plain HTTP
	CA      []byte      // certificate of the hall's own authority, PEM, for whoever is to trust it; nil without
	Log     zerolog.Logger
	Times   api.Times           // what a client may take; zero = the defaults
	Proxies []string            // addresses of proxies in front of the hall
	City    string              // "" = none; ByPass = at the address in the hall's pass; else the address of its line
	Console io.Writer           // gets the one-time code of a hall without administrator; nil = the hall can do without
	Ready   func(addr net.Addr) // called once requests are answered; may be nil

	// AtConsole does what somebody at the machine asks of the running hall, see ConsoleVisit; nil = nobody is answered.
	AtConsole func(ctx context.Context, v ConsoleVisit) ([]byte, error)

	beforeDay func(ctx context.Context, day hall.Day)
	given     func(ctx context.Context, day hall.Day) (hall.Given, error)
}

// ByPass is the City of a hall that reaches its city at the address that the city gave it.
const ByPass = "pass"

// Run serves the hall until ctx ends, or until something fails that a restart may mend: as its primary, or as a standby
// until it is promoted.
func Run(ctx context.Context, c Config) error {
	if c.Follow.URL == "" {
		return serve(ctx, c)
	}
	p, conn, err := follow(ctx, c)
	if err != nil || p == nil {
		return err
	}
	ready := c.Ready
	c.Ready = func(addr net.Addr) {
		standby.Tell(conn, *p, nil)
		if ready != nil {
			ready(addr)
		}
	}
	if err := serve(ctx, c); err != nil {
		standby.Tell(conn, *p, err) // does nothing when it was told already
		return err
	}
	return nil
}

// serve is the primary.
func serve(ctx context.Context, c Config) error {
	ln, err := net.Listen("tcp", c.Listen) // first: a port that is taken leaves no new hall behind
	if err != nil {
		return fmt.Errorf("server: cannot listen on %s: %w; choose another --listen", c.Listen, err)
	}
	defer ln.Close()
	data, err := db.Open(c.Dir)
	if err != nil {
		return err
	}
	defer data.Close() //nolint:errcheck // everything acknowledged is committed already
	if err := mayOpen(ctx, c, data); err != nil {
		return err
	}
	key, err := OpenKey(ctx, data, c.Dir)
	if err != nil {
		return err
	}
	news := feed.New()
	figures := metrics.New()
	eng, err := engine.New(ctx, figures.Journal(data), route.Rule{}, c.Now, news.Publish)
	if err != nil {
		return err
	}
	figures.Hall(eng.View, c.Now)
	waits := &forecaster{past: data, news: news, now: c.Now, log: c.Log}
	hooks := make(chan struct{}, 1)
	teller := webhook.Sender{Store: data, HTTP: webhook.Client(), News: news.Beat(feed.Every(tellEvery)).Subscribe, Log: c.Log, Changed: hooks}
	setup, err := firstStart(ctx, data, c)
	if err != nil {
		return err
	}
	working, fenced := context.WithCancel(ctx)
	defer fenced()
	signing, err := heads.Open(c.Dir)
	if err != nil {
		return err
	}
	signs := &signer{data: data, eng: eng, key: signing, to: c.HeadsTo, log: c.Log}
	me, err := primary(ctx, c, data, eng, news, fenced)
	if err != nil {
		return err
	}
	parts := c.parts(data, news, figures, key)
	parts.Hall, parts.Setup, parts.Waits, parts.Servers = eng, setup, waits, me
	tell := func(ctx context.Context) error { return chase(ctx, c, data, me.Epoch(), c.address(ln)) }
	city := &branch{dir: c.Dir, eng: eng, news: news, waits: waits, now: c.Now, log: c.Log}
	beside, err := c.branch(&parts, city, data)
	if err != nil {
		return err
	}
	beside = append(beside, waits.run, teller.Run, tell, (&purger{data, eng, c.Now, c.Log}).run, signs.run, (&roomWatch{freeOf(c.Dir), c.Log}).run, (&clockWatch{eng: eng, now: c.Now, log: c.Log}).run)
	c.given = data.Given
	a := api.New(parts)
	city.api = a
	if c.AtConsole != nil {
		beside = append(beside, (&console{dir: c.Dir, data: data, eng: eng, attend: a.Attend, do: c.AtConsole, hooks: hooks, log: c.Log}).run)
	}
	return run(ctx, working, c, ln, eng, a, beside...)
}

// parts is what the API stands on, whether this is the primary or a standby.
func (c Config) parts(data *db.DB, news *feed.Feed, figures *metrics.Metrics, key person.Key) api.Config {
	verify := func(ctx context.Context) (uint64, string, error) {
		v, err := db.Verify(ctx, c.Dir, route.Rule{}, nil)
		return v.Events, v.Fault, err
	}
	figures.Free(freeOf(c.Dir))
	return api.Config{Office: data, People: data, Verify: verify, Times: c.Times, Proxies: c.Proxies, Metrics: figures, Tickets: data, Accounts: data, Cases: data, Past: data, Ratings: data, Leads: data, Bookings: data,
		Webhooks: data, History: data, Feed: news, Receipts: newReceipts(c.Dir, c.Now, c.Log),
		Now: c.Now, Key: key, Pages: c.Pages, CA: c.CA, Voice: voice.New(voice.Config{Clips: filepath.Join(c.Dir, clipsFolder)}),
		Demo: c.Demo, Lead: c.Lead, Trouble: db.Trouble, Free: freeOf(c.Dir), Log: c.Log}
}

// run starts the parts in order and stops them in the other: first no new requests, then the engine. What does the hall's
// work by itself ends with working, when another server takes over, while the hall is still shown.
func run(ctx, working context.Context, c Config, ln net.Listener, eng *engine.Engine, a *api.API, beside ...func(context.Context) error) error {
	loop, stopLoop := context.WithCancel(context.WithoutCancel(ctx))
	defer stopLoop()
	g, failed := errgroup.WithContext(ctx)
	working, done := context.WithCancel(working)
	defer done()
	context.AfterFunc(failed, done)
	g.Go(func() error { return eng.Run(loop) })
	keeper := dayKeeper{eng: eng, now: c.Now, log: c.Log, beforeDay: c.beforeDay, given: c.given}
	if err := keeper.look(failed); err != nil { // before the first request, so that it finds the day open
		stopLoop()
		return errors.Join(err, g.Wait())
	}
	g.Go(func() error { return a.Serve(ln, c.TLS) })
	g.Go(func() error { return keeper.run(working) })
	for _, part := range beside {
		g.Go(func() error { return part(working) })
	}
	if c.Copies.To != "" {
		g.Go(func() error { return (&copier{eng: eng, log: c.Log}).run(working, c) })
	}
	g.Go(func() error {
		<-working.Done()
		a.Moved()
		return nil
	})
	g.Go(func() error {
		<-failed.Done()
		defer stopLoop()
		return a.Close()
	})
	if len(eng.View().Layout.Matters) == 0 {
		c.Log.Warn().Msg("this hall has no matters yet: stop it and run yitang import --dir DIR FOLDER, or --example")
	}
	if c.Ready != nil {
		c.Ready(ln.Addr())
	}
	if err := g.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}
