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

// Frame is one view with what was made from it, each thing once however many subscribers send it.
type Frame struct {
	View *hall.View
	mu   sync.Mutex
	made map[string]thing
}

// thing is what was made from a view, good until the clock alone has changed what it says.
type thing struct {
	until time.Time
	is    any
}

// Made returns what make gives for the frame's view: for the first who asks under a name, and again when it is older
// than keep, because what it says may depend on the clock. It is shared and must not be changed.
func Made[T any](f *Frame, name string, keep time.Duration, make func(*hall.View) T) T {
	now := time.Now()
	f.mu.Lock()
	defer f.mu.Unlock()
	m, ok := f.made[name]
	if !ok || now.After(m.until) {
		m = thing{until: now.Add(keep), is: make(f.View)}
		f.made[name] = m
	}
	return m.is.(T) //nolint:forcetypeassert // a name stands for one type
}

// Feed holds the newest frame.
type Feed struct {
	newest atomic.Pointer[Frame]
	mu     sync.Mutex
	beats  []*Beat
}

// New returns a feed without a frame.
func New() *Feed { return &Feed{} }

// Publish makes a view the newest. It never blocks and does no subscriber's work.
func (f *Feed) Publish(v *hall.View) {
	f.newest.Store(&Frame{View: v, made: map[string]thing{}})
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, b := range f.beats {
		b.published(v)
	}
}

// Newest is the newest frame, or nil before the first Publish.
func (f *Feed) Newest() *Frame { return f.newest.Load() }
