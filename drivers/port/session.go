package port

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// readSize is what one read of the kernel asks for.
	readSize = 1024
	// givenUpWait lets the writer notice that its Write was given up.
	givenUpWait = 4 * writablePoll
)

// session is the line from one opening to the next closing.
type session struct {
	port   *Port
	line   line
	pieces chan piece    // unbuffered: the writer takes one at a time
	dead   chan struct{} // closed by fail
	once   sync.Once
	why    *DownError // set before dead is closed

	readerDone, writerDone chan struct{}
	waitingSince           atomic.Int64 // unix ns since when the writer has a piece and no progress, 0 = none
}

type piece struct {
	ctx  context.Context // of the Write it belongs to: whoever gave up must not be printed later
	data []byte
	done chan error // buffered
}

func newSession(p *Port, l line) *session {
	s := &session{
		port: p, line: l, pieces: make(chan piece), dead: make(chan struct{}),
		readerDone: make(chan struct{}), writerDone: make(chan struct{}),
	}
	go s.read()
	go s.write()
	return s
}

// fail ends the session; the first reason counts.
func (s *session) fail(why *DownError) {
	s.once.Do(func() {
		s.why = why
		close(s.dead)
	})
}

func (s *session) failed() bool {
	select {
	case <-s.dead:
		return true
	default:
		return false
	}
}

// read is the reader goroutine. Each round takes a byte, the read timeout, or earlyEOFPause: it never spins.
func (s *session) read() {
	defer close(s.readerDone)
	buf := make([]byte, readSize)
	early := 0
	for !s.failed() {
		start := time.Now()
		n, err := s.line.Read(buf)
		s.watchWriter()
		if n > 0 {
			early = 0
			s.port.received(buf[:n])
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			s.fail(unplugged(s.port.cfg.Path, err))
			return
		}
		early = s.endOfFile(early, time.Since(start))
	}
}

// endOfFile tells a read timeout from the end of file of a device that hung up, and returns the early ones in a row.
func (s *session) endOfFile(early int, after time.Duration) int {
	if err := s.line.Alive(); err != nil {
		s.fail(unplugged(s.port.cfg.Path, err))
		return early
	}
	if after >= s.port.cfg.ReadTimeout/2 {
		return 0
	}
	if early++; early >= earlyEOFs {
		s.fail(unplugged(s.port.cfg.Path, io.ErrUnexpectedEOF))
		return early
	}
	time.Sleep(earlyEOFPause)
	return early
}

// watchWriter is the watchdog over the writer; the reader comes by at least every read timeout.
func (s *session) watchWriter() {
	since := s.waitingSince.Load()
	if since == 0 {
		return
	}
	if waited := time.Since(time.Unix(0, since)); waited > s.port.cfg.WriteStall {
		s.fail(stalled(s.port.cfg.Path, waited))
	}
}

// write is the writer goroutine.
func (s *session) write() {
	defer close(s.writerDone)
	for {
		select {
		case p := <-s.pieces:
			s.waitingSince.Store(time.Now().UnixNano())
			err := s.send(p)
			s.waitingSince.Store(0)
			p.done <- err
		case <-s.dead:
			return
		}
	}
}

// send waits for room first: a write(2) that has to wait could not be given up.
func (s *session) send(p piece) error {
	for {
		if s.failed() {
			return s.why
		}
		if err := p.ctx.Err(); err != nil {
			return err
		}
		ready, err := s.line.Writable(writablePoll)
		if err != nil {
			s.fail(unplugged(s.port.cfg.Path, err))
			return s.why
		}
		if ready && p.ctx.Err() == nil {
			break
		}
	}
	if _, err := s.line.Write(p.data); err != nil {
		s.fail(unplugged(s.port.cfg.Path, err))
		return s.why
	}
	return nil
}

// writePiece passes a copy of b to the writer and waits for it to be written.
func (s *session) writePiece(ctx context.Context, b []byte) error {
	p := piece{ctx: ctx, data: append([]byte(nil), b...), done: make(chan error, 1)}
	select {
	case s.pieces <- p:
	case <-s.dead:
		return s.why
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-p.done:
		return err
	case <-s.dead:
		return s.why
	case <-ctx.Done():
	}
	select { // so that the count of what was sent is right, unless the kernel holds the writer
	case err := <-p.done:
		return err
	case <-time.After(givenUpWait):
		return ctx.Err()
	}
}

// end closes the line within about half a second. A writer stuck in the kernel keeps the descriptors until it is let
// go; the lock is released at once, so that the device may be opened again.
func (s *session) end(closing bool) {
	s.fail(closedError(s.port.cfg.Path))
	if !closing || !s.drained() {
		s.line.Flush(true) // or the kernel's close would wait for a far end that takes nothing, up to 30 s
	}
	s.line.Release()
	finished := make(chan struct{})
	s.port.stuck.Add(1)
	go func() {
		defer close(finished)
		<-s.readerDone
		<-s.writerDone
		_ = s.line.Close() // the device is gone or given up: nothing to do about an error
		s.port.stuck.Add(-1)
	}()
	select {
	case <-finished:
	case <-time.After(s.port.cfg.ReadTimeout + stuckWriterPatience):
	}
}

// drained gives the bytes of the last Write time to leave and reports whether they did.
func (s *session) drained() bool {
	for until := time.Now().Add(drainWait); s.line.Unsent() > 0; time.Sleep(earlyEOFPause) {
		if time.Now().After(until) {
			return false
		}
	}
	return true
}
