// Package report lays a judgement of run-at-most-once out as tables, once for the page, the workbook and the CSV file, so
// that the three cannot differ. It is pure: the judgement comes in, bytes go out; it owns no goroutine.
package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"yitang/server/hall"
	"yitang/server/runonce"
)

// Kind says how a column is shown and stored.
type Kind string

// The kinds of column.
const (
	Text    Kind = "text"
	Count   Kind = "count"
	Percent Kind = "percent" // a share, 0 to 1
	Lower   Kind = "lower"   // limits of the share before
	Upper   Kind = "upper"
	Minutes Kind = "minutes"
	Hours   Kind = "hours"
)

// Column is one column of a table.
type Column struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
}

// Table is one table of a report. A cell is a string, an int, a float64, or nil where there is no figure.
type Table struct {
	ID      string   `json:"id"`
	Title   string   `json:"title"`
	Note    string   `json:"note,omitempty"`
	Columns []Column `json:"columns"`
	Rows    [][]any  `json:"rows"`
	Marks   []string `json:"marks,omitempty"` // of each row: what a picture sets apart (below, ours, red), or empty
	Charts  []Chart  `json:"charts,omitempty"`
	Cards   bool     `json:"cards,omitempty"` // its first row is shown as large figures, the second as what is usual
	Opens   bool     `json:"opens,omitempty"` // its first column is a case that can be opened
}

// Chart says how a table is drawn, in the workbook as on the page, by its first column.
type Chart struct {
	Kind    string `json:"kind"`    // bar or line
	Columns []int  `json:"columns"` // from 0; the first is what is told, the others are to compare with
}

// Report is everything that is shown of a period.
type Report struct {
	Hall        string   `json:"hall"`
	Kind        string   `json:"kind"`
	Title       string   `json:"title"`
	From        hall.Day `json:"from"`
	To          hall.Day `json:"to"`
	ReportDay   hall.Day `json:"report_day"`
	By          string   `json:"by"`
	Empty       string   `json:"empty,omitempty"` // why there is nothing of the period, and what to do
	Definitions []string `json:"definitions"`
	Tables      []Table  `json:"tables"`

	words *Words // of its language, for what a file says besides
}

// Names gives what codes are called: matters by their code.
type Names func(by runonce.Grouping, key string) string

// Fewer cases than this are not ranked against others.
const smallestRanked = 30

// falseDiscoveries is the share of units that are wrongly called worse among those that are called so.
const falseDiscoveries = 0.05

// New lays a judgement out. The query must have asked for ByClosing in More.
func New(name string, q runonce.Query, r *runonce.Report, names Names) Report {
	return Report{Hall: name, Kind: "runonce", Title: "最多跑一次", From: q.From, To: q.To, ReportDay: q.ReportDay, By: string(q.By), Definitions: definitions(r.Opened.Tau),
		Empty:  empty(r.All.N+r.Opened.N+r.LeftOut.Withdrawn+r.LeftOut.NoAuthority > 0, q.From, q.ReportDay),
		Tables: []Table{rates(r), weeks(q, r), groups(q.By, r, names), limits(r), reasons(r), visits(r), leftOut(r), found(r, names), cases(r)}}
}

// empty is the remark on a period that has not begun, or of which there is nothing.
func empty(some bool, from, reportDay hall.Day) string {
	switch {
	case from > reportDay:
		return fmt.Sprintf("这段时间从 %s 开始，还没有到（报告日 %s）。请选报告日以前的日期。", from, reportDay)
	case !some:
		return "这段时间没有可统计的数据。请换一段有数据的日期；以前的历史可请系统管理员用 yitang import 导入。"
	}
	return ""
}

// Table finds a table by its id.
func (r *Report) Table(id string) *Table {
	if i := slices.IndexFunc(r.Tables, func(t Table) bool { return t.ID == id }); i >= 0 {
		return &r.Tables[i]
	}
	return nil
}

// statutoryDays is within how many working days an authority has to decide where no law says otherwise (行政许可法 42).
const statutoryDays = 20

// definitions say how everything is counted; tau is until when the estimate by opening reaches.
func definitions(tau float64) []string {
	reach := fmt.Sprintf("法律规定的一般办理期限 %d 个工作日", statutoryDays)
	if tau > statutoryDays {
		reach = fmt.Sprintf("期内收件的办件中最长承诺期限的 1.5 倍，即 %g 个工作日（不足法定的 %d 个工作日时按 %d 个算）", tau, statutoryDays, statutoryDays)
	}
	return []string{
		"一次办成（全部）：期内办结（送达或不予许可）的办件中，申请人或其代理人到大厅不超过一次的。领取结果也算一次。",
		"按法规口径：材料首次不齐且已一次性书面告知的办件不计；已提供免费送达而本人选择自取的、指南载明必须到场的，不计次。再次告知新材料的算未做到。",
		"加上未办结但已来两次的：截至报告日没有办结、在期末以前收件、已经来了两次以上的，不论哪一期收的都加上，所以期越短它越低，日、周只看有没有积压，比较请看月、季。",
		fmt.Sprintf("按收件推算：期内收件的办件（含未办结），从首次上门起推算到%s，用 Aalen–Johansen 估计，截至报告日。", reach),
		"上门：同一办件同一天的号，转办的或上一个号结束后 60 分钟内取的算同一次。大厅导办人员、踏勘人员、快递员不算。",
		"区间为 95% 置信区间（Wilson；同一代理人 5 件以上时按代理人聚类）。不足 5 件的分组不公布；不足 30 件的不比较。",
		"不计入：撤回、不属本大厅权限、测试、作废，另行列数。报告日之后发生的事一概不算。",
	}
}

func table(id, title, note string, columns ...Column) Table {
	return Table{ID: id, Title: title, Note: note, Columns: columns, Rows: [][]any{}}
}

func text(name string) Column    { return Column{name, Text} }
func count(name string) Column   { return Column{name, Count} }
func percent(name string) Column { return Column{name, Percent} }
func minutes(name string) Column { return Column{name, Minutes} }
func hours(name string) Column   { return Column{name, Hours} }

// share is a figure or nothing.
func share(p *float64) any {
	if p == nil {
		return nil
	}
	return *p
}

func number(n *int) any {
	if n == nil {
		return nil
	}
	return *n
}

func rates(r *runonce.Report) Table {
	t := table("rates", "三个口径", "", text("口径"), percent("一次办成"), percent("下限"), percent("上限"), count("一次办成件数"), count("办件数"))
	add := func(name string, x runonce.Rate) {
		if r.Bounds != nil && x.Rate != nil { // so many tickets without a case that there is no point to tell
			t.Rows = append(t.Rows, []any{name, nil, float64(max(0, *x.Once-(r.Proven-r.Linked))) / float64(x.N), *x.Rate, number(x.Once), x.N})
			return
		}
		t.Rows = append(t.Rows, []any{name, share(x.Rate), share(x.Lo), share(x.Hi), number(x.Once), x.N})
	}
	add("全部办结", r.All)
	add("全部办结，加上未办结但已来两次的", r.WithKnownFailures)
	add("按法规口径", r.Law)
	var lo, hi any
	if r.Opened.F2 != nil {
		lo, hi = r.Opened.Interval()
	}
	t.Rows = append(t.Rows, []any{fmt.Sprintf("按收件推算（首次上门起 %g 个工作日内）", r.Opened.Tau), share(r.Opened.F2), lo, hi, nil, r.Opened.N})
	if r.Bounds != nil {
		t.Note = fmt.Sprintf("只有 %.1f%% 的号对上了办件，不足 95%%，按办结算的口径只给上下界，不给比率：对不上的号可能都是某个办件的又一次上门，也可能都不是。", 100**r.LinkedShare)
	}
	t.Note += undecided(&r.Opened)
	return t
}

// undecided says of how many of the cases opened in the period nobody can know yet what becomes of them.
func undecided(o *runonce.Opened) string {
	if o.F2 == nil {
		return ""
	}
	words := fmt.Sprintf("按收件推算：一次办成 %.1f%%，又来一次 %.1f%%，还没有定论 %.1f%%。", 100**o.F2, 100**o.F1, 100**o.S)
	if float64(o.Seen) < o.Tau {
		words += fmt.Sprintf("到报告日，最早收的件也只过了 %d 个工作日，不到 %g 个：没有定论的以后才见分晓，这个比率会变。", o.Seen, o.Tau)
	}
	return words
}

func groupRow(label string, g runonce.Group) []any {
	return []any{label, share(g.Rate.Rate), share(g.Lo), share(g.Hi), number(g.Once), g.N}
}

// weeks cuts the first rate: each week counts its own endings, so that together they are the whole. By first visit the weeks would
// hold only who was quick enough to end within the period, the fewer and the better the later they are.
func weeks(q runonce.Query, r *runonce.Report) Table {
	t := table("weeks", "按周", "按办结的那一周，各周合起来就是“全部办结”。首尾两周只含本期的日子。", text("周"), percent("一次办成"), percent("下限"), percent("上限"), count("一次办成件数"), count("办件数"))
	t.Charts = []Chart{{"line", []int{1}}}
	for _, g := range r.More[runonce.ByClosing] {
		t.Rows = append(t.Rows, groupRow(weekOf(g.Key, q), g))
	}
	return t
}

// weekOf names the days of a period in the week of a Monday: 6月2–8日.
func weekOf(monday string, q runonce.Query) string {
	first, err := time.Parse(time.DateOnly, monday)
	if err != nil {
		return monday
	}
	day := func(at time.Time) hall.Day { return hall.Day(at.Format(time.DateOnly)) }
	last := first.AddDate(0, 0, 6)
	for day(first) < q.From {
		first = first.AddDate(0, 0, 1)
	}
	for day(last) > min(q.To, q.ReportDay) && last.After(first) {
		last = last.AddDate(0, 0, -1)
	}
	switch {
	case first.Equal(last):
		return first.Format("1月2日")
	case first.Month() == last.Month():
		return first.Format("1月2–") + last.Format("2日")
	}
	return first.Format("1月2日–") + last.Format("1月2日")
}

// groups compares parts with the whole: inside the funnel chance explains the difference.
func groups(by runonce.Grouping, r *runonce.Report, names Names) Table {
	titles := map[runonce.Grouping]string{runonce.ByMatter: "按事项", runonce.ByDepartment: "按决定机关", runonce.ByWindow: "按首次上门的窗口",
		runonce.ByAgent: "按代理人", runonce.ByWeek: "按首次上门的周"} // 按周 is the table of the weeks of closing
	of, _ := strings.CutPrefix(titles[by], "按")
	t := table("groups", titles[by], "按名称排列，不是名次。“低于”指在 5% 错误发现率下低于全体（Benjamini–Hochberg），是线索，不是结论。",
		text(of), percent("一次办成"), percent("下限"), percent("上限"), count("一次办成件数"), count("办件数"), text("与全体相比"))
	worse := worseThanAll(by, r)
	for _, g := range r.Groups {
		verdict, mark := "不足 30 件，不比较", ""
		switch {
		case g.Suppressed:
			verdict = "不足 5 件，不公布"
		case tooManyLeftOut(by, &g):
			verdict = fmt.Sprintf("不计入的办件 %d 件，超过 15%%，不比较", g.LeftOut)
		case g.N >= smallestRanked && worse[g.Key]:
			verdict, mark = "低于", "below"
		case g.N >= smallestRanked:
			verdict = "在偶然范围内或更高"
		}
		label := names(by, g.Key)
		if g.Key == "" {
			label = "（无）"
		}
		t.Rows, t.Marks = append(t.Rows, append(groupRow(label, g), verdict)), append(t.Marks, mark)
	}
	return t
}

// limitPoints is at how many numbers of cases the control limits are given.
const limitPoints = 40

// limits are the funnel's: where a part of n cases lies by chance alone when it does as well as all.
func limits(r *runonce.Report) Table {
	t := table("limits", "漏斗图控制限", "与全体一样好的一组，偶然也会落在这些限之间（95% 与 99.8%）。",
		count("办件数"), percent("下限 95%"), percent("上限 95%"), percent("下限 99.8%"), percent("上限 99.8%"))
	most := 0
	for _, g := range r.Groups {
		most = max(most, g.N)
	}
	if r.All.Rate == nil || most < smallestRanked {
		return t
	}
	for i := range limitPoints + 1 {
		n := 5 + (most-5)*i*i/(limitPoints*limitPoints) // closer together where the funnel bends
		if k := len(t.Rows); k > 0 && t.Rows[k-1][0] == n {
			continue
		}
		l := runonce.Funnel(*r.All.Rate, n)
		t.Rows = append(t.Rows, []any{n, l.Lo, l.Hi, l.FarLo, l.FarHi})
	}
	return t
}

// mostLeftOut is the share of left out cases above which a department is not ranked: it could choose what counts.
const mostLeftOut = 0.15

func tooManyLeftOut(by runonce.Grouping, g *runonce.Group) bool {
	return by == runonce.ByDepartment && float64(g.LeftOut) > mostLeftOut*float64(g.N+g.LeftOut)
}

// worseThanAll finds the groups whose share lies below that of all by more than chance, among those that are compared.
func worseThanAll(by runonce.Grouping, r *runonce.Report) map[string]bool {
	if r.All.Rate == nil {
		return nil
	}
	var keys []string
	var p []float64
	for _, g := range r.Groups {
		if g.N >= smallestRanked && g.Once != nil && !tooManyLeftOut(by, &g) {
			keys, p = append(keys, g.Key), append(p, runonce.WorseThan(*g.Once, g.N, *r.All.Rate))
		}
	}
	worse := map[string]bool{}
	for i, flagged := range runonce.BenjaminiHochberg(p, falseDiscoveries) {
		worse[keys[i]] = flagged
	}
	return worse
}

// reasonText says what a reason is and who could have saved the visit.
func reasonText(r runonce.Reason) (what, who string) {
	known := map[runonce.Reason][2]string{
		runonce.R1: {"再次告知了新的材料", "窗口"}, runonce.R2: {"补书面告知过的材料", "申请人"}, runonce.R3: {"没有书面告知就让人再来", "大厅"},
		runonce.R4: {"窗口不对或被转来转去", "大厅"}, runonce.R5: {"上次没办成就走了，或窗口没人", "大厅"}, runonce.R6: {"我们的系统或设备故障", "大厅"},
		runonce.R7: {"来领取，没有提供送达", "大厅"}, runonce.R7b: {"来领取，本人选择自取", "不计责任"}, runonce.R8: {"过了承诺日来问进度", "部门"},
		runonce.R9: {"法律要求到场", "法律"}, runonce.R10: {"单独来交费或签字", "流程"}, runonce.R11: {"补容缺的材料", "流程"},
		runonce.R12: {"更正我们的文书", "部门"}, runonce.R99: {"原因不明", "不明"},
	}
	return known[r][0], known[r][1]
}

func reasons(r *runonce.Report) Table {
	t := table("reasons", "为什么又来了一次", "首次之后的每一次上门恰有一个原因，由多到少。",
		text("代号"), text("原因"), text("责任"), count("次数"), percent("占比"), percent("累计"))
	if !r.BreakdownShown {
		t.Note = "一成以上的再次上门原因不明，分布不公布。"
		return t
	}
	var list []runonce.Reason
	total := 0
	t.Charts = []Chart{{"bar", []int{3}}}
	for reason, n := range r.Causes {
		list, total = append(list, reason), total+n
	}
	slices.SortFunc(list, func(a, b runonce.Reason) int {
		if d := r.Causes[b] - r.Causes[a]; d != 0 {
			return d
		}
		return slices.Index(order(), a) - slices.Index(order(), b)
	})
	sum := 0
	for _, reason := range list {
		what, who := reasonText(reason)
		mark := ""
		if who == "大厅" || who == "窗口" {
			mark = "ours"
		}
		t.Marks = append(t.Marks, mark)
		sum += r.Causes[reason]
		t.Rows = append(t.Rows, []any{string(reason), what, who, r.Causes[reason], float64(r.Causes[reason]) / float64(total), float64(sum) / float64(total)})
	}
	return t
}

func order() []runonce.Reason {
	return []runonce.Reason{runonce.R1, runonce.R2, runonce.R3, runonce.R4, runonce.R5, runonce.R6, runonce.R7, runonce.R7b,
		runonce.R8, runonce.R9, runonce.R10, runonce.R11, runonce.R12, runonce.R99}
}

func visits(r *runonce.Report) Table {
	t := table("visits", "来了几次", fmt.Sprintf("办件上门合计 %d 次，按人次 %d 次；申请前的咨询 %d 次，不计在内。", r.CaseVisits.Total, r.PersonVisits, r.ConsultVisits),
		text("次数"), count("办件数"), percent("占比"))
	for n, seen := 0, 0; seen < len(r.CaseVisits.Histogram); n++ { // also the numbers of visits that no case needed
		k, some := r.CaseVisits.Histogram[fmt.Sprint(n)]
		if some {
			seen++
		}
		t.Rows = append(t.Rows, []any{fmt.Sprint(n), k, float64(k) / float64(r.All.N)})
	}
	return t
}

func leftOut(r *runonce.Report) Table {
	t := table("left_out", "不计入的办件", fmt.Sprintf("不属本大厅权限的办件让人白跑 %d 次。", r.WastedTrips), text("为什么"), count("办件数"))
	for _, x := range []struct {
		what string
		n    int
	}{{"决定前撤回", r.LeftOut.Withdrawn}, {"不属本大厅权限", r.LeftOut.NoAuthority}, {"测试", r.LeftOut.Test}, {"作废", r.LeftOut.Void}} {
		t.Rows = append(t.Rows, []any{x.what, x.n})
	}
	return t
}

func cases(r *runonce.Report) Table {
	t := table("cases", "办件清单", "", text("办件"), count("上门次数"), count("按法规计次"), text("一次办成"), text("按法规"), text("再次上门的原因"))
	t.Opens = true
	for _, c := range r.Cases {
		law := "不计入"
		if c.OnceLaw != nil {
			law = yes(*c.OnceLaw)
		}
		why := ""
		for i, cause := range c.Causes {
			if i > 0 {
				why += " "
			}
			why += string(cause.Reason)
		}
		t.Rows = append(t.Rows, []any{string(c.Case), c.Visits, c.LawVisits, yes(c.Once), law, why})
	}
	return t
}

func yes(b bool) string {
	if b {
		return "是"
	}
	return "否"
}
