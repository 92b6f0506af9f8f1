package idcard_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"yitang/drivers/idcard"
	"yitang/drivers/port"
)

// module is a security module in memory, for the bounds of the default timing in fake time; the real bytes on a real
// line are tested against the simulator.
type module struct {
	mu     sync.Mutex
	rx     []byte
	event  chan struct{}
	down   bool
	answer func(m *module, cmd uint16) // called for each request
	asked  []ask
}

type ask struct {
	cmd uint16
	at  time.Time
}

func newModule(answer func(m *module, cmd uint16)) *module {
	return &module{event: make(chan struct{}), answer: answer}
}

func (m *module) lost() error {
	return &port.DownError{Path: "fake", Reason: port.Unplugged, Sentence: "fake was unplugged"}
}

func (m *module) WaitUp(ctx context.Context) error {
	m.mu.Lock()
	down := m.down
	m.mu.Unlock()
	if !down {
		return nil
	}
	<-ctx.Done()
	return errors.Join(m.lost(), ctx.Err())
}

func (m *module) Read(ctx context.Context, buf []byte) (int, error) {
	for {
		m.mu.Lock()
		n := copy(buf, m.rx)
		m.rx = m.rx[n:]
		down, event := m.down, m.event
		m.mu.Unlock()
		if n > 0 {
			return n, nil
		}
		if down {
			return 0, m.lost()
		}
		select {
		case <-event:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

func (m *module) Write(_ context.Context, b []byte) error {
	m.mu.Lock()
	down := m.down
	cmd := uint16(b[7])<<8 | uint16(b[8])
	m.asked = append(m.asked, ask{cmd, time.Now()})
	m.mu.Unlock()
	if down {
		return m.lost()
	}
	m.answer(m, cmd)
	return nil
}

func (m *module) Close() error { return nil }

func (m *module) send(b []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rx = append(m.rx, b...)
	close(m.event)
	m.event = make(chan struct{})
}

func (m *module) vanish() {
	m.mu.Lock()
	m.down = true
	m.mu.Unlock()
	m.send(nil)
}

// babble sends b every d until ctx ends.
func (m *module) babble(ctx context.Context, b []byte, d time.Duration) {
	for ctx.Err() == nil {
		m.send(b)
		time.Sleep(d)
	}
}

func (m *module) commands() []uint16 {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []uint16
	for _, a := range m.asked {
		out = append(out, a.cmd)
	}
	return out
}

func sw(status idcard.Status, data ...byte) []byte {
	return encodeReply(idcard.Reply{Status: status, Data: data})
}

func mute(*module, uint16) {}

// healthy answers as a module does on which no card lies.
func healthy(m *module, cmd uint16) {
	switch idcard.Command(cmd) {
	case idcard.CmdStatus:
		m.send(sw(idcard.Done))
	case idcard.CmdSAM:
		m.send(sw(idcard.Done, make([]byte, 16)...))
	default:
		m.send(sw(idcard.NoCard))
	}
}

// withCard answers as a module on which a card lies, whose record is given by give.
func withCard(give func(m *module)) func(*module, uint16) {
	return func(m *module, cmd uint16) {
		switch idcard.Command(cmd) {
		case idcard.CmdFind:
			m.send(sw(idcard.Found, make([]byte, 4)...))
		case idcard.CmdSelect:
			m.send(sw(idcard.Done, make([]byte, 8)...))
		case idcard.CmdRead:
			give(m)
		case idcard.CmdMoreAddresses:
			m.send(sw(idcard.NoItem))
		default:
			healthy(m, cmd)
		}
	}
}

func refusing(status idcard.Status, cmd idcard.Command) func(*module, uint16) {
	return func(m *module, got uint16) {
		if idcard.Command(got) == cmd {
			m.send(sw(status))
			return
		}
		healthy(m, got)
	}
}

// after answers a module's first n requests as first does, then as next.
func after(n int, first, next func(*module, uint16)) func(*module, uint16) {
	return func(m *module, cmd uint16) {
		if len(m.commands()) <= n {
			first(m, cmd)
			return
		}
		next(m, cmd)
	}
}

const promised = 15 * time.Second

func TestReadOneFailsInTime(t *testing.T) {
	t.Parallel()
	random := bytes.Repeat([]byte{0x13, 0xAA, 0xAA, 0xAA, 0x96, 0x69, 0x05, 0x08, 0x77}, 7)
	for _, tc := range []struct {
		name   string
		answer func(*module, uint16)
		babble []byte
		every  time.Duration
		down   bool
		want   idcard.Code
	}{
		{name: "silent", answer: mute, want: idcard.WhySilent},
		{name: "babbling", answer: mute, babble: random, every: 5 * time.Millisecond, want: idcard.WhyBabbling},
		{name: "babbling slowly", answer: mute, babble: random, every: 300 * time.Millisecond, want: idcard.WhyBabbling},
		{name: "babbling good frames", answer: mute, babble: sw(idcard.NoCard), every: time.Millisecond, want: idcard.WhyBabbling},
		{name: "babbling good frames slowly", answer: healthy, babble: sw(idcard.NoCard), every: 90 * time.Millisecond, want: idcard.WhyBabbling},
		{name: "absent", answer: mute, down: true, want: idcard.WhyVanished},
		{name: "self test failed", answer: refusing(idcard.SelfTestFailed, idcard.CmdStatus), want: idcard.WhySelfTest},
		{name: "not authorised", answer: refusing(idcard.NotAuthorised, idcard.CmdStatus), want: idcard.WhyNotAuthorised},
		{name: "not authorised, told late", answer: refusing(idcard.NotAuthorised, idcard.CmdFind), want: idcard.WhyNotAuthorised},
		{name: "refuses", answer: refusing(idcard.UnknownError, idcard.CmdStatus), want: idcard.WhyRefuses},
		{name: "falls silent", answer: after(4, healthy, mute), want: idcard.WhySilent},
		{name: "falls silent at the record", answer: withCard(func(*module) {}), want: idcard.WhySilent},
		{name: "babbles instead of the record", answer: withCard(func(m *module) {
			for i := range 1000 {
				time.AfterFunc(time.Duration(i)*10*time.Millisecond, func() { m.send(random[:9]) }) // 9600 baud
			}
		}), want: idcard.WhyBabbling},
		{name: "vanishes", answer: after(4, healthy, func(m *module, _ uint16) { m.vanish() }), want: idcard.WhyVanished},
		{name: "vanishes in the record", answer: withCard(func(m *module) { m.send(make([]byte, 600)); m.vanish() }), want: idcard.WhyVanished},
	} {
		for _, baud := range []int{115200, 0} {
			t.Run(tc.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					ctx, stop := context.WithCancel(t.Context())
					var babbling sync.WaitGroup
					defer babbling.Wait()
					defer stop()
					m := newModule(tc.answer)
					m.down = tc.down
					if tc.babble != nil {
						babbling.Go(func() { m.babble(ctx, tc.babble, tc.every) })
					}
					start := time.Now()
					_, err := idcard.ReadOne(ctx, idcard.Config{Baud: baud, Open: func(int) idcard.Line { return m }}, nil)
					var f *idcard.Fault
					if !errors.As(err, &f) || f.Code != tc.want || f.Sentence == "" {
						t.Errorf("baud %d: %v, want %s", baud, err, tc.want)
					}
					took := time.Since(start)
					t.Logf("baud %d: %v after %v", baud, err, took)
					if took > promised {
						t.Errorf("baud %d: after %v", baud, took)
					}
				})
			})
		}
	}
}

func TestReadOneWaitsForACard(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newModule(healthy)
		ctx, stop := context.WithTimeout(t.Context(), time.Hour)
		defer stop()
		start := time.Now()
		_, err := idcard.ReadOne(ctx, idcard.Config{Baud: 9600, Open: func(int) idcard.Line { return m }}, nil)
		var f *idcard.Fault
		if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &f) || f.Code != idcard.TellNoCard {
			t.Errorf("%v", err)
		}
		if time.Since(start) != time.Hour {
			t.Errorf("after %v", time.Since(start))
		}
		gaps := 0
		for i := 1; i < len(m.asked); i++ {
			if m.asked[i].cmd == 0x2001 && m.asked[i-1].cmd == 0x2001 {
				gaps++
				if gap := m.asked[i].at.Sub(m.asked[i-1].at); gap < 300*time.Millisecond || gap > time.Second {
					t.Fatalf("finds are %v apart", gap)
				}
			}
		}
		if gaps < 3600 {
			t.Errorf("%d finds in an hour", gaps)
		}
	})
}

// A card that never reads is named when the time is over.
func TestReadOneSaysWhatWasWrong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newModule(withCard(func(m *module) { m.send(sw(idcard.CardRefused)) }))
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		_, err := idcard.ReadOne(ctx, idcard.Config{Baud: 9600, Open: func(int) idcard.Line { return m }}, nil)
		var f *idcard.Fault
		if !errors.As(err, &f) || f.Code != idcard.TellCounter || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
	})
}

// An answer that comes too late must not be taken for the answer to the next question.
func TestLateAnswers(t *testing.T) {
	t.Parallel()
	rec := record(t, "rec_resident.bin")
	for _, late := range []time.Duration{1005 * time.Millisecond, 1040 * time.Millisecond, 1500 * time.Millisecond, 2400 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			n := 0
			good := withCard(func(m *module) { m.send(sw(idcard.Done, baseData(rec)...)) })
			m := newModule(func(m *module, cmd uint16) {
				if n++; n%3 == 0 {
					time.AfterFunc(late, func() { good(m, cmd) })
					return
				}
				good(m, cmd)
			})
			ctx, stop := context.WithTimeout(t.Context(), time.Minute)
			defer stop()
			c, err := idcard.ReadOne(ctx, idcard.Config{Baud: 9600, Open: func(int) idcard.Line { return m }}, nil)
			if err != nil || c.Number != "11010519491231002X" {
				t.Errorf("%v late: %v %v", late, c, err)
			}
			time.Sleep(late)
		})
	}
}

func TestFingerprintsAreNeverAskedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newModule(withCard(func(m *module) { m.send(sw(idcard.BadCommand)) }))
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		_, _ = idcard.ReadOne(ctx, idcard.Config{Open: func(int) idcard.Line { return m }}, nil)
		if asked := m.commands(); slices.Contains(asked, 0x3010) || !slices.Contains(asked, 0x3001) {
			t.Errorf("asked %04X", asked)
		}
	})
}
