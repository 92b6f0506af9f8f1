package db_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yitang/db"
	"yitang/server/hall"
)

// A copy of a file in which one page is spoilt, every third in turn, is refused: a backup that cannot be restored is noticed when it is made.
func TestACopyOfASpoiltFileIsRefused(t *testing.T) {
	b := newBook(t)
	b.do(hall.System, hall.AdoptLayout{Layout: layout("1")})
	b.do(hall.System, hall.OpenDay{Day: "2025-06-03"})
	b.close()
	whole, err := os.ReadFile(filepath.Join(b.dir, db.File))
	if err != nil {
		t.Fatal(err)
	}
	const page, spoilt = 4096, 16
	dir, into := t.TempDir(), t.TempDir()
	found := 0
	for at := 0; at+page <= len(whole); at += 3 * page {
		bad := bytes.Clone(whole)
		copy(bad[at:], bytes.Repeat([]byte{0xff}, spoilt))
		if err := os.WriteFile(filepath.Join(dir, db.File), bad, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := db.Copy(t.Context(), dir, into, nil)
		if err == nil {
			t.Errorf("with page %d spoilt a copy is made", at/page+1)
		} else if strings.Contains(err.Error(), "the file is damaged") {
			found++
		}
		_ = os.Remove(filepath.Join(into, db.File))
	}
	if found < 10 {
		t.Errorf("the look through the pages found only %d", found)
	}
	if _, err := db.Copy(t.Context(), b.dir, into, nil); err != nil {
		t.Errorf("of the whole file: %v", err)
	}
}
