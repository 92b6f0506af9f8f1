package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode"

	"yitang/server/account"
	"yitang/server/halltest"
)

// TestErrors makes every kind of refusal: the right status, a stable code, and one shape with a sentence in Chinese.
func TestErrors(t *testing.T) {
	h := halltest.New(t, 2)
	kiosk, clerk, manager := h.Tokens[account.Kiosk], h.Tokens[account.Clerk], h.Tokens[account.Manager]
	matter := h.Matters[0]
	long := strings.Repeat("长", 201)
	for _, c := range []struct {
		name, method, path, token, key string
		body                           any
		status                         int
		code                           string
	}{
		{"unknown path", "GET", "/api/v1/nothing", kiosk, "", nil, 404, "not_found"},
		{"unknown path, no token", "POST", "/api/v1/nothing", "", "", "{}", 404, "not_found"},
		{"below a path", "GET", "/api/v1/tickets/x/y/z", kiosk, "", nil, 404, "not_found"},
		{"no ticket", "GET", "/api/v1/tickets/20250603-A001", kiosk, "", nil, 404, "not_found"},
		{"no track", "GET", "/api/v1/track/x", "", "", nil, 404, "not_found"},
		{"no screen", "GET", "/ws/screens/window-99", h.Tokens[account.Screen], "", nil, 404, "not_found"},
		{"no upgrade", "GET", "/ws/hall", clerk, "", nil, 426, "websocket_expected"},
		{"wrong method", "GET", "/api/v1/tickets", kiosk, "", nil, 405, "method_not_allowed"},
		{"a method that nobody knows", "BREW", "/api/v1/tickets", kiosk, "", nil, 405, "method_not_allowed"},
		{"wrong method on a window", "PUT", "/api/v1/windows/1/next", clerk, "", "{}", 405, "method_not_allowed"},
		{"wrong method, no token", "DELETE", "/api/v1/catalogue", "", "", nil, 405, "method_not_allowed"},
		{"no token", "POST", "/api/v1/tickets", "", "", map[string]any{"matters": []string{matter}}, 401, "not_logged_in"},
		{"wrong token", "POST", "/api/v1/windows/1/next", "wrong", "", nil, 401, "not_logged_in"},
		{"kiosk at a window", "POST", "/api/v1/windows/1/next", kiosk, "", nil, 403, "forbidden"},
		{"another window", "POST", "/api/v1/windows/2/open", clerk, "", nil, 403, "not_your_window"},
		{"no JSON", "POST", "/api/v1/tickets", kiosk, "", `{"matters":`, 400, "invalid"},
		{"JSON of another type", "POST", "/api/v1/tickets", kiosk, "", `{"matters":"x"}`, 400, "invalid"},
		{"an array", "POST", "/api/v1/tickets", kiosk, "", `[]`, 400, "invalid"},
		{"two values", "POST", "/api/v1/tickets", kiosk, "", `{} {}`, 400, "invalid"},
		{"trailing brace", "POST", "/api/v1/tickets", kiosk, "", `{"matters":["` + matter + `"]}}`, 400, "invalid"},
		{"unknown field", "POST", "/api/v1/tickets", kiosk, "", `{"matters":["` + matter + `"],"colour":"red"}`, 400, "invalid"},
		{"no JSON at a window", "POST", "/api/v1/windows/1/finish", clerk, "", `{`, 400, "invalid"},
		{"no matter", "POST", "/api/v1/tickets", kiosk, "", `{}`, 422, "invalid"},
		{"no body", "POST", "/api/v1/tickets", kiosk, "", nil, 422, "invalid"},
		{"unknown matter", "POST", "/api/v1/tickets", kiosk, "", `{"matters":["XX-1"]}`, 422, "unknown_matter"},
		{"a matter twice", "POST", "/api/v1/tickets", kiosk, "", map[string]any{"matters": []string{matter, matter}}, 422, "invalid"},
		{"unknown priority", "POST", "/api/v1/tickets", kiosk, "", map[string]any{"matters": []string{matter}, "priority": "vip"}, 422, "invalid"},
		{"unknown language", "POST", "/api/v1/tickets", kiosk, "", map[string]any{"matters": []string{matter}, "language": "fr"}, 422, "invalid"},
		{"a number for nobody", "POST", "/api/v1/tickets", kiosk, "", map[string]any{"matters": []string{matter}, "person": map[string]string{"kind": "none", "number": "1"}}, 422, "invalid"},
		{"a wrong identity number", "POST", "/api/v1/tickets", kiosk, "", map[string]any{"matters": []string{matter}, "person": map[string]string{"kind": "id", "number": "11010519491231002Y"}}, 422, ""},
		{"an unknown kind of person", "POST", "/api/v1/tickets", kiosk, "", map[string]any{"matters": []string{matter}, "person": map[string]string{"kind": "passport", "number": "1"}}, 422, ""},
		{"key with a space", "POST", "/api/v1/windows/1/open", clerk, "a b", nil, 400, "invalid"},
		{"long key", "POST", "/api/v1/windows/1/open", clerk, strings.Repeat("k", 201), nil, 400, "invalid"},
		{"closed window", "POST", "/api/v1/windows/1/next", clerk, "", nil, 409, "window_closed"},
		{"no such window", "POST", "/api/v1/tickets/20250603-A001/resume", manager, "", `{"window":"99"}`, 404, "not_found"},
		{"long reason", "POST", "/api/v1/windows/1/pause", clerk, "", map[string]string{"reason": long}, 422, "invalid"},
		{"long reason of a hold", "POST", "/api/v1/windows/1/hold", clerk, "", map[string]string{"reason": long}, 422, "invalid"},
		{"long reason of a transfer", "POST", "/api/v1/windows/1/transfer", clerk, "", map[string]string{"reason": long}, 422, "invalid"},
		{"a long device", "POST", "/api/v1/devices/" + strings.Repeat("d", 201) + "/parts/p", kiosk, "", `{"state":"up"}`, 422, "invalid"},
		{"a device's unknown state", "POST", "/api/v1/devices/d/parts/p", kiosk, "", `{"state":"glowing"}`, 422, "invalid"},
		{"a long note", "POST", "/api/v1/tickets/20250603-A001/prints", kiosk, "", map[string]string{"state": "failed", "note": long}, 422, "invalid"},
		{"no ticket to cancel", "POST", "/api/v1/tickets/20250603-A001/cancel", kiosk, "", nil, 404, "not_found"},
		{"the day is open", "POST", "/api/v1/day/open", manager, "", nil, 409, "day_open"},
		{"unknown asset", "GET", "/assets/../../etc/passwd", "", "", nil, 404, "no_page"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := h.Get(200, kiosk, "/api/v1/catalogue").Body
			a := h.Send(halltest.Request{Method: c.method, Path: c.path, Token: c.token, Key: c.key, Body: c.body})
			code := a.Code()
			if a.Status != c.status || code == "" || c.code != "" && code != c.code {
				t.Fatalf("%d %s, want %d %s", a.Status, a.Body, c.status, c.code)
			}
			if !strings.HasPrefix(a.Header.Get("Content-Type"), "application/json") {
				t.Errorf("Content-Type %s", a.Header.Get("Content-Type"))
			}
			if !slices.ContainsFunc([]rune(string(a.Body)), func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
				t.Errorf("no sentence in the hall's language: %s", a.Body)
			}
			if c.status == 405 && !strings.Contains(a.Header.Get("Allow"), map[bool]string{true: "GET", false: "POST"}[strings.Contains(c.path, "catalogue")]) {
				t.Errorf("Allow: %q", a.Header.Get("Allow"))
			}
			if string(h.Get(200, kiosk, "/api/v1/catalogue").Body) != string(before) {
				t.Error("the refusal changed the hall")
			}
		})
	}
	h.Stop()
	if n := h.Verify(); n != 2 { // the layout and the day
		t.Errorf("%d events after nothing but refusals", n)
	}
}

// TestTooBig refuses a body over the bound and stays well.
func TestTooBig(t *testing.T) {
	h := halltest.New(t, 1)
	a, err := h.Try(halltest.Request{Method: http.MethodPost, Path: "/api/v1/tickets", Token: h.Tokens[account.Kiosk], Body: `{"matters":["` + strings.Repeat("x", 1<<20) + `"]}`})
	if err == nil && a.Status != http.StatusRequestEntityTooLarge { // the connection may break while the body is still sent
		t.Errorf("%d %s", a.Status, a.Body)
	}
	h.Get(200, "", "/readyz")
}

// TestABodyThatCannotBeReadIsRefusedByItsField says which field or byte is wrong, in the hall's language and without the names
// of our types.
func TestABodyThatCannotBeReadIsRefusedByItsField(t *testing.T) {
	h := halltest.New(t, 1)
	for _, c := range []struct{ body, want string }{
		{`{"matters":"x"}`, "matters：这里要的是列表，收到的是字符串。"},
		{`{"matters":[4]}`, "matters：这里要的是字符串，收到的是数字。"},
		{`{"matters":["x"],"person":{"kind":"id","number":11010519491231002}}`, "person.number：这里要的是字符串，收到的是数字。"},
		{`{"matters":["x"],"person":"x"}`, "person：这里要的是对象，收到的是字符串。"},
		{`{"matters":["x"],"language":true}`, "language：这里要的是字符串，收到的是 true 或 false。"},
		{`[]`, "请求体：这里要的是对象，收到的是列表。"},
		{`{"matters":["x"],"colour":"red"}`, "colour：没有这个字段。请核对字段名。"},
		{`{"matters":x}`, "请求体不是正确的 JSON：第 12 个字节有误。"},
		{`{"matters":`, "请求体不是正确的 JSON：内容不完整，没有写完。"},
		{`{} {}`, "请求体在 JSON 之后还有内容。"},
		{"{\"matters\":[\"\xca\xd0\"]}", "请求体不是 UTF-8 编码：第 14 个字节有误。"}, // 市 in GBK
		{`{"issued_at":"2026-13-01"}`, "时间 2026-13-01 有误：请写成 2026-06-01T10:30:00+08:00 的样子。"},
		{`{"issued_at":5}`, `时间要写成字符串，例如 "2026-06-01T10:30:00+08:00"。`},
		{`{"track":"x","priority":4}`, "priority：这里要的是字符串，收到的是数字。"},
	} {
		path := "/api/v1/tickets"
		if strings.Contains(c.body, "issued_at") || strings.Contains(c.body, "track") { // a field of a kiosk's own number only
			path = "/api/v1/tickets/offline"
		}
		a := h.Send(halltest.Request{Method: http.MethodPost, Path: path, Token: h.Tokens[account.Kiosk], Body: c.body})
		said := halltest.Into[struct{ Error struct{ Message string } }](h, a).Error.Message
		if a.Status != http.StatusBadRequest || said != c.want {
			t.Errorf("%s: %d %s", c.body, a.Status, said)
		}
	}
}

// TestHeadIsGetWithoutTheBody holds for who watches the server and for what fetches sizes; a socket has no head.
func TestHeadIsGetWithoutTheBody(t *testing.T) {
	h := halltest.New(t, 1)
	for path, status := range map[string]int{"/healthz": 200, "/readyz": 200, "/api/v1/catalogue": 200, "/api/v1/tickets/20250603-A001": 404, "/ws/hall": 405, "/api/v1/tickets": 405} {
		a := h.Send(halltest.Request{Method: http.MethodHead, Path: path, Token: h.Tokens[account.Kiosk]})
		if a.Status != status || len(a.Body) != 0 {
			t.Errorf("HEAD %s: %d %q, want %d", path, a.Status, a.Body, status)
		}
	}
	if a := h.Send(halltest.Request{Method: http.MethodHead, Path: "/api/v1/catalogue"}); a.Status != http.StatusUnauthorized {
		t.Errorf("without a token: %d", a.Status)
	}
}
