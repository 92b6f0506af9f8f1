package idcard

import (
	"context"
	"errors"
	"fmt"
	"time"

	"yitang/drivers/port"
)

// Line is what the driver needs of a serial line; [port.Port] is one. Read with a ctx that has ended takes what is
// there without waiting.
type Line interface {
	WaitUp(ctx context.Context) error
	Read(ctx context.Context, buf []byte) (int, error)
	Write(ctx context.Context, b []byte) error
	Close() error
}

var _ Line = (*port.Port)(nil)

const (
	chunkSize = 512
	// settleMax is how many quiet periods a line gets to become quiet.
	settleMax = 10
	// A module never speaks unasked. This many exchanges in a row with at least a short frame's worth of bytes that
	// nobody asked for, and the reader counts as babbling, also when the bytes look like answers.
	//
	// A reply that is not found in heardMax bytes will not come.
	heardMax     = 2 * MaxFrame
	unaskedFrame = headSize + minLength
	unaskedLimit = 8
)

// missed is an exchange without answer.
type missed struct{ heard int } // bytes that came and were no answer

func (m *missed) Error() string {
	if m.heard == 0 {
		return "no answer"
	}
	return fmt.Sprintf("no answer in %d bytes", m.heard)
}

func (m *missed) fault() *Fault {
	if m.heard == 0 {
		return fault(WhySilent, m)
	}
	return fault(WhyBabbling, m)
}

// wait bounds one exchange: to the first byte, between two bytes, and to the end of the reply.
type wait struct{ first, gap, whole time.Duration }

// link does one exchange after the other on a line. One goroutine uses it.
type link struct {
	line    Line
	quiet   time.Duration
	parser  Parser
	chunk   [chunkSize]byte
	dirty   bool // the last exchange failed: what it left behind may still be coming
	unasked int  // exchanges in a row before which the module had spoken
}

// ask sends a request and gives every reply to take until one fits (take returns true). Errors: *missed, *Fault for a
// babbling module, or what the line or ctx says. It blocks at most for wait.whole and settleMax quiet periods.
func (l *link) ask(ctx context.Context, cmd Command, w wait, take func(Reply) bool) error {
	if err := l.prepare(ctx); err != nil {
		return err
	}
	defer l.parser.Reset()
	whole, stop := context.WithTimeout(ctx, w.whole)
	defer stop()
	if err := l.line.Write(whole, EncodeRequest(cmd)); err != nil {
		return l.failed(ctx, err, 0)
	}
	return l.await(ctx, whole, w, take)
}

func (l *link) await(ctx, whole context.Context, w wait, take func(Reply) bool) error {
	fits := false
	see := func(r Reply) { fits = fits || take(r) }
	heard, limit := 0, w.first
	for {
		n, err := l.read(whole, limit, see)
		if err == nil {
			err = whole.Err() // Read never has to wait while a module babbles
		}
		if err != nil && !fits {
			l.parser.Resync(see) // noise may have swallowed the answer
		}
		if fits {
			return nil
		}
		if heard += n; heard > heardMax && err == nil {
			err = context.DeadlineExceeded
		}
		if err != nil {
			return l.failed(ctx, err, heard)
		}
		limit = w.gap
	}
}

// read waits at most d for bytes and feeds them to the parser. The buffer is zeroed: it may hold a person's record.
func (l *link) read(ctx context.Context, d time.Duration, see func(Reply)) (int, error) {
	ctx, stop := context.WithTimeout(ctx, d)
	defer stop()
	n, err := l.line.Read(ctx, l.chunk[:])
	l.parser.Feed(l.chunk[:n], see)
	clear(l.chunk[:n])
	return n, err
}

// failed sorts what ended an exchange: our own time is *missed, everything else stays what it is.
func (l *link) failed(ctx context.Context, err error, heard int) error {
	l.dirty = true
	if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return &missed{heard: heard}
	}
	return err
}

// prepare makes sure that what comes next answers what is asked next.
func (l *link) prepare(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if l.dirty {
		return l.settle(ctx)
	}
	if l.drop(ctx) < unaskedFrame {
		l.unasked = 0
		return nil
	}
	if l.unasked++; l.unasked >= unaskedLimit {
		return fault(WhyBabbling, errors.New("the module speaks unasked"))
	}
	return nil
}

// drop takes what has come without waiting and says how many bytes it was.
func (l *link) drop(ctx context.Context) int {
	now, stop := context.WithCancel(ctx)
	stop()
	total := 0
	for total < port.ReceiveMax {
		n, err := l.line.Read(now, l.chunk[:])
		clear(l.chunk[:n])
		total += n
		if err != nil || n == 0 {
			break
		}
	}
	return total
}

// settle waits for a quiet line. One that does not become quiet counts as an exchange without answer.
func (l *link) settle(ctx context.Context) error {
	heard := 0
	for range settleMax {
		pause(ctx, l.quiet)
		n := l.drop(ctx)
		if n == 0 {
			l.dirty = false
			return ctx.Err()
		}
		heard += n
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return &missed{heard: heard}
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
