package counter_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"yitang/display/counter"
	"yitang/drivers/keypad"
	"yitang/drivers/rs485"
	"yitang/drivers/sim"
	"yitang/server/account"
	"yitang/server/halltest"
	"yitang/server/wire"
)

const patience = time.Minute // only a failure lasts that long

// desk is window 1 of a real hall, with a keypad and an evaluator on one simulated line.
type desk struct {
	*testing.T
	hall  *halltest.Hall
	line  *sim.Segment
	keys  *sim.Keypad
	stars *sim.Rater
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{T: t, hall: halltest.New(t, 2)}
	var err1, err2, err3 error
	d.line, err1 = sim.NewSegment(sim.SegmentConfig{})
	if err1 != nil {
		t.Fatal(err1)
	}
	t.Cleanup(func() { _ = d.line.Close() })
	d.keys, err2 = d.line.Keypad(sim.KeypadConfig{Address: 5, Polled: true})
	d.stars, err3 = d.line.Rater(sim.RaterConfig{Address: 6})
	if err := errors.Join(err2, err3); err != nil {
		t.Fatal(err)
	}
	return d
}

// run serves the counter until the test ends.
func (d *desk) run() {
	d.Helper()
	cfg := counter.Config{
		Server: d.hall.URL, Token: d.hall.Tokens[account.Counter], Window: "1", Log: zerolog.Nop(),
		Keypad: counter.Place{Path: d.line.Path(), Address: 5}, Pad: keypad.Config{Polled: true},
		Rater: counter.Place{Path: d.line.Path(), Address: 6},
		Timing: rs485.Timing{Pace: 5 * time.Millisecond, Answer: 2 * time.Second, Open: 300 * time.Millisecond,
			RetryMin: 50 * time.Millisecond, RetryMax: 200 * time.Millisecond},
	}
	cfg = counter.WithImpatience(cfg, patience) // a slow machine is no impatient clerk
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- counter.Run(ctx, cfg) }()
	d.Cleanup(func() {
		stop()
		select {
		case err := <-ended:
			if err != nil {
				d.Errorf("Run: %v", err)
			}
		case <-time.After(patience):
			d.Error("Run does not end")
		}
	})
}

func (d *desk) soon(what string, ok func() bool) {
	d.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			d.Fatalf("not %s", what)
		}
	}
}

func (d *desk) press(key int) {
	d.Helper()
	if err := d.keys.Press(key); err != nil {
		d.Fatal(err)
	}
}

func (d *desk) lamp(want keypad.Lamp) {
	d.Helper()
	d.soon("lit as wanted", func() bool { lamp, _ := d.keys.Lamp(); return lamp == byte(want) })
}

func (d *desk) take() wire.Ticket {
	d.Helper()
	return halltest.Into[wire.Ticket](d.hall, d.hall.Post(201, d.hall.Tokens[account.Kiosk], "/api/v1/tickets", "",
		wire.TakeRequest{Matters: d.hall.Matters[:1], Person: wire.Person{Kind: "none"}}))
}

func (d *desk) state(id string) string {
	d.Helper()
	return halltest.Into[wire.Ticket](d.hall, d.hall.Get(200, d.hall.Clerks[0], "/api/v1/tickets/"+id)).State
}

// The keys of a keypad, with real bytes, call and serve people; the lamp shows how the window stands; the evaluator asks
// whoever was served, once.
func TestAClerksDayOnTheKeypad(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first, second := d.take(), d.take()
	d.run()
	work := func(act string) { d.hall.Post(200, d.hall.Clerks[0], "/api/v1/windows/1/"+act, "", nil) }
	work("open")
	d.lamp(keypad.Green)
	work("close")
	d.lamp(keypad.Off)
	d.press(1)
	d.soon("a beep", func() bool { _, beeps := d.keys.Lamp(); return beeps == 1 })
	if got := d.state(first.ID); got != "waiting" {
		t.Fatalf("a closed window's key did something: %s", got)
	}
	work("open")
	d.lamp(keypad.Green)
	d.press(1)
	d.lamp(keypad.GreenSlow)
	d.press(2)
	d.soon("recalled", func() bool {
		return halltest.Into[wire.Ticket](d.hall, d.hall.Get(200, d.hall.Clerks[0], "/api/v1/tickets/"+first.ID)).Calls == 2
	})
	d.press(3)
	d.lamp(keypad.Red)
	d.press(4)
	d.lamp(keypad.Green)
	if got := d.state(first.ID); got != "done" {
		t.Errorf("the first is %s", got)
	}
	d.soon("asked for a rating", d.stars.Lit)
	if err := d.stars.Rate(5); err != nil {
		t.Fatal(err)
	}
	form := func() wire.RatingForm {
		return halltest.Into[wire.RatingForm](d.hall, d.hall.Get(200, d.hall.Tokens[account.Counter], "/api/v1/windows/1/rating"))
	}
	d.soon("rated", func() bool { f := form(); return f.Number == first.Number && f.Rated })
	// Served on the page, not with the keys: the lamp follows and the evaluator asks all the same; who does not answer is
	// not asked for any longer than until the next one sits down.
	work("next")
	work("start")
	d.lamp(keypad.Red)
	work("finish")
	d.soon("asked again", d.stars.Lit)
	if got := d.state(second.ID); got != "done" {
		t.Errorf("the second is %s", got)
	}
	d.take()
	d.press(1)
	d.press(3)
	d.lamp(keypad.Red)
	d.soon("not asked any more", func() bool { return !d.stars.Lit() })
	if f := form(); f.Rated {
		t.Errorf("nobody rated %s", f.Number)
	}
}

// Devices that fail are told to the hall, and work again when they are back.
func TestTheHallHearsOfTheDevices(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.run()
	states := func(want string) func() bool {
		return func() bool {
			ctx, stop := context.WithTimeout(context.Background(), patience)
			defer stop()
			got := map[string]string{}
			hall := wire.New(d.hall.URL, d.hall.Clerks[0])
			defer hall.Close()
			_ = hall.WatchHall(ctx, func(s wire.HallState) {
				for _, p := range s.Devices {
					got[p.Device+"/"+p.Part] = p.State
				}
				stop()
			})
			return got["pad1/keypad"] == want && got["pad1/rater"] == want
		}
	}
	d.soon("up", states("up"))
	if err := d.line.Inject(sim.Fault{Kind: sim.Unplug}); err != nil {
		t.Fatal(err)
	}
	d.soon("down", states("down"))
	if err := d.line.Inject(sim.Fault{Kind: sim.Replug}); err != nil {
		t.Fatal(err)
	}
	d.soon("up again", states("up"))
}

// A token of another window, or of no counter, is refused with words instead of a keypad that does nothing.
func TestAWrongTokenIsSaid(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for what, cfg := range map[string]counter.Config{
		"no token":      {Server: d.hall.URL, Token: "made up", Window: "1", Keypad: counter.Place{Path: d.line.Path()}},
		"no window":     {Server: d.hall.URL, Token: d.hall.Tokens[account.Counter], Window: "99", Keypad: counter.Place{Path: d.line.Path()}},
		"another's":     {Server: d.hall.URL, Token: d.hall.Tokens[account.Counter], Window: "2", Keypad: counter.Place{Path: d.line.Path()}},
		"a screen's":    {Server: d.hall.URL, Token: d.hall.Tokens[account.Screen], Window: "1", Keypad: counter.Place{Path: d.line.Path()}},
		"nothing there": {Server: d.hall.URL, Token: d.hall.Tokens[account.Counter], Window: "1"},
	} {
		ctx, stop := context.WithTimeout(context.Background(), patience)
		if err := counter.Run(ctx, cfg); err == nil || ctx.Err() != nil {
			t.Errorf("%s: %v", what, err)
		}
		stop()
	}
}

func TestParsePlace(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]counter.Place{
		"":                   {},
		"/dev/ttyUSB0":       {Path: "/dev/ttyUSB0", Address: 1},
		"/dev/ttyUSB0@7":     {Path: "/dev/ttyUSB0", Address: 7},
		"/dev/x@255:19200":   {Path: "/dev/x", Address: 255, Baud: 19200},
		"@3":                 {Address: 255},
		"/dev/x@three":       {Address: 255},
		"/dev/x@256":         {Address: 255},
		"/dev/x@1:":          {Address: 255},
		"/dev/x@1:-9600":     {Address: 255},
		"/dev/ttyUSB0@1:9k6": {Address: 255},
	} {
		got, err := counter.ParsePlace(in)
		if bad := want.Path == "" && want.Address == 255; bad != (err != nil) || !bad && got != want {
			t.Errorf("%q: %+v, %v", in, got, err)
		}
	}
}
