package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yitang/db"
)

// TestMistakesAtTheCommandLine: each is answered by a sentence that names what is wrong and what to do, and leaves nothing behind.
func TestMistakesAtTheCommandLine(t *testing.T) {
	hall := t.TempDir()
	if code, said, errs := tell(t, "import", "--dir", hall, "--example"); code != 0 || !strings.Contains(said, "marked as the example") {
		t.Fatalf("%d %s%s", code, said, errs)
	}
	cut := write(t, "cut.json", "{\n\"policy\":\"ratio\",\n\"seed\"")
	file := write(t, "file", "x")
	calendar := filepath.Dir(write(t, "calendar.csv", "date,kind\n2026-01-01,holiday\n"))
	history := filepath.Dir(write(t, "cases.csv", "case\nC1\n"))
	fresh := filepath.Join(t.TempDir(), "fresh")
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"simulate", "--scenario", cut}, []string{cut, "line 3", "cut off"}},
		{[]string{"import", "--dir", fresh, calendar}, []string{calendar, "name the file", "calendar.csv"}},
		{[]string{"import", "--dir", fresh, history}, []string{"cases.csv, line 1", "nothing was changed"}},
		{[]string{"export", "--dir", hall, fresh, "--from", "2026-02-02", "--till", "2026-02-01"}, []string{"--from 2026-02-02", "--till 2026-02-01"}},
		{[]string{"bench", "--tickets", "-5"}, []string{"--tickets: -5 is not possible"}},
		{[]string{"bench", "--tickets", "0"}, []string{"tickets"}},
		{[]string{"bench", "--windows", "0"}, []string{"--windows 0"}},
		{[]string{"demo", "--seed", "-1"}, []string{"--seed: -1 is not possible"}},
		{[]string{"city", "halls", "--dir", file}, []string{"register: ", file}},
		{[]string{"kiosk", "--dir", fresh, "--server", "10.1.1.5"}, []string{"--server", "http://"}},
		{[]string{"display", "--dir", fresh, "--server", "hall", "--screen", "hall-1"}, []string{"--server", "http://"}},
		{[]string{"serve", "--dir", fresh, "--proxy", "front"}, []string{"--proxy", "front"}},
		{[]string{"serve", "--dir", fresh, "--listen", "8080"}, []string{"--listen", "8080"}},
		{[]string{"verify", "--dir", hall, "--heads", write(t, "none", "")}, []string{"--heads", "no head"}},
		{[]string{"verify", "--dir", hall, "--heads", fresh}, []string{"--heads: there is no file " + fresh, "give the path"}},
		{[]string{"serve", "--dir", fresh, "--cert", filepath.Join(file, "cert.pem")}, []string{"--cert: " + filepath.Join(file, "cert.pem") + " cannot be read", "not a directory"}},
		{[]string{"backup", "--dir", hall, "--to", file}, []string{file + " is a file"}},
		{[]string{"admin", "settings", "--dir", hall, write(t, "list.json", "[]")}, []string{"list.json", "这里要的是对象，收到的是列表"}},
		{[]string{"replay", "--history", write(t, "none.csv", "")}, []string{"none.csv: ", "line 1", "issue_s"}},
		{[]string{"promote", "--dir", hall}, []string{"the primary's folder already"}},
		{[]string{"serve", "--dir", fresh, "--listen", "127.0.0.1:0", "--tls", "on", "--cert", file, "--key", file}, []string{file, "both as PEM"}},
		{[]string{"serve", "--dir", fresh, "--backup-every", "6"}, []string{`--backup-every: "6" is no duration`, "6h"}},
		{[]string{"city", "halls", "--dir", fresh}, []string{"yitang city new --dir DIR NAME --url tls://"}},
		{[]string{"verify", "--dir", hall, "--heads", cut}, []string{"--heads " + cut, "line 1", "yitang heads"}},
		{[]string{"admin", "users", "--dir", hall, "--unlock", "nobody"}, []string{"there is no nobody here", "without a name"}},
		{[]string{"display", "--dir", fresh, "--server", "http://127.0.0.1:1", "--screen", "hall-1", "--led", file}, []string{file}},
		{[]string{"display", "--dir", fresh, "--server", "http://127.0.0.1:1", "--screen", "hall-1", "--keypad", file}, []string{"--keypad", "window-N"}},
		{[]string{"simulate", "--scenario", calendar + "/calendar.csv"}, []string{"this is no JSON"}},
		{[]string{"restore", "--dir", fresh, calendar}, []string{"restore: " + calendar + " is no backup"}},
	} {
		code, said, errs := tell(t, c.args...)
		if code == 0 || said != "" {
			t.Errorf("%v: %d, %s", c.args, code, said)
		}
		for _, want := range c.want {
			if !strings.Contains(errs, want) {
				t.Errorf("%v: %s does not say %q", c.args, errs, want)
			}
		}
		if _, err := os.Stat(fresh); err == nil {
			t.Fatalf("%v left %s behind", c.args, fresh)
		}
	}
}

// TestPromoteOfAWorkingPrimary: whoever runs it on the wrong machine learns which one is right.
func TestPromoteOfAWorkingPrimary(t *testing.T) {
	hall := t.TempDir()
	data, err := db.Open(hall) // as the server holds it
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	for _, args := range [][]string{{"promote", "--dir", hall}, {"promote", "--lost", "--dir", hall}} {
		if code, _, errs := tell(t, args...); code == 0 || !strings.Contains(errs, "is the primary already") || !strings.Contains(errs, "on the standby") {
			t.Errorf("%v: %d %s", args, code, errs)
		}
	}
}

// TestATakenPortLeavesNoHall behind, which the next start would take for one.
func TestATakenPortLeavesNoHall(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	dir := filepath.Join(t.TempDir(), "hall")
	code, _, errs := tell(t, "serve", "--dir", dir, "--listen", ln.Addr().String())
	if _, err := os.Stat(dir); code == 0 || !strings.Contains(errs, "cannot listen") || err == nil {
		t.Errorf("%d %s; %v", code, errs, err)
	}
}

// TestAThinCalendarIsDoubted: a year's announcement names some thirty days; one with hardly any is taken, with a warning.
func TestAThinCalendarIsDoubted(t *testing.T) {
	hall := t.TempDir()
	if code, _, errs := tell(t, "import", "--dir", hall, "--example"); code != 0 {
		t.Fatal(errs)
	}
	for file, doubted := range map[string]bool{
		write(t, "calendar.csv", "date,kind\n2026-01-01,holiday\n"): true,
		"server/workday/years/2025.csv":                             false,
	} {
		if !doubted {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			file = write(t, "calendar.csv", string(text))
		}
		code, said, errs := tell(t, "import", "--dir", hall, file)
		if code != 0 || strings.Contains(said, "warning: calendar.csv names only 1 of the some thirty special days of 2026") != doubted {
			t.Errorf("%s: %d %s%s", file, code, said, errs)
		}
	}
}
