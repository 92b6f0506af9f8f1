package whatif_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yitang/server/hall"
	"yitang/server/whatif"
)

// unequal is a hall of two fields with two windows each, and days on which A is busy and B is not: some come for both,
// and half of what B does is short.
func unequal(days, perDay int) (*hall.Layout, []whatif.Day) {
	zh := hall.Text{"zh": "名"}
	matter := func(code hall.MatterCode, f hall.FieldID, transferred bool) hall.Matter {
		return hall.Matter{Code: code, Name: zh, Field: f, Kind: hall.OnTheSpot, ServiceMin: 8, Transferred: transferred}
	}
	l := &hall.Layout{Version: "1", Hall: "h", Name: zh, Hours: hall.Hours{Always: true},
		Fields:  []hall.Field{{ID: "A", Name: hall.Text{"zh": "市场"}}, {ID: "B", Name: hall.Text{"zh": "社保"}}},
		Matters: []hall.Matter{matter("A-1", "A", true), matter("B-1", "B", true), matter("B-2", "B", false)}}
	for i, f := range []hall.FieldID{"A", "A", "B", "B"} {
		l.Windows = append(l.Windows, hall.WindowPlan{ID: hall.WindowID(fmt.Sprint(i + 1)), Kind: hall.OfField, Fields: []hall.FieldID{f}})
	}
	c := chance(3)
	var list []whatif.Day
	for i := range days {
		d := whatif.Day{Day: hall.Day(fmt.Sprintf("2025-%02d-%02d", 1+i/28, 1+i%28)), Stay: true}
		begin, at := ten+hall.Millis(i)*24*60*min1, 0.0
		for range perDay {
			at -= 480 / float64(perDay) * math.Log(c.in(0, 1))
			v := whatif.Visit{At: begin + hall.Millis(at*float64(min1)), Priority: hall.Ordinary, Matters: []hall.MatterCode{"A-1"}, Windows: 1}
			switch x := c.in(0, 1); {
			case x < 0.10:
				v.Matters = []hall.MatterCode{"A-1", "B-1"}
			case x < 0.20:
				v.Matters = []hall.MatterCode{"B-1"}
			case x < 0.30:
				v.Matters = []hall.MatterCode{"B-2"}
			}
			mean := 8.0
			if v.Matters[0] == "B-2" {
				mean = 2
			}
			v.Service = hall.Millis(-mean * math.Log(c.in(0, 1)) * float64(min1) * 240 / float64(perDay) * 0.72)
			d.Visits = append(d.Visits, v)
		}
		for _, w := range l.Windows {
			d.Spells = append(d.Spells, whatif.Spell{Window: w.ID, From: begin, To: begin + 480*min1})
		}
		list = append(list, d)
	}
	return l, list
}

func TestPlan(t *testing.T) {
	l, days := unequal(20, 120)
	steps := 0
	plan, err := whatif.MakePlan(l, days, func(n int) { steps = n })
	if err != nil {
		t.Fatal(err)
	}
	if plan.Days != 20 || plan.Tickets != 20*120 || steps == 0 || steps > whatif.Steps(l) {
		t.Errorf("%d days, %d tickets, %d of %d steps", plan.Days, plan.Tickets, steps, whatif.Steps(l))
	}
	seen := map[whatif.ProposalKind]whatif.Proposal{}
	for i, x := range plan.Proposals {
		if _, again := seen[x.Kind]; !again {
			seen[x.Kind] = x
		}
		if err := x.Layout.Check(); err != nil {
			t.Errorf("%s: %v", x.Text, err)
		}
		if (x.Verdict == whatif.Better) != (*x.Wait.Hi < 0) || (x.Verdict == whatif.WorseThan) != (*x.Wait.Lo > 0) {
			t.Errorf("%s: %s with %+v", x.Text, x.Verdict, x.Wait)
		}
		if i > 0 && x.Wait.Mean < plan.Proposals[i-1].Wait.Mean {
			t.Errorf("%s gains more than the one above it", x.Text)
		}
		judged := held(t, l, x.Layout, days)
		if math.Abs(judged.Mean-x.Wait.Mean) > 1e-9 || judged.Days != x.Wait.Days || judged.Days != 10 {
			t.Errorf("%s: %+v, replayed on the other days %+v", x.Text, x.Wait, judged)
		}
	}
	for kind, want := range map[whatif.ProposalKind]string{whatif.KindGeneral: "无差别", whatif.KindTeach: "市场", whatif.KindMerge: "号票同时办", whatif.KindBatch: "B-2"} {
		x, found := seen[kind]
		if !found || !strings.Contains(x.Text+fmt.Sprint(x.Matters), want) {
			t.Errorf("%s: %+v", kind, x)
		}
		if kind != whatif.KindBatch && (x.Verdict != whatif.Better || x.Helped <= x.Worse || x.Teach == 0) {
			t.Errorf("%s does not help: %+v", kind, x)
		}
	}
	if x := seen[whatif.KindTeach]; x.Teach != 1 || x.Rename != 0 || x.Windows[0] != "3" && x.Windows[0] != "4" {
		t.Errorf("the skill to teach: %+v", x)
	}
}

// held is the difference on the days that a proposal was not chosen on.
func held(t *testing.T, l, tried *hall.Layout, days []whatif.Day) whatif.Difference {
	t.Helper()
	var odd []whatif.Day
	for i := range days {
		if i%2 == 1 {
			odd = append(odd, days[i])
		}
	}
	a, err := whatif.Replay(l, l, odd, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := whatif.Replay(tried, l, odd, nil)
	if err != nil {
		t.Fatal(err)
	}
	wait, _ := whatif.Compare(a, b)
	return wait
}

// TestPlanProposesNothingWorse: what was chosen by luck and makes the other days' waits longer is named apart; only the next batch
// may stay, and says so. Every text stands in both languages.
func TestPlanProposesNothingWorse(t *testing.T) {
	rejected := 0
	for perDay := 60; perDay <= 130; perDay += 10 {
		l, days := unequal(4, perDay)
		plan, err := whatif.MakePlan(l, days, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range plan.Proposals {
			if x.Kind != whatif.KindBatch {
				worthIt(t, plan, x)
			}
			if x.Wait.Mean > 0 && (x.Kind != whatif.KindBatch || !strings.Contains(x.Text, "等候会变长")) {
				t.Errorf("%s: %+v", x.Text, x.Wait)
			}
		}
		for _, x := range plan.Rejected {
			if x.Wait.Mean < 0 && x.Verdict != whatif.Slight {
				t.Errorf("not proposed: %s: %+v", x.Text, x.Wait)
			}
		}
		for _, x := range slices.Concat(plan.Proposals, plan.Rejected) {
			if x.English == "" || strings.ContainsFunc(x.English, func(r rune) bool { return r > 127 }) {
				t.Errorf("in English: %q", x.English)
			}
		}
		rejected += len(plan.Rejected)
	}
	if rejected == 0 {
		t.Error("nothing was chosen by luck: the test shows nothing")
	}
}

// TestFreeBesideWaiting: a clerk who calls late stands free beside people who wait; the replay calls at once.
func TestFreeBesideWaiting(t *testing.T) {
	l, _ := unequal(1, 1)
	begin := ten
	d := whatif.Day{Day: "2025-06-02", Spells: []whatif.Spell{{Window: "1", From: begin, To: begin + 60*min1}}, Visits: []whatif.Visit{
		{At: begin, Matters: []hall.MatterCode{"A-1"}, Service: 10 * min1, Waited: 2 * min1, Windows: 1},
		{At: begin + min1, Matters: []hall.MatterCode{"A-1"}, Service: 10 * min1, Waited: 15 * min1, Windows: 1}, // called at 16, free since 12
	}}
	real := whatif.Real(l, []whatif.Day{d})
	base, err := whatif.Replay(l, l, []whatif.Day{d}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if real.Beside != (2+4)*60/2 || base.Beside != 0 {
		t.Errorf("really %v s, in the replay %v s", real.Beside, base.Beside)
	}
	d.Stay = true
	if r := whatif.Real(l, []whatif.Day{d}); r.Beside != 0 {
		t.Errorf("of hours that nobody knows: %v s", r.Beside)
	}
}

// worthIt fails for a proposal that saves neither a minute a person nor a hundredth of today's wait for each skill and sign.
func worthIt(t *testing.T, plan *whatif.Plan, x whatif.Proposal) {
	t.Helper()
	each := 0.01 * plan.Today.Overall.WaitMean
	if gain := -x.Wait.Mean; gain < each || gain < 1 && gain < each*float64(x.Teach+x.Rename) {
		t.Errorf("%s: %+.2f min of %.1f for %d skills and %d signs", x.English, x.Wait.Mean, plan.Today.Overall.WaitMean, x.Teach, x.Rename)
	}
}

// TestPlanWeighsTheCost: in a hall of many calm fields, changes that cost much for little are named and not proposed.
func TestPlanWeighsTheCost(t *testing.T) {
	slight := 0
	l, days := unequal(8, 60)
	addFields(l, days, 8)
	plan, err := whatif.MakePlan(l, days, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range plan.Proposals {
		if x.Kind != whatif.KindBatch {
			worthIt(t, plan, x)
		}
	}
	for _, x := range plan.Rejected {
		if x.Verdict == whatif.Slight {
			slight++
		}
	}
	if slight == 0 {
		t.Error("everything was worth its cost: the test shows nothing")
	}
}

// addFields adds fields from C on for which nobody comes, each with a window that is open as long as the first.
func addFields(l *hall.Layout, days []whatif.Day, n int) {
	for f := range n {
		field, window := hall.FieldID(rune('C'+f)), hall.WindowID(fmt.Sprint(5+f))
		l.Fields = append(l.Fields, hall.Field{ID: field, Name: hall.Text{"zh": "静"}})
		l.Windows = append(l.Windows, hall.WindowPlan{ID: window, Kind: hall.OfField, Fields: []hall.FieldID{field}})
		for i := range days {
			s := days[i].Spells[0]
			s.Window = window
			days[i].Spells = append(days[i].Spells, s)
		}
	}
}

func TestPlanNeedsDays(t *testing.T) {
	l, days := unequal(1, 10)
	if _, err := whatif.MakePlan(l, days, nil); err == nil {
		t.Error("a plan from one day")
	}
}

// BenchmarkYear replays a year of a busy hall: 250 days with 1,000 tickets each.
func BenchmarkYear(b *testing.B) {
	l, days := unequal(250, 1000)
	for b.Loop() {
		r, err := whatif.Replay(l, l, days, nil)
		if err != nil || r.Overall.N != 250_000 {
			b.Fatal(r.Overall.N, err)
		}
	}
}

// TestTogether: changes that each help alone help more at once, and are proposed as one step too, with different windows.
func TestTogether(t *testing.T) {
	l, days := unequal(20, 150)
	l.Fields = append(l.Fields, hall.Field{ID: "C", Name: hall.Text{"zh": "公积金"}})
	for _, id := range []hall.WindowID{"5", "6"} { // calm: hardly anybody comes for C
		l.Windows = append(l.Windows, hall.WindowPlan{ID: id, Kind: hall.OfField, Fields: []hall.FieldID{"C"}})
		for i := range days {
			s := days[i].Spells[0]
			s.Window = id
			days[i].Spells = append(days[i].Spells, s)
		}
	}
	plan, err := whatif.MakePlan(l, days, nil)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(plan.Proposals, func(x whatif.Proposal) bool { return x.Kind == whatif.KindAll })
	if i < 0 {
		t.Fatalf("nothing is joined: %+v", plan.Proposals)
	}
	x := plan.Proposals[i]
	if i != 0 || x.Verdict != whatif.Better || strings.Count(x.Text, "；") < 1 || x.Layout.Check() != nil {
		t.Errorf("number %d: %+v", i+1, x)
	}
	if judged := held(t, l, x.Layout, days); !cmp.Equal(judged, x.Wait) {
		t.Errorf("%+v, replayed on the other days %+v", x.Wait, judged)
	}
	seen := map[hall.WindowID]bool{}
	for _, w := range x.Windows {
		if seen[w] {
			t.Errorf("window %s is changed twice", w)
		}
		seen[w] = true
	}
}
