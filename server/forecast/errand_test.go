package forecast_test

import (
	"fmt"
	"testing"

	"yitang/server/forecast"
	"yitang/server/hall"
)

// quiet is a hall on its third day, of which nobody has come yet: its past, and the moment.
func quiet(t *testing.T, tr truth) (*play, hall.Millis) {
	t.Helper()
	p := newPlay(t, tr, 5)
	p.runDay()
	p.runDay()
	start := midnight + hall.Millis(p.day)*dayMS + 9*hourMS
	p.spells = nil
	p.do(hall.OpenDay{Day: "2025-06-05"}, start)
	return p, start
}

// adopt changes the hall's layout.
func (p *play) adopt(at hall.Millis, change func(l *hall.Layout)) {
	p.t.Helper()
	l := *p.layout
	l.Version = "2"
	change(&l)
	p.do(hall.AdoptLayout{Layout: l}, at)
	p.layout = p.s.Layout()
}

// hours changes when the hall is open.
func (p *play) hours(at hall.Millis, spans ...hall.Span) {
	p.t.Helper()
	p.adopt(at, func(l *hall.Layout) { l.Hours.Spans = spans })
}

func (p *play) take(at hall.Millis, matters ...hall.MatterCode) hall.TicketID {
	p.t.Helper()
	events := p.do(hall.Take{Matters: matters, Priority: hall.Ordinary, Language: "zh", Channel: "kiosk", PersonKind: "none", Track: fmt.Sprint(at, matters)}, at)
	return events[0].Subject()
}

// TestSeveralMatters: somebody whose two matters need two windows takes both of them in a forecast, and keeps the place.
func TestSeveralMatters(t *testing.T) {
	p, start := quiet(t, truth{windows: []string{"A", "B"}, rates: []float64{12, 12}, mean: []float64{10, 10}, cv2: 0.2})
	known := forecast.Learn(p.layout, p.past, nil, start, "2025-06-05", offset)
	for i := range p.windows {
		p.do(hall.OpenWindow{Window: p.layout.Windows[i].ID}, start)
	}
	for _, m := range []hall.MatterCode{"A-1", "B-1"} { // both windows are taken
		p.take(start, m)
	}
	p.do(hall.CallNext{Window: "1"}, start)
	p.do(hall.CallNext{Window: "2"}, start)
	both := p.take(start+1, "A-1", "B-1")
	const later = 5 * 60_000
	afterA, afterB := p.take(start+later, "A-1"), p.take(start+later, "B-1")
	lastA, lastB := p.take(start+2*later, "A-1"), p.take(start+2*later, "B-1")
	o := known.Look(p.s.View(), start+2*later, 1)
	wait := func(id hall.TicketID) float64 { return o.Tickets[id].Raw[0] / 60 }
	if wait(both) > 6 {
		t.Errorf("the first in line is told %.1f minutes", wait(both))
	}
	// Services last 10 minutes. Of four people behind, all wait for the two in hand, and each pair for one leg.
	if first, last := wait(afterA)+wait(afterB), wait(lastA)+wait(lastB); first < 12 || last < first+18 {
		t.Errorf("behind a ticket for both windows: %.1f, then %.1f minutes, of A and B together", first, last)
	}
}

// TestTogether: who comes for two fields at once is told the wait for a window that does both, where many have come so.
func TestTogether(t *testing.T) {
	p, start := quiet(t, truth{windows: []string{"A", "B", "AB"}, rates: []float64{12, 12}, mean: []float64{10, 10}, cv2: 0.2})
	past := append([]hall.PastService(nil), p.past...)
	for i := range past {
		if i%4 == 0 && past[i].Field == "A" {
			past[i].Matters = []hall.MatterCode{"A-1", "B-1"}
		}
	}
	for i := range p.windows {
		p.do(hall.OpenWindow{Window: p.layout.Windows[i].ID}, start)
	}
	for i, w := range []hall.WindowID{"1", "2", "3"} { // the third serves both
		p.take(start+hall.Millis(i), []hall.MatterCode{"A-1", "B-1", "A-1"}[i])
		p.do(hall.CallNext{Window: w}, start+hall.Millis(i))
	}
	wants := []forecast.Want{{Field: "A", Act: hall.DecideNow}, {Field: "B", Act: hall.DecideNow}}
	o := forecast.Learn(p.layout, past, nil, start, "2025-06-05", offset).Look(p.s.View(), start+10, 1)
	alone, together := o.Arriving(wants[:1], hall.ClassOrdinary), o.Arriving(wants, hall.ClassOrdinary)
	if alone == nil || together == nil || together.P50S < alone.P50S*11/10 {
		t.Errorf("two windows do A, one does A and B, each with somebody: A %+v, A and B %+v", alone, together)
	}
	o = forecast.Learn(p.layout, p.past, nil, start, "2025-06-05", offset).Look(p.s.View(), start+10, 1)
	if got := o.Arriving(wants, hall.ClassOrdinary); got == nil || got.P90S < alone.P90S/2 {
		t.Errorf("where nobody has come so before: %+v", got)
	}
}

// TestLeavers: where many give their ticket up, or do not answer after a long wait, the others wait for less.
func TestLeavers(t *testing.T) {
	p := newPlay(t, truth{windows: []string{"A"}, rates: []float64{5}, mean: []float64{10}, cv2: 0.2}, 5)
	for p.day < 12 {
		p.runDay()
	}
	start := midnight + hall.Millis(p.day)*dayMS + 9*hourMS
	p.do(hall.OpenDay{Day: "2025-06-15"}, start)
	p.do(hall.OpenWindow{Window: "1"}, start)
	var last hall.TicketID
	for i := range 8 {
		last = p.take(start+hall.Millis(i), "A-1")
		if i == 0 {
			p.do(hall.CallNext{Window: "1"}, start)
		}
	}
	ask := func(change func(i int, s *hall.PastService)) float64 {
		past := append([]hall.PastService(nil), p.past...)
		for i := range past {
			change(i, &past[i])
		}
		return forecast.Learn(p.layout, past, nil, start, "2025-06-15", offset).Look(p.s.View(), start+1000, 1).Tickets[last].Raw[0] / 60
	}
	usual := ask(func(int, *hall.PastService) {})
	leaving := ask(func(i int, s *hall.PastService) {
		if i%2 == 0 {
			s.Leg, s.CalledAt, s.EndedAt, s.LeftAt = 0, 0, 0, s.IssuedAt+20*60_000
		}
	})
	silent := ask(func(i int, s *hall.PastService) {
		s.NoShow = s.CalledAt-s.IssuedAt > 30*60_000
		s.EndedAt = s.CalledAt + 60_000
	})
	if usual < 50 || leaving > usual*0.85 || silent > usual*0.95 {
		t.Errorf("seven wait: %.1f minutes; where half leave after 20 minutes %.1f; where none answers after 30 minutes %.1f", usual, leaving, silent)
	}
}

// TestNewcomersGoOn: who comes later for A and then for B is at both windows in a forecast: people with priority who come
// so keep an ordinary ticket for B waiting, those who come for A only do not.
func TestNewcomersGoOn(t *testing.T) {
	p, start := quiet(t, truth{windows: []string{"A", "B"}, rates: []float64{6, 10}, mean: []float64{3, 3}, cv2: 0.2})
	for i := range p.windows {
		p.do(hall.OpenWindow{Window: p.layout.Windows[i].ID}, start)
	}
	var last hall.TicketID
	for i := range 16 {
		last = p.take(start+hall.Millis(i), "B-1")
	}
	p.do(hall.CallNext{Window: "2"}, start+10)
	ask := func(matters ...hall.MatterCode) float64 {
		past := append([]hall.PastService(nil), p.past...)
		for i := range past {
			if past[i].Field == "A" {
				past[i].Priority, past[i].Matters = hall.Elderly, matters
			}
		}
		o := forecast.Learn(p.layout, past, nil, start, "2025-06-05", offset).Look(p.s.View(), start+20, 1)
		return o.Tickets[last].Raw[0] / 60
	}
	if alone, both := ask("A-1"), ask("A-1", "B-1"); alone < 30 || both < alone*1.2 {
		t.Errorf("behind 15 others: %.1f minutes while people with priority come for A, %.1f while they come for A and B", alone, both)
	}
}

// TestFreeWindowsAnswer: where a clerk takes a while to see that somebody has come, that is the wait in an empty hall.
func TestFreeWindowsAnswer(t *testing.T) {
	p, start := quiet(t, truth{windows: repeat("A", 9), rates: []float64{20}, mean: []float64{3}})
	for i := range p.windows {
		p.do(hall.OpenWindow{Window: p.layout.Windows[i].ID}, start)
	}
	var shown forecast.Spoken
	ask := func(answer func(i int) hall.Millis) *hall.Told {
		past := append([]hall.PastService(nil), p.past...)
		for i := range past {
			past[i].CalledAt += answer(i)
			past[i].EndedAt += answer(i)
		}
		o := forecast.Learn(p.layout, past, nil, start, "2025-06-05", offset).Look(p.s.View(), start+1000, 1)
		shown, _ = o.Field("A", start+1000)
		return o.Arriving([]forecast.Want{{Field: "A", Act: hall.DecideNow}}, hall.ClassOrdinary)
	}
	if at := ask(func(int) hall.Millis { return 0 }); at == nil || at.P90S != 0 {
		t.Errorf("windows that call at once: %+v", at)
	}
	slow := ask(func(i int) hall.Millis { return hall.Millis(20_000 + i%10*5_000) })
	if slow == nil || slow.P50S < 35 || slow.P50S > 50 || slow.P80S < slow.P50S+5 || slow.P90S < 55 || slow.P90S > 70 {
		t.Errorf("windows that call after 20 to 65 s, each as often: %+v", slow)
	}
	if want := (forecast.Spoken{P50Min: 0, P80Min: 5, P90Min: 5}); shown != want {
		t.Errorf("shown as %+v", shown)
	}
}
