package rater

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Address is a rater's number on its line.
type Address uint8

// Stars is a rating, 1 to 5.
type Stars uint8

// StarsMax is the best rating.
const StarsMax Stars = 5

// Template is a maker's protocol as data. A pattern is words with spaces between them: two hexadecimal digits are that
// byte, "addr" is the rater's address, "stars" the byte of a rating, "??" any byte, "sum8" and "xor8" the sum modulo 256
// and the exclusive or of all bytes before.
//
// Poll, Prompt and Thank are sent: is there a rating, ask the person for one (lamps and voice), a rating was taken. Rating
// and Idle come: a rating, and the answer to any frame where there is none. An empty Poll: the rater speaks unasked. An
// empty Idle: it answers nothing, so that nobody can tell whether it is there. Prompt and Thank may be empty.
type Template struct {
	Name   string         `json:"name"`
	Poll   string         `json:"poll,omitempty"`
	Prompt string         `json:"prompt,omitempty"`
	Thank  string         `json:"thank,omitempty"`
	Rating string         `json:"rating"`
	Idle   string         `json:"idle,omitempty"`
	Stars  map[int]string `json:"stars"` // the byte, two hexadecimal digits, of each rating from 1 to 5
}

// DefaultTemplate is Yitang's own, 9600 baud, for want of any published one:
//
//	55 addr 50 00 sum8   poll
//	55 addr 51 01 sum8   light the five keys, voice 1 ("请您评价"); an earlier rating is forgotten
//	55 addr 52 02 sum8   put the keys out, voice 2 ("谢谢您的评价"); the rating is forgotten
//	AA addr 30 sum8      no rating
//	AA addr 31..35 sum8  one star to five, repeated until 52 comes
func DefaultTemplate() Template {
	return Template{
		Name: "yitang",
		Poll: "55 addr 50 00 sum8", Prompt: "55 addr 51 01 sum8", Thank: "55 addr 52 02 sum8",
		Rating: "AA addr stars sum8", Idle: "AA addr 30 sum8",
		Stars: map[int]string{1: "31", 2: "32", 3: "33", 4: "34", 5: "35"},
	}
}

// patternMax bounds the bytes of a pattern.
const patternMax = 32

type wordKind uint8

const (
	wordByte wordKind = iota
	wordAddress
	wordStars
	wordAny
	wordSum
	wordXor
)

type word struct {
	kind  wordKind
	value byte
}

// Protocol is a template that was checked. It has no state.
type Protocol struct {
	poll, prompt, thank, rating, idle []word
	stars                             [StarsMax + 1]byte
}

// Compile checks t.
func (t Template) Compile() (*Protocol, error) {
	p := &Protocol{}
	for _, f := range []struct {
		name    string
		pattern string
		into    *[]word
		in      bool
	}{
		{"poll", t.Poll, &p.poll, false}, {"prompt", t.Prompt, &p.prompt, false}, {"thank", t.Thank, &p.thank, false},
		{"rating", t.Rating, &p.rating, true}, {"idle", t.Idle, &p.idle, true},
	} {
		words, err := compile(f.pattern, f.in)
		if err != nil {
			return nil, fmt.Errorf("rater: template %q: %s: %w", t.Name, f.name, err)
		}
		*f.into = words
	}
	if count(p.rating, wordStars) != 1 || count(p.idle, wordStars) != 0 {
		return nil, fmt.Errorf("rater: template %q: rating needs one word stars, idle none", t.Name)
	}
	if err := p.compileStars(t.Stars); err != nil {
		return nil, fmt.Errorf("rater: template %q: %w", t.Name, err)
	}
	return p, nil
}

func (p *Protocol) compileStars(stars map[int]string) error {
	known := map[byte]bool{}
	for s := Stars(1); s <= StarsMax; s++ {
		b, err := strconv.ParseUint(stars[int(s)], 16, 8)
		if err != nil || known[byte(b)] {
			return fmt.Errorf("%d stars have no byte of their own: %q", s, stars[int(s)])
		}
		known[byte(b)], p.stars[s] = true, byte(b)
	}
	if len(stars) != int(StarsMax) {
		return fmt.Errorf("%d ratings, want %d", len(stars), StarsMax)
	}
	return nil
}

func compile(pattern string, in bool) ([]word, error) {
	var words []word
	for _, w := range strings.Fields(pattern) {
		parsed, err := parseWord(w)
		if err != nil {
			return nil, err
		}
		if !in && (parsed.kind == wordStars || parsed.kind == wordAny) {
			return nil, fmt.Errorf("%q cannot be sent", w)
		}
		words = append(words, parsed)
	}
	if len(words) > patternMax {
		return nil, fmt.Errorf("%d bytes, want up to %d", len(words), patternMax)
	}
	return words, nil
}

func parseWord(w string) (word, error) {
	switch w {
	case "addr":
		return word{kind: wordAddress}, nil
	case "stars":
		return word{kind: wordStars}, nil
	case "??":
		return word{kind: wordAny}, nil
	case "sum8":
		return word{kind: wordSum}, nil
	case "xor8":
		return word{kind: wordXor}, nil
	}
	b, err := strconv.ParseUint(w, 16, 8)
	if err != nil || len(w) != 2 {
		return word{}, fmt.Errorf("%q is no byte, addr, stars, ??, sum8 or xor8", w)
	}
	return word{kind: wordByte, value: byte(b)}, nil
}

func count(words []word, kind wordKind) (n int) {
	for _, w := range words {
		if w.kind == kind {
			n++
		}
	}
	return n
}

// EncodePoll asks whether there is a rating. It and the next three are nil where the template has nothing.
func (p *Protocol) EncodePoll(a Address) []byte { return build(p.poll, a, 0) }

// EncodePrompt asks for a rating.
func (p *Protocol) EncodePrompt(a Address) []byte { return build(p.prompt, a, 0) }

// EncodeThank takes a rating.
func (p *Protocol) EncodeThank(a Address) []byte { return build(p.thank, a, 0) }

// EncodeIdle is the answer without a rating.
func (p *Protocol) EncodeIdle(a Address) []byte { return build(p.idle, a, 0) }

// ErrStars is what EncodeRating says of a rating outside 1 to 5.
var ErrStars = errors.New("rater: a rating is 1 to 5")

// EncodeRating builds what a rater sends.
func (p *Protocol) EncodeRating(a Address, s Stars) ([]byte, error) {
	if s == 0 || s > StarsMax {
		return nil, ErrStars
	}
	return build(p.rating, a, p.stars[s]), nil
}

func build(words []word, a Address, stars byte) []byte {
	var b []byte
	for _, w := range words {
		b = append(b, w.expect(a, stars, b))
	}
	return b
}

// expect is the byte that stands for w after the bytes before it.
func (w word) expect(a Address, stars byte, before []byte) byte {
	var sum, xor byte
	for _, c := range before {
		sum, xor = sum+c, xor^c
	}
	switch w.kind {
	case wordAddress:
		return byte(a)
	case wordStars:
		return stars
	case wordSum:
		return sum
	case wordXor:
		return xor
	default:
		return w.value
	}
}

// Find looks for the first whole frame of the rater at a: its rating, 0 for idle, and how many bytes to drop with it.
func (p *Protocol) Find(a Address, heard []byte) (s Stars, used int, found bool) {
	for at := range heard {
		for s := Stars(1); s <= StarsMax; s++ {
			if matches(p.rating, a, p.stars[s], heard[at:]) {
				return s, at + len(p.rating), true
			}
		}
		if len(p.idle) > 0 && matches(p.idle, a, 0, heard[at:]) {
			return 0, at + len(p.idle), true
		}
	}
	return 0, 0, false
}

func matches(words []word, a Address, stars byte, b []byte) bool {
	if len(b) < len(words) {
		return false
	}
	for i, w := range words {
		if w.kind != wordAny && b[i] != w.expect(a, stars, b[:i]) {
			return false
		}
	}
	return true
}
