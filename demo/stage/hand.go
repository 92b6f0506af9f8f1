package stage

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"yitang/demo"
	"yitang/server/wire"
)

// handTick is how often the window for whoever tries the demo is looked at, in real time.
const handTick = time.Second

// keepHandWindow keeps it until ctx ends.
func (s *stage) keepHandWindow(ctx context.Context, base string) error {
	clerk := wire.New(base, s.hall.token("clerk"+string(demo.HandWindow)))
	defer clerk.Close()
	h, err := demo.NewHand(s.hall.layout, clerk)
	if err != nil {
		return err
	}
	var newest atomic.Pointer[wire.HallState]
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		_ = clerk.WatchHall(ctx, func(state wire.HallState) { newest.Store(&state) }) // it ends with ctx
		return nil
	})
	g.Go(func() error {
		for ctx.Err() == nil {
			if state := newest.Load(); state != nil && state.Hall.Open {
				i := slices.IndexFunc(state.Windows, func(w wire.Window) bool { return w.ID == string(demo.HandWindow) })
				if i >= 0 { // else somebody has tried another layout
					h.Look(ctx, state.Windows[i], s.clock.Now())
				}
			}
			select {
			case <-ctx.Done():
			case <-time.After(handTick):
			}
		}
		return nil
	})
	return g.Wait()
}
