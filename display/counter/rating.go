package counter

import (
	"context"
	"time"

	"yitang/server/wire"
)

// Bounds of handing a rating on.
const (
	rateTime  = 10 * time.Second
	rateTries = 30 // at rateAgain: as long as an outage that nobody calls one
	rateAgain = 2 * time.Second
)

// evaluate lets the evaluator ask whoever was served until now, and takes the question back when the next one sits down.
func (a *agent) evaluate(before, now view, b wire.Board) {
	if a.rater == nil || a.cfg.Rate == nil {
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
	a.mu.Lock()
	a.asked = Served{Day: b.Hall.Day, Number: before.number}
	a.mu.Unlock()
	a.rater.Prompt()
}

// ratings hands on what is pressed, one after another.
func (a *agent) ratings(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case r := <-a.rater.Ratings():
			a.mu.Lock()
			about := a.asked
			a.mu.Unlock()
			var err error
			for range rateTries {
				once, cancel := context.WithTimeout(ctx, rateTime)
				err = a.cfg.Rate(once, about, r.Stars)
				cancel()
				if err == nil || !wire.Unreachable(err) || ctx.Err() != nil {
					break
				}
				pauseFor(ctx, rateAgain)
			}
			if err != nil && ctx.Err() == nil {
				a.cfg.Log.Error().Err(err).Str("number", about.Number).Msg("a rating was lost")
			}
		}
	}
}
