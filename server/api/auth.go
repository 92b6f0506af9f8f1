package api

import (
	"context"
	"maps"
	"net/http"
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
	changed  map[string]chan struct{} // by user: closed when a right of theirs may have gone
	changes  uint64                   // how often somebody's rights may have gone
}

type remembered struct {
	account *account.Account
	until   time.Time
	due     time.Time // when the account is next told that the session is in use
}

func newAuthenticator(a Accounts) *authenticator {
	return &authenticator{accounts: a, known: map[string]remembered{}, changed: map[string]chan struct{}{}}
}

// bearer returns whose token it is, or nil. An act keeps the session from ending for idleness; what a page asks by itself
// does not.
func (a *authenticator) bearer(ctx context.Context, token string, act bool) (*account.Account, error) {
	if token == "" {
		return nil, nil
	}
	now, digest := time.Now(), account.Digest(token)
	a.mu.Lock()
	r, ok := a.known[string(digest)]
	changes := a.changes
	a.mu.Unlock()
	if ok && now.Before(r.until) && (!act || now.Before(r.due)) {
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
	if act && !now.Before(r.due) {
		if err := a.accounts.Touch(ctx, digest, now); err != nil {
			return nil, err
		}
		r.due = now.Add(every)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.known) >= cacheSize {
		clear(a.known)
	}
	if a.changes == changes { // else these rights may have gone since they were read
		a.known[string(digest)] = remembered{account: who, until: now.Add(cacheTime), due: r.due}
	}
	return who, nil
}

// still says whether a token is good for the same role as before. It asks the accounts anew and is no act.
func (a *authenticator) still(ctx context.Context, token string, role account.Role) bool {
	who, err := a.accounts.Bearer(ctx, account.Digest(token), time.Now())
	return err != nil || who != nil && who.Role == role // an error says nothing about the token
}

// revoke forgets a user and has the open sockets of theirs look whether they may stay, after a change of the user's rights.
func (a *authenticator) revoke(user string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.changes++
	maps.DeleteFunc(a.known, func(_ string, r remembered) bool { return r.account.User == user })
	if c := a.changed[user]; c != nil {
		close(c)
		delete(a.changed, user)
	}
}

// change is closed at the next change of a user's rights.
func (a *authenticator) change(user string) <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.changed[user] == nil {
		a.changed[user] = make(chan struct{})
	}
	return a.changed[user]
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

const (
	accountKey = "account"
	tokenKey   = "token"
	// backgroundHeader marks what a page asks by itself while nobody is at it.
	backgroundHeader = "X-Yitang-Background"
)

// guard lets a request pass to its route's handler or refuses it: 429 for one too many, 401 without a valid token, 403 for a
// role that the route is not for or a request that another site's page made.
func (a *API) guard(r route) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if !sameOrigin(c) || !deliberate(c) {
			return errOrigin
		}
		if err := a.takesCommands(r, c); err != nil {
			return err
		}
		if asking(c) != "" && !r.away {
			return errForbidden
		}
		if r.roles == nil {
			if err := a.limit(c, nil, r.method == http.MethodPost); err != nil {
				return err
			}
			return c.Next()
		}
		t, _ := token(c, r.socket || r.query)
		who, err := a.auth.bearer(c.UserContext(), t, c.Get(backgroundHeader) == "")
		if err != nil {
			return err
		}
		if err := a.limit(c, who, false); err != nil {
			return err
		}
		return a.pass(c, r, who, t)
	}
}

// pass lets an account through to a route that is for its role.
func (a *API) pass(c *fiber.Ctx, r route, who *account.Account, token string) error {
	switch {
	case who == nil:
		return errNoToken
	case !slices.Contains(r.roles, who.Role):
		return errForbidden
	case who.MustChange && !r.door:
		return errChange
	}
	if err := r.params.fit(c); err != nil {
		return err
	}
	c.Locals(accountKey, who)
	c.Locals(tokenKey, token)
	return c.Next()
}

// deliberate refuses what a browser sends with its session's cookie unless it says that a page of the hall's own made it
// (CSRF): every browser of the last years sends Origin with what changes something. Programs have a token and no cookie.
func deliberate(c *fiber.Ctx) bool {
	if m := c.Method(); m == http.MethodGet || m == http.MethodHead || c.Cookies(cookieName) == "" || c.Get(fiber.HeaderAuthorization) != "" {
		return true
	}
	return c.Get(fiber.HeaderOrigin) != "" || c.Get("Sec-Fetch-Site") == "same-origin"
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
