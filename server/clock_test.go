package server_test

import (
	"bytes"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"yitang/server"
	"yitang/server/account"
	"yitang/server/halltest"
	"yitang/server/wire"
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

// A hall that opens long after its last day says so: its clock may have jumped while the machine was off. The next day takes the
// word back.
func TestALongSilenceIsSaid(t *testing.T) {
	h := halltest.Make(t, 1)
	var at atomic.Int64
	noon := time.Date(2026, 6, 1, 4, 0, 0, 0, time.UTC) // in the hall
	at.Store(noon.UnixMilli())
	h.Now = func() time.Time { return time.UnixMilli(at.Load()) }
	h.Start()
	for _, c := range []struct {
		day  int
		said string
	}{{4, ""}, {9, "本机时钟今天是 2026-06-10，而上一营业日是 2026-06-05"}, {10, ""}} {
		h.Stop()
		at.Store(noon.AddDate(0, 0, c.day).UnixMilli())
		h.Start()
		told := seen(h)
		if got := strings.Contains(told, "clock_silent"); got != (c.said != "") || !strings.Contains(told, c.said) {
			t.Errorf("after %d days the manager sees %s, want %q", c.day, told, c.said)
		}
	}
	h.Stop()
	h.Verify()
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

// A clock that has jumped far ahead is not followed: the day goes on, nothing ends, the administrator is told and can say that it
// is right after all. A hall that had followed a nearer jump comes back to its day by the administrator's word, and no number is
// given twice, also after restarts and when the day of the jump comes round.
func TestTheClockIsSetBackByWord(t *testing.T) {
	h := halltest.Make(t, 1)
	noon := time.Date(2026, 6, 1, 4, 0, 0, 0, time.UTC) // in the hall
	var at atomic.Int64
	jump := func(to time.Time) { at.Store(to.UnixMilli()) }
	jump(noon)
	h.Now = func() time.Time { return time.UnixMilli(at.Load()) }
	h.Start()
	numbered := func(want string) {
		t.Helper()
		time.Sleep(500 * time.Millisecond) // the keeper of the day looks at the clock
		eventually(t, want+" is given", func() bool {
			a := h.Send(halltest.Request{Method: "POST", Path: "/api/v1/tickets", Token: h.Tokens[account.Kiosk], Body: map[string]any{"matters": h.Matters[:1]}})
			if a.Status == 409 { // between two days
				return false
			}
			if got := halltest.Into[wire.Ticket](h, a).ID; got != want {
				t.Fatalf("%s was given, not %s", got, want)
			}
			return true
		})
	}
	clock := func() wire.Clock {
		t.Helper()
		return halltest.Into[wire.Clock](h, h.Get(200, h.Tokens[account.System], "/api/v1/admin/clock"))
	}
	say := func(status int, day string, end bool) {
		t.Helper()
		h.Post(status, h.Tokens[account.System], "/api/v1/admin/clock", "", map[string]any{"day": day, "close": end})
	}
	numbered("20260601-A001")
	jump(noon.AddDate(10, 0, 0))
	numbered("20260601-A002")
	eventually(t, "the manager is told", func() bool {
		return strings.Contains(seen(h), "本机时钟是 2036-06-01 12:00，而日志的最后一条是 2026-06-01 12:00")
	})
	h.Restart()
	numbered("20260601-A003")
	if c := clock(); c.State != "ahead" || c.Day != "2036-06-01" || c.LastDay != "2026-06-01" || !c.Open || c.Unfinished != 3 {
		t.Errorf("%+v", c)
	}
	say(409, "2036-06-01", false) // three wait
	say(422, "2026-06-01", true)  // not what the clock shows

	jump(noon.Add(time.Hour))
	numbered("20260601-A004")
	say(409, "2026-06-01", true) // nothing to mend
	jump(noon.AddDate(0, 0, 5))  // as after a holiday: believed
	numbered("20260606-A001")
	jump(noon.Add(2 * time.Hour))
	numbered("20260606-A002")
	if c := clock(); c.State != "behind" {
		t.Errorf("%+v", c)
	}
	word := map[string]any{"day": "2026-06-01", "close": true}
	first := h.Post(200, h.Tokens[account.System], "/api/v1/admin/clock", "word", word)
	if again := h.Post(200, h.Tokens[account.System], "/api/v1/admin/clock", "word", word); !bytes.Equal(first.Body, again.Body) {
		t.Errorf("the same word again: %s, first %s", again.Body, first.Body)
	}
	numbered("20260601-A005")
	h.Restart()
	numbered("20260601-A006")
	jump(noon.AddDate(0, 0, 5))
	numbered("20260606-A003")
	if c := clock(); c.State != "right" {
		t.Errorf("%+v", c)
	}
	h.Stop()
	h.Verify()
}

// seen is the hall as its manager's page gets it.
func seen(h *halltest.Hall) string {
	h.Helper()
	c, _, err := websocket.DefaultDialer.Dial(strings.Replace(h.URL, "http", "ws", 1)+"/ws/hall", http.Header{"Authorization": {"Bearer " + h.Tokens[account.Manager]}})
	if err != nil {
		h.Fatal(err)
	}
	defer c.Close()
	_, text, err := c.ReadMessage()
	if err != nil {
		h.Fatal(err)
	}
	return string(text)
}
