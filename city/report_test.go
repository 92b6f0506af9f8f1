package city_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"yitang/server/report"
	"yitang/server/wire"
)

// sameEverywhere compares every cell of the city's report on the page with the workbook and the CSV file.
func (w *town) sameEverywhere(period string) {
	w.Helper()
	var page report.Report
	w.call(http.MethodGet, "/api/v1/reports/city"+period, 200, nil, &page)
	if len(page.Definitions) < 6 || page.Table("groups") == nil || len(page.Table("groups").Rows) != 2 || len(page.Table("across").Rows) != 1 {
		w.Fatalf("%+v", page)
	}
	book, err := excelize.OpenReader(bytes.NewReader(w.ask(http.MethodGet, "/api/v1/reports/city.xlsx"+period, w.token, nil).body))
	if err != nil {
		w.Fatal(err)
	}
	defer book.Close()
	lines := csv.NewReader(bytes.NewReader(w.ask(http.MethodGet, "/api/v1/reports/city.csv"+period, w.token, nil).body))
	lines.FieldsPerRecord = -1
	all, err := lines.ReadAll()
	if err != nil {
		w.Fatal(err)
	}
	for i := range page.Tables {
		t := &page.Tables[i]
		rows, err := book.GetRows(t.Title, excelize.Options{RawCellValue: true})
		if err != nil {
			w.Fatalf("%s: %v", t.Title, err)
		}
		w.sameTable(t, "workbook", rows[min(len(rows), 3):])
		at := 0
		for at < len(all) && all[at][0] != t.Title {
			at++
		}
		w.sameTable(t, "CSV", all[min(len(all), at+2):])
	}
}

func (w *town) sameTable(t *report.Table, where string, rows [][]string) {
	w.Helper()
	for k, row := range t.Rows {
		for i, cell := range row {
			got := ""
			if k < len(rows) && i < len(rows[k]) {
				got = rows[k][i]
			}
			if !same(cell, got) {
				w.Errorf("%s, %s, row %d, %s: %q, the page says %v", where, t.Title, k+1, t.Columns[i].Name, got, cell)
			}
		}
	}
}

func same(cell any, got string) bool {
	if want, ok := cell.(float64); ok {
		f, err := strconv.ParseFloat(got, 64)
		return err == nil && math.Abs(f-want) < 1e-9
	}
	return cell == nil && got == "" || cell != nil && fmt.Sprint(cell) == strings.TrimSpace(got)
}

// twoHalls reads the story of a case that somebody came for at two halls: both visits, in order, and the notice between.
func (w *town) twoHalls(id string) {
	w.Helper()
	var line wire.CaseLine
	w.call(http.MethodGet, "/api/v1/reports/cases/"+url.PathEscape(id), 200, nil, &line)
	var halls, kinds []string
	for _, e := range line.Events {
		kinds = append(kinds, e.Kind)
		if at, _, _ := strings.Cut(e.Ticket, "/"); e.Kind == "ticket" {
			halls = append(halls, at)
		}
	}
	if strings.Join(halls, " ") != "township changji" || !strings.Contains(strings.Join(kinds, " "), "notice") {
		w.Errorf("%+v", line)
	}
	w.call(http.MethodGet, "/api/v1/reports/cases/nowhere", 422, nil, nil)
	w.call(http.MethodGet, "/api/v1/reports/cases/"+url.PathEscape("changji/20250603-9999"), 404, nil, nil)
}
