package demo_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"yitang/demo"
)

// morning is a quarter to ten of a working day in Changji.
func morning(t *testing.T) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return time.Date(2025, 6, 3, 9, 45, 0, 0, zone)
}

func newClock(t *testing.T, start time.Time, speed float64) *demo.Clock {
	t.Helper()
	c, err := demo.NewClock(start, speed)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestClockRunsAtItsSpeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := morning(t)
		c := newClock(t, start, 60)
		time.Sleep(10 * time.Second)
		if got := c.Now().Sub(start); got != 10*time.Minute {
			t.Errorf("10 s later the hall's clock had gone on by %v", got)
		}
		real := time.Now()
		if err := c.Sleep(t.Context(), time.Hour); err != nil {
			t.Fatal(err)
		}
		if got := time.Since(real).Round(time.Millisecond); got != time.Minute {
			t.Errorf("an hour took %v", got)
		}
		if got := c.Now().Sub(start); got < 70*time.Minute || got > 70*time.Minute+time.Second {
			t.Errorf("woke up at %v", got)
		}
	})
}

// A clock that is held shows one time, lets nobody wake, and goes on from there.
func TestAHeldClockStandsStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := morning(t)
		c := newClock(t, start, 60)
		woke := make(chan time.Time, 1)
		go func() {
			_ = c.Sleep(t.Context(), time.Minute)
			woke <- time.Now()
		}()
		begun := time.Now()
		c.Hold(func() {
			time.Sleep(time.Hour)
			if got := c.Now(); !got.Equal(start) {
				t.Errorf("held, it went on by %v", got.Sub(start))
			}
		})
		if got := (<-woke).Sub(begun).Round(time.Millisecond); got != time.Hour+time.Second {
			t.Errorf("a minute took %v beside the hour for which the clock was held", got)
		}
	})
}

func TestSkipWakesSleepersAndNeverGoesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := morning(t)
		c := newClock(t, start, 1)
		var sleepers sync.WaitGroup
		woke := make([]time.Duration, 3)
		for i, d := range []time.Duration{time.Hour, 10 * time.Hour, 11 * time.Hour} {
			sleepers.Go(func() {
				_ = c.Sleep(t.Context(), d)
				woke[i] = c.Now().Sub(start)
			})
		}
		synctest.Wait()
		c.SkipTo(start.Add(10 * time.Hour))
		c.SkipTo(start.Add(2 * time.Hour))
		sleepers.Wait()
		for i, want := range []time.Duration{10 * time.Hour, 10 * time.Hour, 11 * time.Hour} {
			if got := woke[i].Round(time.Second); got != want {
				t.Errorf("sleeper %d woke up at %v, want %v", i, got, want)
			}
		}
	})
}

func TestSleepEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClock(t, morning(t), 1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := c.Sleep(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if err := c.Sleep(ctx, -time.Hour); err == nil {
			t.Error("a sleep under an ended context succeeds")
		}
	})
}

func TestClockRefusesASpeed(t *testing.T) {
	nan := 0.0
	for _, speed := range []float64{0, -1, demo.MaxSpeed + 1, nan / nan} {
		if _, err := demo.NewClock(time.Now(), speed); err == nil {
			t.Errorf("speed %v is accepted", speed)
		}
	}
}

func TestClockIsSafeForConcurrentUse(t *testing.T) {
	c := newClock(t, morning(t), demo.MaxSpeed)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				before := c.Now()
				c.SkipTo(before.Add(time.Minute))
				if err := c.Sleep(t.Context(), time.Second); err != nil || c.Now().Before(before.Add(time.Minute)) {
					t.Errorf("went back, or %v", err)
				}
			}
		})
	}
	all.Wait()
}
