package sim

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"yitang/drivers/escpos"
)

// PrinterOptions set up a simulated printer; the zero value is a quick and healthy one.
type PrinterOptions struct {
	Maker, Model string                // its answers to GS I
	OnReceipt    func(escpos.Document) // called from the printer's goroutine after each receipt
	LineTime     time.Duration         // the mechanism's time for a line of text
	Buffer       int                   // bytes it takes while it cannot print, 4,096 when 0
	Mute         bool                  // it never answers, as on a one-way cable
	Statuses     []byte                // the DLE EOT it answers, as clones do; all of them when nil
	NoProof      bool                  // it does not answer GS r
}

// Bounds of a simulated printer.
const (
	printerBuffer = 4096
	printerRead   = 1024
	receiptsMax   = 1000 // kept; the oldest give way
)

// Printer is an ESC/POS receipt printer on a pseudo-terminal. NewPrinter starts its goroutine, Close ends it.
//
// As a real one it carries out real-time commands the moment they arrive, even inside a picture, and everything else in
// order; while it is out of paper or its cover is open it keeps what arrives, until its buffer is full.
type Printer struct {
	*Wire
	opts PrinterOptions
	done chan struct{}

	mu       sync.Mutex
	decoder  escpos.Decoder
	realTime realTimeMatch
	status   escpos.Status
	auto     byte // GS a
	pending  []escpos.Op
	bytes    int // of pending
	current  escpos.Document
	receipts []escpos.Document
	stray    int
	jammed   int // tries until the knife comes free, 0 = not by itself
}

var _ Device = (*Printer)(nil)

// NewPrinter plugs in a printer.
func NewPrinter(opts PrinterOptions) (*Printer, error) {
	if opts.Buffer <= 0 {
		opts.Buffer = printerBuffer
	}
	p := &Printer{opts: opts, done: make(chan struct{})}
	wire, err := NewWire(p.inject)
	if err != nil {
		return nil, err
	}
	p.Wire = wire
	go p.serve()
	return p, nil
}

// Close unplugs the printer and waits for its goroutine.
func (p *Printer) Close() error {
	err := p.Wire.Close()
	<-p.done
	return err
}

// Receipts are the receipts cut off so far.
func (p *Printer) Receipts() []escpos.Document {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]escpos.Document(nil), p.receipts...)
}

// Stray is how many real-time commands came inside other commands' data: each is a mistake of the driver.
func (p *Printer) Stray() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stray
}

// Unknown is how many commands the printer did not know.
func (p *Printer) Unknown() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.decoder.Unknown()
}

// Status is what the printer would report.
func (p *Printer) Status() escpos.Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.status
}

// Heal ends all the printer's own troubles.
func (p *Printer) Heal() { p.change(func(s *escpos.Status) { *s = escpos.Status{} }) }

// switchOff forgets all but what is on paper: what was received, how it prints, what is stored. The printer's own troubles stay.
func (p *Printer) switchOff() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.decoder, p.realTime = escpos.Decoder{}, realTimeMatch{}
	p.pending, p.bytes, p.auto = nil, 0, 0
}

func (p *Printer) inject(f Fault) error {
	if f.Kind == PowerOff {
		p.power(f)
		p.switchOff()
		return nil
	}
	set := map[FaultKind]func(*escpos.Status){
		PaperOut:    func(s *escpos.Status) { s.PaperOut = f.On },
		PaperLow:    func(s *escpos.Status) { s.PaperLow = f.On },
		CoverOpen:   func(s *escpos.Status) { s.CoverOpen = f.On },
		CutterError: func(s *escpos.Status) { s.Cutter, p.jammed = f.On, f.N },
		HeadHot:     func(s *escpos.Status) { s.HeadHot = f.On },
	}[f.Kind]
	if set == nil {
		return fmt.Errorf("sim: a printer knows no fault %q", f.Kind)
	}
	p.change(set)
	return nil
}

// change sets the status, reports it where automatic status is on, and goes on printing where that is possible again.
func (p *Printer) change(set func(*escpos.Status)) {
	p.mu.Lock()
	set(&p.status)
	var out output
	if p.auto != 0 {
		out.autoStatus(p.status)
	}
	p.run(&out)
	p.mu.Unlock()
	p.deliver(out)
}

// output is what comes of some bytes: answers to send and receipts to show, once the lock is free.
type output struct {
	answers  [][]byte
	receipts []escpos.Document
	lines    int
}

func (o *output) answer(b ...byte) { o.answers = append(o.answers, b) }

func (o *output) autoStatus(s escpos.Status) {
	b := s.Auto()
	o.answer(b[:]...)
}

func (p *Printer) deliver(out output) {
	time.Sleep(time.Duration(out.lines) * p.opts.LineTime)
	for _, a := range out.answers {
		if !p.opts.Mute {
			_ = p.Answer(a) // nobody listens, or the plug is out: lost, as on a cable
		}
	}
	for _, r := range out.receipts {
		if p.opts.OnReceipt != nil {
			p.opts.OnReceipt(r)
		}
	}
}

// serve is the printer's goroutine.
func (p *Printer) serve() {
	defer close(p.done)
	buf := make([]byte, printerRead)
	for {
		n, err := p.Read(buf)
		if err != nil {
			return
		}
		for !p.room() { // its buffer is full: the line is held
			if _, _, err := p.Wire.current(); err != nil {
				return
			}
			time.Sleep(idlePause)
		}
		p.deliver(p.receive(buf[:n]))
	}
}

func (p *Printer) room() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bytes < p.opts.Buffer
}

func (p *Printer) receive(b []byte) output {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out output
	for i := range b {
		inside := p.decoder.InsideData()
		if n, stray := p.realTime.feed(b[i], inside); n != 0 {
			if p.opts.Statuses == nil || slices.Contains(p.opts.Statuses, n) {
				out.answer(p.status.RealTime(n))
			}
			if stray {
				p.stray++
			}
		}
		for _, op := range p.decoder.Feed(b[i : i+1]) {
			if r, ok := op.(escpos.Recover); ok {
				p.recoverNow(r.N)
				continue
			}
			p.pending = append(p.pending, op)
		}
		p.run(&out)
	}
	if len(p.pending) > 0 {
		p.bytes += len(b)
	}
	return out
}

// recoverNow tries to go on after an error of the mechanism; 2 also drops what is waiting. As with a real printer it does
// nothing when there is no such error, and a knife that is still jammed stays an error.
func (p *Printer) recoverNow(n byte) {
	if !p.status.Cutter {
		return
	}
	if p.jammed--; p.jammed == 0 {
		p.status.Cutter = false
	}
	if n == 2 {
		p.pending, p.bytes, p.current = nil, 0, escpos.Document{}
	}
}

// run carries out what is pending, as long as the printer can print.
func (p *Printer) run(out *output) {
	for len(p.pending) > 0 && p.status.Reason() == "" {
		op := p.pending[0]
		p.pending = p.pending[1:]
		p.carryOut(op, out)
	}
	if len(p.pending) == 0 {
		p.pending, p.bytes = nil, 0
	}
}

func (p *Printer) carryOut(op escpos.Op, out *output) {
	switch o := op.(type) {
	case escpos.RealTimeStatus: // answered when it arrived
	case escpos.Ask:
		p.finish(out) // without a cutter, the job's end is the receipt's
		if !p.opts.NoProof {
			out.answer(p.status.Buffered())
		}
	case escpos.Identify:
		out.answer(p.identity(o.N)...)
	case escpos.AutoStatus:
		if p.auto = o.N; o.N != 0 {
			out.autoStatus(p.status)
		}
	case escpos.Cut:
		p.current.Ops = append(p.current.Ops, op)
		p.finish(out)
	case escpos.NewLine:
		out.lines++
		p.current.Ops = append(p.current.Ops, op)
	default:
		p.current.Ops = append(p.current.Ops, op)
	}
}

// finish ends a receipt that shows something.
func (p *Printer) finish(out *output) {
	shows := false
	for _, op := range p.current.Ops {
		switch op.(type) {
		case escpos.Text, escpos.Raster, escpos.QRPrint, escpos.Code128:
			shows = true
		}
	}
	if !shows {
		return
	}
	p.receipts = append(p.receipts, p.current)
	if extra := len(p.receipts) - receiptsMax; extra > 0 {
		p.receipts = append([]escpos.Document(nil), p.receipts[extra:]...)
	}
	out.receipts = append(out.receipts, p.current)
	p.current = escpos.Document{}
}

// identity is the answer to GS I: 5F, the text, 00.
func (p *Printer) identity(n byte) []byte {
	text := ""
	switch n {
	case 0x42:
		text = p.opts.Maker
	case 0x43:
		text = p.opts.Model
	}
	return append(append([]byte{0x5F}, text...), 0)
}

// realTimeMatch finds DLE EOT n in the raw stream.
type realTimeMatch struct {
	seen  int // of DLE EOT
	stray bool
}

// feed returns n when a DLE EOT n is complete, and whether it lies inside another command's data.
func (m *realTimeMatch) feed(b byte, inside bool) (n byte, stray bool) {
	switch {
	case m.seen == 2 && b >= 1 && b <= 4:
		m.seen = 0
		return b, m.stray
	case m.seen == 1 && b == 0x04:
		m.seen = 2
	case b == 0x10:
		m.seen, m.stray = 1, inside
	default:
		m.seen = 0
	}
	return 0, false
}
