package exchange

import (
	"bufio"
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

// bufferBytes is read at a time.
const bufferBytes = 1 << 20

// design says which columns a file has; the optional ones come last.
type design struct {
	file     string
	required []string
	optional []string
}

// table is one file being read. Its cells are asked for by the column's place in the design.
type table struct {
	design
	csv      *csv.Reader
	at       []int // place in the record of each designed column, -1 where it is missing
	width    int
	record   []string
	line     int
	rows     int
	cut      bool // what follows the last row could not be read
	problems *mistake.List
}

// each opens a file, checks its header and calls with every row that has the right number of values in UTF-8. Errors are
// those of row; mistakes go to the problems. A file that could not be read to its end is said to be cut.
func (f *folder) each(d design, row func(*table) error) (cut bool, err error) {
	t := &table{design: d, problems: &f.problems}
	file, err := f.files.Open(d.file)
	if err != nil {
		t.refuse("", "%s", missing(err))
		return true, nil
	}
	defer file.Close()
	t.csv = csv.NewReader(withoutMark(file))
	t.csv.FieldsPerRecord, t.csv.ReuseRecord = -1, true
	if !t.header() {
		return true, nil
	}
	for t.next() && !f.problems.Full() {
		if err := row(t); err != nil {
			return false, err
		}
		if t.rows++; t.rows%progressEvery == 0 {
			f.progress(t)
		}
	}
	f.progress(t)
	return t.cut, nil
}

func (f *folder) progress(t *table) {
	if f.sink.Progress != nil {
		f.sink.Progress(t.file, t.rows)
	}
}

func missing(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "the file is missing"
	}
	return err.Error()
}

// withoutMark skips a byte order mark.
func withoutMark(r io.Reader) io.Reader {
	b := bufio.NewReaderSize(r, bufferBytes)
	if head, _ := b.Peek(3); bytes.Equal(head, []byte("\xef\xbb\xbf")) {
		_, _ = b.Discard(3)
	}
	return b
}

func (t *table) refuse(column, format string, args ...any) {
	t.problems.Add(mistake.Mistake{File: t.file, Line: t.line, Column: column, Message: fmt.Sprintf(format, args...)})
}

func (t *table) refuseCell(col int, format string, args ...any) {
	t.refuse(t.name(col), format, args...)
}

// name is the column at a place of the design.
func (t *table) name(col int) string {
	if col < len(t.required) {
		return t.required[col]
	}
	return t.optional[col-len(t.required)]
}

// header reads the first line and finds the columns.
func (t *table) header() bool {
	t.line = 1
	record, err := t.csv.Read()
	if errors.Is(err, io.EOF) {
		t.refuse("", "the file is empty; the first line must name the columns")
		return false
	}
	if err != nil {
		t.syntax(err)
		return false
	}
	if !utf8.ValidString(strings.Join(record, "")) { // Excel's "Unicode text" is UTF-16
		t.refuse("", "the header is not UTF-8; save the file as \"CSV UTF-8\"")
		return false
	}
	before := len(*t.problems)
	t.width = len(record)
	known := slices.Concat(t.required, t.optional)
	for i, name := range record {
		switch {
		case !slices.Contains(known, name):
			t.refuse(name, "unknown column; known are %s", strings.Join(known, ", "))
		case slices.Contains(record[:i], name):
			t.refuse(name, "the column stands twice")
		}
	}
	for i, name := range known {
		at := slices.Index(record, name)
		if at < 0 && i < len(t.required) {
			t.refuse(name, "the column is missing")
		}
		t.at = append(t.at, at)
	}
	return len(*t.problems) == before
}

// next reads the next usable row.
func (t *table) next() bool {
	for {
		record, err := t.csv.Read()
		if errors.Is(err, io.EOF) {
			return false
		}
		if err != nil {
			t.syntax(err)
			t.cut = true
			return false
		}
		t.record = record
		t.line, _ = t.csv.FieldPos(0)
		if len(record) != t.width {
			t.refuse("", "%d values instead of the header's %d; a value with a comma needs quotation marks", len(record), t.width)
		} else if t.isText() {
			return true
		}
		if t.problems.Full() {
			return false
		}
	}
}

// isText finds a value that is not UTF-8.
func (t *table) isText() bool {
	for i, v := range t.record {
		if !utf8.ValidString(v) {
			t.refuseCell(slices.Index(t.at, i), "the value is not UTF-8; save the file as \"CSV UTF-8\"")
			return false
		}
	}
	return true
}

// syntax says what the CSV reader stumbled over; what follows cannot be read.
func (t *table) syntax(err error) {
	var p *csv.ParseError
	if !errors.As(err, &p) {
		t.refuse("", "%v", err)
		return
	}
	t.line = p.StartLine
	if errors.Is(p.Err, csv.ErrBareQuote) {
		t.refuse("", "a quotation mark stands inside a value that does not begin with one (character %d)", p.Column)
		return
	}
	t.refuse("", "a quotation mark is not closed, or text follows a closed one")
}

// cell is the value at a place of the design; empty where an optional column is missing.
func (t *table) cell(col int) string {
	if t.at[col] < 0 {
		return ""
	}
	return t.record[t.at[col]]
}
