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

// logNormal is the value of a log-normal law with the mean and the squared coefficient of variation, at a standard normal number.
func logNormal(mean, cv2, normal float64) float64 {
	v := math.Log1p(cv2)
	return mean * math.Exp(math.Sqrt(v)*normal-v/2)
}

// exponential is the value of an exponential law at a number in (0, 1).
func exponential(mean, u float64) float64 { return -mean * math.Log(u) }

// at is the service time at a number in (0, 1).
func (s *Service) at(u float64) float64 {
	switch s.Dist {
	case "det":
		return s.Mean
	case "lognormal":
		return logNormal(s.Mean, s.CV2, math.Sqrt2*math.Erfinv(2*u-1))
	}
	return exponential(s.Mean, u)
}

// even is a stream of numbers in (0, 1) that lie evenly: of n, one in each n-th part, the parts in an order that chance chose
// (stratified sampling; McKay, Beckman and Conover, 1979). So the times of a whole run have the mean and the spread that were asked
// for, and only their order is left to chance, where a run of plain numbers is busier or quieter than its scenario by luck.
// Over any stretch that is short against the run they are as plain ones.
type even struct {
	r       *random
	n, i    uint64
	a, b    uint64 // a × b places hold n parts
	scatter [6]uint64
}

// newEven is an even stream of n numbers, of a seed; after n it begins anew.
func newEven(n int, seed, no uint64) *even {
	e := &even{r: newRandom(seed, no), n: uint64(max(1, n))}
	e.a = uint64(math.Ceil(math.Sqrt(float64(e.n))))
	e.b = (e.n + e.a - 1) / e.a
	for i := range e.scatter {
		e.scatter[i] = e.r.next()
	}
	return e
}

func (e *even) next() float64 {
	part := e.place(e.i)
	for part >= e.n {
		part = e.place(part)
	}
	e.i = (e.i + 1) % e.n
	inside := (float64(e.r.next()>>12) + 0.5) / (1 << 52)
	return math.Min((float64(part)+inside)/float64(e.n), 1-1./(1<<53))
}

// place shuffles the numbers below a × b without a list of them: a Feistel network on two digits (Black and Rogaway, 2002).
func (e *even) place(x uint64) uint64 {
	l, r := x/e.b, x%e.b
	for i := 0; i < len(e.scatter); i += 2 {
		l = (l + below(e.a, r^e.scatter[i])) % e.a
		r = (r + below(e.b, l^e.scatter[i+1])) % e.b
	}
	return l*e.b + r
}

// below makes a number under n of x.
func below(n, x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	high, _ := bits.Mul64(x^x>>31, n)
	return high
}
