package kiosk_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"yitang/kiosk"
	"yitang/server/person"
	"yitang/server/wire"
)

// awayHall is a hall that lets its kiosk give out numbers, and is away now.
func awayHall(t *testing.T, k person.Key) *testHall {
	h := newTestHall(t)
	h.series, h.sealKey = "K2", k.SealKey()
	return h
}

func sealingKey(t *testing.T) person.Key {
	t.Helper()
	k, err := person.NewKey([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestAwayTheKioskGivesOutItsOwnNumbersAndDeliversThem(t *testing.T) {
	t.Parallel()
	key := sealingKey(t)
	h, p := awayHall(t, key), wellPrinter()
	var ticks atomic.Int64
	now := func() time.Time {
		return time.Date(2026, 11, 24, 11, 0, 0, 0, time.UTC).Add(time.Duration(ticks.Add(1)) * time.Second)
	}
	k := start(t, kiosk.Config{Server: h.url, UsePrinter: p, ID: "kiosk-2", Now: now})
	events := k.listen()
	await(t, events, "state", `"online":true`)
	h.set(func(h *testHall) { h.down = true })
	status, first, _ := k.take("a", strings.Replace(wanted, `{"kind":"none"}`, `{"kind":"id","number":"`+number+`"}`, 1))
	if status != 201 || first.Number != "K2-001" || first.ID != "20261124-K2-001" || !first.Offline || first.Wait != nil || first.Field != "A" {
		t.Fatalf("%d %+v", status, first)
	}
	await(t, events, "state", `"online":false,"own_numbers":true`)
	if _, again, _ := k.take("a", wanted); again.Number != "K2-001" {
		t.Errorf("the same request got %s", again.Number)
	}
	if _, second, _ := k.take("b", `{"matters":["SCJG-004"]}`); second.Number != "K2-002" || second.Priority != "ordinary" {
		t.Errorf("the second is %s, %q", second.Number, second.Priority)
	}
	eventually(t, "two receipts", func() bool { return len(p.paper()) == 2 })
	if paper := p.paper()[0]; !paper.Offline || paper.Number != "K2-001" || !strings.Contains(paper.Notes[0], "等候时间暂不能估计") {
		t.Errorf("receipt %+v", paper)
	}
	k.stop()
	assertNowhere(t, k, number)

	h.set(func(h *testHall) { h.down = false })
	k = start(t, kiosk.Config{Server: h.url, UsePrinter: wellPrinter(), ID: "kiosk-2", Dir: k.dir})
	eventually(t, "both are delivered", func() bool { return len(h.offlineTickets()) == 2 })
	got := h.offlineTickets()
	if got[0].Number != "K2-001" || got[1].Number != "K2-002" || got[0].InsteadOf != "a" || got[0].Day != "2026-11-24" ||
		!got[0].IssuedAt.Before(got[1].IssuedAt) || first.TrackURL != h.url+"/t/"+got[0].Track {
		t.Errorf("delivered %+v", got)
	}
	if unsealed, err := key.Unseal(got[0].Person.Sealed); err != nil || unsealed != number {
		t.Errorf("the hall reads %q, %v", unsealed, err)
	}
	eventually(t, "the log is tidied", func() bool { return !strings.Contains(read(t, k.dir), "sealed") })
}

func read(t *testing.T, dir string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "offline.log"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A power cut may tear the last line off at any byte: every ticket before it stays, its number is given out anew, and no
// number twice.
func TestALogTornByAPowerCut(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	log, err := kiosk.OpenOfflineLog(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []string{"K2-001", "K2-002", "K2-003"} {
		if err := log.Save("2026-11-24", n); err != nil {
			t.Fatal(err)
		}
	}
	whole := read(t, dir)
	third := strings.LastIndex(strings.TrimSuffix(whole, "\n"), "\n") + 1
	for cut := third; cut <= len(whole); cut++ {
		torn := filepath.Join(t.TempDir())
		if err := os.WriteFile(filepath.Join(torn, "offline.log"), []byte(whole[:cut]), 0o600); err != nil {
			t.Fatal(err)
		}
		log, err := kiosk.OpenOfflineLog(torn)
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		want := 2
		if cut == len(whole) {
			want = 3
		}
		if got := log.Last("K2", "2026-11-24"); got != want || log.Damaged() != 0 {
			t.Errorf("cut at %d: last %d, damaged %d", cut, got, log.Damaged())
		}
		if err := log.Save("2026-11-24", "K2-004"); err != nil {
			t.Fatal(err)
		}
		if again, err := kiosk.OpenOfflineLog(torn); err != nil || again.Last("K2", "2026-11-24") != 4 {
			t.Errorf("cut at %d: after one more: %v", cut, err)
		}
	}
	broken := strings.Replace(whole, "K2-002", "K2-992", 1) // a disk's fault in the middle
	if err := os.WriteFile(filepath.Join(dir, "offline.log"), []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	if log, err = kiosk.OpenOfflineLog(dir); err != nil || log.Damaged() != 1 || log.Last("K2", "2026-11-24") < 3 {
		t.Errorf("damaged: %v, %d lines", err, log.Damaged())
	}
}

// A ticket that the hall refuses for good does not hold up those behind it, and the staff are told.
func TestARefusedOwnNumberIsTold(t *testing.T) {
	t.Parallel()
	h := awayHall(t, sealingKey(t))
	k := start(t, kiosk.Config{Server: h.url, ID: "kiosk-2"})
	await(t, k.listen(), "state", `"online":true`)
	h.set(func(h *testHall) { h.down = true })
	k.take("a", wanted)
	k.take("b", wanted)
	h.set(func(h *testHall) {
		h.down, h.refuseOffline = false, map[string]*wire.Error{"K2-001": {Status: 409, Code: "day_over", Message: "x"}}
	})
	eventually(t, "the second arrives", func() bool { return len(h.offlineTickets()) == 1 && h.offlineTickets()[0].Number == "K2-002" })
	eventually(t, "the staff are told", func() bool { return h.reported("kiosk-2/numbers=warning:ticket_refused") })
}

// Whoever knows whether the hall has a ticket may be telling of a device at that moment: neither waits for the other.
func TestATicketIsAskedAboutWithoutHoldingTheReports(t *testing.T) {
	t.Parallel()
	var r kiosk.Reports
	r = kiosk.NewReports(func(id wire.TicketID) bool {
		r.Device("numbers", kiosk.DeviceHealth{State: "warning"})
		return id == "away"
	})
	r.Print("away")
	r.Print("there")
	next := make(chan wire.TicketID, 1)
	go func() {
		id, _ := r.NextPrint()
		next <- id
	}()
	select {
	case id := <-next:
		if id != "there" {
			t.Errorf("the next report is of %q", id)
		}
	case <-time.After(patience):
		t.Fatal("a report waits for itself")
	}
}

func TestOutOfHoursNoOwnNumbers(t *testing.T) {
	t.Parallel()
	h := awayHall(t, sealingKey(t))
	h.hours = &wire.Hours{Spans: []wire.Span{{FromMin: 600, ToMin: 840}, {FromMin: 960, ToMin: 1200}}, EarlyMin: 30, DayTurnsMin: 240}
	var at atomic.Pointer[time.Time]
	at.Store(new(time.Time))
	k := start(t, kiosk.Config{Server: h.url, Now: func() time.Time { return *at.Load() }})
	await(t, k.listen(), "state", `"online":true`)
	h.set(func(h *testHall) { h.down = true })
	zone := time.FixedZone("", 8*3600)
	for clock, want := range map[string]int{"09:29": 409, "09:30": 201, "14:30": 201, "19:59": 201, "20:00": 409} {
		now, err := time.ParseInLocation("2006-01-02 15:04", "2026-11-24 "+clock, zone)
		if err != nil {
			t.Fatal(err)
		}
		at.Store(&now)
		if status, _, e := k.take(clock, wanted); status != want || want == 409 && e.Code != "hall_closed" {
			t.Errorf("%s: %d %+v", clock, status, e)
		}
	}
}

func TestAHallThatRefusesTheToken(t *testing.T) {
	t.Parallel()
	h := awayHall(t, sealingKey(t))
	h.token = "another"
	k := start(t, kiosk.Config{Server: h.url})
	await(t, k.listen(), "state", `"token_refused":true`)
	if status, _, e := k.take("a", wanted); status != 500 || e.Code != "token_refused" || !strings.Contains(e.Message, "不认识") {
		t.Errorf("%d %+v", status, e)
	}
}

// TestATokenOfAnotherDevice is said at the start, not to the first person who wants a ticket.
func TestATokenOfAnotherDevice(t *testing.T) {
	t.Parallel()
	h := newTestHall(t)
	h.role = "screen"
	k := start(t, kiosk.Config{Server: h.url})
	await(t, k.listen(), "state", `"token_refused":true`)
}

func TestAServerWithoutScheme(t *testing.T) {
	t.Parallel()
	for _, server := range []string{"10.1.1.5:8080", "hall.local", "ftp://x", "http://"} {
		err := kiosk.Run(t.Context(), kiosk.Config{Server: server, Dir: t.TempDir(), Pages: pages()})
		if err == nil || !strings.Contains(err.Error(), "http://10.1.1.5:8080") {
			t.Errorf("%s: %v", server, err)
		}
	}
}

func TestTheLogIsJSONLines(t *testing.T) { // for whoever has to read it by hand
	t.Parallel()
	dir := t.TempDir()
	log, err := kiosk.OpenOfflineLog(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := log.Save("2026-11-24", "K2-001"); err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(read(t, dir), " ")
	var out wire.OfflineTicket
	if err := json.Unmarshal([]byte(text), &out); err != nil || out.Number != "K2-001" {
		t.Errorf("%s: %v", text, err)
	}
}
