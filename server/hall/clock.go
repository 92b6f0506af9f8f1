package hall

import "time"

// ClockState is how the machine's clock stands to the journal.
type ClockState string

// The states of the clock.
const (
	ClockRight  ClockState = "right"
	ClockAhead  ClockState = "ahead"  // so far that it is not believed until an administrator has said so
	ClockBehind ClockState = "behind" // before the last event: what happens gets the time of that
)

// MaxSilence is how long a hall that has had a business day may be silent, and still believe its clock by itself. A working
// hall opens a day every day, so only a switched-off one is silent. The longest public holidays with the weekends around
// them are nine days, ten with a bridge; a month or a year typed wrong, and the years that a clock shows after its battery
// has died, are beyond.
const MaxSilence = Millis(15 * 24 * time.Hour / time.Millisecond)

const clockSlack = Millis(time.Minute / time.Millisecond)

// Clock is how a clock that shows now stands to the journal. A hall that never had a day has nothing to hold it against.
func (v *View) Clock(now Millis) ClockState { return clockOf(v.Day, v.At, now) }

func clockOf(day Day, last, now Millis) ClockState {
	switch {
	case day == "":
	case now > last+MaxSilence:
		return ClockAhead
	case now < last-clockSlack:
		return ClockBehind
	}
	return ClockRight
}

// moment is the time that an event gets: the clock's, but never before the last event, nor by a clock that is not believed.
func (s *State) moment(clock Millis) Millis {
	if clock < s.at || clockOf(s.day, s.at, clock) == ClockAhead {
		return s.at
	}
	return clock
}

// SetClock says that the clock is right now, however it stands to the journal: the hall goes on by it, forward after a long
// silence, or back after a clock that had been ahead. Day is the business day that it is. The day before must have been
// closed, so that no ticket lives in two times.
type SetClock struct{ Day Day }

func (c SetClock) decide(s *State, at call) ([]Body, error) {
	if _, err := time.Parse(time.DateOnly, string(c.Day)); err != nil {
		return nil, refuse(CodeInvalid, "day：%q 不是 YYYY-MM-DD 格式的日期。", c.Day)
	}
	if s.day == "" || clockOf(s.day, s.at, at.clock) == ClockRight && s.day <= c.Day {
		return nil, refuse(CodeClockRight, "时钟与日志一致，不需要校正。")
	}
	if s.open {
		return nil, refuse(CodeDayOpen, "营业日 %s 尚未结束。请先结束它。", s.day)
	}
	return []Body{&ClockSet{Was: s.at, WasDay: s.day, Day: min(s.day, c.Day.minus(1))}}, nil
}

// ClockSet is the word of an administrator that the clock is right: the event's own time is the first by it. Events before it
// may have a later time, days before it may be later ones; their numbers are never given out again, see Given.
type ClockSet struct {
	Was    Millis `json:"was"`     // time of the event before
	WasDay Day    `json:"was_day"` // business day until then
	Day    Day    `json:"day"`     // after which the next business day comes
}

// Kind implements Body.
func (*ClockSet) Kind() Kind { return KindClockSet }

func (b *ClockSet) apply(s *State, _ *Event) { s.day = b.Day }

// Given is what a business day has given out before it was opened: nothing, but where the clock was set back into a day, or
// before one, that the hall has had.
type Given struct {
	Numbers map[FieldID]int `json:"numbers,omitempty"` // the last number of each letter
	Cases   int             `json:"cases,omitempty"`   // the last case's
}
