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
	"yitang/server/hall"
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

// TestWorkbookOnPaper: the heads of the columns stand on every sheet, what does not fit in a line has room, and of a list that would
// fill hundreds of sheets the first rows are printed, and it says so.
func TestWorkbookOnPaper(t *testing.T) {
	r := june(t, runonce.ByMatter)
	long := report.Table{ID: "long", Title: "长表", Columns: []report.Column{{Name: "事项", Kind: report.Text}, {Name: "次数", Kind: report.Count}}}
	for i := range 1000 {
		long.Rows = append(long.Rows, []any{strings.Repeat("经营性生活垃圾清扫", 1+i%2*3), i})
	}
	noted := report.Table{ID: "noted", Title: "短表", Columns: []report.Column{{Name: "次数", Kind: report.Count}}, Note: strings.Repeat("数", 69)} // 34 a line
	r.Tables = append(r.Tables, long, noted)
	var x bytes.Buffer
	if err := r.Workbook(&x); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&x)
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]string{}
	for _, n := range book.GetDefinedName() {
		named[n.Name+" "+n.Scope] = n.RefersTo
	}
	for _, table := range r.Tables {
		if got, want := named["_xlnm.Print_Titles "+table.Title], "'"+table.Title+"'!$3:$3"; got != want {
			t.Errorf("%s repeats %q, want %q", table.Title, got, want)
		}
	}
	if got := named["_xlnm.Print_Area 长表"]; got != "'长表'!$A$1:$B$43" {
		t.Errorf("the print area of a long list is %q", got)
	}
	if note, _ := book.GetCellValue("长表", "A2"); !strings.Contains(note, "共 1000 行") {
		t.Errorf("the long list says %q", note)
	}
	for row, want := range map[int]float64{4: 15, 5: 30, 6: 15} {
		if got, _ := book.GetRowHeight("长表", row); got != want {
			t.Errorf("row %d is %v high, want %v", row, got, want)
		}
	}
	if got, _ := book.GetRowHeight("短表", 2); got < 3*15 {
		t.Errorf("a note of three lines has %v of height", got)
	}
	if got, _ := book.GetRowHeight("说明", 5); got < 30 {
		t.Errorf("a long definition has %v of height", got)
	}
}

// TestNothingOfAPeriod: a period that has not come, or of which there is nothing, is not told in zeros: page, workbook and CSV say why
// and what to do.
func TestNothingOfAPeriod(t *testing.T) {
	named := func(_ runonce.Grouping, key string) string { return key }
	for name, c := range map[string]struct {
		from, day hall.Day
		judged    runonce.Report
		want      string
	}{
		"not come":          {"2025-09-01", "2025-06-30", runonce.Report{WithKnownFailures: runonce.Rate{N: 7}}, "还没有到（报告日 2025-06-30）"},
		"nothing":           {"2025-06-01", "2025-06-30", runonce.Report{}, "换一段有数据的日期"},
		"opened, not ended": {"2025-06-01", "2025-06-30", runonce.Report{Opened: runonce.Opened{N: 3}}, ""},
	} {
		q := runonce.Query{From: c.from, To: c.from, ReportDay: c.day, By: runonce.ByMatter}
		r := report.New("大厅", q, &c.judged, named)
		if !strings.Contains(r.Empty, c.want) || (c.want == "") != (r.Empty == "") {
			t.Errorf("%s: it says %q", name, r.Empty)
		}
		var x, sheet bytes.Buffer
		if err := r.Workbook(&x); err != nil {
			t.Fatal(err)
		}
		if err := r.CSV(&sheet); err != nil {
			t.Fatal(err)
		}
		book, err := excelize.OpenReader(&x)
		if err != nil {
			t.Fatal(err)
		}
		if first, _ := book.GetCellValue("说明", "A3"); r.Empty != "" && first != r.Empty || !strings.Contains(sheet.String(), r.Empty) {
			t.Errorf("%s: the workbook begins with %q", name, first)
		}
	}
}

// TestNoFormulas: what somebody has put into a case's number or a reason does nothing in the spreadsheet that opens the CSV file.
func TestNoFormulas(t *testing.T) {
	for text, want := range map[string]string{"=HYPERLINK(1)": "'=HYPERLINK(1)", "+1": "'+1", "-1+1": "'-1+1", "@SUM(A1)": "'@SUM(A1)", "20250603-A001": "20250603-A001"} {
		r := report.Report{Tables: []report.Table{{ID: "x", Columns: []report.Column{{Name: "办件"}}, Rows: [][]any{{text}}}}}
		var out bytes.Buffer
		if err := r.CSV(&out); err != nil {
			t.Fatal(err)
		}
		if lines := strings.Split(strings.TrimSpace(out.String()), "\n"); lines[len(lines)-1] != want {
			t.Errorf("%q is written as %q", text, lines[len(lines)-1])
		}
	}
}

// TestSheetsOfTheirOwn: each table has a sheet, whatever is compared.
func TestSheetsOfTheirOwn(t *testing.T) {
	for _, by := range []runonce.Grouping{runonce.ByMatter, runonce.ByDepartment, runonce.ByWindow, runonce.ByWeek, runonce.ByAgent} {
		r := june(t, by)
		titles := map[string]bool{}
		for i := range r.Tables {
			if titles[r.Tables[i].Title] {
				t.Errorf("by %s: two tables are called %s", by, r.Tables[i].Title)
			}
			titles[r.Tables[i].Title] = true
		}
	}
}
