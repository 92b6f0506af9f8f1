// Package port keeps one serial line open: it locks the device, notices when it is pulled out or stops taking bytes,
// and opens it again when it is back. The device drivers (escpos, idcard, led, keypad, rater) speak through it; it is
// the only package that imports github.com/tarm/serial, whose ways of failing it hides (HARDWARE.md, section E).
//
// Open starts a supervisor goroutine, and that one a reader and a writer while the line is up; Close ends them all. A
// write stuck in the kernel cannot be interrupted: its goroutine is abandoned, counted in Counters.Stuck, and ends when
// the kernel lets go.
package port

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Flow is how the far end may hold our bytes back.
type Flow uint8

// The flow controls. FlowXONXOFF takes the bytes 11 and 13 out of what is received.
const (
	FlowNone Flow = iota
	FlowXONXOFF
	FlowRTSCTS
)

// FlowOf is the flow control of a name: none, xonxoff or rtscts; none for any other.
func FlowOf(name string) Flow {
	switch name {
	case "xonxoff":
		return FlowXONXOFF
	case "rtscts":
		return FlowRTSCTS
	}
	return FlowNone
}

// Bounds and defaults.
const (
	// PieceSize is the most that one write to the kernel carries: 4,096 bytes is the least buffer of a Linux serial
	// driver, and poll reports room while fewer than 256 of them are taken.
	PieceSize = 512
	// ReceiveMax is how many unread bytes are kept; older ones give way to newer ones and are counted.
	ReceiveMax = 64 << 10

	// tarm/serial rounds its timeout down to tenths of a second, at least one.
	minReadTimeout      = 100 * time.Millisecond
	maxReadTimeout      = 200 * time.Millisecond
	defaultWriteStall   = 10 * time.Second
	defaultBackoffMin   = 500 * time.Millisecond
	defaultBackoffMax   = 10 * time.Second
	closeWait           = 900 * time.Millisecond // what Close waits for the supervisor
	drainWait           = 300 * time.Millisecond // what Close leaves the kernel to send the last bytes
	earlyEOFs           = 3                      // this many early ends of file in a row: the line is dead
	earlyEOFPause       = 10 * time.Millisecond
	writablePoll        = 50 * time.Millisecond
	stuckWriterPatience = 150 * time.Millisecond
	maxStuck            = 3 // with this many writes stuck in the kernel the line is not opened again
)

// Config describes a line. Only Path and Baud are needed; 8N1 always.
type Config struct {
	Path        string // prefer /dev/serial/by-id/…: ttyUSB numbers move
	Baud        int
	Flow        Flow
	ReadTimeout time.Duration // of one read of the kernel: 100 to 200 ms
	WriteStall  time.Duration // this long without a byte taken while one waits: the line is given up and opened anew
	BackoffMin  time.Duration // first pause before opening again; it doubles to BackoffMax
	BackoffMax  time.Duration
}

func (c Config) withDefaults() Config {
	c.ReadTimeout = min(max(c.ReadTimeout, minReadTimeout), maxReadTimeout)
	if c.WriteStall <= 0 {
		c.WriteStall = defaultWriteStall
	}
	if c.BackoffMin <= 0 {
		c.BackoffMin = defaultBackoffMin
	}
	if c.BackoffMax < c.BackoffMin {
		c.BackoffMax = max(defaultBackoffMax, c.BackoffMin)
	}
	return c
}

// Counters are totals since Open, but Stuck, which is how many abandoned writes the kernel still holds.
type Counters struct {
	BytesIn, BytesOut uint64
	Opens, Downs      uint64
	Lost              uint64 // received bytes that nobody read in time
	Stuck             int64
}

// Port is a supervised serial line. Its methods may be called from several goroutines.
type Port struct {
	cfg     Config
	open    opener
	changes chan State
	cancel  context.CancelFunc
	done    chan struct{}
	writing chan struct{} // held by the one Write whose pieces are going out

	mu      sync.Mutex
	state   State
	session *session      // nil while down
	rx      []byte        // received and not read, at most ReceiveMax
	event   chan struct{} // closed and replaced when rx or state change

	bytesIn, bytesOut, opens, downs, lost atomic.Uint64
	stuck                                 atomic.Int64
}

// Open starts keeping the line open and returns at once; a device that is absent, busy or misconfigured shows in State
// and in the errors of Read and Write. Close must be called.
func Open(cfg Config) *Port { return openWith(cfg, openSerial) }

func openWith(cfg Config, open opener) *Port {
	ctx, cancel := context.WithCancel(context.Background())
	p := &Port{
		cfg: cfg.withDefaults(), open: open, cancel: cancel,
		changes: make(chan State, 1), done: make(chan struct{}), writing: make(chan struct{}, 1),
		event: make(chan struct{}),
		state: State{Err: &DownError{Path: cfg.Path, Reason: Opening, Sentence: cfg.Path + " is being opened"}, Since: time.Now()},
	}
	go p.supervise(ctx)
	return p
}

// Close gives the last written bytes a moment to leave, then closes the line. It takes at most a second whatever the far
// end does; the error tells of a line the kernel would not let go.
func (p *Port) Close() error {
	p.cancel()
	select {
	case <-p.done:
	case <-time.After(closeWait):
		return fmt.Errorf("port: close: the kernel still holds %s", p.cfg.Path)
	}
	if n := p.stuck.Load(); n > 0 {
		return fmt.Errorf("port: close: the kernel still holds %d writes on %s", n, p.cfg.Path)
	}
	return nil
}

// State is what the line is now.
func (p *Port) State() State {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state
}

// Changes delivers the newest state after each change, to one consumer; states passed over are dropped.
func (p *Port) Changes() <-chan State { return p.changes }

// Counters returns the totals.
func (p *Port) Counters() Counters {
	return Counters{
		BytesIn: p.bytesIn.Load(), BytesOut: p.bytesOut.Load(), Opens: p.opens.Load(), Downs: p.downs.Load(),
		Lost: p.lost.Load(), Stuck: p.stuck.Load(),
	}
}

// Opens is how often the line was opened. When it has grown, bytes written before may have been lost.
func (p *Port) Opens() uint64 { return p.opens.Load() }

// WaitUp waits until the line is up. When ctx ends first, the error says why the line is down.
func (p *Port) WaitUp(ctx context.Context) error {
	for {
		p.mu.Lock()
		state, event := p.state, p.event
		p.mu.Unlock()
		if state.Up {
			return nil
		}
		if errors.Is(state.Err, ErrClosed) {
			return state.Err
		}
		select {
		case <-event:
		case <-ctx.Done():
			return fmt.Errorf("%w (%w)", state.Err, ctx.Err())
		}
	}
}

// Write hands all of b to the kernel, in pieces, never mixed with another Write. It waits while the far end holds the
// line back, until ctx ends; then, and when the line goes down, a part of b may have been sent. The error wraps ErrDown
// or ctx's. Done means taken by the kernel, not received by the device.
func (p *Port) Write(ctx context.Context, b []byte) error {
	select {
	case p.writing <- struct{}{}:
		defer func() { <-p.writing }()
	case <-ctx.Done():
		return fmt.Errorf("port: write: waiting for another write: %w", ctx.Err())
	}
	s, err := p.current()
	if err != nil {
		return err
	}
	for sent := 0; sent < len(b); {
		n := min(PieceSize, len(b)-sent)
		if err := s.writePiece(ctx, b[sent:sent+n]); err != nil {
			return fmt.Errorf("port: write: after %d of %d bytes: %w", sent, len(b), err)
		}
		sent += n
		p.bytesOut.Add(uint64(n)) // #nosec G115 -- Write returns no less than 0
	}
	return nil
}

func (p *Port) current() (*session, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.session == nil {
		return nil, p.state.Err
	}
	return p.session, nil
}

// Read waits for received bytes and moves at most len(buf) of them there. The error wraps ctx's when that ends first and
// ErrDown when the line is or goes down.
func (p *Port) Read(ctx context.Context, buf []byte) (int, error) {
	if len(buf) == 0 {
		return 0, nil
	}
	for {
		p.mu.Lock()
		n := copy(buf, p.rx)
		p.rx = p.rx[n:]
		state, event := p.state, p.event
		p.mu.Unlock()
		if n > 0 {
			return n, nil
		}
		if !state.Up {
			return 0, state.Err
		}
		select {
		case <-event:
		case <-ctx.Done():
			return 0, fmt.Errorf("port: read: %w", ctx.Err())
		}
	}
}

// Discard drops what was received and not read, so that the next Read sees only what comes from now on.
func (p *Port) Discard() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rx = nil
}

// received appends b to the unread bytes, the newest kept when there are too many.
func (p *Port) received(b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.bytesIn.Add(uint64(len(b))) // after Lost, which is a part of it
	p.rx = append(p.rx, b...)
	if extra := len(p.rx) - ReceiveMax; extra > 0 {
		p.lost.Add(uint64(extra))
		p.rx = append([]byte(nil), p.rx[extra:]...)
	}
	p.wake()
}

// wake tells everyone who waits; p.mu is held.
func (p *Port) wake() {
	close(p.event)
	p.event = make(chan struct{})
}
