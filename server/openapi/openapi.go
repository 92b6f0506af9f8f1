// Package openapi writes a route table as an OpenAPI 3.1 description, so that a server's description cannot say what its
// table does not. The hall and the city use it. It is pure and owns no goroutine.
package openapi

import (
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/swaggest/jsonschema-go"
)

// Object is a piece of the description.
type Object = map[string]any

// API is what a description says of all routes together.
type API struct {
	Title, Description string
	Cookie             string // name of the session's cookie
	Strip              string // of the names of types: "Wire" for those of package wire
	Refused            any    // zero value of the body of every refusal
	MaxKey             int    // longest Idempotency-Key; 0 = the routes take none
}

// Route is one row of a table.
type Route struct {
	Method, Path    string // parameters in braces: /api/v1/tickets/{ticket}
	Summary, Detail string
	Roles           []string // nil = open to everybody
	Query           []Query
	In, Out         any    // zero values of the bodies, nil = none
	Type            string // of an answer that Out does not describe: text/csv; empty otherwise
	Status          int    // of success
	Empty           string // when it answers 204 instead
	Socket          bool
	Keyless         bool // a POST that takes no Idempotency-Key
}

// Query is a parameter after the question mark.
type Query struct {
	Name, Format, About string // Format as JSON Schema names it: date
	Required            bool
	Values              []string // all that it may be; nil where it is free
}

// Describe writes the table; schemas come from the types themselves.
func (a API) Describe(routes []Route) (Object, error) {
	d := describer{API: a, schemas: Object{}}
	paths := map[string]Object{}
	for _, r := range routes {
		op, err := d.operation(r)
		if err != nil {
			return nil, err
		}
		if paths[r.Path] == nil {
			paths[r.Path] = Object{}
		}
		paths[r.Path][strings.ToLower(r.Method)] = op
	}
	return Object{
		"openapi": "3.1.0",
		"info":    Object{"title": a.Title, "version": "1", "description": a.Description},
		"paths":   paths,
		"components": Object{"schemas": d.schemas, "securitySchemes": Object{
			"bearer": Object{"type": "http", "scheme": "bearer"},
			"cookie": Object{"type": "apiKey", "in": "cookie", "name": a.Cookie},
		}},
	}, nil
}

type describer struct {
	API
	schemas Object
}

func (d *describer) operation(r Route) (Object, error) {
	op := Object{"summary": r.Summary, "operationId": operationID(r), "parameters": d.parameters(r), "x-roles": append([]string{}, r.Roles...)}
	if r.Detail != "" {
		op["description"] = r.Detail
	}
	op["security"] = []Object{}
	if r.Roles != nil {
		op["security"] = []Object{{"bearer": []string{}}, {"cookie": []string{}}}
	}
	if r.In != nil {
		in, err := d.schema(r.In)
		if err != nil {
			return nil, err
		}
		op["requestBody"] = Object{"content": content(in)}
	}
	out, err := d.responses(r)
	op["responses"] = out
	return op, err
}

func (d *describer) responses(r Route) (Object, error) {
	refused, err := d.schema(d.Refused)
	if err != nil {
		return nil, err
	}
	good := Object{"description": http.StatusText(r.Status)}
	if r.Socket {
		good["description"] = "Switching to WebSocket; each message has this schema, first as snapshot, then as update"
	}
	if r.Type != "" {
		good["content"] = Object{r.Type: Object{"schema": plain(r.Type)}}
	}
	if r.Out != nil {
		schema, err := d.schema(r.Out)
		if err != nil {
			return nil, err
		}
		good["content"] = content(schema)
	}
	all := Object{strconv.Itoa(r.Status): good, "default": Object{"description": "Refused", "content": content(refused)}}
	if r.Empty != "" {
		all["204"] = Object{"description": r.Empty}
	}
	return all, nil
}

// plain is the schema of an answer that no type of ours describes.
func plain(kind string) Object {
	if kind == "application/json" {
		return Object{"type": "object"}
	}
	return Object{"type": "string"}
}

// schema adds a type and what it refers to, and returns the reference to it.
func (d *describer) schema(v any) (Object, error) {
	r := jsonschema.Reflector{}
	s, err := r.Reflect(v, jsonschema.DefinitionsPrefix("#/components/schemas/"), nullable,
		jsonschema.StripDefinitionNamePrefix(d.Strip),
		jsonschema.CollectDefinitions(func(name string, s jsonschema.Schema) { d.schemas[name] = s }))
	if err != nil {
		return nil, err
	}
	name := reflect.TypeOf(v).Name()
	s.Definitions = nil
	d.schemas[name] = s
	return Object{"$ref": "#/components/schemas/" + name}, nil
}

// nullable says of a field that points to a type of its own that it may be null.
func nullable(rc *jsonschema.ReflectContext) { rc.EnvelopNullability = true }

func content(schema Object) Object {
	return Object{"application/json": Object{"schema": schema}}
}

func (d *describer) parameters(r Route) []Object {
	list := []Object{}
	for _, part := range strings.Split(r.Path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			list = append(list, Object{"name": strings.TrimSuffix(name, "}"), "in": "path", "required": true, "schema": Object{"type": "string"}})
		}
	}
	for _, q := range r.Query {
		schema := Object{"type": "string"}
		if q.Format != "" {
			schema["format"] = q.Format
		}
		if q.Values != nil {
			schema["enum"] = q.Values
		}
		list = append(list, Object{"name": q.Name, "in": "query", "required": q.Required, "schema": schema, "description": q.About})
	}
	if (r.Method == http.MethodPost || r.Method == http.MethodPut) && !r.Keyless && d.MaxKey > 0 {
		list = append(list, Object{"name": "Idempotency-Key", "in": "header", "schema": Object{"type": "string", "maxLength": d.MaxKey},
			"description": "A client's own key: the same request with the same key gets the first answer again, for a week and also after a restart"})
	}
	return list
}

// operationID is the method and the path's words: postWindowsNext.
func operationID(r Route) string {
	id := strings.ToLower(r.Method)
	for _, part := range strings.FieldsFunc(strings.TrimPrefix(r.Path, "/api/v1"), func(c rune) bool { return strings.ContainsRune("/-.{}", c) }) {
		id += strings.ToUpper(part[:1]) + part[1:]
	}
	return id
}
