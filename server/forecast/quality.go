package forecast

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"yitang/server/hall"
)

// Quality is how good the forecasts were that tickets were given at their issue, over all that waited and were called.
type Quality struct {
	Days   int
	All    Group
	Fields []Group // by letter
	Hours  []Group // by hour of the day of the issue
}

// Group judges some tickets. Errors are the median's, in minutes; bias is forecast − wait.
type Group struct {
	Name     string
	N        int
	MAEMin   float64
	BiasMin  float64
	WaitMin  float64 // mean of the real waits
	Coverage [3]Share
}

// Share is how many of the waits stayed within a quantile, with Wilson's 95 % interval (DOMAIN.md).
type Share struct{ Level, Share, Lo, Hi float64 }

// group counts while it is filled.
type group struct {
	n               int
	mae, bias, wait float64
	covered         [3]int
}

// Judged judges past tickets. Offset is the hall's zone: local time − UTC.
func Judged(past []hall.PastService, offset hall.Millis) Quality {
	all, fields, hours, days := &group{}, map[string]*group{}, map[string]*group{}, map[hall.Day]bool{}
	for i := range past {
		p := &past[i]
		if p.Leg != 1 || p.Told == nil || p.CalledAt <= p.IssuedAt {
			continue
		}
		days[p.Day] = true
		hour := int((p.IssuedAt - dayClock(p.IssuedAt, offset).midnight) / (2 * halfHour))
		for _, g := range []*group{all, in(fields, string(p.Field)), in(hours, fmt.Sprintf("%02d", hour))} {
			g.add(p)
		}
	}
	return Quality{Days: len(days), All: all.result(""), Fields: results(fields), Hours: results(hours)}
}

func in(m map[string]*group, name string) *group {
	if m[name] == nil {
		m[name] = &group{}
	}
	return m[name]
}

func (g *group) add(p *hall.PastService) {
	wait := float64(p.CalledAt-p.IssuedAt) / 1000
	e := (float64(p.Told.P50S) - wait) / 60
	g.n++
	g.mae += math.Abs(e)
	g.bias += e
	g.wait += wait / 60
	for q, s := range [3]int{p.Told.P50S, p.Told.P80S, p.Told.P90S} {
		if wait <= float64(s) {
			g.covered[q]++
		}
	}
}

func results(m map[string]*group) []Group {
	out := make([]Group, 0, len(m))
	for name, g := range m {
		out = append(out, g.result(name))
	}
	slices.SortFunc(out, func(a, b Group) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

func (g *group) result(name string) Group {
	out := Group{Name: name, N: g.n}
	n := max(float64(g.n), 1)
	out.MAEMin, out.BiasMin, out.WaitMin = g.mae/n, g.bias/n, g.wait/n
	for q, level := range levels() {
		lo, hi := wilson(g.covered[q], g.n)
		out.Coverage[q] = Share{level, float64(g.covered[q]) / n, lo, hi}
	}
	return out
}

// wilson is Wilson's 95 % interval of k of n.
func wilson(k, n int) (lo, hi float64) {
	const z = 1.959964
	if n == 0 {
		return 0, 1
	}
	p, m := float64(k)/float64(n), float64(n)
	mid, half := p+z*z/(2*m), z*math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return max((mid-half)/(1+z*z/m), 0), min((mid+half)/(1+z*z/m), 1)
}

// Report is what a manager reads: how good it was, and what will be too full.
type Report struct {
	Quality  Quality
	Foresees bool // whether alarms could be looked for
	Alarms   []Alarm
}
