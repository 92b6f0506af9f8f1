package forecast

import "math"

// below is the standard normal distribution function.
func below(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

// normalAt is the value with a share p of the standard normal distribution below it.
func normalAt(p float64) float64 { return -math.Sqrt2 * math.Erfcinv(2*p) }

// law is a log-normal time in milliseconds, given by the mean and the deviation of its logarithm.
type law struct{ mu, sigma float64 }

// lawOf has a mean and a squared coefficient of variation.
func lawOf(mean, cv2 float64) law {
	v := math.Log1p(cv2)
	return law{math.Log(mean) - v/2, math.Sqrt(v)}
}

func (l law) mean() float64 { return math.Exp(l.mu + l.sigma*l.sigma/2) }

func (l law) cv2() float64 { return math.Expm1(l.sigma * l.sigma) }

// grid holds standard normal values at the middles of equal shares: a draw is one look-up.
type grid [gridSize]float64

const gridSize = 4096

func newGrid() *grid {
	g := &grid{}
	for i := range g {
		g[i] = normalAt((float64(i) + 0.5) / gridSize)
	}
	return g
}

// draw is a time by the law.
func (l law) draw(d *dice, g *grid) float64 {
	return math.Exp(l.mu + l.sigma*g[d.next()>>52])
}

// left is how much longer a time lasts that has lasted for so long already.
func (l law) left(d *dice, elapsed float64) float64 {
	if elapsed <= 0 {
		return math.Exp(l.mu + l.sigma*normalAt(1-d.float()))
	}
	over := 1 - below((math.Log(elapsed)-l.mu)/max(l.sigma, 1e-3))
	if over < 1e-9 { // longer than any known: it may take as long again
		return elapsed * d.float()
	}
	return max(math.Exp(l.mu+l.sigma*normalAt(1-over*(1-d.float())))-elapsed, 0)
}
