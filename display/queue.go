package display

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"yitang/server/wire"
)

// Bounds of what waits to be said.
const (
	// queueMax is more than a hall has windows, and a window has at most one ticket that is called.
	queueMax = 512
	// fresh is how long before a display's start a call may be and still be said by a display that remembers nothing; an
	// older one was said by the display that ran before.
	fresh = 30 * time.Second
	// behind is how long a call may wait to be said before the announcements become brief.
	behind = 10 * time.Second
	// crowd is how many waiting calls make the announcements brief.
	crowd = 3
)

const stateCalled = "called"

// called is a ticket's call to a window.
type called struct {
	seq    uint64
	number string
	window string
	calls  int
	came   time.Time // by this computer's clock, which may be wrong
	brief  bool
}

// key names a ticket at a window.
type key struct{ number, window string }

// told is how often a ticket was announced at a window, and when last.
type told struct {
	times int
	at    time.Time
}

// queue finds the new calls on each board and keeps them, in order, until they are said or no longer valid; then it
// repeats who has not come. The screens' page has the same rules.
type queue struct {
	wake chan struct{} // of one: something waits

	mu      sync.Mutex
	board   wire.Board // the newest
	began   bool
	last    uint64 // highest call taken in
	waiting []called
	told    map[key]told
}

// newQueue makes a queue. last is the call that was settled last before a restart, 0 when that is not known.
func newQueue(last uint64) *queue {
	return &queue{wake: make(chan struct{}, 1), last: last, told: map[key]told{}}
}

// take learns from a board. It never blocks.
func (q *queue) take(b wire.Board, now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if b.Seq < q.board.Seq || !q.began && b.Seq < q.last { // another hall, or one restored from a backup: begin anew
		q.began, q.waiting, q.last = false, nil, 0
		clear(q.told)
	}
	q.add(q.news(b, now))
	q.began, q.board = true, b
	there := map[key]bool{}
	for _, c := range b.Calls {
		q.last = max(q.last, c.Seq)
		there[key{c.Number, c.Window}] = true
	}
	for k := range q.told {
		if !there[k] {
			delete(q.told, k)
		}
	}
	if len(q.waiting) > 0 {
		select {
		case q.wake <- struct{}{}:
		default:
		}
	}
}

// news lists the calls of b that were not there before, oldest first.
func (q *queue) news(b wire.Board, now time.Time) []called {
	var out []called
	if !b.Voice.On {
		return nil
	}
	for _, c := range b.Calls {
		old := c.Seq <= q.last || !q.began && q.last == 0 && b.At.Sub(c.CalledAt) > fresh
		elsewhere := len(b.Voice.Zone) > 0 && !slices.Contains(b.Voice.Zone, c.Window)
		if c.State == stateCalled && !old && !elsewhere {
			out = append(out, called{seq: c.Seq, number: c.Number, window: c.Window, calls: c.Calls, came: now})
		}
	}
	slices.SortFunc(out, func(a, b called) int { return cmp.Compare(a.seq, b.seq) })
	return out
}

// add queues calls. A recall of a ticket that still waits keeps its place, or a clerk's impatience would put it off again
// and again; another ticket at the same window means that the one waiting has gone.
func (q *queue) add(calls []called) {
	for _, c := range calls {
		same := func(w called) bool { return w.window == c.window }
		if i := slices.IndexFunc(q.waiting, same); i >= 0 && q.waiting[i].number == c.number {
			c.came = q.waiting[i].came
			q.waiting[i] = c
			continue
		}
		q.waiting = slices.DeleteFunc(q.waiting, same)
		if len(q.waiting) >= queueMax {
			q.waiting = q.waiting[1:]
		}
		q.waiting = append(q.waiting, c)
	}
}

// next gives the oldest call that is still valid, or else who has not come for a while.
func (q *queue) next(now time.Time) (called, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) > 0 {
		c := q.waiting[0]
		q.waiting = q.waiting[1:]
		if q.valid(c) {
			c.brief = len(q.waiting) >= crowd || now.Sub(c.came) > behind
			return q.say(c, now), true
		}
	}
	if c, ok := q.overdue(now); ok {
		return q.say(c, now), true
	}
	return called{}, false
}

// settled is the last call up to which every one was said or needs no word any more.
func (q *queue) settled() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := q.last
	for _, c := range q.waiting {
		n = min(n, c.seq-1)
	}
	return n
}

// say notes that c is being said.
func (q *queue) say(c called, now time.Time) called {
	k := key{c.number, c.window}
	q.told[k] = told{times: max(c.calls, q.told[k].times+1), at: now}
	return c
}

// valid tells whether the newest board still calls c: the person has neither come nor been given up, nor been called
// again, which is a call of its own.
func (q *queue) valid(c called) bool {
	return slices.ContainsFunc(q.board.Calls, func(o wire.Call) bool { return o.Seq == c.seq && o.State == stateCalled })
}

// overdue finds who was called some time ago, has not come, and has not been called often enough.
func (q *queue) overdue(now time.Time) (called, bool) {
	v := q.board.Voice
	for i := len(q.board.Calls) - 1; i >= 0 && v.On; i-- { // the oldest first
		c := q.board.Calls[i]
		t, said := q.told[key{c.Number, c.Window}]
		if c.State == stateCalled && said && t.times < v.Times && now.Sub(t.at) >= time.Duration(v.EveryS)*time.Second {
			return called{seq: c.Seq, number: c.Number, window: c.Window, calls: c.Calls, came: now}, true
		}
	}
	return called{}, false
}

// volume is how loud it is now, in percent.
func (q *queue) volume() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.board.Voice.Volume
}

// shown is the newest board.
func (q *queue) shown() wire.Board {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.board
}
