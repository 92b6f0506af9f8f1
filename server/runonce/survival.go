package runonce

import (
	"math"
	"slices"
)

// Ending says how the wait of a case ended.
type Ending int

// The endings, as the Aalen–Johansen estimator counts them.
const (
	Censored Ending = iota // still open with at most one visit
	CameBack               // event 1: a second visit
	OnceDone               // event 2: closed with at most one visit
)

// Span is one case: working days from its first visit to how it ended.
type Span struct {
	Days   int
	Ending Ending
}

// Incidence is the Aalen–Johansen estimate at a time: F1 the share that came a second time, F2 the share closed with at
// most one visit, S the undecided; F1 + F2 + S = 1. SE are standard errors.
type Incidence struct{ F1, F2, S, SE1, SE2 float64 }

// step is a time at which something happened.
type step struct {
	atRisk  float64
	events  [3]float64 // by Ending; index 0 unused
	before  float64    // S just before
	reached [3]float64 // F up to and with this time
}

// AalenJohansen estimates the competing endings at tau working days (O. O. Aalen, S. Johansen, Scand. J. Statist. 5, 1978):
//
//	S(t) = Π(1 − d_j/n_j)    F_k(t) = Σ S(t_j−)·d_kj/n_j
//	Var F_k(T) = Σ_j [ (F_k(T) − F_k(t_j))²·d_j/(n_j(n_j − d_j)) + S(t_j−)²·d_kj(n_j − d_kj)/n_j³
//	                   − 2(F_k(T) − F_k(t_j))·S(t_j−)·d_kj/n_j² ]
//
// over the times t_j ≤ tau; where n_j = d_j the first term is 0. Whoever is censored at a time was at risk at it.
func AalenJohansen(spans []Span, tau float64) Incidence {
	steps, s, f := walk(spans, tau)
	return Incidence{F1: f[CameBack], F2: f[OnceDone], S: s, SE1: math.Sqrt(variance(steps, CameBack, f[CameBack])),
		SE2: math.Sqrt(variance(steps, OnceDone, f[OnceDone]))}
}

// walk goes through the times in order.
func walk(spans []Span, tau float64) (steps []step, s float64, f [3]float64) {
	sorted := slices.Clone(spans)
	slices.SortFunc(sorted, func(a, b Span) int { return a.Days - b.Days })
	s = 1
	for i := 0; i < len(sorted) && float64(sorted[i].Days) <= tau; {
		st := step{atRisk: float64(len(sorted) - i), before: s}
		day := sorted[i].Days
		for ; i < len(sorted) && sorted[i].Days == day; i++ {
			if e := sorted[i].Ending; e != Censored {
				st.events[e]++
			}
		}
		for _, k := range []Ending{CameBack, OnceDone} {
			f[k] += s * st.events[k] / st.atRisk
		}
		s *= 1 - (st.events[CameBack]+st.events[OnceDone])/st.atRisk
		st.reached = f
		steps = append(steps, st)
	}
	return steps, s, f
}

func variance(steps []step, k Ending, total float64) float64 {
	var v float64
	for _, st := range steps {
		n, d, dk, rest := st.atRisk, st.events[CameBack]+st.events[OnceDone], st.events[k], total-st.reached[k]
		if n > d {
			v += rest * rest * d / (n * (n - d))
		}
		v += st.before*st.before*dk*(n-dk)/(n*n*n) - 2*rest*st.before*dk/(n*n)
	}
	return max(0, v)
}
