package stage_test

import (
	"bytes"
	"context"
	"io"
	"math"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rs/zerolog"

	"yitang/db"
	"yitang/demo/stage"
	"yitang/server/hall"
	"yitang/server/halltest"
)

const patience = 2 * time.Minute

// play runs a demo until the function it is given returns.
func play(t *testing.T, listen string, with func(stage.Addresses)) error {
	t.Helper()
	return playIn(t, t.TempDir(), listen, io.Discard, with)
}

// playIn is play in a folder, with all that is logged and printed in one place.
func playIn(t *testing.T, dir, listen string, out io.Writer, with func(stage.Addresses)) error {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	ready, ended := make(chan stage.Addresses, 1), make(chan error, 1)
	go func() {
		ended <- stage.Run(ctx, stage.Config{Dir: dir, Listen: listen, Speed: 240, Seed: 1, Pages: fstest.MapFS{}, Out: out,
			From: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), Log: zerolog.New(out).Level(zerolog.TraceLevel), Ready: func(a stage.Addresses) { ready <- a }})
	}()
	select {
	case a := <-ready:
		with(a)
		stop()
		return <-ended
	case err := <-ended:
		return err
	}
}

// taken finds the number of tickets issued among the hall's figures.
func taken() *regexp.Regexp {
	return regexp.MustCompile(`yitang_http_request_duration_seconds_count\{method="POST",route="/api/v1/tickets",status="201"\} (\d+)`)
}

// issued is how many tickets the hall has issued, by its own count.
func issued(t *testing.T, hall string) int {
	t.Helper()
	res, err := http.Get(hall + "/metrics") //nolint:noctx // the demo ends with the test
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	m := taken().FindSubmatch(b)
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(string(m[1]))
	if err != nil {
		t.Error(err)
	}
	return n
}

// TestDemo has people take tickets at the kiosks of a demo, most of them with their cards, and ends it. Nothing about a person is
// in what the hall, its kiosks and screens logged meanwhile, at the wordiest level.
func TestDemo(t *testing.T) {
	var logged said
	dir := t.TempDir()
	err := playIn(t, dir, "127.0.0.1:0", &logged, func(a stage.Addresses) {
		if len(a.Kiosks) != 3 {
			t.Errorf("kiosks: %v", a.Kiosks)
		}
		for path, want := range map[string]string{"/kiosk": a.Kiosks[len(a.Kiosks)-1], "/screen/hall-1": "/screen/hall-1?token=", "/rating/1": "/rating/1?token=", "/hall": ""} {
			if to := ledTo(t, a.Hall+path); !strings.HasPrefix(to, want) || (to == "") != (want == "") {
				t.Errorf("%s leads to %q, want %q", path, to, want)
			}
		}
		for end := time.Now().Add(patience / 2); issued(t, a.Hall) < 8; time.Sleep(50 * time.Millisecond) {
			if time.Now().After(end) {
				t.Errorf("only %d tickets were taken", issued(t, a.Hall))
				return
			}
		}
	})
	if err != nil {
		t.Errorf("ended with %v", err)
	}
	logged.aboutNobody(t, pseudonyms(t, dir))
}

// ledTo is where a page sends its guest; empty when it does not.
func ledTo(t *testing.T, url string) string {
	t.Helper()
	c := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := c.Get(url) //nolint:noctx // the demo ends with the test
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.Header.Get("Location")
}

// said is what several goroutines log.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *said) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

// aboutNobody wants no number of an identity card, no telephone number, no pseudonym and no field that holds a name.
func (s *said) aboutNobody(t *testing.T, pseudonyms []string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	text := s.text.String()
	if len(text) < 200 || len(pseudonyms) == 0 {
		t.Fatalf("%d bytes were logged and %d cards read: nothing to look at", len(text), len(pseudonyms))
	}
	for what, pattern := range map[string]string{
		"an identity number":  `\b[1-9]\d{16}[\dXx]\b`,
		"a telephone number":  `\b1[3-9]\d{9}\b`,
		"a field of a person": `"(person|name|number|idcard|id_number|phone|birth|address)":"[^"]`,
	} {
		if found := regexp.MustCompile(pattern).FindString(text); found != "" {
			t.Errorf("%s was logged: %s", what, found)
		}
	}
	for _, p := range pseudonyms {
		if strings.Contains(text, p) {
			t.Errorf("a pseudonym was logged: %s", p)
		}
	}
}

// pseudonyms are those that a hall keeps.
func pseudonyms(t *testing.T, dir string) []string {
	t.Helper()
	data, err := db.Reader(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	var list []string
	err = data.TicketRows(t.Context(), 0, math.MaxInt64, func(r *hall.TicketRow) error {
		if r.Person != "" {
			list = append(list, r.Person)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestKioskPortTaken ends the whole demo with a reason when one of its kiosks cannot listen.
func TestKioskPortTaken(t *testing.T) {
	// On an address that no other process has: there the port two before is nobody's.
	taken, err := net.Listen("tcp", net.JoinHostPort(halltest.Host(), "0")) //nolint:noctx // a local port
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	hall := net.JoinHostPort(halltest.Host(), strconv.Itoa(taken.Addr().(*net.TCPAddr).Port-2))
	err = play(t, hall, func(stage.Addresses) { t.Error("it says that it is ready") })
	if err == nil {
		t.Error("it ended without a reason")
	}
}
