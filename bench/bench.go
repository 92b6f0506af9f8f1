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
	"time"
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

func (s Size) check() error {
	if s.Clients < 1 || s.Clients > maxClients || s.Tickets < minTickets || s.Tickets > maxTickets ||
		s.Screens < 0 || s.Stuck < 0 || s.Screens+s.Stuck > maxScreens {
		return fmt.Errorf("bench: choose 1 to %d clients, %d to %d tickets and at most %d screens in all", maxClients, minTickets, maxTickets, maxScreens)
	}
	return nil
}

// Result is what was measured. Times are in milliseconds, from just before a request is written until its answer is
// read. Calls are followed by finish requests, which are not counted but share the server.
type Result struct {
	IssuePerS        float64 `json:"issue_per_s"`
	IssueP50         float64 `json:"issue_p50_ms"`
	IssueP99         float64 `json:"issue_p99_ms"`
	CallPerS         float64 `json:"call_per_s"`
	CallP50          float64 `json:"call_p50_ms"`
	CallP99          float64 `json:"call_p99_ms"`
	ScreenP50        float64 `json:"screen_p50_ms"` // from the clerk's request to the last healthy screen
	ScreenP99        float64 `json:"screen_p99_ms"`
	ScreenMax        float64 `json:"screen_max_ms"`
	DuplicateNumbers int     `json:"duplicate_numbers"`
	DoubleCalls      int     `json:"double_calls"`
	Lost             int     `json:"lost"` // acknowledged, but gone after SIGKILL and restart; filled in by the caller
	RSSMB            float64 `json:"rss_mb"`

	IDs []string `json:"-"` // of every acknowledged ticket
}

// Run puts the load on the target. Progress is told in words.
func Run(ctx context.Context, t Target, s Size, progress func(string)) (Result, error) {
	if err := s.check(); err != nil {
		return Result{}, err
	}
	l := &load{target: t, size: s, http: newHTTP(t.Addr, s.Clients)}
	defer l.http.CloseIdleConnections()
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
	progress("clerks call")
	if err := l.screens(ctx, wall, &r); err != nil {
		return r, err
	}
	return r, l.call(ctx, &r)
}

// load is a run in progress.
type load struct {
	target Target
	size   Size
	http   *client
	tokens []string // of the clerks
}

// openWindows logs every clerk in and opens the windows.
func (l *load) openWindows(ctx context.Context) error {
	for _, c := range l.target.Clerks {
		var s struct {
			Token string `json:"token"`
		}
		if _, err := l.http.post(ctx, "/api/v1/sessions", "", "", map[string]string{"user": c.User, "password": c.Password}, &s); err != nil {
			return err
		}
		l.tokens = append(l.tokens, s.Token)
		if _, err := l.http.post(ctx, "/api/v1/windows/"+c.Window+"/open", s.Token, "", nil, nil); err != nil {
			return err
		}
	}
	return nil
}

// ticket is the part of an answer that is looked at.
type ticket struct {
	ID     string `json:"id"`
	Number string `json:"number"`
}

func (l *load) issue(ctx context.Context, r *Result) error {
	taken, times := make([]ticket, l.size.Tickets), make([]time.Duration, l.size.Tickets)
	begun := time.Now()
	err := parallel(ctx, l.size.Clients, l.size.Tickets, func(ctx context.Context, _, i int) error {
		m := l.target.Matters[i%len(l.target.Matters)]
		body := map[string]any{"matters": []string{m}, "person": map[string]string{"kind": "none"}}
		at := time.Now()
		_, err := l.http.post(ctx, "/api/v1/tickets", l.target.DeviceToken, "bench-"+strconv.Itoa(i), body, &taken[i])
		times[i] = time.Since(at)
		return err
	})
	if err != nil {
		return err
	}
	r.IssuePerS = float64(l.size.Tickets) / time.Since(begun).Seconds()
	r.IssueP50, r.IssueP99 = quantiles(times)
	seen := map[string]bool{}
	for _, t := range taken {
		if seen[t.Number] {
			r.DuplicateNumbers++
		}
		seen[t.Number] = true
		r.IDs = append(r.IDs, t.ID)
	}
	return nil
}

// call lets all clerks call and finish until nobody waits.
func (l *load) call(ctx context.Context, r *Result) error {
	var mu sync.Mutex
	called := map[string]bool{}
	var times []time.Duration
	workers := min(len(l.tokens), l.size.Clients)
	begun := time.Now()
	err := parallel(ctx, workers, workers, func(ctx context.Context, _, i int) error {
		for {
			at := time.Now()
			id, err := l.next(ctx, i)
			took := time.Since(at)
			if err != nil || id == "" {
				return err
			}
			mu.Lock()
			if called[id] {
				r.DoubleCalls++
			}
			called[id], times = true, append(times, took)
			mu.Unlock()
			if err := l.finish(ctx, i); err != nil {
				return err
			}
		}
	})
	if len(times) > 0 {
		r.CallPerS = float64(len(times)) / time.Since(begun).Seconds()
		r.CallP50, r.CallP99 = quantiles(times)
	}
	return err
}

// next calls at the i-th clerk's window; an empty id means that nobody waits.
func (l *load) next(ctx context.Context, i int) (id string, err error) {
	var a struct {
		Ticket ticket `json:"ticket"`
	}
	_, err = l.http.post(ctx, "/api/v1/windows/"+l.target.Clerks[i].Window+"/next", l.tokens[i], "", nil, &a)
	return a.Ticket.ID, err
}

func (l *load) finish(ctx context.Context, i int) error {
	_, err := l.http.post(ctx, "/api/v1/windows/"+l.target.Clerks[i].Window+"/finish", l.tokens[i], "", nil, nil)
	return err
}

// screens measures calls one at a time, in the rhythm of a busy hall, up to the last screen that reads.
func (l *load) screens(ctx context.Context, wall *wall, r *Result) error {
	if l.size.Screens == 0 {
		return nil
	}
	var times []time.Duration
	for n := range min(screenCalls, l.size.Tickets/2) {
		i := n % len(l.tokens)
		reached := wall.expect(wall.newest() + 1)
		at := time.Now()
		id, err := l.next(ctx, i)
		if err != nil {
			return err
		}
		if id == "" {
			return errors.New("bench: nobody waits although tickets were taken")
		}
		select {
		case last := <-reached:
			times = append(times, last.Sub(at))
		case <-time.After(screenWait):
			return fmt.Errorf("bench: a call did not reach %d of %d screens within %v", wall.missing(), l.size.Screens, screenWait)
		}
		if err := l.finish(ctx, i); err != nil {
			return err
		}
		select {
		case <-time.After(callPause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	r.ScreenP50, r.ScreenP99 = quantiles(times)
	r.ScreenMax = float64(slices.Max(times).Microseconds()) / 1000
	return nil
}

// parallel does n pieces of work with so many workers and returns the first error.
func parallel(ctx context.Context, workers, n int, work func(ctx context.Context, worker, i int) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	jobs := make(chan int)
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for i := range jobs {
				if err := work(ctx, w, i); err != nil {
					stop(err)
				}
			}
		})
	}
	for i := 0; i < n && ctx.Err() == nil; i++ {
		jobs <- i
	}
	close(jobs)
	all.Wait()
	return context.Cause(ctx)
}

// quantiles are the median and the 99th percentile in milliseconds (nearest rank).
func quantiles(times []time.Duration) (p50, p99 float64) {
	sorted := slices.Sorted(slices.Values(times))
	at := func(q float64) float64 {
		return float64(sorted[min(len(sorted)-1, int(q*float64(len(sorted))))].Microseconds()) / 1000
	}
	return at(0.50), at(0.99)
}
