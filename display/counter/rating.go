package counter

import (
	"context"
	"time"

	"yitang/drivers/rater"
	"yitang/server/wire"
)

// Bounds of handing a rating on: as long as an outage that nobody calls one.
const (
	rateTime  = time.Minute
	rateTries = 20
)

// evaluate lets the evaluator ask whoever was served until now, and takes the question back when the next one sits down.
func (a *agent) evaluate(before, now view, b wire.Board) {
	if a.rater == nil {
		return
	}
	same := now.number == before.number
	if now.state == ticketServing { // boards in between may be missing
		if !same || before.state != ticketServing {
			a.rater.Cancel()
		}
		return
	}
	left := stateOf(b, before.number)
	served := before.state == ticketServing || left == ticketDone
	if before.number == "" || same || !served || left == ticketHeld { // who only fetches something comes back
		return
	}
	a.rater.Prompt(before.number)
}

// ratings hands on what is pressed, one after another.
func (a *agent) ratings(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case r := <-a.rater.Ratings():
			a.rate(ctx, r.About, r.Stars)
		}
	}
}

// rate tells the hall; a repeated request has the same key, so that it counts once.
func (a *agent) rate(ctx context.Context, number string, stars rater.Stars) {
	ctx, cancel := context.WithTimeout(ctx, rateTime)
	defer cancel()
	err := a.client.WithRetry(wire.Retry{Attempts: rateTries}).Rate(ctx, a.cfg.Window,
		wire.RatingRequest{Grade: int(stars), Number: number, Via: "evaluator"})
	if err != nil {
		a.cfg.Log.Error().Err(err).Str("window", string(a.cfg.Window)).Str("number", number).Msg("a rating was lost")
	}
}
