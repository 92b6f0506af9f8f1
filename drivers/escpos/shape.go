package escpos

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"strings"

	"github.com/go-text/render"
	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/bidi"
)

// ErrNoFont means that no font of the system has a character.
var ErrNoFont = errors.New("escpos: no font")

const (
	shapedSize = 30 // dots of an em: Arabic letters need more than the ROM's 24 to be read
	inkLevel   = 110
	sideMargin = 4 // letters reach beyond their advance
)

// Shaper draws what printers have no characters for: Uyghur and Kazakh in the Arabic script, whose letters join and run
// from right to left, and rare Chinese characters. It is a Drawer, not safe for several goroutines.
type Shaper struct {
	faces    []*font.Face
	latin    *font.Face // for digits and signs, which some Arabic fonts draw torn; nil = none
	cjk      []string   // read when first needed: the file is large
	shaper   shaping.HarfbuzzShaper
	segments shaping.Segmenter
}

var _ Drawer = (*Shaper)(nil)

// NewShaper uses the fonts of the system. Without any it still works, and every Draw fails with ErrNoFont.
func NewShaper() *Shaper {
	s := &Shaper{cjk: cjkFonts()}
	s.load(arabicFonts())
	s.latin = s.load(latinFonts())
	return s
}

// load adds the first font of paths that is there; nil when none can be read.
func (s *Shaper) load(paths []string) *font.Face {
	file := firstFont(paths)
	if file == nil {
		return nil
	}
	defer file.Close()
	loaders, err := opentype.NewLoaders(file)
	if err != nil || len(loaders) == 0 {
		return nil // a broken font is as good as none
	}
	f, err := font.NewFont(loaders[0])
	if err != nil {
		return nil
	}
	face := font.NewFace(f)
	s.faces = append(s.faces, face)
	return face
}

// ResolveFace chooses the font for r, as shaping.Fontmap.
func (s *Shaper) ResolveFace(r rune) *font.Face {
	if r > ' ' && r < 0x80 && s.latin != nil {
		return s.latin
	}
	for _, f := range s.faces {
		if _, ok := f.NominalGlyph(r); ok {
			return f
		}
	}
	return s.faces[0]
}

// cover makes sure that some font has each character of text.
func (s *Shaper) cover(text string) error {
	for _, r := range text {
		if s.has(r) {
			continue
		}
		if len(s.cjk) > 0 {
			s.load(s.cjk)
			s.cjk = nil
		}
		if !s.has(r) {
			return fmt.Errorf("%w has %q (%U)", ErrNoFont, r, r)
		}
	}
	return nil
}

func (s *Shaper) has(r rune) bool {
	for _, f := range s.faces {
		if _, ok := f.NominalGlyph(r); ok {
			return true
		}
	}
	return invisible(r)
}

// invisible characters steer the joining and the direction; no font needs them.
func invisible(r rune) bool { return r >= 0x200B && r <= 0x200F || r >= 0x2066 && r <= 0x2069 }

// Draw sets text as one or more lines, each at most width dots.
func (s *Shaper) Draw(text string, style Style, width int) (Picture, error) {
	if err := s.cover(text); err != nil {
		return Picture{}, err
	}
	if len(s.faces) == 0 {
		return Picture{}, ErrNoFont
	}
	rtl := rightToLeft(text)
	size := shapedSize * int(style.scale().H)
	align := style.Align
	if rtl && align == Left { // where such a text begins
		align = Right
	}
	var rows [][]byte
	for _, line := range s.wrap(text, rtl, size, width-2*sideMargin) {
		rows = append(rows, s.line(line, rtl, size, width, align, style.Bold)...)
	}
	return crop(rows, align), nil
}

// wrap breaks text where a line may break.
func (s *Shaper) wrap(text string, rtl bool, size, width int) []string {
	var lines []string
	line := ""
	for _, word := range words(text) {
		if line != "" && lineWidth(s.shape(line+strings.TrimRight(word, " "), rtl, size)) > width {
			lines = append(lines, strings.TrimRight(line, " "))
			line = ""
		}
		line += word
	}
	return append(lines, strings.TrimRight(line, " "))
}

// shape returns the shaped runs of a line from left to right.
func (s *Shaper) shape(line string, rtl bool, size int) []shaping.Output {
	text := []rune(line)
	var out []shaping.Output
	for _, r := range directions(line, rtl) {
		in := shaping.Input{
			Text: text, RunStart: r.start, RunEnd: r.end, Direction: di.DirectionLTR, Size: fixed.I(size),
		}
		if r.rtl {
			in.Direction = di.DirectionRTL
		}
		var shaped []shaping.Output
		for _, part := range s.segments.Split(in, s) {
			shaped = place(shaped, s.shaper.Shape(part), r.rtl)
		}
		if rtl {
			out = append(shaped, out...)
		} else {
			out = append(out, shaped...)
		}
	}
	return out
}

// place puts next behind the parts before it in reading order.
func place(before []shaping.Output, next shaping.Output, rtl bool) []shaping.Output {
	if rtl {
		return append([]shaping.Output{next}, before...)
	}
	return append(before, next)
}

// directed is a run of text, in runes, of one direction.
type directed struct {
	start, end int
	rtl        bool
}

// directions splits a line by the Unicode bidirectional algorithm (UAX 9), in the order in which it is read. Digits stay
// left to right. One level of nesting is all a receipt has, so that laying the runs in the paragraph's direction is enough.
func directions(line string, rtl bool) []directed {
	var p bidi.Paragraph
	base := bidi.LeftToRight
	if rtl {
		base = bidi.RightToLeft
	}
	whole := []directed{{0, len([]rune(line)), rtl}}
	if _, err := p.SetString(line, bidi.DefaultDirection(base)); err != nil {
		return whole
	}
	order, err := p.Order()
	if err != nil {
		return whole
	}
	var runs []directed
	at := 0
	for i := range order.NumRuns() {
		run := order.Run(i)
		n := len([]rune(run.String()))
		runs = append(runs, directed{at, at + n, run.Direction() == bidi.RightToLeft})
		at += n
	}
	return runs
}

func lineWidth(runs []shaping.Output) int {
	var w fixed.Int26_6
	for _, r := range runs {
		w += r.Advance
	}
	return w.Ceil()
}

// line draws one line as rows of bits, width dots wide.
func (s *Shaper) line(text string, rtl bool, size, width int, align Alignment, bold bool) [][]byte {
	runs := s.shape(text, rtl, size)
	ascent, descent := 0, 0
	for _, r := range runs {
		ascent = max(ascent, r.LineBounds.Ascent.Ceil())
		descent = max(descent, -r.LineBounds.Descent.Floor())
	}
	x := sideMargin
	switch spare := max(width-2*sideMargin-lineWidth(runs), 0); align {
	case Centre:
		x += spare / 2
	case Right:
		x += spare
	}
	img := image.NewGray(image.Rect(0, 0, width, ascent+descent))
	pen := render.Renderer{FontSize: float32(size), PixScale: 1, Color: color.White}
	for _, r := range runs {
		x = pen.DrawShapedRunAt(r, img, x, ascent)
	}
	return toBits(img, bold)
}

// toBits turns ink into bits; bold ink is a dot wider.
func toBits(img *image.Gray, bold bool) [][]byte {
	b := img.Bounds()
	rows := make([][]byte, b.Dy())
	for y := range rows {
		rows[y] = make([]byte, (b.Dx()+7)/8)
		for x := range b.Dx() {
			ink := img.GrayAt(x, y).Y > inkLevel || bold && x > 0 && img.GrayAt(x-1, y).Y > inkLevel
			rows[y][x/8] |= flag(ink) << (7 - x%8)
		}
	}
	return rows
}

// crop takes the blank bytes off the sides; the printer's own alignment puts the rest in its place.
func crop(rows [][]byte, align Alignment) Picture {
	if len(rows) == 0 {
		return Picture{}
	}
	from, to := 0, len(rows[0])
	blank := func(i int) bool {
		for _, row := range rows {
			if row[i] != 0 {
				return false
			}
		}
		return true
	}
	wide := func() bool { return to-from > 2 || align == Left && to > 1 } // a byte is left of a text that has no ink
	for wide() && align != Right && blank(to-1) && (align == Left || blank(from)) {
		to--
		if align == Centre {
			from++
		}
	}
	for align == Right && from < to-1 && blank(from) {
		from++
	}
	for i := range rows {
		rows[i] = rows[i][from:to]
	}
	return Picture{WidthBytes: to - from, Rows: rows, Align: align}
}
