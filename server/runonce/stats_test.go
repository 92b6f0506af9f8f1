package runonce_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"yitang/server/runonce"
)

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s = %.6f, want %.6f", what, got, want)
	}
}

func TestWilson(t *testing.T) {
	for _, c := range []struct {
		x, n   int
		lo, hi float64
	}{{180, 200, 0.850594, 0.934330}, {9, 10, 0.595850, 0.982124}, {10, 10, 0.722467, 1}, {0, 10, 0, 0.277533}} {
		i := runonce.Wilson(c.x, c.n)
		near(t, "lo", i.Lo, c.lo, 5e-7)
		near(t, "hi", i.Hi, c.hi, 5e-7)
	}
}

func TestNewcombe(t *testing.T) {
	d, i := runonce.Newcombe(56, 70, 48, 80)
	near(t, "difference", d, 0.2, 1e-12)
	near(t, "lo", i.Lo, 0.0524, 5e-5)
	near(t, "hi", i.Hi, 0.3339, 5e-5)
}

func TestClustered(t *testing.T) {
	clusters := []runonce.Cluster{{60, 58}, {40, 33}, {20, 19}}
	for range 70 {
		clusters = append(clusters, runonce.Cluster{N: 1, Once: 1})
	}
	for range 10 {
		clusters = append(clusters, runonce.Cluster{N: 1})
	}
	i, deff := runonce.Clustered(clusters)
	near(t, "deff", deff, 1.9569, 5e-5)
	near(t, "n_eff", 200/deff, 102.20, 5e-3)
	near(t, "lo", i.Lo, 0.8266, 5e-5)
	near(t, "hi", i.Hi, 0.9444, 5e-5)
}

// Where clusters say nothing (one agent, no variation), the interval is Wilson's.
func TestClusteredWithoutEffect(t *testing.T) {
	for _, c := range [][]runonce.Cluster{{{9, 6}}, {{5, 5}, {4, 4}}, {{5, 0}, {4, 0}}} {
		n, x := 0, 0
		for _, g := range c {
			n, x = n+g.N, x+g.Once
		}
		got, deff := runonce.Clustered(c)
		if want := runonce.Wilson(x, n); got != want || deff != 1 {
			t.Errorf("%v: %v with deff %v, want %v", c, got, deff, want)
		}
	}
}

func TestAalenJohansen(t *testing.T) {
	spans := []runonce.Span{{0, 2}, {0, 2}, {2, 1}, {3, 2}, {3, 0}, {5, 2}, {5, 1}, {8, 0}, {10, 2}, {12, 0}}
	got := runonce.AalenJohansen(spans, 10)
	near(t, "F2", got.F2, 0.60, 1e-12)
	near(t, "se of F2", got.SE2, 0.18, 5e-5)
	near(t, "F1", got.F1, 0.22, 1e-12)
	near(t, "se of F1", got.SE1, 0.1381, 5e-5)
	near(t, "S", got.S, 0.18, 1e-12)
}

func TestAalenJohansenSumsToOne(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		spans := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) runonce.Span {
			return runonce.Span{Days: rapid.IntRange(0, 30).Draw(r, "days"), Ending: runonce.Ending(rapid.IntRange(0, 2).Draw(r, "ending"))}
		}), 1, 60).Draw(r, "spans")
		got := runonce.AalenJohansen(spans, float64(rapid.IntRange(0, 40).Draw(r, "tau")))
		if math.Abs(got.F1+got.F2+got.S-1) > 1e-9 || got.S < -1e-12 || math.IsNaN(got.SE1+got.SE2) {
			r.Fatalf("%+v", got)
		}
	})
}

// Without censoring the estimate is the plain share and its standard error the binomial one.
func TestAalenJohansenWithoutCensoring(t *testing.T) {
	spans := []runonce.Span{{0, 2}, {1, 2}, {1, 1}, {3, 2}, {4, 1}, {4, 2}, {6, 2}, {9, 2}}
	got := runonce.AalenJohansen(spans, 20)
	near(t, "F2", got.F2, 0.75, 1e-12)
	near(t, "se", got.SE2, math.Sqrt(0.75*0.25/8), 1e-12)
	near(t, "S", got.S, 0, 1e-12)
}

func TestFunnel(t *testing.T) {
	l := runonce.Funnel(0.8, 100)
	near(t, "lo", l.Lo, 0.7216, 1e-9)
	near(t, "hi", l.Hi, 0.8784, 1e-9)
	near(t, "far lo", l.FarLo, 0.6764, 1e-9)
	near(t, "far hi", l.FarHi, 0.9236, 1e-9)
	if l := runonce.Funnel(0.9, 1); l.Hi != 1 || l.FarHi != 1 {
		t.Errorf("limits beyond a share: %+v", l)
	}
}

func TestWorseThan(t *testing.T) {
	near(t, "P(X ≤ 2), n 5, p 0.5", runonce.WorseThan(2, 5, 0.5), 0.5, 1e-12)
	near(t, "P(X ≤ 0), n 3, p 0.2", runonce.WorseThan(0, 3, 0.2), 0.512, 1e-12)
	near(t, "P(X ≤ n)", runonce.WorseThan(4, 4, 0.3), 1, 1e-12)
	near(t, "a target of 1", runonce.WorseThan(3, 4, 1), 0, 1e-12)
}

// The fifteen p-values of Benjamini and Hochberg's own paper: four are rejected at 0.05.
func TestBenjaminiHochberg(t *testing.T) {
	p := []float64{0.0459, 0.0001, 0.0095, 0.0004, 0.0019, 0.0201, 0.0278, 0.0298, 0.0344, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1}
	got := runonce.BenjaminiHochberg(p, 0.05)
	want := []bool{false, true, true, true, true, false, false, false, false, false, false, false, false, false, false}
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	if len(runonce.BenjaminiHochberg(nil, 0.05)) != 0 {
		t.Error("nothing was flagged among nothing")
	}
}
