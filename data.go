package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"yitang/db"
	"yitang/server/catalogue"
	"yitang/server/engine"
	"yitang/server/hall"
	"yitang/server/route"
	"yitang/server/workday"
)

type importCmd struct {
	dirFlag
	From    string `arg:"" optional:"" type:"path" placeholder:"FOLDER" help:"Folder with matters.csv, fields.csv, windows.csv and hall.csv; or with exchange files; or a file cases.csv with open cases; or a file calendar.csv with a year's working days."`
	Example bool   `help:"Adopt the example lists instead."`
}

func (importCmd) Help() string {
	return "Example: yitang import --dir /var/lib/yitang ./our-lists\n\nThe hall must not be running. FOLDER is either a hall's own lists " +
		"(matters.csv, fields.csv, windows.csv, hall.csv), which the hall adopts, or the history of a hall in exchange files " +
		"(cases.csv, tickets.csv, notices.csv, referrals.csv), which replaces what was imported before. A single file cases.csv " +
		"(in the columns of the exchange files) hands the hall an approval system's open cases to go on with; PUT /api/v1/cases/{case} does " +
		"the same while the hall runs. A single file calendar.csv (date,kind; kind is holiday or workday) gives the hall the working days of " +
		"the years in it, each as a whole; other years stay. What has a mistake is refused as a whole and changes nothing."
}

// Run adopts the lists, or takes the history over.
func (c *importCmd) Run(ctx context.Context, w out) error {
	if c.From != "" && !c.Example {
		at, err := os.Stat(c.From)
		if errors.Is(err, fs.ErrPermission) {
			return fmt.Errorf("import: %w; put the lists where the user may read them who runs this command, such as /srv", err)
		}
		if err != nil {
			return fmt.Errorf("import: %w; name the folder with your own lists, or take the example's with --example instead", err)
		}
		switch {
		case !at.IsDir() && filepath.Base(c.From) == catalogue.CalendarFile:
			return importCalendar(ctx, c.Dir, c.From, w)
		case !at.IsDir():
			return importCases(ctx, c.Dir, c.From, w)
		}
		kind, err := kindOf(os.DirFS(c.From))
		if err != nil {
			return fmt.Errorf("import: %s: %w", c.From, err)
		}
		if kind == exchangeFolder {
			return importHistory(ctx, c.Dir, c.From, w)
		}
	}
	layout, err := c.layout()
	if err != nil {
		return err
	}
	if err := adopt(ctx, c.Dir, layout); err != nil {
		return err
	}
	version := layout.Version
	if layout.Example {
		version += ", marked as the example: lists of your own, and these files given as a folder, have another"
	}
	fmt.Fprintf(w, "%s: %d matters in %d fields, %d windows (version %s)\n", layout.Name["zh"], len(layout.Matters),
		len(layout.Fields), len(layout.Windows), version)
	warnThin(w, layout.Calendar)
	return nil
}

func (c *importCmd) layout() (*hall.Layout, error) {
	switch {
	case c.Example && c.From == "":
		return catalogue.Example()
	case c.From != "" && !c.Example:
		l, err := catalogue.Load(os.DirFS(c.From))
		if err != nil {
			return nil, fmt.Errorf("import: %s was read as a hall's own lists and refused, nothing was changed:\n%w", c.From, err)
		}
		return l, nil
	}
	return nil, errors.New("import: name a folder with the four lists or with exchange files, or --example")
}

// adopt puts a layout into a hall that is not running.
func adopt(ctx context.Context, dir string, l *hall.Layout) error {
	data, eng, err := openStill(ctx, dir, db.Open)
	if err != nil {
		return err
	}
	defer data.Close() //nolint:errcheck // what was acknowledged is on disk
	l.KeepSettings(eng.View().Layout)
	return eng.Alone(ctx, hall.AdoptLayout{Layout: *l})
}

// importCalendar gives a hall that is not running the working days of some years; those that it has of other years stay.
func importCalendar(ctx context.Context, dir, path string, w out) error {
	years, err := catalogue.Calendar(os.DirFS(filepath.Dir(path)))
	if err != nil {
		return fmt.Errorf("import: %s was refused, nothing was changed:\n%w", path, err)
	}
	data, eng, err := openStill(ctx, dir, openHall)
	if err != nil {
		return err
	}
	defer data.Close() //nolint:errcheck // what was acknowledged is on disk
	next := *eng.View().Layout
	next.Calendar = workday.Renewed(next.Calendar, years)
	next.Version = next.Named()
	if err := eng.Alone(ctx, hall.AdoptLayout{Layout: next}); err != nil {
		return err
	}
	for _, y := range years {
		fmt.Fprintf(w, "%d: %d holidays, %d days worked instead\n", y.Year, len(y.Holidays), len(y.Worked))
	}
	warnThin(w, years)
	return nil
}

// warnThin doubts a year of which hardly a day is named: all its other days count as a plain week's.
func warnThin(w io.Writer, years []workday.Year) {
	for _, y := range years {
		if y.Thin() {
			fmt.Fprintf(w, "warning: %s names only %d of the some thirty special days of %d; all others now count as Monday to Friday worked, "+
				"Saturday and Sunday free. Import the whole year before deadlines are told by it\n", catalogue.CalendarFile, len(y.Holidays)+len(y.Worked), y.Year)
		}
	}
}

// openStill opens a hall that is not running, by openHall or db.Open. The caller closes the data.
func openStill(ctx context.Context, dir string, open func(string) (*db.DB, error)) (*db.DB, *engine.Engine, error) {
	data, err := open(dir)
	if err != nil {
		return nil, nil, err
	}
	eng, err := still(ctx, data)
	if err != nil {
		return nil, nil, errors.Join(err, data.Close())
	}
	return data, eng, nil
}

// still is a hall that is not running.
func still(ctx context.Context, data *db.DB) (*engine.Engine, error) {
	return engine.New(ctx, data, route.Rule{}, time.Now, func(*hall.View) {})
}

type verifyCmd struct {
	dirFlag
	Heads string `type:"existingfile" placeholder:"FILE" help:"Signed heads that were kept outside the hall (yitang heads): finds also a journal that was written anew as a whole."`
	JSON  bool   `name:"json" help:"Print the verdict as JSON."`
}

func (verifyCmd) Help() string {
	return "Example: yitang verify --dir /var/lib/yitang --heads /media/usb/heads.jsonl\n\nMay run beside the working hall."
}

// Run verifies; a fault is a failure.
func (c *verifyCmd) Run(ctx context.Context, w out) error {
	list, err := readHeads(c.Heads)
	if err != nil {
		return err
	}
	v, err := verdict(ctx, c.Dir, list...)
	if err != nil {
		return err
	}
	if c.JSON {
		if err := json.NewEncoder(w).Encode(map[string]any{"events": v.Events, "fault": v.Fault}); err != nil {
			return err
		}
	}
	if v.Fault != "" {
		return errors.New(v.Fault)
	}
	if !c.JSON {
		fmt.Fprintf(w, "%d events, chain whole, projections agree", v.Events)
		if len(list) > 0 {
			fmt.Fprintf(w, ", %d signed heads fit", len(list))
		}
		fmt.Fprintln(w)
	}
	return nil
}

// knownWindow refuses a window that the hall does not have; empty is none.
func knownWindow(l *hall.Layout, window string) error {
	if window == "" {
		return nil
	}
	var known []string
	for _, w := range l.Windows {
		if string(w.ID) == window {
			return nil
		}
		known = append(known, string(w.ID))
	}
	return fmt.Errorf("--window %s: this hall has no such window; it has %s", window, strings.Join(known, ", "))
}

// there wants a hall in a folder: a mistyped one must not become an empty hall.
func there(dir string) error {
	switch _, err := os.Stat(filepath.Join(dir, db.File)); {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("--dir %s: you may not look into it (%w); become the user whose hall it is: sudo -u yitang yitang … after an installation by the package", dir, err)
	case err != nil:
		return fmt.Errorf("--dir %s: no hall here (%w); name the folder of one, or make one with yitang import --dir %s FOLDER, or --example", dir, err, dir)
	}
	return nil
}

// openHall opens a hall that is there.
func openHall(dir string) (*db.DB, error) {
	if err := there(dir); err != nil {
		return nil, err
	}
	data, err := db.Open(dir)
	if errors.Is(err, db.ErrInUse) {
		return nil, fmt.Errorf("%w: use the hall's page /admin or yitang admin, or stop the hall first", err)
	}
	return data, err
}

// readHall opens a hall that is there, and may be at work, for reading only.
func readHall(ctx context.Context, dir string) (*db.DB, error) {
	if err := there(dir); err != nil {
		return nil, err
	}
	return db.Reader(ctx, dir)
}
