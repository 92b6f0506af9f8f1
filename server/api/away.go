package api

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"yitang/server/hall"
	"yitang/server/person"
	"yitang/server/wire"
)

// Errand is a request to another hall's API, and Outcome its answer. It names a person by the pseudonym that the halls of a
// city share, in the place of a number.
type Errand struct {
	Method, Path, Key string
	Body              []byte
}

// Outcome answers an Errand.
type Outcome struct {
	Status int
	Body   []byte
}

// What became of an errand that has no outcome; see package outbox.
var (
	ErrNoHall = errors.New("api: no such hall")
	ErrAway   = errors.New("api: the other hall cannot be reached: nothing was asked of it")
	ErrSilent = errors.New("api: no answer: the other hall may have done it")
)

//nolint:gochecknoglobals // constant values; Go has no constant structs
var (
	errNoHall = refusal(http.StatusNotFound, "no_hall", "没有这个大厅，或本大厅没有加入城市。请直接联系对方大厅。")
	errAway   = refusal(http.StatusServiceUnavailable, "hall_away", "到对方大厅的线路暂时不通，什么也没有办。请稍后再试，或在本大厅预约。")
	errSilent = refusal(http.StatusServiceUnavailable, "unsure", "没有收到对方大厅的回答，不知道是否已经办成。请再按一次：不会重复办理。")
)

// awayRoutes put to another hall of the city what can be asked of this one about appointments.
func (a *API) awayRoutes() []route {
	list := []route{{method: http.MethodGet, path: "/api/v1/halls", summary: "Other halls of the city that take appointments, the nearest first",
		detail: "?matter=CODE, once for each that they must serve. Empty without a city and with the line to it down.", out: wire.OtherHalls{}, status: 200, handle: a.otherHalls}}
	for _, r := range a.bookRoutes() {
		if !r.away {
			continue
		}
		r.handle = a.goAway(r)
		r.away, r.path = false, "/api/v1/halls/:hall"+strings.TrimPrefix(r.path, "/api/v1")
		r.summary += ", at another hall of the city"
		r.detail = strings.TrimSpace(r.detail + " 503 hall_away: nothing was done. 503 unsure: nobody knows; the same request under the same key finds out.")
		list = append(list, r)
	}
	return list
}

func (a *API) otherHalls(c *fiber.Ctx) error {
	out := wire.OtherHalls{Halls: []wire.OtherHall{}}
	if a.Nearby == nil {
		return c.JSON(out)
	}
	var matters []hall.MatterCode
	for _, m := range c.Context().QueryArgs().PeekMulti("matter") {
		matters = append(matters, hall.MatterCode(m))
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), nearWithin)
	defer cancel()
	if list, err := a.Nearby.Halls(ctx, matters); err == nil && list != nil { // the line is down: this hall goes on
		out.Halls = list
	}
	return c.JSON(out)
}

// goAway sends a request to the same route of another hall. A body that names a person goes with the pseudonym.
func (a *API) goAway(r route) fiber.Handler {
	return func(c *fiber.Ctx) error {
		e := Errand{Method: r.method, Path: strings.Replace(r.path, ":code", url.PathEscape(c.Params("code")), 1), Key: c.Get("Idempotency-Key")}
		if q := c.Context().QueryArgs().QueryString(); len(q) > 0 {
			e.Path += "?" + string(q)
		}
		var err error
		if e.Body, err = a.awayBody(c, r.in); err != nil {
			return err
		}
		if a.Nearby == nil {
			return errNoHall
		}
		out, err := a.Nearby.Errand(c.UserContext(), c.Params("hall"), e)
		switch {
		case errors.Is(err, ErrNoHall):
			return errNoHall
		case errors.Is(err, ErrSilent) && r.method != http.MethodGet:
			return errSilent
		case errors.Is(err, ErrSilent), errors.Is(err, ErrAway):
			return errAway
		case err != nil:
			return err
		}
		c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSONCharsetUTF8)
		return c.Status(out.Status).Send(out.Body)
	}
}

// awayBody is the body that leaves this hall.
func (a *API) awayBody(c *fiber.Ctx, in any) ([]byte, error) {
	var named *wire.Person
	switch in.(type) {
	case wire.BookRequest:
		out := &wire.BookRequest{}
		in, named = out, &out.Person
	case wire.AppointmentSearch:
		out := &wire.AppointmentSearch{}
		in, named = out, &out.Person
	default:
		return c.BodyRaw(), nil
	}
	if err := a.callers.may(a.source(c), time.Now()); err != nil {
		return nil, err
	}
	if err := body(c, in); err != nil {
		return nil, err
	}
	kind, pseudonym, err := a.pseudonym(*named)
	if err != nil {
		return nil, err
	}
	*named = wire.Person{Kind: kind, Number: pseudonym}
	return encode(in), nil
}

// errandFrom is the key under which a request knows that it is another hall's errand. It comes from within the process, so
// nobody outside can set it.
type errandFrom struct{}

// asking is the hall whose errand a request is; empty for every request that came over HTTP.
func asking(c *fiber.Ctx) string {
	from, _ := c.Context().UserValue(errandFrom{}).(string)
	return from
}

// Do does another hall's errand with the same handlers, limits and answers as a request of a phone.
func (a *API) Do(from hall.ID, e Errand) Outcome {
	if !strings.HasPrefix(e.Path, "/api/v1/") {
		return Outcome{Status: http.StatusNotFound}
	}
	var req fasthttp.Request
	req.Header.SetMethod(e.Method)
	req.SetRequestURI(e.Path)
	if e.Key != "" {
		req.Header.Set("Idempotency-Key", e.Key)
	}
	req.SetBody(e.Body)
	var ctx fasthttp.RequestCtx
	ctx.Init(&req, nil, nil)
	ctx.SetUserValue(errandFrom{}, string(from))
	a.handler(&ctx)
	return Outcome{Status: ctx.Response.StatusCode(), Body: ctx.Response.Body()}
}

// personOf is whom a request of the appointments' names: another hall sends the pseudonym itself.
func (a *API) personOf(c *fiber.Ctx, p wire.Person) (kind, pseudonym string, err error) {
	if asking(c) == "" || p.Kind == "none" || p.Kind == "" {
		return a.pseudonym(p)
	}
	if len(p.Number) != person.PseudonymSize {
		return "", "", refusal(http.StatusUnprocessableEntity, "invalid", "person.number：不是本市大厅共用的化名。")
	}
	return p.Kind, p.Number, nil
}
