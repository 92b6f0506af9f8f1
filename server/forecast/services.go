package forecast

import (
	"math"
	"slices"

	"yitang/server/hall"
)

// services says how long windows are taken by people: log-normal by matter and clerk. A rare matter is drawn to its
// field, the field to the hall's usual, and that to the catalogue's minutes; a new clerk to the others.
type services struct {
	usual   float64 // logarithm of the factor on the catalogue's minutes
	fields  map[hall.FieldID]float64
	matters map[hall.MatterCode]float64
	clerks  map[hall.Actor]float64
	cv2     map[hall.MatterCode]float64
	allCV2  float64
	planned map[hall.MatterCode]float64 // logarithm of the catalogue's milliseconds
	fieldOf map[hall.MatterCode]hall.FieldID
	leaves  float64           // waiting people who give their ticket up, a millisecond
	noShow  [waitBins]float64 // share of calls that nobody answers, by how long that one has waited
	absent  law               // how long such a call takes the window
	pause   float64           // between two people at a window while others wait, milliseconds
	answers answers
}

// How many observations of the wider group stand behind each.
const (
	priorUsual      = 10.0
	priorField      = 8.0
	priorMatter     = 8.0
	priorClerk      = 15.0
	priorSpread     = 30.0
	priorToday      = 80.0 // services, and tickets told right
	priorNoShows    = 50.0
	priorExposureMS = 10 * 3600 * 1000.0 // of waiting in which nobody leaves
	usualNoShow     = 0.03
	usualCV2        = 1.0
	usualMin        = 10 // minutes, of a matter without a planned time
	minuteMS        = 60_000.0
)

// timed is one service of one matter.
type timed struct {
	matter hall.MatterCode
	field  hall.FieldID
	clerk  hall.Actor
	y      float64 // logarithm of milliseconds over the planned ones
}

// maxServiceMS bounds what counts as a service: a ticket forgotten over night is none.
const maxServiceMS = 4 * 3600 * 1000

func learnServices(l *hall.Layout, past []hall.PastService, today hall.Day, now hall.Millis) *services {
	s := &services{fields: map[hall.FieldID]float64{}, matters: map[hall.MatterCode]float64{}, clerks: map[hall.Actor]float64{},
		cv2: map[hall.MatterCode]float64{}, planned: map[hall.MatterCode]float64{}, fieldOf: map[hall.MatterCode]hall.FieldID{}}
	for i := range l.Matters {
		m := &l.Matters[i]
		s.planned[m.Code] = math.Log(float64(max(m.ServiceMin, 1)) * minuteMS)
		if m.ServiceMin == 0 {
			s.planned[m.Code] = math.Log(usualMin * minuteMS)
		}
		s.fieldOf[m.Code] = m.Field
	}
	s.fit(s.observed(past))
	s.keepUp(past, today, now)
	s.learnAbsent(past)
	s.learnPauses(past)
	return s
}

// observed are the services of a single matter that ended.
func (s *services) observed(past []hall.PastService) []timed {
	var list []timed
	for i := range past {
		p := &past[i]
		took := float64(p.EndedAt - p.CalledAt)
		if p.Leg == 0 || p.NoShow || p.EndedAt == 0 || len(p.Matters) != 1 || took <= 0 || took > maxServiceMS {
			continue
		}
		m := p.Matters[0]
		plan, known := s.planned[m]
		if !known {
			continue
		}
		list = append(list, timed{m, s.fieldOf[m], p.Clerk, math.Log(took) - plan})
	}
	return list
}

// fit finds the effects by going round a few times, each drawn to nothing by its prior, then matches mean and spread.
func (s *services) fit(list []timed) {
	for range 4 {
		s.usual = one(list, priorUsual, func(t *timed) float64 { return t.y - s.fields[t.field] - s.matters[t.matter] - s.clerks[t.clerk] })
		s.fields = effects(list, priorField, func(t *timed) hall.FieldID { return t.field },
			func(t *timed) float64 { return t.y - s.usual - s.matters[t.matter] - s.clerks[t.clerk] })
		s.matters = effects(list, priorMatter, func(t *timed) hall.MatterCode { return t.matter },
			func(t *timed) float64 { return t.y - s.usual - s.fields[t.field] - s.clerks[t.clerk] })
		s.clerks = effects(list, priorClerk, func(t *timed) hall.Actor { return t.clerk },
			func(t *timed) float64 { return t.y - s.usual - s.fields[t.field] - s.matters[t.matter] })
	}
	s.spread(list)
}

func one(list []timed, prior float64, rest func(*timed) float64) float64 {
	sum := 0.0
	for i := range list {
		sum += rest(&list[i])
	}
	return sum / (float64(len(list)) + prior)
}

func effects[K comparable](list []timed, prior float64, key func(*timed) K, rest func(*timed) float64) map[K]float64 {
	sums, n := map[K]float64{}, map[K]float64{}
	for i := range list {
		k := key(&list[i])
		sums[k] += rest(&list[i])
		n[k]++
	}
	for k := range sums {
		sums[k] /= n[k] + prior
	}
	return sums
}

// spread matches the mean and the variance of the times over their fits, not of their logarithms: a wait is a sum of
// times, and times that are no log-normal would bend it otherwise. Usual becomes the logarithm of the mean.
func (s *services) spread(list []timed) {
	ratio := func(t *timed) float64 {
		return math.Exp(min(t.y-s.usual-s.fields[t.field]-s.matters[t.matter]-s.clerks[t.clerk], 4))
	}
	sum, squares, n := priorSpread*math.Exp(math.Log1p(usualCV2)/2), 0.0, priorSpread
	for i := range list {
		sum += ratio(&list[i])
		n++
	}
	mean := sum / n
	byMatter, count := map[hall.MatterCode]float64{}, map[hall.MatterCode]float64{}
	for i := range list {
		d := ratio(&list[i])/mean - 1
		squares += d * d
		byMatter[list[i].matter] += d * d
		count[list[i].matter]++
	}
	s.allCV2 = (squares + priorSpread*usualCV2) / (n)
	for m, v := range byMatter {
		s.cv2[m] = (v + priorSpread*s.allCV2) / (count[m] + priorSpread)
	}
	s.usual += math.Log(mean)
}

// keepUp draws the times to today's: how long windows have been taken today, by how long the people they are done with take
// usually. Those in hand count by what they have taken so far, so that the short ones, done first, do not rule a morning.
func (s *services) keepUp(past []hall.PastService, today hall.Day, now hall.Millis) {
	took, usual := priorToday, priorToday
	for i := range past {
		p := &past[i]
		if p.Day != today || p.Leg == 0 || p.NoShow || len(p.Matters) != 1 {
			continue
		}
		until, done := p.EndedAt, 1.0
		if until == 0 {
			until, done = now, 0
		}
		if t := float64(until - p.CalledAt); t > 0 && t < maxServiceMS {
			took += t / s.single(p.Matters[0], p.Clerk).mean()
			usual += done
		}
	}
	s.usual += math.Log(min(took/usual, maxFactor))
}

// waitBins part waits, at 10 and 30 minutes, for the share of calls that nobody answers.
const waitBins = 3

func waitBin(ms float64) int {
	switch {
	case ms < 10*minuteMS:
		return 0
	case ms < 30*minuteMS:
		return 1
	}
	return 2
}

// learnAbsent learns who is not there any more. Some say so: they leave at a rate that does not depend on how long they have
// waited. Others do not answer their call, the more of them the longer it took.
func (s *services) learnAbsent(past []hall.PastService) {
	calls, missed, sum := priorNoShows, priorNoShows*usualNoShow, priorNoShows*usualNoShow*minuteMS
	left, waited := 0.0, priorExposureMS
	var byWait [waitBins]struct{ calls, missed float64 }
	for i := range past {
		p := &past[i]
		if p.LeftAt > p.IssuedAt {
			left++
			waited += float64(p.LeftAt - p.IssuedAt)
		}
		if p.Leg == 0 || p.EndedAt == 0 {
			continue
		}
		b := &byWait[waitBin(float64(p.CalledAt-p.IssuedAt))]
		calls++
		b.calls++
		if p.Leg == 1 {
			waited += float64(p.CalledAt - p.IssuedAt)
		}
		if p.NoShow {
			missed++
			b.missed++
			sum += float64(min(p.EndedAt-p.CalledAt, 30*60*1000))
		}
	}
	s.leaves, s.absent = left/waited, lawOf(sum/missed, 0.5)
	for i, b := range byWait {
		s.noShow[i] = (b.missed + priorNoShows*missed/calls) / (b.calls + priorNoShows)
	}
}

// missing is the chance that somebody has left in so many milliseconds of waiting, and that one who has waited for so long in
// all does not answer the call.
func (s *services) missing(from, waited float64) (gone, absent float64) {
	if s.leaves > 0 {
		gone = -math.Expm1(-s.leaves * max(from, 0))
	}
	return gone, s.noShow[waitBin(waited)]
}

// learnPauses learns two times from the calls of each window: the mean from the end of a service to the next call where
// the next one had been waiting, and how soon a window that was free answers somebody who comes. Longer ones are breaks and
// show in the windows' own times.
func (s *services) learnPauses(past []hall.PastService) {
	last := map[hall.WindowID]*hall.PastService{}
	sum, n := 0.0, 5.0
	seen := usualAnswers()
	for _, p := range byCall(past) {
		if before := last[p.Window]; before != nil && before.EndedAt != 0 && before.Day == p.Day && p.CalledAt >= before.EndedAt {
			gap := float64(p.CalledAt - max(before.EndedAt, p.IssuedAt))
			switch {
			case gap >= longestAnswer:
			case p.IssuedAt < before.EndedAt:
				sum += gap
				n++
			case p.Leg == 1:
				seen = append(seen, gap)
			}
		}
		last[p.Window] = p
	}
	s.pause = sum / n
	s.answers.learn(seen)
}

// answers is how soon free windows answer in milliseconds, at the middles of equal shares of the times seen.
type answers [128]float64

// usualAnswers stand behind what a hall has seen of its own, in milliseconds.
func usualAnswers() []float64 { return []float64{5_000, 10_000, 20_000, 30_000, 60_000} }

// learn keeps the times in order. It sorts the list.
func (a *answers) learn(seen []float64) {
	slices.Sort(seen)
	for i := range a {
		a[i] = quantile(seen, (float64(i)+0.5)/float64(len(a)))
	}
}

// draw is how much longer it takes to answer somebody who has stood before a free window for so long.
func (a *answers) draw(d *dice, elapsed float64) float64 {
	from := 0
	if elapsed > 0 {
		if from, _ = slices.BinarySearch(a[:], elapsed); from == len(a) {
			return elapsed * d.float() // slower than any known
		}
	}
	return a[from+int(d.float()*float64(len(a)-from))] - max(elapsed, 0)
}

// of is the time that a ticket takes a window: of all its matters together.
func (s *services) of(matters []hall.MatterCode, clerk hall.Actor) law {
	if len(matters) == 1 {
		return s.single(matters[0], clerk)
	}
	mean, variance := 0.0, 0.0
	for _, m := range matters {
		l := s.single(m, clerk)
		mean += l.mean()
		variance += l.mean() * l.mean() * l.cv2()
	}
	if mean == 0 {
		return lawOf(usualMin*minuteMS*math.Exp(s.usual), s.allCV2)
	}
	return lawOf(mean, variance/(mean*mean))
}

func (s *services) single(m hall.MatterCode, clerk hall.Actor) law {
	plan, known := s.planned[m]
	if !known {
		plan = math.Log(usualMin * minuteMS)
	}
	cv2, known := s.cv2[m]
	if !known {
		cv2 = s.allCV2
	}
	return lawOf(math.Exp(plan+s.usual+s.fields[s.fieldOf[m]]+s.matters[m]+s.clerks[clerk]), cv2)
}
