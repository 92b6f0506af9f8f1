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
	standsAlone(t, r, job)
}

// standsAlone demands that the newest receipt is the job and nothing of another one.
func standsAlone(t *testing.T, r rig, job []byte) {
	t.Helper()
	all := r.sim.Receipts()
	if last := all[len(all)-1]; last.Text() != text(t, job) || !last.Cut() {
		t.Errorf("the job after it was spoilt:\n%s", last.Text())
	}
}

// A printer that is switched off and on forgets what it had and never answers for it; the part on paper must not stay
// joined to the next applicant's ticket.
func TestAPrinterSwitchedOffDuringTheJob(t *testing.T) {
	t.Parallel()
	p := impatient()
	job := ticket(t, p)
	r := newRig(t, p, sim.PrinterOptions{})
	r.sim.Play(sim.Script{{AfterBytes: 3*len(p.Asks) + len(job)/3, Fault: sim.Fault{Kind: sim.Silence}}, // a third is printed, then the rest is lost
		{AfterBytes: 3*len(p.Asks) + len(job)/2, Fault: sim.Fault{Kind: sim.PowerOff, On: true, For: 50 * time.Millisecond}}})
	check(t, "switched off", r.printer.Print(within(t, patience), job), escpos.Failed, escpos.NoAnswer, true)
	again(t, r, job)
	standsAlone(t, r, job)
	if n := len(r.sim.Receipts()); n != 2 { // the half, cut off, and the whole one
		t.Errorf("%d receipts", n)
	}
}

// On a one-way cable nobody hears that a job was torn: that the line was opened anew is enough to begin on fresh paper.
func TestOnAOneWayCableAReceiptAfterAPulledPlugIsWhole(t *testing.T) {
	t.Parallel()
	p := escpos.ProfileFor(escpos.OneWay80)
	b := escpos.NewBuilder(p, nil)
	row := slices.Repeat([]byte{0x55}, p.Dots/8)
	b.Line("第一行", escpos.Style{})
	b.Picture(escpos.Picture{WidthBytes: len(row), Rows: slices.Repeat([][]byte{row}, 20)})
	b.Cut()
	picture, err := b.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, p, sim.PrinterOptions{Mute: true})
	r.sim.Play(sim.Script{{AfterBytes: len(picture) / 2, Fault: sim.Fault{Kind: sim.Unplug, For: time.Millisecond}}})
	if got := r.printer.Print(within(t, patience), picture); got.Outcome == escpos.Printed {
		t.Fatalf("%+v", got) // sent, or failed where the plug was quicker
	}
	for end := time.Now().Add(patience); r.port.Opens() < 2 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	job := ticket(t, p)
	if got := r.printer.Print(within(t, patience), job); got.Outcome != escpos.Sent {
		t.Fatalf("%+v", got)
	}
	for end := time.Now().Add(patience); len(r.sim.Receipts()) < 2 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	standsAlone(t, r, job)
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
