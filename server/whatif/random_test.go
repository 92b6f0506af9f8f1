package whatif_test

import (
	"math"
	"testing"

	"yitang/server/whatif"
)

// TestEvenLiesEvenly: of n numbers one lies in each n-th part, in an order that tells nothing.
func TestEvenLiesEvenly(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 7, 100, 1009, 65_536, 99_999} {
		parts := max(1, n)
		hit := make([]int, parts)
		for _, u := range whatif.Even(n, 7, 2*parts) { // twice round
			if u <= 0 || u >= 1 {
				t.Fatalf("of %d: %v", n, u)
			}
			hit[int(u*float64(parts))]++
		}
		for i, k := range hit {
			if k != 2 {
				t.Fatalf("of %d: part %d was hit %d times", n, i, k)
			}
		}
	}
	const n = 100_000
	list := whatif.Even(n, 3, n)
	for _, lag := range []int{1, 2, 3, 316, 317, 1000} { // 317: a digit of the shuffle
		sum := 0.0
		for i := lag; i < n; i++ {
			sum += (list[i] - 0.5) * (list[i-lag] - 0.5)
		}
		if r := 12 * sum / n; math.Abs(r) > 5/math.Sqrt(n) {
			t.Errorf("numbers that are %d apart correlate by %.4f", lag, r)
		}
	}
	for i := 0; i < n; i += 1000 { // a stretch is as uneven as chance makes it
		low := 0
		for _, u := range list[i : i+1000] {
			if u < 0.5 {
				low++
			}
		}
		if low < 420 || low > 580 {
			t.Errorf("from %d on %d of 1000 are low", i, low)
		}
	}
}

// TestARunHasTheLoadOfItsScenario: whatever the seed, windows are as busy as rates and service times say; plain numbers make
// a run of this length by one percent busier or quieter, and its waits by five.
func TestARunHasTheLoadOfItsScenario(t *testing.T) {
	for seed := range uint64(4) {
		s := pool("fcfs", seed, 2, kind("A", 0.08, 10, "lognormal", 4), kind("B", 0.04, 20, "exp", 1))
		s.Customers, s.Warmup = 40_000, 0
		if u := whatif.Simulate(&s, nil).Overall.Utilisation; math.Abs(u-0.8) > 0.8*0.003 {
			t.Errorf("seed %d: the windows were busy %.4f of the time, the load is 0.8", seed, u)
		}
	}
}
