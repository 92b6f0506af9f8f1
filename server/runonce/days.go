package runonce

import (
	"fmt"
	"time"

	"yitang/server/hall"
	"yitang/server/workday"
)

// dayNo counts days since 1970-01-01 in the hall's zone.
type dayNo int32

const secondsPerDay = 24 * 60 * 60

func parseDay(d hall.Day) (dayNo, error) {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return 0, fmt.Errorf("runonce: %q is no day; write YYYY-MM-DD", string(d))
	}
	return dayNo(t.Unix() / secondsPerDay), nil // #nosec G115 -- a day of the years 1 to 9999
}

func (d dayNo) time() time.Time { return time.Unix(int64(d)*secondsPerDay, 0).UTC() }

func (d dayNo) day() hall.Day { return hall.Day(d.time().Format(time.DateOnly)) }

// week is the ISO week, for example 2025-W23.
func (d dayNo) week() string {
	y, w := d.time().ISOWeek()
	return fmt.Sprintf("%d-W%02d", y, w)
}

// monday is that of the day's week.
func (d dayNo) monday() dayNo { return d - dayNo(d.time().Weekday()+6)%7 }

// dayOf is the day of an instant in a zone.
func dayOf(zone *time.Location, at hall.Millis) dayNo {
	_, offset := time.UnixMilli(int64(at)).In(zone).Zone()
	s := int64(at)/1000 + int64(offset)
	if int64(at) < 0 && int64(at)%1000 != 0 {
		s--
	}
	if s < 0 {
		s -= secondsPerDay - 1
	}
	return dayNo(s / secondsPerDay) // #nosec G115 -- a day of the years 1 to 9999
}

// endOf is the first instant after a day.
func endOf(zone *time.Location, d dayNo) hall.Millis {
	y, m, day := d.time().Date()
	return hall.Millis(time.Date(y, m, day+1, 0, 0, 0, 0, zone).UnixMilli())
}

// clock counts working days; it remembers each year that it had to look up.
type clock struct {
	calendar workday.Calendar
	years    map[int][]int32 // working days of the year up to and with its n-th day; index 0 is 0
}

func (c *clock) year(y int) ([]int32, error) {
	if sums := c.years[y]; sums != nil {
		return sums, nil
	}
	sums := []int32{0}
	for t := time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC); t.Year() == y; t = t.AddDate(0, 0, 1) {
		works, err := c.calendar.IsWorkday(workday.Day(t.Format(time.DateOnly)))
		if err != nil {
			return nil, err
		}
		n := sums[len(sums)-1]
		if works {
			n++
		}
		sums = append(sums, n)
	}
	c.years[y] = sums
	return sums, nil
}

// between counts the working days after a, up to and with b; 0 when b lies before a.
func (c *clock) between(a, b dayNo) (int, error) {
	if b <= a {
		return 0, nil
	}
	ta, tb := a.time(), b.time()
	total := 0
	for y := ta.Year(); y <= tb.Year(); y++ {
		sums, err := c.year(y)
		if err != nil {
			return 0, err
		}
		from, to := int32(0), sums[len(sums)-1]
		if y == ta.Year() {
			from = sums[ta.YearDay()]
		}
		if y == tb.Year() {
			to = sums[tb.YearDay()]
		}
		total += int(to - from)
	}
	return total, nil
}

// due is the n-th working day after a day; that day itself for n = 0.
func (c *clock) due(from dayNo, n int) (dayNo, error) {
	if _, err := c.year(from.time().Year()); err != nil {
		return 0, err
	}
	d := from
	for n > 0 {
		d++
		works, err := c.between(d-1, d)
		if err != nil {
			return 0, err
		}
		n -= works
	}
	return d, nil
}

// dueBy is due for who asks only whether it lies before, on or after a day: when it is later than that day it is never, so
// that no year after it has to be known.
func (c *clock) dueBy(from dayNo, n int, day dayNo) (dayNo, error) {
	if day <= from {
		if n == 0 {
			return from, nil
		}
		return never, nil
	}
	days, err := c.between(from, day)
	if err != nil || days < n {
		return never, err
	}
	return c.due(from, n)
}

// back is the day from which on, up to and with to, there are n working days.
func (c *clock) back(to dayNo, n int) (dayNo, error) {
	for d := to; ; d-- {
		works, err := c.between(d-1, d)
		if err != nil {
			return 0, err
		}
		if n -= works; n <= 0 {
			return d, nil
		}
	}
}
