package report

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"time"

	"yitang/server/hall"
	"yitang/server/runonce"
)

// work is what one window or one clerk did.
type work struct {
	load
	open, paused float64 // minutes
	pauses       int
}

// People tells how the windows were staffed and how long services took, shown fairly: with intervals, by name, compared
// only from thirty services on, and never as places in a list.
func People(f *Floor) Report {
	r := Report{Hall: f.Hall, Kind: "people", Title: "人员与窗口", From: f.From, To: f.To, ReportDay: f.ReportDay, Definitions: []string{
		"按窗口号、工号排列，不是名次。办理时间受事项难易影响，不是快慢评比。",
		"平均办理的区间是 95% 置信区间。不足 30 次的不比较；不足 5 次的不公布平均。",
		"忙：办理时间占开窗时间。开窗和暂停由窗口操作记录；导入的历史没有这项记录。",
		"报告日之后发生的事一概不算。",
	}}
	windows, clerks, all, cut := map[string]*work{}, map[string]*work{}, &work{}, f.cut()
	f.days(func(t *runonce.Ticket, _ time.Time) {
		for _, w := range []*work{all, named(windows, string(t.Window)), named(clerks, t.Clerk)} {
			w.add(t, cut)
		}
	})
	reasons := f.spells(windows)
	delete(windows, "")
	delete(clerks, "")
	r.Tables = []Table{windowTable(windows, all), pauseTable(reasons), clerkTable(clerks, all)}
	return r
}

func named(m map[string]*work, k string) *work {
	if m[k] == nil {
		m[k] = &work{}
	}
	return m[k]
}

// spells adds the times in which windows were open or paused within the period, and returns the pauses by reason.
func (f *Floor) spells(windows map[string]*work) map[string]*work {
	reasons := map[string]*work{}
	begin, err := time.ParseInLocation(time.DateOnly, string(f.From), f.Data.Zone)
	end, err2 := time.ParseInLocation(time.DateOnly, string(min(f.To, f.ReportDay)), f.Data.Zone)
	if err != nil || err2 != nil || f.Data.Journal == nil {
		return reasons
	}
	lo, hi := hall.Millis(begin.UnixMilli()), min(hall.Millis(end.AddDate(0, 0, 1).UnixMilli()), f.now())
	for i := range f.Data.Journal.Spells {
		s := &f.Data.Journal.Spells[i]
		until := s.Until
		if until == 0 {
			until = hi
		}
		from, to := max(s.Since, lo), min(until, hi)
		if to <= from {
			continue
		}
		w, lasted := named(windows, string(s.Window)), float64(to-from)/60_000
		if s.State == hall.Open {
			w.open += lasted
			continue
		}
		w.paused, w.pauses = w.paused+lasted, w.pauses+1
		reason := named(reasons, s.Reason)
		reason.paused, reason.pauses = reason.paused+lasted, reason.pauses+1
	}
	return reasons
}

// now is the newest moment that the data know of: a window that is open still is open until then.
func (f *Floor) now() hall.Millis {
	newest := hall.Millis(0)
	for i := range f.Data.Days {
		t := &f.Data.Days[i]
		newest = max(newest, t.IssuedAt, t.CalledAt, t.StartedAt, t.EndedAt)
	}
	for i := range f.Data.Journal.Spells {
		s := &f.Data.Journal.Spells[i]
		newest = max(newest, s.Since, s.Until)
	}
	return newest
}

// byName sorts numbers as numbers.
func byName[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for k := range m {
		names = append(names, k)
	}
	slices.SortFunc(names, func(a, b string) int {
		x, errX := strconv.Atoi(a)
		y, errY := strconv.Atoi(b)
		if errX == nil && errY == nil {
			return cmp.Compare(x, y)
		}
		return cmp.Compare(a, b)
	})
	return names
}

// Fewer services than this have no published average.
const smallestShown = 5

// fair is an average with its interval, and what may be said of it beside the average of all.
func fair(services, all []float64) (avg, lo, hi any, verdict string) {
	n := len(services)
	if n < smallestShown {
		return nil, nil, nil, "不足 5 次，不公布平均"
	}
	sum, square := 0.0, 0.0
	for _, v := range services {
		sum += v
	}
	m := sum / float64(n)
	for _, v := range services {
		square += (v - m) * (v - m)
	}
	half := z95 * math.Sqrt(square/float64(n-1)/float64(n))
	if n < smallestRanked {
		return m, max(0, m-half), m + half, "不足 30 次，不比较"
	}
	whole, _ := mean(all).(float64)
	switch {
	case m-half > whole:
		return m, max(0, m-half), m + half, "比全体长"
	case m+half < whole:
		return m, max(0, m-half), m + half, "比全体短"
	}
	return m, max(0, m-half), m + half, "与全体相近"
}

// z95 is the normal quantile of a 95 % interval.
const z95 = 1.959964

func windowTable(windows map[string]*work, all *work) Table {
	t := table("windows", "窗口", "", text("窗口"), count("办理次数"), hours("开窗"), hours("暂停"), count("暂停次数"), percent("忙"),
		minutes("平均办理"), minutes("下限"), minutes("上限"), text("与全体相比"))
	t.Charts = []Chart{{"bar", []int{1}}}
	for _, name := range byName(windows) {
		w := windows[name]
		avg, lo, hi, verdict := fair(w.services, all.services)
		var open, paused, pauses, busy any
		if w.open > 0 {
			sum := 0.0
			for _, v := range w.services {
				sum += v
			}
			open, paused, pauses, busy = w.open/60, w.paused/60, w.pauses, min(1, sum/w.open)
		}
		t.Rows = append(t.Rows, []any{name, w.served, open, paused, pauses, busy, avg, lo, hi, verdict})
	}
	return t
}

func clerkTable(clerks map[string]*work, all *work) Table {
	t := table("clerks", "人员", "按工号排列，不是名次。", text("工号"), count("办理次数"), minutes("平均办理"), minutes("下限"), minutes("上限"), percent("过号率"), text("与全体相比"))
	for _, name := range byName(clerks) {
		w := clerks[name]
		avg, lo, hi, verdict := fair(w.services, all.services)
		var missed any
		if n := w.served + w.missed; n >= smallestRanked {
			missed = part(w.missed, n)
		}
		t.Rows = append(t.Rows, []any{name, w.served, avg, lo, hi, missed, verdict})
	}
	return t
}

// PauseReason names a pause's reason; a clerk's own words stay.
func PauseReason(r string) string {
	known := map[string]string{"": "没有写原因", "water": "喝水、上厕所", "meeting": "开会", "device": "设备故障", "person": "处理群众的事"}
	return cmp.Or(known[r], r)
}

func pauseTable(reasons map[string]*work) Table {
	t := table("pauses", "为什么暂停", "", text("原因"), count("次数"), hours("合计"), minutes("平均一次"))
	names := byName(reasons)
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(reasons[b].paused, reasons[a].paused) })
	for _, name := range names {
		w := reasons[name]
		t.Rows = append(t.Rows, []any{PauseReason(name), w.pauses, w.paused / 60, w.paused / float64(w.pauses)})
	}
	return t
}
