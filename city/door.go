package city

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"yitang/city/register"
	"yitang/server/account"
)

// Bounds of the door, as in a hall.
const (
	sessionFor   = 12 * time.Hour
	maxSessions  = 10_000
	maxSubjects  = 10_000 // users and sources whose failures are remembered
	hashesAtOnce = 2      // a password takes 20 ms and 19 MiB to check, by intention
	hashWithin   = 5 * time.Second
	maxUserBytes = 64
)

// idle is how long a session may do nothing.
func idle(r register.Role) time.Duration {
	if r == register.Admin {
		return account.System.Idle()
	}
	return account.Clerk.Idle()
}

// door lets people in and knows who is inside. What it knows ends with the city's process.
type door struct {
	mu      sync.Mutex
	inside  map[string]*session // by the digest of the token
	tries   map[string]account.Tries
	hashing chan struct{}
	dummy   string // is checked for users that do not exist, which must take as long as for others
}

type session struct {
	user       string
	password   string // the hash that it was opened with: a new password ends the session
	made, seen time.Time
}

func newDoor() *door {
	return &door{inside: map[string]*session{}, tries: map[string]account.Tries{}, hashing: make(chan struct{}, hashesAtOnce),
		dummy: account.HashPassword(account.NewPassword())}
}

// caller is who makes a request.
type caller struct {
	name string
	register.User
}

func digest(token string) string { return string(account.Digest(token)) }

// who is the user of a token, nil where there is none. Rights are looked up each time: they may have
// been taken away. An act keeps the session from ending for idleness.
func (d *door) who(token string, r *register.Register, now time.Time, act bool) *caller {
	d.mu.Lock()
	defer d.mu.Unlock()
	k := digest(token)
	s := d.inside[k]
	if s == nil {
		return nil
	}
	u, known := r.Users[s.user]
	if !known || u.Closed || u.Password != s.password || now.Sub(s.made) > sessionFor || now.Sub(s.seen) > idle(u.Can()) {
		delete(d.inside, k)
		return nil
	}
	if act {
		s.seen = now
	}
	return &caller{s.user, u}
}

// begin opens a session and returns its token.
func (d *door) begin(c *caller, now time.Time) string {
	token := account.NewToken()
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.inside) >= maxSessions {
		for k, s := range d.inside {
			if now.Sub(s.seen) > account.System.Idle() {
				delete(d.inside, k)
			}
		}
	}
	d.inside[digest(token)] = &session{c.name, c.Password, now, now}
	return token
}

func (d *door) end(token string) {
	d.mu.Lock()
	delete(d.inside, digest(token))
	d.mu.Unlock()
}

// locked is how long a user or a source is locked out.
func (d *door) locked(now time.Time, subjects ...string) (wait time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range subjects {
		wait = max(wait, d.tries[s].Locked(now))
	}
	return wait
}

func (d *door) failed(subject string, limit int, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.tries) >= maxSubjects {
		for k, t := range d.tries {
			if now.Sub(t.Last) > account.LockFor && t.Locked(now) == 0 {
				delete(d.tries, k)
			}
		}
	}
	d.tries[subject] = d.tries[subject].Failed(now, limit)
}

func (d *door) unlock(user string) {
	d.mu.Lock()
	delete(d.tries, "user:"+user)
	d.mu.Unlock()
}

// check compares a password, or takes as long where there is none.
func (d *door) check(ctx context.Context, kept, password string) (bool, error) {
	ctx, stop := context.WithTimeout(ctx, hashWithin)
	defer stop()
	select {
	case d.hashing <- struct{}{}:
		defer func() { <-d.hashing }()
	case <-ctx.Done():
		return false, refusal{http.StatusServiceUnavailable, "busy", "登录的人太多，请稍后再试。"}
	}
	if kept == "" {
		account.CheckPassword(d.dummy, password)
		return false, nil
	}
	return account.CheckPassword(kept, password), nil
}

// enter judges a user's name and password, and counts failures against the user and the source.
func (t *City) enter(r *http.Request, user, password string) (*caller, error) {
	now, source := time.Now(), sourceOf(r)
	if wait := t.door.locked(now, "user:"+user, "source:"+source); wait > 0 {
		minutes := int((wait + time.Minute - 1) / time.Minute)
		return nil, refusal{http.StatusTooManyRequests, "locked", fmt.Sprintf("密码输错次数太多，已暂停登录。请 %d 分钟后再试，或请系统管理员解锁。", minutes)}
	}
	u, known := t.register.Load().Users[user]
	kept := u.Password
	if !known || u.Closed {
		kept = ""
	}
	ok, err := t.door.check(r.Context(), kept, password)
	if err != nil {
		return nil, err
	}
	if !ok {
		t.door.failed("user:"+user, account.AccountFailures, now)
		t.door.failed("source:"+source, account.SourceFailures, now)
		t.c.Log.Warn().Str("user", user).Str("source", source).Msg("a login failed")
		return nil, errLogin
	}
	t.door.unlock(user)
	return &caller{user, u}, nil
}

// sourceOf is the address that a request comes from.
func sourceOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
