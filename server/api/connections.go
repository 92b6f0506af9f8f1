package api

import (
	"net"
	"sync"
	"sync/atomic"
)

// Bounds of the connections: the hall's screens, PCs and phones, with room; and what one address may keep of it. This
// machine's own are not counted by address: its proxy and its bench are many in one.
const (
	maxConnections = 8192
	maxPerAddress  = 256
)

// connections knows every connection of the listener, because fasthttp's shutdown does nothing before Serve has begun
// and waits for connections on which nobody has asked anything yet, which browsers keep open in reserve.
type connections struct {
	mu     sync.Mutex
	ln     net.Listener
	open   map[*connection]struct{}
	from   map[string]int // open ones by address
	closed bool
}

func newConnections() *connections {
	return &connections{open: map[*connection]struct{}{}, from: map[string]int{}}
}

// connection is one of them.
type connection struct {
	net.Conn
	list  *connections
	from  string
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
	c.list.forget(c)
	c.list.mu.Unlock()
	return c.Conn.Close()
}

// CloseWrite says that no more comes; what the other end sends can still be read.
func (c *connection) CloseWrite() error {
	if t, ok := c.Conn.(*net.TCPConn); ok {
		return t.CloseWrite()
	}
	return nil
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

// Accept takes the next connection that there is room for; one too many is closed unheard.
func (t *tracked) Accept() (net.Conn, error) {
	for {
		c, err := t.Listener.Accept()
		if err != nil {
			return nil, err
		}
		k := &connection{Conn: c, list: t.list, from: address(c)}
		room, closed := t.list.take(k)
		if closed {
			return nil, closeAnd(c, net.ErrClosed)
		}
		if room {
			return k, nil
		}
		_ = c.Close()
	}
}

// address is whose connection it is; empty for this machine's own.
func address(c net.Conn) string {
	a, ok := c.RemoteAddr().(*net.TCPAddr)
	if !ok || a.IP.IsLoopback() {
		return ""
	}
	return network(a.IP.String())
}

// take counts a connection in, if there is room for it.
func (l *connections) take(c *connection) (room, closed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false, true
	}
	if len(l.open) >= maxConnections || c.from != "" && l.from[c.from] >= maxPerAddress {
		return false, false
	}
	l.open[c] = struct{}{}
	l.from[c.from]++
	return true, false
}

// forget counts it out again, once.
func (l *connections) forget(c *connection) {
	if _, ok := l.open[c]; !ok {
		return
	}
	delete(l.open, c)
	if l.from[c.from]--; l.from[c.from] == 0 {
		delete(l.from, c.from)
	}
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
