// Package catalogue reads a hall's own lists (its matters, fields, windows and hours, four CSV files) into the layout
// that the hall adopts, and carries the example lists for a hall that has none yet.
//
// It is called once at start and by `yitang import`; it owns no goroutine and keeps nothing. A list with a mistake is
// refused as a whole, with every mistake named by file, line and column, so that whoever keeps the list can mend it.
package catalogue

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"time"

	"yitang/server/hall"
	"yitang/server/mistake"
)

// The four files of a hall's lists, and one that may lack: the working days of years that Yitang does not bring. CSV, UTF-8 with or without byte order mark, LF or CRLF, one header row.
const (
	MattersFile = "matters.csv"
	FieldsFile  = "fields.csv"
	WindowsFile = "windows.csv"
	HallFile    = "hall.csv"

	CalendarFile = "calendar.csv"
)

// versionLen is how many hexadecimal digits of the content's SHA-256 name a version.
const versionLen = 12

//go:embed example/*.csv
var example embed.FS

// Load reads the four files of a hall. What is wrong with them comes back as a mistake.List.
func Load(files fs.FS) (*hall.Layout, error) { return load(files, false) }

// Example is the embedded example hall: 119 matters in eight fields at 24 windows, marked as an example.
func Example() (*hall.Layout, error) {
	files, err := fs.Sub(example, "example")
	if err != nil {
		return nil, fmt.Errorf("catalogue: example: %w", err)
	}
	return load(files, true)
}

// A hall sends home whoever waits when its day turns, at 04:00: where that is soon, a test's hall is in the zone two hours behind.
const (
	lateZone  = "Asia/Urumqi"
	turnsSoon = time.Hour
)

// AlwaysOpen is the example hall for tests that begin now: always open, with windows 1 to n that serve every field, and no
// business day that turns within the hour.
func AlwaysOpen(windows int, now time.Time) (*hall.Layout, error) {
	l, err := Example()
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(l.Zone)
	if err != nil {
		return nil, fmt.Errorf("catalogue: example: %w", err)
	}
	if hall.BusinessDay(zone, now) != hall.BusinessDay(zone, now.Add(turnsSoon)) {
		l.Zone = lateZone
	}
	l.Hours = hall.Hours{Always: true}
	l.Desk = hall.Desk{} // calls and no-shows at any moment, so that no test waits
	var all []hall.FieldID
	for _, f := range l.Fields {
		all = append(all, f.ID)
	}
	l.Windows = nil
	for i := range windows {
		l.Windows = append(l.Windows, hall.WindowPlan{ID: hall.WindowID(strconv.Itoa(i + 1)), Kind: hall.General, Fields: all})
	}
	return l, nil
}

func load(files fs.FS, isExample bool) (*hall.Layout, error) {
	var p mistake.List
	sheets := readSheets(files, &p)
	if len(p) > 0 {
		return nil, p
	}
	l := &hall.Layout{Version: version(sheets, isExample), Example: isExample}
	readHall(sheets[HallFile], l)
	readCalendar(sheets[CalendarFile], l)
	known := readFields(sheets[FieldsFile], l)
	readMatters(sheets[MattersFile], l, known)
	readWindows(sheets[WindowsFile], l, known)
	checkServed(sheets[FieldsFile], l, known)
	if len(p) > 0 {
		return nil, p
	}
	if err := l.Check(); err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
	}
	return l, nil
}

// readSheets opens every file before giving up, so that two missing files are both named.
func readSheets(files fs.FS, p *mistake.List) map[string]*sheet {
	sheets := map[string]*sheet{}
	for _, d := range designs() {
		if _, err := fs.Stat(files, d.file); d.mayLack && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		sheets[d.file] = readSheet(files, d, p)
	}
	return sheets
}

// version names the content of the lists: the same lists give the same version on every machine and under every
// later Yitang, whatever editor wrote their line ends.
func version(sheets map[string]*sheet, isExample bool) string {
	h := sha256.New()
	fmt.Fprintf(h, "example=%t\n", isExample)
	for _, d := range designs() {
		if sheets[d.file] == nil {
			continue
		}
		text := sheets[d.file].text
		fmt.Fprintf(h, "%s %d\n%s", d.file, len(text), text)
	}
	return hex.EncodeToString(h.Sum(nil))[:versionLen]
}
