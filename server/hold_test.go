package server_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"yitang/server"
	"yitang/server/standby"
	"yitang/server/wire"
)

// silent connects to a socket of a hall's folder and says nothing that could be answered. It returns once it is listened to.
func silent(t *testing.T, dir, file string) {
	t.Helper()
	conn, err := standby.InFolder(dir, file, func(path string) (net.Conn, error) { return net.Dial("unix", path) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := conn.Write([]byte(" ")); err != nil {
		t.Fatal(err)
	}
	raw, err := conn.(*net.UnixConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the blank is read", func() bool {
		unread := 1
		if err := raw.Control(func(fd uintptr) { unread, _ = unix.IoctlGetInt(int(fd), unix.SIOCOUTQ) }); err != nil {
			t.Fatal(err)
		}
		return unread == 0
	})
}

// Whoever connects to a hall's console, or to its standby, and says nothing does not hold up its end.
func TestWhoSaysNothingHoldsUpNoEnd(t *testing.T) {
	primary, second := pair(t)
	silent(t, second.Dir, "standby.sock")
	second.Stop() // an error of its own when that takes too long
	primary.Stop()
	ready := make(chan struct{})
	c := config(primary.Dir, primary.Listen, func(net.Addr) { close(ready) })
	c.Alone = true
	c.AtConsole = func(context.Context, server.ConsoleVisit) ([]byte, error) { return []byte(`"done"`), nil }
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx, c) }()
	<-ready
	eventually(t, "the console answers", func() bool {
		_, err := server.Visit(t.Context(), primary.Dir, []byte(`{}`))
		return err == nil
	})
	silent(t, primary.Dir, "admin.sock")
	stop()
	if err := within(t, "the hall ends", ended); err != nil {
		t.Errorf("it ended with %v", err)
	}
}

// A standby that is stopped while it takes over a primary that does not answer ends, and is a standby still: that it was stopped
// says nothing about the primary.
func TestAStandbyStoppedWhileItTakesOver(t *testing.T) {
	primary, second := pair(t)
	second.Stop()
	target, err := url.Parse(primary.URL)
	if err != nil {
		t.Fatal(err)
	}
	asked, over := make(chan struct{}), make(chan struct{})
	line := httputil.NewSingleHostReverseProxy(target)
	between := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/fence") {
			close(asked)
			<-over
			return
		}
		line.ServeHTTP(w, r)
	}))
	defer between.Close()
	defer close(over)
	second.Follow.URL = between.URL
	second.Start()
	demanded := make(chan error, 1)
	go func() {
		_, err := standby.Demand(context.Background(), second.Dir, standby.Wanted{Lost: true})
		demanded <- err
	}()
	<-asked
	second.Stop()
	if err := within(t, "the order is answered", demanded); err == nil {
		t.Error("the standby said that it had taken over")
	}
	second.Start()
	if s := state(second); s.Role != wire.RoleStandby || s.Epoch != 1 {
		t.Errorf("after its restart it is %+v", s)
	}
}

// within waits for what must come soon, and gives it.
func within[T any](t *testing.T, what string, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(waitFor):
		t.Fatalf("%s: not within %s", what, waitFor)
	}
	return v
}
