package hall

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"yitang/server/workday"
)

// Booking are the hall's settings for appointments (预约): the zero value takes none. Capacity is people for each half
// hour, by field; a day may differ, and a matter may have a bound of its own within its field's.
type Booking struct {
	DaysAhead  int            `json:"days_ahead,omitempty"`  // that many working days after today can be booked; 0 = no appointments
	EarlyMin   int            `json:"early_min,omitempty"`   // one may check in from so many minutes before the slot; 0 = 30
	LateMin    int            `json:"late_min,omitempty"`    // and until so many after it; 0 = 30
	OpenMax    int            `json:"open_max,omitempty"`    // open appointments of one person; 0 = 2
	MissedMax  int            `json:"missed_max,omitempty"`  // with so many no-shows one books at the guide desk only; 0 = they are counted, no more
	MissedDays int            `json:"missed_days,omitempty"` // in so many days; 0 = 90
	Usual      []Places       `json:"usual,omitempty"`
	Days       []DayPlaces    `json:"days,omitempty"`
	Matters    []MatterPlaces `json:"matters,omitempty"`
}

// Places are how many people a field takes in a half hour.
type Places struct {
	Field  FieldID `json:"field"`
	From   int     `json:"from"` // minute of the day at which the half hour begins
	People int     `json:"people"`
}

// DayPlaces is a day that differs: closed for appointments, or with other numbers where it names them.
type DayPlaces struct {
	Day    Day      `json:"day"`
	Closed bool     `json:"closed,omitempty"`
	Places []Places `json:"places,omitempty"`
}

// MatterPlaces bounds one matter within its field: so many people in a half hour, 0 takes no appointments for it.
type MatterPlaces struct {
	Matter MatterCode `json:"matter"`
	People int        `json:"people"`
}

// Bounds of the settings. SlotMin is the length of a slot.
const (
	SlotMin = 30

	maxDaysAhead  = 60
	maxBookingMin = 120
	maxOpen       = 20
	maxMissedDays = 365
	maxPlaces     = 1000 // people in a half hour, and lines of a day
	maxOddDays    = 120
)

// On says whether the hall takes appointments.
func (b *Booking) On() bool { return b.DaysAhead > 0 }

// Early and Late bound the check-in around a slot.
func (b *Booking) Early() Millis { return Millis(cmp.Or(b.EarlyMin, 30)) * minute }

// Late is how long after a slot one may check in. Beyond the grace of ten minutes the place of the slot is lost.
func (b *Booking) Late() Millis { return Millis(cmp.Or(b.LateMin, 30)) * minute }

// Open is how many open appointments one person may have.
func (b *Booking) Open() int { return cmp.Or(b.OpenMax, 2) }

// Missed is in how many days no-shows are counted.
func (b *Booking) Missed() int { return cmp.Or(b.MissedDays, 90) }

// Takes says whether there are any places for a matter of a field, whatever the day.
func (b *Booking) Takes(m MatterCode, f FieldID) bool {
	if people, bounded := b.matterCapacity(m); bounded && people == 0 {
		return false
	}
	has := func(p Places) bool { return p.Field == f && p.People > 0 }
	return slices.ContainsFunc(b.Usual, has) || slices.ContainsFunc(b.Days, func(d DayPlaces) bool { return !d.Closed && slices.ContainsFunc(d.Places, has) })
}

// Capacity is how many people a field takes in the half hour of a day that begins at the minute.
func (b *Booking) Capacity(day Day, from int, f FieldID) int {
	at := func(list []Places) int {
		return slices.IndexFunc(list, func(p Places) bool { return p.Field == f && p.From == from })
	}
	if i := slices.IndexFunc(b.Days, func(d DayPlaces) bool { return d.Day == day }); i >= 0 {
		if b.Days[i].Closed {
			return 0
		}
		if k := at(b.Days[i].Places); k >= 0 {
			return b.Days[i].Places[k].People
		}
	}
	if k := at(b.Usual); k >= 0 {
		return b.Usual[k].People
	}
	return 0
}

// matterCapacity is the matter's own bound, or ok false.
func (b *Booking) matterCapacity(m MatterCode) (people int, ok bool) {
	i := slices.IndexFunc(b.Matters, func(p MatterPlaces) bool { return p.Matter == m })
	if i < 0 {
		return 0, false
	}
	return b.Matters[i].People, true
}

// Slots are the minutes at which the half hours of a day begin, by the opening hours. A hall that is always open has
// those from the turn of its day on.
func (h Hours) Slots() []int {
	var out []int
	for from := 0; from+SlotMin <= minutesOfDay; from += SlotMin {
		open := h.Always && from >= int(DayTurns.Minutes())
		for _, s := range h.Spans {
			open = open || from >= s.From && from+SlotMin <= s.To
		}
		if open {
			out = append(out, from)
		}
	}
	return out
}

// BookableDays are today, where it is a working day, and the working days after it that can be booked. A hall that is
// always open works every day. It ends where the calendar does; the error is a *workday.UnknownYearError when that leaves
// none.
func (l *Layout) BookableDays(today Day) ([]Day, error) {
	first, err := time.Parse(time.DateOnly, string(today))
	if err != nil {
		return nil, fmt.Errorf("hall: %q is no day", today)
	}
	var out []Day
	calendar := l.Workdays()
	for i, ahead := 0, 0; ahead < l.Booking.DaysAhead && i <= maxLookDays; i++ {
		day := Day(first.AddDate(0, 0, i).Format(time.DateOnly))
		works := l.Hours.Always
		if !works {
			if works, err = calendar.IsWorkday(workday.Day(day)); err != nil {
				break
			}
		}
		if works {
			out = append(out, day)
			ahead += btoi(i > 0)
		}
	}
	if len(out) == 0 && err != nil {
		return nil, err
	}
	return out, nil
}

// maxLookDays bounds how far the calendar is looked through for working days.
const maxLookDays = 3 * maxDaysAhead

// check wants sane bounds and entries that exist; l is the layout that the settings belong to.
func (b *Booking) check(l *Layout) error {
	for _, f := range []struct {
		name   string
		v, max int
	}{{"days_ahead", b.DaysAhead, maxDaysAhead}, {"early_min", b.EarlyMin, maxBookingMin}, {"late_min", b.LateMin, maxBookingMin},
		{"open_max", b.OpenMax, maxOpen}, {"missed_max", b.MissedMax, maxOpen}, {"missed_days", b.MissedDays, maxMissedDays}, {"days", len(b.Days), maxOddDays}} {
		if f.v < 0 || f.v > f.max {
			return flaw("booking: %s %d must lie between 0 and %d", "预约：%s：%d 要在 0 到 %d 之间", f.name, f.v, f.max)
		}
	}
	if err := l.checkPlaces("usual", b.Usual); err != nil {
		return err
	}
	for i, d := range b.Days {
		if _, err := time.Parse(time.DateOnly, string(d.Day)); err != nil {
			return flaw("booking: %q is no day; write YYYY-MM-DD", "预约：%q 不是日期，请写成 YYYY-MM-DD", string(d.Day))
		}
		if slices.ContainsFunc(b.Days[:i], func(o DayPlaces) bool { return o.Day == d.Day }) {
			return flaw("booking: %s stands twice", "预约：%s 出现了两次", d.Day)
		}
		if err := l.checkPlaces(string(d.Day), d.Places); err != nil {
			return err
		}
	}
	return b.checkMatters(l)
}

func (b *Booking) checkMatters(l *Layout) error {
	for i, p := range b.Matters {
		switch {
		case !slices.ContainsFunc(l.Matters, func(m Matter) bool { return m.Code == p.Matter }):
			return flaw("booking: unknown matter %q", "预约：没有事项 %q", p.Matter)
		case slices.ContainsFunc(b.Matters[:i], func(o MatterPlaces) bool { return o.Matter == p.Matter }):
			return flaw("booking: matter %s stands twice", "预约：事项 %s 出现了两次", p.Matter)
		case p.People < 0 || p.People > maxPlaces:
			return flaw("booking: matter %s: %d people must lie between 0 and %d", "预约：事项 %s：人数 %d 要在 0 到 %d 之间", p.Matter, p.People, maxPlaces)
		}
	}
	return nil
}

func (l *Layout) checkPlaces(name string, list []Places) error {
	if len(list) > maxPlaces {
		return flaw("booking: %s: more than %d lines", "预约：%s：最多 %d 行", name, maxPlaces)
	}
	seen := map[Places]bool{}
	for _, p := range list {
		key := Places{Field: p.Field, From: p.From}
		switch {
		case !slices.ContainsFunc(l.Fields, func(f Field) bool { return f.ID == p.Field }):
			return flaw("booking: %s: unknown field %q", "预约：%s：没有领域 %q", name, p.Field)
		case p.From < 0 || p.From >= minutesOfDay || p.From%SlotMin != 0:
			return flaw("booking: %s: minute %d is not the begin of a half hour", "预约：%s：第 %d 分钟不是整点或半点", name, p.From)
		case p.People < 0 || p.People > maxPlaces:
			return flaw("booking: %s: %d people must lie between 0 and %d", "预约：%s：人数 %d 要在 0 到 %d 之间", name, p.People, maxPlaces)
		case seen[key]:
			return flaw("booking: %s: field %s at minute %d stands twice", "预约：%s：领域 %s 在第 %d 分钟出现了两次", name, p.Field, p.From)
		}
		seen[key] = true
	}
	return nil
}

// kept are the settings as far as the layout still has their fields and matters.
func (b Booking) kept(l *Layout) Booking {
	lacksField := func(p Places) bool {
		return !slices.ContainsFunc(l.Fields, func(f Field) bool { return f.ID == p.Field })
	}
	b.Usual = slices.DeleteFunc(slices.Clone(b.Usual), lacksField)
	b.Days = slices.Clone(b.Days)
	for i := range b.Days {
		b.Days[i].Places = slices.DeleteFunc(slices.Clone(b.Days[i].Places), lacksField)
	}
	b.Matters = slices.DeleteFunc(slices.Clone(b.Matters), func(p MatterPlaces) bool {
		return !slices.ContainsFunc(l.Matters, func(m Matter) bool { return m.Code == p.Matter })
	})
	return b
}
