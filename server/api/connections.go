package api

import (
	"net"
	"sync"
	"sync/atomic"
)

// connections knows every connection of the listener, because fasthttp's shutdown does nothing before Serve has begun
// and waits for connections on which nobody has asked anything yet, which browsers keep open in reserve.
type connections struct {
	mu     sync.Mutex
	ln     net.Listener
	open   map[*connection]struct{}
	closed bool
}

func newConnections() *connections { return &connections{open: map[*connection]struct{}{}} }

// connection is one of them.
type connection struct {
	net.Conn
	list  *connections
	spoke atomic.Bool // a byte of a request has come
}

func (c *connection) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 && !c.spoke.Load() {
		c.spoke.Store(true)
	}
	return n, err
}

func (c *connection) Close() error {
	c.list.mu.Lock()
	delete(c.list.open, c)
	c.list.mu.Unlock()
	return c.Conn.Close()
}

// tracked is the listener with its connections known. Its Close may come twice.
type tracked struct {
	net.Listener
	list *connections
}

// listen takes the listener over; after stop it is closed at once.
func (l *connections) listen(ln net.Listener) net.Listener {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ln = ln
	if l.closed {
		_ = ln.Close()
	}
	return &tracked{Listener: ln, list: l}
}

func (t *tracked) Accept() (net.Conn, error) {
	c, err := t.Listener.Accept()
	if err != nil {
		return nil, err
	}
	k := &connection{Conn: c, list: t.list}
	t.list.mu.Lock()
	defer t.list.mu.Unlock()
	if t.list.closed {
		return nil, closeAnd(c, net.ErrClosed)
	}
	t.list.open[k] = struct{}{}
	return k, nil
}

func closeAnd(c net.Conn, err error) error {
	_ = c.Close()
	return err
}

func (t *tracked) Close() error {
	t.list.stop()
	return nil
}

// stop takes no more connections and ends those on which nobody has asked anything.
func (l *connections) stop() {
	l.end(func(c *connection) bool { return !c.spoke.Load() })
}

// cut ends all of them.
func (l *connections) cut() {
	l.end(func(*connection) bool { return true })
}

func (l *connections) end(which func(*connection) bool) {
	l.mu.Lock()
	if l.ln != nil && !l.closed {
		_ = l.ln.Close()
	}
	l.closed = true
	var list []*connection
	for c := range l.open {
		if which(c) {
			list = append(list, c)
		}
	}
	l.mu.Unlock()
	for _, c := range list {
		_ = c.Conn.Close() // fasthttp's own Close takes it from the list
	}
}
