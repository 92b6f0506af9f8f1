package forecast

import (
	"math"
	"slices"
)

// slotSeconds cuts the day for what the past teaches by hour.
const slotSeconds = 1800

const daySlots = maxSecond / slotSeconds

// slotOf is the half hour that a second of the day falls into.
func slotOf(s float64) int { return min(max(int(s)/slotSeconds, 0), daySlots-1) }

// tally is what one day, or several together, teach about a queue: by slot, so that a day can be left out by subtraction.
type tally struct {
	calls    [daySlots]float64 // made while somebody waited
	busy     [daySlots]float64 // seconds in which somebody waited
	arrivals [daySlots]float64
	waits    [daySlots]float64 // number of waits > 0 of tickets issued in the slot
	waited   [daySlots]float64 // their sum in seconds
}

func (t *tally) add(o *tally, sign float64) {
	for i := range daySlots {
		t.calls[i] += sign * o.calls[i]
		t.busy[i] += sign * o.busy[i]
		t.arrivals[i] += sign * o.arrivals[i]
		t.waits[i] += sign * o.waits[i]
		t.waited[i] += sign * o.waited[i]
	}
}

// tallyDay counts a whole day, queue by queue.
func tallyDay(d *HistoryDay) map[QueueID]*tally {
	out := map[QueueID]*tally{}
	for q, list := range byQueue(d) {
		t := &tally{}
		for _, r := range list {
			t.arrivals[slotOf(r.Issue)]++
			if r.Called() && r.Wait() > 0 {
				t.calls[slotOf(r.Call)]++
				t.waits[slotOf(r.Issue)]++
				t.waited[slotOf(r.Issue)] += r.Wait()
			}
		}
		for _, s := range spells(list) {
			t.spread(s.from, s.to)
		}
		out[q] = t
	}
	return out
}

// byQueue are a day's records, each queue's in the order of issue.
func byQueue(d *HistoryDay) map[QueueID][]Record {
	out := map[QueueID][]Record{}
	for _, r := range d.Records {
		out[r.Queue] = append(out[r.Queue], r)
	}
	return out
}

// spell is a time in which somebody waits, in seconds of the day.
type spell struct{ from, to float64 }

// spells are when at least one ticket, called later, waited. The list is in the order of issue.
func spells(list []Record) []spell {
	var out []spell
	until := math.Inf(-1)
	for _, r := range list {
		if !r.Called() || r.Call <= until {
			continue
		}
		if n := len(out); r.Issue <= until {
			out[n-1].to = r.Call
		} else {
			out = append(out, spell{r.Issue, r.Call})
		}
		until = r.Call
	}
	return out
}

func (t *tally) spread(from, to float64) {
	for from < to {
		i := slotOf(from)
		end := min(to, float64(i+1)*slotSeconds)
		if i == daySlots-1 {
			end = to
		}
		t.busy[i] += end - from
		from = end
	}
}

// shrinkage of the past's figures: so many calls, waits or seconds of the wider mean stand behind each.
const (
	priorCalls = 8.0
	priorWaits = 15.0
)

// lesson is what the past says about one queue at each time of the day.
type lesson struct {
	rate    [daySlots]float64 // calls a second while somebody waits
	wait    [daySlots]float64 // mean wait > 0 in seconds of a ticket issued then
	arrived [daySlots]float64 // tickets of an average day issued up to the end of the slot
	mean    float64           // of all waits > 0
}

// learn turns the counts of a queue over so many days into a lesson. Where the queue has seen little, the office speaks.
func (t *tally) learn(office *tally, days float64) *lesson {
	l := &lesson{}
	oc, ob, ow, os := sum(office.calls[:]), sum(office.busy[:]), sum(office.waits[:]), sum(office.waited[:])
	officeRate, officeMean := ratio(oc, ob, 1.0/300), ratio(os, ow, 900)
	qc, qb := sum(t.calls[:]), sum(t.busy[:])
	rate := (qc + priorCalls) / (qb + priorCalls/officeRate)
	l.mean = (sum(t.waited[:]) + priorWaits*officeMean) / (sum(t.waits[:]) + priorWaits)
	total := 0.0
	for i := range daySlots {
		c, b := around(t.calls[:], i), around(t.busy[:], i)
		l.rate[i] = (c + priorCalls) / (b + priorCalls/rate)
		w, n := around(t.waited[:], i), around(t.waits[:], i)
		l.wait[i] = (w + priorWaits*l.mean) / (n + priorWaits)
		total += t.arrivals[i] / max(days, 1)
		l.arrived[i] = total
	}
	return l
}

// around smooths over the neighbouring slots.
func around(x []float64, i int) float64 {
	s := x[i]
	if i > 0 {
		s += x[i-1] / 2
	}
	if i+1 < len(x) {
		s += x[i+1] / 2
	}
	return s
}

func sum(x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s += v
	}
	return s
}

func ratio(a, b, otherwise float64) float64 {
	if a <= 0 || b <= 0 {
		return otherwise
	}
	return a / b
}

// drain is how many seconds from t on the past's rates need for n calls.
func (l *lesson) drain(t, n float64) float64 {
	start := t
	for i := slotOf(t); ; i++ {
		end := float64(i+1) * slotSeconds
		if i >= daySlots-1 || n <= (end-t)*l.rate[i] {
			return t + n/l.rate[min(i, daySlots-1)] - start
		}
		n -= (end - t) * l.rate[i]
		t = end
	}
}

// expected is how many calls the past's rates make between two moments.
func (l *lesson) expected(from, to float64) float64 {
	n := 0.0
	for from < to {
		i := slotOf(from)
		end := min(to, float64(i+1)*slotSeconds)
		if i == daySlots-1 {
			end = to
		}
		n += (end - from) * l.rate[i]
		from = end
	}
	return n
}

// past is what a set of whole days teaches, with each day's own part, so that a day of the set can be seen with the
// eyes of the others.
type past struct {
	queues []QueueID // in the order in which they first appeared
	days   []map[QueueID]*tally
	sum    map[QueueID]*tally
	office tally
	ends   bool // some service has an end
}

func newPast(days []HistoryDay) *past {
	p := &past{sum: map[QueueID]*tally{}}
	for i := range days {
		own := tallyDay(&days[i])
		p.days = append(p.days, own)
		for _, r := range days[i].Records {
			p.ends = p.ends || r.Called() && !math.IsNaN(r.End)
			if p.sum[r.Queue] == nil {
				p.sum[r.Queue] = &tally{}
				p.queues = append(p.queues, r.Queue)
			}
		}
		for _, q := range p.queues {
			if t := own[q]; t != nil {
				p.sum[q].add(t, 1)
				p.office.add(t, 1)
			}
		}
	}
	return p
}

// lessons are what the past teaches without the day of that index; -1 leaves none out.
func (p *past) lessons(without int) (map[QueueID]*lesson, *lesson) {
	office, days := p.office, float64(len(p.days))
	var own map[QueueID]*tally
	if without >= 0 && len(p.days) > 1 {
		own = p.days[without]
		days--
		for _, q := range p.queues {
			if t := own[q]; t != nil {
				office.add(t, -1)
			}
		}
	}
	out := map[QueueID]*lesson{}
	for _, q := range p.queues {
		t := *p.sum[q]
		if o := own[q]; o != nil {
			t.add(o, -1)
		}
		out[q] = t.learn(&office, days)
	}
	none := &tally{}
	return out, none.learn(&office, days)
}

// quantile is the weightless q-quantile of a sorted list, between the neighbours; NaN of an empty one.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	at := q * float64(len(sorted)-1)
	i := min(int(at), len(sorted)-1)
	j := min(i+1, len(sorted)-1)
	return sorted[i] + (at-float64(i))*(sorted[j]-sorted[i])
}

func sortedCopy(x []float64) []float64 {
	y := slices.Clone(x)
	slices.Sort(y)
	return y
}
