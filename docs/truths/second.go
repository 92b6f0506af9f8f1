package main

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"

	"yitang/server/whatif"
)

// second simulates a scenario once more: a program written apart from server/, from the description of the rules alone. It has
// its own queues, its own order of events, its own random numbers and its own batches; it shares only the scenario's
// data with what it checks. It knows no bonuses, no tickets with several matters and nobody who leaves.
type second struct {
	s       *whatif.Scenario
	dice    *rand.Rand
	types   []secondType
	servers []secondServer
	rate    float64
	waiting int
	now     float64
	came    int
	letIn   int
	blocked int
	total   int
	warm    int         // customers before the first that counts
	sums    [][]float64 // of waits, by type and batch
	counts  [][]float64
}

// secondType is a stream of people, its line and its draw.
type secondType struct {
	upTo   float64 // cumulated rate
	target float64
	law    func(*rand.Rand) float64
	line   []secondPerson
	head   int
}

type secondPerson struct {
	at     float64
	number int
}

type secondServer struct {
	skills    uint64
	primary   int
	until     float64 // +Inf while idle
	idleSince float64
}

const secondBatches = 50

func newSecond(s *whatif.Scenario, customers int, seed uint64) *second {
	x := &second{s: s, dice: rand.New(rand.NewPCG(seed, 20_260_101)), total: customers, warm: customers / 20} // #nosec G404 -- a simulation, not a secret
	for _, t := range s.Types {
		x.rate += t.Rate
		at := slices.IndexFunc(s.Classes, func(c whatif.ScenarioClass) bool { return c.Name == t.Class })
		x.types = append(x.types, secondType{upTo: x.rate, target: s.Classes[at].Target, law: lawOf(t.Service)})
		x.sums, x.counts = append(x.sums, make([]float64, secondBatches)), append(x.counts, make([]float64, secondBatches))
	}
	for _, w := range s.Windows {
		v := secondServer{until: math.Inf(1), primary: -1}
		for i, t := range s.Types {
			if slices.Contains(w.Skills, t.Name) {
				v.skills |= 1 << i
			}
			if w.Primary == t.Name {
				v.primary = i
			}
		}
		x.servers = append(x.servers, v)
	}
	return x
}

func lawOf(s whatif.Service) func(*rand.Rand) float64 {
	switch s.Dist {
	case "det":
		return func(*rand.Rand) float64 { return s.Mean }
	case "lognormal": // mean m and variance cv²·m²: σ² = ln(1 + cv²), μ = ln m − σ²/2
		sigma := math.Sqrt(math.Log(1 + s.CV2))
		mu := math.Log(s.Mean) - sigma*sigma/2
		return func(r *rand.Rand) float64 { return math.Exp(mu + sigma*r.NormFloat64()) }
	}
	return func(r *rand.Rand) float64 { return s.Mean * r.ExpFloat64() }
}

// run lets everybody come.
func (x *second) run() {
	next := x.dice.ExpFloat64() / x.rate
	for x.came < x.total {
		first, at := -1, next
		for i := range x.servers {
			if x.servers[i].until <= at {
				first, at = i, x.servers[i].until
			}
		}
		x.now = at
		if first >= 0 {
			x.finish(first)
			continue
		}
		x.arrive()
		next = x.now + x.dice.ExpFloat64()/x.rate
	}
}

func (x *second) arrive() {
	kind := x.kind()
	x.came++
	switch i := x.idle(kind); {
	case i >= 0:
		x.note(kind, 0, x.came)
		x.servers[i].until = x.now + x.types[kind].law(x.dice)
	case x.s.WaitingRoom > 0 && x.waiting == x.s.WaitingRoom:
		if x.came > x.warm {
			x.blocked++
		}
	default:
		t := &x.types[kind]
		t.line = append(t.line, secondPerson{x.now, x.came})
		x.waiting++
	}
}

// idle is the idle window for a newcomer: under the policy primary its own first; fewest skills, then longest idle.
func (x *second) idle(kind int) int {
	best := -1
	for i := range x.servers {
		v := &x.servers[i]
		if math.IsInf(v.until, 1) && v.skills>>kind&1 == 1 && (best < 0 || x.before(v, &x.servers[best], kind)) {
			best = i
		}
	}
	return best
}

func (x *second) before(v, b *secondServer, kind int) bool {
	if x.s.Policy == "primary" && (v.primary == kind) != (b.primary == kind) {
		return v.primary == kind
	}
	if d := bits.OnesCount64(v.skills) - bits.OnesCount64(b.skills); d != 0 {
		return d < 0
	}
	return v.idleSince < b.idleSince
}

// finish frees a window, which calls the best of the heads that it may serve.
func (x *second) finish(i int) {
	v := &x.servers[i]
	v.until, v.idleSince = math.Inf(1), x.now
	best, tier, score := -1, 0.0, 0.0
	for k := range x.types {
		t := &x.types[k]
		if v.skills>>k&1 == 0 || t.head == len(t.line) {
			continue
		}
		a, b := x.score(v, k, x.now-t.line[t.head].at)
		if best < 0 || a > tier || a == tier && b > score {
			best, tier, score = k, a, b
		}
	}
	if best < 0 {
		return
	}
	t := &x.types[best]
	p := t.line[t.head]
	if t.head++; t.head > 1024 && t.head*2 > len(t.line) {
		t.line, t.head = append(t.line[:0], t.line[t.head:]...), 0
	}
	x.waiting--
	x.note(best, x.now-p.at, p.number)
	v.until = x.now + t.law(x.dice)
}

// score orders heads: the largest tier, in it the largest score.
func (x *second) score(v *secondServer, kind int, waited float64) (tier, score float64) {
	target := x.types[kind].target
	switch x.s.Policy {
	case "strict":
		return -target, waited
	case "ratio":
		return 0, waited / target
	case "edd":
		return 0, waited - target
	case "primary":
		if v.primary == kind {
			tier = 1
		}
	}
	return tier, waited
}

func (x *second) note(kind int, waited float64, number int) {
	if number <= x.warm {
		return
	}
	x.letIn++
	b := (number - x.warm - 1) * secondBatches / (x.total - x.warm)
	x.sums[kind][b] += waited
	x.counts[kind][b]++
}

// figures are the mean wait of a type, or of all below 0, with the half-width of its 95 % interval.
func (x *second) figures(kind int) (mean, half float64) {
	means := make([]float64, secondBatches)
	for b := range means {
		sum, n := 0.0, 0.0
		for k := range x.sums {
			if kind < 0 || k == kind {
				sum, n = sum+x.sums[k][b], n+x.counts[k][b]
			}
		}
		means[b] = sum / n
	}
	return meanOf(means)
}

// meanOf is of batch means; 2.01 is Student's for 49 degrees of freedom.
func meanOf(batches []float64) (mean, half float64) {
	n := float64(len(batches))
	for _, m := range batches {
		mean += m / n
	}
	squares := 0.0
	for _, m := range batches {
		squares += (m - mean) * (m - mean)
	}
	return mean, 2.01 * math.Sqrt(squares/(n-1)/n)
}

// recursion is the mean wait of GI/G/c by the recursion of Kiefer and Wolfowitz (On the theory of queues with many
// servers, 1955): the servers' remaining work in order; who comes waits for the least.
type recursion struct{ mean, half float64 }

func newRecursion(s *whatif.Scenario, customers int, seed uint64) recursion {
	x := newSecond(s, customers, seed) // for its laws and chances
	work, each := make([]float64, len(x.servers)), customers/secondBatches
	means := make([]float64, 0, secondBatches)
	for b := -1; b < secondBatches; b++ { // one batch of warm-up
		sum := 0.0
		for range each {
			sum += work[0]
			passOn(work, work[0]+x.types[x.kind()].law(x.dice), x.dice.ExpFloat64()/x.rate)
		}
		if b >= 0 {
			means = append(means, sum/float64(each))
		}
	}
	mean, half := meanOf(means)
	return recursion{mean, half}
}

// passOn puts the first server's new work into the order and lets time pass.
func passOn(work []float64, added, time float64) {
	i := 1
	for ; i < len(work) && work[i] < added; i++ {
		work[i-1] = max(work[i]-time, 0)
	}
	work[i-1] = max(added-time, 0)
	for ; i < len(work); i++ {
		work[i] = max(work[i]-time, 0)
	}
}

// kind draws what somebody comes for.
func (x *second) kind() int {
	u, kind := x.dice.Float64()*x.rate, 0
	for kind < len(x.types)-1 && u >= x.types[kind].upTo {
		kind++
	}
	return kind
}
