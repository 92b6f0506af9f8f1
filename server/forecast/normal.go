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

// grid holds what drawing times needs many hundred thousand times a look: standard normal values at the middles of equal shares, so
// that a draw is one look-up, and powers of two.
type grid struct {
	normal [gridSize]float64
	decay  [gridSize]float64 // the same of the exponential distribution with mean 1
	power  [powers]float64   // 2^(i/powers)
}

const (
	gridSize = 4096
	powers   = 256
)

func newGrid() *grid {
	g := &grid{}
	for i := range g.normal {
		p := (float64(i) + 0.5) / gridSize
		g.normal[i], g.decay[i] = normalAt(p), -math.Log(1-p)
	}
	for i := range g.power {
		g.power[i] = math.Exp2(float64(i) / powers)
	}
	return g
}

// exp is e^x to one part in 10⁸ where it is a time in milliseconds; smaller and larger ones are cut off at 2^±900.
func (g *grid) exp(x float64) float64 {
	x = min(max(x, -600), 600) * (powers / math.Ln2)
	k := int(x+(1<<20)*powers) - (1<<20)*powers // rounded down
	r := (x - float64(k)) * (math.Ln2 / powers)
	return g.power[k&(powers-1)] * (1 + r*(1+r*(0.5+r/6))) * math.Float64frombits(uint64(k>>8+1023)<<52) // #nosec G115 -- places in lists, and words of a random number
}

// draw is a time by the law.
func (l law) draw(d *dice, g *grid) float64 {
	return g.exp(l.mu + l.sigma*g.normal[d.next()>>52])
}

// rest is what is left of a time by the law that has lasted for so long already.
type rest struct {
	law
	elapsed float64 // milliseconds
	over    float64 // the share of times that last longer
}

func (l law) rest(elapsed float64) rest {
	if elapsed <= 0 {
		return rest{l, 0, 1}
	}
	return rest{l, elapsed, below((l.mu - math.Log(elapsed)) / max(l.sigma, 1e-3))}
}

// coarse is the share from which on the grid is too coarse for the tail.
const coarse = 64.0 / gridSize

// draw is how much longer it lasts.
func (r rest) draw(d *dice, g *grid) float64 {
	u := 1 - d.float() // never 0
	if r.over < 1e-9 { // longer than any known: it may take as long again
		return r.elapsed * u
	}
	z := 0.0
	if u *= r.over; r.over < coarse {
		z = -normalAt(u)
	} else {
		z = -g.normal[min(int(u*gridSize), gridSize-1)]
	}
	return max(g.exp(r.mu+r.sigma*z)-r.elapsed, 0)
}
