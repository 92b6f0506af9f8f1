package sim_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"yitang/drivers/escpos"
	"yitang/drivers/idcard"
	"yitang/drivers/port"
	"yitang/drivers/sim"
)

// faultRow is a fault, what the driver must say of it, and within which time. The waits are those of a real hall.
type faultRow struct {
	fault string
	step  sim.Step // AfterBytes and AfterAnswers 0: before the device is asked for anything
	long  bool     // of a printer: a job that no buffer on the way holds
	empty bool     // of a reader: no card lies there
	want  string
	bound time.Duration

	said string // found out
	took time.Duration
}

func (r *faultRow) checked(t *testing.T, device, said string, took time.Duration) {
	t.Helper()
	r.said, r.took = said, took
	if said != r.want || took > r.bound+slowMachine {
		t.Errorf("%s, %s: %q after %v, want %q within %v", device, r.fault, said, took, r.want, r.bound)
	}
}

// TestFaultTable is the table in docs/devices.md: each fault, what the production driver with its production waits says of
// it and how long that took. Every device must work again when the fault is over, and nothing may be left.
func TestFaultTable(t *testing.T) { //nolint:paralleltest // counts what the whole process holds
	goroutines, descriptors := holding(t)
	printer, reader := printerRows(), readerRows()
	var working sync.WaitGroup // all at once: nearly all the time is waiting
	for i := range printer {
		working.Go(func() { printerRow(t, &printer[i]) })
	}
	for i := range reader {
		working.Go(func() { readerRow(t, &reader[i]) })
	}
	working.Wait()
	log(t, "printer", printer)
	log(t, "reader", reader)
	nothingLeft(t, goroutines, descriptors)
}

func log(t *testing.T, device string, rows []faultRow) {
	t.Helper()
	for _, r := range rows {
		t.Logf("| %s | %s | %s | %.1f s | %.0f s |", device, r.fault, r.said, r.took.Seconds(), r.bound.Seconds())
	}
}

// Bounds by contract: Printer.Print for a ticket and for longTable, and what idcard.ReadOne promises.
const (
	ticketBound = 19 * time.Second
	longBound   = 35 * time.Second
	readerBound = 15 * time.Second
	// freeBound is for what a driver learns at once.
	freeBound = 2 * time.Second
	// statuses is the bytes of the questions before a job.
	statuses = 9
)

func printerRows() []faultRow {
	at := func(bytes, answers int, f sim.Fault) sim.Step {
		return sim.Step{AfterBytes: bytes, AfterAnswers: answers, Fault: f}
	}
	on := func(k sim.FaultKind) sim.Fault { return sim.Fault{Kind: k, On: true} }
	noise := []byte{0x00, 0xFF, 0x93, 0x13}
	const middle = statuses + 200
	rows := []faultRow{
		{fault: "silence, before the job", step: at(0, 0, on(sim.Silence)), want: "failed no_answer", bound: ticketBound},
		{fault: "silence, during the job", step: at(middle, 0, on(sim.Silence)), want: "failed no_answer, uncertain", bound: ticketBound},
		{fault: "noise before answers", step: at(0, 0, sim.Fault{Kind: sim.NoiseBefore, On: true, Bytes: noise}), want: "printed", bound: freeBound},
		{fault: "noise inside answers", step: at(0, 0, sim.Fault{Kind: sim.NoiseInside, On: true, Bytes: noise}), want: "printed", bound: freeBound},
		{fault: "split answers", step: at(0, 0, sim.Fault{Kind: sim.Split, On: true, N: 1}), want: "printed", bound: freeBound},
		{fault: "answers held and merged in twos", step: at(0, 0, sim.Fault{Kind: sim.Merge, On: true, N: 2}), want: "printed", bound: ticketBound},
		{fault: "near end of paper", step: at(0, 0, on(sim.PaperLow)), want: "printed, warning paper_low", bound: freeBound},
		{fault: "head hot, before the job", step: at(0, 0, on(sim.HeadHot)), want: "failed head_hot", bound: freeBound},
		{fault: "head hot for 3 s, during the job", step: at(middle, 0, on(sim.HeadHot)), want: "printed", bound: ticketBound},
		{fault: "pulled out, during the job", step: at(middle, 0, on(sim.Unplug)), want: "failed unplugged, uncertain", bound: freeBound},
		{fault: "pulled out, before the job", step: at(0, 0, on(sim.Unplug)), want: "failed unplugged", bound: freeBound},
		{fault: "takes no more bytes, during a long job", step: at(10_000, 0, on(sim.StopDraining)), long: true, want: "failed line_busy, uncertain", bound: longBound},
		{fault: "takes no bytes, before the job", step: at(0, 0, on(sim.StopDraining)), want: "failed no_answer", bound: ticketBound},
		{fault: "switched off, before the job", step: at(0, 0, on(sim.PowerOff)), want: "failed no_answer", bound: ticketBound},
		{fault: "switched off and on, during the job", step: at(middle, 0, sim.Fault{Kind: sim.PowerOff, On: true, For: time.Second}), want: "failed no_answer, uncertain", bound: ticketBound},
	}
	for _, k := range []sim.FaultKind{sim.PaperOut, sim.CoverOpen, sim.CutterError} {
		rows = append(rows, faultRow{fault: string(k) + ", before the job", step: at(0, 0, on(k)), want: "failed " + string(k), bound: freeBound},
			faultRow{fault: string(k) + ", during the job", step: at(middle, 0, on(k)), want: "failed " + string(k) + ", uncertain", bound: 2 * freeBound})
	}
	if os.Geteuid() == 0 {
		rows = append(rows, faultRow{fault: "hung up as a USB adapter, during the job", step: at(middle, 0, on(sim.Hangup)),
			want: "failed unplugged, uncertain", bound: freeBound})
	}
	return rows
}

// printerRow prints a ticket under the fault, and another when it is over.
func printerRow(t *testing.T, row *faultRow) {
	t.Helper()
	d, err := sim.NewPrinter(sim.PrinterOptions{})
	if err != nil {
		t.Error(err)
		return
	}
	defer d.Close()
	p := escpos.ProfileFor(escpos.Generic80)
	line := port.Open(port.Config{Path: d.Path(), Baud: p.Baud})
	defer line.Close()
	ctx, stop := context.WithTimeout(context.Background(), soakPatience)
	defer stop()
	if err := line.WaitUp(ctx); err != nil {
		t.Error(err)
		return
	}
	d.Play(sim.Script{row.step})
	if row.step.Fault.Kind == sim.HeadHot && row.step.AfterBytes > 0 {
		cool := time.AfterFunc(3*time.Second, d.Heal)
		defer cool.Stop()
	}
	printer := escpos.NewPrinter(line, p)
	r := printer.Print(ctx, tableJob(t, p, row.long))
	row.checked(t, "printer", inWords(r), r.Took)
	over(t, d, row.step.Fault)
	d.Heal()
	for ctx.Err() == nil {
		if printer.Print(ctx, tableJob(t, p, false)).Outcome == escpos.Printed {
			return
		}
		time.Sleep(100 * time.Millisecond) // the line is opened again
	}
	t.Errorf("printer, %s: it never printed again", row.fault)
}

func inWords(r escpos.Result) string {
	said := string(r.Outcome)
	if r.Reason != "" {
		said += " " + string(r.Reason)
	}
	if r.Uncertain {
		said += ", uncertain"
	}
	if r.Warning != "" {
		said += ", warning " + string(r.Warning)
	}
	return said
}

func tableJob(t *testing.T, p escpos.Profile, long bool) []byte {
	t.Helper()
	b := escpos.NewBuilder(p, nil)
	if long {
		row := make([]byte, p.Dots/8)
		rows := make([][]byte, 1200)
		for i := range rows {
			rows[i] = row
		}
		b.Picture(escpos.Picture{WidthBytes: len(row), Rows: rows})
	}
	for i := range 10 {
		b.Line(fmt.Sprintf("第 %d 行 A012 市场监管 食品经营许可", i), escpos.Style{})
	}
	b.Cut()
	job, err := b.Bytes()
	if err != nil {
		t.Error(err)
	}
	return job
}

// over ends a fault.
func over(t *testing.T, d sim.Device, f sim.Fault) {
	t.Helper()
	x := trouble{device: d, fault: f}
	x.end(t)
}

func readerRows() []faultRow {
	now := func(f sim.Fault) sim.Step {
		f.On = true
		return sim.Step{Fault: f}
	}
	status := func(st, cmd, para byte) sim.Step {
		return now(sim.Fault{Kind: sim.CardStatus, Bytes: []byte{st, cmd, para}})
	}
	record := []byte{0x30, 0x01}
	noise := []byte{0x00, 0xFF, 0x96, 0x69, 0x13}
	rows := []faultRow{
		{fault: "silence", step: now(sim.Fault{Kind: sim.Silence}), want: "down reader_silent", bound: readerBound},
		{fault: "noise before answers", step: now(sim.Fault{Kind: sim.NoiseBefore, Bytes: noise}), want: "read", bound: freeBound},
		{fault: "noise inside all answers", step: now(sim.Fault{Kind: sim.NoiseInside, Bytes: noise}), want: "down reader_babbling", bound: readerBound},
		{fault: "1 kB/s of noise without end", step: now(sim.Fault{Kind: sim.Babble, Bytes: noise}), want: "read", bound: freeBound},
		{fault: "13 kB/s of noise without end", step: now(sim.Fault{Kind: sim.Babble}), empty: true, want: "down reader_babbling", bound: readerBound},
		{fault: "split answers", step: now(sim.Fault{Kind: sim.Split, N: 64}), want: "read", bound: freeBound},
		{fault: "answers held and merged in twos", step: now(sim.Fault{Kind: sim.Merge, N: 2}), want: "down reader_silent", bound: readerBound},
		{fault: "wrong checksum in the record, once", step: now(sim.Fault{Kind: sim.WrongChecksum, N: 1, Bytes: record}), want: "read", bound: readerBound},
		{fault: "wrong checksum in the record, always", step: now(sim.Fault{Kind: sim.WrongChecksum, Bytes: record}), want: "unreadable card_place_again", bound: readerBound},
		{fault: "wrong checksum in all answers", step: now(sim.Fault{Kind: sim.WrongChecksum}), want: "down reader_babbling", bound: readerBound},
		{fault: "wrong length in the record, once", step: now(sim.Fault{Kind: sim.WrongLength, N: 1, Bytes: record}), want: "read", bound: readerBound},
		{fault: "wrong length in all answers", step: now(sim.Fault{Kind: sim.WrongLength}), want: "down reader_babbling", bound: readerBound},
		{fault: "refuses once: wrong checksum seen (10)", step: now(sim.Fault{Kind: sim.CardStatus, N: 1, Bytes: []byte{0x10, 0x30, 0x01}}), want: "read", bound: freeBound},
		{fault: "refuses: wrong command (21)", step: status(0x21, 0x30, 0x01), want: "unreadable reader_program_error", bound: freeBound},
		{fault: "refuses: card not genuine (32)", step: status(0x32, 0x30, 0x01), want: "unreadable card_see_counter", bound: freeBound},
		{fault: "refuses: no ID card (40)", step: status(0x40, 0x20, 0x01), want: "unreadable card_not_id", bound: freeBound},
		{fault: "refuses: reading failed (41)", step: status(0x41, 0x30, 0x01), want: "unreadable card_place_again", bound: freeBound},
		{fault: "refuses: select failed (81)", step: status(0x81, 0x20, 0x02), want: "unreadable card_place_again", bound: 2 * freeBound},
		{fault: "self test failed (60)", step: status(0x60, 0x20, 0x01), want: "down reader_self_test_failed", bound: freeBound},
		{fault: "not authorised (66)", step: status(0x66, 0x20, 0x01), want: "down reader_not_authorised", bound: freeBound},
		{fault: "pulled out", step: now(sim.Fault{Kind: sim.Unplug}), want: "down reader_vanished", bound: freeBound},
		{fault: "takes no bytes", step: now(sim.Fault{Kind: sim.StopDraining}), want: "down reader_silent", bound: readerBound},
		{fault: "switched off", step: now(sim.Fault{Kind: sim.PowerOff}), want: "down reader_silent", bound: readerBound},
		{fault: "switched off and on within half a second", step: now(sim.Fault{Kind: sim.PowerOff, For: 500 * time.Millisecond}), want: "read", bound: readerBound},
	}
	if os.Geteuid() == 0 {
		rows = append(rows, faultRow{fault: "hung up as a USB adapter, while it answers",
			step: sim.Step{AfterAnswers: 2, Fault: sim.Fault{Kind: sim.Hangup}}, want: "down reader_vanished", bound: freeBound})
	}
	return rows
}

// readerRow lays a card down under the fault, and another when it is over.
func readerRow(t *testing.T, row *faultRow) {
	t.Helper()
	d, err := sim.NewReader(sim.ReaderConfig{})
	if err != nil {
		t.Error(err)
		return
	}
	defer d.Close()
	r := idcard.NewReader(idcard.Config{Path: d.Path(), Baud: 115200})
	ctx, stop := context.WithTimeout(context.Background(), soakPatience)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = r.Run(ctx) // ends with ctx and says nothing else
	}()
	defer func() {
		stop()
		<-ended
	}()
	if said := firstWord(r.Events()); said != "up" {
		t.Errorf("reader, %s: %s at the start", row.fault, said)
		return
	}
	rng := rand.New(rand.NewPCG(1, uint64(len(row.fault))))
	begun := time.Now()
	d.Play(sim.Script{row.step})
	if !row.empty {
		if err := d.Place(sim.RandomResident(rng)); err != nil {
			t.Error(err)
		}
	}
	said := firstWord(r.Events())
	row.checked(t, "reader", said, time.Since(begun))
	over(t, d, row.step.Fault)
	d.Lift()
	calmed(r.Events())
	if err := d.Place(sim.RandomResident(rng)); err != nil {
		t.Error(err)
	}
	for said = firstWord(r.Events()); said != "read" && said != "ended"; {
		said = firstWord(r.Events())
	}
	if said != "read" {
		t.Errorf("reader, %s: it never read again", row.fault)
	}
}

// firstWord is the next event in short.
func firstWord(events <-chan idcard.Event) string {
	for e := range events {
		switch e := e.(type) {
		case idcard.ReaderUp:
			return "up"
		case idcard.ReaderDown:
			return "down " + string(e.Fault.Code)
		case idcard.CardRead:
			return "read"
		case idcard.CardUnreadable:
			return "unreadable " + string(e.Advice.Code)
		}
	}
	return "ended"
}

// calmed takes what is still said of the card before.
func calmed(events <-chan idcard.Event) {
	for {
		select {
		case _, open := <-events:
			if !open {
				return
			}
		case <-time.After(2 * time.Second):
			return
		}
	}
}
