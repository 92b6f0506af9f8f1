package escpos_test

import (
	"bytes"
	"context"
	"testing"
	"testing/synctest"
	"time"

	"yitang/drivers/escpos"
	"yitang/drivers/port"
)

// fakeLine is a printer in memory, for the bounds of the production waits on a fake clock; the real bytes on a real line
// are tested against the simulator.
type fakeLine struct {
	rx    chan byte
	hear  func(l *fakeLine, b []byte) error // called for each write
	opens uint64
}

func (l *fakeLine) Write(ctx context.Context, b []byte) error {
	if err := l.hear(l, b); err != errHeldBack {
		return err
	}
	<-ctx.Done()
	return ctx.Err()
}

func (l *fakeLine) Read(ctx context.Context, buf []byte) (int, error) {
	select {
	case buf[0] = <-l.rx:
		return 1, nil
	default:
	}
	select {
	case buf[0] = <-l.rx:
		return 1, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func (l *fakeLine) Discard()      {}
func (l *fakeLine) Opens() uint64 { return l.opens }

var (
	_           escpos.Line = (*fakeLine)(nil)
	errHeldBack             = &port.DownError{Sentence: "only this test knows it: the far end takes nothing"}
)

// TestBounds holds Print to what its comment promises, to the millisecond: how long each kind of silence may last.
func TestBounds(t *testing.T) {
	status := func(l *fakeLine, b []byte) bool {
		if len(b) == 3 && b[0] == 0x10 && b[1] == 0x04 {
			l.rx <- 0x12
			return true
		}
		return false
	}
	gone := &port.DownError{Path: "fake", Reason: port.Unplugged, Sentence: "fake was unplugged"}
	for _, tt := range []struct {
		name      string
		hear      func(l *fakeLine, b []byte) error
		reason    escpos.Reason
		uncertain bool
		took      time.Duration // 0: the whole bound
	}{
		{"says nothing", func(*fakeLine, []byte) error { return nil }, escpos.NoAnswer, false, 2600 * time.Millisecond},
		{"takes nothing", func(*fakeLine, []byte) error { return errHeldBack }, escpos.LineBusy, false, 2600 * time.Millisecond},
		{"never says that the job is done", func(l *fakeLine, b []byte) error { status(l, b); return nil }, escpos.NoAnswer, true, 0},
		{"takes no job", func(l *fakeLine, b []byte) error {
			if status(l, b) {
				return nil
			}
			return errHeldBack
		}, escpos.LineBusy, true, 0},
		{"goes before the job", func(*fakeLine, []byte) error { return gone }, escpos.Unplugged, false, time.Nanosecond},
		{"goes with the job", func(l *fakeLine, b []byte) error {
			if status(l, b) {
				return nil
			}
			return gone
		}, escpos.Unplugged, true, time.Nanosecond},
		{"falls silent with the job", func(l *fakeLine, b []byte) error {
			if len(l.rx) == 0 && l.opens < 4 { // three statuses and the job
				status(l, b)
				l.opens++
			}
			return nil
		}, escpos.NoAnswer, true, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := escpos.ProfileFor(escpos.Generic80)
				job := bytes.Repeat([]byte("12345678\n"), 128) // a tenth of a second on the line
				line := &fakeLine{rx: make(chan byte, 16), hear: tt.hear}
				got := escpos.NewPrinter(line, p).Print(context.Background(), job)
				check(t, tt.name, got, escpos.Failed, tt.reason, tt.uncertain)
				// What Print promises: each status twice and two more, the job's time on the line twice, and the paper's way.
				bound := 8*p.ReplyTimeout + 2*onLine(len(job), p.Baud) + p.PrintTimeout
				if tt.took == 0 && got.Took != bound || tt.took > 0 && got.Took > tt.took {
					t.Errorf("took %v, want %v of at most %v", got.Took, tt.took, bound)
				}
			})
		})
	}
}

func onLine(n, baud int) time.Duration {
	return time.Duration(n) * 10 * time.Second / time.Duration(baud)
}
