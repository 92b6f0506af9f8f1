package forecast

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"yitang/server/hall"
)

// demand says who may still come: a Poisson stream for each kind of people, at a rate of its own every half hour.
type demand struct {
	streams []stream
	days    [48]float64 // that are known, by half hour
	whole   bool        // known from whole past days
}

// stream is people of one kind. Rates are by half hours of the business day, people in a millisecond.
type stream struct {
	field hall.FieldID
	class hall.ClassNo
	kind  Kind
	wants []Want
	count [48]float64 // over all days
	law   law
}

const halfHour = 30 * 60 * 1000

// clock is how a hall's day maps to half hours: milliseconds since 1970 of the business day's midnight.
type clock struct{ midnight hall.Millis }

func (c clock) slot(at hall.Millis) int {
	return int(min(max((at-c.midnight)/halfHour, 0), 47))
}

// dayClock finds the midnight that a day's first ticket belongs to by the hall's offset from UTC.
func dayClock(at hall.Millis, offset hall.Millis) clock {
	const day = 24 * 3600 * 1000
	return clock{(at+offset)/day*day - offset}
}

// Bounds of the streams of people who want several skills at once.
const (
	leastTogether = 5  // past tickets; rarer ones count as of their first matter's field
	mostTogether  = 16 // kinds, the commonest first
)

func learnDemand(past []hall.PastService, matters map[hall.MatterCode]*hall.Matter, s *services, ends dayEnds, today hall.Day, now, offset hall.Millis) *demand {
	d := &demand{whole: slices.ContainsFunc(past, func(p hall.PastService) bool { return p.Day != today })}
	at := map[Kind]int{}
	days := map[hall.Millis]bool{} // by midnight
	means, n := []float64{}, []float64{}
	together := commonTogether(past, matters)
	for i := range past {
		p := &past[i]
		if p.Leg > 1 || p.Day == today && d.whole || len(p.Matters) == 0 || matters[p.Matters[0]] == nil {
			continue
		}
		c := dayClock(p.IssuedAt, offset)
		slot := c.slot(p.IssuedAt)
		days[c.midnight] = true
		if !ends.knows(c, slot) {
			continue
		}
		wants := wantsOf(p.Matters, p.Deliver, matters)
		k := KindOf(wants, p.Priority.Class())
		if !together[k] {
			wants = wants[:1]
			k = KindOf(wants, k.Class)
		}
		j, known := at[k]
		if !known {
			j = len(d.streams)
			at[k] = j
			d.streams = append(d.streams, stream{field: k.Field, class: k.Class, kind: k, wants: wants})
			means, n = append(means, 0), append(n, 0)
		}
		d.streams[j].count[slot]++
		means[j] += s.of(p.Matters, "").mean()
		n[j]++
	}
	for midnight := range days {
		for slot := range d.days {
			if ends.knows(clock{midnight}, slot) {
				d.days[slot]++
			}
		}
	}
	for j := range d.streams {
		d.streams[j].law = lawOf(means[j]/n[j], s.allCV2)
	}
	if !d.whole && len(past) > 0 {
		d.goOn(dayClock(now, offset), past[0].IssuedAt, now)
	}
	return d
}

// goOn lets people come as they have come since the day's first ticket, where no whole day is known.
func (d *demand) goOn(c clock, first, now hall.Millis) {
	slots := max(float64(now-first)/halfHour, 1)
	for i := range d.streams {
		count := &d.streams[i].count
		mean := sum(count[:]) / slots
		for k := c.slot(now); k < len(count); k++ {
			count[k] = mean
		}
	}
}

// commonTogether are the kinds of people who want several skills that have a stream of their own.
func commonTogether(past []hall.PastService, matters map[hall.MatterCode]*hall.Matter) map[Kind]bool {
	count := map[Kind]int{}
	for i := range past {
		if p := &past[i]; p.Leg <= 1 && len(p.Matters) > 1 && matters[p.Matters[0]] != nil {
			if k := KindOf(wantsOf(p.Matters, p.Deliver, matters), p.Priority.Class()); k.Also != "" {
				count[k]++
			}
		}
	}
	kinds := slices.SortedFunc(maps.Keys(count), func(a, b Kind) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a.Field, b.Field), cmp.Compare(a.Act, b.Act), cmp.Compare(a.Class, b.Class), cmp.Compare(a.Also, b.Also))
	})
	out := map[Kind]bool{}
	for _, k := range kinds[:min(len(kinds), mostTogether)] {
		out[k] = count[k] >= leastTogether
	}
	return out
}

func wantsOf(codes []hall.MatterCode, deliver bool, matters map[hall.MatterCode]*hall.Matter) []Want {
	var wants []Want
	for _, code := range codes {
		if m := matters[code]; m != nil {
			wants = append(wants, Want{m.Field, m.Act(deliver)})
		}
	}
	return wants
}

// rates are the streams' people in a millisecond in a half hour, smoothed with the neighbours, times today's pace.
func (d *demand) rates(slot int, pace float64) []float64 {
	out := make([]float64, len(d.streams))
	days := smooth(&d.days, slot)
	if days == 0 {
		return out
	}
	for i := range d.streams {
		out[i] = smooth(&d.streams[i].count, slot) / days / halfHour * pace
	}
	return out
}

// smooth is twice a half hour's own and its neighbours'.
func smooth(x *[48]float64, slot int) float64 {
	sum := 2 * x[slot]
	if slot > 0 {
		sum += x[slot-1]
	}
	if slot < len(x)-1 {
		sum += x[slot+1]
	}
	return sum
}

// expected is how many people an average day has seen by a moment.
func (d *demand) expected(c clock, at hall.Millis) float64 {
	sum := 0.0
	last := c.slot(at)
	for s := range last + 1 {
		part := 1.0
		if s == last {
			part = float64(at-c.midnight-hall.Millis(last)*halfHour) / halfHour
		}
		for i := range d.streams {
			sum += part * d.streams[i].count[s] / max(d.days[s], 1)
		}
	}
	return sum
}

// paceOf is how busy today is by an average day, drawn to 1 by some people.
func (d *demand) paceOf(issued int, c clock, at hall.Millis) float64 {
	const prior = 30
	return min(max((float64(issued)+prior)/(d.expected(c, at)+prior), 0.3), 3)
}

// shift opens or closes a window at a time.
type shift struct {
	at   hall.Millis
	post hall.PostNo
	open bool
}

// rosters are what windows did on past days, by day: the openings and closings in order, in milliseconds after midnight.
type rosters [][]shift

// learnRosters leaves out the days that ended early: their windows closed for that, not as they do on a day.
func learnRosters(l *hall.Layout, spells []hall.PastSpell, ends dayEnds, today clock, offset hall.Millis) rosters {
	posts := map[hall.WindowID]hall.PostNo{}
	for i := range l.Windows {
		posts[l.Windows[i].ID] = hall.PostNo(i)
	}
	days := map[hall.Millis][]shift{}
	for _, s := range spells {
		post, known := posts[s.Window]
		midnight := dayClock(s.Since, offset).midnight
		if !known || midnight >= today.midnight || s.Until == 0 || ends.early(l.Hours, clock{midnight}) {
			continue
		}
		days[midnight] = append(days[midnight], shift{s.Since - midnight, post, true}, shift{s.Until - midnight, post, false})
	}
	var order []hall.Millis
	for m := range days {
		order = append(order, m)
	}
	slices.Sort(order)
	var out rosters
	for _, m := range order {
		list := days[m]
		slices.SortFunc(list, func(a, b shift) int {
			return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.post, b.post), cmp.Compare(btoi(a.open), btoi(b.open)))
		})
		out = append(out, list)
	}
	return out
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// byCall are the legs in the order of their calls.
func byCall(past []hall.PastService) []*hall.PastService {
	var out []*hall.PastService
	for i := range past {
		if past[i].Leg > 0 {
			out = append(out, &past[i])
		}
	}
	slices.SortStableFunc(out, func(a, b *hall.PastService) int { return cmp.Compare(a.CalledAt, b.CalledAt) })
	return out
}

func round(x float64) hall.Millis { return hall.Millis(math.Floor(x + 0.5)) }
