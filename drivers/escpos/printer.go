package escpos

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"yitang/drivers/port"
)

// Line is what a Printer needs of a serial line; *port.Port is one. Errors of a line that is down wrap port.ErrDown. Read
// gives the bytes that are there even when ctx has ended.
type Line interface {
	Write(ctx context.Context, b []byte) error
	Read(ctx context.Context, buf []byte) (int, error)
	Discard()
	Opens() uint64 // how often it was opened: bytes written before the last time may have been lost
}

var _ Line = (*port.Port)(nil)

// unproven is what is known of a job that was sent to a printer that seemed well.
const unproven = "the printer did not say that the receipt is on paper: look whether it is"

// Bounds of a conversation.
const (
	// A device that babbles faster than it is read is not read for ever.
	takeInMax  = 1 << 10
	askTries   = 2                      // of one status: an answer may be lost to noise
	probeEvery = 500 * time.Millisecond // while waiting for a job's answer, the printer is asked whether it is well
	quietTime  = 300 * time.Millisecond // without an answer, none is under way
	owedMax    = 8
	tornFeed   = 5  // lines after a torn job, where there is no knife
	bitsByte   = 10 // 8N1
)

// Printer prints jobs one at a time on a line it does not own. Its methods may be called from several goroutines.
type Printer struct {
	line    Line
	profile Profile
	busy    chan struct{} // held by whoever talks to the printer

	parser ReplyParser // the rest is owned by the holder of busy
	status Status
	early  []byte // answers to GS r that came while another answer was awaited
	owed   int    // answers to GS r that did not come: they may come later and belong to no new job
	torn   bool   // the last job may have ended in the middle, perhaps inside a raster
	opens  uint64 // of the line, when it was last written to; 0: never
}

// NewPrinter returns a printer on line.
func NewPrinter(line Line, profile Profile) *Printer {
	return &Printer{line: line, profile: profile, busy: make(chan struct{}, 1)}
}

// Profile is what the printer was said to be able to do.
func (p *Printer) Profile() Profile { return p.profile }

func (p *Printer) acquire(ctx context.Context) error {
	select {
	case p.busy <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *Printer) release() { <-p.busy }

// Print prints the bytes of Encode or Builder.Bytes. It asks the printer first, so that one out of paper gets nothing;
// it blocks until the printer has answered, at most ReplyTimeout for each status, then twice the time the line needs and
// PrintTimeout, and less when ctx ends.
func (p *Printer) Print(ctx context.Context, job []byte) Result {
	start := time.Now()
	r := p.print(ctx, job)
	if r.Outcome == Failed && r.Message == "" {
		r.Message = r.Reason.Sentence()
		if r.Reason == NoAnswer && r.Uncertain {
			r.Message = unproven
		}
	}
	r.Took = time.Since(start)
	return r
}

func (p *Printer) print(ctx context.Context, job []byte) Result {
	if err := p.acquire(ctx); err != nil {
		return failure(err, LineBusy)
	}
	defer p.release()
	ctx, cancel := context.WithTimeout(ctx, p.timeFor(len(job)+len(p.mending())))
	defer cancel()
	if r, ok := p.ready(ctx); !ok {
		return r
	}
	if err := p.settle(ctx); err != nil {
		return failure(err, NoAnswer)
	}
	if p.profile.Confirms {
		p.takeIn()
		p.early = nil // what came before the job answers nothing behind it: noise, or an answer that came late
		job = append(append([]byte(nil), job...), gs, 'r', 1)
	}
	if err := p.send(ctx, job); err != nil {
		if p.profile.Confirms {
			p.owed = min(p.owed+1, owedMax)
		}
		p.torn = true
		r := failure(err, NoAnswer)
		r.Uncertain = true
		return r
	}
	if !p.profile.Confirms {
		return Result{Outcome: Sent, Warning: p.warning()}
	}
	return p.confirm(ctx)
}

// errHeld means that the far end held the line back until the time was up.
var errHeld = errors.New("escpos: the printer takes no bytes")

// send writes b, and tells a line that is held from one that is silent.
func (p *Printer) send(ctx context.Context, b []byte) error {
	err := p.line.Write(ctx, b)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: %w", errHeld, err)
	}
	return err
}

// timeFor bounds a job of n bytes: its time on the line twice, the statuses before it, and the paper's way.
func (p *Printer) timeFor(n int) time.Duration {
	onLine := time.Duration(n) * bitsByte * time.Second / time.Duration(max(p.profile.Baud, 1))
	asks := time.Duration(len(p.profile.Asks)*askTries+askTries) * p.profile.ReplyTimeout
	return 2*onLine + asks + p.profile.PrintTimeout
}

// ready asks for the statuses the profile knows; ok when the printer can print.
func (p *Printer) ready(ctx context.Context) (Result, bool) {
	if !p.profile.TwoWay {
		if err := p.mend(ctx); err != nil {
			return failure(err, NoAnswer), false
		}
		return Result{}, true
	}
	if err := p.ask(ctx); err != nil {
		return failure(err, NoAnswer), false
	}
	if reason := p.status.Reason(); reason != "" {
		return Result{Outcome: Failed, Reason: reason}, false
	}
	return Result{}, true
}

// ask refreshes the status at the start of a conversation: what came before answers nothing.
func (p *Printer) ask(ctx context.Context) error {
	p.line.Discard()
	p.parser, p.early = ReplyParser{}, nil
	if err := p.mend(ctx); err != nil {
		return err
	}
	return p.probe(ctx)
}

// probe refreshes the status. Answers to GS r that come meanwhile are kept.
func (p *Printer) probe(ctx context.Context) error {
	p.status = Status{}
	for _, n := range p.profile.Asks {
		if err := p.askOne(ctx, n); err != nil {
			return err
		}
	}
	if p.status.Error && !slices.Contains(p.profile.Asks, 3) {
		_ = p.askOne(ctx, 3) // the cause, where the printer knows this question
	}
	return nil
}

func (p *Printer) askOne(ctx context.Context, n byte) (err error) {
	for range askTries {
		if err = p.question(ctx, n); err == nil || errors.Is(err, port.ErrDown) || ctx.Err() != nil {
			return err
		}
		// A late answer must not be taken for the next question's.
		_, _ = p.await(ctx, RealTimeReply, quietTime)
	}
	return fmt.Errorf("escpos: status %d: %w", n, err)
}

func (p *Printer) question(ctx context.Context, n byte) error {
	ctx, cancel := context.WithTimeout(ctx, p.profile.ReplyTimeout)
	defer cancel()
	p.takeIn()
	if err := p.send(ctx, []byte{dle, eot, n}); err != nil {
		return err
	}
	r, err := p.await(ctx, RealTimeReply, p.profile.ReplyTimeout)
	if err == nil {
		p.status.Apply(n, r.Bytes[0])
	}
	return err
}

// takeIn reads what is there without waiting: an answer that came twice must not be taken for the next question's.
func (p *Printer) takeIn() {
	over, cancel := context.WithCancel(context.Background())
	cancel()
	for range takeInMax {
		if _, err := p.await(over, RealTimeReply, 0); err != nil {
			return
		}
	}
}

// await reads until a reply of that kind comes. Automatic reports that come meanwhile are taken in, and answers to GS r
// are kept for the await that wants them.
func (p *Printer) await(ctx context.Context, want ReplyKind, patience time.Duration) (Reply, error) {
	if want == BufferedReply && len(p.early) > 0 {
		r := Reply{Kind: want, Bytes: [4]byte{p.early[0]}}
		p.early = p.early[1:]
		return r, nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var buf [1]byte // a byte at a time: what follows the reply belongs to the next await
	for {
		if _, err := p.line.Read(ctx, buf[:]); err != nil {
			return Reply{}, err
		}
		r, ok := p.parser.Feed(buf[0])
		switch {
		case !ok:
		case r.Kind == want:
			return r, nil
		case r.Kind == AutoReply:
			p.status.ApplyAuto(r.Bytes)
		case r.Kind == BufferedReply && len(p.early) < owedMax:
			p.early = append(p.early, r.Bytes[0])
		}
	}
}

// mending is what ends a torn job, nil after a whole one: NUL fills up a raster that it left open, which would swallow
// the next job, and prints nothing elsewhere; then its settings are forgotten and its paper is cut off or fed out, so that the next
// receipt stands alone. The line's being opened anew makes the last job a torn one, also where nobody heard of it.
func (p *Printer) mending() []byte {
	n := p.line.Opens()
	p.torn = p.torn || p.opens != 0 && p.opens != n
	p.opens = n
	if !p.torn {
		return nil
	}
	b := append(make([]byte, bandBytes), esc, '@')
	if p.profile.Cutter {
		return append(b, gs, 'V', byte(CutFeed), p.profile.CutDots)
	}
	return append(b, esc, 'd', tornFeed)
}

// mend ends a torn job.
func (p *Printer) mend(ctx context.Context) error {
	b := p.mending()
	if b == nil {
		return nil
	}
	if err := p.send(ctx, b); err != nil {
		return err
	}
	p.torn = false
	return nil
}

// settle takes in the answers that jobs given up still have to come, so that none is taken for the next job's: it asks
// once more and reads until that answer, which comes after them, or until silence.
func (p *Printer) settle(ctx context.Context) error {
	if p.owed == 0 {
		return nil
	}
	if err := p.send(ctx, []byte{gs, 'r', 1}); err != nil {
		return err
	}
	patience := p.profile.PrintTimeout
	for answers := 0; answers <= p.owed; answers++ {
		if _, err := p.await(ctx, BufferedReply, patience); err != nil {
			p.torn = p.torn || answers == 0 // a question inside a picture that was left open is part of the picture
			if answers == 0 || errors.Is(err, port.ErrDown) || ctx.Err() != nil {
				return err
			}
			break // it was switched off meanwhile and forgot the others
		}
		patience = max(quietTime, p.profile.ReplyTimeout)
	}
	p.owed = 0
	return nil
}

// confirm waits for the answer behind the job, and meanwhile asks whether the printer is well.
func (p *Printer) confirm(ctx context.Context) Result {
	for {
		r, err := p.await(ctx, BufferedReply, probeEvery)
		if err == nil {
			p.status.ApplyBuffered(r.Bytes[0])
			return Result{Outcome: Printed, Warning: p.warning()}
		}
		if errors.Is(err, port.ErrDown) || ctx.Err() != nil {
			return p.givenUp(ctx, err)
		}
		if err := p.probe(ctx); errors.Is(err, port.ErrDown) {
			return p.givenUp(ctx, err)
		}
		// A hot head passes; any other trouble holds the job back until somebody comes.
		if reason := p.status.Reason(); reason != "" && reason != HeadHot && len(p.early) == 0 {
			return p.stopped(ctx, reason)
		}
	}
}

// stopped is the end of a job that the printer holds back.
func (p *Printer) stopped(ctx context.Context, reason Reason) Result {
	p.owed = min(p.owed+1, owedMax)
	if p.profile.CanCancel && (reason == CutterError || reason == PaperJam || reason == PrinterError) {
		_ = p.line.Write(ctx, []byte{dle, enq, 2}) // drop the rest of the job; the result stays the same without it
	}
	return Result{Outcome: Failed, Reason: reason, Uncertain: true}
}

// givenUp is the end of a job whose answer did not come.
func (p *Printer) givenUp(ctx context.Context, err error) Result {
	p.owed = min(p.owed+1, owedMax)
	silence := NoAnswer
	if reason := p.status.Reason(); reason != "" {
		silence = reason
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	// What the printer had is lost when it was switched off and on, and then nothing is heard of the job.
	p.torn = p.torn || silence == NoAnswer
	r := failure(err, silence)
	r.Uncertain = true
	return r
}

func (p *Printer) warning() Reason {
	if p.status.PaperLow || p.status.PaperOut { // out: this job was the last that the roll had room for
		return PaperLow
	}
	return ""
}

// failure turns an error of the line into a result; timeout is what it means that ctx ended.
func failure(err error, timeout Reason) Result {
	r := Result{Outcome: Failed, Reason: timeout}
	var down *port.DownError
	switch {
	case errors.As(err, &down):
		r.Reason, r.Message = Unplugged, down.Sentence
		switch down.Reason {
		case port.Busy, port.Stalled:
			r.Reason = LineBusy
		case port.Closed:
			r.Reason = Cancelled
		}
	case errors.Is(err, context.Canceled):
		r.Reason = Cancelled
	case errors.Is(err, errHeld):
		r.Reason = LineBusy
	}
	return r
}

// Status asks the printer how it is. It blocks at most ReplyTimeout twice for each status of the profile; the error says
// that the printer did not answer or the line is down. A printer on a one-way cable is always well.
func (p *Printer) Status(ctx context.Context) (Status, error) {
	if err := p.acquire(ctx); err != nil {
		return Status{}, fmt.Errorf("escpos: status: %w", err)
	}
	defer p.release()
	if !p.profile.TwoWay {
		return Status{}, nil
	}
	err := p.ask(ctx)
	return p.status, err
}

// Identity is who a printer says it is.
type Identity struct{ Maker, Model string }

// What GS I is asked for.
const (
	askMaker = 0x42
	askModel = 0x43
)

// Identify asks a printer whose profile has Names for its maker and model. It blocks at most ReplyTimeout twice.
func (p *Printer) Identify(ctx context.Context) (Identity, error) {
	if err := p.acquire(ctx); err != nil {
		return Identity{}, fmt.Errorf("escpos: identify: %w", err)
	}
	defer p.release()
	p.line.Discard()
	p.parser = ReplyParser{}
	var id Identity
	for _, q := range []struct {
		n    byte
		into *string
	}{{askMaker, &id.Maker}, {askModel, &id.Model}} {
		if err := p.send(ctx, []byte{gs, 'I', q.n}); err != nil {
			return id, fmt.Errorf("escpos: identify: %w", err)
		}
		r, err := p.await(ctx, TextReply, p.profile.ReplyTimeout)
		if err != nil {
			return id, fmt.Errorf("escpos: identify: %w", err)
		}
		*q.into = r.Text
	}
	return id, nil
}
