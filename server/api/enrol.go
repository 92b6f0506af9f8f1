package api

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"yitang/server/account"
	"yitang/server/wire"
)

// Bounds of what waits to be let in. Whoever is in the hall's network may ask, so it must not fill the memory, nor the
// administrator's page.
const (
	enrolFor       = 30 * time.Minute // a code is good for that long
	enrolMost      = 100
	enrolPerSource = 10
)

// enrolments are the devices that wait, and those let in that have not fetched their token yet. They are not kept: after a
// restart a device asks anew.
type enrolments struct {
	mu   sync.Mutex
	list []*enrolment
}

// enrolment is one of them.
type enrolment struct {
	code     string
	secret   []byte // digest
	want     account.Account
	source   string
	asked    time.Time
	approved *account.Account // nil while it waits
	token    string           // of the approved device
}

// ask takes a device in; an empty code when too many wait.
func (l *enrolments) ask(now time.Time, want account.Account, source string) (code, secret string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(now)
	waiting, fromThere := 0, 0
	for _, e := range l.list {
		waiting++
		if e.source == source {
			fromThere++
		}
	}
	if waiting >= enrolMost || fromThere >= enrolPerSource {
		return "", ""
	}
	secret = account.NewToken()
	for code = account.NewDigits(); l.find(code) != nil; {
		code = account.NewDigits()
	}
	l.list = append(l.list, &enrolment{code: code, secret: account.Digest(secret), want: want, source: source, asked: now})
	return code, secret
}

func (l *enrolments) sweep(now time.Time) {
	l.list = slices.DeleteFunc(l.list, func(e *enrolment) bool { return now.Sub(e.asked) >= enrolFor })
}

func (l *enrolments) find(code string) *enrolment {
	for _, e := range l.list {
		if e.code == code {
			return e
		}
	}
	return nil
}

// waiting returns the one with the code, if it still waits.
func (l *enrolments) waiting(now time.Time, code string) (enrolment, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(now)
	e := l.find(code)
	if e == nil || e.approved != nil {
		return enrolment{}, false
	}
	return *e, true
}

// settle lets it in as a device with a token, or takes it away when as is nil.
func (l *enrolments) settle(code string, as *account.Account, token string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if as == nil {
		l.list = slices.DeleteFunc(l.list, func(e *enrolment) bool { return e.code == code })
	} else if e := l.find(code); e != nil {
		e.approved, e.token = as, token
	}
}

// claim returns what has become of the one with the secret. It may be asked again: an answer may get lost.
func (l *enrolments) claim(now time.Time, secret string) (enrolment, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(now)
	digest := string(account.Digest(secret))
	for _, e := range l.list {
		if string(e.secret) == digest {
			return *e, true
		}
	}
	return enrolment{}, false
}

// all lists those that wait, the newest first.
func (l *enrolments) all(now time.Time) []wire.WaitingDevice {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(now)
	out := []wire.WaitingDevice{}
	for _, e := range slices.Backward(l.list) {
		if e.approved == nil {
			out = append(out, wire.WaitingDevice{Code: e.code, Role: string(e.want.Role), Name: e.want.User, Window: e.want.Window,
				Source: e.source, AskedAt: e.asked})
		}
	}
	return out
}

// enrolRoles are what may ask to be let in; a program of another system gets its token from the console.
func enrolRoles() []account.Role {
	return []account.Role{account.Kiosk, account.Screen, account.Counter}
}

func (a *API) enrol(c *fiber.Ctx) error {
	var in wire.EnrolmentRequest
	if err := body(c, &in); err != nil {
		return err
	}
	want := account.Account{User: in.Name, Name: in.Name, Role: account.Role(in.Role), Window: in.Window}
	if !slices.Contains(enrolRoles(), want.Role) {
		return refusal(http.StatusUnprocessableEntity, "invalid", "role：“"+in.Role+"”不能登记，可用 "+strings.Join(words(enrolRoles()), "、")+"。")
	}
	windows, _ := a.places()
	if why := want.Check(windows, nil); why != "" {
		return refusal(http.StatusUnprocessableEntity, "invalid", why)
	}
	now := time.Now()
	code, secret := a.enrolments.ask(now, want, a.source(c))
	if code == "" {
		return refusal(http.StatusTooManyRequests, "too_many_devices", "等待批准的设备太多。请系统管理员先处理，再重试。")
	}
	return c.Status(http.StatusCreated).JSON(wire.Enrolment{Code: code, Secret: secret, ExpiresAt: now.Add(enrolFor)})
}

func (a *API) claim(c *fiber.Ctx) error {
	var in wire.EnrolmentClaim
	if err := body(c, &in); err != nil {
		return err
	}
	e, ok := a.enrolments.claim(time.Now(), in.Secret)
	if !ok {
		return refusal(http.StatusNotFound, "enrolment_gone", "这个登记已过期或被拒绝。请重新登记。")
	}
	if e.approved == nil {
		return c.JSON(wire.Enrolled{State: "waiting"})
	}
	return c.JSON(wire.Enrolled{State: "approved", Device: e.approved.User, Role: string(e.approved.Role), Window: e.approved.Window, Token: e.token})
}
