package forecast_test

import (
	"math"
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
