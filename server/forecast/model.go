package forecast

import (
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// levels are the quantiles that are told: median, 80 % and 90 %.
func levels() [3]float64 { return [3]float64{0.5, 0.8, 0.9} }

// Quantiles of a wait in seconds: median, 80 %, 90 %. They never fall.
type Quantiles [3]float64

// model forecasts waits from moments, learnt from whole past days.
type model struct {
	bins    *bins
	guess   *guesser
	members [3][][]tree // by level, one for each set of days left out
	rounds  [3]int      // how many of a member's trees speak
	offsets [3]*offsets
	past    *past
	lessons map[QueueID]*lesson
	hall    *lesson
	seen    []moment    // the training moments
	before  []precedent // some or all of theirs
	forest  *forest     // nil with few days, as are the precedents
	usual   Quantiles   // of all waits, where nothing better is known
}

// FewDays is how many days should teach. With fewer, parts of days are left out of the members instead of days, and invented offices
// were told worse than by their queue's length.
const FewDays = 4

// How the days are left out: so many sets of days, each day in one of them, dealt anew for each deal.
const (
	maxFolds   = 6
	deals      = 2
	maxMoments = 40_000 // training moments; a longer history is cut to its last ones
	checkEvery = 20     // rounds between two looks at the days left out
	patience   = 2      // looks without a gain
)

// learn fits the model to whole days, oldest first.
func learn(days []HistoryDay, s shape, seed uint64) *model {
	m := &model{past: newPast(days)}
	m.lessons, m.hall = m.past.lessons(-1)
	var part []int // of each moment: what is left out with it
	var before []precedent
	for d := range days {
		lessons, hall := m.past.lessons(d)
		from := len(m.seen)
		for _, mo := range newOffice(&days[d], lessons, hall, m.past.ends).moments() {
			if mo.wait > 0 {
				m.seen = append(m.seen, mo)
				part = append(part, partOf(d, len(days), mo.at))
			}
		}
		before = append(before, precedentsOf(m.seen[from:], d, &days[d], lessons)...)
	}
	m.usual = climatology(m.seen)
	if cut := len(m.seen) - maxMoments; cut > 0 {
		m.seen, part, before = m.seen[cut:], part[cut:], before[cut:]
	}
	m.guess = newGuesser(m.seen)
	for i := range m.seen {
		m.seen[i].scale = m.guess.scale(m.seen[i].hints)
	}
	if len(m.seen) == 0 { // it has nothing to say
		return m
	}
	m.bins = newBins(m.seen)
	rows := make([][]uint8, len(m.seen))
	for i := range rows {
		rows[i] = m.bins.row(m.seen[i].x)
	}
	if len(days) >= FewDays {
		m.follow(before, rows, part, seed)
	}
	m.boost(s, rows, part, seed)
	return m
}

// follow has the precedents and the forest tell each training moment what other days say.
func (m *model) follow(before []precedent, rows [][]uint8, part []int, seed uint64) {
	step := 1 + (len(before)-1)/maxPrecedents
	for i := 0; i < len(before); i += step {
		m.before = append(m.before, before[i])
	}
	m.forest = newForest(m.seen, rows, part, seed)
	inParallel(len(before), func(i int) {
		mo := &m.seen[i]
		mo.told = others(mo.alike(m.before, before[i].day), mo.scale, m.forest.unseen(i, rows[i]))
	})
}

// Shares of the logarithm of what is told; docs/forecast.md has how they were chosen.
const (
	precedentShare = 0.2
	forestShare    = 0.3
)

// others is the part of precedents and forest.
func others(precedents Quantiles, scale float64, forest Quantiles) (out Quantiles) {
	for q := range out {
		out[q] = precedentShare*math.Log(precedents[q]) + forestShare*(math.Log(scale)+forest[q])
	}
	return out
}

// mixed is the logarithm of what is told, of that of the boosted trees and the others' part.
func (m *model) mixed(trees, others float64) float64 {
	if m.forest == nil {
		return trees
	}
	return (1-precedentShare-forestShare)*trees + others
}

// partOf is the day, or its two hours where there are few days.
func partOf(d, days int, at float64) int {
	if days >= FewDays {
		return d
	}
	return d*24 + int(at/7200)
}

// deal puts each part into one of the folds, by chance.
func deal(parts []int, dice *dice) (fold []int, folds int) {
	names := slices.Clone(parts)
	slices.Sort(names)
	names = slices.Compact(names)
	for i := len(names) - 1; i > 0; i-- {
		j := int(dice.float() * float64(i+1))
		names[i], names[j] = names[j], names[i]
	}
	folds = min(maxFolds, len(names))
	of := map[int]int{}
	for i, name := range names {
		of[name] = i % folds
	}
	fold = make([]int, len(parts))
	for i, p := range parts {
		fold[i] = of[p]
	}
	return fold, folds
}

// boost grows the members of each level in step, and stops when more trees no longer help days not seen.
func (m *model) boost(s shape, rows [][]uint8, part []int, seed uint64) {
	for q, tau := range levels() {
		dice := newDice(seed)
		var all []*member
		for range deals {
			fold, folds := deal(part, dice)
			for k := range folds {
				all = append(all, newMember(newGrower(s, tau, rows, m.seen, dice.next()+uint64(q)), fold, k))
			}
		}
		best, since := math.Inf(1), 0
		for r := checkEvery; r <= s.rounds && since < patience; r += checkEvery {
			inParallel(len(all), func(j int) { all[j].grow(checkEvery) })
			since++
			if loss, o := m.check(all, q); loss < best {
				best, since, m.rounds[q], m.offsets[q] = loss, 0, r, o
			}
		}
		for _, b := range all {
			m.members[q] = append(m.members[q], b.trees[:m.rounds[q]])
		}
	}
}

// inParallel does n things on all processors and returns when all are done.
func inParallel(n int, do func(i int)) {
	var wait sync.WaitGroup
	var next atomic.Int64
	for range min(runtime.GOMAXPROCS(0), n) {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wait.Wait()
}

// member is one set of trees: it learns from the moments outside its fold and is checked on those inside.
type member struct {
	*grower
	unseen []int
	trees  []tree
}

func newMember(g *grower, fold []int, k int) *member {
	m := &member{grower: g}
	for i, f := range fold {
		if f == k {
			m.unseen = append(m.unseen, i)
		} else {
			g.train = append(g.train, int32(i))
		}
	}
	if len(g.train) == 0 { // a single part: nothing can be left out
		for i := range fold {
			g.train = append(g.train, int32(i))
		}
	}
	return m
}

func (m *member) grow(rounds int) {
	for range rounds {
		m.trees = append(m.trees, m.grower.grow())
	}
}

// check corrects what the members say of the moments that they have not seen, and says how good that is.
func (m *model) check(all []*member, q int) (loss float64, o *offsets) {
	told := make([]float64, len(m.seen))
	for _, b := range all {
		for _, i := range b.unseen {
			told[i] += b.f[i] / deals
		}
	}
	list := make([]checked, len(m.seen))
	for i := range m.seen {
		s := &m.seen[i]
		told[i] = m.mixed(told[i], s.told[q])
		list[i] = checked{classes: s.classes(), ratio: math.Log(s.wait) - told[i], weight: 1}
	}
	o = newOffsets(list, levels()[q], 0, historyPriors())
	for i, c := range list {
		loss += pinball(m.seen[i].wait, math.Exp(told[i])*o.of(c.classes), levels()[q])
	}
	return loss, o
}

// raw is the forecast of a moment.
func (m *model) raw(mo *moment) Quantiles {
	row := m.bins.row(mo.x)
	var out, told Quantiles
	mo.scale = m.guess.scale(mo.hints)
	if m.forest != nil {
		told = others(mo.alike(m.before, -1), mo.scale, m.forest.of(row, m.forest.trees))
	}
	for q := range out {
		f := 0.0
		for _, trees := range m.members[q] {
			for _, t := range trees[:m.rounds[q]] {
				f += t.step(row)
			}
		}
		f = m.mixed(math.Log(mo.scale)+f/float64(len(m.members[q])), told[q])
		out[q] = math.Exp(f) * m.offsets[q].of(mo.classes())
		if q > 0 {
			out[q] = max(out[q], out[q-1]) // #nosec G602 -- q is not 0 here
		}
	}
	return out
}

// climatology is the quantiles of all waits > 0; zeros where nobody has waited.
func climatology(seen []moment) Quantiles {
	w := make([]float64, len(seen))
	for i := range seen {
		w[i] = seen[i].wait
	}
	w = sortedCopy(w)
	var out Quantiles
	if len(w) == 0 {
		return out
	}
	for q, tau := range levels() {
		out[q] = quantile(w, tau)
	}
	return out
}

// pinball is the loss of a quantile forecast.
func pinball(y, forecast, tau float64) float64 {
	if y >= forecast {
		return tau * (y - forecast)
	}
	return (1 - tau) * (forecast - y)
}
