// Package intake takes the halls' letters from the stream into the ledger: a durable consumer for each partition, each
// with a goroutine, of which a few at a time write to the database. What the database does not take is tried again until it
// does; a letter is acknowledged after the commit that it is part of, so none is lost, and one that comes again counts once.
//
// Run owns its goroutines and returns when all have ended. Several cities may work on the same stream and database.
package intake

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"yitang/city/ledger"
	"yitang/city/letter"
	"yitang/city/line"
	"yitang/server/hall"
)

// Ledger is where letters go.
type Ledger interface {
	Take(ctx context.Context, letters []*letter.Letter) (ledger.Taken, error)
	Refuse(ctx context.Context, id hall.ID, why error) error
}

// Config says how letters are taken in.
type Config struct {
	JS       jetstream.JetStream
	Ledger   Ledger
	Workers  int // transactions at once; 0 is four
	Replicas int // copies of the stream in a cluster; 0 is one
	Log      zerolog.Logger
}

// Bounds of the intake.
const (
	batch      = 4096                   // letters in a transaction, about: what a hall tells in one go lands in one
	ahead      = 1024                   // messages of a partition in memory
	onTheWay   = 4 * batch              // messages not yet acknowledged
	ackWithin  = 30 * time.Second       // then a message comes again, and counts once
	gather     = 250 * time.Millisecond // from the first message of a transaction to its last
	firstPause = 200 * time.Millisecond
	maxPause   = 15 * time.Second
	// forgetIDs is for how long the stream knows a message again; the ledger does for ever.
	forgetIDs = 2 * time.Minute
	// KeepLetters is for how long the stream keeps a letter: the 24 months that a hall keeps a pseudonym (DOMAIN.md). What a
	// rebuild does not find in the stream any more the hall sends again, as its own retention has left it.
	KeepLetters = 731 * 24 * time.Hour
)

// Intake is a running intake.
type Intake struct {
	c         Config
	slots     chan struct{}
	consumers [line.Partitions]jetstream.Consumer
	taken     atomic.Int64
	pulse     atomic.Int64 // unix ms of the last commit
}

// defaultWorkers write at once.
const defaultWorkers = 4

// New makes the stream and its consumers, or finds them.
func New(ctx context.Context, c Config) (*Intake, error) {
	if c.Workers == 0 {
		c.Workers = defaultWorkers
	}
	in := &Intake{c: c, slots: make(chan struct{}, c.Workers)}
	_, err := c.JS.CreateOrUpdateStream(ctx, jetstream.StreamConfig{Name: line.Journal, Subjects: []string{line.JournalFrom},
		SubjectTransform: &jetstream.SubjectTransformConfig{Source: line.JournalFrom, Destination: line.JournalTo()},
		Storage:          jetstream.FileStorage, Compression: jetstream.S2Compression, Replicas: max(c.Replicas, 1), Duplicates: forgetIDs, MaxAge: KeepLetters,
		Description: "the halls' journals", DenyDelete: true})
	if err != nil {
		return nil, fmt.Errorf("intake: stream: %w", err)
	}
	for p := range in.consumers {
		in.consumers[p], err = c.JS.CreateOrUpdateConsumer(ctx, line.Journal, jetstream.ConsumerConfig{Durable: durable(p),
			FilterSubject: line.PartitionOf(p), AckPolicy: jetstream.AckExplicitPolicy, AckWait: ackWithin, MaxAckPending: onTheWay})
		if err != nil {
			return nil, fmt.Errorf("intake: consumer %d: %w", p, err)
		}
	}
	return in, nil
}

func durable(partition int) string { return fmt.Sprintf("ledger-%d", partition) }

// Forget lets every consumer begin again at the stream's first letter; for a rebuild, before New.
func Forget(ctx context.Context, js jetstream.JetStream) error {
	for p := range line.Partitions {
		err := js.DeleteConsumer(ctx, line.Journal, durable(p))
		if err != nil && !errors.Is(err, jetstream.ErrConsumerNotFound) && !errors.Is(err, jetstream.ErrStreamNotFound) {
			return fmt.Errorf("intake: consumer %d: %w", p, err)
		}
	}
	return nil
}

// Taken counts the letters that took effect since the start.
func (in *Intake) Taken() int64 { return in.taken.Load() }

// Behind is how many messages the stream holds that are not in the ledger yet; each is one event or more.
func (in *Intake) Behind(ctx context.Context) (n uint64, err error) {
	for p := range in.consumers {
		waiting, err := in.behind(ctx, p)
		if err != nil {
			return 0, err
		}
		n += waiting
	}
	return n, nil
}

// Idle says whether everything that the stream holds of a hall's partition is in the ledger.
func (in *Intake) Idle(ctx context.Context, partition int) (bool, error) {
	n, err := in.behind(ctx, partition)
	return n == 0, err
}

func (in *Intake) behind(ctx context.Context, p int) (uint64, error) {
	info, err := in.consumers[p].Info(ctx)
	if err != nil {
		return 0, fmt.Errorf("intake: %w", err)
	}
	return info.NumPending + uint64(info.NumAckPending), nil // #nosec G115 -- a count
}

// Run takes letters in until ctx ends.
func (in *Intake) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for p := range in.consumers {
		g.Go(func() error { return in.serve(ctx, in.consumers[p]) })
	}
	return g.Wait()
}

func (in *Intake) serve(ctx context.Context, c jetstream.Consumer) error {
	for pause := firstPause; ctx.Err() == nil; pause = min(2*pause, maxPause) {
		began := time.Now()
		err := in.pull(ctx, c)
		if ctx.Err() != nil {
			return nil
		}
		in.c.Log.Warn().Err(err).Msg("the stream cannot be read: trying again")
		if time.Since(began) > maxPause {
			pause = firstPause
		}
		sleep(ctx, pause)
	}
	return nil
}

// pull takes what comes until the stream cannot be read or ctx ends. One standing order for messages: with one for each
// batch, what comes just as an order ends would lie unacknowledged until ackWithin.
func (in *Intake) pull(ctx context.Context, c jetstream.Consumer) error {
	messages, err := c.Messages(jetstream.PullMaxMessages(ahead))
	if err != nil {
		return err
	}
	defer messages.Stop()
	for {
		first, err := messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			return err
		}
		p, until := &parcel{}, time.Now().Add(gather)
		in.open(p, first)
		for len(p.letters) < batch && len(p.messages) < onTheWay && time.Until(until) > 0 {
			m, err := messages.Next(jetstream.NextMaxWait(max(time.Until(until), time.Millisecond))) // 0 would wait for ever
			if err != nil {
				break // nobody waits for it, or the stream is gone: the next round will tell
			}
			in.open(p, m)
		}
		in.take(ctx, p)
	}
}

// parcel is what is taken in at once.
type parcel struct {
	messages []jetstream.Msg
	letters  []*letter.Letter
}

// open adds a message's letters to a parcel. What nobody can read is acknowledged without effect: it would come for ever.
func (in *Intake) open(p *parcel, m jetstream.Msg) {
	p.messages = append(p.messages, m)
	list, err := letter.Decode(m.Data())
	switch {
	case err != nil:
		in.c.Log.Error().Err(err).Str("subject", m.Subject()).Msg("a letter that cannot be read was left out")
	case list[0].Hall != line.HallOf(m.Subject()):
		in.c.Log.Error().Str("subject", m.Subject()).Str("hall", string(list[0].Hall)).Msg("a hall speaks for another one: left out")
	default:
		p.letters = append(p.letters, list...)
	}
}

// take writes a parcel to the ledger, as often as it takes, and acknowledges it.
func (in *Intake) take(ctx context.Context, p *parcel) {
	if len(p.letters) > 0 && !in.commit(ctx, p.letters) {
		return // not acknowledged: it comes again
	}
	for _, m := range p.messages {
		if err := m.Ack(); err != nil {
			in.c.Log.Warn().Err(err).Msg("an acknowledgement was lost: the letter comes again and counts once")
		}
	}
}

// commit tries until the ledger has the letters or ctx ends.
func (in *Intake) commit(ctx context.Context, letters []*letter.Letter) bool {
	select {
	case in.slots <- struct{}{}:
		defer func() { <-in.slots }()
	case <-ctx.Done():
		return false
	}
	for pause := firstPause; ctx.Err() == nil; pause = min(2*pause, maxPause) {
		t, err := in.c.Ledger.Take(ctx, letters)
		if err == nil {
			in.note(t)
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		if !ledger.Passing(err) {
			return in.apart(ctx, letters, err)
		}
		in.c.Log.Warn().Err(err).Msg("the database: trying again")
		sleep(ctx, pause)
	}
	return false
}

func (in *Intake) note(t ledger.Taken) {
	in.taken.Add(int64(t.New))
	in.pulse.Store(time.Now().UnixMilli())
	if t.Unknown > 0 {
		in.c.Log.Warn().Int("letters", t.Unknown).Msg("a hall is newer than this city: update the city, then yitang city rebuild")
	}
}

// apart takes the letters in hall by hall, so that one that cannot be taken holds up nobody else.
func (in *Intake) apart(ctx context.Context, letters []*letter.Letter, why error) bool {
	halls := map[hall.ID][]*letter.Letter{}
	for _, l := range letters {
		halls[l.Hall] = append(halls[l.Hall], l)
	}
	for id, list := range halls {
		t, err := in.c.Ledger.Take(ctx, list)
		switch {
		case err == nil:
			in.note(t)
		case ledger.Passing(err):
			return false
		default:
			in.c.Log.Error().Err(errors.Join(err, why)).Str("hall", string(id)).Msg("a hall's letters cannot be taken in: it stands still until they can")
			if err := in.c.Ledger.Refuse(ctx, id, err); err != nil {
				return false
			}
		}
	}
	return true
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
