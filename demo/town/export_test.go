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
