package kiosk_test

import (
	"strings"
	"testing"

	"yitang/drivers/sim"
	"yitang/kiosk"
)

// The hall's own template is what comes out; one with a mistake, which only a foreign hall could send, costs the ticket its
// looks and nothing else.
func TestTheHallsOwnTemplate(t *testing.T) {
	t.Parallel()
	for template, want := range map[string]string{
		"centre bold| 本厅 {{.Number}}\nqr| {{.TrackURL}}\ncut\n": "本厅 A001",
		"smile\n": "过号",
	} {
		printer, err := sim.NewPrinter(sim.PrinterOptions{})
		if err != nil {
			t.Fatal(err)
		}
		defer printer.Close()
		h := newTestHall(t)
		h.receipt = template
		k := start(t, kiosk.Config{Server: h.url, ID: "kiosk-1", Printer: kiosk.PrinterConfig{Path: printer.Path()}})
		events := k.listen()
		awaitState(t, events, func(s kiosk.State) bool { return s.Printer.State == "up" && s.Online })
		if status, _, e := k.take("k", wanted); status != 201 {
			t.Fatalf("%d %+v", status, e)
		}
		await(t, events, "print", `"printed"`)
		if got := printer.Receipts()[0].Text(); !strings.Contains(got, want) || !strings.Contains(got, "A001") {
			t.Errorf("%q prints\n%s", template, got)
		}
	}
}

// A receipt whose proof is missing may lie in the slot: the page and the hall are told so, not that it failed, and the
// page may print it again.
func TestAReceiptThatMayBeOnPaper(t *testing.T) {
	t.Parallel()
	printer, err := sim.NewPrinter(sim.PrinterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer printer.Close()
	h := newTestHall(t)
	k := start(t, kiosk.Config{Server: h.url, ID: "kiosk-1", Printer: kiosk.PrinterConfig{Path: printer.Path()}})
	events := k.listen()
	awaitState(t, events, func(s kiosk.State) bool { return s.Printer.State == "up" && s.Online })
	// The job waits behind an open cover that was closed when it was asked for: the paper comes when it is closed again.
	const questions, middle = 9, 200
	printer.Play(sim.Script{{AfterBytes: questions + middle, Fault: sim.Fault{Kind: sim.CoverOpen, On: true}}})
	if status, _, e := k.take("k", wanted); status != 201 {
		t.Fatalf("%d %+v", status, e)
	}
	await(t, events, "print", `"state":"uncertain","reason":"cover_open"`)
	eventually(t, "the hall hears of it", func() bool {
		r := h.printed("t-1")
		return len(r) == 1 && r[0].State == "uncertain" && r[0].Reason == "cover_open" && r[0].Note != ""
	})
	eventually(t, "the printer counts as down", func() bool { return h.reported("kiosk-1/printer=down:cover_open") })
	printer.Heal()
	eventually(t, "it was on paper after all", func() bool { return len(printer.Receipts()) == 1 })
	if status, _ := k.do("POST", "/local/tickets/t-1/reprint", ""); status != 202 {
		t.Errorf("reprint: %d", status)
	}
	await(t, events, "print", `"printed"`)
}
