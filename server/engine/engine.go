// Package engine is the one goroutine that owns the hall. It takes commands, decides and applies each in memory, and hands
// all that have come while the disk was busy to a second goroutine, which commits their events in one transaction and only
// then answers and publishes: state that is not proven on disk is never served. The shape is hashicorp/raft's group commit;
// deciding the next batch while the last one is on its way to the disk gains what deciding takes, about a quarter.
//
// Run owns both goroutines. Do may be called from any goroutine and waits for the commit.
package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"yitang/server/hall"
)

// Bounds of the loop.
const (
	maxBatch = 256  // commands in one commit
	maxQueue = 4096 // commands that wait for the loop
)

// ErrBusy means that more commands wait than the hall can take; nothing was done.
var ErrBusy = errors.New("engine: too many commands are waiting")

// ErrStopped means that the hall stopped before the command was known to be on disk: it may have happened or not. A
// retry with the same key finds out.
var ErrStopped = errors.New("engine: the hall has stopped")

// ErrKeyReused means that a key came back with another request.
var ErrKeyReused = errors.New("engine: the key was used for another request")

// ErrMoved means that another server has taken this hall over; nothing was done.
var ErrMoved = errors.New("engine: another server has taken the hall over")

// Request is one command with who wants it and the client's key.
type Request struct {
	Actor   hall.Actor
	Key     string // Idempotency-Key; empty when the client sent none
	Digest  string // of the request, to recognise a key used for two different ones
	Command hall.Command
	// Answer makes the bytes that the client gets, from the events and the state after them. It runs in the loop:
	// it must be quick and must not keep the state.
	Answer func(s *hall.State, events []hall.Event) []byte
	// Beside is what the journal changes in the transaction of the command's events, for example accounts; see hall.Entry.
	Beside any
}

// Journal keeps the events.
type Journal interface {
	// Answer returns what the actor's key was answered first, and for which request; found is false for a new key, and for one
	// that is older than the journal keeps answers. It finds what an Append that has returned put on disk, and may be called
	// during the next one.
	Answer(actor hall.Actor, key string) (answer []byte, digest string, found bool, err error)
	// Append puts all entries on disk in one transaction, or none. One is called after the other.
	Append(entries []hall.Entry) error
	// Replay hands over, in order, the events that rebuild the newest business day.
	Replay(ctx context.Context, apply func(*hall.Event) error) error
	// Kept is what outlives a day, as it is after the last event.
	Kept(ctx context.Context) (hall.Kept, error)
}

// Engine owns one hall.
type Engine struct {
	journal Journal
	now     func() time.Time
	publish func(*hall.View)
	view    atomic.Pointer[hall.View]
	queue   chan *waiter
	stopped chan struct{}

	// The loop's.
	state  *hall.State // ahead of the disk by what is on its way there
	seen   uint64      // the event up to which views were made
	flying *batch      // the writer's; nil when all is on disk
	moved  bool        // no command is taken any more
}

// waiter is a request on its way through the loop.
type waiter struct {
	req    Request
	answer []byte
	err    error
	last   bool // no command: the hall is handed over after those before it
	done   chan struct{}
}

// key is a client's key as the journal knows it.
type key struct {
	actor hall.Actor
	text  string
}

func (w *waiter) key() key { return key{w.req.Actor, w.req.Key} }

// batch is what shares a commit.
type batch struct {
	waiters []*waiter
	entries []hall.Entry    // of those that were accepted
	keys    map[key]*waiter // whose answers the journal does not have yet
	view    *hall.View      // the hall after them; nil when no event happened
	before  *batch          // is on disk, and its waiters are to be told; nil when they have been
}

// newBatch has room for as many as came last time: a list of entries that grows is most of what the loop would leave as garbage.
func newBatch(usual int) *batch {
	return &batch{waiters: make([]*waiter, 0, usual), entries: make([]hall.Entry, 0, usual), keys: make(map[key]*waiter, usual)}
}

// New replays the journal and returns the hall, ready for Run. Now is the hall's clock; publish is called with every
// new view, in order, and must not block.
func New(ctx context.Context, j Journal, rule hall.Rule, now func() time.Time, publish func(*hall.View)) (*Engine, error) {
	e := &Engine{journal: j, now: now, publish: publish, state: hall.New(rule),
		queue: make(chan *waiter, maxQueue), stopped: make(chan struct{})}
	err := j.Replay(ctx, func(ev *hall.Event) error {
		e.state.Apply(ev)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("engine: replay: %w", err)
	}
	kept, err := j.Kept(ctx)
	if err != nil {
		return nil, fmt.Errorf("engine: open cases: %w", err)
	}
	e.state.Restore(kept)
	e.show(e.look())
	return e, nil
}

// View is the newest state that is on disk.
func (e *Engine) View() *hall.View { return e.view.Load() }

// Do hands a command to the hall and waits until its events are on disk. The bytes are the request's Answer, or the
// first answer again when the actor used the key before. Errors: *hall.Error when the rules refuse, ErrBusy,
// ErrKeyReused, ErrStopped, or the context's.
func (e *Engine) Do(ctx context.Context, req Request) ([]byte, error) {
	w := &waiter{req: req, done: make(chan struct{})}
	return e.wait(ctx, w)
}

// HandOver takes no more commands: when it returns, all that was answered is on disk and every later Do gives ErrMoved. Run
// goes on, so that the view stays. Doing it again changes nothing.
func (e *Engine) HandOver(ctx context.Context) error {
	_, err := e.wait(ctx, &waiter{last: true, done: make(chan struct{})})
	return err
}

// wait puts a waiter into the queue until the loop is done with it.
func (e *Engine) wait(ctx context.Context, w *waiter) ([]byte, error) {
	select {
	case <-e.stopped:
		return nil, ErrStopped
	default:
	}
	select {
	case e.queue <- w:
	default:
		return nil, ErrBusy
	}
	select {
	case <-w.done:
		return w.answer, w.err
	case <-e.stopped:
		select { // the last batch may have been answered in the same moment
		case <-w.done:
			return w.answer, w.err
		default:
			return nil, ErrStopped
		}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Run is the loop. It returns nil when ctx ends, after what has been decided is on disk, and an error when a commit failed:
// then the state in memory is ahead of the disk and the process must stop.
func (e *Engine) Run(ctx context.Context) error {
	defer close(e.stopped)
	full, settled := make(chan *batch, 1), make(chan error, 1) // at most one batch is with the writer
	var writer sync.WaitGroup
	defer writer.Wait()
	defer close(full)
	writer.Go(func() { e.write(full, settled) })
	next := newBatch(0)
	for {
		queue := e.queue
		if len(next.waiters) == maxBatch {
			queue = nil // nobody is taken until the disk is free
		}
		var err error
		select {
		case <-ctx.Done():
			return e.finish(next, full, settled)
		case w := <-queue:
			err = e.decide(next, w)
		case err = <-settled:
			next.before, e.flying = e.flying, nil
		}
		if err == nil && e.flying == nil {
			next, err = e.pass(next, full)
		}
		if err != nil {
			return err
		}
	}
}

// pass gives the writer what has been decided and what else waits, if there is something, and returns the batch to go on with.
func (e *Engine) pass(next *batch, full chan<- *batch) (*batch, error) {
	if err := e.drain(next); err != nil || len(next.waiters) == 0 {
		next.before.tell()
		next.before = nil
		return next, err
	}
	full <- e.seal(next)
	return newBatch(len(next.waiters)), nil
}

// finish puts what has been decided on disk.
func (e *Engine) finish(next *batch, full chan<- *batch, settled <-chan error) error {
	if e.flying != nil {
		if err := <-settled; err != nil {
			return err
		}
		next.before = e.flying
	}
	full <- e.seal(next)
	if err := <-settled; err != nil {
		return err
	}
	next.tell()
	return nil
}

// write puts batches on disk until there are no more. Those who wait for the one before are told when the next is here: if
// they all wanted the processors first, the loop would hand it over late, and the disk have nothing to do.
func (e *Engine) write(full <-chan *batch, settled chan<- error) {
	for b := range full {
		b.before.tell()
		b.before = nil // or each would keep all that were before it
		settled <- e.commit(b)
	}
}

// tell frees whoever waits for a batch.
func (b *batch) tell() {
	if b == nil {
		return
	}
	for _, w := range b.waiters {
		close(w.done)
	}
}

// Alone does one command in a hall that Run does not run, and stops again: for programs that set a hall up.
func (e *Engine) Alone(ctx context.Context, cmd hall.Command) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	_, err := e.Do(ctx, Request{Actor: hall.System, Command: cmd})
	stop()
	return errors.Join(err, <-ended)
}

// drain decides what else waits, up to the bound, without waiting itself.
func (e *Engine) drain(b *batch) error {
	for len(b.waiters) < maxBatch {
		select {
		case w := <-e.queue:
			if err := e.decide(b, w); err != nil {
				return err
			}
		default:
			return nil
		}
	}
	return nil
}

// seal ends a batch and has it on its way to the disk.
func (e *Engine) seal(b *batch) *batch {
	if e.state.Seq() != e.seen { // an answer alone is no news
		b.view = e.look()
	}
	e.flying = b
	return b
}

// commit stores what was accepted and shows it. It is the writer's.
func (e *Engine) commit(b *batch) error {
	if len(b.entries) > 0 {
		if err := e.journal.Append(b.entries); err != nil {
			return fmt.Errorf("engine: commit of %d commands: %w", len(b.entries), err)
		}
	}
	if b.view != nil {
		e.show(b.view)
	}
	return nil
}

// decide judges one request, applies its events and puts it into the batch. The error is the journal's, never a refusal.
func (e *Engine) decide(b *batch, w *waiter) error {
	b.waiters = append(b.waiters, w)
	if e.moved = e.moved || w.last; e.moved {
		if !w.last {
			w.err = ErrMoved
		}
		return nil
	}
	if w.req.Key != "" {
		if known, err := e.known(b, w); err != nil || known {
			return err
		}
	}
	at := hall.Millis(e.now().UnixMilli())
	events, err := hall.Decide(e.state, w.req.Command, at, w.req.Actor)
	if err != nil {
		w.err = err
		return nil
	}
	for i := range events {
		e.state.Apply(&events[i])
	}
	if w.req.Answer != nil {
		w.answer = w.req.Answer(e.state, events)
	}
	if w.req.Key != "" {
		b.keys[w.key()] = w
	} else if len(events) == 0 {
		return nil
	}
	entry := hall.Entry{Actor: w.req.Actor, Key: w.req.Key, Digest: w.req.Digest, Answer: w.answer, At: at, Events: events, Beside: w.req.Beside}
	e.state.Touched(&entry)
	b.entries = append(b.entries, entry)
	return nil
}

// known answers a request whose key was seen before: in this batch, in the one before it, or on disk.
func (e *Engine) known(b *batch, w *waiter) (bool, error) {
	first := b.keys[w.key()]
	if first == nil && e.flying != nil {
		first = e.flying.keys[w.key()]
	}
	digest, found := "", false
	if first != nil {
		w.answer, digest, found = first.answer, first.req.Digest, true
	} else {
		var err error
		if w.answer, digest, found, err = e.journal.Answer(w.req.Actor, w.req.Key); err != nil {
			return false, fmt.Errorf("engine: look up a key: %w", err)
		}
	}
	if found && digest != w.req.Digest {
		w.answer, w.err = nil, ErrKeyReused
	}
	return found, nil
}

// look takes a picture of the state.
func (e *Engine) look() *hall.View {
	e.seen = e.state.Seq()
	return e.state.View()
}

// show makes a picture visible. Called only when every event in it is on disk.
func (e *Engine) show(v *hall.View) {
	e.view.Store(v)
	e.publish(v)
}
