// Command truths simulates what theory and papers say of queues, and writes the table docs/truths.md. `make truths` runs
// it. It exits with 1 when a line is not met.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"

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
	again         method // how it is simulated once more
	counted       int    // customers behind the source's figures, where it is a simulation itself; 0 is exact, or not known
	claims        []claim

	outcomes []whatif.Outcome
	second   *second
	line     recursion
}

// method is how a scenario is checked once more, apart from the hall's rules.
type method int

const (
	notAgain    method = iota // the source is a formula
	byEvents                  // type second
	byRecursion               // type recursion, where every window serves all and the mean over all is meant
)

// claim is one line.
type claim struct {
	what     string
	expected float64
	of       func(o whatif.Outcome) (value, half float64)
	ofSecond func(s *second) (value, half float64) // nil: the other program does not know the figure
	pooled   bool                                  // the recursion knows it
}

func table(w io.Writer, customers int, only string) (failed int) {
	var list []truth
	for i, t := range truths() {
		if !strings.Contains(t.group, only) {
			continue
		}
		if t.seed == 0 {
			t.seed = uint64(i + 1)
		}
		t.outcomes = make([]whatif.Outcome, max(1, t.runs))
		list = append(list, t)
	}
	runAll(list, customers)
	fmt.Fprintf(w, head, "`", thousands(customers), thousands(sourceCounted), thousands(wallaceCounted))
	lines, lent, doubts := 0, 0, []string(nil)
	for i := range list {
		t := &list[i]
		for _, c := range t.claims {
			l := t.judge(c)
			lines++
			if l.verdict == missed {
				failed++
			}
			if strings.HasPrefix(l.verdict, both) {
				lent++
			}
			if l.apart() {
				doubts = append(doubts, fmt.Sprintf("| %s | %s | %s | %s | %s | %+.1f %% |\n", t.group, c.what, c.want(), got(l.value, l.half), l.again, l.off()))
			}
			fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s | %s |\n", t.group, c.what, t.source, c.want(), got(l.value, l.half), l.again, l.verdict)
		}
	}
	fmt.Fprintf(w, "\n%d lines, %d met, %d of them only by the source's own interval.\n", lines, lines-failed, lent)
	if len(doubts) > 0 {
		fmt.Fprint(w, doubted, strings.Join(doubts, ""))
	}
	return failed
}

// runAll plays every scenario on all processors, the longest first.
func runAll(list []truth, customers int) {
	var jobs []func()
	for i := range list {
		t := &list[i]
		switch t.again {
		case byEvents:
			jobs = append(jobs, func() {
				t.second = newSecond(&t.scenario, customers*max(1, t.runs), t.seed)
				t.second.run()
			})
		case byRecursion:
			jobs = append(jobs, func() { t.line = newRecursion(&t.scenario, 40*customers, t.seed) })
		}
		for r := range t.outcomes {
			jobs = append(jobs, func() {
				s := t.scenario
				s.Customers, s.Warmup, s.Seed = customers, customers/20, t.seed+1000*uint64(r) // #nosec G115 -- a run
				t.outcomes[r] = whatif.Simulate(&s, nil)
			})
		}
	}
	next, done := make(chan func()), 0
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for job := range next {
				job()
				mu.Lock()
				done++
				fmt.Fprintf(os.Stderr, "\rtruths: %d of %d runs", done, len(jobs))
				mu.Unlock()
			}
		})
	}
	for _, job := range jobs {
		next <- job
	}
	close(next)
	wg.Wait()
	fmt.Fprintln(os.Stderr)
}
