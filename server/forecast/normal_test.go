package forecast_test

import (
	"math"
	"slices"
	"testing"

	"yitang/server/forecast"
)

func TestExp(t *testing.T) {
	for x := -30.0; x < 40; x += 0.0137 {
		if got, want := forecast.Exp(x), math.Exp(x); math.Abs(got/want-1) > 1e-8 {
			t.Fatalf("e^%v is %v, want %v", x, got, want)
		}
	}
	if got := forecast.Exp(math.Inf(1)); got < 1e200 || math.IsInf(got, 0) {
		t.Errorf("e^∞ is %v", got)
	}
}

// TestRest: what is left of a time that has lasted for so long has the conditional distribution, far out in the tail too.
func TestRest(t *testing.T) {
	for _, cv2 := range []float64{0.2, 1, 3} {
		for _, elapsed := range []float64{0, 0.1, 1, 3, 8, 20} {
			before := 1.0
			if elapsed > 0 {
				before = forecast.Longer(cv2, elapsed)
			}
			if before < 1e-8 {
				continue // as long again: nothing is known
			}
			const n = 20_000
			list := forecast.Rests(cv2, elapsed, n)
			slices.Sort(list)
			for _, p := range []float64{0.1, 0.5, 0.9, 0.99} {
				left := list[int(p*n)]
				if got := 1 - forecast.Longer(cv2, elapsed+left)/before; math.Abs(got-p) > 4*math.Sqrt(p*(1-p)/n)+1e-3 {
					t.Errorf("cv² %v, after %v: %v of the times are over %v later, want %v", cv2, elapsed, got, left, p)
				}
			}
		}
	}
}
