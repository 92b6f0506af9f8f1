package forecast

import (
	"slices"

	"yitang/server/hall"
)

// errands are the tickets that want several skills: where no window has them all they go on to the next one, in their
// original place.
type errands struct {
	trips    []trip
	errandOf []int32   // by Stand.Order of those who wait: the place in trips, or noErrand
	coming   []*errand // by stream: of newcomers who want several skills, nil for the others
}

// errand is what somebody wants of several windows. It has at most hall.MaxTicketMatters matters.
type errand struct {
	skills []hall.SkillNo
	laws   []law // of each matter, with any clerk
	class  hall.ClassNo
}

// trip is somebody on an errand. A path keeps its own.
type trip struct {
	*errand
	since hall.Millis // the original place
	did   uint16      // matters done or under way, as bits
}

const noErrand int32 = -1

// errandOrder is where the orders begin of those who go on.
const errandOrder uint64 = 1 << 40

// errand adds a ticket and says its number; noErrand where one skill is all it wants, or where a clerk has sent it.
func (h *Hall) errand(s *scene, l *hall.Layout, t *hall.Ticket) int32 {
	if len(t.Remaining) < 2 || t.Directed || t.For != "" {
		return noErrand
	}
	e := &errand{class: t.Priority.Class()}
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
	s.trips = append(s.trips, trip{errand: e, since: t.Since})
	return int32(len(s.trips) - 1)
}

// errandOfStream is what the people of a stream want of several windows, each skill for its part of their time; nil for one.
func errandOfStream(s *stream, skills []hall.SkillNo) *errand {
	if len(skills) < 2 {
		return nil
	}
	e := &errand{skills: skills, class: s.class}
	n := float64(len(skills))
	for range skills {
		e.laws = append(e.laws, lawOf(s.law.mean()/n, s.law.cv2()*n)) // together they vary as the whole does
	}
	return e
}

// begun marks what the window that has the ticket does of it, and says how long that takes.
func (s *scene) begun(errand int32, post hall.PostNo, clerk float64) law {
	e, mean, variance := &s.trips[errand], 0.0, 0.0
	for i, k := range e.skills {
		if s.floor.Posts()[post].Has(k) {
			e.did |= 1 << i
			l := e.laws[i]
			l.mu += clerk
			mean += l.mean()
			variance += l.mean() * l.mean() * l.cv2()
		}
	}
	if mean == 0 { // sent to a window that has no skill for it: all is done there
		e.did = 1<<len(e.skills) - 1
		return lawOf(usualMin*minuteMS, s.services.allCV2)
	}
	return lawOf(mean, variance/(mean*mean))
}

// errandTime is how long a window takes for what it can do of what is left.
func (p *path) errandTime(errand int32, post hall.PostNo) float64 {
	e, sum := &p.trips[errand], 0.0
	for i, k := range e.skills {
		if e.did>>i&1 == 0 && p.f.Posts()[post].Has(k) {
			e.did |= 1 << i
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
	e := &p.trips[errand]
	var room [hall.MaxTicketMatters]hall.SkillNo
	rest := room[:0]
	for i, k := range e.skills {
		if e.did>>i&1 == 0 {
			rest = append(rest, k)
		}
	}
	if len(rest) > 0 {
		p.f.Add(p.f.Need(rest, hall.AnyPost), e.class, hall.Stand{Since: e.since, Order: errandOrder + uint64(errand)})
	}
}
