package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"

	"yitang/server/account"
	"yitang/server/wire"
)

// route is one row of the API: what it is, for whom, what goes in and comes out. The OpenAPI description is made from
// it, so neither can say what the other does not.
type route struct {
	method  string
	path    string // as fiber writes it
	summary string
	detail  string
	roles   []account.Role // nil = open to everybody
	in      any            // zero value of the request's body, nil = none
	out     any            // zero value of the answer's body, nil = none
	kind    string         // of an answer that out does not describe: text/csv
	params  asks           // what may stand behind the question mark
	status  int            // of success
	empty   string         // when it answers 204 instead
	socket  bool
	query   bool // the token may stand in ?token=, for what a browser fetches without headers
	door    bool // open also to who must change the password first
	away    bool // other halls of the city may ask it, for somebody there
	keyless bool // a POST that keeps no answer under an Idempotency-Key: it changes nothing (again), or tells a secret
	handle  fiber.Handler
}

// routes is the whole API, in the order in which the description lists it.
func (a *API) routes() []route {
	return slices.Concat(a.ticketRoutes(), a.windowRoutes(), a.deskRoutes(), a.caseRoutes(), a.ratingRoutes(), a.webhookRoutes(), a.hallRoutes(),
		a.screenRoutes(), a.layoutRoutes(), a.reportRoutes(), a.leadRoutes(), a.publicRoutes(), a.adminRoutes(), a.bookRoutes(), a.standbyRoutes(), a.disclosureRoutes(), a.nearbyRoutes(), a.awayRoutes())
}

func (a *API) ticketRoutes() []route {
	staff := []account.Role{account.Clerk, account.Guide, account.Manager}
	everybody := account.Working()
	return []route{
		{method: http.MethodGet, path: "/api/v1/catalogue", summary: "Fields and matters that the hall offers",
			roles: everybody, out: wire.Catalogue{}, status: 200, handle: a.catalogue},
		{method: http.MethodPost, path: "/api/v1/tickets", summary: "Take a ticket",
			detail: "Issues the next number of the first matter's field. The number is on disk before the answer.",
			roles:  []account.Role{account.Kiosk, account.Guide}, in: wire.TakeRequest{}, out: wire.Ticket{}, status: 201, handle: a.take},
		{method: http.MethodPost, path: "/api/v1/tickets/offline", summary: "Take in a ticket that a kiosk gave out while the hall was away",
			detail: "Number, time of issue and place stay as on the paper. A ticket that is there already is answered again.",
			roles:  []account.Role{account.Kiosk}, in: wire.OfflineTicket{}, out: wire.Ticket{}, status: 201, handle: a.takeOffline},
		{method: http.MethodGet, path: "/api/v1/speech", summary: "A sentence of a kiosk's page as sound, WAV",
			detail: "?language=zh|ug|kk|en, ?text=…, at most 400 characters. 503 no_voice where the server cannot speak.",
			roles:  []account.Role{account.Kiosk}, kind: "audio/wav",
			params: asks{may("language", "zh, ug, kk or en"), must("text", "the sentence, at most 400 characters")}, status: 200, handle: a.speech},
		{method: http.MethodPost, path: "/api/v1/people/find", summary: "What somebody who has shown who they are has open: tickets of today and cases",
			detail: "Nothing in the answer is about the person. The number is not kept.",
			roles:  []account.Role{account.Kiosk, account.Guide}, in: wire.CaseSearch{}, out: wire.PersonOpen{}, status: 200, handle: a.findPerson},
		{method: http.MethodGet, path: "/api/v1/tickets/:ticket", summary: "A ticket of any day",
			roles: everybody, out: wire.Ticket{}, status: 200, handle: a.ticket},
		{method: http.MethodGet, path: "/api/v1/track/:code", summary: "What the holder of a ticket may see",
			detail: "The code on the ticket is unguessable; nothing about the person is in the answer.",
			out:    wire.Track{}, status: 200, handle: a.track},
		{method: http.MethodPost, path: "/api/v1/track/:code/cancel", summary: "Give up one's place from the phone",
			detail: "Open to whoever holds the ticket: its code is unguessable. Doing it again changes nothing.",
			out:    wire.Track{}, status: 200, keyless: true, handle: a.giveUp},
		{method: http.MethodPost, path: "/api/v1/tickets/:ticket/resume", summary: "Bring a held ticket back",
			detail: "With a window: at once into its hand. Without: first in the queue of the window that held it; one that was sent on for later in its old place in the queue it was sent to.",
			roles:  staff, in: wire.ResumeRequest{}, out: wire.TicketResponse{}, status: 200, handle: a.resumeTicket},
		{method: http.MethodPost, path: "/api/v1/tickets/:ticket/reactivate", summary: "Put a no-show back in its place, once, within 10 minutes",
			roles: staff, out: wire.TicketResponse{}, status: 200, handle: a.reactivate},
		{method: http.MethodPost, path: "/api/v1/tickets/:ticket/priority", summary: "Mark a priority class that staff have verified, or take it back",
			detail: "Only the class and who marked it are kept. A ticket that is called or served can not be marked any more.",
			roles:  []account.Role{account.Guide, account.Manager}, in: wire.PriorityMark{}, out: wire.TicketResponse{}, status: 200, handle: a.markPriority},
		{method: http.MethodPost, path: "/api/v1/tickets/:ticket/cancel", summary: "Give up a place",
			roles: []account.Role{account.Guide, account.Manager, account.Kiosk}, out: wire.TicketResponse{}, status: 200, handle: a.cancel},
		{method: http.MethodPost, path: "/api/v1/tickets/:ticket/prints", summary: "Report what became of a receipt",
			roles: []account.Role{account.Kiosk, account.Guide}, in: wire.PrintReport{}, out: wire.TicketResponse{}, status: 200, handle: a.reportPrint},
	}
}

func (a *API) windowRoutes() []route {
	clerk := []account.Role{account.Clerk}
	pressed := func(r route) route { // there is a key for it on the counter
		r.roles = []account.Role{account.Clerk, account.Counter}
		return r
	}
	act := func(name, summary string, in any, h fiber.Handler) route {
		return route{method: http.MethodPost, path: "/api/v1/windows/:window/" + name, summary: summary, roles: clerk,
			in: in, out: wire.TicketResponse{}, status: 200, handle: h}
	}
	on := func(name, summary string, in any, h fiber.Handler) route {
		r := act(name, summary, in, h)
		r.out = wire.WindowResponse{}
		return r
	}
	next := act("next", "Call the next ticket", nil, a.next)
	next.out, next.empty = wire.NextResponse{}, "nobody waits for this window"
	finish := pressed(act("finish", "End the service, with an outcome for each matter", wire.FinishRequest{}, a.finish))
	finish.out = wire.FinishResponse{}
	return []route{
		on("open", "Begin work at a window", nil, a.openWindow),
		on("pause", "Stop calling for a while", wire.PauseRequest{}, a.pauseWindow),
		on("resume", "End a pause", nil, a.resumeWindow),
		on("close", "End work at a window", nil, a.closeWindow),
		pressed(next),
		pressed(act("recall", "Call the ticket in hand again", nil, a.recall)),
		pressed(act("start", "Begin the service", nil, a.start)),
		act("hold", "Let the applicant fetch something", wire.HoldRequest{}, a.hold),
		pressed(act("no-show", "The applicant did not come", nil, a.noShow)),
		act("transfer", "Send the ticket to a field, another window or a department, at once or for later; it keeps its place", wire.TransferRequest{}, a.transfer),
		finish,
	}
}

func (a *API) hallRoutes() []route {
	everybody := account.Roles()
	return []route{
		{method: http.MethodPost, path: "/api/v1/sessions", summary: "Log in: a cookie for pages, a token for programs",
			in: wire.Login{}, out: wire.Session{}, status: 201, keyless: true, handle: a.login},
		{method: http.MethodGet, path: "/api/v1/session", summary: "Who is logged in",
			roles: everybody, out: wire.Session{}, status: 200, door: true, handle: a.whoAmI},
		{method: http.MethodPost, path: "/api/v1/session/password", summary: "Change one's own password; all one's sessions end",
			roles: account.People(), in: wire.PasswordChange{}, status: 204, door: true, handle: a.changePassword},
		{method: http.MethodDelete, path: "/api/v1/session", summary: "Log out", roles: everybody, status: 204, door: true, handle: a.logout},
		{method: http.MethodPost, path: "/api/v1/day/open", summary: "Open the business day by hand",
			roles: []account.Role{account.Manager}, out: wire.Hall{}, status: 200, handle: a.openDay},
		{method: http.MethodPost, path: "/api/v1/day/close", summary: "End the business day by hand",
			detail: "Whoever still waits is ended by an event of its own.",
			roles:  []account.Role{account.Manager}, out: wire.Hall{}, status: 200, handle: a.closeDay},
		{method: http.MethodPost, path: "/api/v1/day/reopen", summary: "Take the end of the business day back, on the same day",
			detail: "Whoever waited or was held at the end does so again in the old place, and numbers go on. Windows stay closed until they are opened, a ticket that was called stays a no-show, one that was being served stays finished, appointments that were called off stay so.",
			roles:  []account.Role{account.Manager}, out: wire.Hall{}, status: 200, handle: a.reopenDay},
		{method: http.MethodPost, path: "/api/v1/devices/:device/parts/:part", summary: "Report how a part of a device is",
			roles: []account.Role{account.Guide, account.Kiosk, account.Screen, account.Counter}, in: wire.DeviceReport{}, status: 204, handle: a.reportDevice},
		{method: http.MethodGet, path: "/api/v1/forecasts", summary: "How good the forecast waits were, and which fields will be too full",
			detail: "Over the tickets of the last 20 business days and today that waited and were told a wait at their issue.",
			roles:  []account.Role{account.Manager}, out: wire.ForecastReport{}, status: 200, handle: a.forecasts},
		{method: http.MethodGet, path: "/ws/screens/:screen", summary: "The board of a screen, now and at every change",
			detail: "Ids: those arranged by the manager; without an arrangement hall-N for the whole hall, waiting-N with notices, area-X for fields by letter, window-N for one window. A client may send a report on itself now and then: client, version, width, height, seq, shows, sound, behind_s, note.",
			roles:  []account.Role{account.Screen, account.Counter, account.Manager}, out: wire.Board{}, status: 101, socket: true, handle: a.screenSocket},
		{method: http.MethodGet, path: "/ws/hall", summary: "The hall for its staff, now and at every change",
			roles: []account.Role{account.Clerk, account.Guide, account.Manager}, out: wire.HallState{}, status: 101, socket: true, handle: a.hallSocket},
		{method: http.MethodGet, path: "/api/v1/receipts/preview.png", summary: "How a ticket looks on paper, as PNG",
			detail: "Drawn from the bytes that a printer would get, with the hall's own template if it has one. ?language=zh|ug|kk|en, ?columns=48 (80 mm) or 32 (58 mm).",
			roles:  []account.Role{account.Manager}, kind: "image/png",
			params: asks{may("language", "zh, ug, kk or en"), may("columns", "48 on 80 mm paper, 32 on 58 mm")}, status: 200, handle: a.receiptPreview},
		{method: http.MethodGet, path: "/api/v1/openapi.json", summary: "This description", kind: "application/json", status: 200, handle: a.openAPI},
		{method: http.MethodGet, path: "/tls-ca.pem", summary: "Certificate of the hall's own authority, for a PC or phone that is to trust it",
			kind: "application/x-x509-ca-cert", status: 200, handle: a.authority},
		{method: http.MethodGet, path: "/tls-ca.crt", summary: "The same as a file to keep, for Windows", kind: "application/x-x509-ca-cert", status: 200, handle: a.authorityFile},
		{method: http.MethodGet, path: "/api/v1/authority", summary: "By what to recognise that authority; 404 where the hall has none",
			out: wire.Authority{}, status: 200, handle: a.trust},
		{method: http.MethodGet, path: "/healthz", summary: "The process answers", kind: "text/plain", status: 200, handle: a.healthy},
		{method: http.MethodGet, path: "/readyz", summary: "The hall takes commands",
			detail: "503 no_catalogue: it has no matters yet. 503 disk_low: it works, but its disk will soon be full. 503 of a standby says where the primary is.", kind: "text/plain", status: 200, handle: a.ready},
		{method: http.MethodGet, path: "/metrics", summary: "Figures for a Prometheus server; nothing about a person is in them",
			kind: "text/plain", status: 200, handle: adaptor.HTTPHandler(a.Metrics.Handler())},
	}
}

// openPath is a fiber path as OpenAPI writes it.
func openPath(p string) string {
	parts := strings.Split(p, "/")
	for i, part := range parts {
		if name, ok := strings.CutPrefix(part, ":"); ok {
			parts[i] = "{" + name + "}"
		}
	}
	return strings.Join(parts, "/")
}
