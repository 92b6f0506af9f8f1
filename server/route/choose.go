package route

import (
	"math"
	"slices"

	"yitang/server/hall"
)

// Choice is the ticket that a window calls, and how it came to that.
type Choice struct {
	Need       *hall.Need // nil when the window calls nobody
	Class      hall.ClassNo
	Stand      hall.Stand
	Step       hall.Step
	Candidates int // tickets that the window could call
	Reserved   int // of those, left because the window is kept for a scarce skill
	Passed     bool
	// Again is when the first of the reserved may be called, if nothing happens before; 0 when none is reserved.
	Again hall.Millis
}

// The bounds of the rule.
const (
	starving = 2 // times the target: from then on the longest wait in targets goes first
	scarce   = 2 // a skill is scarce when so few open windows hold it
)

// best is the leading head while the lanes are looked through.
type best struct {
	need  *hall.Need
	class hall.ClassNo
	stand hall.Stand
	tier  hall.Millis
	score float64
}

// offer lets a head lead if it is ahead of the present one.
func (b *best) offer(l *lead, tier hall.Millis, score float64) {
	if b.need != nil {
		switch {
		case tier != b.tier:
			if tier < b.tier {
				return
			}
		case score != b.score:
			if score < b.score {
				return
			}
		case l.stand.Order > b.stand.Order:
			return
		}
	}
	b.need, b.class, b.stand, b.tier, b.score = l.need, l.class, l.stand, tier, score
}

// lead is the head of a lane while it is looked at.
type lead struct {
	Head
	need     *hall.Need
	class    hall.ClassNo
	stand    hall.Stand
	waiting  int
	reserved bool
	factor   float64 // Head.bonus
}

// search is one look of a window at the lanes.
type search struct {
	f          *hall.Floor
	no         hall.PostNo
	post       *hall.Post
	now        hall.Millis
	policy     Policy
	guarded    bool // bonuses are on, and the policy needs the starvation guard
	strict     bool
	ratio      bool // the usual policy: its bonus is worked out once a need
	returned   best // from a hold
	overdue    best
	scored     best
	earliest   best // only for the strict policy's quota
	kept       []hall.SkillNo
	candidates int
	reserved   int
	again      hall.Millis
	each       func(Seen) // for the table of the call; nil in a simulation
}

// Seen is a head that a search looked at.
type Seen struct {
	Need     *hall.Need
	Class    hall.ClassNo
	Stand    hall.Stand
	Waiting  int
	Head     Head
	Score    float64
	Reserved bool
}

// Choose says which ticket a free window calls now. It changes nothing but the notes of needs.
func Choose(f *hall.Floor, no hall.PostNo, now hall.Millis) Choice {
	return look(f, no, now, nil)
}

func look(f *hall.Floor, no hall.PostNo, now hall.Millis, each func(Seen)) (c Choice) {
	var s search // filled in place: it is large, and a literal would be copied
	s.f, s.no, s.post, s.now, s.policy, s.each = f, no, &f.Posts()[no], now, policyOf(f.Terms.Policy), each
	if f.Terms.Bonuses {
		s.kept = reserve(f, s.post, s.kept)
		s.guarded = s.policy.Guarded()
	}
	_, s.strict = s.policy.(strict)
	_, s.ratio = s.policy.(ratio)
	ties := f.Ties(no)
	for i := range ties {
		if t := &ties[i]; t.Need.Waiting > 0 && s.mayServe(t) {
			s.lanes(t)
		}
	}
	s.decide(&c)
	return c
}

// reserve lists the window's skills for which it must stay free: at most two open windows hold them, and no other one
// of those has nobody.
func reserve(f *hall.Floor, p *hall.Post, list []hall.SkillNo) []hall.SkillNo {
	rare := f.Rare(p, scarce)
	if len(rare) == 0 {
		return list
	}
	own := 0
	if p.State == hall.PostFree {
		own = 1
	}
	for _, k := range rare {
		if f.FreeWith(k) == own {
			list = append(list, k)
		}
	}
	return list
}

// Kept lists the skills of a window that few open windows hold: who needs none of them may wait before it while it is free.
func Kept(f *hall.Floor, no hall.PostNo) []hall.SkillNo {
	if !f.Terms.Bonuses {
		return nil
	}
	return f.Rare(&f.Posts()[no], scarce)
}

// isReserved says whether the window is kept for others than this need.
func (s *search) isReserved(n *hall.Need) bool {
	if len(s.kept) == 0 || n.Post == s.no {
		return false
	}
	for _, k := range n.Skills {
		if slices.Contains(s.kept, k) {
			return false
		}
	}
	return true
}

// lanes looks at the heads of a need's classes.
func (s *search) lanes(t *hall.Tie) {
	n := t.Need
	var l lead
	l.need, l.Primary, l.Share, l.Bonuses = n, t.Primary, t.Share, s.f.Terms.Bonuses
	l.factor = l.bonus()
	reserved := s.isReserved(n)
	for c, target := range s.f.Terms.Targets {
		l.class = hall.ClassNo(c)
		if l.stand, l.waiting = n.Head(l.class); l.waiting == 0 {
			continue
		}
		s.candidates += l.waiting
		l.Target = target
		if l.stand.Since == hall.First {
			l.reserved = false
			s.returned.offer(&l, 0, 0)
			if s.each != nil {
				s.tell(&l, Head{Target: target, Share: l.Share}, 0)
			}
			continue
		}
		l.Waited = s.now - l.stand.Since
		l.reserved = reserved && l.Waited < target
		s.head(&l)
	}
}

// tell hands a head on to whoever makes the table of the call.
func (s *search) tell(l *lead, h Head, score float64) {
	s.each(Seen{Need: l.need, Class: l.class, Stand: l.stand, Waiting: l.waiting, Head: h, Score: score, Reserved: l.reserved})
}

func (s *search) head(l *lead) {
	var tier hall.Millis
	var score float64
	if s.ratio {
		score = l.Head.ratio(l.factor)
	} else {
		tier, score = s.policy.Score(l.Head)
	}
	if s.each != nil { // asked here, since the head would be copied for the call
		s.tell(l, l.Head, score)
	}
	if l.reserved {
		s.reserved += l.waiting
		if at := l.stand.Since + l.Target; s.again == 0 || at < s.again {
			s.again = at
		}
		return
	}
	if s.guarded && l.Waited >= starving*l.Target {
		s.overdue.offer(l, 0, float64(l.Waited)/float64(l.Target))
	}
	s.scored.offer(l, tier, score)
	if s.strict {
		s.earliest.offer(l, 0, float64(l.Waited))
	}
}

// decide takes the four steps in order.
func (s *search) decide(out *Choice) {
	won := &s.scored
	out.Step = hall.StepScore
	switch {
	case s.returned.need != nil:
		won, out.Step = &s.returned, hall.StepReturned
	case s.overdue.need != nil:
		won, out.Step = &s.overdue, hall.StepOverdue
	case s.earliest.need != nil && s.f.Terms.Bonuses && s.f.Terms.Quota > 0:
		out.Passed = won.stand != s.earliest.stand
		if out.Passed && s.post.SincePass < s.f.Terms.Quota-1 {
			won, out.Step = &s.earliest, hall.StepQuota
			out.Passed = false
		}
	}
	out.Need, out.Class, out.Stand = won.need, won.class, won.stand
	out.Candidates, out.Reserved, out.Again = s.candidates, s.reserved, s.again
	if won.need == nil {
		out.Step = ""
	}
}

// Offer says which free window a waiting ticket of the need goes to: the one with the fewest skills, then the one that
// has been free longest; under the policy primary first of all one whose primary field it is. It is AnyPost when no
// free window may call it now.
func Offer(f *hall.Floor, n *hall.Need, since, target, now hall.Millis) hall.PostNo {
	found, fewest, free, own := hall.AnyPost, math.MaxInt, hall.Millis(0), false
	posts := f.Posts()
	for i := range posts {
		p := &posts[i]
		if p.State != hall.PostFree || f.Free() == 0 {
			continue
		}
		s := search{f: f, no: hall.PostNo(i), post: p, now: now}
		t := p.Tie(n)
		if !s.mayServe(&t) {
			continue
		}
		isOwn := f.Terms.Policy == "primary" && t.Primary
		if found != hall.AnyPost {
			switch {
			case isOwn != own:
				if own {
					continue
				}
			case len(p.Skills) != fewest:
				if len(p.Skills) > fewest {
					continue
				}
			case p.FreeSince >= free:
				continue
			}
		}
		if f.Terms.Bonuses && now-since < target {
			var room [8]hall.SkillNo
			if s.kept = reserve(f, p, room[:0]); s.isReserved(n) {
				continue
			}
		}
		found, fewest, free, own = hall.PostNo(i), len(p.Skills), p.FreeSince, isOwn
	}
	return found
}

// FreePosts lists the free windows in the order in which a ticket that several could call is offered to them: the one
// with the fewest skills first, then the one that has been free longest.
func FreePosts(f *hall.Floor) []hall.PostNo {
	var list []hall.PostNo
	posts := f.Posts()
	for i := range posts {
		if posts[i].State == hall.PostFree {
			list = append(list, hall.PostNo(i))
		}
	}
	slices.SortStableFunc(list, func(a, b hall.PostNo) int {
		if d := len(posts[a].Skills) - len(posts[b].Skills); d != 0 {
			return d
		}
		return int(posts[a].FreeSince - posts[b].FreeSince)
	})
	return list
}
