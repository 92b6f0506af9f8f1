package rs485

import (
	"context"
	"fmt"
	"time"

	"yitang/drivers/port"
)

// Device is one address on the line. The bus calls its methods from one goroutine; none may wait.
type Device interface {
	// Ask is the device's turn: the next frame for it, nil when there is none now, and whether the device owes an answer.
	Ask(now time.Time) (frame []byte, owed bool)
	// Hear takes bytes from the line, cut anywhere, the other devices' too. answered: a whole frame of this device ended
	// in them; err: that frame refuses what was asked.
	Hear(chunk []byte) (answered bool, err error)
	// Urgent tells that Ask has something that people wait for, such as a call.
	Urgent() bool
}

// Line is what the bus needs of a serial line; [port.Port] is one.
type Line interface {
	WaitUp(ctx context.Context) error
	Read(ctx context.Context, buf []byte) (int, error)
	Write(ctx context.Context, b []byte) error
	Close() error
}

var _ Line = (*port.Port)(nil)

// Unit is a device and the name that events give it, such as "3号窗口条屏".
type Unit struct {
	Name   string
	Device Device
}

// Timing is how long the bus waits.
type Timing struct {
	Pace     time.Duration // from the start of one exchange to the start of the next
	Answer   time.Duration // for the whole answer of a unit
	Open     time.Duration // for the line to come up before its units count as down
	RetryMin time.Duration // from a unit's going down to the next try; it doubles to RetryMax
	RetryMax time.Duration
}

// DefaultTiming is for real lines: 120 ms apart as in HARDWARE.md, D9. The longest answer known lasts 10 ms at 9600
// baud; 200 ms leaves room for USB adapters and a busy machine.
func DefaultTiming() Timing {
	return Timing{
		Pace: 120 * time.Millisecond, Answer: 200 * time.Millisecond, Open: 2 * time.Second,
		RetryMin: time.Second, RetryMax: 30 * time.Second,
	}
}

// Bounds of a bus.
const (
	UnitsMax    = 64 // on one line; RS-485 itself carries 32 plain transceivers without a repeater
	eventMax    = 2 * UnitsMax
	missMax     = 3 // turns in a row without a good answer before a unit is down
	chunkSize   = 256
	defaultBaud = 9600

	lineBackoffMin = 200 * time.Millisecond
	lineBackoffMax = 2 * time.Second
)

// Config describes a line.
type Config struct {
	Path   string // of the serial device; prefer /dev/serial/by-id/…
	Baud   int    // 0: 9600, which every published protocol here has
	Timing Timing // zero: DefaultTiming
	// Echo: the adapter hears what it sends, which is dropped. Needed where an adapter does so: keypads of the QSystem
	// kind have the same frame for a lamp and for a key.
	Echo bool
	// Open opens the line; nil: the serial device at Path.
	Open func() Line
}

func (c Config) withDefaults() Config {
	if c.Baud == 0 {
		c.Baud = defaultBaud
	}
	if c.Timing == (Timing{}) {
		c.Timing = DefaultTiming()
	}
	if c.Open == nil {
		path, baud := c.Path, c.Baud
		c.Open = func() Line {
			return port.Open(port.Config{Path: path, Baud: baud, BackoffMin: lineBackoffMin, BackoffMax: lineBackoffMax})
		}
	}
	return c
}

// Bus is a line and its units. Make it with [New], run it once.
type Bus struct {
	cfg    Config
	units  []*unit
	turn   int  // whose turn is next
	urgent bool // the last turn was given for urgency
	echo   []byte
	events chan Event
	chunk  [chunkSize]byte
}

// New makes a bus; nothing is opened before Run. Units need names of their own.
func New(cfg Config, units ...Unit) (*Bus, error) {
	if len(units) == 0 || len(units) > UnitsMax {
		return nil, fmt.Errorf("rs485: %d units on a line, want 1 to %d", len(units), UnitsMax)
	}
	b := &Bus{cfg: cfg.withDefaults(), events: make(chan Event, eventMax)}
	known := map[string]bool{}
	for _, u := range units {
		if u.Name == "" || u.Device == nil || known[u.Name] {
			return nil, fmt.Errorf("rs485: the unit %q has no device or no name of its own", u.Name)
		}
		known[u.Name] = true
		b.units = append(b.units, &unit{name: u.Name, device: u.Device})
	}
	return b, nil
}

// Events delivers what happens, in order, and is closed when Run returns. While eventMax events wait to be taken, the
// line rests.
func (b *Bus) Events() <-chan Event { return b.events }

// Run serves the units until ctx ends, through silence, noise and unplugging, and returns ctx's error. It closes the
// line before it returns (at most a second after ctx ended).
func (b *Bus) Run(ctx context.Context) error {
	defer close(b.events)
	line := b.cfg.Open()
	defer line.Close() // a line the kernel holds is the port's to report
	for ctx.Err() == nil {
		err := b.serve(ctx, line)
		if ctx.Err() != nil {
			break
		}
		f := lineFault(err)
		for _, u := range b.units {
			b.down(ctx, u, f)
		}
		pause(ctx, b.cfg.Timing.Pace)
	}
	return ctx.Err()
}

// serve waits for the line and gives turns until the line fails.
func (b *Bus) serve(ctx context.Context, line Line) error {
	up, stop := context.WithTimeout(ctx, b.cfg.Timing.Open)
	defer stop()
	if err := line.WaitUp(up); err != nil {
		return err
	}
	for _, u := range b.units {
		u.afresh()
	}
	b.echo = nil
	for slot := time.Now(); ; {
		if err := b.listen(ctx, line, time.Until(slot)); err != nil {
			return err
		}
		slot = time.Now().Add(b.cfg.Timing.Pace)
		if u, frame, owed := b.next(time.Now()); u != nil {
			if err := b.exchange(ctx, line, u, frame, owed); err != nil {
				return err
			}
		}
	}
}

// next finds the unit whose turn it is: in the order of the line, and every other turn one with something urgent.
func (b *Bus) next(now time.Time) (*unit, []byte, bool) {
	first := b.urgent
	b.urgent = false
	if !first {
		if u, frame, owed := b.pick(now, true); u != nil {
			b.urgent = true
			return u, frame, owed
		}
	}
	return b.pick(now, false)
}

func (b *Bus) pick(now time.Time, urgent bool) (*unit, []byte, bool) {
	for i := range b.units {
		at := (b.turn + i) % len(b.units)
		u := b.units[at]
		if now.Before(u.retryAt) || urgent && !u.device.Urgent() {
			continue
		}
		if frame, owed := u.device.Ask(now); frame != nil {
			if !urgent {
				b.turn = at + 1
			}
			return u, frame, owed
		}
	}
	return nil, nil, false
}

// pause sleeps d or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
