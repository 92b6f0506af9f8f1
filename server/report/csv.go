package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// mark lets Excel see that a CSV file is UTF-8.
const mark = "\ufeff"

// CSV writes all tables, one below the other, each under a line with its title.
func (r *Report) CSV(to io.Writer) error {
	if _, err := io.WriteString(to, mark); err != nil {
		return fmt.Errorf("report: csv: %w", err)
	}
	w := csv.NewWriter(to)
	rows := [][]string{{r.Hall}, {r.Title, string(r.From), string(r.To), r.words.Say("报告日"), string(r.ReportDay)}}
	if r.Empty != "" {
		rows = append(rows, []string{r.Empty})
	}
	for _, d := range r.Definitions {
		rows = append(rows, []string{d})
	}
	for i := range r.Tables {
		rows = append(rows, []string{}, []string{r.Tables[i].Title, r.Tables[i].Note})
		rows = append(rows, r.Tables[i].strings()...)
	}
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			return fmt.Errorf("report: csv: %w", err)
		}
	}
	w.Flush()
	return w.Error()
}

func (t *Table) strings() [][]string {
	head := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		head[i] = c.Name
	}
	rows := [][]string{head}
	for _, r := range t.Rows {
		row := make([]string, len(r))
		for i, v := range r {
			row[i] = plain(v)
		}
		rows = append(rows, row)
	}
	return rows
}

// plain is a figure with all its digits.
func plain(v any) string {
	switch v := v.(type) {
	case string:
		return inert(v)
	case int:
		return strconv.Itoa(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// inert is a text that no spreadsheet takes for a formula: a case's number, or a clerk's reason, may come from anybody.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
