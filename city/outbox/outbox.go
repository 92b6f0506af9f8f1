// Package outbox is a hall's side of its city: it publishes the journal, says how the hall is at the moment, and asks
// the city things. The journal itself is the queue: the outbox has a place in it, so nothing waits in memory, an outage may
// last for days, and the hall neither knows nor cares. It reads on a connection of its own and rests as long as it worked.
//
// Run owns its goroutines and returns when all have ended. Only serve makes an outbox, and only with --city.
package outbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"
	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"yitang/city/join"
	"yitang/city/letter"
	"yitang/city/line"
	"yitang/server/hall"
	"yitang/server/person"
)

// Journal is what the outbox reads; db implements it.
type Journal interface {
	// ChainAfter returns the events after a number, in order, at most limit.
	ChainAfter(ctx context.Context, after uint64, limit int) ([]hall.Chained, error)
	// Head is the number of the newest event.
	Head(ctx context.Context) (uint64, error)
}

// Config is what an outbox works with. All fields but Now, Adopt and Do are needed.
type Config struct {
	Dir     string // of the hall: its pass, its place
	URL     string // overrides the addresses of the pass; empty does not
	Journal Journal
	News    func() (<-chan struct{}, func()) // a channel that has a value when there may be new events, and its end
	Now     func() (*Now, error)             // how the hall is; nil sends nothing
	Adopt   func(ctx context.Context, s *Standard) error
	Do      func(from hall.ID, e Errand) Outcome // what another hall asks; nil answers none
	Log     zerolog.Logger
}

// Bounds of an outbox.
const (
	batch      = 256              // events read and on their way at once
	ackWithin  = 20 * time.Second // for a whole batch
	askWithin  = 5 * time.Second
	firstPause = time.Second
	maxPause   = time.Minute
	lookEvery  = 5 * time.Second  // also without news
	nowEvery   = 10 * time.Second // the hall's word about itself, without a change
	nowRest    = 2 * time.Second  // between two of them
	checkEvery = time.Minute      // whether the city has what it acknowledged
)

// Outbox publishes.
type Outbox struct {
	c     Config
	pass  atomic.Pointer[join.Pass]
	nc    *nats.Conn
	js    jetstream.JetStream
	place atomic.Pointer[Place]
	said  atomic.Pointer[string] // the last complaint, so that it is said once
	kept  time.Time              // when the place was put on disk; publish's own
	up    chan struct{}          // has a value when the line has come up: the hall says at once how it is
}

// hall is the hall as its city knows it.
func (o *Outbox) hall() hall.ID { return o.pass.Load().Hall }

// New makes the outbox of a hall that has joined a city.
func New(c Config) (*Outbox, error) {
	pass, err := join.Load(c.Dir)
	if err != nil {
		return nil, err
	}
	if pass.Grant == nil {
		return nil, fmt.Errorf("outbox: the city has not answered yet: run yitang join --dir %s ANSWER with the city's answer", c.Dir)
	}
	o := &Outbox{c: c, up: make(chan struct{}, 1)}
	o.pass.Store(pass)
	p, err := loadPlace(c.Dir, pass.Grant.Gen)
	o.place.Store(p)
	return o, err
}

// Run publishes until ctx ends. A line that is down is no error.
func (o *Outbox) Run(ctx context.Context) error {
	if err := o.connect(); err != nil {
		return err
	}
	defer o.nc.Close()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return errors.Join(o.publish(ctx), o.keep()) })
	g.Go(func() error { return o.beat(ctx) })
	if o.c.Adopt != nil {
		g.Go(func() error { return o.follow(ctx) })
	}
	if o.c.Do != nil {
		g.Go(func() error { return o.attend(ctx) })
	}
	return g.Wait()
}

func (o *Outbox) connect() (err error) {
	pass := o.pass.Load()
	g := pass.Grant
	urls := strings.Join(g.URLs, ",")
	if o.c.URL != "" {
		urls = o.c.URL
	}
	sign := func(nonce []byte) ([]byte, error) {
		k, err := nkeys.FromSeed([]byte(pass.Seed))
		if err != nil {
			return nil, err
		}
		return k.Sign(nonce)
	}
	options := []nats.Option{nats.Name("yitang " + string(g.Hall)), nats.Nkey(pass.User, sign), nats.CustomInboxPrefix(line.Inbox(g.Hall)),
		nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.ReconnectWait(2 * time.Second), nats.ReconnectJitter(time.Second, 2*time.Second),
		nats.ReconnectBufSize(-1), nats.IgnoreAuthErrorAbort(), nats.ErrorHandler(o.complain),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { o.complain(nil, nil, err) }),
		nats.ConnectHandler(func(*nats.Conn) { o.lineUp() }),
		nats.ReconnectHandler(func(*nats.Conn) {
			o.c.Log.Info().Msg("the line to the city is up again")
			o.lineUp()
		})}
	if g.CA != "" && !strings.HasPrefix(urls, "nats://") { // nats:// is for loopback: the city said so in its sealed answer, or the operator
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM([]byte(g.CA)) {
			return errors.New("outbox: the city's certificate in the hall's pass is damaged: ask the city for a new answer")
		}
		options = append(options, nats.Secure(&tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}))
	}
	if o.nc, err = nats.Connect(urls, options...); err != nil {
		return fmt.Errorf("outbox: --city %s: %w", urls, err)
	}
	o.js, err = jetstream.New(o.nc, jetstream.WithPublishAsyncMaxPending(batch), jetstream.WithPublishAsyncTimeout(ackWithin))
	if err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	return nil
}

func (o *Outbox) lineUp() {
	select {
	case o.up <- struct{}{}:
	default:
	}
}

// complain says once that the line is down; the hall goes on.
func (o *Outbox) complain(_ *nats.Conn, _ *nats.Subscription, err error) {
	if err != nil {
		o.c.Log.Warn().Err(err).Msg("the line to the city: events wait in the journal")
	}
}

// publish sends the journal from the place on, for ever.
func (o *Outbox) publish(ctx context.Context) error {
	news, end := o.c.News()
	defer end()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	granted := make(chan *nats.Msg, 1) // the city has put a new grant: a key that was changed is fetched at once
	sub, err := o.nc.ChanSubscribe(line.SubjectOf(line.Grants, string(o.hall())), granted)
	if err != nil {
		return fmt.Errorf("outbox: grant: %w", err)
	}
	defer sub.Unsubscribe() //nolint:errcheck // the connection is closed next
	pause, checked := firstPause, time.Time{}
	for ctx.Err() == nil {
		if !o.nc.IsConnected() {
			checked = time.Time{}
		} else if time.Since(checked) >= checkEvery {
			checked = o.check(ctx)
		}
		began := time.Now()
		n, err := o.send(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, errJournal):
			return err
		case err != nil:
			o.sayOnce(err)
			sleep(ctx, pause)
			pause = min(2*pause, maxPause)
			continue
		case n == batch: // far behind: half of the time is the hall's
			sleep(ctx, time.Since(began))
			pause = firstPause
			continue
		}
		pause = firstPause
		select {
		case <-ctx.Done():
		case <-news:
		case <-granted:
			checked = time.Time{}
		case <-tick.C:
		}
	}
	return nil
}

// errJournal marks that the hall's own file cannot be read: a restart may mend it, waiting does not.
var errJournal = errors.New("outbox: the journal cannot be read")

// send publishes the next events, at most batch, and moves the place to the last one up to which all are acknowledged.
func (o *Outbox) send(ctx context.Context) (int, error) {
	p, g := o.place.Load(), o.pass.Load().Grant
	if p.Torn != "" || !o.nc.IsConnected() {
		return 0, nil
	}
	events, err := o.c.Journal.ChainAfter(ctx, p.Seq, batch)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errJournal, err)
	}
	if len(events) == 0 {
		return 0, nil
	}
	head, err := o.c.Journal.Head(ctx)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errJournal, err)
	}
	key, err := person.NewKey(g.Key)
	if err != nil {
		return 0, err
	}
	waits, failed := o.post(&letter.Writer{Hall: g.Hall, Gen: g.Gen, Key: key}, events, head)
	n, err := acknowledged(ctx, waits) // what is on its way is waited for whatever failed after it
	if n > 0 {
		err = errors.Join(err, o.moveTo(&Place{Gen: g.Gen, Seq: events[n-1].Seq}))
	}
	return n, errors.Join(err, failed)
}

// post puts events on their way, as far as it can.
func (o *Outbox) post(w *letter.Writer, events []hall.Chained, head uint64) (waits []posted, err error) {
	for len(events) > 0 {
		m, n, err := w.Pack(events, head)
		if err != nil {
			return waits, err
		}
		f, err := o.js.PublishMsgAsync(&nats.Msg{Subject: line.JournalOf(w.Hall), Data: m.Data}, jetstream.WithMsgID(m.ID))
		if err != nil {
			return waits, fmt.Errorf("outbox: %w", err)
		}
		waits, events = append(waits, posted{f, n}), events[n:]
	}
	return waits, nil
}

// posted is a message on its way, with how many events.
type posted struct {
	jetstream.PubAckFuture
	events int
}

// acknowledged counts how many of the first events the stream has.
func acknowledged(ctx context.Context, waits []posted) (n int, err error) {
	late := time.NewTimer(ackWithin + time.Second)
	defer late.Stop()
	for _, f := range waits {
		select {
		case <-f.Ok():
			n += f.events
		case err := <-f.Err():
			return n, fmt.Errorf("outbox: the city did not take an event: %w", err)
		case <-late.C:
			return n, errors.New("outbox: the city is silent")
		case <-ctx.Done():
			return n, ctx.Err()
		}
	}
	return n, nil
}

func (o *Outbox) sayOnce(err error) {
	if err == nil {
		return
	}
	text := err.Error()
	if was := o.said.Swap(&text); was == nil || *was != text {
		o.c.Log.Warn().Err(err).Msg("the line to the city: trying again")
	}
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
