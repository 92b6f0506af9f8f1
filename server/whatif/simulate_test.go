package whatif_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"yitang/server/whatif"
)

// chance draws a test's parameters from a seed that stands in the test.
type chance uint64

func (c *chance) in(lo, hi float64) float64 {
	*c = *c*6364136223846793005 + 1442695040888963407
	x := uint64(*c)
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	return lo + (hi-lo)*float64(x>>11)/(1<<53)
}

func (c *chance) whole(lo, hi int) int { return lo + int(c.in(0, float64(hi-lo+1))) }

// claim is a scenario with what a closed form says of it.
type claim struct {
	name     string
	scenario whatif.Scenario
	expected map[string]float64 // mean wait of a type in minutes; "" is of all
	p        float64            // probability of a wait; 0 is no claim
	left     float64            // abandoned
	blocked  float64
}

const runLength = 12_000

// pool is a scenario of one kind of people at c windows.
func pool(policy string, seed uint64, c int, types ...whatif.ScenarioType) whatif.Scenario {
	s := whatif.Scenario{Policy: policy, Seed: seed, Customers: runLength, Warmup: runLength / 10, Types: types}
	var skills []string
	for i, t := range types {
		skills = append(skills, t.Name)
		s.Classes = append(s.Classes, whatif.ScenarioClass{Name: t.Class, Target: float64(5 * (i + 1))})
	}
	for i := range c {
		s.Windows = append(s.Windows, whatif.ScenarioPost{Name: fmt.Sprint(i + 1), Skills: skills, Primary: skills[0]})
	}
	return s
}

func kind(name string, rate, mean float64, dist string, cv2 float64) whatif.ScenarioType {
	return whatif.ScenarioType{Name: name, Class: "of " + name, Rate: rate, Service: whatif.Service{Dist: dist, Mean: mean, CV2: cv2}}
}

// claims draws scenarios of each family whose answer is known.
func claims(c *chance, each int) []claim {
	var list []claim
	add := func(x claim) {
		x.name = fmt.Sprintf("%d %s", len(list)+1, x.name)
		list = append(list, x)
	}
	for i := range each {
		n, rho, mean, seed := c.whole(1, 15), c.in(0.4, 0.85), c.in(2, 20), uint64(1000+i)
		a := rho * float64(n)
		add(claim{name: "M/M/c", scenario: pool("fcfs", seed, n, kind("A", a/mean, mean, "exp", 1)),
			expected: map[string]float64{"": mean * WaitMMc(n, a)}, p: ErlangC(n, a)})
		load := c.in(0.6, 1.3) * float64(n)
		room := c.whole(1, 20)
		full := ErlangA(n, load, 0, room)
		s := pool("edd", seed, n, kind("A", load/mean, mean, "exp", 1))
		s.WaitingRoom = room
		add(claim{name: "M/M/c/K", scenario: s, expected: map[string]float64{"": mean * full.Wait}, p: full.PWait, blocked: full.Blocked})
		theta := c.in(0.2, 2)
		angry := ErlangA(n, load, theta, 0)
		s = pool("ratio", seed, n, kind("A", load/mean, mean, "exp", 1))
		s.Types[0].Patience = mean / theta
		add(claim{name: "Erlang-A", scenario: s, expected: map[string]float64{"": mean * angry.Wait}, p: angry.PWait, left: angry.Abandoned})
		share := c.in(0.2, 0.8)
		rates := []float64{a * share, a * (1 - share)}
		types := []whatif.ScenarioType{kind("A", rates[0]/mean, mean, "exp", 1), kind("B", rates[1]/mean, mean, "exp", 1)}
		w := Cobham(n, rates)
		add(claim{name: "strict", scenario: pool("strict", seed, n, types...), expected: map[string]float64{"A": mean * w[0], "B": mean * w[1]}})
		w = Kleinrock(n, rates, []float64{1. / 5, 1. / 10})
		add(claim{name: "ratio", scenario: pool("ratio", seed, n, types...), expected: map[string]float64{"A": mean * w[0], "B": mean * w[1]}})
		cv2 := c.in(0.3, 2)
		add(claim{name: "M/G/1", scenario: pool("fcfs", seed, 1, kind("A", rho/mean, mean, "lognormal", cv2)),
			expected: map[string]float64{"": mean * WaitMG1(rho, cv2)}, p: rho})
		add(claim{name: "M/D/1", scenario: pool("fcfs", seed, 1, kind("A", rho/mean, mean, "det", 0)),
			expected: map[string]float64{"": mean * WaitMG1(rho, 0)}, p: rho})
		other := c.in(2, 20)
		w = CobhamMG1([]float64{rho * share / mean, rho * (1 - share) / other}, []float64{mean, other}, []float64{0, 1})
		add(claim{name: "strict M/G/1", scenario: pool("strict", seed, 1, kind("A", rho*share/mean, mean, "det", 0),
			kind("B", rho*(1-share)/other, other, "exp", 1)), expected: map[string]float64{"A": w[0], "B": w[1]}})
	}
	return list
}

// TestAgainstClosedForms simulates 64 halls that chance made. Of the many figures some must miss their 95 % interval, but
// none by much.
func TestAgainstClosedForms(t *testing.T) {
	figures, missed := 0, 0
	c := chance(5)
	list := claims(&c, 8)
	if len(list) < 50 {
		t.Fatalf("only %d scenarios", len(list))
	}
	for _, x := range list {
		o := whatif.Simulate(&x.scenario, nil)
		check := func(what string, got, half, want float64) {
			figures++
			off := math.Abs(got - want)
			if off > half && off > 0.01*want {
				missed++
			}
			if off > 2.5*half+0.01*want {
				t.Errorf("%s, %s: %.4f ± %.4f, by the formula %.4f", x.name, what, got, half, want)
			}
		}
		for name, want := range x.expected {
			f := o.Overall.Figures
			if name != "" {
				f = o.Types[name].Figures
			}
			check("wait of "+name, f.WaitMean, f.HalfWidth(), want)
		}
		if x.p > 0 { // a wait is rarer or likelier in stretches, as its mean is; 0.03 is far outside chance
			check("p_wait", o.Overall.PWait, 0.03, x.p)
		}
		check("blocked", o.Overall.Blocked, 0.01, x.blocked)
		check("abandoned", o.Overall.Abandoned, 0.01, x.left)
		conserved(t, x.name, &x.scenario, o)
	}
	if missed > figures/10 {
		t.Errorf("%d of %d figures lie outside their interval", missed, figures)
	}
}

// conserved wants everybody who came to be counted once, and Little's law between two measurements: the time integral
// of the queue, and the sum of the waits.
func conserved(t *testing.T, name string, s *whatif.Scenario, o whatif.Outcome) {
	t.Helper()
	came := float64(o.Overall.N) / (1 - o.Overall.Blocked)
	if math.Abs(came-float64(s.Customers-s.Warmup)) > 0.5 {
		t.Errorf("%s: %.1f of %d customers were counted", name, came, s.Customers-s.Warmup)
	}
	n, sum := 0, 0.0
	for _, f := range o.Types {
		n += f.N
		sum += f.WaitMean * float64(f.N)
	}
	if n != o.Overall.N || math.Abs(sum/float64(n)-o.Overall.WaitMean) > 1e-9*(1+o.Overall.WaitMean) {
		t.Errorf("%s: the types have %d people and %.6f min, all %d and %.6f", name, n, sum/float64(n), o.Overall.N, o.Overall.WaitMean)
	}
}

// TestLittle: the mean queue is the rate times the mean wait, to three digits, under every policy, with people who leave
// or find no place. The rate is the measured one: arrivals in the time that the queue was measured.
func TestLittle(t *testing.T) {
	for _, policy := range []string{"fcfs", "ratio", "strict", "edd", "primary"} {
		for name, change := range map[string]func(*whatif.Scenario){
			"plain": func(*whatif.Scenario) {}, "bonuses": func(s *whatif.Scenario) { s.Bonuses = true },
			"room":     func(s *whatif.Scenario) { s.WaitingRoom = 4 },
			"patience": func(s *whatif.Scenario) { s.Types[0].Patience = 10 },
			"matters": func(s *whatif.Scenario) {
				s.Types[0].Matters = []string{"A", "C"}
				s.Windows[2].Skills = []string{"C"}
				s.Windows[2].Primary = "C"
			},
		} {
			s := pool(policy, 3, 3, kind("A", 0.14, 10, "lognormal", 1.5), kind("B", 0.1, 10, "exp", 1))
			s.Customers, s.Warmup = 30_000, 1000
			change(&s)
			o := whatif.Simulate(&s, nil)
			minutes := o.Minutes()
			rate := float64(o.Overall.N) / minutes
			if queue := rate * o.Overall.WaitMean; o.Overall.QueueMean == 0 || math.Abs(queue/o.Overall.QueueMean-1) > 0.001 {
				t.Errorf("%s, %s: %.4f people wait, by Little's law %.4f", policy, name, o.Overall.QueueMean, queue)
			}
		}
	}
}

// TestTheMeanIsTheSame: the loads weighted by waits are the same for all policies that never idle.
func TestTheMeanIsTheSame(t *testing.T) {
	var first float64
	for i, policy := range []string{"fcfs", "ratio", "strict", "edd"} {
		s := pool(policy, 9, 4, kind("A", 0.1, 10, "exp", 1), kind("B", 0.25, 10, "exp", 1))
		s.Customers, s.Warmup = 60_000, 5000
		o := whatif.Simulate(&s, nil)
		if i == 0 {
			first = o.Overall.WaitMean
		} else if math.Abs(o.Overall.WaitMean-first) > 0.02*first {
			t.Errorf("%s: %.4f min over all, fcfs %.4f", policy, o.Overall.WaitMean, first)
		}
	}
}

func TestSameSeedSameBytes(t *testing.T) {
	s := pool("ratio", 4, 3, kind("A", 0.14, 10, "lognormal", 1.5), kind("B", 0.1, 10, "exp", 1))
	s.Bonuses = true
	run := func() string {
		text, err := json.Marshal(whatif.Simulate(&s, nil))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	first := run()
	if again := run(); again != first {
		t.Errorf("%s\nthen\n%s", first, again)
	}
	if s.Seed = 5; run() == first {
		t.Error("another seed, the same bytes")
	}
}

func TestScenarioMistakes(t *testing.T) {
	const good = `{"policy":"fcfs","seed":1,"customers":100,"warmup":10,"waiting_room":0,
"classes":[{"name":"o","target_min":20}],
"types":[{"name":"A","class":"o","rate_per_min":0.8,"service":{"dist":"exp","mean_min":10,"cv2":1},"patience_mean_min":0}],
"windows":[{"name":"1","skills":["A"],"primary":"A"}],"bonuses":true}`
	for _, text := range []string{good, "\ufeff" + good} { // as Windows' editors begin a file
		if _, err := whatif.ReadScenario(strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ from, to, want string }{
		{`"fcfs"`, `"lifo"`, "policy"},
		{`"customers":100`, `"customers":0`, "customers"},
		{`"warmup":10`, `"warmup":100`, "warmup"},
		{`"waiting_room":0`, `"waiting_room":-1`, "waiting_room"},
		{`"target_min":20`, `"target_min":0`, "classes[0].target_min"},
		{`"class":"o"`, `"class":"x"`, "types[0].class"},
		{`0.8`, `-0.8`, "types[0].rate_per_min"},
		{`"exp"`, `"weibull"`, "types[0].service.dist"},
		{`"mean_min":10`, `"mean_min":0`, "types[0].service.mean_min"},
		{`"exp","mean_min":10,"cv2":1`, `"lognormal","mean_min":10,"cv2":0`, "types[0].service.cv2"},
		{`"patience_mean_min":0`, `"patience_mean_min":-1`, "types[0].patience_mean_min"},
		{`"skills":["A"],"primary":"A"`, `"skills":["B"],"primary":"B"`, "types[0].matters[0]"},
		{`"primary":"A"`, `"primary":"B"`, "windows[0].primary"},
		{`"class":"o",`, `"klass":"o",`, "line 3"},
		{`"customers":100`, `"customers":"many"`, "line 1: customers: string stands where a whole number belongs"},
		{`"seed":1`, `"seed":-1`, "line 1: seed: number -1 stands where a whole number from 0 on belongs"},
		{`"rate_per_min":0.8`, `"rate_per_min":[]`, "line 3: types.rate_per_min: array stands where a number belongs"},
		{`"skills":["A"],"primary":"A"`, `"skills":["A"],"A":"A"`, "line 4"},
		{`"bonuses":true}`, `"bonuses":true`, "line 4: the text ends here"},
		{good, "", "line 1: the file is empty"},
		{`"bonuses":true}`, `"bonuses":true} {`, "line 4"},
		{`"bonuses":true}`, `"bonuses":true}}`, "line 4"},
		{`"seed":1`, `"\u0073eeds":1`, `"seeds"`},
		{`"bonuses":true}`, `"bonuses":true}` + strings.Repeat(" ", 16<<20), "longer than 16 MB"},
	} {
		text := strings.Replace(good, c.from, c.to, 1)
		if _, err := whatif.ReadScenario(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s → %s: %v, want %s", c.from, c.to, err, c.want)
		}
	}
}

// TestNoIntervalIsNone: one customer has a mean wait and no interval of it; few have a wider one than Student's for thirty stretches.
func TestNoIntervalIsNone(t *testing.T) {
	for customers, formed := range map[int]bool{1: false, 2: true, 4000: true} {
		s := pool("fcfs", 1, 1, kind("A", 0.09, 10, "exp", 1))
		s.Customers, s.Warmup = customers, 0
		o := whatif.Simulate(&s, nil)
		if half := o.Overall.WaitCI95; (half != nil) != formed || formed == math.IsNaN(o.Overall.HalfWidth()) {
			t.Errorf("%d customers: %v", customers, half)
		}
	}
}

func BenchmarkSimulate(b *testing.B) {
	s := pool("ratio", 1, 10, kind("A", 0.5, 10, "exp", 1), kind("B", 0.4, 10, "exp", 1))
	s.Customers = 400_000
	for b.Loop() {
		whatif.Simulate(&s, nil)
	}
}
