package town_test

import (
	"sync/atomic"
	"testing"
	"time"

	"yitang/demo/town"
	"yitang/server/account"
	"yitang/server/halltest"
	"yitang/server/wire"
)

const patience = time.Minute // only a failure lasts that long

// The halls of the demo go on when the business day turns, which closes every window.
func TestTheHallsGoOnTheNextDay(t *testing.T) {
	h, at := halltest.Make(t, 1), new(atomic.Int64)
	at.Store(time.Date(2026, 11, 26, 19, 0, 0, 0, time.UTC).Unix()) // 03:00 in Beijing
	h.Now = func() time.Time { return time.Unix(at.Load(), 0) }
	h.Start()
	kiosk, clerk := wire.New(h.URL, h.Tokens[account.Kiosk]), wire.New(h.URL, h.Clerks[0])
	h.Post(200, h.Clerks[0], "/api/v1/windows/1/open", "", nil)
	minute := town.Hall(kiosk, clerk, h.Now)
	for _, day := range []string{"2026-11-26", "2026-11-27"} {
		end := time.Now().Add(patience)
		var ticket wire.Ticket
		for ; ticket.Day != day; time.Sleep(10 * time.Millisecond) {
			var err error
			if ticket, err = kiosk.Take(t.Context(), wire.NewKey(), wire.TakeRequest{Matters: h.Matters[:1], Person: wire.Person{Kind: "none"}}); time.Now().After(end) {
				t.Fatalf("%s does not begin: %+v %v", day, ticket, err)
			}
		}
		for state := "waiting"; state == "waiting"; time.Sleep(10 * time.Millisecond) {
			minute(t.Context())
			if state = halltest.Into[wire.Ticket](h, h.Get(200, h.Tokens[account.Guide], "/api/v1/tickets/"+ticket.ID)).State; time.Now().After(end) {
				t.Fatalf("%s of %s is %s", ticket.Number, day, state)
			}
		}
		at.Store(time.Date(2026, 11, 26, 20, 1, 0, 0, time.UTC).Unix()) // nobody is served that long
	}
}

// A hall that has lived goes on from its journal's last event: before that its time would stand still.
func TestAHallGoesOnWhereItStopped(t *testing.T) {
	start := time.Date(2026, 11, 27, 3, 11, 0, 0, time.UTC)
	at := func(d time.Duration) func() time.Time { return func() time.Time { return start.Add(d) } }
	h := halltest.Make(t, 1)
	h.Now = at(0)
	h.Start()
	h.Post(200, h.Clerks[0], "/api/v1/windows/1/open", "", nil)
	h.Stop()
	for _, row := range []struct {
		what       string
		dir        string
		away, want time.Duration
	}{
		{"a new hall", t.TempDir(), 0, town.CatchUp},
		{"at once", h.Dir, 0, 0},
		{"after a minute", h.Dir, time.Minute, time.Minute},
		{"after a day", h.Dir, 24 * time.Hour, town.CatchUp},
		{"by a clock that was put back", h.Dir, -time.Hour, 0},
	} {
		if got, err := town.Behind(t.Context(), row.dir, at(row.away)); err != nil || got != row.want {
			t.Errorf("%s: the hall is %s behind, not %s: %v", row.what, got, row.want, err)
		}
	}
}

// Whoever was at a window when the demo ended is served to the end when it goes on, and so is who comes next.
func TestAClerkGoesOnWithTheTicketInHand(t *testing.T) {
	for _, serving := range []bool{false, true} {
		h, at := halltest.Make(t, 1), new(atomic.Int64)
		at.Store(time.Date(2026, 11, 27, 3, 11, 0, 0, time.UTC).Unix())
		h.Now = func() time.Time { return time.Unix(at.Load(), 0) }
		h.Start()
		kiosk, clerk := wire.New(h.URL, h.Tokens[account.Kiosk]), wire.New(h.URL, h.Clerks[0])
		h.Post(200, h.Clerks[0], "/api/v1/windows/1/open", "", nil)
		var tickets []wire.Ticket
		for range 2 {
			ticket, err := kiosk.Take(t.Context(), wire.NewKey(), wire.TakeRequest{Matters: h.Matters[:1], Person: wire.Person{Kind: "none"}})
			if err != nil {
				t.Fatal(err)
			}
			tickets = append(tickets, ticket)
		}
		h.Post(200, h.Clerks[0], "/api/v1/windows/1/next", "", nil)
		if serving {
			h.Post(200, h.Clerks[0], "/api/v1/windows/1/start", "", nil)
		}
		minute := town.Hall(kiosk, clerk, h.Now)
		for range 3 { // the one in hand is taken up, then finished, and so is the next
			minute(t.Context())
			at.Add(int64(time.Hour / time.Second)) // nobody is served that long
		}
		for _, ticket := range tickets {
			if state := halltest.Into[wire.Ticket](h, h.Get(200, h.Tokens[account.Guide], "/api/v1/tickets/"+ticket.ID)).State; state != "done" {
				t.Errorf("serving %v: %s is %s", serving, ticket.Number, state)
			}
		}
	}
}
