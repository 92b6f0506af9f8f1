package catalogue

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"

	"yitang/server/mistake"
)

// Bounds of one file.
const (
	maxFileBytes = 8 << 20
	maxRows      = 20_000
)

// design says which columns a file has.
type design struct {
	file     string
	required []string
	optional []string
	mayLack  bool // the file itself
}

func designs() []design {
	return []design{
		{file: HallFile, required: []string{"id", "name_zh", "zone", "hours"}, optional: append([]string{"name_ug", "name_kk", "name_en", "max_open_per_matter", "max_per_day", "person_months", "audit_months"}, deskColumns()...)},
		{file: FieldsFile, required: []string{"field", "name_zh", "departments"}, optional: []string{"name_ug", "name_kk", "name_en", "icon"}},
		{file: MattersFile, required: []string{"code", "name", "department", "kind", "statutory_working_days", "promised_working_days",
			"materials", "transferred", "subject", "avg_service_minutes"},
			optional: []string{"name_ug", "name_kk", "name_en", "field", "guide_visits", "site_visit", "transferred_from", "keywords"}},
		{file: WindowsFile, required: []string{"window", "kind", "fields"}, optional: []string{"name"}},
		calendarDesign(),
	}
}

func calendarDesign() design {
	return design{file: CalendarFile, required: []string{"date", "kind"}, mayLack: true}
}

// sheet is one file read as a table: the header is checked, the cells are not yet.
type sheet struct {
	file     string
	text     []byte // without byte order mark, line ends as LF
	rows     []row
	problems *mistake.List
}

// row is one line below the header, its cells by column.
type row struct {
	sheet *sheet
	line  int
	cells map[string]string
}

func readSheet(files fs.FS, d design, p *mistake.List) *sheet {
	s := &sheet{file: d.file, problems: p}
	raw, err := readBounded(files, d.file)
	if err != nil {
		s.refuse(0, "", "%s", reason(err))
		return s
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	s.text = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	if line, char := notUTF8(s.text); line > 0 {
		s.refuse(line, "", "character %d is not UTF-8; save the file as \"CSV UTF-8\"", char)
		return s
	}
	s.readRows(d)
	return s
}

func readBounded(files fs.FS, name string) ([]byte, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err == nil && len(raw) > maxFileBytes {
		return nil, fmt.Errorf("the file is larger than %d MiB", maxFileBytes>>20)
	}
	return raw, err
}

func reason(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "the file is missing"
	}
	return err.Error()
}

// notUTF8 finds the first byte that no UTF-8 text has: its line and which character of the line it is, or 0.
func notUTF8(text []byte) (line, char int) {
	if utf8.Valid(text) {
		return 0, 0
	}
	line, char = 1, 1
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && n == 1:
			return line, char
		case r == '\n':
			line, char = line+1, 1
		default:
			char++
		}
		text = text[n:]
	}
	return line, char
}

func (s *sheet) readRows(d design) {
	r := csv.NewReader(bytes.NewReader(s.text))
	r.FieldsPerRecord = -1 // counted here, for a sentence that names both numbers
	header, err := r.Read()
	if err != nil {
		s.refuse(1, "", "%s", headerReason(err))
		return
	}
	if !s.checkHeader(d, header) {
		return
	}
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			s.refuseSyntax(err)
			return
		}
		line, _ := r.FieldPos(0)
		if len(s.rows) == maxRows {
			s.refuse(line, "", "more than %d lines", maxRows)
			return
		}
		s.addRow(line, header, cells)
	}
	if len(s.rows) == 0 && len(*s.problems) == 0 {
		s.refuse(1, "", "nothing stands below the header")
	}
}

func headerReason(err error) string {
	if errors.Is(err, io.EOF) {
		return "the file is empty; the first line must name the columns"
	}
	return "the header can not be read: " + syntaxReason(err)
}

func (s *sheet) checkHeader(d design, header []string) bool {
	before := len(*s.problems)
	if i := strings.IndexAny(header[0], ";\t"); i >= 0 && len(header) == 1 {
		s.refuse(1, "", "%q stands between the values where a comma is wanted; save the file as \"CSV UTF-8 (comma delimited)\"", header[0][i])
		return false
	}
	for i, name := range header {
		name = strings.TrimSpace(name)
		header[i] = name
		switch {
		case name == "":
			s.refuse(1, "", "column %d has no name", i+1)
		case slices.Contains(header[:i], name):
			s.refuse(1, name, "the column stands twice")
		case !slices.Contains(d.required, name) && !slices.Contains(d.optional, name):
			s.refuse(1, name, "unknown column; known are %s", strings.Join(slices.Concat(d.required, d.optional), ", "))
		}
	}
	for _, name := range d.required {
		if !slices.Contains(header, name) {
			s.refuse(1, name, "the column is missing")
		}
	}
	return len(*s.problems) == before
}

func (s *sheet) addRow(line int, header, cells []string) {
	if len(cells) != len(header) {
		s.refuse(line, "", "%d values instead of the header's %d; a value with a comma needs quotation marks",
			len(cells), len(header))
		return
	}
	r := row{sheet: s, line: line, cells: make(map[string]string, len(cells))}
	for i, c := range cells {
		r.cells[header[i]] = strings.TrimSpace(c)
	}
	s.rows = append(s.rows, r)
}

func (s *sheet) refuseSyntax(err error) {
	var pe *csv.ParseError
	if errors.As(err, &pe) {
		s.refuse(pe.StartLine, "", "%s", syntaxReason(err))
		return
	}
	s.refuse(0, "", "%s", err)
}

func syntaxReason(err error) string {
	switch {
	case errors.Is(err, csv.ErrQuote):
		return "a quotation mark is not closed, or text follows a closed one"
	case errors.Is(err, csv.ErrBareQuote):
		return "a quotation mark stands inside a value that does not begin with one"
	}
	return err.Error()
}

func (s *sheet) refuse(line int, column, format string, args ...any) {
	s.problems.Add(mistake.Mistake{File: s.file, Line: line, Column: column, Message: fmt.Sprintf(format, args...)})
}
