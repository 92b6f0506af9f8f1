package forecast_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

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
			p.hours(clock(9, 0), hall.Span{From: 540, To: 840}, hall.Span{From: 960, To: 1200})
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

// TestClosedAtMidday: windows that closed for a break, or shortly before, come back with the hall's next opening though no past day
// says so; those that closed in the morning do not.
func TestClosedAtMidday(t *testing.T) {
	clock := func(hour, minute hall.Millis) hall.Millis { return midnight + 2*dayMS + hour*hourMS + minute*60_000 }
	for _, c := range []struct {
		name        string
		closed, now hall.Millis
		serving     int     // windows that go on
		least, most float64 // minutes that the ninth of those who wait has; 0 = nothing can be told
	}{
		{"within the break", clock(14, 10), clock(14, 41), 0, 79, 110},
		{"a quarter of an hour before it", clock(13, 45), clock(14, 41), 0, 79, 110},
		{"seen before it", clock(13, 45), clock(13, 50), 0, 130, 160},
		{"in the morning", clock(11, 0), clock(14, 41), 0, 0, 0},
		{"within the break, one goes on", clock(14, 10), clock(15, 50), 1, 10, 40},
		{"in the morning, one goes on", clock(11, 0), clock(15, 50), 1, 50, 110},
		{"all go on", clock(14, 10), clock(14, 41), 8, 1, 20},
	} {
		p, _ := quiet(t, truth{windows: repeat("A", 8), rates: []float64{30}, mean: []float64{8}, cv2: 0.5})
		p.hours(clock(9, 0), hall.Span{From: 540, To: 840}, hall.Span{From: 960, To: 1200})
		for _, w := range p.layout.Windows {
			p.do(hall.OpenWindow{Window: w.ID}, clock(9, 0))
		}
		for _, w := range p.layout.Windows[c.serving:] {
			p.do(hall.CloseWindow{Window: w.ID}, c.closed)
		}
		for i := range hall.Millis(9 + c.serving) {
			p.take(c.now-60_000+i, "A-1")
		}
		for _, w := range p.layout.Windows[:c.serving] {
			p.do(hall.CallNext{Window: w.ID}, c.now-30_000)
		}
		o := forecast.Learn(p.layout, p.past, nil, c.now, "2025-06-05", offset).Look(p.s.View(), c.now, 1)
		wait, known := o.Tickets[p.s.WaitingFor("A")[8].ID]
		if m := wait.Raw[0] / 60; known != (c.most > 0) || m < c.least || m > c.most {
			t.Errorf("%s: told %v: %.1f minutes, want %.0f to %.0f", c.name, known, m, c.least, c.most)
		}
	}
}

// TestClosingOnPeople: whether a window that a past day closed at a break goes on while somebody waits for it, those who waited
// at breaks before tell: whether they were called within one or after it.
func TestClosingOnPeople(t *testing.T) {
	for _, c := range []struct {
		name        string
		called      hall.Millis // minutes after the break's beginning
		least, most float64     // minutes that eight people wait ten minutes before a break of three hours
	}{
		{"windows went on", 20, 40, 120},
		{"windows closed", 185, 170, 300},
	} {
		for now, past := range map[hall.Millis]hall.WindowID{50: "1", 55: "2", 62: "1", 64: "2"} { // before the break and within it, a past day that knows the window or not
			if m := closingOn(t, now*60_000, c.called, past); m < c.least || m > c.most {
				t.Errorf("%s, %d minutes after the opening, window %s known: %.0f minutes, want %.0f to %.0f", c.name, now, past, m, c.least, c.most)
			}
		}
	}
}

// closingOn is the median of who waits behind seven others at window 1, in minutes, a time after an opening that a break of three hours ends
// after one hour. A past day's window closed for it, and people were called some minutes after that.
func closingOn(t *testing.T, after, called hall.Millis, past hall.WindowID) float64 {
	t.Helper()
	p, start := quiet(t, truth{windows: repeat("A", 5), rates: []float64{30}, mean: []float64{8}, cv2: 0.5})
	p.hours(start, hall.Span{From: 540, To: 600}, hall.Span{From: 780, To: 1020})
	noon, now := start+hourMS-dayMS, start+after
	spells := []hall.PastSpell{{Window: past, Since: noon - hourMS, Until: noon}, {Window: past, Since: noon + 3*hourMS, Until: noon + 7*hourMS}}
	for i := range hall.Millis(40) {
		p.past = append(p.past, hall.PastService{Day: "2025-06-04", Field: "A", Matters: []hall.MatterCode{"A-1"}, Priority: hall.Ordinary, IssuedAt: noon - 5*60_000,
			Leg: 1, Window: "1", Clerk: "clerk:c", CalledAt: noon + called*60_000 + i, EndedAt: noon + (called+8)*60_000})
	}
	p.eight(now)
	o := forecast.Learn(p.layout, p.past, spells, now, "2025-06-05", offset).Look(p.s.View(), now+1000, 1)
	return o.Tickets[p.s.WaitingFor("A")[7].ID].Raw[0] / 60
}

// TestAlarmCauses: a break is blamed for waits that would not be long without it; a window that is not open for the others;
// where there is none that serves the field, that is said.
func TestAlarmCauses(t *testing.T) {
	for _, c := range []struct {
		name    string
		windows int         // of the layout
		open    int         // the first ones, in the past as well
		hours   []hall.Span // nine to five where nil
		causes  []forecast.Cause
	}{
		{"enough before the break", 8, 8, []hall.Span{{From: 540, To: 600}, {From: 720, To: 1020}}, []forecast.Cause{forecast.Break}},
		{"enough, no break", 8, 8, nil, nil},
		{"too few, others closed", 8, 1, nil, []forecast.Cause{forecast.Unopened}},
		{"too few, all open", 1, 1, nil, []forecast.Cause{forecast.AllOpen}},
	} {
		p, start := quiet(t, truth{windows: repeat("A", 8), rates: []float64{16}, mean: []float64{6}})
		p.adopt(start, func(l *hall.Layout) {
			l.Windows = l.Windows[:c.windows]
			if c.hours != nil {
				l.Hours.Spans = c.hours
			}
		})
		for _, w := range p.layout.Windows[:c.open] {
			p.do(hall.OpenWindow{Window: w.ID}, start)
			for _, s := range p.layout.Hours.Spans {
				day := midnight + dayMS
				p.spells = append(p.spells, hall.PastSpell{Window: w.ID, Since: day + hall.Millis(s.From)*60_000, Until: day + hall.Millis(s.To)*60_000})
			}
		}
		known := forecast.Learn(p.layout, p.past, p.spells, start, "2025-06-05", offset)
		alarms := known.Alarms(p.s.View(), start, 1)
		var causes []forecast.Cause
		for _, a := range alarms {
			causes = append(causes, a.Cause)
			if back := start + 3*hourMS; a.Field != "A" || a.From < start || (a.Cause == forecast.Break) != (a.Back == back) || a.Back != 0 && (a.From >= back || a.WaitMin <= 30) {
				t.Errorf("%s: %+v", c.name, a)
			}
		}
		if d := cmp.Diff(c.causes, causes); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}
