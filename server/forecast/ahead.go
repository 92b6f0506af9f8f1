package forecast

import "yitang/server/hall"

// How far alarms look ahead.
const (
	aheadPaths = 40
	aheadBin   = 10 * 60 * 1000
	aheadBins  = 18 // three hours
	aheadLeast = 20 // people over all paths that a bin needs to say anything
)

// Alarm says that people who come for a field from a moment on will wait too long unless a window opens.
type Alarm struct {
	Field   hall.FieldID
	From    hall.Millis // start of the ten minutes
	WaitMin float64     // mean expected wait of who comes in them
}

// Foresees says whether a whole past day is known, so that alarms can look ahead: without one nobody knows who will come.
func (h *Hall) Foresees() bool { return h.Knows() && h.demand.whole }

// Alarms looks three hours ahead: for each field the first ten minutes in which newcomers are expected to wait longer
// than the layout's Calling.Alarm, nil where too little is known.
func (h *Hall) Alarms(v *hall.View, now hall.Millis, seed uint64) []Alarm {
	if !h.Foresees() || !v.Open || v.Layout != h.layout {
		return nil
	}
	s, _, _ := h.scene(v, now)
	runs := make([][]bin, aheadPaths)
	s.paths(aheadPaths, func(p *path, i int) { runs[i] = p.ahead(seed*7_000_003+uint64(i), i) })
	var out []Alarm
	for _, f := range h.layout.Fields {
		for b := range aheadBins {
			var all bin
			for _, r := range runs {
				for k := range s.streams {
					if s.streams[k].field == f.ID {
						all.n += r[k*aheadBins+b].n
						all.sum += r[k*aheadBins+b].sum
					}
				}
			}
			if mean := all.sum / max(all.n, 1) / minuteMS; all.n >= aheadLeast && mean > float64(h.layout.Calling.Alarm()) {
				out = append(out, Alarm{f.ID, now + hall.Millis(b)*aheadBin, mean})
				break
			}
		}
	}
	return out
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
