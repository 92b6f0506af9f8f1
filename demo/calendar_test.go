package demo_test

import (
	"testing"
	"time"

	"yitang/demo"
	"yitang/server/hall"
)

func TestCalendar(t *testing.T) {
	twice := hall.Hours{Spans: []hall.Span{{From: 600, To: 840}, {From: 960, To: 1200}}}
	always := hall.Hours{Always: true}
	tests := []struct {
		name         string
		hours        hall.Hours
		at, from, to string
		first, last  bool
	}{
		{"night", twice, "2025-06-03 03:00", "2025-06-03 10:00", "2025-06-03 14:00", true, false},
		{"at the opening", twice, "2025-06-03 10:00", "2025-06-03 10:00", "2025-06-03 14:00", true, false},
		{"at the closing", twice, "2025-06-03 14:00", "2025-06-03 16:00", "2025-06-03 20:00", false, true},
		{"evening", twice, "2025-06-30 20:00", "2025-07-01 10:00", "2025-07-01 14:00", true, false},
		{"Friday evening", twice, "2025-07-04 20:00", "2025-07-07 10:00", "2025-07-07 14:00", true, false},
		{"Saturday noon", twice, "2025-07-05 12:00", "2025-07-07 10:00", "2025-07-07 14:00", true, false},
		{"a Sunday that is worked", twice, "2025-09-28 12:00", "2025-09-28 10:00", "2025-09-28 14:00", true, false},
		{"a holiday", twice, "2025-10-01 12:00", "2025-10-09 10:00", "2025-10-09 14:00", true, false},
		{"a Saturday of a year without a calendar", twice, "2031-06-07 12:00", "2031-06-09 10:00", "2031-06-09 14:00", true, false},
		{"always, on a Sunday", always, "2025-06-08 23:59", "2025-06-08 00:00", "2025-06-09 00:00", true, true},
		{"always", always, "2025-06-03 23:59", "2025-06-03 00:00", "2025-06-04 00:00", true, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := demo.NewCalendar(&hall.Layout{Zone: "Asia/Shanghai", Hours: tt.hours})
			if err != nil {
				t.Fatal(err)
			}
			zone := morning(t).Location()
			at, err := time.ParseInLocation("2006-01-02 15:04", tt.at, zone)
			if err != nil {
				t.Fatal(err)
			}
			o := c.At(at.UTC()) // whatever zone the instant is written in
			got := [2]string{o.From.Format("2006-01-02 15:04"), o.To.Format("2006-01-02 15:04")}
			if got != [2]string{tt.from, tt.to} || o.First != tt.first || o.Last != tt.last {
				t.Errorf("got %v, first %t, last %t", got, o.First, o.Last)
			}
		})
	}
}

func TestCalendarRefuses(t *testing.T) {
	for name, l := range map[string]*hall.Layout{
		"no zone": {Zone: "Asia/Changji", Hours: hall.Hours{Always: true}}, "never open": {Zone: "Asia/Shanghai"},
	} {
		if _, err := demo.NewCalendar(l); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
