package runonce_test

import (
	"math"
	"testing"
)

// The naive reading has to stand on its own feet: the check values and the
// worked example of the definitions hold for it too.

func naiveNear(t *testing.T, what string, got *float64, want, within float64) {
	t.Helper()
	if got == nil || math.Abs(*got-want) > within {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func naiveCluster(agent string, n, once int) (of []naiveOnce) {
	for i := range n {
		of = append(of, naiveOnce{agent, i < once})
	}
	return of
}

func TestNaiveRates(t *testing.T) {
	for _, c := range []struct {
		name   string
		of     []naiveOnce
		lo, hi float64
	}{
		{"180 of 200", naiveCluster("", 200, 180), 0.850594, 0.934330},
		{"9 of 10", naiveCluster("", 10, 9), 0.595850, 0.982124},
		{"10 of 10", naiveCluster("", 10, 10), 0.722467, 1},
		{"0 of 10", naiveCluster("", 10, 0), 0, 0.277533},
	} {
		rate := naiveRateOf(c.of)
		naiveNear(t, c.name+" lo", rate.Lo, c.lo, 5e-7)
		naiveNear(t, c.name+" hi", rate.Hi, c.hi, 5e-7)
	}
	of := append(naiveCluster("a", 60, 58), naiveCluster("b", 40, 33)...)
	of = append(append(of, naiveCluster("c", 20, 19)...), naiveCluster("", 80, 70)...)
	rate, deff := naiveRateOf(of), naiveDeff(of)
	naiveNear(t, "deff", &deff, 1.9569, 5e-5)
	naiveNear(t, "clustered lo", rate.Lo, 0.8266, 5e-5)
	naiveNear(t, "clustered hi", rate.Hi, 0.9444, 5e-5)
}

func TestNaiveAalenJohansen(t *testing.T) {
	o := naiveOpenedOf([]naiveSpan{{0, 2}, {0, 2}, {2, 1}, {3, 2}, {3, 0}, {5, 2}, {5, 1}, {8, 0}, {10, 2}, {12, 0}}, 10)
	naiveNear(t, "F2", o.F2, 0.60, 1e-9)
	naiveNear(t, "se F2", o.SE2, 0.18, 5e-3)
	naiveNear(t, "F1", o.F1, 0.22, 1e-9)
	naiveNear(t, "se F1", o.SE1, 0.1381, 5e-5)
	naiveNear(t, "S", o.S, 0.18, 1e-9)
}

func TestNaiveExample(t *testing.T) {
	q := naiveQuery{from: "2025-06-01", to: "2025-06-30", reportDay: "2025-06-30", zone: naiveShanghai}
	r := naiveJudge(naiveRead("../exchange/testdata/example", q.zone).known(q.reportDay), q)
	for _, c := range []struct {
		name      string
		rate      naiveRate
		n, once   int
		lo, hi    float64
		tolerance float64
	}{
		{"all", r.All, 14, 8, 0.3259, 0.7862, 5e-5},
		{"with known failures", r.WithKnownFailures, 15, 8, 0.3012, 0.7519, 5e-5},
		{"law", r.Law, 13, 9, 0.4237, 0.8732, 5e-5},
	} {
		if c.rate.N != c.n || *c.rate.Once != c.once {
			t.Errorf("%s: %d of %d, want %d of %d", c.name, *c.rate.Once, c.rate.N, c.once, c.n)
		}
		naiveNear(t, c.name+" lo", c.rate.Lo, c.lo, c.tolerance)
		naiveNear(t, c.name+" hi", c.rate.Hi, c.hi, c.tolerance)
	}
	got := []int{r.CaseVisits.Total, r.PersonVisits, r.WastedTrips, r.LeftOut["withdrawn"], r.LeftOut["no_authority"]}
	for i, want := range []int{19, 18, 1, 1, 1} {
		if got[i] != want {
			t.Errorf("visits, person-visits, wasted trips, withdrawn, no authority: %v", got)
		}
	}
}
