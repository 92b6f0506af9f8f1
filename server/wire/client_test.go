package wire_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yitang/server/wire"
)

var uuid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// asked is what a test hall saw of one request.
type asked struct {
	Method, Path, Auth, Key, Body string
}

// hall answers every request with one status and body and remembers what was asked.
type hall struct {
	mu     sync.Mutex
	seen   []asked
	status []int // one after another; the last one stays
	body   string
}

func (h *hall) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(r.Body)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seen = append(h.seen, asked{r.Method, r.URL.EscapedPath(), r.Header.Get("Authorization"), r.Header.Get("Idempotency-Key"), string(b)})
	status := h.status[0]
	if len(h.status) > 1 {
		h.status = h.status[1:]
	}
	w.WriteHeader(status)
	if status != http.StatusNoContent {
		_, _ = io.WriteString(w, h.body)
	}
}

func startHall(t *testing.T, body string, status ...int) (*hall, *wire.Client) {
	t.Helper()
	h := &hall{status: status, body: body}
	s := httptest.NewServer(h)
	c := wire.New(s.URL+"/", "tok")
	c.Device = "kiosk-1"
	t.Cleanup(func() { c.Close(); s.Close() })
	return h, c
}

func TestEveryActHasItsPath(t *testing.T) {
	ctx := context.Background()
	acts := []struct {
		path string
		body string
		act  func(*wire.Client) error
	}{
		{"/api/v1/sessions", `{"user":"a","password":"b"}`, func(c *wire.Client) error { _, e := c.Login(ctx, wire.Login{User: "a", Password: "b"}); return e }},
		{"/api/v1/tickets", `{"matters":["M1"],"person":{"kind":"none"}}`, func(c *wire.Client) error {
			_, e := c.Take(ctx, "", wire.TakeRequest{Matters: []string{"M1"}, Person: wire.Person{Kind: "none"}})
			return e
		}},
		{"/api/v1/tickets/t-1/prints", `{"state":"printed"}`, func(c *wire.Client) error { return c.ReportPrint(ctx, "", "t-1", wire.PrintReport{State: "printed"}) }},
		{"/api/v1/devices/kiosk-1/parts/printer", `{"state":"down","reason":"paper_out"}`, func(c *wire.Client) error {
			return c.ReportDevice(ctx, "printer", wire.DeviceReport{State: "down", Reason: "paper_out"})
		}},
		{"/api/v1/windows/3/open", `{}`, func(c *wire.Client) error { _, e := c.Open(ctx, "3"); return e }},
		{"/api/v1/windows/3/pause", `{"reason":"lunch"}`, func(c *wire.Client) error { _, e := c.Pause(ctx, "3", wire.PauseRequest{Reason: "lunch"}); return e }},
		{"/api/v1/windows/3/resume", `{}`, func(c *wire.Client) error { _, e := c.ResumeWindow(ctx, "3"); return e }},
		{"/api/v1/windows/3/close", `{}`, func(c *wire.Client) error { _, e := c.CloseWindow(ctx, "3"); return e }},
		{"/api/v1/windows/3/next", `{}`, func(c *wire.Client) error { _, e := c.Next(ctx, "3"); return e }},
		{"/api/v1/windows/3/recall", `{}`, func(c *wire.Client) error { _, e := c.Recall(ctx, "3"); return e }},
		{"/api/v1/windows/3/start", `{}`, func(c *wire.Client) error { _, e := c.Start(ctx, "3"); return e }},
		{"/api/v1/windows/3/hold", `{"reason":"copy"}`, func(c *wire.Client) error { _, e := c.Hold(ctx, "3", wire.HoldRequest{Reason: "copy"}); return e }},
		{"/api/v1/windows/3/no-show", `{}`, func(c *wire.Client) error { _, e := c.NoShow(ctx, "3"); return e }},
		{"/api/v1/windows/3/transfer", `{"field":"B"}`, func(c *wire.Client) error { _, e := c.Transfer(ctx, "3", wire.TransferRequest{Field: "B"}); return e }},
		{"/api/v1/windows/3/finish", `{}`, func(c *wire.Client) error { _, e := c.Finish(ctx, "3", wire.FinishRequest{}); return e }},
		{"/api/v1/tickets/t-1/resume", `{"window":"4"}`, func(c *wire.Client) error { _, e := c.Resume(ctx, "t-1", wire.ResumeRequest{Window: "4"}); return e }},
		{"/api/v1/tickets/t-1/reactivate", `{}`, func(c *wire.Client) error { _, e := c.Reactivate(ctx, "t-1"); return e }},
		{"/api/v1/tickets/t-1/cancel", `{}`, func(c *wire.Client) error { _, e := c.Cancel(ctx, "t-1"); return e }},
		{"/api/v1/windows/A%2FB%3F/open", `{}`, func(c *wire.Client) error { _, e := c.Open(ctx, "A/B?"); return e }},
	}
	for _, a := range acts {
		t.Run(a.path, func(t *testing.T) {
			h, c := startHall(t, `{}`, http.StatusOK)
			if err := a.act(c); err != nil {
				t.Fatal(err)
			}
			key := h.seen[0].Key
			if !uuid.MatchString(key) {
				t.Errorf("Idempotency-Key %q is no UUID", key)
			}
			want := asked{"POST", a.path, "Bearer tok", key, a.body}
			if d := cmp.Diff(want, h.seen[0]); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestReadsHaveNoKey(t *testing.T) {
	ctx := context.Background()
	h, c := startHall(t, `{}`, http.StatusOK)
	_, e1 := c.Session(ctx)
	_, e2 := c.Catalogue(ctx)
	_, e3 := c.Ticket(ctx, "t-9")
	if err := errors.Join(e1, e2, e3, c.Ready(ctx)); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range h.seen {
		got = append(got, a.Method+" "+a.Path+a.Key+a.Body)
	}
	want := []string{"GET /api/v1/session", "GET /api/v1/catalogue", "GET /api/v1/tickets/t-9", "GET /readyz"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestAnswersAreRead(t *testing.T) {
	ctx := context.Background()
	_, c := startHall(t, `{"ticket":{"id":"t-1","number":"A001"},"why":{"rule":"fcfs","waited_s":61}}`, http.StatusOK)
	next, err := c.Next(ctx, "3")
	if err != nil || next == nil || next.Ticket.Number != "A001" || next.Why.WaitedS != 61 {
		t.Errorf("next = %+v, %v", next, err)
	}
	if ticket, err := c.Start(ctx, "3"); err != nil || ticket.ID != "t-1" {
		t.Errorf("start = %+v, %v", ticket, err)
	}
	_, c = startHall(t, `{"window":{"id":"3","state":"open"}}`, http.StatusOK)
	if w, err := c.Open(ctx, "3"); err != nil || w.State != "open" {
		t.Errorf("open = %+v, %v", w, err)
	}
	_, c = startHall(t, ``, http.StatusNoContent)
	if next, err := c.Next(ctx, "3"); err != nil || next != nil {
		t.Errorf("next of an empty queue = %+v, %v", next, err)
	}
}

func TestRefusals(t *testing.T) {
	cases := []struct {
		status int
		body   string
		want   wire.Error
	}{
		{409, `{"error":{"code":"ticket_in_hand","message":"请先办完手中的号"}}`, wire.Error{Status: 409, Code: "ticket_in_hand", Message: "请先办完手中的号"}},
		{413, `Request Entity Too Large`, wire.Error{Status: 413, Code: "http_413", Message: "Request Entity Too Large"}},
		{302, ``, wire.Error{Status: 302, Code: "http_302", Message: "Found"}},
		{502, `<html>`, wire.Error{Status: 502, Code: "http_502", Message: "Bad Gateway"}},
	}
	for _, tc := range cases {
		h, c := startHall(t, tc.body, tc.status)
		_, err := c.WithRetry(wire.Retry{Attempts: 1}).Next(context.Background(), "3")
		var got *wire.Error
		if !errors.As(err, &got) {
			t.Fatalf("%d: %v is no *wire.Error", tc.status, err)
		}
		if d := cmp.Diff(tc.want, *got); d != "" {
			t.Error(d)
		}
		if len(h.seen) != 1 {
			t.Errorf("%d: asked %d times", tc.status, len(h.seen))
		}
		if wire.Unreachable(err) != (tc.status == 502) {
			t.Errorf("%d: Unreachable = %v", tc.status, wire.Unreachable(err))
		}
	}
}

func TestRetryKeepsTheKey(t *testing.T) {
	h, c := startHall(t, `{"id":"t-1"}`, 503, 502, 504, 201)
	c = c.WithRetry(wire.Retry{Attempts: 5, First: time.Millisecond, Max: 2 * time.Millisecond})
	ticket, err := c.Take(context.Background(), "my-key", wire.TakeRequest{})
	if err != nil || ticket.ID != "t-1" {
		t.Fatalf("take = %+v, %v", ticket, err)
	}
	if len(h.seen) != 4 {
		t.Fatalf("asked %d times, want 4", len(h.seen))
	}
	for _, a := range h.seen {
		if a.Key != "my-key" || a.Body == "" {
			t.Errorf("asked %+v", a)
		}
	}
	h, c = startHall(t, ``, 503)
	_, err = c.WithRetry(wire.Retry{Attempts: 3, First: time.Millisecond}).Recall(context.Background(), "3")
	if !wire.Unreachable(err) || len(h.seen) != 3 {
		t.Errorf("asked %d times, want 3: %v", len(h.seen), err)
	}
	if h.seen[0].Key == "" || h.seen[0].Key != h.seen[2].Key {
		t.Errorf("the key changed between attempts: %q, %q", h.seen[0].Key, h.seen[2].Key)
	}
}

func TestNoAnswerIsRetriedUntilTheContextEnds(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	c := wire.New(s.URL, "").WithRetry(wire.Retry{Attempts: 20, First: 20 * time.Millisecond})
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := c.Catalogue(ctx)
	if !errors.Is(err, wire.ErrNoAnswer) || !wire.Unreachable(err) {
		t.Errorf("err = %v", err)
	}
	if d := time.Since(began); d > 30*time.Second { // twenty attempts take longer
		t.Errorf("took %v", d)
	}
}

func TestBrokenAndEndlessAnswers(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "catalogue") { // an answer that breaks off
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"version":`)
			return
		}
		for chunk := strings.Repeat("x", 1<<16); ; {
			if _, err := io.WriteString(w, chunk); err != nil {
				return
			}
		}
	}))
	defer s.Close()
	c := wire.New(s.URL, "")
	defer c.Close()
	if _, err := c.Catalogue(context.Background()); !errors.Is(err, wire.ErrNoAnswer) {
		t.Errorf("broken answer: %v", err)
	}
	if _, err := c.Session(context.Background()); err == nil || wire.Unreachable(err) || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("endless answer: %v", err)
	}
}

func TestNamesThatAreNone(t *testing.T) {
	h, c := startHall(t, `{}`, 200)
	ctx := context.Background()
	_, e1 := c.Ticket(ctx, "")
	_, e2 := c.Next(ctx, "..")
	_, e3 := c.Cancel(ctx, "")
	for i, err := range []error{e1, e2, e3, c.ReportPrint(ctx, "", "", wire.PrintReport{}), c.WatchBoard(ctx, "", nil)} {
		if err == nil {
			t.Errorf("%d: no error", i)
		}
	}
	if len(h.seen) != 0 {
		t.Errorf("asked %v", h.seen)
	}
}

func TestKeysDiffer(t *testing.T) {
	seen := map[wire.Key]bool{}
	for range 1000 {
		k := wire.NewKey()
		if seen[k] || !uuid.MatchString(string(k)) {
			t.Fatalf("key %q", k)
		}
		seen[k] = true
	}
}

func TestErrorNeedsNoServer(t *testing.T) {
	b, err := json.Marshal(wire.ErrorBody{Error: wire.Error{Status: 409, Code: "c", Message: "m"}})
	if err != nil || string(b) != `{"error":{"code":"c","message":"m"}}` {
		t.Errorf("%s, %v", b, err)
	}
	if s := fmt.Sprint(&wire.Error{Code: "c", Message: "m"}); s != "c: m" {
		t.Error(s)
	}
}

// TestAdviceForWhoSetsItUp: what can never work says what to write instead.
func TestAdviceForWhoSetsItUp(t *testing.T) {
	t.Parallel()
	plain, secret := httptest.NewServer(http.NotFoundHandler()), httptest.NewUnstartedServer(http.NotFoundHandler())
	secret.Config.ErrorLog = log.New(io.Discard, "", 0) // it hears that its certificate is not trusted
	secret.StartTLS()
	t.Cleanup(plain.Close)
	t.Cleanup(secret.Close)
	for address, want := range map[string]string{strings.Replace(plain.URL, "http:", "https:", 1): "write http://", secret.URL: "--ca"} {
		err := wire.New(address, "").Ready(t.Context())
		if !errors.Is(err, wire.ErrNoAnswer) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
	}
}
