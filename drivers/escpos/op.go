// Package escpos speaks to receipt printers in ESC/POS: it lays out and encodes receipts, decodes the same bytes again
// (for the simulator and for previews), reads the printer's status, and prints on a serial line. The kiosk and the
// reports call it. Encoding and decoding are pure; Printer starts no goroutine and owns none.
//
// The bytes are those of HARDWARE.md, C1 to C4: vendor manuals of Epson, Bixolon and Chinese makers, which agree on them.
package escpos

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Control bytes.
const (
	lf  = 0x0A
	dle = 0x10
	eot = 0x04
	enq = 0x05
	dc4 = 0x14
	esc = 0x1B
	fs  = 0x1C
	gs  = 0x1D
)

// Bounds.
const (
	// QRMax is the most bytes a QR code may hold here: version 25 at level M, more than any phone reads off a receipt.
	QRMax = 512
	// BarcodeMax is what fits Code 128's length byte with its "{B" prefix.
	BarcodeMax = 253
	// RasterMax bounds one raster command; Builder keeps to bands of bandRows.
	RasterMax = 1 << 20
)

// Errors of encoding.
var (
	ErrTooLong = errors.New("escpos: too long")
	ErrRange   = errors.New("escpos: out of range")
)

// Op is one printer command. The types below are all there are.
type Op interface {
	// append adds the command's bytes.
	append(dst []byte) ([]byte, error)
}

// Commands of the page.
type (
	// Init resets the printer's settings (ESC @); it does not clear what is already printed.
	Init struct{}
	// Text is printable text without control characters, sent as GB18030.
	Text struct{ S string }
	// NewLine ends a line (LF).
	NewLine struct{}
	// Chinese turns two-byte Chinese mode on or off (FS & and FS .); needed after each Init.
	Chinese struct{ On bool }
	// CodePage chooses the single-byte code page (ESC t).
	CodePage struct{ N byte }
	// International chooses the national variant of ASCII (ESC R).
	International struct{ N byte }
	// Bold (ESC E).
	Bold struct{ On bool }
	// Underline in dots, 0 to 2, of single-byte (ESC -) or of Chinese characters (FS -).
	Underline struct {
		Dots    byte
		Chinese bool
	}
	// Size is how many times wider and higher characters are, 1 to 8 (GS !).
	Size struct{ W, H byte }
	// Mode is the combined print mode (ESC !, or FS ! for Chinese characters).
	Mode struct {
		Bits    byte
		Chinese bool
	}
	// ChineseSpace is the space left and right of Chinese characters, in dots (FS S).
	ChineseSpace struct{ Left, Right byte }
	// Align places the lines that follow (ESC a).
	Align struct{ Where Alignment }
	// Spacing is the line height in dots (ESC 3), 0 for the printer's own (ESC 2).
	Spacing struct{ Dots byte }
	// Feed moves the paper by lines (ESC d).
	Feed struct{ Lines byte }
	// FeedDots moves the paper by dots (ESC J).
	FeedDots struct{ Dots byte }
	// Invert prints white on black (GS B).
	Invert struct{ On bool }
	// Margin is the left margin in dots (GS L).
	Margin struct{ Dots uint16 }
	// Width is the printed width in dots (GS W).
	Width struct{ Dots uint16 }
	// Cut cuts the paper (GS V).
	Cut struct {
		How  CutMode
		Feed byte // of CutFeed and CutFeedFull, in dots
	}
	// Buzz sounds the buzzer of Chinese clones (ESC B), Times times for Length 50 ms steps.
	Buzz struct{ Times, Length byte }
	// Raster prints dots (GS v 0): rows of WidthBytes bytes, the left dot in the high bit, 1 = black.
	Raster struct {
		Scale      byte // 0 as it is, 1 double width, 2 double height, 3 both
		WidthBytes uint16
		Rows       uint16
		Data       []byte
	}
)

// Commands of codes: QR model 2 and Code 128.
type (
	// QRModel chooses model 2.
	QRModel struct{}
	// QRModule is a module's size in dots, 1 to 16.
	QRModule struct{ Dots byte }
	// QRLevel is the error correction: L, M, Q or H.
	QRLevel struct{ Level byte }
	// QRStore keeps the content for QRPrint.
	QRStore struct{ Data string }
	// QRPrint prints what QRStore kept.
	QRPrint struct{}
	// BarHeight is a barcode's height in dots.
	BarHeight struct{ Dots byte }
	// BarModule is a barcode's thinnest bar in dots, 2 to 6.
	BarModule struct{ Dots byte }
	// BarText says where the digits stand: 0 nowhere, 1 above, 2 below, 3 both.
	BarText struct{ Where byte }
	// Code128 prints ASCII in code set B.
	Code128 struct{ Data string }
)

// Commands that ask or tell the printer something.
type (
	// RealTimeStatus asks for status N, 1 to 4, at once (DLE EOT).
	RealTimeStatus struct{ N byte }
	// Recover goes on after an error: 1 retries, 2 clears the buffer (DLE ENQ).
	Recover struct{ N byte }
	// AutoStatus turns automatic status on for the bits of N, or off (GS a).
	AutoStatus struct{ N byte }
	// Ask is answered after everything before it is printed: 1 paper, 2 drawer (GS r).
	Ask struct{ N byte }
	// Identify asks who the printer is: 41 firmware, 42 maker, 43 model, 44 serial, in hex (GS I).
	Identify struct{ N byte }
	// Other is a command this package does not use but knows the length of.
	Other struct{ Bytes []byte }
)

// Alignment of lines.
type Alignment byte

// The alignments.
const (
	Left Alignment = iota
	Centre
	Right
)

// CutMode is the byte after GS V.
type CutMode byte

// The ways to cut.
const (
	CutFull     CutMode = 0x00
	CutPartial  CutMode = 0x01
	CutFeedFull CutMode = 0x41 // feed Cut.Feed dots to the knife, then cut
	CutFeed     CutMode = 0x42 // feed Cut.Feed dots to the knife, then cut partially
)

// Encode returns the bytes of ops.
func Encode(ops ...Op) ([]byte, error) {
	var out []byte
	for i, op := range ops {
		next, err := op.append(out)
		if err != nil {
			return nil, fmt.Errorf("escpos: command %d (%T): %w", i, op, err)
		}
		out = next
	}
	return out, nil
}

func flag(on bool) byte {
	if on {
		return 1
	}
	return 0
}

func inRange(v, least, most byte) error {
	if v < least || v > most {
		return fmt.Errorf("%w: %d, want %d to %d", ErrRange, v, least, most)
	}
	return nil
}

func (Init) append(d []byte) ([]byte, error)    { return append(d, esc, '@'), nil }
func (NewLine) append(d []byte) ([]byte, error) { return append(d, lf), nil }

func (o Chinese) append(d []byte) ([]byte, error) {
	if o.On {
		return append(d, fs, '&'), nil
	}
	return append(d, fs, '.'), nil
}

func (o CodePage) append(d []byte) ([]byte, error)      { return append(d, esc, 't', o.N), nil }
func (o International) append(d []byte) ([]byte, error) { return append(d, esc, 'R', o.N), nil }
func (o Bold) append(d []byte) ([]byte, error)          { return append(d, esc, 'E', flag(o.On)), nil }

func (o Underline) append(d []byte) ([]byte, error) {
	head := byte(esc)
	if o.Chinese {
		head = fs
	}
	return append(d, head, '-', o.Dots), inRange(o.Dots, 0, 2)
}

func (o Size) append(d []byte) ([]byte, error) {
	if err := errors.Join(inRange(o.W, 1, 8), inRange(o.H, 1, 8)); err != nil {
		return nil, err
	}
	return append(d, gs, '!', (o.W-1)<<4|(o.H-1)), nil
}

func (o Mode) append(d []byte) ([]byte, error) {
	head := byte(esc)
	if o.Chinese {
		head = fs
	}
	return append(d, head, '!', o.Bits), nil
}

func (o ChineseSpace) append(d []byte) ([]byte, error) {
	return append(d, fs, 'S', o.Left, o.Right), nil
}

func (o Align) append(d []byte) ([]byte, error) {
	return append(d, esc, 'a', byte(o.Where)), inRange(byte(o.Where), 0, 2)
}

func (o Spacing) append(d []byte) ([]byte, error) {
	if o.Dots == 0 {
		return append(d, esc, '2'), nil
	}
	return append(d, esc, '3', o.Dots), nil
}

func (o Feed) append(d []byte) ([]byte, error)     { return append(d, esc, 'd', o.Lines), nil }
func (o FeedDots) append(d []byte) ([]byte, error) { return append(d, esc, 'J', o.Dots), nil }
func (o Invert) append(d []byte) ([]byte, error)   { return append(d, gs, 'B', flag(o.On)), nil }

func (o Margin) append(d []byte) ([]byte, error) {
	return binary.LittleEndian.AppendUint16(append(d, gs, 'L'), o.Dots), nil
}

func (o Width) append(d []byte) ([]byte, error) {
	return binary.LittleEndian.AppendUint16(append(d, gs, 'W'), o.Dots), nil
}

func (o Cut) append(d []byte) ([]byte, error) {
	switch o.How {
	case CutFull, CutPartial:
		return append(d, gs, 'V', byte(o.How)), nil
	case CutFeed, CutFeedFull:
		return append(d, gs, 'V', byte(o.How), o.Feed), nil
	}
	return nil, fmt.Errorf("%w: cut %#x", ErrRange, byte(o.How))
}

func (o Buzz) append(d []byte) ([]byte, error) {
	return append(d, esc, 'B', o.Times, o.Length), errors.Join(inRange(o.Times, 1, 9), inRange(o.Length, 1, 9))
}

func (o Raster) append(d []byte) ([]byte, error) {
	size := int(o.WidthBytes) * int(o.Rows)
	if size != len(o.Data) || size > RasterMax || o.Scale > 3 {
		return nil, fmt.Errorf("%w: a raster of %dx%d with %d bytes", ErrRange, o.WidthBytes, o.Rows, len(o.Data))
	}
	d = append(d, gs, 'v', '0', o.Scale)
	d = binary.LittleEndian.AppendUint16(d, o.WidthBytes)
	d = binary.LittleEndian.AppendUint16(d, o.Rows)
	return append(d, o.Data...), nil
}

// qr is the frame of the QR commands: GS ( k, the length of what follows, '1' for QR.
func qr(d []byte, body ...byte) []byte {
	d = append(d, gs, '(', 'k')
	d = binary.LittleEndian.AppendUint16(d, uint16(len(body)+1)) // #nosec G115 -- encode has bounded the data
	return append(append(d, '1'), body...)
}

func (QRModel) append(d []byte) ([]byte, error) { return qr(d, 'A', '2', 0), nil }
func (QRPrint) append(d []byte) ([]byte, error) { return qr(d, 'Q', '0'), nil }

func (o QRModule) append(d []byte) ([]byte, error) {
	return qr(d, 'C', o.Dots), inRange(o.Dots, 1, 16)
}

func (o QRLevel) append(d []byte) ([]byte, error) {
	for i, level := range []byte("LMQH") {
		if level == o.Level {
			return qr(d, 'E', '0'+byte(i)), nil
		}
	}
	return nil, fmt.Errorf("%w: QR level %q", ErrRange, o.Level)
}

func (o QRStore) append(d []byte) ([]byte, error) {
	if len(o.Data) == 0 || len(o.Data) > QRMax {
		return nil, fmt.Errorf("%w: a QR code of %d bytes, at most %d", ErrTooLong, len(o.Data), QRMax)
	}
	return qr(d, append([]byte("P0"), o.Data...)...), nil
}

func (o BarHeight) append(d []byte) ([]byte, error) {
	return append(d, gs, 'h', o.Dots), inRange(o.Dots, 1, 255)
}

func (o BarModule) append(d []byte) ([]byte, error) {
	return append(d, gs, 'w', o.Dots), inRange(o.Dots, 2, 6)
}

func (o BarText) append(d []byte) ([]byte, error) {
	return append(d, gs, 'H', o.Where), inRange(o.Where, 0, 3)
}

// code128 is barcode system 73, in the form with a length byte.
const code128 = 0x49

func (o Code128) append(d []byte) ([]byte, error) {
	if len(o.Data) == 0 || len(o.Data) > BarcodeMax {
		return nil, fmt.Errorf("%w: a barcode of %d bytes", ErrTooLong, len(o.Data))
	}
	for _, c := range []byte(o.Data) {
		if c < ' ' || c > '~' || c == '{' { // '{' begins a code-set command
			return nil, fmt.Errorf("%w: %q in a barcode", ErrRange, c)
		}
	}
	d = append(d, gs, 'k', code128, byte(len(o.Data)+2), '{', 'B') // #nosec G115 -- encode has bounded the data
	return append(d, o.Data...), nil
}

func (o RealTimeStatus) append(d []byte) ([]byte, error) {
	return append(d, dle, eot, o.N), inRange(o.N, 1, 4)
}

func (o Recover) append(d []byte) ([]byte, error) {
	return append(d, dle, enq, o.N), inRange(o.N, 1, 2)
}
func (o AutoStatus) append(d []byte) ([]byte, error) { return append(d, gs, 'a', o.N), nil }
func (o Ask) append(d []byte) ([]byte, error)        { return append(d, gs, 'r', o.N), inRange(o.N, 1, 2) }
func (o Identify) append(d []byte) ([]byte, error)   { return append(d, gs, 'I', o.N), nil }
func (o Other) append(d []byte) ([]byte, error)      { return append(d, o.Bytes...), nil }
