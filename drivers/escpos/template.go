package escpos

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/template"
)

// Template is a receipt's layout, which a hall may write itself: a text/template whose output is read line by line.
//
//	centre bold| text      text; before the bar any of left centre right bold invert and a size as 2x3 (width x height)
//	row| left | right      two texts at the ends of a line; style words may follow "row"
//	qr| text               a QR code; left, centre or right may follow "qr"
//	barcode| text          a Code 128 barcode
//	rule                   a line across the paper
//	feed 2                 empty lines
//	buzz 2                 the buzzer, where there is one
//	cut                    the end of the receipt
//
// Empty lines and lines that begin with # are skipped, and so is text, a row or a code with nothing after the bar.
type Template struct {
	t *template.Template
}

// Bounds of templates.
const (
	templateMax = 16 << 10 // bytes of the source
	outputMax   = 64 << 10 // bytes of what it makes
	feedMax     = 20
)

// ParseTemplate reads a layout and checks its text/template part; mistakes in its lines show when it is rendered.
func ParseTemplate(source string) (*Template, error) {
	if len(source) > templateMax {
		return nil, fmt.Errorf("%w: a template of %d bytes", ErrTooLong, len(source))
	}
	if strings.Contains(source, lineMark) {
		return nil, errors.New("escpos: template: it contains the character NUL")
	}
	t, err := template.New("receipt").Option("missingkey=error").Funcs(new(work).functions()).Parse(numbered(source))
	if err == nil {
		err = bound(t)
	}
	if err != nil {
		return nil, fmt.Errorf("escpos: template: %w", err)
	}
	return &Template{t: t}, nil
}

// LineError is a mistake in a line of a template, counted from 1 in its source.
type LineError struct {
	Line int
	Text string // what the line made
	Err  error
}

func (e *LineError) Error() string {
	return fmt.Sprintf("escpos: template: line %d %q: %v", e.Line, e.Text, e.Err)
}

// Unwrap gives the cause.
func (e *LineError) Unwrap() error { return e.Err }

// lineMark begins the number of a line in what a template makes. No text that a ticket holds has control characters.
const lineMark = "\x00"

// numbered puts each line's number at its end, so that a mistake can be found in the source also behind a range. A line that
// ends inside an action stays as it is.
func numbered(source string) string {
	lines := strings.Split(source, "\n")
	open := 0
	for i, line := range lines {
		if open += strings.Count(line, "{{") - strings.Count(line, "}}"); open == 0 {
			lines[i] += lineMark + strconv.Itoa(i+1) + lineMark
		}
	}
	return strings.Join(lines, "\n")
}

// unnumbered takes the numbers out of a line of output; the last one is that of the line in the source.
func unnumbered(line string) (text string, number int) {
	parts := strings.Split(line, lineMark)
	for i, p := range parts {
		if i%2 == 0 {
			text += p
			continue
		}
		number, _ = strconv.Atoi(p) // only numbered writes there
	}
	return strings.TrimSpace(text), number
}

// Render lays out data on b. Texts in data must have no line breaks (Ticket.Build sees to that). A layout that does more
// than a receipt needs ends with ErrEndless or ErrTooLong.
func (t *Template) Render(b *Builder, data any) error {
	out := bounded{left: outputMax}
	own, err := t.t.Clone() // the bound of its work is that of one rendering
	if err != nil {
		return fmt.Errorf("escpos: template: %w", err)
	}
	err = own.Funcs((&work{left: workMax}).functions()).Execute(&out, data)
	if errors.Is(err, ErrEndless) {
		return fmt.Errorf("escpos: template: %w", ErrEndless)
	}
	if err != nil {
		return fmt.Errorf("escpos: template: %w", err)
	}
	for line := range strings.SplitSeq(out.String(), "\n") {
		text, number := unnumbered(line)
		if err := b.directive(text); err != nil {
			return &LineError{Line: number, Text: text, Err: err}
		}
	}
	return b.err
}

// bounded is a strings.Builder that refuses to grow without end.
type bounded struct {
	strings.Builder
	left int
}

func (w *bounded) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, ErrTooLong
	}
	return w.Builder.Write(p)
}

func (b *Builder) directive(line string) error {
	if line == "" || line[0] == '#' {
		return nil
	}
	head, text, hasText := strings.Cut(line, "|")
	words, text := strings.Fields(head), strings.TrimSpace(text)
	if !hasText {
		return b.command(words)
	}
	verb := "text"
	if len(words) > 0 && (words[0] == "row" || words[0] == "qr" || words[0] == "barcode") {
		verb, words = words[0], words[1:]
	}
	style, err := parseStyle(words)
	if err != nil || text == "" {
		return err
	}
	switch verb {
	case "row":
		left, right := cutLast(text)
		b.Row(left, right, style)
	case "qr":
		b.QR(text, style)
	case "barcode":
		b.Barcode(text, style)
	default:
		b.Line(text, style)
	}
	return nil
}

// cutLast splits a row at its last bar.
func cutLast(s string) (left, right string) {
	i := strings.LastIndex(s, "|")
	if i < 0 {
		return s, ""
	}
	return strings.TrimSpace(s[:i]), strings.TrimSpace(s[i+1:])
}

func (b *Builder) command(words []string) error {
	n := 1
	if len(words) == 2 {
		var err error
		if n, err = strconv.Atoi(words[1]); err != nil || n < 1 || n > feedMax {
			return fmt.Errorf("%w: %q", ErrRange, words[1])
		}
	}
	switch {
	case len(words) > 2:
		return ErrUnknown
	case words[0] == "rule":
		b.Rule()
	case words[0] == "feed":
		b.Feed(byte(n))
	case words[0] == "buzz":
		b.Buzz(byte(min(n, 9)))
	case words[0] == "cut":
		b.Cut()
	default:
		return ErrUnknown
	}
	return nil
}

func parseStyle(words []string) (Style, error) {
	var s Style
	for _, w := range words {
		switch w {
		case "left":
			s.Align = Left
		case "centre", "center":
			s.Align = Centre
		case "right":
			s.Align = Right
		case "bold":
			s.Bold = true
		case "invert":
			s.Invert = true
		default:
			if len(w) != 3 || w[1] != 'x' || w[0] < '1' || w[0] > '8' || w[2] < '1' || w[2] > '8' {
				return s, fmt.Errorf("%w: style %q", ErrUnknown, w)
			}
			s.W, s.H = w[0]-'0', w[2]-'0'
		}
	}
	return s, nil
}
