package demo_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"yitang/demo"
	"yitang/demo/profile"
	"yitang/server/hall"
	"yitang/server/wire"
)

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 2)) }

// life is a scene that lives in a test, and how to end it.
type life struct {
	*office
	stop func()
}

// live brings the office to life; call it inside a synctest bubble.
func live(t *testing.T, seed uint64, change func(*demo.Config)) life {
	t.Helper()
	p, err := profile.Load()
	if err != nil {
		t.Fatal(err)
	}
	clock := newClock(t, morning(t), 60)
	o := newOffice(t, clock)
	c := demo.Config{Clock: clock, Layout: o.layout, Profile: p, Rand: seeded(seed), Kiosks: []demo.Kiosk{o, o}, Stations: o.stations()}
	if change != nil {
		change(&c)
	}
	s, err := demo.NewScene(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { s.Run(ctx); close(ended) }()
	return life{o, func() { cancel(); <-ended }}
}

func (l life) until(t *testing.T, at time.Time) {
	t.Helper()
	if err := l.clock.SleepUntil(t.Context(), at); err != nil {
		t.Fatal(err)
	}
}

func quantile(waits []time.Duration, q float64) time.Duration {
	if len(waits) == 0 {
		return 0
	}
	slices.Sort(waits)
	return waits[int(q*float64(len(waits)))]
}

// believableDays is enough for the mean wait to settle: one day's median lies between 3 and 20 minutes.
const believableDays = 12

// The staffing in the package's comment: whoever comes at the busiest time waits 5 to 25 minutes on most days.
func TestWaitsAreBelievable(t *testing.T) {
	var peak, all []time.Duration
	for seed := range uint64(believableDays) {
		synctest.Test(t, func(t *testing.T) {
			l := live(t, seed, nil)
			l.until(t, morning(t).Add(12*time.Hour))
			l.stop()
			for _, c := range l.calls {
				all = append(all, c.waited)
				if h := c.issued.Hour(); h >= 12 && h < 14 || h >= 16 && h < 18 {
					peak = append(peak, c.waited)
				}
			}
			t.Logf("day %d: %d tickets, %v", seed, len(l.issued), l.states())
		})
	}
	t.Logf("waits at the peak: median %v, 90 %% %v; all day: median %v, 90 %% %v; %d tickets a day",
		quantile(peak, .5), quantile(peak, .9), quantile(all, .5), quantile(all, .9), len(all)/believableDays)
	if m := quantile(peak, .5); m < 5*time.Minute || m > 25*time.Minute {
		t.Errorf("the median wait at the peak is %v", m)
	}
	if m := quantile(all, .9); m > 45*time.Minute {
		t.Errorf("one in ten waits %v and longer", m)
	}
}

// Three days: the nights are skipped, the hall is empty at midnight, window 24 is left alone, and what happens at the
// windows is what happens in a hall.
func TestThreeDays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := live(t, 7, nil)
		began := time.Now()
		days := 3
		for d := range days {
			l.until(t, morning(t).AddDate(0, 0, d).Add(13*time.Hour))
			l.allClosed(t)
		}
		if real := time.Since(began); real > time.Duration(days)*13*time.Minute {
			t.Errorf("three days took %v: the nights are not skipped", real)
		}
		l.stop()
		l.checkShares(t)
		for _, c := range l.calls {
			if c.window == wire.WindowID(demo.HandWindow) {
				t.Fatalf("a simulated clerk works at window %s", c.window)
			}
		}
	})
}

// allClosed holds for the night: no window open and nobody left in the hall.
func (l life) allClosed(t *testing.T) {
	t.Helper()
	l.look(func() {
		for id, w := range l.windows {
			if w.State != "closed" || w.Ticket != nil {
				t.Errorf("at night window %s is %s, ticket %v", id, w.State, w.Ticket)
			}
		}
	})
	if n := l.states(); n["held"]+n["called"]+n["serving"] > 0 || n["waiting"] > 2 { // a second matter after closing time
		t.Errorf("at night: %v", n)
	}
}

func (l life) checkShares(t *testing.T) {
	t.Helper()
	n := l.states()
	tickets := float64(len(l.issued))
	for what, r := range map[string][3]float64{
		"no-shows":  {float64(n["no_show"]) / tickets, .02, .12},
		"holds":     {float64(l.acts["hold"]) / tickets, .005, .05},
		"transfers": {float64(l.acts["transfer"]) / tickets, .005, .05},
		"resumed":   {float64(l.acts["resume"]), float64(l.acts["hold"]), float64(l.acts["hold"])},
		"teas":      {float64(l.acts["resume window"]), 3 * 23 * 2, 3 * 23 * 4},
		"closings":  {float64(l.acts["close"]), 3 * 23, 3 * 23},
	} {
		if r[0] < r[1] || r[0] > r[2] {
			t.Errorf("%s: %.3f, not from %.3f to %.3f", what, r[0], r[1], r[2])
		}
	}
	for _, o := range []string{"on_the_spot done", "on_the_spot consultation", "on_the_spot incomplete",
		"promised accepted", "promised incomplete", "promised consultation", "promised collected"} {
		if l.outcomes[o] == 0 {
			t.Errorf("nobody's matter ended as %s: %v", o, l.outcomes)
		}
	}
	if len(l.outcomes) != 7 {
		t.Errorf("outcomes %v", l.outcomes)
	}
}

func TestMiddayIsSkippedWhereTheConfigSaysSo(t *testing.T) {
	for skip, want := range map[bool]time.Duration{false: 10 * time.Minute, true: 585 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			l := live(t, 3, func(c *demo.Config) { c.SkipMidday, c.Share = skip, .3 })
			began := time.Now()
			l.until(t, morning(t).Add(10*time.Hour))
			if real := time.Since(began); skip != (real < want) {
				t.Errorf("skip %t: ten hours took %v", skip, real)
			}
			l.stop()
		})
	}
}

// The night before the first day is skipped, too.
func TestADemoStartedAtNight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := live(t, 4, nil)
		l.clock.SkipTo(morning(t).Add(11 * time.Hour)) // a clock that is put forward by hand, into the evening
		began := time.Now()
		l.until(t, morning(t).AddDate(0, 0, 1).Add(time.Hour))
		if real := time.Since(began); real > 3*time.Minute {
			t.Errorf("the night took %v", real)
		}
		if n := l.states(); n["done"] == 0 {
			t.Errorf("an hour into the morning: %v", n)
		}
		l.stop()
	})
}

// While the hall does not answer nobody presses it, and afterwards everybody goes on: no ticket in a hand is lost.
func TestOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var met, strange atomic.Int64
		l := live(t, 5, func(c *demo.Config) {
			c.Report = func(_ string, err error) {
				met.Add(1)
				if !wire.Unreachable(err) {
					strange.Add(1)
				}
			}
		})
		l.until(t, morning(t).Add(2*time.Hour))
		before := l.total()
		l.setDown(true)
		time.Sleep(5 * time.Minute)
		during := l.total() - before
		l.setDown(false)
		// 23 clerks at one request in 2 s or fewer after the first second, and people at a kiosk four times each.
		if during == 0 || during > 23*5*60/2+4*600 {
			t.Errorf("%d requests in five minutes without an answer", during)
		}
		l.until(t, morning(t).Add(13*time.Hour))
		l.stop()
		if n := l.states(); n["done"] < 100 || n["called"]+n["serving"]+n["held"] > 0 {
			t.Errorf("in the evening: %v", n)
		}
		if met.Load() == 0 || strange.Load() > 0 {
			t.Errorf("%d errors reported, %d of them refusals", met.Load(), strange.Load())
		}
	})
}

func (o *office) total() int {
	n := 0
	o.look(func() {
		for _, k := range o.acts {
			n += k
		}
	})
	return n
}

// refusing is a hall that refuses everything, as a server does whose business day is not open.
type refusing struct {
	*office
	n atomic.Int64
}

func (r *refusing) Open(context.Context, wire.WindowID) (wire.Window, error) {
	r.n.Add(1)
	return wire.Window{}, refusal(hall.CodeHallClosed)
}

func (r *refusing) Take(context.Context, demo.Request) (wire.Ticket, error) {
	return wire.Ticket{}, refusal(hall.CodeHallClosed)
}

func TestAHallThatRefusesIsNotPressed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r *refusing
		l := live(t, 6, func(c *demo.Config) {
			r = &refusing{office: c.Stations["1"].(*office)}
			for w := range c.Stations {
				c.Stations[w] = r
			}
			c.Kiosks = []demo.Kiosk{r}
		})
		time.Sleep(2 * time.Minute)
		if n := r.n.Load(); n < 23 || n > 23*120 {
			t.Errorf("%d requests in two minutes", n)
		}
		l.stop()
	})
}

// Somebody at window 1 pressed pause, then the clerk's program started again with a ticket in the window's hand.
func TestAClerkGoesOnWhereTheWindowStands(t *testing.T) {
	for _, state := range []string{"called", "serving"} {
		synctest.Test(t, func(t *testing.T) {
			var o *office
			l := live(t, 8, func(c *demo.Config) {
				o = c.Stations["1"].(*office)
				c.Stations = map[hall.WindowID]demo.Station{"1": o}
				c.Share = 1e-9
				now := c.Clock.Now()
				ticket := &wire.Ticket{ID: "T1", State: state, Field: "A", Matters: []string{"SCJG-004"}, Remaining: []string{"SCJG-004"},
					Calls: 1, IssuedAt: now, CalledAt: &now, StartedAt: &now}
				o.windows["1"].State, o.windows["1"].Ticket = "open", ticket
				o.issued = append(o.issued, ticket)
				o.windows["2"].State = "paused"
			})
			l.until(t, morning(t).Add(5*time.Hour))
			if n := l.states(); n["done"] != 1 {
				t.Errorf("from %s: %v", state, n)
			}
			l.stop()
		})
	}
}

func TestEverybodyStopsWhereverTheyAre(t *testing.T) {
	for _, after := range []time.Duration{0, 10 * time.Minute, 3 * time.Hour, 5 * time.Hour, 11 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			l := live(t, 9, nil)
			l.until(t, morning(t).Add(after))
			began := time.Now()
			l.stop() // a goroutine that stays behind fails the bubble
			if time.Since(began) > 0 {
				t.Errorf("stopping after %v took %v", after, time.Since(began))
			}
		})
	}
}

func TestNewSceneRefuses(t *testing.T) {
	clock := newClock(t, morning(t), 1)
	o := newOffice(t, clock)
	p, err := profile.Load()
	if err != nil {
		t.Fatal(err)
	}
	good := demo.Config{Clock: clock, Layout: o.layout, Profile: p, Rand: seeded(1), Kiosks: []demo.Kiosk{o}, Stations: o.stations()}
	if _, err := demo.NewScene(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*demo.Config){
		"no clock": func(c *demo.Config) { c.Clock = nil }, "no kiosk": func(c *demo.Config) { c.Kiosks = nil },
		"a negative share": func(c *demo.Config) { c.Share = -1 },
		"unknown window":   func(c *demo.Config) { c.Stations = map[hall.WindowID]demo.Station{"99": o} },
	} {
		c := good
		change(&c)
		if s, err := demo.NewScene(c); err == nil {
			t.Errorf("%s: accepted %v", name, s)
		}
	}
}
