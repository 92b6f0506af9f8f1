package port_test

import (
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"yitang/drivers/port"
)

// mute is a device whose kernel driver says it has room and then never returns from write(2), or whose reads end at once.
type mute struct {
	release  chan struct{} // Write waits for it
	earlyEOF bool
	mu       sync.Mutex
	reads    int
}

func (m *mute) Read([]byte) (int, error) {
	m.mu.Lock()
	m.reads++
	m.mu.Unlock()
	if !m.earlyEOF {
		time.Sleep(100 * time.Millisecond)
	}
	return 0, io.EOF
}

func (m *mute) Write(b []byte) (int, error)          { <-m.release; return len(b), nil }
func (m *mute) Close() error                         { return nil }
func (m *mute) Writable(time.Duration) (bool, error) { return true, nil }
func (m *mute) Alive() error                         { return nil }
func (m *mute) Unsent() int                          { return 0 }
func (m *mute) Flush(bool)                           {}
func (m *mute) Release()                             {}
func (m *mute) open(port.Config) (port.Line, error)  { return m, nil }
func (m *mute) count() int                           { m.mu.Lock(); defer m.mu.Unlock(); return m.reads }

func TestAStuckWriteIsAbandonedAndCounted(t *testing.T) {
	goroutines, descriptors := count(t)
	device := &mute{release: make(chan struct{})}
	cfg := config("/dev/mute")
	cfg.WriteStall = 50 * time.Millisecond
	p := port.OpenFake(cfg, device.open)
	if err := p.WaitUp(within(t, patience)); err != nil {
		t.Fatal(err)
	}
	var down *port.DownError
	if err := p.Write(within(t, patience), []byte("x")); !errors.As(err, &down) || down.Reason != port.Stalled {
		t.Errorf("write: %v", err)
	}
	start := time.Now()
	if err := p.Close(); err == nil {
		t.Error("close says nothing of the stuck write")
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("close took %v", took)
	}
	if n := p.Counters().Stuck; n != 1 {
		t.Errorf("%d stuck, want 1", n)
	}
	close(device.release) // the kernel lets go
	settled(t, goroutines, descriptors)
	if n := p.Counters().Stuck; n != 0 {
		t.Errorf("%d stuck after the release, want 0", n)
	}
}

func TestStuckWritesAreBounded(t *testing.T) {
	device := &mute{release: make(chan struct{})}
	cfg := config("/dev/mute")
	cfg.WriteStall = 10 * time.Millisecond
	p := port.OpenFake(cfg, device.open)
	ctx := within(t, patience)
	for ctx.Err() == nil && p.Counters().Stuck < 3 {
		_ = p.Write(ctx, []byte("x"))
		time.Sleep(time.Millisecond)
	}
	time.Sleep(300 * time.Millisecond) // a fourth would come now
	if c := p.Counters(); c.Stuck != 3 || c.Opens > 3 {
		t.Errorf("counters %+v, want 3 stuck", c)
	}
	_ = p.Close()
	close(device.release)
}

func TestEarlyEndOfFileIsNoBusyLoop(t *testing.T) {
	device := &mute{earlyEOF: true}
	cfg := config("/dev/mute")
	cfg.BackoffMin, cfg.BackoffMax = 50*time.Millisecond, 50*time.Millisecond
	p := port.OpenFake(cfg, device.open)
	for end := time.Now().Add(patience); p.Counters().Opens < 4; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("only %d sessions", p.Counters().Opens)
		}
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if n, opens := device.count(), int(p.Counters().Opens); n > 3*opens {
		t.Errorf("%d reads in %d sessions, want at most three each", n, opens)
	}
}
