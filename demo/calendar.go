package demo

import (
	"fmt"
	"time"

	"yitang/server/hall"
	"yitang/server/workday"
)

// Calendar says when a hall is open: at its hours on the working days of its own calendar, as its appointments are; a hall
// that is always open works every day.
type Calendar struct {
	spans []hall.Span
	zone  *time.Location
	works func(workday.Day) bool
}

// Opening is one opening time of a day, [From, To).
type Opening struct {
	From, To    time.Time
	First, Last bool // of its day
}

// fullDay is the opening time of a hall that is always open, in minutes: the day turns at midnight.
const fullDay = 24 * 60

// NewCalendar reads a layout's hours and zone.
func NewCalendar(l *hall.Layout) (Calendar, error) {
	zone, err := time.LoadLocation(l.Zone)
	if err != nil {
		return Calendar{}, fmt.Errorf("demo: calendar: %w", err)
	}
	spans, works := l.Hours.Spans, onWorkdays(l.Workdays())
	if l.Hours.Always {
		spans, works = []hall.Span{{From: 0, To: fullDay}}, func(workday.Day) bool { return true }
	}
	if len(spans) == 0 {
		return Calendar{}, fmt.Errorf("demo: calendar: the hall is never open")
	}
	return Calendar{spans: spans, zone: zone, works: works}, nil
}

// onWorkdays asks a calendar; in a year that it does not know every week is a plain one.
func onWorkdays(c workday.Calendar) func(workday.Day) bool {
	return func(d workday.Day) bool {
		works, err := c.IsWorkday(d)
		if err == nil {
			return works
		}
		day, err := time.Parse(time.DateOnly, string(d))
		return err == nil && day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
	}
}

// At is the opening time that t lies in, or the next one.
func (c Calendar) At(t time.Time) Opening {
	for day := c.midnight(t); ; day = day.AddDate(0, 0, 1) {
		if !c.works(workday.Day(day.Format(time.DateOnly))) {
			continue
		}
		for i, s := range c.spans {
			o := Opening{From: minuteOf(day, s.From), To: minuteOf(day, s.To), First: i == 0, Last: i == len(c.spans)-1}
			if t.Before(o.To) {
				return o
			}
		}
	}
}

// midnight is when the day of t began.
func (c Calendar) midnight(t time.Time) time.Time {
	y, m, d := t.In(c.zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, c.zone)
}

// minuteOf is a time of day as the clock on the wall shows it, also where summer time began that night.
func minuteOf(day time.Time, minute int) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d, 0, minute, 0, 0, day.Location())
}
