package whatif

import (
	"math"
	"slices"

	"yitang/server/hall"
	"yitang/server/route"
)

// Arrival is a person who comes, as a source makes them. Times have the unit of the run.
type Arrival struct {
	At       hall.Millis
	Since    hall.Millis // from when the wait counts for the rule
	Class    hall.ClassNo
	Skills   []hall.SkillNo // one for each matter
	Service  hall.Millis    // of all matters together
	Patience hall.Millis    // 0 never leaves
	Tag      int            // the source's own: a type, a ticket
}

// source makes the people in the order of their coming.
type source interface{ next() (Arrival, bool) }

// listener hears what becomes of people. Waited is the sum over all windows a person went to.
type listener interface {
	came(a *Arrival, letIn bool)
	left(a *Arrival, waited hall.Millis) // without patience, or at the end of the run
	served(a *Arrival, waited hall.Millis, legs int)
	called(a *Arrival, post hall.PostNo, at, until hall.Millis)
	passed(from, to hall.Millis, waiting, busy int) // a time in which nothing happened
}

// Shift opens or closes a window at a time; one that is busy closes when it is done.
type Shift struct {
	At   hall.Millis
	Post hall.PostNo
	Open bool
}

// run is one course of simulated time on a floor.
type run struct {
	f      *hall.Floor
	source source
	hear   listener
	shifts []Shift // to come, in order
	room   int     // places to wait; 0 is no bound
	stay   bool    // no window closes: the staff stay until everybody has been served
	picky  bool    // a free window may leave people waiting: look again after each event

	now     hall.Millis
	seq     uint64
	people  []person
	unused  []int
	serving []int // slot of the person at each post
	closing []bool
	done    dues // posts
	fed     dues // up: orders of people who lose patience
	again   hall.Millis
	end     hall.Millis // no call after it; people who still wait have not been served

	trace func(Step)
}

// person is somebody in the hall.
type person struct {
	Arrival
	need   *hall.Need
	order  uint64
	since  hall.Millis // waits in this line from then on
	waited hall.Millis // in earlier lines
	legs   int
	share  hall.Millis // service of the matters still to do
	rest   []hall.SkillNo
}

// Step is what a run did, for the test that drives a live hall with the same commands.
type Step struct {
	At   hall.Millis
	Kind StepKind
	Post hall.PostNo
	Tag  int // of the person; -1 when a window found nobody
}

// StepKind names a Step.
type StepKind string

// The kinds of Step.
const (
	StepCame   StepKind = "came"
	StepCall   StepKind = "call"
	StepFinish StepKind = "finish"
	StepLeft   StepKind = "left"
	StepOpen   StepKind = "open"
	StepClose  StepKind = "close"
)

// slotBits is how many of an order's low bits say where the person stands in memory: enough for all who may come, since in
// a hall that is too small nearly all of them wait at once.
const slotBits = 27

const _ = uint(1<<slotBits - maxCustomers) // does not compile where that is not so

func newRun(f *hall.Floor, s source, l listener) *run {
	n := len(f.Posts())
	return &run{f: f, source: s, hear: l, picky: f.Terms.Bonuses, serving: make([]int, n), closing: make([]bool, n), end: math.MaxInt64}
}

// The kinds of event, in the order in which they happen at one instant.
const (
	evDone = iota
	evShift
	evFedUp
	evAgain
	evArrival
	evNone
)

// play runs until nobody comes any more and everybody who can be served has been.
func (r *run) play() {
	a, more := r.source.next()
	for {
		at, what := r.soonest(a.At, more)
		if what == evNone || at > r.end {
			break
		}
		if at > r.now {
			r.hear.passed(r.now, at, r.f.Waiting(), r.f.Busy())
			r.now = at
		}
		switch what {
		case evDone:
			r.finish(hall.PostNo(r.done.pop().id)) // #nosec G115 -- places in lists
		case evShift:
			r.shift(r.shifts[0])
			r.shifts = r.shifts[1:]
		case evFedUp:
			r.leave(r.fed.pop().id)
		case evAgain:
			r.again = 0
		case evArrival:
			r.arrive(a)
			a, more = r.source.next()
		}
		if r.picky && r.f.Waiting() > 0 && r.f.Free() > 0 {
			r.lookAgain()
		}
	}
	r.f.All(func(_ *hall.Need, _ hall.ClassNo, s hall.Stand) { r.unserved(s) })
	for ; more; a, more = r.source.next() { // who comes after the end is not forgotten either
		r.hear.came(&a, true)
		r.hear.left(&a, 0)
	}
}

func (r *run) unserved(s hall.Stand) {
	p := &r.people[s.Order&(1<<slotBits-1)]
	r.hear.left(&p.Arrival, p.waited+min(r.now, r.end)-p.since)
}

// soonest is the next event.
func (r *run) soonest(arrival hall.Millis, more bool) (hall.Millis, int) {
	at, what := hall.Millis(math.MaxInt64), evNone
	if t, ok := r.done.next(); ok {
		at, what = t, evDone
	}
	if len(r.shifts) > 0 && r.shifts[0].At < at {
		at, what = r.shifts[0].At, evShift
	}
	if t, ok := r.fed.next(); ok && t < at {
		at, what = t, evFedUp
	}
	if r.again != 0 && r.again < at {
		at, what = r.again, evAgain
	}
	if more && arrival < at {
		at, what = arrival, evArrival
	}
	return at, what
}

// arrive lets a person in, to a free window at once where there is one.
func (r *run) arrive(a Arrival) {
	n := r.f.Need(a.Skills, hall.AnyPost)
	post := hall.AnyPost
	if r.f.Free() > 0 {
		post = route.Offer(r.f, n, a.Since, r.f.Terms.Targets[a.Class], r.now)
	}
	if post == hall.AnyPost && r.room > 0 && r.f.Waiting() >= r.room {
		r.hear.came(&a, false)
		return
	}
	r.hear.came(&a, true)
	r.step(StepCame, hall.AnyPost, a.Tag)
	r.picky = r.picky || len(a.Skills) > 1
	slot := r.slot()
	r.seq++
	p := &r.people[slot]
	*p = person{Arrival: a, need: n, order: r.seq<<slotBits | uint64(slot), since: r.now, share: a.Service, rest: a.Skills} // #nosec G115 -- places in lists
	r.f.Add(n, a.Class, hall.Stand{Since: a.Since, Order: p.order})
	if post != hall.AnyPost {
		r.call(post)
	}
	if p.need != nil && p.Patience > 0 {
		r.fed.push(due{r.now + p.Patience, p.order})
	}
}

func (r *run) slot() int {
	if n := len(r.unused); n > 0 {
		slot := r.unused[n-1]
		r.unused = r.unused[:n-1]
		return slot
	}
	r.people = append(r.people, person{})
	return len(r.people) - 1
}

// call has a free window call by the rule; it says whether somebody came.
func (r *run) call(post hall.PostNo) bool {
	c := route.Choose(r.f, post, r.now)
	if c.Again != 0 && (r.again == 0 || c.Again < r.again) && c.Again > r.now {
		r.again = c.Again
	}
	if c.Need == nil {
		r.step(StepCall, post, -1)
		return false
	}
	r.f.Remove(c.Need, c.Class, c.Stand)
	r.f.Called(post, c.Passed)
	slot := int(c.Stand.Order & (1<<slotBits - 1))
	p := &r.people[slot]
	p.need = nil
	p.waited += r.now - p.since
	p.legs++
	r.step(StepCall, post, p.Tag)
	r.serve(post, slot, p)
	return true
}

// serve begins a service: of every matter left that the window can do.
func (r *run) serve(post hall.PostNo, slot int, p *person) {
	work := p.share
	done := r.f.Posts()[post].Covers(p.rest)
	if done < len(p.rest) {
		work = p.share * hall.Millis(done) / hall.Millis(len(p.rest))
		w := &r.f.Posts()[post]
		p.rest = slices.DeleteFunc(slices.Clone(p.rest), w.Has)
	} else {
		p.rest = nil
		r.hear.served(&p.Arrival, p.waited, p.legs)
	}
	p.share -= work
	r.serving[post] = slot
	r.f.Set(post, hall.PostBusy, r.now)
	r.hear.called(&p.Arrival, post, r.now, r.now+work)
	r.done.push(due{r.now + work, uint64(post)}) // #nosec G115 -- places in lists
}

// finish ends a service. With matters left the person waits on in the original place.
func (r *run) finish(post hall.PostNo) {
	slot := r.serving[post]
	p := &r.people[slot]
	r.step(StepFinish, post, p.Tag)
	if r.closing[post] {
		r.close(post)
	} else {
		r.f.Set(post, hall.PostFree, r.now)
	}
	if len(p.rest) > 0 {
		r.goOn(p)
	} else {
		r.unused = append(r.unused, slot)
	}
	if r.f.Posts()[post].State == hall.PostFree {
		r.call(post)
	}
}

func (r *run) close(post hall.PostNo) {
	r.closing[post] = false
	r.f.Set(post, hall.PostClosed, r.now)
	r.step(StepClose, post, -1)
}

func (r *run) goOn(p *person) {
	p.since = r.now
	p.need = r.f.Need(p.rest, hall.AnyPost)
	r.f.Add(p.need, p.Class, hall.Stand{Since: p.Since, Order: p.order})
	if p.Patience > 0 {
		r.fed.push(due{r.now + p.Patience, p.order})
	}
}

// leave is a person who has lost patience, unless the call came first.
func (r *run) leave(order uint64) {
	slot := int(order & (1<<slotBits - 1))
	p := &r.people[slot]
	if p.order != order || p.need == nil || r.now-p.since < p.Patience {
		return
	}
	r.step(StepLeft, hall.AnyPost, p.Tag)
	r.f.Remove(p.need, p.Class, hall.Stand{Since: p.Since, Order: order})
	p.need = nil
	r.hear.left(&p.Arrival, p.waited+r.now-p.since)
	r.unused = append(r.unused, slot)
}

// shift opens or closes a window.
func (r *run) shift(s Shift) {
	switch state := r.f.Posts()[s.Post].State; {
	case !s.Open && r.stay:
	case s.Open && state == hall.PostClosed:
		r.step(StepOpen, s.Post, -1)
		r.f.Set(s.Post, hall.PostFree, r.now)
		r.call(s.Post)
	case s.Open:
		r.closing[s.Post] = false
	case state == hall.PostBusy:
		r.closing[s.Post] = true
	case state == hall.PostFree:
		r.close(s.Post)
	}
}

// lookAgain lets every free window try once more while one of them finds somebody: another holder may have become free,
// or a ticket with several matters may go where it could not before. The windows go in the order of route.Offer.
func (r *run) lookAgain() {
	for found := true; found && r.f.Waiting() > 0; {
		found = false
		for _, post := range route.FreePosts(r.f) {
			if r.call(post) {
				found = true
				break
			}
		}
	}
}

func (r *run) step(kind StepKind, post hall.PostNo, tag int) {
	if r.trace != nil {
		r.trace(Step{At: r.now, Kind: kind, Post: post, Tag: tag})
	}
}
