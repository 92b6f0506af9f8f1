package town

import (
	"context"
	"math/rand/v2"
	"time"

	"yitang/server/wire"
)

// Hall is a demo hall with one window, to which nobody comes by chance.
func Hall(kiosk, clerk *wire.Client, now func() time.Time) (minute func(context.Context)) {
	h := &branch{rng: rand.New(rand.NewPCG(1, 7)), clock: now}
	desks := []*desk{{Client: clerk, id: "1"}}
	return func(ctx context.Context) { h.minute(ctx, kiosk, desks, stepOf) }
}

// Behind is how far the clock of a hall is behind at first that the demo makes in a folder or takes up there.
func Behind(ctx context.Context, dir string, now func() time.Time) (time.Duration, error) {
	h := &branch{place: places()[0], dir: dir, clock: now}
	if err := h.begin(ctx); err != nil {
		return 0, err
	}
	return now().Sub(h.now()), h.data.Close()
}

// CatchUp is how far it is behind at most.
const CatchUp = catchUp
