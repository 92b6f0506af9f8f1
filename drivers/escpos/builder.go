package escpos

import (
	"fmt"
	"strings"
)

// Style is how a line looks; the zero value is plain text on the left.
type Style struct {
	Align  Alignment
	W, H   byte // times the normal size, 1 when 0
	Bold   bool
	Invert bool
}

func (s Style) scale() Size { return Size{W: max(s.W, 1), H: max(s.H, 1)} }

// Drawer draws texts that a printer's ROM cannot set. Draw breaks text into lines where it must and returns a picture at
// most width dots wide.
type Drawer interface {
	Draw(text string, style Style, width int) (Picture, error)
}

// Picture is a black-and-white image, a row a slice of bytes, the left dot in the high bit, 1 = black.
type Picture struct {
	WidthBytes int
	Rows       [][]byte
	Align      Alignment
}

const (
	// bandBytes bounds the data of one raster command: a printer that takes a byte inside for a real-time command, or a
	// line that breaks, spoils no more than that. It is 24 rows of the widest head.
	bandBytes = 80 * 24
	// lineMax bounds a line of text, jobMax a job.
	lineMax = 1000
	jobMax  = 5000 // commands
)

// Builder lays out one receipt for a profile. Its first error is kept and told by Bytes.
type Builder struct {
	profile  Profile
	drawer   Drawer // nil: lines the ROM cannot set are printed with '?'
	ops      []Op
	style    Style
	warnings []string
	err      error
}

// NewBuilder begins a receipt; drawer may be nil.
func NewBuilder(p Profile, drawer Drawer) *Builder {
	return &Builder{profile: p, drawer: drawer, ops: []Op{Init{}, Chinese{On: true}}}
}

// Columns is how many columns a line of that style has.
func (b *Builder) Columns(s Style) int { return b.profile.Columns / int(s.scale().W) }

// Warnings tells what could not be printed as it was meant.
func (b *Builder) Warnings() []string { return b.warnings }

// Ops are the commands so far.
func (b *Builder) Ops() []Op { return b.ops }

// Bytes is the job for Printer.Print.
func (b *Builder) Bytes() ([]byte, error) {
	if b.err != nil {
		return nil, b.err
	}
	return Encode(b.ops...)
}

func (b *Builder) add(ops ...Op) {
	if len(b.ops)+len(ops) > jobMax {
		b.fail(fmt.Errorf("%w: a receipt of more than %d commands", ErrTooLong, jobMax))
		return
	}
	b.ops = append(b.ops, ops...)
}

func (b *Builder) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

// Line prints text, wrapped to the paper.
func (b *Builder) Line(text string, s Style) {
	if len(text) > lineMax {
		b.fail(fmt.Errorf("%w: a line of %d bytes", ErrTooLong, len(text)))
		return
	}
	plain, missing := Plain(text)
	if missing && b.draw(text, s) {
		return
	}
	for _, line := range Wrap(plain, b.Columns(s)) {
		b.one(line, s)
	}
}

// Row prints left and right at the ends of a line, on two lines when they do not fit.
func (b *Builder) Row(left, right string, s Style) {
	if _, missing := Plain(left + right); missing { // a picture has no columns
		b.Line(left+": "+isolated(left, right), s)
		return
	}
	left, _ = Plain(left)
	right, _ = Plain(right)
	columns := b.Columns(s)
	s.Align = Left
	if Columns(left)+1+Columns(right) <= columns {
		b.one(Between(left, right, columns), s)
		return
	}
	b.Line(left, s)
	s.Align = Right
	b.Line(right, s)
}

// isolated keeps a date or a range behind a text that runs from right to left in its own order: after an Arabic letter
// the bidirectional algorithm (UAX 9, W2) would turn 2026-03-02 around.
func isolated(before, s string) string {
	const leftToRightMark = "\u200E"
	if !rightToLeft(before) || rightToLeft(s) {
		return s
	}
	return leftToRightMark + s + leftToRightMark
}

// Rule prints a line across the paper.
func (b *Builder) Rule() { b.one(strings.Repeat("-", b.profile.Columns), Style{}) }

// one prints a line that fits and that the ROM can set.
func (b *Builder) one(line string, s Style) {
	b.set(s)
	if line != "" {
		b.add(Text{S: line})
	}
	b.add(NewLine{})
}

// draw prints a text as a picture; false when it must be text after all.
func (b *Builder) draw(text string, s Style) bool {
	if b.drawer == nil || !b.profile.Raster {
		b.warnings = append(b.warnings, fmt.Sprintf("%q cannot be printed: no font to draw it with", text))
		return false
	}
	p, err := b.drawer.Draw(text, s, b.profile.Dots)
	if err != nil {
		b.warnings = append(b.warnings, fmt.Sprintf("%q cannot be printed: %v", text, err))
		return false
	}
	b.Picture(p)
	return true
}

// set emits what changes between the style before and s.
func (b *Builder) set(s Style) {
	if s.Align != b.style.Align {
		b.add(Align{Where: s.Align})
	}
	if s.scale() != b.style.scale() {
		b.add(s.scale())
	}
	if s.Bold != b.style.Bold {
		b.add(Bold{On: s.Bold})
	}
	if s.Invert != b.style.Invert {
		b.add(Invert{On: s.Invert})
	}
	b.style = s
}

// Picture prints p in bands of at most bandBytes.
func (b *Builder) Picture(p Picture) {
	if p.WidthBytes <= 0 || p.WidthBytes*8 > b.profile.Dots {
		b.fail(fmt.Errorf("%w: a picture of %d dots on %d", ErrRange, p.WidthBytes*8, b.profile.Dots))
		return
	}
	b.set(Style{Align: p.Align})
	perBand := max(bandBytes/p.WidthBytes, 1)
	for from := 0; from < len(p.Rows); from += perBand {
		rows := p.Rows[from:min(from+perBand, len(p.Rows))]
		var data []byte
		for _, row := range rows {
			data = append(data, row...)
		}
		b.add(Raster{WidthBytes: uint16(p.WidthBytes), Rows: uint16(len(rows)), Data: defuse(data)}) // #nosec G115 -- a picture is as wide as the paper, a band has bandBytes
	}
}

// defuse adds a dot where picture data would read as a real-time command (DLE EOT, ENQ or DC4), which the printer would
// carry out.
func defuse(data []byte) []byte {
	for i := 1; i < len(data); i++ {
		if data[i-1] == dle && (data[i] == eot || data[i] == enq || data[i] == dc4) {
			data[i-1] |= 0x08
		}
	}
	return data
}

// QR prints a QR code, model 2, level M.
func (b *Builder) QR(data string, s Style) {
	b.set(Style{Align: s.Align})
	b.add(QRModel{}, QRModule{Dots: b.profile.QRDots}, QRLevel{Level: 'M'}, QRStore{Data: data}, QRPrint{}, NewLine{})
}

// The barcode's look: 80 dots (10 mm) high, bars of 2 dots, its text below.
const (
	barHeight = 80
	barModule = 2
	barBelow  = 2
)

// Barcode prints ASCII as Code 128.
func (b *Builder) Barcode(data string, s Style) {
	b.set(Style{Align: s.Align})
	b.add(BarHeight{Dots: barHeight}, BarModule{Dots: barModule}, BarText{Where: barBelow}, Code128{Data: data}, NewLine{})
}

// Feed moves the paper by lines.
func (b *Builder) Feed(lines byte) { b.add(Feed{Lines: lines}) }

// feedToTear brings the last line of a printer without cutter above the tear bar.
const feedToTear = 4

// Cut ends the receipt: cut, or fed to the tear bar.
func (b *Builder) Cut() {
	b.set(Style{})
	if b.profile.Cutter {
		b.add(Cut{How: CutFeed, Feed: b.profile.CutDots})
		return
	}
	b.add(Feed{Lines: feedToTear})
}

// Buzz calls for attention where the printer has a buzzer.
func (b *Builder) Buzz(times byte) {
	if b.profile.Buzzer {
		b.add(Buzz{Times: times, Length: 2})
	}
}

// rightToLeft reports whether s is written in the Arabic script (Uyghur, Kazakh): its first letter decides.
func rightToLeft(s string) bool {
	for _, r := range s {
		switch {
		case r >= 0x0590 && r <= 0x08FF, r >= 0xFB1D && r <= 0xFDFF, r >= 0xFE70 && r <= 0xFEFC:
			return true
		case r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z', r >= 0x2E80:
			return false
		}
	}
	return false
}
