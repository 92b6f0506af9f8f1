package api_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/fasthttp/websocket"

	"yitang/server/api"
	"yitang/server/feed"
	"yitang/server/hall"
	"yitang/server/halltest"
	"yitang/server/route"
	"yitang/server/wire"
)

// TestAFullDiskIsNotReady: readiness says that the disk will soon be full, and that there is room again; the process lives all the
// while, and kiosks go on with the hall.
func TestAFullDiskIsNotReady(t *testing.T) {
	s := hall.New(route.Rule{})
	events, err := hall.Decide(s, hall.AdoptLayout{Layout: *halltest.Layout(t, 1)}, 1, hall.System)
	if err != nil {
		t.Fatal(err)
	}
	for i := range events {
		s.Apply(&events[i])
	}
	var free atomic.Uint64
	states := feed.New()
	a, url, served := serving(t, api.Config{Hall: &slowHall{view: s.View()}, Accounts: oneClerk{}, Feed: states, Free: func() (uint64, error) { return free.Load(), nil }})
	for _, c := range []struct {
		free   uint64
		status int
		code   string
	}{{api.LeastFree, 200, ""}, {api.LeastFree - 1, 503, wire.CodeDiskLow}, {0, 503, wire.CodeDiskLow}, {api.LeastFree, 200, ""}} {
		free.Store(c.free)
		states.Publish(s.View())
		for path, want := range map[string]int{"/readyz": c.status, "/healthz": 200} {
			res, err := http.Get(url + path)
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(res.Body)
			res.Body.Close()
			if err != nil || res.StatusCode != want {
				t.Errorf("%d bytes: %s %d %s, %v", c.free, path, res.StatusCode, text, err)
			}
			var said wire.ErrorBody
			if want != 200 && (json.Unmarshal(text, &said) != nil || said.Error.Code != c.code || !strings.Contains(said.Error.Message, "清理磁盘空间")) {
				t.Errorf("%d bytes: %s says %s", c.free, path, text)
			}
		}
		conn, res, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(url, "http")+"/ws/hall", http.Header{"Authorization": {"Bearer x"}})
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		var state wire.HallState
		if err := errors.Join(conn.ReadJSON(&state), conn.Close()); err != nil || (state.Disk != nil) != (c.status != 200) {
			t.Errorf("%d bytes: the manager's page hears of %+v, %v", c.free, state.Disk, err)
		}
		if err := wire.New(url, "").Ready(t.Context()); err != nil {
			t.Errorf("%d bytes: a kiosk takes the hall for away: %v", c.free, err)
		}
	}
	if err := errors.Join(a.Close(), <-served); err != nil {
		t.Error(err)
	}
}
