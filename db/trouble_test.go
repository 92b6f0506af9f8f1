package db_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"yitang/db"
	"yitang/server/hall"
	"yitang/server/route"
)

// smallDisk is a disk of a few megabytes; the test is skipped where none may be mounted.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=6m"); err != nil {
		t.Skipf("no disk may be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	return dir
}

// said wants an error to be told to the hall with a word in it.
func said(t *testing.T, err error, word string) {
	t.Helper()
	if s := db.Trouble(err); !strings.Contains(s, word) {
		t.Errorf("%v is told as %q, want %s", err, s, word)
	}
}

// takeUntil takes tickets until the disk refuses one, and returns how many were put on it.
func takeUntil(b *book, bound int) (taken int, err error) {
	b.Helper()
	for taken < bound {
		b.at, b.n = b.at+60_000, b.n+1
		events, err := hall.Decide(b.s, hall.Take{Matters: []hall.MatterCode{"A-1"}, Priority: hall.Ordinary, Language: "zh", Channel: "kiosk", PersonKind: "none",
			Track: strings.Repeat("x", 400) + string(rune('a'+b.n%26)) + time.Duration(b.n).String()}, b.at, kiosk)
		if err != nil {
			b.Fatal(err)
		}
		entry := hall.Entry{Actor: kiosk, At: b.at, Events: events}
		for i := range events {
			b.s.Apply(&events[i])
		}
		b.s.Touched(&entry)
		if err := b.d.Append([]hall.Entry{entry}); err != nil {
			return taken, err // the state is ahead of the disk now
		}
		taken++
	}
	return taken, nil
}

// A full disk refuses the next ticket with a clear sentence; all that were acknowledged are there, the chain is whole, and with
// room again the hall goes on.
func TestFullDisk(t *testing.T) {
	b := &book{TB: t, dir: filepath.Join(smallDisk(t), "hall"), s: hall.New(route.Rule{}), at: start}
	b.open()
	b.do(hall.System, hall.AdoptLayout{Layout: layout("1")})
	b.do(hall.System, hall.OpenDay{Day: "2025-06-03"})
	ballast := filepath.Join(filepath.Dir(b.dir), "ballast")
	if err := os.WriteFile(ballast, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	taken, err := takeUntil(b, 100_000)
	said(t, err, "磁盘已满")
	_ = b.d.Close()
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	b.open()
	if v := b.verify(); v.Fault != "" || v.Events != uint64(taken)+2 {
		t.Errorf("%d tickets were acknowledged: %+v", taken, v)
	}
	b.s = hall.New(route.Rule{})
	if err := b.d.Replay(context.Background(), func(e *hall.Event) error { b.s.Apply(e); return nil }); err != nil {
		t.Fatal(err)
	}
	if more, err := takeUntil(b, 3); more != 3 {
		t.Errorf("does not go on: %v", err)
	}
	t.Logf("%d tickets until the disk was full, all of them there", taken)
}

// A disk that has become read-only refuses with a clear sentence, at work and at the start.
func TestReadOnlyDisk(t *testing.T) {
	disk := smallDisk(t)
	b := &book{TB: t, dir: filepath.Join(disk, "hall"), s: hall.New(route.Rule{}), at: start}
	b.open()
	b.do(hall.System, hall.AdoptLayout{Layout: layout("1")})
	b.do(hall.System, hall.OpenDay{Day: "2025-06-03"})
	b.close()
	if err := unix.Mount("", disk, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Skipf("cannot be made read-only here: %v", err)
	}
	if _, err := db.Open(b.dir); err == nil || db.Trouble(err) == "" {
		t.Errorf("opened on a read-only disk: %v", err)
	}
	if err := unix.Mount("", disk, "", unix.MS_REMOUNT, "size=6m"); err != nil {
		t.Fatal(err)
	}
	if v := b.verify(); v.Fault != "" {
		t.Error(v.Fault)
	}
}

// A page that the disk has spoilt is met with a clear sentence, not with wrong figures.
func TestCorruptPage(t *testing.T) {
	b := lived(t)
	b.close()
	path := filepath.Join(b.dir, db.File)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := 4096; at+4096 <= len(text); at += 4096 { // every page but the first loses its head
		copy(text[at:at+16], strings.Repeat("\xff", 16))
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(b.dir)
	if err == nil {
		err = errors.Join(d.Replay(context.Background(), func(*hall.Event) error { return nil }), d.Close())
	}
	said(t, err, "损坏")
}

// Two servers on one folder: the second one is told so.
func TestTwoServersOnOneFolder(t *testing.T) {
	b := newBook(t)
	_, err := db.Open(b.dir)
	said(t, err, "另一个")
}

// Cut at a moment, a hall is what it was then, whole, and goes on; a purge in between is refused.
func TestCutAfter(t *testing.T) {
	b := lived(t)
	cut := b.at
	seq := b.s.Seq()
	for range 3 {
		b.take("A-1")
	}
	last, err := b.d.CutAfter(context.Background(), time.UnixMilli(int64(cut)), route.Rule{})
	if err != nil || last != seq {
		t.Fatalf("cut at event %d, want %d: %v", last, seq, err)
	}
	if v := b.verify(); v.Fault != "" || v.Events != seq {
		t.Errorf("%+v", v)
	}
	b.close()
	b.open()
	s := hall.New(route.Rule{})
	if err := b.d.Replay(context.Background(), func(e *hall.Event) error { s.Apply(e); return nil }); err != nil {
		t.Fatal(err)
	}
	b.s, b.n = s, 500
	b.take("A-1")
	if v := b.verify(); v.Fault != "" || v.Events != seq+1 {
		t.Errorf("after going on: %+v", v)
	}
	if _, err := b.d.CutAfter(context.Background(), time.UnixMilli(1), route.Rule{}); err == nil || !strings.Contains(err.Error(), "began after") {
		t.Errorf("cut before the beginning: %v", err)
	}
	b.purgeAll("2025-06-03", "")
	if _, err := b.d.CutAfter(context.Background(), time.UnixMilli(int64(cut)), route.Rule{}); err == nil || !strings.Contains(err.Error(), "purged") {
		t.Errorf("cut before a purge: %v", err)
	}
}
