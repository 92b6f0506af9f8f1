package api_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"yitang/server/account"
	"yitang/server/halltest"
	"yitang/server/wire"
)

func put(h *halltest.Hall, status int, path string, body any) halltest.Answer {
	h.Helper()
	a := h.Send(halltest.Request{Method: http.MethodPut, Path: path, Token: h.Tokens[account.Manager], Body: body})
	if a.Status != status {
		h.Fatalf("PUT %s: %d %s, want %d", path, a.Status, a.Body, status)
	}
	return a
}

func screens(h *halltest.Hall) wire.ScreenList {
	h.Helper()
	return halltest.Into[wire.ScreenList](h, h.Get(200, h.Tokens[account.Manager], "/api/v1/screens"))
}

// board reads messages until one is as wanted.
func board(h *halltest.Hall, conn *websocket.Conn, what string, want func(b wire.Board) bool) wire.Board {
	h.Helper()
	for {
		_, text, err := conn.ReadMessage()
		if err != nil {
			h.Fatalf("no message with %s: %v", what, err)
		}
		var b wire.Board
		if err := json.Unmarshal(text, &b); err != nil {
			h.Fatalf("%s: %v", text, err)
		}
		if want(b) {
			return b
		}
	}
}

// TestArrangeAScreen: what the manager arranges is what the screen is sent, at once and after a restart on a later day.
func TestArrangeAScreen(t *testing.T) {
	h := halltest.New(t, 3)
	conn := dial(h, "/ws/screens/hall-1", h.Tokens[account.Screen])
	first := board(h, conn, "a layout", func(wire.Board) bool { return true })
	if len(first.Screen.Landscape) == 0 || len(first.Screen.Portrait) == 0 || !first.Voice.On {
		t.Fatalf("a screen that nobody arranged: %+v", first.Screen)
	}
	put(h, 200, "/api/v1/areas", wire.Areas{Areas: []wire.Area{{ID: "east", Name: wire.Text{"zh": "东区"}, Windows: []string{"3"}}}})
	plan := wire.ScreenPlan{ID: "hall-1", Name: "大门", Kind: "area", Fields: []string{"A"}, Languages: []string{"ug", "zh"}, Theme: "contrast", Silent: true,
		Arrows: map[string]string{"east": "left"}, Ticker: wire.Text{"zh": "欢迎"},
		Landscape: []wire.Panel{{Kind: "newest", W: 24, H: 24}}, Portrait: []wire.Panel{{Kind: "calls", W: 24, H: 24}}}
	put(h, 200, "/api/v1/screens/hall-1", plan)
	b := board(h, conn, "the new plan", func(b wire.Board) bool { return b.Screen.Kind == "area" })
	if b.Screen.Theme != "contrast" || len(b.Areas) != 1 || b.Areas[0].Arrow != "left" || b.Voice.On || b.Screen.Landscape[0].Kind != "newest" {
		t.Errorf("the screen is sent %+v %+v %+v", b.Screen, b.Areas, b.Voice)
	}
	if a := put(h, 422, "/api/v1/screens/hall-1", wire.ScreenPlan{ID: "hall-1", Kind: "hall", Languages: []string{"zh"}, Theme: "dark"}); !strings.Contains(string(a.Body), "landscape") {
		t.Errorf("without panels: %s", a.Body)
	}
	put(h, 422, "/api/v1/screens/other", plan) // not its name
	h.Stop()
	h.Now = func() time.Time { return time.Now().AddDate(0, 0, 2) }
	h.Start()
	s := screens(h)
	if len(s.Screens) != 1 || !s.Screens[0].Own || s.Screens[0].Plan.Name != "大门" || len(s.Areas) != 1 {
		t.Errorf("two days later: %+v", s)
	}
	manager := h.Tokens[account.Manager]
	if a := h.Send(halltest.Request{Method: http.MethodDelete, Path: "/api/v1/screens/hall-1", Token: manager}); a.Status != 204 {
		t.Errorf("remove: %d %s", a.Status, a.Body)
	}
	if s = screens(h); s.Screens[0].Own || s.Screens[0].Plan.Kind != "hall" {
		t.Errorf("removed: %+v", s.Screens[0])
	}
}

func TestNotices(t *testing.T) {
	h := halltest.New(t, 1)
	one, two := dial(h, "/ws/screens/hall-1", h.Tokens[account.Screen]), dial(h, "/ws/screens/window-1", h.Tokens[account.Screen])
	manager := h.Tokens[account.Manager]
	h.Post(422, manager, "/api/v1/notices", "", wire.NoticeRequest{Text: wire.Text{"ug": "x"}})
	h.Post(422, manager, "/api/v1/notices", "", wire.NoticeRequest{Text: wire.Text{"zh": "x"}, Minutes: -1})
	n := halltest.Into[wire.Notice](h, h.Post(201, manager, "/api/v1/notices", "", wire.NoticeRequest{Text: wire.Text{"zh": "三号电梯检修"}, Screens: []string{"hall-1"}, Minutes: 5}))
	h.Post(201, manager, "/api/v1/notices", "", wire.NoticeRequest{Text: wire.Text{"zh": "下午四点闭馆"}})
	board(h, one, "both notices", func(b wire.Board) bool { return len(b.Notices) == 2 })
	if b := board(h, two, "a notice", func(b wire.Board) bool { return len(b.Notices) > 0 }); len(b.Notices) != 1 || b.Notices[0].Text["zh"] != "下午四点闭馆" {
		t.Errorf("the other screen shows %+v", b.Notices)
	}
	if a := h.Send(halltest.Request{Method: http.MethodDelete, Path: "/api/v1/notices/" + n.ID, Token: manager}); a.Status != 204 {
		t.Errorf("drop: %d %s", a.Status, a.Body)
	}
	board(h, one, "one notice", func(b wire.Board) bool { return len(b.Notices) == 1 })
}

// TestPresence: the manager sees who shows a screen and what it says of itself, and can ask it for its name.
func TestPresence(t *testing.T) {
	h := halltest.New(t, 1)
	manager := h.Tokens[account.Manager]
	put(h, 404, "/api/v1/screens/lobby-1/identify", nil)
	conn := dial(h, "/ws/screens/waiting-1", h.Tokens[account.Screen])
	looking := dial(h, "/ws/screens/waiting-1", manager)
	read(h, looking)
	for _, text := range []string{"nonsense", `{"client":"elephant"}`, `{"client":"page","version":"v1","width":1920,"height":1080,"seq":7,"shows":"A001 → 1","sound":"blocked"}`} {
		if err := conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	var c wire.ScreenClient
	for end := time.Now().Add(patience); c.Version == ""; time.Sleep(10 * time.Millisecond) {
		for _, s := range screens(h).Screens {
			if s.Plan.ID == "waiting-1" && len(s.Clients) == 1 {
				c = s.Clients[0]
			}
		}
		if time.Now().After(end) {
			t.Fatalf("never seen: %+v", screens(h).Screens)
		}
	}
	if c.Client != "page" || c.Width != 1920 || c.Shows != "A001 → 1" || c.Sound != "blocked" || c.Address == "" || c.Heard.IsZero() {
		t.Errorf("seen as %+v", c)
	}
	put(h, 204, "/api/v1/screens/waiting-1/identify", nil)
	board(h, conn, "the question for its name", func(b wire.Board) bool { return b.Name == 1 })
	conn.Close()
	for end := time.Now().Add(patience); len(screens(h).Screens) != 1; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("gone, but still there: %+v", screens(h).Screens)
		}
	}
}

// TestVoiceOfTheHall serves recorded words; the token may stand in the address, as an audio element needs it.
func TestVoiceOfTheHall(t *testing.T) {
	h := halltest.New(t, 2)
	clip := "RIFF\x28\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x22\x56\x00\x00\x44\xAC\x00\x00\x02\x00\x10\x00data\x04\x00\x00\x00\x00\x20\x00\x20"
	dir := filepath.Join(h.Dir, "clips", "zh")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, word := range strings.Fields("请 A 零 一 二 号 到 窗口 办理") {
		if err := os.WriteFile(filepath.Join(dir, word+".wav"), []byte(clip), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	v := screens(h).Voice
	v.Languages, v.Gong = []string{"zh"}, false
	put(h, 200, "/api/v1/voice", v)
	v.Rate = 1
	put(h, 422, "/api/v1/voice", v)
	path := "/api/v1/screens/hall-1/voice/A012/2"
	a := h.Get(200, "", path+"?token="+h.Tokens[account.Screen])
	brief := h.Get(200, h.Tokens[account.Manager], path+"?brief=1")
	if !strings.HasPrefix(string(a.Body), "RIFF") || len(brief.Body) >= len(a.Body) {
		t.Errorf("%d bytes, %d in brief", len(a.Body), len(brief.Body))
	}
	h.Get(401, "", path)
	h.Get(403, h.Tokens[account.Clerk], path)
	for _, wrong := range []string{"cinema/voice/A012/2", "hall-1/voice/A012/9", "hall-1/voice/A1%20B/2", "hall-1/voice/a012/2", "hall-1/voice/A0123456/2"} {
		h.Get(404, h.Tokens[account.Screen], "/api/v1/screens/"+wrong)
	}
}

func TestPauseTellsUntilWhen(t *testing.T) {
	h := halltest.New(t, 1)
	clerk := h.Tokens[account.Clerk]
	conn := dial(h, "/ws/screens/window-1", h.Tokens[account.Screen])
	h.Post(200, clerk, "/api/v1/windows/1/open", "", nil)
	h.Post(422, clerk, "/api/v1/windows/1/pause", "", wire.PauseRequest{Minutes: 481})
	h.Post(200, clerk, "/api/v1/windows/1/pause", "", wire.PauseRequest{Minutes: 15})
	b := board(h, conn, "a paused window", func(b wire.Board) bool { return b.Windows[0].State == "paused" })
	if w := b.Windows[0]; w.Until == nil || w.Until.Before(b.At.Add(10*time.Minute)) || w.Clerk == "" {
		t.Errorf("the window's screen is sent %+v", w)
	}
}
