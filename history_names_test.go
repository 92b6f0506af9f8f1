package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// threeQueues is a history of days on which all come at once and each queue calls them one after the other at its one window; left says
// how many of 社保 more come and are never called.
func threeQueues(t *testing.T, left int) string {
	var s strings.Builder
	s.WriteString("day,queue,ticket,issue_s,call_s,end_s,windows\n")
	for day := 3; day < 7; day++ {
		for _, q := range []struct {
			name string
			n    int
		}{{"社保", 30}, {"B", 28}, {"A", 4}} {
			for i := range q.n {
				fmt.Fprintf(&s, "2025-06-%02d,%s,%d,36000,%d,%d,1\n", day, q.name, i, 36000+300*i, 36300+300*i)
			}
		}
		for i := range left {
			fmt.Fprintf(&s, "2025-06-%02d,社保,L%d,36000,,,1\n", day, i)
		}
	}
	return write(t, "h.csv", s.String())
}

// TestNamesOfAHistory: figures and advice name the queues of the file, not letters of ours that other queues of it may have.
func TestNamesOfAHistory(t *testing.T) {
	file := threeQueues(t, 0)
	for fields, want := range map[string][]string{"1": {"社保+B+A"}, "2": {"社保+A", "B"}, "8": {"社保", "B", "A"}} {
		code, out, errs := tell(t, "replay", "--history", file, "--fields", fields, "--json")
		var r replayed
		if err := json.Unmarshal([]byte(out), &r); code != 0 || err != nil {
			t.Fatalf("%d, %v: %s", code, err, errs)
		}
		for _, x := range []any{r.Real.Fields, r.Base.Fields, r.Tried.Fields} {
			text, _ := json.Marshal(x)
			var list []struct{ Name string }
			_ = json.Unmarshal(text, &list)
			var got []string
			for _, g := range list {
				got = append(got, g.Name)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s fields: %v, want %v", fields, got, want)
			}
		}
	}
	code, out, errs := tell(t, "replay", "--history", file)
	var rows []string
	for line := range strings.Lines(out) {
		if name, rest, ok := strings.Cut(line, " "); ok && name != "" && strings.Count(rest, "|") == 3 {
			rows = append(rows, name)
		}
	}
	if want := []string{"all", "ordinary", "社保", "B", "A"}; code != 0 || !slices.Equal(rows, want) || !strings.Contains(out, "社保 1; B 2; A 3") {
		t.Errorf("rows %v, want %v: %s%s", rows, want, out, errs)
	}
}

// TestPlanOfAHistory: what is advised can be found in the file.
func TestPlanOfAHistory(t *testing.T) {
	file := threeQueues(t, 0)
	code, out, errs := tell(t, "plan", "--history", file)
	if code != 0 || !strings.Contains(out, "learns queue 社保") || strings.Contains(out, "field F") {
		t.Errorf("%d: %s%s", code, out, errs)
	}
	if _, out, _ := tell(t, "plan", "--history", file, "--fields", "2"); !strings.Contains(out, "queues 社保+A and queue B become one field") {
		t.Errorf("%s", out)
	}
	_, out, _ = tell(t, "plan", "--history", file, "--json")
	var p struct {
		Today               struct{ Fields []struct{ Name string } }
		Proposals, Rejected []struct{ Fields []string }
	}
	if err := json.Unmarshal([]byte(out), &p); err != nil || len(p.Proposals) == 0 || p.Today.Fields[0].Name != "社保" {
		t.Fatalf("%v: %s", err, out)
	}
	for _, x := range slices.Concat(p.Proposals, p.Rejected) {
		for _, f := range x.Fields {
			if !slices.Contains([]string{"社保", "A", "B"}, f) {
				t.Errorf("field %q is not of the file", f)
			}
		}
	}
}

// TestReplayFarFromReality: the simulated hall's minutes are not sold for the real ones where they are far from them, and why is counted.
func TestReplayFarFromReality(t *testing.T) {
	if _, out, errs := tell(t, "replay", "--history", threeQueues(t, 0)); strings.Contains(out+errs, "warning") {
		t.Errorf("it is as it was: %s", out)
	}
	file := threeQueues(t, 20)
	_, out, errs := tell(t, "replay", "--history", file)
	for _, want := range []string{`warning: "now" misses`, "serves: 80 of 328; without them \"now\" is 66.0 min", "instead of 66.0 (+"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in %s%s", want, out, errs)
		}
	}
	for _, not := range []string{"nobody wrote down", "does not tell"} { // the called have an end, the queues their windows
		if strings.Contains(out, not) {
			t.Errorf("%q in %s", not, out)
		}
	}
	if _, out, errs := tell(t, "replay", "--history", file, "--json"); !json.Valid([]byte(out)) || !strings.Contains(errs, "misses what really happened") {
		t.Errorf("%s %s", out, errs)
	}
}

// TestDaysOfAForecast: which days teach is said beside the figures, and the figures for programs stay alone on the output.
func TestDaysOfAForecast(t *testing.T) {
	file := threeQueues(t, 0)
	const days = "days that teach: 3, 2025-06-03 to 2025-06-05; days that are judged: 1, 2025-06-06\n"
	if code, out, errs := tell(t, "forecast", "--history", file, "--train-days", "3"); code != 0 || !strings.HasPrefix(out, days) {
		t.Errorf("%d: %s%s", code, out, errs)
	}
	if code, out, errs := tell(t, "forecast", "--history", file, "--train-days", "3", "--json"); code != 0 || !json.Valid([]byte(out)) || !strings.HasSuffix(errs, "\nyitang: forecast: "+days) {
		t.Errorf("%d: %s%s", code, out, errs)
	}
}

// TestFormsOfAHistory: a file that a spreadsheet saved in another form is told by that form, by all commands that read one.
func TestFormsOfAHistory(t *testing.T) {
	text, err := os.ReadFile(threeQueues(t, 0))
	if err != nil {
		t.Fatal(err)
	}
	wide := func(first, second int) string {
		var s strings.Builder
		for _, c := range []byte("day,queue,ticket,issue_s,call_s\n") {
			pair := [2]byte{}
			pair[first], pair[second] = c, 0
			s.Write(pair[:])
		}
		return s.String()
	}
	for name, c := range map[string]struct{ text, want string }{
		"semicolons":        {strings.ReplaceAll(string(text), ",", ";"), "separated by semicolons"},
		"tabs":              {strings.ReplaceAll(string(text), ",", "\t"), "separated by tabs"},
		"both":              {strings.Replace(strings.ReplaceAll(string(text), ",", ";"), ";", "\t", 1), "separated by tabs"},
		"UTF-16":            {"\xff\xfe" + wide(0, 1), "UTF-16"},
		"UTF-16, big":       {"\xfe\xff" + wide(1, 0), "UTF-16"},
		"UTF-16, no mark":   {wide(0, 1), "UTF-16"},
		"none of the three": {"PK\x03\x04\x14\x00\x06\x00", "line 1"},
	} {
		for _, command := range [][]string{{"forecast", "--train-days", "1"}, {"replay"}, {"plan"}} {
			code, out, errs := tell(t, append(command, "--history", write(t, "h.csv", c.text))...)
			if code != 1 || out != "" || !strings.Contains(errs, c.want) || !strings.Contains(errs, "line 1") {
				t.Errorf("%s, %s: %d, %s%s", name, command[0], code, out, errs)
			}
		}
	}
}

// TestSimulateWithoutEnd: waits that only say how long was simulated do not go out without a word.
func TestSimulateWithoutEnd(t *testing.T) {
	endless := strings.NewReplacer(`"waiting_room":3`, `"waiting_room":0`, `"patience_mean_min":30`, `"patience_mean_min":0`).Replace(twoTypes)
	for text, warns := range map[string]bool{endless: true, twoTypes: false, strings.Replace(endless, `"rate_per_min":0.2`, `"rate_per_min":0.15`, 1): false} {
		for _, form := range [][]string{nil, {"--json"}} {
			code, out, errs := tell(t, append([]string{"simulate", "--scenario", write(t, "s.json", text)}, form...)...)
			if code != 0 || strings.Contains(errs, "grows without end") != warns || (errs != "") != warns || strings.Contains(out, "without end") {
				t.Errorf("%v: %d, %s%s", form, code, out, errs)
			}
		}
	}
}
