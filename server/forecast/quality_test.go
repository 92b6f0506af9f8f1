package forecast_test

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yitang/server/forecast"
	"yitang/server/hall"
)

func TestJudged(t *testing.T) {
	told := &hall.Told{P50S: 600, P80S: 900, P90S: 1200}
	one := func(f hall.FieldID, hour, waited hall.Millis) hall.PastService {
		at := midnight + hour*hourMS
		return hall.PastService{Day: "2025-06-03", Field: f, IssuedAt: at, Told: told, Leg: 1, CalledAt: at + waited*60_000}
	}
	past := []hall.PastService{one("A", 9, 10), one("A", 9, 15), one("B", 10, 25), one("B", 10, 6),
		one("B", 10, 0), // called at once: needed no forecast
		{Day: "2025-06-03", Field: "A", IssuedAt: midnight + 9*hourMS, Leg: 1, CalledAt: midnight + 10*hourMS}, // told nothing
		{Day: "2025-06-03", Field: "A", IssuedAt: midnight + 9*hourMS, Told: told}}                             // never called
	q := forecast.Judged(past, offset)
	if q.Days != 1 || q.All.N != 4 || q.All.MAEMin != (0+5+15+4)/4.0 || q.All.BiasMin != (0-5-15+4)/4.0 || q.All.WaitMin != 14 {
		t.Errorf("%+v", q.All)
	}
	var got []float64
	for _, c := range q.All.Coverage {
		got = append(got, c.Share)
	}
	if d := cmp.Diff([]float64{0.5, 0.75, 0.75}, got); d != "" {
		t.Error(d)
	}
	if len(q.Fields) != 2 || q.Fields[1].Name != "B" || q.Fields[1].N != 2 || len(q.Hours) != 2 || q.Hours[0].Name != "09" {
		t.Errorf("fields %+v, hours %+v", q.Fields, q.Hours)
	}
	// DOMAIN.md: 9 of 10 is [0.595850, 0.982124].
	ten := make([]hall.PastService, 0, 10)
	for i := range hall.Millis(10) {
		ten = append(ten, one("A", 9, 1+i/9*30))
	}
	if c := forecast.Judged(ten, offset).All.Coverage[0]; math.Abs(c.Lo-0.595850) > 1e-6 || math.Abs(c.Hi-0.982124) > 1e-6 {
		t.Errorf("%+v", c)
	}
}

// TestAlarms: a hall with far too few windows for who usually comes is warned of, one with plenty is not.
func TestAlarms(t *testing.T) {
	tr := truth{windows: repeat("A", 8), rates: []float64{45}, mean: []float64{6}}
	p := newPlay(t, tr, 5)
	p.runDay()
	p.runDay()
	if len(p.past) < forecast.EnoughPast {
		t.Fatalf("only %d tickets", len(p.past))
	}
	start := midnight + hall.Millis(p.day)*dayMS + 9*hourMS
	p.spells = nil // windows stay as they are
	known := forecast.Learn(p.layout, p.past, p.spells, start, "2025-06-05", offset)
	p.do(hall.OpenDay{Day: "2025-06-05"}, start)
	p.do(hall.OpenWindow{Window: "1"}, start)
	alarms := known.Alarms(p.s.View(), start, 1)
	if len(alarms) != 1 || alarms[0].Field != "A" || alarms[0].From < start || alarms[0].From > start+2*hourMS || alarms[0].WaitMin <= 30 || alarms[0].Cause != forecast.Unopened {
		t.Errorf("one window for 45 people an hour at 6 minutes: %+v", alarms)
	}
	for _, w := range p.layout.Windows[1:] {
		p.do(hall.OpenWindow{Window: w.ID}, start)
	}
	if alarms := known.Alarms(p.s.View(), start, 1); len(alarms) != 0 {
		t.Errorf("eight windows: %+v", alarms)
	}
}

// TestSilence: with fewer than 200 past tickets nobody is told anything.
func TestSilence(t *testing.T) {
	p := newPlay(t, truths()[1], 5)
	p.runDay()
	start := midnight + dayMS + 9*hourMS
	p.do(hall.OpenDay{Day: "2025-06-04"}, start)
	p.do(hall.OpenWindow{Window: "1"}, start)
	for n, want := range map[int]bool{forecast.EnoughPast - 1: false, forecast.EnoughPast: true} {
		known := forecast.Learn(p.layout, p.past[:n], nil, start, "2025-06-04", offset)
		if o := known.Look(p.s.View(), start, 1); (o != nil) != want || (known.Alarms(p.s.View(), start, 1) != nil) && !want {
			t.Errorf("%d past tickets: outlook %v", n, o)
		}
	}
}

// TestSpoken: rounded up to five minutes, never under what the head of the line has waited.
func TestSpoken(t *testing.T) {
	p := newPlay(t, truths()[1], 6)
	p.runDay()
	start := midnight + dayMS + 9*hourMS
	known := forecast.Learn(p.layout, p.past, nil, start, "2025-06-04", offset)
	p.do(hall.OpenDay{Day: "2025-06-04"}, start)
	p.do(hall.OpenWindow{Window: "1"}, start)
	p.known = nil
	p.arrive("2025-06-04", start, 0) // is called at once
	p.arrive("2025-06-04", start+1000, 0)
	p.arrive("2025-06-04", start+40*60_000, 0)
	now := start + 41*60_000
	o := known.Look(p.s.View(), now, 1)
	head, last := p.s.WaitingFor("A")[0], p.s.WaitingFor("A")[1]
	for _, x := range []*hall.Ticket{head, last} {
		s, ok := o.Ticket(x, now)
		if !ok || s.P50Min%5 != 0 || s.P90Min%5 != 0 || s.P90Min < 5 || s.P50Min > s.P90Min {
			t.Errorf("%s: %+v %v", x.Number, s, ok)
		}
	}
	if s, _ := o.Ticket(last, now); s.P50Min < 40 {
		t.Errorf("the head has waited 41 minutes, the one who came a minute ago is told %+v", s)
	}
	if s, ok := o.Field("A", now); !ok || s.P50Min < 45 {
		t.Errorf("who comes now is told %+v", s)
	}
	if _, ok := o.Ticket(p.s.Window("1").Ticket, now); ok {
		t.Error("a called ticket was told a wait")
	}
	for _, late := range []hall.Millis{15 * 60_000, 60 * hourMS} { // a day that is over: its head has not waited until now
		if s, ok := o.Field("A", now+late); ok {
			t.Errorf("an outlook of %d minutes ago tells who comes now %+v", late/60_000, s)
		}
		if s, ok := o.Ticket(last, now+late); ok {
			t.Errorf("an outlook of %d minutes ago tells a ticket %+v", late/60_000, s)
		}
	}
}

// TestNoNumbersAnyMore: after the last opening time of a day nobody who comes is told a wait, who has a number still is.
func TestNoNumbersAnyMore(t *testing.T) {
	p := newPlay(t, truths()[1], 6)
	p.runDay()
	start := midnight + dayMS + 9*hourMS
	p.do(hall.OpenDay{Day: "2025-06-04", IssueUntil: start + hourMS}, start)
	p.do(hall.OpenWindow{Window: "1"}, start)
	p.arrive("2025-06-04", start, 0)
	p.arrive("2025-06-04", start+1000, 0)
	known := forecast.Learn(p.layout, p.past, nil, start, "2025-06-04", offset)
	for now, want := range map[hall.Millis]bool{start + hourMS - 1: true, start + hourMS: false} {
		o := known.Look(p.s.View(), now, 1)
		if s, ok := o.Field("A", now); ok != want {
			t.Errorf("at %d: who comes is told %v %+v", now, ok, s)
		}
		if _, ok := o.Ticket(p.s.WaitingFor("A")[0], now); !ok {
			t.Errorf("at %d: who waits is told nothing", now)
		}
	}
}

// TestCorrection: past days that were told far too little correct today's forecasts, within bounds; so do today's tickets,
// the more of them the more, and those too that wait still.
func TestCorrection(t *testing.T) {
	p := newPlay(t, truths()[1], 5)
	p.runDay()
	p.runDay()
	start := midnight + hall.Millis(p.day)*dayMS + 9*hourMS
	p.do(hall.OpenDay{Day: "2025-06-05"}, start)
	p.do(hall.OpenWindow{Window: "1"}, start)
	p.arrive("2025-06-05", start, 0)
	p.arrive("2025-06-05", start+1000, 0)
	p.past = p.past[:len(p.past)-2]
	kind := forecast.Kind{Field: "A", Act: hall.DecideNow, Class: hall.ClassOrdinary}
	for _, c := range []struct {
		name        string
		told        int  // the last so many past tickets
		today       bool // and are they of today
		waiting     bool // still, for an hour
		least, most float64
	}{
		{"told before", len(p.past), false, false, 2.5, 3.5}, {"a few told today", 30, true, false, 1.2, 2},
		{"many told today", 200, true, false, 2.3, 3.5}, {"none called yet", 200, true, true, 2.3, 3.5},
	} {
		past := append([]hall.PastService(nil), p.past...)
		for i := len(past) - c.told; i < len(past); i++ {
			x := &past[i]
			if c.today {
				x.Day, x.IssuedAt, x.CalledAt, x.EndedAt = "2025-06-05", start-hourMS, start-60_000, start
			}
			x.Told = &hall.Told{P50S: 2, P80S: 3, P90S: 4, Raw50S: 2, Raw80S: 3, Raw90S: 4} // far too little
			if c.today {
				x.Told = &hall.Told{P50S: 900, P80S: 900, P90S: 900, Raw50S: 900, Raw80S: 900, Raw90S: 900} // a quarter
			}
			if c.waiting {
				x.Leg, x.CalledAt, x.EndedAt = 0, 0, 0
			}
		}
		o := forecast.Learn(p.layout, past, nil, start, "2025-06-05", offset).Look(p.s.View(), start+2000, 1)
		w := o.Coming[kind]
		for q := range w.Told {
			if f := w.Told[q] / w.Raw[q]; !(f >= c.least && f <= c.most) {
				t.Errorf("%s: level %d corrected by %.2f, not between %.1f and %.1f", c.name, q, f, c.least, c.most)
			}
		}
	}
}

// TestEndedEarly: a day that the manager ended at half past nine, when some clerks had closed their windows already, says
// neither that windows close then nor that nobody comes afterwards.
func TestEndedEarly(t *testing.T) {
	p := newPlay(t, truth{windows: repeat("A", 6), rates: []float64{45}, mean: []float64{6}}, 5)
	p.runDay()
	p.runDay()
	start, end := midnight+2*dayMS+9*hourMS, midnight+dayMS+9*hourMS+hourMS/2
	past := slices.DeleteFunc(p.past, func(x hall.PastService) bool { return x.IssuedAt >= end })
	p.spells = p.spells[:6]
	for i, w := range p.layout.Windows {
		p.spells = append(p.spells, hall.PastSpell{Window: w.ID, Since: end - hourMS, Until: end - hall.Millis(i)*60_000, Unended: i == 0})
	}
	p.do(hall.OpenDay{Day: "2025-06-05"}, start)
	for _, w := range p.layout.Windows {
		p.do(hall.OpenWindow{Window: w.ID}, start)
	}
	known := forecast.Learn(p.layout, past, p.spells, start, "2025-06-05", offset)
	if alarms := known.Alarms(p.s.View(), start, 1); len(alarms) != 0 {
		t.Errorf("six windows for 45 people an hour at 6 minutes: %+v", alarms)
	}
	for _, w := range p.layout.Windows[3:] {
		p.do(hall.CloseWindow{Window: w.ID}, start)
	}
	if alarms := known.Alarms(p.s.View(), start, 1); len(alarms) != 1 || alarms[0].From < start+hourMS/2 {
		t.Errorf("three windows for 45 people an hour at 6 minutes: %+v", alarms)
	}
}
