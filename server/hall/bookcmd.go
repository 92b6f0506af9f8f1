package hall

import (
	"errors"
	"fmt"
	"slices"

	"yitang/server/workday"
)

// When is a slot, as a person chooses it: the day and the minute at which its half hour begins, the same as an instant,
// and today by the hall's calendar. Whoever makes it knows the hall's zone.
type When struct {
	Day   Day
	From  int
	Slot  Millis
	Today Day
}

// Clock is the minute of the day as people write it.
func Clock(minute int) string { return fmt.Sprintf("%d:%02d", minute/60, minute%60) }

// Book makes an appointment. Codes are drawn by the caller: the first that no open appointment has is taken.
type Book struct {
	When
	Matters    []MatterCode
	PersonKind string
	Person     string
	Language   string
	Channel    string // phone or desk
	Codes      []string
	Track      string
}

// MoveAppointment gives it another slot.
type MoveAppointment struct {
	When
	Appointment AppointmentID
}

// CancelAppointment gives it up.
type CancelAppointment struct {
	Appointment AppointmentID
	Reason      string
}

// Settle records the no-shows of the day. The hall itself gives it, when View.SettleDue says so.
type Settle struct{}

func (c Book) decide(s *State, at call) ([]Body, error) {
	if c.Person == "" {
		return nil, refuse(CodeInvalid, "person：预约需要身份证号或统一社会信用代码。")
	}
	if err := (Take{Matters: c.Matters, Priority: ByAppointment, Language: c.Language}).check(s); err != nil {
		return nil, err
	}
	if err := s.mayBook(c.When, c.Matters, "", at.at); err != nil {
		return nil, err
	}
	missed := s.missedSince(c.Person, c.Today, s.layout.Booking.Missed())
	if c.Channel != deskChannel {
		if err := c.withinBounds(s, missed); err != nil {
			return nil, err
		}
	}
	code := s.freeCode(c.Codes)
	if code == "" {
		return nil, refuse(CodeSlotFull, "预约码用完了，请稍后再试。")
	}
	id := AppointmentID(fmt.Sprintf("Y%d", s.seq+1))
	return []Body{&AppointmentBooked{Appointment: id, Code: code, Track: c.Track, Day: c.Day, From: c.From, Slot: c.Slot, Matters: c.Matters,
		PersonKind: c.PersonKind, Person: c.Person, Language: c.Language, Channel: c.Channel, MissedBefore: missed}}, nil
}

// deskChannel is staff who book for somebody: they may go beyond a person's bounds.
const deskChannel = "desk"

// withinBounds refuses one appointment too many, and somebody who has not come too often.
func (c Book) withinBounds(s *State, missed int) error {
	b := &s.layout.Booking
	open := 0
	for _, a := range s.appointments {
		if a.State != Booked || a.Person != c.Person {
			continue
		}
		open++
		i := slices.IndexFunc(c.Matters, func(m MatterCode) bool { return slices.Contains(a.Matters, m) })
		switch {
		case i >= 0:
			return refuse(CodeTooManyOpen, "“%s”已经预约过了。需要换时间，请改约；需要再约，请到导服台。", s.matters[c.Matters[i]].Name["zh"])
		case a.Day == c.Day && a.From == c.From:
			return refuse(CodeTooManyOpen, "这个时间已经有另一个预约。请换一个时间。")
		}
	}
	if open >= b.Open() {
		return refuse(CodeTooManyOpen, "已经有 %d 个没有办理的预约，最多 %d 个。需要再约，请到导服台。", open, b.Open())
	}
	if b.MissedMax > 0 && missed >= b.MissedMax {
		return refuse(CodeTooManyMissed, "近 %d 天有 %d 次预约没有来，暂时不能自己预约。请到导服台预约，或直接到大厅取号。", b.Missed(), missed)
	}
	return nil
}

// freeCode is the first code that no open appointment has.
func (s *State) freeCode(codes []string) string {
	for _, code := range codes {
		if code != "" && !slices.ContainsFunc(s.appointments, func(a *Appointment) bool { return a.Code == code }) {
			return code
		}
	}
	return ""
}

// mayBook refuses a slot that is no working day's, past, or full.
func (s *State) mayBook(w When, matters []MatterCode, except AppointmentID, now Millis) error {
	b := &s.layout.Booking
	if !b.On() {
		return refuse(CodeNoBooking, "大厅没有开通预约。请直接到大厅取号。")
	}
	days, err := s.layout.BookableDays(w.Today)
	var unknown *workday.UnknownYearError
	if errors.As(err, &unknown) {
		return refuse(CodeInvalid, "day：%s", unknown.Message())
	}
	switch {
	case err != nil, !slices.Contains(days, w.Day):
		return refuse(CodeInvalid, "day：%s 不能预约。请选择开放预约的工作日。", w.Day)
	case !slices.Contains(s.layout.Hours.Slots(), w.From):
		return refuse(CodeInvalid, "from：%s 不是可以预约的半小时。", Clock(w.From))
	case w.Slot <= now:
		return refuse(CodeSlotFull, "%s 已经过了。请选择后面的时间。", Clock(w.From))
	case s.layout.Free(s.appointments, matters, w.Day, w.From, except) == 0:
		return refuse(CodeSlotFull, "%s %s 已经约满。请选择别的时间。", w.Day, Clock(w.From))
	}
	return nil
}

// booked returns an appointment that can still be changed, or a refusal.
func (s *State) bookedOne(id AppointmentID) (*Appointment, error) {
	a := s.Appointment(id)
	switch {
	case a == nil:
		return nil, refuse(CodeNotFound, "没有这个预约。请核对预约码，或到导服台查询。")
	case a.State == Arrived:
		return nil, refuse(CodeAppointmentState, "这个预约已经签到，请按号票等候。")
	case a.State == Missed:
		return nil, refuse(CodeAppointmentState, "这个预约已经过了签到时间。请取号，或重新预约。")
	case a.State == CalledOff:
		return nil, refuse(CodeAppointmentState, "这个预约已经取消。")
	}
	return a, nil
}

func (c MoveAppointment) decide(s *State, at call) ([]Body, error) {
	a, err := s.bookedOne(c.Appointment)
	if err != nil {
		return nil, err
	}
	if a.Day == c.Day && a.From == c.From {
		return nil, nil
	}
	if err := s.mayBook(c.When, a.Matters, a.ID, at.at); err != nil {
		return nil, err
	}
	return []Body{&AppointmentMoved{Appointment: a.ID, Day: c.Day, From: c.From, Slot: c.Slot}}, nil
}

func (c CancelAppointment) decide(s *State, _ call) ([]Body, error) {
	a, err := s.bookedOne(c.Appointment)
	if err != nil {
		return nil, err
	}
	return []Body{&AppointmentCancelled{Appointment: a.ID, Reason: c.Reason}}, nil
}

func (Settle) decide(s *State, at call) ([]Body, error) {
	if !s.open {
		return nil, nil
	}
	var out []Body
	for _, a := range lapsed(s.appointments, &s.layout.Booking, s.day, at.at) {
		out = append(out, &AppointmentMissed{Appointment: a.ID})
	}
	return out, nil
}

// endAppointments is what the end of the day makes of those that are still booked for it: a no-show where the time for
// check-in is over; else the hall, not the person, did not keep it.
func (s *State) endAppointments(now Millis) []Body {
	var out []Body
	over := lapsed(s.appointments, &s.layout.Booking, s.day, now)
	for _, a := range s.appointments {
		switch {
		case a.State != Booked || a.Day != s.day:
		case slices.Contains(over, a):
			out = append(out, &AppointmentMissed{Appointment: a.ID})
		default:
			out = append(out, &AppointmentCancelled{Appointment: a.ID, Reason: offDayClosed})
		}
	}
	return out
}

// skipped calls off what was booked for days on which the hall did not open.
func (s *State) skipped(day Day) []Body {
	var out []Body
	for _, a := range s.appointments {
		if a.State == Booked && a.Day < day {
			out = append(out, &AppointmentCancelled{Appointment: a.ID, Reason: offHallClosed})
		}
	}
	return out
}

// checkIn is the appointment that a ticket is taken for, named or found by the person; nil when there is none.
func (c Take) checkIn(s *State, issued Millis) (*Appointment, error) {
	if c.Appointment == "" {
		return s.dueFor(c, issued), nil
	}
	a := s.Appointment(c.Appointment)
	if a != nil && a.State == Missed && a.Day == s.day && c.Excused {
		return a, nil
	}
	a, err := s.bookedOne(c.Appointment)
	if err != nil {
		return nil, err
	}
	from, _, until := a.CheckIn(&s.layout.Booking)
	switch {
	case a.Day != s.day:
		return nil, refuse(CodeTooEarly, "预约是 %s %s 的，请在那一天来签到。", a.Day, Clock(a.From))
	case issued < from && !c.Excused:
		return nil, refuse(CodeTooEarly, "预约时间是 %s，提前 %d 分钟开始签到。", Clock(a.From), (a.Slot-from)/minute)
	case issued > until && !c.Excused:
		return nil, refuse(CodeTooLate, "预约时间是 %s，已经过了签到时间。请取号，或到导服台。", Clock(a.From))
	}
	return a, nil
}

// dueFor is the person's appointment for the matters that could be checked in at the moment, where nobody named one: whoever
// takes a number beside it must not lose it, also while the hall was away. One missed meanwhile counts as well.
func (s *State) dueFor(c Take, issued Millis) *Appointment {
	if c.Person == "" {
		return nil
	}
	for _, a := range s.appointments {
		if a.Person != c.Person || a.Day != s.day || a.State != Booked && a.State != Missed {
			continue
		}
		from, _, until := a.CheckIn(&s.layout.Booking)
		all := !slices.ContainsFunc(a.Matters, func(m MatterCode) bool { return !slices.Contains(c.Matters, m) })
		if all && issued >= from && issued <= until {
			return a
		}
	}
	return nil
}

// forAppointment fills in what the appointment says where the person has not said otherwise.
func (c Take) forAppointment(a *Appointment) Take {
	if a == nil {
		return c
	}
	if len(c.Matters) == 0 {
		c.Matters = a.Matters
	}
	if c.Person == "" {
		c.PersonKind, c.Person = a.PersonKind, a.Person
	}
	if c.Priority == Ordinary {
		c.Priority = ByAppointment
	}
	c.Slot = a.Slot
	return c
}

// arrival is the event that ties the appointment to its ticket.
func (s *State) arrival(a *Appointment, t TicketID, issued Millis) []Body {
	if a == nil {
		return nil
	}
	_, grace, _ := a.CheckIn(&s.layout.Booking)
	return []Body{&AppointmentCheckedIn{Appointment: a.ID, As: t, Late: issued > grace}}
}
