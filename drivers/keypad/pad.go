package keypad

import (
	"fmt"
	"maps"
	"sync"
	"time"
)

// Act is what a key does at a window.
type Act string

// The acts, named as the server's routes under /api/v1/windows/{window} are.
const (
	Next     Act = "next"
	Recall   Act = "recall"
	Start    Act = "start"
	Finish   Act = "finish"
	NoShow   Act = "no-show"
	Hold     Act = "hold"
	Transfer Act = "transfer"
	Pause    Act = "pause"
	Resume   Act = "resume"
)

// DefaultKeys is what the four keys do when nothing else is configured.
func DefaultKeys() map[Key]Act { return map[Key]Act{1: Next, 2: Recall, 3: Start, 4: Finish} }

// Press is a key that was pressed.
type Press struct {
	Address Address
	Key     Key
	Act     Act // "" for a key without one
}

// Bounds of a pad.
const (
	pressMax      = 16 // presses not yet taken; later ones are dropped and counted
	defaultRepeat = 10 * time.Second
)

// Config describes a keypad.
type Config struct {
	Address Address
	Keys    map[Key]Act   // nil: DefaultKeys
	Repeat  time.Duration // after which the lamp's command is sent again; 0: 10 s
	Polled  bool          // it is asked for its keys, and answers
}

// Pad is one keypad. Its methods may be called from several goroutines and never wait.
type Pad struct {
	cfg     Config
	presses chan Press

	mu      sync.Mutex
	parser  Parser
	lamp    Lamp
	told    bool // the lamp's command was sent
	toldAt  time.Time
	dropped uint64
}

// New makes a pad whose lamp is off.
func New(cfg Config) (*Pad, error) {
	if cfg.Keys == nil {
		cfg.Keys = DefaultKeys()
	}
	for k := range cfg.Keys {
		if k == 0 || k > KeyMax {
			return nil, fmt.Errorf("%w: %d", ErrKey, k)
		}
	}
	cfg.Keys = maps.Clone(cfg.Keys)
	if cfg.Repeat <= 0 {
		cfg.Repeat = defaultRepeat
	}
	return &Pad{
		cfg: cfg, lamp: Off, presses: make(chan Press, pressMax),
		parser: Parser{Address: cfg.Address},
	}, nil
}

// Presses delivers the keys in order. A press nobody takes in time is dropped rather than done late: the next press of
// an impatient clerk must not call a person more. The channel is never closed.
func (p *Pad) Presses() <-chan Press { return p.presses }

// Dropped is how many presses nobody took in time.
func (p *Pad) Dropped() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dropped
}

// Light sets lamp and buzzer; a beep sounds once, however often the command is repeated.
func (p *Pad) Light(l Lamp) error {
	if _, err := EncodeLamp(p.cfg.Address, l); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lamp, p.told = l, p.told && p.lamp == l
	return nil
}

// Urgent tells that the lamp was set and not yet sent.
func (p *Pad) Urgent() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.told
}

// Ask is the pad's turn on the line: the lamp's command when it is due, else the poll of a polled pad.
func (p *Pad) Ask(now time.Time) (frame []byte, owed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.told && now.Sub(p.toldAt) < p.cfg.Repeat {
		if p.cfg.Polled {
			return encodePoll(p.cfg.Address), true
		}
		return nil, false
	}
	frame = []byte{head, byte(p.cfg.Address), byte(p.lamp), tail}
	p.lamp, p.told, p.toldAt = p.lamp.Steady(), true, now
	return frame, false
}

// Hear takes bytes from the line.
func (p *Pad) Hear(chunk []byte) (answered bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.parser.Feed(chunk, func(k Key) {
		answered = true
		if k == 0 {
			return
		}
		select {
		case p.presses <- Press{Address: p.cfg.Address, Key: k, Act: p.cfg.Keys[k]}:
		default:
			p.dropped++
		}
	})
	return answered, nil
}
