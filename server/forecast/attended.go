package forecast

import (
	"maps"
	"slices"

	"yitang/server/hall"
	"yitang/server/route"
)

// longestAnswer is within how long a window with somebody at it calls who waits before it, in milliseconds.
const longestAnswer = 5 * minuteMS

// lingered is until when somebody last waited for that long, by the one skill wanted.
type lingered map[Want]hall.Millis

func lingeredToday(past []hall.PastService, matters map[hall.MatterCode]*hall.Matter, today hall.Day) lingered {
	out := lingered{}
	for i := range past {
		if p := &past[i]; p.Day == today && p.Leg == 1 && p.CalledAt-p.IssuedAt >= longestAnswer {
			out.note(wantsOf(p.Matters, p.Deliver, matters), p.CalledAt)
		}
	}
	return out
}

// note passes over who wants several skills, of which a window may lack one.
func (l lingered) note(wants []Want, until hall.Millis) {
	if len(wants) == 1 {
		l[wants[0]] = max(l[wants[0]], until)
	}
}

// leaveAlone closes the free windows at which nobody can be: since they became free they have called nobody, though somebody
// whom they could have called at once has waited. One counts again when it calls, or when a path opens it.
func (h *Hall) leaveAlone(s *scene, l *hall.Layout, tickets []*hall.Ticket) {
	wanted := maps.Clone(h.lingered)
	for _, t := range tickets {
		if t.Leg == 0 && t.Calls == 0 && t.For == "" && !t.Directed && s.now-t.IssuedAt >= longestAnswer {
			wanted.note(wantsOf(t.Remaining, t.Deliver, h.matters), s.now)
		}
	}
	until := map[hall.SkillNo]hall.Millis{}
	for w, at := range wanted {
		if k, ok := s.floor.Skill(l, w.Field, w.Act); ok {
			until[k] = max(until[k], at)
		}
	}
	var alone []hall.PostNo
	for i := range s.floor.Posts() {
		if no := hall.PostNo(i); leftAlone(s, l.Hours, no, until) {
			alone = append(alone, no)
		}
	}
	for _, no := range alone {
		s.floor.Set(no, hall.PostClosed, s.now)
	}
}

func leftAlone(s *scene, h hall.Hours, no hall.PostNo, until map[hall.SkillNo]hall.Millis) bool {
	post := &s.floor.Posts()[no]
	if post.State != hall.PostFree {
		return false
	}
	by := atWork(h, s.clock, post.FreeSince) + longestAnswer
	kept := route.Kept(s.floor, no) // others may wait before it as long as their target
	for k, at := range until {
		if at >= by && post.Has(k) && (len(kept) == 0 || slices.Contains(kept, k)) {
			return true
		}
	}
	return false
}

// atWork is from when a window that became free at a time is expected to call: windows open some time before the hall does.
func atWork(h hall.Hours, c clock, since hall.Millis) hall.Millis {
	for _, s := range h.Spans {
		if from := c.midnight + hall.Millis(s.From)*minuteMS; since < from && since >= from-hall.Millis(hall.OpensEarly.Milliseconds()) {
			return from
		}
	}
	return since
}
