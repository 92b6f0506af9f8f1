// Package bench loads a real hall server over loopback and measures it: tickets taken, tickets called, and how long a
// call needs to the last of many screens, some of which never read. `yitang bench` starts the server as a process of its
// own, with the durability of production, and calls Run.
package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// Target is the server under load, and who may load it.
type Target struct {
	Addr        string // host:port
	DeviceToken string
	ScreenToken string
	Clerks      []Clerk
	Matters     []string
	Screens     []string
}

// Clerk is somebody who calls.
type Clerk struct{ User, Password, Window string }

// Size is the load.
type Size struct {
	Clients int // concurrent HTTP clients
	Tickets int
	Screens int // WebSockets that read
	Stuck   int // WebSockets that never read
}

// Bounds of a load.
const (
	maxClients  = 1024
	minTickets  = 2 // half of them are called up to the last screen
	maxTickets  = 1_000_000
	maxScreens  = 2000
	screenCalls = 200                   // calls measured up to the last screen
	callPause   = 40 * time.Millisecond // between two of them: a hall at its very busiest
	screenWait  = 10 * time.Second      // for one call to reach the last screen
)

// Check says what is wrong with a load, or nil.
func (s Size) Check() error {
	if s.Clients < 1 || s.Clients > maxClients || s.Tickets < minTickets || s.Tickets > maxTickets ||
		s.Screens < 0 || s.Stuck < 0 || s.Screens+s.Stuck > maxScreens {
		return fmt.Errorf("bench: choose 1 to %d clients, %d to %d tickets and at most %d screens in all", maxClients, minTickets, maxTickets, maxScreens)
	}
	return nil
}

// Result is what was measured. Times are in milliseconds, from just before a request is written until its answer is
// read. Calls are measured by themselves, all clerks at once and then their finishes apart, and in pairs, each clerk
// calling and finishing at her own pace. The server's time is that of its process on all cores, screens included.
type Result struct {
	IssuePerS        float64 `json:"issue_per_s"`
	IssueP50         float64 `json:"issue_p50_ms"`
	IssueP99         float64 `json:"issue_p99_ms"`
	CallPerS         float64 `json:"call_per_s"`
	CallP50          float64 `json:"call_p50_ms"`
	CallP99          float64 `json:"call_p99_ms"`
	PairPerS         float64 `json:"pair_per_s"`    // a call and its finish
	ScreenP50        float64 `json:"screen_p50_ms"` // from the clerk's request to the last healthy screen
	ScreenP99        float64 `json:"screen_p99_ms"`
	ScreenMax        float64 `json:"screen_max_ms"`
	DuplicateNumbers int     `json:"duplicate_numbers"`
	DoubleCalls      int     `json:"double_calls"`
	Lost             int     `json:"lost"` // acknowledged, but gone after SIGKILL and restart; filled in by the caller
	RSSMB            float64 `json:"rss_mb"`
	IssueCPU         float64 `json:"issue_cpu_us"` // the server's time for each, which a busy machine does not change much
	PairCPU          float64 `json:"pair_cpu_us"`
	IssueShare       float64 `json:"issues_per_commit"` // how many commands share one fsync
	PairShare        float64 `json:"pair_commands_per_commit"`

	IDs []string `json:"-"` // of every acknowledged ticket
}

// Run puts the load on the target. Progress is told in words.
func Run(ctx context.Context, t Target, s Size, progress func(string)) (Result, error) {
	if err := s.Check(); err != nil {
		return Result{}, err
	}
	l := &load{target: t, size: s, called: map[string]bool{}}
	if err := l.openWindows(ctx); err != nil {
		return Result{}, err
	}
	var r Result
	progress(fmt.Sprintf("%d screens, %d of them stuck", s.Screens+s.Stuck, s.Stuck))
	wall, err := l.hangScreens(ctx)
	if err != nil {
		return r, err
	}
	defer wall.close()
	progress(fmt.Sprintf("%d clients take %d tickets", s.Clients, s.Tickets))
	if err := l.issue(ctx, &r); err != nil {
		return r, err
	}
	progress("clerks call, one at a time, up to the last screen")
	if err := l.screens(ctx, wall, &r); err != nil {
		return r, err
	}
	progress("clerks call and finish")
	if err := l.call(ctx, &r); err != nil {
		return r, err
	}
	progress("the server is killed, and what is lost is counted")
	return r, nil
}

// load is a run in progress.
type load struct {
	target Target
	size   Size
	tokens []string // of the clerks

	mu     sync.Mutex
	called map[string]bool // by ticket
	twice  int             // how many were called that had been
}

// openWindows logs every clerk in and opens the windows.
func (l *load) openWindows(ctx context.Context) error {
	return l.with(ctx, 1, func(c []*client) error {
		for _, k := range l.target.Clerks {
			answer, err := c[0].post("/api/v1/sessions", "", "", encode(map[string]string{"user": k.User, "password": k.Password}))
			if err != nil {
				return err
			}
			l.tokens = append(l.tokens, field(answer, "token"))
			if _, err := c[0].post("/api/v1/windows/"+k.Window+"/open", l.tokens[len(l.tokens)-1], "", nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// with works on so many connections, which are cut when ctx ends.
func (l *load) with(ctx context.Context, n int, work func([]*client) error) error {
	var list []*client
	cut := func() {
		for _, c := range list {
			_ = c.conn.Close()
		}
	}
	defer func() { cut() }()
	for range n {
		c, err := dial(ctx, l.target.Addr)
		if err != nil {
			return err
		}
		list = append(list, c)
	}
	defer context.AfterFunc(ctx, cut)()
	if err := work(list); err != nil {
		return errors.Join(context.Cause(ctx), err)
	}
	return nil
}

func (l *load) issue(ctx context.Context, r *Result) error {
	ids, numbers, times := make([]string, l.size.Tickets), make([]string, l.size.Tickets), make([]time.Duration, l.size.Tickets)
	var bodies [][]byte
	for _, m := range l.target.Matters {
		bodies = append(bodies, encode(map[string]any{"matters": []string{m}, "person": map[string]string{"kind": "none"}}))
	}
	err := l.with(ctx, l.size.Clients, func(c []*client) error {
		cost, err := l.costs(c[0], func() error {
			return parallel(len(c), l.size.Tickets, func(worker, i int) error {
				at := time.Now()
				answer, err := c[worker].post("/api/v1/tickets", l.target.DeviceToken, "bench-"+strconv.Itoa(i), bodies[i%len(bodies)])
				times[i] = time.Since(at)
				ids[i], numbers[i] = field(answer, "id"), field(answer, "number")
				return err
			})
		})
		n := float64(l.size.Tickets)
		r.IssuePerS, r.IssueCPU, r.IssueShare = n/cost.wall, cost.cpu/n*1e6, cost.share
		return err
	})
	if err != nil {
		return err
	}
	r.IssueP50, r.IssueP99 = quantiles(times)
	seen := map[string]bool{}
	for _, n := range numbers {
		if seen[n] {
			r.DuplicateNumbers++
		}
		seen[n] = true
	}
	r.IDs = ids
	return nil
}

// parallel does n pieces of work with so many workers and returns the first error.
func parallel(workers, n int, work func(worker, i int) error) error {
	var g errgroup.Group
	var taken atomic.Int64
	var failed atomic.Bool
	for w := range workers {
		g.Go(func() error {
			for i := taken.Add(1) - 1; i < int64(n) && !failed.Load(); i = taken.Add(1) - 1 {
				if err := work(w, int(i)); err != nil {
					failed.Store(true)
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// quantiles are the median and the 99th percentile in milliseconds (nearest rank).
func quantiles(times []time.Duration) (p50, p99 float64) {
	sorted := slices.Sorted(slices.Values(times))
	at := func(q float64) float64 {
		return float64(sorted[min(len(sorted)-1, int(q*float64(len(sorted))))].Microseconds()) / 1000
	}
	return at(0.50), at(0.99)
}
