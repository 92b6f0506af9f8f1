package forecast_test

import (
	"math"
	"testing"

	"yitang/server/forecast"
)

// TestConformalQuantile: the ⌈(n+1)τ⌉-th smallest; who waits still hands its part on to those behind it: of five, whose first
// waits still, the second and third are 1 − 3/4·2/3 of all, 2.5 of five.
func TestConformalQuantile(t *testing.T) {
	for _, c := range []struct {
		name   string
		ratios []float64
		tau    float64
		want   float64
	}{
		{"the middle of three", []float64{3, 1, 2}, .5, 2},
		{"one more than the share", []float64{1, 2, 3, 4}, .5, 3},
		{"no such one: the largest", []float64{1, 2, 3}, .9, 3},
		{"nine of nine", []float64{1, 2, 3, 4, 5, 6, 7, 8, 9}, .9, 9},
		{"nobody waits still", []float64{1, 2, 3, 4, 5}, .33, 2},
		{"the first waits still", []float64{-1, 2, 3, 4, 5}, .33, 3},
		{"two wait still", []float64{-1, -2, 3, 4, 5, 6, 7}, .5, 5},
		{"their own ratio is not their wait", []float64{1, 2, -2.5, -2.6, 3, 4, 5}, .3, 3},
		{"all wait still", []float64{-1, -2}, .5, 2},
	} {
		if got := forecast.ConformalQuantile(c.ratios, c.tau); got != c.want {
			t.Errorf("%s: %g, want %g", c.name, got, c.want)
		}
	}
}

// TestCorrectionByMissedCalls: 400 checks of lines that stood still say a factor of e; as many of the whole, which say 1, stand behind them.
func TestCorrectionByMissedCalls(t *testing.T) {
	var missed, ratio []float64
	for range 1000 {
		missed, ratio = append(missed, 0), append(ratio, 1)
	}
	for range 400 {
		missed, ratio = append(missed, 20), append(ratio, math.E)
	}
	corrected := forecast.Corrected(missed, ratio, .5)
	for missed, want := range map[float64]float64{0: 1, 1: 1, 10: math.Exp(.5)} {
		if got := corrected(missed); math.Abs(got-want) > 1e-9 {
			t.Errorf("%g calls missed: a factor of %.3f, want %.3f", missed, got, want)
		}
	}
}
