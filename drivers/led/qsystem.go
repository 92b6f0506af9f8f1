package led

import "strings"

// QSystem is the protocol of QSystem's / Apertum's window boards, RS-485, 9600 baud (HARDWARE.md, D8):
// 01 addr blink c c c 07, blink 20 never, 21 always, 22 to 7F that many times. A board has three characters and no
// answers.
//
// Three characters hold the digits of a ticket and not its letter, which the person at the window knows; a number of
// four digits is refused rather than cut into another one. A call blinks until the next message; a paused window shows
// dashes, a free one nothing.
type QSystem struct{}

const (
	boardHead, boardTail    = 0x01, 0x07
	blinkNever, blinkAlways = 0x20, 0x21
	blinkMax                = 0x7F
	boardChars              = 3
	boardPaused             = "---"
	boardFree               = "   "
	printableMin            = 0x20
	printableMax            = 0x7E
)

// Show encodes m. Of Message.Text the first three characters are shown, if they are ASCII.
func (QSystem) Show(a Address, m Message) ([]byte, error) {
	text, blink := boardFree, byte(blinkNever)
	switch {
	case m.Text != "":
		text = (m.Text + boardFree)[:boardChars]
	case m.Kind == Paused:
		text = boardPaused
	case m.Kind == Call || m.Kind == Serving:
		letter, n, err := splitNumber(m.Number)
		if err != nil {
			return nil, err
		}
		digits := joinNumber(letter, n)
		if letter != 0 {
			digits = digits[1:]
		}
		if len(digits) > boardChars {
			return nil, cannot("%s has more than three digits", m.Number)
		}
		text = digits
	}
	if m.Kind == Call {
		blink = blinkAlways
	}
	return EncodeBoard(Board{Address: a, Blink: blink, Text: text})
}

// Ask is nil: boards do not answer.
func (QSystem) Ask(Address) []byte { return nil }

// Ack is never one.
func (QSystem) Ack(Address, []byte) Ack { return NoAck }

// Answers is false.
func (QSystem) Answers() bool { return false }

// Board is what a frame tells a board.
type Board struct {
	Address Address
	Blink   byte // 20 never, 21 always, 22 to 7F that many times
	Text    string
}

// EncodeBoard builds the frame.
func EncodeBoard(b Board) ([]byte, error) {
	if len(b.Text) != boardChars || strings.ContainsFunc(b.Text, unprintable) || b.Blink < blinkNever || b.Blink > blinkMax {
		return nil, cannot("%q with blink %02X is not three ASCII characters", b.Text, b.Blink)
	}
	frame := append([]byte{boardHead, byte(b.Address), b.Blink}, b.Text...)
	return append(frame, boardTail), nil
}

func unprintable(r rune) bool { return r < printableMin || r > printableMax }
