package kiosk

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"yitang/server/wire"
)

// Rhythm of the delivery to a hall that came back.
const (
	deliverTime  = 10 * time.Second // one ticket
	deliverFirst = 500 * time.Millisecond
	deliverMax   = 10 * time.Second
)

// Reasons why the kiosk cannot give out a number by itself.
var (
	errNoSeries = errors.New("kiosk: the hall has never said which numbers this kiosk may give out")
	errTooMany  = errors.New("kiosk: too many tickets wait for the hall")
)

// offline gives out numbers of the kiosk's own series while the hall is away and delivers them, in order, when it is
// back. Its run owns the delivery.
type offline struct {
	client *wire.Client
	log    zerolog.Logger
	now    func() time.Time
	tell   func(n int, refused string) // of tickets that wait for the hall; a number that it refused for good
	took   func(error)                 // how the disk took the last line
	wake   chan struct{}

	mu   sync.Mutex
	disk *offlineLog
}

func newOffline(cfg Config, client *wire.Client, tell func(int, string), took func(error)) *offline {
	disk, err := openOfflineLog(cfg.Dir)
	if err != nil {
		cfg.Log.Error().Err(err).Msg("the kiosk cannot give out numbers of its own while the hall is away: its disk keeps none")
	}
	took(err)
	o := &offline{client: client, log: cfg.Log, now: cfg.Now, tell: tell, took: took, wake: make(chan struct{}, 1), disk: disk}
	if disk.damaged > 0 {
		o.log.Error().Int("lines", disk.damaged).Str("file", disk.path).Msg("the disk has damaged tickets that were given out while the hall was away")
	}
	if _, n := disk.waiting(); n > 0 {
		o.log.Warn().Int("tickets", n).Msg("tickets that were given out while the hall was away wait for it")
		o.tell(n, "")
	}
	return o
}

// issue gives out the next number. It is on disk when issue returns. A key that was used gives its ticket again.
func (o *offline) issue(key wire.Key, req wire.TakeRequest, c *wire.Catalogue) (*offlineTicket, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if known := o.disk.byKey[key]; known != nil {
		return known, nil
	}
	if c == nil || c.Series == "" {
		return nil, errNoSeries
	}
	if err := o.disk.usable(); err != nil {
		o.took(err)
		return nil, err
	}
	if _, n := o.disk.waiting(); n >= offlineMax {
		return nil, errTooMany
	}
	person, err := seal(req.Person, c.SealKey)
	if err != nil {
		o.log.Error().Err(err).Msg("a ticket is given out without the person")
	}
	at := o.now()
	if n := len(o.disk.tickets); n > 0 && at.Before(o.disk.tickets[n-1].IssuedAt) { // the PC's clock was set back
		at = o.disk.tickets[n-1].IssuedAt
	}
	at = at.In(zoneOf(&c.Hall))
	day := dayOf(&c.Hall, at)
	t := &offlineTicket{Key: key, OfflineTicket: wire.OfflineTicket{TakeRequest: req, Day: day, IssuedAt: at, Track: rand.Text(),
		Number: offlineNumber(c.Series, o.disk.last(c.Series, day)+1), InsteadOf: string(key)}}
	t.Person = person
	err = o.disk.save(t)
	o.took(err)
	if err != nil {
		return nil, err
	}
	_, n := o.disk.waiting()
	o.tell(n, "")
	signal(o.wake)
	return t, nil
}

// known is the ticket that a request got while the hall was away, or nil.
func (o *offline) known(key wire.Key) *offlineTicket {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.disk.byKey[key]
}

// undelivered says whether the hall does not know a ticket yet.
func (o *offline) undelivered(id wire.TicketID) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, t := range o.disk.tickets {
		if t.id() == id {
			return !t.Settled
		}
	}
	return false
}

// run delivers until ctx ends, and closes the log then.
func (o *offline) run(ctx context.Context) {
	defer func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		_ = o.disk.close() // every line is on disk already
	}()
	for wait := deliverFirst; ; {
		t := o.oldest()
		if t == nil {
			if !pause(ctx, 0, o.wake) {
				return
			}
			continue
		}
		if o.deliver(ctx, t) {
			wait = deliverFirst
			continue
		}
		if !pause(ctx, wait, o.wake) {
			return
		}
		wait = min(2*wait, deliverMax)
	}
}

func (o *offline) oldest() *offlineTicket {
	o.mu.Lock()
	defer o.mu.Unlock()
	t, _ := o.disk.waiting()
	return t
}

// deliver sends one ticket and says whether it needs no other attempt.
func (o *offline) deliver(ctx context.Context, t *offlineTicket) bool {
	ctx, cancel := context.WithTimeout(ctx, deliverTime)
	defer cancel()
	_, err := o.client.DeliverOffline(ctx, wire.Key("offline-"+string(t.id())+"-"+t.Track), t.OfflineTicket)
	refused, ok := refusedForGood(err)
	if err != nil && !ok {
		return false
	}
	settled := *t
	settled.Settled, settled.Refused = true, refused
	o.mu.Lock()
	defer o.mu.Unlock()
	err = o.disk.usable()
	if err == nil {
		err = o.disk.save(&settled)
	}
	if o.took(err); err != nil {
		o.log.Error().Err(err).Msg("a delivered ticket cannot be marked; it is delivered again, which changes nothing")
		return false
	}
	_, n := o.disk.waiting()
	if refused != "" {
		o.log.Error().Str("number", t.Number).Str("code", refused).Msg("the hall refuses a ticket that was given out while it was away")
		o.tell(n, t.Number)
	} else {
		o.log.Info().Str("number", t.Number).Int("left", n).Msg("the hall has a ticket that was given out while it was away")
		o.tell(n, "")
	}
	if n == 0 {
		if err := o.disk.tidy(t.Day); err != nil {
			o.log.Error().Err(err).Msg("the log of offline tickets cannot be tidied")
		}
	}
	return true
}

// refusedForGood tells a refusal of this very request from a hall that cannot be asked or does not know the kiosk, and from what
// a proxy or another program answers in its place.
func refusedForGood(err error) (code string, ok bool) {
	var refused *wire.Error
	if !errors.As(err, &refused) {
		return "", false
	}
	switch refused.Status {
	case http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong, http.StatusRequestHeaderFieldsTooLarge:
		return refused.Code, true
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests, http.StatusRequestTimeout:
		return "", false
	}
	return refused.Code, refused.Status < http.StatusInternalServerError && !refused.Foreign()
}

// pause waits for d (0: without end) or until it is woken; false when ctx ended.
func pause(ctx context.Context, d time.Duration, woken <-chan struct{}) bool {
	var after <-chan time.Time
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		after = t.C
	}
	select {
	case <-ctx.Done():
		return false
	case <-woken:
	case <-after:
	}
	return true
}
