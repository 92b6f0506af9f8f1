// Package workday counts working days (工作日) of a hall's calendar. It is pure: a calendar is data, one file a year, and a
// year that no file describes is refused with a sentence, never guessed, because the region's own holidays (肉孜节,
// 古尔邦节) and the worked weekends are announced year by year.
//
// The embedded years are those whose announcement was read: 2025 (新疆维吾尔自治区人民政府办公厅 on holidays and hours of
// 2025, after 国办发明电〔2024〕12号 and 自治区人民政府令第174号). A hall adds its own years with `yitang import`.
package workday

import (
	"cmp"
	_ "embed" // the year files
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// Day is a calendar day of the hall, YYYY-MM-DD.
type Day string

// Kind says what a year file says of a day.
type Kind string

// The kinds. A day that no line names works from Monday to Friday and rests at the weekend.
const (
	Holiday Kind = "holiday" // rests, whatever day of the week
	Worked  Kind = "workday" // works, though a Saturday or Sunday
)

// Year is one year as it was announced: every day that differs from the plain week, or rests by name.
type Year struct {
	Year     int   `json:"year"`
	Holidays []Day `json:"holidays"`
	Worked   []Day `json:"worked,omitempty"`
}

// fewest is how many days a year's announcement names at least: 13 public holidays since 2025, as a rule with the weekends that are
// worked for them.
const fewest = 13

// Thin says that fewer days are named than any year's announcement has: the file was hardly finished.
func (y Year) Thin() bool { return len(y.Holidays)+len(y.Worked) < fewest }

// Calendar knows some years. It never changes once made and may be shared.
type Calendar struct {
	years map[int]map[Day]Kind
}

// UnknownYearError is the refusal to guess.
type UnknownYearError struct{ Year int }

func (e *UnknownYearError) Error() string {
	return fmt.Sprintf("workday: %s", e.Message())
}

// Message is the refusal for people.
func (e *UnknownYearError) Message() string {
	return fmt.Sprintf("没有 %d 年的工作日历，不能推算日期。请用 yitang import 导入当年的 calendar.csv。", e.Year)
}

//go:embed years/2025.csv
var year2025 string

// Default is the calendar of the embedded years.
func Default() Calendar {
	years, err := Parse(strings.NewReader(year2025))
	if err != nil {
		panic(err) // our own file; a test reads it
	}
	return New(years...)
}

// New makes a calendar of years that Parse or Check found good; a later year replaces an earlier one of the same number.
func New(years ...Year) Calendar { return Calendar{}.With(years...) }

// With is the calendar with years added or replaced.
func (c Calendar) With(years ...Year) Calendar {
	out := Calendar{years: maps.Clone(c.years)}
	if out.years == nil {
		out.years = map[int]map[Day]Kind{}
	}
	for _, y := range years {
		days := make(map[Day]Kind, len(y.Holidays)+len(y.Worked))
		for _, d := range y.Holidays {
			days[d] = Holiday
		}
		for _, d := range y.Worked {
			days[d] = Worked
		}
		out.years[y.Year] = days
	}
	return out
}

// Renewed are years in order, where new ones are added to the old or take their place.
func Renewed(old, by []Year) []Year {
	out := slices.Clone(by)
	for _, y := range old {
		if !slices.ContainsFunc(by, func(n Year) bool { return n.Year == y.Year }) {
			out = append(out, y)
		}
	}
	slices.SortFunc(out, func(a, b Year) int { return cmp.Compare(a.Year, b.Year) })
	return out
}

// Years lists the years that the calendar knows, in order.
func (c Calendar) Years() []int { return slices.Sorted(maps.Keys(c.years)) }

// IsWorkday says whether the hall works on a day. Errors: *UnknownYearError, or a day that is none.
func (c Calendar) IsWorkday(d Day) (bool, error) {
	t, err := d.time()
	if err != nil {
		return false, err
	}
	return c.works(t)
}

func (c Calendar) works(t time.Time) (bool, error) {
	days, known := c.years[t.Year()]
	if !known {
		return false, &UnknownYearError{Year: t.Year()}
	}
	switch days[Day(t.Format(time.DateOnly))] {
	case Holiday:
		return false, nil
	case Worked:
		return true, nil
	}
	return t.Weekday() != time.Saturday && t.Weekday() != time.Sunday, nil
}

// maxDays bounds a term: longer than any that the law gives, and than what a loop may cost.
const maxDays = 2000

// Due is the n-th working day after a day (行政许可法 82: days are working days, the day itself is not counted). Due of 0
// is the day itself. Errors: *UnknownYearError when the way leads into a year that the calendar does not know; a day
// that is none; n below 0 or above 2,000.
func (c Calendar) Due(from Day, n int) (Day, error) {
	t, err := from.time()
	if err != nil {
		return "", err
	}
	if n < 0 || n > maxDays {
		return "", fmt.Errorf("workday: a term of %d working days: 0 to %d are possible", n, maxDays)
	}
	if _, known := c.years[t.Year()]; !known {
		return "", &UnknownYearError{Year: t.Year()}
	}
	for n > 0 {
		t = t.AddDate(0, 0, 1)
		works, err := c.works(t)
		if err != nil {
			return "", err
		}
		if works {
			n--
		}
	}
	return Day(t.Format(time.DateOnly)), nil
}

// Between counts the working days after from, up to and with to: Between(d, Due(d, n)) is n. It is negative when to lies
// before from. Errors as of Due, and for days more than ten years apart.
func (c Calendar) Between(from, to Day) (int, error) {
	a, err := from.time()
	if err != nil {
		return 0, err
	}
	b, err := to.time()
	if err != nil {
		return 0, err
	}
	sign := 1
	if b.Before(a) {
		a, b, sign = b, a, -1
	}
	if b.Sub(a) > maxSpan {
		return 0, fmt.Errorf("workday: %s and %s lie more than ten years apart", from, to)
	}
	n := 0
	for a.Before(b) {
		a = a.AddDate(0, 0, 1)
		works, err := c.works(a)
		if err != nil {
			return 0, err
		}
		if works {
			n++
		}
	}
	return sign * n, nil
}

const maxSpan = 3660 * 24 * time.Hour

func (d Day) time() (time.Time, error) {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return t, fmt.Errorf("workday: %q is no day; write YYYY-MM-DD", string(d))
	}
	return t, nil
}

// ProblemError is what is wrong with a line of a year file.
type ProblemError struct {
	Line    int
	Column  string // empty when it is about the line as a whole
	Message string
}

func (e *ProblemError) Error() string {
	if e.Column == "" {
		return fmt.Sprintf("line %d: %s", e.Line, e.Message)
	}
	return fmt.Sprintf("line %d, column %s: %s", e.Line, e.Column, e.Message)
}

// maxLines bounds a file: ten years of lines.
const maxLines = 10 * 366

// Parse reads year files: CSV with the header date,kind and one line a day, kind being holiday or workday. Every year
// that a line names is then known as a whole; so a file must hold all of a year's lines. The error is a *ProblemError.
func Parse(r io.Reader) ([]Year, error) {
	c := csv.NewReader(r)
	header, err := c.Read()
	if err != nil {
		return nil, &ProblemError{Line: 1, Message: "the header can not be read: " + err.Error()}
	}
	if len(header) != 2 || strings.TrimPrefix(header[0], "\ufeff") != "date" || header[1] != "kind" {
		return nil, &ProblemError{Line: 1, Message: "the header must be date,kind"}
	}
	years := map[int]*Year{}
	for seen := (map[Day]bool{}); ; {
		cells, err := c.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			problem := &ProblemError{Message: err.Error()}
			var broken *csv.ParseError
			if errors.As(err, &broken) { // FieldPos panics where not one field was read
				problem.Line, problem.Message = broken.Line, broken.Err.Error()
			}
			return nil, problem
		}
		line, _ := c.FieldPos(0)
		if err := add(years, seen, line, cells); err != nil {
			return nil, err
		}
	}
	out := make([]Year, 0, len(years))
	for _, n := range slices.Sorted(maps.Keys(years)) {
		out = append(out, *years[n])
	}
	return out, nil
}

// Write writes years as Parse reads them. A year of which nothing is announced is named by its first Sunday, which rests anyway.
func Write(w io.Writer, years []Year) error {
	rows := [][]string{{"date", "kind"}}
	for _, y := range years {
		for _, d := range y.Holidays {
			rows = append(rows, []string{string(d), string(Holiday)})
		}
		for _, d := range y.Worked {
			rows = append(rows, []string{string(d), string(Worked)})
		}
		if len(y.Holidays)+len(y.Worked) == 0 {
			first := time.Date(y.Year, 1, 1, 0, 0, 0, 0, time.UTC)
			rows = append(rows, []string{first.AddDate(0, 0, (7-int(first.Weekday()))%7).Format(time.DateOnly), string(Holiday)})
		}
	}
	if err := csv.NewWriter(w).WriteAll(rows); err != nil {
		return fmt.Errorf("workday: %w", err)
	}
	return nil
}

func add(years map[int]*Year, seen map[Day]bool, line int, cells []string) error {
	d := Day(strings.TrimSpace(cells[0]))
	t, err := d.time()
	switch kind := Kind(strings.TrimSpace(cells[1])); {
	case err != nil:
		return &ProblemError{line, "date", fmt.Sprintf("%q is no day; write YYYY-MM-DD", string(d))}
	case seen[d]:
		return &ProblemError{line, "date", fmt.Sprintf("%s stands twice", d)}
	case len(seen) >= maxLines:
		return &ProblemError{line, "", fmt.Sprintf("more than %d lines", maxLines)}
	case kind == Worked && t.Weekday() != time.Saturday && t.Weekday() != time.Sunday:
		return &ProblemError{line, "kind", fmt.Sprintf("%s is a %s and works anyway", d, t.Weekday())}
	case kind != Holiday && kind != Worked:
		return &ProblemError{line, "kind", fmt.Sprintf("%q is neither holiday nor workday", string(kind))}
	default:
		seen[d] = true
		y := years[t.Year()]
		if y == nil {
			y = &Year{Year: t.Year(), Holidays: []Day{}}
			years[t.Year()] = y
		}
		if kind == Holiday {
			y.Holidays = append(y.Holidays, d)
		} else {
			y.Worked = append(y.Worked, d)
		}
	}
	return nil
}
