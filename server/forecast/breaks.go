package forecast

import (
	"cmp"
	"slices"

	"yitang/server/hall"
)

// gap is a time between two openings of the hall.
type gap struct{ from, to hall.Millis }

// gaps are those of today that are not over, in order.
func gaps(h hall.Hours, c clock, now hall.Millis) []gap {
	var out []gap
	for _, b := range h.Breaks() {
		g := gap{c.midnight + hall.Millis(b.From)*minuteMS, c.midnight + hall.Millis(b.To)*minuteMS}
		if g.to > now {
			out = append(out, g)
		}
	}
	return out
}

// across is how much of a wait is breaks that it sees to their end. A break takes its time however slow the windows are, so
// that nothing of it is corrected.
func across(breaks []gap, from, wait hall.Millis) hall.Millis {
	sum := hall.Millis(0)
	for _, g := range breaks {
		if g.to > from && g.to <= from+wait {
			sum += g.to - max(g.from, from)
		}
	}
	return sum
}

// comeback is when a window that pauses now is expected to open again.
type comeback struct {
	post hall.PostNo
	at   hall.Millis
	told bool // by its clerk; otherwise it is the hall's next opening
}

// comebacks leaves out the windows of which nothing is known. One that closed for a break, or shortly before, is away for it
// as one that pauses.
func comebacks(v *hall.View, breaks []gap, now hall.Millis) []comeback {
	early := hall.Millis(hall.OpensEarly.Milliseconds())
	var out []comeback
	for i := range v.Windows {
		switch w, no := &v.Windows[i], hall.PostNo(i); {
		case w.State == hall.Open:
		case w.State == hall.Paused && w.Until > now:
			out = append(out, comeback{no, w.Until, true})
		case len(breaks) > 0 && (w.State == hall.Paused || w.Since >= breaks[0].from-early):
			out = append(out, comeback{no, breaks[0].to, false})
		}
	}
	return out
}

// off is how a window that is open now leaves for a break and comes back. Within a break one with somebody leaves when it is
// done; one that is free is there for who comes.
func (s *scene) off(p hall.PostNo, g gap) []shift {
	if g.from <= s.now && s.floor.Posts()[p].State != hall.PostBusy {
		return nil
	}
	return []shift{{max(g.from, s.now), p, false}, {g.to, p, true}}
}

// rest is what a past day's windows did from a moment of the day on, as times of today. A window that pauses now comes
// back when its clerk said; otherwise with the hall's next opening, if that day had it open then. One that is open though that
// day had closed it leaves for the breaks, and so does one that lacks on that day.
func (r rosters) rest(day int, s *scene, open []hall.PostNo, back []comeback) []shift {
	list, midnight, posts := r[day], s.clock.midnight, len(s.floor.Posts())
	i, _ := slices.BinarySearchFunc(list, s.now-midnight, func(s shift, at hall.Millis) int { return cmp.Compare(s.at, at) })
	out := slices.Clone(list[i:])
	for k := range out {
		out[k].at += midnight
	}
	var next []standing
	if len(s.breaks) > 0 {
		next = stood(list, posts, s.breaks[0].to-midnight)
	}
	for _, b := range back {
		switch {
		case b.told:
			out = slices.DeleteFunc(out, func(s shift) bool { return s.post == b.post && s.at < b.at })
		case next[b.post] == wasClosed:
			continue
		}
		out = append(out, shift{b.at, b.post, true})
	}
	for _, g := range s.breaks {
		then := stood(list, posts, max(g.from, s.now)-midnight)
		for _, p := range open {
			if off := s.off(p, g); len(off) > 0 && then[p] != wasOpen {
				out = append(out, off[:1+btoi(then[p] == lacked)]...)
			}
		}
	}
	return byTime(out)
}

// standing is how a window stood on a past day.
type standing int

const (
	lacked standing = iota
	wasClosed
	wasOpen
)

// stood is how each window stood at a time of a past day.
func stood(list []shift, posts int, at hall.Millis) []standing {
	out := make([]standing, posts)
	for _, s := range list {
		switch {
		case s.at > at:
			out[s.post] = max(out[s.post], wasClosed)
		case s.open:
			out[s.post] = wasOpen
		default:
			out[s.post] = wasClosed
		}
	}
	return out
}

// byHours lets the windows that are open leave between the hall's openings, where no past day is known.
func byHours(s *scene, open []hall.PostNo, back []comeback) []shift {
	var out []shift
	for _, b := range back {
		out = append(out, shift{b.at, b.post, true})
	}
	for _, g := range s.breaks {
		for _, p := range open {
			out = append(out, s.off(p, g)...)
		}
	}
	return byTime(out)
}

func byTime(list []shift) []shift {
	slices.SortStableFunc(list, func(a, b shift) int { return cmp.Compare(a.at, b.at) })
	return list
}

// staying is in what part of the paths the windows that close at a break go on while somebody waits for them: the part of those
// who waited when a break began that were called before it ended. Without any, most halls serve who is there.
func staying(l *hall.Layout, past []hall.PastService, offset hall.Millis) float64 {
	const served, waited = 7.0, 8.0
	n, called := waited, served
	for i := range past {
		p := &past[i]
		if p.Leg > 1 || p.LeftAt != 0 {
			continue
		}
		for _, g := range gaps(l.Hours, dayClock(p.IssuedAt, offset), p.IssuedAt) {
			if p.IssuedAt < g.from && p.CalledAt > g.from {
				n++
				if p.CalledAt < g.to {
					called++
				}
			}
		}
	}
	return called / n
}
