package forecast

import (
	"cmp"
	"math"
	"slices"
)

// offsets correct forecasts so that they cover what they promise: split-conformal (Vovk; Romano, Patterson and Candès
// 2019) on the logarithm of wait by forecast, whole and then by each kind of class in turn. A class with few checks is drawn to the whole.
type offsets struct {
	whole float64
	by    [len(classes{})]map[class]float64
}

// class is a queue, an hour, how still a line stands.
type class struct {
	queue  QueueID
	number int
}

// classes that a forecast falls into, one of each kind: its queue, the hour, and in a plain history how still the line stands.
type classes [3]class

func classesOf(q QueueID, at float64) classes { return classes{{queue: q}, {number: hourOf(at)}} }

// checked is a forecast with what became of it, from days that the forecaster had not seen, or of today so far.
type checked struct {
	classes
	ratio  float64 // log of wait by forecast
	open   bool    // waits still, so that the ratio will be larger
	weight float64 // of one that counts fully 1
}

// priorChecks is how many checks of the whole stand behind a class's own in a hall, and how many that say 0 behind its whole.
const priorChecks = 400.0

func hallPriors() []float64 { return []float64{priorChecks, priorChecks} }

// historyPriors are more, since a few days of a queue or an hour are little more than their luck.
func historyPriors() []float64 { return []float64{2000, 2000, 400} }

// newOffsets finds the offsets of one level. So many checks that say 0 stand behind the whole; priors are of the classes.
func newOffsets(list []checked, tau, prior float64, priors []float64) *offsets {
	o := &offsets{}
	if len(list) == 0 {
		return o
	}
	o.whole = drawn(slices.Clone(list), tau, prior)
	for kind, prior := range priors {
		groups := map[class][]checked{}
		for _, c := range list {
			c.ratio -= o.log(c.classes)
			groups[c.classes[kind]] = append(groups[c.classes[kind]], c)
		}
		found := map[class]float64{}
		for name, g := range groups {
			found[name] = drawn(g, tau, prior)
		}
		o.by[kind] = found
	}
	return o
}

// drawn is a group's own quantile, drawn to 0. It sorts the group.
func drawn(g []checked, tau, prior float64) float64 {
	n := 0.0
	for i := range g {
		n += g[i].weight
	}
	return conformalQuantile(g, n, tau) * n / (n + prior)
}

func hourOf(s float64) int { return min(max(int(s/3600), 0), 47) }

func (o *offsets) log(c classes) float64 {
	sum := o.whole
	for kind, name := range c {
		sum += o.by[kind][name]
	}
	return sum
}

// of is the factor for a forecast of these classes.
func (o *offsets) of(c classes) float64 { return math.Exp(o.log(c)) }

// conformalQuantile is the ⌈(n+1)τ⌉-th smallest of n, the largest where there is none. Who waits still counts among those
// behind until its own ratio, and then as the others behind it do (Kaplan and Meier 1958). It sorts the group.
func conformalQuantile(g []checked, n, tau float64) float64 {
	slices.SortFunc(g, func(a, b checked) int { return cmp.Compare(a.ratio, b.ratio) })
	above, behind := 1.0, n
	for i := range g {
		if !g[i].open {
			above *= 1 - g[i].weight/behind
		}
		if (1-above)*n >= (n+1)*tau-1e-9 {
			return g[i].ratio
		}
		behind = max(behind-g[i].weight, 1e-9)
	}
	return g[len(g)-1].ratio
}
