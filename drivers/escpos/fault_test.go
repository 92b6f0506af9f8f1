package escpos_test

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"yitang/drivers/escpos"
	"yitang/drivers/port"
	"yitang/drivers/sim"
)

// impatient is for printers that will not answer: the test need not wait as long as a hall does.
func impatient() escpos.Profile {
	p := escpos.ProfileFor(escpos.Generic80)
	p.ReplyTimeout, p.PrintTimeout = 800*time.Millisecond, 2*time.Second
	return p
}

// longJob takes more than all buffers on the way.
func longJob(t *testing.T, p escpos.Profile) []byte {
	t.Helper()
	b := escpos.NewBuilder(p, nil)
	row := make([]byte, p.Dots/8)
	for i := range row {
		row[i] = 0xAA
	}
	rows := make([][]byte, 1200)
	for i := range rows {
		rows[i] = row
	}
	b.Picture(escpos.Picture{WidthBytes: len(row), Rows: rows})
	b.Line("末行", escpos.Style{})
	b.Cut()
	job, err := b.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return job
}

func check(t *testing.T, what string, got escpos.Result, outcome escpos.Outcome, reason escpos.Reason, uncertain bool) {
	t.Helper()
	if got.Outcome != outcome || got.Reason != reason || got.Uncertain != uncertain || (outcome == escpos.Failed) != (got.Message != "") {
		t.Errorf("%s: %+v, want %s %s, uncertain %v", what, got, outcome, reason, uncertain)
	}
	if got.Took > patience {
		t.Errorf("%s took %v", what, got.Took)
	}
}

// again prints until the line is up and the printer well, as the kiosk does for the next applicant.
func again(t *testing.T, r rig, job []byte) {
	t.Helper()
	ctx := within(t, patience)
	if err := r.port.WaitUp(ctx); err != nil {
		t.Fatal(err)
	}
	var got escpos.Result
	for ctx.Err() == nil {
		if got = r.printer.Print(ctx, job); got.Outcome == escpos.Printed {
			return
		}
	}
	t.Errorf("the next job: %+v", got)
}

func TestASilentPrinter(t *testing.T) {
	t.Parallel()
	p := impatient()
	r := newRig(t, p, sim.PrinterOptions{})
	_ = r.sim.Inject(sim.Fault{Kind: sim.Silence, On: true})
	check(t, "silent", r.printer.Print(within(t, patience), ticket(t, p)), escpos.Failed, escpos.NoAnswer, false)
	_ = r.sim.Inject(sim.Fault{Kind: sim.Silence})
	again(t, r, ticket(t, p))
	if n := len(r.sim.Receipts()); n != 1 {
		t.Errorf("%d receipts, want 1: a silent printer gets nothing", n)
	}
}

func TestAPrinterThatFallsSilentDuringTheJob(t *testing.T) {
	t.Parallel()
	p := impatient()
	r := newRig(t, p, sim.PrinterOptions{})
	r.sim.Play(sim.Script{{AfterAnswers: 4, Fault: sim.Fault{Kind: sim.Silence, On: true}}}) // the fourth is to GS r 1
	check(t, "fell silent", r.printer.Print(within(t, patience), ticket(t, p)), escpos.Failed, escpos.NoAnswer, true)
	_ = r.sim.Inject(sim.Fault{Kind: sim.Silence})
	again(t, r, ticket(t, p))
}

func TestNoiseAndCutAnswers(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]sim.Fault{
		"noise before": {Kind: sim.NoiseBefore, On: true, Bytes: []byte{0xFF, 0x93, 0x81, 0x13, 0x11}},
		"like a name":  {Kind: sim.NoiseBefore, On: true, Bytes: []byte{0x5F}},
		"noise inside": {Kind: sim.NoiseInside, On: true, Bytes: []byte{0xFE, 0x91}},
		"split":        {Kind: sim.Split, On: true, N: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := escpos.ProfileFor(escpos.EpsonT88)
			r := newRig(t, p, sim.PrinterOptions{Maker: "EPSON", Model: "TM-T88VI"})
			_ = r.sim.Inject(fault)
			if name == "like a name" { // it swallows the answer to GS r: failing is right, hanging is not
				if got := r.printer.Print(within(t, time.Second), ticket(t, p)); got.Outcome == escpos.Sent {
					t.Errorf("%+v", got)
				}
				return
			}
			check(t, name, r.printer.Print(within(t, patience), ticket(t, p)), escpos.Printed, "", false)
		})
	}
}

func TestMergedAnswersAreNotTakenForLaterOnes(t *testing.T) {
	t.Parallel()
	p := impatient()
	p.ReplyTimeout, p.PrintTimeout = 1500*time.Millisecond, patience
	r := newRig(t, p, sim.PrinterOptions{})
	_ = r.sim.Inject(sim.Fault{Kind: sim.Merge, On: true, N: 2})
	check(t, "merged", r.printer.Print(within(t, patience), ticket(t, p)), escpos.Printed, "", false)
}

// A fault in the middle of the job: the printer stops, the driver says why, and when somebody has seen to it the rest is
// printed and the next job is not mistaken for it.
func TestTroubleInTheMiddleOfAJob(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fault sim.FaultKind
		want  escpos.Reason
	}{
		{sim.PaperOut, escpos.PaperOut}, {sim.CoverOpen, escpos.CoverOpen}, {sim.CutterError, escpos.CutterError},
	} {
		t.Run(string(c.fault), func(t *testing.T) {
			t.Parallel()
			p := escpos.ProfileFor(escpos.Generic80)
			r := newRig(t, p, sim.PrinterOptions{})
			r.sim.Play(sim.Script{{AfterBytes: 200, Fault: sim.Fault{Kind: c.fault, On: true}}})
			check(t, "first", r.printer.Print(within(t, patience), ticket(t, p)), escpos.Failed, c.want, true)
			check(t, "second", r.printer.Print(within(t, patience), ticket(t, p)), escpos.Failed, c.want, false)
			r.sim.Heal()
			check(t, "third", r.printer.Print(within(t, patience), ticket(t, p)), escpos.Printed, "", false)
			if n := len(r.sim.Receipts()); n != 2 {
				t.Errorf("%d receipts, want the first and the third", n)
			}
		})
	}
}

func TestAHotHeadIsWaitedFor(t *testing.T) {
	t.Parallel()
	p := escpos.ProfileFor(escpos.Generic80)
	r := newRig(t, p, sim.PrinterOptions{})
	r.sim.Play(sim.Script{{AfterBytes: 200, Fault: sim.Fault{Kind: sim.HeadHot, On: true}}})
	cooled := time.AfterFunc(1200*time.Millisecond, r.sim.Heal)
	defer cooled.Stop()
	check(t, "hot", r.printer.Print(within(t, patience), ticket(t, p)), escpos.Printed, "", false)
	if len(r.sim.Receipts()) != 1 {
		t.Error("not printed")
	}
}

func TestAPrinterThatCanCancelDropsTheJob(t *testing.T) {
	t.Parallel()
	p := escpos.ProfileFor(escpos.EpsonT88)
	r := newRig(t, p, sim.PrinterOptions{})
	r.sim.Play(sim.Script{{AfterBytes: 200, Fault: sim.Fault{Kind: sim.CutterError, On: true, N: 1}}})
	check(t, "cutter", r.printer.Print(within(t, patience), ticket(t, p)), escpos.Failed, escpos.CutterError, true)
	again(t, r, ticket(t, p))
	if n := len(r.sim.Receipts()); n != 1 {
		t.Errorf("%d receipts, want only the second job's", n)
	}
}

func TestUnpluggedInTheMiddleOfAJob(t *testing.T) {
	t.Parallel()
	for _, kind := range []sim.FaultKind{sim.Unplug, sim.Hangup} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			p := escpos.ProfileFor(escpos.Generic80)
			r := newRig(t, p, sim.PrinterOptions{})
			if kind == sim.Hangup && os.Geteuid() != 0 {
				t.Skip("hangup needs root")
			}
			r.sim.Play(sim.Script{{AfterBytes: 10_000, Fault: sim.Fault{Kind: kind}}})
			check(t, "pulled", r.printer.Print(within(t, patience), longJob(t, p)), escpos.Failed, escpos.Unplugged, true)
			if kind == sim.Unplug {
				check(t, "without", r.printer.Print(within(t, patience), ticket(t, p)), escpos.Failed, escpos.Unplugged, false)
			}
			if err := r.sim.Inject(sim.Fault{Kind: sim.Replug}); err != nil {
				t.Fatal(err)
			}
			again(t, r, ticket(t, p))
			all := r.sim.Receipts()
			if last := all[len(all)-1]; !strings.Contains(last.Text(), "A012") || len(last.QRCodes()) != 1 {
				t.Errorf("the job after it was spoilt:\n%s", last.Text())
			}
		})
	}
}

func TestAPrinterThatStopsDraining(t *testing.T) {
	t.Parallel()
	p := impatient()
	r := newRig(t, p, sim.PrinterOptions{})
	r.sim.Play(sim.Script{{AfterBytes: 10_000, Fault: sim.Fault{Kind: sim.StopDraining, On: true}}})
	check(t, "held", r.printer.Print(within(t, 1500*time.Millisecond), longJob(t, p)), escpos.Failed, escpos.LineBusy, true)
	_ = r.sim.Inject(sim.Fault{Kind: sim.StopDraining})
	again(t, r, ticket(t, p))
	all := r.sim.Receipts()
	if last := all[len(all)-1]; !strings.Contains(last.Text(), "A012") {
		t.Errorf("the job after it was spoilt:\n%s", last.Text())
	}
}

func TestABusyLine(t *testing.T) {
	t.Parallel()
	p := escpos.ProfileFor(escpos.Generic80)
	r := newRig(t, p, sim.PrinterOptions{})
	second := port.Open(port.Config{Path: r.sim.Path(), Baud: 115200})
	defer second.Close()
	for end := time.Now().Add(patience); second.State().Why() == port.Opening && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	got := escpos.NewPrinter(second, p).Print(within(t, patience), ticket(t, p))
	check(t, "busy", got, escpos.Failed, escpos.LineBusy, false)
	if !strings.Contains(got.Message, "in use by this program") {
		t.Errorf("message %q", got.Message)
	}
}

func TestACancelledJob(t *testing.T) {
	t.Parallel()
	p := escpos.ProfileFor(escpos.Generic80)
	r := newRig(t, p, sim.PrinterOptions{})
	_ = r.sim.Inject(sim.Fault{Kind: sim.Silence, On: true})
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(100*time.Millisecond, cancel)
	check(t, "cancelled", r.printer.Print(ctx, ticket(t, p)), escpos.Failed, escpos.Cancelled, false)
}

func TestWithoutGSrAJobIsSent(t *testing.T) {
	t.Parallel()
	p := escpos.ProfileFor(escpos.Generic80)
	p.Confirms = false
	r := newRig(t, p, sim.PrinterOptions{})
	_ = r.sim.Inject(sim.Fault{Kind: sim.PaperLow, On: true})
	got := r.printer.Print(within(t, patience), ticket(t, p))
	if got.Outcome != escpos.Sent || got.Warning != escpos.PaperLow {
		t.Errorf("%+v", got)
	}
}

func TestAutomaticStatusDoesNotDisturb(t *testing.T) {
	t.Parallel()
	p := escpos.ProfileFor(escpos.Generic80)
	r := newRig(t, p, sim.PrinterOptions{})
	on, err := escpos.Encode(escpos.AutoStatus{N: 0xFF})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.port.Write(within(t, patience), on); err != nil {
		t.Fatal(err)
	}
	r.sim.Play(sim.Script{ // reports come between the answers
		{AfterAnswers: 2, Fault: sim.Fault{Kind: sim.PaperLow, On: true}},
		{AfterAnswers: 5, Fault: sim.Fault{Kind: sim.PaperLow}},
	})
	got := r.printer.Print(within(t, patience), ticket(t, p))
	if got.Outcome != escpos.Printed {
		t.Errorf("%+v", got)
	}
}

func TestStatusAndIdentity(t *testing.T) {
	t.Parallel()
	p := escpos.ProfileFor(escpos.EpsonT88)
	r := newRig(t, p, sim.PrinterOptions{Maker: "EPSON", Model: "TM-T88VI"})
	id, err := r.printer.Identify(within(t, patience))
	if want := (escpos.Identity{Maker: "EPSON", Model: "TM-T88VI"}); err != nil || id != want {
		t.Errorf("%+v, %v", id, err)
	}
	_ = r.sim.Inject(sim.Fault{Kind: sim.CoverOpen, On: true})
	s, err := r.printer.Status(within(t, patience))
	if err != nil || s.Reason() != escpos.CoverOpen || !s.Offline {
		t.Errorf("%+v, %v", s, err)
	}
	if err := r.sim.Unplug(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.printer.Status(within(t, patience)); !errors.Is(err, port.ErrDown) {
		t.Errorf("unplugged: %v", err)
	}
}

func TestJobsOfSeveralCallersDoNotMix(t *testing.T) {
	t.Parallel()
	p := escpos.ProfileFor(escpos.Generic80)
	r := newRig(t, p, sim.PrinterOptions{})
	const callers, each = 4, 5
	results := make(chan escpos.Result, callers*each)
	ctx, job := within(t, patience), ticket(t, p)
	for range callers {
		go func() {
			for range each {
				results <- r.printer.Print(ctx, job)
			}
		}()
	}
	for range callers * each {
		check(t, "one of many", <-results, escpos.Printed, "", false)
	}
	for _, d := range r.sim.Receipts() {
		if d.Text() != r.sim.Receipts()[0].Text() {
			t.Fatalf("a mixed receipt:\n%s", d.Text())
		}
	}
}

// Every fault in turn, then nothing may be left: no goroutine, no descriptor.
func TestNothingLeaks(t *testing.T) {
	count := func() (int, int) {
		fds, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip("no /proc")
		}
		return runtime.NumGoroutine(), len(fds)
	}
	goroutines, descriptors := count()
	t.Run("faults", func(t *testing.T) {
		p := impatient()
		for _, kind := range []sim.FaultKind{
			sim.Silence, sim.StopDraining, sim.PaperOut, sim.CoverOpen, sim.CutterError, sim.Unplug, sim.Hangup,
		} {
			r := newRig(t, p, sim.PrinterOptions{})
			if err := r.sim.Inject(sim.Fault{Kind: kind, On: true}); errors.Is(err, unix.EPERM) {
				continue
			} else if err != nil {
				t.Fatal(err)
			}
			_ = r.printer.Print(within(t, time.Second), longJob(t, p))
		}
	})
	var g, d int
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if g, d = count(); g <= goroutines && d <= descriptors {
			return
		}
	}
	t.Errorf("%d goroutines and %d descriptors, before %d and %d", g, d, goroutines, descriptors)
}
