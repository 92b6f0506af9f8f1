package hall_test

import (
	"slices"
	"testing"

	"yitang/server/hall"
)

// TestRelief: window 1 is asked for when two people have waited more than ten minutes for A, once, and no longer when it
// was opened, when nobody waits that long, when the rule or the day is gone. A view says beforehand that it is due.
func TestRelief(t *testing.T) {
	adopt := func(reliefs ...hall.Relief) func(d *day) {
		return func(d *day) {
			l := layout()
			l.Reliefs = reliefs
			d.do(hall.System, hall.AdoptLayout{Layout: l})
		}
	}
	rule := hall.Relief{Field: "A", Waiting: 2, OverMin: 10, Window: one}
	later := func(by hall.Millis) func(d *day) { return func(d *day) { d.at += by } }
	do := func(by hall.Actor, cmds ...hall.Command) func(d *day) { return func(d *day) { d.do(by, cmds...) } }
	take := func(d *day) { d.take("A-1") }
	due := []func(d *day){take, take, later(10*min1 + 1)}
	asked := slices.Clip(append(due, do(hall.System, hall.Relieve{})))
	for _, c := range []struct {
		name  string
		steps []func(d *day)
		want  hall.Body // of Relieve, or nil
		left  bool      // the window is asked for afterwards
	}{
		{"nobody", nil, nil, false},
		{"ten minutes are not more than ten", []func(d *day){take, take, later(10 * min1)}, nil, false},
		{"one is not two", []func(d *day){take, later(11 * min1), take}, nil, false},
		{"two people", due, &hall.WindowAsked{Window: one, Field: "A", Waiting: 2, OverMin: 10}, true},
		{"three people", append([]func(d *day){take}, due...), &hall.WindowAsked{Window: one, Field: "A", Waiting: 3, OverMin: 10}, true},
		{"a window that works", append(due, do(li, hall.OpenWindow{Window: one})), nil, false},
		{"a window that pauses", append(due, do(li, hall.OpenWindow{Window: one}, hall.PauseWindow{Window: one})), nil, false},
		{"asked already", asked, nil, true},
		{"opened", append(asked, do(li, hall.OpenWindow{Window: one})), nil, false},
		{"one of two was called", append(asked, do(wang, hall.OpenWindow{Window: "2"}, hall.CallNext{Window: "2"})), nil, true},
		{"both went", append(asked, do(desk, hall.Cancel{Ticket: a001}, hall.Cancel{Ticket: "20250603-A002"})),
			&hall.WindowReleased{Window: one, Reason: hall.ReleasedEased}, false},
		{"the rule is gone", append(asked, adopt()), &hall.WindowReleased{Window: one, Reason: hall.ReleasedRule}, false},
		{"the day is over", append(asked, do(hall.System, hall.CloseDay{})), nil, false},
		{"closed again", append(asked, do(li, hall.OpenWindow{Window: one}, hall.CloseWindow{Window: one})),
			&hall.WindowAsked{Window: one, Field: "A", Waiting: 2, OverMin: 10}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDay(t)
			adopt(rule)(d)
			for _, step := range c.steps {
				step(d)
			}
			if got := d.s.View().ReliefDue(d.at); got != (c.want != nil) {
				t.Errorf("due: %v", got)
			}
			var got hall.Body
			for _, e := range d.do(hall.System, hall.Relieve{}) {
				if got != nil {
					t.Errorf("a second event: %+v", e.Body)
				}
				got = e.Body
			}
			if d := diff(c.want, got); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
			if w := d.s.View().Window(one); (w.Asked != nil) != c.left {
				t.Errorf("asked: %+v", w.Asked)
			}
			if d.s.View().ReliefDue(d.at) {
				t.Error("still due")
			}
		})
	}
}
