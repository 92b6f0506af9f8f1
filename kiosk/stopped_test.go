package kiosk_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yitang/kiosk"
)

// slowPrinter holds each receipt until the kiosk stops.
type slowPrinter struct {
	fakePrinter
	begun chan string // numbers
}

func (p *slowPrinter) Print(ctx context.Context, r kiosk.Receipt) kiosk.PrintResult {
	p.begun <- r.Ticket.Number
	<-ctx.Done()
	return kiosk.PrintResult{State: "failed", Reason: "cancelled"}
}

// twoReceipts is a kiosk that has given out two numbers: the first is being printed, the second waits for the printer.
func twoReceipts(t *testing.T, h *testHall, at time.Time) *running {
	t.Helper()
	p := &slowPrinter{begun: make(chan string, 8)}
	k := start(t, kiosk.Config{Server: h.url, UsePrinter: p, ID: "kiosk-1", Now: func() time.Time { return at }})
	await(t, k.listen(), "state", `"online":true`)
	for _, key := range []string{"key-1", "key-2"} {
		if status, _, e := k.take(key, strings.Replace(wanted, `"priority"`, `"cases":["case-77"],"priority"`, 1)); status != 201 {
			t.Fatalf("%d %+v", status, e)
		}
	}
	select {
	case n := <-p.begun:
		if n != "A001" {
			t.Fatalf("%s is printed first", n)
		}
	case <-time.After(patience):
		t.Fatal("nothing is printed")
	}
	return k
}

// cut is the folder of a kiosk as a kill or a power cut at this moment leaves it.
func cut(t *testing.T, k *running) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(k.dir)); err != nil {
		t.Fatal(err)
	}
	k.stop() // it tells the hall nothing any more
	return dir
}

// A kiosk that is killed between a number and its receipt goes on after the restart: what was begun may be on paper and is for
// the staff to look at; what was not is printed while the person may still stand there, and else reported too.
func TestReceiptsOfAKilledKiosk(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		away   time.Duration // by the kiosk's clock
		second string
		papers int
	}{
		"at once":                    {0, "printed", 1},
		"two minutes later":          {2 * time.Minute, "printed", 1},
		"when everybody has gone":    {2*time.Minute + time.Second, "uncertain", 0},
		"with its clock set back":    {-time.Hour, "uncertain", 0},
		"and nobody knows how late":  {-10 * 365 * 24 * time.Hour, "uncertain", 0},
		"on the morning of next day": {18 * time.Hour, "uncertain", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, p, at := newTestHall(t), wellPrinter(), time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)
			dir := cut(t, twoReceipts(t, h, at))
			start(t, kiosk.Config{Server: h.url, UsePrinter: p, ID: "kiosk-1", Dir: dir, Now: func() time.Time { return at.Add(c.away) }})
			for id, want := range map[string]string{"t-1": "uncertain", "t-2": c.second} {
				eventually(t, "the hall hears of "+id, func() bool { return len(h.printed(id)) > 0 })
				if got := h.printed(id); len(got) != 1 || got[0].State != want || want == "uncertain" && (got[0].Reason == "" || got[0].Note == "") {
					t.Errorf("%s: %+v, want %s", id, got, want)
				}
			}
			if papers := p.paper(); len(papers) != c.papers || c.papers > 0 && (papers[0].Number != "A002" || papers[0].Matters[0] != "食品经营许可") {
				t.Errorf("on paper %+v", papers)
			}
			eventually(t, "nothing is left on disk", func() bool { return !strings.Contains(kept(t, dir), "t-") })
		})
	}
}

// kept is the log of receipts.
func kept(t *testing.T, dir string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "prints.log"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What is kept is for the kiosk alone, and no more than what stands on the paper.
func TestWhatIsKeptOfAReceipt(t *testing.T) {
	t.Parallel()
	h := newTestHall(t)
	k := twoReceipts(t, h, time.Now())
	if got := kept(t, k.dir); !strings.Contains(got, "A002") || strings.Contains(got, "case-77") {
		t.Errorf("kept: %s", got)
	}
	if info, err := os.Stat(filepath.Join(k.dir, "prints.log")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}

// A kiosk that is stopped as a service is says the truth about the receipt in hand and prints the next after the restart; a page
// that asks again with its key does not get that one twice.
func TestReceiptsOfAStoppedKiosk(t *testing.T) {
	t.Parallel()
	h, p, at := newTestHall(t), wellPrinter(), time.Now()
	now := func() time.Time { return at }
	k := twoReceipts(t, h, at)
	k.stop()
	if n := len(h.printed("t-1")) + len(h.printed("t-2")); n != 0 {
		t.Fatalf("%d reports before the restart", n)
	}
	k = start(t, kiosk.Config{Server: h.url, UsePrinter: p, ID: "kiosk-1", Dir: k.dir, Now: now})
	if _, again, _ := k.take("key-2", wanted); again.ID != "t-2" {
		t.Errorf("again: %+v", again)
	}
	k.take("key-3", wanted)
	for id, want := range map[string]string{"t-1": "failed", "t-2": "printed", "t-3": "printed"} {
		eventually(t, "the hall hears of "+id, func() bool { return len(h.printed(id)) > 0 })
		if got := h.printed(id); len(got) != 1 || got[0].State != want {
			t.Errorf("%s: %+v, want %s", id, got, want)
		}
	}
	if papers := p.paper(); len(papers) != 2 || papers[0].Number != "A002" || papers[1].Number != "A003" {
		t.Errorf("on paper %+v", papers)
	}
}

// What is known of a receipt stays known while the hall is away and the kiosk stops.
func TestAReportOutlivesTheKiosk(t *testing.T) {
	t.Parallel()
	h, again := newTestHall(t), wellPrinter()
	k := start(t, kiosk.Config{Server: h.url, UsePrinter: wellPrinter(), ID: "kiosk-1"})
	events := k.listen()
	await(t, events, "state", `"online":true`)
	k.take("key-1", wanted)
	eventually(t, "the first report", func() bool { return len(h.printed("t-1")) == 1 })
	h.set(func(h *testHall) { h.down = true })
	k.do("POST", "/local/tickets/t-1/reprint", "")
	await(t, events, "print", `"printed"`) // of the first
	await(t, events, "print", `"printed"`)
	k.stop()
	h.set(func(h *testHall) { h.down = false })
	k = start(t, kiosk.Config{Server: h.url, UsePrinter: again, ID: "kiosk-1", Dir: k.dir})
	eventually(t, "the second report", func() bool { return len(h.printed("t-1")) == 2 })
	if got := h.printed("t-1")[1]; got.State != "printed" {
		t.Errorf("%+v", got)
	}
	eventually(t, "nothing is left on disk", func() bool { return !strings.Contains(kept(t, k.dir), "t-1") })
	if len(again.paper()) != 0 {
		t.Error("it is printed again")
	}
}
