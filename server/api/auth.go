package api

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"yitang/server/account"
	"yitang/server/hall"
)

const (
	cookieName   = "yitang_session"
	sessionTime  = 12 * time.Hour
	cacheTime    = 5 * time.Second // a token revoked elsewhere works that much longer
	cacheSize    = 4096
	touchEvery   = time.Minute      // of a person
	heardEvery   = 15 * time.Minute // of a device
	maxKeyLength = 200
)

// authenticator finds out whose token it is, remembering it for a moment.
type authenticator struct {
	accounts Accounts
	mu       sync.Mutex
	known    map[string]remembered
}

type remembered struct {
	account *account.Account
	until   time.Time
	touched time.Time // when the account was last told that the session is in use
}

func newAuthenticator(a Accounts) *authenticator {
	return &authenticator{accounts: a, known: map[string]remembered{}}
}

// bearer returns whose token it is, or nil.
func (a *authenticator) bearer(ctx context.Context, token string) (*account.Account, error) {
	if token == "" {
		return nil, nil
	}
	now, digest := time.Now(), account.Digest(token)
	a.mu.Lock()
	r, ok := a.known[string(digest)]
	a.mu.Unlock()
	if ok && now.Before(r.until) {
		return r.account, nil
	}
	who, err := a.accounts.Bearer(ctx, digest, now)
	if err != nil || who == nil {
		return nil, err
	}
	every := heardEvery
	if who.Role.Idle() > 0 {
		every = touchEvery
	}
	if !now.Before(r.touched.Add(every)) {
		if err := a.accounts.Touch(ctx, digest, now); err != nil {
			return nil, err
		}
		r.touched = now
	}
	a.mu.Lock()
	if len(a.known) >= cacheSize {
		clear(a.known)
	}
	a.known[string(digest)] = remembered{account: who, until: now.Add(cacheTime), touched: r.touched}
	a.mu.Unlock()
	return who, nil
}

// clear forgets everybody, after a change whose owner's tokens are not at hand.
func (a *authenticator) clear() {
	a.mu.Lock()
	clear(a.known)
	a.mu.Unlock()
}

func (a *authenticator) forget(token string) {
	a.mu.Lock()
	delete(a.known, string(account.Digest(token)))
	a.mu.Unlock()
}

// token reads the token of a request: the Authorization header, the session cookie, or ?token= where a browser cannot
// set a header (sockets). The bool says that it came with a cookie.
func token(c *fiber.Ctx, query bool) (string, bool) {
	if t, ok := strings.CutPrefix(c.Get(fiber.HeaderAuthorization), "Bearer "); ok {
		return t, false
	}
	if t := c.Query("token"); query && t != "" {
		return t, false
	}
	return c.Cookies(cookieName), true
}

const accountKey = "account"

// guard lets a request pass to its route's handler or refuses it: 401 without a valid token, 403 for a role that the
// route is not for or a request that another site's page made.
func (a *API) guard(r route) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if !sameOrigin(c) {
			return errOrigin
		}
		if err := a.takesCommands(r, c); err != nil {
			return err
		}
		if r.roles == nil {
			return c.Next()
		}
		t, _ := token(c, r.socket || r.query)
		who, err := a.auth.bearer(c.UserContext(), t)
		if err != nil {
			return err
		}
		if who == nil {
			return errNoToken
		}
		if !slices.Contains(r.roles, who.Role) {
			return errForbidden
		}
		if who.MustChange && !r.door {
			return errChange
		}
		c.Locals(accountKey, who)
		return c.Next()
	}
}

// sameOrigin is true for programs, which send no Origin, and for the hall's own pages.
func sameOrigin(c *fiber.Ctx) bool {
	origin := c.Get(fiber.HeaderOrigin)
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && u.Host == string(c.Request().Host())
}

// who is the account of a guarded request.
func who(c *fiber.Ctx) *account.Account {
	a, _ := c.Locals(accountKey).(*account.Account)
	return a
}

// actor is how the journal names an account.
func actor(a *account.Account) hall.Actor { return hall.Actor(string(a.Role) + ":" + a.User) }
