package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"yitang/server/account"
	"yitang/server/engine"
	"yitang/server/hall"
	"yitang/server/wire"
)

// Administration is what the three administrators work on.
type Administration interface {
	Accounts(ctx context.Context) ([]account.Account, error)
	Sessions(ctx context.Context, user string, now time.Time) ([]account.Session, error)
	Locked(ctx context.Context, now time.Time) (map[string]time.Time, error)
	Lines(ctx context.Context, f hall.LineFilter) ([]hall.Line, error)
	Heads(ctx context.Context) ([]hall.HeadSigned, error)
	LastHead(ctx context.Context) (last *hall.HeadSigned, at hall.Millis, n int, err error)
}

// adminRoutes are the duties of the three administrators, cut so that none can do another's work.
func (a *API) adminRoutes() []route {
	return slices.Concat(a.setupRoutes(), a.accountRoutes(), a.sessionRoutes(), a.deviceRoutes(), a.settingsRoutes(), a.clockRoutes(), a.auditRoutes())
}

func (a *API) accountRoutes() []route {
	system, security := []account.Role{account.System}, []account.Role{account.Security}
	act := func(name, summary string, roles []account.Role, in any, h fiber.Handler) route {
		return route{method: http.MethodPost, path: "/api/v1/admin/accounts/:user/" + name, summary: summary, roles: roles,
			in: in, out: wire.AccountAnswer{}, status: 200, handle: h}
	}
	drawn := func(r route) route {
		r.detail = "The password is told once and has to be changed at the first login. A repeated request draws another one."
		return r
	}
	return []route{
		{method: http.MethodGet, path: "/api/v1/admin/accounts", summary: "Accounts of people, with what who asks may do with each",
			roles: []account.Role{account.System, account.Security}, out: wire.Accounts{}, status: 200, handle: a.accounts},
		{method: http.MethodPost, path: "/api/v1/admin/accounts", summary: "Open an account, which can do nothing until security approves it",
			detail: "Where the hall has no security or audit administrator yet, the first one is appointed instead: approved at once, with a password.",
			roles:  system, in: wire.AccountRequest{}, out: wire.AccountAnswer{}, status: 201, handle: a.openAccount},
		act("close", "Close an account for good", system, nil, a.closeAccount),
		drawn(act("approve", "Give an opened account its rights", security, wire.AccountRights{}, a.approveAccount)),
		act("rights", "Give an account other rights; its sessions end", security, wire.AccountRights{}, a.changeRights),
		act("suspend", "Suspend an account; its sessions end", security, nil, a.suspendAccount),
		act("restore", "Let a suspended account work again", security, nil, a.restoreAccount),
		act("unlock", "Lift the lock after too many wrong passwords", security, nil, a.unlockAccount),
		drawn(act("password", "Give somebody a new password; all their sessions end", security, nil, a.givePassword)),
	}
}

// office serialises what administrators do, so that each acts on what the other has left.
type office struct{ sync.Mutex }

// deed is one act of an administrator.
type deed struct {
	what   hall.Access
	user   string // whom it is about
	note   string
	answer func() any // after it; nil result = 204
	change account.Change
	beside any    // what it changes instead of accounts
	after  func() // once it is on disk; may be nil
	secret bool   // the answer tells a password and is not kept under the request's key
}

// act does a deed: into the journal and the accounts at once, so that none is without the other. Under a key that
// came before, the first answer is given again, also where the deed would be refused by now.
func (a *API) act(c *fiber.Ctx, status int, prepare func(context.Context) (deed, error)) error {
	a.office.Lock()
	defer a.office.Unlock()
	d, err := prepare(c.UserContext())
	if err != nil {
		if c.Get("Idempotency-Key") == "" {
			return err
		}
		// What the hall never accepts: only an answer that it gave before comes of it.
		again := a.do(c, command{status: status, cmd: hall.RecordAccess{}})
		if again == nil || errors.Is(again, engine.ErrKeyReused) {
			return again
		}
		return err
	}
	r := hall.RecordAccess{What: d.what, User: d.user, Source: a.source(c), Note: d.note}
	if d.secret {
		if err := a.recordFrom(c.UserContext(), actor(who(c)), r, &d.change); err != nil {
			return err
		}
		a.done(d)
		return c.Status(status).JSON(d.answer())
	}
	fresh := false
	if d.beside == nil {
		d.beside = &d.change
	}
	err = a.do(c, command{status: status, cmd: r, beside: d.beside, answer: func(*hall.State, []hall.Event) any {
		fresh = true
		return d.answer()
	}})
	if err == nil && fresh {
		a.done(d)
	}
	return err
}

// done tells who is at work here that a deed is on disk.
func (a *API) done(d deed) {
	if d.after != nil {
		d.after()
	}
	a.auth.revoke(d.user)
}

// Attend lets somebody at the server's console do what administrators do, in turn with them. Do calls told with each user whose
// rights have changed.
func (a *API) Attend(do func(told func(user string)) error) error {
	a.office.Lock()
	defer a.office.Unlock()
	return do(a.auth.revoke)
}

// recordFrom writes an act about an account into the journal, and what it changes into the accounts, before it is answered.
func (a *API) recordFrom(ctx context.Context, by hall.Actor, r hall.RecordAccess, change *account.Change) error {
	req := engine.Request{Actor: by, Command: r}
	if change != nil {
		req.Beside = change
	}
	_, err := a.Hall.Do(ctx, req)
	return err
}
