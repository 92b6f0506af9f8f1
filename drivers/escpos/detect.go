package escpos

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrSpeaksUnasked is something on the line that is no printer, or a printer at another baud rate.
var ErrSpeaksUnasked = errors.New("something speaks here unasked: no printer, or one at another baud rate")

// detectQuiet is how long a printer that was not asked, or has answered, must say nothing.
const detectQuiet = 200 * time.Millisecond

// Detect says whether a printer is on the line, and its status. Half a babbling device's bytes look like answers, so the
// line must be quiet before the questions and after the answers. It blocks at most twice detectQuiet and ReplyTimeout a question.
func (p *Printer) Detect(ctx context.Context) (Status, error) {
	if err := p.quiet(ctx); err != nil {
		return Status{}, err
	}
	s, err := p.Status(ctx)
	if err != nil {
		return Status{}, err
	}
	return s, p.quiet(ctx)
}

func (p *Printer) quiet(ctx context.Context) error {
	if err := p.acquire(ctx); err != nil {
		return fmt.Errorf("escpos: detect: %w", err)
	}
	defer p.release()
	listen, stop := context.WithTimeout(ctx, detectQuiet)
	defer stop()
	var buf [1]byte
	switch n, err := p.line.Read(listen, buf[:]); {
	case n > 0:
		return ErrSpeaksUnasked
	case ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded):
		return nil
	default:
		return fmt.Errorf("escpos: detect: %w", err)
	}
}
