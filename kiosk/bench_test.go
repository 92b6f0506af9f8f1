package kiosk_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"yitang/drivers/sim"
	"yitang/kiosk"
	"yitang/server/account"
	"yitang/server/halltest"
)

// BenchmarkCardToTicket measures what a person at the kiosk feels of the machine: from the card placed until the ticket's
// last byte, the cut, has gone over the printer's line, with a real hall (each ticket on disk first), and simulated
// devices that take as long as real ones at 115200 baud. The person's own touches are left out. Median and p99 in ms:
//
//	go test -run '^$' -bench CardToTicket -benchtime 200x ./kiosk
func BenchmarkCardToTicket(b *testing.B) {
	const baud = 115200
	h := halltest.New(b, 1)
	printer, err := sim.NewPrinter(sim.PrinterOptions{})
	if err != nil {
		b.Fatal(err)
	}
	defer printer.Close()
	printer.Pace(baud, 1)
	reader, err := sim.NewReader(sim.ReaderConfig{Baud: baud, Speed: 1})
	if err != nil {
		b.Fatal(err)
	}
	defer reader.Close()
	k := start(b, kiosk.Config{Server: h.URL, Token: h.Tokens[account.Kiosk], ID: "kiosk", Printer: kiosk.PrinterConfig{Path: printer.Path(), Baud: baud},
		Reader: kiosk.ReaderConfig{Path: reader.Path(), Baud: baud}})
	events := k.listen()
	awaitState(b, events, func(s kiosk.State) bool { return s.Printer.State == "up" && s.Reader.State == "up" && s.Online })
	rng := rand.New(rand.NewPCG(1, 2))
	var whole, card []time.Duration
	for i := 0; b.Loop(); i++ {
		began := time.Now()
		if err := reader.Place(sim.RandomResident(rng)); err != nil {
			b.Fatal(err)
		}
		var seen kiosk.CardSeen
		if err := json.Unmarshal([]byte(await(b, events, "card", "ref").data), &seen); err != nil {
			b.Fatal(err)
		}
		card = append(card, time.Since(began))
		body := fmt.Sprintf(`{"matters":[%q],"person":{"kind":"card","ref":%q},"language":"zh"}`, h.Matters[i%len(h.Matters)], seen.Ref)
		if status, _, e := k.take(fmt.Sprintf("bench-%d", i), body); status != 201 {
			b.Fatalf("%d %+v", status, e)
		}
		for len(printer.Receipts()) <= i {
			time.Sleep(time.Millisecond)
		}
		whole = append(whole, time.Since(began))
		reader.Lift()
		await(b, events, "card_removed", "")
	}
	ms := func(list []time.Duration, share float64) float64 {
		slices.Sort(list)
		return float64(list[int(share*float64(len(list)-1))].Microseconds()) / 1000
	}
	b.ReportMetric(ms(whole, 0.5), "p50-ms")
	b.ReportMetric(ms(whole, 0.99), "p99-ms")
	b.ReportMetric(ms(card, 0.5), "card-p50-ms")
	b.ReportMetric(0, "ns/op")
}
