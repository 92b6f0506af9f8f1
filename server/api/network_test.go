package api_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"yitang/db"
	"yitang/server/account"
	"yitang/server/api"
	"yitang/server/halltest"
	"yitang/server/wire"
)

// behindProxy is a hall that takes 127.0.0.1 for its proxy, so that a test can come from anywhere.
func behindProxy(t *testing.T) *halltest.Hall {
	h := halltest.Make(t, 1)
	h.Proxies = []string{"127.0.0.1"}
	h.Start()
	return h
}

func from(address string, r halltest.Request) halltest.Request {
	r.Header = http.Header{"X-Forwarded-For": {address}}
	return r
}

// until sends a request again and again until it is refused, and returns after how many.
func until(h *halltest.Hall, r halltest.Request, most int) (int, halltest.Answer) {
	h.Helper()
	for i := range most {
		if a := h.Send(r); a.Status == http.StatusTooManyRequests {
			return i, a
		}
	}
	return most, halltest.Answer{}
}

// TestLimits: a source and an account that ask too much are told when to come again, others are not; devices may ask ten
// times as much, and this machine's own programs as they like.
func TestLimits(t *testing.T) {
	h := behindProxy(t)
	get := func(token string) halltest.Request {
		return halltest.Request{Method: http.MethodGet, Path: "/api/v1/session", Token: token}
	}
	n, a := until(h, from("10.0.0.7", get("wrong")), 5000)
	if wait, err := strconv.Atoi(a.Header.Get("Retry-After")); n < 400 || n == 5000 || err != nil || wait < 1 || a.Code() != "too_many_requests" || !strings.Contains(string(a.Body), "请求太频繁，请 1 秒后再试。") {
		t.Errorf("an anonymous source: after %d, %v %s", n, a.Header, a.Body)
	}
	if a := h.Send(from("10.0.0.8", get("wrong"))); a.Status != 401 {
		t.Errorf("another source: %d", a.Status)
	}
	if a := h.Send(from("6.6.6.6, 10.0.0.7", get("wrong"))); a.Status != 429 && a.Status != 401 {
		t.Errorf("with a made-up address in front: %d", a.Status)
	}
	if n, _ := until(h, from("10.0.0.7", get(h.Tokens[account.Clerk])), 100); n < 100 {
		t.Errorf("a clerk at the address that asked too much was refused after %d", n)
	}
	if n, _ := until(h, from("10.0.0.9", get(h.Tokens[account.Manager])), 3000); n < 200 || n == 3000 {
		t.Errorf("a person was refused after %d", n)
	}
	if n, _ := until(h, from("10.0.0.9", get(h.Tokens[account.Kiosk])), 1500); n < 1500 {
		t.Errorf("a kiosk was refused after %d", n)
	}
	if n, _ := until(h, from("2001:db8::1", halltest.Request{Method: http.MethodPost, Path: "/api/v1/track/x/cancel"}), 1000); n < 50 || n == 1000 {
		t.Errorf("who has no token and would change something was refused after %d", n)
	}
	if a := h.Send(from("2001:db8::2", halltest.Request{Method: http.MethodPost, Path: "/api/v1/track/x/cancel"})); a.Status != 429 {
		t.Errorf("an address of the same IPv6 network: %d", a.Status)
	}
	h.Proxies = nil
	h.Restart()
	if n, a := until(h, from("10.0.0.7", get("wrong")), 1500); n < 1500 {
		t.Errorf("this machine was refused after %d: %s", n, a.Body)
	}
}

// TestOtherSitesChangeNothing sends each route of the description that changes something, or opens a socket, from another
// site's page, and with a session's cookie but without a word of where it comes from.
func TestOtherSitesChangeNothing(t *testing.T) {
	h := halltest.New(t, 1)
	cookie := strings.Split(login(h, "clerk1", halltest.Password).Header.Get("Set-Cookie"), ";")[0]
	host, checked := strings.TrimPrefix(h.URL, "http://"), 0
	for _, o := range operations(h) {
		for name, c := range map[string]struct {
			header  http.Header
			refused bool
		}{
			"another site":               {http.Header{"Origin": {"http://evil.example"}, "Cookie": {cookie}}, true},
			"another site, no cookie":    {http.Header{"Origin": {"http://evil.example"}}, true},
			"another port":               {http.Header{"Origin": {"http://127.0.0.1:1"}, "Cookie": {cookie}}, true},
			"a form of nobody knows who": {http.Header{"Cookie": {cookie}}, o.method != "GET"},
			"a hall's own page":          {http.Header{"Origin": {"http://" + host}, "Cookie": {cookie}}, false},
		} {
			if o.method == "DELETE" && !c.refused || o.path == "/metrics" || o.path == "/api/v1/session/password" && !c.refused {
				continue // would end the session
			}
			checked++
			a := h.Send(halltest.Request{Method: o.method, Path: fillPath(o.path), Header: c.header})
			if got := a.Code() == "wrong_origin"; got != c.refused || got && a.Status != http.StatusForbidden {
				t.Errorf("%s from %s: %d %s", o, name, a.Status, a.Body)
			}
		}
	}
	if checked < 300 {
		t.Errorf("only %d requests were sent", checked)
	}
}

// TestHeadersOnEveryPage: no page runs what the hall did not send, is framed by others, or is kept where it says of cases.
func TestHeadersOnEveryPage(t *testing.T) {
	h := halltest.New(t, 1)
	for _, path := range []string{"/", "/kiosk", "/screen/hall-1", "/window", "/department", "/delivery", "/guide", "/rating/1", "/rating/t/x",
		"/manager", "/manager/screens", "/admin", "/trust", "/t/x", "/api/docs", "/assets/x.js", "/nothing", "/api/v1/catalogue", "/healthz"} {
		a := h.Send(halltest.Request{Method: http.MethodGet, Path: path})
		policy := a.Header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "script-src 'self';") || strings.Contains(policy, "unsafe") || !strings.Contains(policy, "frame-ancestors 'self'") {
			t.Errorf("%s: policy %q", path, policy)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "SAMEORIGIN", "Referrer-Policy": "no-referrer",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin"} {
			if got := a.Header.Get(name); got != want {
				t.Errorf("%s: %s %q", path, name, got)
			}
		}
		if a.Header.Get("Permissions-Policy") == "" {
			t.Errorf("%s: no Permissions-Policy", path)
		}
		if api := strings.HasPrefix(path, "/api/v1/"); api && a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be kept: %q", path, a.Header.Get("Cache-Control"))
		}
	}
}

// TestBounds: bodies and heads have an end.
func TestBounds(t *testing.T) {
	h := halltest.New(t, 1)
	for size, want := range map[int]int{60 << 10: 400, 70 << 10: 413} {
		a, err := h.Try(halltest.Request{Method: http.MethodPost, Path: "/api/v1/tickets", Token: h.Tokens[account.Kiosk], Body: strings.Repeat("x", size)})
		if err == nil && a.Status != want || err != nil && want != 413 { // the server may close while the rest is still being sent
			t.Errorf("a body of %d bytes: %d %v, want %d", size, a.Status, err, want)
		}
	}
	a, err := h.Try(halltest.Request{Method: http.MethodGet, Path: "/healthz", Header: http.Header{"X-Long": {strings.Repeat("x", 16<<10)}}})
	if err == nil && a.Status != 431 {
		t.Errorf("a head of 16 kB: %d", a.Status)
	}
}

// TestSlowClientsAreCut: who drips a head or a body, or keeps a connection and asks nothing, does not keep it.
func TestSlowClientsAreCut(t *testing.T) {
	h := halltest.Make(t, 1)
	h.Times = api.Times{Read: 200 * time.Millisecond, Idle: 200 * time.Millisecond}
	h.Start()
	host := strings.TrimPrefix(h.URL, "http://")
	for name, first := range map[string]string{
		"nothing":           "",
		"half a head":       "GET /healthz HTTP/1.1\r\nHost: x\r\n",
		"half a body":       "POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
		"a request, no end": "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		conn, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(patience))
		if _, err := conn.Write([]byte(first)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, bufio.NewReader(conn)); errors.Is(err, context.DeadlineExceeded) || isTimeout(err) {
			t.Errorf("%s: the connection was kept", name)
		}
		_ = conn.Close()
	}
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

// ends reads a socket until it is closed and returns the code.
func ends(h *halltest.Hall, conn *websocket.Conn) int {
	h.Helper()
	for {
		if _, _, err := conn.ReadMessage(); err != nil {
			var c *websocket.CloseError
			if !errors.As(err, &c) {
				h.Fatalf("the socket ended without a word: %v", err)
			}
			return c.Code
		}
	}
}

// TestSocketsEndWithTheirSession: a socket is cut when its session is ended, its account suspended, its device revoked, when
// its user logs out, and when nothing was done for too long though the page is open.
func TestSocketsEndWithTheirSession(t *testing.T) {
	h := halltest.Make(t, 1)
	idle, now := account.NewToken(), time.Now()
	data, err := db.Open(h.Dir)
	if err != nil {
		t.Fatal(err)
	}
	// Made later: it begins to be idle when the socket is opened, however long the hall takes to start.
	err = errors.Join(data.PutToken(t.Context(), account.Token{Digest: account.Digest(idle), User: "guide", Made: now.Add(time.Hour), Idle: 3 * time.Second}), data.Close())
	if err != nil {
		t.Fatal(err)
	}
	h.Times = api.Times{Ping: 100 * time.Millisecond}
	h.Start()
	idling, staying := dial(h, "/ws/hall", idle), dial(h, "/ws/hall", h.Tokens[account.Manager])
	o := office{Hall: h, system: h.Tokens[account.System], security: h.Tokens[account.Security]}
	fresh := func() string {
		return halltest.Into[struct{ Token string }](h, login(h, "clerk1", halltest.Password)).Token
	}
	for name, c := range map[string]struct {
		path, token string
		end         func(token string)
	}{
		"logged out": {"/ws/hall", fresh(), func(token string) {
			h.Send(halltest.Request{Method: http.MethodDelete, Path: "/api/v1/session", Token: token})
		}},
		"ended by security": {"/ws/hall", fresh(), func(token string) {
			h.Send(halltest.Request{Method: http.MethodDelete, Path: "/api/v1/admin/sessions/" + account.SessionID(account.Digest(token)), Token: o.security})
		}},
		"revoked": {"/ws/screens/hall-1", h.Tokens[account.Screen], func(string) {
			h.Post(200, o.system, "/api/v1/admin/devices/screen/revoke", "", nil)
		}},
	} {
		conn := dial(h, c.path, c.token)
		read(h, conn)
		c.end(c.token)
		if code := ends(h, conn); code != websocket.ClosePolicyViolation {
			t.Errorf("%s: closed with %d", name, code)
		}
	}
	suspended := dial(h, "/ws/hall", fresh())
	o.act(200, o.security, "clerk1", "suspend", nil)
	if code := ends(h, suspended); code != websocket.ClosePolicyViolation {
		t.Errorf("suspended: closed with %d", code)
	}
	if code := ends(h, idling); code != websocket.ClosePolicyViolation {
		t.Errorf("idle: closed with %d", code)
	}
	read(h, staying)
}

// TestBackgroundIsNoAct: what a page asks by itself does not keep a session from ending.
func TestBackgroundIsNoAct(t *testing.T) {
	h := halltest.Make(t, 1)
	begun := time.Now().Add(-29 * time.Minute)
	data, err := db.Open(h.Dir)
	if err != nil {
		t.Fatal(err)
	}
	token := account.NewToken()
	if err := data.PutToken(t.Context(), account.Token{Digest: account.Digest(token), User: "clerk1", Made: begun, Idle: 30 * time.Minute}); err != nil {
		t.Fatal(err)
	}
	if err := data.Close(); err != nil {
		t.Fatal(err)
	}
	h.Start()
	seen := func() time.Time {
		for _, s := range sessionsOf(h) {
			if s.ID == account.SessionID(account.Digest(token)) {
				return *s.Seen
			}
		}
		t.Fatal("the session is gone")
		return time.Time{}
	}
	h.Send(halltest.Request{Method: http.MethodGet, Path: "/api/v1/session", Token: token, Header: http.Header{"X-Yitang-Background": {"1"}}})
	if got := seen(); got.After(begun.Add(time.Minute)) {
		t.Errorf("a page's own question counts as an act at %v", got)
	}
	h.Get(200, token, "/api/v1/session")
	if got := seen(); got.Before(begun.Add(time.Minute)) {
		t.Errorf("an act does not count: %v", got)
	}
}

func sessionsOf(h *halltest.Hall) []wire.AccountSession {
	h.Helper()
	return halltest.Into[wire.AccountSessions](h, h.Get(200, h.Tokens[account.Security], "/api/v1/admin/sessions")).Sessions
}
