package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/wire"
)

func (a *API) caseRoutes() []route {
	staff := []account.Role{account.Clerk, account.Guide, account.Department, account.Manager}
	readers := append([]account.Role{account.Platform}, staff...)
	list := []route{
		{method: http.MethodGet, path: "/api/v1/cases", summary: "Open cases, the most urgent first",
			detail: "?department= ?state= ?delivery=mail|collect ?closed=yes ?joint=yes (an opinion is awaited). A department's account sees its own.",
			roles:  staff, out: wire.CaseList{},
			params: asks{may("department", "only its cases"), one("state", "only those in that state", names(hall.CaseStates())...),
				one("delivery", "as the applicant chose", "mail", "collect"), yesOrNo("closed", "yes: the closed ones"), yesOrNo("joint", "yes: those that wait for an opinion")}, status: 200, handle: a.listCases},
		{method: http.MethodPost, path: "/api/v1/cases/search", summary: "The cases of a person whose card was read or number typed",
			detail: "Open ones and those closed within 30 days. The number is not kept.",
			roles:  staff, in: wire.CaseSearch{}, out: wire.CaseList{}, status: 200, handle: a.searchCases},
		{method: http.MethodGet, path: "/api/v1/cases/:case", summary: "A case with its visits and papers",
			roles: readers, out: wire.CaseFile{}, status: 200, handle: a.caseFile},
		{method: http.MethodPut, path: "/api/v1/cases/:case", summary: "What an approval system, the case's master, says of it",
			detail: "201 when the case is new. Repeating it changes nothing; notices given in the hall stay.",
			roles:  []account.Role{account.Platform}, in: wire.CasePut{}, out: wire.CaseResponse{}, status: 200, handle: a.putCase},
		{method: http.MethodGet, path: "/api/v1/cases/:case/papers/:paper", summary: "A paper to print: notice-1, acceptance, no_authority or delivery",
			detail: "The page that shows it prints it through the browser.",
			roles:  staff, out: wire.Paper{}, status: 200, handle: a.paper},
	}
	for _, act := range caseActs() {
		list = append(list, route{method: http.MethodPost, path: "/api/v1/cases/:case/" + string(act.step), summary: act.summary, roles: act.roles,
			in: wire.CaseAct{}, out: wire.CaseResponse{}, status: 200, handle: a.actOnCase(act.step)})
	}
	return list
}

func (a *API) deskRoutes() []route {
	clerk := []account.Role{account.Clerk}
	staff := []account.Role{account.Clerk, account.Guide, account.Manager}
	act := func(name, summary string, in, out any, h fiber.Handler) route {
		return route{method: http.MethodPost, path: "/api/v1/windows/:window/" + name, summary: summary, roles: clerk, in: in, out: out, status: 200, handle: h}
	}
	return []route{
		act("split", "Let matters of the ticket in hand go on elsewhere under a number of their own", wire.SplitRequest{}, wire.SplitResponse{}, a.split),
		act("identify", "Say who is here with the ticket in hand", wire.IdentifyRequest{}, wire.TicketResponse{}, a.identify),
		act("hand-over", "Give the window, with the ticket in hand, to a colleague", wire.HandOverRequest{}, wire.WindowResponse{}, a.handOver),
		{method: http.MethodPost, path: "/api/v1/windows/:window/undo", summary: "Take the last finish back",
			detail: "Within two minutes, before the next call, and as long as nobody has rated the service or gone on with its cases: the ticket is in hand again, its cases are as they were, and a case that the finish opened ends as void.",
			roles:  clerk, out: wire.TicketResponse{}, status: 200, handle: a.undoFinish},
		{method: http.MethodGet, path: "/api/v1/windows/:window/queue", summary: "Who comes next at a window, in the order of the calling rule, and why",
			detail: "As if the window were free now and nothing else happened; the first nine.",
			roles:  []account.Role{account.Clerk, account.Manager}, out: wire.WindowQueue{}, status: 200, handle: a.windowQueue},
		{method: http.MethodGet, path: "/api/v1/tickets/:ticket/brief", summary: "What was done before, and the case behind each matter",
			detail: "?case= names a case whose number was scanned; it goes before those found by the person.",
			roles:  staff, out: wire.Brief{}, params: asks{may("case", "a case that the clerk asks about beside the ticket's own")}, status: 200, handle: a.brief},
		{method: http.MethodPost, path: "/api/v1/tickets/:ticket/abandon", summary: "The holder of a waiting ticket has left",
			roles: staff, out: wire.TicketResponse{}, status: 200, handle: a.abandon},
		{method: http.MethodPost, path: "/api/v1/tickets/:ticket/purpose", summary: "Correct what a visit was for; the journal keeps both",
			roles: staff, in: wire.PurposeRequest{}, status: 204, handle: a.correctPurpose},
	}
}

func (a *API) ratingRoutes() []route {
	manager := []account.Role{account.Manager}
	counter := []account.Role{account.Counter}
	list := []route{
		{method: http.MethodGet, path: "/api/v1/windows/:window/rating", summary: "What a window's tablet asks about: the service in hand or the last one",
			roles: counter, out: wire.RatingForm{}, status: 200, handle: a.windowRatingForm},
		{method: http.MethodPost, path: "/api/v1/windows/:window/rating", summary: "Grade it (好差评), once for each service",
			roles: counter, in: wire.RatingRequest{}, status: 204, handle: a.rateAtWindow},
		{method: http.MethodGet, path: "/api/v1/track/:code/rating", summary: "What the holder of a ticket is asked",
			out: wire.RatingForm{}, status: 200, handle: a.trackRatingForm},
		{method: http.MethodPost, path: "/api/v1/track/:code/rating", summary: "Grade the last service of a ticket (好差评), once for each service",
			detail: "Open to whoever holds the ticket: its code is unguessable.", in: wire.RatingRequest{}, status: 204, handle: a.rateByTrack},
		{method: http.MethodGet, path: "/api/v1/ratings/tasks", summary: "Bad ratings that wait to be dealt with", detail: "?closed=yes for those closed.",
			roles: manager, out: wire.RatingTasks{}, params: asks{yesOrNo("closed", "yes: those closed")}, status: 200, handle: a.ratingTasks},
	}
	for _, s := range []struct {
		name, summary string
		state         hall.TaskState
	}{
		{"verify", "Verify a bad rating, though not one about oneself", hall.TaskVerified},
		{"answer", "Answer it", hall.TaskAnswered}, {"close", "Close it", hall.TaskClosed},
	} {
		list = append(list, route{method: http.MethodPost, path: "/api/v1/ratings/:rating/" + s.name, summary: s.summary, roles: manager,
			in: wire.TaskAct{}, status: 204, handle: a.stepTask(s.state)})
	}
	return list
}
