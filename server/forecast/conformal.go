package forecast

import (
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

// checked is a forecast with what became of it, from days that the forecaster had not seen.
type checked struct {
	queue QueueID
	at    float64 // second of the day of the issue
	ratio float64 // log of wait by forecast
}

// priorChecks is how many checks of the whole stand behind a group's own.
const priorChecks = 400.0

// newOffsets finds the offsets of one level.
func newOffsets(list []checked, tau float64) *offsets {
	o := &offsets{byQueue: map[QueueID]float64{}}
	if len(list) == 0 {
		return o
	}
	all := make([]float64, len(list))
	for i := range list {
		all[i] = list[i].ratio
	}
	o.whole = conformalQuantile(all, tau)
	groups := map[QueueID][]float64{}
	for i := range list {
		groups[list[i].queue] = append(groups[list[i].queue], list[i].ratio-o.whole)
	}
	for q, g := range groups {
		o.byQueue[q] = drawn(g, tau)
	}
	var hours [48][]float64
	for i := range list {
		h := hourOf(list[i].at)
		hours[h] = append(hours[h], list[i].ratio-o.whole-o.byQueue[list[i].queue])
	}
	for h, g := range hours {
		if len(g) > 0 {
			o.byHour[h] = drawn(g, tau)
		}
	}
	return o
}

func drawn(g []float64, tau float64) float64 {
	n := float64(len(g))
	return conformalQuantile(g, tau) * n / (n + priorChecks)
}

func hourOf(s float64) int { return min(max(int(s/3600), 0), 47) }

// of is the factor for a ticket of a queue issued at a second of the day.
func (o *offsets) of(q QueueID, at float64) float64 {
	return math.Exp(o.whole + o.byQueue[q] + o.byHour[hourOf(at)])
}

// conformalQuantile is the ⌈(n+1)τ⌉-th smallest, the largest where there is none. It sorts the list.
func conformalQuantile(x []float64, tau float64) float64 {
	slices.Sort(x)
	k := int(math.Ceil(float64(len(x)+1) * tau))
	return x[min(max(k, 1), len(x))-1]
}
