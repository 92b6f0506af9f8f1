package api

import (
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/swaggest/jsonschema-go"

	"yitang/server/account"
	"yitang/server/wire"
)

// object is a piece of the description.
type object = map[string]any

// openAPI answers with the OpenAPI 3.1 description of the route table.
func (a *API) openAPI(c *fiber.Ctx) error {
	doc, err := Describe(a.routes())
	if err != nil {
		return err
	}
	return c.JSON(doc)
}

// Describe writes the route table as an OpenAPI 3.1 description; schemas come from the wire types themselves.
func Describe(routes []route) (map[string]any, error) {
	d := describer{schemas: object{}}
	paths := map[string]object{}
	for _, r := range routes {
		op, err := d.operation(r)
		if err != nil {
			return nil, err
		}
		p := openPath(r.path)
		if paths[p] == nil {
			paths[p] = object{}
		}
		paths[p][strings.ToLower(r.method)] = op
	}
	return object{
		"openapi": "3.1.0",
		"info": object{"title": "Yitang hall API", "version": "1",
			"description": "Queue and kiosk system of one service hall. Times are RFC 3339 in the hall's zone. Every error has one shape."},
		"paths": paths,
		"components": object{"schemas": d.schemas, "securitySchemes": object{
			"bearer": object{"type": "http", "scheme": "bearer"},
			"cookie": object{"type": "apiKey", "in": "cookie", "name": cookieName},
		}},
	}, nil
}

type describer struct{ schemas object }

func (d *describer) operation(r route) (object, error) {
	op := object{"summary": r.summary, "operationId": operationID(r), "parameters": parameters(r)}
	if r.detail != "" {
		op["description"] = r.detail
	}
	op["x-roles"] = roleNames(r.roles)
	op["security"] = []object{}
	if r.roles != nil {
		op["security"] = []object{{"bearer": []string{}}, {"cookie": []string{}}}
	}
	if r.in != nil {
		in, err := d.schema(r.in)
		if err != nil {
			return nil, err
		}
		op["requestBody"] = object{"content": content(in)}
	}
	out, err := d.responses(r)
	op["responses"] = out
	return op, err
}

func (d *describer) responses(r route) (object, error) {
	refused, err := d.schema(wire.ErrorBody{})
	if err != nil {
		return nil, err
	}
	good := object{"description": http.StatusText(r.status)}
	if r.socket {
		good["description"] = "Switching to WebSocket; each message has this schema, first as snapshot, then as update"
	}
	if r.out != nil {
		schema, err := d.schema(r.out)
		if err != nil {
			return nil, err
		}
		good["content"] = content(schema)
	}
	all := object{strconv.Itoa(r.status): good, "default": object{"description": "Refused", "content": content(refused)}}
	if r.empty != "" {
		all["204"] = object{"description": r.empty}
	}
	return all, nil
}

// schema adds a type and what it refers to, and returns the reference to it.
func (d *describer) schema(v any) (object, error) {
	r := jsonschema.Reflector{}
	s, err := r.Reflect(v, jsonschema.DefinitionsPrefix("#/components/schemas/"),
		jsonschema.StripDefinitionNamePrefix("Wire"),
		jsonschema.CollectDefinitions(func(name string, s jsonschema.Schema) { d.schemas[name] = s }))
	if err != nil {
		return nil, err
	}
	name := reflect.TypeOf(v).Name()
	s.Definitions = nil
	d.schemas[name] = s
	return object{"$ref": "#/components/schemas/" + name}, nil
}

func content(schema object) object {
	return object{"application/json": object{"schema": schema}}
}

func parameters(r route) []object {
	list := []object{}
	for _, part := range strings.Split(r.path, "/") {
		if name, ok := strings.CutPrefix(part, ":"); ok {
			list = append(list, object{"name": name, "in": "path", "required": true, "schema": object{"type": "string"}})
		}
	}
	if (r.method == http.MethodPost || r.method == http.MethodPut) && r.roles != nil {
		list = append(list, object{"name": "Idempotency-Key", "in": "header", "schema": object{"type": "string", "maxLength": maxKeyLength},
			"description": "A client's own key: the same request with the same key gets the first answer again, for a week and also after a restart"})
	}
	return list
}

func roleNames(roles []account.Role) []string {
	list := []string{}
	for _, r := range roles {
		list = append(list, string(r))
	}
	return list
}

// operationID is the method and the path's words: postWindowsNext.
func operationID(r route) string {
	id := strings.ToLower(r.method)
	for _, part := range strings.FieldsFunc(strings.TrimPrefix(r.path, "/api/v1"), func(c rune) bool { return c == '/' || c == '-' || c == '.' || c == ':' }) {
		id += strings.ToUpper(part[:1]) + part[1:]
	}
	return id
}
