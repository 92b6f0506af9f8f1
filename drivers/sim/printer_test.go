package sim_test

import (
	"testing"
	"time"

	"yitang/drivers/escpos"
	"yitang/drivers/sim"
)

func openPrinter(t *testing.T, opts sim.PrinterOptions) *sim.Printer {
	t.Helper()
	p, err := sim.NewPrinter(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// Raw bytes in and out, as HARDWARE.md, C2 to C4, has them; no driver between.
func TestAPrintersAnswers(t *testing.T) {
	for _, c := range []struct {
		name, ask, want string
		fault           sim.FaultKind
	}{
		{"well", "\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04\x1Dr1", "\x12\x12\x12\x12\x00", ""},
		{"near end", "\x10\x04\x04\x1Dr\x01", "\x1E\x03", sim.PaperLow},
		{"out: GS r is not carried out", "\x1Dr\x01\x10\x04\x02\x10\x04\x04", "\x32\x7E", sim.PaperOut},
		{"cover", "\x10\x04\x01\x10\x04\x02", "\x1A\x16", sim.CoverOpen},
		{"cutter", "\x10\x04\x02\x10\x04\x03", "\x52\x1A", sim.CutterError},
		{"hot", "\x10\x04\x02\x10\x04\x03", "\x52\x52", sim.HeadHot},
		{"automatic status", "\x1Da\xFF\x1DIC", "\x14\x00\x00\x0F\x5FKiosk\x00", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := openPrinter(t, sim.PrinterOptions{Model: "Kiosk"})
			far := openFar(t, p.PTY)
			if c.fault != "" {
				if err := p.Inject(sim.Fault{Kind: c.fault, On: true}); err != nil {
					t.Fatal(err)
				}
			}
			if got := exchange(t, far, c.ask, len(c.want)); got != c.want {
				t.Errorf("% X, want % X", got, c.want)
			}
		})
	}
}

func TestAPrinterCarriesOutRealTimeCommandsInsidePictures(t *testing.T) {
	p := openPrinter(t, sim.PrinterOptions{})
	far := openFar(t, p.PTY)
	got := exchange(t, far, "\x1Dv0\x00\x03\x00\x01\x00\x10\x04\x01\n\x1Dr\x01", 2)
	if got != "\x12\x00" || p.Stray() != 1 {
		t.Errorf("% X, %d stray", got, p.Stray())
	}
}

func TestAPrinterWithoutPaperKeepsTheJobUntilItHasSome(t *testing.T) {
	receipts := make(chan escpos.Document, 1)
	p := openPrinter(t, sim.PrinterOptions{OnReceipt: func(d escpos.Document) { receipts <- d }})
	far := openFar(t, p.PTY)
	_ = p.Inject(sim.Fault{Kind: sim.PaperOut, On: true})
	exchange(t, far, "A012\n\x1DV\x00\x1Dr\x01\x10\x04\x02", 1)
	if n := len(p.Receipts()); n != 0 {
		t.Fatalf("%d receipts without paper", n)
	}
	_ = p.Inject(sim.Fault{Kind: sim.PaperOut})
	select {
	case d := <-receipts:
		if d.Text() != "A012\n" || !d.Cut() {
			t.Errorf("%+v", d)
		}
	case <-time.After(patience):
		t.Fatal("not printed")
	}
}
