package api_test

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"yitang/db"
	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/halltest"
	"yitang/server/wire"
)

// act is one POST of a hall's day, sent under a key of its own.
type act struct {
	role   account.Role
	path   string // {A} and {B} are the first and the second ticket
	body   any
	status int
}

// day makes every POST that the API has answer well at least once.
func day(matters []string) []act {
	one := map[string]any{"matters": matters[:1]}
	two := map[string]any{"matters": matters[1:2], "person": map[string]string{"kind": "id", "number": "11010519491231002X"}}
	now := halltest.Steady(time.Now)().In(time.FixedZone("", 8*3600))
	offline := map[string]any{"matters": matters[:1], "number": "KIOSK-001", "day": hall.BusinessDay(now.Location(), now), "issued_at": now,
		"track": "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
	w := "/api/v1/windows/1/"
	t := "/api/v1/tickets"
	return []act{
		{account.Manager, "/api/v1/day/open", nil, 200},
		{account.Kiosk, t, one, 201}, {account.Guide, t, two, 201},
		{account.Kiosk, t + "/{A}/prints", map[string]string{"state": "failed", "reason": "paper_out"}, 200},
		{account.Kiosk, "/api/v1/devices/k1/parts/printer", map[string]string{"state": "down"}, 204},
		{account.Clerk, w + "open", nil, 200}, {account.Clerk, w + "open", nil, 200},
		{account.Clerk, w + "pause", map[string]string{"reason": "午休"}, 200}, {account.Clerk, w + "resume", nil, 200},
		{account.Clerk, w + "next", nil, 200}, {account.Clerk, w + "recall", nil, 200}, {account.Guide, t + "/{B}/priority", map[string]string{"priority": "elderly"}, 200}, {account.Clerk, w + "start", "{}", 200},
		{account.Clerk, w + "hold", nil, 200}, {account.Clerk, t + "/{A}/resume", map[string]string{"window": "1"}, 200},
		{account.Clerk, w + "finish", "{}", 200}, {account.Clerk, w + "undo", nil, 200}, {account.Clerk, w + "finish", "{}", 200},
		{account.Clerk, w + "next", nil, 200}, {account.Clerk, w + "no-show", nil, 200}, {account.Clerk, t + "/{B}/reactivate", nil, 200},
		{account.Clerk, w + "next", nil, 200}, {account.Clerk, w + "transfer", map[string]string{"field": "A"}, 200},
		{account.Guide, t + "/{B}/cancel", nil, 200},
		{account.Manager, "/api/v1/notices", map[string]any{"text": map[string]string{"zh": "下午四点闭馆"}, "minutes": 600}, 201},
		{account.Kiosk, t + "/offline", offline, 201},
		{account.Clerk, w + "next", nil, 200}, {account.Clerk, w + "finish", "{}", 200},
		{account.Clerk, w + "next", nil, 204},
	}
}

// cases makes every POST at and behind a desk answer well at least once. Ticket {C} is for two matters; the first ends as
// case {case}, the second, split off, as {other}.
func cases(matters []string) []act {
	w, t, k := "/api/v1/windows/1/", "/api/v1/tickets", "/api/v1/cases/{case}/"
	type o = map[string]any
	department := "市场监督管理局"
	accepted := func(m string) o { return o{"outcomes": []o{{"matter": m, "outcome": "accepted"}}} }
	return []act{
		{account.Kiosk, t, o{"matters": matters[:2]}, 201},
		{account.Clerk, w + "next", nil, 200}, {account.Clerk, w + "start", nil, 200},
		{account.Clerk, w + "identify", o{"person": o{"kind": "id", "number": "11010519491231002X"}}, 200},
		{account.Clerk, w + "split", o{"matters": matters[1:2]}, 200},
		{account.Clerk, w + "finish", accepted(matters[0]), 200},
		{account.Counter, w + "rating", o{"grade": 1, "reasons": []string{"slow"}}, 204},
		{"", "/api/v1/track/{code}/rating", o{"grade": 5}, 204},
		{account.Manager, "/api/v1/ratings/{C}-1/verify", o{"verified": "true", "text": "属实"}, 204},
		{account.Manager, "/api/v1/ratings/{C}-1/answer", o{"text": "已道歉"}, 204},
		{account.Manager, "/api/v1/ratings/{C}-1/close", nil, 204},
		{account.Clerk, t + "/{C}/purpose", o{"leg": 1, "matter": matters[0], "purpose": "V", "reason": "法定到场"}, 204},
		{account.Manager, k + "send", o{"department": "行政审批局"}, 200}, {account.Manager, k + "send", o{"department": department}, 200},
		{account.Department, k + "acknowledge", nil, 200}, {account.Department, k + "return", o{"reason": "材料不清"}, 200},
		{account.Department, k + "notice", o{"items": []string{"章程"}}, 200}, {account.Clerk, k + "accept", nil, 200},
		{account.Department, k + "suspend", o{"reason": "专家评审"}, 200}, {account.Department, k + "continue", nil, 200},
		{account.Department, k + "extend", o{"days": 3, "reason": "案情复杂"}, 200},
		{account.Department, k + "joint", o{"kind": "visit", "departments": []string{department}}, 200},
		{account.Department, k + "opinion", o{"result": "pass"}, 200}, {account.Clerk, k + "wish", o{"delivery_offered": "yes", "delivery_chosen": "mail"}, 200},
		{account.Department, k + "decide", o{"decision": "granted"}, 200}, {account.Department, k + "ready", nil, 200},
		{account.Clerk, k + "deliver", o{"how": "mail", "tracking": "EMS1"}, 200},
		{account.Clerk, w + "next", nil, 200}, {account.Clerk, w + "finish", accepted(matters[1]), 200},
		{account.Clerk, "/api/v1/cases/{other}/end", o{"end": "withdrawn"}, 200},
		{account.Guide, t, o{"matters": matters[:1]}, 201}, {account.Guide, t + "/{D}/abandon", nil, 200},
		{account.Clerk, w + "hand-over", o{"to": string(halltest.Relief)}, 200}, {halltest.Relief, w + "hand-over", o{"to": "clerk1"}, 200},
		{account.Clerk, w + "close", nil, 200},
		{account.Manager, "/api/v1/day/close", nil, 200}, {account.Manager, "/api/v1/day/reopen", nil, 200}, {account.Manager, "/api/v1/day/close", nil, 200},
	}
}

// administration is what the three administrators do, on an account and a device that nobody else of the day needs.
func administration(h *halltest.Hall) []act {
	h.Helper()
	type o = map[string]any
	a := "/api/v1/admin/accounts"
	h.Post(201, h.Tokens[account.System], a, "", o{"user": "wu", "name": "吴六", "role": "guide"})
	h.Post(200, h.Tokens[account.Security], a+"/wu/approve", "", nil)
	return []act{
		{account.System, a, o{"user": "wang", "name": "王五", "role": "clerk"}, 201}, {account.System, a + "/wang/close", nil, 200},
		{account.Security, a + "/wu/rights", o{"role": "clerk"}, 200}, {account.Security, a + "/wu/suspend", nil, 200},
		{account.Security, a + "/wu/restore", nil, 200}, {account.Security, a + "/wu/unlock", nil, 200},
		{account.System, "/api/v1/admin/devices/screen/revoke", nil, 200},
	}
}

// elsewhere are the POSTs that TestKeys cannot try: those whose answer is a secret keep none, what only looks may be asked
// again, and the others are tried with a key in TestEnrolment, TestSettings, TestBookingKeys, TestLeadKeys and TestLeadLimits, or, where they go to another hall, in package city's TestErrand.
func elsewhere() []string {
	return []string{"/api/v1/appointments", "/api/v1/appointments/find", "/api/v1/appointments/look",
		"/api/v1/halls/{hall}/appointments", "/api/v1/halls/{hall}/appointments/find",
		"/api/v1/halls/{hall}/appointments/{code}/move", "/api/v1/halls/{hall}/appointments/{code}/cancel",
		"/api/v1/appointments/{code}/move", "/api/v1/appointments/{code}/cancel", "/api/v1/leads/{lead}/assign",
		"/api/v1/leads/{lead}/verify", "/api/v1/leads/{lead}/dismiss", "/api/v1/leads/{lead}/reopen", "/api/v1/leads/limits", "/api/v1/setup", "/api/v1/enrolments", "/api/v1/enrolments/claim", "/api/v1/admin/accounts/{user}/approve",
		"/api/v1/admin/accounts/{user}/password", "/api/v1/admin/verification", "/api/v1/admin/enrolments/{code}/approve",
		"/api/v1/admin/enrolments/{code}/refuse", "/api/v1/admin/settings", "/api/v1/admin/clock", "/api/v1/admin/servers/forget"}
}

// TestKeys sends each POST twice under its key, all of them again after a restart, and again after the day: the first
// answer comes back each time, and nothing happens twice.
func TestKeys(t *testing.T) {
	l := halltest.Layout(t, 1)
	l.Hours = hall.Hours{} // the day is opened by hand
	h := halltest.With(t, l)
	h.Start()
	acts := append(day(h.Matters), act{account.Manager, "/api/v1/layout", map[string]any{"base": l.Version, "when": "now", "calling": map[string]any{},
		"windows": []map[string]any{{"id": "1", "kind": "general", "fields": l.Windows[0].Fields}}}, 200})
	acts = append(append(acts, cases(h.Matters)...), administration(h)...)
	names := strings.NewReplacer()
	var first []halltest.Answer
	send := func(i int) halltest.Answer {
		a := acts[i]
		return h.Send(halltest.Request{Method: http.MethodPost, Path: names.Replace(a.path), Token: h.Tokens[a.role], Key: "key-" + strconv.Itoa(i), Body: a.body})
	}
	var ids []string
	code := ""
	for i, a := range acts {
		first = append(first, send(i))
		if first[i].Status != a.status {
			t.Fatalf("%d: %s: %d %s, want %d", i, a.path, first[i].Status, first[i].Body, a.status)
		}
		if a.path == "/api/v1/tickets" {
			ticket := halltest.Into[wire.Ticket](h, first[i])
			ids = append(ids, "{"+string(rune('A'+len(ids)/2))+"}", ticket.ID)
			if len(ids) == 2 { // ticket A is rated by its code
				code = strings.TrimPrefix(ticket.TrackURL, "/t/")
			}
			names = strings.NewReplacer(append(ids, "{code}", code, "{case}", ticket.ID[:8]+"-0001", "{other}", ticket.ID[:8]+"-0002")...)
		}
		if again := send(i); again.Status != a.status || !bytes.Equal(again.Body, first[i].Body) {
			t.Errorf("%s again: %d %s, first %s", a.path, again.Status, again.Body, first[i].Body)
		}
	}
	h.Stop()
	events := acted(h)
	h.Start()
	for i := range acts {
		if again := send(i); again.Status != first[i].Status || !bytes.Equal(again.Body, first[i].Body) {
			t.Errorf("%s after a restart: %d %s, first %s", acts[i].path, again.Status, again.Body, first[i].Body)
		}
		other := h.Send(halltest.Request{Method: http.MethodPost, Path: names.Replace(acts[i].path), Token: h.Tokens[acts[i].role],
			Key: "key-" + strconv.Itoa(i), Body: `{ }`})
		if other.Status != 422 && other.Status != 400 || other.Code() == "" {
			t.Errorf("%s with another body under the same key: %d %s", acts[i].path, other.Status, other.Body)
		}
	}
	covers(h, acts)
	h.Stop()
	if n := acted(h); n != events {
		t.Errorf("%d events after the repetitions, %d before", n, events)
	}
}

// acted counts the events of a stopped hall but the signatures under its days, which come by themselves.
func acted(h *halltest.Hall) int {
	h.Helper()
	data, err := db.Open(h.Dir)
	if err != nil {
		h.Fatal(err)
	}
	defer data.Close()
	signed, err := data.Heads(h.Context())
	if err != nil {
		h.Fatal(err)
	}
	return int(h.Verify()) - len(signed) // #nosec G115 -- a hundred
}

// covers fails unless every POST of the description is among the acts. A login, or a new password, is not: it keeps no answer, because the
// answer is a secret, and a second one does no harm; a search changes nothing;
// nor does a dead letter that is sent again, but in another system.
func covers(h *halltest.Hall, acts []act) {
	h.Helper()
	plain := strings.NewReplacer("{C}-1", "{rating}", "{C}", "{ticket}", "{D}", "{ticket}", "{other}", "{case}", "{A}", "{ticket}", "{B}", "{ticket}", "/windows/1/", "/windows/{window}/", "/wu/", "/{user}/", "/wang/", "/{user}/", "/devices/screen/", "/devices/{device}/", "/devices/k1/parts/printer", "/devices/{device}/parts/{part}")
	done := map[string]bool{"/api/v1/sessions": true, "/api/v1/session/password": true, "/api/v1/cases/search": true, "/api/v1/people/find": true, "/api/v1/whatif": true, "/api/v1/track/{code}/cancel": true,
		"/api/v1/webhooks/{webhook}/letters/{letter}/send": true,
		"/api/v1/people/disclosure":                        true, "/api/v1/standby/copy": true, "/api/v1/standby/fence": true} // these are no acts of the hall
	for _, path := range elsewhere() {
		done[path] = true
	}
	for _, a := range acts {
		done[plain.Replace(a.path)] = true
	}
	for _, o := range operations(h) {
		if o.method == http.MethodPost && !done[o.path] {
			h.Errorf("%s is not tried with a key", o)
		}
	}
}

// TestKeyAfterRefusal: a refusal is no answer to keep; the same key may succeed later.
func TestKeyAfterRefusal(t *testing.T) {
	h := halltest.New(t, 1)
	clerk := h.Tokens[account.Clerk]
	h.Post(409, clerk, "/api/v1/windows/1/next", "k", nil)
	h.Post(200, clerk, "/api/v1/windows/1/open", "", nil)
	h.Post(204, clerk, "/api/v1/windows/1/next", "k", nil)
	take(h)
	h.Post(204, clerk, "/api/v1/windows/1/next", "k", nil) // the first answer, although somebody waits now
	h.Post(200, clerk, "/api/v1/windows/1/next", "k2", nil)
	h.Post(409, clerk, "/api/v1/windows/1/next", "k3", nil)
	h.Post(200, clerk, "/api/v1/windows/1/next", "k2", nil)
}

// TestKeyBelongsToItsSender: two kiosks may draw the same key.
func TestKeyBelongsToItsSender(t *testing.T) {
	h := halltest.New(t, 1)
	body := wire.TakeRequest{Matters: h.Matters[:1]}
	a := h.Post(201, h.Tokens[account.Kiosk], "/api/v1/tickets", "k", body)
	b := h.Post(201, h.Tokens[account.Guide], "/api/v1/tickets", "k", body)
	if bytes.Equal(a.Body, b.Body) {
		t.Errorf("both got %s", a.Body)
	}
}

func take(h *halltest.Hall) wire.Ticket {
	h.Helper()
	return halltest.Into[wire.Ticket](h, h.Post(http.StatusCreated, h.Tokens[account.Kiosk], "/api/v1/tickets", "", wire.TakeRequest{Matters: h.Matters[:1]}))
}
