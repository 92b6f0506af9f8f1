package api

import (
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"yitang/server/account"
	"yitang/server/engine"
	"yitang/server/hall"
	"yitang/server/wire"
)

func (a *API) clockRoutes() []route {
	system := []account.Role{account.System}
	return []route{
		{method: http.MethodGet, path: "/api/v1/admin/clock", summary: "How the server's clock stands to the journal",
			roles: system, out: wire.Clock{}, status: 200, handle: a.clock},
		{method: http.MethodPost, path: "/api/v1/admin/clock", summary: "Say that the server's clock is right now: the hall goes on by it",
			detail: "After a long silence, or after a clock that had been ahead and was set back. `day` is the business day that the clock shows. " +
				"A day that is open is refused with day_open, unless `close` ends it: whoever waits takes a new number. No number is given out twice.",
			roles: system, in: wire.ClockWord{}, out: wire.Clock{}, status: 200, handle: a.setClock},
	}
}

func (a *API) clock(c *fiber.Ctx) error { return c.JSON(ClockOf(a.Hall.View(), a.Now())) }

// ClockOf is how a clock stands to the journal.
func ClockOf(v *hall.View, now time.Time) wire.Clock {
	zone, err := zoneOf(v.Layout)
	if err != nil {
		zone = time.UTC
	}
	out := wire.Clock{State: string(v.Clock(hall.Millis(now.UnixMilli()))), Now: now.In(zone), Day: string(hall.BusinessDay(zone, now)),
		LastDay: string(v.Day), Open: v.Open}
	if v.Seq > 0 {
		last := time.UnixMilli(int64(v.At)).In(zone)
		out.Last = &last
	}
	if v.Open {
		out.Unfinished = v.Totals.Waiting + v.Totals.Called + v.Totals.Serving + v.Totals.Held
	}
	return out
}

func (a *API) setClock(c *fiber.Ctx) error {
	var in wire.ClockWord
	if err := body(c, &in); err != nil {
		return err
	}
	now := ClockOf(a.Hall.View(), a.Now())
	if in.Day != now.Day {
		return refusal(http.StatusUnprocessableEntity, "invalid", "day：服务器的时钟现在是营业日 "+now.Day+"。请核对后再确认。")
	}
	if now.Open && in.Close && now.State != string(hall.ClockRight) {
		if _, err := a.Hall.Do(c.UserContext(), engine.Request{Actor: actor(who(c)), Command: hall.CloseDay{}}); err != nil {
			return err
		}
	}
	return a.do(c, command{status: http.StatusOK, cmd: hall.SetClock{Day: hall.Day(in.Day)},
		answer: func(s *hall.State, _ []hall.Event) any { return ClockOf(s.View(), a.Now()) }})
}
