package api_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"yitang/server/account"
	"yitang/server/api"
	"yitang/server/feed"
	"yitang/server/halltest"
	"yitang/server/metrics"
	"yitang/server/person"
	"yitang/server/wire"
)

// operation is one operation of the served description.
type operation struct {
	method, path string
	Summary      string
	OperationID  string         `json:"operationId"`
	Roles        []account.Role `json:"x-roles"`
	Security     []map[string][]string
	Parameters   []parameter
	RequestBody  *struct{ Content map[string]media } `json:"requestBody"`
	Responses    map[string]response
}

type parameter struct {
	Name, In string
	Required bool
	Schema   map[string]any
}

type response struct {
	Description string
	Content     map[string]media
}

type media struct{ Schema map[string]any }

func (o operation) String() string { return o.method + " " + o.path }

// operations reads the served description, in a fixed order; deletions come last.
func operations(h *halltest.Hall) []operation {
	h.Helper()
	doc := halltest.Into[struct {
		Paths map[string]map[string]operation
	}](h, h.Get(200, "", "/api/v1/openapi.json"))
	var list []operation
	for path, ops := range doc.Paths {
		for method, o := range ops {
			o.method, o.path = strings.ToUpper(method), path
			list = append(list, o)
		}
	}
	slices.SortFunc(list, func(a, b operation) int {
		return strings.Compare(order(a), order(b))
	})
	return list
}

func order(o operation) string {
	if o.method == "DELETE" {
		return "~" + o.String()
	}
	return o.String()
}

// keyless are the POSTs that keep no answer: a search, a place given up once and for all, and those whose answer is a secret.
func keyless() []string {
	return []string{"/api/v1/sessions", "/api/v1/setup", "/api/v1/enrolments", "/api/v1/enrolments/claim", "/api/v1/appointments/find", "/api/v1/track/{code}/cancel",
		"/api/v1/halls/{hall}/appointments/find"}
}

// bare is an API that is only looked at.
func bare() *api.API {
	return api.New(api.Config{Feed: feed.New(), Metrics: metrics.New(), Now: time.Now, Key: person.Key{}, Pages: fstest.MapFS{}, Log: zerolog.Nop()})
}

// TestDescriptionIsTheTable holds the served description against the route table, and this against what fiber answers.
func TestDescriptionIsTheTable(t *testing.T) {
	h := halltest.New(t, 1)
	a := bare()
	described, err := a.Described()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(described)
	if err != nil {
		t.Fatal(err)
	}
	var want, have any
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(h.Get(200, "", "/api/v1/openapi.json").Body, &have); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("served is not the table (-table +served):\n%s", diff)
	}
	var listed []string
	for _, o := range operations(h) {
		listed = append(listed, o.String())
	}
	registered := a.Registered()
	slices.Sort(listed)
	slices.Sort(registered)
	if diff := cmp.Diff(listed, registered); diff != "" {
		t.Errorf("the description is not what is answered (-described +answered):\n%s", diff)
	}
}

// TestContractPaths holds the paths that others build on.
func TestContractPaths(t *testing.T) {
	have := map[string]bool{}
	for _, o := range operations(halltest.New(t, 1)) {
		have[o.String()] = true
	}
	want := []string{"POST /api/v1/sessions", "GET /api/v1/catalogue", "POST /api/v1/tickets", "GET /api/v1/tickets/{ticket}",
		"GET /ws/screens/{screen}", "GET /ws/hall", "GET /healthz", "GET /readyz"}
	for _, act := range []string{"open", "pause", "resume", "close", "next", "recall", "start", "hold", "no-show", "transfer", "finish"} {
		want = append(want, "POST /api/v1/windows/{window}/"+act)
	}
	for _, act := range []string{"resume", "reactivate", "cancel"} {
		want = append(want, "POST /api/v1/tickets/{ticket}/"+act)
	}
	for _, w := range want {
		if !have[w] {
			t.Errorf("%s is missing", w)
		}
	}
}

// TestDescriptionShape holds the description to what OpenAPI 3.1 asks of a document.
func TestDescriptionShape(t *testing.T) {
	h := halltest.New(t, 1)
	body := h.Get(200, "", "/api/v1/openapi.json").Body
	var doc struct {
		OpenAPI    string
		Info       struct{ Title, Version string }
		Components struct {
			Schemas         map[string]map[string]any
			SecuritySchemes map[string]map[string]any
		}
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.OpenAPI != "3.1.0" || doc.Info.Title == "" || doc.Info.Version == "" {
		t.Errorf("head: %+v %+v", doc.OpenAPI, doc.Info)
	}
	for _, ref := range regexp.MustCompile(`"\$ref":"([^"]*)"`).FindAllStringSubmatch(string(body), -1) {
		name, ok := strings.CutPrefix(ref[1], "#/components/schemas/")
		if !ok || doc.Components.Schemas[name] == nil {
			t.Errorf("$ref %s leads nowhere", ref[1])
		}
	}
	ids := map[string]bool{}
	for _, o := range operations(h) {
		if ids[o.OperationID] || o.OperationID == "" {
			t.Errorf("%s: operationId %q is empty or stands twice", o, o.OperationID)
		}
		ids[o.OperationID] = true
		for _, fault := range shapeFaults(o) {
			t.Errorf("%s: %s", o, fault)
		}
		for _, s := range o.Security {
			for scheme := range s {
				if doc.Components.SecuritySchemes[scheme] == nil {
					t.Errorf("%s: security scheme %s is not described", o, scheme)
				}
			}
		}
	}
}

func shapeFaults(o operation) []string {
	var faults []string
	say := func(bad bool, format string, args ...any) {
		if bad {
			faults = append(faults, fmt.Sprintf(format, args...))
		}
	}
	say(o.Summary == "", "no summary")
	say((len(o.Roles) == 0) != (len(o.Security) == 0), "roles %v but security %v", o.Roles, o.Security)
	var inPath []string
	for _, p := range o.Parameters {
		say(p.Name == "" || p.Schema["type"] == nil || !slices.Contains([]string{"path", "header", "query"}, p.In), "parameter %+v", p)
		if p.In == "path" {
			say(!p.Required, "path parameter %s is not required", p.Name)
			inPath = append(inPath, p.Name)
		}
	}
	var want []string
	for _, m := range regexp.MustCompile(`\{([^}]*)\}`).FindAllStringSubmatch(o.path, -1) {
		want = append(want, m[1])
	}
	say(!slices.Equal(inPath, want), "path parameters %v, want %v", inPath, want)
	say(o.method == "POST" && !slices.Contains(keyless(), o.path) && !slices.ContainsFunc(o.Parameters, func(p parameter) bool { return p.Name == "Idempotency-Key" }), "no Idempotency-Key")
	say(o.Responses["default"].Content["application/json"].Schema["$ref"] != "#/components/schemas/ErrorBody", "no error among the responses")
	success := 0
	for code, r := range o.Responses {
		say(r.Description == "", "response %s has no description", code)
		if code != "default" {
			success++
			say(len(r.Content) == 0 && code != "204", "response %s says nothing of its content", code)
		}
	}
	say(success == 0, "no success among the responses")
	say(o.RequestBody != nil && o.RequestBody.Content["application/json"].Schema == nil, "a request body without a schema")
	return faults
}

// TestSchemasAllowTheNullsThatAreSent holds answers of an empty hall, which are full of what is not there yet, against their
// schemas.
func TestSchemasAllowTheNullsThatAreSent(t *testing.T) {
	h := halltest.New(t, 1)
	taken := halltest.Into[struct{ ID string }](h, h.Post(201, h.Tokens[account.Kiosk], "/api/v1/tickets", "", map[string]any{"matters": []string{h.Matters[0]}}))
	doc := halltest.Into[struct {
		Components struct{ Schemas map[string]map[string]any }
		Paths      map[string]map[string]operation
	}](h, h.Get(200, "", "/api/v1/openapi.json"))
	for path, at := range map[string]string{"/api/v1/layout": "", "/api/v1/public": "", "/api/v1/tickets/{ticket}": taken.ID, "/api/v1/tickets/{ticket}/brief": taken.ID} {
		schema := doc.Paths[path]["get"].Responses["200"].Content["application/json"].Schema
		var sent any
		if err := json.Unmarshal(h.Get(200, h.Tokens[account.Manager], strings.ReplaceAll(path, "{ticket}", at)).Body, &sent); err != nil {
			t.Fatal(err)
		}
		for _, where := range forbiddenNulls(doc.Components.Schemas, schema, sent, "") {
			t.Errorf("GET %s sends null where its schema has none: %s", path, where)
		}
	}
}

// forbiddenNulls lists where v is null although its schema does not say so.
func forbiddenNulls(all map[string]map[string]any, schema map[string]any, v any, at string) []string {
	for _, one := range []string{"anyOf", "oneOf"} {
		if list, ok := schema[one].([]any); ok && v == nil {
			if !slices.ContainsFunc(list, func(s any) bool { return s.(map[string]any)["type"] == "null" }) {
				return []string{at}
			}
			return nil
		} else if ok {
			schema = list[len(list)-1].(map[string]any)
		}
	}
	if ref, ok := schema["$ref"].(string); ok {
		schema = all[strings.TrimPrefix(ref, "#/components/schemas/")]
	}
	var found []string
	switch v := v.(type) {
	case nil:
		if kinds, ok := schema["type"].([]any); schema["type"] != nil && (!ok || !slices.Contains(kinds, any("null"))) {
			return []string{at}
		}
	case map[string]any:
		properties, _ := schema["properties"].(map[string]any)
		for name, part := range v {
			if s, ok := properties[name].(map[string]any); ok {
				found = append(found, forbiddenNulls(all, s, part, at+"/"+name)...)
			}
		}
	case []any:
		if items, ok := schema["items"].(map[string]any); ok {
			for _, part := range v {
				found = append(found, forbiddenNulls(all, items, part, at+"/item")...)
			}
		}
	}
	return found
}

// TestNoValueThatFindsNothing: a list that is asked for what there is not says so, naming the field, instead of being empty.
func TestNoValueThatFindsNothing(t *testing.T) {
	h := halltest.New(t, 1)
	for path, field := range map[string]string{"/api/v1/cases?state=open": "state：", "/api/v1/cases?delivery=pigeon": "delivery：", "/api/v1/cases?closed=true": "closed：",
		"/api/v1/cases?joint=1": "joint：", "/api/v1/ratings/tasks?closed=ja": "closed："} {
		var told wire.ErrorBody
		if body := h.Get(400, h.Tokens[account.Manager], path).Body; json.Unmarshal(body, &told) != nil || !strings.HasPrefix(told.Error.Message, field) {
			t.Errorf("%s: %s", path, body)
		}
	}
	h.Get(200, h.Tokens[account.Manager], "/api/v1/cases?state=&closed=no")
}
