package server

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"yitang/server/engine"
	"yitang/server/hall"
)

// Look is one look of the day keeper.
func Look(ctx context.Context, eng *engine.Engine, now func() time.Time) error {
	return (&dayKeeper{eng: eng, now: now, log: zerolog.Nop(),
		given: func(context.Context, hall.Day) (hall.Given, error) { return hall.Given{}, nil }}).look(ctx)
}

// Keep runs the day keeper.
func Keep(ctx context.Context, eng *engine.Engine, now func() time.Time) error {
	return (&dayKeeper{eng: eng, now: now, log: zerolog.Nop(),
		given: func(context.Context, hall.Day) (hall.Given, error) { return hall.Given{}, nil }}).run(ctx)
}
