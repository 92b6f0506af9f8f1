package demo

import (
	"math"
	"math/rand/v2"
	"time"
)

// chance draws what people do. It belongs to one goroutine.
type chance struct{ rng *rand.Rand }

// child is a source of its own for another goroutine, given by this one's next numbers.
func (c chance) child() chance {
	return chance{rand.New(rand.NewPCG(c.rng.Uint64(), c.rng.Uint64()))} // #nosec G404 -- a game of chance, not a secret
}

// happens is true with probability p.
func (c chance) happens(p float64) bool { return c.rng.Float64() < p }

// between draws evenly from [lo, hi).
func (c chance) between(lo, hi time.Duration) time.Duration {
	return lo + time.Duration(c.rng.Float64()*float64(hi-lo))
}

// logNormal draws a time with the given mean and squared coefficient of variation: ln of it is normal with variance
// ln(1+cv²).
func (c chance) logNormal(mean time.Duration, cv2 float64) time.Duration {
	variance := math.Log(1 + cv2)
	return time.Duration(float64(mean) * math.Exp(c.rng.NormFloat64()*math.Sqrt(variance)-variance/2))
}

// share is one of several things and how often it is drawn, beside the others' weights.
type share[T any] struct {
	what   T
	weight float64
}

// pick draws one of the things; there must be one.
func pick[T any](c chance, shares []share[T]) T {
	total := 0.0
	for _, s := range shares {
		total += s.weight
	}
	at := c.rng.Float64() * total
	for _, s := range shares {
		if at -= s.weight; at < 0 {
			return s.what
		}
	}
	return shares[len(shares)-1].what
}
