package idcard

import (
	"context"
	"errors"
	"time"

	"yitang/drivers/port"
)

// Timing is how long the driver waits. The defaults are what programs in use do (HARDWARE.md A5, from
// hev-idcard-reader and the makers' notes: at least 300 ms between finds, 1 s for short commands, 2 s to the first
// byte of a record and 5 s for all of it).
type Timing struct {
	Poll      time.Duration // between two looks for a card
	Short     time.Duration // to the first byte of a short reply; twice that for all of it
	Record    time.Duration // to the first byte of a record
	RecordAll time.Duration // for the whole record
	Gap       time.Duration // between two bytes of one reply
	Detect    time.Duration // to the reply at a baud rate that is only tried
	Quiet     time.Duration // silence that separates a failed exchange from the next
	Open      time.Duration // for the device path to appear before it counts as vanished
	Retry     time.Duration // between two attempts to get a reader back
}

// DefaultTiming is for real readers.
func DefaultTiming() Timing {
	return Timing{
		Poll: 350 * time.Millisecond, Short: time.Second, Record: 2 * time.Second, RecordAll: 5 * time.Second,
		Gap: time.Second, Detect: 600 * time.Millisecond, Quiet: 50 * time.Millisecond,
		Open: 2 * time.Second, Retry: time.Second,
	}
}

// Bounds of a reader.
const (
	eventMax    = 16 // events not yet taken; then the reader waits
	missMax     = 3  // exchanges in a row without answer before the reader is down
	detectTries = 2
	selectMax   = 5 // failed selections in a row before the person is told

	lineBackoffMin = 200 * time.Millisecond
	lineBackoffMax = time.Second
)

// Config says where a reader is.
type Config struct {
	Path   string // of the serial device; prefer /dev/serial/by-id/…
	Baud   int    // 0: found by asking for the status at each rate
	Timing Timing // zero: DefaultTiming
	// Open opens the line at a baud rate; nil: the serial device at Path.
	Open func(baud int) Line
}

// Reader drives one card reader. Make it with [NewReader], run it once.
type Reader struct {
	cfg    Config
	events chan Event
	baud   int // that answered last, 0 = none yet
	why    Code
	desk   desk
}

// NewReader makes a reader; nothing is opened before Run.
func NewReader(cfg Config) *Reader {
	if cfg.Timing == (Timing{}) {
		cfg.Timing = DefaultTiming()
	}
	if cfg.Open == nil {
		path := cfg.Path
		cfg.Open = func(baud int) Line {
			return port.Open(port.Config{Path: path, Baud: baud, BackoffMin: lineBackoffMin, BackoffMax: lineBackoffMax})
		}
	}
	return &Reader{cfg: cfg, events: make(chan Event, eventMax)}
}

// Events delivers what happens, in order, and is closed when Run returns. Nothing is lost: while eventMax events wait
// to be taken, the reader looks for no card.
func (r *Reader) Events() <-chan Event { return r.events }

// Run keeps the reader working until ctx ends, through silence, noise and unplugging, and returns ctx's error. It closes
// the line before it returns (at most a second after ctx ended).
func (r *Reader) Run(ctx context.Context) error {
	defer close(r.events)
	for ctx.Err() == nil {
		f := r.serve(ctx)
		if ctx.Err() != nil {
			break
		}
		r.down(ctx, f)
		pause(ctx, r.cfg.Timing.Retry)
	}
	return ctx.Err()
}

// serve opens the line, greets the module and polls until something fails.
func (r *Reader) serve(ctx context.Context) *Fault {
	s, f := r.connect(ctx)
	if f != nil {
		return f
	}
	defer s.close()
	if f := s.hello(ctx); f != nil {
		return f
	}
	r.why = ""
	r.emit(ctx, ReaderUp{SAM: s.sam, Baud: r.baud})
	return r.poll(ctx, s)
}

// connect finds the module's baud rate when it is not given; with one rate the greeting follows in hello.
func (r *Reader) connect(ctx context.Context) (*session, *Fault) {
	if r.cfg.Baud != 0 {
		r.baud = r.cfg.Baud
		return r.open(ctx, r.baud)
	}
	var last *Fault
	for _, baud := range r.rates() {
		s, f := r.open(ctx, baud)
		if f != nil {
			return nil, f
		}
		if f = s.detect(ctx); f == nil {
			r.baud = baud
			return s, nil
		}
		s.close()
		if f.Code != WhySilent && f.Code != WhyBabbling {
			return nil, f
		}
		if last == nil || f.Code == WhyBabbling {
			last = f
		}
	}
	return nil, last
}

// rates lists the selectable rates in the order of the makers' notes, the one that worked last first.
func (r *Reader) rates() []int {
	all := []int{115200, 57600, 38400, 19200, 9600}
	if r.baud == 0 {
		return all
	}
	return append([]int{r.baud}, all...)
}

func (r *Reader) open(ctx context.Context, baud int) (*session, *Fault) {
	s := newSession(r.cfg.Open(baud), r.cfg.Timing)
	up, stop := context.WithTimeout(ctx, r.cfg.Timing.Open)
	defer stop()
	if err := s.link.line.WaitUp(up); err != nil {
		s.close()
		return nil, asFault(err)
	}
	return s, nil
}

// asFault puts into a code what ended an exchange or kept the line down.
func asFault(err error) *Fault {
	var f *Fault
	var m *missed
	var d *port.DownError
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &m):
		return m.fault()
	case !errors.As(err, &d):
		return fault(WhyVanished, err)
	}
	switch d.Reason {
	case port.Busy:
		return fault(WhyBusy, err)
	case port.Forbidden, port.NotSerial, port.BadConfig, port.Failed:
		return fault(WhyUnusable, err)
	case port.Stalled:
		return fault(WhySilent, err)
	default:
		return fault(WhyVanished, err)
	}
}

// down forgets the card and tells the reason, once.
func (r *Reader) down(ctx context.Context, f *Fault) {
	r.desk = desk{}
	if f == nil || f.Code == r.why {
		return
	}
	r.why = f.Code
	r.emit(ctx, ReaderDown{Fault: f})
}

func (r *Reader) emit(ctx context.Context, e Event) {
	select {
	case r.events <- e:
	case <-ctx.Done():
	}
}
