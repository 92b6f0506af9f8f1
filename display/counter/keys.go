package counter

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/rs/zerolog"

	"yitang/drivers/keypad"
	"yitang/server/wire"
)

// Bounds of an act.
const (
	actTime    = 5 * time.Second // a key that nobody could answer in this time did nothing
	actTries   = 2
	impatience = 500 * time.Millisecond // an act that took so long: what was pressed meanwhile was pressed for it
)

// keys does what is pressed, one after another.
func (a *agent) keys(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case p := <-a.pad.Presses():
			began := time.Now()
			a.press(ctx, p)
			if time.Since(began) > a.cfg.impatience {
				a.forget()
			}
		}
	}
}

// forget drops what was pressed while an act took its time: the second press of an impatient clerk must not call a
// person more.
func (a *agent) forget() {
	for {
		select {
		case <-a.pad.Presses():
		default:
			return
		}
	}
}

// press does one act and lets the keypad beep when it did nothing.
func (a *agent) press(ctx context.Context, p keypad.Press) {
	if !a.workable() {
		a.beep("closed")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, actTime)
	defer cancel()
	done, err := a.act(ctx, p.Act)
	if err != nil {
		level := zerolog.WarnLevel
		var refused *wire.Error
		if errors.As(err, &refused) && refused.Status == http.StatusConflict {
			level = zerolog.InfoLevel // a key at the wrong moment: the beep says it to the clerk
		}
		a.cfg.Log.WithLevel(level).Err(err).Str("window", string(a.cfg.Window)).Str("key", string(p.Act)).Msg("a key did nothing")
	}
	if !done || err != nil {
		a.beep(string(p.Act))
	}
}

// act asks the hall; done is false when there was nothing to do. A repeated request has the same key, so that it calls
// nobody twice.
func (a *agent) act(ctx context.Context, act keypad.Act) (done bool, err error) {
	hall, w := a.client.WithRetry(wire.Retry{Attempts: actTries}), a.cfg.Window
	switch act {
	case keypad.Next:
		next, err := hall.Next(ctx, w)
		return next != nil, err
	case keypad.Recall:
		_, err = hall.Recall(ctx, w)
	case keypad.Start:
		_, err = hall.Start(ctx, w)
	case keypad.NoShow:
		_, err = hall.NoShow(ctx, w)
	case keypad.Finish:
		_, err = hall.Finish(ctx, w, wire.FinishRequest{})
	default: // a key without an act, or with one that wants words
		return false, nil
	}
	return err == nil, err
}

// beep sounds once and leaves the lamp as it is.
func (a *agent) beep(why string) {
	a.cfg.Log.Debug().Str("window", string(a.cfg.Window)).Str("key", why).Msg("beep")
	a.mu.Lock()
	defer a.mu.Unlock()
	a.light(a.now.lamp().Beep())
}

// light is called with the lock held, so that the lamp is that of the newest board. The pad never waits.
func (a *agent) light(l keypad.Lamp) {
	if a.pad == nil {
		return
	}
	if err := a.pad.Light(l); err != nil { // only lamps of this package
		a.cfg.Log.Error().Err(err).Msg("the keypad's lamp")
	}
}
