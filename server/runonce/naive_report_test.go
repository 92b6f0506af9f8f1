package runonce_test

import (
	"fmt"
	"math"
	"time"
)

type naiveQuery struct {
	from, to, reportDay, by string
	zone                    *time.Location
	allCases                bool
}

type naiveReport struct {
	All               naiveRate      `json:"all"`
	WithKnownFailures naiveRate      `json:"all_with_known_failures"`
	Law               naiveRate      `json:"law"`
	Opened            naiveOpened    `json:"opened"`
	LeftOut           map[string]int `json:"left_out"`
	LinkedShare       *float64       `json:"linked_share"`
	Bounds            *naiveBounds   `json:"bounds"`
	CaseVisits        struct {
		Total     int            `json:"total"`
		Mean      *float64       `json:"mean"`
		Histogram map[string]int `json:"histogram"`
	} `json:"case_visits"`
	ConsultVisits  int            `json:"consult_visits"`
	PersonVisits   int            `json:"person_visits"`
	WastedTrips    int            `json:"wasted_trips"`
	Causes         map[string]int `json:"causes"`
	BreakdownShown bool           `json:"breakdown_shown"`
	Cases          []naiveResult  `json:"cases"`
	Groups         []naiveGroup   `json:"groups"`
}

type naiveBounds struct {
	Lo float64 `json:"lo"`
	Hi float64 `json:"hi"`
}

type naiveResult struct {
	Case      string `json:"case"`
	Visits    int    `json:"visits"`
	LawVisits int    `json:"law_visits"`
	Once      bool   `json:"once"`
	OnceLaw   *bool  `json:"once_law"`
	Causes    []struct {
		Reason string   `json:"reason"`
		IDs    []string `json:"ids"`
	} `json:"causes"`

	causes []naiveCause
}

type naiveGroup struct {
	Key string `json:"key"`
	naiveRate
	Suppressed bool `json:"suppressed"`
}

func (c naiveCase) leftOut() bool {
	return c.end == "withdrawn" || c.end == "no_authority" || c.end == "test" || c.end == "void"
}

func (f naiveFolder) during(at time.Time, q naiveQuery) bool {
	return !at.IsZero() && q.from <= f.day(at) && f.day(at) <= q.to
}

// naiveJudge judges a folder. It must be given the folder as it is known.
func naiveJudge(f naiveFolder, q naiveQuery) naiveReport {
	r := naiveReport{LeftOut: map[string]int{"withdrawn": 0, "no_authority": 0, "test": 0, "void": 0}}
	var counted []naiveCase
	var all, failures, law []naiveOnce
	var causes []naiveCause
	for _, c := range f.cases {
		n := len(f.visits(c))
		if q.allCases || f.during(c.closed, q) && !c.leftOut() { // closed as the rates mean it: delivered or refused
			r.Cases = append(r.Cases, f.result(c))
		}
		switch {
		case c.end == "open":
			if f.day(c.opened) <= q.to && n >= 2 {
				failures = append(failures, naiveOnce{c.agent, false})
			}
		case !f.during(c.closed, q):
		case c.leftOut():
			r.LeftOut[c.end]++
			if c.end == "no_authority" {
				r.WastedTrips += n
			}
		default:
			counted = append(counted, c)
			all = append(all, naiveOnce{c.agent, n <= 1})
			if once := f.onceLaw(c); once != nil {
				law = append(law, naiveOnce{c.agent, *once})
			}
			causes = append(causes, f.causes(c)...)
		}
	}
	r.All, r.Law = naiveRateOf(all), naiveRateOf(law)
	r.WithKnownFailures = naiveRateOf(append(failures, all...))
	r.Opened = f.openedIn(q)
	f.countVisits(&r, counted)
	f.countLinks(&r, q)
	r.Causes, r.BreakdownShown = naiveCauses(causes)
	r.Groups = f.groups(counted, q.by)
	return r
}

func (f naiveFolder) onceLaw(c naiveCase) *bool {
	if c.leftOut() || f.leftOutOfLaw(c) {
		return nil
	}
	once := f.lawVisits(c) <= 1 && !anyNamesNew(f.written(c))
	return &once
}

func (f naiveFolder) result(c naiveCase) naiveResult {
	n := len(f.visits(c))
	return naiveResult{
		Case: c.id, Visits: n, LawVisits: f.lawVisits(c), Once: n <= 1, OnceLaw: f.onceLaw(c), causes: f.causes(c),
	}
}

func (f naiveFolder) countVisits(r *naiveReport, counted []naiveCase) {
	r.CaseVisits.Histogram = map[string]int{}
	for _, c := range counted {
		n := len(f.visits(c))
		r.CaseVisits.Total += n
		r.CaseVisits.Histogram[fmt.Sprint(n)]++
		r.ConsultVisits += f.consultVisits(c)
	}
	if len(counted) > 0 {
		mean := float64(r.CaseVisits.Total) / float64(len(counted))
		r.CaseVisits.Mean = &mean
	}
	r.PersonVisits = f.personVisits(counted)
}

func (f naiveFolder) countLinks(r *naiveReport, q naiveQuery) {
	n, unlinked := 0, 0
	for _, t := range f.tickets {
		if t.staff() || !t.present() || !f.during(t.issued, q) {
			continue
		}
		n++
		if !f.linked(t) {
			unlinked++
		}
	}
	if n == 0 {
		return
	}
	share := float64(n-unlinked) / float64(n)
	r.LinkedShare = &share
	if share < 0.95 && r.All.N > 0 {
		cases, once := float64(r.All.N), float64(*r.All.Once)
		r.Bounds = &naiveBounds{math.Max(0, (once-float64(unlinked))/cases), once / cases}
	}
}

// openedIn follows the cases opened in the period from their first visit.
func (f naiveFolder) openedIn(q naiveQuery) naiveOpened {
	var spans []naiveSpan
	tau := 20.0
	for _, c := range f.cases {
		if !f.during(c.opened, q) || c.leftOut() {
			continue
		}
		spans = append(spans, f.span(c, q.reportDay))
		tau = math.Max(tau, 1.5*float64(f.matter(c.matter).promised))
	}
	return naiveOpenedOf(spans, tau)
}

func (f naiveFolder) span(c naiveCase, reportDay string) naiveSpan {
	visits := f.visits(c)
	start := f.day(c.opened)
	if len(visits) > 0 {
		start = f.day(visits[0][0].issued)
	}
	end, event := reportDay, 0
	switch {
	case len(visits) > 1:
		end, event = f.day(visits[1][0].issued), 1
	case c.end != "open":
		end, event = f.day(c.closed), 2
	}
	return naiveSpan{max(0, naiveBetween(start, end)), event}
}

func (f naiveFolder) groups(counted []naiveCase, by string) []naiveGroup {
	if by == "" {
		return nil
	}
	members := map[string][]naiveOnce{}
	for _, c := range counted {
		key := f.key(c, by)
		members[key] = append(members[key], naiveOnce{c.agent, len(f.visits(c)) <= 1})
	}
	var groups []naiveGroup
	for key, of := range members {
		g := naiveGroup{Key: key, naiveRate: naiveRateOf(of)}
		if len(of) < 5 {
			g = naiveGroup{Key: key, naiveRate: naiveRate{N: len(of)}, Suppressed: true}
		}
		groups = append(groups, g)
	}
	return groups
}

// key is the group of a case, empty where it is unknown.
func (f naiveFolder) key(c naiveCase, by string) string {
	visits := f.visits(c)
	switch {
	case by == "matter":
		return c.matter
	case by == "department" && c.decisionOrg != "":
		return c.decisionOrg
	case by == "department":
		return f.matter(c.matter).department
	case by == "agent":
		return c.agent
	case by == "window" && len(visits) > 0:
		for _, s := range visits[0] {
			if s.window != "" {
				return s.window
			}
		}
	case by == "week" && len(visits) > 0:
		year, week := visits[0][0].issued.In(f.zone).ISOWeek()
		return fmt.Sprintf("%d-W%02d", year, week)
	}
	return ""
}
