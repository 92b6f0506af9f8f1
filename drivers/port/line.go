package port

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/tarm/serial"
	"golang.org/x/sys/unix"
)

// line is what a session needs of an open device. Read gives (0, io.EOF) when nothing came within the read timeout.
// Close may be called while a Read or a Write is under way, and then waits for them.
type line interface {
	io.ReadWriteCloser
	// Writable waits at most d until the kernel takes PieceSize bytes; an error means the device is gone.
	Writable(d time.Duration) (bool, error)
	// Alive is nil unless the device hung up.
	Alive() error
	// Unsent is how many written bytes the kernel still has.
	Unsent() int
	// Flush drops what is received and not read and, with out, what is written and not sent.
	Flush(out bool)
	// Release gives the device free for others, before Close, which may have to wait.
	Release()
}

type opener func(cfg Config) (line, error)

// serialLine is tarm's port and our own descriptor on the same device, for what tarm's API lacks: the lock, flow
// control, poll and flush.
type serialLine struct {
	*serial.Port
	side int
}

// rates are those tarm/serial knows and a Linux driver usually has.
func knownBaud(baud int) bool {
	return slices.Contains([]int{300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600}, baud)
}

func openSerial(cfg Config) (line, error) {
	if cfg.Path == "" || !knownBaud(cfg.Baud) {
		return nil, &DownError{Path: cfg.Path, Reason: BadConfig,
			Sentence: fmt.Sprintf("no line has the path %q and %d baud", cfg.Path, cfg.Baud)}
	}
	side, err := openSide(cfg.Path)
	if err != nil {
		return nil, err
	}
	port, err := serial.OpenPort(&serial.Config{Name: cfg.Path, Baud: cfg.Baud, ReadTimeout: cfg.ReadTimeout})
	if err != nil {
		return nil, errors.Join(openError(cfg.Path, err), unix.Close(side))
	}
	l := &serialLine{Port: port, side: side}
	if err := l.setUp(cfg.Flow); err != nil {
		return nil, errors.Join(openError(cfg.Path, err), l.Close())
	}
	l.Flush(false) // what came while nobody listened answers no question of ours
	return l, nil
}

// openSide opens and locks our own descriptor. flock, because TIOCEXCL does not bind root.
func openSide(path string) (int, error) {
	side, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, openError(path, err)
	}
	if _, err := unix.IoctlGetTermios(side, unix.TCGETS); err != nil {
		return -1, errors.Join(openError(path, err), unix.Close(side))
	}
	if err := unix.Flock(side, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		down := openError(path, err)
		if errors.Is(err, unix.EWOULDBLOCK) {
			down.Reason, down.Sentence = Busy, path+" is in use by "+holder(side)
		}
		return -1, errors.Join(down, unix.Close(side))
	}
	return side, nil
}

// setUp sets what tarm cannot: the setting belongs to the device, so tarm's writes obey it. A break, which a device without
// power makes, is ignored: as a byte it would be NUL, with which a printer says that all is well.
func (l *serialLine) setUp(flow Flow) error {
	t, err := unix.IoctlGetTermios(l.side, unix.TCGETS)
	if err != nil {
		return err
	}
	t.Iflag |= unix.IGNBRK
	switch flow {
	case FlowNone:
	case FlowXONXOFF:
		t.Iflag |= unix.IXON
		t.Cc[unix.VSTART], t.Cc[unix.VSTOP] = 0x11, 0x13
	case FlowRTSCTS:
		t.Cflag |= unix.CRTSCTS
	}
	return unix.IoctlSetTermios(l.side, unix.TCSETS, t)
}

func (l *serialLine) Writable(d time.Duration) (bool, error) {
	fds := []unix.PollFd{{Fd: int32(l.side), Events: unix.POLLOUT}} // #nosec G115 -- a file descriptor
	_, err := unix.Poll(fds, int(d/time.Millisecond))
	if err != nil && !errors.Is(err, unix.EINTR) {
		return false, err
	}
	if fds[0].Revents&(unix.POLLHUP|unix.POLLERR|unix.POLLNVAL) != 0 {
		return false, unix.EIO
	}
	return fds[0].Revents&unix.POLLOUT != 0, nil
}

func (l *serialLine) Alive() error {
	if _, err := l.Writable(0); err != nil {
		return err
	}
	_, err := unix.IoctlGetTermios(l.side, unix.TCGETS)
	return err
}

func (l *serialLine) Unsent() int {
	n, err := unix.IoctlGetInt(l.side, unix.TIOCOUTQ)
	if err != nil {
		return 0
	}
	return n
}

func (l *serialLine) Flush(out bool) {
	what := unix.TCIFLUSH
	if out {
		what = unix.TCIOFLUSH
	}
	_ = unix.IoctlSetInt(l.side, unix.TCFLSH, what) // a device that hung up has nothing to drop
}

func (l *serialLine) Release() { _ = unix.Flock(l.side, unix.LOCK_UN) }

// Close closes tarm's descriptor first: it waits for the reads and writes under way, which may use side after.
func (l *serialLine) Close() error {
	return errors.Join(l.Port.Close(), unix.Close(l.side))
}
