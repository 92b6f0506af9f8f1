package city

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"yitang/city/ledger"
	"yitang/city/register"
	"yitang/server/account"
)

// Bounds of the door, as in a hall.
const (
	sessionFor   = 12 * time.Hour
	touchEvery   = time.Minute // a session's last act is noted
	hashesAtOnce = 2           // a password takes 20 ms and 19 MiB to check, by intention
	hashWithin   = 5 * time.Second
)

// idle is how long a session may do nothing.
func idle(r register.Role) time.Duration {
	if r == register.Admin {
		return account.System.Idle()
	}
	return account.Clerk.Idle()
}

// door lets people in. Who is inside and who has guessed stands in the database: a city that is restarted logs nobody out.
type door struct {
	hashing chan struct{}
	dummy   string // is checked for users that do not exist, which must take as long as for others
}

func newDoor() *door {
	return &door{hashing: make(chan struct{}, hashesAtOnce), dummy: account.HashPassword(account.NewPassword())}
}

// caller is who makes a request.
type caller struct {
	name string
	register.User
}

// who is the user of a token, nil where there is none. Rights are looked up each time: they may have
// been taken away. An act keeps the session from ending for idleness.
func (t *City) who(ctx context.Context, token string, act bool) (*caller, error) {
	if token == "" {
		return nil, nil
	}
	now, digest := time.Now(), account.Digest(token)
	s, err := t.ledger.Session(ctx, digest)
	if err != nil || s == nil {
		return nil, err
	}
	u, known := t.register.Load().Users[s.User]
	if !known || u.Closed || !bytes.Equal(s.Password, account.Digest(u.Password)) || now.Sub(s.Made) > sessionFor || now.Sub(s.Seen) > idle(u.Can()) {
		return nil, t.ledger.DropSession(ctx, digest)
	}
	if act && now.Sub(s.Seen) >= touchEvery {
		if err := t.ledger.TouchSession(ctx, digest, now); err != nil {
			return nil, err
		}
	}
	return &caller{s.User, u}, nil
}

// begin opens a session and returns its token.
func (t *City) begin(ctx context.Context, c *caller) (string, error) {
	token, now := account.NewToken(), time.Now()
	return token, t.ledger.PutSession(ctx, account.Digest(token), ledger.Session{User: c.name, Password: account.Digest(c.Password), Made: now, Seen: now},
		account.Clerk.Idle())
}

// locked is how long a user or a source is locked out.
func (t *City) locked(ctx context.Context, now time.Time, subjects ...string) (wait time.Duration, err error) {
	list, err := t.ledger.Locked(ctx, now)
	for _, s := range subjects {
		wait = max(wait, list[s].Sub(now))
	}
	return wait, err
}

// turn waits for one's turn at the door. The lock is looked at, the password judged and a failure counted in it, so that guesses
// that come together are counted one by one too.
func (d *door) turn(ctx context.Context) (over func(), err error) {
	ctx, stop := context.WithTimeout(ctx, hashWithin)
	defer stop()
	select {
	case d.hashing <- struct{}{}:
		return func() { <-d.hashing }, nil
	case <-ctx.Done():
		return nil, refusal{http.StatusServiceUnavailable, "busy", "登录的人太多，请稍后再试。"}
	}
}

// fits compares a password, or takes as long where there is none.
func (d *door) fits(kept, password string) bool {
	if kept == "" {
		account.CheckPassword(d.dummy, password)
		return false
	}
	return account.CheckPassword(kept, password)
}

// enter judges a user's name and password, and counts failures against the user and the source.
func (t *City) enter(r *http.Request, user, password string) (*caller, error) {
	ctx, source := r.Context(), sourceOf(r)
	over, err := t.door.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer over()
	now := time.Now()
	wait, err := t.locked(ctx, now, "user:"+user, "source:"+source)
	if err != nil {
		return nil, err
	}
	if wait > 0 {
		minutes := int((wait + time.Minute - 1) / time.Minute)
		return nil, refusal{http.StatusTooManyRequests, "locked", fmt.Sprintf("密码输错次数太多，已暂停登录。请 %d 分钟后再试，或请系统管理员解锁。", minutes)}
	}
	u, known := t.register.Load().Users[user]
	kept := u.Password
	if !known || u.Closed {
		kept = ""
	}
	if !t.door.fits(kept, password) {
		t.c.Log.Warn().Str("user", user).Str("source", source).Msg("a login failed")
		err := errors.Join(t.ledger.Failed(ctx, "user:"+user, account.AccountFailures, now), t.ledger.Failed(ctx, "source:"+source, account.SourceFailures, now))
		return nil, cmp.Or(err, error(errLogin))
	}
	return &caller{user, u}, t.ledger.Unlock(ctx, "user:"+user)
}

// sourceOf is the address that a request comes from.
func sourceOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
