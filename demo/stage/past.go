package stage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"yitang/db"
	"yitang/demo"
	"yitang/demo/history"
	"yitang/server/archive"
	"yitang/server/engine"
	"yitang/server/hall"
	"yitang/server/route"
	"yitang/server/workday"
)

// invent gives a new hall a past: from the first day of the last whole quarter until yesterday, imported as a hall imports
// the history of the system before.
func (p *prepared) invent(ctx context.Context, data *db.DB, dir string, now time.Time) (err error) {
	zone, err := time.LoadLocation(p.layout.Zone)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	y, m, d := now.In(zone).Date()
	files := filepath.Join(dir, "past")
	defer func() { err = errors.Join(err, os.RemoveAll(files)) }()
	_, err = history.Write(files, history.Config{Layout: p.layout, Open: p.layout.Hours.Spans, Works: workdays(p.layout.Workdays()), Share: demo.DefaultShare, Shares: history.Reformed(),
		First: time.Date(y, (m-1)/3*3-2, 1, 0, 0, 0, 0, time.UTC), Last: time.Date(y, m, d-1, 0, 0, 0, 0, time.UTC), Seed: 1})
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	yesterday := func() time.Time { return now.AddDate(0, 0, -1) }
	eng, err := engine.New(ctx, data, route.Rule{}, yesterday, func(*hall.View) {})
	if err != nil {
		return err
	}
	_, err = archive.Import(ctx, data, os.DirFS(files), zone, dir, nil, func(i hall.HistoryImported) error {
		return eng.Alone(ctx, hall.ImportHistory{HistoryImported: i})
	})
	return err
}

// workdays asks the hall's calendar; takeAppointments has given it the years.
func workdays(c workday.Calendar) func(time.Time) bool {
	return func(day time.Time) bool {
		works, err := c.IsWorkday(workday.Day(day.Format(time.DateOnly)))
		return err == nil && works
	}
}
