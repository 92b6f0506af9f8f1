package wire

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/fasthttp/websocket"
)

// Bounds of a socket. The server pings every 10 s; three missed pings mean that the line is dead.
const (
	SocketSilence = 30 * time.Second
	MaxMessage    = 4 << 20 // bytes of one message

	statusEvery = 10 * time.Second // between two reports on itself

	reconnectFirst = 500 * time.Millisecond
	reconnectMax   = 10 * time.Second
	steadyAfter    = 10 * time.Second // a link that lived so long starts the back-off anew
	controlWrite   = time.Second
	refusalBody    = 64 << 10
)

// Link is the state of a watched socket.
type Link struct {
	Up      bool          // connected; the snapshot follows
	Err     error         // why it went down, nil when Up
	Attempt int           // failed connections in a row
	RetryIn time.Duration // until the next attempt
}

// message is what WatchBoard and WatchHall may receive.
type message interface{ Board | HallState }

// WatchBoard follows what a screen shows and calls on for each message, the snapshot of each new connection included.
// It connects again for as long as ctx lives and returns ctx's error then. A token or screen that the hall refuses
// (401, 403, 404) is returned as *Error instead, because trying again would not help. on must not block: while it runs,
// pings are not answered.
func (c *Client) WatchBoard(ctx context.Context, screen ScreenID, on func(Board)) error {
	if screen == "" {
		return fmt.Errorf("wire: a screen needs a name")
	}
	return watch(ctx, c, "/ws/screens/"+url.PathEscape(string(screen)), on)
}

// WatchHall follows the whole hall, for clerks, guides and managers; otherwise it is like WatchBoard.
func (c *Client) WatchHall(ctx context.Context, on func(HallState)) error {
	return watch(ctx, c, "/ws/hall", on)
}

// watch keeps one socket open until ctx ends or the hall refuses for good.
func watch[M message](ctx context.Context, c *Client, path string, on func(M)) error {
	for failed := 0; ; {
		began := time.Now()
		err := follow(ctx, c, path, on)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if final(err) {
			c.link(Link{Err: err})
			return err
		}
		if time.Since(began) >= steadyAfter {
			failed = 0
		}
		failed++
		wait := backoff(failed, reconnectFirst, reconnectMax)
		c.link(Link{Err: err, Attempt: failed, RetryIn: wait})
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

func (c *Client) link(l Link) {
	if c.OnLink != nil {
		c.OnLink(l)
	}
}

// final tells whether the hall said no to this client rather than being away.
func final(err error) bool {
	refused, ok := err.(*Error)
	if !ok {
		return false
	}
	return refused.Status == http.StatusUnauthorized || refused.Status == http.StatusForbidden ||
		refused.Status == http.StatusNotFound
}

// follow reads one connection until it breaks; it always returns an error.
func follow[M message](ctx context.Context, c *Client, path string, on func(M)) error {
	conn, err := c.dial(ctx, path)
	if err != nil {
		return err
	}
	defer hangUp(ctx, conn)()
	conn.SetReadLimit(MaxMessage)
	alive := func() { _ = conn.SetReadDeadline(time.Now().Add(SocketSilence)) }
	conn.SetPingHandler(func(data string) error {
		alive()
		err := conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(controlWrite))
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("wire: pong: %w", err)
		}
		return nil
	})
	alive()
	c.link(Link{Up: true})
	var told time.Time
	for {
		_, data, err := conn.ReadMessage()
		if err != nil {
			return fmt.Errorf("wire: %s: %w", path, err)
		}
		alive()
		if err := deliver(data, on); err != nil {
			return fmt.Errorf("wire: %s: %w", path, err)
		}
		if c.Status != nil && time.Since(told) >= statusEvery { // this goroutine is the only one that writes text
			told = time.Now()
			if err := conn.WriteJSON(c.Status()); err != nil && ctx.Err() == nil {
				return fmt.Errorf("wire: %s: %w", path, err)
			}
		}
	}
}

// deliver hands on a snapshot or an update. Other types belong to a newer server and are passed over.
func deliver[M message](data []byte, on func(M)) error {
	var head struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return err
	}
	if head.Type != TypeSnapshot && head.Type != TypeUpdate {
		return nil
	}
	var m M
	if err := json.Unmarshal(data, &m); err != nil {
		return err
	}
	on(m)
	return nil
}

// hangUp closes conn as soon as ctx ends, which frees the reader. The function it returns closes conn in any case and
// waits until nothing of it runs any more.
func hangUp(ctx context.Context, conn *websocket.Conn) func() {
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(done)
		bye := websocket.FormatCloseMessage(websocket.CloseGoingAway, "")
		_ = conn.WriteControl(websocket.CloseMessage, bye, time.Now().Add(controlWrite))
		_ = conn.Close()
	})
	return func() {
		if stop() {
			_ = conn.Close()
			return
		}
		<-done
	}
}

// dial opens a socket to the server that is asked now; the next one is asked after a failure. A refusal before the upgrade
// becomes *Error.
func (c *Client) dial(ctx context.Context, path string) (*websocket.Conn, error) {
	base := c.servers.current()
	conn, header, err := c.dialTo(ctx, base, path)
	if err == nil {
		if err = c.servers.believe(header); err == nil {
			return conn, nil
		}
		_ = conn.Close()
	}
	if !final(err) {
		c.servers.missed(base)
	}
	return nil, err
}

func (c *Client) dialTo(ctx context.Context, base, path string) (*websocket.Conn, http.Header, error) {
	line := net.Dialer{Timeout: dialTimeout, KeepAlive: keepAlive}
	stop := func() bool { return true }
	dialer := websocket.Dialer{HandshakeTimeout: RequestTimeout, TLSClientConfig: c.tls}
	dialer.NetDialContext = func(dialling context.Context, network, addr string) (net.Conn, error) {
		raw, err := line.DialContext(dialling, network, addr)
		if err == nil { // the library watches ctx while it dials, not while it waits for the handshake
			stop = context.AfterFunc(ctx, func() { _ = raw.Close() })
		}
		return raw, err
	}
	defer func() { stop() }()
	header := http.Header{}
	if c.Token != "" {
		header.Set("Authorization", "Bearer "+c.Token)
	}
	conn, res, err := dialer.DialContext(ctx, socketURL(base)+path, header)
	if err == nil {
		return conn, res.Header, nil
	}
	if res == nil {
		return nil, nil, fmt.Errorf("wire: %s: %w: %w", path, ErrNoAnswer, err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(res.Body, refusalBody)) // a body that breaks off still has its status
	return nil, nil, refusal(res.StatusCode, body)
}

// socketURL turns http into ws and https into wss.
func socketURL(base string) string {
	if rest, ok := strings.CutPrefix(base, "http"); ok {
		return "ws" + rest
	}
	return base
}
