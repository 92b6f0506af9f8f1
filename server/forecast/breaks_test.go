package forecast_test

import (
	"testing"

	"yitang/server/forecast"
	"yitang/server/hall"
)

// TestPaused: who comes while all windows pause waits until they open again: when their clerks said, otherwise with the hall's next
// opening; after the last one nobody knows.
func TestPaused(t *testing.T) {
	clock := func(hour, minute hall.Millis) hall.Millis { return midnight + 2*dayMS + hour*hourMS + minute*60_000 }
	for _, c := range []struct {
		name        string
		now, told   hall.Millis
		least, most float64 // minutes; 0 = nothing can be told
	}{
		{"within the break", clock(14, 41), 0, 79, 100},
		{"within the break, back before its end", clock(14, 41), clock(15, 0), 19, 40},
		{"within the break, back after its end", clock(15, 41), clock(16, 30), 49, 70},
		{"before the break", clock(13, 30), 0, 150, 171},
		{"before the break, back before it begins", clock(13, 30), clock(13, 40), 10, 31},
		{"after the break", clock(16, 5), 0, 0, 0},
		{"after the break, back soon", clock(16, 5), clock(16, 20), 15, 36},
	} {
		for _, days := range []string{"none", "with the break", "without these windows"} {
			p, _ := quiet(t, truth{windows: repeat("A", 5), rates: []float64{30}, mean: []float64{8}, cv2: 0.5})
			l := *p.layout
			l.Hours.Spans, l.Version = []hall.Span{{From: 540, To: 840}, {From: 960, To: 1200}}, "2"
			p.do(hall.AdoptLayout{Layout: l}, clock(9, 0))
			p.layout = p.s.Layout()
			for i, w := range p.layout.Windows {
				p.do(hall.OpenWindow{Window: w.ID}, clock(9, 0))
				if days == "with the break" || days != "none" && i == 0 {
					p.spells = append(p.spells, hall.PastSpell{Window: w.ID, Since: clock(8-24, 30), Until: clock(14-24, 0)},
						hall.PastSpell{Window: w.ID, Since: clock(16-24, 0), Until: clock(20-24, 0)})
				}
			}
			for _, w := range p.layout.Windows {
				p.do(hall.PauseWindow{Window: w.ID, Reason: "午休", Until: c.told}, c.now-60_000)
			}
			for i := range hall.Millis(3) {
				p.take(c.now-60_000+i, "A-1")
			}
			o := forecast.Learn(p.layout, p.past, p.spells, c.now, "2025-06-05", offset).Look(p.s.View(), c.now, 1)
			wait, known := o.Coming[forecast.Kind{Field: "A", Act: hall.DecideNow, Class: hall.ClassOrdinary}]
			if m := wait.Raw[0] / 60; known != (c.most > 0) || m < c.least || m > c.most {
				t.Errorf("%s, past days %s: three ahead, told %v: %.1f minutes, want %.0f to %.0f", c.name, days, known, m, c.least, c.most)
			}
		}
	}
}
