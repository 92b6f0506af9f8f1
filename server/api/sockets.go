package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
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
	silentAfter  = 25 * time.Second // without a pong the client is gone
	writeWithin  = 5 * time.Second
	maxInbound   = 1 << 10 // bytes of a report
	controlBytes = 256     // of a buffer: a ping, a farewell, most of a report; a message is framed once for all sockets
	bodyKeeps    = 5 * time.Second
	headKeeps    = 50 * time.Millisecond // as old the hall's clock in a message may be
	pageEvery    = 100 * time.Millisecond
	socketsLimit = 2000
)

// boardPace is how often a screen's message is sent. Nobody can read a crowd of calls faster than lazily.
func boardPace() feed.Pace {
	return feed.Pace{Quick: 20 * time.Millisecond, Steady: 60 * time.Millisecond, Burst: 120 * time.Millisecond, Lazy: 300 * time.Millisecond, Crowd: 10}
}

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

// stream is what one kind of socket sends, and when.
type stream struct {
	name string // of the message in a frame
	beat *feed.Beat
	make func(v *hall.View) []byte

	screen, address string // of a screen whose presence the manager sees
}

func (a *API) screenSocket(c *fiber.Ctx) error {
	id := c.Params("screen")
	v := a.Hall.View()
	if _, ok := a.present(v.Layout).plan(v.Screens, id); !ok {
		return refusal(http.StatusNotFound, string(hall.CodeNotFound), "没有这块屏幕："+id+"。")
	}
	s := stream{name: "screen/" + id, beat: a.boards, make: func(v *hall.View) []byte { return a.board(v, id) }}
	if who(c).Role == account.Screen { // a manager only looks
		s.screen, s.address = id, a.source(c)
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
	return a.upgrade(c, stream{name: "hall", beat: a.states, make: func(v *hall.View) []byte {
		s := a.present(v.Layout).state(v, a.Now())
		if d := a.room(); d != nil && d.Note != "" {
			s.Disk = d
		}
		return encode(s)
	}})
}

func (a *API) upgrade(c *fiber.Ctx, s stream) error {
	if !websocket.IsWebSocketUpgrade(c) {
		return refusal(http.StatusUpgradeRequired, "websocket_expected", "这个地址只接受 WebSocket 连接。")
	}
	if a.Servers != nil {
		if refused := a.Servers.Refusal(); refused != nil && refused.Code == wire.CodeMoved { // what it shows is past
			return refused
		}
	}
	acc := who(c)
	t, _ := c.Locals(tokenKey).(string)
	return websocket.New(func(conn *websocket.Conn) {
		if !a.sockets.enter() {
			return
		}
		defer a.sockets.leave()
		defer a.surviveSocket()
		k := socket{api: a, conn: conn, stream: s, gone: make(chan struct{}), seat: &seat{}, who: acc, token: t, patience: patience{line: conn}}
		if s.screen != "" {
			k.seat = a.audience.enter(s.screen, s.address)
			defer a.audience.leave(k.seat)
		}
		k.serve()
	}, websocket.Config{ReadBufferSize: controlBytes, WriteBufferSize: controlBytes})(c)
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
	api   *API
	conn  *websocket.Conn
	gone  chan struct{} // closed when the client has gone
	seat  *seat         // among the audience; an empty one where nobody asks
	sent  *feed.Frame   // last
	who   *account.Account
	token string

	patience patience
}

// patience is until when a socket's reader waits for a word of its client. Once it has ended it stays so, whatever the client
// says in that moment: else the reader would wait on, and who waits for the reader with it.
type patience struct {
	line interface{ SetReadDeadline(at time.Time) error }

	mu    sync.Mutex
	ended bool
}

var errEnded = errors.New("api: the socket is being closed")

func (p *patience) renew() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return errEnded
	}
	return p.line.SetReadDeadline(time.Now().Add(silentAfter))
}

func (p *patience) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	_ = p.line.SetReadDeadline(time.Now()) // a line that is gone has no reader
}

// serve sends until the client or the hall goes away. This goroutine is the only one that writes; listen, the only one
// that reads, has ended when it returns.
func (k *socket) serve() {
	go k.listen()
	defer func() {
		k.patience.end() // frees the reader
		<-k.gone
	}()
	news, unsubscribe := k.beat.Subscribe()
	defer unsubscribe()
	ping := time.NewTicker(k.api.Times.Ping)
	defer ping.Stop()
	changed := k.api.auth.change(k.who.User)
	if !k.may() { // the rights may have gone between the upgrade and now
		return
	}
	err := k.send(wire.TypeSnapshot)
	for err == nil {
		select {
		case <-changed:
			changed = k.api.auth.change(k.who.User)
			if !k.may() {
				return
			}
		case <-k.gone:
			return
		case <-k.api.sockets.closing:
			k.bye()
			return
		case <-ping.C:
			if k.who.Role.Idle() > 0 && !k.may() {
				return
			}
			err = k.ping()
		case <-k.seat.poke:
			err = k.send(wire.TypeUpdate)
		case <-news:
			if k.api.Feed.Newest() != k.sent { // the snapshot, or a ping, may have been as new
				err = k.send(wire.TypeUpdate)
			}
		}
	}
}

// may says whether the socket's token is still good; if not, the client is told (1008). An open page alone does not keep a
// session from ending for idleness.
func (k *socket) may() bool {
	if k.api.auth.still(context.Background(), k.token, k.who.Role) {
		return true
	}
	_ = k.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.ClosePolicyViolation, "the session has ended"), time.Now().Add(time.Second))
	return false
}

func (k *socket) send(kind string) error {
	k.sent = k.api.Feed.Newest()
	m, err := k.message(kind, k.sent)
	if err != nil {
		return err
	}
	if err := k.conn.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil {
		return err
	}
	return k.conn.WritePreparedMessage(m)
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

// message is what goes out: a head with the hall's clock at this moment, and the state. All sockets of a name share it.
func (k *socket) message(kind string, f *feed.Frame) (*wire.Framed, error) {
	names := 0
	if k.screen != "" {
		names = k.api.audience.names(k.screen)
	}
	body := feed.Made(f, k.name, bodyKeeps, func(v *hall.View) []byte { return withoutHead(k.make(v)) })
	m := feed.Made(f, k.name+" "+kind+strconv.Itoa(names), headKeeps, func(v *hall.View) framed {
		head := fmt.Sprintf(`{"type":%q,"seq":%d,"at":%q`, kind, v.Seq, k.api.present(v.Layout).clock(k.api.Now()))
		if k.screen != "" {
			head += fmt.Sprintf(`,"name":%d,"build":%q`, names, k.api.build)
		}
		m, err := wire.Frame(append([]byte(head), body...))
		return framed{m, err}
	})
	return m.message, m.err
}

// framed is a message ready for the wire.
type framed struct {
	message *wire.Framed
	err     error
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
		return k.patience.renew()
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
