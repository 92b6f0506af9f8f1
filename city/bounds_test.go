package city_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"yitang/city"
	"yitang/city/ledger"
	"yitang/server/hall"
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

// TestACitysReportInEnglish: of what the report says only the names stay Chinese that nobody gave in English.
func TestACitysReportInEnglish(t *testing.T) {
	named := func(zh, en string) *hall.Layout { return &hall.Layout{Name: hall.Text{"zh": zh, "en": en}} }
	once := city.AddUp(runonce.Rate{}, 0, 0, 0)
	once.From, once.To, once.ReportDay = "2025-06-01", "2025-06-30", "2025-06-30"
	once.Cases = []city.MovedCase{{Case: "a/C1", Visits: 2, Halls: []string{"a", "b"}}}
	once.Signals = []runonce.Signal{{ID: "C2", Subject: "a/M1", K: 1, N: 2}}
	c := city.CityReport{City: "昌吉州", Once: once, Figures: map[hall.ID]ledger.Figures{"a": {Issued: 3}},
		Halls:   []ledger.Hall{{ID: "a", Name: "甲大厅", Layout: named("甲大厅", "Hall A")}, {ID: "b", Name: "乙大厅", Layout: named("乙大厅", "Hall B")}},
		Matters: map[hall.MatterCode]hall.Text{"M1": {"zh": "开店", "en": "Open a shop"}}}
	words, err := c.Words("en")
	if err != nil {
		t.Fatal(err)
	}
	said := c.Tables().In(words)
	text, err := json.Marshal(said)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range strings.FieldsFunc(string(text), func(r rune) bool { return !unicode.Is(unicode.Han, r) }) {
		if word != "昌吉州" {
			t.Errorf("left in Chinese: %s", word)
		}
	}
	if row := said.Table("across").Rows[0]; row[2] != "Hall A, Hall B" {
		t.Errorf("%v", row)
	}
	if row := said.Table("leads").Rows[0]; row[2] != "Hall A" || row[3] != "M1 Open a shop" {
		t.Errorf("%v", row)
	}
}
