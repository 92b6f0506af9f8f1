package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/openapi"
	"yitang/server/wire"
)

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
	list := make([]openapi.Route, len(routes))
	for i, r := range routes {
		if r.query || r.socket {
			r.params = append(slices.Clip(r.params), may("token", "instead of the Authorization header, where a client cannot send one"))
		}
		list[i] = openapi.Route{Method: r.method, Path: openPath(r.path), Summary: r.summary, Detail: r.detail, Roles: roleNames(r.roles), In: r.in, Out: r.out,
			Status: r.status, Empty: r.empty, Socket: r.socket, Type: r.kind, Query: r.params, Keyless: r.keyless}
	}
	return openapi.API{Title: "Yitang hall API", Cookie: cookieName, Strip: "Wire", Refused: wire.ErrorBody{}, MaxKey: maxKeyLength,
		Description: "Queue and kiosk system of one service hall. Times are RFC 3339 in the hall's zone. Every error has one shape."}.Describe(list)
}

// roleNames are the roles' names, nil for a route that is open to everybody.
func roleNames(roles []account.Role) []string {
	var list []string
	for _, r := range roles {
		list = append(list, string(r))
	}
	return list
}

// asks are what a route reads behind the question mark.
type asks []openapi.Query

// fit refuses a value that a parameter may not have: it would find nothing, and look like an answer.
func (a asks) fit(c *fiber.Ctx) error {
	for _, q := range a {
		if v := c.Query(q.Name); v != "" && q.Values != nil && !slices.Contains(q.Values, v) {
			return refusal(http.StatusBadRequest, string(hall.CodeInvalid), q.Name+"：不能是“"+v+"”，请写 "+strings.Join(q.Values, "、")+"，或不写。")
		}
	}
	return nil
}

func may(name, about string) openapi.Query { return openapi.Query{Name: name, About: about} }
func must(name, about string) openapi.Query {
	return openapi.Query{Name: name, About: about, Required: true}
}
func one(name, about string, values ...string) openapi.Query {
	return openapi.Query{Name: name, About: about, Values: values}
}
func yesOrNo(name, about string) openapi.Query { return one(name, about, "yes", "no") }
func mayDay(name, about string) openapi.Query {
	return openapi.Query{Name: name, Format: "date", About: about}
}
func mustDay(name, about string) openapi.Query {
	return openapi.Query{Name: name, Format: "date", About: about, Required: true}
}
