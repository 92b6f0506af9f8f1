package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"yitang/server/hall"
	"yitang/server/runonce"
)

// work is what one window or one clerk did.
type work struct {
	load
	open, paused float64 // minutes
	pauses       int
	unclosed     int // times in which it was open and only the end of the day closed it
	unresumed    int // pauses that only the end of the day ended
}

// People tells how the windows were staffed and how long services took, shown fairly: with intervals, by name, compared
// only from thirty services on, and never as places in a list.
func People(f *Floor) Report {
	r := Report{Hall: f.Hall, Kind: "people", Title: "人员与窗口", From: f.From, To: f.To, ReportDay: f.ReportDay, Definitions: []string{
		"按窗口号、工号排列，不是名次。办理时间受事项难易影响，不是快慢评比。",
		"平均办理的区间是 95% 置信区间。不足 30 次的不比较；不足 5 次的不公布平均。",
		"忙：办理时间占开窗时间。开窗和暂停由窗口操作记录；导入的历史没有这项记录。",
		"没有人结束、到营业日结束时才由系统结束的：办理计次数、不计时长；暂停不计；开窗算到该窗口那天最后一次操作。各有多少写在表上。",
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
	r.Empty = empty(len(windows) > 0, f.From, f.ReportDay)
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
	acts := f.acts()
	for i := range f.Data.Journal.Spells {
		s := &f.Data.Journal.Spells[i]
		from, to := max(s.Since, lo), min(cmp.Or(s.Until, hi), hi)
		if to <= from {
			continue
		}
		w := named(windows, string(s.Window))
		if s.State == hall.Open {
			if s.Unended {
				to = max(from, min(to, lastIn(acts[s.Window], s)))
			}
			w.wasOpen(to-from, s.Unended)
			continue
		}
		w.rested(to-from, s.Unended)
		named(reasons, s.Reason).rested(to-from, s.Unended)
	}
	return reasons
}

func (w *work) wasOpen(lasted hall.Millis, unclosed bool) {
	if w.open += float64(lasted) / 60_000; unclosed {
		w.unclosed++
	}
}

// rested counts a pause; of one that nobody ended it is not known how long it lasted.
func (w *work) rested(lasted hall.Millis, unresumed bool) {
	if unresumed {
		w.unresumed++
		return
	}
	w.paused, w.pauses = w.paused+float64(lasted)/60_000, w.pauses+1
}

// acts are the moments at which something is known to have been done at the windows that nobody closed.
func (f *Floor) acts() map[hall.WindowID][]hall.Millis {
	acts := map[hall.WindowID][]hall.Millis{}
	for i := range f.Data.Journal.Spells {
		if s := &f.Data.Journal.Spells[i]; s.Unended {
			acts[s.Window] = nil
		}
	}
	for i := range f.Data.Days {
		t := &f.Data.Days[i]
		if list, unclosed := acts[t.Window]; unclosed {
			acts[t.Window] = append(list, t.CalledAt, t.StartedAt, t.EndedAt)
		}
	}
	return acts
}

// lastIn is the last act within a spell, at least its beginning.
func lastIn(acts []hall.Millis, s *hall.SpellRow) hall.Millis {
	last := s.Since
	for _, at := range acts {
		if at <= s.Until {
			last = max(last, at)
		}
	}
	return last
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
		x, m := numbered(a)
		y, n := numbered(b)
		return cmp.Or(cmp.Compare(x, y), cmp.Compare(m, n), cmp.Compare(a, b))
	})
	return names
}

// numbered is a name without the number at its end, and that number: clerk and 10.
func numbered(name string) (string, int) {
	stem := strings.TrimRight(name, "0123456789")
	n, err := strconv.Atoi(name[len(stem):])
	if err != nil {
		return name, 0
	}
	return stem, n
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
	unclosed := 0
	for _, name := range byName(windows) {
		w := windows[name]
		unclosed += w.unclosed
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
	t.Note = withoutEnd(all.unended())
	if unclosed > 0 {
		t.Note += fmt.Sprintf("有 %d 次开窗没有人关窗，算到该窗口那天最后一次操作。", unclosed)
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
	t.Note += withoutEnd(all.unended())
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
	unresumed := 0
	for _, name := range names {
		w := reasons[name]
		if unresumed += w.unresumed; w.pauses > 0 {
			t.Rows = append(t.Rows, []any{PauseReason(name), w.pauses, w.paused / 60, w.paused / float64(w.pauses)})
		}
	}
	if unresumed > 0 {
		t.Note = fmt.Sprintf("另有 %d 次暂停没有人恢复，到营业日结束时才由系统结束，时长不明，不计在内。", unresumed)
	}
	return t
}
