package hall

import (
	"cmp"
	"slices"
)

// Act is what a window does for a matter.
type Act string

// The acts. Their order is that of the skills of a field on the floor.
const (
	Receive   Act = "receive" // 受理
	DecideNow Act = "decide"  // 当场办结
	Deliver   Act = "deliver" // 出件
)

// Acts lists the acts.
func Acts() []Act { return []Act{Receive, DecideNow, Deliver} }

// The classes of waiting people, by number on the floor.
const (
	ClassStatutory   ClassNo = iota // 依法优先
	ClassAppointment                // 预约
	ClassOrdinary                   // 普通
	classes
)

// Calling are the hall's settings for calling (叫号规则). Zero values are the usual ones.
type Calling struct {
	Policy         string  `json:"policy,omitempty"` // ratio (usual), fcfs, strict, edd or primary
	Pure           bool    `json:"pure,omitempty"`   // without starvation guard, reserve and bonuses
	Quota          int     `json:"quota,omitempty"`  // strict: one call in so many may pass an earlier ticket; usual 3
	StatutoryMin   float64 `json:"statutory_min,omitempty"`
	AppointmentMin float64 `json:"appointment_min,omitempty"`
	OrdinaryMin    float64 `json:"ordinary_min,omitempty"`
	IdleCallS      int     `json:"idle_call_s,omitempty"` // the hall itself calls for a window that has been free for so many seconds; 0 leaves it to the clerk
	AlarmMin       int     `json:"alarm_min,omitempty"`   // a field whose newcomers will wait longer raises an alarm; 0 is the usual one
}

// The usual settings.
const (
	usualPolicy         = "ratio"
	usualQuota          = 3
	usualStatutoryMin   = 5
	usualAppointmentMin = 10
	usualOrdinaryMin    = 20
	maxTargetMin        = 480
	usualAlarmMin       = 30
	maxIdleCallS        = 600
)

// Policies lists the policies that a hall may choose.
func Policies() []string { return []string{"ratio", "fcfs", "strict", "edd", "primary"} }

func (c *Calling) check() error {
	if c.Policy != "" && !slices.Contains(Policies(), c.Policy) {
		return flaw("calling: policy %q is none of %v", "叫号：policy：%q 不是 %v 之一", c.Policy, Policies())
	}
	for name, min := range map[string]float64{"statutory_min": c.StatutoryMin, "appointment_min": c.AppointmentMin, "ordinary_min": c.OrdinaryMin} {
		if !(min == 0 || min >= 1 && min <= maxTargetMin) {
			return flaw("calling: %s %v must lie between 1 and %d minutes", "叫号：%s：%v 要在 1 到 %d 分钟之间", name, min, maxTargetMin)
		}
	}
	if c.Quota < 0 || c.Quota > 100 {
		return flaw("calling: quota %d must lie between 1 and 100", "叫号：quota：%d 要在 1 到 100 之间", c.Quota)
	}
	if c.IdleCallS < 0 || c.IdleCallS > maxIdleCallS {
		return flaw("calling: idle_call_s %d must lie between 0 and %d seconds", "叫号：idle_call_s：%d 要在 0 到 %d 秒之间", c.IdleCallS, maxIdleCallS)
	}
	if c.AlarmMin < 0 || c.AlarmMin > maxTargetMin {
		return flaw("calling: alarm_min %d must lie between 1 and %d minutes", "叫号：alarm_min：%d 要在 1 到 %d 分钟之间", c.AlarmMin, maxTargetMin)
	}
	return nil
}

// Alarm is how many minutes half of a field's newcomers may be expected to wait before the manager is warned.
func (c *Calling) Alarm() int { return cmp.Or(c.AlarmMin, usualAlarmMin) }

// Terms are the settings as a rule reads them, in milliseconds.
func (l *Layout) Terms() Terms {
	c := l.Calling
	ms := func(min, usual float64) Millis { return Millis(cmp.Or(min, usual) * float64(minute)) }
	return Terms{
		Policy: cmp.Or(c.Policy, usualPolicy), Bonuses: !c.Pure, Quota: cmp.Or(c.Quota, usualQuota),
		Targets: []Millis{ClassStatutory: ms(c.StatutoryMin, usualStatutoryMin),
			ClassAppointment: ms(c.AppointmentMin, usualAppointmentMin), ClassOrdinary: ms(c.OrdinaryMin, usualOrdinaryMin)},
	}
}

const minute Millis = 60 * 1000

// Class is the class that a priority waits in.
func (p Priority) Class() ClassNo {
	switch p {
	case Ordinary, "":
		return ClassOrdinary
	case ByAppointment:
		return ClassAppointment
	}
	return ClassStatutory
}

// May says whether the window does the act for matters of the field.
func (w *WindowPlan) May(f FieldID, a Act) bool {
	if !w.Serves(f) {
		return false
	}
	if acts, narrowed := w.Acts[f]; narrowed {
		return slices.Contains(acts, a)
	}
	return w.Kind != Delivery || a == Deliver
}

func (w *WindowPlan) checkActs() error {
	for f, acts := range w.Acts {
		if !w.Serves(f) {
			return flaw("window %s: acts for field %q, which it does not serve", "%s 号窗口：不办理领域 %q，却限定了它的环节", w.ID, f)
		}
		if len(acts) == 0 {
			return flaw("window %s: field %s has no act; leave the field out instead", "%s 号窗口：领域 %s 一个环节也不办；请把这个领域去掉", w.ID, f)
		}
		for _, a := range acts {
			if !slices.Contains(Acts(), a) {
				return flaw("window %s: field %s: %q is none of %v", "%s 号窗口：领域 %s：%q 不是 %v 之一", w.ID, f, a, Acts())
			}
		}
	}
	return nil
}

// AppointmentGrace is how late one may check in for an appointment and still have its place.
const AppointmentGrace = 10 * minute

// SinceFor is from when a wait counts: for an appointment that is checked in by ten minutes after its slot the slot
// less half the target wait, for everybody else the issue.
func (t Terms) SinceFor(c ClassNo, issued, slot Millis) Millis {
	if c != ClassAppointment || slot == 0 || issued > slot+AppointmentGrace {
		return issued
	}
	return slot - t.Targets[ClassAppointment]/2
}
