package backup_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"yitang/server/account"
	"yitang/server/backup"
	"yitang/server/halltest"
)

// clock gives another second at each look.
func clock() func() time.Time {
	at := time.Date(2026, 6, 1, 2, 0, 0, 0, time.UTC)
	return func() time.Time {
		at = at.Add(time.Second)
		return at
	}
}

func take(h *halltest.Hall) {
	h.Helper()
	h.Post(201, h.Tokens[account.Kiosk], "/api/v1/tickets", "", map[string]any{"matters": h.Matters[:1]})
}

// moved is a hall in another folder with the accounts of h.
func moved(h *halltest.Hall, dir string) *halltest.Hall {
	h.Helper()
	h.Stop()
	h.Dir = dir
	h.Restart()
	return h
}

// Copies are made while tickets are taken; a copy is one moment of the hall, whole, and goes on where it was.
func TestACopyUnderLoadIsAHall(t *testing.T) {
	h := halltest.New(t, 1)
	take(h)
	to := t.TempDir()
	stop := make(chan struct{})
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					take(h)
				}
			}
		})
	}
	c := backup.Config{Dir: h.Dir, To: to, Keep: 2, Now: clock()}
	var folders []string
	var last backup.Manifest
	for range 4 {
		take(h)
		folder, m, err := backup.Make(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if m.Hall.Events <= last.Hall.Events {
			t.Errorf("%d events after %d: the hall stood still", m.Hall.Events, last.Hall.Events)
		}
		folders, last = append(folders, folder), m
	}
	close(stop)
	work.Wait()
	kept, err := filepath.Glob(filepath.Join(to, "*"))
	if err != nil || !slices.Equal(kept, folders[2:]) {
		t.Errorf("kept %v of %v (%v)", kept, folders, err)
	}
	dir := t.TempDir() // an empty folder will do
	if _, err := backup.Restore(folders[3], dir, nil); err != nil {
		t.Fatal(err)
	}
	h = moved(h, dir)
	if n := h.Verify(); n != last.Hall.Events {
		t.Errorf("%d events restored, the copy said %d", n, last.Hall.Events)
	}
	take(h) // with the key of the pseudonyms and the tokens of the old hall
}

func TestWhatIsRefused(t *testing.T) {
	h := halltest.New(t, 1)
	take(h)
	to, now := t.TempDir(), clock()
	folder, _, err := backup.Make(t.Context(), backup.Config{Dir: h.Dir, To: to, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	fails := func(err error, want string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	_, _, err = backup.Make(t.Context(), backup.Config{Dir: h.Dir, To: filepath.Join(h.Dir, "copies"), Now: now})
	fails(err, "own folder")
	_, _, err = backup.Make(t.Context(), backup.Config{Dir: t.TempDir(), To: to, Now: now})
	fails(err, "no hall here")
	_, err = backup.Restore(folder, h.Dir, nil)
	fails(err, "holds a hall already")
	_, err = backup.Restore(t.TempDir(), filepath.Join(t.TempDir(), "x"), nil)
	fails(err, "is no backup")
	_, err = backup.Restore(to, filepath.Join(t.TempDir(), "x"), nil)
	fails(err, "restore: "+to)
	fails(err, "the newest is "+folder)
	dir := filepath.Join(t.TempDir(), "restored")
	spoil(t, filepath.Join(folder, "hall.db"))
	_, err = backup.Restore(folder, dir, nil)
	fails(err, "the file hall.db was changed or damaged")
	if err := os.Remove(filepath.Join(folder, "hall.db")); err != nil {
		t.Fatal(err)
	}
	_, err = backup.Restore(folder, dir, nil)
	fails(err, "lacks the file hall.db")
	if _, err := os.Stat(dir); err == nil {
		t.Error("a refused copy left a folder")
	}
	if left, _ := filepath.Glob(filepath.Join(to, "*.partial")); len(left) > 0 {
		t.Errorf("a failed backup left %v", left)
	}
}

// TestLeftovers: a backup that was cut off leaves a folder as large as the hall, which a later one takes away; one that may still
// be under way stays.
func TestLeftovers(t *testing.T) {
	h := halltest.New(t, 1)
	to := t.TempDir()
	for _, name := range []string{"yitang-20260529T020000Z.partial", "yitang-20260601T015900Z.partial", "yitang-20260529T020000Z.partial-of-mine"} {
		if err := os.Mkdir(filepath.Join(to, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := backup.Make(t.Context(), backup.Config{Dir: h.Dir, To: to, Now: clock()}); err != nil {
		t.Fatal(err)
	}
	left, _ := filepath.Glob(filepath.Join(to, "*.partial*"))
	if len(left) != 2 || filepath.Base(left[0]) != "yitang-20260529T020000Z.partial-of-mine" {
		t.Errorf("%v", left)
	}
}

// spoil changes one bit in the middle of a file.
func spoil(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}
