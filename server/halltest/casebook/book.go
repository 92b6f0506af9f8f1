// Package casebook is the worked example of the measure as a script: eighteen cases that people, clerks, departments and an
// approval system play on a hall, whoever plays them and how: through the API, or through the pages in a browser. What the
// hall exports afterwards is held against the example, row by row. Only tests import it; it starts nothing.
package casebook

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"yitang/server/exchange"
	"yitang/server/hall"
	"yitang/server/wire"
)

// Row is a row of an exchange file by its columns.
type Row map[string]string

// Book is the example, with what the hall that plays it calls the example's tickets and cases.
type Book struct {
	Tickets map[string]string // the example's ticket → the hall's
	Cases   map[string]string // the example's case → the hall's
	rows    map[string][]Row
}

// Read reads the example's four exchange files from a folder.
//
// What the example tells more finely than a hall records is adjusted: a case is accepted, and a notice given, when the
// clerk finishes, not in the middle of the service, but what is done on the spot is accepted when the service begins; and a
// cancelled ticket ends when it is cancelled.
func Read(dir string) (*Book, error) {
	b := &Book{Tickets: map[string]string{}, Cases: map[string]string{"C9": "C9"}, rows: map[string][]Row{}}
	var err error
	for _, name := range exchange.Files() {
		if b.rows[name], err = readRows(filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	for _, r := range b.rows[exchange.TicketsFile] {
		if r["state"] == "cancelled" {
			r["ended_at"] = "2025-06-12T10:05:00+08:00"
		}
	}
	for _, r := range b.rows[exchange.CasesFile] {
		if b.onTheSpot(r) {
			r["accepted_at"] = b.serviceOf(r["case"], r["accepted_at"])["started_at"]
		} else {
			r["accepted_at"] = b.endOf(r["case"], r["accepted_at"])
		}
	}
	for _, r := range b.rows[exchange.NoticesFile] {
		r["at"] = b.endOf(r["case"], r["at"])
	}
	return b, nil
}

func readRows(path string) ([]Row, error) {
	f, err := os.Open(path) // #nosec G304 -- a test names it
	if err != nil {
		return nil, err
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil || len(records) == 0 {
		return nil, errors.Join(err, fmt.Errorf("casebook: %s: no header row", path))
	}
	var rows []Row
	for _, r := range records[1:] {
		row := Row{}
		for i, name := range records[0] {
			row[name] = r[i]
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// endOf is the end of the case's service that a time lies in, or the time itself.
func (b *Book) endOf(kase, at string) string {
	return cmp.Or(b.serviceOf(kase, at)["ended_at"], at)
}

// serviceOf is the ticket in whose service for a case a time lies, or nil.
func (b *Book) serviceOf(kase, at string) Row {
	for _, r := range b.rows[exchange.TicketsFile] {
		if r.about(kase) && r["started_at"] != "" && r["started_at"] <= at && at <= r["ended_at"] {
			return r
		}
	}
	return nil
}

// onTheSpot says whether a case was decided in the service in which it was accepted.
func (b *Book) onTheSpot(r Row) bool {
	return r["accepted_at"] != "" && b.endOf(r["case"], r["accepted_at"]) == r["decided_at"]
}

// about says whether a ticket is about a case.
func (r Row) about(kase string) bool { return slices.Contains(strings.Split(r["case"], ";"), kase) }

func (b *Book) row(file, column, value string) Row {
	for _, r := range b.rows[file] {
		if r[column] == value {
			return r
		}
	}
	return nil
}

// Layout makes a hall the one in which the example happens: one field, three matters of one department, five windows.
func Layout(l *hall.Layout) *hall.Layout {
	l.Hours, l.Desk.Bureau = hall.Hours{}, Bureau
	l.Fields, l.Matters, l.Windows = l.Fields[:1], nil, nil
	papers := []string{"章程", "住所证明", "验资报告"}
	for _, m := range []struct {
		code hall.MatterCode
		days int
	}{{"M1", 3}, {"M2", 10}, {"M3", 10}} {
		l.Matters = append(l.Matters, hall.Matter{Code: m.code, Name: hall.Text{"zh": string(m.code)}, Field: l.Fields[0].ID, Department: Department,
			Kind: hall.Promised, StatutoryDays: 20, PromisedDays: m.days, Transferred: true, ServiceMin: 10, Materials: papers})
	}
	for _, id := range []hall.WindowID{"1", "2", "W3", "W5", "9"} {
		l.Windows = append(l.Windows, hall.WindowPlan{ID: id, Kind: hall.General, Fields: []hall.FieldID{l.Fields[0].ID}})
	}
	return l
}

// The department that decides the example's matters, and the bureau whose seal it uses.
const (
	Department = "市监局"
	Bureau     = "审批局"
)

// ClerkOf is who works at a window.
func ClerkOf(window string) string {
	return map[string]string{"1": "li", "2": "li", "W3": "wang", "W5": "zhao", "9": "sun"}[window]
}

// Clerks lists the example's clerks.
func Clerks() []string { return []string{"li", "wang", "zhao", "sun"} }

// personOf is a valid number for each of the example's people.
func personOf(name string) wire.Person {
	if len(name) == 18 {
		return wire.Person{Kind: "company", Number: name}
	}
	n := 0
	for _, c := range []byte(name) {
		n = n*31 + int(c)
	}
	digits := "110105" + "1990" + "0101" + fmt.Sprintf("%03d", n%1000)
	weights := []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += w * int(digits[i]-'0')
	}
	return wire.Person{Kind: "id", Number: digits + string("10X98765432"[sum%11])}
}

// instant reads a time of the example; the files were read before, so a bad one is a mistake of this package.
func instant(text string) time.Time {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return at
}
