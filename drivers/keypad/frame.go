package keypad

import (
	"errors"
	"fmt"
)

// Address is a keypad's number on its line.
type Address uint8

// Key is one of the four keys, from 1.
type Key uint8

// KeyMax is the last key.
const KeyMax Key = 4

// Lamp is what the lamp and the buzzer do: the command byte.
type Lamp uint8

// The lamps. Each has a twin with a beep of 500 ms, [Lamp.Beep].
const (
	Off       Lamp = 0x30
	Red       Lamp = 0x31
	Green     Lamp = 0x32
	RedFast   Lamp = 0x33 // blinks every 200 ms
	GreenFast Lamp = 0x34
	RedSlow   Lamp = 0x35 // blinks every 500 ms
	GreenSlow Lamp = 0x36
)

const (
	beepStep = 7
	lampMax  = GreenSlow + beepStep

	head, scan, tail = 0x01, 0x04, 0x07
	frameSize        = 4 // 01 addr byte 07
	keyNone          = 0x30
	keyFirst         = keyNone + 1
)

// Beep is the same lamp with a beep at its beginning.
func (l Lamp) Beep() Lamp {
	if l < Off || l > GreenSlow {
		return l
	}
	return l + beepStep
}

// Steady is the lamp without its beep.
func (l Lamp) Steady() Lamp {
	if l > GreenSlow && l <= lampMax {
		return l - beepStep
	}
	return l
}

// What a hall may ask for and no keypad has.
var (
	ErrLamp = errors.New("keypad: there is no such lamp")
	ErrKey  = errors.New("keypad: there is no such key")
)

// EncodeLamp builds 01 addr lamp 07.
func EncodeLamp(a Address, l Lamp) ([]byte, error) {
	if l < Off || l > lampMax {
		return nil, fmt.Errorf("%w: %02X", ErrLamp, uint8(l))
	}
	return []byte{head, byte(a), byte(l), tail}, nil
}

// encodePoll builds 04 addr 07.
func encodePoll(a Address) []byte { return []byte{scan, byte(a), tail} }

// Parser finds one keypad's frames in a stream of bytes that may be cut, joined or noisy anywhere.
type Parser struct {
	Address Address
	Bare    bool

	last [frameSize]byte
	n    int // bytes in last
}

// Feed takes bytes and calls take for every key, 0 for the answer of an idle keypad.
func (p *Parser) Feed(chunk []byte, take func(Key)) {
	for _, c := range chunk {
		if p.n == len(p.last) {
			copy(p.last[:], p.last[1:])
			p.n--
		}
		p.last[p.n] = c
		p.n++
		if k, ok := p.key(); ok {
			p.n = 0 // no byte belongs to two frames
			take(k)
		}
	}
}

func (p *Parser) key() (Key, bool) {
	b := p.last[:p.n]
	if p.Bare {
		b = b[max(0, len(b)-2):]
		return key(b, len(b) == 2 && Address(b[0]) == p.Address, 1)
	}
	return key(b, len(b) == frameSize && b[0] == head && Address(b[1]) == p.Address && b[3] == tail, 2)
}

func key(b []byte, framed bool, at int) (Key, bool) {
	if !framed || b[at] < keyNone || b[at] > keyNone+byte(KeyMax) {
		return 0, false
	}
	return Key(b[at] - keyNone), true
}
