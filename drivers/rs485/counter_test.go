package rs485_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"runtime"
	"testing"
	"time"

	"yitang/drivers/keypad"
	"yitang/drivers/led"
	"yitang/drivers/rater"
	"yitang/drivers/rs485"
	"yitang/drivers/sim"
)

var (
	_ rs485.Device = (*led.Screen)(nil)
	_ rs485.Device = (*keypad.Pad)(nil)
	_ rs485.Device = (*rater.Rater)(nil)
)

// patience is how long a test waits for what must come; a healthy machine needs a small part of it.
const patience = time.Minute

// quick waits long for answers, which costs nothing while they come; hasty is for tests in which they are missing.
func quick() rs485.Timing { return timing(2 * time.Second) }
func hasty() rs485.Timing { return timing(150 * time.Millisecond) }

func timing(answer time.Duration) rs485.Timing {
	return rs485.Timing{
		Pace: 5 * time.Millisecond, Answer: answer, Open: 300 * time.Millisecond,
		RetryMin: 50 * time.Millisecond, RetryMax: 200 * time.Millisecond,
	}
}

func segment(t *testing.T, cfg sim.SegmentConfig) *sim.Segment {
	t.Helper()
	s, err := sim.NewSegment(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// serve runs a bus on the segment until the test ends and gives its events.
func serve(t *testing.T, s *sim.Segment, cfg rs485.Config, units ...rs485.Unit) <-chan rs485.Event {
	t.Helper()
	cfg.Path = s.Path()
	b, err := rs485.New(cfg, units...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		select {
		case err := <-done:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("Run: %v", err)
			}
		case <-time.After(patience):
			t.Error("Run did not end")
		}
	})
	return b.Events()
}

// expect waits for events, in this order, and lets others pass.
func expect(t *testing.T, events <-chan rs485.Event, want ...string) {
	t.Helper()
	deadline := time.After(patience)
	for _, w := range want {
		for got := ""; got != w; {
			select {
			case e := <-events:
				got = name(e)
				if !e.Up && e.Fault.Sentence == "" {
					t.Errorf("%s without words", got)
				}
			case <-deadline:
				t.Fatalf("no %q", w)
			}
		}
	}
}

// soon waits until ok.
func soon(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not %s", what)
		}
	}
}

// strip puts a strip on the line and makes the driver's half.
func strip(t *testing.T, s *sim.Segment, kind sim.StripKind, address byte) (*sim.Strip, *led.Screen) {
	t.Helper()
	far, err := s.Strip(sim.StripConfig{Address: address, Kind: kind})
	if err != nil {
		t.Fatal(err)
	}
	var p led.Protocol
	switch kind {
	case sim.StripQSystem:
		p = led.QSystem{}
	case sim.StripZhongyi:
		p = templated(t, led.Zhongyi())
	default:
		p = led.Lihe{}
	}
	return far, led.NewScreen(led.ScreenConfig{
		Address: led.Address(address), Protocol: p, Poll: 20 * time.Millisecond, Repeat: 200 * time.Millisecond,
	})
}

func templated(t *testing.T, tmpl led.Template) led.Protocol {
	t.Helper()
	p, err := led.NewTemplated(tmpl, led.DefaultWords())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func show(t *testing.T, s *led.Screen, m led.Message) {
	t.Helper()
	if err := s.Show(m); err != nil {
		t.Fatal(err)
	}
}

func call(number string, window int) led.Message {
	return led.Message{Kind: led.Call, Number: number, Window: window}
}

func TestScreensShowWhatTheyAreTold(t *testing.T) {
	for _, tt := range []struct {
		kind                  sim.StripKind
		up                    string
		call, paused, welcome func(sim.StripView) bool
	}{
		{
			sim.StripLihe, "3 up",
			func(v sim.StripView) bool { return v.Mode == 1 && v.Letter == "A" && v.Number == 12 && v.Window == 3 },
			func(v sim.StripView) bool { return v.Mode == 2 && v.Number == 0 },
			func(v sim.StripView) bool { return v.Mode == 0 },
		},
		{
			sim.StripZhongyi, "3 up",
			func(v sim.StripView) bool {
				return v.Text == "请A012号到3窗" && string(v.Colours) == "\x00\x01\x01\x01\x01\x00\x00\x01\x00"
			},
			func(v sim.StripView) bool { return v.Text == "暂停服务" },
			func(v sim.StripView) bool { return v.Text == "欢迎光临" },
		},
		{
			sim.StripQSystem, "3 unproven",
			func(v sim.StripView) bool { return v.Text == "012" && v.Mode == 0x21 },
			func(v sim.StripView) bool { return v.Text == "---" },
			func(v sim.StripView) bool { return v.Text == "   " },
		},
	} {
		t.Run(string(tt.kind), func(t *testing.T) {
			s := segment(t, sim.SegmentConfig{})
			far, near := strip(t, s, tt.kind, 3)
			show(t, near, led.Message{})
			events := serve(t, s, rs485.Config{Timing: quick()}, rs485.Unit{Name: "3", Device: near})
			expect(t, events, tt.up)
			soon(t, "welcome", func() bool { return tt.welcome(far.Shown()) && near.Shown() })
			show(t, near, call("A012", 3))
			soon(t, "called", func() bool { return tt.call(far.Shown()) && near.Shown() })
			show(t, near, led.Message{Kind: led.Paused})
			soon(t, "paused", func() bool { return tt.paused(far.Shown()) && near.Shown() })
			if err := near.Show(call("no number", 1)); tt.kind != sim.StripZhongyi && !errors.Is(err, led.ErrCannotShow) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestInstantTextReachesAStrip(t *testing.T) {
	s := segment(t, sim.SegmentConfig{})
	far, err := s.Strip(sim.StripConfig{Address: 9, Kind: sim.StripLihe})
	if err != nil {
		t.Fatal(err)
	}
	near := led.NewScreen(led.ScreenConfig{Address: 9, Protocol: templated(t, led.LiheText())})
	serve(t, s, rs485.Config{Timing: quick()}, rs485.Unit{Name: "9", Device: near})
	show(t, near, led.Message{Kind: led.Paused, Text: "午休到13:30"})
	soon(t, "shown", func() bool {
		v := far.Shown()
		return v.Text == "午休到13:30" && string(v.Colours) == "\x02" && near.Shown()
	})
}

// TestScreensThroughEachFault: what the driver says of each fault, and that it shows the newest message afterwards.
func TestScreensThroughEachFault(t *testing.T) {
	noise := []byte{0xA0, 0x00, 0xFF, 0xA0}
	for _, tt := range []struct {
		name  string
		kind  sim.StripKind
		fault sim.Fault
		told  string // "" when the fault does no harm
	}{
		{"silence", sim.StripLihe, sim.Fault{Kind: sim.Silence, On: true}, "3 silent"},
		{"noise before", sim.StripLihe, sim.Fault{Kind: sim.NoiseBefore, On: true, Bytes: noise}, ""},
		{"noise before, Zhongyi", sim.StripZhongyi, sim.Fault{Kind: sim.NoiseBefore, On: true, Bytes: noise}, ""},
		{"noise inside", sim.StripLihe, sim.Fault{Kind: sim.NoiseInside, On: true, Bytes: noise}, "3 babbling"},
		{"noise inside, Zhongyi", sim.StripZhongyi, sim.Fault{Kind: sim.NoiseInside, On: true, Bytes: noise}, "3 babbling"},
		{"split", sim.StripLihe, sim.Fault{Kind: sim.Split, On: true, N: 1}, ""},
		{"merged", sim.StripLihe, sim.Fault{Kind: sim.Merge, On: true, N: 2}, ""},
		{"wrong checksum", sim.StripLihe, sim.Fault{Kind: sim.WrongChecksum, On: true}, "3 babbling"},
		{"neither good nor bad", sim.StripZhongyi, sim.Fault{Kind: sim.WrongChecksum, On: true}, "3 babbling"},
		{"refusal", sim.StripZhongyi, sim.Fault{Kind: sim.Refuse, On: true}, "3 refuses"},
		{"no power", sim.StripLihe, sim.Fault{Kind: sim.PowerOff, On: true}, "3 silent"},
		{"takes no bytes", sim.StripLihe, sim.Fault{Kind: sim.StopDraining, On: true}, "3 silent"},
		{"unplugged", sim.StripLihe, sim.Fault{Kind: sim.Unplug}, "3 vanished"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := segment(t, sim.SegmentConfig{})
			far, near := strip(t, s, tt.kind, 3)
			show(t, near, call("A001", 3))
			events := serve(t, s, rs485.Config{Timing: hasty()}, rs485.Unit{Name: "3", Device: near})
			expect(t, events, "3 up")
			inject(t, s, tt.fault)
			show(t, near, call("A002", 3))
			if tt.told != "" {
				expect(t, events, tt.told)
				show(t, near, call("A003", 3))
			} else {
				soon(t, "shown in spite of it", near.Shown)
			}
			healed := tt.fault
			healed.On = false
			if healed.Kind == sim.Unplug {
				healed.Kind = sim.Replug
			}
			inject(t, s, healed)
			if tt.told != "" {
				expect(t, events, "3 up")
			}
			show(t, near, call("A004", 3))
			soon(t, "shown afterwards", func() bool {
				v := far.Shown()
				return near.Shown() && (v.Number == 4 || v.Text == "请A004号到3窗")
			})
		})
	}
}

func inject(t *testing.T, s *sim.Segment, f sim.Fault) {
	t.Helper()
	if err := s.Inject(f); err != nil {
		t.Fatal(err)
	}
}

// TestAScreenThatLostItsPowerShowsAgain, also when it was away for less than three turns, or between two questions.
func TestAScreenThatLostItsPowerShowsAgain(t *testing.T) {
	s := segment(t, sim.SegmentConfig{})
	far, near := strip(t, s, sim.StripLihe, 3)
	show(t, near, call("A012", 3))
	serve(t, s, rs485.Config{Timing: quick()}, rs485.Unit{Name: "3", Device: near})
	soon(t, "shown", func() bool { return far.Shown().Number == 12 })
	inject(t, s, sim.Fault{Kind: sim.PowerOff, On: true})
	inject(t, s, sim.Fault{Kind: sim.PowerOff})
	soon(t, "shown again", func() bool { return far.Shown().Number == 12 })
}

// TestOneDeadUnitDoesNotHoldUpTheOthers has a whole counter on one line, and one screen without power.
func TestOneDeadUnitDoesNotHoldUpTheOthers(t *testing.T) {
	s := segment(t, sim.SegmentConfig{})
	_, dead := strip(t, s, sim.StripLihe, 1)
	far, near := strip(t, s, sim.StripLihe, 2)
	keys, pad := clerk(t, s, sim.KeypadConfig{Address: 3, Polled: true})
	stars, asks := applicant(t, s, 4)
	inject(t, s, sim.Fault{Kind: sim.PowerOff, On: true, Bytes: []byte{1}})
	show(t, dead, call("A001", 1))
	events := serve(t, s, rs485.Config{Timing: timing(300 * time.Millisecond)},
		rs485.Unit{Name: "1", Device: dead}, rs485.Unit{Name: "2", Device: near},
		rs485.Unit{Name: "3", Device: pad}, rs485.Unit{Name: "4", Device: asks})
	expect(t, events, "1 silent")
	for i := 1; i <= 5; i++ {
		show(t, near, led.Message{Kind: led.Serving, Number: "A00" + string(rune('0'+i)), Window: 2})
		press(t, keys, 1)
		if got := take(t, pad.Presses()); got.Act != keypad.Next {
			t.Errorf("%+v", got)
		}
		before := bytes.Count(stars.Voices(), []byte{1})
		asks.Prompt("")
		soon(t, "asked again", func() bool { return bytes.Count(stars.Voices(), []byte{1}) > before })
		rateUntilTold(t, stars, asks, i)
		if got := take(t, asks.Ratings()); got.Stars != rater.Stars(i) {
			t.Errorf("%+v", got)
		}
		soon(t, "shown", func() bool { return far.Shown().Number == i })
	}
	inject(t, s, sim.Fault{Kind: sim.PowerOff})
	expect(t, events, "1 up")
}

func take[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

func clerk(t *testing.T, s *sim.Segment, cfg sim.KeypadConfig) (*sim.Keypad, *keypad.Pad) {
	t.Helper()
	far, err := s.Keypad(cfg)
	if err != nil {
		t.Fatal(err)
	}
	near, err := keypad.New(keypad.Config{Address: keypad.Address(cfg.Address), Polled: cfg.Polled})
	if err != nil {
		t.Fatal(err)
	}
	return far, near
}

func press(t *testing.T, k *sim.Keypad, key int) {
	t.Helper()
	if err := k.Press(key); err != nil {
		t.Fatal(err)
	}
}

func applicant(t *testing.T, s *sim.Segment, address byte) (*sim.Rater, *rater.Rater) {
	t.Helper()
	far, err := s.Rater(sim.RaterConfig{Address: address})
	if err != nil {
		t.Fatal(err)
	}
	p, err := rater.DefaultTemplate().Compile()
	if err != nil {
		t.Fatal(err)
	}
	return far, rater.New(rater.Config{Address: rater.Address(address), Protocol: p, Poll: 10 * time.Millisecond})
}

func rate(t *testing.T, r *sim.Rater, stars int) {
	t.Helper()
	if err := r.Rate(stars); err != nil {
		t.Fatal(err)
	}
}

// rateUntilTold presses until it is heard: a prompt that is repeated because its answer came late forgets what was pressed.
func rateUntilTold(t *testing.T, far *sim.Rater, near *rater.Rater, stars int) {
	t.Helper()
	soon(t, "rated", func() bool { rate(t, far, stars); return len(near.Ratings()) > 0 })
}

func TestKeypadsTellTheirKeysAndLightTheirLamps(t *testing.T) {
	for _, tt := range []struct {
		name string
		cfg  sim.KeypadConfig
		line sim.SegmentConfig
		up   string
	}{
		{"unasked", sim.KeypadConfig{Address: 5}, sim.SegmentConfig{}, "5 unproven"},
		{"bare", sim.KeypadConfig{Address: 5, Bare: true}, sim.SegmentConfig{}, "5 unproven"},
		{"polled", sim.KeypadConfig{Address: 5, Polled: true}, sim.SegmentConfig{}, "5 up"},
		// The lamp's command is a key's frame: without care the echo would press the key.
		{"an adapter that echoes", sim.KeypadConfig{Address: 5, Polled: true}, sim.SegmentConfig{Echo: true}, "5 up"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := segment(t, tt.line)
			far, near := clerk(t, s, tt.cfg)
			events := serve(t, s, rs485.Config{Timing: quick(), Echo: tt.line.Echo}, rs485.Unit{Name: "5", Device: near})
			expect(t, events, tt.up)
			if err := near.Light(keypad.Red.Beep()); err != nil {
				t.Fatal(err)
			}
			soon(t, "lit", func() bool { lamp, beeps := far.Lamp(); return lamp == byte(keypad.Red) && beeps == 1 })
			for i, act := range []keypad.Act{keypad.Next, keypad.Recall, keypad.Start, keypad.Finish} {
				press(t, far, i+1)
				if got := take(t, near.Presses()); got.Act != act || got.Key != keypad.Key(i+1) {
					t.Errorf("%+v, want %s", got, act)
				}
			}
			if n := len(near.Presses()); n > 0 {
				t.Errorf("%d keys that nobody pressed", n)
			}
		})
	}
}

// TestKeypadsAndRatersThroughEachFault: what is told, and that keys and stars come through afterwards.
func TestKeypadsAndRatersThroughEachFault(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault sim.Fault
		told  string
	}{
		{"silence", sim.Fault{Kind: sim.Silence, On: true}, "silent"},
		{"noise before", sim.Fault{Kind: sim.NoiseBefore, On: true, Bytes: []byte{0xAA, 1, 0x30}}, ""},
		{"noise inside", sim.Fault{Kind: sim.NoiseInside, On: true, Bytes: []byte{0xEE}}, "babbling"},
		{"split", sim.Fault{Kind: sim.Split, On: true, N: 1}, ""},
		{"merged", sim.Fault{Kind: sim.Merge, On: true, N: 2}, ""},
		{"wrong checksum", sim.Fault{Kind: sim.WrongChecksum, On: true}, "babbling"},
		{"refusal", sim.Fault{Kind: sim.Refuse, On: true}, "silent"},
		{"no power", sim.Fault{Kind: sim.PowerOff, On: true}, "silent"},
		{"unplugged", sim.Fault{Kind: sim.Unplug}, "vanished"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := segment(t, sim.SegmentConfig{})
			keys, pad := clerk(t, s, sim.KeypadConfig{Address: 5, Polled: true})
			stars, asks := applicant(t, s, 6)
			events := serve(t, s, rs485.Config{Timing: hasty()}, rs485.Unit{Name: "5", Device: pad}, rs485.Unit{Name: "6", Device: asks})
			expect(t, events, "5 up", "6 up")
			inject(t, s, tt.fault)
			if tt.told != "" {
				both(t, events, "5 "+tt.told, "6 "+tt.told)
			}
			healed := tt.fault
			healed.On = false
			if healed.Kind == sim.Unplug {
				healed.Kind = sim.Replug
			}
			inject(t, s, healed)
			if tt.told != "" {
				both(t, events, "5 up", "6 up")
			}
			press(t, keys, 4)
			if got := take(t, pad.Presses()); got.Act != keypad.Finish {
				t.Errorf("%+v", got)
			}
			asks.Prompt("")
			soon(t, "lit", stars.Lit)
			rateUntilTold(t, stars, asks, 5)
			if got := take(t, asks.Ratings()); got.Stars != 5 {
				t.Errorf("%+v", got)
			}
			soon(t, "thanked", func() bool { v := stars.Voices(); return !stars.Lit() && len(v) > 0 && v[len(v)-1] == 2 })
		})
	}
}

// both waits for two events in any order, and lets others pass.
func both(t *testing.T, events <-chan rs485.Event, a, b string) {
	t.Helper()
	for deadline := time.After(patience); a != "" || b != ""; {
		select {
		case e := <-events:
			switch name(e) {
			case a:
				a = ""
			case b:
				b = ""
			}
		case <-deadline:
			t.Fatalf("no %q %q", a, b)
		}
	}
}

// TestNothingLeaks counts goroutines and descriptors over lines that are served through silence and unplugging.
func TestNothingLeaks(t *testing.T) {
	goroutines, descriptors := count(t)
	for range 3 {
		s, err := sim.NewSegment(sim.SegmentConfig{})
		if err != nil {
			t.Fatal(err)
		}
		_, near := strip(t, s, sim.StripLihe, 3)
		show(t, near, call("A012", 3))
		b, err := rs485.New(rs485.Config{Path: s.Path(), Timing: hasty()}, rs485.Unit{Name: "3", Device: near})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- b.Run(ctx) }()
		expect(t, b.Events(), "3 up")
		inject(t, s, sim.Fault{Kind: sim.Unplug})
		expect(t, b.Events(), "3 vanished")
		inject(t, s, sim.Fault{Kind: sim.Replug})
		expect(t, b.Events(), "3 up")
		inject(t, s, sim.Fault{Kind: sim.Silence, On: true})
		expect(t, b.Events(), "3 silent")
		stop()
		start := time.Now()
		if err := take(t, done); !errors.Is(err, context.Canceled) || time.Since(start) > patience {
			t.Errorf("Run: %v after %v", err, time.Since(start))
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	soon(t, "as many goroutines and descriptors as before", func() bool {
		g, d := count(t)
		return g <= goroutines && d <= descriptors
	})
}

func count(t *testing.T) (goroutines, descriptors int) {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return runtime.NumGoroutine(), len(fds)
}
