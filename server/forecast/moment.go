package forecast

import (
	"cmp"
	"math"
	"slices"
)

// moment is a ticket at its issue with what was known then, and nothing else.
type moment struct {
	queue   QueueID
	at      float64 // second of the day
	x       []float64
	hints   []float64 // logarithms of what simple rules say
	state   state
	ahead   float64 // tickets in order and oneself
	lesson  *lesson
	told    Quantiles // by precedents and forest: their part of the logarithms
	scale   float64   // the first guess of the wait in seconds, > 0
	wait    float64   // what became of it, NaN = unknown; never a feature
	les, ql float64   // the simple rules' forecasts in seconds; NaN where they have none
}

func (m *moment) classes() classes {
	c := classesOf(m.queue, m.at)
	c[2] = m.state.stillClass()
	return c
}

// served is one call of today as the queue remembers it.
type served struct {
	at, wait  float64
	perAhead  float64 // wait by tickets ahead and itself
	againstPa float64 // log of wait by what the past's rates had promised
}

// line is a queue during the day.
type line struct {
	id       int
	waiting  []int // indices of the day's records in the order of issue
	calls    []served
	arrivals []float64
	newest   int // highest index called so far, -1 = none
	serving  int
	services []float64 // seconds, of ended services
	busyFrom float64   // since when somebody waits without a break; NaN = nobody
	lesson   *lesson
}

// office replays one day ticket by ticket. It shows each ticket what happened strictly before its issue.
type office struct {
	day      *HistoryDay
	lessons  map[QueueID]*lesson
	stranger *lesson
	ends     bool // the past knew when services end
	lines    map[QueueID]*line
	order    []*line
	events   []change
	next     int
	ahead    []float64 // by record: tickets ahead at its issue
	promised []float64 // by record: drain of the past's rates at its issue
	calls    []float64 // times of all calls so far
	arrivals []float64
	waiting  int
	serving  int
	drift    []float64 // log of wait by promise, of all calls so far
}

// change is a call, or a ticket that leaves: after its service, or without one.
type change struct {
	at   float64
	rec  int
	kind changeKind
}

type changeKind int

const (
	called changeKind = iota
	ended
	left
)

func newOffice(day *HistoryDay, lessons map[QueueID]*lesson, stranger *lesson, ends bool) *office {
	o := &office{day: day, lessons: lessons, stranger: stranger, ends: ends, lines: map[QueueID]*line{},
		ahead: make([]float64, len(day.Records)), promised: make([]float64, len(day.Records))}
	for i := range day.Records {
		r := &day.Records[i]
		hasEnd := !math.IsNaN(r.End)
		switch {
		case r.Called():
			o.events = append(o.events, change{r.Call, i, called})
			if hasEnd {
				o.events = append(o.events, change{r.End, i, ended})
			}
		case hasEnd:
			o.events = append(o.events, change{r.End, i, left})
		}
	}
	slices.SortFunc(o.events, func(a, b change) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.kind, b.kind), cmp.Compare(a.rec, b.rec))
	})
	return o
}

// moments shows every ticket of the day at its issue.
func (o *office) moments() []moment {
	out := make([]moment, len(o.day.Records))
	for i := range o.day.Records {
		r := &o.day.Records[i]
		o.until(r.Issue)
		l := o.line(r.Queue)
		out[i] = o.look(i, l)
		o.join(i, l)
	}
	return out
}

// until makes everything happen that happened before t, not at it: a call in the same second may have come after.
func (o *office) until(t float64) {
	for ; o.next < len(o.events) && o.events[o.next].at < t; o.next++ {
		e := o.events[o.next]
		r := &o.day.Records[e.rec]
		l := o.line(r.Queue)
		switch e.kind {
		case called:
			o.call(e, r, l)
		case ended:
			l.serving--
			o.serving--
			l.services = append(l.services, r.End-r.Call)
		case left:
			o.leave(e.rec, l)
		}
	}
}

func (o *office) line(q QueueID) *line {
	l := o.lines[q]
	if l == nil {
		l = &line{id: len(o.order), newest: -1, lesson: o.lessons[q], busyFrom: math.NaN()}
		if l.lesson == nil {
			l.lesson = o.stranger
		}
		o.lines[q] = l
		o.order = append(o.order, l)
	}
	return l
}

func (o *office) join(i int, l *line) {
	r := &o.day.Records[i]
	if len(l.waiting) == 0 {
		l.busyFrom = r.Issue
	}
	l.waiting = append(l.waiting, i)
	l.arrivals = append(l.arrivals, r.Issue)
	o.arrivals = append(o.arrivals, r.Issue)
	o.waiting++
}

func (o *office) leave(i int, l *line) {
	if k, ok := slices.BinarySearch(l.waiting, i); ok {
		l.waiting = slices.Delete(l.waiting, k, k+1)
		o.waiting--
	}
	if len(l.waiting) == 0 {
		l.busyFrom = math.NaN()
	}
}

func (o *office) call(e change, r *Record, l *line) {
	o.leave(e.rec, l)
	l.newest = max(l.newest, e.rec)
	if o.ends {
		l.serving++
		o.serving++
	}
	s := served{at: e.at, wait: r.Wait(), perAhead: r.Wait() / (o.ahead[e.rec] + 1), againstPa: math.NaN()}
	if r.Wait() > 0 {
		s.againstPa = math.Log(max(r.Wait(), 20) / max(o.promised[e.rec], 20))
		o.drift = append(o.drift, s.againstPa)
	}
	l.calls = append(l.calls, s)
	o.calls = append(o.calls, e.at)
}

// inOrder is how many of the waiting stand behind everybody called so far: in a line that keeps its order the ones who
// were passed over have gone.
func (l *line) inOrder() int {
	k, _ := slices.BinarySearch(l.waiting, l.newest+1)
	return len(l.waiting) - k
}

// head is the issue of the first who stands in order; NaN when nobody does.
func (o *office) head(l *line) float64 {
	k, _ := slices.BinarySearch(l.waiting, l.newest+1)
	if k == len(l.waiting) {
		return math.NaN()
	}
	return o.day.Records[l.waiting[k]].Issue
}

// since counts the times at or after from in an ascending list.
func since(times []float64, from float64) float64 {
	k, _ := slices.BinarySearch(times, from)
	return float64(len(times) - k)
}

// mean of the last n values of a list that are numbers; NaN of none.
func lastMean(n int, list int, at func(i int) float64) float64 {
	s, k := 0.0, 0
	for i := list - 1; i >= 0 && k < n; i-- {
		if v := at(i); !math.IsNaN(v) {
			s += v
			k++
		}
	}
	if k == 0 {
		return math.NaN()
	}
	return s / float64(k)
}

// interval is the mean time between the last k calls and now; NaN before there are k.
func (l *line) interval(t float64, k int) float64 {
	if len(l.calls) < k {
		return math.NaN()
	}
	return (t - l.calls[len(l.calls)-k].at) / float64(k)
}
