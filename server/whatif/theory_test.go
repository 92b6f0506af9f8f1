package whatif_test

import (
	"math"
	"testing"
)

// TestClosedForms holds the closed forms to published values.
func TestClosedForms(t *testing.T) {
	patience := ErlangA(10, 10, 0.5, 0)
	rooms := ErlangA(90, 84, 0, 30)
	cobham := Cobham(5, []float64{1, 3})
	two := Kleinrock(5, []float64{3, 1}, []float64{1, 3})
	three := Kleinrock(10, []float64{4.5, 3, 1}, []float64{1, 2, 4})
	for _, c := range []struct {
		what      string
		got, want float64
	}{
		{"M/M/1 .7 waits", ErlangC(1, 0.7), 0.7},
		{"M/M/3 .8 waits", ErlangC(3, 2.4), 0.6472},
		{"M/M/3 .8 wait", WaitMMc(3, 2.4), 1.0787},
		{"M/M/10 .9 wait", WaitMMc(10, 9), 0.6687},
		{"M/M/10 .7 wait", WaitMMc(10, 7), 0.0739},
		{"M/D/1 .8", WaitMG1(0.8, 0), 2},
		{"Erlang-A waits", patience.PWait, 0.6197},
		{"Erlang-A leaves", patience.Abandoned, 0.1039},
		{"Erlang-A wait", patience.Wait, 0.2078},
		{"M/M/90/120 blocks", rooms.Blocked, 0.003643},
		{"M/M/90/120 wait, mean 10 min", 10 * rooms.Wait, 0.45002},
		{"Cobham high", cobham[0], 0.1385},
		{"Cobham low", cobham[1], 0.6926},
		{"Kleinrock slow", two[0], 0.6394},
		{"Kleinrock fast", two[1], 0.2984},
		{"Kleinrock of three, slow", 10 * three[0], 4.5579},
		{"Kleinrock of three, middle", 10 * three[1], 2.6388},
		{"Kleinrock of three, fast", 10 * three[2], 1.5983},
	} {
		if math.Abs(c.got-c.want) > 0.00006 && math.Abs(c.got/c.want-1) > 0.0002 {
			t.Errorf("%s: %.6f, published %.6f", c.what, c.got, c.want)
		}
	}
}
