package forecast

import "math"

// What a ticket is told by, in the order of moment.x: tickets ahead; tickets ahead in order; last wait; mean of the
// last 3 waits; mean of the last 10 waits; head of the line has waited; first of the line has waited; since the last
// call; interval of 3 calls; interval of 8 calls; interval of 20 calls; ahead × interval of 8; ahead × wait for each
// ahead; calls in 15 min; calls in 45 min; arrivals in 15 min; arrivals in 60 min; windows; second of the day; since
// the first ticket; mean wait of the queue; mean wait of the queue at this hour; promise; promise × pace of the last
// hour; pace of the last hour; drift of the last 5 calls; drift of the hall's last 15 calls; waiting in the hall; share
// of the hall's waiting; calls in the hall in 15 min; calls in the hall in 60 min; arrivals in the hall in 15 min;
// arrivals today by the usual; last waits in the hall; in service; in service in the hall; mean of the last services;
// busy for; ahead for each window; usual rate; last wait by its promise. "Promise" is how long the past's call rates of
// these hours need for the tickets ahead.

// look is ticket i at its issue.
func (o *office) look(i int, l *line) moment {
	r := &o.day.Records[i]
	t := r.Issue
	ahead, inOrder := float64(len(l.waiting)), float64(l.inOrder())
	promise := l.lesson.drain(t, inOrder+1)
	o.ahead[i], o.promised[i] = inOrder, promise
	last := func(n int, of func(s *served) float64) float64 {
		return lastMean(n, len(l.calls), func(i int) float64 { return of(&l.calls[i]) })
	}
	wait := func(s *served) float64 { return s.wait }
	pace := o.pace(l, t)
	les, eight := last(1, wait), l.interval(t, 8)
	perAhead := last(5, func(s *served) float64 {
		if s.wait <= 0 {
			return math.NaN()
		}
		return s.perAhead
	})
	drift := last(5, func(s *served) float64 { return s.againstPa })
	officeDrift := lastMean(15, len(o.drift), func(i int) float64 { return o.drift[i] })
	x := []float64{
		ahead, inOrder, les, last(3, wait), last(10, wait),
		t - o.head(l), o.first(l, t), sinceLast(l, t), l.interval(t, 3),
		eight, l.interval(t, 20), (inOrder + 1) * eight, (inOrder + 1) * perAhead, l.callsSince(t - 900),
		l.callsSince(t - 2700), since(l.arrivals, t-900), since(l.arrivals, t-3600), r.Windows, t, o.sinceOpening(t),
		l.lesson.mean, l.lesson.wait[slotOf(t)], promise, promise / pace,
		pace, drift, officeDrift, float64(o.waiting),
		ahead / (float64(o.waiting) + 1), since(o.calls, t-900), since(o.calls, t-3600), since(o.arrivals, t-900),
		(float64(len(l.arrivals)) + 5) / (l.lesson.arrived[slotOf(t)] + 5), o.lastWaits(), float64(l.serving), float64(o.serving),
		lastMean(10, len(l.services), func(i int) float64 { return l.services[i] }),
		t - l.busyFrom, ahead / max(r.Windows, 1), l.lesson.rate[slotOf(t)], last(1, func(s *served) float64 { return s.againstPa }),
	}
	m := moment{queue: r.Queue, at: t, x: x, wait: r.Wait(), les: les, ql: promise, ahead: inOrder + 1, lesson: l.lesson}
	m.state = stateOf(l.lesson.rate[slotOf(t)], pace, l.still(t), inOrder+1, drift, officeDrift, t, eight, l.interval(t, 3), t-o.head(l))
	usual := l.lesson.wait[slotOf(t)]
	m.hints = hintsOf(usual, usual, promise, promise/pace, les, last(3, wait), t-o.head(l), (inOrder+1)*perAhead, (inOrder+1)*eight, 60*inOrder)
	return m
}

// pace is how fast the queue is called today by what the past's rates would have called while somebody waited, over
// the last hour, shrunk to 1.
func (o *office) pace(l *line, t float64) float64 {
	const hour, prior = 3600, 4.0
	from := t - hour
	if math.IsNaN(l.busyFrom) {
		return 1
	}
	from = max(from, l.busyFrom)
	return (l.callsSince(from) + prior) / (l.lesson.expected(from, t) + prior)
}

func (l *line) callsSince(from float64) float64 {
	n := 0
	for i := len(l.calls) - 1; i >= 0 && l.calls[i].at >= from; i-- {
		n++
	}
	return float64(n)
}

func sinceLast(l *line, t float64) float64 {
	if len(l.calls) == 0 {
		return math.NaN()
	}
	return t - l.calls[len(l.calls)-1].at
}

// still is how long somebody has waited without a call; 0 while nobody waits.
func (l *line) still(t float64) float64 {
	if math.IsNaN(l.busyFrom) {
		return 0
	}
	if n := len(l.calls); n > 0 {
		return t - max(l.busyFrom, l.calls[n-1].at)
	}
	return t - l.busyFrom
}

func (o *office) first(l *line, t float64) float64 {
	if len(l.waiting) == 0 {
		return 0
	}
	return t - o.day.Records[l.waiting[0]].Issue
}

func (o *office) sinceOpening(t float64) float64 {
	if len(o.arrivals) == 0 {
		return 0
	}
	return t - o.arrivals[0]
}

// lastWaits is the mean last wait over the queues that have called anybody.
func (o *office) lastWaits() float64 {
	s, n := 0.0, 0
	for _, l := range o.order {
		if k := len(l.calls); k > 0 {
			s += l.calls[k-1].wait
			n++
		}
	}
	if n == 0 {
		return math.NaN()
	}
	return s / float64(n)
}
