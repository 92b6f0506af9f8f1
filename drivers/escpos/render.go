package escpos

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"os"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/skip2/go-qrcode"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// The look of a preview, in dots of a 203 dpi head.
const (
	cellHeight  = 24 // of font A and of a Chinese character
	lineGap     = 6
	paperMargin = 16 // above and below
	pageMax     = 20000
	glyphInk    = 80 // the level from which a dot is black
	barsWidth   = 11 // modules of a Code 128 character
)

// Renderer draws receipts as pictures for previews and tests. It is not safe for several goroutines.
type Renderer struct {
	file *os.File
	face font.Face // nil: characters are boxes
}

// NewRenderer uses the best CJK font of the system; without one, characters are boxes. Close it.
func NewRenderer() *Renderer {
	file := firstFont(cjkFonts())
	if file == nil {
		return &Renderer{}
	}
	face, err := openFace(file)
	if err != nil {
		_ = file.Close()
		return &Renderer{}
	}
	return &Renderer{file: file, face: face}
}

func openFace(file io.ReaderAt) (font.Face, error) {
	collection, err := opentype.ParseCollectionReaderAt(file)
	if err != nil {
		return nil, err
	}
	var f *sfnt.Font
	if f, err = collection.Font(0); err != nil {
		return nil, err
	}
	const dpi = 72 // so that points are dots
	return opentype.NewFace(f, &opentype.FaceOptions{Size: cellHeight - 3, DPI: dpi, Hinting: font.HintingFull})
}

// Close gives the font back.
func (r *Renderer) Close() error {
	if r.file == nil {
		return nil
	}
	return errors.Join(r.face.Close(), r.file.Close())
}

// Render draws d as the printer of that profile would print it, one pixel a dot.
func (r *Renderer) Render(d Document, p Profile) (*image.Gray, error) {
	page := page{
		face: r.face, width: p.Dots, cell: p.Dots / max(p.Columns, 1), y: paperMargin,
		size: Size{W: 1, H: 1}, module: int(p.QRDots), barHeight: barHeight, barModule: barModule,
	}
	for _, op := range d.Ops {
		if err := page.draw(op); err != nil {
			return nil, fmt.Errorf("escpos: render %T: %w", op, err)
		}
	}
	page.newLine()
	return page.image(), nil
}

// page is the paper and the printer's settings while it is drawn.
type page struct {
	face  font.Face
	width int
	cell  int // width of a column

	rows [][]byte // 0 = white, 1 = black
	y    int
	line [][]byte // the line being set, as rows

	size         Size
	align        Alignment
	bold, invert bool
	gap          int
	module       int
	level        byte
	qr           string
	barHeight    int
	barModule    int
}

func (p *page) draw(op Op) error {
	switch o := op.(type) {
	case Init:
		p.size, p.align, p.bold, p.invert, p.gap = Size{W: 1, H: 1}, Left, false, false, 0
	case Text:
		p.text(o.S)
	case NewLine:
		p.newLine()
	case Size:
		p.size = o
	case Mode:
		p.mode(o)
	case Bold:
		p.bold = o.On
	case Invert:
		p.invert = o.On
	case Align:
		p.align = o.Where
	case Spacing:
		p.gap = int(o.Dots)
	case Feed:
		p.newLine()
		p.y += int(o.Lines) * (cellHeight + lineGap)
	case FeedDots:
		p.newLine()
		p.y += int(o.Dots)
	case Cut:
		p.newLine()
		p.y += int(o.Feed)
		p.dashes()
	default:
		return p.drawCode(op)
	}
	return nil
}

func (p *page) drawCode(op Op) error {
	switch o := op.(type) {
	case Raster:
		p.raster(o)
	case QRModule:
		p.module = int(o.Dots)
	case QRLevel:
		p.level = o.Level
	case QRStore:
		p.qr = o.Data
	case QRPrint:
		return p.printQR()
	case BarHeight:
		p.barHeight = int(o.Dots)
	case BarModule:
		p.barModule = int(o.Dots)
	case Code128:
		return p.barcode(o.Data)
	}
	return nil
}

// mode is ESC !: bit 3 bold, 4 double height, 5 double width; FS !: bit 2 double width, 3 double height.
func (p *page) mode(o Mode) {
	wide, high := byte(0x20), byte(0x10)
	if o.Chinese {
		wide, high = 0x04, 0x08
	} else {
		p.bold = o.Bits&0x08 != 0
	}
	p.size = Size{W: 1, H: 1}
	if o.Bits&wide != 0 {
		p.size.W = 2
	}
	if o.Bits&high != 0 {
		p.size.H = 2
	}
}

// text adds characters to the line, breaking it where the printer would.
func (p *page) text(s string) {
	for _, r := range s {
		glyph := p.glyph(r)
		if p.lineWidth()+len(glyph[0]) > p.width {
			p.newLine()
		}
		p.append(glyph)
	}
}

func (p *page) lineWidth() int {
	if len(p.line) == 0 {
		return 0
	}
	return len(p.line[0])
}

// append puts glyph at the end of the line, both standing on its bottom.
func (p *page) append(glyph [][]byte) {
	width := p.lineWidth()
	for len(p.line) < len(glyph) {
		p.line = append([][]byte{make([]byte, width)}, p.line...)
	}
	top := len(p.line) - len(glyph)
	for i := range p.line {
		if i < top {
			p.line[i] = append(p.line[i], make([]byte, len(glyph[0]))...)
			continue
		}
		p.line[i] = append(p.line[i], glyph[i-top]...)
	}
}

// glyph is r in its cell, scaled.
func (p *page) glyph(r rune) [][]byte {
	width := p.cell * runeColumns(r)
	mask := image.NewGray(image.Rect(0, 0, width, cellHeight))
	switch {
	case r == ' ':
	case p.face == nil:
		box(mask)
	default:
		d := font.Drawer{Dst: mask, Src: image.White, Face: p.face, Dot: fixed.P(0, cellHeight-5)}
		if advance := d.MeasureString(string(r)).Round(); advance < width {
			d.Dot.X = fixed.I((width - advance) / 2)
		}
		d.DrawString(string(r))
	}
	out := make([][]byte, cellHeight*int(p.size.H))
	for y := range out {
		out[y] = make([]byte, width*int(p.size.W))
		for x := range out[y] {
			gx, gy := x/int(p.size.W), y/int(p.size.H)
			black := mask.GrayAt(gx, gy).Y > glyphInk || p.bold && gx > 0 && mask.GrayAt(gx-1, gy).Y > glyphInk
			out[y][x] = flag(black != p.invert)
		}
	}
	return out
}

func box(m *image.Gray) {
	b := m.Bounds().Inset(2)
	for x := b.Min.X; x < b.Max.X; x++ {
		m.Set(x, b.Min.Y, color.White)
		m.Set(x, b.Max.Y-1, color.White)
	}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		m.Set(b.Min.X, y, color.White)
		m.Set(b.Max.X-1, y, color.White)
	}
}

// newLine puts the line on the paper; an empty one only moves it.
func (p *page) newLine() {
	p.put(p.line)
	p.line = nil
}

func (p *page) put(rows [][]byte) {
	if len(rows) == 0 {
		return
	}
	x := 0
	switch spare := p.width - len(rows[0]); p.align {
	case Centre:
		x = max(spare/2, 0)
	case Right:
		x = max(spare, 0)
	}
	for i, row := range rows {
		copy(p.row(p.y + i)[x:], row)
	}
	p.y += len(rows)
	if p.gap == 0 {
		p.y += lineGap
	}
}

// row is the paper's row y, added when it is not there yet.
func (p *page) row(y int) []byte {
	y = min(y, pageMax)
	for len(p.rows) <= y {
		p.rows = append(p.rows, make([]byte, p.width))
	}
	return p.rows[y]
}

// raster prints below the line, without a gap.
func (p *page) raster(o Raster) {
	p.newLine()
	sx, sy := 1+int(o.Scale&1), 1+int(o.Scale>>1)
	rows := make([][]byte, int(o.Rows)*sy)
	for y := range rows {
		rows[y] = make([]byte, int(o.WidthBytes)*8*sx)
		for x := range rows[y] {
			i := y/sy*int(o.WidthBytes) + x/sx/8
			rows[y][x] = o.Data[i] >> (7 - x/sx%8) & 1
		}
	}
	before := p.gap
	p.gap = 1
	p.put(rows)
	p.gap = before
}

func (p *page) printQR() error {
	level := map[byte]qrcode.RecoveryLevel{'L': qrcode.Low, 'M': qrcode.Medium, 'Q': qrcode.High, 'H': qrcode.Highest}[p.level]
	code, err := qrcode.New(p.qr, level)
	if err != nil {
		return err
	}
	p.newLine()
	p.put(enlarge(code.Bitmap(), p.module, p.module))
	return nil
}

func (p *page) barcode(data string) error {
	width := (len(data) + 4) * barsWidth
	m, err := oned.NewCode128Writer().Encode(data, gozxing.BarcodeFormat_CODE_128, width, 1, nil)
	if err != nil {
		return err
	}
	bars := make([]bool, m.GetWidth())
	for x := range bars {
		bars[x] = m.Get(x, 0)
	}
	p.newLine()
	p.put(enlarge([][]bool{bars}, p.barModule, p.barHeight))
	return nil
}

func enlarge(m [][]bool, sx, sy int) [][]byte {
	rows := make([][]byte, len(m)*sy)
	for y := range rows {
		rows[y] = make([]byte, len(m[0])*sx)
		for x := range rows[y] {
			rows[y][x] = flag(m[y/sy][x/sx])
		}
	}
	return rows
}

// dashes mark the cut.
func (p *page) dashes() {
	const dash = 8
	row := p.row(p.y)
	for x := range row {
		row[x] = flag(x/dash%2 == 0)
	}
	p.y += lineGap
}

func (p *page) image() *image.Gray {
	p.row(p.y + paperMargin)
	img := image.NewGray(image.Rect(0, 0, p.width, len(p.rows)))
	for y, row := range p.rows {
		for x, black := range row {
			if black == 0 {
				img.SetGray(x, y, color.Gray{Y: 0xFF})
			}
		}
	}
	return img
}
