package demo_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"yitang/demo"
	"yitang/server/catalogue"
	"yitang/server/wire"
)

// counter is a window as its hall has it.
type counter struct {
	wire.Window
	now time.Time
}

func (c *counter) set(state string) (wire.Window, error) {
	c.State, c.Since = state, c.now
	return c.Window, nil
}

func (c *counter) Open(context.Context, wire.WindowID) (wire.Window, error) { return c.set("open") }
func (c *counter) ResumeWindow(context.Context, wire.WindowID) (wire.Window, error) {
	return c.set("open")
}
func (c *counter) CloseWindow(context.Context, wire.WindowID) (wire.Window, error) {
	return c.set("closed")
}
func (c *counter) Pause(context.Context, wire.WindowID, wire.PauseRequest) (wire.Window, error) {
	return c.set("paused")
}

// TestHandWindow: the window that is left to whoever tries the demo keeps the hall's hours (10 to 14 and 16 to 20) while nobody has
// used it, and is left to whoever has.
func TestHandWindow(t *testing.T) {
	l, err := catalogue.Example()
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation(l.Zone)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		at   string // when somebody does something
		do   func(*counter)
		want string // what it is at 09:40 09:51 12:00 14:01 15:51 19:59 20:01, the next morning at 09:51
	}{
		{"nobody", "", nil, "closed open open paused open open closed open"},
		{"somebody calls", "12:00", func(c *counter) { c.Ticket = &wire.Ticket{} }, "closed open open open open open open open"},
		{"somebody has served", "12:00", func(c *counter) { c.Served = 1 }, "closed open open open open open open open"},
		{"somebody pauses", "12:00", func(c *counter) { _, _ = c.set("paused") }, "closed open paused paused paused paused paused open"},
		{"somebody goes on at midday", "14:01", func(c *counter) { _, _ = c.set("open") }, "closed open open open open open closed open"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &counter{Window: wire.Window{ID: string(demo.HandWindow), State: "closed"}}
			h, err := demo.NewHand(l, w)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, at := range []string{"09:40", "09:51", "12:00", "14:01", "15:51", "19:59", "20:01", "33:51"} {
				minutes, err := time.ParseDuration(strings.Replace(at, ":", "h", 1) + "m")
				if err != nil {
					t.Fatal(err)
				}
				w.now = time.Date(2026, 7, 1, 0, 0, 0, 0, zone).Add(minutes) // a Wednesday
				h.Look(t.Context(), w.Window, w.now)
				if at == c.at {
					w.now = w.now.Add(time.Second)
					c.do(w)
				}
				got = append(got, w.State)
			}
			if g := strings.Join(got, " "); g != c.want {
				t.Errorf("%s\nwant %s", g, c.want)
			}
		})
	}
}
