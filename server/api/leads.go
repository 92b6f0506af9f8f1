package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/report"
	"yitang/server/runonce"
	"yitang/server/wire"
)

// Leads finds the leads that somebody has followed.
type Leads interface {
	// Leads are those of a month, by its first day.
	Leads(ctx context.Context, month hall.Day) ([]*hall.Lead, error)
}

func (a *API) leadRoutes() []route {
	manager := []account.Role{account.Manager}
	list := append(a.leadLimitRoutes(), route{method: http.MethodGet, path: "/api/v1/leads", summary: "Supervision leads of a month with their rows and what was done about them",
		detail: "?month=YYYY-MM; without, this month, or the last one with tickets. Leads are to be verified by a person and never a verdict.",
		roles:  manager, out: wire.Leads{},
		params: asks{may("month", "YYYY-MM; without, this month, or the last one with tickets"), mayLang()}, status: 200, handle: a.listLeads})
	for _, s := range []struct {
		name, summary string
		state         hall.LeadState
	}{
		{"assign", "Give a lead to somebody to verify", hall.LeadAssigned}, {"verify", "Say that it was so, and what was found", hall.LeadVerified},
		{"dismiss", "Dismiss it with a reason", hall.LeadDismissed}, {"reopen", "Open it again with a reason", hall.LeadReopened},
	} {
		list = append(list, route{method: http.MethodPost, path: "/api/v1/leads/:lead/" + s.name, summary: s.summary, roles: manager,
			detail: "The lead's rows as they are now go into the journal with the step.", in: wire.LeadStep{}, status: 204, handle: a.stepLead(s.state)})
	}
	return list
}

// foundLeads are the leads of a period as found last: what the manager saw is what a step is about.
type foundLeads struct {
	query   runonce.Query
	at      time.Time
	layout  *hall.Layout
	signals []runonce.Signal
	missing string
}

// leadsKept is for how long what was found stands.
const leadsKept = 2 * time.Minute

// findLeads judges a period, or takes what was found just before.
func (a *API) findLeads(ctx context.Context, q runonce.Query) (*foundLeads, error) {
	q = runonce.Query{From: q.From, To: q.To, ReportDay: q.ReportDay}
	if f := a.leading.Load(); f != nil && f.query.From == q.From && f.query.To == q.To && f.query.ReportDay == q.ReportDay && f.layout == a.Hall.View().Layout && time.Since(f.at) < leadsKept {
		return f, nil
	}
	j, err := a.judge(ctx, q)
	if err != nil {
		return nil, err
	}
	f := &foundLeads{query: q, at: time.Now(), layout: j.layout, signals: j.report.Signals, missing: report.NotComputed(j.report)}
	a.leading.Store(f)
	return f, nil
}

// monthOf is the period of a month up to today.
func (a *API) monthOf(month string) (runonce.Query, error) {
	zone, err := zoneOf(a.Hall.View().Layout)
	if err != nil {
		return runonce.Query{}, err
	}
	today := a.Now().In(zone)
	first, err := time.ParseInLocation("2006-01", month, zone)
	if err != nil {
		return runonce.Query{}, refusal(http.StatusBadRequest, string(hall.CodeInvalid), "month：请写成 2025-06 这样的月份。")
	}
	last := hall.Day(first.AddDate(0, 1, -1).Format(time.DateOnly))
	return runonce.Query{From: hall.Day(first.Format(time.DateOnly)), To: last, ReportDay: min(last, hall.Day(today.Format(time.DateOnly)))}, nil
}

func (a *API) listLeads(c *fiber.Ctx) error {
	month := c.Query("month")
	if month == "" {
		d, err := a.days(c.UserContext())
		if err != nil {
			return err
		}
		month = min(d.Today, cmp.Or(d.Last, d.Today))[:len("2006-01")]
	}
	q, err := a.monthOf(month)
	if err != nil {
		return err
	}
	list, missing, err := a.leads(c.UserContext(), q)
	if err != nil {
		return err
	}
	staff, err := a.staff(c.UserContext())
	if err != nil {
		return err
	}
	w, err := a.words(c)
	if err != nil {
		return err
	}
	for i := range list {
		list[i].Text, list[i].Name = w.Say(list[i].Text), w.Say(list[i].Name)
	}
	return c.JSON(wire.Leads{Month: string(q.From)[:7], ReportDay: string(q.ReportDay), NotComputed: w.Say(missing), Leads: list, Staff: staff})
}

// leads are the leads of a period with what was done about them; those that were followed and are not found any more stay.
func (a *API) leads(ctx context.Context, q runonce.Query) ([]wire.Lead, string, error) {
	f, err := a.findLeads(ctx, q)
	if err != nil {
		return nil, "", err
	}
	known, err := a.Leads.Leads(ctx, q.From)
	if err != nil {
		return nil, "", err
	}
	p, called := a.present(f.layout), matterNames(f.layout)
	who, err := a.names(ctx)
	if err != nil {
		return nil, "", err
	}
	list := []wire.Lead{}
	for i := range f.signals {
		s := &f.signals[i]
		w := wire.Lead{ID: string(hall.MakeLeadID(string(s.ID), q.From, s.Subject)), Signal: string(s.ID), Subject: s.Subject, N: s.N, K: s.K,
			Rate: s.Rate, Rows: s.Rows, State: "new", Acts: []wire.LeadAct{}}
		if k := slices.IndexFunc(known, func(l *hall.Lead) bool { return string(l.ID) == w.ID && l.To == q.To }); k >= 0 {
			followed(&w, p, who, known[k])
			known = slices.Delete(known, k, k+1)
		}
		list = append(list, w)
	}
	for _, l := range known {
		if l.To != q.To {
			continue
		}
		last := l.Acts[len(l.Acts)-1]
		w := wire.Lead{ID: string(l.ID), Signal: l.Signal, Subject: l.Subject, N: last.N, K: last.K, Rows: last.Rows, Acts: []wire.LeadAct{}}
		followed(&w, p, who, l)
		if !l.Over() {
			w.State = "gone"
		}
		list = append(list, w)
	}
	for i := range list {
		list[i].Text, list[i].Name = report.SignalText(runonce.SignalID(list[i].Signal)), report.Subject(runonce.SignalID(list[i].Signal), list[i].Subject, called)
	}
	return list, f.missing, nil
}

func (a *API) stepLead(state hall.LeadState) fiber.Handler {
	return func(c *fiber.Ctx) error {
		var in wire.LeadStep
		if err := body(c, &in); err != nil {
			return err
		}
		cmd, err := a.leadNamed(c.UserContext(), c.Params("lead"))
		if err != nil {
			return err
		}
		if err := a.mayVerify(c.UserContext(), state, in.To); err != nil {
			return err
		}
		cmd.State, cmd.Whom, cmd.Text = state, in.To, in.Text
		return a.do(c, command{status: http.StatusNoContent, cmd: cmd})
	}
}

// leadNamed finds a lead with its evidence as it is now.
func (a *API) leadNamed(ctx context.Context, id string) (hall.StepLead, error) {
	none := refusal(http.StatusNotFound, string(hall.CodeNotFound), "没有这条线索。请刷新后重试。")
	const dayAt, dayEnd = len("A1-"), len("A1-2025-06-01")
	if len(id) <= dayEnd {
		return hall.StepLead{}, none
	}
	q, err := a.monthOf(id[dayAt : dayEnd-len("-01")])
	if err != nil {
		return hall.StepLead{}, none
	}
	list, _, err := a.leads(ctx, q)
	if err != nil {
		return hall.StepLead{}, err
	}
	i := slices.IndexFunc(list, func(l wire.Lead) bool { return l.ID == id })
	if i < 0 {
		return hall.StepLead{}, none
	}
	l := &list[i]
	return hall.StepLead{Signal: l.Signal, Subject: l.Subject, From: q.From, To: q.To, N: l.N, K: l.K, Rows: l.Rows}, nil
}

// leadsReport is the same list as tables.
func (a *API) leadsReport(ctx context.Context, q runonce.Query) (*report.Report, error) {
	list, missing, err := a.leads(ctx, q)
	if err != nil {
		return nil, err
	}
	l := a.Hall.View().Layout
	var rows []report.Lead
	for i := range list {
		rows = append(rows, followedLead(&list[i]))
	}
	r := report.Leads(l.Name["zh"], q, rows, missing)
	return &r, nil
}

func followedLead(w *wire.Lead) report.Lead {
	l := report.Lead{Signal: w.Signal, Text: w.Text, Subject: w.Name, N: w.N, K: w.K, Rate: w.Rate, Rows: w.Rows, State: w.State, Assignee: w.Whom}
	for _, act := range w.Acts {
		if act.Text != "" {
			l.Finding = act.Text
		}
		l.At = act.At
	}
	return l
}

// followed fills in what was done about a lead; who gives accounts their names.
func followed(w *wire.Lead, p presenter, who func(user string) string, l *hall.Lead) {
	w.State, w.Assignee, w.Whom = string(l.State), l.Assignee, who(l.Assignee)
	for _, act := range l.Acts {
		w.Acts = append(w.Acts, wire.LeadAct{At: p.time(act.At), By: who(name(act.By)), State: string(act.State), To: who(act.To), Text: act.Text, K: act.K})
	}
}

// staff are the people whom a lead can be given to.
func (a *API) staff(ctx context.Context) ([]wire.LeadStaff, error) {
	all, err := a.Office.Accounts(ctx)
	list := []wire.LeadStaff{}
	for _, x := range all {
		if x.Usable() && slices.Contains(account.People(), x.Role) {
			list = append(list, wire.LeadStaff{User: x.User, Name: cmp.Or(x.Name, x.User), Role: string(x.Role), Department: x.Department})
		}
	}
	return list, err
}

// mayVerify wants whom a lead is given to to be one of the staff.
func (a *API) mayVerify(ctx context.Context, state hall.LeadState, user string) error {
	if state != hall.LeadAssigned || user == "" { // the hall says what is missing
		return nil
	}
	list, err := a.staff(ctx)
	if err == nil && !slices.ContainsFunc(list, func(s wire.LeadStaff) bool { return s.User == user }) {
		err = refusal(http.StatusUnprocessableEntity, string(hall.CodeInvalid), "to：没有在用的工作人员账号 "+user+"。请从名单中选择。")
	}
	return err
}

// names gives accounts the names of their owners; whoever has no account keeps what was written.
func (a *API) names(ctx context.Context) (func(user string) string, error) {
	all, err := a.Office.Accounts(ctx)
	known := map[string]string{}
	for _, x := range all {
		known[x.User] = x.Name
	}
	return func(user string) string { return cmp.Or(known[user], user) }, err
}
