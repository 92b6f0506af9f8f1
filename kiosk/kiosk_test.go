package kiosk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yitang/drivers/idcard"
	"yitang/kiosk"
	"yitang/server/wire"
)

const wanted = `{"matters":["SCJG-004"],"person":{"kind":"none"},"priority":"ordinary","language":"zh"}`

func TestATicketIsTakenPrintedAndReported(t *testing.T) {
	t.Parallel()
	h, p := newTestHall(t), wellPrinter()
	k := start(t, kiosk.Config{Server: h.url, UsePrinter: p, PublicURL: "http://hall.example/"})
	events := k.listen()
	await(t, events, "state", `"online":true`)
	status, ticket, _ := k.take("key-1", wanted)
	if status != 201 || ticket.Number != "A001" || ticket.TrackURL != "http://hall.example/t/abc" {
		t.Fatalf("%d %+v", status, ticket)
	}
	await(t, events, "print", `"printing"`)
	await(t, events, "print", `"printed"`)
	eventually(t, "the hall hears of the receipt", func() bool { return len(h.printed("t-1")) == 1 })
	if got := h.printed("t-1")[0]; got.State != "printed" {
		t.Errorf("report %+v", got)
	}
	paper := p.paper()[0]
	if paper.Hall != "示例政务服务大厅" || paper.Number != "A001" || paper.Field != "市场监管" || paper.Matters[0] != "食品经营许可" ||
		paper.Ahead != 4 || paper.Wait != "约 6–14 分钟" || paper.Most != "十个人里有八个在 11 分钟内叫到" || paper.IssuedAt != "2026-11-24 10:05" || paper.TrackURL != "http://hall.example/t/abc" {
		t.Errorf("receipt %+v", paper)
	}
	eventually(t, "the hall hears of the printer", func() bool { return h.reported("kiosk-7/printer=up:") })
}

// Where median and 90 % come to the same minutes they stand on the paper once, and a median of none is said as a bound, in each
// language.
func TestTheReceiptSaysAWaitOnce(t *testing.T) {
	for name, c := range map[string]struct {
		wait wire.Wait
		want []string
	}{
		"the same": {wire.Wait{P50Min: 40, P80Min: 40, P90Min: 40}, []string{"约 40 分钟", "تەخمىنەن 40 مىنۇت", "شامامەن 40 مينۋت", "about 40 min"}},
		"none":     {wire.Wait{P90Min: 5}, []string{"5 分钟以内", "5 مىنۇت ئىچىدە", "5 مينۋت ىشىندە", "5 min or less"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, p := newTestHall(t), wellPrinter()
			h.wait = &c.wait
			k := start(t, kiosk.Config{Server: h.url, UsePrinter: p})
			for i, language := range []string{"zh", "ug", "kk", "en"} {
				k.take("key-"+language, strings.Replace(wanted, "zh", language, 1))
				eventually(t, "a receipt", func() bool { return len(p.paper()) == i+1 })
				if got := p.paper()[i]; got.Wait != c.want[i] || (got.Most == "") != (c.wait.P80Min == 0) {
					t.Errorf("%s: %q, %q", language, got.Wait, got.Most)
				}
			}
		})
	}
}

// Whoever has an appointment finds its time on the paper.
func TestTheReceiptSaysTheAppointment(t *testing.T) {
	t.Parallel()
	h, p := newTestHall(t), wellPrinter()
	k := start(t, kiosk.Config{Server: h.url, UsePrinter: p})
	k.take("key-1", `{"appointment":"40718295","matters":["SCJG-004"],"person":{"kind":"none"},"language":"en"}`)
	k.take("key-2", wanted)
	eventually(t, "two receipts", func() bool { return len(p.paper()) == 2 })
	if with, without := p.paper()[0], p.paper()[1]; with.Slot != "10:30" || with.Labels.Slot != "Appointment" || without.Slot != "" {
		t.Errorf("the slots are %q and %q", with.Slot, without.Slot)
	}
}

func TestTheSameKeyPrintsOnce(t *testing.T) {
	t.Parallel()
	h, p := newTestHall(t), wellPrinter()
	k := start(t, kiosk.Config{Server: h.url, UsePrinter: p})
	_, first, _ := k.take("key-1", wanted)
	_, again, _ := k.take("key-1", wanted)
	if first.ID != again.ID {
		t.Errorf("%s and %s", first.ID, again.ID)
	}
	_, other, _ := k.take("key-2", wanted)
	eventually(t, "two receipts", func() bool { return len(h.printed(first.ID)) == 1 && len(h.printed(other.ID)) == 1 })
	if status, _ := k.do("POST", "/local/tickets/"+first.ID+"/reprint", ""); status != 202 {
		t.Errorf("reprint: %d", status)
	}
	eventually(t, "a reprint", func() bool { return len(p.paper()) == 3 })
	if status, _ := k.do("POST", "/local/tickets/t-99/reprint", ""); status != 404 {
		t.Errorf("reprint of a foreign ticket: %d", status)
	}
}

func TestWithoutAPrinterTheNumberIsStillGiven(t *testing.T) {
	t.Parallel()
	h := newTestHall(t)
	k := start(t, kiosk.Config{Server: h.url, ID: "kiosk-1"})
	events := k.listen()
	await(t, events, "state", `"printer":{"state":"unknown","reason":"not_configured"}`)
	if status, _, _ := k.take("k", wanted); status != 201 {
		t.Fatal(status)
	}
	await(t, events, "print", `"reason":"no_printer"`)
	eventually(t, "the report", func() bool {
		r := h.printed("t-1")
		return len(r) == 1 && r[0].State == "failed" && r[0].Reason == "no_printer"
	})
}

func TestAFailedReceiptIsTold(t *testing.T) {
	t.Parallel()
	h, p := newTestHall(t), wellPrinter()
	p.result = kiosk.PrintResult{State: "failed", Reason: "paper_out", Note: "没纸"}
	p.health = kiosk.DeviceHealth{State: "down", Reason: "paper_out"}
	k := start(t, kiosk.Config{Server: h.url, UsePrinter: p, ID: "kiosk-1"})
	events := k.listen()
	k.take("k", wanted)
	await(t, events, "print", `"state":"failed","reason":"paper_out","note":"没纸"`)
	eventually(t, "the device report", func() bool { return h.reported("kiosk-1/printer=down:paper_out") })
}

func TestACardStandsForItsNumber(t *testing.T) {
	t.Parallel()
	h, r := newTestHall(t), &fakeReader{events: make(chan idcard.Event, 8)}
	k := start(t, kiosk.Config{Server: h.url, UseReader: r, ID: "kiosk-1"})
	events := k.listen()
	r.events <- idcard.ReaderUp{}
	await(t, events, "state", `"reader":{"state":"up"}`)
	r.events <- idcard.CardRead{Card: idcard.Card{Type: idcard.Resident, Name: "阿卜杜·买买提", Number: number}}
	e := await(t, events, "card", "")
	var card kiosk.CardSeen
	if err := json.Unmarshal([]byte(e.data), &card); err != nil {
		t.Fatal(err)
	}
	if card.NameMask != "阿**·买**" || card.NumberMask != "110***********002X" || card.Type != "resident" {
		t.Errorf("card %+v", card)
	}
	if late := k.listen(); await(t, late, "card", card.Ref).name != "card" {
		t.Error("a page opened later does not see the card")
	}
	r.events <- idcard.CardRemoved{}
	await(t, events, "card_removed", "{}")
	body := fmt.Sprintf(`{"matters":["SCJG-004"],"person":{"kind":"card","ref":%q}}`, card.Ref)
	if status, _, e := k.take("k", body); status != 201 {
		t.Fatalf("%d %+v", status, e)
	}
	if h.takes[0].Person != (wire.Person{Kind: "id", Number: number}) {
		t.Errorf("the hall was told %+v", h.takes[0].Person)
	}
	status, _, refused := k.take("k2", `{"matters":["SCJG-004"],"person":{"kind":"card","ref":"nobody"},"language":"en"}`)
	if status != 410 || refused.Code != "card_expired" || !strings.Contains(refused.Message, "place it") {
		t.Errorf("unknown ref: %d %+v", status, refused)
	}
	r.events <- idcard.CardUnreadable{Advice: idcard.Advise(idcard.TellPlaceAgain)}
	await(t, events, "card_problem", "card_place_again")
	r.events <- idcard.ReaderDown{Fault: &idcard.Fault{Advice: idcard.Advise(idcard.WhySilent)}}
	await(t, events, "state", `"reader":{"state":"down","reason":"reader_silent"`)
	eventually(t, "the device report", func() bool { return h.reported("kiosk-1/reader=down:reader_silent") })
	k.stop()
	assertNowhere(t, k, number)
}

// assertNowhere checks that a number is neither in the log nor on disk.
func assertNowhere(t *testing.T, k *running, secret string) {
	t.Helper()
	if strings.Contains(k.log.String(), secret) {
		t.Error("the number is in the log")
	}
	err := filepath.Walk(k.dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if strings.Contains(string(data), secret) {
			t.Errorf("the number is in %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestWhenTheHallIsAway(t *testing.T) {
	t.Parallel()
	h, p := newTestHall(t), wellPrinter()
	dir := t.TempDir()
	k := start(t, kiosk.Config{Server: h.url, UsePrinter: p, Dir: dir, ID: "kiosk-1"})
	events := k.listen()
	await(t, events, "state", `"online":true`)
	k.take("key-1", wanted)
	eventually(t, "the first report", func() bool { return len(h.printed("t-1")) == 1 })
	h.set(func(h *testHall) { h.down = true })
	for lang, part := range map[string]string{"zh": "连不上", "en": "cannot be reached", "ug": "سىستېمىسىغا", "kk": "جۇيەسىنە"} {
		status, _, e := k.take("key-2", strings.Replace(wanted, `"zh"`, `"`+lang+`"`, 1))
		if status != 503 || e.Code != "hall_unreachable" || !strings.Contains(e.Message, part) {
			t.Errorf("%s: %d %+v", lang, status, e)
		}
	}
	await(t, events, "state", `"online":false`)
	if status, _ := k.do("POST", "/local/tickets/t-1/reprint", ""); status != 202 {
		t.Errorf("reprint offline: %d", status)
	}
	await(t, events, "print", `"printed"`)
	k.stop()

	k = start(t, kiosk.Config{Server: h.url, UsePrinter: wellPrinter(), Dir: dir, ID: "kiosk-1"}) // the cache is there
	if status, body := k.do("GET", "/local/catalogue", ""); status != 200 || !strings.Contains(body, "SCJG-004") {
		t.Errorf("kept catalogue: %d %s", status, body)
	}
	events = k.listen()
	await(t, events, "state", `"online":false`)
	h.set(func(h *testHall) { h.down = false })
	await(t, events, "state", `"online":true`)
	if status, ticket, _ := k.take("key-2", wanted); status != 201 || ticket.Number != "A002" {
		t.Errorf("after the return: %d %+v", status, ticket)
	}
	eventually(t, "the report", func() bool { return len(h.printed("t-2")) == 1 })
}

func TestReportsWaitForTheHall(t *testing.T) {
	t.Parallel()
	h, p := newTestHall(t), wellPrinter()
	k := start(t, kiosk.Config{Server: h.url, UsePrinter: p, ID: "kiosk-1"})
	events := k.listen()
	k.take("key-1", wanted)
	eventually(t, "the first report", func() bool { return len(h.printed("t-1")) == 1 })
	h.set(func(h *testHall) { h.down = true })
	for range 3 {
		k.do("POST", "/local/tickets/t-1/reprint", "")
		await(t, events, "print", `"printed"`)
	}
	time.Sleep(700 * time.Millisecond)
	h.set(func(h *testHall) { h.down = false })
	eventually(t, "all reports", func() bool { return len(h.printed("t-1")) == 4 })
}

func TestRefusalsOfTheHallReachThePerson(t *testing.T) {
	t.Parallel()
	h := newTestHall(t)
	h.refuse = &wire.Error{Status: 409, Code: "hall_closed", Message: "大厅已下班，明天十点再来。"}
	k := start(t, kiosk.Config{Server: h.url})
	if status, _, e := k.take("a", wanted); status != 409 || e.Code != "hall_closed" || e.Message != "大厅已下班，明天十点再来。" {
		t.Errorf("%d %+v", status, e)
	}
	if _, _, e := k.take("b", strings.Replace(wanted, "zh", "en", 1)); !strings.Contains(e.Message, "opening hours") {
		t.Errorf("%+v", e)
	}
	h.set(func(h *testHall) {
		h.refuse = &wire.Error{Status: 422, Code: "number_bad_birth", Message: "号码有误"}
	})
	if status, _, e := k.take("c", strings.Replace(wanted, "zh", "ug", 1)); status != 422 || e.Code != "number_bad_birth" || strings.Contains(e.Message, "号码") {
		t.Errorf("%d %+v", status, e)
	}
}

func TestBadRequests(t *testing.T) {
	t.Parallel()
	h := newTestHall(t)
	k := start(t, kiosk.Config{Server: h.url})
	cases := []struct {
		name, body string
		header     []string
		status     int
	}{
		{"no key", wanted, nil, 400},
		{"a long key", wanted, []string{"Idempotency-Key", strings.Repeat("k", 201)}, 400},
		{"a form", wanted, []string{"Idempotency-Key", "k", "Content-Type", "text/plain"}, 415},
		{"no JSON", `{`, []string{"Idempotency-Key", "k"}, 400},
		{"too large", `{"language":"` + strings.Repeat("x", 20<<10) + `"}`, []string{"Idempotency-Key", "k"}, 413},
		{"no matter", `{"person":{"kind":"none"}}`, []string{"Idempotency-Key", "k"}, 422},
		{"a person of no kind", `{"matters":["m"],"person":{"kind":"alien"}}`, []string{"Idempotency-Key", "k"}, 422},
		{"another host", wanted, []string{"Idempotency-Key", "k", "Host", "evil.example"}, 403},
		{"another origin", wanted, []string{"Idempotency-Key", "k", "Origin", "http://evil.example"}, 403},
		{"no origin", wanted, []string{"Idempotency-Key", "k", "Origin", "null"}, 403},
		{"another site", wanted, []string{"Idempotency-Key", "k", "Sec-Fetch-Site", "cross-site"}, 403},
		{"our page", wanted, []string{"Idempotency-Key", "k", "Origin", k.base, "Sec-Fetch-Site", "same-origin"}, 201},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			if status, body := k.do("POST", "/local/tickets", tc.body, tc.header...); status != tc.status {
				t.Errorf("%d %s, want %d", status, body, tc.status)
			}
		})
	}
	if len(h.takes) != 1 {
		t.Errorf("the hall was asked %d times", len(h.takes))
	}
}

func TestPagesAndNothingElse(t *testing.T) {
	t.Parallel()
	h := newTestHall(t)
	k := start(t, kiosk.Config{Server: h.url})
	for path, want := range map[string]int{"/": 200, "/kiosk": 200, "/assets/a-1.js": 200, "/assets/": 404, "/assets/../secret.txt": 404,
		"/assets/%2e%2e/secret.txt": 404, "/secret.txt": 404, "/assets": 404, "/local/nothing": 404} {
		if got, _ := k.do("GET", path, ""); got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
	if got, _ := k.do("GET", "/local/catalogue", "", "Host", "evil.example"); got != 403 {
		t.Errorf("rebinding: %d", got)
	}
}

// A page that never reads must not hold up the kiosk, its printer, another page or the end.
func TestAStuckPage(t *testing.T) {
	t.Parallel()
	h, p, r := newTestHall(t), wellPrinter(), &fakeReader{events: make(chan idcard.Event)}
	// The stuck page stays for ever: whatever waited for it would wait as long.
	k := start(t, kiosk.WithEventTime(kiosk.Config{Server: h.url, UsePrinter: p, UseReader: r}, time.Hour))
	conn, err := net.Dial("tcp", strings.TrimPrefix(k.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	_, _ = fmt.Fprintf(conn, "GET /local/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
	healthy := k.listen()
	await(t, healthy, "state", "")
	long := strings.Repeat("x", 16<<10)
	for range 500 { // 8 MB, far more than the line's buffers hold
		select {
		case r.events <- idcard.CardUnreadable{Advice: idcard.Advice{Code: "noise", Sentence: long}}:
		case <-time.After(patience):
			t.Fatal("a stuck page holds up the card reader")
		}
	}
	r.events <- idcard.CardUnreadable{Advice: idcard.Advice{Code: "last"}}
	k.take("k", wanted)
	await(t, healthy, "print", `"printed"`)
	k.stop() // within patience
	if !p.closed {
		t.Error("the printer was not closed")
	}
}

// The stream outlives the bound for reading a request and carries heartbeats.
func TestTheStreamLasts(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("7 s")
	}
	h, r := newTestHall(t), &fakeReader{events: make(chan idcard.Event, 8)}
	k := start(t, kiosk.Config{Server: h.url, UseReader: r})
	events := k.listen()
	time.Sleep(7 * time.Second)
	r.events <- idcard.CardRemoved{}
	await(t, events, "card_removed", "{}")
}

func TestItSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	for _, cfg := range []kiosk.Config{{}, {Server: "http://x"}, {Server: "http://x", Dir: t.TempDir()}} {
		if err := kiosk.Run(context.Background(), cfg); err == nil || !strings.HasPrefix(err.Error(), "kiosk: ") {
			t.Errorf("err = %v", err)
		}
	}
}
