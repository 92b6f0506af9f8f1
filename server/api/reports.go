package api

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/sync/errgroup"

	"yitang/server/account"
	"yitang/server/archive"
	"yitang/server/hall"
	"yitang/server/openapi"
	"yitang/server/report"
	"yitang/server/runonce"
	"yitang/server/wire"
	"yitang/server/workday"
)

// reportKind is one report: what its page shows is what its files hold, since both are made by one call of make.
type reportKind struct {
	id, summary, name string // name begins the files' names
	make              func(ctx context.Context, q runonce.Query) (*report.Report, error)
}

func (a *API) reportKinds() []reportKind {
	return []reportKind{
		{"runonce", "Whether people had to come only once (最多跑一次)", "跑一次", a.runonceReport},
		{"traffic", "Who came, how long they waited and were served, against a usual day or the period before", "客流与等候", a.trafficReport},
		{"promised", "Whether promised days were kept, which cases are close to theirs, where the clock was played with", "承诺时限", a.promisedReport},
		{"people", "How the windows were staffed and how long services took", "人员与窗口", a.peopleReport},
		{"period", "A day's, week's, month's or quarter's report to hand on", "综合报表", a.periodReport},
		{"leads", "Supervision leads of the period and what was done about them", "督查线索", a.leadsReport},
	}
}

// reportRoutes are read only: one query is behind the page and each of its exports.
func (a *API) reportRoutes() []route {
	manager := []account.Role{account.Manager}
	const asked = "?from=YYYY-MM-DD&to=YYYY-MM-DD, two years at most, ?report_day= (the period's last day, today at the latest), ?by=matter|department|window|week|agent. " +
		"What happened after the report day is unknown."
	days := asks{mayDay("from", "first day"), mayDay("to", "last day")}
	params := asks{mustDay("from", "first day"), mustDay("to", "last day"),
		mayDay("report_day", "what happened after it is unknown; the period's last day without, today at the latest"),
		may("by", "matter, department, window, week or agent"), mayLang()}
	const workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	var list []route
	for _, k := range a.reportKinds() {
		path := "/api/v1/reports/" + k.id
		list = append(list,
			route{method: http.MethodGet, path: path, summary: k.summary + ", as tables", detail: asked, roles: manager, out: report.Report{}, params: params, status: 200, handle: a.reportTables(k)},
			route{method: http.MethodGet, path: path + ".xlsx", summary: "The same as a workbook", detail: asked, roles: manager, params: params, kind: workbook, status: 200,
				handle: a.reportFile(k, "xlsx", workbook, (*report.Report).Workbook)},
			route{method: http.MethodGet, path: path + ".csv", summary: "The same as CSV", detail: asked, roles: manager, params: params, kind: "text/csv", status: 200,
				handle: a.reportFile(k, "csv", "text/csv; charset=utf-8", (*report.Report).CSV)})
	}
	list = append(list, route{method: http.MethodGet, path: "/api/v1/reports/days", summary: "Today in the hall, and the first and last day of which there are tickets",
		roles: manager, out: wire.ReportDays{}, status: 200, handle: a.reportDays})
	return append(list, route{method: http.MethodGet, path: "/api/v1/reports/cases/:case", summary: "What happened to a case, imported or the hall's own, or to a ticket of the hall, in order",
		detail: "A notice (case#1), a referral (case@time) and a rating (ticket-leg) name their case or ticket. An imported ticket is looked for on the days ?from=YYYY-MM-DD&to=YYYY-MM-DD.",
		roles:  manager, out: wire.CaseLine{}, params: days, status: 200, handle: a.caseLine})
}

// oneReport lets one report be made at a time: the hall's counters come first.
func (a *API) oneReport(ctx context.Context) (done func(), err error) {
	select {
	case a.reporting <- struct{}{}:
		return func() { <-a.reporting }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(reportPatience):
		return nil, refusal(http.StatusServiceUnavailable, "busy", "正在生成另一份报表，请稍后再试。")
	}
}

// reportPatience is how long a report waits for the one before.
const reportPatience = 10 * time.Second

// judgement is a period judged, with what the judging stood on.
type judgement struct {
	layout *hall.Layout
	data   *runonce.Data
	report *runonce.Report
}

// judge judges a period, one at a time, and meanwhile reads what is wanted beside it.
func (a *API) judge(ctx context.Context, q runonce.Query, beside ...func(context.Context) error) (*judgement, error) {
	done, err := a.oneReport(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	g, both := errgroup.WithContext(ctx)
	for _, read := range beside {
		g.Go(func() error { return read(both) })
	}
	var j *judgement
	g.Go(func() (err error) {
		j, err = a.judged(both, q)
		return err
	})
	return j, g.Wait()
}

func (a *API) judged(ctx context.Context, q runonce.Query) (*judgement, error) {
	l := a.Hall.View().Layout
	zone, err := zoneOf(l)
	if err != nil {
		return nil, err
	}
	data, err := archive.Select(ctx, a.History, q, l, zone)
	if err != nil {
		return nil, err
	}
	r, err := runonce.Judge(*data, q)
	var unknown *workday.UnknownYearError
	if errors.As(err, &unknown) {
		return nil, refusal(http.StatusConflict, "unknown_year", unknown.Message())
	}
	return &judgement{l, data, r}, err
}

// matterNames gives codes of matters their names.
func matterNames(l *hall.Layout) report.Names {
	names := map[string]string{}
	for _, m := range l.Matters {
		names[string(m.Code)] = m.Name["zh"]
	}
	return func(by runonce.Grouping, key string) string {
		if name := names[key]; by == runonce.ByMatter && name != "" {
			return key + " " + name
		}
		return key
	}
}

func (a *API) runonceReport(ctx context.Context, q runonce.Query) (*report.Report, error) {
	j, err := a.judge(ctx, q)
	if err != nil {
		return nil, err
	}
	r := report.New(j.layout.Name["zh"], q, j.report, matterNames(j.layout))
	return &r, nil
}

func zoneOf(l *hall.Layout) (*time.Location, error) {
	return time.LoadLocation(cmp.Or(l.Zone, "Asia/Shanghai"))
}

// maxReportDays bounds what a report reads, two years: its tickets are in memory together, and the hall must not end for it.
const maxReportDays = 731

// asked reads the query of a report.
func (a *API) asked(c *fiber.Ctx) (runonce.Query, error) {
	zone, err := zoneOf(a.Hall.View().Layout)
	if err != nil {
		return runonce.Query{}, err
	}
	today := a.Now().In(zone).Format(time.DateOnly)
	q := runonce.Query{From: hall.Day(c.Query("from")), To: hall.Day(c.Query("to")), ReportDay: hall.Day(c.Query("report_day")),
		By: runonce.Grouping(c.Query("by", string(runonce.ByMatter))), More: []runonce.Grouping{runonce.ByClosing}}
	if q.ReportDay == "" {
		q.ReportDay = min(q.To, hall.Day(today))
	}
	for _, d := range []struct {
		name string
		day  hall.Day
	}{{"from", q.From}, {"to", q.To}, {"report_day", q.ReportDay}} {
		if _, err := time.Parse(time.DateOnly, string(d.day)); err != nil {
			return q, refusal(http.StatusBadRequest, string(hall.CodeInvalid), d.name+"：请写成 2025-06-01 这样的日期。")
		}
	}
	switch first, _ := time.Parse(time.DateOnly, string(q.From)); {
	case q.To < q.From:
		return q, refusal(http.StatusBadRequest, string(hall.CodeInvalid), "to：结束日在开始日之前。")
	case max(q.To, q.ReportDay) > dayBefore(first, -maxReportDays):
		return q, refusal(http.StatusBadRequest, string(hall.CodeInvalid), "to：一份报表从开始日到结束日和报告日最多两年，请分几份来看。")
	}
	if !slices.Contains([]runonce.Grouping{runonce.ByMatter, runonce.ByDepartment, runonce.ByWindow, runonce.ByWeek, runonce.ByAgent}, q.By) {
		return q, refusal(http.StatusBadRequest, string(hall.CodeInvalid), "by：请选 matter、department、window、week 或 agent。")
	}
	return q, nil
}

// days are today and the first and last day with tickets.
func (a *API) days(ctx context.Context) (d wire.ReportDays, err error) {
	zone, err := zoneOf(a.Hall.View().Layout)
	if err != nil {
		return d, err
	}
	first, last, err := archive.Span(ctx, a.History)
	return wire.ReportDays{Today: a.Now().In(zone).Format(time.DateOnly), First: string(first), Last: string(last)}, err
}

func (a *API) reportDays(c *fiber.Ctx) error {
	d, err := a.days(c.UserContext())
	if err != nil {
		return err
	}
	return c.JSON(d)
}

// mayLang is in which language the texts of a report come; names that a hall gives in Chinese alone stay.
func mayLang() openapi.Query { return may("lang", "en for English; Chinese without") }

// words are those of the language that a request asks for.
func (a *API) words(c *fiber.Ctx) (*report.Words, error) {
	return report.In(c.Query("lang"), a.Hall.View().Layout)
}

// made is a report in the language that is asked for.
func (a *API) made(c *fiber.Ctx, k reportKind, q runonce.Query) (*report.Report, error) {
	w, err := a.words(c)
	if err != nil {
		return nil, err
	}
	r, err := k.make(c.UserContext(), q)
	if err != nil {
		return nil, err
	}
	return r.In(w), nil
}

func (a *API) reportTables(k reportKind) fiber.Handler {
	return func(c *fiber.Ctx) error {
		q, err := a.asked(c)
		if err != nil {
			return err
		}
		r, err := a.made(c, k, q)
		if err != nil {
			return err
		}
		return c.JSON(r)
	}
}

func (a *API) reportFile(k reportKind, extension, kind string, write func(*report.Report, io.Writer) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		q, err := a.asked(c)
		if err != nil {
			return err
		}
		r, err := a.made(c, k, q)
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if err := write(r, &b); err != nil {
			return err
		}
		c.Set(fiber.HeaderContentType, kind)
		c.Attachment(k.id + "-" + string(r.From) + "-" + string(r.To) + "." + extension)
		return c.Send(b.Bytes())
	}
}
