package route_test

import (
	"fmt"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"yitang/server/hall"
	"yitang/server/route"
)

const (
	clerk hall.Actor  = "clerk:li"
	ten   hall.Millis = 1748916000000 // 2025-06-03 10:00 in Beijing
	min1  hall.Millis = 60 * 1000
)

// layout has one matter for each field of a string, "A-1" for A, and the windows 1, 2, … with the fields of the others.
func layout(fields string, windows ...string) hall.Layout {
	l := hall.Layout{Hall: "h", Name: hall.Text{"zh": "大厅"}, Hours: hall.Hours{Always: true}}
	for _, f := range fields {
		id := hall.FieldID(f)
		l.Fields = append(l.Fields, hall.Field{ID: id, Name: hall.Text{"zh": string(f)}})
		l.Matters = append(l.Matters, hall.Matter{Code: hall.MatterCode(id + "-1"), Name: hall.Text{"zh": "x"}, Field: id, Kind: hall.OnTheSpot})
	}
	for i, skills := range windows {
		w := hall.WindowPlan{ID: hall.WindowID(fmt.Sprint(i + 1)), Kind: hall.OfField}
		for _, f := range skills {
			w.Fields = append(w.Fields, hall.FieldID(f))
		}
		l.Windows = append(l.Windows, w)
	}
	return l
}

// day is a hall whose windows are all open.
type day struct {
	testing.TB
	s  *hall.State
	at hall.Millis
}

func newDay(t testing.TB, l hall.Layout) *day {
	t.Helper()
	l.Calling = hall.Calling{Policy: "fcfs", Pure: true}
	d := &day{TB: t, s: hall.New(route.Rule{}), at: ten}
	d.do(hall.AdoptLayout{Layout: l}, hall.OpenDay{Day: "2025-06-03"})
	for _, w := range l.Windows {
		d.do(hall.OpenWindow{Window: w.ID})
	}
	return d
}

func (d *day) do(cmds ...hall.Command) {
	d.Helper()
	for _, c := range cmds {
		events, err := hall.Decide(d.s, c, d.at, clerk)
		if err != nil {
			d.Fatalf("%T%+v: %v", c, c, err)
		}
		for i := range events {
			d.s.Apply(&events[i])
		}
	}
}

func (d *day) take(fields string) {
	d.Helper()
	for _, f := range fields {
		m := hall.MatterCode(string(f) + "-1")
		d.do(hall.Take{Matters: []hall.MatterCode{m}, Priority: hall.Ordinary, Language: "zh", Channel: "kiosk", PersonKind: "none"})
	}
}

// next is the number that the rule chooses, or "".
func (d *day) next(w hall.WindowID) (string, hall.Why) {
	t, why := route.Rule{}.Next(d.s, w, d.at)
	if t == nil {
		return "", why
	}
	return t.Number, why
}

func TestFCFS(t *testing.T) {
	call := func(w hall.WindowID) []hall.Command {
		return []hall.Command{hall.CallNext{Window: w}, hall.Start{Window: w}}
	}
	for _, c := range []struct {
		name   string
		setup  func(d *day)
		window hall.WindowID
		want   string
		among  int
	}{
		{"nobody", func(*day) {}, "2", "", 0},
		{"nobody for this window", func(d *day) { d.take("CC") }, "2", "", 0},
		{"its one field", func(d *day) { d.take("BAA") }, "1", "A001", 2},
		{"the earliest over its fields", func(d *day) { d.take("C"); d.at++; d.take("B"); d.at++; d.take("AAB") }, "2", "B001", 4},
		{"the order of its skills does not matter", func(d *day) { d.take("A"); d.at++; d.take("B") }, "2", "A001", 2},
		{"at the same instant by issue", func(d *day) { d.take("BAAB") }, "2", "B001", 4},
		{"at the same instant by issue, the other way", func(d *day) { d.take("ABBA") }, "2", "A001", 4},
		{"A999 before A1000", func(d *day) {
			for range 1000 {
				d.take("A")
			}
			for range 998 {
				d.do(hall.CallNext{Window: "1"}, hall.Finish{Window: "1"})
			}
		}, "1", "A999", 2},
		{"who was sent here, in the place of the original", func(d *day) {
			d.take("C")
			d.at++
			d.take("A")
			d.at++
			d.do(call("3")...)
			d.do(hall.Transfer{Window: "3", To: "2"})
		}, "2", "C001", 2},
		{"who was sent here, but came later", func(d *day) {
			d.take("A")
			d.at++
			d.take("C")
			d.do(call("3")...)
			d.do(hall.Transfer{Window: "3", To: "2"})
		}, "2", "A001", 2},
		{"who was sent to another window is not for this one", func(d *day) {
			d.take("AA")
			d.do(call("1")...)
			d.do(hall.Transfer{Window: "1", To: "2"})
		}, "1", "A002", 1},
		{"who comes back from a hold is first", func(d *day) {
			d.take("ABA")
			d.do(call("1")...)
			d.do(hall.Finish{Window: "1"})
			d.do(call("1")...)
			d.do(hall.Hold{Window: "1"}, hall.ResumeTicket{Ticket: "20250603-A002"})
			d.take("A")
		}, "1", "A002", 2},
		{"who missed the call comes back to the old place", func(d *day) {
			d.take("AAA")
			d.do(hall.CallNext{Window: "1"}, hall.Miss{Window: "1"}, hall.Reactivate{Ticket: "20250603-A001"})
		}, "1", "A001", 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDay(t, layout("ABC", "A", "BA", "C"))
			c.setup(d)
			if got, why := d.next(c.window); got != c.want || why.Candidates != c.among {
				t.Errorf("%q among %d, want %q among %d", got, why.Candidates, c.want, c.among)
			}
		})
	}
}

func TestFCFSSaysWhy(t *testing.T) {
	d := newDay(t, layout("AB", "AB"))
	if _, why := d.next("1"); !reflect.DeepEqual(why, hall.Why{}) {
		t.Errorf("nobody was called, because of %+v", why)
	}
	d.take("BA")
	d.at += 7 * min1
	if _, why := d.next("1"); why.Rule != "fcfs" || why.Version != route.Version || why.Candidates != 2 || why.WaitedMS != 420_000 {
		t.Errorf("%+v", why)
	}
	d.do(hall.CallNext{Window: "1"}, hall.Start{Window: "1"}, hall.Hold{Window: "1"}, hall.ResumeTicket{Ticket: "20250603-B001"})
	if got, why := d.next("1"); got != "B001" || why.WaitedMS != 420_000 { // first in line, but it has not waited since 1970
		t.Errorf("%s: %+v", got, why)
	}
}

// TestNoTicketIsCalledTwice: two clerks who press at the same instant get two people.
func TestNoTicketIsCalledTwice(t *testing.T) {
	d := newDay(t, layout("A", "A", "A", "A"))
	d.take("AAA")
	d.do(hall.CallNext{Window: "3"}, hall.CallNext{Window: "1"}, hall.CallNext{Window: "2"})
	for w, want := range map[hall.WindowID]string{"3": "A001", "1": "A002", "2": "A003"} {
		if got := d.s.View().Window(w).Ticket; got == nil || got.Number != want {
			t.Errorf("window %s has %+v, want %s", w, got, want)
		}
	}
}

// TestFCFSAgainstALookAtEverybody compares the rule, which looks at the heads of queues only, with a look at every
// waiting ticket, in halls that chance made.
func TestFCFSAgainstALookAtEverybody(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		d := newDay(t, layout("ABCD", "A", "BA", "DC", "ABCD"))
		windows := []hall.WindowID{"1", "2", "3", "4"}
		for _, step := range rapid.SliceOfN(rapid.IntRange(0, 11), 20, 60).Draw(r, "steps") {
			w := windows[step%4]
			d.at += hall.Millis(step % 3)
			try := func(c hall.Command) {
				if events, err := hall.Decide(d.s, c, d.at, clerk); err == nil {
					for i := range events {
						d.s.Apply(&events[i])
					}
				}
			}
			switch step / 4 {
			case 0:
				d.take(string("ABCD"[step%4]) + "B")
			case 1:
				try(hall.CallNext{Window: w})
				try(hall.Start{Window: w})
			default:
				try(hall.Transfer{Window: w, To: windows[(step+len(d.s.View().Calls))%4]})
				try(hall.Hold{Window: w})
				for _, held := range d.s.View().Held {
					try(hall.ResumeTicket{Ticket: held.ID})
				}
			}
			for _, w := range windows {
				want, among := earliest(d.s.View(), w)
				if got, why := d.next(w); got != want || why.Candidates != among {
					r.Fatalf("window %s: %q among %d, want %q among %d", w, got, why.Candidates, want, among)
				}
			}
		}
	})
}

// earliest looks at every waiting ticket that the window may serve.
func earliest(v *hall.View, w hall.WindowID) (number string, among int) {
	var best *hall.Ticket
	see := func(t *hall.Ticket) {
		among++
		if best == nil || t.Place < best.Place || t.Place == best.Place && t.Order < best.Order {
			best, number = t, t.Number
		}
	}
	for _, q := range v.Queues {
		for _, t := range q.Waiting {
			if v.Window(w).Plan.Serves(t.Field) {
				see(t)
			}
		}
	}
	for _, t := range v.AtWindow[w] {
		see(t)
	}
	return number, among
}
