package city

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"yitang/city/ledger"
	"yitang/server/hall"
	"yitang/server/runonce"
	"yitang/server/workday"
)

// Once is the city's report on run-at-most-once (最多跑一次), over all halls, by the definitions of a single one. A person's
// way from one hall to another is a new visit, and an attempt at one hall that goes on at another is one case.
type Once struct {
	From      hall.Day         `json:"from"`
	To        hall.Day         `json:"to"`
	ReportDay hall.Day         `json:"report_day"`
	Parts     int              `json:"parts"` // judged by hall and month
	All       runonce.Rate     `json:"all"`
	Law       runonce.Rate     `json:"law"`
	Opened    runonce.Opened   `json:"opened"`
	LeftOut   runonce.LeftOut  `json:"left_out"`
	Linked    *float64         `json:"linked_share"`
	Bounds    *runonce.Bounds  `json:"bounds"`
	Visits    map[string]int   `json:"visits"` // number of visits → cases
	Persons   int              `json:"person_visits"`
	Wasted    int              `json:"wasted_trips"`
	Moved     int              `json:"moved_cases"` // tried at one hall, filed at another
	Causes    map[string]int   `json:"causes"`
	Shown     bool             `json:"breakdown_shown"`
	Halls     []HallRate       `json:"halls"`
	Matters   []runonce.Group  `json:"matters"`
	Signals   []runonce.Signal `json:"signals"`
	Cases     []MovedCase      `json:"across"`  // cases that people came for at more than one hall
	Missing   []hall.ID        `json:"missing"` // halls of which nothing can be said: no letters yet

	Proven   int `json:"-"` // tickets behind Linked
	Unlinked int `json:"-"`
}

// HallRate is a hall among the others. Limits are those within which it lies by chance alone (funnel); Below and Worse say
// that it lies under them, and that the difference to all others together is real.
type HallRate struct {
	Hall hall.ID `json:"hall"`
	Name string  `json:"name"`
	runonce.Group
	Limits *runonce.Limits   `json:"limits,omitempty"`
	Below  bool              `json:"below"`
	Gap    *float64          `json:"gap,omitempty"`          // to all other halls together
	GapIn  *runonce.Interval `json:"gap_interval,omitempty"` // Newcombe, 95 %
}

// MovedCase is a case with visits at several halls.
type MovedCase struct {
	Case   string   `json:"case"`
	Visits int      `json:"visits"`
	Halls  []string `json:"halls"`
}

// rules are those that parts are judged by. It rises with each change of what a judgement says: those that were kept by other
// rules are made anew.
const rules = 1

// part is the judgement of one hall over at most one month, as it is kept.
type part struct {
	Rules      int
	All, Law   runonce.Rate
	Spans      []spans
	Tau        float64
	Seen       int
	LeftOut    runonce.LeftOut
	Proven     int
	Linked     int
	Visits     map[string]int
	Persons    int
	Wasted     int
	Moved      int
	Causes     map[runonce.Reason]int
	Shown      bool
	Matters    []runonce.Group
	Signals    []runonce.Signal
	Across     []MovedCase
	AcrossOver int `json:",omitempty"` // more than are listed
}

type spans struct {
	runonce.Span
	N int
}

// Bounds of a report.
const (
	maxMonths  = 36
	seeAfter   = 31  // days after a month's end that its judgement sees: corrections count for thirty
	maxAcross  = 50  // cases across halls that a part lists
	maxSignals = 500 // in a report
	smallest   = 30  // cases under which a hall is not compared
)

// runonce answers GET /api/v1/runonce.
func (t *City) runonce(r *http.Request, _ *caller) (any, error) {
	return t.asked(r)
}

// asked is the report that a request asks for.
func (t *City) asked(r *http.Request) (*Once, error) {
	from, to, err := days(r)
	if err != nil {
		return nil, err
	}
	report := hall.Day(r.URL.Query().Get("report_day"))
	if report == "" {
		report = to
	}
	if _, err := time.Parse(time.DateOnly, string(report)); err != nil || report < to {
		return nil, refusal{http.StatusUnprocessableEntity, "invalid", "report_day：请写不早于期末的日期。"}
	}
	queries := months(from, to, report)
	if len(queries) > maxMonths {
		return nil, refusal{http.StatusUnprocessableEntity, "invalid", "from：一次最多报告 " + strconv.Itoa(maxMonths) + " 个月。"}
	}
	out, err := t.Once(r.Context(), queries, report)
	var unknown *workday.UnknownYearError
	if errors.As(err, &unknown) {
		return nil, refusal{http.StatusUnprocessableEntity, "unknown_year", unknown.Error() + "（请在大厅导入）"}
	}
	return out, err
}

// months cuts a period at the ends of months. Each is judged as seen a month after its end, or on the report day.
func months(from, to, report hall.Day) []runonce.Query {
	var list []runonce.Query
	for from <= to {
		first, _ := time.Parse(time.DateOnly, string(from)) // checked before
		end := time.Date(first.Year(), first.Month()+1, 0, 0, 0, 0, 0, time.UTC)
		last := min(to, hall.Day(end.Format(time.DateOnly)))
		seen := report
		if last < to {
			seen = min(report, hall.Day(end.AddDate(0, 0, seeAfter).Format(time.DateOnly)))
		}
		list = append(list, runonce.Query{From: from, To: last, ReportDay: seen, By: runonce.ByMatter})
		from = hall.Day(end.AddDate(0, 0, 1).Format(time.DateOnly))
	}
	return list
}

// Report is the city's report straight from a ledger.
func Report(ctx context.Context, l *ledger.Ledger, from, to hall.Day) (*Once, error) {
	return (&City{ledger: l}).Once(ctx, months(from, to, to), to)
}

// Once takes what was judged before of every hall and month, judges the others side by side, and adds up in the order of the
// halls and months: sums of fractions depend on it.
func (t *City) Once(ctx context.Context, queries []runonce.Query, report hall.Day) (*Once, error) {
	halls, err := t.ledger.Halls(ctx)
	if err != nil {
		return nil, err
	}
	judged, err := t.kept(ctx, halls, queries)
	if err != nil {
		return nil, err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(2 * runtime.NumCPU())
	for i := range halls {
		if halls[i].Layout != nil && slices.Contains(judged[i], nil) {
			g.Go(func() error { return t.judgeAll(ctx, &halls[i], queries, judged[i]) })
		}
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	a := newAdder(queries, report)
	for i := range halls {
		if halls[i].Layout == nil {
			a.out.Missing = append(a.out.Missing, halls[i].ID)
			continue
		}
		a.hall(halls[i].ID, halls[i].Name, judged[i])
	}
	return a.done(), nil
}

// kept are the judgements of each hall's months that were kept, nil where there is none.
func (t *City) kept(ctx context.Context, halls []ledger.Hall, queries []runonce.Query) ([][]*part, error) {
	parts, place := make([][]*part, len(halls)), make(map[hall.ID]int, len(halls))
	for i := range halls {
		parts[i], place[halls[i].ID] = make([]*part, len(queries)), i
	}
	err := t.ledger.Judged(ctx, queries, func(j ledger.Judged) error {
		i, known := place[j.Hall]
		if !known { // it has joined since
			return nil
		}
		p := &part{}
		if err := json.Unmarshal(j.Body, p); err != nil || p.Rules != rules {
			return err
		}
		parts[i][j.Query] = p
		return nil
	})
	return parts, err
}

// judgeAll judges the months of a hall that lack, and keeps what it found in one go.
func (t *City) judgeAll(ctx context.Context, h *ledger.Hall, queries []runonce.Query, parts []*part) error {
	reading, err := t.ledger.Read(h)
	if err != nil {
		return err
	}
	var judged []runonce.Query
	var bodies []string
	for i, q := range queries {
		if parts[i] != nil {
			continue
		}
		if parts[i], err = judge(ctx, h.ID, reading, q); err != nil {
			return err
		}
		body, err := json.Marshal(parts[i])
		if err != nil {
			return err
		}
		judged, bodies = append(judged, q), append(bodies, string(body))
	}
	return t.ledger.KeepJudged(ctx, reading, judged, bodies)
}

func judge(ctx context.Context, id hall.ID, reading *ledger.Reading, q runonce.Query) (*part, error) {
	data, across, err := reading.One(ctx, q)
	if err != nil {
		return nil, err
	}
	r, err := runonce.Judge(*data, q)
	if err != nil {
		return nil, err
	}
	p := &part{Rules: rules, All: r.All, Law: r.Law, Tau: r.Opened.Tau, Seen: r.Opened.Seen, LeftOut: r.LeftOut, Proven: r.Proven, Linked: r.Linked,
		Visits: r.CaseVisits.Histogram, Persons: r.PersonVisits, Wasted: r.WastedTrips, Moved: across.Moved, Causes: r.Causes,
		Shown: r.BreakdownShown, Matters: whole(r.Groups), Signals: named(id, r.Signals)}
	for s, n := range r.Spans {
		p.Spans = append(p.Spans, spans{s, n})
	}
	p.across(data, r)
	if both := len(across.Both); both > 0 {
		s := runonce.Signal{ID: "C2", Subject: string(id), N: both, K: both}
		for _, pair := range across.Both {
			s.Rows = append(s.Rows, pair[0]+" "+pair[1])
		}
		p.Signals = append(p.Signals, s)
	}
	return p, nil
}

// whole are groups that are added up before the small ones among them are suppressed.
func whole(groups []runonce.Group) []runonce.Group {
	out := make([]runonce.Group, len(groups))
	for i, g := range groups {
		out[i] = runonce.Group{Key: g.Key, Rate: g.Whole}
	}
	return out
}

// named puts the hall in front of a signal's subject where that does not name it.
func named(id hall.ID, list []runonce.Signal) []runonce.Signal {
	var out []runonce.Signal
	for _, s := range list {
		if s.ID == "A3" { // needs sixty working days before: the hall itself computes it
			continue
		}
		if s.Subject == runonce.WholeHall {
			s.Subject = string(id)
		} else if len(s.Subject) <= len(id) || s.Subject[:len(id)+1] != string(id)+"/" {
			s.Subject = string(id) + "/" + s.Subject
		}
		out = append(out, s)
	}
	return out
}

// across lists the cases that people came for at more than one hall.
func (p *part) across(data *runonce.Data, r *runonce.Report) {
	at := map[runonce.CaseID]map[string]bool{}
	for i := range data.Tickets {
		t := &data.Tickets[i]
		for _, l := range t.Links {
			if at[l.Case] == nil {
				at[l.Case] = map[string]bool{}
			}
			at[l.Case][string(t.Hall)] = true
		}
	}
	for _, c := range r.Cases {
		if len(at[c.Case]) < 2 || c.Visits < 2 {
			continue
		}
		if len(p.Across) == maxAcross {
			p.AcrossOver++
			continue
		}
		p.Across = append(p.Across, MovedCase{Case: string(c.Case), Visits: c.Visits, Halls: slices.Sorted(maps.Keys(at[c.Case]))})
	}
}

// adder adds parts up.
type adder struct {
	out      Once
	all, law sum
	spans    map[runonce.Span]int
	proven   int
	linked   int
	matters  map[string]*sum
	tau      float64
	seen     int
}

// sum adds rates of independent parts: the variance of the whole is that of the parts, weighted, so that a part whose cases
// came through few agents keeps its wider interval (cluster-robust by stratum).
type sum struct {
	n, once  int
	variance float64 // Σ n²·v
}

func (s *sum) add(r runonce.Rate) {
	if r.N == 0 || r.Once == nil {
		return
	}
	deff := 1.0
	if r.Deff != nil {
		deff = *r.Deff
	}
	p := float64(*r.Once) / float64(r.N)
	s.n, s.once = s.n+r.N, s.once+*r.Once
	s.variance += float64(r.N) * p * (1 - p) * deff
}

func (s *sum) rate() runonce.Rate {
	r := runonce.Rate{N: s.n, Once: &s.once}
	if s.n == 0 {
		return r
	}
	n := float64(s.n)
	p := float64(s.once) / n
	deff := 1.0
	if p > 0 && p < 1 {
		deff = max(1, s.variance/(n*p*(1-p)))
	}
	i := runonce.WilsonShare(p, n/deff)
	r.Rate, r.Lo, r.Hi = &p, &i.Lo, &i.Hi
	if deff > 1 {
		r.Deff = &deff
	}
	return r
}

func newAdder(queries []runonce.Query, report hall.Day) *adder {
	return &adder{spans: map[runonce.Span]int{}, matters: map[string]*sum{}, out: Once{From: queries[0].From, To: queries[len(queries)-1].To,
		ReportDay: report, Visits: map[string]int{}, Causes: map[string]int{}, Shown: true, Halls: []HallRate{}, Matters: []runonce.Group{},
		Signals: []runonce.Signal{}, Cases: []MovedCase{}, Missing: []hall.ID{}}}
}

func (a *adder) hall(id hall.ID, name string, parts []*part) {
	var own sum
	for _, p := range parts {
		own.add(p.All)
		a.part(p)
	}
	g := runonce.Group{Key: string(id), Rate: own.rate()}
	if g.Suppressed = g.N < 5; g.Suppressed {
		g.Rate = runonce.Rate{N: g.N}
	}
	a.out.Halls = append(a.out.Halls, HallRate{Hall: id, Name: name, Group: g})
}

func (a *adder) part(p *part) {
	o := &a.out
	o.Parts++
	a.all.add(p.All)
	a.law.add(p.Law)
	for _, s := range p.Spans {
		a.spans[s.Span] += s.N
	}
	a.tau, a.seen = max(a.tau, p.Tau), max(a.seen, p.Seen)
	a.proven, a.linked = a.proven+p.Proven, a.linked+p.Linked
	o.LeftOut.Withdrawn += p.LeftOut.Withdrawn
	o.LeftOut.NoAuthority += p.LeftOut.NoAuthority
	o.LeftOut.Test += p.LeftOut.Test
	o.LeftOut.Void += p.LeftOut.Void
	for k, n := range p.Visits {
		o.Visits[k] += n
	}
	for k, n := range p.Causes {
		o.Causes[string(k)] += n
	}
	o.Persons, o.Wasted, o.Moved, o.Shown = o.Persons+p.Persons, o.Wasted+p.Wasted, o.Moved+p.Moved, o.Shown && p.Shown
	for _, g := range p.Matters {
		if a.matters[g.Key] == nil {
			a.matters[g.Key] = &sum{}
		}
		a.matters[g.Key].add(g.Rate)
	}
	o.Signals = append(o.Signals, p.Signals...)
	o.Cases = append(o.Cases, p.Across...)
}

func (a *adder) done() *Once {
	o := &a.out
	o.All, o.Law = a.all.rate(), a.law.rate()
	o.Proven, o.Unlinked = a.proven, a.proven-a.linked
	if a.proven > 0 {
		share := float64(a.linked) / float64(a.proven)
		if o.Linked = &share; share < 0.95 && o.All.N > 0 {
			n, once := float64(o.All.N), float64(*o.All.Once)
			o.Bounds = &runonce.Bounds{Lo: max(0, once-float64(a.proven-a.linked)) / n, Hi: once / n}
		}
	}
	if !o.Shown {
		o.Causes = map[string]int{}
	}
	o.Opened = a.opened()
	for _, key := range slices.Sorted(maps.Keys(a.matters)) {
		if g := (runonce.Group{Key: key, Rate: a.matters[key].rate()}); g.N >= 5 {
			o.Matters = append(o.Matters, g)
		}
	}
	a.compare()
	slices.SortFunc(o.Halls, func(x, y HallRate) int { return compareIDs(x.Hall, y.Hall) })
	slices.SortStableFunc(o.Signals, func(x, y runonce.Signal) int {
		return cmp.Or(compareIDs(x.ID, y.ID), compareIDs(x.Subject, y.Subject)) // halls are judged side by side: their order is chance
	})
	o.Signals = o.Signals[:min(len(o.Signals), maxSignals)]
	slices.SortFunc(o.Cases, func(x, y MovedCase) int { return compareIDs(x.Case, y.Case) })
	return o
}

func compareIDs[T ~string](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// maxSpans bounds what the estimator is given at once; of more, a share is drawn evenly.
const maxSpans = 2_000_000

// opened is the run-once probability of the cases opened in the period, over all parts.
func (a *adder) opened() runonce.Opened {
	o := runonce.Opened{Tau: max(a.tau, 20), Seen: a.seen}
	for _, n := range a.spans {
		o.N += n
	}
	if o.N == 0 {
		return o
	}
	shrink := max(1, float64(o.N)/maxSpans)
	var list []runonce.Span
	for s, n := range a.spans {
		for range int(math.Round(float64(n) / shrink)) {
			list = append(list, s)
		}
	}
	e := runonce.AalenJohansen(list, o.Tau)
	e.SE1, e.SE2 = e.SE1/math.Sqrt(shrink), e.SE2/math.Sqrt(shrink)
	o.F1, o.F2, o.S, o.SE1, o.SE2 = &e.F1, &e.F2, &e.S, &e.SE1, &e.SE2
	return o
}

// compare sets each hall beside all others together.
func (a *adder) compare() {
	for i := range a.out.Halls {
		h := &a.out.Halls[i]
		rest, others := a.all.n-h.N, 0
		if h.N < smallest || h.Once == nil || rest < smallest {
			continue
		}
		others = a.all.once - *h.Once
		limits := runonce.Funnel(float64(a.all.once)/float64(a.all.n), h.N)
		h.Limits, h.Below = &limits, *h.Rate.Rate < limits.Lo
		gap, in := runonce.Newcombe(*h.Once, h.N, others, rest)
		h.Gap, h.GapIn = &gap, &in
	}
}
