package escpos_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"yitang/drivers/escpos"
	"yitang/drivers/port"
	"yitang/drivers/sim"
)

// A broken line gives NUL bytes, and NUL is what a well printer answers to GS r. What came before the last byte of a job
// left answers nothing that was asked behind it.
func TestNoiseBeforeTheJobIsNotItsAnswer(t *testing.T) {
	t.Parallel()
	p := impatient()
	r := newRig(t, p, sim.PrinterOptions{})
	_ = r.sim.Inject(sim.Fault{Kind: sim.NoiseBefore, On: true, Bytes: []byte{0}})
	r.sim.Play(sim.Script{{AfterAnswers: 3, Fault: sim.Fault{Kind: sim.NoiseBefore}}, // the job gets no answer at all
		{AfterAnswers: 4, Fault: sim.Fault{Kind: sim.Silence, On: true}}})
	check(t, "no answer", r.printer.Print(within(t, patience), ticket(t, p)), escpos.Failed, escpos.NoAnswer, true)
}

// One byte too many must not shift the answers: every later job would be reported by the one before it.
func TestAnAnswerTooManyDoesNotShiftTheNext(t *testing.T) {
	t.Parallel()
	p := impatient()
	r := newRig(t, p, sim.PrinterOptions{})
	r.sim.Play(sim.Script{{AfterAnswers: 4, Fault: sim.Fault{Kind: sim.NoiseBefore, On: true, Bytes: []byte{0}}}, // before the job's answer
		{AfterAnswers: 5, Fault: sim.Fault{Kind: sim.NoiseBefore}}})
	check(t, "two answers", r.printer.Print(within(t, patience), ticket(t, p)), escpos.Printed, "", false)
	r.sim.Play(sim.Script{{AfterAnswers: 4, Fault: sim.Fault{Kind: sim.Silence, On: true}}})
	check(t, "no answer", r.printer.Print(within(t, patience), ticket(t, p)), escpos.Failed, escpos.NoAnswer, true)
}

// The kernel takes a whole ticket at once; when the plug is pulled then, the printer may have got the first half. What
// it has begun, such as storing a QR code, must not swallow the next ticket.
func TestPulledAfterTheLastByteLeft(t *testing.T) {
	t.Parallel()
	p := impatient()
	job := ticket(t, p)
	qr := strings.Index(string(job), sample().TrackURL)
	if qr < 0 {
		t.Fatal("no code")
	}
	r := newRig(t, p, sim.PrinterOptions{})
	r.sim.Play(sim.Script{{AfterBytes: 3*len(p.Asks) + qr + 5, Fault: sim.Fault{Kind: sim.Unplug, For: time.Millisecond}}})
	check(t, "pulled", r.printer.Print(within(t, patience), job), escpos.Failed, escpos.Unplugged, true)
	again(t, r, job)
	all := r.sim.Receipts()
	if last := all[len(all)-1]; !strings.HasSuffix(last.Text(), text(t, job)) {
		t.Errorf("the job after it was spoilt:\n%s", last.Text())
	}
}

func text(t *testing.T, job []byte) string {
	t.Helper()
	ops, err := escpos.Decode(job)
	if err != nil {
		t.Fatal(err)
	}
	return escpos.Document{Ops: ops}.Text()
}

// A job that the printer kept half of, because the line went down after the driver had given it up, is filled up by the
// job after the next at the latest: the printer must not stay inside a picture for ever.
func TestAPictureLeftOpenIsFilledUp(t *testing.T) {
	t.Parallel()
	p := impatient()
	p.Baud = 921600 // the job is given up sooner
	r := strayRig(t, p)
	r.sim.Play(sim.Script{{AfterBytes: 10_000, Fault: sim.Fault{Kind: sim.PaperOut, On: true}}})
	picture := escpos.NewBuilder(p, nil)
	row := make([]byte, p.Dots/8)
	picture.Picture(escpos.Picture{WidthBytes: len(row), Rows: slices.Repeat([][]byte{row}, 300)})
	job, err := picture.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if got := r.printer.Print(within(t, patience), job); got.Outcome != escpos.Failed || !got.Uncertain {
		t.Fatalf("%+v", got)
	}
	if err := r.sim.Unplug(); err != nil {
		t.Fatal(err)
	}
	r.sim.Heal()
	if err := r.sim.Replug(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(patience); r.port.Counters().Opens < 2 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	first := r.printer.Print(within(t, patience), ticket(t, p))
	if first.Uncertain || first.Outcome == escpos.Failed && first.Reason != escpos.NoAnswer {
		t.Errorf("first %+v", first)
	}
	if first.Outcome != escpos.Printed {
		check(t, "second", r.printer.Print(within(t, patience), ticket(t, p)), escpos.Printed, "", false)
	}
}

// strayRig is newRig for a printer that is asked while it stands inside a picture: the driver cannot know it at first.
func strayRig(t *testing.T, p escpos.Profile) rig {
	t.Helper()
	device, err := sim.NewPrinter(sim.PrinterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	line := port.Open(port.Config{Path: device.Path(), Baud: p.Baud, BackoffMin: 5 * time.Millisecond, BackoffMax: 20 * time.Millisecond})
	t.Cleanup(func() {
		if err := errors.Join(line.Close(), device.Close()); err != nil {
			t.Error(err)
		}
	})
	if err := line.WaitUp(within(t, patience)); err != nil {
		t.Fatal(err)
	}
	return rig{sim: device, port: line, printer: escpos.NewPrinter(line, p)}
}
