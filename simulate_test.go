package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"yitang/db"
)

// tell runs one command line.
func tell(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(context.Background(), args, &out, &errs)
	return code, out.String(), errs.String()
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

const twoTypes = `{"policy":"ratio","seed":1,"customers":5000,"warmup":500,"waiting_room":3,
 "classes":[{"name":"ordinary","target_min":20},{"name":"elderly","target_min":5}],
 "types":[{"name":"A","class":"ordinary","rate_per_min":0.2,"service":{"dist":"exp","mean_min":10,"cv2":1},"patience_mean_min":30},
          {"name":"B","class":"elderly","matters":["A","C"],"rate_per_min":0.02,"service":{"dist":"lognormal","mean_min":10,"cv2":1.5},"patience_mean_min":0}],
 "windows":[{"name":"1","skills":["A"],"primary":"A"},{"name":"2","skills":["A","C"],"primary":"C"}],"bonuses":true}`

// TestSimulateForm pins the names in the outcome: others read them.
func TestSimulateForm(t *testing.T) {
	code, out, errs := tell(t, "simulate", "--scenario", write(t, "s.json", twoTypes), "--json")
	if code != 0 || errs != "" {
		t.Fatalf("%d: %s", code, errs)
	}
	var o struct {
		Overall        map[string]float64
		Classes, Types map[string]map[string]float64
	}
	d := json.NewDecoder(strings.NewReader(out))
	d.DisallowUnknownFields()
	if err := d.Decode(&o); err != nil {
		t.Fatal(err)
	}
	part := []string{"abandoned", "blocked", "n", "p_wait", "wait_ci95_min", "wait_mean_min", "wait_p90_min"}
	for name, c := range map[string]struct {
		got  map[string]float64
		more []string
	}{
		"overall": {o.Overall, []string{"queue_mean", "utilisation"}}, "a class": {o.Classes["elderly"], nil}, "a type": {o.Types["B"], []string{"within_target"}},
	} {
		var keys []string
		for k := range c.got {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		want := slices.Sorted(slices.Values(slices.Concat(part, c.more)))
		if !slices.Equal(keys, want) {
			t.Errorf("%s has %v, want %v", name, keys, want)
		}
	}
	if len(o.Classes) != 2 || len(o.Types) != 2 || o.Overall["blocked"] <= 0 || o.Types["A"]["abandoned"] <= 0 || o.Types["B"]["abandoned"] != 0 {
		t.Errorf("%s", out)
	}
	if _, again, _ := tell(t, "simulate", "--scenario", write(t, "s.json", twoTypes), "--json"); again != out {
		t.Error("the same scenario gave other bytes")
	}
	if code, text, _ := tell(t, "simulate", "--scenario", write(t, "s.json", twoTypes)); code != 0 || !strings.Contains(text, "class elderly") {
		t.Errorf("%d: %s", code, text)
	}
}

func TestWhatifMistakes(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"simulate", "--scenario", "no-such-file"}, "no-such-file"},
		{[]string{"simulate", "--scenario", write(t, "s.json", strings.Replace(twoTypes, `"ratio"`, `"lifo"`, 1))}, "policy"},
		{[]string{"forecast", "--history", "no-such-file", "--train-days", "2"}, "an example is docs/history.csv"},
		{[]string{"replay"}, "--dir"},
		{[]string{"replay", "--history", write(t, "h.csv", "day,queue\n")}, "issue_s"},
		{[]string{"plan", "--history", write(t, "h.csv", "day,queue,issue_s,call_s\n2025-06-03,A,1,2\n")}, "two closed ones are needed"},
	} {
		if code, _, errs := tell(t, c.args...); code == 0 || !strings.Contains(errs, c.want) {
			t.Errorf("%v: %d, %s; want %s", c.args, code, errs, c.want)
		}
	}
}

// TestForecastKeepsItsHistory: predictions never replace the file that they are made from; and little to learn from is said.
func TestForecastKeepsItsHistory(t *testing.T) {
	history := write(t, "h.csv", threeDays)
	code, _, errs := tell(t, "forecast", "--history", history, "--train-days", "2", "--predictions", history)
	if text, err := os.ReadFile(history); code == 0 || !strings.Contains(errs, "is the history itself") || err != nil || string(text) != threeDays {
		t.Errorf("%d, %s, %v", code, errs, err)
	}
	if code, _, errs = tell(t, "forecast", "--history", history, "--train-days", "2"); code != 0 || !strings.Contains(errs, "fewer than 4 days teach") {
		t.Errorf("%d, %s", code, errs)
	}
}

const threeDays = `day,queue,ticket,issue_s,call_s,end_s,windows
2025-06-03,A,1,36000,36000,37000,1
2025-06-03,A,2,36060,37000,38000,1
2025-06-03,B,1,36070,36070,36500,1
2025-06-04,A,1,36000,36000,37000,1
2025-06-04,A,2,36060,37000,38000,1
2025-06-05,A,1,36000,,,1
`

// fullDisk takes nothing.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// TestResultNobodyGot: a table that could not be written is a failure, as JSON that could not be is.
func TestResultNobodyGot(t *testing.T) {
	for _, form := range [][]string{nil, {"--json"}} {
		var errs bytes.Buffer
		args := append([]string{"simulate", "--scenario", write(t, "s.json", twoTypes)}, form...)
		if code := run(context.Background(), args, fullDisk{}, &errs); code != 1 || !strings.Contains(errs.String(), "short write") {
			t.Errorf("%v: exit code %d, %q", form, code, errs.String())
		}
	}
}

// TestDaysOfAReplay: a day that is written otherwise would be compared letter by letter and choose other days.
func TestDaysOfAReplay(t *testing.T) {
	file := write(t, "h.csv", threeDays)
	for flag, want := range map[string]string{"--from=2026-01-01": "no ended business day", "--from=2025-6-3": "YYYY-MM-DD", "--to=3.6.2025": "YYYY-MM-DD"} {
		if code, out, errs := tell(t, "replay", "--history", file, "--fields", "2", flag); code != 1 || out != "" || !strings.Contains(errs, want) {
			t.Errorf("%s: %d, %s, %s", flag, code, out, errs)
		}
	}
}

func TestReplayOfAHistory(t *testing.T) {
	file := write(t, "h.csv", threeDays)
	code, out, errs := tell(t, "replay", "--history", file, "--fields", "2", "--all", "1,2", "--json")
	if code != 0 {
		t.Fatal(errs)
	}
	var r replayed
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	// On the first day the second of A finds B's window free after 430 s instead of A's after 940 s.
	if r.Days != 3 || r.Tickets != 6 || r.Real.Overall.Unserved != 1 || r.Base.Overall.N != 6 || r.Wait.Days != 3 || r.Wait.Mean >= 0 {
		t.Errorf("%s", out)
	}
	if code, _, errs := tell(t, "replay", "--history", file, "--close", "9"); code == 0 || !strings.Contains(errs, "9") {
		t.Errorf("%d: %s", code, errs)
	}
	if code, text, _ := tell(t, "replay", "--history", file, "--fields", "2", "--policy", "fcfs"); code != 0 || !strings.Contains(text, "paired by day") {
		t.Errorf("%d: %s", code, text)
	}
	if code, text, errs := tell(t, "plan", "--history", file, "--fields", "2"); code != 0 || !strings.Contains(text, "3 days, 6 tickets") {
		t.Errorf("%d: %s %s", code, text, errs)
	}
}

// TestOneDayIsNull: a program that reads the figures of one day finds no interval, and not one of no width.
func TestOneDayIsNull(t *testing.T) {
	file := write(t, "h.csv", threeDays)
	for _, c := range []struct {
		args []string
		want string
		n    int
	}{
		{[]string{"replay", "--days", "1"}, `"lo":null,"hi":null,"days":1}`, 2},
		{[]string{"replay", "--days", "2"}, `"lo":null`, 0},
		{[]string{"plan", "--days", "2"}, `"lo":0,"hi":0`, 0},
	} {
		code, out, errs := tell(t, slices.Concat(c.args, []string{"--history", file, "--fields", "2", "--json"})...)
		if code != 0 || strings.Count(out, c.want) != c.n {
			t.Errorf("%v: %d, %s%s", c.args, code, out, errs)
		}
	}
}

// TestBesideAWorkingHall: what reads a hall's past does not want the hall stopped for it.
func TestBesideAWorkingHall(t *testing.T) {
	dir := t.TempDir()
	if code, _, errs := tell(t, "import", "--dir", dir, "--example"); code != 0 {
		t.Fatal(errs)
	}
	data, err := db.Open(dir) // the hall holds its folder
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close() //nolint:errcheck // nothing was written
	for _, command := range []string{"replay", "plan"} {
		if code, _, errs := tell(t, command, "--dir", dir); code != 1 || !strings.Contains(errs, "no ended business day with tickets yet: come back when one has closed") {
			t.Errorf("%s: %d %s", command, code, errs)
		}
	}
}
