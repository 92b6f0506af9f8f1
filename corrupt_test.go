package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestASpoiltFileIsSaidWithWhatToDo spoils a hall's file as a dying disk does: every command that meets it ends with code 1, what
// is wrong and what to do next, and the server does not open.
func TestASpoiltFileIsSaidWithWhatToDo(t *testing.T) {
	t.Parallel()
	whole := t.TempDir()
	if _, stderr, code := yitang(t, "import", "--dir", whole, "--example"); code != 0 {
		t.Fatal(stderr)
	}
	text, err := os.ReadFile(filepath.Join(whole, "hall.db"))
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	for _, spoil := range []struct {
		name string
		from int // page from which on each loses its head
	}{{"the first page", 0}, {"every page but the first", 1}} {
		bad := append([]byte{}, text...)
		for at := spoil.from * page; at+page <= len(bad); at += page {
			copy(bad[at:], strings.Repeat("\xff", 16))
		}
		for _, args := range [][]string{{"serve", "--listen", "127.0.0.1:0"}, {"verify"}, {"backup", "--to", t.TempDir()}, {"admin", "users"}} {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "hall.db"), bad, 0o600); err != nil {
				t.Fatal(err)
			}
			_, stderr, code := yitang(t, append(args, "--dir", dir)...)
			if code != 1 || !strings.Contains(stderr, "数据文件有损坏的页") || !strings.Contains(stderr, "yitang restore") {
				t.Errorf("%s, yitang %s: %d %s", spoil.name, args[0], code, stderr)
			}
		}
	}
}
