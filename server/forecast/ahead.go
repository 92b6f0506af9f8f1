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
	aheadLeast = 20 // ordinary people over all paths that a bin needs to say anything
)

// Alarm says that people who come for a field from a moment on will wait too long.
type Alarm struct {
	Field   hall.FieldID
	From    hall.Millis // start of the ten minutes
	WaitMin float64     // half of the ordinary people who come in them are expected to wait longer: the median, as all are told it
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

// Alarms looks three hours ahead: for each field the first ten minutes of whose newcomers half are expected to wait longer
// than the layout's Calling.Alarm, and the first before them for which only a break is to blame; nil where too little is known.
func (h *Hall) Alarms(v *hall.View, now hall.Millis, seed uint64) []Alarm {
	if !h.Foresees() || !v.Open || v.Layout != h.layout {
		return nil
	}
	s, _, _ := h.scene(v, now)
	runs := make([][]foreseen, aheadPaths)
	s.paths(aheadPaths, func(p *path, i int) { runs[i] = p.ahead(seed*7_000_003+uint64(i), i) })
	waits := map[bin][]int32{}
	for _, r := range runs {
		for _, x := range r {
			waits[x.bin] = append(waits[x.bin], x.wait)
		}
	}
	var out []Alarm
	for f := range h.layout.Fields {
		out = append(out, h.alarmsOf(s, f, waits)...)
	}
	return out
}

func (h *Hall) alarmsOf(s *scene, field int, waits map[bin][]int32) (out []Alarm) {
	f, bound := h.layout.Fields[field].ID, float64(h.layout.Calling.Alarm())
	for n := range aheadBins {
		list := waits[bin{f, n}]
		if len(list) < aheadLeast {
			continue
		}
		from, k := s.now+hall.Millis(n)*aheadBin, len(list)/2
		toPlace(list, k)
		median := h.correct(Quantiles{float64(list[k]) / 1000}, f, s, from)[0] / 60
		if median <= bound {
			continue
		}
		a := Alarm{Field: f, From: from, WaitMin: median, Cause: AllOpen}
		rest, back := without(s.breaks, from+aheadBin/2, median)
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

// bin is who comes for a field in ten minutes.
type bin struct {
	field hall.FieldID
	no    int // from now on
}

// foreseen is the wait in milliseconds of somebody ordinary who comes in a path.
type foreseen struct {
	bin  bin
	wait int32
}

// ahead plays a path on past everybody who is here, and says how long the ordinary people wait who come. Who is not called
// within an hour after the last bin has waited until then at least.
func (p *path) ahead(seed uint64, number int) []foreseen {
	p.keep = true
	p.begin(seed, number)
	end := p.scene.now + aheadBins*aheadBin
	p.open = maxEvents // nobody's call ends it
	p.playUntil(end + 6*aheadBin)
	var out []foreseen
	for i, c := range p.come {
		stream, at := &p.streams[c.stream], p.came[i]
		if at < end && stream.class == hall.ClassOrdinary {
			call := min(p.met[i], end+6*aheadBin)
			out = append(out, foreseen{bin{stream.field, int((at - p.scene.now) / aheadBin)}, int32(call - at)})
		}
	}
	return out
}
