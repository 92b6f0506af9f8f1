package api_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"yitang/db"
	"yitang/server/account"
	"yitang/server/archive"
	"yitang/server/hall"
	"yitang/server/halltest"
	"yitang/server/report"
	"yitang/server/wire"
)

// withPast is a hall of 1 July 2025 that has imported the worked example.
func withPast(t *testing.T) *halltest.Hall {
	t.Helper()
	h := halltest.Make(t, 1)
	h.Now = func() time.Time { return time.Date(2025, 7, 1, 2, 0, 0, 0, time.UTC) }
	data, err := db.Open(h.Dir)
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := archive.Import(context.Background(), data, os.DirFS("../exchange/testdata/example"), zone, t.TempDir(), nil, unsealed); err != nil {
		t.Fatal(err)
	}
	if err := data.Close(); err != nil {
		t.Fatal(err)
	}
	h.Start()
	return h
}

const juneReport = "?from=2025-06-01&to=2025-06-30&by=department"

// TestReport compares the figures of every report's page with those of its workbook and of its CSV file.
func TestReport(t *testing.T) {
	h := withPast(t)
	for _, kind := range []string{"runonce", "traffic", "promised", "people", "period"} {
		t.Run(kind, func(t *testing.T) { compareFiles(t, h, "/api/v1/reports/"+kind) })
	}
	r := halltest.Into[report.Report](h, h.Get(200, h.Tokens[account.Manager], "/api/v1/reports/runonce"+juneReport))
	if rates := r.Table("rates").Rows; r.ReportDay != "2025-06-30" || len(rates) != 4 || rates[0][4] != 8.0 || rates[0][5] != 14.0 || rates[2][4] != 9.0 {
		t.Errorf("as of %s: %v", r.ReportDay, rates)
	}
}

// TestReportDays: a page opens on a period that has something to show; a hall without any tickets has none.
func TestReportDays(t *testing.T) {
	for _, c := range []struct {
		name  string
		h     *halltest.Hall
		want  wire.ReportDays
		month string
	}{
		{"with a past", withPast(t), wire.ReportDays{Today: "2025-07-01", First: "2025-06-03", Last: "2025-06-18"}, "2025-06"},
		{"new", empty(t), wire.ReportDays{Today: "2025-07-01"}, "2025-07"},
	} {
		t.Run(c.name, func(t *testing.T) {
			manager := c.h.Tokens[account.Manager]
			if got := halltest.Into[wire.ReportDays](c.h, c.h.Get(200, manager, "/api/v1/reports/days")); got != c.want {
				t.Errorf("%+v", got)
			}
			if got := halltest.Into[wire.Leads](c.h, c.h.Get(200, manager, "/api/v1/leads")).Month; got != c.month {
				t.Errorf("the leads of %s", got)
			}
		})
	}
}

// empty is a hall of 1 July 2025 that knows of no ticket.
func empty(t *testing.T) *halltest.Hall {
	t.Helper()
	h := halltest.Make(t, 1)
	h.Now = func() time.Time { return time.Date(2025, 7, 1, 2, 0, 0, 0, time.UTC) }
	h.Start()
	return h
}

func compareFiles(t *testing.T, h *halltest.Hall, path string) {
	t.Helper()
	manager := h.Tokens[account.Manager]
	r := halltest.Into[report.Report](h, h.Get(200, manager, path+juneReport))
	book, err := excelize.OpenReader(bytes.NewReader(h.Get(200, manager, path+".xlsx"+juneReport).Body))
	if err != nil {
		t.Fatal(err)
	}
	lines := csv.NewReader(bytes.NewReader(h.Get(200, manager, path+".csv"+juneReport).Body))
	lines.FieldsPerRecord = -1
	all, err := lines.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	cells := 0
	for _, table := range r.Tables {
		sheet, err := book.GetRows(table.Title, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		at := 0
		for i, line := range all {
			if line[0] == table.Title && len(line) == 2 {
				at = i + 2
			}
		}
		for i, row := range table.Rows {
			for k, v := range row {
				want := cell(t, v)
				cells++
				if got := all[at+i][k]; got != want {
					t.Errorf("csv, %s, row %d: %q, the page says %q", table.Title, i+1, got, want)
				}
				if got := sheet[3+i]; k < len(got) && !strings.HasPrefix(want, strings.TrimRight(got[k], "0")) {
					t.Errorf("workbook, %s, row %d: %q, the page says %q", table.Title, i+1, got[k], want)
				}
			}
		}
	}
	if cells == 0 {
		t.Errorf("%s has no figure to compare", path)
	}
}

// cell is a value of the page as text, with all digits.
func cell(t *testing.T, v any) string {
	t.Helper()
	if s, ok := v.(string); ok {
		return s
	}
	if v == nil {
		return ""
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestReportRefusals(t *testing.T) {
	h := withPast(t)
	for path, want := range map[string]string{
		"/api/v1/reports/runonce?from=2025-06-01&to=2025-06":               "to：",
		"/api/v1/reports/runonce?from=2025-06-02&to=2025-06-01":            "结束日",
		"/api/v1/reports/runonce?from=2025-06-01&to=2025-06-30&by=weather": "by：",

		"/api/v1/reports/traffic?from=2016-01-01&to=2025-06-30":                      "最多两年",
		"/api/v1/reports/period?from=2016-01-01&to=2016-01-31&report_day=2025-06-30": "最多两年",
	} {
		if a := h.Get(400, h.Tokens[account.Manager], path); !strings.Contains(string(a.Body), want) {
			t.Errorf("%s: %s", path, a.Body)
		}
	}
	h.Get(403, h.Tokens[account.Clerk], "/api/v1/reports/runonce"+juneReport)
}

func TestCaseLine(t *testing.T) {
	h := withPast(t)
	line := halltest.Into[wire.CaseLine](h, h.Get(200, h.Tokens[account.Manager], "/api/v1/reports/cases/C4"))
	var kinds []string
	for _, e := range line.Events {
		kinds = append(kinds, e.Kind)
	}
	if got := strings.Join(kinds, " "); got != "ticket opened notice ticket notice ticket accepted decided closed" {
		t.Errorf("C4: %s", got)
	}
	h.Get(404, h.Tokens[account.Manager], "/api/v1/reports/cases/C99")
}

// TestTicketLine: an imported ticket has a line too, with where it was sent and the cases that it is about.
func TestTicketLine(t *testing.T) {
	h := withPast(t)
	manager := h.Tokens[account.Manager]
	const path = "/api/v1/reports/cases/20250604-A003"
	line := halltest.Into[wire.CaseLine](h, h.Get(200, manager, path+"?from=2025-06-01&to=2025-06-30"))
	if len(line.Events) < 2 || line.Events[0].Window != "W3" || line.Events[1].Window != "W5" || line.Events[0].State != "transferred" ||
		line.Events[1].StartedAt == nil || line.Events[1].EndedAt == nil || len(line.Cases) != 1 || line.Cases[0] != "C5" {
		t.Errorf("%+v", line)
	}
	h.Get(404, manager, path)
	h.Get(404, manager, path+"?from=2025-01-01&to=2025-01-31")
	h.Get(400, manager, path+"?from=2025-01-01&to=soon")
}

// unsealed puts an import into no journal.
func unsealed(hall.HistoryImported) error { return nil }
