package hall

import (
	"encoding/binary"
	"maps"
	"math"
	"slices"
	"sort"
)

// Numbers of things on a Floor.
type (
	// SkillNo is one skill: in a hall a field with an act.
	SkillNo int
	// ClassNo is a class of waiting people that share a target wait.
	ClassNo int
	// PostNo is a window's place in the layout.
	PostNo int
)

// AnyPost stands where a need is bound to no window.
const AnyPost PostNo = -1

// First is the Since of who goes before everybody: back from a hold.
const First Millis = math.MinInt64

// Floor is the hall as a calling rule (叫号规则) sees it: who waits, in lanes of equals, and which windows are open, free
// and skilled for what. State keeps one in step with the day; a simulation and a forecast keep their own, so that all
// run the same rules on the same structure. Times may have any unit as long as all have the same. One goroutine owns it.
type Floor struct {
	Terms Terms
	posts []Post
	needs []*Need
	byKey map[string]int // places in needs
	lent  bool           // byKey belongs to clones too: copy it before it changes
	usual []tally        // by skill
	gen   uint64
	open  int
	free  int
	size  int
	spare *spare // what CloneInto takes for the next clone
}

// spare is the memory of a clone's needs.
type spare struct {
	needs  []Need
	lanes  []lane
	stands []Stand
	ties   []Tie
}

// Terms are the settings that a rule reads.
type Terms struct {
	Policy  string   // fcfs, ratio, strict, edd or primary
	Bonuses bool     // the starvation guard, the reserve and the bonuses; false is the pure policy
	Quota   int      // strict: one call in so many may pass somebody who came earlier; 0 is no quota
	Targets []Millis // target wait by class
}

// Post is a window on the floor.
type Post struct {
	Skills    []SkillNo // sorted
	Primary   []SkillNo // of its primary field
	State     PostState
	FreeSince Millis // meant while it is free
	SincePass int    // calls since the last that passed somebody under the strict policy
	bits      []uint64
	ties      []Tie
	rare      []SkillNo // good as long as rareGen is the floor's
	rareGen   uint64
}

// PostState is whether a window could call now.
type PostState int8

// The states of a post.
const (
	PostClosed PostState = iota // or paused
	PostFree
	PostBusy
)

// tally counts a skill.
type tally struct{ held, open, free, waiting int }

// Need is what some waiting tickets have in common: the skills that their remaining matters want, and perhaps the one
// window they were sent to. Cover, Leg and Gen are the rule's own notes, which are good as long as Gen is the Floor's.
type Need struct {
	Skills  []SkillNo // one for each remaining matter, sorted
	Post    PostNo    // the only window that may call it, or AnyPost
	Waiting int
	lanes   []lane
	no      int // place on the floor when it was frozen

	Cover []PostNo
	Leg   []SkillNo
	Gen   uint64
}

// Tie is what a window has to do with a need: it never changes, so it is worked out once and not at every call.
type Tie struct {
	Need    *Need
	Can     int     // how many of the need's skills the window has
	Share   float64 // the part of the need's matters that the window can do
	Primary bool    // one of its primary field is among them
}

// Tie is the window's tie to a need.
func (p *Post) Tie(n *Need) Tie {
	t := Tie{Need: n, Can: p.Covers(n.Skills)}
	if t.Can > 0 {
		t.Share = float64(t.Can) / float64(len(n.Skills))
	}
	for _, k := range n.Skills {
		t.Primary = t.Primary || slices.Contains(p.Primary, k)
	}
	return t
}

// Stand is where a waiting ticket is on the floor.
type Stand struct {
	Since Millis // from when its wait counts (v)
	Order uint64 // of its issue: breaks ties and names the ticket
}

func (e Stand) before(o Stand) bool {
	return e.Since < o.Since || e.Since == o.Since && e.Order < o.Order
}

// NewFloor makes a floor of closed windows. Skills are numbered from 0 up to skills.
func NewFloor(t Terms, skills int, posts []Post) *Floor {
	f := &Floor{Terms: t, posts: posts, byKey: map[string]int{}, usual: make([]tally, skills), gen: 1}
	for i := range f.posts {
		p := &f.posts[i]
		slices.Sort(p.Skills)
		p.State, p.bits = PostClosed, make([]uint64, (skills+63)/64)
		p.SincePass = math.MaxInt32 // the first call may pass
		for _, k := range p.Skills {
			p.bits[k/64] |= 1 << (k % 64)
			f.usual[k].held++
		}
	}
	return f
}

// Has says whether the window has a skill.
func (p *Post) Has(k SkillNo) bool { return p.bits[k/64]>>(k%64)&1 == 1 }

// Covers counts the skills of the list that the window has.
func (p *Post) Covers(list []SkillNo) int {
	n := 0
	for _, k := range list {
		if p.Has(k) {
			n++
		}
	}
	return n
}

// Posts are the windows. Only the floor may change them.
func (f *Floor) Posts() []Post { return f.posts }

// Gen changes whenever a window opens or closes.
func (f *Floor) Gen() uint64 { return f.gen }

// Waiting is how many tickets wait; Free how many open windows have nobody.
func (f *Floor) Waiting() int { return f.size }

// Free is how many open windows have nobody.
func (f *Floor) Free() int { return f.free }

// Busy is how many open windows have somebody.
func (f *Floor) Busy() int { return f.open - f.free }

// Rare are the window's skills that at most so many open windows hold; always asked with the same bound.
func (f *Floor) Rare(p *Post, most int) []SkillNo {
	if p.rareGen != f.gen {
		p.rare, p.rareGen = nil, f.gen
		for _, k := range p.Skills {
			if f.usual[k].open <= most {
				p.rare = append(p.rare, k)
			}
		}
	}
	return p.rare
}

// Held is how many windows of the layout have the skill, Open how many of those work, FreeWith how many have nobody.
func (f *Floor) Held(k SkillNo) int { return f.usual[k].held }

// Open is how many working windows have the skill.
func (f *Floor) Open(k SkillNo) int { return f.usual[k].open }

// FreeWith is how many open windows with the skill have nobody.
func (f *Floor) FreeWith(k SkillNo) int { return f.usual[k].free }

// WaitingFor is how many waiting tickets want the skill.
func (f *Floor) WaitingFor(k SkillNo) int { return f.usual[k].waiting }

// Ties are to the needs that the window has a skill for, or that were sent to it, in the order in which they first came.
func (f *Floor) Ties(p PostNo) []Tie { return f.posts[p].ties }

// Need returns the need for a list of skills, one for each remaining matter, at any window or at one only.
func (f *Floor) Need(skills []SkillNo, post PostNo) *Need {
	var room [64]byte
	key := binary.AppendVarint(room[:0], int64(post))
	if !slices.IsSorted(skills) {
		skills = slices.Sorted(slices.Values(skills))
	}
	for _, k := range skills {
		key = binary.AppendUvarint(key, uint64(k)) // #nosec G115 -- only tells keys apart
	}
	if i, known := f.byKey[string(key)]; known {
		return f.needs[i]
	}
	if f.lent {
		f.byKey, f.lent = maps.Clone(f.byKey), false
	}
	n := &Need{Skills: slices.Clone(skills), Post: post, lanes: make([]lane, len(f.Terms.Targets))}
	f.byKey[string(key)] = len(f.needs)
	f.needs = append(f.needs, n)
	for i := range f.posts {
		p := &f.posts[i]
		if t := p.Tie(n); post == PostNo(i) || post == AnyPost && t.Can > 0 {
			p.ties = append(p.ties, t)
		}
	}
	return n
}

// Add lets a ticket wait.
func (f *Floor) Add(n *Need, c ClassNo, e Stand) {
	n.lanes[c].insert(e)
	f.count(n, 1)
}

// Remove takes a waiting ticket away, wherever it stands.
func (f *Floor) Remove(n *Need, c ClassNo, e Stand) {
	n.lanes[c].remove(e)
	f.count(n, -1)
}

func (f *Floor) count(n *Need, d int) {
	n.Waiting += d
	f.size += d
	for i, k := range n.Skills {
		if i == 0 || k != n.Skills[i-1] {
			f.usual[k].waiting += d
		}
	}
}

// Set opens, closes, frees or occupies a window.
func (f *Floor) Set(no PostNo, state PostState, at Millis) {
	p := &f.posts[no]
	was := p.State
	if was == state {
		return
	}
	p.State = state
	if state == PostFree {
		p.FreeSince = at
	}
	opened := btoi(state != PostClosed) - btoi(was != PostClosed)
	freed := btoi(state == PostFree) - btoi(was == PostFree)
	f.open += opened
	f.free += freed
	for _, k := range p.Skills {
		f.usual[k].open += opened
		f.usual[k].free += freed
	}
	if opened != 0 {
		f.gen++
	}
}

// Called notes whether a window's call passed somebody who came earlier, for the strict policy's quota.
func (f *Floor) Called(no PostNo, passed bool) {
	p := &f.posts[no]
	if passed {
		p.SincePass = 0
	} else if p.SincePass < math.MaxInt32 {
		p.SincePass++
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// laneRoom is how many more may join a cloned lane before it has to grow.
const laneRoom = 24

// Clone copies the floor, so that it can be run forward. Once Freeze has been called clones may be made side by side.
func (f *Floor) Clone() *Floor {
	c := &Floor{}
	f.CloneInto(c)
	return c
}

// CloneInto is Clone into an old clone's memory, whose own course is lost.
func (f *Floor) CloneInto(c *Floor) {
	f.Freeze()
	m, usual, posts, needs := c.spare, c.usual, c.posts, c.needs
	if m == nil {
		m = &spare{}
	}
	*c = *f
	c.spare = m
	c.usual, c.posts, c.needs = append(usual[:0], f.usual...), append(posts[:0], f.posts...), needs[:0]
	classes := len(f.Terms.Targets)
	m.needs, m.lanes = sized(m.needs, len(f.needs)), sized(m.lanes, len(f.needs)*classes)
	m.stands = sized(m.stands, f.size+laneRoom*len(m.lanes)) // of all lanes together, each with some to spare
	room := m.stands
	for i, n := range f.needs {
		own := &m.needs[i]
		*own = *n
		own.lanes = m.lanes[i*classes : (i+1)*classes : (i+1)*classes]
		c.needs = append(c.needs, own)
		for j := range n.lanes {
			k := copy(room, n.lanes[j].list())
			own.lanes[j] = lane{items: room[: k : k+laneRoom]}
			room = room[k+laneRoom:]
		}
	}
	c.relink()
}

// sized is the list with the length n, in its own memory if that is enough.
func sized[T any](list []T, n int) []T {
	if cap(list) < n {
		return make([]T, n)
	}
	return list[:n]
}

// Freeze readies a floor that does not change any more for clones from several goroutines.
func (f *Floor) Freeze() {
	if f.lent {
		return
	}
	f.lent = true
	for i, n := range f.needs {
		n.no = i
	}
}

// Twin is a clone's own need in the place of a need of the floor that it was cloned from.
func (f *Floor) Twin(n *Need) *Need { return f.needs[n.no] }

// relink points the windows of a clone to its own needs.
func (f *Floor) relink() {
	list := f.spare.ties[:0]
	for i := range f.posts {
		list = append(list, f.posts[i].ties...)
	}
	f.spare.ties = list
	for i := range list {
		list[i].Need = f.needs[list[i].Need.no]
	}
	for i := range f.posts {
		n := len(f.posts[i].ties)
		f.posts[i].ties, list = list[:n:n], list[n:]
	}
}

// All calls see for every waiting ticket, need by need, class by class, in order.
func (f *Floor) All(see func(*Need, ClassNo, Stand)) {
	for _, n := range f.needs {
		for c := range n.lanes {
			for _, e := range n.lanes[c].list() {
				see(n, ClassNo(c), e)
			}
		}
	}
}

// Head is the first of a class, and how many of it wait.
func (n *Need) Head(c ClassNo) (Stand, int) {
	l := n.lanes[c].list()
	if len(l) == 0 {
		return Stand{}, 0
	}
	return l[0], len(l)
}

// lane holds the tickets of one need and one class in order. The taken ones in front are let go from time to time.
type lane struct {
	items []Stand
	taken int
}

func (l *lane) list() []Stand { return l.items[l.taken:] }

func (l *lane) find(e Stand) int {
	list := l.list()
	if n := len(list); n == 0 || list[n-1].before(e) {
		return n
	}
	return sort.Search(len(list), func(i int) bool { return !list[i].before(e) })
}

func (l *lane) insert(e Stand) {
	if l.taken > 32 && l.taken*2 > len(l.items) {
		l.items = l.items[:copy(l.items, l.list())]
		l.taken = 0
	}
	l.items = slices.Insert(l.items, l.taken+l.find(e), e)
}

func (l *lane) remove(e Stand) {
	list := l.list()
	if len(list) > 0 && list[0] == e { // as nearly always
		l.taken++
		return
	}
	i := l.find(e)
	if i == len(list) || list[i] != e {
		panic("hall: a ticket that does not wait was taken from the floor")
	}
	l.items = slices.Delete(l.items, l.taken+i, l.taken+i+1)
}
