package runonce

import (
	"maps"
	"slices"
	"strconv"
	"sync"

	"yitang/server/hall"
)

// Rate is a share of cases with at most one visit. Without cases, and in suppressed groups, the figures are null.
type Rate struct {
	N    int      `json:"n"`
	Once *int     `json:"once"`
	Rate *float64 `json:"rate"`
	Lo   *float64 `json:"lo"`
	Hi   *float64 `json:"hi"`
	Deff *float64 `json:"deff,omitempty"` // where the interval is that of cases through few agents
}

// Opened is R_AJ: the run-once probability of the cases opened in the period. F2 is it, F1 came again, S undecided.
type Opened struct {
	N   int      `json:"n"`
	F1  *float64 `json:"f1"`
	F2  *float64 `json:"f2"`
	S   *float64 `json:"s"`
	SE1 *float64 `json:"f1_se"`
	SE2 *float64 `json:"f2_se"`
	Tau float64  `json:"tau"` // working days

	Seen int `json:"-"` // working days that have passed for those opened first: what comes later nobody can see yet
}

// Interval is the 95 % interval of F2, which must not be null.
func (o *Opened) Interval() (lo, hi float64) {
	return max(0, *o.F2-zTwoSided**o.SE2), min(1, *o.F2+zTwoSided**o.SE2)
}

// LeftOut counts the cases closed in the period that no rate counts.
type LeftOut struct {
	Withdrawn   int `json:"withdrawn"`
	NoAuthority int `json:"no_authority"`
	Test        int `json:"test"`
	Void        int `json:"void"`
}

// Bounds is what is published instead of a point while too many tickets are linked to no case.
type Bounds struct {
	Lo float64 `json:"lo"`
	Hi float64 `json:"hi"`
}

// CaseVisits says how often people came for the counted cases.
type CaseVisits struct {
	Total     int            `json:"total"`
	Mean      *float64       `json:"mean"`
	Histogram map[string]int `json:"histogram"` // number of visits → cases
}

// CaseResult is one case judged.
type CaseResult struct {
	Case      CaseID  `json:"case"`
	Visits    int     `json:"visits"`
	LawVisits int     `json:"law_visits"`
	Once      bool    `json:"once"`
	OnceLaw   *bool   `json:"once_law"` // null where left out
	Causes    []Cause `json:"causes"`
}

// Group is the rate of a part. Fewer than five cases are suppressed.
type Group struct {
	Key string `json:"key"`
	Rate
	Suppressed bool `json:"suppressed"`
	LeftOut    int  `json:"-"` // cases closed in the period that no rate counts, beside the N
	Whole      Rate `json:"-"` // also where it is suppressed, for who adds groups up
}

// Report is the judgement of a period, as `yitang runonce --json` prints it.
type Report struct {
	All               Rate           `json:"all"`
	WithKnownFailures Rate           `json:"all_with_known_failures"`
	Law               Rate           `json:"law"`
	Opened            Opened         `json:"opened"`
	LeftOut           LeftOut        `json:"left_out"`
	LinkedShare       *float64       `json:"linked_share"`
	Bounds            *Bounds        `json:"bounds"`
	CaseVisits        CaseVisits     `json:"case_visits"`
	ConsultVisits     int            `json:"consult_visits"`
	PersonVisits      int            `json:"person_visits"`
	WastedTrips       int            `json:"wasted_trips"`
	Causes            map[Reason]int `json:"causes"`
	BreakdownShown    bool           `json:"breakdown_shown"`
	Cases             []CaseResult   `json:"cases"`
	Signals           []Signal       `json:"signals"`
	NotComputed       []SignalID     `json:"not_computed"`
	Groups            []Group        `json:"groups"`

	More map[Grouping][]Group `json:"more,omitempty"` // what Query.More asked for

	// For who adds reports up: what Opened was estimated from, and the tickets behind LinkedShare.
	Spans          map[Span]int `json:"-"`
	Proven, Linked int          `json:"-"`
}

// Bounds of what is published.
const (
	linkedEnough = 0.95 // below it bounds are published, not a point
	smallestCell = 5    // fewer cases are suppressed
	clusterFrom  = 5    // cases of one agent from which on the interval is that over agents
	shortestTau  = 20   // working days
	tauPerDay    = 1.5  // of the promise
)

// tally makes the report of the judged files.
func (j *judge) tally() (*Report, error) {
	counted := j.choose(j.counted)
	r := &Report{}
	var beside sync.WaitGroup // the signals take a third of the time: they have fields of their own, and a clock
	defer beside.Wait()
	of := *j
	of.clock.years = maps.Clone(j.clock.years)
	beside.Go(func() { of.signals(r) })
	r.Cases, r.Groups = j.list(counted), j.groups(counted, j.query.By)
	for _, by := range j.query.More {
		if r.More == nil {
			r.More = map[Grouping][]Group{}
		}
		r.More[by] = j.groups(counted, by)
	}
	r.All = rate(counted, func(f *file) bool { return f.once() })
	failures := j.choose(func(f *file) bool { return f.end == Open && f.opened <= j.to && len(f.visits) >= 2 })
	r.WithKnownFailures = rate(slices.Concat(counted, failures), func(f *file) bool { return f.once() })
	law := slices.DeleteFunc(slices.Clone(counted), func(f *file) bool { return f.onceLaw() == nil })
	r.Law = rate(law, func(f *file) bool { return *f.onceLaw() })
	j.leftOut(r)
	j.linkedShare(r)
	r.visits(counted)
	r.reasons(counted)
	var err error
	r.Opened, err = j.opened(r)
	return r, err
}

func (j *judge) choose(what func(*file) bool) []*file {
	var list []*file
	for i := range j.files {
		if what(&j.files[i]) {
			list = append(list, &j.files[i])
		}
	}
	return list
}

// rate is the share of once among files, with the interval over agents where one of them has many of the files.
func rate(files []*file, once func(*file) bool) Rate {
	r := Rate{N: len(files), Once: new(int)}
	agents, most := map[Party]int{}, 0 // places in clusters
	clusters := make([]Cluster, 0, len(files))
	for _, f := range files {
		i, known := len(clusters), false
		if f.c.Agent != "" { // who files for himself is a cluster of his own
			if i, known = agents[f.c.Agent]; !known {
				i = len(clusters)
				agents[f.c.Agent] = i
			}
		}
		if !known {
			clusters = append(clusters, Cluster{})
		}
		g := &clusters[i]
		g.N++
		if once(f) {
			g.Once++
			*r.Once++
		}
		most = max(most, g.N)
	}
	if r.N == 0 {
		return r
	}
	i := Wilson(*r.Once, r.N)
	if most >= clusterFrom {
		var deff float64
		i, deff = Clustered(clusters)
		r.Deff = &deff
	}
	p := float64(*r.Once) / float64(r.N)
	r.Rate, r.Lo, r.Hi = &p, &i.Lo, &i.Hi
	return r
}

// list is the cases as the report shows them, by their number.
func (j *judge) list(counted []*file) []CaseResult {
	if j.query.AllCases {
		counted = j.choose(func(*file) bool { return true })
	}
	out := make([]CaseResult, 0, len(counted))
	for _, f := range counted {
		c := CaseResult{Case: f.c.ID, Visits: len(f.visits), LawVisits: f.lawVisits, Once: f.once(), OnceLaw: f.onceLaw(),
			Causes: f.causes}
		if c.Causes == nil {
			c.Causes = []Cause{}
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b CaseResult) int { return compare(a.Case, b.Case) })
	return out
}

// leftOut counts what no rate counts; the visits of people who came to the wrong place were wasted (白跑).
func (j *judge) leftOut(r *Report) {
	for i := range j.files {
		f := &j.files[i]
		if f.end == Open || !j.within(f.closed) {
			continue
		}
		switch f.end {
		case Withdrawn:
			r.LeftOut.Withdrawn++
		case NoAuthority:
			r.LeftOut.NoAuthority++
			r.WastedTrips += len(f.visits)
		case Test:
			r.LeftOut.Test++
		case Void:
			r.LeftOut.Void++
		}
	}
}

// linkedShare counts the applicants' tickets of the period that prove presence, and those that found their case.
func (j *judge) linkedShare(r *Report) {
	tickets, linked := 0, 0
	j.tickets(func(t *Ticket, links []Link) {
		if t.Actor == Staff || !j.during(t.IssuedAt) || !j.presence(t) {
			return
		}
		tickets++
		if len(links) > 0 {
			linked++
		}
	})
	r.Proven, r.Linked = tickets, linked
	if tickets == 0 {
		return
	}
	share := float64(linked) / float64(tickets)
	r.LinkedShare = &share
	if share < linkedEnough && r.All.N > 0 {
		n, once := float64(r.All.N), float64(*r.All.Once)
		r.Bounds = &Bounds{Lo: max(0, once-float64(tickets-linked)) / n, Hi: once / n}
	}
}

func (r *Report) visits(counted []*file) {
	r.CaseVisits.Histogram = map[string]int{}
	all := make([]visit, 0, 2*len(counted))
	for _, f := range counted {
		all = append(all, f.visits...)
		r.ConsultVisits += f.consults
		r.CaseVisits.Histogram[strconv.Itoa(len(f.visits))]++
	}
	r.CaseVisits.Total = len(all)
	if len(counted) > 0 {
		mean := float64(len(all)) / float64(len(counted))
		r.CaseVisits.Mean = &mean
	}
	r.PersonVisits = personVisits(all)
}

func (r *Report) reasons(counted []*file) {
	r.Causes, r.BreakdownShown = map[Reason]int{}, true
	total := 0
	for _, f := range counted {
		for _, c := range f.causes {
			r.Causes[c.Reason]++
			total++
		}
	}
	if total > 0 && float64(r.Causes[R99]) >= hiddenFrom*float64(total) {
		r.Causes, r.BreakdownShown = map[Reason]int{}, false
	}
}

// opened is the run-once probability of the cases opened in the period.
func (j *judge) opened(r *Report) (Opened, error) {
	o := Opened{Tau: shortestTau}
	var spans []Span
	for i := range j.files {
		f := &j.files[i]
		if !j.within(f.opened) || f.leftOut() {
			continue
		}
		s, err := j.span(f)
		if err != nil {
			return o, err
		}
		spans = append(spans, s)
		r.count(s)
		o.Tau = max(o.Tau, tauPerDay*float64(j.data.Standards[f.c.Matter].Promised))
	}
	if o.N = len(spans); o.N == 0 {
		return o, nil
	}
	var err error
	if o.Seen, err = j.clock.between(j.from, j.report); err != nil {
		return o, err
	}
	a := AalenJohansen(spans, o.Tau)
	o.F1, o.F2, o.S, o.SE1, o.SE2 = &a.F1, &a.F2, &a.S, &a.SE1, &a.SE2
	return o, nil
}

func (r *Report) count(s Span) {
	if r.Spans == nil {
		r.Spans = map[Span]int{}
	}
	r.Spans[s]++
}

// span is the working days from the first visit (without one, from the opening) to what ended the wait.
func (j *judge) span(f *file) (Span, error) {
	from, to, how := f.opened, j.report, Censored
	if len(f.visits) > 0 {
		from = f.visits[0].day()
	}
	switch {
	case len(f.visits) > 1:
		to, how = f.visits[1].day(), CameBack
	case f.end != Open:
		to, how = f.closed, OnceDone
	}
	days, err := j.clock.between(from, to)
	return Span{Days: days, Ending: how}, err
}

// groups splits the counted cases.
func (j *judge) groups(counted []*file, by Grouping) []Group {
	groups := []Group{}
	if by == "" {
		return groups
	}
	parts := map[string][]*file{}
	for _, f := range counted {
		k := j.key(f, by)
		parts[k] = append(parts[k], f)
	}
	for k, files := range parts {
		g := Group{Key: k, Rate: rate(files, func(f *file) bool { return f.once() })}
		g.Whole = g.Rate
		if g.Suppressed = g.N < smallestCell; g.Suppressed {
			g.Rate = Rate{N: g.N}
		}
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(a, b Group) int { return compare(a.Key, b.Key) })
	for i := range j.files {
		if f := &j.files[i]; f.leftOut() && j.within(f.closed) {
			key := j.key(f, by)
			if k, found := slices.BinarySearchFunc(groups, key, func(g Group, key string) int { return compare(g.Key, key) }); found {
				groups[k].LeftOut++
			}
		}
	}
	return groups
}

func (j *judge) key(f *file, by Grouping) string {
	switch by {
	case ByMatter:
		return string(f.c.Matter)
	case ByDepartment:
		if f.c.DecisionOrg != "" {
			return f.c.DecisionOrg
		}
		return j.data.Standards[f.c.Matter].Department
	case ByAgent:
		return string(f.c.Agent)
	case ByClosing:
		return string(f.closed.monday().day())
	}
	if len(f.visits) == 0 {
		return ""
	}
	if by == ByWindow {
		return string(f.visits[0].window())
	}
	return f.visits[0].day().week()
}

// instant is a known time as a day, or never.
func (j *judge) instant(at hall.Millis) dayNo {
	if at = j.known(at); at == 0 {
		return never
	}
	return dayOf(j.data.Zone, at)
}
