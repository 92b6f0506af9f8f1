package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"yitang/server/account"
	"yitang/server/halltest"
)

// TestRoles sends each role, nobody and a made-up token to each route of the served description: allowed, or 401 or 403
// with the error's shape.
func TestRoles(t *testing.T) {
	h := halltest.New(t, 1)
	ops := operations(h)
	if len(ops) < 25 {
		t.Fatalf("only %d routes are described", len(ops))
	}
	path := strings.NewReplacer("{window}", "1", "{ticket}", "20250603-A001", "{screen}", "hall-1", "{device}", "k1", "{part}", "printer", "{code}", "x", "{case}", "20250603-0001", "{paper}", "acceptance", "{rating}", "20250603-A001-1", "{webhook}", "x", "{letter}", "1", "{user}", "nobody", "{session}", "x", "{code}", "x")
	for _, o := range ops {
		send := func(token string) halltest.Answer {
			return h.Send(halltest.Request{Method: o.method, Path: path.Replace(o.path), Token: token})
		}
		for _, token := range []string{"", "made-up"} {
			a := send(token)
			if open := len(o.Roles) == 0; open != (a.Code() != "not_logged_in") || !open && a.Status != http.StatusUnauthorized {
				t.Errorf("%s with token %q: %d %s", o, token, a.Status, a.Body)
			}
		}
		for _, role := range account.Roles() {
			a := send(h.Tokens[role])
			refused := a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden
			switch {
			case len(o.Roles) == 0:
				if a.Status == http.StatusForbidden || a.Code() == "not_logged_in" {
					t.Errorf("%s is open to everybody, but %s got %d %s", o, role, a.Status, a.Body)
				}
			case slices.Contains(o.Roles, role):
				if refused || a.Status >= 500 || a.Status == http.StatusNotFound && a.Code() == "" {
					t.Errorf("%s is for %s, who got %d %s", o, role, a.Status, a.Body)
				}
			case a.Status != http.StatusForbidden || a.Code() != "forbidden":
				t.Errorf("%s is not for %s, who got %d %s", o, role, a.Status, a.Body)
			}
		}
	}
}

// TestRoleTable holds the roles that the contract names.
func TestRoleTable(t *testing.T) {
	for _, o := range operations(halltest.New(t, 1)) {
		switch {
		case o.path == "/api/v1/tickets":
			if !slices.Equal(o.Roles, []account.Role{account.Kiosk, account.Guide}) {
				t.Errorf("%s is for %v", o, o.Roles)
			}
		case strings.HasPrefix(o.path, "/api/v1/windows/"):
			if slices.Contains(o.Roles, account.Kiosk) || slices.Contains(o.Roles, account.Screen) || len(o.Roles) == 0 {
				t.Errorf("%s is for %v", o, o.Roles)
			}
		case strings.HasPrefix(o.path, "/api/v1/appointments"): // whoever books, and whoever has the page; what is the staff's is not open
			if (o.path == "/api/v1/appointments/look" || o.path == "/api/v1/appointments" && o.method == http.MethodGet) && len(o.Roles) == 0 {
				t.Errorf("%s is open to everybody", o)
			}
		case strings.HasPrefix(o.path, "/api/v1/track/{code}"): // whoever holds the ticket: its code is unguessable
		case o.method != http.MethodGet && len(o.Roles) == 0 && o.path != "/api/v1/sessions" && o.path != "/api/v1/setup" && !strings.HasPrefix(o.path, "/api/v1/enrolments"):
			t.Errorf("%s changes something and is open to everybody", o)
		}
	}
}

// TestOrigin refuses what another site's page sends, before it looks at the token; the hall's own pages may.
func TestOrigin(t *testing.T) {
	h := halltest.New(t, 1)
	host := strings.TrimPrefix(h.URL, "http://")
	for origin, want := range map[string]int{"http://" + host: 200, "https://" + host: 200, "http://evil.example": 403, "null": 403,
		"http://" + host + ".evil.example": 403, "http://": 403, "http://evil.example@" + host: 200} {
		for _, r := range []halltest.Request{
			{Method: http.MethodGet, Path: "/api/v1/session", Token: h.Tokens[account.Clerk]},
			{Method: http.MethodPost, Path: "/api/v1/windows/1/close", Token: h.Tokens[account.Clerk]},
		} {
			r.Header = http.Header{"Origin": {origin}}
			a := h.Send(r)
			if a.Status != want || want == 403 && a.Code() != "wrong_origin" {
				t.Errorf("%s from %s: %d %s", r.Path, origin, a.Status, a.Body)
			}
		}
	}
}

// TestSession logs in, uses the cookie and the token, and logs out, after which neither is worth anything.
func TestSession(t *testing.T) {
	h := halltest.New(t, 2)
	for _, body := range []string{`{"user":"clerk1","password":"wrong"}`, `{"user":"nobody","password":"wrong"}`, `{"user":"kiosk","password":""}`, `{}`, ``} {
		if a := h.Post(401, "", "/api/v1/sessions", "", body); a.Code() != "wrong_password" || a.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %s", body, a.Body)
		}
	}
	a := h.Post(201, "", "/api/v1/sessions", "", `{"user":"clerk1","password":"`+halltest.Password+`"}`)
	s := halltest.Into[struct{ User, Role, Window, Token string }](h, a)
	if s.User != "clerk1" || s.Role != "clerk" || s.Window != "1" || s.Token == "" {
		t.Errorf("session %+v", s)
	}
	cookie := a.Header.Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "SameSite=Strict", "path=/"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie lacks %s: %s", want, cookie)
		}
	}
	h.Get(200, s.Token, "/api/v1/session")
	withCookie := halltest.Request{Method: http.MethodGet, Path: "/api/v1/session", Header: http.Header{"Cookie": {strings.Split(cookie, ";")[0]}}}
	if a := h.Send(withCookie); a.Status != 200 || strings.Contains(string(a.Body), s.Token) {
		t.Errorf("with the cookie: %d %s", a.Status, a.Body)
	}
	h.Restart()
	h.Get(200, s.Token, "/api/v1/session")
	if a := h.Send(halltest.Request{Method: http.MethodDelete, Path: "/api/v1/session", Token: s.Token}); a.Status != 204 {
		t.Errorf("logging out: %d %s", a.Status, a.Body)
	}
	h.Get(401, s.Token, "/api/v1/session")
	if a := h.Send(withCookie); a.Status != 401 {
		t.Errorf("the cookie after logging out: %d %s", a.Status, a.Body)
	}
}
