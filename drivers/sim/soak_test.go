package sim_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"yitang/drivers/sim"
)

// Size of the soak: eight printers and eight readers work at once, every tenth job has trouble.
const (
	soakDevices  = 8
	soakReceipts = 2000
	soakCards    = 2000
	soakOdds     = 10
	// soakPatience ends a soak that hangs; nothing in it waits for more than some seconds.
	soakPatience = 3 * time.Minute
	// slowMachine is what a test leaves the machine beyond what a driver promises. The promises themselves are held on a
	// fake clock (TestBounds in packages escpos and idcard).
	slowMachine = 30 * time.Second
)

// soakSeed is YITANG_SOAK_SEED, or a fixed one so that everybody's run has the same troubles.
func soakSeed(t *testing.T) uint64 {
	t.Helper()
	text := os.Getenv("YITANG_SOAK_SEED")
	if text == "" {
		return 1
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return seed
}

// TestSoak prints 2,000 receipts and reads 2,000 cards under random faults, with the production drivers on the production
// port. What is asserted stands in soaking.check, desk.judge and desk.card; here, that nothing of it all is left.
func TestSoak(t *testing.T) { //nolint:paralleltest // counts what the whole process holds
	seed := soakSeed(t)
	goroutines, descriptors := holding(t)
	sum := &tally{counts: map[string]int{}, took: map[string]time.Duration{}}
	begun := time.Now()
	var working sync.WaitGroup // not parallel subtests, of which only as many work as the machine has cores
	for i := range soakDevices {
		p := newSoakPrinter(t, i, rand.New(rand.NewPCG(seed, uint64(i))), sum)
		working.Go(func() { p.run(t) })
		r := newDesk(t, rand.New(rand.NewPCG(seed, uint64(soakDevices+i))), sum)
		working.Go(func() { r.run(t) })
	}
	working.Wait()
	t.Logf("seed %d: %v", seed, time.Since(begun).Round(time.Millisecond))
	sum.log(t)
	nothingLeft(t, goroutines, descriptors)
}

// holding is what may leak.
func holding(t *testing.T) (goroutines, descriptors int) {
	t.Helper()
	// The runtime opens its poller with the first line and keeps it.
	if err := openPTY(t).Close(); err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip(err)
	}
	return runtime.NumGoroutine(), len(list)
}

func nothingLeft(t *testing.T, goroutines, descriptors int) {
	t.Helper()
	var g, d int
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if g, d = holding(t); g <= goroutines && d <= descriptors {
			return
		}
	}
	t.Errorf("%d goroutines and %d descriptors, before %d and %d", g, d, goroutines, descriptors)
}

// tally counts outcomes by device and fault.
type tally struct {
	mu     sync.Mutex
	counts map[string]int
	took   map[string]time.Duration
}

func (c *tally) add(device, fault, outcome string, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	line := fmt.Sprintf("%-7s  %-14s  %s", device, fault, outcome)
	c.counts[line]++
	c.took[line] = max(c.took[line], took)
}

func (c *tally) log(t *testing.T) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, line := range slices.Sorted(maps.Keys(c.counts)) {
		t.Logf("%5d  %6d ms at most  %s", c.counts[line], c.took[line].Milliseconds(), line)
	}
}

// trouble is a fault that strikes at once or, with a script, in the middle of a conversation.
type trouble struct {
	device sim.Device
	fault  sim.Fault
	heal   *time.Timer // of what passes by itself; may be nil
}

// strike begins the trouble, now or after some of bytes or answers. A kind that this user may not do is passed over.
func (x *trouble) strike(t *testing.T, afterBytes, afterAnswers int) {
	t.Helper()
	if afterBytes+afterAnswers > 0 {
		x.device.Play(sim.Script{{AfterBytes: afterBytes, AfterAnswers: afterAnswers, Fault: x.fault}})
		return
	}
	if err := x.device.Inject(x.fault); err != nil && !errors.Is(err, unix.EPERM) {
		t.Error(err)
	}
}

// end is the person who sees to it. Faults that have not struck yet never will.
func (x *trouble) end(t *testing.T) {
	t.Helper()
	x.device.Play(nil)
	if x.heal != nil {
		x.heal.Stop()
	}
	switch x.fault.Kind {
	case sim.Hangup:
		return // the kernel is done with it at once
	case sim.Unplug:
		x.fault.Kind = sim.Replug
	}
	x.fault.On = false
	if err := x.device.Inject(x.fault); err != nil {
		t.Error(err)
	}
}

// lineFault invents a fault that any line can have.
func lineFault(rng *rand.Rand) sim.Fault {
	quick := []sim.FaultKind{sim.NoiseBefore, sim.NoiseInside, sim.Split, sim.Unplug, sim.Hangup}
	slow := []sim.FaultKind{sim.Silence, sim.Merge, sim.StopDraining} // time has to pass before they show
	f := sim.Fault{Kind: quick[rng.IntN(len(quick))], On: true}
	if rng.IntN(4) == 0 {
		f.Kind = slow[rng.IntN(len(slow))]
	}
	switch f.Kind {
	case sim.Split:
		f.N, f.For = 1+rng.IntN(400), time.Duration(rng.IntN(2000))*time.Microsecond
	case sim.Merge:
		f.N = 2 + rng.IntN(3)
	case sim.Unplug:
		f.For = time.Duration(rng.IntN(60)) * time.Millisecond // 0: until somebody comes
	}
	return f
}
