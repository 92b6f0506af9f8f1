package runonce

import (
	"math"
	"slices"
)

// The quantiles of the normal distribution that the intervals use.
const (
	zTwoSided  = 1.959964 // 95 % between two limits
	zOneSided  = 1.644854 // 95 % beyond one limit
	zFunnel    = 1.96     // the inner limits of a funnel plot
	zFunnelFar = 3.09     // the outer ones, 99.8 %
)

// Interval is a 95 % confidence interval of a share, or of a difference of two.
type Interval struct{ Lo, Hi float64 }

// Wilson is the score interval of x successes among n (E. B. Wilson, JASA 22, 1927). n must be above 0.
func Wilson(x, n int) Interval { return wilson(float64(x)/float64(n), float64(n), zTwoSided) }

// wilson takes the share and a number of trials that need not be whole.
func wilson(p, n, z float64) Interval {
	z2 := z * z
	mid := (p + z2/(2*n)) / (1 + z2/n)
	half := z / (1 + z2/n) * math.Sqrt(p*(1-p)/n+z2/(4*n*n))
	i := Interval{Lo: max(0, mid-half), Hi: min(1, mid+half)}
	if p <= 0 { // exactly the edge, whatever the rounding
		i.Lo = 0
	}
	if p >= 1 {
		i.Hi = 1
	}
	return i
}

// WilsonShare is the interval of a share p of n cases, where n, because of a design effect, need not be whole.
func WilsonShare(p, n float64) Interval { return wilson(p, n, zTwoSided) }

// WilsonLower is the one-sided 95 % lower limit of x among n: the true share lies above it with 95 % confidence.
func WilsonLower(x, n int) float64 { return wilson(float64(x)/float64(n), float64(n), zOneSided).Lo }

// Newcombe is the difference x1/n1 − x2/n2 with its interval from the two Wilson intervals (R. G. Newcombe, Statistics in
// Medicine 17, 1998, method 10).
func Newcombe(x1, n1, x2, n2 int) (difference float64, i Interval) {
	p1, p2 := float64(x1)/float64(n1), float64(x2)/float64(n2)
	a, b := Wilson(x1, n1), Wilson(x2, n2)
	d := p1 - p2
	return d, Interval{Lo: d - math.Hypot(p1-a.Lo, b.Hi-p2), Hi: d + math.Hypot(a.Hi-p1, p2-b.Lo)}
}

// Cluster is the cases of one agent: how many, and how many with at most one visit.
type Cluster struct{ N, Once int }

// Clustered is the Wilson interval of cases that come through few hands. The variance of the share over clusters is
// v = G/(G−1)·Σ(x_g − p·n_g)²/n², the design effect max(1, v/(p(1−p)/n)), and the interval is Wilson's for n/deff cases.
// A single cluster says nothing about the variance between clusters: its design effect is 1.
func Clustered(clusters []Cluster) (i Interval, deff float64) {
	var n, x float64
	for _, c := range clusters {
		n, x = n+float64(c.N), x+float64(c.Once)
	}
	p := x / n
	return wilson(p, n/designEffect(clusters, p, n), zTwoSided), designEffect(clusters, p, n)
}

func designEffect(clusters []Cluster, p, n float64) float64 {
	g := float64(len(clusters))
	if g < 2 || p <= 0 || p >= 1 {
		return 1
	}
	var sum float64
	for _, c := range clusters {
		d := float64(c.Once) - p*float64(c.N)
		sum += d * d
	}
	return max(1, g/(g-1)*sum/(n*n)/(p*(1-p)/n))
}

// Limits are the control limits of a funnel plot at one n.
type Limits struct{ Lo, Hi, FarLo, FarHi float64 }

// Funnel is where a unit of n cases lies by chance alone when its true share is p0: p0 ± 1.96 and 3.09·√(p0(1−p0)/n)
// (D. J. Spiegelhalter, Statistics in Medicine 24, 2005), cut at 0 and 1.
func Funnel(p0 float64, n int) Limits {
	se := math.Sqrt(p0 * (1 - p0) / float64(n))
	return Limits{Lo: max(0, p0-zFunnel*se), Hi: min(1, p0+zFunnel*se),
		FarLo: max(0, p0-zFunnelFar*se), FarHi: min(1, p0+zFunnelFar*se)}
}

// WorseThan is the probability of at most x successes among n when the true share is p0: the exact binomial tail, the
// p-value of "worse than target".
func WorseThan(x, n int, p0 float64) float64 {
	if p0 <= 0 || x >= n {
		return 1
	}
	if p0 >= 1 {
		return 0
	}
	var sum float64
	for k := 0; k <= x; k++ {
		sum += math.Exp(logChoose(n, k) + float64(k)*math.Log(p0) + float64(n-k)*math.Log1p(-p0))
	}
	return min(1, sum)
}

func logChoose(n, k int) float64 {
	lg := func(m int) float64 { v, _ := math.Lgamma(float64(m + 1)); return v }
	return lg(n) - lg(k) - lg(n-k)
}

// BenjaminiHochberg says which of the p-values stay below a false discovery rate q (Y. Benjamini, Y. Hochberg, JRSS B 57,
// 1995): the k smallest, k being the largest rank with p(k) ≤ k·q/m.
func BenjaminiHochberg(p []float64, q float64) []bool {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case p[a] < p[b]:
			return -1
		case p[a] > p[b]:
			return 1
		}
		return a - b
	})
	last := 0
	for k, i := range order {
		if p[i] <= float64(k+1)*q/float64(len(p)) {
			last = k + 1
		}
	}
	flagged := make([]bool, len(p))
	for _, i := range order[:last] {
		flagged[i] = true
	}
	return flagged
}
