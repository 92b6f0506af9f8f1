// Package engine is the one goroutine that owns the hall. It takes one command, drains what else has come without
// waiting, decides and applies each in memory, commits all accepted events in one transaction, and only then answers
// and publishes: state that is not proven on disk is never served. The shape is hashicorp/raft's group commit.
//
// Run owns the goroutine. Do may be called from any goroutine and waits for the commit.
package engine

import (
	"context"
	"errors"
	"fmt"
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

// Journal keeps the events. All its methods are called by the loop's goroutine only.
type Journal interface {
	// Answer returns what the actor's key was answered first, and for which request; found is false for a new key, and for one
	// that is older than the journal keeps answers.
	Answer(actor hall.Actor, key string) (answer []byte, digest string, found bool, err error)
	// Append puts all entries on disk in one transaction, or none.
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
	state   *hall.State
	view    atomic.Pointer[hall.View]
	queue   chan *waiter
	stopped chan struct{}
	moved   bool // no command is taken any more; the loop's
}

// waiter is a request on its way through the loop.
type waiter struct {
	req    Request
	answer []byte
	err    error
	fresh  bool // decided in this batch, so it waits for the commit
	last   bool // no command: the hall is handed over after those before it
	done   chan struct{}
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
	e.show()
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

// Run is the loop. It returns nil when ctx ends, after the batch in hand, and an error when a commit failed: then the
// state in memory is ahead of the disk and the process must stop.
func (e *Engine) Run(ctx context.Context) error {
	defer close(e.stopped)
	batch := make([]*waiter, 0, maxBatch)
	for {
		select {
		case <-ctx.Done():
			return nil
		case w := <-e.queue:
			batch = e.drain(append(batch[:0], w))
			if err := e.commit(batch); err != nil {
				return err
			}
		}
	}
}

// Alone does one command in a hall that Run does not run, and stops again: for programs that set a hall up.
func (e *Engine) Alone(ctx context.Context, cmd hall.Command) error {
	return e.AloneAs(ctx, hall.System, cmd, nil)
}

// AloneAs is Alone for somebody, with what else is changed; see Request.
func (e *Engine) AloneAs(ctx context.Context, by hall.Actor, cmd hall.Command, beside any) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	_, err := e.Do(ctx, Request{Actor: by, Command: cmd, Beside: beside})
	stop()
	return errors.Join(err, <-ended)
}

// drain takes what else waits, up to the bound, without waiting itself.
func (e *Engine) drain(batch []*waiter) []*waiter {
	for len(batch) < maxBatch {
		select {
		case w := <-e.queue:
			batch = append(batch, w)
		default:
			return batch
		}
	}
	return batch
}

// commit decides the batch in order, stores what was accepted, then answers everybody and publishes.
func (e *Engine) commit(batch []*waiter) error {
	at := hall.Millis(e.now().UnixMilli())
	seen := map[string]*waiter{}
	var entries []hall.Entry
	for _, w := range batch {
		if e.moved = e.moved || w.last; e.moved {
			if !w.last {
				w.err = ErrMoved
			}
			continue
		}
		entry, err := e.decide(w, at, seen)
		if err != nil {
			return err
		}
		if w.fresh {
			entries = append(entries, entry)
		}
	}
	if len(entries) > 0 {
		if err := e.journal.Append(entries); err != nil {
			return fmt.Errorf("engine: commit of %d commands: %w", len(entries), err)
		}
		if e.state.Seq() != e.View().Seq { // an answer alone is no news
			e.show()
		}
	}
	for _, w := range batch {
		close(w.done)
	}
	return nil
}

// decide judges one request and applies its events. The error is the journal's, never a refusal.
func (e *Engine) decide(w *waiter, at hall.Millis, seen map[string]*waiter) (hall.Entry, error) {
	if w.req.Key != "" {
		known, err := e.known(w, seen)
		if err != nil || known {
			return hall.Entry{}, err
		}
		seen[w.scope()] = w
	}
	events, err := hall.Decide(e.state, w.req.Command, at, w.req.Actor)
	if err != nil {
		w.err = err
		delete(seen, w.scope())
		return hall.Entry{}, nil
	}
	for i := range events {
		e.state.Apply(&events[i])
	}
	if w.req.Answer != nil {
		w.answer = w.req.Answer(e.state, events)
	}
	w.fresh = len(events) > 0 || w.req.Key != ""
	entry := hall.Entry{Actor: w.req.Actor, Key: w.req.Key, Digest: w.req.Digest, Answer: w.answer, At: at, Events: events, Beside: w.req.Beside}
	e.state.Touched(&entry)
	return entry, nil
}

func (w *waiter) scope() string { return string(w.req.Actor) + "\x00" + w.req.Key }

// known answers a request whose key was seen before, in this batch or on disk.
func (e *Engine) known(w *waiter, seen map[string]*waiter) (bool, error) {
	digest, found := "", false
	if first := seen[w.scope()]; first != nil {
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

// show makes the state visible. Called only when every applied event is on disk.
func (e *Engine) show() {
	v := e.state.View()
	e.view.Store(v)
	e.publish(v)
}
