package wire_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"yitang/server/wire"
)

const patience = time.Minute // only a failure lasts that long

// socketHall upgrades every request and lets serve speak on the socket; n counts connections from 1.
func socketHall(t *testing.T, serve func(n int32, c *websocket.Conn)) (*wire.Client, *atomic.Int32) {
	t.Helper()
	var n atomic.Int32
	up := websocket.Upgrader{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		me := n.Add(1)
		if r.Header.Get("Authorization") != "Bearer screen" {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = fmt.Fprint(w, `{"error":{"code":"no_token","message":"请登录"}}`)
			return
		}
		conn, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer conn.Close()
		serve(me, conn)
	}))
	t.Cleanup(s.Close)
	return wire.New(s.URL, "screen"), &n
}

func say(c *websocket.Conn, text string) { _ = c.WriteMessage(websocket.TextMessage, []byte(text)) }

// drain reads until the client is gone.
func drain(c *websocket.Conn) {
	for {
		if _, _, err := c.ReadMessage(); err != nil {
			return
		}
	}
}

func TestWatchComesBack(t *testing.T) {
	c, _ := socketHall(t, func(n int32, conn *websocket.Conn) {
		say(conn, fmt.Sprintf(`{"type":"snapshot","seq":%d0}`, n))
		say(conn, `{"type":"weather","seq":99}`)
		say(conn, fmt.Sprintf(`{"type":"update","seq":%d1}`, n))
		if n > 1 {
			drain(conn)
		}
	})
	var links []wire.Link
	c.OnLink = func(l wire.Link) { links = append(links, l) }
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var seqs []uint64
	err := c.WatchBoard(ctx, "hall", func(b wire.Board) {
		if seqs = append(seqs, b.Seq); b.Seq == 21 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
	if fmt.Sprint(seqs) != "[10 11 20 21]" {
		t.Errorf("seqs = %v", seqs)
	}
	if len(links) != 3 || !links[0].Up || links[1].Up || links[1].Err == nil || links[1].RetryIn <= 0 || !links[2].Up {
		t.Errorf("links = %+v", links)
	}
}

func TestWatchDoesNotHammer(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c, _ := socketHall(t, func(n int32, _ *websocket.Conn) {
		if n == 3 {
			cancel()
		}
	})
	began := time.Now()
	if err := c.WatchHall(ctx, func(wire.HallState) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
	if d := time.Since(began); d < 750*time.Millisecond { // waits of at least 0.25 and 0.5 s
		t.Errorf("three connections in %s", d)
	}
}

func TestWatchRefusedForGood(t *testing.T) {
	c, n := socketHall(t, func(int32, *websocket.Conn) {})
	err := c.WithToken("wrong").WatchHall(context.Background(), func(wire.HallState) {})
	var refused *wire.Error
	if !errors.As(err, &refused) || refused.Status != 401 || refused.Code != "no_token" {
		t.Errorf("err = %#v", err)
	}
	if n.Load() != 1 {
		t.Errorf("asked %d times", n.Load())
	}
}

func TestWatchAnswersPingsAndBoundsMessages(t *testing.T) {
	pong := make(chan string, 1)
	tooLong := make(chan error, 1)
	c, _ := socketHall(t, func(n int32, conn *websocket.Conn) {
		if n > 1 {
			drain(conn)
			return
		}
		conn.SetPongHandler(func(s string) error { pong <- s; return errors.New("enough") })
		_ = conn.WriteControl(websocket.PingMessage, []byte("p1"), time.Now().Add(patience))
		drain(conn)
		_ = conn.WriteMessage(websocket.TextMessage, make([]byte, wire.MaxMessage+1))
		_ = conn.SetReadDeadline(time.Now().Add(patience))
		drain(conn)
	})
	c.OnLink = func(l wire.Link) {
		if l.Err != nil {
			tooLong <- l.Err
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- c.WatchHall(ctx, func(h wire.HallState) { t.Errorf("delivered %+v", h) })
	}()
	select {
	case got := <-pong:
		if got != "p1" {
			t.Errorf("pong %q", got)
		}
	case <-time.After(patience):
		t.Error("no pong")
	}
	select {
	case err := <-tooLong:
		if !errors.Is(err, websocket.ErrReadLimit) {
			t.Errorf("link ended by %v", err)
		}
	case <-time.After(patience):
		t.Error("an endless message was taken")
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
}

// A server that takes the connection and never answers the handshake must not hold up the end.
func TestWatchEndsDuringAHandshake(t *testing.T) {
	block := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-block:
		case <-r.Context().Done():
		}
	}))
	defer s.Close()
	defer close(block)
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	_ = wire.New(s.URL, "x").WatchHall(ctx, func(wire.HallState) {})
	if d := time.Since(began); d > wire.RequestTimeout-time.Second {
		t.Errorf("ended after %v", d)
	}
}
