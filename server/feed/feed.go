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
	made map[string]*thing
}

// thing is what was made from a view, good until the clock alone has changed what it says. It has a lock of its own: making it may
// read the database, and whoever sends other things of the frame does not wait for that.
type thing struct {
	mu    sync.Mutex
	until time.Time
	is    any
}

// Made returns what make gives for the frame's view: for the first who asks under a name, and again when it is older
// than keep, because what it says may depend on the clock. It is shared and must not be changed. make must not ask for the same name.
func Made[T any](f *Frame, name string, keep time.Duration, make func(*hall.View) T) T {
	now := time.Now()
	m := f.thing(name)
	m.mu.Lock()
	defer m.mu.Unlock()
	if now.After(m.until) {
		m.until, m.is = now.Add(keep), make(f.View)
	}
	return m.is.(T) //nolint:forcetypeassert // a name stands for one type
}

func (f *Frame) thing(name string) *thing {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := f.made[name]
	if m == nil {
		m = &thing{}
		f.made[name] = m
	}
	return m
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
	f.newest.Store(&Frame{View: v, made: map[string]*thing{}})
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, b := range f.beats {
		b.published(v)
	}
}

// Newest is the newest frame, or nil before the first Publish.
func (f *Feed) Newest() *Frame { return f.newest.Load() }
