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
