package demo

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"
)

// MaxSpeed is how much faster than real time a hall may run: an hour a second.
const MaxSpeed = 3600

// Clock is the hall's simulated clock: it starts at an instant, runs at a multiple of real time, can be put forward and
// stands still while somebody holds it. It is safe for concurrent use.
type Clock struct {
	speed float64

	mu    sync.Mutex
	hall  time.Time // what the hall's clock showed …
	wall  time.Time // … at this real instant
	held  int       // how many hold it: it shows hall
	moved chan struct{}
}

// NewClock makes a clock that shows start now and runs speed times as fast as real time.
func NewClock(start time.Time, speed float64) (*Clock, error) {
	if !(speed > 0 && speed <= MaxSpeed) {
		return nil, fmt.Errorf("demo: clock: speed %v is not above 0 and at most %d", speed, MaxSpeed)
	}
	return &Clock{speed: speed, hall: start, wall: time.Now(), moved: make(chan struct{})}, nil
}

// Now is the hall's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *Clock) now() time.Time {
	if c.held > 0 {
		return c.hall
	}
	return c.hall.Add(time.Duration(float64(time.Since(c.wall)) * c.speed))
}

// Sleep waits until d of the hall's time has passed. It returns the context's error when that ends first.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	return c.SleepUntil(ctx, c.Now().Add(d))
}

// SleepUntil waits until the hall's clock shows t or more.
func (c *Clock) SleepUntil(ctx context.Context, t time.Time) error {
	for ctx.Err() == nil {
		left, moved := c.until(t)
		if left <= 0 {
			return nil
		}
		timer := time.NewTimer(left)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-moved:
		}
		timer.Stop()
	}
	return ctx.Err()
}

// Hold keeps the clock still while f runs, which must not sleep on it.
func (c *Clock) Hold(f func()) {
	c.mu.Lock()
	c.hall = c.now()
	c.held++
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.held--; c.held == 0 {
			c.wall = time.Now()
			c.wake()
		}
	}()
	f()
}

// until says how long in real time it is to t, rounded up, and what closes when the clock is put forward or let go.
func (c *Clock) until(t time.Time) (time.Duration, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	left := t.Sub(c.now())
	if left <= 0 {
		return 0, nil
	}
	if c.held > 0 {
		return math.MaxInt64, c.moved
	}
	return time.Duration(float64(left)/c.speed) + 1, c.moved
}

// SkipTo puts the clock forward to t and wakes whoever sleeps; it never goes back.
func (c *Clock) SkipTo(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !t.After(c.now()) {
		return
	}
	c.hall, c.wall = t, time.Now()
	c.wake()
}

// wake lets every sleeper look at the clock anew.
func (c *Clock) wake() {
	close(c.moved)
	c.moved = make(chan struct{})
}

// atLeast is d, or however much of the hall's time passes in a real floor: what polls a server may do so often, and no
// more, however fast the hall runs.
func (c *Clock) atLeast(d, floor time.Duration) time.Duration {
	return max(d, time.Duration(float64(floor)*c.speed))
}
