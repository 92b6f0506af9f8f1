package kiosk_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rs/zerolog"

	"yitang/drivers/escpos"
	"yitang/drivers/idcard"
	"yitang/kiosk"
	"yitang/server/wire"
)

// number is a check-digit-correct number that no living person has.
const number = "11010519491231002X"

const patience = 2 * time.Minute // only a failure lasts that long

// testHall is a hall with hand-written answers.
type testHall struct {
	mu      sync.Mutex
	down    bool // 503 to everything
	refuse  *wire.Error
	wait    *wire.Wait // of the tickets; nil for the usual one
	takes   []wire.TakeRequest
	byKey   map[string]wire.Ticket
	prints  map[string][]wire.PrintReport
	devices []string // part=state:reason
	url     string

	token         string // that it knows; "device" without
	role          string // whose token that is; "kiosk" without
	series        string
	sealKey       string
	receipt       string
	hours         *wire.Hours
	offline       []wire.OfflineTicket
	refuseOffline map[string]*wire.Error
	done          map[string]bool                             // requests by their key: a hall does none twice
	trouble       func(path string) (status int, body string) // instead of an answer; nil or 0: the answer
}

func newTestHall(t testing.TB) *testHall {
	h := &testHall{byKey: map[string]wire.Ticket{}, prints: map[string][]wire.PrintReport{}, done: map[string]bool{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) { write(w, 200, map[string]string{}) })
	mux.HandleFunc("GET /api/v1/session", func(w http.ResponseWriter, _ *http.Request) {
		h.mu.Lock()
		defer h.mu.Unlock()
		write(w, 200, wire.Session{User: "kiosk-7", Role: cmp.Or(h.role, "kiosk")})
	})
	mux.HandleFunc("GET /api/v1/catalogue", func(w http.ResponseWriter, _ *http.Request) {
		h.mu.Lock()
		defer h.mu.Unlock()
		c := catalogue()
		c.Series, c.SealKey, c.Receipt = h.series, h.sealKey, h.receipt
		if h.hours != nil {
			c.Hall.Hours = *h.hours
		}
		write(w, 200, c)
	})
	mux.HandleFunc("POST /api/v1/tickets/offline", h.takeOffline)
	mux.HandleFunc("POST /api/v1/tickets", h.take)
	mux.HandleFunc("POST /api/v1/tickets/{id}/prints", h.print)
	mux.HandleFunc("POST /api/v1/devices/{device}/parts/{part}", h.device)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		down, token, trouble := h.down, h.token, h.trouble
		h.mu.Unlock()
		if trouble != nil {
			if status, body := trouble(r.URL.Path); status != 0 {
				w.WriteHeader(status)
				_, _ = io.WriteString(w, body)
				return
			}
		}
		if token == "" {
			token = "device"
		}
		switch {
		case down:
			w.WriteHeader(http.StatusServiceUnavailable)
		case r.URL.Path != "/readyz" && r.Header.Get("Authorization") != "Bearer "+token:
			write(w, 401, wire.ErrorBody{Error: wire.Error{Code: "not_logged_in", Message: "x"}})
		default:
			mux.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(s.Close)
	h.url = s.URL
	return h
}

func catalogue() wire.Catalogue {
	return wire.Catalogue{
		Hall: wire.Hall{ID: "h", Name: wire.Text{"zh": "示例政务服务大厅", "en": "Example hall"}, Zone: "Asia/Shanghai", Day: "2026-11-24", Open: true,
			Hours: wire.Hours{Always: true, DayTurnsMin: 240}},
		Version: "v1", Fields: []wire.Field{{ID: "A", Name: wire.Text{"zh": "市场监管"}}},
		Matters: []wire.Matter{{Code: "SCJG-004", Name: wire.Text{"zh": "食品经营许可"}, Field: "A"}},
	}
}

func write(w http.ResponseWriter, status int, v any) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func (h *testHall) take(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var in wire.TakeRequest
	_ = json.NewDecoder(r.Body).Decode(&in)
	h.takes = append(h.takes, in)
	if h.refuse != nil {
		write(w, h.refuse.Status, wire.ErrorBody{Error: *h.refuse})
		return
	}
	key := r.Header.Get("Idempotency-Key")
	t, ok := h.byKey[key]
	if !ok {
		n := len(h.byKey) + 1
		t = wire.Ticket{ID: "t-" + string(rune('0'+n)), Number: "A00" + string(rune('0'+n)), State: "waiting", Field: "A",
			Matters: in.Matters, Cases: in.Cases, Language: in.Language, Ahead: 4, IssuedAt: time.Date(2026, 11, 24, 10, 5, 0, 0, time.FixedZone("", 8*3600)),
			TrackURL: "/t/abc", Wait: cmp.Or(h.wait, &wire.Wait{P50Min: 6, P80Min: 11, P90Min: 14})}
		if in.Appointment != "" {
			at := time.Date(2026, 11, 24, 10, 30, 0, 0, time.FixedZone("", 8*3600))
			t.Slot = &at
		}
		h.byKey[key] = t
	}
	write(w, 201, t)
}

func (h *testHall) takeOffline(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var in wire.OfflineTicket
	_ = json.NewDecoder(r.Body).Decode(&in)
	if e := h.refuseOffline[in.Number]; e != nil {
		write(w, e.Status, wire.ErrorBody{Error: *e})
		return
	}
	if h.first(r) {
		h.offline = append(h.offline, in)
	}
	write(w, 201, wire.Ticket{Number: in.Number})
}

// first says whether a request comes for the first time: one whose kiosk stopped before the answer came is sent again by the
// next. h.mu is held.
func (h *testHall) first(r *http.Request) bool {
	key := r.Header.Get("Idempotency-Key")
	known := h.done[key]
	h.done[key] = true
	return !known
}

func (h *testHall) offlineTickets() []wire.OfflineTicket {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]wire.OfflineTicket(nil), h.offline...)
}

func (h *testHall) print(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var in wire.PrintReport
	_ = json.NewDecoder(r.Body).Decode(&in)
	if h.first(r) {
		h.prints[r.PathValue("id")] = append(h.prints[r.PathValue("id")], in)
	}
	write(w, 200, wire.TicketResponse{})
}

func (h *testHall) device(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var in wire.DeviceReport
	_ = json.NewDecoder(r.Body).Decode(&in)
	h.devices = append(h.devices, r.PathValue("device")+"/"+r.PathValue("part")+"="+in.State+":"+in.Reason)
	w.WriteHeader(204)
}

func (h *testHall) set(f func(*testHall)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f(h)
}

func (h *testHall) printed(id string) []wire.PrintReport {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]wire.PrintReport(nil), h.prints[id]...)
}

func (h *testHall) reported(want string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, d := range h.devices {
		if d == want {
			return true
		}
	}
	return false
}

// fakePrinter answers what it is told to.
type fakePrinter struct {
	mu     sync.Mutex
	result kiosk.PrintResult
	health kiosk.DeviceHealth
	papers []escpos.Ticket
	closed bool
}

func (p *fakePrinter) Print(_ context.Context, r kiosk.Receipt) kiosk.PrintResult {
	t := r.Ticket
	p.mu.Lock()
	defer p.mu.Unlock()
	p.papers = append(p.papers, t)
	return p.result
}

func (p *fakePrinter) Health(context.Context) kiosk.DeviceHealth {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.health
}

func (p *fakePrinter) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	return nil
}

func (p *fakePrinter) paper() []escpos.Ticket {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]escpos.Ticket(nil), p.papers...)
}

func wellPrinter() *fakePrinter {
	return &fakePrinter{result: kiosk.PrintResult{State: "printed"}, health: kiosk.DeviceHealth{State: "up"}}
}

// fakeReader gives the events a test puts in.
type fakeReader struct{ events chan idcard.Event }

func (r *fakeReader) Run(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}
func (r *fakeReader) Events() <-chan idcard.Event { return r.events }

// running is a kiosk under test.
type running struct {
	t    testing.TB
	base string
	dir  string
	log  *lockedBuffer
	stop func()
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func pages() fstest.MapFS {
	return fstest.MapFS{"kiosk.html": {Data: []byte("<html>kiosk")}, "assets/a-1.js": {Data: []byte("js")}, "secret.txt": {Data: []byte("no")}}
}

func start(t testing.TB, cfg kiosk.Config) *running {
	t.Helper()
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	r := &running{t: t, dir: cfg.Dir, log: &lockedBuffer{}}
	cfg.Listen, cfg.Token, cfg.Log = "127.0.0.1:0", cmp.Or(cfg.Token, "device"), zerolog.New(r.log)
	cfg.Pages = pages()
	cfg = kiosk.WithAwayTime(cfg, patience) // a hall that is away says so at once here
	addr, ended := make(chan string, 1), make(chan error, 1)
	cfg.OnListen = func(a string) { addr <- a }
	ctx, cancel := context.WithCancel(context.Background())
	go func() { ended <- kiosk.Run(ctx, cfg) }()
	r.stop = sync.OnceFunc(func() {
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
	t.Cleanup(r.stop)
	select {
	case a := <-addr:
		r.base = "http://" + a
	case err := <-ended:
		t.Fatalf("Run: %v", err)
	case <-time.After(patience):
		t.Fatal("the kiosk does not start")
	}
	return r
}

// do sends a request as the page does and returns status and body.
func (r *running) do(method, path, body string, header ...string) (int, string) {
	r.t.Helper()
	req, err := http.NewRequest(method, r.base+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(b)
}

func (r *running) take(key, body string) (int, wire.Ticket, wire.Error) {
	r.t.Helper()
	status, text := r.do("POST", "/local/tickets", body, "Idempotency-Key", key)
	var out struct {
		Ticket wire.Ticket `json:"ticket"`
		Error  wire.Error  `json:"error"`
	}
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		r.t.Fatalf("%d %q: %v", status, text, err)
	}
	return status, out.Ticket, out.Error
}

// pageEvent is one event as a page gets it.
type pageEvent struct{ name, data string }

// listen opens the event stream.
func (r *running) listen() <-chan pageEvent {
	r.t.Helper()
	res, err := http.Get(r.base + "/local/events")
	if err != nil || res.StatusCode != 200 {
		r.t.Fatalf("events: %v", err)
	}
	out := make(chan pageEvent, 100)
	done, left := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		defer close(out)
		s, e := bufio.NewScanner(res.Body), pageEvent{}
		for s.Scan() {
			switch line := s.Text(); {
			case strings.HasPrefix(line, "event: "):
				e.name = line[7:]
			case strings.HasPrefix(line, "data: "):
				e.data = line[6:]
			case line == "" && e.name != "":
				select {
				case out <- e:
				case <-left:
					return
				}
				e = pageEvent{}
			}
		}
	}()
	r.t.Cleanup(func() { close(left); _ = res.Body.Close(); <-done })
	return out
}

// await reads events until one of that name holds the text.
func await(t testing.TB, events <-chan pageEvent, name, text string) pageEvent {
	t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case e, ok := <-events:
			if !ok {
				t.Fatalf("the stream ended before %s %s", name, text)
			}
			if e.name == name && strings.Contains(e.data, text) {
				return e
			}
		case <-deadline:
			t.Fatalf("no %s %s", name, text)
		}
	}
}

func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}
