package profile_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"yitang/demo/profile"
)

// tickets writes days drawn from a profile as the office's file would have them: one queue for each field, its time
// 8-16. Mondays are left out.
func tickets(p *profile.Profile, days int) string {
	rng := seeded(11)
	var b strings.Builder
	b.WriteString("date,queue_id,issue_min\n")
	date := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for ; days > 0; date = date.AddDate(0, 0, 1) {
		if date.Weekday() == time.Monday {
			continue
		}
		days--
		for _, a := range p.Day(rng) {
			minute := a.At.Minutes() - 600
			if minute >= 240 {
				minute -= 120 // the hall's midday
			}
			fmt.Fprintf(&b, "%s,%s,%.2f\n", date.Format(time.DateOnly), a.Field, 480+minute)
		}
	}
	return b.String()
}

// What is measured on days drawn from known figures are those figures.
func TestMeasureFindsWhatTheDaysWereDrawnFrom(t *testing.T) {
	known := load(t)
	got, err := profile.Measure(strings.NewReader(tickets(known, 400)))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "day mean", got.DayMean, known.DayMean, .03)
	near(t, "day cv", got.DayCV, known.DayCV, .10)
	near(t, "day factor", got.DayVar, known.DayVar, .25)
	near(t, "quarter factor", got.QuarterVar, known.QuarterVar, .10)
	near(t, "peak", got.PeakMean, known.PeakMean, .05)
	if got.PeakQuarter != known.PeakQuarter || got.Days != 400 {
		t.Errorf("peak in part %d, %d days", got.PeakQuarter, got.Days)
	}
}

func TestMeasureByHand(t *testing.T) {
	// Two days of one queue, 1 and 3 tickets: mean 2, standard deviation √2. A second queue has a gap on the first day
	// and so does not add to its field's spread.
	p, err := profile.Measure(strings.NewReader("date,queue_id,x,issue_min\n" +
		"2020-01-07,a,,480\n2020-01-08,a,,495\n2020-01-08,a,,400\n2020-01-08,a,,1400\n2020-01-13,a,,1079\n2020-01-13,a,,490\n" +
		"2020-01-13,b,,600\n"))
	if err != nil {
		t.Fatal(err)
	}
	var a, b profile.Field
	for _, f := range p.Fields {
		switch f.Queues[0] {
		case "a":
			a = f
		case "b":
			b = f
		}
	}
	near(t, "mean", a.DayMean, 2, 1e-9)
	near(t, "cv", a.DayCV, .5, 1e-9) // 1, 3, 2
	near(t, "total cv", p.DayCV, math.Sqrt(4./3)/(7./3), 1e-4)
	for q, want := range map[int]float64{0: 1, 1: 1. / 3, 31: 2. / 3} {
		if math.Abs(a.MeanByQuarter[q]-want) > 1e-4 {
			t.Errorf("part %d: %v, want %v", q, a.MeanByQuarter[q], want)
		}
	}
	if b.DayCV != 0 || math.IsNaN(b.DayVar) {
		t.Errorf("a field with one day has the spread %v, %v", b.DayCV, b.DayVar)
	}
	if a.ID != "F" || b.ID != "A" || b.MeanByQuarter[6] == 0 { // 10:00 of 8-18 is 120 of 600 minutes: part 6.4
		t.Errorf("%s, %s %v", a.ID, b.ID, b.MeanByQuarter)
	}
}

func TestMeasureRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "no column": "date,queue_id\n", "one day": "date,queue_id,issue_min\n2020-01-02,1,500\n",
		"bad day": "date,queue_id,issue_min\n2.1.2020,1,500\n", "bad minute": "date,queue_id,issue_min\n2020-01-02,1,x\n",
		"short line": "date,queue_id,issue_min\n2020-01-02,1\n",
	} {
		if p, err := profile.Measure(strings.NewReader(text)); err == nil {
			t.Errorf("%s: accepted %+v", name, p)
		}
	}
}
