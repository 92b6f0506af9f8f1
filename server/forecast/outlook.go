package forecast

import (
	"cmp"
	"math"
	"slices"

	"yitang/server/hall"
)

// Bounds of what is told.
const (
	Paths      = 200 // courses of the rest of the day; fewer where more than manyWaits are told by one processor, see courses
	manyWaits  = 500
	EnoughPast = 200 // past tickets; with fewer only the number ahead is told
	PastDays   = 20  // working days that are learnt from
)

// Hall is what a hall's past says about its waits. It never changes.
type Hall struct {
	layout   *hall.Layout
	matters  map[hall.MatterCode]*hall.Matter
	services *services
	demand   *demand
	rosters  rosters
	stays    float64
	lingered lingered
	offsets  [3]*offsets
	known    int // past tickets that were called
	today    hall.Day
	offset   hall.Millis
	grid     *grid
}

// Learn learns from the last working days, today's tickets included. Offset is the hall's zone: local time − UTC.
func Learn(l *hall.Layout, past []hall.PastService, spells []hall.PastSpell, now hall.Millis, today hall.Day, offset hall.Millis) *Hall {
	h := &Hall{layout: l, matters: map[hall.MatterCode]*hall.Matter{}, today: today, offset: offset, grid: newGrid()}
	for i := range l.Matters {
		h.matters[l.Matters[i].Code] = &l.Matters[i]
	}
	h.services = learnServices(l, past, today, now)
	ends := endsOf(spells, offset)
	h.demand = learnDemand(past, h.matters, h.services, ends, today, now, offset)
	h.rosters = learnRosters(l, spells, ends, dayClock(now, offset), offset)
	h.stays = staying(l, past, offset)
	h.lingered = lingeredToday(past, h.matters, today)
	for i := range past {
		if past[i].Leg == 1 {
			h.known++
		}
	}
	h.learnOffsets(past, now)
	return h
}

// learnOffsets corrects by whole past days; while they are too few, by today so far. Many that were told right stand behind
// either: what a hall's first days lacked is not what the next one lacks.
func (h *Hall) learnOffsets(past []hall.PastService, now hall.Millis) {
	var before, today [3][]checked
	for i := range past {
		switch p := &past[i]; {
		case p.Leg > 1:
		case p.Day == h.today:
			h.check(&today, p, now)
		default:
			h.check(&before, p, now)
		}
	}
	for q, tau := range levels() {
		if len(before[q]) >= EnoughPast {
			h.offsets[q] = newOffsets(before[q], tau, priorChecks, hallPriors())
		} else {
			h.offsets[q] = newOffsets(today[q], tau, priorToday, hallPriors())
		}
	}
}

// shortMS keeps waits of seconds from ruling the correction.
const shortMS = 30_000.0

// maxFactor bounds the correction: what is off by more is no matter of calibration.
const maxFactor = 3.0

// weightHalf is how soon a ticket of today counts half as much, from its issue and whatever became of it: from its call,
// long waits would count for more.
const weightHalf = 60 * minuteMS

// check compares what a ticket was told, before its correction, with what became of it. Who waits still today has waited so
// long.
func (h *Hall) check(checks *[3][]checked, p *hall.PastService, now hall.Millis) {
	if p.Told == nil || p.Told.Raw50S == 0 || p.LeftAt != 0 {
		return // where a window was free nothing is corrected
	}
	c := checked{classes: classesOf(QueueID(p.Field), float64(p.IssuedAt-dayClock(p.IssuedAt, h.offset).midnight)/1000), weight: 1}
	until := p.CalledAt
	if p.Day == h.today {
		if until == 0 {
			c.open, until = true, now
		}
		c.weight = math.Exp2(-float64(now-p.IssuedAt) / weightHalf)
	}
	if until <= p.IssuedAt {
		return
	}
	wait, breaks := until-p.IssuedAt, gaps(h.layout.Hours, dayClock(p.IssuedAt, h.offset), p.IssuedAt)
	for q, s := range [3]int{p.Told.Raw50S, p.Told.Raw80S, p.Told.Raw90S} {
		raw := hall.Millis(s) * 1000
		idle := across(breaks, p.IssuedAt, min(raw, wait))
		c.ratio = math.Log(float64(wait-idle)+shortMS) - math.Log(float64(raw-idle)+shortMS)
		checks[q] = append(checks[q], c)
	}
}

// Knows says whether enough is known to tell anybody anything.
func (h *Hall) Knows() bool { return h.known >= EnoughPast }

// Layout is the layout that it was learnt for.
func (h *Hall) Layout() *hall.Layout { return h.layout }

// Wait is the rest of a wait from the outlook's moment: as told, and as the paths had it.
type Wait struct{ Told, Raw Quantiles } // seconds

// Outlook is how long everybody waits from a moment on. It never changes.
type Outlook struct {
	At      hall.Millis
	Seq     uint64
	Tickets map[hall.TicketID]Wait
	Coming  map[Kind]Wait // who would come at that moment; nobody once no numbers are given any more
	heads   map[laneKey]hall.Millis
}

// laneKey is a field's class, whose head bounds what is told.
type laneKey struct {
	field hall.FieldID
	class hall.ClassNo
}

// courses is how many paths tell n waits, so that a look at 1,000 stays under 50 ms. In a long line the chances of single
// services cancel out, so that the share of paths above a quantile matters little (one in thirty of the told level by 100
// paths, one in fifty by 200), while a path takes as long as the line.
func courses(n, processors int) int {
	return max(Paths/2, min(Paths, Paths*manyWaits*processors/max(n, 1)))
}

// Look runs the hall forward from a view: nil where too little is known or nothing is open. Seed chooses the paths.
func (h *Hall) Look(v *hall.View, now hall.Millis, seed uint64) *Outlook {
	if !h.Knows() || !v.Open || v.Layout != h.layout {
		return nil
	}
	s, tickets, kinds := h.scene(v, now)
	n := len(tickets) + len(kinds)
	of := courses(n, workers())
	runs := make([]int32, of*n) // waits from now on in milliseconds, path by path
	s.paths(of, func(p *path, i int) { keepWaits(runs[i*n:(i+1)*n], p.run(seed*1_000_003+uint64(i), i), now) })
	o := &Outlook{At: now, Seq: v.Seq, Tickets: make(map[hall.TicketID]Wait, len(tickets)), Coming: map[Kind]Wait{}, heads: headsOf(v)}
	waits, fine := make([]Wait, n), make([]bool, n)
	column := make([]int32, of)
	for i := range waits {
		field := hall.FieldID("")
		if i < len(tickets) {
			field = tickets[i].Field
		} else {
			field = kinds[i-len(tickets)].Field
		}
		for k := range column {
			column[k] = runs[k*n+i]
		}
		waits[i].Raw, fine[i] = quantilesOf(column)
		waits[i].Told = h.correct(waits[i].Raw, field, s, now)
	}
	for i, t := range tickets {
		if fine[i] {
			o.Tickets[t.ID] = waits[i]
		}
	}
	takes := v.Until == 0 || now < v.Until
	for i, k := range kinds {
		if takes && fine[len(tickets)+i] {
			o.Coming[k.Kind] = waits[len(tickets)+i]
		}
	}
	return o
}

// neverMS stands for never among waits.
const neverMS = math.MaxInt32

// keepWaits turns the times of calls into waits.
func keepWaits(waits []int32, called []hall.Millis, now hall.Millis) {
	for i, at := range called {
		waits[i] = neverMS
		if at != never {
			waits[i] = int32(at - now) // within the horizon
		}
	}
}

// quantilesOf reads one person's waits in all paths, in seconds. It is not fine when the 90 % lies beyond the horizon. It
// reorders the list.
func quantilesOf(waits []int32) (q Quantiles, fine bool) {
	done := 0 // so many of the smallest are in front
	for l, tau := range levels() {
		k := min(int(math.Ceil(float64(len(waits)+1)*tau)), len(waits)) - 1
		toPlace(waits[done:], k-done)
		if waits[k] == neverMS {
			return q, false
		}
		q[l], done = float64(waits[k])/1000, k+1
	}
	return q, true
}

// toPlace puts the k-th smallest in its place, none larger before it, none smaller behind (Hoare's FIND, 1961).
func toPlace(x []int32, k int) {
	for lo, hi := 0, len(x)-1; lo < hi; {
		pivot, i, j := x[(lo+hi)/2], lo, hi
		for i <= j {
			for x[i] < pivot {
				i++
			}
			for x[j] > pivot {
				j--
			}
			if i <= j {
				x[i], x[j] = x[j], x[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case k <= j:
			hi = j
		case k >= i:
			lo = i
		default:
			return
		}
	}
}

// correct applies the offsets of field and hour; the quantiles never fall.
func (h *Hall) correct(raw Quantiles, f hall.FieldID, s *scene, from hall.Millis) Quantiles {
	var out Quantiles
	for q := range raw {
		const short = shortMS / 1000
		factor := min(max(h.offsets[q].of(classesOf(QueueID(f), float64(from-s.clock.midnight)/1000)), 1/maxFactor), maxFactor)
		idle := float64(across(s.breaks, from, round(raw[q]*1000))) / 1000
		out[q] = max((raw[q]-idle+short)*factor-short, 0) + idle
		if raw[q] == 0 { // a window is free and answers at once
			out[q] = 0
		}
		if q > 0 {
			out[q] = max(out[q], out[q-1]) // #nosec G602 -- q is not 0 here
		}
	}
	return out
}

// scene sets the paths up: everybody who waits, in order, then a guest of each kind.
func (h *Hall) scene(v *hall.View, now hall.Millis) (*scene, []*hall.Ticket, []asked) {
	s := &scene{floor: v.Layout.Floor(), now: now, clock: dayClock(now, h.offset), services: h.services, grid: h.grid}
	open := h.post(s, v, now)
	tickets := waitingOf(v)
	for i, t := range tickets {
		since := t.Place
		if since == 0 {
			since = hall.First
		}
		s.floor.Add(v.Layout.Wants(s.floor, h.matters, t), t.Priority.Class(), hall.Stand{Since: since, Order: uint64(i)})
		s.laws = append(s.laws, h.services.of(t.Remaining, ""))
		s.errandOf = append(s.errandOf, h.errand(s, v.Layout, t))
	}
	h.leaveAlone(s, v.Layout, tickets)
	kinds := h.kinds()
	for _, k := range kinds {
		if wants := skills(s.floor, v.Layout, k.wants); len(wants) > 0 {
			order := uint64(len(s.laws) + s.guests)
			s.floor.Add(s.floor.Need(wants, hall.AnyPost), k.Class, hall.Stand{Since: now, Order: order})
		}
		s.guests++
	}
	h.come(s, v, now)
	s.picky = s.floor.Terms.Bonuses || len(s.trips) > 0 || slices.ContainsFunc(s.needs, func(n *hall.Need) bool { return len(n.Skills) > 1 })
	s.breaks, s.stays = gaps(v.Layout.Hours, s.clock, now), h.stays
	back := comebacks(v, s.breaks, now)
	for _, b := range back {
		if b.told {
			open = append(open, b.post)
		}
	}
	for d := range h.rosters {
		s.shifts = append(s.shifts, h.rosters.rest(d, s, open, back))
	}
	if len(h.rosters) == 0 {
		s.shifts = [][]shift{byHours(s, open, back)}
	}
	return s, tickets, kinds
}

// post sets the windows as they are.
func (h *Hall) post(s *scene, v *hall.View, now hall.Millis) (open []hall.PostNo) {
	s.clerks = make([]float64, len(v.Windows))
	for i := range v.Windows {
		w, no := &v.Windows[i], hall.PostNo(i)
		s.clerks[i] = h.services.clerks[w.Clerk]
		switch {
		case w.Ticket != nil:
			s.floor.Set(no, hall.PostBusy, w.Since)
			t := w.Ticket
			takes, errand := h.services.of(t.Remaining, w.Clerk), h.errand(s, v.Layout, t)
			if errand != noErrand {
				takes = s.begun(errand, no, s.clerks[i])
			}
			s.busy = append(s.busy, occupied{no, takes.rest(float64(now - t.CalledAt)), errand})
		case w.State == hall.Open:
			s.floor.Set(no, hall.PostFree, w.Free)
		default:
			continue
		}
		open = append(open, no)
	}
	return open
}

// come sets up who may still come.
func (h *Hall) come(s *scene, v *hall.View, now hall.Millis) {
	s.streams = h.demand.streams
	pace := h.demand.paceOf(v.Totals.Issued, s.clock, now)
	for i := range s.streams {
		wants := skills(s.floor, v.Layout, s.streams[i].wants)
		s.needs = append(s.needs, s.floor.Need(wants, hall.AnyPost))
		s.coming = append(s.coming, errandOfStream(&s.streams[i], wants))
	}
	for slot := s.clock.slot(now); slot < 48; slot++ {
		total := 0.0
		s.sums[slot] = h.demand.rates(slot, pace)
		for i, r := range s.sums[slot] {
			if end := v.Until; end != 0 && s.clock.midnight+hall.Millis(slot)*halfHour >= end {
				r = 0
			}
			total += r
			s.sums[slot][i] = total
		}
	}
}

// waitingOf lists everybody who waits by issue, so that the order breaks ties as the hall does.
func waitingOf(v *hall.View) []*hall.Ticket {
	var list []*hall.Ticket
	for i := range v.Queues {
		list = append(list, v.Queues[i].Waiting...)
	}
	for _, q := range v.AtWindow {
		list = append(list, q...)
	}
	slices.SortFunc(list, func(a, b *hall.Ticket) int { return cmp.Compare(a.Order, b.Order) })
	return list
}

// headsOf is the issue of who has waited longest, by field and class.
func headsOf(v *hall.View) map[laneKey]hall.Millis {
	out := map[laneKey]hall.Millis{}
	for i := range v.Queues {
		for _, t := range v.Queues[i].Waiting {
			k := laneKey{t.Field, t.Priority.Class()}
			if at, known := out[k]; !known || t.IssuedAt < at {
				out[k] = t.IssuedAt
			}
		}
	}
	return out
}
