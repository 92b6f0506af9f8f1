package api

import (
	"bytes"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/websocket/v2"

	"yitang/server/account"
	"yitang/server/feed"
	"yitang/server/hall"
	"yitang/server/wire"
)

// Bounds of a socket.
const (
	pingEvery    = 10 * time.Second
	silentAfter  = 25 * time.Second // without a pong the client is gone
	writeWithin  = 5 * time.Second
	maxInbound   = 1 << 10                // bytes of a report
	boardQuick   = 20 * time.Millisecond  // between two messages of which the later has a new call
	boardSteady  = 60 * time.Millisecond  // between such messages in the long run …
	boardBurst   = 120 * time.Millisecond // … and so much may be used up ahead of it
	boardLazy    = 300 * time.Millisecond // when only the numbers of waiting people changed
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

// stream is what one kind of socket sends. So that a busy hall costs a screen a few messages a second, not hundreds,
// changes gather between two messages: for quick when there is a new call, else for lazy.
type stream struct {
	name        string // of the message in a frame
	quick, lazy time.Duration
	steady      time.Duration // between quick messages in the long run
	make        func(v *hall.View) []byte

	screen, address string // of a screen whose presence the manager sees
}

func (a *API) screenSocket(c *fiber.Ctx) error {
	id := c.Params("screen")
	v := a.Hall.View()
	if _, ok := a.present(v.Layout).plan(v.Screens, id); !ok {
		return refusal(http.StatusNotFound, string(hall.CodeNotFound), "没有这块屏幕："+id+"。")
	}
	s := stream{name: "screen/" + id, quick: boardQuick, steady: boardSteady, lazy: boardLazy, make: func(v *hall.View) []byte { return a.board(v, id) }}
	if who(c).Role == account.Screen { // a manager only looks
		s.screen, s.address = id, c.IP()
	}
	return a.upgrade(c, s)
}

// board is a screen's message. A screen that was taken away while it was followed shows nothing but the hall.
func (a *API) board(v *hall.View, id string) []byte {
	p := a.present(v.Layout)
	plan, ok := p.plan(v.Screens, id)
	if !ok {
		plan = hall.DefaultPlan(hall.ScreenID(id), hall.HallScreen)
	}
	b := p.board(v, &plan, a.Now())
	if b.Voice.On {
		b.Voice.Note = a.whyMute()
	}
	if plan.Clerk && plan.Kind == hall.WindowScreen {
		for i := range b.Windows {
			b.Windows[i].Clerk = a.clerkName(v.Window(plan.Window))
		}
	}
	return encode(b)
}

func (a *API) hallSocket(c *fiber.Ctx) error {
	return a.upgrade(c, stream{name: "hall", quick: hallPause, lazy: hallPause, make: func(v *hall.View) []byte {
		return encode(a.present(v.Layout).state(v, a.Now()))
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
		k := socket{api: a, conn: conn, stream: s, gone: make(chan struct{}), seat: &seat{}}
		if s.screen != "" {
			k.seat = a.audience.enter(s.screen, s.address)
			defer a.audience.leave(k.seat)
		}
		k.serve()
	}, websocket.Config{WriteBufferSize: sendBuffer})(c)
}

// surviveSocket keeps a panic in one socket from ending the hall.
func (a *API) surviveSocket() {
	if r := recover(); r != nil {
		a.Log.Error().Interface("panic", r).Msg("a socket failed")
	}
}

// socket is one connection.
type socket struct {
	stream
	api  *API
	conn *websocket.Conn
	gone chan struct{} // closed when the client has gone
	seat *seat         // among the audience; an empty one where nobody asks
	sent uint64        // newest call that the client knows
	at   time.Time     // of the last message
	paid time.Time     // until when quick messages are accounted for (GCRA, ITU-T I.371)
}

// serve sends until the client or the hall goes away. This goroutine is the only one that writes; listen, the only one
// that reads, has ended when it returns.
func (k *socket) serve() {
	go k.listen()
	defer func() {
		_ = k.conn.SetReadDeadline(time.Now()) // frees the reader
		<-k.gone
	}()
	news, unsubscribe := k.api.Feed.Subscribe()
	defer unsubscribe()
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	err := k.send(wire.TypeSnapshot)
	for err == nil {
		select {
		case <-k.gone:
			return
		case <-k.api.sockets.closing:
			k.bye()
			return
		case <-ping.C:
			err = k.ping()
		case <-k.seat.poke:
			err = k.send(wire.TypeUpdate)
		case <-news:
			if k.gather() {
				err = k.send(wire.TypeUpdate)
			}
		}
	}
}

// gather waits until the newest state is worth a message; false when the client or the hall goes away first.
func (k *socket) gather() bool {
	for {
		wait := k.lazy - time.Since(k.at)
		if newestCall(k.api.Feed.Newest().View) > k.sent {
			wait = max(k.quick-time.Since(k.at), time.Until(k.paid.Add(-boardBurst)))
		}
		if wait <= 0 {
			return true
		}
		t := time.NewTimer(min(wait, k.quick)) // a call may come while the rest is in no hurry
		select {
		case <-k.gone:
			t.Stop()
			return false
		case <-k.api.sockets.closing:
			t.Stop()
			return false
		case <-t.C:
		}
	}
}

// newestCall is the number of the newest call's event.
func newestCall(v *hall.View) uint64 {
	if len(v.Calls) == 0 {
		return 0
	}
	return v.Calls[len(v.Calls)-1].Seq
}

func (k *socket) send(kind string) error {
	f := k.api.Feed.Newest()
	call, now := newestCall(f.View), time.Now()
	if call > k.sent {
		k.paid = later(k.paid, now).Add(k.steady)
	}
	k.sent, k.at = call, now
	if err := k.conn.SetWriteDeadline(k.at.Add(writeWithin)); err != nil {
		return err
	}
	return k.conn.WriteMessage(websocket.TextMessage, k.message(kind, f))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// ping asks whether the client is alive. A page cannot see that, so the state again tells it that the line is alive, and
// what time it is.
func (k *socket) ping() error {
	if err := k.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWithin)); err != nil {
		return err
	}
	return k.send(wire.TypeUpdate)
}

func (k *socket) bye() {
	_ = k.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseGoingAway, ""), time.Now().Add(time.Second))
}

// message is what goes out: a head of its own for each socket, with the hall's clock at this moment, and the state,
// which all sockets share.
func (k *socket) message(kind string, f *feed.Frame) []byte {
	head := fmt.Sprintf(`{"type":%q,"seq":%d,"at":%q`, kind, f.View.Seq, k.api.present(f.View.Layout).clock(k.api.Now()))
	if k.screen != "" {
		head += fmt.Sprintf(`,"name":%d,"build":%q`, k.api.audience.names(k.screen), k.api.build)
	}
	return append([]byte(head), f.Encode(k.name, func(v *hall.View) []byte { return withoutHead(k.make(v)) })...)
}

// bodyStart is the first field after the head in wire.Board and wire.HallState.
const bodyStart = `,"hall":`

// withoutHead cuts what is each socket's own off an encoded message.
func withoutHead(b []byte) []byte { return b[bytes.Index(b, []byte(bodyStart)):] }

// listen reads until the client goes away or falls silent. What a screen says about itself is for the manager to see;
// everything else is thrown away.
func (k *socket) listen() {
	defer close(k.gone)
	k.conn.SetReadLimit(maxInbound)
	alive := func(string) error {
		k.api.audience.alive(k.seat)
		return k.conn.SetReadDeadline(time.Now().Add(silentAfter))
	}
	k.conn.SetPongHandler(alive)
	if alive("") != nil {
		return
	}
	for {
		_, text, err := k.conn.ReadMessage()
		if err != nil {
			return
		}
		if k.screen != "" {
			k.api.audience.report(k.seat, text)
		}
	}
}
