package forecast

import (
	"slices"

	"yitang/server/hall"
)

// How far alarms look ahead.
const (
	aheadPaths = 40
	aheadBin   = 10 * 60 * 1000
	aheadBins  = 18 // three hours
	aheadLeast = 20 // people over all paths that a bin needs to say anything
)

// Alarm says that people who come for a field from a moment on will wait too long.
type Alarm struct {
	Field   hall.FieldID
	From    hall.Millis // start of the ten minutes
	WaitMin float64     // mean expected wait of who comes in them
	Cause   Cause
	Back    hall.Millis // the end of a Break, or 0
}

// Cause is why people will wait too long, and so what would help.
type Cause string

// The causes.
const (
	Unopened Cause = "unopened" // a window that can serve the field is closed or pauses
	AllOpen  Cause = "all_open" // every window that can serve it is open
	Break    Cause = "break"    // they come between two openings of the hall, or would not wait too long without that time
)

// Foresees says whether a whole past day is known, so that alarms can look ahead: without one nobody knows who will come.
func (h *Hall) Foresees() bool { return h.Knows() && h.demand.whole }

// Alarms looks three hours ahead: for each field the first ten minutes in which newcomers are expected to wait longer
// than the layout's Calling.Alarm, and the first before them for which only a break is to blame; nil where too little is known.
func (h *Hall) Alarms(v *hall.View, now hall.Millis, seed uint64) []Alarm {
	if !h.Foresees() || !v.Open || v.Layout != h.layout {
		return nil
	}
	s, _, _ := h.scene(v, now)
	runs := make([][]bin, aheadPaths)
	s.paths(aheadPaths, func(p *path, i int) { runs[i] = p.ahead(seed*7_000_003+uint64(i), i) })
	var out []Alarm
	for f := range h.layout.Fields {
		out = append(out, h.alarmsOf(s, f, runs)...)
	}
	return out
}

func (h *Hall) alarmsOf(s *scene, field int, runs [][]bin) (out []Alarm) {
	f, bound := h.layout.Fields[field].ID, float64(h.layout.Calling.Alarm())
	for b := range aheadBins {
		from := s.now + hall.Millis(b)*aheadBin
		n, mean := meanOf(s, f, runs, b)
		mean = h.correct(Quantiles{mean * 60}, f, float64(from-s.clock.midnight)/1000)[0] / 60
		if n < aheadLeast || mean <= bound {
			continue
		}
		a := Alarm{Field: f, From: from, WaitMin: mean, Cause: AllOpen}
		rest, back := without(s.breaks, from+aheadBin/2, mean)
		switch {
		case rest > bound:
			if couldOpen(s.floor, field) {
				a.Cause = Unopened
			}
			return append(out, a)
		case len(out) == 0:
			a.Cause, a.Back = Break, back
			out = append(out, a)
		}
	}
	return out
}

// meanOf is how many came for a field in a bin over all paths, and their mean wait in minutes.
func meanOf(s *scene, f hall.FieldID, runs [][]bin, b int) (n, minutes float64) {
	sum := 0.0
	for _, r := range runs {
		for k := range s.streams {
			if s.streams[k].field == f {
				n += r[k*aheadBins+b].n
				sum += r[k*aheadBins+b].sum
			}
		}
	}
	return n, sum / max(n, 1) / minuteMS
}

// without is what remains of a wait of minutes outside the breaks, nothing where it begins within one, and the end of the last
// one that it reaches into.
func without(breaks []gap, from hall.Millis, minutes float64) (rest float64, back hall.Millis) {
	until := from + round(minutes*minuteMS)
	for _, g := range breaks {
		if within := min(until, g.to) - max(from, g.from); within > 0 {
			minutes, back = minutes-float64(within)/minuteMS, g.to
			if from >= g.from { // whoever comes within a break finds the line that it made
				minutes = 0
			}
		}
	}
	return minutes, back
}

// couldOpen says whether a window is not open, or nobody is at it, that can do an act of the layout's field.
func couldOpen(f *hall.Floor, field int) bool {
	acts := len(hall.Acts())
	return slices.ContainsFunc(f.Posts(), func(p hall.Post) bool {
		return p.State == hall.PostClosed && slices.ContainsFunc(p.Skills, func(k hall.SkillNo) bool { return int(k)/acts == field })
	})
}

// bin is the waits of who came in some minutes.
type bin struct{ n, sum float64 }

// ahead plays a path on past everybody who is here, and keeps the waits of who comes, by stream and bin. Who is not
// called within an hour after the last bin has waited until then at least.
func (p *path) ahead(seed uint64, number int) []bin {
	p.keep = true
	p.begin(seed, number)
	end := p.scene.now + aheadBins*aheadBin
	p.open = maxEvents // nobody's call ends it
	p.playUntil(end + 6*aheadBin)
	out := make([]bin, len(p.streams)*aheadBins)
	for i, c := range p.come {
		at := p.came[i]
		if at >= end {
			continue
		}
		call := p.met[i]
		if call == never {
			call = end + 6*aheadBin
		}
		b := &out[int(c.stream)*aheadBins+int((at-p.scene.now)/aheadBin)]
		b.n++
		b.sum += float64(call - at)
	}
	return out
}
