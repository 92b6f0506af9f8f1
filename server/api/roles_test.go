package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"yitang/server/account"
	"yitang/server/halltest"
)

// fillPath puts something in the places of a described path.
func fillPath(path string) string {
	return strings.NewReplacer("{window}", "1", "{ticket}", "20250603-A001", "{screen}", "hall-1", "{device}", "k1", "{part}", "printer",
		"{code}", "x", "{case}", "20250603-0001", "{paper}", "acceptance", "{rating}", "20250603-A001-1", "{webhook}", "x", "{letter}", "1",
		"{user}", "nobody", "{session}", "x").Replace(path)
}

// TestRoles sends a request of nobody, of a made-up token and of each role to every route of the served description, and holds
// the answers against the table in testdata/roles.txt: allowed, or 401 or 403 with the error's shape. A route without a row
// fails. docs/roles.md is the same table for people: -update writes it.
func TestRoles(t *testing.T) {
	h := halltest.New(t, 1)
	rows, ops := roleTable(t), operations(h)
	for _, o := range ops {
		row, ok := rows[o.String()]
		if !ok {
			t.Errorf("%s has no row in testdata/roles.txt: say there who may do it", o)
			continue
		}
		delete(rows, o.String())
		if !slices.Equal(slices.Sorted(slices.Values(rolesOf(row))), slices.Sorted(slices.Values(o.Roles))) {
			t.Errorf("%s is described for %v, the table says %v", o, o.Roles, rolesOf(row))
		}
		for _, who := range columns() {
			tokens := []string{h.Tokens[account.Role(who)]}
			if who == nobody {
				tokens = []string{"", "made-up"}
			}
			for _, token := range tokens {
				a := h.Send(halltest.Request{Method: o.method, Path: fillPath(o.path), Token: token})
				if why := wrongAnswer(a, who, row[who] || row[nobody]); why != "" {
					t.Errorf("%s by %s: %d %s: %s", o, who, a.Status, a.Body, why)
				}
			}
		}
	}
	for row := range rows {
		t.Errorf("testdata/roles.txt has a row for %s, which is no route", row)
	}
	publish(t, ops)
}

// wrongAnswer says what is wrong with an answer to who may do something or may not, or nothing.
func wrongAnswer(a halltest.Answer, who string, may bool) string {
	refused := a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden
	own := a.Code() == "wrong_code" || a.Code() == "wrong_password" // the doors refuse a code or a password, not who asks
	switch {
	case may && (refused && !own || a.Status >= 500 || a.Status == http.StatusNotFound && a.Code() == ""):
		return "the table lets it in"
	case !may && who == nobody && (a.Status != http.StatusUnauthorized || a.Code() != "not_logged_in"):
		return "want 401 not_logged_in"
	case !may && who != nobody && (a.Status != http.StatusForbidden || a.Code() != "forbidden"):
		return "want 403 forbidden"
	}
	return ""
}

// TestWhoMustChangeThePassword may do nothing else.
func TestWhoMustChangeThePassword(t *testing.T) {
	o := newOffice(t)
	o.open(map[string]string{"user": "wang", "name": "王五", "role": "clerk"})
	token := halltest.Into[struct{ Token string }](o.Hall, login(o.Hall, "wang", o.act(200, o.security, "wang", "approve", nil).Password)).Token
	doors := []string{"GET /api/v1/session", "POST /api/v1/session/password", "DELETE /api/v1/session"}
	for _, op := range operations(o.Hall) {
		if !slices.Contains(op.Roles, account.Clerk) {
			continue
		}
		a := o.Send(halltest.Request{Method: op.method, Path: fillPath(op.path), Token: token})
		if open := slices.Contains(doors, op.String()); open == (a.Code() == "password_change_required") {
			t.Errorf("%s: %d %s", op, a.Status, a.Body)
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
		case strings.HasPrefix(o.path, "/api/v1/halls/{hall}/appointments"): // the same at another hall
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
