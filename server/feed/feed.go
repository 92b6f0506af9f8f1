// Package feed fans the newest state of the hall out to screens and pages. A subscriber never gets a queue of events,
// only the word that something is newer; it then takes the newest frame. So a stalled screen costs nothing and nobody
// waits for it. The package owns no goroutine.
package feed

import (
	"sync"
	"sync/atomic"
	"time"

	"yitang/server/hall"
)

// Frame is one view with the messages made from it, each encoded once however many subscribers send it.
type Frame struct {
	View    *hall.View
	mu      sync.Mutex
	encoded map[string]message
}

// message is an encoded view, good until the clock alone has changed what it says.
type message struct {
	until time.Time
	bytes []byte
}

// Keeps is how long an encoded message is sent again: what it says may depend on the clock, such as whether the hall
// still issues tickets.
const Keeps = 5 * time.Second

// Encode returns the message of a name, calling make for the first who asks, and again when it is older than Keeps. The
// bytes must not be changed.
func (f *Frame) Encode(name string, make func(*hall.View) []byte) []byte {
	now := time.Now()
	f.mu.Lock()
	defer f.mu.Unlock()
	m, ok := f.encoded[name]
	if !ok || now.After(m.until) {
		m = message{until: now.Add(Keeps), bytes: make(f.View)}
		f.encoded[name] = m
	}
	return m.bytes
}

// Feed holds the newest frame.
type Feed struct {
	newest atomic.Pointer[Frame]
	mu     sync.Mutex
	subs   map[chan struct{}]struct{}
}

// New returns a feed without a frame.
func New() *Feed { return &Feed{subs: map[chan struct{}]struct{}{}} }

// Publish makes a view the newest and wakes every subscriber. It never blocks.
func (f *Feed) Publish(v *hall.View) {
	f.newest.Store(&Frame{View: v, encoded: map[string]message{}})
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.subs {
		select {
		case c <- struct{}{}:
		default: // it has been told already
		}
	}
}

// Newest is the newest frame, or nil before the first Publish.
func (f *Feed) Newest() *Frame { return f.newest.Load() }

// Subscribe returns a channel that has a value whenever something is newer than what was taken last, and the function
// that ends the subscription.
func (f *Feed) Subscribe() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	f.mu.Lock()
	f.subs[c] = struct{}{}
	f.mu.Unlock()
	return c, func() {
		f.mu.Lock()
		delete(f.subs, c)
		f.mu.Unlock()
	}
}
