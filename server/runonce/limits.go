package runonce

import (
	"fmt"
	"math"
	"slices"

	"yitang/server/hall"
)

// Unit says what a limit counts.
type Unit string

// The units of limits.
const (
	Share       Unit = "share" // 0 to 1
	Rows        Unit = "rows"  // cases, tickets, windows, departments
	Times       Unit = "times"
	WorkingDays Unit = "working_days"
	Days        Unit = "days" // of the calendar
	Minutes     Unit = "minutes"
	Seconds     Unit = "seconds"
)

// Limit is one setting of the signals: which, within what it may lie, and where it stands. Min and Max keep a setting
// within what a hall keeps data for.
type Limit struct {
	Name     string // as in hall.Layout.Signals
	Signal   SignalID
	Unit     Unit
	Min, Max float64
	whole    func(*Thresholds) *int
	part     func(*Thresholds) *float64
}

// Of is the limit's value.
func (l *Limit) Of(t *Thresholds) float64 {
	if l.whole != nil {
		return float64(*l.whole(t))
	}
	return *l.part(t)
}

// Holds says whether a value may be the limit's.
func (l *Limit) Holds(v float64) bool {
	return v >= l.Min && v <= l.Max && (l.whole == nil || v == math.Trunc(v))
}

func (l *Limit) set(t *Thresholds, v float64) {
	if l.whole != nil {
		*l.whole(t) = int(v)
		return
	}
	*l.part(t) = v
}

func whole(name string, id SignalID, unit Unit, least, most float64, of func(*Thresholds) *int) Limit {
	return Limit{Name: name, Signal: id, Unit: unit, Min: least, Max: most, whole: of}
}

func part(name string, id SignalID, of func(*Thresholds) *float64) Limit {
	return Limit{Name: name, Signal: id, Unit: Share, Min: 0.001, Max: 0.999, part: of}
}

// AllLimits lists the settings, those of all signals first.
func AllLimits() []Limit {
	return []Limit{
		whole("rows", "", Rows, 10, 1000, func(t *Thresholds) *int { return &t.Rows }),
		whole("look_back_days", "", WorkingDays, 5, 60, func(t *Thresholds) *int { return &t.LookBackDays }),
		part("a1_accepted", "A1", func(t *Thresholds) *float64 { return &t.AcceptedInHall }),
		part("a2_sent_out", "A2", func(t *Thresholds) *float64 { return &t.SentOut }),
		whole("a3_tickets", "A3", Rows, 1, 1000, func(t *Thresholds) *int { return &t.TicketsWithoutCase }),
		part("a4_outside", "A4", func(t *Thresholds) *float64 { return &t.Outside }),
		part("a5_staffed", "A5", func(t *Thresholds) *float64 { return &t.Staffed }),
		part("b1_no_ticket", "B1", func(t *Thresholds) *float64 { return &t.NoTicket }),
		whole("b2_site_visit_min", "B2", Minutes, 0, 480, func(t *Thresholds) *int { return &t.SiteVisitMin }),
		whole("b3_acceptances", "B3", Rows, 2, 100, func(t *Thresholds) *int { return &t.Burst }),
		whole("b3_min", "B3", Minutes, 1, 240, func(t *Thresholds) *int { return &t.BurstMin }),
		part("b4_outside_hours", "B4", func(t *Thresholds) *float64 { return &t.OutsideHours }),
		whole("b6_days", "B6", WorkingDays, 0, 60, func(t *Thresholds) *int { return &t.ReceiveDays }),
		whole("c2_days", "C2", Days, 1, 60, func(t *Thresholds) *int { return &t.BothDays }),
		whole("d2_windows", "D2", Rows, 2, 10, func(t *Thresholds) *int { return &t.Windows }),
		whole("d2_departments", "D2", Rows, 2, 10, func(t *Thresholds) *int { return &t.Departments }),
		part("d2_many_windows", "D2", func(t *Thresholds) *float64 { return &t.ManyWindows }),
		part("d3_sent_back", "D3", func(t *Thresholds) *float64 { return &t.SentBack }),
		part("d4_new_item", "D4", func(t *Thresholds) *float64 { return &t.NewItem }),
		whole("d5_days", "D5", WorkingDays, 0, 30, func(t *Thresholds) *int { return &t.OwnerDays }),
		part("e1_suspended", "E1", func(t *Thresholds) *float64 { return &t.Suspended }),
		whole("e1_near_due_days", "E1", WorkingDays, 0, 30, func(t *Thresholds) *int { return &t.SuspendedNear }),
		whole("e2_near_due_days", "E2", WorkingDays, 0, 30, func(t *Thresholds) *int { return &t.NearDueDays }),
		whole("e2_refiled_days", "E2", WorkingDays, 1, 15, func(t *Thresholds) *int { return &t.RefiledDays }),
		part("e3_on_due_day", "E3", func(t *Thresholds) *float64 { return &t.OnDueDay }),
		whole("f1_seconds", "F1", Seconds, 1, 600, func(t *Thresholds) *int { return &t.QuickDoneS }),
		part("f1_quick_done", "F1", func(t *Thresholds) *float64 { return &t.QuickDone }),
		whole("f2_seconds", "F2", Seconds, 1, 600, func(t *Thresholds) *int { return &t.QuickNoShowS }),
		{Name: "f2_times_median", Signal: "F2", Unit: Times, Min: 1.1, Max: 20, part: func(t *Thresholds) *float64 { return &t.NoShowTimes }},
		whole("f3_seconds", "F3", Seconds, 1, 60, func(t *Thresholds) *int { return &t.QuickFiveS }),
		part("f3_quick_five", "F3", func(t *Thresholds) *float64 { return &t.QuickFive }),
		part("f5_made_consulting", "F5", func(t *Thresholds) *float64 { return &t.MadeConsulting }),
	}
}

// LimitError is a setting that cannot be: there is none of the name where Limit is nil, else the value does not fit it.
type LimitError struct {
	Name  string
	Limit *Limit
}

func (e *LimitError) Error() string {
	if e.Limit == nil {
		return fmt.Sprintf("runonce: no limit is called %q", e.Name)
	}
	return fmt.Sprintf("runonce: %s lies between %g and %g", e.Name, e.Limit.Min, e.Limit.Max)
}

// With are the settings with some values changed; an unknown name or a value that does not fit is a *LimitError.
func (t Thresholds) With(values map[string]float64) (Thresholds, error) {
	all := AllLimits()
	for name, v := range values {
		i := slices.IndexFunc(all, func(l Limit) bool { return l.Name == name })
		if i < 0 {
			return t, &LimitError{Name: name}
		}
		if !all[i].Holds(v) {
			return t, &LimitError{Name: name, Limit: &all[i]}
		}
		all[i].set(&t, v)
	}
	return t, nil
}

// ThresholdsOf are a hall's settings; one that this version does not know, or no longer allows, is its default.
func ThresholdsOf(l *hall.Layout) *Thresholds {
	t := DefaultThresholds()
	if l.Desk.Bureau != "" {
		t.Bureau = append(t.Bureau, l.Desk.Bureau)
	}
	for name, v := range l.Signals {
		if changed, err := t.With(map[string]float64{name: v}); err == nil {
			t = changed
		}
	}
	return &t
}
