// Command truths simulates what theory and papers say of queues, and writes the table docs/truths.md. `make truths` runs
// it. It exits with 1 when a line lies neither within its 95 % interval nor within one per cent.
package main

import (
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"yitang/server/whatif"
)

func main() {
	customers := flag.Int("customers", 2_500_000, "customers of each simulation")
	out := flag.String("out", "", "file to write; standard output without")
	only := flag.String("only", "", "only scenarios whose name holds this")
	flag.Parse()
	w := os.Stdout
	if *out != "" {
		f, err := os.Create(*out)
		if err != nil {
			fmt.Fprintln(os.Stderr, "truths:", err)
			os.Exit(1)
		}
		defer f.Close()
		w = f
	}
	if failed := table(w, *customers, *only); failed > 0 {
		fmt.Fprintf(os.Stderr, "truths: %d lines are not met\n", failed)
		os.Exit(1)
	}
}

// truth is a scenario with what is claimed of it.
type truth struct {
	group, source string
	scenario      whatif.Scenario
	seed          uint64 // 0 is the scenario's number
	runs          int    // with different seeds, where one leaves the interval wide; 0 is 1
	claims        []claim
}

// claim is one line. Digits are those that the source gives: a line is also met where it rounds to them.
type claim struct {
	what     string
	expected float64
	lo, hi   float64 // a range in place of expected
	digits   float64 // half a unit of the last digit
	of       func(o whatif.Outcome) (value, half float64)
}

const head = `# What the simulation is held against

Made by %[1]smake truths%[1]s: %[2]s customers a scenario (the first twentieth is warm-up), the scenario's number as
seed; four or eight such runs where the interval of one is wide. The simulation runs the live hall's own rules (server/hall,
server/route). Times are mean service times unless minutes are named. The last column says
by what a line is met: its 95 %% interval (30 batch means) covers the expected value; it lies within 1 %% of it; it rounds
to the digits that the source gives. Where the source is a simulation itself, whose interval nobody tells, 4 %% are
granted, and the line says so.

| scenario | figure | formula or paper | expected | simulated | met by |
|---|---|---|---|---|---|
`

func table(w io.Writer, customers int, only string) (failed int) {
	fmt.Fprintf(w, head, "`", thousands(customers))
	lines := 0
	for i, t := range truths() {
		if !strings.Contains(t.group, only) {
			continue
		}
		if t.seed == 0 {
			t.seed = uint64(i + 1)
		}
		outcomes := t.run(customers)
		for _, c := range t.claims {
			value, half := c.mean(outcomes)
			verdict := c.verdict(value, half)
			lines++
			if verdict == missed {
				failed++
			}
			fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s |\n", t.group, c.what, t.source, c.want(), got(value, half), verdict)
			fmt.Fprintf(os.Stderr, "%-46s %-22s %-16s %-22s %s\n", t.group, c.what, c.want(), got(value, half), verdict)
		}
	}
	fmt.Fprintf(w, "\n%d lines, %d met.\n", lines, lines-failed)
	return failed
}

func (t *truth) run(customers int) []whatif.Outcome {
	var list []whatif.Outcome
	for i := range max(1, t.runs) {
		s := t.scenario
		s.Customers, s.Warmup, s.Seed = customers, customers/20, t.seed+1000*uint64(i)
		list = append(list, whatif.Simulate(&s, nil))
	}
	return list
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

// missed is the verdict of a line that is not met.
const missed = "**no**"

// verdict says by what a line is met.
func (c claim) verdict(value, half float64) string {
	off := math.Abs(value - c.expected)
	switch {
	case c.hi > 0 && value+half >= c.lo && value-half <= c.hi:
		return "range"
	case c.hi > 0:
		return missed
	case half > 0 && off <= half:
		return "interval"
	case off <= 0.01*c.expected:
		return "1 %"
	case off <= c.digits && math.Abs(c.digits-simulated*c.expected) < 1e-12:
		return "4 % of a simulated source"
	case off <= c.digits && c.digits >= 0.03*c.expected:
		return "the source says about"
	case off <= c.digits:
		return "rounding"
	}
	return missed
}

func (c claim) want() string {
	if c.hi > 0 {
		return fmt.Sprintf("%g … %g", c.lo, c.hi)
	}
	return fmt.Sprintf("%.5g", c.expected)
}

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
