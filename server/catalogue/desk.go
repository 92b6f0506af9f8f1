package catalogue

import (
	"errors"
	"io/fs"
	"strings"

	"yitang/server/hall"
	"yitang/server/mistake"
	"yitang/server/workday"
)

// deskColumns are the settings of a hall's windows in hall.csv; a hall that leaves them out or empty has the usual ones.
//
//	calls            how often a ticket is called, the first call included (3)
//	recall_seconds   between two calls (20)
//	no_show          after_last_call (usual) or any_time
//	rating_days      working days in which a bad rating must be closed (5)
//	yellow_days      a case turns yellow with so many working days left (3)
//	red_days         and red (1)
//	bureau           who decides transferred matters and holds the one seal (行政审批局)
func deskColumns() []string {
	return []string{"calls", "recall_seconds", "no_show", "rating_days", "yellow_days", "red_days", "bureau"}
}

func readDesk(r row) hall.Desk {
	d := hall.DefaultDesk()
	for _, n := range []struct {
		column string
		into   *int
		max    int
	}{{"calls", &d.Calls, 10}, {"recall_seconds", &d.RecallEveryS, 300}, {"rating_days", &d.RatingDays, 60},
		{"yellow_days", &d.YellowDays, 60}, {"red_days", &d.RedDays, 60}} {
		if r.cells[n.column] != "" {
			*n.into = r.number(n.column, 0, n.max)
		}
	}
	if r.cells["no_show"] != "" {
		d.LastCallFirst = r.choice("no_show", "after_last_call", "any_time") == "after_last_call"
	}
	if v := r.text("bureau", false); v != "" {
		d.Bureau = v
	}
	return d
}

// readCalendar reads the hall's own years.
// Calendar reads the years of a calendar.csv that comes alone. What is wrong with it comes back as a mistake.List.
func Calendar(files fs.FS) ([]workday.Year, error) {
	var p mistake.List
	var l hall.Layout
	readCalendar(readSheet(files, calendarDesign(), &p), &l)
	if len(p) > 0 {
		return nil, p
	}
	return l.Calendar, nil
}

func readCalendar(s *sheet, l *hall.Layout) {
	if s == nil || len(*s.problems) > 0 {
		return
	}
	years, err := workday.Parse(strings.NewReader(string(s.text)))
	var bad *workday.ProblemError
	if errors.As(err, &bad) {
		s.refuse(bad.Line, bad.Column, "%s", bad.Message)
		return
	}
	l.Calendar = years
}
