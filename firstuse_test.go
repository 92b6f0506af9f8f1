package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWhatIsMissingIsSaidWithTheNextStep is what somebody meets who tries the commands in the wrong order.
func TestWhatIsMissingIsSaidWithTheNextStep(t *testing.T) {
	t.Parallel()
	dir, nowhere := t.TempDir(), filepath.Join(t.TempDir(), "mistyped")
	if _, stderr, code := yitang(t, "import", "--dir", dir, "--example"); code != 0 {
		t.Fatal(stderr)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"import", "--dir", nowhere, "./lists"}, "--example"},
		{[]string{"verify", "--dir", nowhere}, "make one with yitang import"},
		{[]string{"backup", "--dir", nowhere, "--to", t.TempDir()}, "make one with yitang import"},
		{[]string{"replay", "--dir", nowhere}, "make one with yitang import"},
		{[]string{"replay", "--dir", dir}, "no ended business day with tickets yet"},
		{[]string{"plan", "--dir", dir}, "no ended business day with tickets yet"},
		{[]string{"plan", "--dir", dir, "--from", "2026-06-01"}, "between --from and --to"},
		{[]string{"replay", "--history", "docs/history.csv", "--from", "2099-01-01"}, "between --from and --to"},
	} {
		if _, stderr, code := yitang(t, c.args...); code != 1 || !strings.Contains(stderr, c.want) {
			t.Errorf("%v: %d %s, want %q", c.args, code, stderr, c.want)
		}
	}
	if _, err := os.Stat(nowhere); err == nil {
		t.Error("a mistyped folder became a hall")
	}
}

// TestOneDayHasNoInterval: a replay of one day claims none, and a class without tickets has no wait.
func TestOneDayHasNoInterval(t *testing.T) {
	t.Parallel()
	out, stderr, code := yitang(t, "replay", "--history", "docs/history.csv", "--fields", "8", "--general", "4", "--days", "1")
	if code != 0 || strings.Count(out, "(one day has no interval)") != 2 || !strings.Contains(out, `"really" differs from "now"`) {
		t.Errorf("%d %s%s", code, out, stderr)
	}
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "statutory") && (!strings.Contains(line, "–") || strings.Contains(line, "0.0")) {
			t.Errorf("nobody of this class came: %s", line)
		}
	}
}
