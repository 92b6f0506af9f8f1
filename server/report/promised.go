package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"yitang/server/hall"
	"yitang/server/runonce"
	"yitang/server/workday"
)

// dated is a case with its promised day and how many working days lie between it and the decision, or the report day.
type dated struct {
	c          *runonce.Case
	department string
	due        hall.Day
	left       int // working days until the promised day; negative is late

	promised, statutory int // working days; 0 = unknown
}

// late says which term a late case has passed: what stopped or extended the one moved the other as far.
func (d *dated) late() string {
	if d.statutory > 0 && d.promised > 0 && -d.left > d.statutory-d.promised {
		return "已超过法定期限"
	}
	return "已超过承诺期限"
}

// days is a number of days, or nothing where it is unknown.
func days(n int) any {
	if n == 0 {
		return nil
	}
	return n
}

// Promised tells whether promised days were kept, which open cases are close to theirs, and where the clock was played with.
func Promised(f *Floor, judged *runonce.Report, red int, names Names) Report {
	r := Report{Hall: f.Hall, Kind: "promised", Title: "承诺时限", From: f.From, To: f.To, ReportDay: f.ReportDay, Definitions: []string{
		fmt.Sprintf("法定期限：法律规定最迟多少个工作日作出决定，没有专门规定的是 %d 个工作日。承诺期限：部门向社会承诺的更短的天数。按时与否按承诺期限算；超过法定期限的另行注明。", statutoryDays),
		"承诺件：目录里有承诺工作日的事项。承诺日 = 受理日之后第 n 个工作日，依法中止的日子不计，延长的加上。",
		"按时：期内作出决定的承诺件，决定日不晚于承诺日。区间为 95% 置信区间（Wilson）。不足 5 件的不公布，不足 30 件的不比较。",
		fmt.Sprintf("红单：截至报告日没有决定、剩 %d 个工作日或更少的；已依法中止计时的不列。撤回、不属职权、测试、作废的件不计。", red),
		"时限游戏是线索，需由人核实，不是结论。报告日之后发生的事一概不算。",
	}}
	decided, open := f.promised()
	r.Empty = empty(len(decided)+len(open) > 0, "", f.ReportDay) // what is open at the report day has no period
	r.Tables = []Table{promiseTotals(decided), redList(open, red, names), promiseDepartments(decided, open), lateList(decided, names), games(judged, names)}
	return r
}

// promised are the cases decided in the period, and those open at the report day. A case whose promised day lies in a year
// that no calendar describes is in neither.
func (f *Floor) promised() (decided, open []dated) {
	begin, end, cut := f.midnight(f.From, 0), f.midnight(f.To, 1), f.cut()
	known := newTerms(f.Data.Calendar)
	for i := range f.Data.Cases {
		c := &f.Data.Cases[i]
		if c.AcceptedAt == 0 || c.AcceptedAt >= cut || slices.Contains([]runonce.End{runonce.Withdrawn, runonce.NoAuthority, runonce.Test, runonce.Void}, c.End) {
			continue
		}
		at, done := f.ReportDay, c.DecidedAt != 0 && c.DecidedAt < cut
		if done {
			if c.DecidedAt < begin || c.DecidedAt >= end {
				continue
			}
			at = f.day(c.DecidedAt)
		}
		if d, ok := f.date(c, at, known); ok && done {
			decided = append(decided, d)
		} else if ok {
			open = append(open, d)
		}
	}
	return decided, open
}

// terms asks the calendar.
type terms struct {
	due     func(term) (workday.Day, error)
	between func(span) (int, error)
}

// term is a number of working days from a day on.
type term struct {
	from workday.Day
	days int
}

// span is from one day to another.
type span struct{ from, to workday.Day }

func newTerms(c workday.Calendar) terms {
	return terms{due: once(func(t term) (workday.Day, error) { return c.Due(t.from, t.days) }),
		between: once(func(s span) (int, error) { return c.Between(s.from, s.to) })}
}

// once remembers the answers: tens of thousands of cases share the few days of a period.
func once[Q comparable, A any](ask func(Q) (A, error)) func(Q) (A, error) {
	type answer struct {
		is  A
		err error
	}
	known := map[Q]answer{}
	return func(q Q) (A, error) {
		a, asked := known[q]
		if !asked {
			a.is, a.err = ask(q)
			known[q] = a
		}
		return a.is, a.err
	}
}

func (f *Floor) day(at hall.Millis) hall.Day {
	return hall.Day(time.UnixMilli(int64(at)).In(f.Data.Zone).Format(time.DateOnly))
}

// date gives a case its promised day and what is left until then on a day; not ok where nobody knows it.
func (f *Floor) date(c *runonce.Case, at hall.Day, known terms) (dated, bool) {
	s := f.Data.Standards[c.Matter]
	d := dated{c: c, department: s.Department, due: c.Due, promised: s.Promised, statutory: s.Statutory}
	if d.due == "" {
		due, err := known.due(term{workday.Day(f.day(c.AcceptedAt)), s.Promised})
		if s.Promised == 0 || err != nil {
			return d, false
		}
		d.due = hall.Day(due)
	}
	var err error
	if at <= d.due {
		d.left, err = known.between(span{workday.Day(at), workday.Day(d.due)})
	} else {
		d.left, err = known.between(span{workday.Day(d.due), workday.Day(at)})
		d.left = -max(1, d.left)
	}
	return d, err == nil
}

func onTime(list []dated) (k int) {
	for _, d := range list {
		if d.left >= 0 {
			k++
		}
	}
	return k
}

func interval(k, n int) (rate, lo, hi any) {
	if n == 0 {
		return nil, nil, nil
	}
	i := runonce.Wilson(k, n)
	return float64(k) / float64(n), i.Lo, i.Hi
}

func promiseTotals(decided []dated) Table {
	t := table("promise", "按时办结", "", text("期间"), count("承诺件决定"), count("按时"), percent("按时率"), Column{"下限", Lower}, Column{"上限", Upper}, count("正在承诺日当天"), count("超期"))
	t.Cards = true
	k, due := onTime(decided), 0
	for _, d := range decided {
		if d.left == 0 {
			due++
		}
	}
	rate, lo, hi := interval(k, len(decided))
	t.Rows = append(t.Rows, []any{"本期", len(decided), k, rate, lo, hi, due, len(decided) - k})
	return t
}

func promiseDepartments(decided, open []dated) Table {
	t := table("promise_departments", "按部门", "按名称排列，不是名次。", text("部门"), percent("按时率"), percent("下限"), percent("上限"), count("按时"), count("承诺件决定"), count("在办"), count("在办已超期"), text("说明"))
	t.Charts = []Chart{{"bar", []int{1}}}
	parts, waiting, late := map[string][]dated{}, map[string]int{}, map[string]int{}
	for _, d := range decided {
		parts[d.department] = append(parts[d.department], d)
	}
	for _, d := range open {
		if waiting[d.department]++; d.left < 0 {
			late[d.department]++
		}
		if _, known := parts[d.department]; !known {
			parts[d.department] = nil
		}
	}
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		list, note := parts[name], ""
		k, n := onTime(list), len(list)
		rate, lo, hi := interval(k, n)
		var kept any = k
		switch {
		case n < smallestShown:
			rate, lo, hi, kept, note = nil, nil, nil, nil, "不足 5 件，不公布"
		case n < smallestRanked:
			note = "不足 30 件，不比较"
		}
		t.Rows = append(t.Rows, []any{cmp.Or(name, "（无）"), rate, lo, hi, kept, n, waiting[name], late[name], note})
	}
	return t
}

func redList(open []dated, red int, names Names) Table {
	t := table("red", "红单", "", text("办件"), text("事项"), text("部门"), text("承诺日"), count("承诺工作日"), count("法定工作日"), count("剩余工作日"), text("情况"))
	t.Opens = true
	slices.SortFunc(open, func(a, b dated) int {
		return cmp.Or(cmp.Compare(a.left, b.left), cmp.Compare(a.due, b.due), cmp.Compare(a.c.ID, b.c.ID))
	})
	for _, d := range open {
		if d.left > red || d.c.Suspended {
			continue
		}
		state, mark := "临近承诺日", ""
		if d.left < 0 {
			state, mark = d.late(), "red"
		}
		t.Rows, t.Marks = append(t.Rows, []any{string(d.c.ID), names(runonce.ByMatter, string(d.c.Matter)), d.department, string(d.due),
			days(d.promised), days(d.statutory), d.left, state}), append(t.Marks, mark)
	}
	return t
}

func lateList(decided []dated, names Names) Table {
	t := table("late", "期内超期办结", "", text("办件"), text("事项"), text("部门"), text("承诺日"), count("承诺工作日"), count("法定工作日"), count("超过工作日"), text("情况"))
	t.Opens = true
	slices.SortFunc(decided, func(a, b dated) int { return cmp.Or(cmp.Compare(a.left, b.left), cmp.Compare(a.c.ID, b.c.ID)) })
	for _, d := range decided {
		if d.left < 0 {
			t.Rows = append(t.Rows, []any{string(d.c.ID), names(runonce.ByMatter, string(d.c.Matter)), d.department, string(d.due), days(d.promised), days(d.statutory), -d.left, d.late()})
		}
	}
	return t
}

// games are the leads about the clock.
func games(judged *runonce.Report, names Names) Table {
	t := found(&runonce.Report{Signals: slices.DeleteFunc(slices.Clone(judged.Signals), func(s runonce.Signal) bool { return s.ID[0] != 'E' }),
		NotComputed: slices.DeleteFunc(slices.Clone(judged.NotComputed), func(id runonce.SignalID) bool { return id[0] != 'E' })}, names)
	t.ID, t.Title = "games", "时限游戏"
	return t
}

// Kept counts the promised cases decided in the period, and those of them that were in time.
func Kept(f *Floor) (k, n int) {
	decided, _ := f.promised()
	return onTime(decided), len(decided)
}
