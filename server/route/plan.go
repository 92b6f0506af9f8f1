package route

import (
	"math/bits"
	"slices"

	"yitang/server/hall"
)

// mayServe says whether the window may call tickets of the need now. One that can do all of it always may. Another one
// may only if no open window can do it all, or all that can are far busier; and then only if it can do the whole first
// leg of the plan with the fewest windows.
func (s *search) mayServe(t *hall.Tie) bool {
	n := t.Need
	if n.Post != hall.AnyPost {
		return n.Post == s.no
	}
	if t.Can == len(n.Skills) {
		return t.Can > 0
	}
	if t.Can == 0 {
		return false
	}
	if n.Gen != s.f.Gen() {
		note(s.f, n)
	}
	if len(n.Cover) > 0 && !s.farBusier(n.Cover) {
		return false
	}
	return s.post.Covers(n.Leg) == len(n.Leg)
}

// A window is far busier than another when it has more than twice the people and some to spare.
const (
	busierTimes = 2
	busierBy    = 3.0 // people
)

// farBusier says whether each of the windows is far busier than this one.
func (s *search) farBusier(cover []hall.PostNo) bool {
	limit := busierTimes*queue(s.f, s.post) + busierBy
	for _, no := range cover {
		if p := &s.f.Posts()[no]; p.State == hall.PostFree || queue(s.f, p) <= limit {
			return false
		}
	}
	return true
}

// queue is how many people wait for a window: of each skill those that wait for it, divided by the windows that have it.
func queue(f *hall.Floor, p *hall.Post) float64 {
	q := 0.0
	for _, k := range p.Skills {
		if n := f.WaitingFor(k); n > 0 {
			q += float64(n) / float64(max(1, f.Open(k)))
		}
	}
	return q
}

// note works out which open windows can do all of a need, and the first leg for the time when they are too busy.
func note(f *hall.Floor, n *hall.Need) {
	n.Gen, n.Cover = f.Gen(), nil
	for i := range f.Posts() {
		p := &f.Posts()[i]
		if p.State != hall.PostClosed && p.Covers(n.Skills) == len(n.Skills) {
			n.Cover = append(n.Cover, hall.PostNo(i))
		}
	}
	n.Leg = firstLeg(f, slices.Compact(slices.Clone(n.Skills)), len(n.Cover) > 0)
}

// firstLeg is what the first window of the plan must be able to do. The plan has the fewest windows; its first leg holds
// the scarcest skill. Partial leaves out the windows that can do everything, since they are too busy.
func firstLeg(f *hall.Floor, skills []hall.SkillNo, partial bool) []hall.SkillNo {
	masks := coverages(f, skills, partial, true)
	if len(masks) == 0 { // nobody works yet: go by who could
		masks = coverages(f, skills, partial, false)
	}
	want := scarcest(f, skills)
	reach := uint16(0)
	for _, m := range masks {
		reach |= m
	}
	if reach>>want&1 == 0 { // nobody can do the scarcest now: the scarcest that somebody can
		want = scarcestOf(f, skills, reach)
	}
	if want < 0 {
		return skills
	}
	best, legs := uint16(0), len(skills)+1
	for _, m := range masks {
		if m>>want&1 == 0 {
			continue
		}
		need := 1 + fewest(masks, reach&^m)
		if need < legs || need == legs && bits.OnesCount16(m) > bits.OnesCount16(best) {
			best, legs = m, need
		}
	}
	var leg []hall.SkillNo
	for i, k := range skills {
		if best>>i&1 == 1 {
			leg = append(leg, k)
		}
	}
	return leg
}

// coverages are the different sets of the skills (bit i for skill i) that windows can do.
func coverages(f *hall.Floor, skills []hall.SkillNo, partial, open bool) []uint16 {
	var masks []uint16
	all := uint16(1)<<len(skills) - 1
	for i := range f.Posts() {
		p := &f.Posts()[i]
		if open && p.State == hall.PostClosed {
			continue
		}
		m := uint16(0)
		for j, k := range skills {
			if p.Has(k) {
				m |= 1 << j
			}
		}
		if m != 0 && !(partial && m == all) && !slices.Contains(masks, m) {
			masks = append(masks, m)
		}
	}
	return masks
}

// fewest is how many of the sets it takes to cover rest. A ticket has at most ten matters.
func fewest(masks []uint16, rest uint16) int {
	if rest == 0 {
		return 0
	}
	reached := map[uint16]bool{0: true}
	for n := 1; n <= bits.OnesCount16(rest); n++ {
		next := map[uint16]bool{}
		for got := range reached {
			for _, m := range masks {
				now := got | m&rest
				if now == rest {
					return n
				}
				next[now] = true
			}
		}
		reached = next
	}
	return bits.OnesCount16(rest)
}

// scarcest is the place of the skill that the fewest open windows have; the first in the list on a tie.
func scarcest(f *hall.Floor, skills []hall.SkillNo) int {
	return scarcestOf(f, skills, ^uint16(0))
}

// scarcestOf looks only among the skills in the set; -1 when it is empty.
func scarcestOf(f *hall.Floor, skills []hall.SkillNo, set uint16) int {
	found := -1
	for i, k := range skills {
		if set>>i&1 == 1 && (found < 0 || f.Open(k) < f.Open(skills[found])) {
			found = i
		}
	}
	return found
}
