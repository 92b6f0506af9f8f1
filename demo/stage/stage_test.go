package stage_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rs/zerolog"

	"yitang/demo/stage"
)

const patience = 60 * time.Second

// play runs a demo until the function it is given returns.
func play(t *testing.T, listen string, with func(stage.Addresses)) error {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	ready, ended := make(chan stage.Addresses, 1), make(chan error, 1)
	go func() {
		ended <- stage.Run(ctx, stage.Config{Dir: t.TempDir(), Listen: listen, Speed: 240, Seed: 1, Pages: fstest.MapFS{}, Out: io.Discard,
			From: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), Log: zerolog.Nop(), Ready: func(a stage.Addresses) { ready <- a }})
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

// TestDemo has people take tickets at the kiosks of a demo, and ends it.
func TestDemo(t *testing.T) {
	err := play(t, "127.0.0.1:0", func(a stage.Addresses) {
		if len(a.Kiosks) != 3 {
			t.Errorf("kiosks: %v", a.Kiosks)
		}
		for end := time.Now().Add(patience / 2); issued(t, a.Hall) < 5; time.Sleep(50 * time.Millisecond) {
			if time.Now().After(end) {
				t.Errorf("only %d tickets were taken", issued(t, a.Hall))
				return
			}
		}
	})
	if err != nil {
		t.Errorf("ended with %v", err)
	}
}

// TestKioskPortTaken ends the whole demo with a reason when one of its kiosks cannot listen.
func TestKioskPortTaken(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a local port
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	hall, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port-2)) //nolint:noctx // a local port
	if err != nil {
		t.Fatalf("the port two before is taken too: %v", err)
	}
	hall.Close()
	err = play(t, fmt.Sprintf("127.0.0.1:%d", port-2), func(stage.Addresses) { t.Error("it says that it is ready") })
	if err == nil {
		t.Error("it ended without a reason")
	}
}
