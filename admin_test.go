package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAdminUserWantsAHallAndOneOfItsWindows(t *testing.T) {
	dir := t.TempDir()
	nowhere := filepath.Join(dir, "mistyped")
	if _, stderr, code := yitang(t, "admin", "user", "--dir", nowhere, "li"); code != 1 || !strings.Contains(stderr, "no hall here") {
		t.Errorf("a folder without a hall: %d %s", code, stderr)
	}
	if _, err := os.Stat(nowhere); err == nil {
		t.Error("a mistyped folder became a hall")
	}
	if _, stderr, code := yitang(t, "import", "--dir", dir, "--example"); code != 0 {
		t.Fatal(stderr)
	}
	if _, stderr, code := yitang(t, "admin", "user", "--dir", dir, "li", "--window", "99"); code != 1 || !strings.Contains(stderr, "it has 1, 2") {
		t.Errorf("a window that is not there: %d %s", code, stderr)
	}
	if stdout, stderr, code := yitang(t, "admin", "user", "--dir", dir, "li", "--window", "3"); code != 0 || !strings.HasPrefix(stdout, "li: password ") {
		t.Errorf("an account: %d %s%s", code, stdout, stderr)
	}
}
