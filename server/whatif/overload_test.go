package whatif_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"yitang/server/whatif"
)

func served(skills ...string) whatif.ScenarioPost { return whatif.ScenarioPost{Skills: skills} }

func TestOverload(t *testing.T) {
	a, b := kind("A", 0.19, 10, "exp", 1), kind("B", 0.05, 10, "exp", 1)
	leaves := a
	leaves.Patience = 30
	both := kind("C", 0.2, 10, "exp", 1)
	both.Matters = []string{"A", "B"}
	for _, c := range []struct {
		name  string
		types []whatif.ScenarioType
		posts []whatif.ScenarioPost
		room  int
		want  *whatif.Overload
	}{
		{"one line with room", []whatif.ScenarioType{a}, []whatif.ScenarioPost{served("A"), served("A")}, 0, nil},
		{"one line without", []whatif.ScenarioType{a}, []whatif.ScenarioPost{served("A")}, 0, &whatif.Overload{Matters: []string{"A"}, Load: 1.9, Windows: 1}},
		{"just as much as there is", []whatif.ScenarioType{kind("A", 0.1, 10, "det", 1)}, []whatif.ScenarioPost{served("A")}, 0, &whatif.Overload{Matters: []string{"A"}, Load: 1, Windows: 1}},
		{"just under it", []whatif.ScenarioType{kind("A", 0.09999, 10, "det", 1)}, []whatif.ScenarioPost{served("A")}, 0, nil},
		{"those who leave bound their line", []whatif.ScenarioType{leaves}, []whatif.ScenarioPost{served("A")}, 0, nil},
		{"a waiting room bounds it", []whatif.ScenarioType{a}, []whatif.ScenarioPost{served("A")}, 5, nil},
		{"idle windows of another matter do not help", []whatif.ScenarioType{a, b}, []whatif.ScenarioPost{served("A"), served("B"), served("B")}, 0,
			&whatif.Overload{Matters: []string{"A"}, Load: 1.9, Windows: 1}},
		{"work is moved to where there is time", []whatif.ScenarioType{a, b}, []whatif.ScenarioPost{served("A", "B"), served("A"), served("B")}, 0, nil},
		{"two matters together", []whatif.ScenarioType{a, b}, []whatif.ScenarioPost{served("A", "B"), served("A", "B")}, 0,
			&whatif.Overload{Matters: []string{"A", "B"}, Load: 2.4, Windows: 2}},
		{"a person of two matters", []whatif.ScenarioType{both}, []whatif.ScenarioPost{served("A"), served("B"), served("B")}, 0,
			&whatif.Overload{Matters: []string{"A"}, Load: 1, Windows: 1}},
	} {
		s := whatif.Scenario{Types: c.types, Windows: c.posts, WaitingRoom: c.room}
		if diff := cmp.Diff(c.want, s.Overload()); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// TestOverloadOfAnySet holds the search against trying every set of matters.
func TestOverloadOfAnySet(t *testing.T) {
	names := []string{"A", "B", "C", "D", "E"}
	rapid.Check(t, func(r *rapid.T) {
		s := whatif.Scenario{}
		for i := range rapid.IntRange(1, 5).Draw(r, "windows") {
			s.Windows = append(s.Windows, whatif.ScenarioPost{Name: fmt.Sprint(i), Skills: rapid.SliceOfNDistinct(rapid.SampledFrom(names), 1, 5, rapid.ID[string]).Draw(r, "skills")})
		}
		var load [5]float64
		for i, name := range names {
			if slices.ContainsFunc(s.Windows, func(w whatif.ScenarioPost) bool { return slices.Contains(w.Skills, name) }) {
				s.Types = append(s.Types, kind(name, float64(rapid.IntRange(1, 40).Draw(r, "rate"))/64, 4, "exp", 1))
				load[i] = 4 * s.Types[len(s.Types)-1].Rate
			}
		}
		over := func(in func(name string) bool) bool {
			sum, windows := 0.0, 0
			for i, name := range names {
				if in(name) {
					sum += load[i]
				}
			}
			for _, w := range s.Windows {
				if slices.ContainsFunc(w.Skills, in) {
					windows++
				}
			}
			return sum > 0 && sum >= float64(windows)
		}
		some := false
		for set := 1; set < 1<<len(names); set++ {
			some = some || over(func(name string) bool { i := slices.Index(names, name); return load[i] > 0 && set>>i&1 == 1 })
		}
		o := s.Overload()
		if (o != nil) != some {
			r.Fatalf("%+v, tried: %v", o, some)
		}
		if o != nil && !over(func(name string) bool { return slices.Contains(o.Matters, name) }) {
			r.Fatalf("%+v is no overload", o)
		}
	})
}
