package city

import (
	"net/http"
	"slices"

	"yitang/city/ledger"
	"yitang/city/outbox"
	"yitang/city/register"
	"yitang/server/hall"
	"yitang/server/openapi"
	"yitang/server/report"
	"yitang/server/wire"
)

// handler answers with what becomes JSON, nil with 204; a file is sent as it is.
type handler func(r *http.Request, who *caller) (any, error)

// file is an answer that is no JSON.
type file struct {
	kind, name string // content type, and the name under which it is kept; empty shows it
	body       []byte
}

// route is one row of the city's API. The description, the rights and what is answered are made from it.
type route struct {
	method, path    string
	summary, detail string
	roles           []register.Role // nil = open to everybody
	query           []openapi.Query
	in, out         any
	kind            string // of an answer that is no JSON
	status          int
	door            bool // open also to who must change the password first
	handle          handler
}

// The answers that are lists, by name.
type (
	// Glances are all halls at a glance.
	Glances []Glance
	// Period are figures by hall.
	Period map[hall.ID]ledger.Figures
	// Users are who may log in.
	Users []User
)

// routes is the city's API.
func (t *City) routes() []route {
	return append(append(t.doorRoutes(), t.userRoutes()...), append(t.figureRoutes(), t.standardRoutes()...)...)
}

func (t *City) doorRoutes() []route {
	everybody := register.Roles()
	return []route{
		{method: "POST", path: "/api/v1/sessions", summary: "Log in", detail: "The token is a cookie too. Five failures lock the user for a quarter of an hour, twenty the address.",
			in: wire.Login{}, out: Session{}, status: 201},
		{method: "GET", path: "/api/v1/session", summary: "Who is logged in, to which city", roles: everybody, out: Session{}, status: 200, door: true,
			handle: func(_ *http.Request, who *caller) (any, error) { return t.session(who), nil }},
		{method: "DELETE", path: "/api/v1/session", summary: "Log out", roles: everybody, status: 204, door: true, handle: t.logout},
		{method: "POST", path: "/api/v1/session/password", summary: "Change one's own password", detail: "Ends every session of the user.",
			roles: everybody, in: wire.PasswordChange{}, status: 204, door: true, handle: t.changePassword},
		{method: "GET", path: "/api/v1/openapi.json", summary: "This description", kind: "application/json", status: 200, handle: t.openAPI},
		{method: "GET", path: "/healthz", summary: "The process answers", kind: "text/plain", status: 200,
			handle: func(*http.Request, *caller) (any, error) { return file{kind: "text/plain", body: []byte("ok\n")}, nil }},
		{method: "GET", path: "/readyz", summary: "Database and line are there, and how many letters wait", out: Ready{}, status: 200, handle: t.ready},
	}
}

func (t *City) userRoutes() []route {
	admin := []register.Role{register.Admin}
	return []route{
		{method: "GET", path: "/api/v1/users", summary: "Who may log in", roles: admin, out: Users{}, status: 200, handle: t.listUsers},
		{method: "POST", path: "/api/v1/users", summary: "Open an account", detail: "The password is in the answer only, and must be changed at the first login.",
			roles: admin, in: NewUser{}, out: GivenPassword{}, status: 201, handle: t.openUser},
		{method: "PUT", path: "/api/v1/users/{user}", summary: "Change a name or a role, or close an account for good", detail: "The last administrator stays, and nobody changes the own account.",
			roles: admin, in: UserChange{}, out: User{}, status: 200, handle: t.changeUser},
		{method: "POST", path: "/api/v1/users/{user}/password", summary: "Give a new password", detail: "Ends every session of the user and unlocks.",
			roles: admin, out: GivenPassword{}, status: 200, handle: t.givePassword},
		{method: "POST", path: "/api/v1/users/{user}/unlock", summary: "Let a user try again who has guessed too often", roles: admin, status: 204, handle: t.unlockUser},
	}
}

func (t *City) figureRoutes() []route {
	everybody := register.Roles()
	period := []openapi.Query{{Name: "from", Format: "date", Required: true, About: "first day"}, {Name: "to", Format: "date", Required: true, About: "last day"}}
	judged := append(period, openapi.Query{Name: "report_day", Format: "date", About: "what is known by then counts; the last day without"})
	said := append(slices.Clone(judged), openapi.Query{Name: "lang", About: "en for English; Chinese without"})
	list := []route{
		{method: "GET", path: "/api/v1/halls", summary: "Every hall at a glance: waits, windows, devices, line", roles: everybody, out: Glances{}, status: 200,
			handle: func(*http.Request, *caller) (any, error) { return Glances(t.glance()), nil }},
		{method: "GET", path: "/api/v1/period", summary: "Figures by hall over a period", detail: "Waits: tickets called within 5, 10, 15, 20, 30, 45, 60, 90 minutes and later.",
			roles: everybody, query: period, out: Period{}, status: 200, handle: t.period},
		{method: "GET", path: "/api/v1/runonce", summary: "Run-at-most-once across halls, with intervals, comparison and leads",
			detail: "At most 36 months; each month of each hall is judged once and kept.", roles: everybody, query: judged, out: Once{}, status: 200, handle: t.runonce},
		{method: "GET", path: "/api/v1/reports/cases/{case}", summary: "What happened to a case or to a ticket, at whatever halls, in order",
			detail: "Named hall/number, as in leads and reports; the slash is written %2F.", roles: everybody, out: wire.CaseLine{}, status: 200, handle: t.caseLine},
		{method: "GET", path: "/api/v1/reports/days", summary: "Today, and the first and last day of which there are tickets", roles: everybody, out: wire.ReportDays{}, status: 200, handle: t.reportDays},
		{method: "GET", path: "/api/v1/reports/city", summary: "The city's report: run-once, halls compared, waits, reasons, leads, as tables with definitions",
			roles: everybody, query: said, out: report.Report{}, status: 200, handle: t.reportTables},
	}
	for _, f := range reportFiles() {
		list = append(list, route{method: "GET", path: "/api/v1/reports/city." + f.extension, summary: "The same as " + f.what, roles: everybody, query: said,
			kind: f.kind, status: 200, handle: t.reportFile(f)})
	}
	return list
}

func (t *City) standardRoutes() []route {
	return []route{
		{method: "GET", path: "/api/v1/standard", summary: "The catalogue (一事项一标准), its versions, and which hall works by which", roles: register.Roles(),
			out: StandardState{}, status: 200, handle: t.getStandard},
		{method: "POST", path: "/api/v1/standard", summary: "Publish a catalogue", detail: "409 catalogue_changed when somebody else has published in between.",
			roles: []register.Role{register.Editor}, in: Publication{}, out: outbox.Standard{}, status: 201, handle: t.putStandard},
	}
}

// openAPI answers with the description of the table.
func (t *City) openAPI(*http.Request, *caller) (any, error) { return t.described() }

func (t *City) described() (map[string]any, error) {
	var list []openapi.Route
	for _, r := range t.routes() {
		o := openapi.Route{Method: r.method, Path: r.path, Summary: r.summary, Detail: r.detail, Query: r.query, In: r.in, Out: r.out, Type: r.kind, Status: r.status}
		for _, role := range r.roles {
			o.Roles = append(o.Roles, string(role))
		}
		list = append(list, o)
	}
	return openapi.API{Title: "Yitang city API", Cookie: cookieName, Strip: "City", Refused: wire.ErrorBody{},
		Description: "What the city's pages ask. Every refusal has one shape. Halls speak NATS, not HTTP: see docs/city.md."}.Describe(list)
}
