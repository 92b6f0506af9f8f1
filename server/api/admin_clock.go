package api

import (
	"context"
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
		{method: http.MethodGet, path: "/api/v1/admin/servers", summary: "Which of the hall's servers this is, how far its standbys are behind, and when the last head was signed",
			roles: []account.Role{account.System, account.Audit}, out: wire.Servers{}, status: 200, handle: a.servers},
		{method: http.MethodPost, path: "/api/v1/admin/servers/forget", summary: "Take a standby that has gone for good off the list",
			detail: "Until then the primary asks it at its start whether it has taken over, and waits for its answer. Refused with standby_follows while it follows.",
			roles:  system, in: wire.StandbyAddress{}, status: 204, handle: a.forgetStandby},
		{method: http.MethodGet, path: "/api/v1/admin/clock", summary: "How the server's clock stands to the journal",
			roles: system, out: wire.Clock{}, status: 200, handle: a.clock},
		{method: http.MethodPost, path: "/api/v1/admin/clock", summary: "Say that the server's clock is right now: the hall goes on by it",
			detail: "After a long silence, or after a clock that had been ahead and was set back. `day` is the business day that the clock shows. " +
				"A day that is open is refused with day_open, unless `close` ends it: whoever waits takes a new number. No number is given out twice.",
			roles: system, in: wire.ClockWord{}, out: wire.Clock{}, status: 200, handle: a.setClock},
	}
}

func (a *API) servers(c *fiber.Ctx) error {
	v := a.Hall.View()
	out := wire.Servers{Server: wire.ServerState{Role: wire.RolePrimary, Seq: v.Seq}, Followers: []wire.Follower{}, Disk: a.room()}
	if a.Servers != nil {
		out.Server, out.Followers = a.Servers.State(v.Seq), a.Servers.Followers(v.Seq)
	}
	last, at, n, err := a.Office.LastHead(c.UserContext())
	if err != nil {
		return err
	}
	if out.Heads = n; last != nil {
		out.Head = &wire.LastHead{Day: string(last.Of), Seq: last.Seq, At: a.present(v.Layout).time(at)}
	}
	return c.JSON(out)
}

func (a *API) forgetStandby(c *fiber.Ctx) error {
	var in wire.StandbyAddress
	if err := body(c, &in); err != nil {
		return err
	}
	if a.Servers == nil {
		return errNoRoute
	}
	return a.act(c, http.StatusNoContent, func(context.Context) (deed, error) {
		beside, after, err := a.Servers.Forget(in.Address)
		return deed{what: hall.StandbyDropped, user: who(c).User, note: in.Address, beside: beside, after: after, answer: func() any { return nil }}, err
	})
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
