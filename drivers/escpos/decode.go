package escpos

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// Errors of decoding.
var (
	ErrUnknown    = errors.New("escpos: unknown command")
	ErrIncomplete = errors.New("escpos: the last command is incomplete")
)

// textMax is how much text is kept back while waiting for its end.
const textMax = 4096

// Decoder turns a stream of printer bytes into commands, however it is cut into pieces. It keeps at most one incomplete
// command. The zero value is a printer just switched on.
type Decoder struct {
	buf     []byte
	chinese bool
	unknown int
}

// Decode reads a complete job. On an error the commands before it are returned too.
func Decode(b []byte) ([]Op, error) {
	d := Decoder{buf: b}
	var ops []Op
	for len(d.buf) > 0 {
		op, n, err := d.next(true)
		if err != nil {
			return ops, fmt.Errorf("%w: % x at byte %d", err, d.buf[:min(len(d.buf), 4)], len(b)-len(d.buf))
		}
		if n == 0 {
			return ops, fmt.Errorf("%w: % x", ErrIncomplete, d.buf[:min(len(d.buf), 8)])
		}
		d.buf = d.buf[n:]
		ops = append(ops, op)
	}
	return ops, nil
}

// Feed takes more bytes and returns the commands now complete. Text counts as complete at the next command. An unknown
// command is skipped as two bytes, as printers do, and counted.
func (d *Decoder) Feed(b []byte) []Op {
	d.buf = append(d.buf, b...)
	var ops []Op
	for len(d.buf) > 0 {
		op, n, err := d.next(false)
		if err != nil {
			d.unknown++
			n = min(2, len(d.buf))
			op = Other{Bytes: d.buf[:n:n]}
		}
		if n == 0 {
			break
		}
		d.buf = d.buf[n:]
		ops = append(ops, op)
	}
	if len(ops) > 0 {
		d.buf = append([]byte(nil), d.buf...) // the commands keep the old array
	}
	return ops
}

// Unknown is how many commands were skipped.
func (d *Decoder) Unknown() int { return d.unknown }

// InsideData reports whether the next byte belongs to a command begun before.
func (d *Decoder) InsideData() bool { return len(d.buf) > 0 && d.buf[0] < ' ' }

// next reads one command from the buffer; n = 0 when more bytes are needed.
func (d *Decoder) next(last bool) (op Op, n int, err error) {
	if d.buf[0] < ' ' {
		op, n, err = parseOp(d.buf)
		switch o := op.(type) {
		case Init:
			d.chinese = false
		case Chinese:
			d.chinese = o.On
		}
		return op, n, err
	}
	for n < len(d.buf) && n < textMax && d.buf[n] >= ' ' {
		n++
	}
	if n == len(d.buf) && n < textMax && !last {
		return nil, 0, nil
	}
	if n == textMax {
		n = d.characters(n)
	}
	return Text{S: d.text(d.buf[:n])}, n, nil
}

// characters is how many of the first n bytes, which are text, belong to whole characters.
func (d *Decoder) characters(n int) int {
	at := 0
	for at < n {
		size := 1
		if d.chinese && d.buf[at] > 0x80 {
			size = 2
			if at+1 < n && d.buf[at+1] >= '0' && d.buf[at+1] <= '9' { // GB18030's long form
				size = 4
			}
		}
		if at+size > n {
			break
		}
		at += size
	}
	return at
}

func (d *Decoder) text(b []byte) string {
	if d.chinese {
		if s, err := simplifiedchinese.GB18030.NewDecoder().Bytes(b); err == nil {
			return string(s)
		}
	}
	var s strings.Builder
	for _, c := range b {
		if c < utf8.RuneSelf {
			s.WriteByte(c)
		} else {
			s.WriteRune(utf8.RuneError) // some code page's
		}
	}
	return s.String()
}

func parseOp(b []byte) (Op, int, error) {
	switch b[0] {
	case lf:
		return NewLine{}, 1, nil
	case dle, esc, fs, gs:
	default:
		return Other{Bytes: b[:1:1]}, 1, nil // CR, HT, NUL …
	}
	if len(b) < 2 {
		return nil, 0, nil
	}
	n, err := commandLength(b)
	if err != nil || n == 0 || len(b) < n {
		return nil, 0, err
	}
	op := build(b[0], b[1], b[2:n])
	if op == nil {
		op = Other{Bytes: b[:n:n]}
	}
	return op, n, nil
}

// commandLength is how many bytes the command at the start of b takes, 0 when that is not known yet.
func commandLength(b []byte) (int, error) {
	if n, ok := fixedLength(b[0], b[1]); ok {
		return 2 + n, nil
	}
	switch {
	case b[1] == '(' && b[0] != dle:
		return prefixed(b, 3, 5, 1), nil // ESC ( x, FS ( x, GS ( x: length in two bytes
	case b[0] == dle:
		return realTimeLength(b)
	case b[0] == esc && b[1] == '*':
		return bitImageLength(b), nil
	case b[0] == gs && b[1] == 'V':
		return cutLength(b)
	case b[0] == gs && b[1] == 'k':
		return barcodeLength(b), nil
	case b[0] == gs && b[1] == 'v':
		return rasterLength(b)
	case b[0] == gs && b[1] == '8':
		return graphicsLength(b)
	}
	return 0, ErrUnknown
}

// fixedLength is the number of bytes after the two of the command's name, for those where it is always the same.
func fixedLength(head, name byte) (int, bool) {
	lengths := [...]struct {
		head  byte
		names string
		n     int
	}{
		{esc, "@2SLim", 0}, {esc, "tRE-!a3dJMGV{ ruTe=K", 1}, {esc, "B$\\c", 2}, {esc, "p", 3}, {esc, "W", 8},
		{fs, "&.", 0}, {fs, "!-WC", 1}, {fs, "Sp", 2},
		{gs, ":", 0}, {gs, "!BhwHarIf/bTj", 1}, {gs, "LWP$\\", 2}, {gs, "^", 3},
	}
	for _, l := range lengths {
		if l.head == head && strings.IndexByte(l.names, name) >= 0 {
			return l.n, true
		}
	}
	return 0, false
}

// prefixed is the length of a command whose two bytes at low count units of unit bytes after data.
func prefixed(b []byte, low, data, unit int) int {
	if len(b) < low+2 {
		return 0
	}
	return data + (int(b[low])|int(b[low+1])<<8)*unit
}

func realTimeLength(b []byte) (int, error) {
	switch b[1] {
	case eot, enq:
		return 3, nil
	case dc4:
		if len(b) < 3 {
			return 0, nil
		}
		if b[2] == 8 { // clear buffers: seven fixed bytes follow
			return 10, nil
		}
		return 5, nil // 10 14 01 m t: drawer; 10 14 02 a b: power off
	}
	return 0, ErrUnknown
}

// bitImageLength: ESC * m nL nH, one byte a column for m = 0, 1 and three for 32, 33.
func bitImageLength(b []byte) int {
	if len(b) < 3 {
		return 0
	}
	if b[2] >= 32 {
		return prefixed(b, 3, 5, 3)
	}
	return prefixed(b, 3, 5, 1)
}

func cutLength(b []byte) (int, error) {
	if len(b) < 3 {
		return 0, nil
	}
	switch b[2] {
	case 0, 1, '0', '1':
		return 3, nil
	case byte(CutFeed), byte(CutFeedFull):
		return 4, nil
	}
	return 0, ErrUnknown
}

// barcodeLength: GS k m data NUL for m <= 6, GS k m n data for the others.
func barcodeLength(b []byte) int {
	if len(b) < 4 {
		return 0
	}
	if b[2] > 6 {
		return 4 + int(b[3])
	}
	for i, c := range b[3:] {
		if c == 0 || i > BarcodeMax {
			return 3 + i + 1
		}
	}
	return 0
}

func rasterLength(b []byte) (int, error) {
	if len(b) < 8 {
		return 0, nil
	}
	size := (int(b[4]) | int(b[5])<<8) * (int(b[6]) | int(b[7])<<8)
	if b[2] != '0' || size > RasterMax {
		return 0, ErrUnknown
	}
	return 8 + size, nil
}

// graphicsLength: GS 8 L with a length of four bytes, how Epson's newer printers and receiptline send pictures.
func graphicsLength(b []byte) (int, error) {
	if len(b) < 7 {
		return 0, nil
	}
	size := int(b[3]) | int(b[4])<<8 | int(b[5])<<16 | int(b[6])<<24
	if b[2] != 'L' || size > RasterMax {
		return 0, ErrUnknown
	}
	return 7 + size, nil
}
