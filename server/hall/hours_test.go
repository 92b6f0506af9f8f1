package hall_test

import (
	"testing"
	"time"

	"yitang/server/hall"
)

func beijing(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestBusinessDay(t *testing.T) {
	zone := beijing(t)
	for now, want := range map[string]hall.Day{
		"2025-06-03T03:59:59+08:00":     "2025-06-02",
		"2025-06-03T04:00:00+08:00":     "2025-06-03",
		"2025-06-03T07:59:59+08:00":     "2025-06-03", // the last second of June 2 in UTC
		"2025-06-03T08:00:00+08:00":     "2025-06-03",
		"2025-06-03T23:59:59+08:00":     "2025-06-03",
		"2025-06-04T00:00:00+08:00":     "2025-06-03",
		"2025-06-03T16:00:00Z":          "2025-06-03", // midnight in Beijing: the evening still belongs to the 3rd
		"2025-06-03T20:00:00Z":          "2025-06-04",
		"2025-06-03T17:00:00-07:00":     "2025-06-04",
		"2025-01-01T01:00:00+08:00":     "2024-12-31",
		"2024-03-01T03:59:59.999+08:00": "2024-02-29",
	} {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		if got := hall.BusinessDay(zone, at); got != want {
			t.Errorf("%s belongs to %s, want %s", now, got, want)
		}
	}
}

func TestHoursBegin(t *testing.T) {
	summer := spans(600, 840, 960, 1200)
	for _, c := range []struct {
		name        string
		hours       hall.Hours
		day         hall.Day
		from, until string // empty: no such moment
		ok          bool
	}{
		{"summer hours", summer, "2025-06-03", "2025-06-03T09:30:00+08:00", "2025-06-03T20:00:00+08:00", true},
		{"one opening until midnight", spans(960, 1440), "2025-06-03", "2025-06-03T15:30:00+08:00", "2025-06-04T00:00:00+08:00", true},
		{"always", hall.Hours{Always: true}, "2025-06-03", "2025-06-03T04:00:00+08:00", "", true},
		{"always, whatever else", hall.Hours{Always: true, Spans: summer.Spans}, "2025-06-03", "2025-06-03T04:00:00+08:00", "", true},
		{"never", hall.Hours{}, "2025-06-03", "", "", false},
		{"no day", summer, "3 June", "", "", false},
	} {
		from, until, ok := c.hours.Begins(beijing(t), c.day)
		if ok != c.ok || moment(from) != c.from || moment(until) != c.until {
			t.Errorf("%s: %s to %s, %v", c.name, moment(from), moment(until), ok)
		}
	}
}

// told is what hours say of a moment: another one, empty for nothing.
type told struct {
	hours   hall.Hours
	now, at string
}

func (c *told) holds(t *testing.T, say func(h hall.Hours, zone *time.Location, now time.Time) (time.Time, bool)) {
	t.Helper()
	now, err := time.Parse(time.RFC3339, c.now)
	if err != nil {
		t.Fatal(err)
	}
	if at, ok := say(c.hours, beijing(t), now); moment(at) != c.at || ok != (c.at != "") {
		t.Errorf("at %s: %s, %v, not %s", c.now, moment(at), ok, c.at)
	}
}

// TestHoursResume: between two openings people are told when the next begins, to the minute; before the first, after the last
// and in a hall without a break there is nothing to tell.
func TestHoursResume(t *testing.T) {
	summer := spans(600, 840, 960, 1200)
	for _, c := range []told{
		{summer, "2025-06-03T09:59:59+08:00", ""},
		{summer, "2025-06-03T13:59:59+08:00", ""},
		{summer, "2025-06-03T14:00:00+08:00", "2025-06-03T16:00:00+08:00"},
		{summer, "2025-06-03T15:59:59+08:00", "2025-06-03T16:00:00+08:00"},
		{summer, "2025-06-03T07:00:00Z", "2025-06-03T16:00:00+08:00"},
		{summer, "2025-06-03T16:00:00+08:00", ""},
		{summer, "2025-06-03T20:00:00+08:00", ""},
		{summer, "2025-06-04T03:00:00+08:00", ""},
		{hall.Hours{Always: true, Spans: summer.Spans}, "2025-06-03T15:00:00+08:00", ""},
		{hall.Hours{}, "2025-06-03T15:00:00+08:00", ""},
	} {
		c.holds(t, hall.Hours.Resumes)
	}
}

// TestHoursOpen: from 04:00 until the day's first opening people are told when it begins.
func TestHoursOpen(t *testing.T) {
	summer := spans(600, 840, 960, 1200)
	for _, c := range []told{
		{summer, "2025-06-03T03:59:59+08:00", ""},
		{summer, "2025-06-03T04:00:00+08:00", "2025-06-03T10:00:00+08:00"},
		{summer, "2025-06-03T01:59:59Z", "2025-06-03T10:00:00+08:00"},
		{summer, "2025-06-03T10:00:00+08:00", ""},
		{summer, "2025-06-03T15:00:00+08:00", ""},
		{hall.Hours{Always: true, Spans: summer.Spans}, "2025-06-03T09:00:00+08:00", ""},
		{hall.Hours{}, "2025-06-03T09:00:00+08:00", ""},
	} {
		c.holds(t, hall.Hours.Opens)
	}
}

func moment(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.Format(time.RFC3339)
}

// TestADayThatBeginsIsItsOwnBusinessDay: the moment at which a hall opens a day belongs to that day.
func TestADayThatBeginsIsItsOwnBusinessDay(t *testing.T) {
	for _, h := range []hall.Hours{{Always: true}, spans(600, 840, 960, 1200), spans(270, 1440)} {
		from, _, ok := h.Begins(beijing(t), today)
		if got := hall.BusinessDay(beijing(t), from); !ok || got != today {
			t.Errorf("%+v begins at %s, which belongs to %s", h, from, got)
		}
	}
}
