package play_test

import (
	"strconv"
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

// TestRush: on a day on which most come in the morning people wait, as they do in a hall; everybody has been served by the evening.
func TestRush(t *testing.T) {
	for _, c := range []struct {
		rush     bool
		from, to float64 // minutes of the mean wait
	}{{false, 0, 1}, {true, 4, 40}} {
		if got := meanWait(t, c.rush); got < c.from || got > c.to {
			t.Errorf("rush %v: the mean wait is %.2f minutes, want %v to %v", c.rush, got, c.from, c.to)
		}
	}
}

// meanWait is that of 150 people at six windows, in minutes.
func meanWait(t *testing.T, rush bool) float64 {
	t.Helper()
	layout, err := catalogue.Example()
	if err != nil {
		t.Fatal(err)
	}
	layout.Windows = nil
	for i := range 6 {
		w := hall.WindowPlan{ID: hall.WindowID(strconv.Itoa(i + 1)), Kind: hall.General}
		for _, f := range layout.Fields {
			w.Fields = append(w.Fields, f.ID)
		}
		layout.Windows = append(layout.Windows, w)
	}
	issued, waits, n := map[hall.TicketID]hall.Millis{}, 0.0, 0
	h, err := play.New(*layout, 7, func(e hall.Entry) error {
		for i := range e.Events {
			switch b := e.Events[i].Body.(type) {
			case *hall.TicketIssued:
				issued[b.Ticket] = e.At
			case *hall.TicketCalled:
				if at, first := issued[b.Ticket]; first {
					waits, n = waits+float64(e.At-at)/60_000, n+1
					delete(issued, b.Ticket)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	h.Rush = rush
	if err := h.Day("2025-06-03", 150); err != nil {
		t.Fatal(err)
	}
	if n < 130 || len(issued) > 0 {
		t.Fatalf("rush %v: %d called, %d never", rush, n, len(issued))
	}
	return waits / float64(n)
}
