package api

import (
	"context"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/wire"
)

// Nearby knows other halls of the city.
type Nearby interface {
	// Nearest are those that serve all of some matters now, the soonest first.
	Nearest(ctx context.Context, matters []hall.MatterCode) ([]wire.NearHall, error)
	// Halls are those that take appointments for all of some matters, the nearest first.
	Halls(ctx context.Context, matters []hall.MatterCode) ([]wire.OtherHall, error)
	// Errand asks one of them something. The error is ErrNoHall or ErrAway where nothing was done, ErrSilent where nobody knows.
	Errand(ctx context.Context, hall string, e Errand) (*Outcome, error)
}

// When another hall is worth a word.
const (
	nearWithin   = 2 * time.Second // for the city's answer: nobody waits longer for advice
	minPerKm     = 2               // of a way through a town
	unknownWay   = 20              // minutes, where a hall's place is not known
	worthMin     = 10              // minutes that must be won
	maxNearAsked = 20              // matters in one question
)

func (a *API) nearbyRoutes() []route {
	return []route{
		{method: http.MethodGet, path: "/api/v1/nearby", summary: "Other halls of the city that serve the same matters sooner",
			detail: "?matter=CODE, once for each. Halls is empty without a city, with the line to it down, and where nothing is sooner.",
			roles:  []account.Role{account.Kiosk, account.Guide, account.Manager}, out: wire.Nearby{},
			params: asks{must("matter", "a code; once for each matter")}, status: 200, handle: a.nearby},
		{method: http.MethodGet, path: "/api/v1/track/:code/nearby", summary: "The same for the holder of a ticket that waits",
			detail: "Open to whoever holds the ticket: its code is unguessable.", out: wire.Nearby{}, status: 200, handle: a.trackNearby},
	}
}

func (a *API) nearby(c *fiber.Ctx) error {
	var list []hall.MatterCode
	for _, m := range c.Context().QueryArgs().PeekMulti("matter") {
		list = append(list, hall.MatterCode(m))
	}
	if len(list) == 0 || len(list) > maxNearAsked {
		return refusal(http.StatusUnprocessableEntity, "invalid", "matter：请给出 1 至 20 个事项编码。")
	}
	v := a.Hall.View()
	p := a.present(v.Layout)
	var own *wire.Wait
	for i := range v.Layout.Matters {
		if m := &v.Layout.Matters[i]; m.Code == list[0] {
			own = p.waitFor(m.Field)
		}
	}
	return c.JSON(a.sooner(c.UserContext(), list, own))
}

func (a *API) trackNearby(c *fiber.Ctx) error {
	t, err := a.Tickets.TicketByTrack(c.UserContext(), c.Params("code"))
	if err != nil {
		return err
	}
	if t == nil {
		return errNoTicket
	}
	if t.State != hall.Waiting {
		return c.JSON(wire.Nearby{Halls: []wire.NearHall{}})
	}
	return c.JSON(a.sooner(c.UserContext(), t.Remaining, a.present(a.Hall.View().Layout).waitOf(t)))
}

// sooner asks the city and keeps what is worth the way. Where the own wait is not known nothing can be said.
func (a *API) sooner(ctx context.Context, matters []hall.MatterCode, own *wire.Wait) wire.Nearby {
	out := wire.Nearby{Own: own, Halls: []wire.NearHall{}}
	if a.Nearby == nil || own == nil || own.P50Min < worthMin {
		return out
	}
	ctx, cancel := context.WithTimeout(ctx, nearWithin)
	defer cancel()
	halls, err := a.Nearby.Nearest(ctx, matters)
	if err != nil { // the line is down: advice can wait
		return out
	}
	for _, h := range halls {
		way := float64(unknownWay)
		if h.Km != nil {
			way = *h.Km * minPerKm
		}
		if float64(h.Wait.P50Min)+way+worthMin <= float64(own.P50Min) {
			out.Halls = append(out.Halls, h)
		}
	}
	return out
}
