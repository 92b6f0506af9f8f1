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
	queueMax = 256
	// fresh is how long before a display's start a call may be and still be said by it; an older one was said by the
	// display that ran before.
	fresh = 30 * time.Second
	// boardCalls is how many calls a board shows at most; when all of them are new, older ones may have been passed over.
	boardCalls = 12
)

// called is a ticket's call to a window.
type called struct {
	seq    uint64 // 0: passed over on the board, known only by its window
	number string
	window string
	calls  int
	at     time.Time
}

// queue finds the new calls on each board and keeps them, in order, until they are said or no longer valid.
type queue struct {
	wake chan struct{} // of one: something waits

	mu      sync.Mutex
	board   wire.Board // the newest
	began   bool
	last    uint64            // highest call taken in
	windows map[string]string // number that each window shows
	waiting []called
	dropped int
}

func newQueue() *queue { return &queue{wake: make(chan struct{}, 1), windows: map[string]string{}} }

// take learns from a board. It never blocks.
func (q *queue) take(b wire.Board) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if b.Seq < q.board.Seq { // another hall, or one restored from a backup: begin anew
		q.began, q.waiting, q.last = false, nil, 0
	}
	q.add(q.news(b))
	q.began, q.board = true, b
	for _, c := range b.Calls {
		q.last = max(q.last, c.Seq)
	}
	clear(q.windows)
	for _, w := range b.Windows {
		q.windows[w.ID] = w.Number
	}
	if len(q.waiting) > 0 {
		select {
		case q.wake <- struct{}{}:
		default:
		}
	}
}

// news lists the calls of b that were not there before, oldest first.
func (q *queue) news(b wire.Board) []called {
	var out []called
	for _, c := range b.Calls {
		if c.State != stateCalled || q.began && c.Seq <= q.last || !q.began && b.At.Sub(c.CalledAt) > fresh {
			continue
		}
		out = append(out, called{seq: c.Seq, number: c.Number, window: c.Window, calls: c.Calls, at: c.CalledAt})
	}
	slices.SortFunc(out, func(a, b called) int { return cmp.Compare(a.seq, b.seq) })
	return append(q.passedOver(b), out...)
}

// passedOver lists the windows that show another number than before though the board's calls do not tell of it. That
// happens when more calls came between two boards than a board holds.
func (q *queue) passedOver(b wire.Board) []called {
	if !q.began || len(b.Calls) < boardCalls || b.Calls[len(b.Calls)-1].Seq <= q.last {
		return nil
	}
	told := make(map[string]bool, len(b.Calls))
	for _, c := range b.Calls {
		told[c.Window] = true
	}
	var out []called
	for _, w := range b.Windows {
		if w.Number != "" && w.Number != q.windows[w.ID] && !told[w.ID] {
			out = append(out, called{number: w.Number, window: w.ID, calls: 1, at: b.At})
		}
	}
	return out
}

// add queues calls. A recall of a ticket that still waits keeps its place, or a clerk's impatience would put it off again
// and again; another ticket at the same window means that the one waiting has gone.
func (q *queue) add(calls []called) {
	for _, c := range calls {
		same := func(w called) bool { return w.window == c.window }
		if i := slices.IndexFunc(q.waiting, same); i >= 0 && q.waiting[i].number == c.number {
			q.waiting[i] = c
			continue
		}
		q.waiting = slices.DeleteFunc(q.waiting, same)
		if len(q.waiting) >= queueMax {
			q.waiting = q.waiting[1:]
			q.dropped++
		}
		q.waiting = append(q.waiting, c)
	}
}

// next gives the oldest call that is still valid.
func (q *queue) next() (called, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) > 0 {
		c := q.waiting[0]
		q.waiting = q.waiting[1:]
		if q.valid(c) {
			return c, true
		}
		q.dropped++
	}
	return called{}, false
}

// valid tells whether the newest board still calls c: the person has neither come nor been given up.
func (q *queue) valid(c called) bool {
	for _, other := range q.board.Calls {
		if other.Number == c.number && other.Window == c.window {
			return other.State == stateCalled && (c.seq == 0 || other.Seq == c.seq)
		}
	}
	number, shown := q.windows[c.window]
	return !shown || number == c.number
}

const stateCalled = "called"
