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

// comeback is when a window that pauses now is expected to open again.
type comeback struct {
	post hall.PostNo
	at   hall.Millis
	told bool // by its clerk; otherwise it is the hall's next opening
}

// comebacks leaves out the windows of which nothing is known.
func comebacks(v *hall.View, breaks []gap, now hall.Millis) []comeback {
	var out []comeback
	for i := range v.Windows {
		switch w, no := &v.Windows[i], hall.PostNo(i); {
		case w.State != hall.Paused:
		case w.Until > now:
			out = append(out, comeback{no, w.Until, true})
		case len(breaks) > 0:
			out = append(out, comeback{no, breaks[0].to, false})
		}
	}
	return out
}

// rest is what a past day's windows did from a moment of the day on, as times of today. A window that pauses now comes
// back when its clerk said; otherwise with the hall's next opening, if that day had it open then. Windows that lack on that
// day stay as they are.
func (r rosters) rest(day int, c clock, now hall.Millis, back []comeback) []shift {
	list := r[day]
	i, _ := slices.BinarySearchFunc(list, now-c.midnight, func(s shift, at hall.Millis) int { return cmp.Compare(s.at, at) })
	out := slices.Clone(list[i:])
	for k := range out {
		out[k].at += c.midnight
	}
	for _, b := range back {
		if b.told {
			out = slices.DeleteFunc(out, func(s shift) bool { return s.post == b.post && s.at < b.at })
		}
		if b.told || openAt(list, b.post, b.at-c.midnight) {
			out = append(out, shift{b.at, b.post, true})
		}
	}
	return byTime(out)
}

// openAt says whether a window was open on a past day at a time, also where that day does not know the window.
func openAt(list []shift, post hall.PostNo, at hall.Millis) bool {
	open := !slices.ContainsFunc(list, func(s shift) bool { return s.post == post })
	for _, s := range list {
		if s.post == post && s.at <= at {
			open = s.open
		}
	}
	return open
}

// byHours closes the windows that are open between the hall's openings, where no past day is known. Within a break those
// with somebody close when they are done; one that is free is there for who comes.
func byHours(s *scene, open []hall.PostNo, back []comeback) []shift {
	var out []shift
	for _, b := range back {
		out = append(out, shift{b.at, b.post, true})
		if b.told {
			open = append(open, b.post)
		}
	}
	for _, g := range s.breaks {
		for _, p := range open {
			if g.from > s.now || s.floor.Posts()[p].State == hall.PostBusy {
				out = append(out, shift{max(g.from, s.now), p, false}, shift{g.to, p, true})
			}
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
