package sim

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// FaultKind is one way a device or its cable misbehaves.
type FaultKind string

// The faults of any line; On turns them on or off, but for the last three, which happen at once.
const (
	Silence      FaultKind = "silence"       // answers are not sent
	NoiseBefore  FaultKind = "noise_before"  // Bytes come before each answer
	NoiseInside  FaultKind = "noise_inside"  // Bytes come in the middle of each answer
	Split        FaultKind = "split"         // answers come N bytes at a time with pauses of For
	Merge        FaultKind = "merge"         // N answers are held and come as one
	StopDraining FaultKind = "stop_draining" // nothing is read from the driver
	Unplug       FaultKind = "unplug"        // with For: and replugged after it
	Replug       FaultKind = "replug"
	Hangup       FaultKind = "hangup" // as a USB adapter's kernel driver does it; needs root
)

// The faults of a printer; On turns them on or off.
const (
	PaperOut    FaultKind = "paper_out"
	PaperLow    FaultKind = "paper_low"
	CoverOpen   FaultKind = "cover_open"
	CutterError FaultKind = "cutter_error"
	HeadHot     FaultKind = "head_hot"
)

// Fault is one misbehaviour.
type Fault struct {
	Kind  FaultKind
	On    bool
	Bytes []byte        // of NoiseBefore and NoiseInside
	N     int           // of Split and Merge; of CutterError: DLE ENQ frees the knife at the Nth try, 0: it never does
	For   time.Duration // of Split, Unplug and PowerOff
}

// Step is a fault and when it strikes: once that many bytes came from the driver and just before that answer (counted
// from 1) is sent.
type Step struct {
	AfterBytes   int
	AfterAnswers int
	Fault        Fault
}

// Script is what goes wrong with a device, in order: a step waits for the one before it.
type Script []Step

// Device is a simulated device that can be made to misbehave.
type Device interface {
	Path() string
	Inject(Fault) error
	Play(Script)
	Close() error
}

// Bounds of a wire.
const (
	mergeMax      = 16 // answers held by Merge
	defaultSplit  = 1
	defaultPieces = time.Millisecond
)

// Wire is a device's PTY with the faults of a line on it. Devices embed it, read requests and answer through it.
type Wire struct {
	*PTY

	mu      sync.Mutex
	on      map[FaultKind]Fault
	held    [][]byte // by Merge
	unread  []byte   // came from the driver past the byte at which a step strikes
	script  Script
	device  func(Fault) error // takes the faults that are not the line's; may be nil
	bytes   int
	answers int
	running sync.WaitGroup // replugs to come
}

// NewWire opens a PTY. device takes the faults the wire does not know, from scripts too; nil when there are none.
func NewWire(device func(Fault) error) (*Wire, error) {
	p, err := OpenPTY()
	if err != nil {
		return nil, err
	}
	return &Wire{PTY: p, on: map[FaultKind]Fault{}, device: device}, nil
}

// Play starts a script from now on, in place of the one before.
func (w *Wire) Play(s Script) {
	w.mu.Lock()
	w.script, w.bytes, w.answers = slices.Clone(s), 0, 0
	w.mu.Unlock()
	w.step()
}

// Inject makes f happen now.
func (w *Wire) Inject(f Fault) error {
	switch f.Kind {
	case Unplug:
		w.forget()
		return w.unplugFor(f.For)
	case Replug:
		return w.Replug()
	case Hangup:
		w.forget()
		return w.Hangup()
	case Silence, NoiseBefore, NoiseInside, Split, Merge, StopDraining:
		w.set(f)
		return nil
	}
	if w.device == nil {
		return fmt.Errorf("sim: this device knows no fault %q", f.Kind)
	}
	return w.device(f)
}

func (w *Wire) set(f Fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if f.On {
		w.on[f.Kind] = f
		return
	}
	delete(w.on, f.Kind)
}

func (w *Wire) unplugFor(d time.Duration) error {
	err := w.Unplug()
	if d > 0 {
		w.running.Go(func() {
			time.Sleep(d)
			_ = w.Replug() // os.ErrClosed when the device was closed meanwhile
		})
	}
	return err
}

// Close ends the line and waits for replugs to come.
func (w *Wire) Close() error {
	err := w.PTY.Close()
	w.running.Wait()
	return err
}

func (w *Wire) fault(k FaultKind) (Fault, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f, ok := w.on[k]
	return f, ok
}

// step lets the steps strike whose time has come.
func (w *Wire) step() {
	for {
		w.mu.Lock()
		if len(w.script) == 0 || w.bytes < w.script[0].AfterBytes || w.answers < w.script[0].AfterAnswers {
			w.mu.Unlock()
			return
		}
		next := w.script[0].Fault
		w.script = w.script[1:]
		w.mu.Unlock()
		_ = w.Inject(next) // a fault that cannot happen twice, like a second unplug, has happened
	}
}

// Read waits for bytes from the driver. It ends with os.ErrClosed after Close. While StopDraining is on it gives nothing,
// also when it was waiting already. It ends at the byte at which the next step strikes, also where the script began
// to play while it waited. What comes while the device is without power it drops.
func (w *Wire) Read(b []byte) (int, error) {
	for {
		n, err := w.read(b)
		if _, off := w.fault(PowerOff); err != nil || !off {
			return n, err
		}
	}
}

func (w *Wire) read(b []byte) (int, error) {
	if err := w.draining(); err != nil {
		return 0, err
	}
	if err := w.fill(len(b)); err != nil {
		return 0, err
	}
	if err := w.draining(); err != nil {
		return 0, err
	}
	w.mu.Lock()
	n := copy(b[:w.beforeStep(len(b))], w.unread)
	w.unread = w.unread[n:]
	w.bytes += n
	w.mu.Unlock()
	w.step()
	return n, nil
}

// fill waits until something is unread, up to n bytes of it.
func (w *Wire) fill(n int) error {
	w.mu.Lock()
	unread := len(w.unread)
	w.mu.Unlock()
	if unread > 0 {
		return nil
	}
	buf := make([]byte, n)
	n, err := w.PTY.Read(buf)
	w.mu.Lock()
	w.unread = buf[:n]
	w.mu.Unlock()
	return err
}

// power switches the device off or on again; off for f.For it comes back by itself. While it is off the line takes bytes and
// nobody hears them.
func (w *Wire) power(f Fault) {
	w.set(f)
	w.mu.Lock()
	w.unread, w.held = nil, nil
	w.mu.Unlock()
	if f.On && f.For > 0 {
		w.running.Go(func() {
			time.Sleep(f.For)
			w.set(Fault{Kind: f.Kind})
		})
	}
}

// forget drops what the device had not read when its cable was pulled.
func (w *Wire) forget() {
	w.mu.Lock()
	w.unread = nil
	w.mu.Unlock()
}

// draining waits until StopDraining is off.
func (w *Wire) draining() error {
	for {
		if _, stopped := w.fault(StopDraining); !stopped {
			return nil
		}
		if _, _, err := w.current(); err != nil {
			return err
		}
		time.Sleep(idlePause)
	}
}

// beforeStep keeps a read of n bytes from passing the byte at which the next step strikes. w.mu is held.
func (w *Wire) beforeStep(n int) int {
	if len(w.script) == 0 || w.script[0].AfterBytes <= w.bytes {
		return n
	}
	return min(n, w.script[0].AfterBytes-w.bytes)
}

// Answer sends one answer to the driver, with what the faults do to it. An answer to an unplugged driver is lost.
func (w *Wire) Answer(b []byte) error {
	w.mu.Lock()
	w.answers++
	w.mu.Unlock()
	w.step()
	_, silent := w.fault(Silence)
	_, off := w.fault(PowerOff)
	if silent || off {
		return nil
	}
	b, hold := w.merge(w.noisy(b))
	if hold {
		return nil
	}
	split, ok := w.fault(Split)
	if !ok {
		_, err := w.Write(b)
		return err
	}
	return w.writeSplit(b, split)
}

func (w *Wire) noisy(b []byte) []byte {
	if f, ok := w.fault(NoiseInside); ok {
		b = slices.Concat(b[:len(b)/2], f.Bytes, b[len(b)/2:])
	}
	if f, ok := w.fault(NoiseBefore); ok {
		b = slices.Concat(f.Bytes, b)
	}
	return b
}

// merge holds answers until there are as many as asked for.
func (w *Wire) merge(b []byte) (joined []byte, hold bool) {
	f, ok := w.fault(Merge)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.held = append(w.held, slices.Clone(b))
	if ok && len(w.held) < min(f.N, mergeMax) {
		return nil, true
	}
	joined, w.held = slices.Concat(w.held...), nil
	return joined, false
}

func (w *Wire) writeSplit(b []byte, f Fault) error {
	size, pause := f.N, f.For
	if size <= 0 {
		size = defaultSplit
	}
	if pause <= 0 {
		pause = defaultPieces
	}
	for piece := range slices.Chunk(b, size) {
		if _, err := w.Write(piece); err != nil {
			return err
		}
		time.Sleep(pause)
	}
	return nil
}
