package api

import (
	"bytes"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/websocket/v2"

	"yitang/server/feed"
	"yitang/server/hall"
	"yitang/server/wire"
)

// Bounds of a socket.
const (
	pingEvery    = 10 * time.Second
	silentAfter  = 25 * time.Second // without a pong the client is gone
	writeWithin  = 5 * time.Second
	maxInbound   = 512 // bytes; clients only listen
	boardPause   = 20 * time.Millisecond
	hallPause    = 100 * time.Millisecond
	sendBuffer   = 4 << 10
	socketsLimit = 2000
)

// sockets knows every open socket, because fiber's shutdown does not end them.
type sockets struct {
	mu      sync.Mutex
	open    int
	closing chan struct{}
	done    sync.WaitGroup
	once    sync.Once
}

func newSockets() *sockets { return &sockets{closing: make(chan struct{})} }

func (s *sockets) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closing:
		return false
	default:
	}
	if s.open >= socketsLimit {
		return false
	}
	s.open++
	s.done.Add(1)
	return true
}

func (s *sockets) leave() {
	s.mu.Lock()
	s.open--
	s.mu.Unlock()
	s.done.Done()
}

// close tells every socket that the hall goes away (1001) and waits until each has ended.
func (s *sockets) close() {
	s.once.Do(func() {
		s.mu.Lock()
		close(s.closing)
		s.mu.Unlock()
	})
	s.done.Wait()
}

// stream is what one kind of socket sends.
type stream struct {
	name  string // of the message in a frame
	pause time.Duration
	make  func(v *hall.View) []byte
}

func (a *API) screenSocket(c *fiber.Ctx) error {
	id := c.Params("screen")
	screen, ok := present(a.Hall.View().Layout).screen(id)
	if !ok {
		return refusal(http.StatusNotFound, string(hall.CodeNotFound), "没有这块屏幕："+id+"。")
	}
	return a.upgrade(c, stream{name: "screen/" + id, pause: boardPause, make: func(v *hall.View) []byte {
		return encode(present(v.Layout).board(v, screen, a.Now()))
	}})
}

func (a *API) hallSocket(c *fiber.Ctx) error {
	return a.upgrade(c, stream{name: "hall", pause: hallPause, make: func(v *hall.View) []byte {
		return encode(present(v.Layout).state(v, a.Now()))
	}})
}

func (a *API) upgrade(c *fiber.Ctx, s stream) error {
	if !websocket.IsWebSocketUpgrade(c) {
		return refusal(http.StatusUpgradeRequired, "websocket_expected", "这个地址只接受 WebSocket 连接。")
	}
	return websocket.New(func(conn *websocket.Conn) {
		if !a.sockets.enter() {
			return
		}
		defer a.sockets.leave()
		defer a.surviveSocket()
		a.serveSocket(conn, s)
	}, websocket.Config{WriteBufferSize: sendBuffer})(c)
}

// surviveSocket keeps a panic in one socket from ending the hall.
func (a *API) surviveSocket() {
	if r := recover(); r != nil {
		a.Log.Error().Interface("panic", r).Msg("a socket failed")
	}
}

// serveSocket sends until the client or the hall goes away. This goroutine is the only one that writes; listen, the
// only one that reads, has ended when it returns.
func (a *API) serveSocket(conn *websocket.Conn, s stream) {
	gone := make(chan struct{})
	go listen(conn, gone)
	defer func() {
		_ = conn.SetReadDeadline(time.Now()) // frees the reader
		<-gone
	}()
	news, unsubscribe := a.Feed.Subscribe()
	defer unsubscribe()
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	if err := send(conn, a.message(wire.TypeSnapshot, a.Feed.Newest(), s)); err != nil {
		return
	}
	for {
		select {
		case <-gone:
			return
		case <-a.sockets.closing:
			_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseGoingAway, ""), time.Now().Add(time.Second))
			return
		case <-ping.C:
			if err := conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWithin)); err != nil {
				return
			}
			// A page cannot see pings: the state again tells it that the line is alive, and what time it is.
			if err := send(conn, a.message(wire.TypeUpdate, a.Feed.Newest(), s)); err != nil {
				return
			}
		case <-news:
			if err := send(conn, a.message(wire.TypeUpdate, a.Feed.Newest(), s)); err != nil {
				return
			}
			if !rest(s.pause, gone, a.sockets.closing) {
				return
			}
		}
	}
}

// rest lets changes gather for a moment, so that a busy hall costs a screen a few messages a second, not hundreds.
func rest(d time.Duration, gone, closing <-chan struct{}) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-gone:
		return false
	case <-closing:
	case <-t.C:
	}
	return true
}

// message is what goes out: a head of its own for each socket, with the hall's clock at this moment, and the state,
// which all sockets share.
func (a *API) message(kind string, f *feed.Frame, s stream) []byte {
	head := fmt.Sprintf(`{"type":%q,"seq":%d,"at":%q`, kind, f.View.Seq, present(f.View.Layout).clock(a.Now()))
	return append([]byte(head), f.Encode(s.name, func(v *hall.View) []byte { return withoutHead(s.make(v)) })...)
}

// bodyStart is the first field after the head in wire.Board and wire.HallState.
const bodyStart = `,"hall":`

// withoutHead cuts type, seq and at off an encoded message.
func withoutHead(b []byte) []byte { return b[bytes.Index(b, []byte(bodyStart)):] }

func send(conn *websocket.Conn, b []byte) error {
	if err := conn.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil {
		return err
	}
	return conn.WriteMessage(websocket.TextMessage, b)
}

// listen reads until the client goes away or falls silent; what it says is thrown away.
func listen(conn *websocket.Conn, gone chan<- struct{}) {
	defer close(gone)
	conn.SetReadLimit(maxInbound)
	alive := func(string) error { return conn.SetReadDeadline(time.Now().Add(silentAfter)) }
	conn.SetPongHandler(alive)
	if alive("") != nil {
		return
	}
	for {
		if _, _, err := conn.ReadMessage(); err != nil {
			return
		}
	}
}
