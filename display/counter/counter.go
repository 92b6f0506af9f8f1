// Package counter works the devices on a window's counter: the clerk's keypad (叫号键盘), whose keys call, recall, start and
// finish, and the evaluator (评价器), which asks the applicant for a rating when a service has ended. `yitang display` runs it on the
// counter's PC beside the window's screen.
//
// The hall knows the devices by a token of the role counter, which is bound to the window: what is pressed is done in the
// name of the clerk who works there, and nothing at a window where nobody does.
//
// Run owns its goroutines (the lines, the keys, the ratings, the reports, the board's socket) and waits for them.
package counter

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"yitang/drivers/keypad"
	"yitang/drivers/rater"
	"yitang/drivers/rs485"
	"yitang/server/wire"
)

// Parts under which the devices stand among the hall's.
const (
	PartKeypad wire.Part = "keypad"
	PartRater  wire.Part = "rater"
)

// Config describes a counter. A device without a path is not there; one of the two must be.
type Config struct {
	Server string
	Token  string      // of the role counter, bound to Window
	TLS    *tls.Config // whom it trusts to be the hall; nil: whom the system trusts
	Window wire.WindowID
	Keypad Place
	Pad    keypad.Config // how it speaks; its address is Keypad's
	Rater  Place
	Timing rs485.Timing // zero: rs485.DefaultTiming
	Log    zerolog.Logger

	impatience time.Duration // 0: the bound of the same name
}

// agent is a running counter.
type agent struct {
	cfg    Config
	client *wire.Client
	pad    *keypad.Pad  // nil: none
	rater  *rater.Rater // nil: none
	health *health

	mu  sync.Mutex
	now view
}

// Run serves the devices until ctx ends and returns nil then; or an error when the hall refuses the token or the window.
func Run(ctx context.Context, cfg Config) error {
	a, units, err := newAgent(cfg)
	if err != nil {
		return err
	}
	buses, err := lines(cfg.Timing, units)
	if err != nil {
		return err
	}
	defer a.client.Close()
	ctx, stop := context.WithCancel(ctx)
	var parts sync.WaitGroup
	defer parts.Wait()
	defer stop()
	for _, b := range buses {
		parts.Go(func() { _ = b.Run(ctx) }) // ends with ctx and says nothing else
		parts.Go(func() { a.health.follow(b.Events()) })
	}
	parts.Go(func() { a.health.run(ctx) })
	if a.pad != nil {
		parts.Go(func() { a.keys(ctx) })
	}
	if a.rater != nil {
		parts.Go(func() { a.ratings(ctx) })
	}
	if err = a.belongs(ctx); err == nil {
		err = a.client.WatchBoard(ctx, wire.ScreenID("window-"+string(cfg.Window)), a.see)
	}
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("counter: window %s: %w", cfg.Window, err)
}

func newAgent(cfg Config) (*agent, []unit, error) {
	if cfg.Server == "" || cfg.Window == "" || cfg.Keypad.Path == "" && cfg.Rater.Path == "" {
		return nil, nil, errors.New("counter: give the hall's address, the window, and the port of a keypad or an evaluator")
	}
	cfg.impatience = cmp.Or(cfg.impatience, impatience)
	a := &agent{cfg: cfg, client: wire.New(cfg.Server, cfg.Token).WithTLS(cfg.TLS)}
	a.client.OnLink = a.link
	a.health = newHealth(wire.New(cfg.Server, cfg.Token).WithTLS(cfg.TLS), cfg.Log)
	var units []unit
	if cfg.Keypad.Path != "" {
		pad := cfg.Pad
		pad.Address = keypad.Address(cfg.Keypad.Address)
		p, err := keypad.New(pad)
		if err != nil {
			return nil, nil, fmt.Errorf("counter: %w", err)
		}
		a.pad = p
		units = append(units, unit{cfg.Keypad, string(PartKeypad), p})
	}
	if cfg.Rater.Path != "" {
		protocol, err := rater.DefaultTemplate().Compile()
		if err != nil {
			return nil, nil, fmt.Errorf("counter: %w", err)
		}
		a.rater = rater.New(rater.Config{Address: rater.Address(cfg.Rater.Address), Protocol: protocol})
		units = append(units, unit{cfg.Rater, string(PartRater), a.rater})
	}
	a.light(a.now.lamp())
	return a, units, nil
}

// belongs asks the hall whether the token is this window's, until the hall answers: with another one every key would be
// refused, and nobody at the counter would know why.
func (a *agent) belongs(ctx context.Context) error {
	for {
		s, err := a.client.Session(ctx)
		switch {
		case wire.Unreachable(err):
			a.cfg.Log.Warn().Err(err).Msg("the hall is away; trying again")
			pauseFor(ctx, reportRetry)
		case err != nil || ctx.Err() != nil:
			return err
		case s.Role != roleCounter || s.Window != string(a.cfg.Window):
			return fmt.Errorf("the token of %s (%s) does not work this window; make one with yitang admin device NAME --role counter --window %s",
				s.User, s.Role, a.cfg.Window)
		default:
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// roleCounter is the role of the token in the hall's words.
const roleCounter = "counter"

// pauseFor waits for d or until ctx ends.
func pauseFor(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
