package report_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"yitang/server/exchange"
	"yitang/server/report"
	"yitang/server/runonce"
)

// june is the report of the worked example.
func june(t *testing.T, by runonce.Grouping) report.Report {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	d, err := exchange.Read(os.DirFS("../exchange/testdata/example"), zone)
	if err != nil {
		t.Fatal(err)
	}
	q := runonce.Query{From: "2025-06-01", To: "2025-06-30", ReportDay: "2025-06-30", By: by, More: []runonce.Grouping{runonce.ByClosing}}
	r, err := runonce.Judge(*d, q)
	if err != nil {
		t.Fatal(err)
	}
	return report.New("昌吉市政务服务大厅", q, r, func(_ runonce.Grouping, key string) string { return key })
}

func TestTables(t *testing.T) {
	r := june(t, runonce.ByMatter)
	rates := r.Table("rates").Rows
	if len(rates) != 4 || rates[0][4] != 8 || rates[0][5] != 14 || rates[1][5] != 15 || rates[2][4] != 9 || rates[3][5] != 16 {
		t.Errorf("rates %v", rates)
	}
	want := [][]any{{"0", 2, 2.0 / 14}, {"1", 6, 6.0 / 14}, {"2", 5, 5.0 / 14}, {"3", 1, 1.0 / 14}}
	if diff := cmp.Diff(want, r.Table("visits").Rows); diff != "" {
		t.Error(diff)
	}
	reasons := r.Table("reasons").Rows
	if len(reasons) != 6 || reasons[0][0] != "R2" || reasons[0][3] != 2 || reasons[5][5] != 1.0 {
		t.Errorf("reasons %v", reasons)
	}
	groups := r.Table("groups").Rows
	if len(groups) != 2 || groups[0][6] != "不足 30 件，不比较" || groups[0][5] != 6 || groups[1][5] != 8 {
		t.Errorf("groups %v", groups)
	}
	if n := len(r.Table("cases").Rows); n != 14 {
		t.Errorf("%d cases", n)
	}
	weeks, sum := "", 0
	for _, row := range r.Table("weeks").Rows {
		weeks, sum = weeks+fmt.Sprint(row[0], " ", row[5], " "), sum+row[5].(int)
	}
	if weeks != "6月2–8日 1 6月9–15日 10 6月16–22日 3 " || sum != 14 {
		t.Errorf("the weeks of closing: %s", weeks)
	}
}

// TestBounds: where one ticket in ten has no case, nobody can tell a point; and what is not decided yet is said.
func TestBounds(t *testing.T) {
	f := func(v float64) *float64 { return &v }
	once := 120
	rate := runonce.Rate{N: 140, Once: &once, Rate: f(120.0 / 140), Lo: f(0.8), Hi: f(0.9)}
	judged := &runonce.Report{All: rate, WithKnownFailures: rate, Law: rate, LinkedShare: f(0.9), Bounds: &runonce.Bounds{Lo: 110.0 / 140, Hi: 120.0 / 140}, Proven: 100, Linked: 90, CaseVisits: runonce.CaseVisits{Histogram: map[string]int{"1": 120, "2": 20}},
		Opened: runonce.Opened{N: 50, F1: f(0.1), F2: f(0.6), S: f(0.3), SE1: f(0), SE2: f(0), Tau: 30, Seen: 4}}
	r := report.New("大厅", runonce.Query{From: "2025-06-01", To: "2025-06-30", ReportDay: "2025-06-30"}, judged, func(_ runonce.Grouping, key string) string { return key })
	rates := r.Table("rates")
	for _, row := range rates.Rows[:3] {
		if diff := cmp.Diff([]any{nil, 110.0 / 140, 120.0 / 140, 120, 140}, row[1:]); diff != "" {
			t.Errorf("%v: %s", row[0], diff)
		}
	}
	for _, want := range []string{"只有 90.0% 的号", "还没有定论 30.0%", "只过了 4 个工作日，不到 30 个"} {
		if !strings.Contains(rates.Note, want) {
			t.Errorf("%q does not say %q", rates.Note, want)
		}
	}
}

// TestExportsSayTheSame compares every cell of the workbook and of the CSV file with the tables of the page.
func TestExportsSayTheSame(t *testing.T) {
	r := june(t, runonce.ByWindow)
	var x, c bytes.Buffer
	if err := r.Workbook(&x); err != nil {
		t.Fatal(err)
	}
	if err := r.CSV(&c); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&x)
	if err != nil {
		t.Fatal(err)
	}
	reader := csv.NewReader(strings.NewReader(strings.TrimPrefix(c.String(), "\ufeff")))
	reader.FieldsPerRecord = -1
	lines, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range r.Tables {
		rows, err := book.GetRows(table.Title, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		checkRows(t, table, "workbook", rows[3:])
		for i, line := range lines {
			if len(line) == 2 && line[0] == table.Title && line[1] == table.Note {
				checkRows(t, table, "csv", lines[i+2:])
			}
		}
	}
	if got, _ := book.GetCellValue("说明", "A1"); got != "昌吉市政务服务大厅" {
		t.Errorf("the cover names %q", got)
	}
}

func checkRows(t *testing.T, table report.Table, where string, rows [][]string) {
	t.Helper()
	if len(rows) < len(table.Rows) {
		t.Fatalf("%s: %s has %d rows of %d", where, table.Title, len(rows), len(table.Rows))
	}
	for i, row := range table.Rows {
		for k, v := range row {
			got := ""
			if k < len(rows[i]) { // a workbook leaves empty cells at the end out
				got = rows[i][k]
			}
			if !same(v, got) {
				t.Errorf("%s: %s, row %d, %s: %q, the page says %v", where, table.Title, i+1, table.Columns[k].Name, got, v)
			}
		}
	}
}

func same(v any, got string) bool {
	switch v := v.(type) {
	case nil:
		return got == ""
	case string:
		return got == v
	case int:
		return got == strconv.Itoa(v)
	}
	f, err := strconv.ParseFloat(got, 64)
	return err == nil && math.Abs(f-v.(float64)) < 1e-14 // a workbook keeps fifteen digits, as Excel does
}
