package kiosk_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"yitang/drivers/escpos"
	"yitang/drivers/sim"
	"yitang/kiosk"
)

// The whole kiosk with real bytes: a printer and a card reader on pseudo-terminals.
func TestSerialDevices(t *testing.T) {
	t.Parallel()
	printer, err := sim.NewPrinter(sim.PrinterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer printer.Close()
	reader, err := sim.NewReader(sim.ReaderConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	h := newTestHall(t)
	k := start(t, kiosk.Config{Server: h.url, ID: "kiosk-1", Printer: kiosk.PrinterConfig{Path: printer.Path()},
		Reader: kiosk.ReaderConfig{Path: reader.Path()}})
	events := k.listen()
	awaitState(t, events, func(s kiosk.State) bool { return s.Printer.State == "up" && s.Reader.State == "up" && s.Online })
	person := sim.InventResident(rand.New(rand.NewPCG(1, 2)))
	if err := reader.Place(person.Record()); err != nil {
		t.Fatal(err)
	}
	var card kiosk.CardSeen
	if err := json.Unmarshal([]byte(await(t, events, "card", "resident").data), &card); err != nil {
		t.Fatal(err)
	}
	body := strings.Replace(wanted, `{"kind":"none"}`, `{"kind":"card","ref":"`+card.Ref+`"}`, 1)
	if status, _, e := k.take("k", body); status != 201 {
		t.Fatalf("%d %+v", status, e)
	}
	if h.takes[0].Person.Number != person.Number {
		t.Error("another number reached the hall")
	}
	await(t, events, "print", `"printed"`)
	paper := printer.Receipts()[0]
	for _, part := range []string{"示例政务服务大厅", "A001", "市场监管", "食品经营许可", "4", "约 6", "2026-11-24 10:05", "过号"} {
		if !strings.Contains(paper.Text(), part) {
			t.Errorf("the receipt lacks %q:\n%s", part, paper.Text())
		}
	}
	if !slices.Equal(paper.QRCodes(), []string{h.url + "/t/abc"}) || !paper.Cut() {
		t.Errorf("codes %v, cut %v", paper.QRCodes(), paper.Cut())
	}
	reader.Lift()
	await(t, events, "card_removed", "{}")
	misbehave(t, k, h, printer, events)
	k.stop()
	assertNowhere(t, k, person.Number)
}

func misbehave(t *testing.T, k *running, h *testHall, printer *sim.Printer, events <-chan pageEvent) {
	t.Helper()
	if err := printer.Inject(sim.Fault{Kind: sim.PaperOut, On: true}); err != nil {
		t.Fatal(err)
	}
	k.do("POST", "/local/tickets/t-1/reprint", "")
	await(t, events, "print", `"state":"failed","reason":"paper_out","note":"打印机缺纸`)
	eventually(t, "the hall hears of the paper", func() bool { return h.reported("kiosk-1/printer=down:paper_out") })
	printer.Heal()
	await(t, events, "state", `"printer":{"state":"up"}`)
	if err := printer.Inject(sim.Fault{Kind: sim.Unplug}); err != nil {
		t.Fatal(err)
	}
	await(t, events, "state", `"printer":{"state":"down","reason":"unplugged"`)
	if err := printer.Inject(sim.Fault{Kind: sim.Replug}); err != nil {
		t.Fatal(err)
	}
	await(t, events, "state", `"printer":{"state":"up"}`)
}

// awaitState reads states until one is as wanted: two changes may come as one state.
func awaitState(t testing.TB, events <-chan pageEvent, ok func(kiosk.State) bool) {
	t.Helper()
	for {
		var s kiosk.State
		if err := json.Unmarshal([]byte(await(t, events, "state", "").data), &s); err != nil {
			t.Fatal(err)
		}
		if ok(s) {
			return
		}
	}
}

// A cable that carries no answers back gives "sent", never "printed"; every language comes out on paper.
func TestOneWayAndLanguages(t *testing.T) {
	t.Parallel()
	printer, err := sim.NewPrinter(sim.PrinterOptions{Mute: true})
	if err != nil {
		t.Fatal(err)
	}
	defer printer.Close()
	h := newTestHall(t)
	k := start(t, kiosk.Config{Server: h.url, ID: "kiosk-1", Printer: kiosk.PrinterConfig{Path: printer.Path(), OneWay: true}})
	events := k.listen()
	awaitState(t, events, func(s kiosk.State) bool { return s.Printer.State == "up" && s.Online })
	for i, lang := range []string{"zh", "en", "ug", "kk"} {
		if status, _, e := k.take(lang, strings.Replace(wanted, `"zh"`, `"`+lang+`"`, 1)); status != 201 {
			t.Fatalf("%s: %d %+v", lang, status, e)
		}
		await(t, events, "print", `"sent"`)
		eventually(t, "paper", func() bool { return len(printer.Receipts()) == i+1 })
		checkPaper(t, lang, printer.Receipts()[i])
	}
}

func checkPaper(t *testing.T, lang string, d escpos.Document) {
	t.Helper()
	text := d.Text()
	if !strings.Contains(text, "A00") || len(d.QRCodes()) != 1 {
		t.Errorf("%s: a receipt without number or code:\n%s", lang, text)
	}
	switch lang {
	case "en":
		if !strings.Contains(text, "Your number") || !strings.Contains(text, "Example hall") {
			t.Errorf("en:\n%s", text)
		}
	case "ug", "kk": // drawn, or in Chinese on a PC without the fonts; never as question marks
		if len(d.Rasters()) == 0 && !strings.Contains(text, "您的号码") || strings.Contains(text, "?") {
			t.Errorf("%s: %d pictures\n%s", lang, len(d.Rasters()), text)
		}
	}
}
