package forecast_test

import (
	"testing"

	"yitang/server/forecast"
	"yitang/server/hall"
)

// eighth is the raw median and 90 % for the last of eight who wait for field A, in minutes, after the past was changed.
func eighth(t *testing.T, p *play, start hall.Millis, change func(past []hall.PastService) []hall.PastService) (median, most float64) {
	t.Helper()
	o := forecast.Learn(p.layout, change(append([]hall.PastService(nil), p.past...)), nil, start, "2025-06-05", offset).Look(p.s.View(), start+1000, 1)
	w := o.Tickets[p.s.WaitingFor("A")[7].ID]
	return w.Raw[0] / 60, w.Raw[2] / 60
}

// busyWindow is one window with somebody and eight who wait, on the third day, a time after it began.
func busyWindow(t *testing.T, after hall.Millis, hours ...hall.Span) (*play, hall.Millis) {
	t.Helper()
	p, start := quiet(t, truth{windows: repeat("A", 5), rates: []float64{30}, mean: []float64{8}, cv2: 0.5})
	if len(hours) > 0 {
		p.hours(start, hours...)
	}
	p.eight(start + after)
	return p, start + after
}

// eight opens window 1, which calls the first of nine.
func (p *play) eight(at hall.Millis) {
	p.t.Helper()
	p.do(hall.OpenWindow{Window: "1"}, at)
	for i := range hall.Millis(9) {
		p.take(at+i, "A-1")
		if i == 0 {
			p.do(hall.CallNext{Window: "1"}, at)
		}
	}
}

// TestTodayIsSlow: services that take twice as long today as on past days move a forecast within the day, those in hand as
// well as those done.
func TestTodayIsSlow(t *testing.T) {
	p, start := busyWindow(t, 3*hourMS)
	today := func(n int, took hall.Millis, done bool) func([]hall.PastService) []hall.PastService {
		return func(past []hall.PastService) []hall.PastService {
			for i := range n {
				x := hall.PastService{Day: "2025-06-05", Field: "A", Matters: []hall.MatterCode{"A-1"}, Priority: hall.Ordinary, IssuedAt: start - 3*hourMS,
					Leg: 1, Window: p.layout.Windows[1+i%4].ID, Clerk: "clerk:c", CalledAt: start - took}
				if done {
					x.EndedAt = start
				}
				past = append(past, x)
			}
			return past
		}
	}
	usual, _ := eighth(t, p, start, today(0, 0, false))
	slow, _ := eighth(t, p, start, today(80, 16*60_000, true))
	stuck, _ := eighth(t, p, start, today(80, 16*60_000, false))
	short, _ := eighth(t, p, start, today(80, 60_000, false)) // just begun: says nothing
	if usual < 50 || slow < usual*1.3 || slow > usual*2.2 || stuck < usual*1.3 || short < usual*0.8 || short > usual*1.2 {
		t.Errorf("usually %.0f min; done in twice the time %.0f; as long in hand %.0f; a minute in hand %.0f", usual, slow, stuck, short)
	}
}

// TestFirstDay: on a hall's first day those with priority who have come so far go on coming and overtake, as they would by
// a past day.
func TestFirstDay(t *testing.T) {
	p, start := busyWindow(t, 0)
	first := func(priority hall.Priority) func([]hall.PastService) []hall.PastService {
		return func(past []hall.PastService) []hall.PastService {
			for i := range past {
				past[i].Day, past[i].IssuedAt = "2025-06-05", start-8*hourMS
				if i%8 == 0 {
					past[i].Priority = priority
				}
			}
			return past
		}
	}
	alone, _ := eighth(t, p, start, first(hall.Ordinary))
	behind, _ := eighth(t, p, start, first(hall.Elderly))
	if alone < 40 || behind < alone*1.1 {
		t.Errorf("%.0f min among ordinary people, %.0f where some have priority", alone, behind)
	}
}

// beforeABreak is busyWindow ten minutes before a break of three hours.
func beforeABreak(t *testing.T) (*play, hall.Millis) {
	t.Helper()
	return busyWindow(t, 50*60_000, hall.Span{From: 540, To: 600}, hall.Span{From: 780, To: 1020}) // nine to ten, one to five
}

// TestMidday: without a past day nobody knows whether windows close on those who wait at midday. Most halls do not; the
// 90 % says that it may be so.
func TestMidday(t *testing.T) {
	p, start := beforeABreak(t)
	if median, most := eighth(t, p, start, func(past []hall.PastService) []hall.PastService { return past }); median < 40 || median > 120 || most < 180 {
		t.Errorf("eight people before a break of three hours: median %.0f min, 90 %% %.0f", median, most)
	}
}

// TestABreakIsNotCorrected: people have waited three times as long as they were told. Who waits across a break waits three
// times as long before and after it, but not three breaks.
func TestABreakIsNotCorrected(t *testing.T) {
	p, start := beforeABreak(t)
	for i := range p.past {
		x := &p.past[i]
		waited := int((x.CalledAt - x.IssuedAt) / 1000)
		x.Told = &hall.Told{Raw50S: max(waited/3, 1), Raw80S: max(waited/3, 1), Raw90S: max(waited/3, 1)}
	}
	o := forecast.Learn(p.layout, p.past, nil, start, "2025-06-05", offset).Look(p.s.View(), start+1000, 1)
	w := o.Tickets[p.s.WaitingFor("A")[7].ID]
	raw, told := w.Raw[2]/60, w.Told[2]/60
	const across = 180
	if raw < across || told < across+1.5*(raw-across) || told > across+3*(raw-across)+1 {
		t.Errorf("%.0f min across a break of three hours were told as %.0f", raw, told)
	}
}
