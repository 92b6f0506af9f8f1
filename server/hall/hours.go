package hall

import (
	"fmt"
	"time"
)

// DayTurns is when one business day ends and the next may begin: at 04:00 of the hall's zone, when no hall works.
const DayTurns = 4 * time.Hour

// BusinessDay is the business day that a moment belongs to, in the hall's own zone.
func BusinessDay(zone *time.Location, now time.Time) Day {
	return Day(now.In(zone).Add(-DayTurns).Format(time.DateOnly))
}

// Begins is when a hall with these hours opens its day, and until when it issues tickets on it; until is zero for a
// hall that is always open. Ok is false for a hall without opening hours.
func (h Hours) Begins(zone *time.Location, day Day) (from, until time.Time, ok bool) {
	midnight, err := time.ParseInLocation(time.DateOnly, string(day), zone)
	if err != nil {
		return from, until, false
	}
	if h.Always {
		return midnight.Add(DayTurns), time.Time{}, true
	}
	if len(h.Spans) == 0 {
		return from, until, false
	}
	at := func(minute int) time.Time { return midnight.Add(time.Duration(minute) * time.Minute) }
	return at(h.Spans[0].From).Add(-OpensEarly), at(h.Spans[len(h.Spans)-1].To), true
}

// Resumes is when the next opening time of the day begins, for a moment between two of them.
func (h Hours) Resumes(zone *time.Location, now time.Time) (at time.Time, ok bool) {
	midnight, err := time.ParseInLocation(time.DateOnly, string(BusinessDay(zone, now)), zone)
	if err != nil {
		return at, false
	}
	minute := int(now.Sub(midnight).Minutes())
	for _, b := range h.Breaks() {
		if b.From <= minute && minute < b.To {
			return midnight.Add(time.Duration(b.To) * time.Minute), true
		}
	}
	return at, false
}

// Opens is when the day's first opening time begins, for a moment before it: numbers are given out by then, and nobody is called.
func (h Hours) Opens(zone *time.Location, now time.Time) (at time.Time, ok bool) {
	early, _, ok := h.Begins(zone, BusinessDay(zone, now))
	if at = early.Add(OpensEarly); ok && !h.Always && now.Before(at) {
		return at, true
	}
	return time.Time{}, false
}

// Breaks are the times between two openings, in order.
func (h Hours) Breaks() []Span {
	var out []Span
	for i := 1; i < len(h.Spans) && !h.Always; i++ {
		out = append(out, Span{From: h.Spans[i-1].To, To: h.Spans[i].From})
	}
	return out
}

// OpensEarly lets people take numbers before the first window opens.
const OpensEarly = 30 * time.Minute

// early says from when numbers are given out, empty for a hall without opening hours and for one that is always open.
func (h Hours) early() string {
	if h.Always || len(h.Spans) == 0 {
		return ""
	}
	m := max(0, h.Spans[0].From-int(OpensEarly.Minutes()))
	return fmt.Sprintf(" %02d:%02d 起", m/60, m%60)
}
