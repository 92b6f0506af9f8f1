package server_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rs/zerolog"

	"yitang/db"
	"yitang/server"
	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/halltest"
	"yitang/server/wire"
)

func config(dir, listen string, ready func(net.Addr)) server.Config {
	return server.Config{Dir: dir, Listen: listen, Now: time.Now, Pages: fstest.MapFS{}, Log: zerolog.Nop(), Ready: ready}
}

// TestStopAtOnce stops the hall in the moment when it says that it is ready: the listener may not be served yet.
func TestStopAtOnce(t *testing.T) {
	h := halltest.Make(t, 1)
	for range 20 {
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- server.Run(ctx, config(h.Dir, "127.0.0.1:0", func(net.Addr) { stop() })) }()
		if err := within(t, "a hall that is stopped while it starts ends", ended); err != nil {
			t.Fatalf("stopped with %v", err)
		}
		stop()
	}
}

// TestStopWithIdleConnections stops the hall while a client has an open connection and says nothing.
func TestStopWithIdleConnections(t *testing.T) {
	h := halltest.New(t, 1)
	silent, err := net.Dial("tcp", strings.TrimPrefix(h.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	h.Get(200, "", "/healthz") // and one that has been used
	h.Stop()                   // fails the test when it does not end well
}

func TestNoSecondServer(t *testing.T) {
	h := halltest.New(t, 1)
	err := server.Run(t.Context(), config(h.Dir, "127.0.0.1:0", nil))
	if !errors.Is(err, db.ErrInUse) || !strings.Contains(err.Error(), h.Dir) {
		t.Errorf("a second server on the same folder: %v", err)
	}
	err = server.Run(t.Context(), config(t.TempDir(), strings.TrimPrefix(h.URL, "http://"), nil))
	if err == nil || !strings.Contains(err.Error(), "--listen") {
		t.Errorf("a second server on the same port: %v", err)
	}
	h.Get(200, "", "/readyz")
}

// TestEmptyFolder serves before there is a catalogue: alive, not ready, and a refusal that says what to do.
func TestEmptyFolder(t *testing.T) {
	h := &halltest.Hall{TB: t, Dir: t.TempDir(), Now: time.Now}
	h.Start()
	h.Get(200, "", "/healthz")
	if a := h.Get(503, "", "/readyz"); a.Code() != string(hall.CodeNoCatalogue) {
		t.Errorf("not ready: %s", a.Body)
	}
}

// clock is a hall's clock that a test sets.
type clock struct{ ms atomic.Int64 }

func (c *clock) now() time.Time { return time.UnixMilli(c.ms.Load()) }
func (c *clock) set(t *testing.T, s string) {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", s, beijing(t))
	if err != nil {
		t.Fatal(err)
	}
	c.ms.Store(at.UnixMilli())
}

func beijing(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// TestDayTurns follows the clock over two nights: the day belongs to the hall's zone and turns at 04:00, numbers begin
// anew, and who still waits is ended. UTC midnight (08:00 in Beijing) changes nothing.
func TestDayTurns(t *testing.T) {
	var c clock
	c.set(t, "2030-03-04 07:59")
	h := halltest.Make(t, 1)
	h.Now = c.now
	h.Start()
	first := take(h)
	if first.Number[1:] != "001" || first.Day != "2030-03-04" || h.Get(200, "", "/readyz").Status != 200 {
		t.Errorf("the first ticket is %+v", first)
	}
	c.set(t, "2030-03-04 08:01")
	if second := take(h); second.Day != first.Day || second.Number[1:] != "002" {
		t.Errorf("after UTC midnight the hall issued %s of %s", second.Number, second.Day)
	}
	c.set(t, "2030-03-05 03:59")
	if third := take(h); third.Day != first.Day || third.Number[1:] != "003" {
		t.Errorf("at 03:59 the hall issued %s of %s", third.Number, third.Day)
	}
	c.set(t, "2030-03-05 04:01")
	until(h, "2030-03-05")
	if fresh := take(h); fresh.Day != "2030-03-05" || fresh.Number[1:] != "001" {
		t.Errorf("on the next day the hall issued %s of %s", fresh.Number, fresh.Day)
	}
	old := halltest.Into[wire.Ticket](h, h.Get(200, h.Tokens[account.Manager], "/api/v1/tickets/"+first.ID))
	if old.State != string(hall.Abandoned) {
		t.Errorf("yesterday's ticket is %s", old.State)
	}
	h.Stop()
	c.set(t, "2030-03-07 12:00") // two nights without a server
	h.Start()
	until(h, "2030-03-07")
	if fresh := take(h); fresh.Number[1:] != "001" {
		t.Errorf("after two nights the hall issued %s", fresh.Number)
	}
	h.Stop()
	h.Verify()
}

// until waits for a business day to open.
func until(h *halltest.Hall, day string) {
	h.Helper()
	end := time.Now().Add(waitFor)
	for time.Now().Before(end) {
		c := halltest.Into[wire.Catalogue](h, h.Get(200, h.Tokens[account.Manager], "/api/v1/catalogue"))
		if c.Hall.Day == day && c.Hall.Open {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	h.Fatalf("%s did not open", day)
}

func take(h *halltest.Hall) wire.Ticket {
	h.Helper()
	a := h.Post(http.StatusCreated, h.Tokens[account.Kiosk], "/api/v1/tickets", "", wire.TakeRequest{Matters: h.Matters[:1]})
	return halltest.Into[wire.Ticket](h, a)
}
