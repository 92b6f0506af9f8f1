package runonce_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"yitang/server/exchange"
	"yitang/server/hall"
	"yitang/server/runonce"
)

var (
	naiveSeeds = flag.Int("naive-seeds", 200, "folders that TestAgainstANaiveReading invents")
	naiveFirst = flag.Int("naive-first", 0, "the first of them")
)

// TestAgainstANaiveReading judges invented folders twice: by the package, and
// by the reading of its definitions in the files naive_*_test.go.
func TestAgainstANaiveReading(t *testing.T) {
	top, seen := t.TempDir(), map[string]int{}
	for seed := *naiveFirst; seed < *naiveFirst+*naiveSeeds; seed++ {
		dir := filepath.Join(top, strconv.Itoa(seed))
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		m, q := naiveMake(uint64(seed))
		m.put(t, dir)
		want := naiveJudge(naiveRead(dir, q.zone).known(q.reportDay), q)
		got := naiveRun(t, dir, q)
		if diff := naiveDiff(got, want); diff != "" {
			t.Errorf("seed %d, %s to %s as of %s by %q in %v, all cases %v:\nthe package (-), the naive reading (+):\n%s", seed, q.from, q.to, q.reportDay, q.by, q.zone, q.allCases, diff)
		}
		naiveSee(seen, want)
	}
	if *naiveSeeds < 200 {
		return
	}
	t.Log(seen)
	for _, what := range strings.Fields("R1 R2 R3 R4 R5 R7 R7b R8 R9 R10 R12 R99 bounds point shown hidden tau consult wasted failures shared suppressed clustered") {
		if seen[what] == 0 {
			t.Errorf("no folder has shown %s", what)
		}
	}
}

// naiveSee notes what a folder had to show, so that the folders cannot grow
// dull unseen.
func naiveSee(seen map[string]int, r naiveReport) {
	note := func(what string, is bool) {
		if is {
			seen[what]++
		}
	}
	for _, c := range r.Cases {
		for _, cause := range c.causes {
			seen[cause.reason]++
		}
	}
	note("bounds", r.Bounds != nil)
	note("point", r.Bounds == nil)
	note("shown", r.BreakdownShown)
	note("hidden", !r.BreakdownShown)
	note("tau", r.Opened.Tau > 20)
	note("consult", r.ConsultVisits > 0)
	note("wasted", r.WastedTrips > 0)
	note("failures", r.WithKnownFailures.N > r.All.N)
	note("shared", r.PersonVisits < r.CaseVisits.Total)
	for _, g := range r.Groups {
		note("suppressed", g.Suppressed)
	}
	if r.All.Lo != nil {
		lo, _ := naiveWilson(*r.All.Rate, float64(r.All.N))
		note("clustered", *r.All.Lo < lo-1e-9)
	}
}

// naiveRun judges a folder by the package.
func naiveRun(t *testing.T, dir string, q naiveQuery) naiveReport {
	t.Helper()
	data, err := exchange.Read(os.DirFS(dir), q.zone)
	if err != nil {
		t.Fatal(err)
	}
	report, err := runonce.Judge(*data, runonce.Query{
		From: hall.Day(q.from), To: hall.Day(q.to), ReportDay: hall.Day(q.reportDay), By: runonce.Grouping(q.by), AllCases: q.allCases,
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	var got naiveReport
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	return got
}

func naiveDiff(got, want naiveReport) string {
	diff := cmp.Diff(got, want, cmpopts.EquateApprox(0, 1e-7), cmpopts.EquateEmpty(),
		cmp.AllowUnexported(naiveReport{}), cmpopts.IgnoreFields(naiveReport{}, "Cases"),
		cmp.AllowUnexported(naiveGroup{}),
		cmpopts.SortSlices(func(a, b naiveGroup) bool { return a.Key < b.Key }))
	return diff + naiveCaseDiff(got.Cases, want.Cases)
}

// naiveCaseDiff compares the cases one by one, their order aside.
func naiveCaseDiff(got, want []naiveResult) string {
	byID := func(a, b naiveResult) int { return strings.Compare(a.Case, b.Case) }
	slices.SortFunc(got, byID)
	slices.SortFunc(want, byID)
	if len(got) != len(want) {
		return cmp.Diff(len(got), len(want))
	}
	var diff strings.Builder
	for i := range got {
		diff.WriteString(cmp.Diff(got[i], want[i], cmpopts.IgnoreFields(naiveResult{}, "Causes"), cmpopts.IgnoreUnexported(naiveResult{})))
		diff.WriteString(naiveCauseDiff(got[i], want[i]))
	}
	return diff.String()
}

func naiveCauseDiff(got, want naiveResult) string {
	var reasons, expected []string
	for _, c := range got.Causes {
		reasons = append(reasons, c.Reason)
	}
	for i, c := range want.causes {
		expected = append(expected, c.reason)
		if i < len(got.Causes) && got.Causes[i].Reason == c.reason {
			if missing := naiveHas(got.Causes[i].IDs, c.ids); missing != "" {
				return got.Case + ": the evidence of " + c.reason + " lacks " + missing + "\n"
			}
		}
	}
	if diff := cmp.Diff(reasons, expected); diff != "" {
		return got.Case + " causes:\n" + diff
	}
	return ""
}
