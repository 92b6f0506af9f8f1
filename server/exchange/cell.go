package exchange

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"yitang/server/hall"
)

// maxTextBytes bounds a value: longer ones are a broken file.
const maxTextBytes = 4000

// text is a value of any kind.
func (t *table) text(col int) string {
	v := t.cell(col)
	if len(v) > maxTextBytes {
		t.refuseCell(col, "longer than %d bytes", maxTextBytes)
	}
	return v
}

// id is a value that must be there.
func (t *table) id(col int) string {
	v := t.text(col)
	if strings.TrimSpace(v) == "" {
		t.refuseCell(col, "the value is missing")
	}
	return v
}

// choice is one of some words, or empty.
func (t *table) choice(col int, words ...string) string {
	v := t.cell(col)
	if v != "" && !slices.Contains(words, v) {
		t.refuseCell(col, "%q is not one of %s", v, strings.Join(words, ", "))
	}
	return v
}

func (t *table) yesNo(col int) string { return t.choice(col, "yes", "no") }

// list is values set apart by semicolons; an empty cell is an empty list.
func (t *table) list(col int) []string {
	v := t.text(col)
	if v == "" {
		return nil
	}
	if !strings.ContainsAny(v, "; ") {
		return []string{v}
	}
	items := strings.Split(v, ";")
	for i := range items {
		if items[i] = strings.TrimSpace(items[i]); items[i] == "" {
			t.refuseCell(col, "value %d of %q is empty: take out the semicolon that is too many", i+1, v)
			return nil
		}
	}
	return items
}

// number is a whole number of at least 1.
func (t *table) number(col int) int {
	n, err := strconv.Atoi(t.cell(col))
	if err != nil || n < 1 {
		t.refuseCell(col, "%q is not a whole number from 1 on", t.cell(col))
		return 0
	}
	return n
}

// instant is a time, 0 where it is unknown.
func (t *table) instant(col int) hall.Millis {
	v := t.cell(col)
	if v == "" {
		return 0
	}
	at, ok := parseTime(v)
	if !ok {
		t.refuseCell(col, "%q is not a time like 2025-06-03T10:15:00+08:00", v)
	}
	return at
}

// must is a time that has to be there.
func (t *table) must(col int) hall.Millis {
	if t.cell(col) == "" {
		t.refuseCell(col, "the time is missing")
	}
	return t.instant(col)
}

// parseTime reads a time of RFC 3339 with its offset, more strictly than time.Parse: two digits everywhere, no comma.
func parseTime(v string) (hall.Millis, bool) {
	if len(v) < len("2006-01-02T15:04:05Z") || v[10] != 'T' || strings.Contains(v, ",") {
		return 0, false
	}
	for i, c := range []byte("dddd-dd-ddTdd:dd:dd") {
		if c == 'd' && (v[i] < '0' || v[i] > '9') || c != 'd' && v[i] != c {
			return 0, false
		}
	}
	if z := v[len(v)-1]; z != 'Z' && (len(v) < 25 || v[len(v)-3] != ':' || v[len(v)-6] != '+' && v[len(v)-6] != '-') {
		return 0, false
	}
	at, err := time.Parse(time.RFC3339, v)
	return hall.Millis(at.UnixMilli()), err == nil
}
