package city_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yitang/city"
	"yitang/city/register"
	"yitang/server/account"
	"yitang/server/wire"
)

// reply is what the city answered.
type reply struct {
	status int
	code   string
	body   []byte
	kind   string
}

// ask sends a request as whoever has a token.
func (w *town) ask(method, path, token string, in any) reply {
	w.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		w.Fatal(err)
	}
	req, err := http.NewRequest(method, w.url+path, strings.NewReader(string(body)))
	if err != nil {
		w.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	out := reply{status: res.StatusCode, kind: res.Header.Get("Content-Type")}
	if out.body, err = io.ReadAll(res.Body); err != nil {
		w.Fatal(err)
	}
	var refused wire.ErrorBody
	if json.Unmarshal(out.body, &refused) == nil {
		out.code = refused.Error.Code
	}
	return out
}

// enter logs somebody in.
func (w *town) enter(user, password string) city.Session {
	w.Helper()
	var s city.Session
	w.call(http.MethodPost, "/api/v1/sessions", 201, wire.Login{User: user, Password: password}, &s)
	return s
}

const commonPassword = "Correct-horse-1"

// people are one user of each role, logged in.
func (w *town) people() map[string]string {
	w.Helper()
	hash, tokens := account.HashPassword(commonPassword), map[string]string{}
	w.change(func(r *register.Register) {
		for _, role := range register.Roles() {
			r.Users["a-"+string(role)] = register.User{Name: string(role), Role: role, Password: hash}
		}
	})
	w.end() // at the start it knows them at once
	w.start()
	for _, role := range register.Roles() {
		tokens[string(role)] = w.enter("a-"+string(role), commonPassword).Token
	}
	return tokens
}

type described struct {
	Summary     string
	Roles       []string `json:"x-roles"`
	Security    []any
	RequestBody *struct{ Content map[string]any } `json:"requestBody"`
	Responses   map[string]struct{ Content map[string]any }
}

func (w *town) description() (ops map[string]described, text string) {
	w.Helper()
	body := w.ask(http.MethodGet, "/api/v1/openapi.json", "", nil).body
	var doc struct {
		Paths map[string]map[string]described
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		w.Fatal(err)
	}
	ops = map[string]described{}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			ops[strings.ToUpper(method)+" "+path] = op
		}
	}
	return ops, string(body)
}

// rights reads testdata/roles.txt.
func rights(t *testing.T) map[string]map[string]bool {
	t.Helper()
	text, err := os.ReadFile("testdata/roles.txt")
	if err != nil {
		t.Fatal(err)
	}
	columns := []string{"none"}
	for _, r := range register.Roles() {
		columns = append(columns, string(r))
	}
	rows := map[string]map[string]bool{}
	for n, line := range strings.Split(string(text), "\n") {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0] == "#":
		case len(words) != 2+len(columns):
			t.Fatalf("roles.txt:%d: %d columns", n+1, len(words))
		case words[0] == "method":
			if diff := cmp.Diff(columns, words[2:]); diff != "" {
				t.Fatal(diff)
			}
		default:
			row := map[string]bool{}
			for i, c := range columns {
				row[c] = words[2+i] == "x"
			}
			rows[words[0]+" "+words[1]] = row
		}
	}
	return rows
}

// TestRoles sends a request of nobody and of each role to every route that is described, and holds the answers against
// testdata/roles.txt. A route without a row fails, and a row without a route.
func TestRoles(t *testing.T) {
	w := newTown(t)
	tokens, rows := w.people(), rights(t)
	tokens["none"] = "made-up"
	ops, _ := w.description()
	list := slices.SortedFunc(func(yield func(string) bool) {
		for name := range ops {
			if !yield(name) {
				return
			}
		}
	}, func(a, b string) int { return strings.Compare(order(a), order(b)) })
	for _, name := range list {
		row, ok := rows[name]
		if !ok {
			t.Errorf("%s has no row in testdata/roles.txt: say there who may do it", name)
			continue
		}
		delete(rows, name)
		var roles []string
		for _, r := range register.Roles() {
			if row[string(r)] && !row["none"] {
				roles = append(roles, string(r))
			}
		}
		if !slices.Equal(roles, ops[name].Roles) {
			t.Errorf("%s is described for %v, the table says %v", name, ops[name].Roles, roles)
		}
		method, path, _ := strings.Cut(name, " ")
		path = strings.NewReplacer("{user}", "nobody", "{case}", "x%2F20250603-0001").Replace(path)
		for who, may := range row {
			got := w.ask(method, path+"?from=2025-06-01&to=2025-06-30", tokens[who], nil)
			refused := map[bool]string{true: "not_logged_in", false: "forbidden"}[who == "none"]
			if may && (got.code == "not_logged_in" || got.code == "forbidden" || got.status >= 500) || !may && got.code != refused {
				t.Errorf("%s by %s: %d %s", name, who, got.status, got.body)
			}
		}
	}
	for row := range rows {
		t.Errorf("testdata/roles.txt has a row for %s, which is no route", row)
	}
}

// order puts what ends a session last.
func order(name string) string {
	if strings.HasPrefix(name, "DELETE") {
		return "~" + name
	}
	return name
}

// TestDescription: every answer with a body and every request with one has a schema, every reference leads somewhere, and
// nothing under /api is answered beside the table.
func TestDescription(t *testing.T) {
	w := newTown(t)
	ops, text := w.description()
	var doc struct {
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	for _, ref := range regexp.MustCompile(`"\$ref":"([^"]*)"`).FindAllStringSubmatch(text, -1) {
		if name, ok := strings.CutPrefix(ref[1], "#/components/schemas/"); !ok || doc.Components.Schemas[name] == nil {
			t.Errorf("$ref %s leads nowhere", ref[1])
		}
	}
	for name, op := range ops {
		if op.Summary == "" || op.Responses["default"].Content["application/json"] == nil {
			t.Errorf("%s: no summary, or no error among the responses", name)
		}
		if _, empty := op.Responses["204"]; !empty && len(op.Responses["200"].Content)+len(op.Responses["201"].Content) == 0 {
			t.Errorf("%s: its answer has no schema", name)
		}
	}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range sources {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(name, "_test.go") && regexp.MustCompile(`Handle(Func)?\("[^"]*/(api|healthz|readyz)`).Match(text) {
			t.Errorf("%s answers something that is not in the table of routes.go", name)
		}
	}
	w.call(http.MethodGet, "/api/v1/period?from=2025-06-30&to=2025-06-01", 422, nil, nil)
	w.call(http.MethodGet, "/nothing", 404, nil, nil)
}

// TestUsers: an administrator opens an account with a password that must be changed, changes a role at once, ends sessions by a
// new password, and cannot take away the own account or the last administrator's. Who guesses is locked out until unlocked. A restart of the city changes nothing of it.
func TestUsers(t *testing.T) {
	w := newTown(t)
	admin := w.people()["admin"]
	var given city.GivenPassword
	w.token = admin
	w.call("POST", "/api/v1/users", 201, city.NewUser{User: "li", Name: "李", Role: register.Viewer}, &given)
	w.call("POST", "/api/v1/users", 409, city.NewUser{User: "li", Name: "李", Role: register.Viewer}, nil)
	w.call("POST", "/api/v1/users", 422, city.NewUser{User: "zhao", Name: "赵", Role: "king"}, nil)
	long := city.NewUser{User: strings.Repeat("李", account.MaxUser), Name: "李", Role: register.Viewer}
	var its city.GivenPassword
	w.call("POST", "/api/v1/users", 201, long, &its)
	w.enter(long.User, its.Password)
	if got := w.ask("POST", "/api/v1/sessions", "", wire.Login{User: "li", Password: strings.Repeat("x", 1<<20)}); got.code != "invalid" {
		t.Errorf("a login of a megabyte: %s", got.body)
	}
	first := w.enter("li", given.Password)
	if !first.MustChange {
		t.Error("a given password need not be changed")
	}
	if got := w.ask("GET", "/api/v1/halls", first.Token, nil); got.code != "password_change_required" {
		t.Errorf("%s", got.body)
	}
	change := func(old, new string) reply {
		return w.ask("POST", "/api/v1/session/password", first.Token, wire.PasswordChange{Old: old, New: new})
	}
	if got := change("wrong", "Another-horse-2"); got.code != "wrong_password" {
		t.Errorf("%s", got.body)
	}
	if got := change(given.Password, given.Password); got.code != "weak_password" {
		t.Errorf("%s", got.body)
	}
	if got := change(given.Password, "Another-horse-2"); got.status != 204 {
		t.Errorf("%s", got.body)
	}
	if got := w.ask("GET", "/api/v1/halls", first.Token, nil); got.status != 401 {
		t.Error("the session outlived its password")
	}
	li := w.enter("li", "Another-horse-2").Token
	if got := w.ask("POST", "/api/v1/standard", li, nil); got.code != "forbidden" {
		t.Errorf("%s", got.body)
	}
	w.call("PUT", "/api/v1/users/li", 200, city.UserChange{Role: register.Editor}, nil)
	if got := w.ask("POST", "/api/v1/standard", li, city.Publication{}); got.code != "invalid" {
		t.Errorf("the new role does not count at once: %s", got.body)
	}
	for _, c := range []struct {
		user string
		want string
	}{{"a-admin", "own_account"}, {"nobody", "not_found"}} {
		if got := w.ask("PUT", "/api/v1/users/"+c.user, admin, city.UserChange{Role: register.Viewer}); got.code != c.want {
			t.Errorf("%s: %s", c.user, got.body)
		}
	}
	w.guesses(li)
	w.call("PUT", "/api/v1/users/li", 200, city.UserChange{Close: true}, nil)
	if got := w.ask("POST", "/api/v1/sessions", "", wire.Login{User: "li", Password: "Another-horse-2"}); got.status != 401 {
		t.Errorf("a closed account lets in: %s", got.body)
	}
}

// guesses locks li out, who is inside already, and unlocks.
func (w *town) guesses(inside string) {
	w.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	codes := map[string]int{}
	for range 4 * account.AccountFailures {
		all.Go(func() {
			got := w.ask("POST", "/api/v1/sessions", "", wire.Login{User: "li", Password: "guess"})
			mu.Lock()
			defer mu.Unlock()
			codes[got.code]++
		})
	}
	all.Wait()
	if n := codes["wrong_password"]; n < account.AccountFailures || n > account.AccountFailures+1 { // two at a time are judged
		w.Errorf("guesses that came together: %v", codes)
	}
	w.call("POST", "/api/v1/sessions", 429, wire.Login{User: "li", Password: "Another-horse-2"}, nil)
	w.end() // neither who is inside nor who has guessed is forgotten with the process
	w.start()
	w.call("POST", "/api/v1/sessions", 429, wire.Login{User: "li", Password: "Another-horse-2"}, nil)
	if got := w.ask("GET", "/api/v1/halls", inside, nil); got.status != 200 {
		w.Errorf("guessing throws out who is inside: %s", got.body)
	}
	w.call("POST", "/api/v1/users/li/unlock", 204, nil, nil)
	w.call("POST", "/api/v1/users/nobody/unlock", 404, nil, nil)
	w.enter("li", "Another-horse-2")
}
