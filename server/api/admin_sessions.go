package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/wire"
)

func (a *API) sessionRoutes() []route {
	security := []account.Role{account.Security}
	return []route{
		{method: http.MethodGet, path: "/api/v1/admin/sessions", summary: "Who is logged in, from where, and when each was last heard of",
			roles: security, out: wire.AccountSessions{}, status: 200, handle: a.sessions},
		{method: http.MethodDelete, path: "/api/v1/admin/sessions/:session", summary: "End a session; its open pages are cut off",
			roles: security, status: 204, handle: a.endSession},
	}
}

func (a *API) sessions(c *fiber.Ctx) error {
	list, err := a.peoplesSessions(c.UserContext())
	if err != nil {
		return err
	}
	t, _ := token(c, false)
	own := account.SessionID(account.Digest(t))
	out := wire.AccountSessions{Sessions: []wire.AccountSession{}}
	for _, s := range list {
		out.Sessions = append(out.Sessions, wire.AccountSession{ID: s.ID, User: s.User, Role: string(s.Role), Source: s.Source,
			Made: timeOf(s.Made), Seen: timeOf(s.Seen), Own: s.ID == own})
	}
	return c.JSON(out)
}

// peoplesSessions leaves devices out, which are the system administrator's.
func (a *API) peoplesSessions(ctx context.Context) ([]account.Session, error) {
	list, err := a.Office.Sessions(ctx, "", time.Now())
	return slices.DeleteFunc(list, func(s account.Session) bool { return !slices.Contains(account.People(), s.Role) }), err
}

func (a *API) endSession(c *fiber.Ctx) error {
	return a.act(c, http.StatusNoContent, func(ctx context.Context) (deed, error) {
		list, err := a.peoplesSessions(ctx)
		if err != nil {
			return deed{}, err
		}
		i := slices.IndexFunc(list, func(s account.Session) bool { return s.ID == c.Params("session") })
		if i < 0 {
			return deed{}, refusal(http.StatusNotFound, "not_found", "这个会话已经结束。")
		}
		s := list[i]
		return deed{what: hall.SessionsEnded, user: s.User, note: s.Source, answer: func() any { return nil },
			change: account.Change{Session: s.ID}}, nil
	})
}
