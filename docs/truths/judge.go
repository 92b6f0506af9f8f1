package main

import (
	"fmt"
	"math"

	"yitang/server/whatif"
)

const head = `# What the simulation is held against

Made by %[1]smake truths%[1]s: %[2]s customers a run (the first twentieth is warm-up), the scenario's number as seed; four or
thirty-two such runs where the interval of one is wide. The simulation runs the live hall's own rules (server/hall, server/route).
Times are mean service times unless minutes are named.

The last column says by what a line is met:

- **interval**: its 95 %% interval (30 batch means a run) covers what is expected.
- **1 %%**: it lies within 1 %% of it. Shares have no interval here and must be met so.
- **both intervals**: the source's figure is itself a simulation, and the two intervals overlap: the difference is no more than
  √(ours² + its²). Its half-width is ours times √(our customers / its customers). Figures named "simulation" come with no number
  of customers; %[3]s are taken, that of the scenario that came with them (400,000 less 20,000 of warm-up). Wallace & Whitt say that
  a warm-up of 2,000 mean service times was 20 to 24 %% of a run, hence about %[4]s customers counted. Where nothing is known of a
  simulation's length (van Dijk & van der Sluis) no interval is granted.

Where the source is no formula, the scenario is simulated once more by another program, written from the description of the rules
alone (docs/truths/second.go): own queues, own order of events, own random numbers; or, where every window serves
all and the mean over all is meant, by the recursion of Kiefer and Wolfowitz (1955) over 40 times as many customers as in a run. A line is also not met when
the two programs differ by more than 1 %% and three standard errors.

| scenario | figure | formula or paper | expected | simulated | by another program | met by |
|---|---|---|---|---|---|---|
`

const doubted = `
## Where the source's figure is off

In these lines the long runs, of the hall's rules or of the other program, lie more than 1 % and more than their interval from the source:
at this length they disagree with it. The two programs share no code and agree with each other. So it is not the hall's rules, nor a parameter
read wrongly (cv² as σ², the median as the mean, the waits of those alone who waited: each would move these figures by 20 % or more): it is
the source's own chance, and one run of its length is off by so much, as its interval in the table says. Lines of one hall are off
together, since the source let the same people come to it (its four policies have one mean, 7.78): they are few independent doubts, not many.
With two or three skills of six a wait depends on which; the source does not tell its arrangement, and that of this table is a guess.

| scenario | figure | source | simulated | by another program | off by |
|---|---|---|---|---|---|
`

// The verdicts of a line that is not met, and of one that the source's own interval meets.
const (
	missed = "**no**"
	both   = "both intervals"
)

// judged is a line with its verdict.
type judged struct {
	value, half, expected float64
	other, otherHalf      float64 // by the other program
	again, verdict        string  // again is empty where it was not asked
}

// apart says whether the line or the other program, at the length of these runs, disagrees with the source.
func (l judged) apart() bool {
	far := func(value, half float64) bool {
		return math.Abs(value-l.expected) > max(half, 0.01*l.expected)
	}
	return l.verdict != missed && (far(l.value, l.half) || l.again != "" && far(l.other, l.otherHalf))
}

func (l judged) off() float64 { return 100 * (l.expected/l.value - 1) }

func (t *truth) judge(c claim) judged {
	value, half := c.mean(t.outcomes)
	l := judged{value: value, half: half, expected: c.expected, verdict: t.verdict(c, value, half)}
	switch {
	case t.again == byRecursion && c.pooled:
		l.other, l.otherHalf = t.line.mean, t.line.half
	case t.second != nil && c.ofSecond != nil:
		l.other, l.otherHalf = c.ofSecond(t.second)
	default:
		return l
	}
	l.again = got(l.other, l.otherHalf)
	if d := math.Abs(value - l.other); d > 0.01*value && d > 3/1.96*math.Hypot(half, l.otherHalf) {
		l.verdict = missed
	}
	return l
}

// verdict says by what a line is met.
func (t *truth) verdict(c claim, value, half float64) string {
	off := math.Abs(value - c.expected)
	switch {
	case half > 0 && off <= half:
		return "interval"
	case off <= 0.01*c.expected:
		return "1 %"
	case t.counted > 0 && half > 0:
		ours := 0
		for _, o := range t.outcomes {
			ours += o.Overall.N
		}
		its := half * math.Sqrt(float64(ours)/float64(t.counted))
		if off <= math.Hypot(half, its) {
			return fmt.Sprintf(both+"; the source's is ± %.2g", its)
		}
	}
	return missed
}

// mean is over independent runs.
func (c claim) mean(outcomes []whatif.Outcome) (value, half float64) {
	n := float64(len(outcomes))
	for _, o := range outcomes {
		v, h := c.of(o)
		value += v / n
		half += h * h / n / n
	}
	return value, math.Sqrt(half)
}

func (c claim) want() string { return fmt.Sprintf("%.5g", c.expected) }

func got(value, half float64) string {
	if half == 0 {
		return fmt.Sprintf("%.4f", value)
	}
	return fmt.Sprintf("%.4f ± %.4f", value, half)
}

func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
