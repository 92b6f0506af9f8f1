package api_test

import (
	"net"
	"sync"
	"testing"

	"yitang/server/api"
)

// pretended is a connection from somewhere.
type pretended struct {
	net.Conn
	from   net.Addr
	mu     sync.Mutex
	closed bool
}

func (p *pretended) RemoteAddr() net.Addr { return p.from }

func (p *pretended) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	return nil
}

// queue is a listener with connections that wait.
type queue struct {
	net.Listener
	waiting []*pretended
}

func (q *queue) Accept() (net.Conn, error) {
	if len(q.waiting) == 0 {
		return nil, net.ErrClosed
	}
	c := q.waiting[0]
	q.waiting = q.waiting[1:]
	return c, nil
}

func (q *queue) Close() error { return nil }

// TestOneAddressDoesNotTakeAllConnections opens more from one address than it may keep: what is too many is closed, another
// address still comes in, one that ends makes room, and this machine's own are not counted.
func TestOneAddressDoesNotTakeAllConnections(t *testing.T) {
	q := &queue{}
	come := func(ip string, n int) {
		for range n {
			q.waiting = append(q.waiting, &pretended{from: &net.TCPAddr{IP: net.ParseIP(ip), Port: 1}})
		}
	}
	ln := api.Tracked(q)
	accept := func() (list []net.Conn) {
		for {
			c, err := ln.Accept()
			if err != nil {
				return list
			}
			list = append(list, c)
		}
	}
	come("10.0.0.7", 300)
	come("10.0.0.8", 10)
	come("127.0.0.1", 1000)
	count := func(list []net.Conn) map[string]int {
		n := map[string]int{}
		for _, c := range list {
			n[c.RemoteAddr().(*net.TCPAddr).IP.String()]++
		}
		return n
	}
	list := accept()
	if n := count(list); n["10.0.0.7"] != 256 || n["10.0.0.8"] != 10 || n["127.0.0.1"] != 1000 {
		t.Errorf("came in: %v", n)
	}
	_ = list[0].Close()
	_ = list[0].Close() // twice is once
	come("10.0.0.7", 2)
	if n := count(accept()); n["10.0.0.7"] != 1 {
		t.Errorf("after one had ended %v came in", n)
	}
}
