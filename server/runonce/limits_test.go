package runonce_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yitang/server/hall"
	"yitang/server/runonce"
)

// Every limit changes its own setting and no other, is refused outside its bounds, and stands within them by default.
func TestLimits(t *testing.T) {
	usual, known := runonce.DefaultThresholds(), map[string]bool{}
	all := runonce.AllLimits()
	for i := range all {
		l := &all[i]
		if known[l.Name] || !l.Holds(l.Of(&usual)) {
			t.Errorf("%s: %g", l.Name, l.Of(&usual))
		}
		known[l.Name] = true
		changed, err := usual.With(map[string]float64{l.Name: l.Max})
		if err != nil {
			t.Fatal(err)
		}
		for k := range all {
			want := all[k].Of(&usual)
			if k == i {
				want = l.Max
			}
			if got := all[k].Of(&changed); got != want {
				t.Errorf("%s = %g: %s is %g", l.Name, l.Max, all[k].Name, got)
			}
		}
		var bad *runonce.LimitError
		if _, err := usual.With(map[string]float64{l.Name: l.Max + 1}); !errors.As(err, &bad) || bad.Limit == nil || bad.Name != l.Name {
			t.Errorf("%s: %v", l.Name, err)
		}
	}
	if _, err := usual.With(map[string]float64{"g1": 1}); err == nil {
		t.Error("a limit that does not exist was set")
	}
}

// A hall's settings are the defaults but for what it has changed; what this version does not know is left alone.
func TestThresholdsOf(t *testing.T) {
	want := runonce.DefaultThresholds()
	if diff := cmp.Diff(&want, runonce.ThresholdsOf(&hall.Layout{})); diff != "" {
		t.Error(diff)
	}
	want.NoTicket, want.Bureau = 0.1, append(want.Bureau, "政务服务局")
	l := hall.Layout{Desk: hall.Desk{Bureau: "政务服务局"}, Signals: map[string]float64{"b1_no_ticket": 0.1, "z9": 1, "rows": 3}}
	if diff := cmp.Diff(&want, runonce.ThresholdsOf(&l)); diff != "" {
		t.Error(diff)
	}
}
