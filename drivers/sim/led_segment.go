package sim

import (
	"fmt"
	"slices"
	"sync"
)

// The faults of a segment; On turns them on or off. Bytes[0], when given, is the address of the only device affected; N
// answers are, 0 means until turned off. WrongChecksum spoils the last byte but one or, where the answer has no mark at
// its end, the last.
const (
	PowerOff FaultKind = "power_off" // of any device: it hears nothing, says nothing and forgets what it knew
	Refuse   FaultKind = "refuse"    // the device refuses, where its protocol has a way to: other devices stay silent
)

const (
	segmentBaud = 9600
	nodesMax    = 64
	frameMost   = 512 // bytes that a device keeps of an unfinished frame
)

// SegmentConfig describes an RS-485 line.
type SegmentConfig struct {
	Baud  int     // 0 = 9600
	Speed float64 // of the line relative to Baud; 0 = as fast as it goes
	Echo  bool    // the host's adapter hears what it sends
}

// Segment is an RS-485 line with several devices on one pseudo-terminal. Every device hears every byte.
type Segment struct {
	*Wire
	echo  bool
	loops sync.WaitGroup
	talk  sync.Mutex // one answer after the other

	mu     sync.Mutex
	nodes  []node
	faults map[FaultKind]Fault
}

// node is a device on a segment; its methods are called with the segment's lock held.
type node interface {
	address() byte
	// hear takes what the host sent and gives the answers, refused instead of obeyed when refuse.
	hear(b []byte, refuse bool) [][]byte
	// checked is how many bytes from its end an answer's checksum stands.
	checked() int
	powerOff()
}

var _ Device = (*Segment)(nil)

// NewSegment starts a line without devices; Close ends its goroutine.
func NewSegment(cfg SegmentConfig) (*Segment, error) {
	if cfg.Baud == 0 {
		cfg.Baud = segmentBaud
	}
	s := &Segment{echo: cfg.Echo, faults: map[FaultKind]Fault{}}
	w, err := NewWire(s.misbehave)
	if err != nil {
		return nil, err
	}
	s.Wire = w
	w.Pace(cfg.Baud, cfg.Speed)
	s.loops.Go(s.serve)
	return s, nil
}

// Close unplugs the line for good and waits for its goroutine.
func (s *Segment) Close() error {
	err := s.Wire.Close()
	s.loops.Wait()
	return err
}

func (s *Segment) misbehave(f Fault) error {
	if f.Kind != PowerOff && f.Kind != Refuse && f.Kind != WrongChecksum {
		return fmt.Errorf("sim: a segment knows no fault %q", f.Kind)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !f.On {
		delete(s.faults, f.Kind)
		return nil
	}
	s.faults[f.Kind] = f
	if f.Kind == PowerOff {
		for _, n := range s.nodes {
			if affects(f, n.address()) {
				n.powerOff()
			}
		}
	}
	return nil
}

func affects(f Fault, address byte) bool { return len(f.Bytes) == 0 || f.Bytes[0] == address }

// struck tells whether a fault hits the device, and counts it down; s.mu is held.
func (s *Segment) struck(kind FaultKind, address byte) bool {
	f, ok := s.faults[kind]
	if !ok || !affects(f, address) {
		return false
	}
	switch {
	case f.N == 1:
		delete(s.faults, kind)
	case f.N > 1:
		f.N--
		s.faults[kind] = f
	}
	return true
}

func (s *Segment) add(n node) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.nodes) == nodesMax {
		return fmt.Errorf("sim: a segment has %d devices at most", nodesMax)
	}
	s.nodes = append(s.nodes, n)
	return nil
}

// serve is the segment's goroutine.
func (s *Segment) serve() {
	buf := make([]byte, 256)
	for {
		n, err := s.Read(buf)
		if err != nil {
			return
		}
		if s.echo {
			s.say(buf[:n])
		}
		for _, answer := range s.obey(buf[:n]) {
			s.say(answer)
		}
	}
}

// say sends an answer; it is lost while unplugged, as in life.
func (s *Segment) say(b []byte) {
	s.talk.Lock()
	defer s.talk.Unlock()
	_ = s.Answer(b)
}

func (s *Segment) obey(b []byte) (answers [][]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.nodes {
		if s.struck(PowerOff, n.address()) {
			continue
		}
		refuse := false
		if f, on := s.faults[Refuse]; on && affects(f, n.address()) {
			refuse = true
		}
		for _, answer := range n.hear(b, refuse) {
			if s.struck(WrongChecksum, n.address()) {
				answer[len(answer)-1-n.checked()] ^= 0x55
			}
			answers = append(answers, answer)
		}
	}
	return answers
}

// unfinished keeps what a device heard of a frame that is not complete.
func unfinished(b []byte) []byte { return slices.Clone(b[max(0, len(b)-frameMost):]) }
