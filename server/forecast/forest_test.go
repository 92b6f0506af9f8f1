package forecast_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"yitang/server/forecast"
)

// moments of six days: where the feature is 1, waits are even from 10 to 20 s, else from 1 to 2 s.
func moments() (feature, wait []float64, day []int) {
	r := rand.New(rand.NewPCG(1, 2))
	for d := range 6 {
		for i := range 60 {
			x := float64(i % 2)
			feature, wait, day = append(feature, x), append(wait, (1+r.Float64())*(1+9*x)), append(day, d)
		}
	}
	return feature, wait, day
}

func TestForestTellsWhatItsLeavesHaveSeen(t *testing.T) {
	feature, wait, day := moments()
	for i, told := range forecast.Unseen(feature, wait, day) {
		for q, want := range []float64{1.5, 1.8, 1.9} {
			want *= 1 + 9*feature[i]
			if got := math.Exp(told[q]); math.Abs(got/want-1) > .12 {
				t.Fatalf("moment %d, quantile %d: %.2f s, want about %.2f", i, q, got, want)
			}
		}
	}
}

func TestForestTellsADayByOtherDaysOnly(t *testing.T) {
	feature, wait, day := moments()
	before := forecast.Unseen(feature, wait, day)
	const changed = 3
	for i := range wait {
		if day[i] == changed {
			wait[i] *= 100 * (1 + feature[i])
		}
	}
	moved := 0
	for i, told := range forecast.Unseen(feature, wait, day) {
		switch {
		case day[i] == changed && told != before[i]:
			t.Fatalf("moment %d is told by its own day: %v, before %v", i, told, before[i])
		case told != before[i]:
			moved++
		}
	}
	if moved == 0 {
		t.Error("nobody is told by the day that changed")
	}
}
