package report

import (
	"strings"
	"unicode/utf8"
)

// What a sheet measures: widths in digits of the standard font, heights in points.
const (
	lineHeight = 15.0
	maxLines   = 10 // of a note: it stands above the frozen rows and must leave them room
	wideChar   = 2.2
	margins    = 2.0 // of a cell, both sides
	bold       = 1.1

	minFigure, maxHead = 9.0, 18.0
	minText, maxText   = 7.0, 50.0
	minNote            = 78.0 // a note is at least so wide: what a sheet of A4 holds upright
	upright            = 86.0
)

// digits is how wide a text is.
func digits(text string) float64 {
	n := 0.0
	for _, r := range text {
		if n++; r > 0x2e7f {
			n += wideChar - 1
		}
	}
	return n
}

// lines is how many lines a text takes in a cell so wide; Chinese breaks anywhere, other words at spaces.
func lines(text string, width float64) int {
	n, at := 1, 0.0
	width -= margins
	for _, word := range strings.Fields(text) {
		w := digits(word)
		if chinese := w > float64(utf8.RuneCountInString(word)); at > 0 && at+1+w > width && !chinese {
			n, at = n+1, 0
		} else if at > 0 {
			at++
		}
		for at += w; at > width; at -= width {
			n++
		}
	}
	return n
}

// widths are those of a table's columns: as wide as what stands there, within bounds; what does not fit goes on below.
func (t *Table) widths() []float64 {
	list := make([]float64, len(t.Columns))
	for i, c := range t.Columns {
		head := min(bold*digits(c.Name)+margins, maxHead)
		if list[i] = max(head, minFigure); c.Kind != Text {
			continue
		}
		widest := 0.0
		for _, row := range t.Rows {
			if s, is := row[i].(string); is {
				widest = max(widest, digits(s))
			}
		}
		list[i] = min(max(widest+2*margins, head, minText), maxText)
	}
	return list
}

// tall is how many lines a row takes in columns so wide.
func tall(row []any, widths []float64) int {
	n := 1
	for i, v := range row {
		if s, is := v.(string); is {
			n = max(n, lines(s, widths[i]-margins))
		}
	}
	return n
}
