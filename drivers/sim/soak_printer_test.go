package sim_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"yitang/drivers/escpos"
	"yitang/drivers/port"
	"yitang/drivers/sim"
)

// soakProfile is a printer's with short waits: on a pseudo-terminal an answer takes less than a millisecond.
func soakProfile(device int) escpos.Profile {
	model := escpos.Generic80
	if device%2 == 1 {
		model = escpos.EpsonT88 // asks for all statuses and drops a job after a cutter error
	}
	p := escpos.ProfileFor(model)
	p.ReplyTimeout, p.PrintTimeout, p.Baud = 150*time.Millisecond, 400*time.Millisecond, 921600
	return p
}

// soakBound is what a job of n bytes may take by Printer.Print's contract, with the mending of the job before.
func soakBound(p escpos.Profile, n int) time.Duration {
	onLine := time.Duration(n+2000) * 10 * time.Second / time.Duration(p.Baud)
	return time.Duration(2*len(p.Asks)+2)*p.ReplyTimeout + 2*onLine + p.PrintTimeout
}

// soaking is one printer at work.
type soaking struct {
	profile escpos.Profile
	sim     *sim.Printer
	printer *escpos.Printer
	rng     *rand.Rand
	sum     *tally
	line    *port.Port
	device  int
	paper   *paper
	layout  *escpos.Template
	reports map[string]escpos.Result
	stories map[string]string // what happened to each, for a failure
	now     string            // the trouble
	wanted  map[string]escpos.Document
}

// newSoakPrinter plugs a printer in; run unplugs it.
func newSoakPrinter(t *testing.T, device int, rng *rand.Rand, sum *tally) *soaking {
	t.Helper()
	out := &paper{}
	d, err := sim.NewPrinter(sim.PrinterOptions{OnReceipt: out.add})
	if err != nil {
		t.Fatal(err)
	}
	layout, err := escpos.ParseTemplate(escpos.TicketTemplate)
	if err != nil {
		t.Fatal(err)
	}
	p := soakProfile(device)
	line := port.Open(port.Config{Path: d.Path(), Baud: p.Baud, WriteStall: time.Second,
		BackoffMin: 2 * time.Millisecond, BackoffMax: 20 * time.Millisecond})
	return &soaking{profile: p, sim: d, line: line, printer: escpos.NewPrinter(line, p), device: device, rng: rng, sum: sum,
		paper: out, layout: layout, reports: map[string]escpos.Result{}, stories: map[string]string{}, now: "nothing", wanted: map[string]escpos.Document{}}
}

// run prints the printer's share of the receipts. It is not the test's goroutine: it may only call t.Error.
func (s *soaking) run(t *testing.T) {
	t.Helper()
	defer s.sim.Close()
	defer s.line.Close()
	for i := 0; i < soakReceipts/soakDevices && !t.Failed(); {
		if s.rng.IntN(soakOdds) > 0 {
			s.awaitLine(t)
			s.print(t, s.job(t, i), "none")
			i++
			continue
		}
		i += s.trouble(t, i)
	}
	s.finish(t)
	s.check(t)
}

// awaitLine waits until a line that went down is open again: nobody loses a number only because many come at once.
func (s *soaking) awaitLine(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	if err := s.line.WaitUp(ctx); err != nil {
		t.Error(err)
	}
}

type soakJob struct {
	number string
	bytes  []byte
}

// job lays out receipt i, every twentieth with a picture that no buffer on the way holds.
func (s *soaking) job(t *testing.T, i int) soakJob {
	t.Helper()
	number := fmt.Sprintf("S%d%04d", s.device, i)
	b := escpos.NewBuilder(s.profile, nil)
	if i%20 == 0 {
		row := slices.Repeat([]byte{byte(i)}, s.profile.Dots/8)
		b.Picture(escpos.Picture{WidthBytes: len(row), Rows: slices.Repeat([][]byte{row}, 300)})
	}
	ticket := escpos.Ticket{Hall: "示例政务服务大厅", Number: number, Field: "市场监管", Matters: []string{"食品经营许可"},
		Ahead: i, TrackURL: "https://hall.example.gov.cn/t/" + number}
	if err := ticket.Build(b, s.layout); err != nil {
		t.Error(err)
	}
	job, err := b.Bytes()
	if err != nil {
		t.Error(err)
	}
	ops, err := escpos.Decode(job)
	if err != nil {
		t.Error(err)
	}
	s.wanted[number] = escpos.Document{Ops: ops}
	return soakJob{number, job}
}

func (s *soaking) print(t *testing.T, job soakJob, fault string) escpos.Result {
	t.Helper()
	r := s.printer.Print(context.Background(), job.bytes)
	if bound := soakBound(s.profile, len(job.bytes)) + slowMachine; r.Took > bound {
		t.Errorf("%s under %s took %v, bound %v: %+v", job.number, fault, r.Took, bound, r)
	}
	outcome := string(r.Outcome)
	if r.Outcome == escpos.Failed {
		outcome += " " + string(r.Reason)
	}
	if r.Uncertain {
		outcome += ", uncertain"
	}
	s.sum.add("printer", fault, outcome, r.Took)
	s.reports[job.number] = r
	s.stories[job.number] = fmt.Sprintf("%+v with %s", r, s.now)
	return r
}

// trouble prints one to three receipts under a fault and returns how many.
func (s *soaking) trouble(t *testing.T, i int) int {
	t.Helper()
	x := &trouble{device: s.sim, fault: s.fault()}
	job := s.job(t, i)
	bytes, answers := 0, 0
	switch s.rng.IntN(4) {
	case 0:
		bytes = 1 + s.rng.IntN(len(job.bytes))
	case 1:
		answers = 1 + s.rng.IntN(len(s.profile.Asks)+1)
	case 2:
		bytes = 3*len(s.profile.Asks) + s.rng.IntN(len(job.bytes)) // while the job itself is on its way
	}
	if x.fault.Kind == sim.HeadHot {
		x.heal = time.AfterFunc(time.Duration(s.rng.IntN(300))*time.Millisecond, s.sim.Heal)
	}
	s.now = fmt.Sprintf("%+v after %d bytes and %d answers of %d", x.fault, bytes, answers, len(job.bytes))
	x.strike(t, bytes, answers)
	n := 1 + s.rng.IntN(2)
	for k := range n {
		if k > 0 {
			job = s.job(t, i+k)
		}
		s.print(t, job, string(x.fault.Kind))
	}
	x.end(t)
	s.now = "nothing"
	return n
}

func (s *soaking) fault() sim.Fault {
	own := []sim.FaultKind{sim.PaperOut, sim.PaperLow, sim.CoverOpen, sim.CutterError, sim.HeadHot, sim.PowerOff}
	if s.rng.IntN(2) == 0 {
		return sim.Fault{Kind: own[s.rng.IntN(len(own))], On: true}
	}
	f := lineFault(s.rng)
	f.Bytes = make([]byte, 1+s.rng.IntN(6))
	for i := range f.Bytes {
		f.Bytes[i] = printerNoise[s.rng.IntN(len(printerNoise))]
	}
	return f
}

// printerNoise are bytes that are no answer of a printer, and NUL, which a broken line gives and which looks like one.
// Nothing can tell other noise that looks like an answer from the answer.
var printerNoise = []byte{0x00, 0xFF, 0xFE, 0x81, 0x93, 0x91, 0x13, 0x11, 0x80, 0xD1}

// finish prints until the printer answers, so that all that it kept is on paper.
func (s *soaking) finish(t *testing.T) {
	t.Helper()
	s.sim.Heal()
	b := escpos.NewBuilder(s.profile, nil)
	b.Line("end", escpos.Style{})
	b.Cut()
	job, err := b.Bytes()
	if err != nil {
		t.Error(err)
	}
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if s.printer.Print(context.Background(), job).Outcome == escpos.Printed {
			return
		}
	}
	t.Error("the printer did not get well")
}

// paper is what came out of the printer.
type paper struct {
	mu  sync.Mutex
	all []escpos.Document
}

func (p *paper) add(d escpos.Document) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = append(p.all, d)
}

var soakNumber = regexp.MustCompile(`S\d{5}`)

// check: what was reported printed is on paper exactly once and whole; what was reported failed for certain is not there;
// nothing is there twice.
func (s *soaking) check(t *testing.T) {
	t.Helper()
	texts, codes, whole := s.paper.read(s.wanted)
	printed := 0
	for n, r := range s.reports {
		onPaper := max(texts[n], codes[n])
		switch {
		case onPaper > 1:
			t.Errorf("%s is on paper %d times: %s", n, onPaper, s.stories[n])
		case r.Outcome == escpos.Printed && (texts[n] != 1 || codes[n] != 1 || !whole[n]):
			t.Errorf("%s: number %d times, code %d times, whole %v: %s", n, texts[n], codes[n], whole[n], s.stories[n])
		case r.Outcome == escpos.Failed && !r.Uncertain && onPaper > 0:
			t.Errorf("%s is on paper: %s", n, s.stories[n])
		}
		if r.Outcome == escpos.Printed {
			printed++
		}
	}
	if !t.Failed() && printed < len(s.reports)*3/4 {
		t.Errorf("only %d of %d printed", printed, len(s.reports))
	}
}

// read counts the numbers and the codes on the paper; whole is true of a receipt that is as wanted.
func (p *paper) read(wanted map[string]escpos.Document) (texts, codes map[string]int, whole map[string]bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	texts, codes, whole = map[string]int{}, map[string]int{}, map[string]bool{}
	for _, d := range p.all {
		for _, n := range soakNumber.FindAllString(d.Text(), -1) {
			texts[n]++
			whole[n] = same(d, wanted[n])
		}
		for _, url := range d.QRCodes() {
			codes[soakNumber.FindString(url)]++
		}
	}
	return texts, codes, whole
}

// same: a torn job before it may not share the paper.
func same(got, want escpos.Document) bool {
	return got.Cut() == want.Cut() && got.Text() == want.Text() && slices.Equal(got.QRCodes(), want.QRCodes()) &&
		slices.EqualFunc(got.Rasters(), want.Rasters(), func(a, b escpos.Raster) bool { return slices.Equal(a.Data, b.Data) })
}
