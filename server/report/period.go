package report

import (
	"slices"

	"yitang/server/runonce"
)

// Period is the report that a hall hands on: a day's, a week's, a month's or a quarter's most important tables, each made
// by the same function as the page of its own.
func Period(f *Floor, q runonce.Query, judged *runonce.Report, red int, names Names) Report {
	run, traffic, promised, people := New(f.Hall, q, judged, names), Traffic(f), Promised(f, judged, red, names), People(f)
	r := Report{Hall: f.Hall, Kind: "period", Title: "综合报表", From: f.From, To: f.To, ReportDay: f.ReportDay, By: string(q.By)}
	if run.Empty != "" && people.Empty != "" {
		r.Empty = traffic.Empty
	}
	for _, part := range []struct {
		of     Report
		tables []string
	}{
		{traffic, []string{"totals", "days", "hours", "fields", "channels"}},
		{run, []string{"rates", "weeks", "reasons", "visits", "left_out", "groups"}},
		{promised, []string{"promise", "promise_departments", "red"}},
		{people, []string{"windows", "pauses"}},
		{run, []string{"leads"}},
	} {
		for _, id := range part.tables {
			r.Tables = append(r.Tables, *part.of.Table(id))
		}
		for _, d := range part.of.Definitions {
			if !slices.Contains(r.Definitions, d) {
				r.Definitions = append(r.Definitions, d)
			}
		}
	}
	return r
}
