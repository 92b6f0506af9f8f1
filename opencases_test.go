package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOpenCasesAreTakenOver: an approval system's open cases become the hall's, found again by the person; a file with a
// mistake changes nothing and names the line.
func TestOpenCasesAreTakenOver(t *testing.T) {
	t.Parallel()
	dir, file := t.TempDir(), filepath.Join(t.TempDir(), "cases.csv")
	if _, stderr, code := yitang(t, "import", "--dir", dir, "--example"); code != 0 {
		t.Fatal(stderr)
	}
	const header = "case,matter,subject,subject_kind,opened_at,accepted_at,decided_at,closed_at,end,first_complete,delivery_offered,delivery_chosen,decision_org,seal,agent\n"
	write := func(rows ...string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(header+strings.Join(rows, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const open = "ZTP-1,SCJG-008," + cardNumber + ",person,2025-06-03T10:00:00+08:00,2025-06-03T10:20:00+08:00,,,open,yes,yes,mail,,,"
	write(open, "ZTP-2,NONE-1,,,2025-06-03T10:00:00+08:00,,,,open,,,,,,")
	if _, stderr, code := yitang(t, "import", "--dir", dir, file); code != 1 || !strings.Contains(stderr, "第 3 行") {
		t.Errorf("a matter that the hall lacks: %d %s", code, stderr)
	}
	write(open, "ZTP-3,SCJG-004,somebody,person,2025-06-01T10:00:00+08:00,,,,open,,,,,,",
		"ZTP-4,SCJG-004,,,2025-06-01T10:00:00+08:00,,,2025-06-02T10:00:00+08:00,withdrawn,,,,,,")
	stdout, stderr, code := yitang(t, "import", "--dir", dir, file)
	if code != 0 || !strings.HasPrefix(stdout, "2 open cases; 1 closed ones") || !strings.Contains(stdout, "1 whose subject is no number") {
		t.Fatalf("%d %s%s", code, stdout, stderr)
	}
	if _, stderr, code := yitang(t, "import", "--dir", dir, file); code != 0 { // again: the same cases as they are now
		t.Error(stderr)
	}
	if _, stderr, code := yitang(t, "verify", "--dir", dir); code != 0 {
		t.Error(stderr)
	}
	out := filepath.Join(t.TempDir(), "files")
	if _, stderr, code := yitang(t, "export", "--dir", dir, out); code != 0 {
		t.Fatal(stderr)
	}
	text, err := os.ReadFile(filepath.Join(out, "cases.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(text); !strings.Contains(got, "ZTP-1,SCJG-008,") || strings.Contains(got, cardNumber) || strings.Contains(got, "ZTP-4") || strings.Count(got, "\n") != 3 {
		t.Errorf("the hall has\n%s", got)
	}
}

// TestExportCarriesTheCalendar: what is exported can be judged by the folder alone, also in a year that only the hall knows.
func TestExportCarriesTheCalendar(t *testing.T) {
	t.Parallel()
	dir, lists, out := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "files")
	if err := os.CopyFS(lists, os.DirFS("server/catalogue/example")); err != nil {
		t.Fatal(err)
	}
	const calendar = "date,kind\n2026-01-01,holiday\n2026-01-04,workday\n"
	if err := os.WriteFile(filepath.Join(lists, "calendar.csv"), []byte(calendar), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"import", "--dir", dir, lists}, {"export", "--dir", dir, out}} {
		if _, stderr, code := yitang(t, args...); code != 0 {
			t.Fatalf("%v: %s", args, stderr)
		}
	}
	if got, err := os.ReadFile(filepath.Join(out, "calendar.csv")); err != nil || string(got) != calendar {
		t.Errorf("%v, %q, want %q", err, got, calendar)
	}
	next := filepath.Join(t.TempDir(), "calendar.csv")
	for _, say := range []string{"2027-01-01,weekday\n", "2027-01-01,holiday\n"} {
		if err := os.WriteFile(next, []byte("date,kind\n"+say), 0o600); err != nil {
			t.Fatal(err)
		}
		if stdout, stderr, code := yitang(t, "import", "--dir", dir, next); code == 1 != strings.Contains(stderr, "calendar.csv, line 2") || code == 0 != (strings.HasPrefix(stdout, "2027: 1 holidays, 0 days worked instead\n")) {
			t.Errorf("%s: %d %s%s", say, code, stdout, stderr)
		}
	}
	again := filepath.Join(t.TempDir(), "again")
	for _, args := range [][]string{{"import", "--dir", dir, "--example"}, {"export", "--dir", dir, again}} { // lists without a calendar leave the hall's
		if _, stderr, code := yitang(t, args...); code != 0 {
			t.Fatalf("%v: %s", args, stderr)
		}
	}
	if got, err := os.ReadFile(filepath.Join(again, "calendar.csv")); err != nil || string(got) != calendar+"2027-01-01,holiday\n" {
		t.Errorf("%v, %q", err, got)
	}
	if _, stderr, code := yitang(t, "export", "--dir", lists, out); code != 1 || !strings.Contains(stderr, "yitang import") {
		t.Errorf("no hall: %d %s", code, stderr)
	}
}
