package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	crashes     = 40
	crashTakers = 6
	crashClerks = 4
	crashAsks   = 2000 // acknowledged requests that are asked again at the end
)

// act is a request under a key of its own, and what it was answered.
type act struct {
	path, token, key, body string
	answer                 string // status and body; empty while nobody knows
	sent                   int
}

// worker sends one act after the other, each until it is answered, however often the server dies meanwhile.
type worker struct {
	addr string
	http *http.Client
	next func(n int, last *act) act
	acts []*act
}

func (w *worker) run(ctx context.Context) {
	var last *act
	for n := 0; ctx.Err() == nil; n++ {
		a := w.next(n, last)
		w.acts = append(w.acts, &a)
		for a.answer == "" && ctx.Err() == nil {
			a.sent++
			answer, err := send(ctx, w.http, w.addr, &a)
			if err != nil || strings.HasPrefix(answer, "503") {
				time.Sleep(5 * time.Millisecond) // it is dead; the same request again
				continue
			}
			a.answer = answer
		}
		last = &a
	}
}

func send(ctx context.Context, c *http.Client, addr string, a *act) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+addr+a.path, bytes.NewBufferString(a.body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Authorization", "Bearer "+a.token)
	req.Header.Set("Idempotency-Key", a.key)
	res, err := c.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return strconv.Itoa(res.StatusCode) + " " + string(b), err
}

// TestNothingAcknowledgedIsLost kills the server with SIGKILL again and again while people take tickets and clerks call.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	r := newHall(t, crashClerks)
	ctx, stop := context.WithCancel(context.Background())
	var workers []*worker
	var all sync.WaitGroup
	for i := range crashTakers {
		workers = append(workers, r.taker(i))
	}
	for i := range crashClerks {
		workers = append(workers, r.clerk(t, i))
	}
	for _, w := range workers {
		all.Go(func() { w.run(ctx) })
	}
	for range crashes {
		time.Sleep(time.Duration(20+rand.IntN(250)) * time.Millisecond)
		r.server.kill()
		r.server.start(t)
	}
	time.Sleep(100 * time.Millisecond)
	stop()
	all.Wait()
	checkCrashes(t, r, workers)
}

func (r *rig) taker(i int) *worker {
	return &worker{addr: r.server.addr, http: &http.Client{Timeout: 10 * time.Second}, next: func(n int, _ *act) act {
		return act{path: "/api/v1/tickets", token: r.access.DeviceToken, key: fmt.Sprintf("take-%d-%d", i, n),
			body: `{"matters":["SCJG-004"]}`}
	}}
}

// clerk opens the window, then calls and finishes in turn.
func (r *rig) clerk(t *testing.T, i int) *worker {
	c := r.access.Clerks[i]
	token := r.login(t, c.User, c.Password)
	return &worker{addr: r.server.addr, http: &http.Client{Timeout: 10 * time.Second}, next: func(n int, last *act) act {
		verb := "next"
		switch {
		case n == 0:
			verb = "open"
		case strings.HasSuffix(last.path, "/next") && strings.HasPrefix(last.answer, "200"):
			verb = "finish"
		}
		return act{path: "/api/v1/windows/" + c.Window + "/" + verb, token: token, key: fmt.Sprintf("%s-%d", verb, n)}
	}}
}

func (r *rig) login(t *testing.T, user, password string) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"user": user, "password": password})
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.Post("http://"+r.server.addr+"/api/v1/sessions", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var s struct{ Token string }
	if err := json.NewDecoder(res.Body).Decode(&s); err != nil || s.Token == "" {
		t.Fatalf("login of %s: %s %v", user, res.Status, err)
	}
	return s.Token
}

// checkCrashes holds what was answered against what is there.
func checkCrashes(t *testing.T, r *rig, workers []*worker) {
	t.Helper()
	var acked []*act
	retried, unknown := 0, 0
	for _, w := range workers {
		for _, a := range w.acts {
			switch {
			case a.answer == "":
				unknown++ // cut off by the end of the test
			case strings.HasPrefix(a.answer, "20"):
				acked = append(acked, a)
			default:
				t.Errorf("%s %s: %s", a.path, a.key, a.answer)
			}
			if a.sent > 1 {
				retried++
			}
		}
	}
	taken, called := checkNumbers(t, acked, unknown)
	for _, i := range rand.Perm(len(acked))[:min(crashAsks, len(acked))] {
		again, err := send(context.Background(), http.DefaultClient, r.server.addr, acked[i])
		if err != nil || again != acked[i].answer {
			t.Fatalf("%s %s was answered %s, then %s (%v)", acked[i].path, acked[i].key, acked[i].answer, again, err)
		}
	}
	r.server.kill()
	out, errs, code := yitang(t, "verify", "--dir", r.server.dir)
	if code != 0 || !strings.Contains(out, "chain whole, projections agree") {
		t.Errorf("verify: exit %d: %s%s", code, out, errs)
	}
	t.Logf("%d crashes, %d tickets taken, %d called, %d requests had to be sent again, %s", crashes, taken, called, retried, strings.TrimSpace(out))
	if retried < crashes/2 || taken < crashes || called < crashes {
		t.Errorf("too little happened for a test of crashes")
	}
}

// checkNumbers finds numbers that were given twice or left out, and tickets that were called twice. A request cut off
// by the end of the test may have taken a number that nobody was told.
func checkNumbers(t *testing.T, acked []*act, unknown int) (taken, called int) {
	t.Helper()
	numbers, calls, highest := map[string]string{}, map[string]string{}, 0
	for _, a := range acked {
		var answer struct {
			Number string
			Ticket struct{ ID string }
		}
		if err := json.Unmarshal([]byte(a.answer[4:]), &answer); err != nil && a.answer != "204 " {
			t.Fatalf("%s: %s: %v", a.path, a.answer, err)
		}
		switch {
		case a.path == "/api/v1/tickets":
			if other, twice := numbers[answer.Number]; twice {
				t.Errorf("number %s was given to %s and to %s", answer.Number, other, a.key)
			}
			numbers[answer.Number] = a.key
			n, err := strconv.Atoi(answer.Number[1:])
			if err != nil {
				t.Fatal(err)
			}
			highest = max(highest, n)
		case strings.HasSuffix(a.path, "/next") && answer.Ticket.ID != "":
			if other, twice := calls[answer.Ticket.ID]; twice {
				t.Errorf("ticket %s was called by %s and by %s", answer.Ticket.ID, other, a.path+a.key)
			}
			calls[answer.Ticket.ID] = a.path + a.key
		}
	}
	if highest > len(numbers)+unknown {
		t.Errorf("the highest number is %d, but only %d were given: some were skipped", highest, len(numbers))
	}
	return len(numbers), len(calls)
}

// TestManyAtOnce lets 64 clients take tickets and 16 clerks call at the same time.
func TestManyAtOnce(t *testing.T) {
	const clients, clerks, each = 64, 16, 20
	r := newHall(t, clerks)
	var desks []*worker
	for i := range clerks {
		desks = append(desks, r.clerk(t, i))
	}
	var takers, callers sync.WaitGroup
	var all sync.Mutex
	var acts []*act
	done := atomic.Bool{}
	one := func(c *http.Client, a act) *act {
		var err error
		if a.answer, err = send(context.Background(), c, r.server.addr, &a); err != nil {
			t.Error(err)
		}
		all.Lock()
		defer all.Unlock()
		acts = append(acts, &a)
		return &a
	}
	for i := range clients {
		takers.Go(func() {
			w := r.taker(i)
			for n := range each {
				one(w.http, w.next(n, nil))
			}
		})
	}
	for _, w := range desks {
		callers.Go(func() {
			last := one(w.http, w.next(0, nil))
			for n := 1; !done.Load() || !strings.HasPrefix(last.answer, "204"); n++ {
				last = one(w.http, w.next(n, last))
			}
		})
	}
	takers.Wait()
	done.Store(true)
	callers.Wait()
	for _, a := range acts {
		if !strings.HasPrefix(a.answer, "20") {
			t.Fatalf("%s: %s", a.path, a.answer)
		}
	}
	taken, called := checkNumbers(t, acts, 0)
	if taken != clients*each || called != taken {
		t.Errorf("%d tickets were taken and %d called, of %d", taken, called, clients*each)
	}
}
