package whatif_test

import "math"

// Closed forms of queues, which the simulation is held against. Rates and times have one unit; a load is an arrival rate
// times a mean service time. All queues are stable unless people leave.

// ErlangC is the probability that a customer of M/M/c with load a waits (Erlang 1917).
func ErlangC(c int, a float64) float64 {
	b := 1.0 // Erlang B by its recursion
	for k := 1; k <= c; k++ {
		b = a * b / (float64(k) + a*b)
	}
	rho := a / float64(c)
	return b / (1 - rho*(1-b))
}

// WaitMMc is the mean wait of M/M/c in mean service times.
func WaitMMc(c int, a float64) float64 { return ErlangC(c, a) / (float64(c) - a) }

// WaitMG1 is the mean wait of M/G/1 in mean service times (Pollaczek 1930, Khinchine 1932).
func WaitMG1(a, cv2 float64) float64 { return a * (1 + cv2) / 2 / (1 - a) }

// BirthDeath describes a queue with Poisson arrivals and exponential times in balance.
type BirthDeath struct{ PWait, Wait, Blocked, Abandoned, Queue float64 }

// ErlangA is M/M/c with exponential patience theta times as fast as the service, and at most room waiting (0 is no
// bound); a queue without patience has theta 0 (Palm 1946; Garnett, Mandelbaum and Reiman 2002). Times are mean service
// times. PWait, Wait and Abandoned are of those let in.
func ErlangA(c int, a, theta float64, room int) BirthDeath {
	last := c + room
	if room == 0 {
		last = c + 100_000
	}
	p, sum, queue, busy := 1.0, 0.0, 0.0, 0.0
	for n := 0; n <= last; n++ {
		if n > 0 {
			p *= a / (math.Min(float64(n), float64(c)) + theta*math.Max(0, float64(n-c)))
		}
		sum += p
		queue += p * math.Max(0, float64(n-c))
		if n >= c && (room == 0 || n < last) {
			busy += p
		}
		if p < 1e-18*sum && n > c {
			break
		}
	}
	var out BirthDeath
	if room > 0 {
		out.Blocked = p / sum
	}
	in := a * (1 - out.Blocked)
	out.Queue = queue / sum
	out.PWait = busy / sum / (1 - out.Blocked)
	out.Wait = out.Queue / in
	out.Abandoned = theta * out.Queue / in
	return out
}

// Cobham is the mean wait of each class of M/M/c under strict priority without interruption, the first class highest, in
// mean service times; rates are in arrivals a mean service time (Cobham 1954).
func Cobham(c int, rates []float64) []float64 {
	total := 0.0
	for _, r := range rates {
		total += r
	}
	w0 := ErlangC(c, total) / float64(c)
	waits, above := make([]float64, len(rates)), 0.0
	for k, r := range rates {
		upto := above + r/float64(c)
		waits[k] = w0 / ((1 - above) * (1 - upto))
		above = upto
	}
	return waits
}

// CobhamMG1 is the same for M/G/1 with a mean and a squared coefficient of variation for each class.
func CobhamMG1(rates, means, cv2 []float64) []float64 {
	w0 := 0.0
	for k := range rates {
		w0 += rates[k] * means[k] * means[k] * (1 + cv2[k]) / 2
	}
	waits, above := make([]float64, len(rates)), 0.0
	for k := range rates {
		upto := above + rates[k]*means[k]
		waits[k] = w0 / ((1 - above) * (1 - upto))
		above = upto
	}
	return waits
}

// Kleinrock is the mean wait of each class of M/M/c under accumulating priority with the rates b, in mean service times;
// with b = 1/target it is the ratio policy (Kleinrock 1964; for c > 1 the same recursion with the wait of M/M/c).
func Kleinrock(c int, rates, b []float64) []float64 {
	total := 0.0
	for _, r := range rates {
		total += r
	}
	rho := total / float64(c)
	base := ErlangC(c, total) / float64(c) / (1 - rho)
	waits := make([]float64, len(rates))
	for range rates { // the slowest class first: each needs those below it
		for k := range rates {
			over, under := base, 1.0
			for i := range rates {
				load := rates[i] / float64(c)
				if b[i] < b[k] {
					over -= load * waits[i] * (1 - b[i]/b[k])
				} else if b[i] > b[k] {
					under -= load * (1 - b[k]/b[i])
				}
			}
			waits[k] = over / under
		}
	}
	return waits
}
