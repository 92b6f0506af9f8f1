package api_test

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
	"golang.org/x/sys/unix"

	"yitang/server/account"
	"yitang/server/halltest"
	"yitang/server/wire"
)

// patience bounds a wait for what must come. No test measures how soon it does.
const patience = 2 * time.Minute

// message is what every message on a socket has.
type message struct {
	Type  string
	Seq   uint64
	Calls []struct{ Number, Window string }
	Hall  struct{ Day string }
}

func socketURL(h *halltest.Hall, path string) string {
	return "ws" + strings.TrimPrefix(h.URL, "http") + path
}

// dial opens a socket and fails the test when the hall refuses it.
func dial(h *halltest.Hall, path, token string) *websocket.Conn {
	h.Helper()
	conn, _, err := websocket.DefaultDialer.Dial(socketURL(h, path), http.Header{"Authorization": {"Bearer " + token}})
	if err != nil {
		h.Fatalf("%s: %v", path, err)
	}
	h.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	return conn
}

func read(h *halltest.Hall, conn *websocket.Conn) message {
	h.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	kind, b, err := conn.ReadMessage()
	if err != nil || kind != websocket.TextMessage {
		h.Fatalf("message of kind %d: %v", kind, err)
	}
	var m message
	if err := json.Unmarshal(b, &m); err != nil {
		h.Fatalf("%s: %v", b, err)
	}
	return m
}

// TestSocketRefused: whoever may not listen hears so before the upgrade, as an ordinary answer.
func TestSocketRefused(t *testing.T) {
	h := halltest.New(t, 1)
	screen, clerk := h.Tokens[account.Screen], h.Tokens[account.Clerk]
	for _, c := range []struct {
		name, path, token, origin string
		status                    int
		code                      string
	}{
		{"no token", "/ws/hall", "", "", 401, "not_logged_in"},
		{"wrong token", "/ws/hall", "wrong", "", 401, "not_logged_in"},
		{"wrong token in the address", "/ws/screens/hall-1?token=wrong", "", "", 401, "not_logged_in"},
		{"wrong origin", "/ws/hall", clerk, "http://evil.example", 403, "wrong_origin"},
		{"wrong origin and no token", "/ws/screens/hall-1", "", "http://evil.example", 403, "wrong_origin"},
		{"a screen in the hall's staff", "/ws/hall", screen, "", 403, "forbidden"},
		{"a clerk at a screen", "/ws/screens/hall-1", clerk, "", 403, "forbidden"},
		{"no such screen", "/ws/screens/cinema", screen, "", 404, "not_found"},
		{"an unknown path", "/ws/nothing", screen, "", 404, "not_found"},
	} {
		header := http.Header{}
		if c.token != "" {
			header.Set("Authorization", "Bearer "+c.token)
		}
		if c.origin != "" {
			header.Set("Origin", c.origin)
		}
		conn, res, err := websocket.DefaultDialer.Dial(socketURL(h, c.path), header)
		if err == nil {
			conn.Close()
			t.Errorf("%s: upgraded", c.name)
			continue
		}
		if res == nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		body, _ := io.ReadAll(res.Body)
		if a := (halltest.Answer{Body: body}); res.StatusCode != c.status || a.Code() != c.code {
			t.Errorf("%s: %d %s, want %d %s", c.name, res.StatusCode, body, c.status, c.code)
		}
	}
}

// TestSocketTokens lets in by the header, by ?token= and by the cookie of the hall's own page.
func TestSocketTokens(t *testing.T) {
	h := halltest.New(t, 1)
	manager := h.Tokens[account.Manager]
	for name, open := range map[string]func() (*websocket.Conn, *http.Response, error){
		"header": func() (*websocket.Conn, *http.Response, error) {
			return websocket.DefaultDialer.Dial(socketURL(h, "/ws/hall"), http.Header{"Authorization": {"Bearer " + manager}})
		},
		"query": func() (*websocket.Conn, *http.Response, error) {
			return websocket.DefaultDialer.Dial(socketURL(h, "/ws/screens/hall-1?token="+manager), nil)
		},
		"cookie": func() (*websocket.Conn, *http.Response, error) {
			return websocket.DefaultDialer.Dial(socketURL(h, "/ws/hall"), http.Header{"Cookie": {"yitang_session=" + manager}, "Origin": {h.URL}})
		},
	} {
		conn, _, err := open()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_ = conn.SetReadDeadline(time.Now().Add(patience))
		if m := read(h, conn); m.Type != "snapshot" || m.Seq == 0 || m.Hall.Day == "" {
			t.Errorf("%s: first message %+v", name, m)
		}
		conn.Close()
	}
}

// TestSocketRises opens sockets all the time while the hall works: each first gets a snapshot, then updates, whose seq
// never falls, until the last event is there. The sign of life repeats a seq.
func TestSocketRises(t *testing.T) {
	const calls, screens = 60, 24
	h := halltest.New(t, 1)
	clerk := h.Tokens[account.Clerk]
	h.Post(200, clerk, "/api/v1/windows/1/open", "", nil)
	var wg sync.WaitGroup
	listen := func(path, token string) {
		conn := dial(h, path, token)
		wg.Go(func() {
			last := message{}
			for n := 0; last.Seq < 2+1+4*calls+1; n++ { // layout, day, open; take, next, finish with its start; the last take
				_ = conn.SetReadDeadline(time.Now().Add(patience))
				kind, b, err := conn.ReadMessage()
				var m message
				if err != nil || kind != websocket.TextMessage || json.Unmarshal(b, &m) != nil {
					t.Errorf("%s: %d %s %v", path, kind, b, err)
					return
				}
				if want := map[bool]string{true: "snapshot", false: "update"}[n == 0]; m.Type != want || m.Seq < last.Seq {
					t.Errorf("%s: message %d is %s %d after %d", path, n, m.Type, m.Seq, last.Seq)
					return
				}
				last = m
			}
		})
	}
	for i := range calls {
		take(h)
		if i < screens {
			listen("/ws/screens/hall-1", h.Tokens[account.Screen])
			listen("/ws/hall", h.Tokens[account.Manager])
		}
		h.Post(200, clerk, "/api/v1/windows/1/next", "", nil)
		h.Post(200, clerk, "/api/v1/windows/1/finish", "", nil)
	}
	h.Post(204, clerk, "/api/v1/windows/1/next", "nothing-happens", nil) // an answer is kept, but nothing is newer
	take(h)
	wg.Wait()
}

// TestStuckSocket leaves sockets that never read, with the smallest buffers, and sends each far more than it can hold:
// clerks and other screens go on.
func TestStuckSocket(t *testing.T) {
	const stuck, rounds, crowd = 20, 20, 200
	h := halltest.New(t, 2)
	for range crowd { // makes a message to the staff 60 KB long
		take(h)
	}
	for range stuck {
		d := websocket.Dialer{ReadBufferSize: 256, NetDial: tiny}
		conn, _, err := d.Dial(socketURL(h, "/ws/hall"), http.Header{"Authorization": {"Bearer " + h.Tokens[account.Manager]}})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	healthy := dial(h, "/ws/screens/hall-1", h.Tokens[account.Screen])
	staff := dial(h, "/ws/hall", h.Tokens[account.Manager])
	go func() { // a healthy client among the stuck ones reads as it comes
		for {
			if _, _, err := staff.ReadMessage(); err != nil {
				return
			}
		}
	}()
	read(h, healthy)
	clerk := h.Tokens[account.Clerk]
	h.Post(200, clerk, "/api/v1/windows/1/open", "", nil)
	began := time.Now()
	for range rounds {
		called := halltest.Into[wire.NextResponse](h, h.Post(200, clerk, "/api/v1/windows/1/next", "", nil)).Ticket
		for { // each call reaches the healthy screen before the next one is made
			if m := read(h, healthy); len(m.Calls) > 0 && m.Calls[0].Number == called.Number {
				break
			}
		}
		h.Post(200, clerk, "/api/v1/windows/1/finish", "", nil)
	}
	if d := time.Since(began); d > 90*time.Second { // a write to a stuck socket is given up after 5 s: 20 would take 100
		t.Errorf("%d calls took %s", rounds, d)
	}
}

// tiny dials with a small receive buffer and small segments, so that the server's sends block soon.
func tiny(network, address string) (net.Conn, error) {
	d := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		var err error
		if broken := c.Control(func(fd uintptr) {
			err = errors.Join(unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, 2048),
				unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_MAXSEG, 536))
		}); broken != nil {
			return broken
		}
		return err
	}}
	return d.Dial(network, address)
}

// TestStopClosesSockets ends every socket with 1001 when the hall stops.
func TestStopClosesSockets(t *testing.T) {
	h := halltest.New(t, 1)
	var conns []*websocket.Conn
	for i := range 40 {
		path, token := "/ws/hall", h.Tokens[account.Manager]
		if i%2 == 0 {
			path, token = "/ws/screens/window-1", h.Tokens[account.Screen]
		}
		conn := dial(h, path, token)
		read(h, conn)
		conns = append(conns, conn)
	}
	h.Stop()
	for i, conn := range conns {
		var err error
		for err == nil {
			_, _, err = conn.ReadMessage()
		}
		if !websocket.IsCloseError(err, websocket.CloseGoingAway) {
			t.Errorf("socket %d ended with %v", i, err)
		}
	}
}

// TestSocketLimitsWhatComes cuts off a client that talks.
func TestSocketLimitsWhatComes(t *testing.T) {
	h := halltest.New(t, 1)
	conn := dial(h, "/ws/hall", h.Tokens[account.Manager])
	read(h, conn)
	if err := conn.WriteMessage(websocket.TextMessage, []byte(strings.Repeat("x", 4096))); err != nil {
		t.Fatal(err)
	}
	var err error
	for err == nil {
		_, _, err = conn.ReadMessage()
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		t.Error("a client that sends 4 KB is still connected")
	}
	h.Get(200, "", "/healthz")
}
