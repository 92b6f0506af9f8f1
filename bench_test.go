package main_test

import (
	"encoding/json"
	"os/exec"
	"testing"
)

// TestBench runs a small bench as a user does: everything is measured, nothing lost, doubled or cut off.
func TestBench(t *testing.T) {
	t.Parallel()
	out, err := exec.Command(buildYitang(t), "bench", "--clients", "4", "--tickets", "60", "--screens", "5", "--stuck", "1", "--windows", "4", "--json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]float64
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, name := range []string{"duplicate_numbers", "double_calls", "lost"} {
		if n, ok := got[name]; !ok || n != 0 {
			t.Errorf("%s is %v", name, n)
		}
	}
	for _, name := range []string{"issue_per_s", "issue_p50_ms", "issue_p99_ms", "call_per_s", "call_p50_ms", "call_p99_ms", "pair_per_s", "screen_p50_ms",
		"screen_p99_ms", "rss_mb", "issues_per_commit", "pair_commands_per_commit"} {
		if got[name] <= 0 {
			t.Errorf("%s was not measured: %v", name, got[name])
		}
	}
}
