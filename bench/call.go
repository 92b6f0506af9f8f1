package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// caller lets clerks call.
type caller struct {
	*load
	clients []*client // by clerk, or one for all
	times   []time.Duration
}

// next calls at the i-th clerk's window; an empty id means that nobody waits.
func (k *caller) next(i int) (id string, err error) {
	at := time.Now()
	answer, err := k.clients[i%len(k.clients)].post(k.window(i)+"/next", k.tokens[i], "", nil)
	took := time.Since(at)
	if id = field(answer, "id"); err != nil || id == "" {
		return "", err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.called[id] {
		k.twice++
	}
	k.called[id], k.times = true, append(k.times, took)
	return id, nil
}

func (k *caller) finish(i int) error {
	_, err := k.clients[i%len(k.clients)].post(k.window(i)+"/finish", k.tokens[i], "", nil)
	return err
}

func (k *caller) window(i int) string { return "/api/v1/windows/" + k.target.Clerks[i].Window }

// calling works with as many clerks as there are clients and windows for.
func (l *load) calling(ctx context.Context, clerks int, work func(*caller) error) error {
	return l.with(ctx, clerks, func(c []*client) error {
		return work(&caller{load: l, clients: c})
	})
}

// call lets all clerks call and finish until nobody waits: half of those that wait in pairs, the others in rounds.
func (l *load) call(ctx context.Context, r *Result) error {
	return l.calling(ctx, min(len(l.tokens), l.size.Clients), func(k *caller) error {
		if err := k.pairs(r); err != nil {
			return err
		}
		k.times = nil
		took, err := k.rounds()
		if len(k.times) > 0 {
			r.CallPerS = float64(len(k.times)) / took.Seconds()
			r.CallP50, r.CallP99 = quantiles(k.times)
		}
		r.DoubleCalls = k.twice
		return err
	})
}

// pairs has each clerk call and finish at her own pace.
func (k *caller) pairs(r *Result) error {
	cost, err := k.costs(k.clients[0], func() error {
		return parallel(len(k.clients), (k.size.Tickets-len(k.called))/2, func(w, _ int) error {
			id, err := k.next(w)
			if err != nil || id == "" {
				return err
			}
			return k.finish(w)
		})
	})
	if n := float64(len(k.times)); n > 0 {
		r.PairPerS, r.PairCPU, r.PairShare = n/cost.wall, cost.cpu/n*1e6, cost.share
	}
	return err
}

// rounds has all clerks call at once, and when all have somebody all finish. It returns how long the calls took.
func (k *caller) rounds() (took time.Duration, err error) {
	for before := -1; before < len(k.times); {
		before = len(k.times)
		begun, served := time.Now(), make([]bool, len(k.clients))
		err := parallel(len(k.clients), len(k.clients), func(w, i int) error {
			id, err := k.next(i)
			served[i] = id != ""
			return err
		})
		if took += time.Since(begun); err != nil {
			return took, err
		}
		err = parallel(len(k.clients), len(k.clients), func(w, i int) error {
			if !served[i] {
				return nil
			}
			return k.finish(i)
		})
		if err != nil {
			return took, err
		}
	}
	return took, nil
}

// screens measures calls one at a time, in the rhythm of a busy hall, up to the last screen that reads.
func (l *load) screens(ctx context.Context, wall *wall, r *Result) error {
	if l.size.Screens == 0 {
		return nil
	}
	return l.calling(ctx, 1, func(k *caller) error {
		var times []time.Duration
		for n := range min(screenCalls, l.size.Tickets/2) {
			took, err := k.shown(ctx, wall, n%len(l.tokens))
			if err != nil {
				return err
			}
			times = append(times, took)
		}
		r.ScreenP50, r.ScreenP99 = quantiles(times)
		r.ScreenMax = float64(slices.Max(times).Microseconds()) / 1000
		return nil
	})
}

// shown is how long a call needs to the last screen. The clerk finishes, and rests.
func (k *caller) shown(ctx context.Context, wall *wall, i int) (took time.Duration, err error) {
	reached := wall.expect(wall.newest() + 1)
	at := time.Now()
	id, err := k.next(i)
	if err != nil {
		return 0, err
	}
	if id == "" {
		return 0, errors.New("bench: nobody waits although tickets were taken")
	}
	select {
	case last := <-reached:
		took = last.Sub(at)
	case <-time.After(screenWait):
		return 0, fmt.Errorf("bench: a call did not reach %d of %d screens within %v", wall.missing(), k.size.Screens, screenWait)
	}
	if err := k.finish(i); err != nil {
		return 0, err
	}
	select {
	case <-time.After(callPause):
		return took, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}
