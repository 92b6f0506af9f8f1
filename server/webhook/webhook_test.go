package webhook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"yitang/server/hall"
	"yitang/server/webhook"
)

func hook() webhook.Hook {
	return webhook.Hook{ID: "p", URL: "https://platform.example/in", Secret: "0123456789abcdef", Topics: []webhook.Topic{webhook.Cases}, Algorithm: webhook.SHA256}
}

func TestCheck(t *testing.T) {
	h := hook()
	if err := h.Check(); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(h *webhook.Hook){
		"no name": func(h *webhook.Hook) { h.ID = "" }, "address": func(h *webhook.Hook) { h.URL = "ftp://x" },
		"topics": func(h *webhook.Hook) { h.Topics = nil }, "neither": func(h *webhook.Hook) { h.Algorithm = "md5" },
		"fewer than 16": func(h *webhook.Hook) { h.Secret = "short" },
	} {
		h := hook()
		spoil(&h)
		if err := h.Check(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSign against figures computed by openssl: printf '1749000000.{}' | openssl dgst -sha256 -hmac 0123456789abcdef, and
// with -sm3.
func TestSign(t *testing.T) {
	for algorithm, want := range map[webhook.Algorithm]string{webhook.SHA256: "53d2c4f9d97b9eb7dce47542bc22d77b3ad3a29630e0aa4a304221253eda1838",
		webhook.SM3: "825a7548029f1d85f72481a8b84d9e1418dcc36dde42f23597841dc32aa978ec"} {
		if got := webhook.Sign(algorithm, "0123456789abcdef", 1749000000, []byte("{}")); got != want {
			t.Errorf("%s: %s", algorithm, got)
		}
	}
}

// TestNoPseudonymLeaves the hall, whatever the event.
func TestNoPseudonymLeaves(t *testing.T) {
	for _, b := range []hall.Body{
		&hall.CaseStarted{Case: "c", Subject: "PSEUDONYM", Agent: "PSEUDONYM", Matter: "M"},
		&hall.CaseSynced{Case: hall.Case{ID: "c", Subject: "PSEUDONYM", Agent: "PSEUDONYM"}},
		&hall.CaseStepped{Case: "c", Step: hall.StepDecide, Detail: hall.StepDetail{Decision: "granted"}},
		&hall.RatingGiven{Rating: "r", Grade: 1, Text: "慢"}, &hall.TaskStepped{Rating: "r", State: hall.TaskClosed},
	} {
		m, _, ok := webhook.MessageOf(&hall.Event{Seq: 7, Hall: "changji", At: 1, Body: b})
		text, err := json.Marshal(m)
		if err != nil || !ok || bytes.Contains(text, []byte("PSEUDONYM")) || m.ID != "changji:7" || m.Event == "" {
			t.Errorf("%T: %s, %v", b, text, err)
		}
	}
	if _, _, ok := webhook.MessageOf(&hall.Event{Body: &hall.DayClosed{}}); ok {
		t.Error("a day's end is told")
	}
}

// TestATakenBackFinishIsTold: who has acted on the finish must hear that the case is as before.
func TestATakenBackFinishIsTold(t *testing.T) {
	for undone, want := range map[bool]string{true: `{"matter":"M","state":"accepted","undone":true}`, false: `{"matter":"M","state":"accepted"}`} {
		m, _, _ := webhook.MessageOf(&hall.Event{Body: &hall.CaseSynced{Case: hall.Case{ID: "c", Matter: "M", State: hall.CaseAccepted}, Undone: undone}})
		if got, err := json.Marshal(m.Detail); err != nil || string(got) != want {
			t.Errorf("%s %v, want %s", got, err, want)
		}
	}
}

// store has one hook and some events.
type store struct {
	mu      sync.Mutex
	events  []*hall.Event
	place   uint64
	letters []webhook.Letter
	broken  int  // so many reads fail first
	gone    bool // the hook was taken away
}

func (s *store) at() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.place
}

func (s *store) Hooks(context.Context) ([]webhook.Hook, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return nil, nil
	}
	h := hook()
	h.Place = s.place
	return []webhook.Hook{h}, nil
}

func (s *store) HookEvents(_ context.Context, after uint64, limit int) ([]*hall.Event, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken > 0 {
		s.broken--
		return nil, errors.New("disk I/O error")
	}
	var out []*hall.Event
	for _, e := range s.events {
		if e.Seq > after && len(out) < limit {
			out = append(out, e)
		}
	}
	return out, nil
}

func (s *store) Settle(_ context.Context, _ webhook.ID, seq uint64, dead *webhook.Letter) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.place = seq
	if dead != nil {
		s.letters = append(s.letters, *dead)
	}
	return nil
}

// address answers with the statuses in turn, then with the last one, and keeps what it was sent.
type address struct {
	mu       sync.Mutex
	statuses []int
	got      []string
	bad      error
}

func (a *address) RoundTrip(r *http.Request) (*http.Response, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	at, err := strconv.ParseInt(r.Header.Get(webhook.HeaderTime), 10, 64)
	if want := "hmac-sha256=" + webhook.Sign(webhook.SHA256, hook().Secret, at, body); err != nil || r.Header.Get(webhook.HeaderSignature) != want {
		a.bad = errors.Join(err, errors.New("wrong signature "+r.Header.Get(webhook.HeaderSignature)))
	}
	a.got = append(a.got, r.Header.Get(webhook.HeaderEvent))
	status := a.statuses[0]
	if len(a.statuses) > 1 {
		a.statuses = a.statuses[1:]
	}
	if status == 0 {
		return nil, errors.New("nobody there")
	}
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Body: io.NopCloser(strings.NewReader("")), Request: r}, nil
}

func events(n int) []*hall.Event {
	var list []*hall.Event
	for i := range n {
		list = append(list, &hall.Event{Seq: uint64(i + 1), Hall: "changji", Body: &hall.CaseStepped{Case: "c", Step: hall.StepReady}})
	}
	return list
}

// TestRetries: what is refused comes again after growing pauses, in order; what is refused for too long becomes a dead
// letter, and the next is told.
func TestRetries(t *testing.T) {
	for name, c := range map[string]struct {
		statuses       []int
		posts, letters int
		atLeast        time.Duration
	}{
		"taken":          {[]int{200}, 2, 0, 0},
		"away, then not": {[]int{0, 503, 204, 200}, 4, 0, 3 * time.Second},
		"refused":        {append(slices.Repeat([]int{500}, 24), 200), 25, 1, 3 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, a := &store{events: events(2)}, &address{statuses: c.statuses}
				ctx, stop := context.WithCancel(t.Context())
				began := time.Now()
				ended := make(chan error, 1)
				sender := webhook.Sender{Store: s, HTTP: &http.Client{Transport: a}, Log: zerolog.Nop(),
					News: func() (<-chan struct{}, func()) { return make(chan struct{}), func() {} }}
				go func() { ended <- sender.Run(ctx) }()
				for range 6 * 3600 {
					time.Sleep(time.Second)
					if s.at() == 2 {
						break
					}
				}
				took := time.Since(began)
				stop()
				if err := <-ended; err != nil || a.bad != nil {
					t.Fatal(err, a.bad)
				}
				if s.at() != 2 || len(a.got) != c.posts || len(s.letters) != c.letters || took < c.atLeast {
					t.Errorf("place %d, %d posts, letters %+v, after %s", s.at(), len(a.got), s.letters, took)
				}
				if c.letters > 0 && (s.letters[0].Seq != 1 || !strings.Contains(s.letters[0].Reason, "Internal Server Error")) {
					t.Errorf("%+v", s.letters)
				}
			})
		})
	}
}

// TestNewsWakes: an event is told at once, not at the next look.
func TestNewsWakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, a := &store{}, &address{statuses: []int{200}}
		news := make(chan struct{}, 1)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		sender := webhook.Sender{Store: s, HTTP: &http.Client{Transport: a}, Log: zerolog.Nop(), News: func() (<-chan struct{}, func()) { return news, func() {} }}
		go func() { ended <- sender.Run(ctx) }()
		synctest.Wait()
		s.mu.Lock()
		s.events = events(1)
		s.mu.Unlock()
		news <- struct{}{}
		synctest.Wait()
		if s.at() != 1 {
			t.Errorf("place %d", s.at())
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// TestStoreFails: telling others is tried again; it is no reason to stop the hall.
func TestStoreFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, a := &store{events: events(1), broken: 2}, &address{statuses: []int{200}}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		sender := webhook.Sender{Store: s, HTTP: &http.Client{Transport: a}, Log: zerolog.Nop(),
			News: func() (<-chan struct{}, func()) { return make(chan struct{}), func() {} }}
		go func() { ended <- sender.Run(ctx) }()
		time.Sleep(time.Minute)
		if s.at() != 1 {
			t.Errorf("place %d", s.at())
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// TestAddressesChange: an address that is taken away while the hall runs is told nothing more, and one that is made is told what
// happens after its place.
func TestAddressesChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, a := &store{events: events(1)}, &address{statuses: []int{200}}
		changed := make(chan struct{}, 1)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		sender := webhook.Sender{Store: s, HTTP: &http.Client{Transport: a}, Log: zerolog.Nop(), Changed: changed,
			News: func() (<-chan struct{}, func()) { return make(chan struct{}), func() {} }}
		go func() { ended <- sender.Run(ctx) }()
		synctest.Wait()
		set := func(gone bool, n int) {
			s.mu.Lock()
			s.gone, s.events = gone, events(n)
			s.mu.Unlock()
			changed <- struct{}{}
			time.Sleep(time.Minute)
		}
		set(true, 2)
		if s.at() != 1 {
			t.Errorf("after it was taken away: place %d", s.at())
		}
		set(false, 2)
		if s.at() != 2 || len(a.got) != 2 {
			t.Errorf("after it was made again: place %d, %d posts", s.at(), len(a.got))
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
