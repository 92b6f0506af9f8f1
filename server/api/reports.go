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

	"yitang/server/account"
	"yitang/server/archive"
	"yitang/server/exchange"
	"yitang/server/hall"
	"yitang/server/report"
	"yitang/server/runonce"
	"yitang/server/wire"
	"yitang/server/workday"
)

// reportRoutes are read only: one query is behind the page and each of its exports.
func (a *API) reportRoutes() []route {
	manager := []account.Role{account.Manager}
	const asked = "?from=YYYY-MM-DD&to=YYYY-MM-DD, ?report_day= (the period's last day, today at the latest), ?by=matter|department|window|week|agent. " +
		"What happened after the report day is unknown."
	return []route{
		{method: http.MethodGet, path: "/api/v1/reports/runonce", summary: "Whether people had to come only once (最多跑一次), as tables",
			detail: asked, roles: manager, out: report.Report{}, status: 200, handle: a.runonceTables},
		{method: http.MethodGet, path: "/api/v1/reports/runonce.xlsx", summary: "The same as a workbook", detail: asked,
			roles: manager, status: 200, handle: a.runonceFile("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (*report.Report).Workbook)},
		{method: http.MethodGet, path: "/api/v1/reports/runonce.csv", summary: "The same as CSV", detail: asked,
			roles: manager, status: 200, handle: a.runonceFile("csv", "text/csv; charset=utf-8", (*report.Report).CSV)},
		{method: http.MethodGet, path: "/api/v1/reports/cases/:case", summary: "What happened to a case, imported or the hall's own, in order",
			roles: manager, out: wire.CaseLine{}, status: 200, handle: a.caseLine},
	}
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

// runonceReport is the one query.
func (a *API) runonceReport(c *fiber.Ctx) (*report.Report, error) {
	done, err := a.oneReport(c.UserContext())
	if err != nil {
		return nil, err
	}
	defer done()
	l := a.Hall.View().Layout
	zone, err := zoneOf(l)
	if err != nil {
		return nil, err
	}
	q, err := a.asked(c, zone)
	if err != nil {
		return nil, err
	}
	data, err := archive.Select(c.UserContext(), a.History, q, l, zone)
	if err != nil {
		return nil, err
	}
	judged, err := runonce.Judge(*data, q)
	var unknown *workday.UnknownYearError
	if errors.As(err, &unknown) {
		return nil, refusal(http.StatusConflict, "unknown_year", unknown.Message())
	}
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, m := range l.Matters {
		names[string(m.Code)] = m.Name["zh"]
	}
	r := report.New(l.Name["zh"], q, judged, func(by runonce.Grouping, key string) string {
		if name := names[key]; by == runonce.ByMatter && name != "" {
			return key + " " + name
		}
		return key
	})
	return &r, nil
}

func zoneOf(l *hall.Layout) (*time.Location, error) {
	return time.LoadLocation(cmp.Or(l.Zone, "Asia/Shanghai"))
}

// asked reads the query of a report.
func (a *API) asked(c *fiber.Ctx, zone *time.Location) (runonce.Query, error) {
	today := a.Now().In(zone).Format(time.DateOnly)
	q := runonce.Query{From: hall.Day(c.Query("from")), To: hall.Day(c.Query("to")), ReportDay: hall.Day(c.Query("report_day")),
		By: runonce.Grouping(c.Query("by", string(runonce.ByMatter))), More: []runonce.Grouping{runonce.ByWeek}}
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
	if q.To < q.From {
		return q, refusal(http.StatusBadRequest, string(hall.CodeInvalid), "to：结束日在开始日之前。")
	}
	if !slices.Contains([]runonce.Grouping{runonce.ByMatter, runonce.ByDepartment, runonce.ByWindow, runonce.ByWeek, runonce.ByAgent}, q.By) {
		return q, refusal(http.StatusBadRequest, string(hall.CodeInvalid), "by：请选 matter、department、window、week 或 agent。")
	}
	return q, nil
}

func (a *API) runonceTables(c *fiber.Ctx) error {
	r, err := a.runonceReport(c)
	if err != nil {
		return err
	}
	return c.JSON(r)
}

func (a *API) runonceFile(extension, kind string, write func(*report.Report, io.Writer) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		r, err := a.runonceReport(c)
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if err := write(r, &b); err != nil {
			return err
		}
		c.Set(fiber.HeaderContentType, kind)
		c.Attachment("runonce-" + string(r.From) + "-" + string(r.To) + "." + extension)
		return c.Send(b.Bytes())
	}
}

// caseLine tells a case's story.
func (a *API) caseLine(c *fiber.Ctx) error {
	id := c.Params("case")
	zone, err := zoneOf(a.Hall.View().Layout)
	if err != nil {
		return err
	}
	data, err := archive.One(c.UserContext(), a.History, runonce.CaseID(id), zone)
	if err != nil {
		return err
	}
	if data == nil {
		if data, err = a.ownCase(c.UserContext(), hall.CaseID(id)); err != nil {
			return err
		}
	}
	return c.JSON(lineOf(data, zone))
}

// ownCase is a case of the hall itself, its services as tickets.
func (a *API) ownCase(ctx context.Context, id hall.CaseID) (*runonce.Data, error) {
	k, err := a.Cases.Case(ctx, id)
	if err != nil {
		return nil, err
	}
	if k == nil {
		return nil, errNoCase
	}
	row, notices := exchange.FromCase(k)
	d := &runonce.Data{Cases: []runonce.Case{row}, Notices: notices}
	visits, err := a.Cases.Visits(ctx, id)
	for _, v := range visits {
		t := runonce.Ticket{ID: v.Ticket, IssuedAt: v.At, Window: v.Window, State: runonce.Done}
		if v.Purpose != "" {
			t.Links = []runonce.Link{{Case: row.ID, Purpose: runonce.Purpose(v.Purpose[0])}}
		}
		d.Tickets = append(d.Tickets, t)
	}
	return d, err
}

// lineOf puts what belongs to a case in the order of time.
func lineOf(d *runonce.Data, zone *time.Location) wire.CaseLine {
	k := d.Cases[0]
	line := wire.CaseLine{Case: string(k.ID), Matter: string(k.Matter), End: string(k.End), Events: []wire.CaseEvent{}}
	add := func(at hall.Millis, e wire.CaseEvent) {
		if at != 0 {
			e.At = time.UnixMilli(int64(at)).In(zone)
			line.Events = append(line.Events, e)
		}
	}
	add(k.OpenedAt, wire.CaseEvent{Kind: "opened"})
	add(k.AcceptedAt, wire.CaseEvent{Kind: "accepted"})
	add(k.DecidedAt, wire.CaseEvent{Kind: "decided", To: k.DecisionOrg})
	add(k.ClosedAt, wire.CaseEvent{Kind: "closed"})
	for _, t := range d.Tickets {
		e := wire.CaseEvent{Kind: "ticket", Ticket: string(t.ID), Window: string(t.Window), Channel: string(t.Channel), State: string(t.State), Staff: t.Actor == runonce.Staff}
		if len(t.Links) > 0 && t.Links[0].Purpose != 0 {
			e.Purpose = string(rune(t.Links[0].Purpose))
		}
		add(t.IssuedAt, e)
	}
	for _, n := range d.Notices {
		add(n.At, wire.CaseEvent{Kind: "notice", Items: n.Items, Written: n.Written == runonce.Yes})
	}
	for _, r := range d.Referrals {
		add(r.At, wire.CaseEvent{Kind: "referral", From: r.From, To: r.To})
	}
	slices.SortStableFunc(line.Events, func(a, b wire.CaseEvent) int { return a.At.Compare(b.At) })
	return line
}
