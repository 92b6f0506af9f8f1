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
	keyNone          = 0x30
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

// Parser finds one keypad's keys in a stream of bytes that may be cut, joined or noisy anywhere. A key is the address and 31..34
// right behind it; where 01 stands before the two, 07 must follow them. Where a keypad has the address 1, none with an address
// from 48 to 52 may be on the same line: its 01 and its address would read as a key.
type Parser struct {
	Address Address

	last   [2]byte // the bytes before, the latest at the end
	framed Key     // waits for its tail
	waits  bool
}

// Feed takes bytes and calls take for every key, 0 for the answer of an idle keypad.
func (p *Parser) Feed(chunk []byte, take func(Key)) {
	for _, c := range chunk {
		if k, ok := p.key(c); ok {
			p.last, p.waits = [2]byte{}, false // no byte belongs to two keys
			take(k)
			continue
		}
		p.last = [2]byte{p.last[1], c}
	}
}

func (p *Parser) key(c byte) (Key, bool) {
	if p.waits {
		p.waits = false
		if c == tail {
			return p.framed, true
		}
	}
	if Address(p.last[1]) != p.Address || c < keyNone || c > keyNone+byte(KeyMax) {
		return 0, false
	}
	p.framed, p.waits = Key(c-keyNone), p.last[0] == head
	return p.framed, !p.waits
}
