package sim_test

import (
	"os"
	"sync"
	"testing"
	"time"

	"yitang/drivers/sim"
)

const patience = 20 * time.Second

// echoWire answers each read with what it read, under the faults of its wire.
func echoWire(t *testing.T) (*sim.Wire, *os.File) {
	t.Helper()
	w, err := sim.NewWire(nil)
	if err != nil {
		t.Fatal(err)
	}
	var done sync.WaitGroup
	done.Go(func() {
		buf := make([]byte, 256)
		for {
			n, err := w.Read(buf)
			if err != nil {
				return
			}
			_ = w.Answer(buf[:n])
		}
	})
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		done.Wait()
	})
	return w, openFar(t, w.PTY)
}

// exchange writes ask and reads until want bytes came, or nothing more did for a while.
func exchange(t *testing.T, far *os.File, ask string, want int) string {
	t.Helper()
	if _, err := far.WriteString(ask); err != nil {
		t.Fatal(err)
	}
	if want == 0 {
		time.Sleep(100 * time.Millisecond)
		return ""
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
			w, far := echoWire(t)
			if err := w.Inject(c.fault); err != nil {
				t.Fatal(err)
			}
			if got := exchange(t, far, "abcd", len(c.want)); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestMergeHoldsAnswers(t *testing.T) {
	w, far := echoWire(t)
	_ = w.Inject(sim.Fault{Kind: sim.Merge, On: true, N: 2})
	exchange(t, far, "ab", 0)
	if got := exchange(t, far, "cd", 4); got != "abcd" {
		t.Errorf("%q", got)
	}
}

func TestAScriptStrikesAtItsByteAndItsAnswer(t *testing.T) {
	w, far := echoWire(t)
	exchange(t, far, "waits", 5) // so that the device reads when the script begins
	time.Sleep(10 * time.Millisecond)
	w.Play(sim.Script{
		{AfterBytes: 3, Fault: sim.Fault{Kind: sim.NoiseBefore, On: true, Bytes: []byte("!")}},
		{AfterAnswers: 3, Fault: sim.Fault{Kind: sim.Silence, On: true}},
	})
	// "abcd" comes as 3 bytes, at which the noise begins, and 1: two answers; the third is silenced.
	if got := exchange(t, far, "abcd", 6); got != "!abc!d" {
		t.Errorf("%q", got)
	}
	exchange(t, far, "ef", 0)
	_ = w.Inject(sim.Fault{Kind: sim.Silence})
	if got := exchange(t, far, "gh", 3); got != "!gh" {
		t.Errorf("%q: the silenced answer came later", got)
	}
}

func TestUnplugForReplugs(t *testing.T) {
	w, _ := echoWire(t)
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
	w, _ := echoWire(t)
	if err := w.Inject(sim.Fault{Kind: sim.PaperOut, On: true}); err == nil {
		t.Error("a plain wire ran out of paper")
	}
}
