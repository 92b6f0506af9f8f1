package sim

import (
	"bytes"
	"encoding/binary"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// StripKind is whose frames a strip screen understands.
type StripKind string

// The kinds of strips. This is an account of the makers' documents of its own, not that of the driver, so that each
// proves the other.
const (
	StripLihe    StripKind = "lihe"    // 平安力合, A0 … FF; also its instant text, which it does not answer
	StripZhongyi StripKind = "zhongyi" // 重庆中意
	StripQSystem StripKind = "qsystem" // three characters, no answers
)

const (
	liheLongest = 16 // LEN of any frame that is documented
	instantMark = "\xBB\x51\x54"
	instantText = 11 // where the text of instant text begins
)

// StripConfig describes a strip screen.
type StripConfig struct {
	Address byte
	Kind    StripKind
}

// StripView is what a strip shows.
type StripView struct {
	Mode    byte   // lihe: 00 welcome, 01 call, 02 pause, 04 serving; qsystem: how it blinks
	Number  int    // lihe
	Letter  string // lihe
	Window  int    // lihe
	Text    string
	Colours []byte // one for each character of zhongyi, one for all of instant text
	Frames  int    // accepted since it has power
}

// Strip is a strip screen on a segment.
type Strip struct {
	segment *Segment
	cfg     StripConfig
	in      []byte
	view    StripView
}

var _ node = (*Strip)(nil)

// Strip puts a strip screen on the line.
func (s *Segment) Strip(cfg StripConfig) (*Strip, error) {
	t := &Strip{segment: s, cfg: cfg}
	return t, s.add(t)
}

// Shown is what the strip shows now.
func (t *Strip) Shown() StripView {
	t.segment.mu.Lock()
	defer t.segment.mu.Unlock()
	v := t.view
	v.Colours = bytes.Clone(v.Colours)
	return v
}

func (t *Strip) address() byte { return t.cfg.Address }

func (t *Strip) powerOff() { t.in, t.view = nil, StripView{} }

func (t *Strip) checked() int {
	if t.cfg.Kind == StripLihe {
		return 1
	}
	return 0
}

func (t *Strip) hear(b []byte, refuse bool) (answers [][]byte) {
	t.in = append(t.in, b...)
	for len(t.in) > 0 {
		size, whole := t.frame()
		if !whole {
			break
		}
		if size == 0 { // no frame begins here
			t.in = t.in[1:]
			continue
		}
		frame := t.in[:size]
		t.in = t.in[size:]
		if answer := t.obey(frame, refuse); answer != nil {
			answers = append(answers, answer)
		}
	}
	t.in = unfinished(t.in)
	return answers
}

// frame says how long the frame is that t.in begins with, 0 when it begins with none, and whether that is known yet.
func (t *Strip) frame() (size int, whole bool) {
	b := t.in
	switch {
	case t.cfg.Kind == StripQSystem:
		return delimited(b, 0x01, 0x07, 7)
	case t.cfg.Kind == StripZhongyi:
		if b[0] != 0xA0 || len(b) > 1 && b[1] != 0x90 {
			return 0, true
		}
		if len(b) < 6 {
			return 0, false
		}
		size = 7 + int(binary.BigEndian.Uint16(b[4:]))
		if b[3] != 0xA5 || size > frameMost {
			return 0, true
		}
		return size, len(b) >= size
	case b[0] == 0xAA:
		return instantFrame(b)
	case b[0] == 0xA0 && len(b) < 2:
		return 0, false
	case b[0] == 0xA0 && b[1] <= liheLongest:
		return delimited(b, 0xA0, 0xFF, int(b[1])+4)
	default:
		return 0, true
	}
}

func instantFrame(b []byte) (size int, whole bool) {
	if len(b) > instantText {
		end := bytes.IndexByte(b[instantText:], 0xFF)
		if string(b[2:5]) != instantMark {
			return 0, true
		}
		return instantText + end + 1, end >= 0
	}
	return 0, len(b) >= 5 && string(b[2:5]) != instantMark
}

// delimited is a frame of a known size between two marks.
func delimited(b []byte, first, last byte, size int) (int, bool) {
	switch {
	case b[0] != first:
		return 0, true
	case len(b) < size:
		return 0, false
	case b[size-1] != last:
		return 0, true
	default:
		return size, true
	}
}

func (t *Strip) obey(frame []byte, refuse bool) []byte {
	switch {
	case t.cfg.Kind == StripQSystem:
		if frame[1] == t.cfg.Address && !refuse {
			t.show(StripView{Mode: frame[2], Text: string(frame[3:6])})
		}
		return nil
	case t.cfg.Kind == StripZhongyi:
		return t.zhongyi(frame, refuse)
	case frame[0] == 0xAA:
		t.instant(frame)
		return nil
	default:
		return t.lihe(frame, refuse)
	}
}

func (t *Strip) show(v StripView) {
	v.Frames = t.view.Frames + 1
	t.view = v
}

// lihe: A0 LEN CMD ADD SCMD DATA CHK FF, the sum of everything between A0 and CHK modulo 100.
func (t *Strip) lihe(frame []byte, refuse bool) []byte {
	end, total := len(frame)-2, 0
	for _, c := range frame[1:end] {
		total += int(c)
	}
	if end < 5 || byte(total%100) != frame[end] || frame[3] != t.cfg.Address || refuse {
		return nil
	}
	data := frame[5:end]
	switch command := frame[2]; {
	case command == 0x28 && len(data) >= 3 || command == 0x2A && len(data) >= 3:
		t.show(StripView{Mode: frame[4], Number: int(data[0])*100 + int(data[1]), Window: int(data[2]), Letter: string(data[3:])})
	case command == 0x29:
	default:
		return nil
	}
	return []byte{0xA0, 3, 0x14, t.cfg.Address, 0x50, byte((3 + 0x14 + int(t.cfg.Address) + 0x50) % 100), 0xFF}
}

// instant: AA ADD BB 51 54 CRC mode speed stay colour life text FF, the sum from mode to FF modulo 256.
func (t *Strip) instant(frame []byte) {
	if frame[1] != t.cfg.Address {
		return
	}
	var total byte
	for _, c := range frame[6:] {
		total += c
	}
	if total != frame[5] {
		return
	}
	shown, _ := simplifiedchinese.GBK.NewDecoder().Bytes(frame[instantText : len(frame)-1]) // its decoder replaces what is wrong
	t.show(StripView{Mode: frame[6], Text: string(shown), Colours: frame[9:10]})
}

// zhongyi: A0 90 addr A5 length {character, colour}… and the exclusive or from addr on.
func (t *Strip) zhongyi(frame []byte, refuse bool) []byte {
	if frame[2] != t.cfg.Address {
		return nil
	}
	answer := []byte{0xA0, 0x90, t.cfg.Address, 0xA5, 0x55}
	if refuse || sum(frame[2:]) != 0 {
		return answer
	}
	var text, colours []byte
	for data := frame[6 : len(frame)-1]; len(data) > 1; {
		n := 1
		if data[0] > 0x80 && len(data) > 2 {
			n = 2
		}
		text, colours, data = append(text, data[:n]...), append(colours, data[n]), data[n+1:]
	}
	shown, _ := simplifiedchinese.GBK.NewDecoder().Bytes(text)
	t.show(StripView{Text: string(shown), Colours: colours})
	answer[4] = 0xAA
	return answer
}
