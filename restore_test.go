package main_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What the two commands print and refuse, on the command line: a hall goes back to a moment, and what is kept about somebody is
// told on proof.
func TestRestoreUntilAndDisclose(t *testing.T) {
	t.Parallel()
	dir, copies := t.TempDir(), t.TempDir()
	do := func(want int, args ...string) (stdout, stderr string) {
		t.Helper()
		stdout, stderr, code := yitang(t, args...)
		if code != want {
			t.Fatalf("%v: exit %d\n%s%s", args, code, stdout, stderr)
		}
		return stdout, stderr
	}
	do(0, "import", "--dir", dir, "--example")
	do(0, "admin", "user", "--dir", dir, "early")
	time.Sleep(1100 * time.Millisecond) // the moment is given in seconds
	moment := time.Now().UTC().Format(time.RFC3339)
	time.Sleep(1100 * time.Millisecond)
	do(0, "admin", "user", "--dir", dir, "late")
	do(0, "backup", "--dir", dir, "--to", copies)
	list, err := filepath.Glob(filepath.Join(copies, "yitang-*"))
	if err != nil || len(list) != 1 {
		t.Fatalf("%v %v", list, err)
	}

	back := filepath.Join(t.TempDir(), "back")
	if _, said := do(1, "restore", "--dir", back, "--until", "2026-06-01 10:30", list[0]); !strings.Contains(said, "a time with its offset is wanted") {
		t.Errorf("a time without offset: %s", said)
	}
	if _, said := do(1, "restore", "--dir", back, "--until", "2099-01-01T00:00:00Z", list[0]); !strings.Contains(said, "choose a younger one") {
		t.Errorf("a moment after the backup: %s", said)
	}
	if _, said := do(1, "restore", "--dir", back, "--until", "2001-01-01T00:00:00Z", list[0]); !strings.Contains(said, "choose a later time") {
		t.Errorf("a moment before the hall began: %s", said)
	}
	if out, _ := do(0, "restore", "--dir", back, "--until", moment, list[0]); !strings.Contains(out, "2 events, as of ") {
		t.Errorf("restore: %s", out)
	}
	if out, _ := do(0, "verify", "--dir", back); !strings.Contains(out, "2 events, chain whole") {
		t.Errorf("verify: %s", out)
	}
	for _, l := range linesOf(t, back) {
		if l.Access.User == "late" {
			t.Error("what happened after the moment is there")
		}
	}
	if _, said := do(1, "restore", "--dir", dir, list[0]); !strings.Contains(said, "hall") {
		t.Errorf("onto a hall: %s", said)
	}

	disclose := func(want int, number string) (stdout, stderr string) { return disclosed(t, dir, want, number) }
	if _, said := disclose(1, "\n"); !strings.Contains(said, "no number on the standard input") {
		t.Errorf("no number: %s", said)
	}
	if _, said := disclose(1, "110105194912310021\n"); !strings.Contains(said, "校验位不符") {
		t.Errorf("a wrong check digit: %s", said)
	}
	const number = "11010519491231002X"
	if out, _ := disclose(0, number+"\n"); !strings.Contains(out, `"tickets": []`) || strings.Contains(out, number) {
		t.Errorf("what is kept: %s", out)
	}
	l := linesOf(t, dir)[0]
	if l.Access.What != "person_disclosed" || l.Access.Note != "张三：身份证原件" || l.Access.User == "" || strings.Contains(l.Access.User, number) {
		t.Errorf("the access record: %+v", l.Access)
	}
}

// disclosed asks on the console what is kept about the holder of a number.
func disclosed(t *testing.T, dir string, want int, number string) (stdout, stderr string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), buildYitang(t), "disclose", "--dir", dir, "--proof", "身份证原件", "--by", "张三")
	var out, errs strings.Builder
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(number), &out, &errs
	if _ = cmd.Run(); cmd.ProcessState.ExitCode() != want {
		t.Fatalf("disclose %q: exit %d\n%s%s", number, cmd.ProcessState.ExitCode(), out.String(), errs.String())
	}
	return out.String(), errs.String()
}
