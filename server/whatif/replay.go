package whatif

import (
	"fmt"
	"math"
	"slices"

	"yitang/server/hall"
)

// Visit is one ticket of a past day.
type Visit struct {
	At       hall.Millis // issue
	Slot     hall.Millis // of an appointment
	Priority hall.Priority
	Deliver  bool
	Matters  []hall.MatterCode
	Service  hall.Millis // at all windows together; 0 was never served
	Waited   hall.Millis // until the first call, really; Unknown when nobody called
	Windows  int         // that the person went to, really
	Guessed  bool        // nobody wrote down how long the service took
}

// Unknown is a wait that nobody saw the end of.
const Unknown hall.Millis = -1

// Spell is a time in which a window worked.
type Spell struct {
	Window   hall.WindowID
	From, To hall.Millis
}

// Day is a past business day. Its visits are in the order of their issue.
type Day struct {
	Day    hall.Day
	Visits []Visit
	Spells []Spell
	Stay   bool // the staff stay until everybody has been served
}

// Result is what a course of days came to. Groups and windows are in the order of the layout; the figures' intervals
// are over days.
type Result struct {
	Overall Group        `json:"overall"`
	Classes []Group      `json:"classes"`
	Fields  []Group      `json:"fields"`
	Windows []WindowLoad `json:"windows,omitempty"`

	// Beside is how long, for each call, an open window was free while somebody waited: clerks who take their time to
	// call the next one, and people whom the free window may not serve. 0 where the hall's own hours are not known.
	Beside float64 `json:"free_beside_waiting_s"`

	daily []dayMean
	each  [][]hall.Millis // wait of each visit of each day; Unknown was not served
}

// Group are the figures of some people over all days.
type Group struct {
	Name         string  `json:"name"`
	N            int     `json:"n"`
	WaitMean     float64 `json:"wait_mean_min"`
	WaitP50      float64 `json:"wait_p50_min"`
	WaitP90      float64 `json:"wait_p90_min"`
	WithinTarget float64 `json:"within_target"`
	Unserved     int     `json:"unserved"`
	Walks        float64 `json:"walks"` // ways from one window to another, a person
	Histogram    []int   `json:"histogram"`
}

// HistogramMin is the width of a histogram's columns; the last one, of HistogramColumns, holds all longer waits.
const (
	HistogramMin     = 5
	HistogramColumns = 25
)

// WindowLoad is what a window had to do.
type WindowLoad struct {
	Window hall.WindowID `json:"window"`
	Open   float64       `json:"open_min"`
	Busy   float64       `json:"busy"` // share of the open time
	Served int           `json:"served"`
}

// dayMean is the mean wait and the share within target of one day.
type dayMean struct {
	n            int
	wait, within float64
}

// Difference is the mean over days of variant minus base, on the same people, with its 95 % interval.
type Difference struct {
	Mean float64  `json:"mean"`
	Lo   *float64 `json:"lo"` // null: one day has no interval
	Hi   *float64 `json:"hi"`
	Days int      `json:"days"`
}

// Replay runs days under a layout, with its settings. Groups are named by the fields of names, which may be another
// layout than the one that is tried, so that two results can be compared line by line. A matter that the layout lacks is
// an error. Progress, which may be nil, hears how many days are done.
func Replay(l, names *hall.Layout, days []Day, progress func(done int)) (*Result, error) {
	t := newTally(l, names)
	for i := range days {
		if err := t.day(&days[i]); err != nil {
			return nil, err
		}
		if progress != nil {
			progress(i + 1)
		}
	}
	r := t.result()
	r.Beside = beside(days, r.each)
	return r, nil
}

// Real is what happened, in the form of a Result. Windows are left out.
func Real(l *hall.Layout, days []Day) *Result {
	t := newTally(l, l)
	for i := range days {
		d := &days[i]
		t.begin(d)
		for j := range d.Visits {
			v := &d.Visits[j]
			if v.Waited == Unknown {
				t.unserved(j)
			} else {
				t.wait(j, v.Waited, max(1, v.Windows))
			}
		}
		t.end()
	}
	r := t.result()
	r.Beside = beside(days, r.each)
	return r
}

// tally gathers the days of a Result.
type tally struct {
	layout, names *hall.Layout
	terms         hall.Terms
	field         map[hall.MatterCode]int
	skill         map[skillKey]hall.SkillNo
	classes       []gather
	fields        []gather
	all           gather
	open, busy    []float64
	calls         []int
	daily         []dayMean
	each          [][]hall.Millis

	now   *Day
	today dayMean
	trace func(Step)
}

// gather collects a Group.
type gather struct {
	waits            []hall.Millis
	within, unserved int
	walks            int
}

func newTally(l, names *hall.Layout) *tally {
	t := &tally{layout: l, names: names, terms: l.Terms(), field: map[hall.MatterCode]int{}, classes: make([]gather, 3),
		fields: make([]gather, len(names.Fields)), open: make([]float64, len(l.Windows)), busy: make([]float64, len(l.Windows)),
		calls: make([]int, len(l.Windows)), skill: map[skillKey]hall.SkillNo{}}
	for _, m := range names.Matters {
		t.field[m.Code] = slices.IndexFunc(names.Fields, func(f hall.Field) bool { return f.ID == m.Field })
	}
	return t
}

func (t *tally) begin(d *Day) {
	t.now, t.today = d, dayMean{}
	list := make([]hall.Millis, len(d.Visits))
	for i := range list {
		list[i] = Unknown
	}
	t.each = append(t.each, list)
}

func (t *tally) end() {
	if t.today.n > 0 {
		t.today.wait /= float64(t.today.n)
		t.today.within /= float64(t.today.n)
	}
	t.daily = append(t.daily, t.today)
}

// day replays one day.
func (t *tally) day(d *Day) error {
	t.begin(d)
	arrivals, err := t.arrivals(d)
	if err != nil {
		return err
	}
	r := newRun(t.layout.Floor(), arrivals, t)
	r.trace, r.stay = t.trace, d.Stay
	r.shifts, r.end = t.shifts(d)
	r.play()
	t.end()
	return nil
}

// listed is a source over a list.
type listed struct {
	list []Arrival
	i    int
}

func (s *listed) next() (Arrival, bool) {
	if s.i == len(s.list) {
		return Arrival{}, false
	}
	s.i++
	return s.list[s.i-1], true
}

// arrivals are the day's people as the layout's floor knows them.
func (t *tally) arrivals(d *Day) (*listed, error) {
	f := t.layout.Floor()
	list := make([]Arrival, len(d.Visits))
	for i := range d.Visits {
		v := &d.Visits[i]
		a := Arrival{At: v.At, Class: v.Priority.Class(), Service: max(v.Service, 1), Tag: i}
		a.Since = t.terms.SinceFor(a.Class, v.At, v.Slot)
		for _, code := range v.Matters {
			k, ok := t.skillOf(f, code, v.Deliver)
			if !ok {
				return nil, fmt.Errorf("replay: %s, ticket %d: the layout has no matter %q", d.Day, i+1, code)
			}
			a.Skills = append(a.Skills, k)
		}
		slices.Sort(a.Skills)
		list[i] = a
	}
	slices.SortStableFunc(list, func(a, b Arrival) int { return int(a.At - b.At) })
	return &listed{list: list}, nil
}

// skillKey is a matter and whether its result is collected.
type skillKey struct {
	code    hall.MatterCode
	deliver bool
}

func (t *tally) skillOf(f *hall.Floor, code hall.MatterCode, deliver bool) (hall.SkillNo, bool) {
	key := skillKey{code, deliver}
	if k, known := t.skill[key]; known {
		return k, true
	}
	i := slices.IndexFunc(t.layout.Matters, func(m hall.Matter) bool { return m.Code == code })
	if i < 0 {
		return 0, false
	}
	m := &t.layout.Matters[i]
	k, ok := f.Skill(t.layout, m.Field, m.Act(deliver))
	t.skill[key] = k
	return k, ok
}

// closing is how long after the last window's end a day may run on for those who still wait.
const closing = 12 * 60 * 60 * 1000

// shifts are the windows' openings. Staff whose window the layout lacks work at the layout's windows that have nobody,
// in order; those who find none stay away.
func (t *tally) shifts(d *Day) ([]Shift, hall.Millis) {
	var list []Shift
	end := hall.Millis(0)
	for _, s := range Seat(t.layout, d.Spells) {
		post := hall.PostNo(slices.IndexFunc(t.layout.Windows, func(w hall.WindowPlan) bool { return w.ID == s.Window }))
		t.open[post] += float64(s.To-s.From) / minuteMS
		list = append(list, Shift{At: s.From, Post: post, Open: true}, Shift{At: s.To, Post: post})
		end = max(end, s.To)
	}
	slices.SortStableFunc(list, func(a, b Shift) int {
		if a.At != b.At {
			return int(a.At - b.At)
		}
		return int(a.Post - b.Post)
	})
	return list, end + closing
}

const minuteMS = 60_000

// Seat puts the spells of a day at a layout's windows: at their own where it exists, else at windows that nobody has.
func Seat(l *hall.Layout, spells []Spell) []Spell {
	seat, taken := map[hall.WindowID]hall.WindowID{}, map[hall.WindowID]bool{}
	for _, s := range spells {
		if slices.ContainsFunc(l.Windows, func(w hall.WindowPlan) bool { return w.ID == s.Window }) {
			seat[s.Window], taken[s.Window] = s.Window, true
		}
	}
	var out []Spell
	for _, s := range spells {
		if _, known := seat[s.Window]; !known {
			for _, w := range l.Windows {
				if !taken[w.ID] {
					seat[s.Window], taken[w.ID] = w.ID, true
					break
				}
			}
		}
		if w := seat[s.Window]; w != "" {
			out = append(out, Spell{Window: w, From: s.From, To: s.To})
		}
	}
	return out
}

func (t *tally) wait(i int, waited hall.Millis, legs int) {
	v := &t.now.Visits[i]
	in := waited <= t.terms.Targets[v.Priority.Class()]
	for _, g := range t.groups(v) {
		g.waits = append(g.waits, waited)
		g.walks += legs - 1
		if in {
			g.within++
		}
	}
	t.each[len(t.each)-1][i] = waited
	t.today.n++
	t.today.wait += float64(waited) / minuteMS
	if in {
		t.today.within++
	}
}

func (t *tally) unserved(i int) {
	for _, g := range t.groups(&t.now.Visits[i]) {
		g.unserved++
	}
}

func (t *tally) groups(v *Visit) []*gather {
	list := []*gather{&t.all, &t.classes[v.Priority.Class()]}
	if i, ok := t.field[v.Matters[0]]; ok && i >= 0 {
		list = append(list, &t.fields[i])
	}
	return list
}

func (t *tally) came(*Arrival, bool)            {}
func (t *tally) left(a *Arrival, _ hall.Millis) { t.unserved(a.Tag) }

func (t *tally) served(a *Arrival, waited hall.Millis, legs int) { t.wait(a.Tag, waited, legs) }

func (t *tally) called(_ *Arrival, post hall.PostNo, at, until hall.Millis) {
	t.busy[post] += float64(until-at) / minuteMS
	t.calls[post]++
}

func (t *tally) passed(hall.Millis, hall.Millis, int, int) {}

// ClassNames name the classes in a Result.
func ClassNames() []string { return []string{"statutory", "appointment", "ordinary"} }

func (t *tally) result() *Result {
	r := &Result{Overall: t.all.group("all"), daily: t.daily, each: t.each}
	for i, name := range ClassNames() {
		r.Classes = append(r.Classes, t.classes[i].group(name))
	}
	for i := range t.fields {
		r.Fields = append(r.Fields, t.fields[i].group(string(t.names.Fields[i].ID)))
	}
	for i, w := range t.layout.Windows {
		load := WindowLoad{Window: w.ID, Open: t.open[i], Served: t.calls[i]}
		if t.open[i] > 0 {
			load.Busy = t.busy[i] / t.open[i]
		}
		r.Windows = append(r.Windows, load)
	}
	return r
}

func (g *gather) group(name string) Group {
	out := Group{Name: name, N: len(g.waits), Unserved: g.unserved, Histogram: make([]int, HistogramColumns)}
	if out.N == 0 {
		return out
	}
	slices.Sort(g.waits)
	sum := 0.0
	for _, w := range g.waits {
		min := float64(w) / minuteMS
		sum += min
		out.Histogram[int(math.Min(min/HistogramMin, HistogramColumns-1))]++
	}
	out.WaitMean = sum / float64(out.N)
	out.WaitP50 = float64(quantile(g.waits, 0.5)) / minuteMS
	out.WaitP90 = float64(quantile(g.waits, 0.9)) / minuteMS
	out.WithinTarget = share(g.within, out.N)
	out.Walks = float64(g.walks) / float64(out.N)
	return out
}

// Compare is the paired difference of two results over the same days: the mean wait in minutes, and the share within
// target.
func Compare(base, variant *Result) (wait, within Difference) {
	var dw, di []float64
	for i := range base.daily {
		if a, b := base.daily[i], variant.daily[i]; a.n > 0 && b.n > 0 {
			dw = append(dw, b.wait-a.wait)
			di = append(di, b.within-a.within)
		}
	}
	return difference(dw), difference(di)
}

// Settled says whether there is an interval at all: one day has none.
func (d Difference) Settled() bool { return d.Lo != nil }

// difference is the mean with Student's interval over days.
func difference(list []float64) Difference {
	n := len(list)
	d := Difference{Days: n}
	for _, x := range list {
		d.Mean += x / float64(n)
	}
	if n > 1 {
		half := student975(n-1) * deviation(list) / math.Sqrt(float64(n))
		lo, hi := d.Mean-half, d.Mean+half
		d.Lo, d.Hi = &lo, &hi
	}
	return d
}

// student975 is the 0.975 quantile of Student's distribution, by the expansion of Cornish and Fisher (Abramowitz and
// Stegun 26.7.5), exact for one and two degrees of freedom.
func student975(df int) float64 {
	const z = 1.959964
	switch df {
	case 1:
		return 12.7062
	case 2:
		return 4.30265
	}
	v := float64(df)
	z3, z5, z7, z9 := math.Pow(z, 3), math.Pow(z, 5), math.Pow(z, 7), math.Pow(z, 9)
	return z + (z3+z)/(4*v) + (5*z5+16*z3+3*z)/(96*v*v) + (3*z7+19*z5+17*z3-15*z)/(384*v*v*v) +
		(79*z9+776*z7+1482*z5-1920*z3-945*z)/(92160*v*v*v*v)
}
