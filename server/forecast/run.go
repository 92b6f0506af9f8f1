package forecast

import (
	"math"
	"slices"

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
	clock  clock

	streams  []stream
	skills   [][]hall.SkillNo // by stream
	sums     [48][]float64    // by half hour: cumulated rates of the streams
	shifts   [][]shift        // of the past days that a path may follow; none: nothing changes
	services *services
	grid     *grid
}

// occupied is a window with somebody.
type occupied struct {
	post    hall.PostNo
	elapsed float64 // milliseconds since the call
	law     law
}

// due is when a window is done with somebody.
type due struct {
	at   hall.Millis
	post hall.PostNo
}

// path is one course that the rest of the day may take.
type path struct {
	*scene
	f       *hall.Floor
	dice    *dice
	now     hall.Millis
	done    []due // heap
	shifts  []shift
	closing []bool
	again   hall.Millis
	arrival hall.Millis
	slot    int
	needs   []*hall.Need  // by stream, once used
	come    []int32       // stream of each who has come in this path
	came    []hall.Millis // when, and met when they were called; kept only if came is not nil
	met     []hall.Millis
	called  []hall.Millis
	open    int // of those asked about, how many are not called yet
}

// run plays a path and says when everybody was called, by Stand.Order, guests last.
func (s *scene) run(seed uint64, number int) []hall.Millis {
	p := s.path(seed, number)
	p.playUntil(s.now + horizon)
	return p.called
}

// path is a course at its beginning.
func (s *scene) path(seed uint64, number int) *path {
	n := len(s.laws) + s.guests
	p := &path{scene: s, f: s.floor.Clone(), dice: newDice(seed), now: s.now, closing: make([]bool, len(s.floor.Posts())),
		needs: make([]*hall.Need, len(s.streams)), called: make([]hall.Millis, n), open: n}
	for i := range p.called {
		p.called[i] = never
	}
	if len(s.shifts) > 0 {
		p.shifts = s.shifts[number%len(s.shifts)]
	}
	for _, b := range s.busy {
		p.push(due{s.now + round(b.law.left(p.dice, b.elapsed)+s.services.pause), b.post})
	}
	p.slot = s.clock.slot(s.now)
	p.nextArrival()
	return p
}

func (p *path) playUntil(end hall.Millis) {
	p.lookAgain()
	for range maxEvents {
		if p.open == 0 {
			return
		}
		at, what := p.soonest()
		if at > end {
			return
		}
		p.now = at
		p.happen(what)
		if p.f.Terms.Bonuses && p.f.Waiting() > 0 && p.f.Free() > 0 {
			p.lookAgain()
		}
	}
}

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
		p.free(p.pop().post)
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
	if p.closing[post] {
		p.closing[post] = false
		p.f.Set(post, hall.PostClosed, p.now)
		return
	}
	p.f.Set(post, hall.PostFree, p.now)
	p.call(post)
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

// call lets a free window call by the rule; a guest is noted and the window calls on. It says whether anybody came.
func (p *path) call(post hall.PostNo) bool {
	for came := false; ; came = true {
		c := route.Choose(p.f, post, p.now)
		if c.Again > p.now && (p.again == 0 || c.Again < p.again) {
			p.again = c.Again
		}
		if c.Need == nil {
			return came
		}
		p.f.Remove(c.Need, c.Class, c.Stand)
		if i := int(c.Stand.Order); i < len(p.called) {
			p.called[i] = p.now
			p.open--
			if i >= len(p.laws) {
				continue
			}
		}
		if i := int(c.Stand.Order) - len(p.called); i >= 0 && p.came != nil {
			p.met[i] = p.now
		}
		p.f.Called(post, c.Passed)
		p.f.Set(post, hall.PostBusy, p.now)
		p.push(due{p.now + round(p.time(int(c.Stand.Order), post)), post})
		return true
	}
}

// time is how long a window is taken by somebody.
func (p *path) time(order int, post hall.PostNo) float64 {
	if p.dice.float() < p.services.noShow {
		return p.services.absent.draw(p.dice, p.grid) + p.services.pause
	}
	l := law{}
	if order < len(p.laws) {
		l = p.laws[order]
	} else {
		l = p.streams[p.come[order-len(p.called)]].law
	}
	l.mu += p.clerks[post]
	return l.draw(p.dice, p.grid) + p.services.pause
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
			next := at + round(p.dice.exp()/sums[n-1])
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
	if p.needs[k] == nil {
		p.needs[k] = p.f.Need(p.skills[k], hall.AnyPost)
	}
	n, class := p.needs[k], p.streams[k].class
	p.come = append(p.come, int32(k))
	if p.came != nil {
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
	p.done = append(p.done, d)
	list := p.done
	for i := len(list) - 1; i > 0; {
		up := (i - 1) / 2
		if list[i].at >= list[up].at {
			return
		}
		list[i], list[up] = list[up], list[i]
		i = up
	}
}

func (p *path) pop() due {
	list := p.done
	top, n := list[0], len(list)-1
	list[0] = list[n]
	list = list[:n]
	p.done = list
	for i := 0; ; {
		c := 2*i + 1
		if c >= n {
			return top
		}
		if c+1 < n && list[c+1].at < list[c].at {
			c++
		}
		if list[c].at >= list[i].at {
			return top
		}
		list[i], list[c] = list[c], list[i]
		i = c
	}
}
