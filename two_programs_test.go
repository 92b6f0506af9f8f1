package main_test

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"yitang/drivers/sim"
)

// running starts the binary and returns its process id, and a function that waits for its end and gives what it printed.
func running(t *testing.T, args ...string) (pid int, end func() string) {
	t.Helper()
	binary := buildYitang(t)
	ctx, stop := context.WithTimeout(context.Background(), 5*pageTime) // what hangs fails its test, not the run
	cmd := exec.CommandContext(ctx, binary, args...)
	var out strings.Builder
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // its last line says how it went
	}()
	t.Cleanup(func() {
		stop()
		<-ended
	})
	return cmd.Process.Pid, func() string {
		<-ended
		return lastLine(out.String())
	}
}

// Two programs on one printer would mix their receipts: the second is told by whom the port is held, and the first prints
// as if nobody had come.
func TestTwoProgramsOnOnePrinter(t *testing.T) {
	t.Parallel()
	p, err := sim.NewPrinter(sim.PrinterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	// The first is held in the middle of its job.
	p.Play(sim.Script{{AfterBytes: 50, Fault: sim.Fault{Kind: sim.HeadHot, On: true}}})
	pid, end := running(t, "device", "print", "--printer", p.Path())
	for until := time.Now().Add(pageTime); !p.Status().HeadHot; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("the first program did not begin")
		}
	}
	begun := time.Now()
	out, errs, code := yitang(t, "device", "print", "--printer", p.Path())
	want := fmt.Sprintf("failed: %s is in use by yitang (pid %d)", p.Path(), pid)
	if lastLine(out) != want || code != 1 {
		t.Errorf("the second, exit %d: %q, want %q\n%s", code, lastLine(out), want, errs)
	}
	t.Logf("the second, after %v: %s", time.Since(begun).Round(time.Millisecond), lastLine(out))
	p.Heal()
	if last := end(); last != "printed" {
		t.Errorf("the first: %q", last)
	}
	if n := len(p.Receipts()); n != 1 {
		t.Errorf("%d receipts, want the first program's", n)
	}
	if out, _, code = yitang(t, "device", "print", "--printer", p.Path()); code != 0 || lastLine(out) != "printed" {
		t.Errorf("afterwards: exit %d, %q", code, lastLine(out))
	}
}

// The card reader's line is held in the same way, and the reader's sentence comes in the language of its users.
func TestTwoProgramsOnOneReader(t *testing.T) {
	t.Parallel()
	r, err := sim.NewReader(sim.ReaderConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	pid, _ := running(t, "device", "card", "--reader", r.Path(), "--timeout", "40s")
	for until := time.Now().Add(pageTime); len(r.Asked()) < 3; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("the first program did not begin")
		}
	}
	_, errs, code := yitang(t, "device", "card", "--reader", r.Path())
	if code != 1 || !strings.Contains(errs, "reader_port_busy") {
		t.Errorf("the second, exit %d: %s", code, errs)
	}
	if holder := fmt.Sprintf("yitang (pid %d)", pid); !strings.Contains(errs, holder) {
		t.Errorf("the second does not name %q: %s", holder, errs)
	}
}
