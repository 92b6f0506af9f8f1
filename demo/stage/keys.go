package stage

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"yitang/demo"
	"yitang/display/counter"
	"yitang/drivers/keypad"
	"yitang/drivers/sim"
	"yitang/server/hall"
	"yitang/server/wire"
)

// Keys on the counter's keypad, as keypad.DefaultKeys has them.
const (
	keyNext   = 1
	keyStart  = 3
	keyFinish = 4
)

// Bounds of a press, in real time.
const (
	pressTime = 3 * time.Second // a clerk whose key does nothing goes on with the mouse
	pressLook = 30 * time.Millisecond
)

// keyed are the windows of the demo hall with a keypad on the counter.
func keyed() []hall.WindowID { return []hall.WindowID{"1", "2"} }

// pad is the account of a window's keypad.
func pad(w hall.WindowID) string { return "pad" + string(w) }

// addressRater is the evaluator's on the counter's line.
const addressRater = counter.DefaultAddress + 1

// bench is a window's counter with a simulated keypad and evaluator on one line.
type bench struct {
	window hall.WindowID
	line   *sim.Segment
	keys   *sim.Keypad
	stars  *sim.Rater
}

func newBench(w hall.WindowID) (*bench, error) {
	line, err := sim.NewSegment(sim.SegmentConfig{})
	if err != nil {
		return nil, fmt.Errorf("demo: the counter of window %s: %w", w, err)
	}
	keys, err1 := line.Keypad(sim.KeypadConfig{Address: counter.DefaultAddress, Polled: true})
	stars, err2 := line.Rater(sim.RaterConfig{Address: addressRater})
	if err := errors.Join(err1, err2); err != nil {
		return nil, errors.Join(fmt.Errorf("demo: the counter of window %s: %w", w, err), line.Close())
	}
	return &bench{window: w, line: line, keys: keys, stars: stars}, nil
}

// work serves a counter until ctx ends.
func (s *stage) work(ctx context.Context, b *bench, base string) error {
	defer b.line.Close() //nolint:errcheck // it is only a simulated one
	return counter.Run(ctx, counter.Config{Server: base, Token: s.hall.token(pad(b.window)), Window: wire.WindowID(b.window),
		Keypad: counter.Place{Path: b.line.Path(), Address: counter.DefaultAddress}, Pad: keypad.Config{Polled: true},
		Rater: counter.Place{Path: b.line.Path(), Address: addressRater},
		Log:   s.Log.With().Str("device", pad(b.window)).Logger().Level(zerolog.WarnLevel)})
}

// clerk is a station whose clerk presses the keys of the keypad, and takes the mouse for what has no key.
func (b *bench) clerk(client *wire.Client) demo.Station {
	return &keyStation{Client: client, keys: b.keys}
}

type keyStation struct {
	*wire.Client
	keys *sim.Keypad
}

// press presses a key and looks at the lamp until it shows that the key did something; false when it beeps or does nothing.
func (k *keyStation) press(ctx context.Context, key int, want keypad.Lamp) bool {
	_, beeps := k.keys.Lamp()
	if err := k.keys.Press(key); err != nil {
		return false
	}
	for end := time.Now().Add(pressTime); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(pressLook) {
		switch lamp, more := k.keys.Lamp(); {
		case more > beeps:
			return false
		case lamp == byte(want):
			return true
		}
	}
	return false
}

// inHand is the ticket in the window's hand: opening an open window shows it.
func (k *keyStation) inHand(ctx context.Context, w wire.WindowID) *wire.Ticket {
	now, err := k.Open(ctx, w)
	if err != nil {
		return nil
	}
	return now.Ticket
}

// Next presses the key; when nothing comes of it, the page says why.
func (k *keyStation) Next(ctx context.Context, w wire.WindowID) (*wire.NextResponse, error) {
	if k.press(ctx, keyNext, keypad.GreenSlow) {
		if t := k.inHand(ctx, w); t != nil {
			return &wire.NextResponse{Ticket: *t}, nil
		}
	}
	return k.Client.Next(ctx, w)
}

// Start presses the key.
func (k *keyStation) Start(ctx context.Context, w wire.WindowID) (wire.Ticket, error) {
	if k.press(ctx, keyStart, keypad.Red) {
		if t := k.inHand(ctx, w); t != nil {
			return *t, nil
		}
	}
	return k.Client.Start(ctx, w)
}

// Finish presses the key where everything is done; other outcomes need the page.
func (k *keyStation) Finish(ctx context.Context, w wire.WindowID, r wire.FinishRequest) (wire.Ticket, error) {
	other := slices.ContainsFunc(r.Outcomes, func(o wire.Outcome) bool { return o.Outcome != hall.OutcomeDone })
	if t := k.inHand(ctx, w); t != nil && !other && k.press(ctx, keyFinish, keypad.Green) {
		return k.Ticket(ctx, wire.TicketID(t.ID))
	}
	return k.Client.Finish(ctx, w, r)
}

// Bounds of an applicant who is asked for a rating, in real time.
const (
	rateLook  = 200 * time.Millisecond
	rateShare = 0.6 // of those who are asked press a key
)

// applicants press the evaluator's stars when they light up, most of them five.
func (b *bench) applicants(ctx context.Context, rng *rand.Rand) {
	asked := false
	for tick := time.NewTicker(rateLook); ctx.Err() == nil; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
		}
		if lit := b.stars.Lit(); lit && !asked && rng.Float64() < rateShare {
			stars := []int{5, 5, 5, 5, 5, 5, 4, 4, 3, 2, 1}
			_ = b.stars.Rate(stars[rng.IntN(len(stars))]) // always one to five
			asked = true
		} else {
			asked = lit
		}
	}
}
