package main_test

import (
	"bytes"
	"context"
	"database/sql"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// How many tickets a hall has behind it; `make start` measures with 10 million.
var startTickets = flag.Int("start.tickets", 20_000, "tickets of history of TestStartWithHistory")

// perDay is a large hall's day.
const perDay = 5000

// TestStartWithHistory starts a hall that has years behind it and tells how long that took and what memory it needs. The rows
// are written straight into the tables, three events a ticket, days before the hall's own: a start replays the open day
// only, so that what counts is how large the file is and how its indexes are used.
func TestStartWithHistory(t *testing.T) {
	t.Parallel()
	c := newCrash(t, rand.New(rand.NewPCG(1, 1)))
	c.start()
	c.ready()
	c.end()
	path := filepath.Join(c.dir, "hall.db")
	began := time.Now()
	writePast(t, path, *startTickets)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d tickets written in %s: %d MB", *startTickets, time.Since(began).Round(time.Second), info.Size()>>20)
	for i := range 3 {
		process := exec.Command(c.binary, "serve", "--dir", c.dir, "--listen", c.listen)
		process.Stderr = new(bytes.Buffer)
		began := time.Now()
		if err := process.Start(); err != nil {
			t.Fatal(err)
		}
		for answers(c.url+"/readyz") != http.StatusOK {
			if time.Since(began) > 5*time.Minute {
				t.Fatalf("not ready: %s", process.Stderr)
			}
			time.Sleep(2 * time.Millisecond)
		}
		ready := time.Since(began)
		time.Sleep(time.Second)
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", process.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
		_, peak, _ := strings.Cut(string(status), "VmHWM:")
		peak, _, _ = strings.Cut(strings.TrimSpace(peak), "\n")
		_ = process.Process.Signal(syscall.SIGTERM)
		_ = process.Wait()
		t.Logf("start %d: ready after %s, peak memory %s", i+1, ready.Round(time.Millisecond), peak)
	}
}

// writePast puts so many old tickets under the hall's own, which keep their numbers by moving up.
func writePast(t *testing.T, path string, n int) {
	t.Helper()
	w, err := sql.Open("sqlite3", "file:"+path+"?_journal_mode=OFF&_synchronous=OFF")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	w.SetMaxOpenConns(1)
	ctx := context.Background()
	run := func(query string, args ...any) {
		t.Helper()
		if _, err := w.ExecContext(ctx, query, args...); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	run("DROP TRIGGER events_keep_update")
	run("DROP TRIGGER events_keep_replace")
	run("UPDATE events SET seq = -seq")
	run("UPDATE events SET seq = -seq + ?", 3*n)
	run("BEGIN")
	run(`WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < ?1)
		INSERT INTO events (seq, hall, day, at, actor, kind, version, payload, digest, hash)
		SELECT n, 'x', date('2016-01-01', (n / 3 / ?2) || ' days'), 1451606400000 + n * 2000, 'kiosk:k1',
			CASE n % 3 WHEN 0 THEN 'ticket_finished' WHEN 1 THEN 'ticket_issued' ELSE 'ticket_called' END, 1,
			'{"ticket":"' || n || '","number":"A001","field":"A","matters":["SCJG-004"],"priority":"ordinary","language":"zh","channel":"kiosk"}',
			randomblob(32), randomblob(32) FROM i`, 3*n, perDay)
	run(`WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < ?1)
		INSERT INTO tickets (id, seq, day, number, field, matters, remaining, priority, language, channel, person_kind, person, track, state, place, issued_at, ended_at)
		SELECT 'p' || printf('%09d', n), n * 3 - 2, date('2016-01-01', (n / ?2) || ' days'), 'A' || n, 'A', '["SCJG-004"]', '[]', 'ordinary', 'zh', 'kiosk', 'id',
			'person' || (n % 400000), 'track' || n, 'done', 0, 1451606400000 + n * 6000, 1451606400000 + n * 6000 + 600000 FROM i`, n, perDay)
	run("COMMIT")
	run(`CREATE TRIGGER events_keep_replace BEFORE INSERT ON events WHEN EXISTS (SELECT 1 FROM events WHERE seq = NEW.seq)
		BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END`)
}
