// Package sim plays the hall's serial devices on pseudo-terminals, byte for byte, so that `yitang demo` and the tests
// run the production drivers. Each device owns the goroutines it starts and ends them in Close.
package sim

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

const (
	// ioctlVHangup is TIOCVHANGUP of asm-generic/ioctls.h: what the kernel does when a USB adapter is pulled. Root only.
	ioctlVHangup = 0x5437
	// idlePause is how long a read waits when nobody has the far side open or the device is unplugged.
	idlePause = 2 * time.Millisecond
	// paceStep is the largest piece of time a paced write sends at once.
	paceStep = 10 * time.Millisecond
	// bitsPerByte on the wire: start, eight data, stop (8N1).
	bitsPerByte = 10
)

// ErrUnplugged is returned by PTY.Write while the device is unplugged.
var ErrUnplugged = errors.New("sim: the device is unplugged")

// PTY is a device's end of a serial line. Path stays the same over Unplug and Replug, as a name under /dev/serial/by-id
// does. All methods may be called from several goroutines; Read from one at a time.
type PTY struct {
	dir  string
	link string

	mu     sync.Mutex
	master *os.File // nil while unplugged
	slave  *os.File // held so that the line survives a driver that closes it
	pace   int      // bytes per second, 0 = unpaced
	closed bool
}

// OpenPTY makes a raw pseudo-terminal and a stable path to its far side.
func OpenPTY() (*PTY, error) {
	dir, err := os.MkdirTemp("", "yitang-tty-")
	if err != nil {
		return nil, fmt.Errorf("sim: pty: %w", err)
	}
	p := &PTY{dir: dir, link: filepath.Join(dir, "tty")}
	if err := p.plug(); err != nil {
		_ = os.RemoveAll(dir)
		return nil, err
	}
	return p, nil
}

// Path is what a driver opens.
func (p *PTY) Path() string { return p.link }

// Pace limits Read and Write each to what a line of that baud carries, times speed; baud or speed 0 means as fast as it goes.
func (p *PTY) Pace(baud int, speed float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pace = int(float64(baud) / bitsPerByte * speed)
}

func (p *PTY) plug() error {
	blocking, slave, err := pty.Open()
	if err != nil {
		return fmt.Errorf("sim: pty: %w", err)
	}
	master, err := pollable(blocking)
	if err != nil {
		return errors.Join(fmt.Errorf("sim: pty: %w", err), slave.Close())
	}
	if err := makeRaw(slave); err != nil {
		return errors.Join(fmt.Errorf("sim: pty: raw mode: %w", err), master.Close(), slave.Close())
	}
	if err := os.Symlink(slave.Name(), p.link); err != nil {
		return errors.Join(fmt.Errorf("sim: pty: %w", err), master.Close(), slave.Close())
	}
	p.master, p.slave = master, slave
	return nil
}

// pollable replaces f, which creack/pty leaves in blocking mode, by a file whose Read and Write end at Close.
func pollable(f *os.File) (*os.File, error) {
	defer f.Close()
	var fd int
	err := control(f, func(old int) (err error) {
		if fd, err = unix.FcntlInt(uintptr(old), unix.F_DUPFD_CLOEXEC, 0); err != nil {
			return err
		}
		return unix.SetNonblock(fd, true)
	})
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), f.Name()), nil
}

// makeRaw does what cfmakeraw(3) does.
func makeRaw(f *os.File) error {
	return control(f, func(fd int) error {
		t, err := unix.IoctlGetTermios(fd, unix.TCGETS)
		if err != nil {
			return err
		}
		t.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
		t.Oflag &^= unix.OPOST
		t.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
		t.Cflag = t.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8
		return unix.IoctlSetTermios(fd, unix.TCSETS, t)
	})
}

// control runs do on f's descriptor without taking it out of Go's poller, as f.Fd() would.
func control(f *os.File, do func(fd int) error) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	err = raw.Control(func(fd uintptr) { inner = do(int(fd)) })
	return errors.Join(err, inner)
}

// current returns the master, nil while unplugged.
func (p *PTY) current() (master *os.File, pace int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, 0, os.ErrClosed
	}
	return p.master, p.pace, nil
}

// paced is how many of n bytes may pass at once.
func paced(n, pace int) int {
	if pace <= 0 {
		return n
	}
	return min(n, max(1, pace*int(paceStep)/int(time.Second)))
}

// wait takes the time that n bytes take on the line.
func wait(n, pace int) {
	if pace > 0 {
		time.Sleep(time.Duration(n) * time.Second / time.Duration(pace))
	}
}

// Read waits for bytes from the driver, through unplugging and through drivers that come and go. It ends with
// os.ErrClosed after Close.
func (p *PTY) Read(b []byte) (int, error) {
	for {
		master, pace, err := p.current()
		if err != nil {
			return 0, err
		}
		if master != nil {
			// EIO: nobody has the far side open (after a hangup). ErrClosed: unplugged meanwhile.
			if n, err := master.Read(b[:paced(len(b), pace)]); err == nil && n > 0 {
				wait(n, pace)
				return n, nil
			}
		}
		time.Sleep(idlePause)
	}
}

// Write sends b to the driver at the pace set. It waits while the driver does not read, until Unplug or Close.
func (p *PTY) Write(b []byte) (int, error) {
	sent := 0
	for sent < len(b) {
		master, pace, err := p.current()
		if err != nil {
			return sent, err
		}
		if master == nil {
			return sent, ErrUnplugged
		}
		piece := paced(len(b)-sent, pace)
		wait(piece, pace)
		n, err := master.Write(b[sent : sent+piece])
		sent += n
		if err != nil {
			return sent, fmt.Errorf("sim: pty: %w", err)
		}
	}
	return sent, nil
}

// Unplug closes the master: the driver's reads and writes give EIO and the path is gone. Unplugged twice is once.
func (p *PTY) Unplug() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.unplug()
}

func (p *PTY) unplug() error {
	if p.master == nil {
		return nil
	}
	err := errors.Join(os.Remove(p.link), p.master.Close(), p.slave.Close())
	p.master, p.slave = nil, nil
	return err
}

// Replug brings the device back under the same path.
func (p *PTY) Replug() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return os.ErrClosed
	}
	if p.master != nil {
		return nil
	}
	return p.plug()
}

// Hangup does what the kernel does to a pulled USB adapter: the driver's reads give end of file at once and for ever.
// The path stays and may be opened again. It needs root (EPERM otherwise).
func (p *PTY) Hangup() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.master == nil {
		return ErrUnplugged
	}
	name := p.slave.Name()
	if err := control(p.slave, func(fd int) error { return unix.IoctlSetInt(fd, ioctlVHangup, 0) }); err != nil {
		return fmt.Errorf("sim: hangup: %w", err)
	}
	fresh, err := os.OpenFile(name, os.O_RDWR|unix.O_NOCTTY, 0) // #nosec G304 -- a pseudo-terminal's name from the kernel
	if err != nil {
		return fmt.Errorf("sim: hangup: %w", err)
	}
	err = errors.Join(p.slave.Close(), makeRaw(fresh))
	p.slave = fresh
	return err
}

// Close unplugs for good and frees a waiting Read.
func (p *PTY) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil
	}
	p.closed = true
	return errors.Join(p.unplug(), os.RemoveAll(p.dir))
}
