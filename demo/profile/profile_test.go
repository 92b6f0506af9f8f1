package profile_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yitang/demo/profile"
	"yitang/server/catalogue"
	"yitang/server/hall"
)

func load(t *testing.T) *profile.Profile {
	t.Helper()
	p, err := profile.Load()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

// drawn are the mean and the coefficient of variation of many days, of all fields and of each.
func drawn(p *profile.Profile, days int) (mean, cv map[hall.FieldID]float64) {
	rng := seeded(1)
	counts := map[hall.FieldID][]float64{}
	for d := range days {
		for _, f := range p.Fields {
			counts[f.ID] = append(counts[f.ID], 0)
		}
		day := p.Day(rng)
		for _, a := range day {
			counts[a.Field][d]++
		}
		counts["all"] = append(counts["all"], float64(len(day)))
	}
	mean, cv = map[hall.FieldID]float64{}, map[hall.FieldID]float64{}
	for f, xs := range counts {
		mean[f], cv[f] = meanCV(xs)
	}
	return mean, cv
}

func meanCV(xs []float64) (mean, cv float64) {
	for _, x := range xs {
		mean += x / float64(len(xs))
	}
	v := 0.0
	for _, x := range xs {
		v += (x - mean) * (x - mean) / float64(len(xs)-1)
	}
	return mean, math.Sqrt(v) / mean
}

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if math.Abs(got-want) > within*want {
		t.Errorf("%s: got %.4f, want %.4f within %.0f %%", what, got, want, 100*within)
	}
}

// A CV of .157 over 3,000 days has a standard error of 1.3 % of itself.
func TestDrawnDaysHaveTheMeanAndTheSpreadOfTheRealOnes(t *testing.T) {
	for name, p := range map[string]*profile.Profile{"real": load(t), "scaled": load(t).Scaled(.5)} {
		mean, cv := drawn(p, 3000)
		near(t, name+" mean", mean["all"], p.DayMean, .015)
		near(t, name+" cv", cv["all"], p.DayCV, .05)
		for _, f := range p.Fields {
			near(t, name+" mean of "+string(f.ID), mean[f.ID], f.DayMean, .03)
			if f.DayVar > 0 { // the others vary as the hall does: a little more than measured
				near(t, name+" cv of "+string(f.ID), cv[f.ID], f.DayCV, .06)
			}
		}
	}
}

func TestPeopleComeDuringOpeningHoursInOrder(t *testing.T) {
	l, err := catalogue.Example()
	if err != nil {
		t.Fatal(err)
	}
	for name, h := range map[string]hall.Hours{
		"example": l.Hours,
		"winter":  {Spans: []hall.Span{{From: 600, To: 840}, {From: 930, To: 1170}}},
		"morning": {Spans: []hall.Span{{From: 540, To: 720}}},
	} {
		day := load(t).During(h).Day(seeded(3))
		if !slices.IsSortedFunc(day, func(a, b profile.Arrival) int { return int(a.At - b.At) }) || len(day) == 0 {
			t.Errorf("%s: %d people, not in order", name, len(day))
		}
		for _, a := range day {
			open := func(s hall.Span) bool { return s.From <= int(a.At/time.Minute) && int(a.At/time.Minute) < s.To }
			if !slices.ContainsFunc(h.Spans, open) {
				t.Fatalf("%s: somebody comes at %v", name, a.At)
			}
		}
	}
	always := load(t).During(hall.Hours{Always: true}).Day(seeded(3))
	if diff := cmp.Diff(load(t).Day(seeded(3)), always); diff != "" {
		t.Errorf("a hall that is always open has other people: %s", diff)
	}
}

func TestFieldsOfTheExample(t *testing.T) {
	l, err := catalogue.Example()
	if err != nil {
		t.Fatal(err)
	}
	p := load(t)
	for i, f := range p.Fields {
		if f.ID != l.Fields[i].ID {
			t.Errorf("field %d is %s, the example has %s", i, f.ID, l.Fields[i].ID)
		}
	}
	if len(p.Fields) != len(l.Fields) {
		t.Errorf("%d fields, the example has %d", len(p.Fields), len(l.Fields))
	}
	if diff := cmp.Diff(l.Hours.Spans, p.Opening); diff != "" {
		t.Error(diff)
	}
}

func TestTheSameSeedGivesTheSameDay(t *testing.T) {
	p := load(t)
	if diff := cmp.Diff(p.Day(seeded(7)), p.Day(seeded(7))); diff != "" {
		t.Error(diff)
	}
	if cmp.Equal(p.Day(seeded(7)), p.Day(seeded(8))) {
		t.Error("two seeds give the same day")
	}
}
