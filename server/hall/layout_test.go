package hall_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"yitang/server/hall"
)

func TestLayoutCheck(t *testing.T) {
	good := layout()
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	many := func(n int) []hall.WindowPlan {
		out := make([]hall.WindowPlan, n)
		for i := range out {
			out[i] = hall.WindowPlan{ID: hall.WindowID(fmt.Sprint(i + 1)), Kind: hall.General, Fields: []hall.FieldID{"A"}}
		}
		return out
	}
	for _, c := range []struct {
		name   string
		change func(l *hall.Layout)
		want   string // empty: nothing is wrong
	}{
		{"no name", func(l *hall.Layout) { l.Name = nil }, "no Chinese name"},
		{"a name, but no Chinese one", func(l *hall.Layout) { l.Name = hall.Text{"en": "Hall"} }, "no Chinese name"},

		{"most fields", func(l *hall.Layout) { l.Fields = letters("ABCDEFGHIJKLMNOPQRSTUVWXYZ") }, ""},
		{"too many fields", func(l *hall.Layout) { l.Fields = letters("ABCDEFGHIJKLMNOPQRSTUVWXYZA") }, "26 fields"},
		{"most windows", func(l *hall.Layout) { l.Windows = many(hall.MaxWindows) }, ""},
		{"too many windows", func(l *hall.Layout) { l.Windows = many(hall.MaxWindows + 1) }, "400 windows"},
		{"too many matters", func(l *hall.Layout) { l.Matters = make([]hall.Matter, hall.MaxMatters+1) }, "5000 matters"},

		{"field without letter", func(l *hall.Layout) { l.Fields[1].ID = "" }, `field ""`},
		{"field with a small letter", func(l *hall.Layout) { l.Fields[1].ID = "b" }, `field "b"`},
		{"field with two letters", func(l *hall.Layout) { l.Fields[1].ID = "BB" }, `field "BB"`},
		{"field with a Chinese letter", func(l *hall.Layout) { l.Fields[1].ID = "甲" }, `field "甲"`},
		{"field with a digit", func(l *hall.Layout) { l.Fields[1].ID = "1" }, `field "1"`},
		{"field twice", func(l *hall.Layout) { l.Fields[1].ID = "A" }, "field A stands twice"},
		{"field without name", func(l *hall.Layout) { l.Fields[1].Name = nil }, "field B has no Chinese name"},

		{"matter without code", func(l *hall.Layout) { l.Matters[2].Code = "" }, "no code"},
		{"matter twice", func(l *hall.Layout) { l.Matters[2].Code = "A-1" }, "matter A-1 stands twice"},
		{"matter without name", func(l *hall.Layout) { l.Matters[2].Name = nil }, "matter B-1 has no Chinese name"},
		{"matter in no field", func(l *hall.Layout) { l.Matters[2].Field = "Z" }, `matter B-1: unknown field "Z"`},
		{"matter of no kind", func(l *hall.Layout) { l.Matters[2].Kind = "即办件" }, `matter B-1: unknown kind "即办件"`},
		{"promise longer than the law", func(l *hall.Layout) { l.Matters[2].PromisedDays = 21 }, "between 0 and the statutory 20"},
		{"promise as long as the law", func(l *hall.Layout) { l.Matters[2].PromisedDays = 20 }, ""},
		{"promise without a statutory time", func(l *hall.Layout) { l.Matters[2].StatutoryDays = 0 }, ""},
		{"promise in the past", func(l *hall.Layout) { l.Matters[2].PromisedDays = -1 }, "matter B-1"},
		{"statutory time in the past", func(l *hall.Layout) { l.Matters[2].StatutoryDays = -1 }, "matter B-1"},

		{"window without number", func(l *hall.Layout) { l.Windows[1].ID = "" }, `window ""`},
		{"window twice", func(l *hall.Layout) { l.Windows[1].ID = "1" }, `window "1"`},
		{"window without field", func(l *hall.Layout) { l.Windows[1].Fields = nil }, "window 2 serves no field"},
		{"window with a made-up field", func(l *hall.Layout) { l.Windows[1].Fields = []hall.FieldID{"A", "Z"} }, `window 2: unknown field "Z"`},
		{"window with a field twice", func(l *hall.Layout) { l.Windows[1].Fields = []hall.FieldID{"A", "B", "A"} }, "window 2: field A stands twice"},
		{"reliefs", func(l *hall.Layout) { l.Reliefs = relieved().Reliefs }, ""},
		{"relief by a made-up window", func(l *hall.Layout) { l.Reliefs = []hall.Relief{{"A", 1, 1, "9"}} }, `relief 1: unknown window "9"`},
		{"relief for a made-up field", func(l *hall.Layout) { l.Reliefs = []hall.Relief{{"Z", 1, 1, "1"}} }, `relief 1: unknown field "Z"`},
		{"relief by a window without the skill", func(l *hall.Layout) { l.Reliefs = []hall.Relief{{"C", 1, 1, "1"}} }, "relief 1: window 1 does not serve field C"},
		{"two reliefs by a window", func(l *hall.Layout) { l.Reliefs = []hall.Relief{{"A", 1, 1, "1"}, {"A", 2, 2, "1"}} }, "relief 2: window 1 stands twice"},
		{"relief of nobody", func(l *hall.Layout) { l.Reliefs = []hall.Relief{{"A", 0, 1, "1"}} }, "waiting 0"},
		{"relief of too many", func(l *hall.Layout) { l.Reliefs = []hall.Relief{{"A", 501, 1, "1"}} }, "waiting 501"},
		{"relief at once", func(l *hall.Layout) { l.Reliefs = []hall.Relief{{"A", 1, 0, "1"}} }, "over_min 0"},
		{"relief never", func(l *hall.Layout) { l.Reliefs = []hall.Relief{{"A", 1, 481, "1"}} }, "over_min 481"},
		{"no window at all", func(l *hall.Layout) { l.Windows = nil }, ""},
		{"no matter at all", func(l *hall.Layout) { l.Matters = nil }, ""},

		{"two openings", func(l *hall.Layout) { l.Hours = spans(600, 840, 960, 1440) }, ""},
		{"openings that touch", func(l *hall.Layout) { l.Hours = spans(600, 840, 840, 1200) }, ""},
		{"an opening that ends before it begins", func(l *hall.Layout) { l.Hours = spans(840, 600) }, "hours"},
		{"an empty opening", func(l *hall.Layout) { l.Hours = spans(600, 600) }, "hours"},
		{"an opening before the day", func(l *hall.Layout) { l.Hours = spans(-1, 600) }, "hours"},
		{"an opening past the day", func(l *hall.Layout) { l.Hours = spans(600, 1441) }, "hours"},
		{"openings that overlap", func(l *hall.Layout) { l.Hours = spans(600, 840, 839, 1200) }, "hours"},
		{"openings out of order", func(l *hall.Layout) { l.Hours = spans(960, 1200, 600, 840) }, "hours"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := layout()
			c.change(&l)
			switch err := l.Check(); {
			case c.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.want != "" && err == nil:
				t.Errorf("accepted, want an error with %q", c.want)
			case c.want != "" && (!strings.HasPrefix(err.Error(), "layout: ") || !strings.Contains(err.Error(), c.want)):
				t.Errorf("%q does not say %q", err, c.want)
			case c.want != "":
				if words := hall.InWords(err); english.MatchString(words) || strings.Contains(err.Error()+words, "%!") {
					t.Errorf("in words: %q", words)
				}
			}
		})
	}
}

// english are words next to each other that are not Chinese.
var english = regexp.MustCompile(`[a-z] [a-z]`)

func letters(s string) []hall.Field {
	var out []hall.Field
	for _, r := range s {
		out = append(out, hall.Field{ID: hall.FieldID(r), Name: hall.Text{"zh": string(r)}})
	}
	return out
}

func spans(minutes ...int) hall.Hours {
	var h hall.Hours
	for i := 0; i < len(minutes); i += 2 {
		h.Spans = append(h.Spans, hall.Span{From: minutes[i], To: minutes[i+1]})
	}
	return h
}

// TestAdoptLayoutOnAnOpenDay: a layout comes into force at once, unless it would strand somebody. A001 (B-1) is in the
// situation; window 2, which calls it, is open and windows 1, 3, 4 are closed.
func TestAdoptLayoutOnAnOpenDay(t *testing.T) {
	noMatter := func(l *hall.Layout) { l.Matters = append(l.Matters[:2:2], l.Matters[3:]...) }
	noField := func(l *hall.Layout) { // B-1 and B-2 move to A
		l.Fields = append(l.Fields[:1:1], l.Fields[2])
		l.Matters[2].Field, l.Matters[3].Field = "A", "A"
		l.Windows[1].Fields, l.Windows[3].Fields = []hall.FieldID{"A"}, []hall.FieldID{"A", "C"}
	}
	noWindow := func(l *hall.Layout) { l.Windows = append(l.Windows[:1:1], l.Windows[2:]...) }
	noClosedWindow := func(l *hall.Layout) { l.Windows = l.Windows[:2] }
	otherSkills := func(l *hall.Layout) { l.Windows[1].Fields = []hall.FieldID{"C"} }

	next, start := hall.CallNext{Window: "2"}, hall.Start{Window: "2"}
	late := func(d *day) { d.at += hall.ReactivateWithin + 1 }
	situations := map[string]func(d *day){
		"waiting":      func(*day) {},
		"called":       func(d *day) { d.do(wang, next) },
		"serving":      func(d *day) { d.do(wang, next, start) },
		"held":         func(d *day) { d.do(wang, next, start, hall.Hold{Window: "2"}) },
		"no_show":      func(d *day) { d.do(wang, next, hall.Miss{Window: "2"}) },
		"no_show late": func(d *day) { d.do(wang, next, hall.Miss{Window: "2"}); late(d) },
		"done":         func(d *day) { d.do(wang, next, hall.Finish{Window: "2"}) },
		"cancelled":    func(d *day) { d.do(desk, hall.Cancel{Ticket: "20250603-B001"}) },
		"paused": func(d *day) {
			d.do(desk, hall.Cancel{Ticket: "20250603-B001"})
			d.do(wang, hall.PauseWindow{Window: "2"})
		},
		"closed window": func(d *day) {
			d.do(desk, hall.Cancel{Ticket: "20250603-B001"})
			d.do(wang, hall.CloseWindow{Window: "2"})
		},
		"closed day": func(d *day) { d.do(hall.System, hall.CloseDay{}) },
	}
	const stays, goes = "waiting, called, serving, held, no_show", "no_show late, done, cancelled, paused, closed window, closed day"
	for _, c := range []struct {
		name   string
		change func(l *hall.Layout)
		in     string
		code   hall.Code
	}{
		{"no matter", noMatter, stays, hall.CodeLayoutInUse},
		{"no matter", noMatter, goes, ""},
		{"no field", noField, stays, hall.CodeLayoutInUse},
		{"no field", noField, goes, ""},
		{"no window", noWindow, "waiting, called, serving, held, no_show, no_show late, done, cancelled, paused", hall.CodeLayoutInUse},
		{"no window", noWindow, "closed window, closed day", ""},
		{"no closed window", noClosedWindow, stays + ", " + goes, ""},
		{"other skills", otherSkills, stays + ", " + goes, ""},
	} {
		for _, in := range strings.Split(c.in, ", ") {
			t.Run(c.name+"/"+in, func(t *testing.T) {
				d := newDay(t)
				d.do(wang, hall.OpenWindow{Window: "2"})
				d.take("B-1")
				situations[in](d)
				l := layout()
				c.change(&l)
				if _, code := d.try(hall.System, hall.AdoptLayout{Layout: l}); code != c.code {
					t.Errorf("got %q, want %q", code, c.code)
				}
			})
		}
	}
}

func TestAdoptedLayoutRulesAtOnce(t *testing.T) {
	d := newDay(t)
	d.do(li, hall.OpenWindow{Window: one})
	d.take("A-1")
	d.do(li, hall.CallNext{Window: one})
	l := layout()
	l.Version, l.Windows[0].Fields = "2", []hall.FieldID{"C", "A"}
	l.Windows = append(l.Windows, hall.WindowPlan{ID: "5", Kind: hall.Delivery, Fields: []hall.FieldID{"A"}})
	d.at += min1
	d.do(hall.System, hall.AdoptLayout{Layout: l})

	v := d.s.View()
	w := v.Window(one)
	if w.State != hall.Open || w.Clerk != li || w.Ticket == nil || w.Ticket.Number != "A001" || w.Since != ten {
		t.Errorf("window 1 was disturbed: %+v", w)
	}
	if n := v.Window("5"); n == nil || n.State != hall.Closed || n.Since != d.at {
		t.Errorf("the new window: %+v", n)
	}
	d.do(li, hall.Finish{Window: one})
	d.take("C-1")
	if e := d.do(li, hall.CallNext{Window: one}); len(e) != 1 {
		t.Error("window 1 does not use its new skill")
	}
}

// TestAdoptLayoutNamesTheSameTicketEachTime: of several reasons the first in the hall's order is given.
func TestAdoptLayoutNamesTheSameTicketEachTime(t *testing.T) {
	d := newDay(t)
	for range 20 {
		d.take("C-1")
	}
	l := layout()
	l.Matters = l.Matters[:4]
	for range 10 {
		_, err := hall.Decide(d.s, hall.AdoptLayout{Layout: l}, d.at, hall.System)
		if err == nil || !strings.Contains(err.Error(), "C001") {
			t.Fatalf("%v", err)
		}
	}
}

func TestEveryEventNamesTheHall(t *testing.T) {
	d := newDay(t)
	d.take("A-1")
	for _, e := range d.events {
		if e.Hall != "changji" {
			t.Errorf("event %d (%s) is of the hall %q", e.Seq, e.Body.Kind(), e.Hall)
		}
	}
}

func TestKeepSettings(t *testing.T) {
	before := layout()
	before.Calling = hall.Calling{Policy: "strict", Quota: 4}
	before.Reliefs = []hall.Relief{{Field: "A", Waiting: 5, OverMin: 20, Window: "1"}, {Field: "A", Waiting: 5, OverMin: 20, Window: "gone"}}
	after := layout()
	after.KeepSettings(&before)
	if after.Calling != before.Calling || len(after.Reliefs) != 1 || after.Reliefs[0] != before.Reliefs[0] {
		t.Errorf("new lists keep %+v and %+v", after.Calling, after.Reliefs)
	}
	if err := after.Check(); err != nil {
		t.Error(err)
	}
	other := layout()
	other.Hall = "other"
	if other.KeepSettings(&before); other.Calling != (hall.Calling{}) || other.Reliefs != nil {
		t.Errorf("another hall took over %+v", other.Calling)
	}
}

// TestNobodyComesBackForWhatIsGone: a layout may be adopted that lacks the matter of a ticket which is finished, or was missed before
// the day ended. Nobody can serve such a ticket any more, so it does not come back.
func TestNobodyComesBackForWhatIsGone(t *testing.T) {
	less := layout()
	less.Matters = less.Matters[1:]
	finished := func(d *day) {
		d.do(li, hall.OpenWindow{Window: one}, hall.CallNext{Window: one}, hall.Start{Window: one}, hall.Finish{Window: one})
	}
	t.Run("a finish taken back", func(t *testing.T) {
		d := newDay(t)
		d.take("A-1")
		finished(d)
		d.do(manager, hall.AdoptLayout{Layout: less})
		d.expect(hall.CodeEnded, li, hall.Reopen{Window: one})
	})
	t.Run("a no-show of a day that was reopened", func(t *testing.T) {
		d := newDay(t)
		id := d.take("A-1")
		d.do(li, hall.OpenWindow{Window: one}, hall.CallNext{Window: one})
		d.do(manager, hall.CloseDay{}, hall.AdoptLayout{Layout: less}, hall.ReopenDay{Day: today})
		d.expect(hall.CodeEnded, desk, hall.Reactivate{Ticket: id})
	})
}
