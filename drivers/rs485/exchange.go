package rs485

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// unit is a device and what is known of it.
type unit struct {
	name    string
	device  Device
	up      bool
	proven  bool
	why     Code // while down; "" when nothing was told yet
	missed  int  // turns in a row without a good answer
	retryAt time.Time
	backoff time.Duration
}

// afresh forgets failures that may have been the line's.
func (u *unit) afresh() { u.missed, u.retryAt, u.backoff = 0, time.Time{}, 0 }

// answer is what one turn brought.
type answer struct {
	heard   int // bytes that were no answer
	good    bool
	refused error
}

func (a answer) fault() *Fault {
	switch {
	case a.refused != nil:
		return fault(WhyRefuses, a.refused)
	case a.heard > 0:
		return fault(WhyBabbling, fmt.Errorf("no answer in %d bytes", a.heard))
	default:
		return fault(WhySilent, errors.New("no answer"))
	}
}

// exchange sends one frame and, when it is owed, waits for the answer, at most Timing.Answer for each of the two. The
// error is the line's; a missing answer is no error.
func (b *Bus) exchange(ctx context.Context, line Line, u *unit, frame []byte, owed bool) error {
	if b.cfg.Echo {
		b.echo = slices.Clone(frame)
	}
	err := b.send(ctx, line, frame)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil { // the far side of the line takes no bytes
		b.missed(ctx, u, answer{})
		return nil
	}
	if err != nil {
		return err
	}
	if !owed {
		b.sent(ctx, u)
		return nil
	}
	a, err := b.await(ctx, line, u)
	if err == nil && !a.good {
		b.missed(ctx, u, a)
	}
	return err
}

func (b *Bus) send(ctx context.Context, line Line, frame []byte) error {
	ctx, stop := context.WithTimeout(ctx, b.cfg.Timing.Answer)
	defer stop()
	return line.Write(ctx, frame)
}

func (b *Bus) await(ctx context.Context, line Line, asked *unit) (answer, error) {
	var a answer
	whole, stop := context.WithTimeout(ctx, b.cfg.Timing.Answer)
	defer stop()
	for !a.good && a.refused == nil {
		n, err := b.read(ctx, whole, line, asked, &a)
		if err != nil {
			return a, err
		}
		if a.heard += n; whole.Err() != nil {
			break
		}
	}
	return a, ctx.Err()
}

// listen hears what is said unasked for d; with d of 0 and less, what has been said already.
func (b *Bus) listen(ctx context.Context, line Line, d time.Duration) error {
	whole, stop := context.WithTimeout(ctx, d)
	defer stop()
	for {
		if _, err := b.read(ctx, whole, line, nil, nil); err != nil {
			return err
		}
		if whole.Err() != nil {
			return ctx.Err()
		}
	}
}

// read waits for bytes until whole ends and lets every device hear them. It says how many there were; that whole ended
// is no error.
func (b *Bus) read(ctx, whole context.Context, line Line, asked *unit, a *answer) (int, error) {
	n, err := line.Read(whole, b.chunk[:])
	chunk := b.withoutEcho(b.chunk[:n])
	for _, u := range b.units {
		answered, refused := u.device.Hear(chunk)
		if answered && refused == nil {
			b.alive(ctx, u)
		}
		if answered && u == asked {
			a.good, a.refused = refused == nil, refused
		}
	}
	if err != nil && ctx.Err() == nil && whole.Err() != nil && errors.Is(err, context.DeadlineExceeded) {
		err = nil
	}
	return len(chunk), err
}

// withoutEcho takes away what the adapter hears of our own frame, as far as it is what was sent.
func (b *Bus) withoutEcho(chunk []byte) []byte {
	for len(b.echo) > 0 && len(chunk) > 0 {
		if chunk[0] != b.echo[0] { // a collision, or an adapter without echo
			b.echo = nil
			return chunk
		}
		b.echo, chunk = b.echo[1:], chunk[1:]
	}
	return chunk
}

// alive is told of every good frame of a unit, asked or not.
func (b *Bus) alive(ctx context.Context, u *unit) {
	u.afresh()
	if u.up && u.proven {
		return
	}
	u.up, u.proven, u.why = true, true, ""
	b.emit(ctx, Event{Unit: u.name, Up: true, Proven: true})
}

// sent is told of a frame that asks for no answer; it says nothing of a unit that is missing the answers it owes.
func (b *Bus) sent(ctx context.Context, u *unit) {
	if u.up || u.missed > 0 {
		return
	}
	u.up, u.proven, u.why = true, false, ""
	b.emit(ctx, Event{Unit: u.name, Up: true})
}

// missed counts a turn without a good answer. The first ones are tried again in the next turn.
func (b *Bus) missed(ctx context.Context, u *unit, a answer) {
	if u.missed++; u.missed < missMax {
		return
	}
	t := b.cfg.Timing
	u.backoff = min(max(2*u.backoff, t.RetryMin), t.RetryMax)
	u.retryAt = time.Now().Add(u.backoff)
	b.down(ctx, u, a.fault())
}

func (b *Bus) down(ctx context.Context, u *unit, f *Fault) {
	if u.why == f.Code {
		return
	}
	u.up, u.proven, u.why = false, false, f.Code
	b.emit(ctx, Event{Unit: u.name, Fault: f})
}
