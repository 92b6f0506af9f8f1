package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"yitang/db"
	"yitang/server/archive"
	"yitang/server/catalogue"
	"yitang/server/exchange"
	"yitang/server/hall"
	"yitang/server/runonce"
)

// defaultZone is that of exchange files, and of a hall that has no lists yet.
const defaultZone = "Asia/Shanghai"

// folderKind tells what a folder to be imported is.
type folderKind int

const (
	unknownFolder  folderKind = iota
	listsFolder               // the hall's own lists
	exchangeFolder            // the history of a hall
)

// kindOf tells the two kinds of folder apart by the files that only one of them has; matters.csv may stand in both.
func kindOf(files fs.FS) (folderKind, error) {
	lists := false
	for _, name := range []string{catalogue.HallFile, catalogue.FieldsFile, catalogue.WindowsFile} {
		if _, err := fs.Stat(files, name); err == nil {
			lists = true
		}
	}
	switch past := exchange.Is(files); {
	case past && lists:
		return listsFolder, errors.New("the folder holds both a hall's lists (hall.csv, fields.csv, windows.csv) and exchange files " +
			"(cases.csv, tickets.csv …); put them into two folders and import one after the other")
	case past:
		return exchangeFolder, nil
	case lists:
		return listsFolder, nil
	}
	_, matters := fs.Stat(files, catalogue.MattersFile)
	if _, err := fs.Stat(files, catalogue.CalendarFile); err == nil && matters != nil {
		return unknownFolder, fmt.Errorf("of a hall's files only %[1]s is in it; to import the working days alone, name the file: …/%[1]s", catalogue.CalendarFile)
	}
	return listsFolder, nil
}

// importHistory takes exchange files over into a hall that is not running. Where there was none and the files are refused, there
// is none afterwards.
func importHistory(ctx context.Context, dir, from string, w out) (err error) {
	fresh := !isHall(dir)
	data, err := db.Open(dir)
	if err != nil {
		return err
	}
	defer func() {
		_ = data.Close() // what was acknowledged is on disk
		if err != nil && fresh {
			err = errors.Join(err, unmake(dir))
		}
	}()
	eng, err := still(ctx, data)
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(zoneOf(eng.View().Layout))
	if err != nil {
		return err
	}
	bar := newCount()
	counts, err := archive.Import(ctx, data, os.DirFS(from), zone, dir, func(file string, rows int) { bar.say("%-14s %10d rows", file, rows) }, func(i hall.HistoryImported) error { return eng.Alone(ctx, hall.ImportHistory{HistoryImported: i}) })
	bar.done()
	if err != nil {
		return fmt.Errorf("import: %s was read as exchange files and refused, nothing was changed:\n%w", from, err)
	}
	fmt.Fprintf(w, "%d cases, %d tickets (%d of them linked to no case), %d notices, %d referrals, %s to %s\n", counts.Cases,
		counts.Tickets, counts.Unlinked, counts.Notices, counts.Referrals, counts.First, counts.Last)
	return nil
}

// unmake removes a hall into which nothing has come.
func unmake(dir string) error {
	for _, name := range []string{db.File, db.File + "-wal", db.File + "-shm", "lock"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	_ = os.Remove(dir) // unless there was something else in it
	return nil
}

func zoneOf(l *hall.Layout) string {
	if l.Zone == "" {
		return defaultZone
	}
	return l.Zone
}

// isHall says whether a folder holds a hall's data.
func isHall(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, db.File))
	return err == nil
}

// hallHistory reads from a hall what the judging of a period needs.
func hallHistory(ctx context.Context, dir string, q runonce.Query) (*runonce.Data, error) {
	data, err := db.Reader(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer data.Close() //nolint:errcheck // it only read
	layout, err := data.Layout(ctx)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(zoneOf(layout))
	if err != nil {
		return nil, err
	}
	return archive.Select(ctx, data, q, layout, zone)
}
