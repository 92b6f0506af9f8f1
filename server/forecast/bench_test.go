package forecast_test

import (
	"fmt"
	"testing"

	"yitang/server/forecast"
	"yitang/server/hall"
	"yitang/server/route"
)

// big is the largest hall: 26 fields, 200 windows with three fields each, all busy, 1,000 people waiting, a past of
// 20 days.
func big(b *testing.B) (*forecast.Hall, *hall.View, hall.Millis) {
	b.Helper()
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	tr := truth{rates: make([]float64, 26), mean: make([]float64, 26), cv2: 1}
	for i := range 26 {
		tr.rates[i], tr.mean[i] = 40, 10
	}
	for i := range 200 {
		tr.windows = append(tr.windows, string([]byte{letters[i%26], letters[(i+7)%26], letters[(i+11)%26]}))
	}
	p := newPlay(b, tr, 3)
	start := midnight + 9*hourMS
	for d := range 20 {
		for i := range 2000 {
			at := start - hall.Millis(20-d)*dayMS + hall.Millis(i)*14_000
			p.past = append(p.past, hall.PastService{Day: hall.Day(fmt.Sprintf("2025-05-%02d", d+1)), Field: hall.FieldID(letters[i%26]),
				Matters: []hall.MatterCode{p.layout.Matters[i%26].Code}, Priority: hall.Ordinary, IssuedAt: at, Leg: 1,
				Window: p.layout.Windows[i%200].ID, Clerk: "clerk:c", CalledAt: at + 600_000, EndedAt: at + 1_200_000})
		}
	}
	h := forecast.Learn(p.layout, p.past, nil, start, "2025-06-03", offset)
	p.do(hall.OpenDay{Day: "2025-06-03"}, start)
	for i := range 200 {
		p.do(hall.OpenWindow{Window: p.layout.Windows[i].ID}, start)
	}
	for i := range 1200 {
		at := start + hall.Millis(i)*500
		priority := hall.Ordinary
		if i%10 == 0 {
			priority = hall.Elderly
		}
		p.do(hall.Take{Matters: []hall.MatterCode{p.layout.Matters[i%26].Code}, Priority: priority, Language: "zh", Channel: "kiosk",
			PersonKind: "none", Track: fmt.Sprint(i)}, at)
		if i < 200 {
			p.do(hall.CallNext{Window: p.layout.Windows[i].ID}, at)
		}
	}
	return h, p.s.View(), p.s.Now() + 1000
}

// BenchmarkLook forecasts for 1,000 waiting tickets and everybody who could come, at 200 windows, as the server does.
func BenchmarkLook(b *testing.B) {
	h, v, now := big(b)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n = len(h.Look(v, now, 1).Tickets)
	}
	b.ReportMetric(float64(n), "tickets")
}

var _ = route.Version
