package whatif

import (
	"math"
	"slices"

	"yitang/server/hall"
)

// batches is into how many stretches of arrivals a run is cut for its interval (batch means; Law, Simulation modeling
// and analysis, 9.5.3).
const batches = 30

// part gathers the waits of one kind of people.
type part struct {
	came, blocked, left, done, waited, within int
	waits                                     []hall.Millis // of all let in
	sums                                      [batches]float64
	counts                                    [batches]int
}

func (p *part) wait(waited hall.Millis, batch int) {
	if waited > 0 {
		p.waited++
	}
	p.waits = append(p.waits, waited)
	p.sums[batch] += float64(waited)
	p.counts[batch]++
}

// add joins another part's people.
func (p *part) add(o *part) {
	p.came, p.blocked, p.left, p.done = p.came+o.came, p.blocked+o.blocked, p.left+o.left, p.done+o.done
	p.waited, p.within = p.waited+o.waited, p.within+o.within
	p.waits = append(p.waits, o.waits...)
	for i := range p.sums {
		p.sums[i] += o.sums[i]
		p.counts[i] += o.counts[i]
	}
}

// Figures describe the waits of some people. N counts those who were let in, whose mean wait it is; those who left
// count with the time they waited. Blocked is a share of all who came, abandoned of those let in.
type Figures struct {
	N         int      `json:"n"`
	WaitMean  float64  `json:"wait_mean_min"`
	WaitCI95  *float64 `json:"wait_ci95_min"` // half-width; null where too few came for an interval
	WaitP90   float64  `json:"wait_p90_min"`
	PWait     float64  `json:"p_wait"`
	Blocked   float64  `json:"blocked"`
	Abandoned float64  `json:"abandoned"`
}

// HalfWidth is WaitCI95, and no number where there is no interval.
func (f *Figures) HalfWidth() float64 {
	if f.WaitCI95 == nil {
		return math.NaN()
	}
	return *f.WaitCI95
}

// figures sums a part up. Unit is the number of ticks in a minute. It sorts the waits.
func (p *part) figures(unit float64) Figures {
	f := Figures{N: len(p.waits), Blocked: share(p.blocked, p.came), Abandoned: share(p.left, len(p.waits)), PWait: share(p.waited, len(p.waits))}
	if f.N == 0 {
		return f
	}
	sum := 0.0
	for _, s := range p.sums {
		sum += s
	}
	f.WaitMean = sum / float64(f.N) / unit
	if half, formed := p.halfWidth(); formed {
		half /= unit
		f.WaitCI95 = &half
	}
	slices.Sort(p.waits)
	f.WaitP90 = float64(quantile(p.waits, 0.9)) / unit
	return f
}

// halfWidth is of the 95 % interval of the mean wait, from the spread of the stretches' means. People in one stretch only have no spread.
func (p *part) halfWidth() (half float64, formed bool) {
	var means []float64
	for i, n := range p.counts {
		if n > 0 {
			means = append(means, p.sums[i]/float64(n))
		}
	}
	if len(means) < 2 {
		return 0, false
	}
	return student975(len(means)-1) * deviation(means) / math.Sqrt(float64(len(means))), true
}

// deviation is the sample's standard deviation.
func deviation(list []float64) float64 {
	mean, sum := 0.0, 0.0
	for _, x := range list {
		mean += x / float64(len(list))
	}
	for _, x := range list {
		sum += (x - mean) * (x - mean)
	}
	return math.Sqrt(sum / float64(len(list)-1))
}

// quantile is of a sorted list that is not empty.
func quantile(sorted []hall.Millis, q float64) hall.Millis {
	i := int(math.Ceil(q*float64(len(sorted)))) - 1
	return sorted[min(max(i, 0), len(sorted)-1)]
}

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}
