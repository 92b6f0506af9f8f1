package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"yitang/server/whatif"
)

// whatifCmds run the hall on simulated time.
type whatifCmds struct {
	Simulate simulateCmd `cmd:"" help:"Run a described hall on simulated time, by the live hall's rules."`
	Replay   replayCmd   `cmd:"" help:"Replay past days under another layout, staffing or policy."`
	Plan     planCmd     `cmd:"" help:"Propose a better layout from past days."`
}

type simulateCmd struct {
	Scenario string `required:"" placeholder:"FILE" help:"Scenario in JSON; - reads it from standard input."`
	JSON     bool   `name:"json" help:"Print the outcome as JSON."`
}

func (simulateCmd) Help() string {
	return `Example: yitang simulate --scenario hall.json --json

with hall.json
  {"policy":"ratio","seed":1,"customers":400000,"warmup":20000,"waiting_room":0,
   "classes":[{"name":"ordinary","target_min":20}],
   "types":[{"name":"A","class":"ordinary","rate_per_min":0.8,
             "service":{"dist":"exp","mean_min":10,"cv2":1},"patience_mean_min":0}],
   "windows":[{"name":"1","skills":["A"],"primary":"A"}, …],"bonuses":true}
policy: fcfs, ratio, strict, edd or primary. service.dist: exp, lognormal or det. waiting_room 0 is no bound,
patience 0 never leaves, a type may have "matters":["A","B"], bonuses false switches the starvation guard, the reserve
and the bonuses off. The simulation runs the calling rules of the live hall. wait_ci95_min is the half-width of the mean wait's
95 % interval, a number; null where too few came to form one (all in one of the run's 30 stretches). Where more come than can be served, none of them leaves and
the room has no bound, standard error says that the line grows without end.`
}

// Run simulates.
func (c *simulateCmd) Run(w out, e aside) error {
	s, err := c.read()
	if err != nil {
		return err
	}
	bar := newBar(os.Stderr, "customers", s.Customers)
	o := whatif.Simulate(s, bar.set)
	bar.done()
	warnOverload(e, s)
	if c.JSON {
		return json.NewEncoder(w).Encode(o)
	}
	printOutcome(w, s, o)
	return nil
}

func (c *simulateCmd) read() (*whatif.Scenario, error) {
	if c.Scenario == "-" {
		return whatif.ReadScenario(os.Stdin)
	}
	f, err := os.Open(c.Scenario)
	if err != nil {
		return nil, fmt.Errorf("--scenario: %w; an example is docs/scenario.json, and yitang simulate --help shows its form", err)
	}
	defer f.Close()
	s, err := whatif.ReadScenario(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Scenario, err)
	}
	return s, nil
}

// warnOverload says that waits describe how long was simulated, not the hall.
func warnOverload(w io.Writer, s *whatif.Scenario) {
	o := s.Overload()
	if o == nil {
		return
	}
	fmt.Fprintf(w, "yitang: simulate: the line grows without end: %s, of people who never leave (patience 0), need the whole time of %.2f windows, and "+
		"no more than %d serve them, with a waiting room without bound. Their waits, and those of all together, depend on how long is simulated "+
		"(customers %d) and say nothing of the hall.\n", strings.Join(o.Matters, ", "), o.Load, o.Windows, s.Customers)
}

func printOutcome(w io.Writer, s *whatif.Scenario, o whatif.Outcome) {
	fmt.Fprintf(w, "%-16s %9s %18s %9s %7s %8s %9s\n", "", "n", "wait min", "p90 min", "waited", "blocked", "abandoned")
	row := func(name string, f whatif.Figures) {
		half := "     –" // too few for an interval
		if f.WaitCI95 != nil {
			half = fmt.Sprintf("%6.3f", *f.WaitCI95)
		}
		fmt.Fprintf(w, "%-16s %9d %9.3f ± %s %9.3f %6.1f%% %7.2f%% %8.2f%%\n", name, f.N, f.WaitMean, half, f.WaitP90,
			100*f.PWait, 100*f.Blocked, 100*f.Abandoned)
	}
	row("all", o.Overall.Figures)
	for _, c := range s.Classes {
		row("class "+c.Name, o.Classes[c.Name])
	}
	for _, t := range s.Types {
		row("type "+t.Name, o.Types[t.Name].Figures)
	}
	fmt.Fprintf(w, "windows busy %.1f%%, %.2f people wait on average\n", 100*o.Overall.Utilisation, o.Overall.QueueMean)
}

// bar is a progress bar on a terminal; on anything else it says nothing.
type bar struct {
	w     io.Writer
	what  string
	total int
	shown int
}

const barWidth = 40

func newBar(f *os.File, what string, total int) *bar {
	return &bar{w: onTerminal(f), what: what, total: total, shown: -1}
}

// onTerminal is where progress is shown: nowhere, unless somebody looks.
func onTerminal(f *os.File) io.Writer {
	if terminal(f) {
		return f
	}
	return io.Discard
}

// count shows how far a job is whose length need not be known, on one line. Done ends the line.
type count struct {
	w    io.Writer
	said bool
}

func newCount() *count { return &count{w: onTerminal(os.Stderr)} }

func (c *count) say(format string, args ...any) {
	c.said = true
	fmt.Fprintf(c.w, "\r"+format, args...)
}

func (c *count) done() {
	if c.said {
		fmt.Fprintln(c.w)
	}
}

func (b *bar) set(done int) {
	if percent := 100 * done / max(1, b.total); percent != b.shown {
		b.shown = percent
		full := barWidth * percent / 100
		fmt.Fprintf(b.w, "\r[%s%s] %3d%% of %d %s", strings.Repeat("#", full), strings.Repeat(".", barWidth-full), percent, b.total, b.what)
	}
}

func (b *bar) done() {
	b.set(b.total)
	fmt.Fprintln(b.w)
}
