// Package backup copies a hall's data folder while the hall works, keeps the newest copies, and makes a hall of a copy
// again. A copy is a folder of its own with the database of one moment, the key of the pseudonyms, the hall's other files,
// and a list of them with their checksums: complete when it bears its final name.
//
// Keep runs in the goroutine of its caller.
package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"yitang/db"
)

const (
	// manifestFile lists what a copy holds.
	manifestFile = "backup.json"
	prefix       = "yitang-"
	partial      = ".partial"
	stamp        = "20060102T150405Z" // UTC, so that names sort by time
)

// Manifest is what backup.json says.
type Manifest struct {
	Made  time.Time         `json:"made"`
	Hall  db.Snapshot       `json:"hall"`
	Files map[string]string `json:"files"` // SHA-256 of each file, hex, by its path in the folder
}

// Config says what is copied and to where.
type Config struct {
	Dir      string // of the hall
	To       string // folder of the copies, best on another disk
	Keep     int    // newest copies that stay; 0 = all
	Now      func() time.Time
	Progress func(done, all int) // pages of 4 KiB; may be nil
}

// Make makes one copy and returns its folder. The hall may work on. Older copies beyond Keep are removed only after the
// new one is complete.
func Make(ctx context.Context, c Config) (folder string, m Manifest, err error) {
	if err := apart(c.Dir, c.To); err != nil {
		return "", m, err
	}
	if at, err := os.Stat(c.To); err == nil && !at.IsDir() {
		return "", m, fmt.Errorf("backup: %s is a file; name a folder for the backups", c.To)
	}
	m.Made = c.Now().UTC().Truncate(time.Second)
	folder = filepath.Join(c.To, prefix+m.Made.Format(stamp))
	if _, err := os.Stat(folder); err == nil {
		return "", m, fmt.Errorf("backup: %s is there already: another backup was made in this second; try again", folder)
	}
	work := folder + partial
	if err := os.RemoveAll(work); err != nil {
		return "", m, fmt.Errorf("backup: %w", err)
	}
	at := m.Made
	if m, err = fill(ctx, c.Dir, work, c.Progress); err != nil {
		return "", m, errors.Join(err, os.RemoveAll(work))
	}
	m.Made = at
	if err := m.write(work); err != nil {
		return "", m, errors.Join(err, os.RemoveAll(work))
	}
	if err := os.Rename(work, folder); err != nil {
		return "", m, fmt.Errorf("backup: %w", err)
	}
	return folder, m, errors.Join(onDisk(c.To), c.rotate())
}

// apart refuses to keep the copies in the folder that is copied.
func apart(dir, to string) error {
	from, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	target, err := filepath.Abs(to)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if target == from || strings.HasPrefix(target, from+string(filepath.Separator)) {
		return fmt.Errorf("backup: %s lies in the hall's own folder; choose another one, best on another disk", to)
	}
	return nil
}

// Fill copies one moment of a hall, which may work on, into a new folder, without the list of its files.
func Fill(ctx context.Context, dir, into string) (Manifest, error) {
	return fill(ctx, dir, into, nil)
}

func fill(ctx context.Context, dir, into string, progress func(done, all int)) (m Manifest, err error) {
	if m.Hall, err = db.Copy(ctx, dir, into, progress); err != nil {
		return m, err
	}
	if err := copyFiles(dir, into); err != nil {
		return m, fmt.Errorf("backup: %w", err)
	}
	if m.Files, err = sums(into); err != nil {
		return m, fmt.Errorf("backup: %w", err)
	}
	return m, nil
}

// write puts the list of the files beside them.
func (m *Manifest) write(work string) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if err := os.WriteFile(filepath.Join(work, manifestFile), text, 0o600); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return onDisk(filepath.Join(work, manifestFile), work)
}

// abandoned is how old a copy without its final name is that nobody works on any more.
const abandoned = 48 * time.Hour

// rotate removes the oldest copies, and what a backup left that was cut off: each is as large as the hall.
func (c Config) rotate() error {
	names, err := copies(c.To, "")
	if err != nil {
		return err
	}
	broken, err := copies(c.To, partial)
	if err != nil {
		return err
	}
	before := prefix + c.Now().Add(-abandoned).UTC().Format(stamp)
	gone := slices.DeleteFunc(broken, func(name string) bool { return name >= before })
	if c.Keep > 0 {
		gone = append(gone, names[:max(0, len(names)-c.Keep)]...)
	}
	for _, name := range gone {
		if err := os.RemoveAll(filepath.Join(c.To, name)); err != nil {
			return fmt.Errorf("backup: %w", err)
		}
	}
	return nil
}

// copies lists those in a folder whose names end so, oldest first: complete ones with nothing.
func copies(folder, end string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	var names []string
	for _, e := range entries {
		at, ok := strings.CutPrefix(e.Name(), prefix)
		if _, err := time.Parse(stamp+end, at); ok && err == nil && e.IsDir() {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// skipped says what is no part of a copy: the database, which Copy makes, and what the next start makes anew.
func skipped(path string, d fs.DirEntry) bool {
	return strings.HasPrefix(path, db.File) || path == "lock" || path == "standby.sock" || d.IsDir() && d.Name() == "cache"
}

// copyFiles copies all regular files but the database.
func copyFiles(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		switch {
		case err != nil:
			return err
		case name == ".":
			return nil
		case skipped(name, d) && d.IsDir():
			return fs.SkipDir
		case skipped(name, d):
			return nil
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, name), 0o700)
		case !d.Type().IsRegular():
			return nil
		}
		return copyFile(path, filepath.Join(to, name))
	})
}

func copyFile(from, to string) error {
	in, err := os.Open(from) // #nosec G304 -- the hall's and the backup's own folders
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm()) // #nosec G304 -- the hall's and the backup's own folders
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// sums computes the checksums of all files of a folder.
func sums(folder string) (map[string]string, error) {
	list := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil || name == manifestFile {
			return err
		}
		list[name], err = sum(path)
		return err
	})
	return list, err
}

func sum(path string) (string, error) {
	f, err := os.Open(path) // #nosec G304 -- the hall's and the backup's own folders
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func onDisk(paths ...string) error {
	for _, p := range paths {
		f, err := os.Open(p) // #nosec G304 -- the hall's and the backup's own folders
		if err != nil {
			return fmt.Errorf("backup: %w", err)
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return fmt.Errorf("backup: %w", err)
		}
	}
	return nil
}
