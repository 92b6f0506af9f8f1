package main

import (
	"fmt"
	"math"
	"strings"

	"yitang/server/whatif"
)

// How many customers stand behind figures of simulations (see the head of the table).
const (
	sourceCounted  = 380_000
	wallaceCounted = 600_000
)

// truths are all lines, in the order of the table.
func truths() []truth {
	var list []truth
	list = append(list, erlang()...)
	list = append(list, service()...)
	list = append(list, classes()...)
	list = append(list, patience(), mixed())
	list = append(list, wallaceWhitt()...)
	list = append(list, hallOfTwelve()...)
	list = append(list, overflow()...)
	return append(list, policies()...)
}

// people are one type; a mean of 1 makes minutes mean service times.
func people(name, class string, rate, mean float64, dist string, cv2 float64) whatif.ScenarioType {
	return whatif.ScenarioType{Name: name, Class: class, Rate: rate, Service: whatif.Service{Dist: dist, Mean: mean, CV2: cv2}}
}

// windows have skills written as letters, the first one primary.
func windows(skills ...string) []whatif.ScenarioPost {
	var list []whatif.ScenarioPost
	for i, s := range skills {
		list = append(list, whatif.ScenarioPost{Name: fmt.Sprint(i + 1), Skills: strings.Split(s, ""), Primary: s[:1]})
	}
	return list
}

func repeat(skills string, n int) []string {
	var list []string
	for range n {
		list = append(list, skills)
	}
	return list
}

func oneClass() []whatif.ScenarioClass {
	return []whatif.ScenarioClass{{Name: "all", Target: 20}}
}

func wait(o whatif.Outcome) (float64, float64) { return o.Overall.WaitMean, o.Overall.HalfWidth() }

func waitOf(name string) func(o whatif.Outcome) (float64, float64) {
	return func(o whatif.Outcome) (float64, float64) {
		f := o.Types[name].Figures
		return f.WaitMean, f.HalfWidth()
	}
}

// all is the mean wait over all of the other program.
func all(s *second) (float64, float64) { return s.figures(-1) }

// pWait comes without an interval: waits come in stretches, and batches are not kept for it.
func pWait(o whatif.Outcome) (float64, float64) { return o.Overall.PWait, 0 }

func erlang() []truth {
	expected := []struct {
		c              int
		rho, p, waited float64
	}{
		{1, .7, .7, 2.3333}, {1, .8, .8, 4}, {1, .9, .9, 9}, {3, .7, .4923, .5470}, {3, .8, .6472, 1.0787}, {3, .9, .8171, 2.7235},
		{10, .7, .2217, .0739}, {10, .8, .4092, .2046}, {10, .9, .6687, .6687},
	}
	var list []truth
	for _, e := range expected {
		list = append(list, truth{
			group: fmt.Sprintf("M/M/%d, ρ %.2f", e.c, e.rho), source: "Erlang C", runs: 4,
			scenario: whatif.Scenario{Policy: "fcfs", Classes: oneClass(), Windows: windows(repeat("A", e.c)...),
				Types: []whatif.ScenarioType{people("A", "all", e.rho*float64(e.c), 1, "exp", 1)}},
			claims: []claim{{what: "P(W>0)", expected: e.p, of: pWait}, {what: "wait", expected: e.waited, of: wait}},
		})
	}
	return list
}

func service() []truth {
	one := func(group, source, dist string, cv2, expected float64, c int) truth {
		return truth{group: group, source: source, runs: 4, claims: []claim{{what: "wait", expected: expected, of: wait, pooled: true}},
			scenario: whatif.Scenario{Policy: "fcfs", Classes: oneClass(), Windows: windows(repeat("A", c)...),
				Types: []whatif.ScenarioType{people("A", "all", 0.8*float64(c), 1, dist, cv2)}}}
	}
	list := []truth{
		one("M/D/5, ρ .80", "exact (Crommelin)", "det", 0, .2891, 5),
		one("M/G/10, ρ .80, log-normal cv² 2", "long simulation; Lee–Longton's .307 is too high", "lognormal", 2, .263, 10),
	}
	list[1].again = byRecursion
	return list
}

func classes() []truth {
	three := []whatif.ScenarioClass{{Name: "1", Target: 1}, {Name: "2", Target: 1. / 2}, {Name: "3", Target: 1. / 4}}
	return []truth{
		{group: "strict priority, c 5, λ (1, 3)", source: "Cobham", scenario: whatif.Scenario{Policy: "strict", Windows: windows(repeat("AB", 5)...),
			Classes: []whatif.ScenarioClass{{Name: "high", Target: 1}, {Name: "low", Target: 2}},
			Types:   []whatif.ScenarioType{people("A", "high", 1, 1, "exp", 1), people("B", "low", 3, 1, "exp", 1)}},
			claims: []claim{{what: "wait, high", expected: .1385, of: waitOf("A")}, {what: "wait, low", expected: .6926, of: waitOf("B")}}},
		{group: "ratio, c 5, λ (3, 1), b (1, 3)", source: "Kleinrock", scenario: whatif.Scenario{Policy: "ratio", Windows: windows(repeat("AB", 5)...),
			Classes: []whatif.ScenarioClass{{Name: "slow", Target: 3}, {Name: "fast", Target: 1}},
			Types:   []whatif.ScenarioType{people("A", "slow", 3, 1, "exp", 1), people("B", "fast", 1, 1, "exp", 1)}},
			claims: []claim{{what: "wait, b 1", expected: .6394, of: waitOf("A")}, {what: "wait, b 3", expected: .2984, of: waitOf("B")}}},
		{group: "ratio, c 10, mean 10 min, λ (.45, .3, .1), b (1, 2, 4)", source: "Kleinrock", scenario: whatif.Scenario{Policy: "ratio",
			Windows: windows(repeat("ABC", 10)...), Classes: three,
			Types: []whatif.ScenarioType{people("A", "1", .45, 10, "exp", 1), people("B", "2", .3, 10, "exp", 1), people("C", "3", .1, 10, "exp", 1)}},
			claims: []claim{{what: "wait min, b 1", expected: 4.5579, of: waitOf("A")}, {what: "wait min, b 2", expected: 2.6388, of: waitOf("B")},
				{what: "wait min, b 4", expected: 1.5983, of: waitOf("C")}}},
	}
}

func patience() truth {
	a := people("A", "all", 10, 1, "exp", 1)
	a.Patience = 2
	return truth{group: "Erlang-A, c 10, load 10, θ/μ .5", source: "birth and death", scenario: whatif.Scenario{Policy: "fcfs", Classes: oneClass(),
		Windows: windows(repeat("A", 10)...), Types: []whatif.ScenarioType{a}},
		claims: []claim{{what: "P(W>0)", expected: .6197, of: pWait}, {what: "wait", expected: .2078, of: wait},
			{what: "abandoned", expected: .1039, of: func(o whatif.Outcome) (float64, float64) { return o.Overall.Abandoned, 0 }}}}
}

// mixed is Little's law under load with people who leave, find no place and go to two windows.
func mixed() truth {
	a, b := people("A", "all", .1, 10, "lognormal", 1.5), people("B", "all", .12, 10, "exp", 1)
	a.Matters, b.Patience = []string{"A", "C"}, 15
	return truth{group: "three windows, two matters, patience 15, room for 20", source: "Little", scenario: whatif.Scenario{Policy: "ratio", Bonuses: true,
		Classes: oneClass(), WaitingRoom: 20, Windows: windows("AB", "AB", "C"), Types: []whatif.ScenarioType{a, b}},
		claims: []claim{{what: "queue / (rate × wait)", expected: 1, of: func(o whatif.Outcome) (float64, float64) {
			return o.Overall.QueueMean * o.Minutes() / (float64(o.Overall.N) * o.Overall.WaitMean), 0
		}}}}
}

// wallaceWhitt is the call centre of Wallace and Whitt, A staffing algorithm for call centers with skill-based routing
// (2005). Secondaries are spread evenly over the other types.
func wallaceWhitt() []truth {
	var list []truth
	blocked := func(o whatif.Outcome) (float64, float64) {
		p := o.Overall.Blocked // blocks come in stretches: batches are not kept for it, so the share's own error, doubled
		return 100 * p, 100 * 2 * 1.96 * math.Sqrt(p/float64(o.Overall.N))
	}
	for _, e := range []struct {
		skills        int
		blocked, wait float64
		source        string
	}{
		{1, 3.84, 2.45, "Wallace & Whitt"}, {2, .40, .56, "Wallace & Whitt (about)"}, {6, .3643, .45002, "exact M/M/90/120; they simulated .360, .448"},
	} {
		s := whatif.Scenario{Policy: "fcfs", WaitingRoom: 30, Classes: oneClass()}
		for i := range 6 {
			s.Types = append(s.Types, people(string(rune('A'+i)), "all", 8.4/6, 10, "exp", 1))
		}
		var skills []string
		for i := range 90 {
			own := ""
			for j := range e.skills {
				step := j
				if j == 1 && e.skills == 2 {
					step = 1 + i/6%5
				}
				own += string(rune('A' + (i+step)%6))
			}
			skills = append(skills, own)
		}
		s.Windows = windows(skills...)
		t := truth{group: fmt.Sprintf("90 windows, 84 erlang, 30 places, %d skills", e.skills), source: e.source, scenario: s, runs: 32,
			claims: []claim{{what: "blocked %", expected: e.blocked, of: blocked, ofSecond: blockedAgain},
				{what: "wait min", expected: e.wait, of: wait, ofSecond: all}}}
		if e.skills < 6 {
			t.again, t.counted = byEvents, wallaceCounted
		}
		list = append(list, t)
	}
	return list
}

func blockedAgain(s *second) (float64, float64) {
	p := float64(s.blocked) / float64(s.total-s.warm)
	return 100 * p, 100 * 2 * 1.96 * math.Sqrt(p/float64(s.total-s.warm))
}

// hallOfTwelve is a hall with six kinds of matter. Groups pair a large load with a small one. With two or three skills a wait
// depends on who learns what, which the source does not tell: here a window's skills are neighbours in a ring, and as
// many windows begin with a kind as its load asks for. Two skills spread over the kinds make 7.0 minutes.
func hallOfTwelve() []truth {
	const every, x, y, z = "ABCDEF", "AF", "BE", "CD"
	groups := func(a, b, c, general int) []string {
		return append(append(append(repeat(x, a), repeat(y, b)...), repeat(z, c)...), repeat(every, general)...)
	}
	one := func(what, source string, expected float64, skills []string) truth {
		s := whatif.Scenario{Policy: "fcfs", Classes: oneClass(), Windows: windows(skills...)}
		for i, load := range []float64{.25, .20, .20, .15, .12, .08} {
			s.Types = append(s.Types, people(string(rune('A'+i)), "all", load*.85*12/10, 10, "lognormal", 1.5))
		}
		return truth{group: "12 windows, ρ .85: " + what, source: source, scenario: s, runs: 8, again: byEvents, counted: sourceCounted,
			claims: []claim{{what: "wait min", expected: expected, of: wait, ofSecond: all, pooled: true}}}
	}
	const paper = "simulation"
	list := []truth{
		one("all skills", paper, 3.27, repeat(every, 12)),
		one("two skills, in a ring", "simulation (about)", 8.4, strings.Fields("AB AB AB BC BC CD CD DE DE EF EF FA")),
		one("three skills, in a ring", "simulation (about)", 4.0, strings.Fields("ABC ABC ABC BCD BCD CDE CDE DEF DEF EFA EFA FAB")),
		one("three field groups", paper, 14.7, groups(4, 4, 4, 0)),
		one("and 2 general windows", paper, 7.1, groups(3, 3, 4, 2)),
		one("and 3 general windows", paper, 5.35, groups(3, 3, 3, 3)),
		one("and 4 general windows", paper, 4.97, groups(3, 2, 3, 4)),
	}
	list[0].again = byRecursion
	return list
}

// overflow is van Dijk and van der Sluis, To pool or not to pool in call centers (2008): two windows, deterministic
// services of 1 and 10, ρ 5/6.
func overflow() []truth {
	const paper = "van Dijk & van der Sluis (simulation)"
	one := func(what, policy, source string, expected float64, skills ...string) truth {
		return truth{group: "services of 1 and of 10: " + what, source: source, runs: 8, again: byEvents,
			claims: []claim{{what: "wait", expected: expected, of: wait, ofSecond: all, pooled: true}},
			scenario: whatif.Scenario{Policy: policy, Classes: oneClass(), Windows: windows(skills...),
				Types: []whatif.ScenarioType{people("A", "all", 5./6, 1, "det", 0), people("B", "all", 5./60, 10, "det", 0)}}}
	}
	const rho = 5. / 6
	apart := 20 * rho / 2 / (1 - rho) / 11 // of M/D/1 in services; ten come for 1, one for 10
	list := []truth{
		one("apart", "fcfs", "exact (Pollaczek–Khinchine); they simulated 4.554", apart, "A", "B"),
		one("pooled", "fcfs", paper, 6.149, "AB", "AB"),
		one("two-way overflow", "primary", paper, 4.122, "AB", "BA"),
		one("one-way overflow", "primary", paper, 3.938, "A", "BA"),
	}
	list[1].again = byRecursion
	return list
}

// policies compares the policies on one hall with the usual targets.
func policies() []truth {
	var list []truth
	for _, e := range []struct {
		policy string
		waits  [3]float64
	}{
		{"fcfs", [3]float64{7.8, 7.8, 7.8}}, {"strict", [3]float64{.69, .95, 10.7}},
		{"ratio", [3]float64{2.9, 5.0, 9.2}}, {"edd", [3]float64{3.5, 4.9, 9.2}},
	} {
		t := truth{group: "10 windows, ρ .9, log-normal cv² 1.5: " + e.policy, source: "simulation", seed: 1, runs: 8, again: byEvents, counted: sourceCounted} // the same people for all
		t.scenario = whatif.Scenario{Policy: e.policy, Windows: windows(repeat("ABC", 10)...),
			Classes: []whatif.ScenarioClass{{Name: "5", Target: 5}, {Name: "10", Target: 10}, {Name: "20", Target: 20}}}
		for i, share := range []float64{.08, .22, .70} {
			name, class := string(rune('A'+i)), t.scenario.Classes[i].Name
			t.scenario.Types = append(t.scenario.Types, people(name, class, .9*share, 10, "lognormal", 1.5))
			t.claims = append(t.claims, claim{what: "wait min, target " + class, expected: e.waits[i], of: waitOf(name),
				ofSecond: func(s *second) (float64, float64) { return s.figures(i) }})
		}
		t.claims = append(t.claims, claim{what: "wait min, all", expected: 7.78, of: wait, ofSecond: all})
		list = append(list, t)
	}
	return list
}
