package standby

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"
)

const (
	controlFile = "standby.sock" // in the hall's folder, for who may write there
	orderTime   = 5 * time.Minute
)

// Wanted is what `yitang promote` asks of a running standby.
type Wanted struct {
	Lost bool `json:"lost"`
}

// Said is what it answers: once as the primary that it has become.
type Said struct {
	Promotion
	Error string `json:"error,omitempty"`
}

// Listen takes orders at the folder's own socket.
func Listen(dir string) (net.Listener, error) {
	path := filepath.Join(dir, controlFile)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("standby: %w", err)
	}
	ln, err := InFolder(dir, controlFile, func(path string) (net.Listener, error) { return net.Listen("unix", path) })
	if err != nil {
		return nil, fmt.Errorf("standby: %w", err)
	}
	return ln, os.Chmod(path, 0o600)
}

// InFolder names a socket in a folder by way of the open folder: a socket's own path may have 107 bytes only.
func InFolder[T any](dir, file string, use func(path string) (T, error)) (T, error) {
	f, err := os.Open(dir) // #nosec G304 -- the hall's own folder
	if err != nil {
		var none T
		return none, err
	}
	defer f.Close()
	return use(fmt.Sprintf("/proc/self/fd/%d/%s", f.Fd(), file))
}

// Answer serves orders until the listener closes, and keeps the connection of the one that was carried out: its sender
// hears when this server is the primary.
func (f *Follower) Answer(ctx context.Context, ln net.Listener, kept chan<- net.Conn) {
	for {
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		w, err := hear(ctx, conn)
		if err != nil {
			_ = conn.Close()
			continue
		}
		p, err := f.TakeOver(ctx, w.Lost)
		if err == nil {
			kept <- conn
			return
		}
		Tell(conn, p, err)
	}
}

// hear reads an order. One that is not given ends with ctx: whoever says nothing must not hold up the end of the standby.
func hear(ctx context.Context, conn net.Conn) (w Wanted, err error) {
	_ = conn.SetDeadline(time.Now().Add(orderTime))
	defer context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Now()) })()
	err = json.NewDecoder(conn).Decode(&w)
	return w, err
}

// Tell answers an order and ends its connection; nil is nobody's.
func Tell(conn net.Conn, p Promotion, err error) {
	if conn == nil {
		return
	}
	s := Said{Promotion: p}
	if err != nil {
		s.Error = err.Error()
	}
	_ = json.NewEncoder(conn).Encode(s) // who asked may have gone
	_ = conn.Close()
}

// ErrNotRunning means that no standby runs on the folder.
var ErrNotRunning = errors.New("standby: no standby is running here")

// Demand has the standby that runs on a folder take over, and returns when it is the primary.
func Demand(ctx context.Context, dir string, w Wanted) (Promotion, error) {
	conn, err := InFolder(dir, controlFile, func(path string) (net.Conn, error) { return (&net.Dialer{}).DialContext(ctx, "unix", path) })
	if err != nil {
		return Promotion{}, fmt.Errorf("%w (%w)", ErrNotRunning, err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(orderTime))
	if err := json.NewEncoder(conn).Encode(w); err != nil {
		return Promotion{}, fmt.Errorf("standby: %w", err)
	}
	var s Said
	if err := json.NewDecoder(conn).Decode(&s); err != nil {
		return Promotion{}, fmt.Errorf("standby: 备用服务器没有说完就断开了；请看它的日志：%w", err)
	}
	if s.Error != "" {
		return s.Promotion, errors.New(s.Error)
	}
	return s.Promotion, nil
}
