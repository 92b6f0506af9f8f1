package forecast

import (
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"yitang/server/hall"
	"yitang/server/route"
)

// Bounds of a path.
const (
	horizon   = 8 * 3600 * 1000 // nobody is told of a wait beyond it
	maxEvents = 200_000         // of one path; a hall with 20,000 tickets a day has fewer
)

// never stands for a call that a path did not see.
const never = hall.Millis(math.MaxInt64)

// scene is the hall at one moment, ready to be run forward. Paths share it and change nothing in it.
type scene struct {
	floor  *hall.Floor // with everybody who waits, and the guests
	now    hall.Millis
	laws   []law // of those who wait, by Stand.Order
	guests int   // after them: somebody who would come now, for each kind; they are called and take no time
	busy   []occupied
	clerks []float64 // effect of the clerk at each post
	errands
	clock clock

	streams  []stream
	needs    []*hall.Need  // by stream, on the floor
	breaks   []gap         // that are not over
	stays    float64       // in so many of the paths windows that close at a break go on while somebody waits for them
	picky    bool          // a free window may leave people waiting: the others look again after each event
	sums     [48][]float64 // by half hour: cumulated rates of the streams
	shifts   [][]shift     // of the past days that a path may follow; none: nothing changes
	services *services
	grid     *grid
}

// occupied is a window with somebody.
type occupied struct {
	post   hall.PostNo
	rest   rest  // of what this window does
	errand int32 // goes on afterwards, or noErrand
}

// due is when a window is done with somebody, who may go on to the next one.
type due struct {
	at     hall.Millis
	post   hall.PostNo
	errand int32 // or noErrand
}

// newcomer is who has come in a path.
type newcomer struct{ stream, errand int32 }

// path is one course that the rest of the day may take. Its memory serves one course after another.
type path struct {
	*scene
	f       *hall.Floor
	dice    dice
	now     hall.Millis
	done    []due // heap
	shifts  []shift
	closing []bool
	stay    bool // windows that close at a break go on while somebody waits for them
	again   hall.Millis
	arrival hall.Millis
	slot    int
	trips   []trip
	come    []newcomer
	keep    bool          // whether to keep when they came and were called
	came    []hall.Millis // when they came
	met     []hall.Millis // when they were called
	called  []hall.Millis // when those asked about were called, by Stand.Order, guests last
	open    int           // of those asked about, how many are not called yet
}

// workers is how many processors a look takes: where there are several the hall keeps one.
func workers() int { return min(max(runtime.GOMAXPROCS(0)-1, 1), maxWorkers) }

// paths plays n courses side by side. Each worker has one path and its memory; do begins and plays it.
func (s *scene) paths(n int, do func(p *path, number int)) {
	s.floor.Freeze()
	var wg sync.WaitGroup
	var next atomic.Int64
	for range min(workers(), n) {
		wg.Go(func() {
			p := &path{scene: s, f: &hall.Floor{}}
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(p, i)
			}
		})
	}
	wg.Wait()
}

// maxWorkers bounds the processors that a look takes.
const maxWorkers = 4

// run plays a course and says when everybody was called, by Stand.Order, guests last; good until the next one begins.
func (p *path) run(seed uint64, number int) []hall.Millis {
	p.begin(seed, number)
	p.playUntil(p.scene.now + horizon)
	return p.called
}

// begin sets a course at its beginning.
func (p *path) begin(seed uint64, number int) {
	s := p.scene
	s.floor.CloneInto(p.f)
	n, posts := len(s.laws)+s.guests, len(s.floor.Posts())
	p.dice, p.now, p.again, p.open, p.shifts = dice{s: seed}, s.now, 0, n, nil
	p.done, p.come, p.came, p.met = p.done[:0], p.come[:0], p.came[:0], p.met[:0]
	p.closing, p.called = slices.Grow(p.closing[:0], posts)[:posts], slices.Grow(p.called[:0], n)[:n]
	clear(p.closing)
	p.trips = append(p.trips[:0], s.trips...)
	for i := range p.called {
		p.called[i] = never
	}
	if len(s.shifts) > 0 {
		p.shifts = s.shifts[number%len(s.shifts)]
	}
	const golden = 0.6180339887498949 // spreads the paths evenly, whatever day each follows
	_, part := math.Modf(float64(number) * golden)
	p.stay = part < s.stays
	for _, b := range s.busy {
		p.push(due{s.now + round(b.rest.draw(&p.dice, p.grid)+s.services.pause), b.post, b.errand})
	}
	p.slot = s.clock.slot(s.now)
	p.nextArrival()
}

func (p *path) playUntil(end hall.Millis) {
	p.lookAgain()
	for i := range maxEvents {
		if p.open == 0 {
			return
		}
		if i%yieldEvery == 0 {
			runtime.Gosched() // clerks come first: whoever waits for this processor has it now, not in 10 ms
		}
		at, what := p.soonest()
		if at > end {
			return
		}
		p.now = at
		p.happen(what)
		if p.picky && p.f.Waiting() > 0 && p.f.Free() > 0 {
			p.lookAgain()
		}
	}
}

// yieldEvery is after how many events a path lets others go first: less than a millisecond.
const yieldEvery = 2048

// happening is what comes next in a path.
type happening int

const (
	nothing happening = iota
	freed
	shifted
	calledAgain
	arrived
)

func (p *path) soonest() (hall.Millis, happening) {
	at, what := never, nothing
	if len(p.done) > 0 {
		at, what = p.done[0].at, freed
	}
	if len(p.shifts) > 0 && p.shifts[0].at < at {
		at, what = p.shifts[0].at, shifted
	}
	if p.again != 0 && p.again < at {
		at, what = p.again, calledAgain
	}
	if p.arrival < at {
		at, what = p.arrival, arrived
	}
	return at, what
}

func (p *path) happen(what happening) {
	switch what {
	case freed:
		d := p.pop()
		p.goOn(d.errand)
		p.free(d.post)
	case shifted:
		s := p.shifts[0]
		p.shifts = p.shifts[1:]
		p.shift(s)
	case calledAgain:
		p.again = 0
		p.lookAgain()
	case arrived:
		p.arrive()
	}
}

func (p *path) free(post hall.PostNo) {
	state := hall.PostFree
	if p.closing[post] {
		state = hall.PostClosed
	}
	if (state == hall.PostFree || p.staysOn()) && p.call(post) { // the rule chooses alike for a window that is busy still: most are never seen free
		return
	}
	p.closing[post] = false
	p.f.Set(post, state, p.now)
}

// staysOn says whether a window that closes goes on while somebody waits for it.
func (p *path) staysOn() bool {
	return p.stay && slices.ContainsFunc(p.breaks, func(g gap) bool { return p.now >= g.from && p.now < g.to })
}

func (p *path) shift(s shift) {
	switch state := p.f.Posts()[s.post].State; {
	case s.open && state == hall.PostClosed:
		p.f.Set(s.post, hall.PostFree, p.now)
		p.call(s.post)
	case s.open:
		p.closing[s.post] = false
	case state == hall.PostBusy:
		p.closing[s.post] = true
	case state == hall.PostFree:
		p.f.Set(s.post, hall.PostClosed, p.now)
	}
}

// call lets a window call by the rule; a guest, or somebody who has left meanwhile, is noted and the window calls on. It
// says whether anybody came to stay.
func (p *path) call(post hall.PostNo) bool {
	for {
		c := route.Choose(p.f, post, p.now)
		if c.Again > p.now && (p.again == 0 || c.Again < p.again) {
			p.again = c.Again
		}
		if c.Need == nil {
			return false
		}
		p.f.Remove(c.Need, c.Class, c.Stand)
		answer := p.answer(post, c.Stand)
		errand := p.note(c.Stand.Order, p.now+answer)
		if c.Stand.Order >= uint64(len(p.laws)) && c.Stand.Order < uint64(len(p.called)) {
			continue // a guest
		}
		took, stays := p.time(c.Stand, errand, post)
		if !stays {
			continue
		}
		p.f.Called(post, c.Passed)
		p.f.Set(post, hall.PostBusy, p.now)
		p.push(due{p.now + answer + round(took), post, errand})
		return true
	}
}

// answer is how long the clerk of a free window takes to see that somebody waits; nothing at a window that has just
// become free, whose pause is part of the service before.
func (p *path) answer(post hall.PostNo, e hall.Stand) hall.Millis {
	if p.f.Posts()[post].State != hall.PostFree {
		return 0
	}
	return round(p.services.answers.draw(&p.dice, float64(p.now-max(e.Since, p.f.Posts()[post].FreeSince))))
}

// note keeps when somebody was called and says whose errand it is.
func (p *path) note(order uint64, at hall.Millis) (errand int32) {
	i := int(order)
	switch {
	case order >= errandOrder:
		return int32(order - errandOrder)
	case i >= len(p.called):
		if i -= len(p.called); p.keep {
			p.met[i] = at
		}
		return p.come[i].errand
	}
	p.called[i] = at
	p.open--
	if i < len(p.laws) {
		return p.errandOf[i]
	}
	return noErrand
}

// time is how long a window is taken by somebody who is called now; not at all where that one has left while waiting.
func (p *path) time(e hall.Stand, errand int32, post hall.PostNo) (took float64, stays bool) {
	gone, absent := p.services.missing(float64(p.now-max(e.Since, p.scene.now)), float64(p.now-max(e.Since, 0)))
	if e.Since == hall.First || e.Order >= errandOrder { // is here, and not for the first time
		gone, absent = 0, 0
	}
	switch x := p.dice.float(); {
	case x < gone:
		return 0, false
	case x < gone+(1-gone)*absent:
		return p.services.absent.draw(&p.dice, p.grid) + p.services.pause, true
	case errand != noErrand:
		return p.errandTime(errand, post) + p.services.pause, true
	}
	l := law{}
	if i := int(e.Order); i < len(p.laws) {
		l = p.laws[i]
	} else {
		l = p.streams[p.come[i-len(p.called)].stream].law
	}
	l.mu += p.clerks[post]
	return l.draw(&p.dice, p.grid) + p.services.pause, true
}

// lookAgain lets every free window try while one of them finds somebody, those with the fewest skills first.
func (p *path) lookAgain() {
	for found := true; found && p.f.Waiting() > 0 && p.f.Free() > 0; {
		found = false
		for _, post := range route.FreePosts(p.f) {
			if p.call(post) {
				found = true
				break
			}
		}
	}
}

func (p *path) nextArrival() {
	const last = 47
	p.arrival = never
	for at := p.now; ; {
		sums := p.sums[p.slot]
		end := p.clock.midnight + hall.Millis(p.slot+1)*halfHour
		if n := len(sums); n > 0 && sums[n-1] > 0 {
			next := at + round(p.grid.decay[p.dice.next()>>52]/sums[n-1])
			if next < end || p.slot == last {
				p.arrival = next
				return
			}
		}
		if p.slot == last {
			return
		}
		p.slot++
		at = end
	}
}

func (p *path) arrive() {
	sums := p.sums[p.slot]
	x := p.dice.float() * sums[len(sums)-1]
	k, _ := slices.BinarySearch(sums, x)
	k = min(k, len(sums)-1)
	n, class := p.f.Twin(p.needs[k]), p.streams[k].class
	errand := noErrand
	if e := p.coming[k]; e != nil {
		errand = int32(len(p.trips))
		p.trips = append(p.trips, trip{errand: e, since: p.now})
	}
	p.come = append(p.come, newcomer{int32(k), errand})
	if p.keep {
		p.came, p.met = append(p.came, p.now), append(p.met, never)
	}
	p.f.Add(n, class, hall.Stand{Since: p.now, Order: uint64(len(p.called) + len(p.come) - 1)})
	if p.f.Free() > 0 {
		if post := route.Offer(p.f, n, p.now, p.f.Terms.Targets[class], p.now); post != hall.AnyPost {
			p.call(post)
		}
	}
	p.nextArrival()
}

func (p *path) push(d due) {
	i := len(p.done)
	p.done = append(p.done, d)
	for list := p.done; i > 0; {
		up := (i - 1) / 2
		if d.at >= list[up].at {
			break
		}
		list[i] = list[up]
		i = up
	}
	p.done[i] = d
}

func (p *path) pop() due {
	list := p.done
	top, n := list[0], len(list)-1
	last := list[n]
	list = list[:n]
	p.done = list
	i := 0
	for c := 1; c < n; c = 2*i + 1 {
		if c+1 < n && list[c+1].at < list[c].at {
			c++
		}
		if list[c].at >= last.at {
			break
		}
		list[i] = list[c]
		i = c
	}
	if n > 0 {
		list[i] = last
	}
	return top
}
