package led

import (
	"bytes"
	"encoding/binary"
)

// Templated is the protocol that a template describes.
type Templated struct {
	t     Template
	words Words
}

// NewTemplated checks t and takes the words for messages without a text of their own.
func NewTemplated(t Template, w Words) (*Templated, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	return &Templated{t: t, words: w}, nil
}

// Show encodes the words for m.
func (p *Templated) Show(a Address, m Message) ([]byte, error) {
	return p.Encode(a, p.words.render(m)...)
}

// Encode builds the frame that shows the runs. A template with one colour for all takes the first one's.
func (p *Templated) Encode(a Address, runs ...Run) ([]byte, error) {
	plain, coloured, first := []byte(nil), []byte(nil), byte(0)
	for i, r := range runs {
		if r.Colour >= colours {
			return nil, cannot("colour %d", r.Colour)
		}
		chars, err := p.t.Charset.encode(r.Text)
		if err != nil {
			return nil, err
		}
		colour := p.colour(r.Colour)
		if i == 0 {
			first = colour
		}
		for _, c := range chars {
			plain, coloured = append(plain, c...), append(append(coloured, c...), colour)
		}
	}
	body, err := layOut(p.t.Show, a, func(part Part) []byte {
		switch {
		case part.Kind == PartColour:
			return []byte{first}
		case part.Coloured:
			return coloured
		default:
			return plain
		}
	})
	if err != nil {
		return nil, err
	}
	return p.frame(a, body)
}

// colour is the byte of a colour, 0 for a template without any.
func (p *Templated) colour(c Colour) byte {
	if len(p.t.Colours) == 0 {
		return 0
	}
	return p.t.Colours[c]
}

// Ask is the frame around the template's question, nil when there is none.
func (p *Templated) Ask(a Address) []byte {
	if len(p.t.Question) == 0 {
		return nil
	}
	frame, err := p.frame(a, p.t.Question)
	if err != nil {
		return nil // longer than a frame may be
	}
	return frame
}

// Answers tells whether the template has an answer.
func (p *Templated) Answers() bool { return len(p.t.Answer) > 0 }

// Ack finds the template's answer.
func (p *Templated) Ack(a Address, heard []byte) Ack {
	size := 0
	for _, part := range p.t.Answer {
		size += part.size()
	}
	for ; size > 0 && len(heard) >= size; heard = heard[1:] {
		if ack := p.ack(a, heard[:size]); ack != NoAck {
			return ack
		}
	}
	return NoAck
}

func (p *Templated) ack(a Address, frame []byte) Ack {
	w, err := walk(p.t.Answer, frame)
	if err != nil || w.addressed && w.address != a {
		return NoAck
	}
	return w.verdict
}

// Decode is the counterpart of Encode, for tests and for looking at a line. Without colours every run is Red.
func (p *Templated) Decode(frame []byte) (Address, []Run, error) {
	if len(frame) > FrameMax {
		return 0, nil, broken("%d bytes", len(frame))
	}
	raw, err := p.unescape(frame)
	if err != nil {
		return 0, nil, err
	}
	outer, err := walk(p.t.Frame, raw)
	if err != nil {
		return 0, nil, err
	}
	inner, err := walk(p.t.Show, outer.body)
	if err != nil {
		return 0, nil, err
	}
	runs, err := p.runs(inner)
	return outer.address, runs, err
}

func (p *Templated) runs(w walked) ([]Run, error) {
	tail := 0
	if w.coloured {
		tail = 1
	}
	chars, tails, err := p.t.Charset.decode(w.body, tail)
	if err != nil {
		return nil, err
	}
	runs := make([]Run, 0, len(chars))
	for i, char := range chars {
		colour := 0
		switch {
		case w.coloured:
			colour = bytes.IndexByte(p.t.Colours, tails[i])
		case len(w.colours) > 0:
			colour = bytes.IndexByte(p.t.Colours, w.colours[0])
		}
		if colour < 0 {
			return nil, broken("a colour of % X % X", tails, w.colours)
		}
		runs = append(runs, Run{char, Colour(colour)})
	}
	return merge(runs), nil
}

// frame puts a body into the template's frame.
func (p *Templated) frame(a Address, body []byte) ([]byte, error) {
	frame, err := layOut(p.t.Frame, a, func(Part) []byte { return body })
	if err != nil {
		return nil, err
	}
	frame = p.escape(frame)
	if len(frame) > FrameMax {
		return nil, cannot("%d bytes are too long for a frame", len(frame))
	}
	return frame, nil
}

// layOut puts parts one after the other: first those that stand for themselves, then lengths, then sums, in order.
func layOut(parts []Part, a Address, fill func(Part) []byte) ([]byte, error) {
	var frame []byte
	at := make([]int, 0, len(parts)+1)
	for _, p := range parts {
		at = append(at, len(frame))
		switch p.Kind {
		case PartBytes:
			frame = append(frame, p.Bytes...)
		case PartAddress:
			frame = append(frame, p.number(int(a))...)
		case PartLength, PartSum:
			frame = append(frame, make([]byte, p.size())...)
		default:
			frame = append(frame, fill(p)...)
		}
	}
	at = append(at, len(frame))
	for i, p := range parts {
		if p.Kind != PartLength {
			continue
		}
		n := at[p.To] - at[p.From] + p.Add
		if n < 0 || n >= 1<<(8*p.size()) {
			return nil, cannot("a length of %d does not fit", n)
		}
		copy(frame[at[i]:], p.number(n))
	}
	for i, p := range parts {
		if p.Kind == PartSum {
			copy(frame[at[i]:], p.Sum.of(frame[at[p.From]:at[p.To]]))
		}
	}
	return frame, nil
}

// number writes n in the part's size and order.
func (p Part) number(n int) []byte {
	if p.size() == 1 {
		return []byte{byte(n)} // #nosec G115 -- layOut and take have held it against its size
	}
	if p.Little {
		return binary.LittleEndian.AppendUint16(nil, uint16(n)) // #nosec G115 -- layOut and take have held it against its size
	}
	return binary.BigEndian.AppendUint16(nil, uint16(n)) // #nosec G115 -- layOut and take have held it against its size
}

func (p Part) value(b []byte) int {
	if len(b) == 1 {
		return int(b[0])
	}
	if p.Little {
		return int(binary.LittleEndian.Uint16(b))
	}
	return int(binary.BigEndian.Uint16(b))
}

// walked is what a walk over parts found.
type walked struct {
	address   Address
	addressed bool
	body      []byte // of the part of varying size
	coloured  bool
	colours   []byte
	verdict   Ack
}

// walk reads bytes by parts and holds them to their constants, lengths and sums.
func walk(parts []Part, b []byte) (walked, error) {
	w := walked{verdict: Good}
	at, err := split(parts, len(b))
	if err != nil {
		return w, err
	}
	for i, p := range parts {
		if err := w.take(p, b, at, b[at[i]:at[i+1]]); err != nil {
			return w, err
		}
	}
	return w, nil
}

// split finds where the parts of n bytes begin; the one of varying size gets what the others leave.
func split(parts []Part, n int) ([]int, error) {
	rest, varying := n, false
	for _, p := range parts {
		if size := p.size(); size == bodyUnset {
			varying = true
		} else {
			rest -= size
		}
	}
	if rest < 0 || rest > 0 && !varying {
		return nil, broken("%d bytes", n)
	}
	at := []int{0}
	for i, p := range parts {
		size := p.size()
		if size == bodyUnset {
			size = rest
		}
		at = append(at, at[i]+size)
	}
	return at, nil
}

func (w *walked) take(p Part, b []byte, at []int, here []byte) error {
	good := true
	switch p.Kind {
	case PartBytes:
		good = bytes.Equal(here, p.Bytes)
	case PartAddress:
		n := p.value(here)
		good = n <= int(^Address(0)) && (!w.addressed || Address(n) == w.address) // #nosec G115 -- layOut and take have held it against its size
		w.address, w.addressed = Address(n), true                                 // #nosec G115 -- layOut and take have held it against its size
	case PartLength:
		good = p.value(here) == at[p.To]-at[p.From]+p.Add
	case PartSum:
		good = bytes.Equal(here, p.Sum.of(b[at[p.From]:at[p.To]]))
	case PartColour:
		w.colours = append(w.colours, here...)
	case PartVerdict:
		good = w.judge(p, here)
	default:
		w.body, w.coloured = here, p.Coloured
	}
	if !good {
		return broken("% X as %s", here, p.Kind)
	}
	return nil
}

func (w *walked) judge(p Part, here []byte) bool {
	if bytes.Equal(here, p.Good) {
		return true
	}
	w.verdict = Refused
	return len(p.Bad) > 0 && bytes.Equal(here, p.Bad)
}
