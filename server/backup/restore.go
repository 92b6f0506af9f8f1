package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"yitang/db"
)

// Read returns what a copy says of itself after every file of it has been held against its checksum.
func Read(folder string) (Manifest, error) {
	var m Manifest
	text, err := os.ReadFile(filepath.Join(folder, manifestFile)) // #nosec G304 -- the owner names the backup
	if err != nil {
		return m, fmt.Errorf("restore: %s is no backup: %w%s", folder, err, inside(folder))
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("restore: %s: %s: %w", folder, manifestFile, err)
	}
	have, err := sums(folder)
	if err != nil {
		return m, fmt.Errorf("restore: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(m.Files)) {
		switch {
		case have[name] == "":
			return m, fmt.Errorf("restore: %s lacks the file %s; use another backup", folder, name)
		case have[name] != m.Files[name]:
			return m, fmt.Errorf("restore: %s: the file %s was changed or damaged; use another backup", folder, name)
		}
	}
	return m, nil
}

// inside advises whoever named the folder of the backups instead of one of them.
func inside(folder string) string {
	names, err := copies(folder, "")
	if err != nil || len(names) == 0 {
		return "; name the folder of one backup, such as yitang-20260601T020000Z"
	}
	return fmt.Sprintf("; backups are in it (%d), the newest is %s", len(names), filepath.Join(folder, names[len(names)-1]))
}

// Restore makes a hall of a copy in a folder that holds none yet. The folder appears whole or not at all, and only when ready,
// which may change the hall at its passing place, has nothing against it; nil asks nobody.
func Restore(folder, dir string, ready func(dir string) error) (Manifest, error) {
	if _, err := os.Stat(filepath.Join(dir, db.File)); err == nil {
		return Manifest{}, fmt.Errorf("restore: %s holds a hall already; move it away or choose another folder", dir)
	}
	m, err := Read(folder)
	if err != nil {
		return m, err
	}
	work := filepath.Clean(dir) + ".restoring"
	if err := os.RemoveAll(work); err != nil {
		return m, fmt.Errorf("restore: %w", err)
	}
	err = fillFrom(folder, work, m)
	if err == nil && ready != nil {
		err = ready(work)
	}
	if err = errors.Join(err, onDiskAll(work)); err != nil {
		return m, errors.Join(fmt.Errorf("restore: %w", err), os.RemoveAll(work))
	}
	if err := unix.Rename(work, dir); err != nil { // an empty folder is replaced, a full one refused
		return m, errors.Join(fmt.Errorf("restore: %w; empty the folder or choose another one", err), os.RemoveAll(work))
	}
	return m, onDisk(filepath.Dir(filepath.Clean(dir)))
}

func fillFrom(folder, work string, m Manifest) error {
	if err := os.MkdirAll(work, 0o700); err != nil {
		return err
	}
	for name := range m.Files {
		to := filepath.Join(work, filepath.Clean("/"+name)) // a name cannot lead out of the folder
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return err
		}
		if err := copyFile(filepath.Join(folder, name), to); err != nil {
			return err
		}
	}
	return nil
}

// onDiskAll puts the names in a folder and its subfolders on disk; copyFile has done so with what is in the files.
func onDiskAll(folder string) error {
	return filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		return onDisk(path)
	})
}

// Keep makes a copy every so often until ctx ends, the first at once. Report hears of each.
func Keep(ctx context.Context, c Config, every time.Duration, report func(folder string, m Manifest, err error)) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		folder, m, err := Make(ctx, c)
		if ctx.Err() != nil {
			return
		}
		report(folder, m, err)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
