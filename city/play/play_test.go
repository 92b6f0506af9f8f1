package play_test

import (
	"testing"

	"yitang/city/play"
	"yitang/server/catalogue"
	"yitang/server/hall"
)

// TestDay plays three days: people are served, cases open and close, nobody is left behind, and the same seed plays the
// same days.
func TestDay(t *testing.T) {
	layout, err := catalogue.Example()
	if err != nil {
		t.Fatal(err)
	}
	run := func() (kinds map[hall.Kind]int) {
		kinds = map[hall.Kind]int{}
		h, err := play.New(*layout, 7, func(e hall.Entry) error {
			for i := range e.Events {
				kinds[e.Events[i].Body.Kind()]++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, day := range []hall.Day{"2025-06-03", "2025-06-04", "2025-06-05"} {
			if err := h.Day(day, 200); err != nil {
				t.Fatal(err)
			}
		}
		return kinds
	}
	one, two := run(), run()
	for _, k := range []hall.Kind{hall.KindTicketFinished, hall.KindCaseStarted, hall.KindCaseStepped, hall.KindTicketMissed, hall.KindTicketTransferred, hall.KindRatingGiven} {
		if one[k] == 0 || one[k] != two[k] {
			t.Errorf("%s: %d and %d", k, one[k], two[k])
		}
	}
	if issued := one[hall.KindTicketIssued]; issued < 500 || one[hall.KindTicketFinished] < issued*8/10 {
		t.Errorf("%d issued, %d finished", issued, one[hall.KindTicketFinished])
	}
}
