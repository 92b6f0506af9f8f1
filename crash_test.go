package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"yitang/server/halltest"
)

// How often and how hard the hall is killed.
const (
	everyNth     = 4 // of the kills hits the start, before the hall answers
	crashKiosks  = 6
	crashClerks  = 6
	checkers     = 8
	aliveAtMost  = 200 * time.Millisecond
	breath       = 15 * time.Millisecond // of a worker after each command: the crashes are what is tested, not the speed
	startWithin  = 2 * time.Minute
	slowKill     = 3 * time.Second // a machine that needs longer for each kill does fewer
	killsAtLeast = 8
)

// kills is how often the hall is killed; `make torture` kills it 1,000 times.
var kills = flag.Int("kills", 44, "kills of TestCrash")

// TestCrash kills the hall with SIGKILL at random moments while kiosks and clerks work and retry with their keys. What
// was acknowledged is there after each restart, what was not happens exactly once, and no number is skipped.
func TestCrash(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	c := newCrash(t, rand.New(rand.NewPCG(seed, 0)))
	c.start()
	c.ready()
	c.logIn()
	stop := c.work()
	began, killed := time.Now(), 0
	for i := range *kills {
		if i >= killsAtLeast && time.Since(began) > time.Duration(*kills)*slowKill {
			break
		}
		killed++
		if i%everyNth == everyNth-1 {
			time.Sleep(time.Duration(c.random.Int64N(int64(50 * time.Millisecond))))
		} else {
			c.ready()
			c.check(c.fresh())
			time.Sleep(time.Duration(c.random.Int64N(int64(aliveAtMost))))
		}
		c.kill()
		c.start()
	}
	c.ready()
	stop()
	all := c.all()
	c.check(all)
	takes := c.numbers(all)
	c.end()
	c.verify(all)
	t.Logf("seed %d: %d kills; %d commands acknowledged (%d tickets, %d calls), %d of them after %d retries", seed, killed,
		len(all), takes, count(all, func(o op) bool { return o.events && strings.HasSuffix(o.path, "/next") }),
		count(all, func(o op) bool { return o.tries > 1 }), c.retries.Load())
	if takes < killed/4 || c.retries.Load() == 0 {
		t.Errorf("the hall hardly worked: %d tickets, %d retries", takes, c.retries.Load())
	}
}

// op is a command that was acknowledged.
type op struct {
	token, path, key, body string
	status                 int
	answer                 []byte
	tries                  int
	events                 bool // it changed something
}

// crash is a hall that is killed, and those who use it.
type crash struct {
	*testing.T
	random  *rand.Rand
	binary  string
	dir     string
	url     string
	listen  string
	http    *http.Client
	process *exec.Cmd
	log     *bytes.Buffer
	hall    struct {
		DeviceToken string `json:"device_token"`
		Clerks      []struct{ User, Password, Window string }
		Matters     []string
	}
	tokens  []string // of the clerks
	retries atomic.Int64

	mu   sync.Mutex
	done []op
	seen int // of done, by fresh
}

func newCrash(t *testing.T, random *rand.Rand) *crash {
	t.Helper()
	dir := t.TempDir()
	c := &crash{T: t, random: random, binary: buildYitang(t), dir: filepath.Join(dir, "hall"),
		http: &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 32}}}
	out, err := exec.Command(c.binary, "admin", "testhall", "--dir", c.dir, "--windows", fmt.Sprint(crashClerks), "--json").Output()
	if err != nil {
		t.Fatalf("testhall: %v", err)
	}
	if err := json.Unmarshal(out, &c.hall); err != nil || len(c.hall.Clerks) != crashClerks {
		t.Fatalf("testhall printed %s: %v", out, err)
	}
	c.listen = halltest.Address(t)
	c.url = "http://" + c.listen
	t.Cleanup(func() {
		if c.process != nil {
			_ = c.process.Process.Kill()
			_ = c.process.Wait()
		}
	})
	return c
}

func (c *crash) start() {
	c.Helper()
	c.log = new(bytes.Buffer)
	c.process = exec.Command(c.binary, "serve", "--dir", c.dir, "--listen", c.listen)
	c.process.Stderr = c.log
	if err := c.process.Start(); err != nil {
		c.Fatal(err)
	}
}

// ready waits until the hall answers.
func (c *crash) ready() {
	c.Helper()
	for end := time.Now().Add(startWithin); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		res, err := c.http.Get(c.url + "/readyz")
		if err != nil {
			continue
		}
		res.Body.Close()
		if res.StatusCode == http.StatusOK {
			return
		}
	}
	_ = c.process.Process.Kill()
	_ = c.process.Wait()
	c.Fatalf("the hall did not come back:\n%s", c.log)
}

func (c *crash) kill() {
	c.Helper()
	if err := c.process.Process.Signal(syscall.SIGKILL); err != nil {
		c.Fatalf("the hall had ended by itself: %v", err)
	}
	_ = c.process.Wait()
	if ws, ok := c.process.ProcessState.Sys().(syscall.WaitStatus); !ok || !ws.Signaled() || ws.Signal() != syscall.SIGKILL {
		c.Fatalf("the hall ended by itself: %v\n%s", c.process.ProcessState, c.log)
	}
}

// end stops the hall as an operator does.
func (c *crash) end() {
	c.Helper()
	_ = c.process.Process.Signal(syscall.SIGTERM)
	if err := c.process.Wait(); err != nil {
		c.Errorf("the hall did not stop well: %v\n%s", err, c.log)
	}
	c.process = nil
}

func (c *crash) logIn() {
	c.Helper()
	for _, who := range c.hall.Clerks {
		body, _ := json.Marshal(map[string]string{"user": who.User, "password": who.Password})
		status, answer, err := c.send(op{path: "/api/v1/sessions", body: string(body)})
		var s struct{ Token string }
		if err != nil || status != http.StatusCreated || json.Unmarshal(answer, &s) != nil {
			c.Fatalf("login: %d %s %v", status, answer, err)
		}
		c.tokens = append(c.tokens, s.Token)
	}
}

func (c *crash) send(o op) (int, []byte, error) {
	req, err := http.NewRequest(http.MethodPost, c.url+o.path, strings.NewReader(o.body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Idempotency-Key", o.key)
	req.Header.Set("Authorization", "Bearer "+o.token)
	res, err := c.http.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	return res.StatusCode, answer, err
}

// do sends a command until it is answered, always with the same key, and writes down the answer.
func (c *crash) do(o op, want ...int) (op, bool) {
	for end := time.Now().Add(startWithin); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		o.tries++
		status, answer, err := c.send(o)
		if err != nil || status == http.StatusServiceUnavailable {
			c.retries.Add(1)
			continue
		}
		o.status, o.answer, o.events = status, answer, status != http.StatusNoContent
		for _, w := range want {
			if status == w {
				c.mu.Lock()
				c.done = append(c.done, o)
				c.mu.Unlock()
				time.Sleep(breath)
				return o, true
			}
		}
		c.Errorf("%s with key %s: %d %s after %d tries", o.path, o.key, status, answer, o.tries)
		return o, false
	}
	c.Errorf("%s with key %s: no answer after %d tries", o.path, o.key, o.tries)
	return o, false
}

// work begins the kiosks' and the clerks' work; the result ends it and waits until every command under way is answered.
func (c *crash) work() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	stop = func() {
		cancel()
		wg.Wait()
	}
	c.Cleanup(stop) // whoever works when the test fails must end before it does
	for i := range crashKiosks {
		wg.Go(func() {
			body := fmt.Sprintf(`{"matters":[%q]}`, c.hall.Matters[0])
			for n := 0; ctx.Err() == nil; n++ {
				if _, ok := c.do(op{token: c.hall.DeviceToken, path: "/api/v1/tickets", key: fmt.Sprintf("k%d-%d", i, n), body: body}, 201); !ok {
					return
				}
			}
		})
	}
	for i := range crashClerks {
		wg.Go(func() { c.clerk(ctx, i) })
	}
	return stop
}

// clerk opens a window and calls, starts and finishes one ticket after the other.
func (c *crash) clerk(ctx context.Context, i int) {
	n := 0
	act := func(name string, want ...int) (op, bool) {
		n++
		return c.do(op{token: c.tokens[i], path: "/api/v1/windows/" + c.hall.Clerks[i].Window + "/" + name, key: fmt.Sprintf("c%d-%d", i, n), body: "{}"}, want...)
	}
	if _, ok := act("open", 200); !ok {
		return
	}
	for ctx.Err() == nil {
		called, ok := act("next", 200, 204)
		switch {
		case !ok:
			return
		case called.status == http.StatusNoContent:
			continue
		}
		if _, ok := act("start", 200); !ok {
			return
		}
		if _, ok := act("finish", 200); !ok {
			return
		}
	}
}

// fresh lists what was acknowledged since it was asked last.
func (c *crash) fresh() []op {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := c.done[c.seen:len(c.done):len(c.done)]
	c.seen = len(c.done)
	return list
}

func (c *crash) all() []op {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.done
}

// check asks for everything that was acknowledged again: the same answer to the same key, and the ticket is there.
func (c *crash) check(list []op) {
	c.Helper()
	next := make(chan op)
	var wg sync.WaitGroup
	for range checkers {
		wg.Go(func() {
			for o := range next {
				c.checkOne(o)
			}
		})
	}
	for _, o := range list {
		next <- o
	}
	close(next)
	wg.Wait()
}

func (c *crash) checkOne(o op) {
	status, answer, err := c.send(o)
	if err != nil || status != o.status || !bytes.Equal(answer, o.answer) {
		c.Errorf("%s with key %s: now %d %s %v, first %d %s", o.path, o.key, status, answer, err, o.status, o.answer)
		return
	}
	if o.path == "/api/v1/tickets" {
		c.checkTicket(o)
	}
}

func (c *crash) checkTicket(o op) {
	c.Helper()
	t := ticketOf(c.T, o)
	req, _ := http.NewRequest(http.MethodGet, c.url+"/api/v1/tickets/"+t.ID, nil)
	req.Header.Set("Authorization", "Bearer "+c.hall.DeviceToken)
	res, err := c.http.Do(req)
	if err != nil {
		c.Errorf("%s: %v", t.ID, err)
		return
	}
	defer res.Body.Close()
	var now struct{ ID, Number string }
	if err := json.NewDecoder(res.Body).Decode(&now); err != nil || now.ID != t.ID || now.Number != t.Number {
		c.Errorf("%s is lost: %d %+v %v", t.ID, res.StatusCode, now, err)
	}
}

type crashTicket struct{ ID, Number, Day string }

func ticketOf(t *testing.T, o op) crashTicket {
	t.Helper()
	var v crashTicket
	if err := json.Unmarshal(o.answer, &v); err != nil {
		t.Errorf("%s: %v", o.answer, err)
	}
	return v
}

// numbers fails unless each day's numbers are 1 to the last, each once; one take is one number.
func (c *crash) numbers(list []op) int {
	c.Helper()
	days, takes := map[string]map[string]bool{}, 0
	for _, o := range list {
		if o.path != "/api/v1/tickets" {
			continue
		}
		takes++
		t := ticketOf(c.T, o)
		if days[t.Day] == nil {
			days[t.Day] = map[string]bool{}
		}
		if days[t.Day][t.Number] {
			c.Errorf("%s was issued twice", t.ID)
		}
		days[t.Day][t.Number] = true
	}
	for day, numbers := range days {
		for n := range len(numbers) {
			if number := fmt.Sprintf("A%03d", n+1); !numbers[number] {
				c.Errorf("%s of %s was skipped, of %d", number, day, len(numbers))
			}
		}
	}
	return takes
}

// verify has the journal checked. Each command made exactly one event, so their count says that none happened twice.
func (c *crash) verify(list []op) {
	c.Helper()
	out, err := exec.Command(c.binary, "verify", "--dir", c.dir, "--json").Output()
	var v struct {
		Events int
		Fault  string
	}
	if jerr := json.Unmarshal(out, &v); err != nil || jerr != nil || v.Fault != "" {
		c.Errorf("verify: %v %v %s", err, jerr, out)
	}
	beside := 2 + len(c.tokens) // the layout, the day, and who came in
	if want := beside + count(list, func(o op) bool { return o.events }); v.Events != want {
		c.Errorf("%d events, want %d: some command happened twice or not at all", v.Events, want)
	}
}

func count(list []op, which func(op) bool) int {
	n := 0
	for _, o := range list {
		if which(o) {
			n++
		}
	}
	return n
}
