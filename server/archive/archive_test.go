package archive_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"yitang/db"
	"yitang/server/archive"
	"yitang/server/exchange"
	"yitang/server/hall"
	"yitang/server/mistake"
	"yitang/server/runonce"
	"yitang/server/workday"
)

var _ archive.Hall = (*db.DB)(nil)

const exampleDir = "../exchange/testdata/example"

// example is a copy of the worked example that a test may change.
func example(t *testing.T) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{"matters.csv": {Data: []byte("code,promised_working_days\nM1,0\nM2,5\n")}}
	for _, name := range exchange.Files() {
		text, err := os.ReadFile(filepath.Join(exampleDir, name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: text}
	}
	return files
}

func shanghai(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func open(t *testing.T, dir string) *db.DB {
	t.Helper()
	d, err := db.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func report(t *testing.T, d *runonce.Data, q runonce.Query) string {
	t.Helper()
	r, err := runonce.Judge(*d, q)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// queries are periods and report days at which a hall is looked at.
func queries() []runonce.Query {
	return []runonce.Query{
		{From: "2025-06-01", To: "2025-06-30", ReportDay: "2025-06-30", By: runonce.ByMatter},
		{From: "2025-06-01", To: "2025-06-30", ReportDay: "2025-07-31", By: runonce.ByWindow},
		{From: "2025-06-12", To: "2025-06-12", ReportDay: "2025-06-12", By: runonce.ByWeek},
		{From: "2025-06-04", To: "2025-06-06", ReportDay: "2025-06-11", By: runonce.ByAgent},
		{From: "2025-06-17", To: "2025-06-19", ReportDay: "2025-06-20", By: runonce.ByDepartment, AllCases: true},
		{From: "2025-05-01", To: "2025-05-31", ReportDay: "2025-05-31"},
	}
}

// A hall's own store answers every period as the files do from which it was filled.
func TestStoreAnswersAsFiles(t *testing.T) {
	ctx := context.Background()
	files := example(t)
	files["tickets.csv"].Data = append(files["tickets.csv"].Data, []byte("X1,,M2,p13,self,S,kiosk,2,li,,2025-06-18T10:00:00+08:00,,,,abandoned\n"+
		"X2,,M2,,self,S,desk,2,li,,2025-06-18T10:00:00+08:00,,,,abandoned\nX3,C1;C2,,,agent,S;S,kiosk,2,li,,2025-06-03T10:05:00+08:00,,,,\n")...)
	files["referrals.csv"].Data = append(files["referrals.csv"].Data, []byte("C7,2025-06-06T10:00:00+08:00,W1,审批局,转办,no\n")...)
	d := open(t, t.TempDir())
	defer d.Close()
	counts, err := archive.Import(ctx, d, files, shanghai(t), t.TempDir(), nil, unsealed)
	if err != nil {
		t.Fatal(err)
	}
	want := archive.Counts{Cases: 18, Tickets: 30, Notices: 4, Referrals: 1, Unlinked: 1, First: "2025-06-03", Last: "2025-06-18"}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Error(diff)
	}
	fromFiles, err := exchange.Read(files, shanghai(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range queries() {
		fromStore, err := archive.Select(ctx, d, q, &hall.Layout{}, shanghai(t))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(report(t, fromFiles, q), report(t, fromStore, q)); diff != "" {
			t.Errorf("%+v: %s", q, diff)
		}
	}
}

// wholeReads counts how often all cases of a hall are read.
type wholeReads struct {
	archive.Hall
	n int
}

func (w *wholeReads) PastCases(ctx context.Context, from, to int, each func([]byte) error) error {
	if from == 0 {
		w.n++
	}
	return w.Hall.PastCases(ctx, from, to, each)
}

// A list of all cases wants the working days of all their years: what is missing is said before millions are read.
func TestAllCasesAskForTheCalendarFirst(t *testing.T) {
	ctx := context.Background()
	for year, want := range map[string]int{"2024": 0, "2025": 1} {
		files := example(t) // and a case of which the papers were asked for a day late
		files["cases.csv"].Data = append(files["cases.csv"].Data, []byte("C99,M2,p99,person,2025-06-05T10:00:00+08:00,,,,,no,,,审批局,审批局,\n")...)
		files["notices.csv"].Data = append(files["notices.csv"].Data, []byte("C99,1,2025-06-06T10:00:00+08:00,章程,yes\n")...)
		for name, file := range files {
			file.Data = []byte(strings.ReplaceAll(string(file.Data), "2025-", year+"-"))
			files[name] = file
		}
		d := open(t, t.TempDir())
		defer d.Close()
		if _, err := archive.Import(ctx, d, files, shanghai(t), t.TempDir(), nil, unsealed); err != nil {
			t.Fatal(err)
		}
		w := &wholeReads{Hall: d}
		_, err := archive.Select(ctx, w, runonce.Query{From: "2025-06-01", To: "2025-06-30", ReportDay: "2025-06-30", AllCases: true}, &hall.Layout{}, shanghai(t))
		var unknown *workday.UnknownYearError
		if missing := errors.As(err, &unknown); missing != (want == 0) || missing && unknown.Year != 2024 || !missing && err != nil || w.n != want {
			t.Errorf("a history of %s: %v, all was read %d times", year, err, w.n)
		}
	}
}

// What is asked of the days before the period, tickets of matters of which nothing was accepted (A3), is answered as from
// the files, however long the look-back is.
func TestLookBackAnswersAsFiles(t *testing.T) {
	ctx := context.Background()
	files := example(t)
	files["cases.csv"].Data = append(files["cases.csv"].Data, []byte("C77,M7,p77,person,2025-05-20T10:00:00+08:00,2025-05-20T10:10:00+08:00,2025-05-20T10:20:00+08:00,"+
		"2025-05-20T10:20:00+08:00,delivered,yes,,,审批局,审批局,\n")...)
	for day := range 27 { // from 15 May on: of a matter without a case, of one with a case accepted in May, and of two at once
		at := time.Date(2025, 5, 15+day, 10, 0, 0, 0, shanghai(t)).Format(time.RFC3339)
		files["tickets.csv"].Data = fmt.Appendf(files["tickets.csv"].Data, "N%[1]d,,M9,,self,S,kiosk,2,li,,%[2]s,,,,abandoned\n"+
			"O%[1]d,,M7,,self,S,kiosk,2,li,,%[2]s,,,,abandoned\nP%[1]d,,M1;M8,,agent,S;S,desk,2,li,,%[2]s,,,,abandoned\n", day, at)
	}
	d := open(t, t.TempDir())
	defer d.Close()
	if _, err := archive.Import(ctx, d, files, shanghai(t), t.TempDir(), nil, unsealed); err != nil {
		t.Fatal(err)
	}
	fromFiles, err := exchange.Read(files, shanghai(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, days := range []float64{5, 10, 60} {
		for _, day := range []hall.Day{"2025-06-04", "2025-06-10", "2025-06-18"} {
			q, l := runonce.Query{From: day, To: day, ReportDay: day}, &hall.Layout{Signals: map[string]float64{"look_back_days": days}}
			fromFiles.Limits = runonce.ThresholdsOf(l)
			fromStore, err := archive.Select(ctx, d, q, l, shanghai(t))
			if err != nil {
				t.Fatal(err)
			}
			want := report(t, fromFiles, q)
			if diff := cmp.Diff(want, report(t, fromStore, q)); diff != "" {
				t.Errorf("%s, %g days back: %s", day, days, diff)
			}
			if day != "2025-06-18" && !strings.Contains(want, `"A3"`) {
				t.Errorf("%s, %g days back: nothing was found", day, days)
			}
		}
	}
}

// A refused folder leaves the hall as it was, to the byte; so does one that breaks off in its last file.
func TestRefusedFolderChangesNothing(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	d := open(t, dir)
	if _, err := archive.Import(ctx, d, example(t), shanghai(t), t.TempDir(), nil, unsealed); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	before := hash(t, dir)
	for file, spoilt := range map[string]string{"cases.csv": "case\n", "tickets.csv": "", "notices.csv": "case,seq,at,items,written\nC1,0,,,\n",
		"referrals.csv": "case,at,from,to,reason,accepted\nC1,2025-06-03T10:05:00+08:00,A,B,,maybe\n", "matters.csv": "name\n"} {
		files := example(t)
		files[file].Data = []byte(spoilt)
		d := open(t, dir)
		_, err := archive.Import(ctx, d, files, shanghai(t), t.TempDir(), nil, unsealed)
		var p mistake.List
		if !errors.As(err, &p) || p[0].File != file {
			t.Errorf("%s: %v", file, err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		if hash(t, dir) != before {
			t.Errorf("%s: the refused folder changed the hall", file)
		}
	}
}

func hash(t *testing.T, dir string) [32]byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, db.File))
	if err != nil {
		t.Fatal(err)
	}
	return sha256.Sum256(text)
}

// A second import replaces the first.
func TestImportReplaces(t *testing.T) {
	ctx := context.Background()
	d := open(t, t.TempDir())
	defer d.Close()
	q := queries()[0]
	var reports []string
	for range 2 {
		if _, err := archive.Import(ctx, d, example(t), shanghai(t), t.TempDir(), nil, unsealed); err != nil {
			t.Fatal(err)
		}
		data, err := archive.Select(ctx, d, q, &hall.Layout{}, shanghai(t))
		if err != nil {
			t.Fatal(err)
		}
		reports = append(reports, report(t, data, q))
	}
	if diff := cmp.Diff(reports[0], reports[1]); diff != "" {
		t.Error(diff)
	}
}

// One case comes with all that belongs to it, for a time line.
func TestOne(t *testing.T) {
	ctx := context.Background()
	d := open(t, t.TempDir())
	defer d.Close()
	if _, err := archive.Import(ctx, d, example(t), shanghai(t), t.TempDir(), nil, unsealed); err != nil {
		t.Fatal(err)
	}
	one, err := archive.One(ctx, d, "C4", shanghai(t))
	if err != nil || len(one.Cases) != 1 || len(one.Tickets) != 3 || len(one.Notices) != 2 || one.Notices[1].Items[1] != "验资报告" {
		t.Errorf("%+v, %v", one, err)
	}
	if none, err := archive.One(ctx, d, "C99", shanghai(t)); none != nil || err != nil {
		t.Errorf("%+v, %v", none, err)
	}
}

// unsealed puts an import into no journal.
func unsealed(hall.HistoryImported) error { return nil }
