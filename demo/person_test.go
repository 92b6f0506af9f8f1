package demo_test

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yitang/demo"
	"yitang/server/catalogue"
	"yitang/server/hall"
)

func example(t *testing.T) *hall.Layout {
	t.Helper()
	l, err := catalogue.Example()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

const drawnPeople = 20_000

// tally counts what people want, in shares of all of them.
func tally(t *testing.T, f hall.FieldID) map[string]float64 {
	t.Helper()
	l := example(t)
	matters := map[hall.MatterCode]hall.Matter{}
	for _, m := range l.Matters {
		matters[m.Code] = m
	}
	public := demo.NewPublic(l, seeded(1))
	n := map[string]float64{}
	for range drawnPeople {
		r, ok := public.Person(f)
		if !ok || matters[r.Matters[0]].Field != f {
			t.Fatalf("%+v does not come for field %s", r, f)
		}
		sorted := slices.Sorted(slices.Values(r.Matters))
		if len(slices.Compact(sorted)) != len(r.Matters) {
			t.Fatalf("the same matter twice: %v", r.Matters)
		}
		n[r.Language]++
		n[string(r.Priority)]++
		n[string(matters[r.Matters[0]].Kind)]++
		if r.Card {
			n["card"]++
		}
		if len(r.Matters) == 2 {
			n["two"]++
		}
		n["minutes"] += float64(matters[r.Matters[0]].ServiceMin)
	}
	for k := range n {
		n[k] /= drawnPeople
	}
	return n
}

func TestPeopleAreMixed(t *testing.T) {
	got := tally(t, "A")
	for what, want := range map[string]float64{
		"zh": .80, "ug": .14, "kk": .04, "en": .02, "ordinary": .88, "elderly": .06, "card": .7, "two": .077,
		"on_the_spot": 42. / 56, // 7 matters with weight 6, 14 with weight 1
	} {
		if math.Abs(got[what]-want) > .012 {
			t.Errorf("%s: %.3f, want %.3f", what, got[what], want)
		}
	}
	for _, p := range []hall.Priority{hall.Pregnant, hall.Military, hall.Disabled} {
		if got[string(p)] < .01 || got[string(p)] > .03 {
			t.Errorf("%s: %.3f", p, got[string(p)])
		}
	}
}

func TestEveryFieldHasPeople(t *testing.T) {
	for _, f := range example(t).Fields {
		got := tally(t, f.ID)
		if m := got["minutes"]; m < 7 || m > 25 {
			t.Errorf("field %s: a person's first matter takes %.1f min", f.ID, m)
		}
		t.Logf("field %s: %.1f min", f.ID, got["minutes"])
	}
}

func TestNobodyComesForAFieldWithoutMatters(t *testing.T) {
	if r, ok := demo.NewPublic(example(t), seeded(1)).Person("Z"); ok {
		t.Errorf("%+v", r)
	}
}

func TestTheSameSeedGivesTheSamePeople(t *testing.T) {
	draw := func(seed uint64) []demo.Request {
		p := demo.NewPublic(example(t), seeded(seed))
		var out []demo.Request
		for range 50 {
			r, _ := p.Person("F")
			out = append(out, r)
		}
		return out
	}
	if diff := cmp.Diff(draw(3), draw(3)); diff != "" {
		t.Error(diff)
	}
	if cmp.Equal(draw(3), draw(4)) {
		t.Error("two seeds give the same people")
	}
}
