package idcard

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// session is one opened line and what its module said of itself.
type session struct {
	link   link
	timing Timing
	sam    SAMNumber
}

func newSession(line Line, t Timing) *session {
	return &session{link: link{line: line, quiet: t.Quiet, dirty: true}, timing: t}
}

func (s *session) close() { _ = s.link.line.Close() } // a line the kernel holds is the port's to report

func (s *session) short() wait {
	return wait{first: s.timing.Short, gap: s.timing.Short, whole: 2 * s.timing.Short}
}

// detect tells whether a module answers at this baud rate. Two short tries also catch an answer that is late for one.
func (s *session) detect(ctx context.Context) *Fault {
	w := wait{first: s.timing.Detect, gap: s.timing.Detect, whole: s.timing.Detect}
	return s.test(ctx, w, detectTries)
}

// hello is the start of every conversation: self test, then the number of the security module. An answer that got lost
// is asked for again.
func (s *session) hello(ctx context.Context) *Fault {
	if f := s.test(ctx, s.short(), missMax); f != nil {
		return f
	}
	st, err := s.number(ctx)
	for m, tries := (*missed)(nil), 1; errors.As(err, &m) && tries < missMax; tries++ {
		st, err = s.number(ctx)
	}
	if err != nil {
		return asFault(err)
	}
	if code, ends := st.ends(); ends {
		return fault(code, statusError(st))
	}
	return nil
}

// number asks for the number of the security module.
func (s *session) number(ctx context.Context) (Status, error) {
	return s.command(ctx, CmdSAM, s.short(), func(r Reply) bool {
		number, err := ParseSAM(r.Data)
		if r.Status == Done && err == nil {
			s.sam = number
		}
		return r.Status != Done || err == nil
	})
}

// test asks for the self test until it is passed, at most tries times.
func (s *session) test(ctx context.Context, w wait, tries int) *Fault {
	var last *Fault
	for range tries {
		st, err := s.command(ctx, CmdStatus, w, plain)
		var m *missed
		switch {
		case errors.As(err, &m):
			last = m.fault()
			continue
		case err != nil:
			return asFault(err)
		case st == Done:
			return nil
		}
		if code, ends := st.ends(); ends {
			return fault(code, statusError(st))
		}
		last = fault(WhyRefuses, statusError(st))
		pause(ctx, s.timing.Poll)
	}
	return last
}

// command asks, and once more when the module says that it misheard or failed by chance. It returns the status of the
// reply that fits.
func (s *session) command(ctx context.Context, cmd Command, w wait, fits func(Reply) bool) (Status, error) {
	var st Status
	take := func(r Reply) bool {
		if !fits(r) {
			return false
		}
		st = r.Status
		return true
	}
	err := s.link.ask(ctx, cmd, w, take)
	if err == nil && st.transient() {
		err = s.link.ask(ctx, cmd, w, take)
	}
	return st, err
}

func statusError(st Status) error { return fmt.Errorf("module answered %v", st) }

// The shapes of replies keep a late answer from being taken for the answer to the next question.

func plain(r Reply) bool { return r.Status != Found && len(r.Data) == 0 }

func finding(r Reply) bool {
	return r.Status == Found || r.Status != Done && len(r.Data) == 0
}

func selecting(r Reply) bool {
	if r.Status == Done {
		return len(r.Data) == selectedSize
	}
	return r.Status != Found && r.Status != NoCard
}

func lying(r Reply) bool {
	return r.Status != Found && (r.Status != Done || len(r.Data) >= addressSize)
}

const (
	selectedSize = 8  // bytes that select gives
	addressSize  = 70 // each additional address
)

// read asks for the record. A reply that got lost or damaged on the line is asked for once more without a new find:
// for the module the card is read, and find would not give it again before it is lifted. That is not tried when the
// first try took all its time, which only a babbling module needs.
func (s *session) read(ctx context.Context) (Card, Status, error) {
	var card Card
	var bad error
	take := func(r Reply) bool {
		if r.Status != Done {
			return r.Status != Found && r.Status != NoCard
		}
		if len(r.Data) <= samSize { // a late answer to something else
			return false
		}
		card, bad = ParseBase(r.Data)
		return true
	}
	w := wait{first: s.timing.Record, gap: s.timing.Gap, whole: s.timing.RecordAll}
	start := time.Now()
	st, err := s.command(ctx, CmdRead, w, take)
	if m := (*missed)(nil); errors.As(err, &m) && time.Since(start) < w.whole {
		st, err = s.command(ctx, CmdRead, w, take)
	}
	if err != nil {
		return Card{}, 0, err
	}
	card.SAM = s.sam
	return card, st, bad
}
