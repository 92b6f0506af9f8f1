package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"time"

	"yitang/db"
	"yitang/server/archive"
	"yitang/server/exchange"
	"yitang/server/hall"
	"yitang/server/workday"
)

type exportCmd struct {
	dirFlag
	To   string `arg:"" type:"path" placeholder:"FOLDER" help:"New or empty folder for cases.csv, tickets.csv, notices.csv, referrals.csv, matters.csv and the hall's calendar.csv."`
	From string `placeholder:"DAY" help:"Only what was issued, opened or still open since this day, YYYY-MM-DD."`
	Till string `placeholder:"DAY" help:"Only what was issued or opened until this day."`
}

func (exportCmd) Help() string {
	return "Example: yitang export --dir /var/lib/yitang ./june --from 2025-06-01 --till 2025-06-30\n\n" +
		"Writes the hall's tickets and cases, its own and the imported ones, as exchange files, people as pseudonyms. May run beside the working hall."
}

// Run exports. A folder that is not empty is refused, so that no two histories are mixed.
func (c *exportCmd) Run(ctx context.Context, w out) error {
	data, err := readHall(ctx, c.Dir)
	if err != nil {
		return err
	}
	defer data.Close() //nolint:errcheck // it only read
	layout, err := data.Layout(ctx)
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(zoneOf(layout))
	if err != nil {
		return err
	}
	from, to, err := c.period(zone)
	if err != nil {
		return err
	}
	if err := emptyFolder(c.To); err != nil {
		return err
	}
	files, err := exchange.NewWriter(zone, func(name string) (io.WriteCloser, error) { return os.Create(filepath.Join(c.To, name)) }) // #nosec G304 -- the owner names the folder, the exchange files are four
	if err != nil {
		return err
	}
	err = archive.ExportPast(ctx, data, files, hall.Day(c.From), hall.Day(c.Till))
	if err == nil {
		err = exchange.Export(ctx, data, files, from, to)
	}
	if err = errors.Join(err, files.Close()); err != nil {
		return err
	}
	if err := errors.Join(c.standards(ctx, data, layout), c.calendar(layout)); err != nil {
		return err
	}
	for _, name := range exchange.Files() {
		fmt.Fprintf(w, "%-14s %10d rows\n", name, files.Rows(name))
	}
	return nil
}

// standards writes the matters beside the history: without them a reader knows no promised day.
func (c *exportCmd) standards(ctx context.Context, data *db.DB, layout *hall.Layout) error {
	list, err := archive.AllStandards(ctx, data, layout)
	if err != nil || list == nil {
		return err
	}
	f, err := os.Create(filepath.Join(c.To, exchange.MattersFile))
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return errors.Join(exchange.WriteStandards(f, list), f.Close())
}

// calendar writes the hall's own years beside the history: without them a reader cannot count their working days.
func (c *exportCmd) calendar(layout *hall.Layout) error {
	if len(layout.Calendar) == 0 {
		return nil
	}
	f, err := os.Create(filepath.Join(c.To, exchange.CalendarFile))
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return errors.Join(workday.Write(f, layout.Calendar), f.Close())
}

// period is the first and the last moment asked for.
func (c *exportCmd) period(zone *time.Location) (from, to hall.Millis, err error) {
	to = math.MaxInt64
	if c.From != "" {
		day, err := time.ParseInLocation(time.DateOnly, c.From, zone)
		if err != nil {
			return 0, 0, fmt.Errorf("export: --from %s: write a day as YYYY-MM-DD", c.From)
		}
		from = hall.Millis(day.UnixMilli())
	}
	if c.Till != "" {
		day, err := time.ParseInLocation(time.DateOnly, c.Till, zone)
		if err != nil {
			return 0, 0, fmt.Errorf("export: --till %s: write a day as YYYY-MM-DD", c.Till)
		}
		to = hall.Millis(day.AddDate(0, 0, 1).UnixMilli() - 1)
	}
	if from > to {
		return 0, 0, fmt.Errorf("export: --from %s is after --till %s", c.From, c.Till)
	}
	return from, to, nil
}

func emptyFolder(path string) error {
	list, err := os.ReadDir(path)
	if errors.Is(err, fs.ErrNotExist) {
		return os.MkdirAll(path, 0o700)
	}
	if err == nil && len(list) > 0 {
		return fmt.Errorf("export: %s is not empty; choose a new folder", path)
	}
	return err
}
