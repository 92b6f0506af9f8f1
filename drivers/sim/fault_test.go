package sim_test

import (
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yitang/drivers/sim"
)

const patience = time.Minute

// echo answers each read with what it read, under the faults of its wire.
type echo struct {
	*sim.Wire
	far   *os.File
	asked int
	done  atomic.Int64 // bytes that were answered, or would have been
}

func echoWire(t *testing.T) *echo {
	t.Helper()
	w, err := sim.NewWire(nil)
	if err != nil {
		t.Fatal(err)
	}
	e := &echo{Wire: w}
	var done sync.WaitGroup
	done.Go(func() {
		buf := make([]byte, 256)
		for {
			n, err := w.Read(buf)
			if err != nil {
				return
			}
			_ = w.Answer(buf[:n])
			e.done.Add(int64(n))
		}
	})
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		done.Wait()
	})
	e.far = openFar(t, w.PTY)
	return e
}

// unanswered writes ask and waits until the device has dealt with it.
func (e *echo) unanswered(t *testing.T, ask string) {
	t.Helper()
	if _, err := e.far.WriteString(ask); err != nil {
		t.Fatal(err)
	}
	e.asked += len(ask)
	for end := time.Now().Add(patience); e.done.Load() < int64(e.asked); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%q was never read", ask)
		}
	}
}

func (e *echo) exchange(t *testing.T, ask string, want int) string {
	t.Helper()
	e.asked += len(ask)
	return exchange(t, e.far, ask, want)
}

// exchange writes ask and reads until want bytes came.
func exchange(t *testing.T, far *os.File, ask string, want int) string {
	t.Helper()
	if _, err := far.WriteString(ask); err != nil {
		t.Fatal(err)
	}
	if err := far.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	got, buf := "", make([]byte, 256)
	for len(got) < want {
		n, err := far.Read(buf)
		if err != nil {
			t.Fatalf("after %q: %v", got, err)
		}
		got += string(buf[:n])
	}
	return got
}

// nothing more may come; a device that speaks late on a slow machine is not noticed.
func (e *echo) nothing(t *testing.T) {
	t.Helper()
	if err := e.far.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	var buf [16]byte
	if n, err := e.far.Read(buf[:]); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%q came too, %v", buf[:n], err)
	}
}

func TestFaultsOfAWire(t *testing.T) {
	for _, c := range []struct {
		fault sim.Fault
		want  string
	}{
		{sim.Fault{Kind: sim.NoiseBefore, On: true, Bytes: []byte("??")}, "??abcd"},
		{sim.Fault{Kind: sim.NoiseInside, On: true, Bytes: []byte("??")}, "ab??cd"},
		{sim.Fault{Kind: sim.Split, On: true, N: 1}, "abcd"},
		{sim.Fault{Kind: sim.Silence, On: true}, ""},
		{sim.Fault{Kind: sim.StopDraining, On: true}, ""},
	} {
		t.Run(string(c.fault.Kind), func(t *testing.T) {
			w := echoWire(t)
			if err := w.Inject(c.fault); err != nil {
				t.Fatal(err)
			}
			if got := w.exchange(t, "abcd", len(c.want)); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			w.nothing(t)
		})
	}
}

func TestMergeHoldsAnswers(t *testing.T) {
	w := echoWire(t)
	_ = w.Inject(sim.Fault{Kind: sim.Merge, On: true, N: 2})
	w.unanswered(t, "ab")
	if got := w.exchange(t, "cd", 4); got != "abcd" {
		t.Errorf("%q", got)
	}
}

func TestAScriptStrikesAtItsByteAndItsAnswer(t *testing.T) {
	w := echoWire(t)
	w.exchange(t, "waits", 5) // so that the device reads when the script begins
	time.Sleep(10 * time.Millisecond)
	w.Play(sim.Script{
		{AfterBytes: 3, Fault: sim.Fault{Kind: sim.NoiseBefore, On: true, Bytes: []byte("!")}},
		{AfterAnswers: 3, Fault: sim.Fault{Kind: sim.Silence, On: true}},
	})
	// "abcd" comes as 3 bytes, at which the noise begins, and 1: two answers; the third is silenced.
	if got := w.exchange(t, "abcd", 6); got != "!abc!d" {
		t.Errorf("%q", got)
	}
	w.unanswered(t, "ef")
	_ = w.Inject(sim.Fault{Kind: sim.Silence})
	if got := w.exchange(t, "gh", 3); got != "!gh" {
		t.Errorf("%q: the silenced answer came later", got)
	}
}

func TestUnplugForReplugs(t *testing.T) {
	w := echoWire(t)
	if err := w.Inject(sim.Fault{Kind: sim.Unplug, For: 20 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if _, err := os.Stat(w.Path()); err == nil {
			return
		}
	}
	t.Error("not replugged")
}

func TestAnUnknownFaultIsRefused(t *testing.T) {
	w := echoWire(t)
	if err := w.Inject(sim.Fault{Kind: sim.PaperOut, On: true}); err == nil {
		t.Error("a plain wire ran out of paper")
	}
}
