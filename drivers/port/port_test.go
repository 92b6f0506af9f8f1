package port_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"yitang/drivers/port"
	"yitang/drivers/sim"
)

// patience is far more than anything here needs, also on a slow machine.
const patience = time.Minute

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

func rig(t *testing.T) *sim.PTY {
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

func config(path string) port.Config {
	return port.Config{Path: path, Baud: 115200, BackoffMin: 5 * time.Millisecond, BackoffMax: 20 * time.Millisecond}
}

func open(t *testing.T, cfg port.Config) *port.Port {
	t.Helper()
	p := port.Open(cfg)
	t.Cleanup(func() { _ = p.Close() })
	return p
}

func openUp(t *testing.T, cfg port.Config) *port.Port {
	t.Helper()
	p := open(t, cfg)
	if err := p.WaitUp(within(t, patience)); err != nil {
		t.Fatal(err)
	}
	return p
}

// waitDown waits until the line is down for that reason.
func waitDown(t *testing.T, p *port.Port, want port.Reason) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if p.State().Why() == want {
			return
		}
	}
	t.Fatalf("state is %+v, want %s", p.State(), want)
}

// echo sends back what the driver writes, until the rig closes.
func echo(far *sim.PTY) {
	buf := make([]byte, 4096)
	for {
		n, err := far.Read(buf)
		if err != nil {
			return
		}
		_, _ = far.Write(buf[:n])
	}
}

func readN(ctx context.Context, p *port.Port, n int) ([]byte, error) {
	got, buf := make([]byte, 0, n), make([]byte, 256)
	for len(got) < n {
		k, err := p.Read(ctx, buf)
		if err != nil {
			return got, err
		}
		got = append(got, buf[:k]...)
	}
	return got, nil
}

// count is what leaks: goroutines and descriptors.
func count(t *testing.T) (goroutines, descriptors int) {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("no /proc")
	}
	return runtime.NumGoroutine(), len(fds)
}

// settled fails when more goroutines or descriptors are left than before.
func settled(t *testing.T, goroutines, descriptors int) {
	t.Helper()
	var g, d int
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if g, d = count(t); g <= goroutines && d <= descriptors {
			return
		}
	}
	t.Errorf("%d goroutines and %d descriptors, before %d and %d", g, d, goroutines, descriptors)
}

func TestBytesPassUnchangedBothWays(t *testing.T) {
	far := rig(t)
	go echo(far)
	p := openUp(t, config(far.Path()))
	sent := make([]byte, 3000) // several pieces, every byte value
	for i := range sent {
		sent[i] = byte(i * 7)
	}
	ctx := within(t, patience)
	if err := p.Write(ctx, sent); err != nil {
		t.Fatal(err)
	}
	got, err := readN(ctx, p, len(sent))
	if err != nil || !bytes.Equal(got, sent) {
		t.Fatalf("read %d bytes, %v", len(got), err)
	}
	if c := p.Counters(); c.BytesIn != 3000 || c.BytesOut != 3000 || c.Opens != 1 || c.Downs != 0 || c.Stuck != 0 {
		t.Errorf("counters %+v", c)
	}
}

func TestReadEndsWithItsContext(t *testing.T) {
	p := openUp(t, config(rig(t).Path()))
	_, err := p.Read(within(t, 30*time.Millisecond), make([]byte, 8))
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, port.ErrDown) {
		t.Errorf("read: %v", err)
	}
}

func TestDiscardDropsWhatCameBefore(t *testing.T) {
	far := rig(t)
	p := openUp(t, config(far.Path()))
	_, _ = far.Write([]byte("stale"))
	for end := time.Now().Add(patience); p.Counters().BytesIn < 5 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	p.Discard()
	_, _ = far.Write([]byte("fresh"))
	if got, err := readN(within(t, patience), p, 5); string(got) != "fresh" {
		t.Errorf("read %q, %v", got, err)
	}
}

func TestUnreadBytesAreBounded(t *testing.T) {
	far := rig(t)
	p := openUp(t, config(far.Path()))
	total := port.ReceiveMax + 5000
	go func() { _, _ = far.Write(make([]byte, total)) }()
	for end := time.Now().Add(patience); p.Counters().BytesIn < uint64(total) && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	if c := p.Counters(); c.Lost != 5000 {
		t.Errorf("lost %d, want 5000", c.Lost)
	}
	if got, err := readN(within(t, patience), p, port.ReceiveMax); err != nil || len(got) != port.ReceiveMax {
		t.Errorf("%d bytes left, %v", len(got), err)
	}
}

func TestWhyALineDoesNotOpen(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	odd := config(rig(t).Path())
	odd.Baud = 12345
	for _, c := range []struct {
		name string
		cfg  port.Config
		want port.Reason
	}{
		{"absent", config("/dev/no-such-device"), port.Missing},
		{"a file", config(file), port.NotSerial},
		{"odd baud", odd, port.BadConfig},
		{"no path", config(""), port.BadConfig},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := open(t, c.cfg)
			waitDown(t, p, c.want)
			err := p.Write(within(t, patience), []byte("x"))
			var down *port.DownError
			if !errors.Is(err, port.ErrDown) || !errors.As(err, &down) || down.Reason != c.want {
				t.Errorf("write: %v", err)
			}
			if _, err := p.Read(within(t, patience), make([]byte, 1)); !errors.Is(err, port.ErrDown) {
				t.Errorf("read: %v", err)
			}
			if err := p.WaitUp(within(t, 10*time.Millisecond)); !errors.Is(err, port.ErrDown) || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("wait: %v", err)
			}
		})
	}
}

func TestTwoPortsCannotShareADevice(t *testing.T) {
	far := rig(t)
	first := openUp(t, config(far.Path()))
	second := open(t, config(far.Path()))
	waitDown(t, second, port.Busy)
	want := fmt.Sprintf("in use by this program (pid %d)", os.Getpid())
	if err := second.State().Err; !strings.Contains(err.Error(), want) {
		t.Errorf("%q does not say %q", err, want)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := second.WaitUp(within(t, patience)); err != nil {
		t.Errorf("after the first closed: %v", err)
	}
}

func TestBusyNamesTheOtherProgram(t *testing.T) {
	flock, err := exec.LookPath("flock")
	if err != nil {
		t.Skip("no flock(1)")
	}
	far := rig(t)
	locked := filepath.Join(t.TempDir(), "locked")
	cmd := exec.Command(flock, "--no-fork", far.Path(), "sh", "-c", `touch "$0"; exec sleep 60`, locked)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if _, err := os.Stat(locked); err == nil {
			break
		}
	}
	p := open(t, config(far.Path()))
	waitDown(t, p, port.Busy)
	if got := p.State().Err.Error(); !strings.Contains(got, fmt.Sprintf("(pid %d)", cmd.Process.Pid)) {
		t.Errorf("%q does not name pid %d", got, cmd.Process.Pid)
	}
}

func TestUnplugAndReplug(t *testing.T) {
	far := rig(t)
	go echo(far)
	p := openUp(t, config(far.Path()))
	reading := make(chan error, 1)
	ctx := within(t, patience)
	go func() {
		_, err := p.Read(ctx, make([]byte, 8))
		reading <- err
	}()
	if err := far.Unplug(); err != nil {
		t.Fatal(err)
	}
	if err := <-reading; !errors.Is(err, port.ErrDown) {
		t.Errorf("a waiting read ended with %v", err)
	}
	waitDown(t, p, port.Missing)
	if err := far.Replug(); err != nil {
		t.Fatal(err)
	}
	if err := p.WaitUp(ctx); err != nil {
		t.Fatal(err)
	}
	if err := p.Write(ctx, []byte("back")); err != nil {
		t.Fatal(err)
	}
	if got, err := readN(ctx, p, 4); string(got) != "back" {
		t.Errorf("after replug %q, %v", got, err)
	}
}

func TestHangupIsNoticedAndTheLineReopened(t *testing.T) {
	far := rig(t)
	go echo(far)
	p := openUp(t, config(far.Path()))
	ctx := within(t, patience)
	for round := 1; round <= 5; round++ {
		if err := far.Hangup(); errors.Is(err, unix.EPERM) {
			t.Skip("hangup needs root")
		} else if err != nil {
			t.Fatal(err)
		}
		for p.Counters().Downs < uint64(round) && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		if err := p.WaitUp(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Write(ctx, []byte("still here")); err != nil {
		t.Fatal(err)
	}
	if got, err := readN(ctx, p, 10); string(got) != "still here" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestChangesKeepTheNewest(t *testing.T) {
	far := rig(t)
	p := openUp(t, config(far.Path()))
	_ = far.Unplug()
	waitDown(t, p, port.Missing)
	_ = far.Replug()
	if err := p.WaitUp(within(t, patience)); err != nil {
		t.Fatal(err)
	}
	if s := <-p.Changes(); !s.Up {
		t.Errorf("the first state taken is %+v, want the newest", s)
	}
	select {
	case s := <-p.Changes():
		t.Errorf("then %+v, want nothing", s)
	default:
	}
}

func TestAFarEndThatStopsDraining(t *testing.T) {
	goroutines, descriptors := count(t)
	far, err := sim.OpenPTY()
	if err != nil {
		t.Fatal(err)
	}
	cfg := config(far.Path())
	cfg.WriteStall = 300 * time.Millisecond
	p := openUp(t, cfg)
	err = p.Write(within(t, patience), make([]byte, 200_000)) // nobody reads
	var down *port.DownError
	if !errors.As(err, &down) || down.Reason != port.Stalled {
		t.Errorf("write: %v", err)
	}
	start := time.Now()
	if err := p.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	t.Logf("closed in %v", time.Since(start))
	_ = far.Close()
	settled(t, goroutines, descriptors)
}

func TestAWriteGivenUpIsNotSentLater(t *testing.T) {
	far := rig(t)
	p := openUp(t, config(far.Path()))
	err := p.Write(within(t, 200*time.Millisecond), make([]byte, 200_000))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("write: %v", err)
	}
	sent := int(p.Counters().BytesOut)
	got := make(chan int)
	go func() {
		total, buf := 0, make([]byte, 4096)
		for total < sent+4 {
			n, err := far.Read(buf)
			total += n
			if err != nil {
				break
			}
			if bytes.Contains(buf[:n], []byte("next")) {
				break
			}
		}
		got <- total
	}()
	if err := p.Write(within(t, patience), []byte("next")); err != nil {
		t.Fatal(err)
	}
	if n := <-got; n != sent+4 {
		t.Errorf("the device got %d bytes, want %d and 4", n, sent)
	}
}

func TestXOFFHoldsAndXONReleases(t *testing.T) {
	far := rig(t)
	cfg := config(far.Path())
	cfg.Flow = port.FlowXONXOFF
	p := openUp(t, cfg)
	_, _ = far.Write([]byte{0x13})
	buf := make([]byte, 16)
	for end := time.Now().Add(patience); ; { // the line discipline acts on XOFF by itself, in a moment
		err := p.Write(within(t, 200*time.Millisecond), []byte("held"))
		if errors.Is(err, context.DeadlineExceeded) {
			break
		}
		if err != nil || time.Now().After(end) {
			t.Fatalf("write while held: %v", err)
		}
		if _, err := far.Read(buf); err != nil {
			t.Fatal(err)
		}
	}
	_, _ = far.Write([]byte{0x11})
	if err := p.Write(within(t, patience), []byte("free")); err != nil {
		t.Errorf("write after XON: %v", err)
	}
	if n, err := far.Read(buf); string(buf[:n]) != "free" {
		t.Errorf("device got %q, %v", buf[:n], err)
	}
}

func TestFlowControlIsSetOnTheDevice(t *testing.T) {
	for flow, want := range map[port.Flow][2]bool{
		port.FlowNone: {false, false}, port.FlowXONXOFF: {true, false}, port.FlowRTSCTS: {false, true},
	} {
		far := rig(t)
		cfg := config(far.Path())
		cfg.Flow = flow
		p := openUp(t, cfg)
		fd, err := unix.Open(far.Path(), unix.O_RDWR|unix.O_NOCTTY, 0)
		if err != nil {
			t.Fatal(err)
		}
		settings, err := unix.IoctlGetTermios(fd, unix.TCGETS)
		if err != nil {
			t.Fatal(err)
		}
		got := [2]bool{settings.Iflag&unix.IXON != 0, settings.Cflag&unix.CRTSCTS != 0}
		if got != want {
			t.Errorf("flow %d: IXON, CRTSCTS are %v, want %v", flow, got, want)
		}
		if settings.Iflag&unix.IGNBRK == 0 {
			t.Error("a break, which a device without power makes, would come as the byte NUL")
		}
		if err := errors.Join(unix.Close(fd), p.Close()); err != nil {
			t.Error(err)
		}
	}
}

func TestCloseEndsWaitingCalls(t *testing.T) {
	p := openUp(t, config(rig(t).Path()))
	ended := make(chan error, 2)
	ctx := within(t, patience)
	go func() { _, err := p.Read(ctx, make([]byte, 1)); ended <- err }()
	go func() { ended <- p.Write(ctx, make([]byte, 200_000)) }()
	time.Sleep(50 * time.Millisecond)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := <-ended; !errors.Is(err, port.ErrClosed) || !errors.Is(err, port.ErrDown) {
			t.Errorf("ended with %v", err)
		}
	}
	if err := p.WaitUp(ctx); !errors.Is(err, port.ErrClosed) {
		t.Errorf("wait after close: %v", err)
	}
}

func TestNothingLeaksOverAThousandUnplugs(t *testing.T) {
	cycles := 1000
	if testing.Short() {
		cycles = 50
	}
	goroutines, descriptors := count(t)
	far, err := sim.OpenPTY()
	if err != nil {
		t.Fatal(err)
	}
	cfg := config(far.Path())
	cfg.BackoffMin, cfg.BackoffMax = time.Millisecond, time.Millisecond
	p := openUp(t, cfg)
	ctx := within(t, 2*time.Minute)
	start := time.Now()
	for cycle := range cycles {
		if err := far.Unplug(); err != nil {
			t.Fatal(err)
		}
		for p.Counters().Downs <= uint64(cycle) && ctx.Err() == nil {
			time.Sleep(100 * time.Microsecond)
		}
		if err := far.Replug(); err != nil {
			t.Fatal(err)
		}
		if err := p.WaitUp(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if c := p.Counters(); c.Opens != uint64(cycles)+1 || c.Downs != uint64(cycles) {
		t.Errorf("%+v after %d cycles", c, cycles)
	}
	t.Logf("%d cycles in %v, %+v", cycles, time.Since(start), p.Counters())
	if err := errors.Join(p.Close(), far.Close()); err != nil {
		t.Error(err)
	}
	settled(t, goroutines, descriptors)
}
