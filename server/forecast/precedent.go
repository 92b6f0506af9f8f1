package forecast

import (
	"cmp"
	"math"
	"slices"
)

// Forecasts by what followed moments that were alike. For a ticket with so many ahead: how long the past's queues took, from
// the moments most like this one, until so many calls had been made. Time runs in calls that the past's rates expect while
// somebody waits, so that a morning speaks for an afternoon and one queue for another.

const (
	likeness      = 200  // precedents that speak for a moment
	maxPrecedents = 8000 // that are looked through; of more, every second, third … one
	minTook       = 0.02 // expected calls: the shortest that a call takes
)

// state is where a queue is at a moment, so that two may be compared: the square of the distance says how unlike they are.
type state [9]float64

// stateOf weighs what counts, by the usual rate of calls: pace, how long the line stands still, its length, drifts of the waits,
// the hour, intervals of the last 8 and 3 calls, how long the head has waited. What is not known is as usual.
func stateOf(rate, pace, still, n, drift, officeDrift, at, eight, three, head float64) state {
	s := state{1.5 * math.Log(pace), math.Log1p(still * rate), 0.7 * math.Log(n), drift, 0.7 * officeDrift, 0.25 * at / 3600,
		0.8 * math.Log(max(eight*rate, 0.05)), 0.4 * math.Log(max(three*rate, 0.05)), 0.4 * math.Log(max(head, 30)*rate/n)}
	for i, v := range s {
		if math.IsNaN(v) {
			s[i] = 0
		}
	}
	return s
}

// stillClass is how many calls the rates expected since the last one while somebody waited: by halves of the logarithm of one and
// them, six and more in the last class.
func (s *state) stillClass() class { return class{number: min(int(2*s[1]), 4)} }

func (s *state) unlike(o *state) float64 {
	sum := 0.0
	for i, v := range s {
		sum += (v - o[i]) * (v - o[i])
	}
	return sum
}

// track is how the calls of a queue followed each other on a past day.
type track struct {
	lesson *lesson
	spells []spell
	calls  []float64 // seconds of the day of the calls that somebody had waited for
	clock  []float64 // and the clock's readings at them
}

// newTrack takes a queue's records in the order of issue.
func newTrack(list []Record, l *lesson) *track {
	t := &track{lesson: l, spells: spells(list)}
	for i := range list {
		if list[i].Wait() > 0 {
			t.calls = append(t.calls, list[i].Call)
		}
	}
	slices.Sort(t.calls)
	for _, at := range t.calls {
		t.clock = append(t.clock, t.read(at))
	}
	return t
}

// read is how many calls the lesson expects on the day until then.
func (t *track) read(at float64) float64 {
	sum := 0.0
	for _, s := range t.spells {
		if s.from >= at {
			break
		}
		sum += t.lesson.expected(s.from, min(s.to, at))
	}
	return sum
}

// precedent is a past moment with what followed it.
type precedent struct {
	state
	day   int // of the past
	track *track
	next  int     // of the track's calls
	read  float64 // of the track's clock
}

// precedentsOf are those of a past day's moments that waited, in their order.
func precedentsOf(list []moment, number int, day *HistoryDay, lessons map[QueueID]*lesson) []precedent {
	tracks := map[QueueID]*track{}
	for q, records := range byQueue(day) {
		tracks[q] = newTrack(records, lessons[q])
	}
	out := make([]precedent, len(list))
	for i := range list {
		t, at := tracks[list[i].queue], list[i].at
		next, _ := slices.BinarySearchFunc(t.calls, at, func(c, at float64) int { return cmp.Or(cmp.Compare(c, at), -1) })
		out[i] = precedent{list[i].state, number, t, next, t.read(at)}
	}
	return out
}

// took is how many calls were expected in the time that n calls took; where the day ends before, the rest came as expected.
func (p *precedent) took(n float64) float64 {
	want, last := p.next+int(n)-1, len(p.track.clock)-1
	return max(p.track.clock[min(want, last)]-p.read+float64(max(want-last, 0)), minTook)
}

// alike is what the precedents tell a moment, without those of a day. Where there are none it is the first guess.
func (m *moment) alike(past []precedent, without int) (out Quantiles) {
	far := make([]float64, len(past))
	pairs := make([]weighted, 0, len(past))
	for i := range past {
		far[i] = math.Inf(1)
		if past[i].day != without {
			far[i] = past[i].unlike(&m.state)
			pairs = append(pairs, weighted{far[i], 1})
		}
	}
	if len(pairs) == 0 {
		return Quantiles{m.scale, m.scale, m.scale}
	}
	edge := max(weightedQuantile(pairs, min(1, likeness/float64(len(pairs)))), 1e-6)
	pairs = pairs[:0]
	for i, d := range far {
		if d <= edge {
			pairs = append(pairs, weighted{past[i].took(m.ahead), math.Exp(-2 * d / edge)})
		}
	}
	for q, tau := range levels() {
		out[q] = max(m.lesson.drain(m.at, weightedQuantile(pairs, tau)), softener/4)
	}
	return out
}
