package api

import (
	"cmp"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"yitang/server/account"
)

// Times bound what a client may take. The zero value stands for the defaults.
type Times struct {
	Read  time.Duration // for a whole request, its TLS handshake included: who drips bytes is cut off
	Write time.Duration // for a whole answer
	Idle  time.Duration // between two requests of a connection
	Ping  time.Duration // between two questions on a socket whether the client is alive, and whether it may still listen
}

// The defaults of Times.
const (
	readTimeout  = 10 * time.Second
	writeTimeout = 20 * time.Second
	idleTimeout  = 60 * time.Second
	pingEvery    = 10 * time.Second
)

func (t Times) complete() Times {
	return Times{Read: cmp.Or(t.Read, readTimeout), Write: cmp.Or(t.Write, writeTimeout), Idle: cmp.Or(t.Idle, idleTimeout), Ping: cmp.Or(t.Ping, pingEvery)}
}

// rate is how many requests a second may come in the long run, and how many at once.
type rate struct {
	perSecond float64
	burst     int
}

// The limits. They are far above what a person, a page or a device does, and stop a program that runs wild or guesses.
// This machine's own programs have none: whoever is on it can stop the hall anyway, and a bench measures the hall.
func perAnonymous() rate { return rate{perSecond: 50, burst: 500} }   // an address, without a valid token: pages, tracking, wrong tokens
func perKnock() rate     { return rate{perSecond: 5, burst: 60} }     // an address, where somebody without a token may change something: logins, codes, grades
func perPerson() rate    { return rate{perSecond: 30, burst: 300} }   // an account of a person
func perDevice() rate    { return rate{perSecond: 300, burst: 3000} } // a device's token; a kiosk asks for a few tickets a minute

// limiterSize bounds how many sources and accounts are remembered.
const limiterSize = 16384

// limiter is one bucket a source or account (GCRA, ITU-T I.371: only the time up to which a bucket has been used is kept).
type limiter struct {
	mu   sync.Mutex
	used map[string]time.Time
}

// take takes one request out of a bucket; else it says how long until there is room.
func (l *limiter) take(key string, r rate, now time.Time) time.Duration {
	each := time.Duration(float64(time.Second) / r.perSecond)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.used == nil || len(l.used) >= limiterSize {
		l.sweep(now)
	}
	at := later(l.used[key], now)
	if wait := at.Add(each).Sub(now) - each*time.Duration(r.burst); wait > 0 {
		return wait
	}
	l.used[key] = at.Add(each)
	return 0
}

// sweep forgets buckets that are full again, and all of them where that is not enough: better a limit less than no memory.
func (l *limiter) sweep(now time.Time) {
	for key, used := range l.used {
		if !used.After(now) {
			delete(l.used, key)
		}
	}
	if l.used == nil || len(l.used) >= limiterSize {
		l.used = map[string]time.Time{}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// limit refuses one request too many, from a source or, where it is known, of an account.
func (a *API) limit(c *fiber.Ctx, who *account.Account, knock bool) error {
	from := a.source(c)
	if ip := net.ParseIP(from); ip != nil && ip.IsLoopback() {
		return nil
	}
	now := time.Now()
	if knock {
		if err := tooMany(a.limiter.take("knock "+network(from), perKnock(), now)); err != nil {
			return err
		}
	}
	switch {
	case who == nil:
		return tooMany(a.limiter.take("source "+network(from), perAnonymous(), now))
	case slices.Contains(account.Devices(), who.Role):
		return tooMany(a.limiter.take("account "+who.User, perDevice(), now))
	}
	return tooMany(a.limiter.take("account "+who.User, perPerson(), now))
}

func tooMany(wait time.Duration) error {
	if wait <= 0 {
		return nil
	}
	return comeAgain(wait, "too_many_requests", "请求太频繁")
}

// comeAgain asks to come again later, in words and in the header Retry-After.
func comeAgain(wait time.Duration, code, why string) error {
	seconds := int((wait + time.Second - 1) / time.Second)
	e := refusal(http.StatusTooManyRequests, code, why+"，请 "+strconv.Itoa(seconds)+" 秒后再试。")
	e.RetryAfterS = seconds
	return e
}

// source is the address that a request comes from: the peer's, or what a proxy in front of the hall says of it; or another hall.
func (a *API) source(c *fiber.Ctx) string {
	if from := asking(c); from != "" {
		return "hall " + from
	}
	peer := c.Context().RemoteIP().String()
	if !slices.Contains(a.Proxies, peer) {
		return peer
	}
	said := strings.Split(c.Get(fiber.HeaderXForwardedFor), ",")
	last := strings.TrimSpace(said[len(said)-1]) // the proxy's own word; what stands before it is the client's
	if net.ParseIP(last) == nil {
		return peer
	}
	return last
}

// network is what a limit counts as one source: an address, of IPv6 the half that a client cannot choose.
func network(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil || addr.Unmap().Is4() {
		return ip
	}
	p, err := addr.Prefix(64)
	if err != nil {
		return ip
	}
	return p.String()
}
