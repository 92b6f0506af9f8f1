package feed

import (
	"sync"
	"time"

	"yitang/server/hall"
)

// Pace says how long changes gather between two messages, so that a busy hall costs a screen a few messages a second,
// not hundreds.
type Pace struct {
	Quick  time.Duration // between two messages of which the later has a new call
	Steady time.Duration // between such messages in the long run …
	Burst  time.Duration // … and so much may be used up ahead of it
	Lazy   time.Duration // when there is no new call, or a crowd of them
	Crowd  int           // more new calls than this are told lazily; 0 = never
}

// Every is the pace of those to whom a call is nothing special.
func Every(rest time.Duration) Pace { return Pace{Quick: rest, Lazy: rest} }

// Beat tells all its subscribers at the same moment that the newest frame is worth a message. One clock for all of them
// costs a thousand screens no timer each, and lets them share what is made for the frame.
type Beat struct {
	pace Pace

	mu    sync.Mutex
	subs  map[chan struct{}]struct{}
	timer *time.Timer
	rings time.Time  // when the timer does
	view  *hall.View // published and not told yet, or nil
	told  uint64     // the newest call that has been told
	at    time.Time  // when something was told last
	paid  time.Time  // until when quick messages are accounted for (GCRA, ITU-T I.371)
}

// Beat adds a pace to a feed, for as long as the feed lives.
func (f *Feed) Beat(p Pace) *Beat {
	b := &Beat{pace: p, subs: map[chan struct{}]struct{}{}}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.beats = append(f.beats, b)
	return b
}

// Subscribe returns a channel that has a value whenever something newer is worth a message, and the function that ends
// the subscription.
func (b *Beat) Subscribe() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	b.mu.Lock()
	b.subs[c] = struct{}{}
	b.mu.Unlock()
	return c, func() {
		b.mu.Lock()
		delete(b.subs, c)
		b.mu.Unlock()
	}
}

// published notes a view and sees to it that it is told in time.
func (b *Beat) published(v *hall.View) {
	b.mu.Lock()
	defer b.mu.Unlock()
	fresh := b.view == nil
	b.view = v
	if due := b.due(); fresh || due.Before(b.rings) { // a call may come while the rest is in no hurry
		b.arm(due)
	}
}

// arm sets the timer.
func (b *Beat) arm(at time.Time) {
	b.rings = at
	if b.timer == nil {
		b.timer = time.AfterFunc(time.Until(at), b.ring)
		return
	}
	b.timer.Reset(time.Until(at))
}

// due is when what was published is worth a message.
func (b *Beat) due() time.Time {
	n := NewCalls(b.view, b.told)
	if n == 0 || b.pace.Crowd > 0 && n > b.pace.Crowd {
		return b.at.Add(b.pace.Lazy)
	}
	return later(b.at.Add(b.pace.Quick), b.paid.Add(-b.pace.Burst))
}

// ring tells the subscribers, unless a crowd of calls has put it off.
func (b *Beat) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.view == nil {
		return
	}
	now := time.Now()
	if due := b.due(); due.After(now) {
		b.arm(due)
		return
	}
	if NewCalls(b.view, b.told) > 0 {
		b.paid = later(b.paid, now).Add(b.pace.Steady)
		b.told = b.view.Calls[len(b.view.Calls)-1].Seq
	}
	b.at, b.view = now, nil
	for c := range b.subs {
		select {
		case c <- struct{}{}:
		default: // it has been told already
		}
	}
}

// NewCalls counts the calls of a view that are newer than a call's number.
func NewCalls(v *hall.View, than uint64) int {
	n := len(v.Calls)
	for n > 0 && v.Calls[n-1].Seq > than {
		n--
	}
	return len(v.Calls) - n
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
