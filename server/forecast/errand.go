package forecast

import (
	"slices"

	"yitang/server/hall"
)

// errands are the tickets that want several skills: where no window has them all they go on to the next one, in their
// original place. A path keeps what each has done.
type errands struct {
	list     []errand
	done     []uint16 // by errand: what is done, or under way, at the scene's moment
	errandOf []int32  // by Stand.Order of those who wait, or noErrand
}

// errand is one of them. It has at most hall.MaxTicketMatters matters.
type errand struct {
	skills []hall.SkillNo
	laws   []law // of each matter, with any clerk
	class  hall.ClassNo
	since  hall.Millis
}

const noErrand int32 = -1

// errandOrder is where the orders begin of those who go on.
const errandOrder uint64 = 1 << 40

// errand adds a ticket and says its number; noErrand where one skill is all it wants, or where a clerk has sent it.
func (h *Hall) errand(s *scene, l *hall.Layout, t *hall.Ticket) int32 {
	if len(t.Remaining) < 2 || t.Directed || t.For != "" {
		return noErrand
	}
	e := errand{class: t.Priority.Class(), since: t.Since}
	for _, code := range t.Remaining {
		m := h.matters[code]
		if m == nil {
			return noErrand
		}
		k, ok := s.floor.Skill(l, m.Field, m.Act(t.Deliver))
		if !ok {
			return noErrand
		}
		e.skills, e.laws = append(e.skills, k), append(e.laws, h.services.single(code, ""))
	}
	if len(slices.Compact(slices.Sorted(slices.Values(e.skills)))) < 2 {
		return noErrand
	}
	s.list, s.done = append(s.list, e), append(s.done, 0)
	return int32(len(s.list) - 1)
}

// begun marks what the window that has the ticket does of it, and says how long that takes.
func (s *scene) begun(errand int32, post hall.PostNo, clerk float64) law {
	e, mean, variance := &s.list[errand], 0.0, 0.0
	for i, k := range e.skills {
		if s.floor.Posts()[post].Has(k) {
			s.done[errand] |= 1 << i
			l := e.laws[i]
			l.mu += clerk
			mean += l.mean()
			variance += l.mean() * l.mean() * l.cv2()
		}
	}
	if mean == 0 { // sent to a window that has no skill for it: all is done there
		s.done[errand] = 1<<len(e.skills) - 1
		return lawOf(usualMin*minuteMS, s.services.allCV2)
	}
	return lawOf(mean, variance/(mean*mean))
}

// errandTime is how long a window takes for what it can do of what is left.
func (p *path) errandTime(errand int32, post hall.PostNo) float64 {
	e, sum := &p.list[errand], 0.0
	for i, k := range e.skills {
		if p.did[errand]>>i&1 == 0 && p.f.Posts()[post].Has(k) {
			p.did[errand] |= 1 << i
			l := e.laws[i]
			l.mu += p.clerks[post]
			sum += l.draw(&p.dice, p.grid)
		}
	}
	return sum
}

// goOn lets somebody with matters left wait on, in the original place, for whoever can do them.
func (p *path) goOn(errand int32) {
	if errand == noErrand {
		return
	}
	e := &p.list[errand]
	var room [hall.MaxTicketMatters]hall.SkillNo
	rest := room[:0]
	for i, k := range e.skills {
		if p.did[errand]>>i&1 == 0 {
			rest = append(rest, k)
		}
	}
	if len(rest) > 0 {
		p.f.Add(p.f.Need(rest, hall.AnyPost), e.class, hall.Stand{Since: e.since, Order: errandOrder + uint64(errand)})
	}
}
