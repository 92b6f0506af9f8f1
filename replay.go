package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"yitang/db"
	"yitang/server/catalogue"
	"yitang/server/hall"
	"yitang/server/whatif"
)

// pastFlags say which past days a command works on.
type pastFlags struct {
	Dir     string `placeholder:"DIR" help:"Folder of a hall's data: its own past days."`
	History string `placeholder:"FILE" help:"Tickets of another system (CSV), instead of a hall's data."`
	From    string `placeholder:"DAY" help:"First day, YYYY-MM-DD."`
	To      string `placeholder:"DAY" help:"Last day."`
	Days    int    `default:"20" help:"At most the last so many days with tickets."`
	Fields  int    `default:"8" help:"With --history: fields that the queues are dealt to, the largest first; never more than queues."`
	General int    `default:"0" help:"With --history: windows that serve everything."`
	JSON    bool   `name:"json" help:"Print the figures as JSON."`
}

const historyHelp = `
A history has the columns day,queue,ticket,issue_s,call_s,end_s,windows (seconds of the day; call_s, end_s and windows may
be empty), or date,queue_id,ticket,issue_min,call_min,windows_open. Where no end is known, a queue's service time is
estimated from the pace of its calls.`

// past is what there was: the hall as it is today, and the days.
type past struct {
	layout *hall.Layout   // today's
	reform *whatif.Reform // of a history
	days   []whatif.Day
}

func (c *pastFlags) load(ctx context.Context) (*past, error) {
	switch {
	case (c.Dir == "") == (c.History == ""):
		return nil, errors.New("name a hall's folder with --dir, or a file with --history; one of them")
	case c.Days < 1:
		return nil, fmt.Errorf("--days %d: at least one", c.Days)
	case !isDay(c.From) || !isDay(c.To):
		return nil, fmt.Errorf("--from %q, --to %q: write a day as YYYY-MM-DD", c.From, c.To)
	case c.History != "":
		return c.history()
	}
	return c.journal(ctx)
}

// isDay takes what was left out too.
func isDay(day string) bool {
	_, err := time.Parse(time.DateOnly, day)
	return day == "" || err == nil
}

func (c *pastFlags) history() (*past, error) {
	f, err := os.Open(c.History)
	if err != nil {
		return nil, fmt.Errorf("--history: %w; an example is docs/history.csv, and --help shows the columns", err)
	}
	defer f.Close()
	text, err := csvText(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.History, err)
	}
	rows, err := whatif.ReadRows(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.History, err)
	}
	rows = slices.DeleteFunc(rows, func(r whatif.Row) bool {
		return c.From != "" && string(r.Day) < c.From || c.To != "" && string(r.Day) > c.To
	})
	r, err := whatif.NewReform(rows, c.Fields, c.General)
	if err != nil {
		return nil, err
	}
	days := whatif.Days(rows, r.Matter, r.Windows, 1)
	days = days[max(0, len(days)-c.Days):]
	return &past{layout: r.After, reform: r, days: days}, c.some(days)
}

func (c *pastFlags) journal(ctx context.Context) (*past, error) {
	if err := there(c.Dir); err != nil {
		return nil, err
	}
	data, err := db.Reader(ctx, c.Dir)
	if err != nil {
		return nil, err
	}
	defer data.Close() //nolint:errcheck // it only read
	l, err := data.Layout(ctx)
	if err != nil {
		return nil, err
	}
	to := hall.Day(c.To)
	if to == "" {
		to = "9999-12-31"
	}
	days, err := data.WorkedDays(ctx, hall.Day(c.From), to, c.Days)
	if err != nil {
		return nil, err
	}
	p := &past{layout: l}
	if p.days, err = whatif.Worked(ctx, data, l, days); err != nil {
		return nil, err
	}
	return p, c.some(p.days)
}

// some wants days to work on.
func (c *pastFlags) some(days []whatif.Day) error {
	switch {
	case len(days) > 0:
		return nil
	case c.From != "" || c.To != "":
		return errors.New("no ended business day with tickets lies between --from and --to")
	case c.Dir != "":
		return errors.New("this hall has no ended business day with tickets yet: come back when one has closed (in yitang demo a whole day takes 24 minutes at --speed 60), or take the days of another system with --history")
	}
	return errors.New("--history: no ticket in it was called")
}

type replayCmd struct {
	pastFlags
	Try    string   `type:"existingdir" placeholder:"FOLDER" help:"Lists of the layout to try (matters.csv, fields.csv, windows.csv, hall.csv)."`
	Policy string   `placeholder:"NAME" help:"Policy to try: ratio, fcfs, strict, edd or primary."`
	Close  []string `placeholder:"WINDOW" help:"Windows to leave closed, with commas between."`
	All    []string `placeholder:"WINDOW" help:"Windows to make general, with commas between."`
}

func (replayCmd) Help() string {
	return `Example: yitang replay --dir /var/lib/yitang --days 20 --all 3,7 --policy ratio

Example: yitang replay --history tickets.csv --fields 8 --general 8 --json

Replays past days under another layout, staffing or policy, beside what really happened. Windows keep their real hours. May run
beside the working hall, which has the same on its page /manager#/layout.
` + replayWords + "\nWith --history, " + historyWords + historyHelp
}

// What the columns mean and why the second is not the first: of a hall's own days, and of a history.
const (
	replayWords = `"now" is today's hall and "tried" the hall that --try, --policy, --close and --all make of it; without them the two are the same.
Compare these two. "really" differs from "now": the same people come and the windows keep their hours, but the rules call them
anew, the time between two of them is left out, and service times that nobody wrote down are drawn. A demo that lives 600 times
faster than we do has clerks who call late by its own clock: a tenth of a second of a program's time is a minute there.
`
	historyWords = `"now" is the history's hall, each queue with windows of its own, and "tried" the same windows and staff with the queues dealt to
--fields fields, --general windows serving all of them, and --try, --policy, --close and --all on top. Compare these two.
"really" differs from "now": the same people come, but the rules call them anew, each queue has its usual number of windows all
day, who left without a call is served too, and service times that the history does not have are estimated from the pace of its
calls, so that the work between two services counts as service.
`
)

// replayed is the answer of a replay: what really was, the hall as it is and the hall that was tried.
type replayed struct {
	Days    int               `json:"days"`
	Tickets int               `json:"tickets"`
	Real    *whatif.Result    `json:"real"`
	Base    *whatif.Result    `json:"base"`
	Tried   *whatif.Result    `json:"tried"`
	Wait    whatif.Difference `json:"wait_difference_min"`
	Within  whatif.Difference `json:"within_target_difference"`
}

// Run replays.
func (c *replayCmd) Run(ctx context.Context, w out, e aside) error {
	p, err := c.load(ctx)
	if err != nil {
		return fmt.Errorf("replay: %w", err)
	}
	base, tried, err := c.layouts(p)
	if err != nil {
		return err
	}
	bar := newBar(os.Stderr, "days", 2*len(p.days))
	r := replayed{Days: len(p.days), Real: whatif.Real(p.layout, p.days)}
	if r.Base, err = whatif.Replay(base, p.layout, p.days, bar.set); err != nil {
		return err
	}
	if r.Tried, err = whatif.Replay(tried, p.layout, p.days, func(n int) { bar.set(len(p.days) + n) }); err != nil {
		return err
	}
	bar.done()
	r.Wait, r.Within = whatif.Compare(r.Base, r.Tried)
	for i := range p.days {
		r.Tickets += len(p.days[i].Visits)
	}
	said, err := missed(p, base, &r)
	if err != nil {
		return err
	}
	words := replayWords
	if p.reform != nil {
		words = historyWords
		for _, x := range []*whatif.Result{r.Real, r.Base, r.Tried} {
			p.reform.Name(x)
		}
	}
	if c.JSON {
		if said != "" {
			fmt.Fprint(e, "yitang: replay: ", said)
		}
		return json.NewEncoder(w).Encode(r)
	}
	r.print(w, words)
	if said != "" {
		fmt.Fprint(w, "\n", said)
	}
	whose(w, p.reform)
	return nil
}

// layouts are the hall to compare with and the one to try.
func (c *replayCmd) layouts(p *past) (base, tried *hall.Layout, err error) {
	base = p.layout
	if p.reform != nil {
		base = p.reform.Before
	}
	l := *p.layout
	if c.Try != "" {
		read, err := catalogue.Load(os.DirFS(c.Try))
		if err != nil {
			return nil, nil, err
		}
		l = *read
	}
	l.Windows = slices.Clone(l.Windows)
	if c.Policy != "" {
		l.Calling.Policy = c.Policy
	}
	for _, id := range c.All {
		i := slices.IndexFunc(l.Windows, func(w hall.WindowPlan) bool { return string(w.ID) == id })
		if i < 0 {
			return nil, nil, fmt.Errorf("replay: --all %s: there is no such window", id)
		}
		l.Windows[i] = whatif.General(l.Windows[i], l.Fields)
	}
	for _, id := range c.Close {
		n := len(l.Windows)
		if l.Windows = slices.DeleteFunc(l.Windows, func(w hall.WindowPlan) bool { return string(w.ID) == id }); len(l.Windows) == n {
			return nil, nil, fmt.Errorf("replay: --close %s: there is no such window", id)
		}
	}
	if err := l.Check(); err != nil {
		return nil, nil, fmt.Errorf("replay: %w", err)
	}
	return base, &l, nil
}

// columns is how wide a name stands on a terminal: Chinese signs take two places.
func columns(name string) int {
	n := 0
	for _, c := range name {
		if n++; c >= 0x1100 {
			n++
		}
	}
	return n
}

func (r *replayed) print(w io.Writer, words string) {
	width := 16
	for _, g := range r.Real.Fields {
		width = max(width, columns(g.Name))
	}
	fmt.Fprintf(w, "%d days, %d tickets: mean wait, the wait that 90 %% do not exceed, share within target\n\n%*s %8s | %-22s | %-22s | %-22s\n",
		r.Days, r.Tickets, width, "", "tickets", "really", "now, simulated", "tried, simulated")
	line := func(real, base, tried whatif.Group) {
		if real.N+real.Unserved == 0 {
			return
		}
		fmt.Fprintf(w, "%s%*s %8d", real.Name, width-columns(real.Name), "", real.N+real.Unserved)
		for _, g := range []whatif.Group{real, base, tried} {
			if g.N+g.Unserved == 0 {
				fmt.Fprintf(w, " | %5s %5s     %4s  ", "–", "–", "–")
				continue
			}
			fmt.Fprintf(w, " | %5.1f %5.1f min %4.0f %%", g.WaitMean, g.WaitP90, 100*g.WithinTarget)
		}
		fmt.Fprintln(w)
	}
	line(r.Real.Overall, r.Base.Overall, r.Tried.Overall)
	for i := range r.Real.Classes {
		line(r.Real.Classes[i], r.Base.Classes[i], r.Tried.Classes[i])
	}
	for i := range r.Real.Fields {
		line(r.Real.Fields[i], r.Base.Fields[i], r.Tried.Fields[i])
	}
	fmt.Fprintf(w, "\nwindow busy:")
	for _, x := range r.Tried.Windows {
		fmt.Fprintf(w, " %s %.0f%%", x.Window, 100*x.Busy)
	}
	fmt.Fprintf(w, "\n\ntried minus now, paired by day: wait %s, within target %s\n\n%s", between(r.Wait, 1, "min"), between(r.Within, 100, "points"), words)
	if r.Real.Beside > 0 {
		fmt.Fprintf(w, "For each call an open window stood free beside somebody who waited for %.0f s really, and for %.0f s in the replay of now.\n",
			r.Real.Beside, r.Base.Beside)
	}
}

// between is a difference, in units of which one is so many, with its interval over days.
func between(d whatif.Difference, scale float64, unit string) string {
	if !d.Settled() {
		return fmt.Sprintf("%+.2f %s (one day has no interval)", scale*d.Mean, unit)
	}
	return fmt.Sprintf("%+.2f %s [%+.2f, %+.2f]", scale*d.Mean, unit, scale**d.Lo, scale**d.Hi)
}

type planCmd struct{ pastFlags }

func (planCmd) Help() string {
	return `Example: yitang plan --dir /var/lib/yitang --days 20

Tries many layouts on the past days and proposes those that help: general windows, skills to teach next, fields to merge,
a quick window, matters to take over next. Each is chosen on every other day and judged on the rest: two days leave one to judge
by, which has no interval. May run beside the working hall.` + historyHelp
}

// Run plans.
func (c *planCmd) Run(ctx context.Context, w out) error {
	p, err := c.load(ctx)
	if err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	bar := newBar(os.Stderr, "layouts", whatif.Steps(p.layout))
	propose := func(days []whatif.Day, progress func(int)) (*whatif.Plan, error) {
		return whatif.MakePlan(p.layout, days, progress)
	}
	if p.reform != nil {
		propose = p.reform.Plan
	}
	plan, err := propose(p.days, bar.set)
	bar.done()
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(w).Encode(plan)
	}
	fmt.Fprintf(w, "%d days, %d tickets: chosen on every other day (%d), judged on the rest (%d); there today: mean wait %.1f min, "+
		"%.0f %% within target (simulated)\n\n", plan.Days, plan.Tickets, plan.Days-plan.Days/2, plan.Days/2, plan.Today.Overall.WaitMean, 100*plan.Today.Overall.WithinTarget)
	printPlan(w, plan)
	whose(w, p.reform)
	return nil
}

func printPlan(w io.Writer, plan *whatif.Plan) {
	for _, x := range plan.Proposals {
		fmt.Fprintf(w, "%s\n  wait a person %s, within target %+.1f points; a day %.0f people are helped, %.0f wait longer\n"+
			"  costs: skills to teach %d, windows to rename %d; %s\n", x.English, between(x.Wait, 1, "min"), 100*x.Within.Mean, x.Helped, x.Worse,
			x.Teach, x.Rename, inWords(&x))
		if len(x.Matters) > 0 {
			fmt.Fprintf(w, "  %s\n", strings.Join(codes(x.Matters), " "))
		}
	}
	if len(plan.Proposals) == 0 {
		fmt.Fprintln(w, "Nothing that was tried is better than today.")
	}
	if len(plan.Rejected) > 0 {
		fmt.Fprintln(w, "\nNot proposed: better on the days to choose by, but on the days to judge by the waits are no shorter, or by too little for the cost")
	}
	for _, x := range plan.Rejected {
		fmt.Fprintf(w, "  %s: wait a person %s; skills to teach %d, windows to rename %d\n", x.English, between(x.Wait, 1, "min"), x.Teach, x.Rename)
	}
}

// inWords says what a verdict means.
func inWords(x *whatif.Proposal) string {
	switch {
	case x.Verdict == whatif.Better:
		return "better: the whole interval lies below zero"
	case x.Verdict == whatif.Slight:
		return "too little for its cost: under a minute a person, and under 1 % of today's wait for each skill and sign"
	case x.Verdict == whatif.WorseThan:
		return "worse: the whole interval lies above zero"
	case x.Helped+x.Worse == 0:
		return "changes no wait"
	}
	return "not proved: it may be luck"
}

func codes(list []hall.MatterCode) []string {
	var out []string
	for _, m := range list {
		out = append(out, string(m))
	}
	return out
}
