package runonce

import (
	"slices"

	"yitang/server/hall"
)

// joinWithin is how long after the latest end a next ticket still belongs to the visit: exactly 60 min 0 s joins.
const joinWithin = 60 * 60 * 1000

// stop is one ticket of one case, as known at the end of the report day.
type stop struct {
	ticket  *Ticket
	person  Party // of the ticket; where it has none, of the visit
	purpose Purpose
	served  bool
	issued  hall.Millis
	end     hall.Millis // of the ticket, or its latest known time
	day     dayNo
}

// visit (上门) is a chain of stops on one day.
type visit struct {
	stops []stop
	end   hall.Millis // the latest so far
}

func (v *visit) start() hall.Millis { return v.stops[0].issued }

func (v *visit) day() dayNo { return v.stops[0].day }

// every says whether all stops have a purpose, any whether one has.
func (v *visit) every(p Purpose) bool {
	return !slices.ContainsFunc(v.stops, func(s stop) bool { return s.purpose != p })
}

func (v *visit) any(list ...Purpose) bool {
	return slices.ContainsFunc(v.stops, func(s stop) bool { return slices.Contains(list, s.purpose) })
}

func (v *visit) served() bool {
	return slices.ContainsFunc(v.stops, func(s stop) bool { return s.served })
}

// window is that of the first stop that has one.
func (v *visit) window() hall.WindowID {
	for _, s := range v.stops {
		if s.ticket.Window != "" {
			return s.ticket.Window
		}
	}
	return ""
}

func (v *visit) ids() []string {
	ids := make([]string, 0, len(v.stops))
	for _, s := range v.stops {
		if id := string(s.ticket.ID); !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// chain makes visits of stops in order of issue. The way from one hall to another is a new visit, however short. The visits
// share the stops' array.
func chain(stops []stop) []visit {
	visits := make([]visit, 0, visitsIn(stops))
	for from := 0; from < len(stops); {
		n, end := first(stops[from:])
		visits = append(visits, visit{stops[from : from+n : from+n], end})
		from += n
	}
	return visits
}

// visitsIn counts the visits that chain makes.
func visitsIn(stops []stop) (visits int) {
	for len(stops) > 0 {
		n, _ := first(stops)
		stops = stops[n:]
		visits++
	}
	return visits
}

// first is how many stops the first visit has, and when the last of them ended; there must be one.
func first(stops []stop) (n int, end hall.Millis) {
	for n = range stops {
		s := &stops[n]
		if n > 0 && (s.day != stops[0].day || s.ticket.Hall != stops[n-1].ticket.Hall || s.ticket.From == "" && s.issued-end > joinWithin) {
			return n, end
		}
		end = max(end, s.end)
	}
	return len(stops), end
}

func byIssue(a, b stop) int {
	if a.issued != b.issued {
		return int(max(-1, min(1, a.issued-b.issued)))
	}
	return compare(a.ticket.ID, b.ticket.ID)
}

// personVisits counts visits by person and day over the visits of many cases: a ticket for three cases is one errand. A
// visit of nobody known is its own.
func personVisits(visits []visit) int {
	n := 0
	known := make(map[Party][]stop, len(visits))
	for i := range visits {
		first := slices.IndexFunc(visits[i].stops, func(s stop) bool { return s.ticket.Person != "" })
		if first < 0 {
			n++
			continue
		}
		for _, s := range visits[i].stops {
			if s.person = s.ticket.Person; s.person == "" {
				s.person = visits[i].stops[first].ticket.Person
			}
			known[s.person] = append(known[s.person], s)
		}
	}
	for _, stops := range known {
		slices.SortFunc(stops, byIssue)
		n += visitsIn(stops)
	}
	return n
}
