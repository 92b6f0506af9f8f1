package city

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"yitang/city/ledger"
	"yitang/server/api"
	"yitang/server/hall"
	"yitang/server/report"
	"yitang/server/runonce"
	"yitang/server/wire"
)

// byHall is how the city's report groups: no grouping of a single hall's.
const byHall runonce.Grouping = "hall"

// monthsFrom is the number of days from which on a report's course is told by months.
const monthsFrom = 93

// CityReport is everything that the city's report is made of.
type CityReport struct {
	City    string
	Once    *Once
	Halls   []ledger.Hall                 // of which there are lists
	Figures map[hall.ID]ledger.Figures    // of the period
	Course  []ledger.DayFigures           // the same by days or months
	Matters map[hall.MatterCode]hall.Text // names
}

// Tables lays the report out, once for the page, the workbook, the CSV file and paper, so that they cannot differ.
func (c *CityReport) Tables() *report.Report {
	q := runonce.Query{From: c.Once.From, To: c.Once.To, ReportDay: c.Once.ReportDay, By: byHall}
	base := report.New(c.City, q, c.judged(), c.named)
	out := &base
	out.Kind, out.Title, out.Definitions = "city", "全市报表", append(cityDefinitions(), base.Definitions...)
	rates := *base.Table("rates")
	rates.Rows = slices.Delete(slices.Clone(rates.Rows), 1, 2) // known failures among the open are a hall's own figure
	limits, reasons, visits, leftOut := *base.Table("limits"), *base.Table("reasons"), *base.Table("visits"), *base.Table("left_out")
	visits.Note = fmt.Sprintf("共 %d 人次上门；换厅办理 %d 件（先在一个大厅没办成，后在另一个大厅受理）。", c.Once.Persons, c.Once.Moved)
	out.Tables = []report.Table{c.totals(), rates, c.compared(*base.Table("groups")), limits, c.waits(), c.course(), c.matters(), reasons, visits, leftOut, c.leads(), c.across(), c.silent()}
	return out
}

func cityDefinitions() []string {
	return []string{
		"口径与单个大厅完全相同。从一个大厅到另一个大厅总是新的一次上门；在一个大厅没有受理、三十日内同一人同一事项在另一个大厅收件的，算同一件；两处都受理的算两件，并列为线索 C2（两头办理）。",
		"期间按大厅、按月判定后相加，每月看到月末后 31 天为止；合计的区间把各大厅各月当作分层。",
		"等候：从取号（预约的从签到）到第一次叫号；平均按叫到的号计。办结数为当日窗口办完的号。好评为 3 分（基本满意）及以上。",
		"还没有发来数据的大厅列在最后一表，任何数字都不含它们。",
	}
}

// judged is the city's judgement in the shape of a single hall's.
func (c *CityReport) judged() *runonce.Report {
	o := c.Once
	r := &runonce.Report{All: o.All, Law: o.Law, Opened: o.Opened, LeftOut: o.LeftOut, LinkedShare: o.Linked, Bounds: o.Bounds, Proven: o.Proven, Linked: o.Proven - o.Unlinked,
		CaseVisits: runonce.CaseVisits{Histogram: o.Visits}, PersonVisits: o.Persons, WastedTrips: o.Wasted, Causes: map[runonce.Reason]int{},
		BreakdownShown: o.Shown, Signals: o.Signals}
	for k, n := range o.Causes {
		r.Causes[runonce.Reason(k)] = n
	}
	for _, h := range o.Halls {
		r.Groups = append(r.Groups, h.Group)
	}
	return r
}

// named gives halls and matters their names.
func (c *CityReport) named(_ runonce.Grouping, key string) string {
	if i := slices.IndexFunc(c.Halls, func(h ledger.Hall) bool { return string(h.ID) == key }); i >= 0 && c.Halls[i].Name != "" {
		return c.Halls[i].Name
	}
	if name := c.Matters[hall.MatterCode(key)]["zh"]; name != "" {
		return key + " " + name
	}
	return key
}

func table(id, title, note string, columns ...report.Column) report.Table {
	return report.Table{ID: id, Title: title, Note: note, Columns: columns, Rows: [][]any{}}
}

func col(kind report.Kind, names ...string) []report.Column {
	var list []report.Column
	for _, n := range names {
		list = append(list, report.Column{Name: n, Kind: kind})
	}
	return list
}

// figureColumns and figureRow are what is told of tickets, of a hall, a day or all.
func figureColumns(first string) []report.Column {
	return slices.Concat(col(report.Text, first), col(report.Count, "取号", "叫到", "办结", "过号", "提前离开"), col(report.Minutes, "平均等候"),
		col(report.Percent, "20 分钟内叫到"), col(report.Minutes, "平均办理"), col(report.Count, "收件", "办结件", "评价"), col(report.Percent, "好评率"))
}

func figureRow(first string, f *ledger.Figures) []any {
	within := int64(0)
	for i, bound := range ledger.WaitBounds() {
		if bound <= 20 && i < len(f.Waits) {
			within += f.Waits[i]
		}
	}
	return []any{first, int(f.Issued), int(f.Called), int(f.Done), int(f.Missed), int(f.LeftEarly), quotient(f.WaitMS, f.Called*60_000), quotient(within, f.Called),
		quotient(f.ServiceMS, f.Served*60_000), int(f.CasesOpened), int(f.CasesClosed), int(f.Ratings), quotient(f.Ratings-f.RatingsBad, f.Ratings)}
}

// quotient is a quotient, nothing of nothing.
func quotient(k, n int64) any {
	if n == 0 {
		return nil
	}
	return float64(k) / float64(n)
}

func (c *CityReport) totals() report.Table {
	t := table("totals", "合计", "", figureColumns("范围")...)
	t.Cards = true
	var all ledger.Figures
	for _, f := range c.Figures {
		all.Add(&f)
	}
	t.Rows = append(t.Rows, figureRow(fmt.Sprintf("%d 个大厅", len(c.Figures)), &all))
	return t
}

func (c *CityReport) waits() report.Table {
	t := table("waits", "各大厅的取号与等候", "按名称排列，不是名次。", figureColumns("大厅")...)
	if len(c.Halls) <= 40 {
		t.Charts = []report.Chart{{Kind: "bar", Columns: []int{6}}}
	}
	for i := range c.Halls {
		if f, ok := c.Figures[c.Halls[i].ID]; ok {
			t.Rows = append(t.Rows, figureRow(c.named("", string(c.Halls[i].ID)), &f))
		}
	}
	return t
}

// course is the period's course, by days or by months.
func (c *CityReport) course() report.Table {
	t := table("course", "逐日", "", figureColumns("日期")...)
	if c.byMonths() {
		t.Title, t.Columns[0].Name = "逐月", "月份"
	}
	t.Charts = []report.Chart{{Kind: "line", Columns: []int{1}}, {Kind: "line", Columns: []int{6}}}
	for i := range c.Course {
		d := &c.Course[i]
		name := string(d.From)
		if c.byMonths() {
			name = name[:len("2006-01")]
		}
		t.Rows = append(t.Rows, figureRow(name, &d.Figures))
	}
	return t
}

func (c *CityReport) byMonths() bool { return longer(c.Once.From, c.Once.To, monthsFrom) }

func longer(from, to hall.Day, days int) bool {
	a, errA := time.Parse(time.DateOnly, string(from))
	b, errB := time.Parse(time.DateOnly, string(to))
	return errA == nil && errB == nil && b.Sub(a) >= time.Duration(days)*24*time.Hour
}

// compared adds each hall's difference to all others together.
func (c *CityReport) compared(t report.Table) report.Table {
	t.Title = "各大厅一次办成比较"
	t.Columns[0].Name = "大厅"
	t.Columns = append(t.Columns, slices.Concat(col(report.Percent, "与其余大厅之差"), col(report.Lower, "差的下限"), col(report.Upper, "差的上限"))...)
	for i, h := range c.Once.Halls { // in the order of the groups
		var gap, lo, hi any
		if h.Gap != nil && h.GapIn != nil {
			gap, lo, hi = *h.Gap, h.GapIn.Lo, h.GapIn.Hi
		}
		t.Rows[i] = append(t.Rows[i], gap, lo, hi)
	}
	return t
}

func (c *CityReport) matters() report.Table {
	t := table("matters", "各事项一次办成", "不足 5 件的不公布。", slices.Concat(col(report.Text, "事项"), col(report.Percent, "一次办成"), col(report.Lower, "下限"), col(report.Upper, "上限"),
		col(report.Count, "一次办成件数", "办件数"))...)
	for _, g := range c.Once.Matters {
		t.Rows = append(t.Rows, []any{c.named("", g.Key), number(g.Rate.Rate), number(g.Lo), number(g.Hi), count(g.Once), g.N})
	}
	return t
}

func number(p *float64) any {
	if p == nil {
		return nil
	}
	return *p
}

func count(n *int) any {
	if n == nil {
		return nil
	}
	return *n
}

// rowsInCell is how many numbers stand in a cell; the page's leads have all.
const rowsInCell = 20

func (c *CityReport) leads() report.Table {
	t := table("leads", "督查线索", "线索需由人核实，不是结论。", slices.Concat(col(report.Text, "代号", "线索", "大厅", "对象"), col(report.Count, "涉及", "其中"), col(report.Percent, "占比"), col(report.Text, "办件或号"))...)
	for _, s := range c.Once.Signals {
		at, subject, _ := strings.Cut(s.Subject, "/")
		rows := strings.Join(s.Rows[:min(rowsInCell, len(s.Rows))], "；")
		if len(s.Rows) > rowsInCell {
			rows += " …"
		}
		t.Rows = append(t.Rows, []any{string(s.ID), report.SignalText(s.ID), c.named("", at), c.named("", subject), s.N, s.K, number(s.Rate), rows})
	}
	return t
}

func (c *CityReport) across() report.Table {
	t := table("across", "跑了不止一个大厅的办件", "", slices.Concat(col(report.Text, "办件"), col(report.Count, "上门次数"), col(report.Text, "大厅"))...)
	t.Opens = true
	for _, k := range c.Once.Cases {
		names := make([]string, len(k.Halls))
		for i, h := range k.Halls {
			names[i] = c.named("", h)
		}
		t.Rows = append(t.Rows, []any{k.Case, k.Visits, strings.Join(names, "、")})
	}
	return t
}

// silent are the halls that no figure has anything of.
func (c *CityReport) silent() report.Table {
	t := table("silent", "没有数据的大厅", "已经加入、但还没有发来日志的大厅。", col(report.Text, "大厅")...)
	for _, id := range c.Once.Missing {
		t.Rows = append(t.Rows, []any{string(id)})
	}
	return t
}

// report makes the report that a request asks for.
func (t *City) report(r *http.Request) (*report.Report, error) {
	once, err := t.asked(r)
	if err != nil {
		return nil, err
	}
	c, err := t.gather(r.Context(), once)
	if err != nil {
		return nil, err
	}
	words, err := c.Words(r.URL.Query().Get("lang"))
	if err != nil {
		return nil, err
	}
	return c.Tables().In(words), nil
}

// Words are those of a language, with what the halls call themselves and their matters in it.
func (c *CityReport) Words(lang string) (*report.Words, error) {
	matters := &hall.Layout{}
	for code, name := range c.Matters {
		matters.Matters = append(matters.Matters, hall.Matter{Code: code, Name: name})
	}
	halls := make([]hall.Text, len(c.Halls))
	for i := range c.Halls {
		halls[i] = layoutOf(&c.Halls[i]).Name
	}
	return report.In(lang, matters, halls...)
}

func (t *City) gather(ctx context.Context, once *Once) (*CityReport, error) {
	reg := t.register.Load()
	c := &CityReport{City: reg.Name, Once: once, Matters: map[hall.MatterCode]hall.Text{}}
	var err error
	if c.Halls, err = t.ledger.Halls(ctx); err != nil {
		return nil, err
	}
	for i := range c.Halls {
		for _, m := range layoutOf(&c.Halls[i]).Matters {
			c.Matters[m.Code] = m.Name
		}
	}
	for id, m := range reg.Halls { // enrolled, and nothing came yet
		if !m.Revoked && !slices.ContainsFunc(c.Halls, func(h ledger.Hall) bool { return h.ID == id }) {
			once.Missing = append(once.Missing, id)
		}
	}
	slices.Sort(once.Missing)
	if c.Figures, err = t.ledger.ByHall(ctx, once.From, once.To); err != nil {
		return nil, err
	}
	c.Course, err = t.ledger.ByDay(ctx, once.From, once.To, c.byMonths())
	return c, err
}

func layoutOf(h *ledger.Hall) *hall.Layout {
	if h.Layout == nil {
		return &hall.Layout{}
	}
	return h.Layout
}

// zone is the city's; every hall of the country keeps it.
const zone = "Asia/Shanghai"

// reportDays says of which days there is something to report.
func (t *City) reportDays(r *http.Request, _ *caller) (any, error) {
	at, err := time.LoadLocation(zone)
	if err != nil {
		return nil, err
	}
	first, last, err := t.ledger.Span(r.Context())
	return wire.ReportDays{Today: time.Now().In(at).Format(time.DateOnly), First: string(first), Last: string(last)}, err
}

func (t *City) reportTables(r *http.Request, _ *caller) (any, error) { return t.report(r) }

// reportFile is a form in which the report is taken away.
type reportFile struct {
	extension, kind, what string
	write                 func(*report.Report, io.Writer) error
}

func reportFiles() []reportFile {
	return []reportFile{
		{"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "a workbook", (*report.Report).Workbook},
		{"csv", "text/csv; charset=utf-8", "CSV", (*report.Report).CSV},
	}
}

func (t *City) reportFile(f reportFile) handler {
	return func(r *http.Request, _ *caller) (any, error) {
		made, err := t.report(r)
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		if err := f.write(made, &b); err != nil {
			return nil, err
		}
		return file{kind: f.kind, name: fmt.Sprintf("city-%s-%s.%s", made.From, made.To, f.extension), body: b.Bytes()}, nil
	}
}

// caseLine tells what happened to a case or a ticket, at whatever halls.
func (t *City) caseLine(r *http.Request, _ *caller) (any, error) {
	id, number, ok := strings.Cut(r.PathValue("case"), "/")
	if !ok {
		return nil, invalid("case：请写成 大厅/编号 的样子。")
	}
	data, err := t.ledger.Story(r.Context(), hall.ID(id), api.RowOf(number))
	if err != nil {
		return nil, err
	}
	if data == nil {
		return nil, refusal{http.StatusNotFound, "not_found", "没有这个办件或号；可能已按保存期限清除。"}
	}
	line := api.LineOf(data, data.Zone)
	return line, nil
}
