package server_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rs/zerolog"

	"yitang/db"
	"yitang/server"
	"yitang/server/account"
	"yitang/server/halltest"
	"yitang/server/route"
	"yitang/server/standby"
	"yitang/server/wire"
)

// waitFor bounds what a standby needs a moment for; it is never long.
const waitFor = 60 * time.Second

// pair is a hall with its standby, each at an address that it keeps.
func pair(t *testing.T) (primary, second *halltest.Hall) {
	t.Helper()
	primary = halltest.Make(t, 2)
	primary.Listen = halltest.Address(t)
	primary.Start()
	takeN(primary, "before", 3)
	second = beside(primary)
	second.Start()
	return primary, second
}

// beside is a standby of a hall that has not been started.
func beside(h *halltest.Hall) *halltest.Hall {
	h.Helper()
	page := fstest.MapFS{"window.html": {Data: []byte("<html><body><div></div></body></html>")}}
	return &halltest.Hall{TB: h.TB, Dir: filepath.Join(h.TempDir(), "second"), Tokens: h.Tokens, Clerks: h.Clerks, Matters: h.Matters, Now: h.Now,
		Listen: halltest.Address(h.TB), Follow: server.Follow{URL: h.URL, Token: h.Tokens[account.Standby]}, Pages: page}
}

// takeN takes n tickets and returns their ids; the keys begin with a name.
func takeN(h *halltest.Hall, name string, n int) (ids []string) {
	h.Helper()
	for i := range n {
		a := h.Post(201, h.Tokens[account.Kiosk], "/api/v1/tickets", fmt.Sprintf("%s-%d", name, i), map[string]any{"matters": h.Matters[:1]})
		ids = append(ids, halltest.Into[wire.Ticket](h, a).ID)
	}
	return ids
}

// eventually waits for something that takes a moment.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for late := time.Now().Add(waitFor); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("%s: not within %s", what, waitFor)
		}
	}
}

func state(h *halltest.Hall) wire.ServerState {
	h.Helper()
	return halltest.Into[wire.ServerState](h, h.Get(200, "", "/api/v1/standby"))
}

func has(h *halltest.Hall, id string) bool {
	return h.Send(halltest.Request{Method: "GET", Path: "/api/v1/tickets/" + id, Token: h.Tokens[account.Clerk]}).Status == 200
}

// A standby shows what the primary has, takes no command, says so on its pages, and is there again after a restart.
func TestAStandbyFollows(t *testing.T) {
	primary, second := pair(t)
	last := takeN(primary, "more", 5)[4]
	eventually(t, "the standby has the last ticket", func() bool { return has(second, last) })
	for _, path := range []string{"/api/v1/tickets", "/api/v1/windows/1/open", "/api/v1/sessions"} {
		a := second.Send(halltest.Request{Method: "POST", Path: path, Token: second.Tokens[account.Kiosk], Body: map[string]any{}})
		if a.Status != 503 || a.Code() != wire.CodeStandby || !strings.Contains(string(a.Body), primary.URL) {
			t.Errorf("POST %s on the standby: %d %s", path, a.Status, a.Body)
		}
	}
	if body := string(second.Get(200, "", "/window").Body); !strings.Contains(body, "这是备用服务器") || !strings.Contains(body, "/server-banner.css") {
		t.Errorf("the page does not say that it is the standby's: %s", body)
	}
	if a := second.Send(halltest.Request{Method: "GET", Path: "/readyz"}); a.Status != 503 {
		t.Errorf("readyz %d", a.Status)
	}
	second.Stop()
	last = takeN(primary, "away", 5)[4]
	second.Start()
	eventually(t, "the standby has caught up", func() bool { return has(second, last) })
	if s := state(second); s.Role != wire.RoleStandby || s.Primary != primary.URL || s.Epoch != 1 {
		t.Errorf("%+v", s)
	}
	eventually(t, "the primary knows its standby", func() bool { return len(state(primary).Standby) == 1 })
	system := primary.Tokens[account.System]
	servers := func() wire.Servers {
		return halltest.Into[wire.Servers](primary, primary.Get(200, system, "/api/v1/admin/servers"))
	}
	f := servers().Followers[0]
	eventually(t, "the administrator sees it follow", func() bool { f = servers().Followers[0]; return f.Follows && f.Behind == 0 && f.BehindS == 0 })
	forget := map[string]any{"address": f.Address}
	if a := primary.Post(409, system, "/api/v1/admin/servers/forget", "", forget); a.Code() != "standby_follows" {
		t.Errorf("%s", a.Body)
	}
	second.Stop()
	takeN(primary, "alone", 3)
	eventually(t, "the administrator sees it stay behind", func() bool { f = servers().Followers[0]; return !f.Follows && f.Behind >= 3 && f.BehindS > 0 })
	second.Start()
	eventually(t, "it has caught up again", func() bool { f = servers().Followers[0]; return f.Follows && f.Behind == 0 })
	second.Stop()
	eventually(t, "it is silent", func() bool { return !servers().Followers[0].Follows })
	for range 2 { // again under its key: the first answer
		primary.Post(204, system, "/api/v1/admin/servers/forget", "gone", forget)
	}
	if n := len(servers().Followers); n != 0 {
		t.Errorf("%d standbys are left", n)
	}
	second.Start()
	eventually(t, "it is met anew", func() bool { return len(servers().Followers) == 1 })
	eventually(t, "it has everything", func() bool { return servers().Followers[0].Behind == 0 })
	primary.Stop()
	second.Stop()
	if a, b := primary.Verify(), second.Verify(); a != b {
		t.Errorf("%d events on the primary, %d on the standby", a, b)
	}
}

// A planned switch under load loses no acknowledged ticket, gives no number twice, answers a key as the old primary did, and
// leaves one primary. The old one comes back as the standby of the new one.
func TestAPlannedSwitchLosesNothing(t *testing.T) {
	primary, second := pair(t)
	eventually(t, "the standby follows", func() bool { return state(second).Seq > 0 })
	var mu sync.Mutex
	acknowledged := map[string]string{} // key to ticket
	var n atomic.Int64
	stop := make(chan struct{})
	var load sync.WaitGroup
	for range 8 {
		load.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				key := fmt.Sprint("load-", n.Add(1))
				a, err := primary.Try(halltest.Request{Method: "POST", Path: "/api/v1/tickets", Token: primary.Tokens[account.Kiosk], Key: key,
					Body: map[string]any{"matters": primary.Matters[:1]}})
				if err == nil && a.Status == 201 {
					mu.Lock()
					acknowledged[key] = halltest.Into[wire.Ticket](primary, a).ID
					mu.Unlock()
				}
			}
		})
	}
	eventually(t, "there is load", func() bool { return n.Load() > 100 })
	p, err := standby.Demand(t.Context(), second.Dir, standby.Wanted{})
	if err != nil {
		t.Fatal(err)
	}
	close(stop)
	load.Wait()
	if !p.Planned || p.Epoch != 2 || state(second).Role != wire.RolePrimary {
		t.Fatalf("%+v %+v", p, state(second))
	}
	ids := map[string]bool{}
	for key, id := range acknowledged {
		if ids[id] {
			t.Errorf("%s was given twice", id)
		}
		ids[id] = true
		a := second.Post(201, second.Tokens[account.Kiosk], "/api/v1/tickets", key, map[string]any{"matters": second.Matters[:1]})
		if got := halltest.Into[wire.Ticket](second, a).ID; got != id {
			t.Fatalf("key %s: the old primary answered %s, the new one %s", key, id, got)
		}
	}
	a := primary.Send(halltest.Request{Method: "POST", Path: "/api/v1/tickets", Token: primary.Tokens[account.Kiosk], Body: map[string]any{"matters": primary.Matters[:1]}})
	if a.Status != 503 || a.Code() != wire.CodeMoved || !strings.Contains(string(a.Body), second.URL) {
		t.Errorf("the old primary: %d %s", a.Status, a.Body)
	}
	primary.Stop()
	refusesToOpen(t, primary.Dir, second.URL)
	primary.Follow = server.Follow{URL: second.URL, Token: primary.Tokens[account.Standby]}
	primary.Start()
	last := takeN(second, "after", 3)[2]
	eventually(t, "the old primary follows the new one", func() bool { return has(primary, last) })
	t.Logf("%d tickets were acknowledged during the switch, none lost", len(acknowledged))
}

// refusesToOpen wants a folder to be refused as a primary's, with the address of who took over.
func refusesToOpen(t *testing.T, dir, by string) {
	t.Helper()
	err := server.Run(t.Context(), server.Config{Dir: dir, Listen: "127.0.0.1:0", Now: time.Now, Pages: fstest.MapFS{}, Log: zerolog.Nop()})
	if !errors.Is(err, standby.ErrFenced) || !strings.Contains(err.Error(), by) {
		t.Errorf("a second primary: %v", err)
	}
}

// A standby that cannot reach its primary takes over only when told that it is lost. The old primary, which has heard nothing
// of it, asks at its next start and refuses; its folder with more than the new one has is refused as a standby's, too.
func TestALostPrimaryDoesNotComeBackAsASecond(t *testing.T) {
	primary, second := pair(t)
	last := takeN(primary, "more", 2)[1]
	eventually(t, "the standby has the last ticket", func() bool { return has(second, last) })
	primary.Stop() // as far as the standby can tell, it is gone
	if _, err := standby.Demand(t.Context(), second.Dir, standby.Wanted{}); err == nil || !strings.Contains(err.Error(), "--lost") {
		t.Fatalf("promoted without the primary: %v", err)
	}
	p, err := standby.Demand(t.Context(), second.Dir, standby.Wanted{Lost: true})
	if err != nil || p.Planned || p.Epoch != 2 {
		t.Fatalf("%+v %v", p, err)
	}
	takeN(second, "new", 2)
	refusesToOpen(t, primary.Dir, second.URL)
	refusesToOpen(t, primary.Dir, second.URL) // it remembers, also without asking
}

// An old primary that still runs is told as soon as it can be reached, and stops.
func TestARunningOldPrimaryIsFenced(t *testing.T) {
	primary, second := pair(t)
	eventually(t, "the standby follows", func() bool { return state(second).Seq == state(primary).Seq })
	data, err := db.Open(filepath.Join(t.TempDir(), "x"))
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	ctx := context.Background()
	if err := standby.Remember(ctx, data, primary.URL, primary.Tokens[account.Standby]); err != nil {
		t.Fatal(err)
	}
	other := func(url, token string) *standby.Server { return standby.NewServer(url, token, nil) }
	if err := standby.Chase(ctx, data, other, wire.Fence{Epoch: 2, URL: second.URL}); err != nil {
		t.Fatal(err)
	}
	if s := state(primary); s.Role != wire.RoleFenced || s.Primary != second.URL {
		t.Errorf("%+v", s)
	}
	if body := primary.Send(halltest.Request{Method: "POST", Path: "/api/v1/day/close", Token: primary.Tokens[account.Manager]}); body.Code() != wire.CodeMoved {
		t.Errorf("%d %s", body.Status, body.Body)
	}
}

// Who knows both addresses finds the primary wherever it is: a client that asks, with its key, and one that watches. A client
// that has seen the new primary does not believe the old one any more.
func TestClientsFindTheNewPrimary(t *testing.T) {
	primary, second := pair(t)
	eventually(t, "the standby follows", func() bool { return state(second).Seq == state(primary).Seq })
	kiosk := wire.New(second.URL+","+primary.URL, primary.Tokens[account.Kiosk]) // the wrong one first
	take := func(key wire.Key) string {
		t.Helper()
		ticket, err := kiosk.Take(t.Context(), key, wire.TakeRequest{Matters: primary.Matters[:1]})
		if err != nil {
			t.Fatal(err)
		}
		return ticket.ID
	}
	first := take("a")
	boards := make(chan wire.Board, 100)
	watching, end := context.WithCancel(t.Context())
	var watch sync.WaitGroup
	watch.Go(func() {
		_ = wire.New(primary.URL+","+second.URL, primary.Tokens[account.Screen]).WatchBoard(watching, "hall-1", func(b wire.Board) {
			select {
			case boards <- b:
			default:
			}
		})
	})
	defer func() { end(); watch.Wait() }()
	<-boards
	if _, err := standby.Demand(t.Context(), second.Dir, standby.Wanted{}); err != nil {
		t.Fatal(err)
	}
	if again := take("a"); again != first {
		t.Errorf("the same key gave %s and, after the switch, %s", first, again)
	}
	next := take("b")
	if !has(second, next) {
		t.Errorf("%s is not on the new primary", next)
	}
	eventually(t, "the screen shows the new primary's board", func() bool {
		select {
		case b := <-boards:
			return b.Seq >= state(second).Seq
		default:
			return false
		}
	})
	believer := wire.New(second.URL+","+primary.URL, second.Tokens[account.Kiosk])
	if _, err := believer.Catalogue(t.Context()); err != nil {
		t.Fatal(err)
	}
	second.Stop()
	if _, err := believer.Catalogue(t.Context()); !errors.Is(err, wire.ErrNoAnswer) {
		t.Errorf("the old primary was believed: %v", err)
	}
}

// A primary whose standby does not answer does not open until it does, or a person says so.
func TestAPrimaryAsksItsStandbyFirst(t *testing.T) {
	primary, second := pair(t)
	eventually(t, "the primary knows its standby", func() bool { return len(state(primary).Standby) == 1 })
	primary.Stop()
	second.Stop()
	ctx, stop := context.WithTimeout(t.Context(), 3*time.Second)
	defer stop()
	opened := false
	c := server.Config{Dir: primary.Dir, Listen: primary.Listen, Now: time.Now, Pages: fstest.MapFS{}, Log: zerolog.Nop(), Ready: func(net.Addr) { opened = true; stop() }}
	if err := server.Run(ctx, c); opened || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("opened %v: %v", opened, err)
	}
	ctx, stop = context.WithTimeout(t.Context(), waitFor)
	defer stop()
	c.Alone = true
	if err := server.Run(ctx, c); !opened || err != nil {
		t.Errorf("alone: opened %v: %v", opened, err)
	}
	if v, err := db.Verify(t.Context(), primary.Dir, route.Rule{}, nil); err != nil || v.Fault != "" {
		t.Errorf("%+v %v", v, err)
	}
}
