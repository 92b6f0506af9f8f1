package server

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"yitang/server/engine"
	"yitang/server/forecast"
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

// Looked is a forecaster's report after it has looked at a view.
func Looked(ctx context.Context, before *forecast.Report, v *hall.View) *forecast.Report {
	f := &forecaster{now: time.Now, log: zerolog.Nop()}
	f.report.Store(before)
	f.look(ctx, v)
	return f.Report()
}
