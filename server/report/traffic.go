package report

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"yitang/server/hall"
	"yitang/server/runonce"
)

// Floor is what a report of waits and windows stands on: the tickets of the period, and which field a matter belongs to.
type Floor struct {
	Hall      string
	From, To  hall.Day
	ReportDay hall.Day
	Data      *runonce.Data
	Fields    []hall.Field
	FieldOf   map[hall.MatterCode]hall.FieldID
	Usual     *Usual // to compare with; nil where there is nothing
	Now       hall.Millis
}

// longWaitMin is from how many minutes on a wait is called long.
const longWaitMin = 20

// load is what came together of some tickets.
type load struct {
	arrived, called, done, missed, left, served int
	waits, services                             []float64 // minutes
}

// unended is how many services have no known end.
func (l *load) unended() int { return l.served - len(l.services) }

func (l *load) wait() any    { return mean(l.waits) }
func (l *load) service() any { return mean(l.services) }

// mean is the average, or nothing.
func mean(list []float64) any {
	if len(list) == 0 {
		return nil
	}
	sum := 0.0
	for _, v := range list {
		sum += v
	}
	return sum / float64(len(list))
}

// ninety is what nine of ten do not exceed, or nothing.
func ninety(list []float64) any {
	if len(list) == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(list))
	return sorted[(len(sorted)*9+9)/10-1]
}

func within(list []float64, most float64) any {
	if len(list) == 0 {
		return nil
	}
	k := 0
	for _, v := range list {
		if v <= most {
			k++
		}
	}
	return float64(k) / float64(len(list))
}

// add counts one stay. Only a ticket's first stay is an arrival and has a wait; every stay may have a service.
func (l *load) add(t *runonce.Ticket, cut hall.Millis) {
	known := func(at hall.Millis) hall.Millis {
		if at >= cut {
			return 0
		}
		return at
	}
	called, started, ended := known(t.CalledAt), known(t.StartedAt), known(t.EndedAt)
	if called == 0 {
		called = started
	}
	if t.From == "" {
		l.arrived++
		if called != 0 {
			l.called++
			l.waits = append(l.waits, float64(called-t.IssuedAt)/60_000)
		}
	}
	if ended == 0 && (t.EndedAt != 0 || t.State != runonce.Done) {
		return
	}
	if started != 0 {
		l.served++
		if ended != 0 {
			l.services = append(l.services, float64(ended-started)/60_000)
		}
	}
	switch t.State {
	case runonce.Done:
		l.done++
	case runonce.NoShow:
		l.missed++
	case runonce.Abandoned, runonce.Cancelled:
		l.left++
	}
}

// Usual is the average of a number of days, or the period before; figures are for a day, or for the whole period.
type Usual struct {
	Name  string // what it is: 平常一天, 上一期
	Days  int    // that it is the average of; 1 for a whole period
	day   bool   // figures are for a day
	whole load
	hours map[int]*load

	cameBy, doneBy [minutesPerDay]int // by minute of the day
}

const minutesPerDay = 24 * 60

// until is how many came, and how many of them were done, before a minute of the day.
func (u *Usual) until(minute int) (came, done int) {
	for i := range minute {
		came, done = came+u.cameBy[i], done+u.doneBy[i]
	}
	return came, done
}

// see counts a ticket for until.
func (u *Usual) see(t *runonce.Ticket, issued time.Time) {
	if t.From == "" {
		u.cameBy[60*issued.Hour()+issued.Minute()]++
	}
	if ended := time.UnixMilli(int64(t.EndedAt)).In(issued.Location()); t.State == runonce.Done && t.EndedAt != 0 && ended.YearDay() == issued.YearDay() {
		u.doneBy[60*ended.Hour()+ended.Minute()]++
	}
}

// days calls with every ticket issued on the days from..to in the zone, online filings left out: they are nobody's visit.
func (f *Floor) days(do func(t *runonce.Ticket, at time.Time)) {
	begin, end := f.midnight(f.From, 0), f.midnight(min(f.To, f.ReportDay), 1)
	for i := range f.Data.Days {
		if t := &f.Data.Days[i]; t.Channel != runonce.Online && begin <= t.IssuedAt && t.IssuedAt < end {
			do(t, time.UnixMilli(int64(t.IssuedAt)).In(f.Data.Zone))
		}
	}
}

// cut is the first instant that is unknown.
func (f *Floor) cut() hall.Millis { return f.midnight(f.ReportDay, 1) }

// midnight is when the day begins that lies so many days after another; 0 where that is no day.
func (f *Floor) midnight(day hall.Day, after int) hall.Millis {
	t, err := time.ParseInLocation(time.DateOnly, string(day), f.Data.Zone)
	if err != nil {
		return 0
	}
	return hall.Millis(t.AddDate(0, 0, after).UnixMilli())
}

// NewUsual gathers what a floor's days are like, as the average of those that had tickets, or as a whole.
func NewUsual(name string, f *Floor, average bool) *Usual {
	u, days := &Usual{Name: name, Days: 1, day: average, hours: map[int]*load{}}, map[string]bool{}
	cut := f.cut()
	f.days(func(t *runonce.Ticket, at time.Time) {
		u.whole.add(t, cut)
		of(u.hours, at.Hour()).add(t, cut)
		u.see(t, at)
		days[at.Format(time.DateOnly)] = true
	})
	if len(days) == 0 {
		return nil
	}
	if average {
		u.Days = len(days)
	}
	return u
}

func of[K comparable](m map[K]*load, k K) *load {
	if m[k] == nil {
		m[k] = &load{}
	}
	return m[k]
}

// Traffic tells who came, how long they waited and were served.
func Traffic(f *Floor) Report {
	r := Report{Hall: f.Hall, Kind: "traffic", Title: "客流与等候", From: f.From, To: f.To, ReportDay: f.ReportDay}
	whole := &load{}
	r.Tables = trafficTables(f, whole)
	r.Definitions = trafficDefinitions(f.Usual, whole.unended())
	r.Empty = empty(whole.arrived+whole.served > 0 || f.Usual != nil && f.Usual.whole.arrived > 0, f.From, f.ReportDay)
	return r
}

// withoutEnd says of how many services nobody knows how long they took; nothing where there is none.
func withoutEnd(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("有 %d 次办理没有人按结束，到营业日结束时才由系统结束（或导入的数据没有结束时间），时长不明，不计入平均办理。", n)
}

func trafficDefinitions(u *Usual, unended int) []string {
	list := []string{
		"取号：期内在大厅和手机上取的号；网上收件不算，转办和拆分出的号不重复算。",
		"等候：从取号到第一次叫到（没有叫号时间的，到开始办理）；还没叫到的不在其中。九成等候：九成的人等得不超过这么久。",
		"办理：从开始办理到结束，每到一个窗口算一次。没办就走：没有叫到就放弃或取消的号，占取号。",
		"按取号的钟点和日期归组。报告日之后发生的事一概不算。",
	}
	if u != nil && u.day {
		list = append(list, fmt.Sprintf("%s：之前 %d 个开门日的平均，次数是每天的平均，时间是所有号的平均。当天还没有过完的，另列平常到同一钟点为止的次数。", u.Name, u.Days))
	} else if u != nil {
		list = append(list, fmt.Sprintf("%s：紧接在前、同样长的一段时间。", u.Name))
	}
	if words := withoutEnd(unended); words != "" {
		list = append(list, "本期"+words)
	}
	return list
}

func trafficTables(f *Floor, whole *load) []Table {
	cut := f.cut()
	byHour, byDay, byField, byChannel := map[int]*load{}, map[string]*load{}, map[hall.FieldID]*load{}, map[runonce.Channel]*load{}
	f.days(func(t *runonce.Ticket, at time.Time) {
		field := hall.FieldID("")
		if len(t.Matters) > 0 {
			field = f.FieldOf[t.Matters[0]]
		}
		for _, l := range []*load{whole, of(byHour, at.Hour()), of(byDay, at.Format(time.DateOnly)), of(byField, field), of(byChannel, t.Channel)} {
			l.add(t, cut)
		}
	})
	return []Table{f.totals(whole), f.byHours(byHour), byDays(byDay), byFields(byField, f.Fields), byChannels(byChannel)}
}

func (f *Floor) totals(whole *load) Table {
	t := table("totals", "总览", "", text("期间"), count("取号"), count("办完"), minutes("平均等候"), minutes("九成等候"), percent("20 分钟内叫到"),
		minutes("平均办理"), percent("过号率"), percent("没办就走"))
	t.Cards = true
	add := func(name string, l *load, days int) {
		t.Rows = append(t.Rows, []any{name, each(l.arrived, days), each(l.done, days), l.wait(), ninety(l.waits), within(l.waits, longWaitMin), l.service(),
			part(l.missed, l.arrived), part(l.left, l.arrived)})
	}
	add("本期", whole, 1)
	u := f.Usual
	if u == nil {
		return t
	}
	add(u.Name, &u.whole, u.Days)
	if now := time.UnixMilli(int64(f.Now)).In(f.Data.Zone); u.day && hall.Day(now.Format(time.DateOnly)) == f.To {
		came, done := u.until(60*now.Hour() + now.Minute())
		t.Rows = append(t.Rows, []any{fmt.Sprintf("平常到 %s", now.Format("15:04")), each(came, u.Days), each(done, u.Days), nil, nil, nil, nil, nil, nil})
	}
	return t
}

// each is a day's share of a number, to whole people.
func each(n, days int) int { return (2*n + days) / (2 * days) }

func part(k, n int) any {
	if n == 0 {
		return nil
	}
	return float64(k) / float64(n)
}

// hourNow is the hour that it is on the last day of the period, 24 where that day is over: later hours have no figures yet.
func (f *Floor) hourNow() int {
	now := time.UnixMilli(int64(f.Now)).In(f.Data.Zone)
	if f.From == f.To && hall.Day(now.Format(time.DateOnly)) == f.To {
		return now.Hour()
	}
	return 24
}

func (f *Floor) byHours(hours map[int]*load) Table {
	usual, u, now := "平常", f.Usual, f.hourNow()
	if u != nil {
		usual = u.Name
	}
	t := table("hours", "按钟点", "", text("钟点"), count("取号"), count(usual+"取号"), minutes("平均等候"), minutes(usual+"平均等候"), minutes("九成等候"),
		count("办理"), minutes("平均办理"))
	t.Charts = []Chart{{"bar", []int{1, 2}}, {"bar", []int{3, 4}}, {"bar", []int{6}}}
	first, last := 24, -1
	seen := func(m map[int]*load) {
		for h := range m {
			first, last = min(first, h), max(last, h)
		}
	}
	seen(hours)
	if u != nil {
		seen(u.hours)
	}
	for h := first; h <= last; h++ {
		l, row := of(hours, h), []any(nil)
		var n, wait any
		if u != nil {
			o := u.hours[h]
			if o == nil {
				o = &load{}
			}
			n, wait = each(o.arrived, u.Days), o.wait()
		}
		row = []any{fmt.Sprintf("%02d:00", h), l.arrived, n, l.wait(), wait, ninety(l.waits), l.served, l.service()}
		if h > now {
			row[1], row[6] = nil, nil
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func loadColumns(name string) []Column {
	return []Column{text(name), count("取号"), count("办完"), minutes("平均等候"), minutes("九成等候"), percent("20 分钟内叫到"), minutes("平均办理"), percent("过号率"), percent("没办就走")}
}

func loadRow(name string, l *load) []any {
	return []any{name, l.arrived, l.done, l.wait(), ninety(l.waits), within(l.waits, longWaitMin), l.service(), part(l.missed, l.arrived), part(l.left, l.arrived)}
}

func byDays(days map[string]*load) Table {
	t := table("days", "按日", "", loadColumns("日期")...)
	t.Charts = []Chart{{"line", []int{1}}}
	names := make([]string, 0, len(days))
	for d := range days {
		names = append(names, d)
	}
	slices.Sort(names)
	for _, d := range names {
		t.Rows = append(t.Rows, loadRow(d, days[d]))
	}
	return t
}

func byFields(loads map[hall.FieldID]*load, fields []hall.Field) Table {
	t := table("fields", "按领域", "按号上第一个事项的领域。", loadColumns("领域")...)
	t.Charts = []Chart{{"bar", []int{1}}}
	for _, f := range fields {
		if l := loads[f.ID]; l != nil {
			t.Rows = append(t.Rows, loadRow(string(f.ID)+" "+f.Name["zh"], l))
		}
	}
	if l := loads[""]; l != nil {
		t.Rows = append(t.Rows, loadRow("目录里没有的事项", l))
	}
	return t
}

func byChannels(loads map[runonce.Channel]*load) Table {
	t := table("channels", "从哪里取号", "", text("渠道"), count("取号"))
	for _, c := range []struct {
		id   runonce.Channel
		name string
	}{{runonce.Kiosk, "取号机"}, {runonce.Desk, "导服台"}, {runonce.Phone, "手机"}, {"", "不明"}} {
		if l := loads[c.id]; l != nil {
			t.Rows = append(t.Rows, []any{c.name, l.arrived})
		}
	}
	return t
}

// LastDay is the first of the last n days of a set; empty for an empty one.
func LastDay(days map[hall.Day]bool, n int) hall.Day {
	list := slices.Sorted(maps.Keys(days))
	if len(list) == 0 {
		return ""
	}
	return list[max(0, len(list)-n)]
}
