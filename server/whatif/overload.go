package whatif

import (
	"math"
	"slices"
)

// Overload is why a scenario's line grows without end under every policy: people who never leave bring these matters, which
// need the whole time of Load windows, and only so many serve any of them.
type Overload struct {
	Matters []string
	Load    float64
	Windows int
}

// exactly is by how much a load counts as more than it is, so that one that equals its windows' time is found in spite of
// rounding: with chance arrivals its line grows without end too.
const exactly = 1e-9

// Overload finds matters that need as much work as all windows that serve them can do, and nil where there are none: then the
// work can be dealt to the windows so that each has time left. Whoever may leave is left out of account, so what is found is true
// without them. The rule is that of a flow from matters to windows, which is as large as the work unless a set of
// matters cuts it off (Ford and Fulkerson 1956).
func (s *Scenario) Overload() *Overload {
	if s.WaitingRoom > 0 {
		return nil
	}
	d := &dealing{s: s, load: map[string]float64{}, given: make([]map[string]float64, len(s.Windows)), spare: make([]float64, len(s.Windows))}
	var matters []string
	for _, t := range s.Types {
		if t.Patience > 0 {
			continue
		}
		for _, m := range t.matters() {
			if d.load[m] == 0 {
				matters = append(matters, m)
			}
			d.load[m] += t.Rate * t.Service.Mean / float64(len(t.matters()))
		}
	}
	for i := range d.spare {
		d.spare[i], d.given[i] = 1, map[string]float64{}
	}
	for _, m := range matters {
		if cut := d.deal(m); cut != nil {
			return d.overload(cut)
		}
	}
	return nil
}

// dealing is work dealt to windows so far, in windows' whole times.
type dealing struct {
	s     *Scenario
	load  map[string]float64
	given []map[string]float64 // by window, of each matter
	spare []float64
}

// step is how a search came to a matter: at a window that could do some of it instead of another matter.
type step struct {
	matter string
	window int // that does some of matter's work
	before int // the step from there; -1 is the first
}

const nothing = 1e-12 // what rounding leaves of a load or a window

// deal finds windows for a matter's work, moving other work where it must. Where there is no room it gives the matters whose
// windows are all full.
func (d *dealing) deal(m string) (cut []step) {
	for rest := d.load[m] * (1 + exactly); rest > nothing*max(1, d.load[m]); {
		steps, window, last := d.search(m)
		if window < 0 {
			return steps
		}
		part := min(rest, d.spare[window])
		for i := last; steps[i].before >= 0; i = steps[i].before {
			part = min(part, d.given[steps[i].window][steps[i].matter])
		}
		d.spare[window] -= part
		for i := last; ; i = steps[i].before {
			d.given[window][steps[i].matter] += part
			if steps[i].before < 0 {
				break
			}
			window = steps[i].window
			if left := d.given[window][steps[i].matter] - part; left > nothing {
				d.given[window][steps[i].matter] = left
			} else {
				delete(d.given[window], steps[i].matter)
			}
		}
		rest -= part
	}
	return nil
}

// search goes from a matter to a window with time left, the shortest way; window is -1 where none can be reached.
func (d *dealing) search(m string) (steps []step, window, last int) {
	steps, seen, been := []step{{matter: m, before: -1}}, map[string]bool{m: true}, make([]bool, len(d.spare))
	for i := 0; i < len(steps); i++ {
		for w := range d.spare {
			if been[w] || !slices.Contains(d.s.Windows[w].Skills, steps[i].matter) {
				continue
			}
			if been[w] = true; d.spare[w] > nothing {
				return steps, w, i
			}
			for other := range d.given[w] {
				if !seen[other] {
					seen[other] = true
					steps = append(steps, step{other, w, i})
				}
			}
		}
	}
	return steps, -1, -1
}

func (d *dealing) overload(cut []step) *Overload {
	o := &Overload{}
	for _, c := range cut {
		o.Matters = append(o.Matters, c.matter)
		o.Load += d.load[c.matter]
	}
	slices.Sort(o.Matters)
	for _, w := range d.s.Windows {
		if slices.ContainsFunc(w.Skills, func(m string) bool { return slices.Contains(o.Matters, m) }) {
			o.Windows++
		}
	}
	o.Load = math.Max(o.Load, float64(o.Windows)) // rounding
	return o
}
