package forecast

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// QueueID names one line of people in a history: a field of ours, a service of another office.
type QueueID string

// Record is one ticket of a history. Times are seconds of the business day.
type Record struct {
	Queue   QueueID
	Ticket  string
	Issue   float64
	Call    float64 // NaN: not yet, or never
	End     float64 // of the service, or when it left uncalled; NaN: unknown
	Windows float64 // open for the queue when it was issued; NaN: unknown
	Line    int     // of the file
}

// Called says whether the ticket has been called.
func (r *Record) Called() bool { return !math.IsNaN(r.Call) }

// Wait is how long the ticket waited in seconds; NaN when it was not called.
func (r *Record) Wait() float64 { return r.Call - r.Issue }

// HistoryDay is a business day with its tickets in the order of issue.
type HistoryDay struct {
	Name    string
	Records []Record
}

// Problem is a mistake in a history, with the place where it stands.
type Problem struct {
	Line   int
	Column string // empty when the whole line is meant
	Reason string
}

func (p *Problem) Error() string {
	if p.Column == "" {
		return fmt.Sprintf("line %d: %s", p.Line, p.Reason)
	}
	return fmt.Sprintf("line %d, column %s: %s", p.Line, p.Column, p.Reason)
}

// maxRecords bounds a history that is read: ten years of a large hall would not fit a machine's memory as features.
const maxRecords = 3_000_000

// maxSecond is the last second of a business day that runs past midnight.
const maxSecond = 48 * 3600

// columns of a history, in the order in which the records are read.
func columns() []string {
	return []string{"day", "queue", "ticket", "issue_s", "call_s", "end_s", "windows"}
}

// ReadHistory reads a history as CSV: day,queue,ticket,issue_s,call_s,end_s,windows with a header, the columns in any
// order, UTF-8, a byte order mark and CRLF allowed; call_s, end_s and windows may be empty, and end_s and windows may
// lack. Each line is a ticket, also where its number stands twice on a day (Twice finds them). The days come back in their
// natural order ("2" before "10"); a name that is written as a date must be one. The error is a *Problem, or the reader's.
func ReadHistory(r io.Reader) ([]HistoryDay, error) {
	in := csv.NewReader(withoutMark(r))
	in.FieldsPerRecord = -1
	in.ReuseRecord = true
	head, err := in.Read()
	if errors.Is(err, io.EOF) {
		return nil, &Problem{Line: 1, Reason: "the file is empty; the first line must be " + strings.Join(columns(), ",")}
	}
	if err != nil {
		return nil, csvProblem(err)
	}
	row := row{width: len(head)}
	if row.at, err = places(head); err != nil {
		return nil, err
	}
	days := map[string]*HistoryDay{}
	for n := 0; ; n++ {
		row.cells, err = in.Read()
		if errors.Is(err, io.EOF) {
			return inOrder(days), nil
		}
		if err != nil {
			return nil, csvProblem(err)
		}
		row.line, _ = in.FieldPos(0)
		if n >= maxRecords {
			return nil, &Problem{Line: row.line, Reason: fmt.Sprintf("more than %d tickets; cut the history to its last months", maxRecords)}
		}
		name, rec, err := row.record()
		if err != nil {
			return nil, err
		}
		if days[name] == nil {
			if dateLike(name) && !isDate(name) {
				return nil, row.problem(0, "%q is no day of the calendar", name)
			}
			days[name] = &HistoryDay{Name: name}
		}
		days[name].Records = append(days[name].Records, rec)
	}
}

// dateLike says whether a day's name is written as a date; other names ("1", "day 2") are days too.
func dateLike(name string) bool {
	if len(name) != len(time.DateOnly) {
		return false
	}
	for i := range len(name) {
		if dash := time.DateOnly[i] == '-'; dash != (name[i] == '-') || !dash && (name[i] < '0' || name[i] > '9') {
			return false
		}
	}
	return true
}

func isDate(name string) bool {
	_, err := time.Parse(time.DateOnly, name)
	return err == nil
}

// withoutMark leaves out a byte order mark: before a quoted name the CSV reader would take it for a part of the name.
func withoutMark(r io.Reader) io.Reader {
	const mark = "\ufeff"
	in := bufio.NewReader(r)
	if head, _ := in.Peek(len(mark)); string(head) == mark {
		in.Discard(len(mark)) //nolint:errcheck // was peeked
	}
	return in
}

// Repeat is a line with the day, queue and ticket of an earlier one.
type Repeat struct {
	Day         string
	Queue       QueueID
	Ticket      string
	Line, First int
}

// Twice lists the lines whose day, queue and ticket stood in the file before, in the file's order within a day.
func Twice(days []HistoryDay) []Repeat {
	type name struct {
		queue  QueueID
		ticket string
	}
	var out []Repeat
	for _, d := range days {
		first := map[name]int{}
		for _, r := range slices.SortedFunc(slices.Values(d.Records), func(a, b Record) int { return cmp.Compare(a.Line, b.Line) }) {
			key := name{r.Queue, r.Ticket}
			if at, again := first[key]; again {
				out = append(out, Repeat{d.Name, r.Queue, r.Ticket, r.Line, at})
			} else {
				first[key] = r.Line
			}
		}
	}
	return out
}

// csvProblem gives an error of the CSV reader its line; errors of the file below it stay as they are.
func csvProblem(err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return &Problem{Line: p.Line, Reason: p.Err.Error()}
	}
	return err
}

// places finds each column in the header; -1 stands for an optional one that lacks.
func places(head []string) ([]int, error) {
	names := columns()
	at := make([]int, len(names))
	for i := range at {
		at[i] = -1
	}
	for i, h := range head {
		h = strings.TrimSpace(h)
		k := slices.Index(names, h)
		if k < 0 {
			return nil, &Problem{Line: 1, Column: strings.ToValidUTF8(h[:min(len(h), 40)], "?"), Reason: "unknown; the columns are " + strings.Join(names, ",")}
		}
		if at[k] >= 0 {
			return nil, &Problem{Line: 1, Column: h, Reason: "stands twice"}
		}
		at[k] = i
	}
	for k, name := range names[:5] {
		if at[k] < 0 {
			return nil, &Problem{Line: 1, Column: name, Reason: "is missing; the columns are " + strings.Join(names, ",")}
		}
	}
	return at, nil
}

// row reads one line by the header's places.
type row struct {
	line  int
	width int
	at    []int
	cells []string
}

func (r *row) cell(k int) string {
	if r.at[k] < 0 {
		return ""
	}
	return strings.TrimSpace(r.cells[r.at[k]])
}

func (r *row) problem(k int, format string, args ...any) error {
	return &Problem{Line: r.line, Column: columns()[k], Reason: fmt.Sprintf(format, args...)}
}

func (r *row) record() (day string, rec Record, err error) {
	if len(r.cells) != r.width {
		return "", rec, &Problem{Line: r.line, Reason: fmt.Sprintf("has %d cells, the header has %d", len(r.cells), r.width)}
	}
	for k := range 3 {
		if r.cell(k) == "" {
			return "", rec, r.problem(k, "is empty")
		}
	}
	rec = Record{Queue: QueueID(r.cell(1)), Ticket: strings.Clone(r.cell(2)), Line: r.line}
	for k, to := range []*float64{&rec.Issue, &rec.Call, &rec.End} {
		if *to, err = r.number(3+k, maxSecond); err != nil {
			return "", rec, err
		}
	}
	if rec.Windows, err = r.number(6, 100_000); err != nil {
		return "", rec, err
	}
	switch {
	case math.IsNaN(rec.Issue):
		err = r.problem(3, "is empty")
	case rec.Call < rec.Issue:
		err = r.problem(4, "%s is before issue_s %s", r.cell(4), r.cell(3))
	case rec.End < rec.Issue || rec.End < rec.Call:
		err = r.problem(5, "%s is before the issue or the call", r.cell(5))
	}
	return strings.Clone(r.cell(0)), rec, err
}

// number is a cell between 0 and most; NaN when it is empty.
func (r *row) number(k int, most float64) (float64, error) {
	text := r.cell(k)
	if text == "" {
		return math.NaN(), nil
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(x) {
		return 0, r.problem(k, "%q is no number", text)
	}
	if x < 0 || x > most {
		return 0, r.problem(k, "%s is not between 0 and %.0f", text, most)
	}
	return x, nil
}

// inOrder sorts the days, and each day's tickets by issue; ties stay by ticket, then as the file has them.
func inOrder(days map[string]*HistoryDay) []HistoryDay {
	out := make([]HistoryDay, 0, len(days))
	for _, d := range days {
		slices.SortStableFunc(d.Records, func(a, b Record) int {
			return cmp.Or(cmp.Compare(a.Issue, b.Issue), cmp.Compare(a.Queue, b.Queue), natural(a.Ticket, b.Ticket))
		})
		out = append(out, *d)
	}
	slices.SortFunc(out, func(a, b HistoryDay) int { return natural(a.Name, b.Name) })
	return out
}

// natural compares two names with the runs of digits in them as numbers: "9" before "10", "A2" before "A10".
func natural(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		n, m := digits(x), digits(y)
		if n > 0 && m > 0 {
			p, q := strings.TrimLeft(x[:n], "0"), strings.TrimLeft(y[:m], "0")
			if c := cmp.Or(cmp.Compare(len(p), len(q)), strings.Compare(p, q)); c != 0 {
				return c
			}
			x, y = x[n:], y[m:]
			continue
		}
		if x[0] != y[0] {
			return cmp.Compare(x[0], y[0])
		}
		x, y = x[1:], y[1:]
	}
	return cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(a, b))
}

func digits(s string) int {
	n := strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsDigit(r) })
	if n < 0 {
		return len(s)
	}
	return n
}
