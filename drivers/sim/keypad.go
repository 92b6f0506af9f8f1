package sim

import "fmt"

// KeypadConfig describes a keypad of the QSystem kind.
type KeypadConfig struct {
	Address byte
	Polled  bool // keys are told when asked for: 04 addr 07; else as they are pressed
	Bare    bool // a key is addr 31..34, not 01 addr 31..34 07
}

// Keypad is a clerk's keypad on a segment.
type Keypad struct {
	segment *Segment
	cfg     KeypadConfig
	in      []byte
	pressed []byte // keys not yet asked for
	lamp    byte
	beeps   int
}

// keysMax is what a keypad remembers between two polls.
const keysMax = 4

var _ node = (*Keypad)(nil)

// Keypad puts a keypad on the line.
func (s *Segment) Keypad(cfg KeypadConfig) (*Keypad, error) {
	k := &Keypad{segment: s, cfg: cfg, lamp: 0x30}
	return k, s.add(k)
}

// Press presses a key, 1 to 4.
func (k *Keypad) Press(key int) error {
	if key < 1 || key > 4 {
		return fmt.Errorf("sim: there is no key %d", key)
	}
	k.segment.mu.Lock()
	f, off := k.segment.faults[PowerOff]
	off = off && affects(f, k.cfg.Address)
	if k.cfg.Polled && !off && len(k.pressed) < keysMax {
		k.pressed = append(k.pressed, 0x30+byte(key))
	}
	k.segment.mu.Unlock()
	if !k.cfg.Polled && !off {
		k.segment.say(k.frame(0x30 + byte(key)))
	}
	return nil
}

// Lamp is the lamp's command without its beep, 30 to 36, and how many beeps there were.
func (k *Keypad) Lamp() (lamp byte, beeps int) {
	k.segment.mu.Lock()
	defer k.segment.mu.Unlock()
	return k.lamp, k.beeps
}

func (k *Keypad) address() byte { return k.cfg.Address }
func (k *Keypad) checked() int  { return 0 }
func (k *Keypad) powerOff()     { k.in, k.pressed, k.lamp = nil, nil, 0x30 }

func (k *Keypad) frame(key byte) []byte {
	if k.cfg.Bare {
		return []byte{k.cfg.Address, key}
	}
	return []byte{0x01, k.cfg.Address, key, 0x07}
}

func (k *Keypad) hear(b []byte, refuse bool) (answers [][]byte) {
	k.in = append(k.in, b...)
	for len(k.in) > 0 {
		size, whole := delimited(k.in, 0x01, 0x07, 4)
		if k.in[0] == 0x04 {
			size, whole = delimited(k.in, 0x04, 0x07, 3)
		}
		if !whole {
			break
		}
		if size == 0 {
			k.in = k.in[1:]
			continue
		}
		frame := k.in[:size]
		k.in = k.in[size:]
		if answer := k.obey(frame); answer != nil && !refuse {
			answers = append(answers, answer)
		}
	}
	k.in = unfinished(k.in)
	return answers
}

func (k *Keypad) obey(frame []byte) []byte {
	if frame[1] != k.cfg.Address {
		return nil
	}
	if frame[0] == 0x01 {
		k.light(frame[2])
		return nil
	}
	if !k.cfg.Polled {
		return nil
	}
	key := byte(0x30)
	if len(k.pressed) > 0 {
		key, k.pressed = k.pressed[0], k.pressed[1:]
	}
	return k.frame(key)
}

func (k *Keypad) light(command byte) {
	switch {
	case command >= 0x30 && command <= 0x36:
		k.lamp = command
	case command >= 0x37 && command <= 0x3D:
		k.lamp = command - 7
		k.beeps++
	}
}
