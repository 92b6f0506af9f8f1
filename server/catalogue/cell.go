package catalogue

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"yitang/server/hall"
)

// Bounds of a cell.
const (
	maxTextChars = 200
	maxNameChars = 32 // a code, a window's number: they stand in addresses and on tickets
	maxListItems = 100
)

func (r row) refuse(column, format string, args ...any) {
	r.sheet.refuse(r.line, column, format, args...)
}

// text reads one line of text; empty only where the column is optional.
func (r row) text(column string, required bool) string {
	v := r.cells[column]
	switch {
	case v == "" && required:
		r.refuse(column, "the value is missing")
	case utf8.RuneCountInString(v) > maxTextChars:
		r.refuse(column, "longer than %d characters", maxTextChars)
	case strings.ContainsFunc(v, unicode.IsControl):
		r.refuse(column, "a line break or control character stands in the value")
	}
	return v
}

// name reads what stands in addresses and on tickets: letters, digits and hyphens.
func (r row) name(column string) string {
	v := r.text(column, true)
	bad := func(c rune) bool {
		return c != '-' && !('0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z')
	}
	if strings.ContainsFunc(v, bad) || len(v) > maxNameChars {
		r.refuse(column, "%q must be at most %d letters A-Z, digits and hyphens", v, maxNameChars)
	}
	return v
}

// number reads a whole number between lo and hi.
func (r row) number(column string, lo, hi int) int {
	v := r.text(column, true)
	n, err := strconv.Atoi(v)
	if v != "" && (err != nil || n < lo || n > hi) {
		r.refuse(column, "%q is not a whole number from %d to %d", v, lo, hi)
	}
	return n
}

// optionalNumber is number, 0 for an empty cell.
func (r row) optionalNumber(column string, hi int) int {
	if r.cells[column] == "" {
		return 0
	}
	return r.number(column, 1, hi)
}

// choice reads one of the given words.
func (r row) choice(column string, words ...string) string {
	v := r.text(column, true)
	if v != "" && !slices.Contains(words, v) {
		r.refuse(column, "%q is not one of %s", v, strings.Join(words, ", "))
	}
	return v
}

func (r row) yesNo(column string) bool { return r.choice(column, "yes", "no") == "yes" }

// list reads values set apart by semicolons; an empty cell is an empty list.
func (r row) list(column string) []string {
	v := r.cells[column]
	if v == "" {
		return nil
	}
	items := strings.Split(v, ";")
	if len(items) > maxListItems {
		r.refuse(column, "more than %d values", maxListItems)
		return nil
	}
	for i, item := range items {
		items[i] = strings.TrimSpace(item)
		switch {
		case items[i] == "":
			r.refuse(column, "a value between two semicolons is empty")
		case utf8.RuneCountInString(item) > maxTextChars:
			r.refuse(column, "a value is longer than %d characters", maxTextChars)
		case slices.Contains(items[:i], items[i]):
			r.refuse(column, "%q stands twice", items[i])
		}
	}
	return items
}

// date reads a day written YYYY-MM-DD; an empty cell is allowed.
func (r row) date(column string) string {
	v := r.cells[column]
	if v != "" {
		if _, err := time.Parse(time.DateOnly, v); err != nil {
			r.refuse(column, "%q is not a day written YYYY-MM-DD", v)
		}
	}
	return v
}

// names reads one text in the hall's languages; only the Chinese one must be there.
func (r row) names(zhColumn string) hall.Text {
	t := hall.Text{"zh": r.text(zhColumn, true)}
	for _, language := range []string{"ug", "kk", "en"} {
		if v := r.text("name_"+language, false); v != "" {
			t[language] = v
		}
	}
	return t
}

// first notes a value that may stand only once in a file and says where it stood before.
type first map[string]int

func (f first) check(r row, column, v string) {
	if line, twice := f[v]; twice && v != "" {
		r.refuse(column, "%s stands twice, first in line %d", v, line)
		return
	}
	f[v] = r.line
}
