package api

import (
	"context"
	"errors"
	"hash/maphash"
	"net/http"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/wire"
)

// Bounds of the door. Checking a password takes 20 ms and 19 MiB by intention: more than two at a time would take the
// hall's machine away from its clerks.
const (
	hashesAtOnce = 2
	doorStripes  = 64
	hashWithin   = 5 * time.Second
)

// door lets people in one after the other: logins of one user are tried in turn, so that guesses that come together are
// counted one by one.
type door struct {
	stripes [doorStripes]sync.Mutex
	seed    maphash.Seed
	hashing chan struct{}
	dummy   string // is checked for users that do not exist, which must take as long as for others
}

func newDoor() *door {
	return &door{seed: maphash.MakeSeed(), hashing: make(chan struct{}, hashesAtOnce), dummy: account.HashPassword(account.NewPassword())}
}

func (d *door) of(user string) *sync.Mutex {
	return &d.stripes[maphash.String(d.seed, user)%doorStripes]
}

// check compares a password, or takes as long for an account that is nil.
func (d *door) check(ctx context.Context, acc *account.Account, password string) (bool, error) {
	ctx, stop := context.WithTimeout(ctx, hashWithin)
	defer stop()
	select {
	case d.hashing <- struct{}{}:
		defer func() { <-d.hashing }()
	case <-ctx.Done():
		return false, errBusy
	}
	if acc == nil || acc.Password == "" {
		account.CheckPassword(d.dummy, password)
		return false, nil
	}
	return account.CheckPassword(acc.Password, password), nil
}

func (a *API) login(c *fiber.Ctx) error {
	var in wire.Login
	if err := body(c, &in); err != nil {
		return err
	}
	if len(in.User) > utf8.UTFMax*account.MaxUser || len(in.Password) > 4*account.MaxPassword {
		return errLogin
	}
	acc, err := a.enter(c.UserContext(), in, a.source(c))
	if err != nil {
		return err
	}
	return a.begin(c, acc)
}

// begin starts a session and answers with it.
func (a *API) begin(c *fiber.Ctx, acc *account.Account) error {
	t := account.NewToken()
	session := account.Token{Digest: account.Digest(t), User: acc.User, Source: a.source(c), Made: time.Now(), Lives: sessionTime, Idle: acc.Role.Idle()}
	change := &account.Change{Tokens: []account.Token{session}, Tries: map[string]account.Tries{"user:" + acc.User: {}}}
	if err := a.record(c, actor(acc), hall.LoggedIn, acc.User, string(acc.Role), change); err != nil {
		return err
	}
	c.Cookie(&fiber.Cookie{Name: cookieName, Value: t, Path: "/", HTTPOnly: true, SameSite: fiber.CookieSameSiteStrictMode,
		MaxAge: int(sessionTime.Seconds()), Secure: c.Protocol() == "https"})
	s := a.session(acc)
	s.Token = t
	return c.Status(http.StatusCreated).JSON(s)
}

// enter judges a login and counts a failure against the user and the source.
func (a *API) enter(ctx context.Context, in wire.Login, source string) (*account.Account, error) {
	lock := a.door.of(in.User)
	lock.Lock()
	defer lock.Unlock()
	user, from := "user:"+in.User, "source:"+source
	for _, subject := range []string{user, from} {
		if err := a.mayTry(ctx, subject); err != nil {
			return nil, err
		}
	}
	acc, err := a.Accounts.Account(ctx, in.User)
	if err != nil {
		return nil, err
	}
	ok, err := a.door.check(ctx, acc, in.Password)
	if err != nil {
		return nil, err
	}
	if ok && !acc.Usable() {
		return nil, errNotUsable
	}
	if ok {
		return acc, nil
	}
	if err := a.failed(ctx, hall.RecordAccess{User: in.User, Source: source}, map[string]int{user: account.AccountFailures, from: account.SourceFailures}); err != nil {
		return nil, err
	}
	return nil, errLogin
}

func (a *API) mayTry(ctx context.Context, subject string) error {
	tries, err := a.Accounts.Tries(ctx, subject)
	if err != nil {
		return err
	}
	if wait := tries.Locked(time.Now()); wait > 0 {
		minutes := strconv.Itoa(int((wait + time.Minute - 1) / time.Minute))
		e := refusal(http.StatusTooManyRequests, "locked", "密码输错次数太多，已暂停登录。请 "+minutes+" 分钟后再试，或请安全保密管理员解锁。")
		e.RetryAfterS = int((wait + time.Second - 1) / time.Second)
		return e
	}
	return nil
}

// failed counts one more failure against each subject, by its limit, and records it.
func (a *API) failed(ctx context.Context, r hall.RecordAccess, limits map[string]int) error {
	r.What = hall.LoginFailed
	change := &account.Change{Tries: map[string]account.Tries{}}
	for subject, limit := range limits {
		tries, err := a.Accounts.Tries(ctx, subject)
		if err != nil {
			return err
		}
		tries = tries.Failed(time.Now(), limit)
		if change.Tries[subject] = tries; tries.Locked(time.Now()) > 0 {
			r.What = hall.LoginLocked
		}
	}
	return a.recordFrom(ctx, hall.System, r, change)
}

// record writes an act about an account into the journal, and what it changes, before it is answered.
func (a *API) record(c *fiber.Ctx, by hall.Actor, what hall.Access, user, note string, change *account.Change) error {
	return a.recordFrom(c.UserContext(), by, hall.RecordAccess{What: what, User: user, Source: a.source(c), Note: note}, change)
}

func (a *API) session(acc *account.Account) wire.Session {
	return wire.Session{User: acc.User, Name: acc.Name, Role: string(acc.Role), Window: acc.Window, Department: acc.Department,
		Zone: a.Hall.View().Layout.Zone, Demo: a.Demo, MustChange: acc.MustChange}
}

func (a *API) whoAmI(c *fiber.Ctx) error { return c.JSON(a.session(who(c))) }

func (a *API) logout(c *fiber.Ctx) error {
	t, _ := token(c, false)
	if err := a.record(c, actor(who(c)), hall.LoggedOut, who(c).User, "", &account.Change{Token: account.Digest(t)}); err != nil {
		return err
	}
	a.auth.revoke(who(c).User)
	c.Cookie(&fiber.Cookie{Name: cookieName, Path: "/", Expires: time.Unix(1, 0)}) // ClearCookie's has the path of this route
	return c.SendStatus(http.StatusNoContent)
}

// changePassword takes the old password once more: a page left open must not be enough.
func (a *API) changePassword(c *fiber.Ctx) error {
	var in wire.PasswordChange
	if err := body(c, &in); err != nil {
		return err
	}
	ctx, me := c.UserContext(), who(c)
	if _, err := a.enter(ctx, wire.Login{User: me.User, Password: in.Old}, a.source(c)); errors.Is(err, errLogin) {
		return refusal(http.StatusUnprocessableEntity, "wrong_password", "原密码不对。请重新输入。") // the session is good: no 401
	} else if err != nil {
		return err
	}
	last, err := a.Accounts.Passwords(ctx, me.User)
	if err != nil {
		return err
	}
	if why := account.CheckNew(in.New, me.User, last); why != "" {
		return refusal(http.StatusUnprocessableEntity, "weak_password", why)
	}
	change := &account.Change{Passwords: []account.Account{{User: me.User, Password: account.HashPassword(in.New)}},
		Tries: map[string]account.Tries{"user:" + me.User: {}}}
	if err := a.record(c, actor(me), hall.PasswordChanged, me.User, "", change); err != nil {
		return err
	}
	a.auth.revoke(me.User)
	return c.SendStatus(http.StatusNoContent)
}
