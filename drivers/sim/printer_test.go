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

// DLE ENQ ends an error whose cause is gone. A knife that is still jammed is jammed again at once, and a printer that has
// no error takes no notice, whatever it is waiting for.
func TestRecoverEndsOnlyWhatCanBeRecovered(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault sim.Fault
		want  string // DLE EOT 2 after two recoveries, and then GS r
	}{
		{"a jammed knife", sim.Fault{Kind: sim.CutterError, On: true}, "\x52"},
		{"a knife that comes free at the second try", sim.Fault{Kind: sim.CutterError, On: true, N: 2}, "\x12\x00"},
		{"an open cover", sim.Fault{Kind: sim.CoverOpen, On: true}, "\x16"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := openPrinter(t, sim.PrinterOptions{})
			far := openFar(t, p.PTY)
			if err := p.Inject(c.fault); err != nil {
				t.Fatal(err)
			}
			if got := exchange(t, far, "\x10\x05\x02\x10\x05\x02\x10\x04\x02\x1Dr1", len(c.want)); got != c.want {
				t.Errorf("% X, want % X", got, c.want)
			}
		})
	}
}

func TestRecoverDropsTheJobOnlyOfAPrinterInError(t *testing.T) {
	for fault, want := range map[sim.FaultKind]int{sim.CoverOpen: 1, sim.CutterError: 0} {
		t.Run(string(fault), func(t *testing.T) {
			p := openPrinter(t, sim.PrinterOptions{})
			far := openFar(t, p.PTY)
			_ = p.Inject(sim.Fault{Kind: fault, On: true})
			exchange(t, far, "A012\n\x1DV\x00\x10\x05\x02\x10\x04\x02", 1)
			p.Heal()
			exchange(t, far, "\x1Dr1", 1)
			if n := len(p.Receipts()); n != want {
				t.Errorf("%d receipts, want %d", n, want)
			}
		})
	}
}
