package server_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"yitang/server"
	"yitang/server/halltest"
)

func TestClockJump(t *testing.T) {
	for _, c := range []struct {
		wall, passed time.Duration
		want         string
	}{{5 * time.Second, 5 * time.Second, ""}, {6 * time.Second, 5 * time.Second, ""}, {time.Hour, 5 * time.Second, "向前跳了 59m55s"},
		{-3 * time.Hour, 5 * time.Second, "向后拨了 3h0m5s"}} {
		if got := server.ClockJump(c.wall, c.passed); c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s while %s passed: %q, want %q", c.wall, c.passed, got, c.want)
		}
	}
}

// A hall whose clock is set back, forward and over midnights goes on: each ticket has a number of its own, a day that is over does
// not come back, and the journal is whole, also after a restart in the past.
func TestTheHallSurvivesItsClock(t *testing.T) {
	h := halltest.Make(t, 1)
	var at atomic.Int64
	at.Store(time.Date(2026, 6, 1, 4, 0, 0, 0, time.UTC).UnixMilli()) // noon in the hall
	h.Now = func() time.Time { return time.UnixMilli(at.Load()) }
	h.Start()
	ids, last := map[string]bool{}, ""
	for i, jump := range []time.Duration{0, -3 * time.Hour, 5 * time.Hour, -20 * time.Hour, 36 * time.Hour, -50 * time.Hour, 24 * time.Hour} {
		at.Add(jump.Milliseconds())
		if i == 5 {
			h.Restart()
		}
		time.Sleep(500 * time.Millisecond) // the keeper of the day looks at the clock
		for _, id := range takeN(h, "jump"+jump.String(), 2) {
			if ids[id] {
				t.Errorf("after %s: %s was given twice", jump, id)
			}
			if ids[id] = true; id[:8] < last {
				t.Errorf("after %s: the day %s came after %s", jump, id[:8], last)
			}
			last = id[:8]
		}
	}
	if last != "20260603" && last != "20260602" {
		t.Errorf("the last day is %s", last)
	}
	h.Stop()
	h.Verify()
}
