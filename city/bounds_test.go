package city_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yitang/city"
	"yitang/server/runonce"
)

// TestACitysBounds: where too many tickets of a city have no case its report gives bounds, and says for how long the first
// cases have been seen (the example of the measure's definition: 140 cases, 120 once, 10 tickets without a case).
func TestACitysBounds(t *testing.T) {
	once := 120
	rate := 120.0 / 140
	c := city.CityReport{City: "昌吉市", Once: city.AddUp(runonce.Rate{N: 140, Once: &once, Rate: &rate}, 100, 90, 12)}
	rates := c.Tables().Table("rates")
	for _, row := range rates.Rows[:2] {
		if diff := cmp.Diff([]any{nil, 110.0 / 140, rate, 120, 140}, row[1:]); diff != "" {
			t.Errorf("%v: %s", row[0], diff)
		}
	}
	if !strings.Contains(rates.Note, "只有 90.0% 的号") || !strings.Contains(rates.Note, "只过了 12 个工作日") {
		t.Error(rates.Note)
	}
}
