package led

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// Template is a maker's protocol as data: what stands where in a frame. Parts are counted from 0 within their list.
//
// Frame is the whole frame, with one body part. Show is the body that shows a message, with one text part. Question is
// the body that asks whether the screen is there, empty for none. Answer is the pattern of the screen's answer, empty
// when it has none; its parts have fixed sizes.
type Template struct {
	Name     string  `json:"name"`
	Charset  Charset `json:"charset"`
	Colours  Hex     `json:"colours,omitempty"` // the bytes of red, green and yellow; needed where there is a colour
	Frame    []Part  `json:"frame"`
	Show     []Part  `json:"show"`
	Question Hex     `json:"question,omitempty"`
	Escape   *Escape `json:"escape,omitempty"`
	Answer   []Part  `json:"answer,omitempty"`
}

// PartKind is what a part of a frame is.
type PartKind string

// The kinds of parts.
const (
	PartBytes   PartKind = "bytes"   // always Bytes
	PartAddress PartKind = "address" // of the screen, in Size bytes
	PartLength  PartKind = "length"  // how many bytes the parts From to To (exclusive) have, and Add, in Size bytes
	PartSum     PartKind = "sum"     // Sum over the parts From to To (exclusive)
	PartBody    PartKind = "body"    // in a frame: Show or Question
	PartText    PartKind = "text"    // in Show: the text, with Coloured a byte of colour after each character
	PartColour  PartKind = "colour"  // in Show: the byte of the text's colour
	PartVerdict PartKind = "verdict" // in Answer: Good or Bad, of the same size
)

// Part is a part of a frame.
type Part struct {
	Kind     PartKind `json:"kind"`
	Bytes    Hex      `json:"bytes,omitempty"`
	Size     int      `json:"size,omitempty"`   // 0 counts as 1
	Little   bool     `json:"little,omitempty"` // little endian; else big
	From     int      `json:"from,omitempty"`
	To       int      `json:"to,omitempty"`
	Add      int      `json:"add,omitempty"`
	Sum      SumKind  `json:"sum,omitempty"`
	Coloured bool     `json:"coloured,omitempty"`
	Good     Hex      `json:"good,omitempty"`
	Bad      Hex      `json:"bad,omitempty"`
}

// Escape replaces bytes of the parts From to To (exclusive) of a frame, after lengths and sums are computed. The parts
// before and after have fixed sizes.
type Escape struct {
	From  int     `json:"from"`
	To    int     `json:"to"`
	Table []Spell `json:"table"`
}

// Spell is how a byte is written on the line.
type Spell struct {
	Plain Hex `json:"plain"` // one byte
	Wire  Hex `json:"wire"`  // two bytes
}

// Hex is bytes that JSON has as hexadecimal digits, with spaces as one likes: "A0 90".
type Hex []byte

// MarshalText writes the digits in pairs.
func (h Hex) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "% X", []byte(h)), nil }

// UnmarshalText reads digits, spaces between them or not.
func (h *Hex) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(strings.ReplaceAll(string(text), " ", ""))
	if err != nil {
		return fmt.Errorf("led: %q is no hexadecimal: %w", text, err)
	}
	*h = b
	return nil
}

// Bounds of a template.
const (
	partsMax   = 32
	sizeMax    = 2 // bytes of an address, a length, a sum
	spellsMax  = 16
	bodyUnset  = -1
	wireSpell  = 2
	answerMax  = 64
	coloursLen = int(colours)
)

func (p Part) size() int {
	switch p.Kind {
	case PartBytes:
		return len(p.Bytes)
	case PartVerdict:
		return len(p.Good)
	case PartSum:
		return p.Sum.size()
	case PartBody, PartText:
		return bodyUnset
	default:
		return max(p.Size, 1)
	}
}

// Check says what is wrong with a template.
func (t *Template) Check() error {
	checks := []func() error{
		func() error { return checkParts("frame", t.Frame, PartBody) },
		func() error { return checkParts("show", t.Show, PartText) },
		func() error { return t.checkAnswer() },
		func() error { return t.checkEscape() },
		func() error { return t.checkColours() },
		t.Charset.check,
	}
	for _, check := range checks {
		if err := check(); err != nil {
			return fmt.Errorf("led: template %q: %w", t.Name, err)
		}
	}
	return nil
}

// checkParts holds a list to its bounds and to exactly one part of varying size, of the kind one.
func checkParts(name string, parts []Part, one PartKind) error {
	if len(parts) == 0 || len(parts) > partsMax {
		return fmt.Errorf("%s has %d parts, want 1 to %d", name, len(parts), partsMax)
	}
	found := 0
	for i, p := range parts {
		if p.Kind == one {
			found++
		}
		if err := checkPart(parts, i, one); err != nil {
			return fmt.Errorf("%s, part %d: %w", name, i, err)
		}
	}
	if found != 1 {
		return fmt.Errorf("%s has %d parts of kind %q, want 1", name, found, one)
	}
	return nil
}

func checkPart(parts []Part, i int, one PartKind) error {
	p := parts[i]
	if p.Size < 0 || p.Size > sizeMax {
		return fmt.Errorf("size %d, want up to %d", p.Size, sizeMax)
	}
	covers := p.From >= 0 && p.From < p.To && p.To <= len(parts)
	switch p.Kind {
	case PartVerdict:
		if one != PartVerdict || len(p.Good) == 0 || len(p.Bad) != 0 && len(p.Bad) != len(p.Good) {
			return errors.New("a verdict belongs into the answer and has good and bad of one size")
		}
	case one, PartAddress:
	case PartBytes:
		if len(p.Bytes) == 0 {
			return errors.New("no bytes")
		}
	case PartLength:
		if !covers {
			return fmt.Errorf("covers the parts %d to %d of %d", p.From, p.To, len(parts))
		}
	case PartSum:
		if !covers || coversSum(parts, i) {
			return fmt.Errorf("covers the parts %d to %d of %d, or a sum not yet computed", p.From, p.To, len(parts))
		}
		return p.Sum.check()
	case PartColour:
		if one != PartText {
			return errors.New("a colour belongs into show")
		}
	default:
		return fmt.Errorf("kind %q", p.Kind)
	}
	return nil
}

// coversSum tells whether the sum at i covers itself or a sum that is computed after it.
func coversSum(parts []Part, i int) bool {
	for at := max(i, parts[i].From); at < parts[i].To; at++ {
		if parts[at].Kind == PartSum {
			return true
		}
	}
	return false
}

// checkAnswer: an answer has no text, and at most one verdict; without one it is always good.
func (t *Template) checkAnswer() error {
	total, verdicts := 0, 0
	for i, p := range t.Answer {
		if p.Kind == PartVerdict {
			verdicts++
		}
		if err := checkPart(t.Answer, i, PartVerdict); err != nil {
			return fmt.Errorf("answer, part %d: %w", i, err)
		}
		total += p.size()
	}
	if len(t.Answer) > partsMax || total > answerMax || verdicts > 1 {
		return fmt.Errorf("answer has %d parts, %d bytes, %d verdicts", len(t.Answer), total, verdicts)
	}
	return nil
}

func (t *Template) checkEscape() error {
	e := t.Escape
	if e == nil {
		return nil
	}
	if e.From < 0 || e.From >= e.To || e.To > len(t.Frame) || len(e.Table) == 0 || len(e.Table) > spellsMax {
		return fmt.Errorf("escape of the parts %d to %d with %d entries", e.From, e.To, len(e.Table))
	}
	for i, p := range t.Frame {
		if p.size() == bodyUnset && (i < e.From || i >= e.To) {
			return errors.New("escape leaves out the body")
		}
	}
	plain, first := map[byte]bool{}, map[byte]bool{}
	wires := map[string]bool{}
	for _, s := range e.Table {
		if len(s.Plain) != 1 || len(s.Wire) != wireSpell || plain[s.Plain[0]] || wires[string(s.Wire)] {
			return fmt.Errorf("escape %X as %X", []byte(s.Plain), []byte(s.Wire))
		}
		plain[s.Plain[0]], first[s.Wire[0]], wires[string(s.Wire)] = true, true, true
	}
	for b := range first { // or a plain byte could be read as the beginning of another's spelling
		if !plain[b] {
			return fmt.Errorf("%02X begins a spelling and has none itself", b)
		}
	}
	return nil
}

func (t *Template) checkColours() error {
	for _, p := range t.Show {
		if (p.Kind == PartColour || p.Coloured) && len(t.Colours) != coloursLen {
			return fmt.Errorf("%d colours, want red, green and yellow", len(t.Colours))
		}
	}
	return nil
}
