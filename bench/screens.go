package bench

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A stuck screen has room for next to nothing, or loopback's large buffers would hide a server that waits for it.
const (
	stuckBuffer  = 2304 // bytes; the kernel doubles it
	stuckSegment = 536
	headBytes    = 2 << 10 // of a message: enough for the newest call
	opText       = 1
	opClose      = 8
	opPing       = 9
	handshake    = 10 * time.Second
)

// wall is all screens together.
type wall struct {
	conns []net.Conn
	done  sync.WaitGroup

	mu      sync.Mutex
	up      int      // screens that have their snapshot
	seqs    []uint64 // newest call, by screen
	want    uint64
	left    int
	reached chan time.Time
}

// hangScreens connects all screens and waits until each that reads has its snapshot.
func (l *load) hangScreens(ctx context.Context) (*wall, error) {
	w := &wall{seqs: make([]uint64, l.size.Screens)}
	for i := range l.size.Screens + l.size.Stuck {
		path := "/ws/screens/" + l.target.Screens[0]
		conn, err := dialScreen(ctx, l.target.Addr, path, l.target.ScreenToken, i >= l.size.Screens)
		if err != nil {
			w.close()
			return nil, err
		}
		w.conns = append(w.conns, conn)
		if i < l.size.Screens {
			w.done.Go(func() { w.watch(i, conn) })
		}
	}
	for deadline := time.Now().Add(screenWait); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if w.connected() == l.size.Screens {
			return w, nil
		}
	}
	w.close()
	return nil, fmt.Errorf("bench: only %d of %d screens got a snapshot", w.connected(), l.size.Screens)
}

func (w *wall) connected() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.up
}

func (w *wall) close() {
	for _, c := range w.conns {
		_ = c.Close()
	}
	w.done.Wait()
}

// expect returns a channel that gets the time at which the last screen has seen a call of at least seq.
func (w *wall) expect(seq uint64) <-chan time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.want, w.left, w.reached = seq, 0, make(chan time.Time, 1)
	for _, s := range w.seqs {
		if s < seq {
			w.left++
		}
	}
	return w.reached
}

// newest is the newest call that any screen has seen.
func (w *wall) newest() (n uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.seqs {
		n = max(n, s)
	}
	return n
}

func (w *wall) missing() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.left
}

func (w *wall) saw(screen int, seq uint64, first bool) {
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	if first {
		w.up++
	}
	if w.seqs[screen] < w.want && seq >= w.want {
		if w.left--; w.left == 0 {
			w.reached <- now
		}
	}
	w.seqs[screen] = seq
}

// watch reads frames until the connection ends.
func (w *wall) watch(screen int, conn net.Conn) {
	in := bufio.NewReaderSize(conn, 16<<10)
	first := true
	for {
		op, head, err := readFrame(in)
		if err != nil || op == opClose {
			return
		}
		switch op {
		case opPing:
			_, _ = conn.Write([]byte{0x8A, 0x80, 0, 0, 0, 0}) // an empty pong, masked as a client's must be (RFC 6455, 5.3)
		case opText:
			if seq, ok := newestCall(head); ok {
				w.saw(screen, seq, first)
				first = false
			}
		}
	}
}

// readFrame reads one unmasked frame (RFC 6455, 5.2) and returns its first bytes.
func readFrame(in *bufio.Reader) (op byte, head []byte, err error) {
	var h [2]byte
	if _, err := io.ReadFull(in, h[:]); err != nil {
		return 0, nil, err
	}
	size := int64(h[1] & 0x7F)
	switch size {
	case 126:
		var b [2]byte
		_, err = io.ReadFull(in, b[:])
		size = int64(binary.BigEndian.Uint16(b[:]))
	case 127:
		var b [8]byte
		_, err = io.ReadFull(in, b[:])
		size = int64(binary.BigEndian.Uint64(b[:])) // #nosec G115 -- our own server's frame
	}
	if err != nil {
		return 0, nil, err
	}
	head = make([]byte, min(size, headBytes))
	if _, err := io.ReadFull(in, head); err != nil {
		return 0, nil, err
	}
	_, err = io.CopyN(io.Discard, in, size-int64(len(head)))
	return h[0] & 0x0F, head, err
}

// newestCall finds the number of the newest call's event in the beginning of a message, 0 before the first call.
func newestCall(head []byte) (uint64, bool) {
	_, rest, ok := bytes.Cut(head, []byte(`"calls":[`))
	if !ok {
		return 0, false
	}
	rest, ok = bytes.CutPrefix(rest, []byte(`{"seq":`))
	if !ok {
		return 0, true
	}
	digits, _, _ := bytes.Cut(rest, []byte(","))
	n, err := strconv.ParseUint(string(digits), 10, 64)
	return n, err == nil
}

// dialScreen opens a socket; a stuck one with a tiny receive buffer and small segments.
func dialScreen(ctx context.Context, addr, path, token string, stuck bool) (net.Conn, error) {
	d := net.Dialer{Timeout: handshake}
	if stuck {
		d.Control = func(_, _ string, raw syscall.RawConn) error {
			var failed error
			err := raw.Control(func(fd uintptr) {
				failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, stuckBuffer)
				if failed == nil {
					failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_MAXSEG, stuckSegment)
				}
			})
			if err != nil {
				return err
			}
			return failed
		}
	}
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("bench: screen: %w", err)
	}
	key := make([]byte, 16)
	rand.Read(key) //nolint:errcheck // crypto/rand.Read never fails since Go 1.24
	_, err = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: %s\r\nAuthorization: Bearer %s\r\n\r\n", path, addr, base64.StdEncoding.EncodeToString(key), token)
	if err == nil && !stuck {
		err = upgraded(conn)
	}
	if err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("bench: screen: %w", err)
	}
	return conn, nil
}

// upgraded reads the answer's head byte by byte, so that nothing of the first frame is lost.
func upgraded(conn net.Conn) error {
	if err := conn.SetReadDeadline(time.Now().Add(handshake)); err != nil {
		return err
	}
	var head []byte
	one := make([]byte, 1)
	for !bytes.HasSuffix(head, []byte("\r\n\r\n")) {
		if _, err := conn.Read(one); err != nil {
			return err
		}
		if head = append(head, one[0]); len(head) > 4<<10 {
			return fmt.Errorf("an endless answer")
		}
	}
	if !bytes.HasPrefix(head, []byte("HTTP/1.1 101")) {
		return fmt.Errorf("refused: %s", strings.SplitN(string(head), "\r\n", 2)[0])
	}
	return conn.SetReadDeadline(time.Time{})
}
