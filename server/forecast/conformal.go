package forecast

import (
	"cmp"
	"math"
	"slices"
)

// offsets correct forecasts so that they cover what they promise: split-conformal (Vovk; Romano, Patterson and Candès
// 2019) on the logarithm of wait by forecast, whole, by queue and by hour. A group with few checks is drawn to the whole.
type offsets struct {
	whole   float64
	byQueue map[QueueID]float64
	byHour  [48]float64
}

// checked is a forecast with what became of it, from days that the forecaster had not seen, or of today so far.
type checked struct {
	queue  QueueID
	at     float64 // second of the day of the issue
	ratio  float64 // log of wait by forecast
	open   bool    // waits still, so that the ratio will be larger
	weight float64 // of one that counts fully 1
}

// priorChecks is how many checks of the whole stand behind a group's own, and in a hall how many that say 0 behind the whole.
const priorChecks = 400.0

// newOffsets finds the offsets of one level. So many checks that say 0 stand behind the whole.
func newOffsets(list []checked, tau, prior float64) *offsets {
	o := &offsets{byQueue: map[QueueID]float64{}}
	if len(list) == 0 {
		return o
	}
	o.whole = drawn(slices.Clone(list), tau, prior)
	groups := map[QueueID][]checked{}
	for _, c := range list {
		c.ratio -= o.whole
		groups[c.queue] = append(groups[c.queue], c)
	}
	for q, g := range groups {
		o.byQueue[q] = drawn(g, tau, priorChecks)
	}
	var hours [48][]checked
	for _, c := range list {
		c.ratio -= o.whole + o.byQueue[c.queue]
		hours[hourOf(c.at)] = append(hours[hourOf(c.at)], c)
	}
	for h, g := range hours {
		if len(g) > 0 {
			o.byHour[h] = drawn(g, tau, priorChecks)
		}
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

// of is the factor for a ticket of a queue issued at a second of the day.
func (o *offsets) of(q QueueID, at float64) float64 {
	return math.Exp(o.whole + o.byQueue[q] + o.byHour[hourOf(at)])
}

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
