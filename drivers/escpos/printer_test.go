package escpos_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"yitang/drivers/escpos"
	"yitang/drivers/port"
	"yitang/drivers/sim"
)

// patience is far more than anything here needs, also on a slow machine.
const patience = time.Minute

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// rig is the real driver on the real port, with a simulated printer at the other end.
type rig struct {
	sim     *sim.Printer
	port    *port.Port
	printer *escpos.Printer
}

func newRig(t *testing.T, p escpos.Profile, opts sim.PrinterOptions) rig {
	t.Helper()
	device, err := sim.NewPrinter(opts)
	if err != nil {
		t.Fatal(err)
	}
	line := port.Open(port.Config{
		Path: device.Path(), Baud: p.Baud, WriteStall: time.Minute,
		BackoffMin: 5 * time.Millisecond, BackoffMax: 20 * time.Millisecond,
	})
	t.Cleanup(func() {
		if err := line.Close(); err != nil { // its second was too short for a starved machine, unless the write never ends
			for end := time.Now().Add(patience); line.Counters().Stuck > 0; time.Sleep(time.Millisecond) {
				if time.Now().After(end) {
					t.Fatal(err)
				}
			}
		}
		if err := device.Close(); err != nil {
			t.Error(err)
		}
		if n := device.Stray(); n != 0 {
			t.Errorf("%d real-time commands inside other commands' data", n)
		}
		if n := device.Unknown(); n != 0 {
			t.Errorf("%d unknown commands", n)
		}
	})
	if err := line.WaitUp(within(t, patience)); err != nil {
		t.Fatal(err)
	}
	return rig{sim: device, port: line, printer: escpos.NewPrinter(line, p)}
}

func sample() escpos.Ticket {
	return escpos.Ticket{
		Hall: "昌吉市政务服务中心", Number: "A012", Field: "市场监管", Matters: []string{"食品经营许可证核发", "个体工商户设立登记"},
		Materials: []string{"身份证", "营业场所证明"}, Ahead: 7, Wait: "约 10–20 分钟", IssuedAt: "2026-03-02 09:41",
		TrackURL: "https://hall.example.gov.cn/t/Ab3dE5gH", Notes: []string{"过号请到导办台重新激活"},
	}
}

func ticket(t *testing.T, p escpos.Profile) []byte {
	t.Helper()
	b, err := sample().Encode(p)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestATicketIsPrinted(t *testing.T) {
	for _, m := range []escpos.Model{escpos.Generic80, escpos.Generic58, escpos.EpsonT88, escpos.EpsonP80, escpos.CitizenCT} {
		t.Run(string(m), func(t *testing.T) {
			p := escpos.ProfileFor(m)
			r := newRig(t, p, sim.PrinterOptions{})
			got := r.printer.Print(within(t, patience), ticket(t, p))
			if got.Outcome != escpos.Printed || got.Warning != "" || got.Reason != "" {
				t.Fatalf("result %+v", got)
			}
			all := r.sim.Receipts()
			if len(all) != 1 {
				t.Fatalf("%d receipts", len(all))
			}
			for _, want := range []string{"昌吉市政务服务中心", "A012", "食品经营许可证核发", "□ 营业场所证明", "约 10-20 分钟", "过号请到导办台重新激活"} {
				if !strings.Contains(all[0].Text(), want) {
					t.Errorf("%q is not on the receipt:\n%s", want, all[0].Text())
				}
			}
			if qr := all[0].QRCodes(); len(qr) != 1 || qr[0] != "https://hall.example.gov.cn/t/Ab3dE5gH" {
				t.Errorf("QR %q", qr)
			}
			if all[0].Cut() != p.Cutter {
				t.Errorf("cut %v", all[0].Cut())
			}
		})
	}
}

func TestAOneWayCableIsSentNotPrinted(t *testing.T) {
	p := escpos.ProfileFor(escpos.OneWay80)
	r := newRig(t, p, sim.PrinterOptions{Mute: true})
	if got := r.printer.Print(within(t, patience), ticket(t, p)); got.Outcome != escpos.Sent {
		t.Fatalf("result %+v", got)
	}
	for end := time.Now().Add(patience); len(r.sim.Receipts()) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("nothing printed")
		}
	}
}

func TestTroubleBeforeTheJobSendsNothing(t *testing.T) {
	for _, c := range []struct {
		fault sim.FaultKind
		want  escpos.Reason
	}{
		{sim.PaperOut, escpos.PaperOut}, {sim.CoverOpen, escpos.CoverOpen},
		{sim.CutterError, escpos.CutterError}, {sim.HeadHot, escpos.HeadHot},
	} {
		t.Run(string(c.fault), func(t *testing.T) {
			p := escpos.ProfileFor(escpos.Generic80)
			r := newRig(t, p, sim.PrinterOptions{})
			if err := r.sim.Inject(sim.Fault{Kind: c.fault, On: true}); err != nil {
				t.Fatal(err)
			}
			got := r.printer.Print(within(t, patience), ticket(t, p))
			if got.Outcome != escpos.Failed || got.Reason != c.want || got.Uncertain || got.Message != c.want.Sentence() {
				t.Errorf("result %+v", got)
			}
			r.sim.Heal()
			if got := r.printer.Print(within(t, patience), ticket(t, p)); got.Outcome != escpos.Printed {
				t.Errorf("after healing: %+v", got)
			}
			if n := len(r.sim.Receipts()); n != 1 {
				t.Errorf("%d receipts, want only the second job's", n)
			}
		})
	}
}

func TestLowPaperIsAWarning(t *testing.T) {
	p := escpos.ProfileFor(escpos.Generic80)
	r := newRig(t, p, sim.PrinterOptions{})
	_ = r.sim.Inject(sim.Fault{Kind: sim.PaperLow, On: true})
	if got := r.printer.Print(within(t, patience), ticket(t, p)); got.Outcome != escpos.Printed || got.Warning != escpos.PaperLow {
		t.Errorf("result %+v", got)
	}
}
