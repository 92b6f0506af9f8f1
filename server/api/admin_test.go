package api_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"yitang/db"
	"yitang/server/account"
	"yitang/server/halltest"
	"yitang/server/wire"
)

// console keeps what the server shows.
type console struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.b.Write(p)
}

func (c *console) code(t *testing.T) string {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	codes := regexp.MustCompile(`[2-9A-Z]{4}-[2-9A-Z]{4}`).FindAllString(c.b.String(), -1)
	if len(codes) == 0 {
		t.Fatalf("no code on the console: %q", c.b.String())
	}
	return codes[len(codes)-1]
}

// fresh is a hall to which nobody has come yet: it has lists, and no account at all.
func fresh(t *testing.T) (*halltest.Hall, *console) {
	t.Helper()
	h, shown := halltest.Make(t, 1), new(console)
	data, err := db.Open(h.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range account.Administrators() {
		if err := data.PutAccount(context.Background(), account.Account{User: string(r), Name: "gone", Role: r, State: account.Closed}); err != nil {
			t.Fatal(err)
		}
	}
	if err := data.Close(); err != nil {
		t.Fatal(err)
	}
	h.Console = shown
	h.Start()
	return h, shown
}

type setup = map[string]string

// TestFirstAdministrator goes the way of a new hall: the code on the console makes the system administrator, who appoints
// the other two; each gives himself a password of his own.
func TestFirstAdministrator(t *testing.T) {
	h, shown := fresh(t)
	ask := func(code, password string) halltest.Answer {
		return h.Send(halltest.Request{Method: http.MethodPost, Path: "/api/v1/setup",
			Body: setup{"code": code, "user": "zhang", "name": "张三", "password": password}})
	}
	if a := ask("AAAA-AAAA", "Correct-horse-9"); a.Code() != "wrong_code" || a.Status != 401 {
		t.Errorf("a wrong code: %d %s", a.Status, a.Body)
	}
	if a := ask(shown.code(t), "password"); a.Code() != "weak_password" {
		t.Errorf("a weak password: %d %s", a.Status, a.Body)
	}
	was := shown.code(t)
	h.Restart()
	if a := ask(was, "Correct-horse-9"); a.Code() != "wrong_code" {
		t.Errorf("the code of an earlier start: %d %s", a.Status, a.Body)
	}
	a := ask(strings.ToLower(strings.ReplaceAll(shown.code(t), "-", " ")), "Correct-horse-9")
	if a.Status != http.StatusCreated {
		t.Fatalf("the right code: %d %s", a.Status, a.Body)
	}
	system := halltest.Into[wire.Session](h, a)
	if system.Role != "system" || system.MustChange {
		t.Errorf("session %+v", system)
	}
	if a := ask(shown.code(t), "Correct-horse-9"); a.Code() != "already_set_up" {
		t.Errorf("the code again: %d %s", a.Status, a.Body)
	}
	h.Restart()
	if halltest.Into[wire.Setup](h, h.Get(200, "", "/api/v1/setup")).Needed {
		t.Error("the hall asks for another first administrator")
	}
	for _, role := range []string{"security", "audit"} {
		open := map[string]string{"user": role + "1", "name": "李四", "role": role}
		made := halltest.Into[wire.AccountAnswer](h, h.Post(201, system.Token, "/api/v1/admin/accounts", "", open))
		if made.Password == "" || made.Account.State != "active" {
			t.Errorf("the first %s administrator: %+v", role, made)
		}
		open["user"] = role + "2" // the second one is not the system administrator's to appoint
		if made := halltest.Into[wire.AccountAnswer](h, h.Post(201, system.Token, "/api/v1/admin/accounts", "", open)); made.Password != "" || made.Account.State != "pending" {
			t.Errorf("the second %s administrator: %+v", role, made)
		}
		first := halltest.Into[wire.Session](h, login(h, role+"1", made.Password))
		if !first.MustChange {
			t.Errorf("the first %s administrator keeps a password that the other one knows", role)
		}
		for _, path := range []string{"/api/v1/admin/accounts", "/api/v1/admin/journal"} {
			if a := h.Send(halltest.Request{Method: http.MethodGet, Path: path, Token: first.Token}); a.Status != 403 {
				t.Errorf("%s before the password is changed: %d %s", path, a.Status, a.Body)
			}
		}
		h.Post(204, first.Token, "/api/v1/session/password", "", map[string]string{"old": made.Password, "new": "My-own-horse-7"})
		if s := halltest.Into[wire.Session](h, login(h, role+"1", "My-own-horse-7")); s.MustChange {
			t.Errorf("session %+v", s)
		}
	}
	h.Verify()
}

func TestSetupGuessesLock(t *testing.T) {
	h, shown := fresh(t)
	codes := map[string]int{}
	for i := range account.AccountFailures + 3 {
		a := h.Send(halltest.Request{Method: http.MethodPost, Path: "/api/v1/setup", Body: setup{"code": fmt.Sprintf("AAAA-000%d", i)}})
		codes[a.Code()]++
	}
	right := h.Send(halltest.Request{Method: http.MethodPost, Path: "/api/v1/setup", Body: setup{"code": shown.code(t), "user": "a", "name": "a", "password": "Correct-horse-9"}})
	if codes["wrong_code"] != account.AccountFailures || right.Code() != "locked" {
		t.Errorf("answers %v, then %s", codes, right.Body)
	}
}

// office is a hall with its three administrators.
type office struct {
	*halltest.Hall
	system, security, audit string // tokens
}

func newOffice(t *testing.T) office {
	h := halltest.New(t, 2)
	return office{Hall: h, system: h.Tokens[account.System], security: h.Tokens[account.Security], audit: h.Tokens[account.Audit]}
}

func (o office) act(status int, token, user, act string, in any) wire.AccountAnswer {
	o.Helper()
	a := o.Post(status, token, "/api/v1/admin/accounts/"+user+"/"+act, "", in)
	if status >= 300 {
		return wire.AccountAnswer{}
	}
	return halltest.Into[wire.AccountAnswer](o.Hall, a)
}

func (o office) open(in map[string]string) wire.AccountAnswer {
	o.Helper()
	return halltest.Into[wire.AccountAnswer](o.Hall, o.Post(201, o.system, "/api/v1/admin/accounts", "", in))
}

// TestAnAccountTakesTwo: the system administrator opens, security gives the rights; neither can do both.
func TestAnAccountTakesTwo(t *testing.T) {
	o := newOffice(t)
	made := o.open(map[string]string{"user": "wang", "name": "王五", "role": "clerk", "window": "2"})
	if made.Account.State != "pending" || made.Password != "" {
		t.Fatalf("opened %+v", made)
	}
	if a := login(o.Hall, "wang", ""); a.Status != 401 {
		t.Errorf("an account without rights logs in: %d", a.Status)
	}
	o.act(403, o.system, "wang", "approve", nil)
	o.Post(403, o.security, "/api/v1/admin/accounts", "", map[string]string{"user": "x", "name": "x", "role": "clerk"})
	given := o.act(200, o.security, "wang", "approve", nil)
	s := halltest.Into[wire.Session](o.Hall, login(o.Hall, "wang", given.Password))
	if s.Role != "clerk" || s.Window != "2" || !s.MustChange {
		t.Errorf("session %+v", s)
	}
	o.act(409, o.security, "wang", "approve", nil)
	o.act(200, o.security, "wang", "rights", map[string]string{"role": "guide"})
	if a := o.Send(halltest.Request{Method: http.MethodGet, Path: "/api/v1/session", Token: s.Token}); a.Status != 401 {
		t.Errorf("a session outlived a change of its rights: %d", a.Status)
	}
	again := o.act(200, o.security, "wang", "password", nil)
	if a := login(o.Hall, "wang", given.Password); a.Status != 401 {
		t.Errorf("the password before: %d", a.Status)
	}
	s = halltest.Into[wire.Session](o.Hall, login(o.Hall, "wang", again.Password))
	o.act(200, o.security, "wang", "suspend", nil)
	if a := o.Send(halltest.Request{Method: http.MethodGet, Path: "/api/v1/session", Token: s.Token}); a.Status != 401 {
		t.Errorf("a session of a suspended account: %d", a.Status)
	}
	if a := login(o.Hall, "wang", again.Password); a.Code() != "account_suspended" {
		t.Errorf("a suspended account logs in: %d %s", a.Status, a.Body)
	}
	o.act(200, o.security, "wang", "restore", nil)
	if a := login(o.Hall, "wang", again.Password); a.Status != 201 {
		t.Errorf("a restored account: %d %s", a.Status, a.Body)
	}
	o.act(403, o.security, "wang", "close", nil)
	o.act(200, o.system, "wang", "close", nil)
	o.act(409, o.security, "wang", "restore", nil)
	if a := o.Post(409, o.system, "/api/v1/admin/accounts", "", map[string]string{"user": "wang", "name": "王五", "role": "clerk"}); a.Code() != "user_taken" {
		t.Errorf("the name of a closed account: %s", a.Body)
	}
	o.Verify()
}

func TestAdministratorsCannotHelpThemselves(t *testing.T) {
	o := newOffice(t)
	for _, c := range []struct{ token, user, act, code string }{
		{o.security, "security", "rights", "own_account"},
		{o.security, "security", "suspend", "own_account"},
		{o.system, "system", "close", "own_account"},
		{o.security, "system", "suspend", "last_administrator"},
		{o.system, "audit", "close", "last_administrator"},
		{o.security, "kiosk", "rights", "account_state"}, // a device is not security's
		{o.system, "nobody", "close", "not_found"},
	} {
		a := o.Send(halltest.Request{Method: http.MethodPost, Path: "/api/v1/admin/accounts/" + c.user + "/" + c.act, Token: c.token, Body: "{}"})
		if a.Code() != c.code {
			t.Errorf("%s %s: %d %s, want %s", c.act, c.user, a.Status, a.Body, c.code)
		}
	}
	if a := o.Send(halltest.Request{Method: http.MethodPost, Path: "/api/v1/admin/accounts/audit/rights", Token: o.security, Body: map[string]string{"role": "clerk"}}); a.Code() != "last_administrator" {
		t.Errorf("the last auditor becomes a clerk: %s", a.Body)
	}
	for _, in := range []map[string]string{
		{"user": "", "name": "x", "role": "clerk"}, {"user": "a:b", "name": "x", "role": "clerk"}, {"user": "a", "name": "", "role": "clerk"},
		{"user": "a", "name": "x", "role": "kiosk"}, {"user": "a", "name": "x", "role": "king"}, {"user": "a", "name": "x", "role": "guide", "window": "1"},
		{"user": "a", "name": "x", "role": "clerk", "window": "99"}, {"user": "a", "name": "x", "role": "department"},
	} {
		if a := o.Send(halltest.Request{Method: http.MethodPost, Path: "/api/v1/admin/accounts", Token: o.system, Body: in}); a.Code() != "invalid" {
			t.Errorf("%v: %d %s", in, a.Status, a.Body)
		}
	}
}

// TestOfficeKeys: an act that comes again under its key gets its first answer, also where it would be refused by now.
func TestOfficeKeys(t *testing.T) {
	o := newOffice(t)
	in := map[string]string{"user": "wang", "name": "王五", "role": "clerk"}
	first := o.Post(201, o.system, "/api/v1/admin/accounts", "k1", in)
	o.act(200, o.security, "wang", "approve", nil)
	if again := o.Post(201, o.system, "/api/v1/admin/accounts", "k1", in); !bytes.Equal(first.Body, again.Body) {
		t.Errorf("first %s, then %s", first.Body, again.Body)
	}
	list := halltest.Into[wire.Accounts](o.Hall, o.Get(200, o.security, "/api/v1/admin/accounts"))
	for _, x := range list.Accounts {
		if x.User == "wang" && x.State != "active" {
			t.Errorf("opening it again took its rights: %+v", x)
		}
	}
	o.Post(422, o.system, "/api/v1/admin/accounts", "k1", map[string]string{"user": "li", "name": "李", "role": "clerk"})
}

func TestSessionsAreEnded(t *testing.T) {
	o := newOffice(t)
	s := halltest.Into[wire.Session](o.Hall, login(o.Hall, "clerk1", halltest.Password))
	find := func() (id string) {
		for _, x := range halltest.Into[wire.AccountSessions](o.Hall, o.Get(200, o.security, "/api/v1/admin/sessions")).Sessions {
			if strings.Contains(x.ID, s.Token) || x.User == "kiosk" {
				t.Errorf("session %+v", x)
			}
			if x.User == "clerk1" && x.Source == "127.0.0.1" {
				id = x.ID
			}
		}
		return id
	}
	id := find()
	o.Get(200, s.Token, "/api/v1/session") // is remembered for a moment
	if a := o.Send(halltest.Request{Method: http.MethodDelete, Path: "/api/v1/admin/sessions/" + id, Token: o.security}); a.Status != 204 {
		t.Fatalf("ending %s: %d %s", id, a.Status, a.Body)
	}
	o.Get(401, s.Token, "/api/v1/session")
	if id := find(); id != "" {
		t.Errorf("it is still listed: %s", id)
	}
}

func TestUnlock(t *testing.T) {
	o := newOffice(t)
	for range account.AccountFailures {
		login(o.Hall, "clerk1", "wrong-guess-1")
	}
	if a := login(o.Hall, "clerk1", halltest.Password); a.Code() != "locked" {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	o.act(200, o.security, "clerk1", "unlock", nil)
	if a := login(o.Hall, "clerk1", halltest.Password); a.Status != 201 {
		t.Errorf("after the lock was lifted: %d %s", a.Status, a.Body)
	}
}

// TestAuditorSeesAll: who did what to whom from where, and nothing about applicants; and verifies the chain.
func TestAuditorSeesAll(t *testing.T) {
	o := newOffice(t)
	o.Post(201, o.Tokens[account.Kiosk], "/api/v1/tickets", "", map[string]any{"matters": []string{o.Matters[0]},
		"person": map[string]string{"kind": "id", "number": "11010519491231002X"}})
	o.open(map[string]string{"user": "wang", "name": "王五", "role": "clerk"})
	o.act(200, o.security, "wang", "approve", nil)
	read := func(query string) wire.AuditLines {
		t.Helper()
		return halltest.Into[wire.AuditLines](o.Hall, o.Get(200, o.audit, "/api/v1/admin/journal"+query))
	}
	lines := read("").Lines
	if len(lines) < 2 || lines[0].What != "account_approved" || lines[0].Actor != "security:security" || lines[0].User != "wang" ||
		lines[0].Source != "127.0.0.1" || lines[1].What != "account_made" || lines[1].Actor != "system:system" {
		t.Errorf("lines %+v", lines)
	}
	if got := read("?user=security").Lines; len(got) != 1 || got[0].Seq != lines[0].Seq {
		t.Errorf("lines of security: %+v", got)
	}
	all := o.Get(200, o.audit, "/api/v1/admin/journal?all=yes").Body
	if !bytes.Contains(all, []byte(`"ticket_issued"`)) || !bytes.Contains(all, []byte(`"subject"`)) || bytes.Contains(all, []byte("sm3")) || bytes.Contains(all, []byte("person")) {
		t.Errorf("everything: %s", all)
	}
	if got := read(fmt.Sprintf("?all=yes&before=%d", lines[1].Seq)).Lines; len(got) == 0 || got[0].Seq != lines[1].Seq-1 {
		t.Errorf("the page before: %+v", got)
	}
	o.Get(422, o.audit, "/api/v1/admin/journal?before=x")
	o.Post(202, o.audit, "/api/v1/admin/verification", "", nil)
	for {
		v := halltest.Into[wire.AuditVerdict](o.Hall, o.Get(200, o.audit, "/api/v1/admin/verification"))
		if v.Running {
			continue
		}
		if v.Events == 0 || v.Fault != "" || v.Problem != "" {
			t.Errorf("verdict %+v", v)
		}
		break
	}
}

// TestSettings: the system administrator changes the hall's, from what it saw, and the journal says who did.
func TestSettings(t *testing.T) {
	o := newOffice(t)
	now := halltest.Into[wire.Settings](o.Hall, o.Get(200, o.system, "/api/v1/admin/settings"))
	next := now
	next.Name = wire.Text{"zh": "新大厅"}
	next.Desk = wire.SettingsDesk{Calls: 3, RecallEveryS: 20, LastCallFirst: true, RatingDays: 4, YellowDays: 2, RedDays: 1}
	next.Limit.PerDay = 5
	next.Hours = wire.SettingsHours{Always: true, Spans: []wire.Span{{FromMin: 600, ToMin: 840}}}
	o.Post(403, o.Tokens[account.Manager], "/api/v1/admin/settings", "", next)
	first := o.Post(200, o.system, "/api/v1/admin/settings", "k", next)
	if again := o.Post(200, o.system, "/api/v1/admin/settings", "k", next); !bytes.Equal(first.Body, again.Body) {
		t.Errorf("the same request again: %s", again.Body)
	}
	got := halltest.Into[wire.Settings](o.Hall, first)
	if got.Base == now.Base || got.Name["zh"] != "新大厅" || got.Desk != next.Desk || got.Limit != next.Limit || len(got.Hours.Spans) != 1 {
		t.Errorf("settings %+v", got)
	}
	if a := o.Post(409, o.system, "/api/v1/admin/settings", "", next); a.Code() != "layout_changed" {
		t.Errorf("from a version that is gone: %s", a.Body)
	}
	for _, spoil := range []func(*wire.Settings){
		func(s *wire.Settings) { s.Name = nil }, func(s *wire.Settings) { s.Desk.Calls = -1 }, func(s *wire.Settings) { s.Limit.PerDay = 1000 },
		func(s *wire.Settings) { s.Hours.Spans = []wire.Span{{FromMin: 700, ToMin: 600}} }, func(s *wire.Settings) { s.Zone = "Europe/Paris" },
		func(s *wire.Settings) { s.Base = "" },
	} {
		bad := got
		spoil(&bad)
		o.Post(422, o.system, "/api/v1/admin/settings", "", bad)
	}
	if a := o.Get(200, o.audit, "/api/v1/admin/journal?all=yes&user=system"); !bytes.Contains(a.Body, []byte("layout_adopted")) {
		t.Errorf("the journal: %s", a.Body)
	}
}
