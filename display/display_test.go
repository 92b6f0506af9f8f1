package display_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
	"github.com/rs/zerolog"

	"yitang/display"
	"yitang/server/wire"
)

const patience = time.Minute // only a failure lasts that long

func start() time.Time { return time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC) }

// testHall sends boards to whoever follows the screen.
type testHall struct {
	url     string
	mu      sync.Mutex
	conn    *websocket.Conn
	newest  wire.Board
	came    chan struct{}
	took    chan string // answers to pings: the display has taken what was shown before
	reports []string
}

func newTestHall(t *testing.T, first wire.Board) *testHall {
	h := &testHall{newest: first, came: make(chan struct{}, 10), took: make(chan string, 10)}
	mux := http.NewServeMux()
	up := websocket.Upgrader{}
	mux.HandleFunc("GET /ws/screens/hall-1", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer screen" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		conn, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer conn.Close()
		conn.SetPongHandler(func(s string) error { h.took <- s; return nil })
		h.mu.Lock()
		h.conn = conn
		b := h.newest
		b.Type = wire.TypeSnapshot
		_ = conn.WriteJSON(b)
		h.mu.Unlock()
		h.came <- struct{}{}
		for {
			if _, _, err := conn.ReadMessage(); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("GET /api/v1/session", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(wire.Session{User: "screen-1"})
	})
	mux.HandleFunc("POST /api/v1/devices/{device}/parts/{part}", func(w http.ResponseWriter, r *http.Request) {
		var in wire.DeviceReport
		_ = json.NewDecoder(r.Body).Decode(&in)
		h.mu.Lock()
		h.reports = append(h.reports, r.PathValue("device")+"/"+r.PathValue("part")+"="+in.State+":"+in.Reason)
		h.mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	h.url = s.URL
	return h
}

// show sends a board to the display that is connected, or keeps it for the next one.
func (h *testHall) show(b wire.Board) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.newest = b
	if h.conn != nil {
		b.Type = wire.TypeUpdate
		_ = h.conn.WriteJSON(b)
	}
}

// taken waits until the display has taken every board that was shown.
func (h *testHall) taken(t *testing.T) {
	t.Helper()
	h.mu.Lock()
	err := h.conn.WriteControl(websocket.PingMessage, []byte("taken?"), time.Now().Add(patience))
	h.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-h.took:
	case <-time.After(patience):
		t.Fatal("the display does not take the board")
	}
}

func (h *testHall) hangUp() {
	h.mu.Lock()
	defer h.mu.Unlock()
	_ = h.conn.Close()
	h.conn = nil
}

func (h *testHall) reported(want string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Contains(strings.Join(h.reports, " "), want)
}

// speaker remembers what was said. While gate is set, each Say waits for one value.
type speaker struct {
	gate  chan struct{}
	fail  bool
	begun chan struct{} // gets a value from each Say that waits
	said  chan display.Announcement
}

func newSpeaker() *speaker {
	return &speaker{begun: make(chan struct{}, 400), said: make(chan display.Announcement, 400)}
}

func (s *speaker) Say(ctx context.Context, a display.Announcement) error {
	if s.gate != nil {
		s.begun <- struct{}{}
		select {
		case <-s.gate:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	s.said <- a
	if s.fail {
		return errors.New("no sound card")
	}
	return nil
}

// hears reads n announcements, as "A001>3".
func (s *speaker) hears(t *testing.T, n int) []string {
	t.Helper()
	var out []string
	for range n {
		select {
		case a := <-s.said:
			out = append(out, a.Number+">"+a.Window)
		case <-time.After(patience):
			t.Fatalf("heard %v, want %d", out, n)
		}
	}
	return out
}

func (s *speaker) silent(t *testing.T) {
	t.Helper()
	select {
	case a := <-s.said:
		t.Errorf("heard %s>%s, want silence", a.Number, a.Window)
	case <-time.After(200 * time.Millisecond):
	}
}

func run(t *testing.T, h *testHall, s display.Speaker) (stop func()) {
	t.Helper()
	return runWith(t, h, display.Config{Speaker: s, Languages: []string{"ug"}})
}

func runWith(t *testing.T, h *testHall, cfg display.Config) (stop func()) {
	t.Helper()
	cfg.Server, cfg.Token, cfg.Screen, cfg.Log = h.url, "screen", "hall-1", zerolog.Nop()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- display.Run(ctx, cfg)
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("Run: %v", err)
			}
		case <-time.After(patience):
			t.Error("Run does not end")
		}
	})
	t.Cleanup(stop)
	<-h.came
	return stop
}

// board is a board of a hall that speaks, with the calls given oldest first.
func board(seq uint64, calls ...wire.Call) wire.Board {
	b := wire.Board{Seq: seq, At: start(), Voice: wire.BoardVoice{On: true, Volume: 50, Times: 1, EveryS: 20}}
	window := map[string]int{}
	for _, c := range calls {
		if i, ok := window[c.Window]; ok {
			b.Windows[i].Number = c.Number
			continue
		}
		window[c.Window] = len(b.Windows)
		b.Windows = append(b.Windows, wire.BoardWindow{ID: c.Window, State: "open", Number: c.Number})
	}
	for i := len(calls) - 1; i >= 0; i-- {
		b.Calls = append(b.Calls, calls[i])
	}
	return b
}

func call(seq uint64, number, window, state string) wire.Call {
	return wire.Call{Seq: seq, Number: number, Window: window, State: state, Calls: 1, CalledAt: start().Add(-time.Second)}
}

func TestCallsAreSaidOnceAndRecallsAgain(t *testing.T) {
	h, s := newTestHall(t, board(1)), newSpeaker()
	run(t, h, s)
	h.show(board(2, call(2, "A001", "3", "called")))
	a := <-s.said
	if a.Number != "A001" || len(a.Phrases) != 2 || a.Phrases[0].Spoken != "请A零零一号到三号窗口办理" || a.Phrases[1].Language != "ug" {
		t.Errorf("%+v", a)
	}
	h.show(board(3, call(2, "A001", "3", "called")))
	h.show(board(4, call(2, "A001", "3", "serving")))
	s.silent(t)
	h.show(board(5, call(2, "A001", "3", "serving"), call(5, "A002", "4", "called")))
	if got := s.hears(t, 1); got[0] != "A002>4" {
		t.Errorf("heard %v", got)
	}
	h.show(board(7, call(2, "A001", "3", "serving"), call(7, "A002", "4", "called")))
	if got := s.hears(t, 1); got[0] != "A002>4" {
		t.Errorf("recall: %v", got)
	}
}

func TestABurstKeepsItsOrder(t *testing.T) {
	h, s := newTestHall(t, board(1)), newSpeaker()
	s.gate = make(chan struct{}, 100)
	run(t, h, s)
	var calls []wire.Call
	var want []string
	for i := range 50 {
		c := call(uint64(i+2), fmt.Sprintf("A%03d", i+1), fmt.Sprint(i+1), "called")
		calls = append(calls, c)
		want = append(want, c.Number+">"+c.Window)
		h.show(board(c.Seq, calls...))
	}
	for range 50 {
		s.gate <- struct{}{}
	}
	if got := s.hears(t, 50); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("heard %v", got)
	}
	s.silent(t)
}

// A hundred calls between two boards: the board lists all that nobody has followed.
func TestABurstBetweenTwoBoards(t *testing.T) {
	h, s := newTestHall(t, board(1)), newSpeaker()
	run(t, h, s)
	var calls []wire.Call
	var want []string
	for i := range 100 {
		c := call(uint64(i+2), fmt.Sprintf("A%03d", i+1), fmt.Sprint(i+1), "called")
		calls, want = append(calls, c), append(want, c.Number+">"+c.Window)
	}
	h.show(board(200, calls...))
	if got := s.hears(t, 100); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("heard %v", got)
	}
	s.silent(t)
}

// Who does not come is called again, as often as the hall has set; who is far away from the zone is not.
func TestRepeatsAndZones(t *testing.T) {
	h, s := newTestHall(t, board(1)), newSpeaker()
	run(t, h, s)
	b := board(3, call(2, "A001", "3", "called"), call(3, "A002", "4", "called"))
	b.Voice.Times, b.Voice.EveryS, b.Voice.Zone = 3, 1, []string{"3"}
	h.show(b)
	if got := fmt.Sprint(s.hears(t, 3)); got != "[A001>3 A001>3 A001>3]" {
		t.Errorf("heard %s", got)
	}
	s.silent(t)
	b = board(5, call(5, "A005", "3", "called"))
	b.Voice.On = false
	h.show(b)
	s.silent(t)
}

// When many wait to be called, the announcements become brief, so that the last is not far behind.
func TestACrowdIsCalledBriefly(t *testing.T) {
	h, s := newTestHall(t, board(1)), newSpeaker()
	s.gate = make(chan struct{}, 10)
	run(t, h, s)
	var calls []wire.Call
	for i := range 6 {
		calls = append(calls, call(uint64(i+2), fmt.Sprintf("A%03d", i+1), fmt.Sprint(i+1), "called"))
	}
	h.show(board(9, calls...))
	brief := ""
	for range 6 {
		s.gate <- struct{}{}
		a := <-s.said
		brief += map[bool]string{true: "b", false: "-"}[a.Brief]
		if a.Volume != 50 || len(a.Phrases) != 2 {
			t.Errorf("%+v", a)
		}
	}
	if brief != "bbb---" {
		t.Errorf("brief or not: %s", brief)
	}
}

// A display that remembers its last call neither repeats nor misses one over its own restart.
func TestItsOwnPowerCut(t *testing.T) {
	h, s := newTestHall(t, board(1)), newSpeaker()
	state := filepath.Join(t.TempDir(), "display", "hall-1")
	stop := runWith(t, h, display.Config{Speaker: s, State: state})
	first := call(2, "A001", "1", "called")
	h.show(board(2, first))
	s.hears(t, 1)
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if b, _ := os.ReadFile(state); string(b) == "2" {
			break
		}
		if time.Now().After(end) {
			t.Fatal("never kept")
		}
	}
	stop()
	old := call(3, "A002", "2", "called")
	old.CalledAt = start().Add(-5 * time.Minute)
	h.show(board(3, first, old))
	runWith(t, h, display.Config{Speaker: s, State: state})
	if got := fmt.Sprint(s.hears(t, 1)); got != "[A002>2]" {
		t.Errorf("heard %s", got)
	}
	s.silent(t)
}

// TestStoppedWhileSpeaking: what was cut short, and what waited behind a recall with a higher number, is said after the restart.
func TestStoppedWhileSpeaking(t *testing.T) {
	h, s := newTestHall(t, board(1)), newSpeaker()
	s.gate = make(chan struct{}, 10)
	state := filepath.Join(t.TempDir(), "hall-1")
	stop := runWith(t, h, display.Config{Speaker: s, State: state})
	first, third := call(2, "A001", "1", "called"), call(4, "A003", "3", "called")
	h.show(board(4, first, call(3, "A002", "2", "called"), third))
	select {
	case <-s.begun: // the speaker is at A001
	case <-time.After(patience):
		t.Fatal("nothing is said")
	}
	again := call(5, "A002", "2", "called")
	h.show(board(5, first, third, again))
	h.taken(t)
	for range 2 {
		s.gate <- struct{}{}
	}
	if got := fmt.Sprint(s.hears(t, 2)); got != "[A001>1 A002>2]" {
		t.Fatalf("heard %s", got)
	}
	eventually(t, func() bool { b, _ := os.ReadFile(state); return string(b) == "3" })
	stop() // in the middle of A003
	s = newSpeaker()
	runWith(t, h, display.Config{Speaker: s, State: state})
	if got := fmt.Sprint(s.hears(t, 2)); got != "[A003>3 A002>2]" {
		t.Errorf("heard %s", got)
	}
	s.silent(t)
}

func TestWhatIsNoLongerCalledIsNotSaid(t *testing.T) {
	q := display.NewQueue()
	q.Take(board(1))
	first := call(2, "A001", "1", "called")
	q.Take(board(5, first, call(3, "A002", "2", "called"), call(4, "A003", "3", "called"), call(5, "A004", "4", "called")))
	said := []string{q.Next()} // the speaker is at A001
	q.Take(board(9, first, call(4, "A003", "3", "serving"), call(5, "A004", "4", "called"), call(8, "A009", "2", "called")))
	for range 3 {
		said = append(said, q.Next())
	}
	if got := fmt.Sprint(said); got != "[A001>1 A004>4 A009>2 ]" {
		t.Errorf("said %s", got)
	}
}

func TestAfterALostLine(t *testing.T) {
	h, s := newTestHall(t, board(1)), newSpeaker()
	run(t, h, s)
	said := call(2, "A001", "1", "called")
	h.show(board(2, said))
	s.hears(t, 1)
	h.hangUp()
	h.show(board(7, said, call(3, "A002", "2", "done"), call(6, "A003", "3", "called"), call(7, "A004", "4", "called")))
	<-h.came
	if got := fmt.Sprint(s.hears(t, 2)); got != "[A003>3 A004>4]" {
		t.Errorf("heard %s", got)
	}
	s.silent(t)
}

func TestAStartSaysOnlyWhatIsFresh(t *testing.T) {
	old := call(2, "A001", "1", "called")
	old.CalledAt = start().Add(-5 * time.Minute)
	h, s := newTestHall(t, board(3, old, call(3, "A002", "2", "called"))), newSpeaker()
	run(t, h, s)
	if got := s.hears(t, 1); got[0] != "A002>2" {
		t.Errorf("heard %v", got)
	}
	s.silent(t)
	// a hall restored from a backup begins below
	h.show(board(1, call(1, "B001", "5", "called")))
	if got := s.hears(t, 1); got[0] != "B001>5" {
		t.Errorf("heard %v", got)
	}
}

func TestHealth(t *testing.T) {
	h, s := newTestHall(t, board(1)), newSpeaker()
	s.fail = true
	run(t, h, s)
	eventually(t, func() bool { return h.reported("screen-1/voice=up:") })
	h.show(board(2, call(2, "A001", "3", "called"), call(3, "A002", "4", "called")))
	if got := fmt.Sprint(s.hears(t, 4)); got != "[A001>3 A001>3 A002>4 A002>4]" {
		t.Errorf("tried %s", got)
	}
	eventually(t, func() bool { return h.reported("screen-1/voice=down:speaker_failed") })
}

func eventually(t *testing.T, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("never")
		}
	}
}

func TestRefusals(t *testing.T) {
	h := newTestHall(t, board(1))
	for name, cfg := range map[string]display.Config{
		"token":    {Server: h.url, Token: "wrong", Screen: "hall-1"},
		"screen":   {Server: h.url, Token: "screen", Screen: "hall-9"},
		"language": {Server: h.url, Token: "screen", Screen: "hall-1", Languages: []string{"fr"}},
		"nothing":  {},
	} {
		if err := display.Run(context.Background(), cfg); err == nil || !strings.HasPrefix(err.Error(), "display: ") && !strings.HasPrefix(err.Error(), "voice: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
