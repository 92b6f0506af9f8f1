package sim_test

import (
	"errors"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"yitang/drivers/sim"
)

func openPTY(t *testing.T) *sim.PTY {
	t.Helper()
	p, err := sim.OpenPTY()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func openFar(t *testing.T, p *sim.PTY) *os.File {
	t.Helper()
	f, err := os.OpenFile(p.Path(), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func TestPTYCarriesBytesBothWays(t *testing.T) {
	p := openPTY(t)
	far := openFar(t, p)
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i) // control characters too: the line must be raw
	}
	buf := make([]byte, 512)
	if _, err := p.Write(all); err != nil {
		t.Fatal(err)
	}
	if n, err := far.Read(buf); err != nil || string(buf[:n]) != string(all) {
		t.Fatalf("driver read % x, %v", buf[:n], err)
	}
	if _, err := far.Write(all); err != nil {
		t.Fatal(err)
	}
	if n, err := p.Read(buf); err != nil || string(buf[:n]) != string(all) {
		t.Fatalf("device read % x, %v", buf[:n], err)
	}
}

func TestPTYUnplugReplugKeepsThePath(t *testing.T) {
	p := openPTY(t)
	far := openFar(t, p)
	path := p.Path()
	if err := p.Unplug(); err != nil {
		t.Fatal(err)
	}
	if _, err := far.Write([]byte("x")); !errors.Is(err, unix.EIO) {
		t.Errorf("write after unplug: %v, want EIO", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("path after unplug: %v", err)
	}
	if _, err := p.Write([]byte("x")); !errors.Is(err, sim.ErrUnplugged) {
		t.Errorf("device write: %v", err)
	}
	if err := p.Replug(); err != nil {
		t.Fatal(err)
	}
	if p.Path() != path {
		t.Errorf("path changed from %s to %s", path, p.Path())
	}
	again := openFar(t, p)
	if _, err := again.Write([]byte("y")); err != nil {
		t.Error(err)
	}
}

func TestPTYHangup(t *testing.T) {
	p := openPTY(t)
	far := openFar(t, p)
	if err := p.Hangup(); errors.Is(err, unix.EPERM) {
		t.Skip("hangup needs root")
	} else if err != nil {
		t.Fatal(err)
	}
	if _, err := far.Write([]byte("x")); !errors.Is(err, unix.EIO) {
		t.Errorf("write after hangup: %v, want EIO", err)
	}
	again := openFar(t, p)
	if _, err := again.Write([]byte("y")); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 8)
	if n, err := p.Read(buf); err != nil || string(buf[:n]) != "y" {
		t.Errorf("device read %q, %v", buf[:n], err)
	}
}

func TestPTYCloseFreesAWaitingRead(t *testing.T) {
	p := openPTY(t)
	done := make(chan error, 1)
	go func() {
		_, err := p.Read(make([]byte, 8))
		done <- err
	}()
	time.Sleep(20 * time.Millisecond)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-done:
		if !errors.Is(err, os.ErrClosed) {
			t.Errorf("read ended with %v", err)
		}
	case <-time.After(patience):
		t.Fatal("read still waits")
	}
}

func TestPTYPaceIsNotFasterThanTheLine(t *testing.T) {
	p := openPTY(t)
	openFar(t, p)
	p.Pace(9600, 10) // 9,600 bytes a second
	start := time.Now()
	if _, err := p.Write(make([]byte, 960)); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took < 90*time.Millisecond {
		t.Errorf("960 bytes took %v, a line would take 100 ms", took)
	}
}
