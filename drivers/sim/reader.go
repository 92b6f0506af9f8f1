package sim

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// The faults of a card reader. On turns them on or off; N answers are affected, 0 means until turned off.
const (
	// CardStatus answers SW3 = Bytes[0]; with Bytes[1] and Bytes[2] only to that CMD and PARA.
	CardStatus FaultKind = "card_status"
	// WrongChecksum and WrongLength spoil the frame; with Bytes only the answers to that CMD and PARA.
	WrongChecksum FaultKind = "wrong_checksum"
	WrongLength   FaultKind = "wrong_length" // the length field counts one byte too many
	// Babble sends Bytes, or noise when there are none, without end and unasked.
	Babble FaultKind = "babble"
)

// Sizes of the reader's protocol (GA 467 as its users describe it).
const (
	cardPreamble    = "\xAA\xAA\xAA\x96\x69"
	cardHead        = len(cardPreamble) + 2
	cardRequestMin  = 3
	cardRequestMax  = 64
	cardRecordSize  = 256
	cardPhotoSize   = 1024
	cardSelectSize  = 8
	cardNumbersSize = 28
	cardSAMSize     = 16
	cardAskedMax    = 4096 // commands remembered for tests
	babblePause     = 5 * time.Millisecond
	babbleSize      = 64
)

// Card commands, CMD and PARA.
const (
	cardReset, cardTest, cardSAM          = 0x10FF, 0x11FF, 0x12FF
	cardFind, cardSelect, cardRead        = 0x2001, 0x2002, 0x3001
	cardAddresses, cardNumbers, cardMaxRF = 0x3003, 0x3005, 0x61FF
	cardBaudFirst, cardBaudLast           = 0x6000, 0x6004
)

// ReaderConfig describes a card reader.
type ReaderConfig struct {
	Baud  int      // 0 = 115200; requests at another rate are not understood
	Speed float64  // of the line relative to Baud; 0 = as fast as it goes
	SAM   [16]byte // serial number as it stands on the wire; zero: a made-up one
	Blind bool     // an old module: answers 21 to 30 03, so that the removal of a card cannot be seen
}

// Reader is a card reader with a security module, on a pseudo-terminal.
type Reader struct {
	*Wire
	cfg     ReaderConfig
	ended   chan struct{}
	closing sync.Once
	loops   sync.WaitGroup

	mu     sync.Mutex
	baud   int
	record []byte // of the card that lies there, nil = none
	found  bool
	chosen bool
	given  bool // the record was read: not found again before Lift and Place
	faults map[FaultKind]Fault
	asked  []uint16
	asks   int
}

var _ Device = (*Reader)(nil)

// NewReader starts a reader; Close ends its goroutines.
func NewReader(cfg ReaderConfig) (*Reader, error) {
	if cfg.Baud == 0 {
		cfg.Baud = 115200
	}
	if cfg.SAM == [16]byte{} {
		cfg.SAM = [16]byte{0x05, 0, 0x01, 0, 0xA5, 0x3A, 0x34, 0x01, 0x39, 0x30, 0, 0, 0xF2, 0x35, 0x77, 0x28}
	}
	r := &Reader{cfg: cfg, baud: cfg.Baud, ended: make(chan struct{}), faults: map[FaultKind]Fault{}}
	w, err := NewWire(r.misbehave)
	if err != nil {
		return nil, err
	}
	r.Wire = w
	w.Pace(cfg.Baud, cfg.Speed)
	r.loops.Go(r.serve)
	r.loops.Go(r.babble)
	return r, nil
}

// Close unplugs the reader for good and waits for its goroutines. Closed twice is once.
func (r *Reader) Close() error {
	r.closing.Do(func() { close(r.ended) })
	err := r.Wire.Close()
	r.loops.Wait()
	return err
}

// Place lays a card with this 256-byte record on the reader, in place of what lay there.
func (r *Reader) Place(record []byte) error {
	if len(record) != cardRecordSize {
		return fmt.Errorf("sim: a record has %d bytes, not %d", cardRecordSize, len(record))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.record, r.found, r.chosen, r.given = slices.Clone(record), false, false, false
	return nil
}

// Lift takes the card away.
func (r *Reader) Lift() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.record, r.found, r.chosen, r.given = nil, false, false, false
}

// Asked lists the commands understood so far, CMD and PARA, the newest cardAskedMax of them.
func (r *Reader) Asked() []uint16 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.asked)
}

// switchOff forgets the card that was found and the rate that was set. When it is back, the module finds the card that
// lies there as if it had just been placed.
func (r *Reader) switchOff() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.found, r.chosen, r.given, r.baud = false, false, false, r.cfg.Baud
}

// Asks is how many commands were understood so far.
func (r *Reader) Asks() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asks
}

func (r *Reader) misbehave(f Fault) error {
	switch f.Kind {
	case PowerOff:
		r.power(f)
		r.switchOff()
		return nil
	case CardStatus, WrongChecksum, WrongLength, Babble:
	default:
		return fmt.Errorf("sim: a card reader knows no fault %q", f.Kind)
	}
	if f.Kind == CardStatus && f.On && len(f.Bytes) == 0 {
		return errors.New("sim: card_status needs the status in Bytes")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.faults, f.Kind)
	if f.On {
		r.faults[f.Kind] = f
	}
	return nil
}

// serve reads requests until Close.
func (r *Reader) serve() {
	var in []byte
	buf := make([]byte, cardRequestMax)
	for {
		n, err := r.Read(buf)
		if errors.Is(err, os.ErrClosed) {
			return
		}
		if !r.sameBaud() {
			in = nil
			continue
		}
		in = append(in, buf[:n]...)
		for request, ok := cutRequest(&in); ok; request, ok = cutRequest(&in) {
			_ = r.Answer(r.reply(request)) // lost while unplugged, as in life
		}
	}
}

// cutRequest takes the first request out of in: length, command, checksum. Noise before it is dropped.
func cutRequest(in *[]byte) ([]byte, bool) {
	for b := *in; len(b) >= cardHead; b = b[1:] {
		if string(b[:len(cardPreamble)]) != cardPreamble {
			continue
		}
		length := int(binary.BigEndian.Uint16(b[len(cardPreamble):]))
		if length < cardRequestMin || length > cardRequestMax {
			continue
		}
		*in = b
		if len(b) < cardHead+length {
			return nil, false
		}
		*in = b[cardHead+length:]
		return b[len(cardPreamble) : cardHead+length], true
	}
	*in = (*in)[max(0, len(*in)-cardHead):]
	return nil, false
}

// reply is the frame that answers a request.
func (r *Reader) reply(request []byte) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	if sum(request) != 0 {
		return cardFrame(0x10, nil)
	}
	command := binary.BigEndian.Uint16(request[2:])
	r.asks++
	r.asked = append(r.asked, command)
	r.asked = r.asked[max(0, len(r.asked)-cardAskedMax):]
	if f, ok := r.struck(CardStatus, command, 1); ok {
		return cardFrame(f.Bytes[0], nil)
	}
	status, data := r.obey(command)
	frame := cardFrame(status, data)
	if _, ok := r.struck(WrongChecksum, command, 0); ok {
		frame[len(frame)-1] ^= 0x55
	}
	if _, ok := r.struck(WrongLength, command, 0); ok {
		frame[cardHead-1]++
	}
	return frame
}

// struck tells whether a fault hits the answer to command, and counts it down. Its filter begins at Bytes[from].
func (r *Reader) struck(kind FaultKind, command uint16, from int) (Fault, bool) {
	f, ok := r.faults[kind]
	if !ok {
		return f, false
	}
	if len(f.Bytes) >= from+2 && binary.BigEndian.Uint16(f.Bytes[from:]) != command {
		return f, false
	}
	left := f
	left.N--
	switch {
	case f.N == 1:
		delete(r.faults, kind)
	case f.N > 1:
		r.faults[kind] = left
	}
	return f, true
}

func (r *Reader) obey(command uint16) (status byte, data []byte) {
	switch command {
	case cardReset:
		r.found, r.chosen = false, false
		return 0x90, nil
	case cardTest, cardMaxRF:
		return 0x90, nil
	case cardSAM:
		return 0x90, r.cfg.SAM[:]
	case cardFind:
		r.found = r.record != nil && !r.given
		if r.found {
			return 0x9F, make([]byte, 4)
		}
		return 0x80, nil
	case cardSelect:
		r.chosen = r.found
		return when(r.chosen, 0x81, make([]byte, cardSelectSize))
	case cardRead:
		r.given = r.given || r.chosen
		return when(r.chosen, 0x41, r.base())
	default:
		return r.obeyMore(command)
	}
}

func (r *Reader) obeyMore(command uint16) (status byte, data []byte) {
	switch {
	case command == cardAddresses && r.cfg.Blind:
		return 0x21, nil
	case command == cardAddresses && r.chosen:
		return 0x91, nil
	case command == cardAddresses:
		return 0x41, nil
	case command == cardNumbers:
		return when(r.chosen, 0x41, make([]byte, cardNumbersSize))
	case command >= cardBaudFirst && command <= cardBaudLast:
		r.baud = [...]int{115200, 57600, 38400, 19200, 9600}[command-cardBaudFirst]
		return 0x90, nil
	default:
		return 0x21, nil
	}
}

func when(ok bool, otherwise byte, data []byte) (byte, []byte) {
	if !ok {
		return otherwise, nil
	}
	return 0x90, data
}

// base is the data of the answer to read: two lengths, the text, and a photograph of noise, which nobody may keep.
func (r *Reader) base() []byte {
	data := binary.BigEndian.AppendUint16(nil, cardRecordSize)
	data = binary.BigEndian.AppendUint16(data, cardPhotoSize)
	data = append(data, r.record...)
	photo := make([]byte, cardPhotoSize)
	copy(photo, "WLf\x00~\x002\x00")
	return append(data, photo...)
}

func cardFrame(status byte, data []byte) []byte {
	frame := append([]byte(cardPreamble), 0, 0, 0, 0, status)
	frame = append(frame, data...)
	binary.BigEndian.PutUint16(frame[len(cardPreamble):], uint16(len(frame)-cardHead+1)) // #nosec G115 -- a simulator's noise and frames
	return append(frame, sum(frame[len(cardPreamble):]))
}

func sum(b []byte) (x byte) {
	for _, c := range b {
		x ^= c
	}
	return x
}

// sameBaud tells whether the driver set the line to the reader's rate. At another one the reader hears nonsense.
func (r *Reader) sameBaud() bool {
	master, _, err := r.current()
	if err != nil || master == nil {
		return false
	}
	same := true
	_ = control(master, func(fd int) error { // a line that went meanwhile has no rate
		t, err := unix.IoctlGetTermios(fd, unix.TCGETS)
		if err == nil {
			same = t.Cflag&unix.CBAUD == r.rate()
		}
		return err
	})
	return same
}

func (r *Reader) rate() uint32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch r.baud {
	case 57600:
		return unix.B57600
	case 38400:
		return unix.B38400
	case 19200:
		return unix.B19200
	case 9600:
		return unix.B9600
	default:
		return unix.B115200
	}
}

// babble speaks unasked while that fault is on.
func (r *Reader) babble() {
	tick := time.NewTicker(babblePause)
	defer tick.Stop()
	for {
		select {
		case <-r.ended:
			return
		case <-tick.C:
		}
		r.mu.Lock()
		f, on := r.faults[Babble]
		r.mu.Unlock()
		if on {
			_, _ = r.Write(noise(f.Bytes)) // nobody listens while unplugged
		}
	}
}

func noise(given []byte) []byte {
	if len(given) > 0 {
		return given
	}
	b := make([]byte, babbleSize)
	for i := range b {
		b[i] = byte(rand.Uint32()) // #nosec G115 G404 -- a simulated reader's noise
	}
	return b
}
