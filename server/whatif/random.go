package whatif

import (
	"math"
	"math/bits"
)

// random is a stream of numbers from a seed: xoshiro256** (Blackman and Vigna, 2018), seeded by splitmix64. The same
// seed gives the same stream for ever, whatever Go's own generators become.
type random struct {
	s     [4]uint64
	spare float64 // a normal number drawn in advance
	has   bool
}

// newRandom is stream number n of a seed.
func newRandom(seed, n uint64) *random {
	x := seed*0x9e3779b97f4a7c15 + n*0xd1342543de82ef95 + 1
	r := &random{}
	for i := range r.s {
		x += 0x9e3779b97f4a7c15
		z := x
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		r.s[i] = z ^ z>>31
	}
	return r
}

func (r *random) next() uint64 {
	s := &r.s
	out := bits.RotateLeft64(s[1]*5, 7) * 9
	t := s[1] << 17
	s[2] ^= s[0]
	s[3] ^= s[1]
	s[1] ^= s[2]
	s[0] ^= s[3]
	s[2] ^= t
	s[3] = bits.RotateLeft64(s[3], 45)
	return out
}

// uniform lies in (0, 1].
func (r *random) uniform() float64 { return float64(r.next()>>11+1) / (1 << 53) }

func (r *random) exp(mean float64) float64 { return -mean * math.Log(r.uniform()) }

// normal is a standard normal number, by Marsaglia's polar method.
func (r *random) normal() float64 {
	if r.has {
		r.has = false
		return r.spare
	}
	for {
		u, v := 2*r.uniform()-1, 2*r.uniform()-1
		q := u*u + v*v
		if q > 0 && q < 1 {
			m := math.Sqrt(-2 * math.Log(q) / q)
			r.spare, r.has = v*m, true
			return u * m
		}
	}
}

// draw is a service time with the mean and the squared coefficient of variation.
func (r *random) draw(dist string, mean, cv2 float64) float64 {
	switch dist {
	case "det":
		return mean
	case "lognormal":
		v := math.Log1p(cv2)
		return mean * math.Exp(math.Sqrt(v)*r.normal()-v/2)
	}
	return r.exp(mean)
}
