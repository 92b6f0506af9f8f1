package forecast

import "math"

// guesser is the first guess that the trees correct: a ridge regression of the logarithm of the wait on the logarithms
// of what the simple rules say. Trees cannot go beyond what they have seen; on a day worse than any before it this can.
type guesser struct {
	weights []float64 // of the hints, then of 1
}

// softener keeps short waits from ruling the logarithms, in seconds.
const softener = 60.0

const ridge = 20.0

// hintsOf are the logarithms of the simple rules' forecasts, in the order of the weights.
func hintsOf(usual float64, rules ...float64) []float64 {
	out := make([]float64, len(rules))
	for i, r := range rules {
		if math.IsNaN(r) {
			r = usual
		}
		out[i] = math.Log(max(r, 0) + softener)
	}
	return out
}

// newGuesser fits the weights. The ridge draws them to equal ones.
func newGuesser(seen []moment) *guesser {
	g := &guesser{}
	if len(seen) == 0 {
		return g
	}
	k := len(seen[0].hints)
	g.weights = make([]float64, k+1)
	for i := range k {
		g.weights[i] = 1 / float64(k)
	}
	a := make([][]float64, k+1)
	for i := range a {
		a[i] = make([]float64, k+2)
		if i < k {
			a[i][i] = ridge
		}
	}
	for n := range seen {
		m := &seen[n]
		rest := math.Log(m.wait+softener) - g.log(m.hints)
		for i := range k + 1 {
			for j := range k + 1 {
				a[i][j] += hint(m.hints, i) * hint(m.hints, j)
			}
			a[i][k+1] += hint(m.hints, i) * rest
		}
	}
	for i, w := range solve(a) {
		g.weights[i] += w
	}
	return g
}

func hint(h []float64, i int) float64 {
	if i == len(h) {
		return 1
	}
	return h[i]
}

func (g *guesser) log(h []float64) float64 {
	s := 0.0
	for i, w := range g.weights {
		s += w * hint(h, i)
	}
	return s
}

// scale is the guess in seconds, at least 1.
func (g *guesser) scale(h []float64) float64 { return max(math.Exp(g.log(h))-softener/2, softener/4) }

// solve does Gauss's elimination with pivots on a system with its right side as the last column; a column without a
// pivot gives 0.
func solve(a [][]float64) []float64 {
	n := len(a)
	for c := range n {
		p := c
		for r := c + 1; r < n; r++ {
			if math.Abs(a[r][c]) > math.Abs(a[p][c]) {
				p = r
			}
		}
		a[c], a[p] = a[p], a[c]
		if math.Abs(a[c][c]) < 1e-9 {
			continue
		}
		for r := range n {
			if f := a[r][c] / a[c][c]; r != c && f != 0 {
				for k := c; k <= n; k++ {
					a[r][k] -= f * a[c][k]
				}
			}
		}
	}
	x := make([]float64, n)
	for i := range n {
		if math.Abs(a[i][i]) >= 1e-9 {
			x[i] = a[i][n] / a[i][i]
		}
	}
	return x
}
