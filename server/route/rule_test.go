package route_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yitang/server/hall"
	"yitang/server/route"
)

// ruled is a hall under the usual settings, or others, whose windows are all open.
func ruled(t testing.TB, c hall.Calling, l hall.Layout) *day {
	t.Helper()
	l.Calling = c
	d := &day{TB: t, s: hall.New(route.Rule{}), at: ten}
	d.do(hall.AdoptLayout{Layout: l}, hall.OpenDay{Day: "2025-06-03"})
	for _, w := range l.Windows {
		d.do(hall.OpenWindow{Window: w.ID})
	}
	return d
}

// come takes a ticket for fields written together, "AB" for one ticket with two matters.
func (d *day) come(fields string, p hall.Priority) hall.TicketID {
	d.Helper()
	return d.take1(hall.Take{Priority: p}, fields)
}

func (d *day) take1(c hall.Take, fields string) hall.TicketID {
	d.Helper()
	for _, f := range fields {
		c.Matters = append(c.Matters, hall.MatterCode(string(f)+"-1"))
	}
	c.Language, c.Channel, c.PersonKind = "zh", "kiosk", "none"
	events, err := hall.Decide(d.s, c, d.at, clerk)
	if err != nil {
		d.Fatal(err)
	}
	d.s.Apply(&events[0])
	return events[0].Subject()
}

func (d *day) minutes(n float64) { d.at += hall.Millis(n * float64(min1)) }

// busy gives each of the windows an earlier ticket of the field to serve.
func (d *day) busy(field string, windows ...hall.WindowID) {
	d.Helper()
	for _, w := range windows {
		d.take(field)
		d.do(hall.CallNext{Window: w})
	}
}

// TestRule puts the points of the rule one by one: who is called at window 1.
func TestRule(t *testing.T) {
	usual := hall.Calling{}
	for _, c := range []struct {
		name    string
		set     hall.Calling
		windows string
		setup   func(d *day)
		want    string
		step    hall.Step
	}{
		{"the largest share of the target", usual, "AB AB AB", func(d *day) {
			d.come("A", hall.Ordinary)
			d.minutes(8)
			d.come("B", hall.Elderly)
			d.minutes(4) // 12/20 × 1.15 against 4/5
		}, "B001", hall.StepScore},
		{"a class waits longer for its target", usual, "AB AB AB", func(d *day) {
			d.come("A", hall.Ordinary)
			d.minutes(8)
			d.come("A", hall.Elderly)
			d.minutes(1) // 9/20 against 1/5
		}, "A001", hall.StepScore},
		{"the primary field is worth 15 %", usual, "BA BA BA", func(d *day) {
			d.come("A", hall.Ordinary)
			d.minutes(1)
			d.come("B", hall.Ordinary)
			d.minutes(9) // 10 against 9 × 1.15
		}, "B001", hall.StepScore},
		{"and no more than that", usual, "BA BA BA", func(d *day) {
			d.come("A", hall.Ordinary)
			d.minutes(2)
			d.come("B", hall.Ordinary)
			d.minutes(9) // 11 against 9 × 1.15 = 10.35
		}, "A001", hall.StepScore},
		{"nobody starves: from twice the target the longest wait in targets", usual, "BA BA BA", func(d *day) {
			d.come("A", hall.Ordinary)
			d.minutes(1)
			d.come("B", hall.Ordinary)
			d.minutes(40) // 41/20 against 40/20: the bonus counts no more
		}, "A001", hall.StepOverdue},
		{"pure settings know no bonus", hall.Calling{Pure: true}, "BA BA BA", func(d *day) {
			d.come("A", hall.Ordinary)
			d.minutes(1)
			d.come("B", hall.Ordinary)
			d.minutes(9)
		}, "A001", hall.StepScore},
		{"who can be served whole is worth 10 % of the share", usual, "AB ABC C", func(d *day) {
			d.do(hall.CloseWindow{Window: "2"}) // nobody does all of ABC: A and B first, here
			d.come("ABC", hall.Ordinary)
			d.minutes(0.5)
			d.come("A", hall.Ordinary)
			d.minutes(19) // 19.5 × (1 + 0.1 × 2/3) = 20.8 against 19 × 1.1 = 20.9
		}, "A002", hall.StepScore},
		{"kept for the scarce", usual, "AB A A", func(d *day) {
			d.come("A", hall.Ordinary)
			d.minutes(19)
		}, "", ""},
		{"kept, but not from the target on", usual, "AB A A", func(d *day) {
			d.come("A", hall.Ordinary)
			d.minutes(20)
		}, "A001", hall.StepScore},
		{"kept, but not while another holder is free", usual, "AB BC A A", func(d *day) {
			d.come("A", hall.Ordinary)
			d.minutes(2)
		}, "A001", hall.StepScore},
		{"kept again when that one is busy", usual, "AB BC A A", func(d *day) {
			d.busy("C", "2")
			d.come("A", hall.Ordinary)
			d.minutes(2)
		}, "", ""},
		{"strict: the class first", hall.Calling{Policy: "strict", Pure: true}, "A", func(d *day) {
			d.come("A", hall.Ordinary)
			d.minutes(19)
			d.come("A", hall.Disabled)
		}, "A002", hall.StepScore},
		{"strict: one in three calls may pass", hall.Calling{Policy: "strict"}, "A", func(d *day) {
			d.come("A", hall.Ordinary)
			d.minutes(1)
			d.come("A", hall.Disabled)
			d.come("A", hall.Disabled)
			d.do(hall.CallNext{Window: "1"}, hall.Finish{Window: "1"}) // A002 passes A001
		}, "A001", hall.StepQuota},
		{"edd: the least time left", hall.Calling{Policy: "edd"}, "A", func(d *day) {
			d.come("A", hall.Ordinary)
			d.minutes(14)
			d.come("A", hall.Pregnant)
			d.minutes(2) // 4 left against 3
		}, "A002", hall.StepScore},
		{"primary: others only when none of its own waits", hall.Calling{Policy: "primary"}, "BA BA BA", func(d *day) {
			d.come("A", hall.Ordinary)
			d.minutes(30)
			d.come("B", hall.Ordinary)
		}, "B001", hall.StepScore},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := ruled(t, c.set, layout("ABC", strings.Fields(c.windows)...))
			c.setup(d)
			if got, why := d.next("1"); got != c.want || why.Step != c.step {
				t.Errorf("%q by %q, want %q by %q: %+v", got, why.Step, c.want, c.step, why)
			}
		})
	}
}

// TestQuota: under the strict policy every n-th call of a window may pass who came earlier, the calls between may not.
func TestQuota(t *testing.T) {
	for quota, want := range map[int]string{1: "PPPPEEEE", 2: "PEPEPEPE", 3: "PEEPEEPP"} {
		d := ruled(t, hall.Calling{Policy: "strict", Quota: quota}, layout("A", "A"))
		for range 4 {
			d.come("A", hall.Ordinary)
		}
		for range 4 {
			d.minutes(1)
			d.come("A", hall.Disabled)
		}
		got := ""
		for range 8 {
			number, _ := d.next("1")
			if number < "A005" {
				got += "E" // the earliest
			} else {
				got += "P"
			}
			d.do(hall.CallNext{Window: "1"}, hall.Finish{Window: "1"})
		}
		if got != want {
			t.Errorf("quota %d: %s, want %s", quota, got, want)
		}
	}
}

// TestAppointments: v is the slot less half the target when checked in by ten minutes after it.
func TestAppointments(t *testing.T) {
	slot := ten + 30*min1
	for _, c := range []struct {
		name string
		at   hall.Millis
		want hall.Millis
	}{
		{"early", slot - 20*min1, slot - 5*min1},
		{"to the minute of grace", slot + 10*min1, slot - 5*min1},
		{"late", slot + 10*min1 + 1, slot + 10*min1 + 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := ruled(t, hall.Calling{}, layout("A", "A"))
			d.at = c.at
			id := d.take1(hall.Take{Priority: hall.ByAppointment, Slot: slot}, "A")
			if got := d.s.Ticket(id); got.Since != c.want || got.Place != c.want || got.IssuedAt != c.at {
				t.Errorf("since %d, place %d, want %d", got.Since, got.Place, c.want)
			}
			d.do(hall.CallNext{Window: "1"}, hall.Miss{Window: "1"}, hall.Reactivate{Ticket: id})
			if got := d.s.Ticket(id); got.Place != c.want {
				t.Errorf("after it was missed: place %d, want %d", got.Place, c.want)
			}
		})
	}
}

// TestPlans: a ticket with several matters goes to one window that does all, or to the fewest, the scarcest first.
func TestPlans(t *testing.T) {
	for _, c := range []struct {
		name    string
		windows string
		setup   func(d *day)
		matters string
		may     string // windows that may call it now
		then    string // its field after the first leg at the last of them
	}{
		{"one window does all", "A B AB", func(*day) {}, "AB", "3", ""},
		{"nobody does all: the scarcest first", "A A A BC", func(*day) {}, "AB", "4", "A"},
		{"of two plans as short the one that does more at once", "AB C BC A", func(*day) {}, "ABC", "1", "C"},
		{"the plan with the fewest windows", "AB A C BC", func(*day) {}, "ABC", "1", "C"},
		{"the one that does all is closed", "A B AB", func(d *day) { d.do(hall.CloseWindow{Window: "3"}) }, "AB", "1", "B"},
		{"the one that does all is far busier", "A A B CAB", func(d *day) {
			d.busy("C", "4")
			d.take("CCCC")
		}, "AB", "3 4", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := ruled(t, hall.Calling{Pure: true}, layout("ABC", strings.Fields(c.windows)...))
			c.setup(d)
			id := d.come(c.matters, hall.Elderly)
			d.minutes(60) // longest over its target by far
			var may []string
			for i := range strings.Fields(c.windows) {
				w := hall.WindowID(fmt.Sprint(i + 1))
				if got := d.s.Window(w); got.State != hall.Open || got.Ticket != nil && w != "4" {
					continue
				}
				if n, _ := (route.Rule{}).Next(d.s, w, d.at); n != nil && n.ID == id {
					may = append(may, string(w))
				}
			}
			if got := strings.Join(may, " "); got != c.may {
				t.Fatalf("windows %s may call it, want %s", got, c.may)
			}
			if c.then == "" {
				return
			}
			place := d.s.Ticket(id).Place
			w := hall.WindowID(may[len(may)-1])
			d.do(hall.CallNext{Window: w}, hall.Finish{Window: w})
			if got := d.s.Ticket(id); got.State != hall.Waiting || string(got.Field) != c.then || got.Place != place {
				t.Errorf("goes on as %s in %s at %d, want in %s at %d", got.State, got.Field, got.Place, c.then, place)
			}
		})
	}
}

// TestSkills: receive, decide and deliver are different; a delivery window hands out only; a gap strands nobody.
func TestSkills(t *testing.T) {
	l := layout("A", "A", "A", "A")
	l.Windows[1].Kind = hall.Delivery
	l.Windows[2].Acts = map[hall.FieldID][]hall.Act{"A": {hall.Receive}} // the matter is decided on the spot
	d := ruled(t, hall.Calling{Pure: true}, l)
	apply := d.come("A", hall.Ordinary)
	collect := d.take1(hall.Take{Priority: hall.Ordinary, Deliver: true}, "A")
	for w, want := range map[hall.WindowID]hall.TicketID{"1": apply, "2": collect, "3": ""} {
		got, why := (route.Rule{}).Next(d.s, w, d.at)
		if (got == nil) != (want == "") || got != nil && got.ID != want {
			t.Errorf("window %s calls %+v, want %s", w, got, want)
		}
		if w == "1" {
			want := []hall.Other{{Window: "2", Reason: hall.ReasonDeliverOnly}, {Window: "3", Reason: hall.ReasonOtherAct}}
			if !slices.Equal(why.Others, want) {
				t.Errorf("others: %+v", why.Others)
			}
		}
	}
	l.Windows = l.Windows[2:] // nobody decides or delivers: the one that receives helps
	d = ruled(t, hall.Calling{}, l)
	d.come("A", hall.Ordinary)
	if got, _ := d.next("3"); got != "A001" {
		t.Errorf("%q was called where nobody has the skill", got)
	}
}

// TestOffer: the window with the fewest skills, then the one longest free.
func TestOffer(t *testing.T) {
	d := ruled(t, hall.Calling{}, layout("ABC", "ABC", "AB", "AB", "C", "ABC"))
	offer := func() hall.PostNo {
		f := d.s.Floor()
		k, _ := f.Skill(d.s.Layout(), "A", hall.DecideNow)
		return route.Offer(f, f.Need([]hall.SkillNo{k}, hall.AnyPost), d.at, 20*min1, d.at)
	}
	d.minutes(1)
	d.busy("A", "2")
	d.do(hall.Finish{Window: "2"})
	for _, want := range []hall.PostNo{2, 1, 0, 4, hall.AnyPost} { // window 3, 2, 1, 5
		if got := offer(); got != want {
			t.Fatalf("offered to %d, want %d", got, want)
		} else if got != hall.AnyPost {
			d.busy("A", d.s.Layout().Windows[got].ID)
		}
	}
}

// TestRatioAgainstTheText compares every choice with the text of the rule, written down once more over all tickets.
func TestRatioAgainstTheText(t *testing.T) {
	skills := []string{"A", "BA", "DC", "ABCD", "CB", "D"}
	classes := []hall.Priority{hall.Ordinary, hall.Elderly, hall.ByAppointment}
	rapid.Check(t, func(r *rapid.T) {
		d := ruled(t, hall.Calling{}, layout("ABCD", skills...))
		for range rapid.IntRange(5, 60).Draw(r, "steps") {
			d.at += hall.Millis(rapid.IntRange(0, 6).Draw(r, "pass")) * min1
			w := hall.WindowID(fmt.Sprint(rapid.IntRange(1, len(skills)).Draw(r, "window")))
			if rapid.Bool().Draw(r, "take") {
				d.come(string("ABCD"[rapid.IntRange(0, 3).Draw(r, "field")]), classes[rapid.IntRange(0, 2).Draw(r, "class")])
				continue
			}
			want := d.byText(w, skills)
			if d.s.Window(w).Ticket != nil {
				d.do(hall.Finish{Window: w})
				continue
			}
			if got, why := d.next(w); got != want {
				r.Fatalf("window %s calls %q, by the text %q: %+v", w, got, want, why)
			}
			d.do(hall.CallNext{Window: w})
		}
	})
}

// byText is the rule's text over every waiting ticket, for tickets with one matter.
func (d *day) byText(id hall.WindowID, skills []string) string {
	v := d.s.View()
	holders := func(field string) (open []hall.Window) {
		for i, w := range v.Windows {
			if strings.Contains(skills[i], field) {
				open = append(open, w)
			}
		}
		return open
	}
	own := v.Window(id).Plan
	keptFor := ""
	for _, f := range own.Fields {
		others := slices.DeleteFunc(holders(string(f)), func(w hall.Window) bool { return w.Plan.ID == id })
		if len(others) <= 1 && !slices.ContainsFunc(others, func(w hall.Window) bool { return w.Ticket == nil }) {
			keptFor += string(f)
		}
	}
	target := map[hall.Priority]float64{hall.Ordinary: 20, hall.Elderly: 5, hall.ByAppointment: 10}
	var best *hall.Ticket
	bestScore, bestR := -1.0, -1.0
	for _, q := range v.Queues {
		for _, t := range q.Waiting {
			r := float64(d.at-t.IssuedAt) / (target[t.Priority] * float64(min1))
			if !own.Serves(t.Field) || keptFor != "" && r < 1 && !strings.Contains(keptFor, string(t.Field)) {
				continue
			}
			score := r * 1.1
			if own.Fields[0] == t.Field {
				score *= 1.15
			}
			better := score > bestScore+1e-12
			tie := score > bestScore-1e-12
			if r >= 2 || bestR >= 2 {
				better, tie = r > bestR, r == bestR
			}
			if better || tie && t.Order < best.Order {
				best, bestScore, bestR = t, score, r
			}
		}
	}
	if best == nil {
		return ""
	}
	return best.Number
}
