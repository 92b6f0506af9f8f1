package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"

	"yitang/db"
	"yitang/server/engine"
	"yitang/server/hall"
	"yitang/server/standby"
)

// The console of a running hall: a socket in its folder, for the user that the hall runs as and for root. What is asked there is
// asked by `yitang admin` at the machine itself.
const (
	consoleFile = "admin.sock"
	consoleTime = 60 * time.Second // for one errand
	consoleMost = 1 << 20          // bytes of one
)

// ErrNoConsole means that no hall answers in the folder.
var ErrNoConsole = errors.New("server: no hall answers at " + consoleFile)

// ConsoleHall is the hall as somebody at the console finds it.
type ConsoleHall interface {
	Do(ctx context.Context, req engine.Request) ([]byte, error)
	View() *hall.View
}

// ConsoleVisit is an errand that came to the console of a running hall.
type ConsoleVisit struct {
	Errand []byte
	UID    uint32 // of who sent it, by the kernel
	Dir    string // the hall's
	Data   *db.DB
	Hall   ConsoleHall
	Told   func(user string) // is to hear of each user whose rights have changed
}

// said answers it.
type said struct {
	Out   []byte `json:"out,omitempty"`
	Error string `json:"error,omitempty"`
}

// console takes errands one after the other. It belongs to run's goroutine.
type console struct {
	dir    string
	data   *db.DB
	eng    ConsoleHall
	attend func(do func(told func(user string)) error) error
	do     func(ctx context.Context, v ConsoleVisit) ([]byte, error)
	hooks  chan<- struct{} // has a value when the webhooks may have changed
	log    zerolog.Logger
}

// run answers until ctx ends. A console that cannot be opened is a warning: the hall's page is there.
func (c *console) run(ctx context.Context) error {
	ln, err := listenIn(c.dir)
	if err != nil {
		c.log.Warn().Err(err).Msg("no console: yitang admin works only while the hall is stopped")
		return nil
	}
	defer context.AfterFunc(ctx, func() { _ = ln.Close() })()
	defer os.Remove(filepath.Join(c.dir, consoleFile)) //nolint:errcheck // the next start does it
	for {
		conn, err := ln.Accept()
		if err != nil {
			_ = ln.Close()
			return nil
		}
		c.answer(ctx, conn)
	}
}

func (c *console) answer(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	ctx, stop := context.WithTimeout(ctx, consoleTime)
	defer stop()
	_ = conn.SetDeadline(time.Now().Add(consoleTime))
	defer context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Now()) })() // who says nothing does not hold up the end
	var answer said
	uid, err := caller(conn)
	if err == nil {
		answer.Out, err = c.errand(ctx, conn, uid)
	}
	if err != nil {
		answer.Error = err.Error()
	}
	_ = json.NewEncoder(conn).Encode(answer) // who asked may have gone
}

func (c *console) errand(ctx context.Context, conn net.Conn, uid uint32) (out []byte, err error) {
	var errand json.RawMessage
	if err := json.NewDecoder(io.LimitReader(conn, consoleMost)).Decode(&errand); err != nil {
		return nil, fmt.Errorf("admin: %w", err)
	}
	err = c.attend(func(told func(string)) error {
		out, err = c.do(ctx, ConsoleVisit{Errand: errand, UID: uid, Dir: c.dir, Data: c.data, Hall: c.eng, Told: told})
		return err
	})
	select {
	case c.hooks <- struct{}{}:
	default:
	}
	return out, err
}

// caller is the user at the other end, who must be the hall's own or root: the folder's and the socket's permissions say the same.
func caller(conn net.Conn) (uint32, error) {
	u, ok := conn.(*net.UnixConn)
	if !ok {
		return 0, fmt.Errorf("server: console: %T", conn)
	}
	raw, err := u.SyscallConn()
	if err != nil {
		return 0, fmt.Errorf("server: console: %w", err)
	}
	var cred *unix.Ucred
	var failed error
	err = raw.Control(func(fd uintptr) { cred, failed = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) }) //nolint:gosec // a descriptor
	if err := errors.Join(err, failed); err != nil {
		return 0, fmt.Errorf("server: console: %w", err)
	}
	if cred.Uid != 0 && int(cred.Uid) != os.Geteuid() {
		return 0, fmt.Errorf("admin: user %d may not do this: become the user that the hall runs as, or root", cred.Uid)
	}
	return cred.Uid, nil
}

func listenIn(dir string) (net.Listener, error) {
	path := filepath.Join(dir, consoleFile)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("server: console: %w", err)
	}
	ln, err := standby.InFolder(dir, consoleFile, func(path string) (net.Listener, error) { return net.Listen("unix", path) })
	if err != nil {
		return nil, fmt.Errorf("server: console: %w", err)
	}
	return ln, os.Chmod(path, 0o600)
}

// Visit has an errand done by the process that runs the hall in a folder. ErrNoConsole when none answers there.
func Visit(ctx context.Context, dir string, errand []byte) ([]byte, error) {
	conn, err := standby.InFolder(dir, consoleFile, func(path string) (net.Conn, error) { return (&net.Dialer{}).DialContext(ctx, "unix", path) })
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoConsole, err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(consoleTime))
	if _, err := conn.Write(errand); err != nil {
		return nil, fmt.Errorf("server: console: %w", err)
	}
	var s said
	if err := json.NewDecoder(conn).Decode(&s); err != nil {
		return nil, fmt.Errorf("server: the hall broke off before it had answered; look whether it was done: %w", err)
	}
	if s.Error != "" {
		return s.Out, errors.New(s.Error)
	}
	return s.Out, nil
}
