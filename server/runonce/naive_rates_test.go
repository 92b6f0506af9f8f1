package runonce_test

import "math"

const naiveZ = 1.959964

type naiveRate struct {
	N    int      `json:"n"`
	Once *int     `json:"once"`
	Rate *float64 `json:"rate"`
	Lo   *float64 `json:"lo"`
	Hi   *float64 `json:"hi"`
}

// naiveOnce is a case of a rate.
type naiveOnce struct {
	agent string
	once  bool
}

func naiveWilson(p, n float64) (lo, hi float64) {
	middle := (p + naiveZ*naiveZ/(2*n)) / (1 + naiveZ*naiveZ/n)
	half := naiveZ / (1 + naiveZ*naiveZ/n) * math.Sqrt(p*(1-p)/n+naiveZ*naiveZ/(4*n*n))
	return math.Max(0, middle-half), math.Min(1, middle+half)
}

func naiveCount(of []naiveOnce) int {
	n := 0
	for _, o := range of {
		if o.once {
			n++
		}
	}
	return n
}

func naiveRateOf(of []naiveOnce) naiveRate {
	once := naiveCount(of)
	rate := naiveRate{N: len(of), Once: &once}
	if len(of) == 0 {
		return rate
	}
	n := float64(len(of))
	p := float64(once) / n
	lo, hi := naiveWilson(p, n/naiveDeff(of))
	rate.Rate, rate.Lo, rate.Hi = &p, &lo, &hi
	return rate
}

// naiveDeff is 1 unless one agent has at least five of the cases.
func naiveDeff(of []naiveOnce) float64 {
	clusters, largest := naiveClusters(of)
	if largest < 5 {
		return 1
	}
	n := float64(len(of))
	p := float64(naiveCount(of)) / n
	sum := 0.0
	for _, cluster := range clusters {
		d := float64(naiveCount(cluster)) - p*float64(len(cluster))
		sum += d * d
	}
	g := float64(len(clusters))
	if g == 1 || p == 0 || p == 1 {
		return 1
	}
	v := g / (g - 1) * sum / (n * n)
	return math.Max(1, v/(p*(1-p)/n))
}

func naiveClusters(of []naiveOnce) (clusters [][]naiveOnce, largest int) {
	byAgent := map[string][]naiveOnce{}
	for _, o := range of {
		if o.agent == "" {
			clusters = append(clusters, []naiveOnce{o})
			continue
		}
		byAgent[o.agent] = append(byAgent[o.agent], o)
	}
	for _, cluster := range byAgent {
		clusters = append(clusters, cluster)
		largest = max(largest, len(cluster))
	}
	return clusters, largest
}

type naiveOpened struct {
	N   int      `json:"n"`
	F1  *float64 `json:"f1"`
	F2  *float64 `json:"f2"`
	S   *float64 `json:"s"`
	SE1 *float64 `json:"f1_se"`
	SE2 *float64 `json:"f2_se"`
	Tau float64  `json:"tau"`
}

// naiveSpan ends after t working days with event 1, 2, or 0 for censored.
type naiveSpan struct{ t, event int }

// naiveAt are the counts at one time: at risk, and events of each kind.
type naiveAt struct{ n, d, d1, d2 float64 }

func naiveRisk(spans []naiveSpan, t int) (at naiveAt) {
	for _, s := range spans {
		if s.t >= t {
			at.n++
		}
		if s.t == t && s.event != 0 {
			at.d++
		}
		if s.t == t && s.event == 1 {
			at.d1++
		}
		if s.t == t && s.event == 2 {
			at.d2++
		}
	}
	return at
}

// naiveTimes are the times of events up to tau, each once, in order.
func naiveTimes(spans []naiveSpan, tau float64) (times []int) {
	for t := 0; float64(t) <= tau; t++ {
		if naiveRisk(spans, t).d > 0 {
			times = append(times, t)
		}
	}
	return times
}

// naiveS is S just before a time.
func naiveS(spans []naiveSpan, before int) float64 {
	s := 1.0
	for t := range before {
		if at := naiveRisk(spans, t); at.d > 0 {
			s *= 1 - at.d/at.n
		}
	}
	return s
}

// naiveF is F_k at a time, the time itself included.
func naiveF(spans []naiveSpan, k, upTo int) float64 {
	f := 0.0
	for t := 0; t <= upTo; t++ {
		if at := naiveRisk(spans, t); at.d > 0 {
			f += naiveS(spans, t) * at.kind(k) / at.n
		}
	}
	return f
}

func (at naiveAt) kind(k int) float64 {
	if k == 1 {
		return at.d1
	}
	return at.d2
}

func naiveVar(spans []naiveSpan, k int, tau float64) float64 {
	last := int(tau)
	sum := 0.0
	for _, t := range naiveTimes(spans, tau) {
		at := naiveRisk(spans, t)
		rest, s, dk := naiveF(spans, k, last)-naiveF(spans, k, t), naiveS(spans, t), at.kind(k)
		if at.n != at.d {
			sum += rest * rest * at.d / (at.n * (at.n - at.d))
		}
		sum += s * s * dk * (at.n - dk) / (at.n * at.n * at.n)
		sum -= 2 * rest * s * dk / (at.n * at.n)
	}
	return sum
}

func naiveOpenedOf(spans []naiveSpan, tau float64) naiveOpened {
	o := naiveOpened{N: len(spans), Tau: tau}
	if len(spans) == 0 {
		return o
	}
	f1, f2 := naiveF(spans, 1, int(tau)), naiveF(spans, 2, int(tau))
	s := naiveS(spans, int(tau)+1)
	se1, se2 := math.Sqrt(math.Max(0, naiveVar(spans, 1, tau))), math.Sqrt(math.Max(0, naiveVar(spans, 2, tau)))
	o.F1, o.F2, o.S, o.SE1, o.SE2 = &f1, &f2, &s, &se1, &se2
	return o
}
