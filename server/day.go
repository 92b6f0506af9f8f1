package server

import (
	"context"
	"errors"
	"time"

	"github.com/rs/zerolog"

	"yitang/server/engine"
	"yitang/server/hall"
)

const dayCheck = 200 * time.Millisecond

// keepDay opens the business day by the hall's hours and closes it when the next one begins. What the rules refuse is
// tried again at the next look: a day that is open already, a hall without a catalogue.
func keepDay(ctx context.Context, eng *engine.Engine, now func() time.Time, log zerolog.Logger) error {
	tick := time.NewTicker(dayCheck)
	defer tick.Stop()
	for {
		if cmd := due(eng.View(), now()); cmd != nil {
			if err := turn(ctx, eng, cmd); err != nil {
				return err
			}
			log.Info().Str("day", string(eng.View().Day)).Bool("open", eng.View().Open).Msg("business day")
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func turn(ctx context.Context, eng *engine.Engine, cmd hall.Command) error {
	_, err := eng.Do(ctx, engine.Request{Actor: hall.System, Command: cmd})
	var refused *hall.Error
	if errors.As(err, &refused) || ctx.Err() != nil {
		return nil
	}
	return err
}

// due is the command that the clock asks for, or nil.
func due(v *hall.View, now time.Time) hall.Command {
	if len(v.Layout.Matters) == 0 {
		return nil
	}
	zone, err := time.LoadLocation(v.Layout.Zone)
	if err != nil {
		return nil
	}
	today := hall.BusinessDay(zone, now)
	if v.Open {
		if v.Day < today {
			return hall.CloseDay{}
		}
		return nil
	}
	from, until, ok := v.Layout.Hours.Begins(zone, today)
	if !ok || v.Day >= today || now.Before(from) || !until.IsZero() && !now.Before(until) {
		return nil
	}
	open := hall.OpenDay{Day: today}
	if !until.IsZero() {
		open.IssueUntil = hall.Millis(until.UnixMilli())
	}
	return open
}
