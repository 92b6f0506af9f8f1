package rs485_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"yitang/drivers/port"
	"yitang/drivers/rs485"
)

// cable is a line in memory: what is written is noted, and answered by answer.
type cable struct {
	answer func(frame []byte) []byte
	start  time.Time

	mu    sync.Mutex
	sent  []note
	in    chan []byte
	down  error
	close int
}

// note is when a frame went out, since the start, and to whom.
type note struct {
	at   time.Duration
	unit byte
}

func newCable(answer func([]byte) []byte) *cable {
	return &cable{answer: answer, start: time.Now(), in: make(chan []byte, 1000)}
}

func (c *cable) WaitUp(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.down
}

func (c *cable) Write(ctx context.Context, b []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent = append(c.sent, note{time.Since(c.start), b[0]})
	if answer := c.answer(b); answer != nil {
		c.in <- answer
	}
	return c.down
}

func (c *cable) Read(ctx context.Context, buf []byte) (int, error) {
	select {
	case b := <-c.in:
		return copy(buf, b), nil
	default:
	}
	select {
	case b := <-c.in:
		return copy(buf, b), nil
	case <-ctx.Done():
		return 0, fmt.Errorf("cable: %w", ctx.Err())
	}
}

func (c *cable) Close() error { c.close++; return nil }

func (c *cable) notes(unit byte) (at []time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range c.sent {
		if n.unit == unit {
			at = append(at, n.at)
		}
	}
	return at
}

// thing is a device that asks at every turn; its frame and its answer are its number.
type thing struct {
	number byte
	mute   bool // owes no answer
	urgent bool
	heard  []byte
}

func (d *thing) Ask(time.Time) ([]byte, bool) {
	d.urgent = false
	return []byte{d.number}, !d.mute
}

func (d *thing) Hear(chunk []byte) (bool, error) {
	d.heard = append(d.heard, chunk...)
	if slices.Contains(chunk, 0x15) {
		return true, errors.New("no")
	}
	return slices.Contains(chunk, d.number), nil
}

func (d *thing) Urgent() bool { return d.urgent }

func things(n int) (units []rs485.Unit, all []*thing) {
	for i := range n {
		d := &thing{number: byte('a' + i)}
		all = append(all, d)
		units = append(units, rs485.Unit{Name: string('a' + rune(i)), Device: d})
	}
	return units, all
}

// run lets a bus with these units run for d of the bubble's time and gives its events.
func run(t *testing.T, c *cable, d time.Duration, cfg rs485.Config, units ...rs485.Unit) []string {
	t.Helper()
	cfg.Open = func() rs485.Line { return c }
	b, err := rs485.New(cfg, units...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), d)
	defer stop()
	done := make(chan error)
	go func() { done <- b.Run(ctx) }()
	var told []string
	for e := range b.Events() {
		told = append(told, name(e))
	}
	if err := <-done; !errors.Is(err, context.DeadlineExceeded) || c.close != 1 {
		t.Errorf("Run: %v, closed %d times", err, c.close)
	}
	return told
}

func name(e rs485.Event) string {
	switch {
	case e.Up && e.Proven:
		return e.Unit + " up"
	case e.Up:
		return e.Unit + " unproven"
	default:
		return e.Unit + " " + string(e.Fault.Code)
	}
}

func echo(frame []byte) []byte { return slices.Clone(frame) }

func TestUnitsHaveTheirTurnsAtThePace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCable(echo)
		units, _ := things(4)
		told := run(t, c, 10*time.Second, rs485.Config{}, units...)
		if want := []string{"a up", "b up", "c up", "d up"}; !slices.Equal(told, want) {
			t.Errorf("%v", told)
		}
		for i, n := range c.sent {
			if want := time.Duration(i) * 120 * time.Millisecond; n.at != want || n.unit != byte('a'+i%4) {
				t.Fatalf("frame %d to %c at %v, want at %v", i, n.unit, n.at, want)
			}
		}
		if len(c.sent) < 80 {
			t.Errorf("only %d frames", len(c.sent))
		}
	})
}

func TestASilentUnitIsTriedMoreAndMoreSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCable(func(frame []byte) []byte {
			if frame[0] == 'b' {
				return nil
			}
			return echo(frame)
		})
		units, _ := things(3)
		told := run(t, c, 5*time.Minute, rs485.Config{}, units...)
		if want := []string{"a up", "c up", "b silent"}; !slices.Equal(told, want) {
			t.Errorf("%v", told)
		}
		tries := c.notes('b')
		for i, want := range []time.Duration{1, 2, 4, 8, 16, 30, 30, 30} {
			gap := tries[i+3] - tries[i+2]
			if want *= time.Second; gap < want || gap > want+time.Second {
				t.Errorf("try %d came after %v, want %v", i+3, gap, want)
			}
		}
		for _, unit := range []byte("ac") {
			seen := c.notes(unit)
			for i := 1; i < len(seen); i++ {
				if gap := seen[i] - seen[i-1]; gap > 600*time.Millisecond {
					t.Fatalf("%c waited %v at %v", unit, gap, seen[i])
				}
			}
			if len(seen) < 1000 {
				t.Errorf("%c had %d turns in five minutes", unit, len(seen))
			}
		}
	})
}

func TestManySilentUnitsDoNotStarveOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCable(func(frame []byte) []byte {
			if frame[0] != 'a' {
				return nil
			}
			return echo(frame)
		})
		units, _ := things(20)
		run(t, c, 10*time.Minute, rs485.Config{}, units...)
		seen := c.notes('a')
		for i := 1; i < len(seen); i++ { // one time-out for each of the others at worst
			if gap := seen[i] - seen[i-1]; gap > 20*200*time.Millisecond {
				t.Fatalf("waited %v at %v", gap, seen[i])
			}
		}
		late := 0
		for _, at := range seen {
			if at > 5*time.Minute {
				late++
			}
		}
		if late < 1000 {
			t.Errorf("%d turns in the last five minutes", late)
		}
	})
}

func TestWhatIsUrgentComesFirstButNotAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		units, all := things(10)
		c := newCable(echo)
		c.answer = func(frame []byte) []byte {
			all[9].urgent, all[8].urgent = true, true // always
			return echo(frame)
		}
		run(t, c, 12*time.Second, rs485.Config{}, units...)
		if urgent, calm := len(c.notes('i')), len(c.notes('a')); calm < 4 || urgent < 4*calm {
			t.Errorf("%d urgent turns, %d others", urgent, calm)
		}
		if first := c.notes('i')[0]; first > 300*time.Millisecond {
			t.Errorf("the urgent unit waited %v", first)
		}
	})
}

func TestWhyAUnitIsDown(t *testing.T) {
	babble := func([]byte) []byte { return []byte("??") }
	for _, tt := range []struct {
		name   string
		answer func([]byte) []byte
		want   []string
	}{
		{"silent", func([]byte) []byte { return nil }, []string{"a silent"}},
		{"babbling", babble, []string{"a babbling"}},
		{"refusing", func([]byte) []byte { return []byte{0x15} }, []string{"a refuses"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				units, _ := things(1)
				if told := run(t, newCable(tt.answer), 30*time.Second, rs485.Config{}, units...); !slices.Equal(told, tt.want) {
					t.Errorf("%v, want %v", told, tt.want)
				}
			})
		})
	}
	t.Run("one miss is forgiven", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			n := 0
			c := newCable(func(frame []byte) []byte {
				if n++; n%3 != 0 {
					return nil
				}
				return echo(frame)
			})
			units, _ := things(1)
			if told := run(t, c, 30*time.Second, rs485.Config{}, units...); !slices.Equal(told, []string{"a up"}) {
				t.Errorf("%v", told)
			}
		})
	})
}

func TestAUnitWithoutAnswersIsUpButUnproven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		units, all := things(1)
		all[0].mute = true
		c := newCable(func([]byte) []byte { return nil })
		go func() {
			time.Sleep(time.Second)
			c.in <- []byte("a") // it speaks unasked
		}()
		if told := run(t, c, 3*time.Second, rs485.Config{}, units...); !slices.Equal(told, []string{"a unproven", "a up"}) {
			t.Errorf("%v", told)
		}
	})
}

func TestTheEchoOfTheAdapterIsNoAnswer(t *testing.T) {
	for _, tt := range []struct {
		echo bool
		want string
	}{{true, "a silent"}, {false, "a up"}} {
		synctest.Test(t, func(t *testing.T) {
			units, all := things(1)
			if told := run(t, newCable(echo), 10*time.Second, rs485.Config{Echo: tt.echo}, units...); !slices.Equal(told, []string{tt.want}) {
				t.Errorf("echo %v: %v", tt.echo, told)
			}
			if heard := len(all[0].heard); tt.echo && heard > 0 {
				t.Errorf("the device heard %d bytes of our own", heard)
			}
		})
	}
}

func TestAnAdapterWithoutTheEchoIsHeardAllTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		units, _ := things(1)
		c := newCable(func([]byte) []byte { return []byte("xa") })
		if told := run(t, c, 10*time.Second, rs485.Config{Echo: true}, units...); !slices.Equal(told, []string{"a up"}) {
			t.Errorf("%v", told)
		}
	})
}

func TestTheLineGoesAndComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCable(echo)
		go func() {
			for _, why := range []error{
				&port.DownError{Reason: port.Unplugged}, &port.DownError{Reason: port.Busy}, &port.DownError{Reason: port.Forbidden},
				errors.New("something else"), nil,
			} {
				time.Sleep(5 * time.Second)
				c.mu.Lock()
				c.down = why
				c.mu.Unlock()
			}
		}()
		units, _ := things(2)
		told := run(t, c, 30*time.Second, rs485.Config{}, units...)
		want := []string{
			"a up", "b up", "a vanished", "b vanished", "a busy", "b busy", "a unusable", "b unusable", "a vanished", "b vanished", "a up", "b up",
		}
		slices.Sort(told[:2])
		slices.Sort(told[len(told)-2:])
		if !slices.Equal(told, want) {
			t.Errorf("%v", told)
		}
	})
}

func TestABusRefusesUnitsItCannotTellApart(t *testing.T) {
	units, _ := things(2)
	many, _ := things(rs485.UnitsMax + 1)
	for _, tt := range [][]rs485.Unit{nil, {units[0], units[0]}, {{Name: "", Device: units[0].Device}}, {{Name: "a"}}, many} {
		if _, err := rs485.New(rs485.Config{}, tt...); err == nil {
			t.Errorf("%d units pass", len(tt))
		}
	}
}

func TestFaultsSpeakToPeople(t *testing.T) {
	cause := errors.New("cause")
	for _, code := range []rs485.Code{rs485.WhySilent, rs485.WhyBabbling, rs485.WhyRefuses, rs485.WhyVanished, rs485.WhyBusy, rs485.WhyUnusable} {
		f := rs485.NewFault(code, cause)
		if f.Sentence == "" || !errors.Is(f, cause) || f.Error() == "" || rs485.NewFault(code, nil).Error() == "" {
			t.Errorf("%s says %q", code, f.Sentence)
		}
	}
}
