package forecast_test

import (
	"testing"

	"yitang/server/forecast"
	"yitang/server/hall"
)

// alone is a hall whose first three windows have called, while another one with these fields stands open since nine, with
// nobody at it. Twelve people come for A some minutes later; it gives the raw median in minutes of the last one after so many minutes.
func alone(t *testing.T, fields string, hours hall.Span, come hall.Millis) func(after hall.Millis, past ...hall.PastService) float64 {
	t.Helper()
	p, start := quiet(t, truth{windows: []string{"A", "A", "A", fields, "B"}, rates: []float64{15, 5}, mean: []float64{8, 8}, cv2: 0.2})
	p.hours(start, hours)
	for _, w := range p.layout.Windows {
		p.do(hall.OpenWindow{Window: w.ID}, start)
	}
	start += come * 60_000
	var last hall.TicketID
	for i := range 12 {
		last = p.take(start+hall.Millis(i), "A-1")
	}
	for _, w := range p.layout.Windows[:3] {
		p.do(hall.CallNext{Window: w.ID}, start+20)
	}
	return func(after hall.Millis, past ...hall.PastService) float64 {
		now := start + after*60_000
		known := forecast.Learn(p.layout, append(p.past[:len(p.past):len(p.past)], past...), nil, now, "2025-06-05", offset)
		return known.Look(p.s.View(), now, 1).Tickets[last].Raw[0] / 60
	}
}

// TestNobodyAtTheWindow: a free window that calls nobody, though people whom it may call at once have waited for five minutes,
// counts as none; until then as one that is slow to answer.
func TestNobodyAtTheWindow(t *testing.T) {
	usual := hall.Span{From: 540, To: 1020}
	none := alone(t, "B", usual, 15)(6) // never serves them
	for _, c := range []struct {
		name   string
		fields string
		hours  hall.Span
		after  hall.Millis // minutes that people wait, from a quarter past nine on
		gone   bool
	}{
		{"five minutes are not over", "A", usual, 4, false},
		{"they are", "A", usual, 6, true},
		{"the hall has been open for three", "A", hall.Span{From: 558, To: 1020}, 6, false},
		{"kept for a scarce skill, so that others wait before it", "AB", usual, 6, false},
	} {
		if wait := alone(t, c.fields, c.hours, 15)(c.after); (wait > none*0.83) != c.gone {
			t.Errorf("%s: the last of nine waits for %.1f minutes, without the window for %.1f", c.name, wait, none)
		}
	}
}

// TestNobodyWasAtTheWindow: who waited for five minutes and was called elsewhere shows it as well, those before it was free do not.
func TestNobodyWasAtTheWindow(t *testing.T) {
	hours := hall.Span{From: 540, To: 1020}
	none, wait := alone(t, "B", hours, 15)(1), alone(t, "A", hours, 15)
	start := midnight + 2*dayMS + 9*hourMS
	before := func(called hall.Millis) hall.PastService {
		return hall.PastService{Day: "2025-06-05", Field: "A", Matters: []hall.MatterCode{"A-1"}, Priority: hall.Ordinary, IssuedAt: start - 8*60_000,
			Leg: 1, Window: "1", Clerk: "clerk:c", CalledAt: start + called*60_000, EndedAt: start + 14*60_000}
	}
	if early, late := wait(1, before(4)), wait(1, before(6)); early > none*0.83 || late < none*0.83 {
		t.Errorf("without the window %.1f minutes; somebody waited before it for four minutes: %.1f, for six: %.1f", none, early, late)
	}
}
