// Command reform compares a hall before the reform (a window for each department) with the same windows and staff after
// it (windows for fields, some for everything), and writes the tables and the picture of docs/reform.md:
//
//	go run ./docs/reform --out docs tickets.csv
//
// tickets.csv holds real days: day, queue, ticket, issue_s, call_s, end_s, windows, or date, queue_id, ticket,
// issue_min, call_min, windows_open. It is no part of the project.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"yitang/server/whatif"
)

// The hall after the reform.
const (
	fields  = 8
	general = 8 // of 34 windows
)

func main() {
	out := flag.String("out", "docs", "folder for reform.md and reform.svg")
	flag.Parse()
	if err := run(*out, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "reform:", err)
		os.Exit(1)
	}
}

func run(out string, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: go run ./docs/reform --out docs tickets.csv")
	}
	f, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer f.Close()
	rows, err := whatif.ReadRows(f)
	if err != nil {
		return err
	}
	real, err := compare(rows)
	if err != nil {
		return err
	}
	example, err := exampleHall()
	if err != nil {
		return err
	}
	var text bytes.Buffer
	write(&text, example, real)
	if err := os.WriteFile(filepath.Join(out, "reform.md"), text.Bytes(), 0o644); err != nil { // #nosec G306 -- a public document
		return err
	}
	var picture bytes.Buffer
	real.draw(&picture)
	return os.WriteFile(filepath.Join(out, "reform.svg"), picture.Bytes(), 0o644) // #nosec G306 -- a public document
}

// comparison is the real days three times: as they were, and simulated before and after.
type comparison struct {
	reform              *whatif.Reform
	days                int
	real, before, after *whatif.Result
	wait, within        whatif.Difference
	sweep               []sweep
}

// sweep is the hall after with another number of general windows.
type sweep struct {
	general int
	overall whatif.Group
}

func compare(rows []whatif.Row) (*comparison, error) {
	r, err := whatif.NewReform(rows, fields, general)
	if err != nil {
		return nil, err
	}
	days := whatif.Days(rows, r.Matter, r.Windows, 1)
	c := &comparison{reform: r, days: len(days), real: whatif.Real(r.After, days)}
	if c.before, err = whatif.Replay(r.Before, r.After, days, nil); err != nil {
		return nil, err
	}
	if c.after, err = whatif.Replay(r.After, r.After, days, nil); err != nil {
		return nil, err
	}
	c.wait, c.within = whatif.Compare(c.before, c.after)
	for _, n := range []int{0, 2, 4, 6, 8, 10, 12, len(r.After.Windows)} {
		other, err := whatif.NewReform(rows, fields, n)
		if err != nil {
			return nil, err
		}
		result, err := whatif.Replay(other.After, r.After, days, nil)
		if err != nil {
			return nil, err
		}
		c.sweep = append(c.sweep, sweep{general: n, overall: result.Overall})
	}
	return c, nil
}

func write(w io.Writer, example []exampleRow, c *comparison) {
	fmt.Fprintf(w, "# Before and after the reform\n\nMade by `go run ./docs/reform --out docs tickets.csv`; the tickets are no part of the project.\n"+
		"Before: a window for each department or queue. After: the same windows and staff, most for a field\n"+
		"(分领域综合窗口), some for everything (无差别综合窗口). The simulation runs the live hall's rules; targets are the usual\n"+
		"5, 10 and 20 minutes.\n")
	writeExample(w, example)
	fmt.Fprintf(w, "\n## %d real days, %d tickets\n\n", c.days, c.real.Overall.N)
	fmt.Fprintf(w, "One municipal office of Warsaw (UD Wola), %d queues at %d windows: open data of the city of Warsaw through\n"+
		"HaZdula/kolejkeR (MIT), issue and call known to ±5 min. Each queue counts as a department, the queues are dealt to %d fields\n"+
		"by size, %d windows become general. Windows are the median of those open; no end of a service is known, so a queue's\n"+
		"mean service time is its windows times the mean time between two calls while somebody waited, and each ticket's is drawn\n"+
		"from a log-normal with that mean and cv² 1.5 (seed 1), the same before and after. Staff stay until everybody is served.\n\n",
		len(c.reform.Queues), len(c.reform.After.Windows), fields, general)
	fmt.Fprintf(w, "| | wait mean | median | 90 %% | within 20 min |\n|---|---|---|---|---|\n")
	line := func(name string, g whatif.Group) {
		fmt.Fprintf(w, "| %s | %.1f min | %.1f | %.1f | %.1f %% |\n", name, g.WaitMean, g.WaitP50, g.WaitP90, 100*g.WithinTarget)
	}
	line("as it really was", c.real.Overall)
	line("before, simulated", c.before.Overall)
	line("after, simulated", c.after.Overall)
	fmt.Fprintf(w, "\nThat the first two lines agree is what the third one rests on (a single field may be off by a third, see below). After minus before, paired by day: %+.1f min [%.1f, %.1f]\n"+
		"and %+.1f points within target [%.1f, %.1f] (95 %%, %d days).\n\n![Waits by field, before and after](reform.svg)\n\n",
		c.wait.Mean, *c.wait.Lo, *c.wait.Hi, 100*c.within.Mean, 100**c.within.Lo, 100**c.within.Hi, c.wait.Days)
	c.byField(w)
	fmt.Fprintf(w, "\n| general windows of %d | wait mean | 90 %% | within 20 min |\n|---|---|---|---|\n", len(c.reform.After.Windows))
	for _, s := range c.sweep {
		fmt.Fprintf(w, "| %d | %.1f min | %.1f | %.1f %% |\n", s.general, s.overall.WaitMean, s.overall.WaitP90, 100*s.overall.WithinTarget)
	}
	all := c.sweep[len(c.sweep)-1].overall.WaitMean
	gain := func(wait float64) float64 {
		return 100 * (c.before.Overall.WaitMean - wait) / (c.before.Overall.WaitMean - all)
	}
	fmt.Fprintf(w, "\nThe last line teaches everybody everything. Of what that would gain over the hall before, fields alone buy %.0f %%, fields\n"+
		"and %d general windows %.0f %%.\n", gain(c.sweep[0].overall.WaitMean), general, gain(c.after.Overall.WaitMean))
}

func (c *comparison) byField(w io.Writer) {
	fmt.Fprintf(w, "| field | tickets | really | before | after | 90 %% before | after | within 20 min before | after |\n|---|---|---|---|---|---|---|---|---|\n")
	for i, g := range c.real.Fields {
		b, a := c.before.Fields[i], c.after.Fields[i]
		fmt.Fprintf(w, "| %s | %d | %.1f min | %.1f | %.1f | %.1f | %.1f | %.1f %% | %.1f %% |\n", g.Name, g.N, g.WaitMean, b.WaitMean, a.WaitMean,
			b.WaitP90, a.WaitP90, 100*b.WithinTarget, 100*a.WithinTarget)
	}
}
