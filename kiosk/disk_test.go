package kiosk_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"yitang/kiosk"
)

// smallDisk is a folder on a disk of its own, or the test is skipped.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("no disk may be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	return dir
}

// fill takes all room on a disk.
func fill(t *testing.T, dir string) (ballast string) {
	t.Helper()
	ballast = filepath.Join(dir, "ballast")
	f, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	_ = f.Close()
	return ballast
}

func remount(t *testing.T, dir string, flags uintptr) {
	t.Helper()
	if err := unix.Mount("tmpfs", dir, "tmpfs", unix.MS_REMOUNT|flags, ""); err != nil {
		t.Fatal(err)
	}
}

// A disk that takes nothing costs the trace, never the number nor its receipt, also for a kiosk that starts on it; the staff are
// told, and that it is over.
func TestADiskThatTakesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		reason       string
		breaks, mend func(t *testing.T, dir string)
	}{
		"full":      {"disk_full", func(t *testing.T, dir string) { fill(t, dir) }, func(_ *testing.T, dir string) { _ = os.Remove(filepath.Join(dir, "ballast")) }},
		"read-only": {"disk_unwritable", func(t *testing.T, dir string) { remount(t, dir, unix.MS_RDONLY) }, func(t *testing.T, dir string) { remount(t, dir, 0) }},
	} {
		for _, begins := range []string{"while it works", "before it starts"} {
			if name == "read-only" && begins == "while it works" {
				continue // a file that is open for writing keeps a disk from becoming so
			}
			t.Run(name+" "+begins, func(t *testing.T) {
				t.Parallel()
				h, p, dir := awayHall(t, sealingKey(t)), wellPrinter(), smallDisk(t)
				cfg := kiosk.Config{Server: h.url, UsePrinter: p, ID: "kiosk-2", Dir: dir}
				if begins == "before it starts" {
					c.breaks(t, dir)
				}
				k := start(t, cfg)
				await(t, k.listen(), "state", `"online":true`)
				c.breaks(t, dir)
				if status, _, e := k.take("key-1", wanted); status != 201 {
					t.Fatalf("no number: %d %+v", status, e)
				}
				eventually(t, "the report", func() bool { return len(h.printed("t-1")) == 1 })
				if got := h.printed("t-1")[0]; got.State != "printed" || len(p.paper()) != 1 {
					t.Errorf("%+v, %d receipts", got, len(p.paper()))
				}
				// On a page of its own: a disk that was wrong from the start had its word on the first one.
				await(t, k.listen(), "state", `"disk":{"state":"warning","reason":"`+c.reason)
				eventually(t, "the staff are told", func() bool { return h.reported("kiosk-2/disk=warning:" + c.reason) })
				c.mend(t, dir)
				h.set(func(h *testHall) { h.devices = nil })
				k.take("key-2", wanted)
				h.set(func(h *testHall) { h.down = true })
				if status, own, e := k.take("key-3", wanted); status != 201 || own.Number != "K2-001" {
					t.Errorf("after it: %d %+v %+v", status, own, e)
				}
				h.set(func(h *testHall) { h.down = false })
				eventually(t, "it is over", func() bool { return h.reported("kiosk-2/disk=up:") })
				eventually(t, "the reports", func() bool { return len(h.printed("t-2")) == 1 && len(h.offlineTickets()) == 1 })
			})
		}
	}
}

// A file that is none costs the trace too.
func TestAFileThatIsNone(t *testing.T) {
	t.Parallel()
	h, p, dir := newTestHall(t), wellPrinter(), t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "prints.log"), 0o700); err != nil {
		t.Fatal(err)
	}
	k := start(t, kiosk.Config{Server: h.url, UsePrinter: p, ID: "kiosk-1", Dir: dir})
	k.take("key-1", wanted)
	eventually(t, "the report", func() bool { return len(h.printed("t-1")) == 1 })
	if len(p.paper()) != 1 || !strings.Contains(k.log.String(), "prints.log") {
		t.Errorf("%d receipts; the log says\n%s", len(p.paper()), k.log.String())
	}
	eventually(t, "the staff are told", func() bool { return h.reported("kiosk-1/disk=warning:disk_unwritable") })
}

// A line that a power cut tore off at the end of the log of receipts is dropped; what stands before it is gone on with.
func TestATornLineOfReceipts(t *testing.T) {
	t.Parallel()
	text := kept(t, cut(t, twoReceipts(t, newTestHall(t), time.Now())))
	left := func(text string) []string {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "prints.log"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		numbers, damaged := kiosk.LeftReceipts(dir)
		if damaged != 0 {
			t.Errorf("%d damaged lines", damaged)
		}
		return numbers
	}
	if got := left(text); len(got) != 2 {
		t.Errorf("whole: %v are left", got)
	}
	end := strings.LastIndex(strings.TrimSuffix(text, "\n"), "\n") + 1 // of the lines before the last
	want := left(text[:end])
	for at := end + 1; at < len(text); at += 7 {
		if got := left(text[:at]); len(want) == 0 || !slices.Equal(got, want) {
			t.Errorf("cut at %d of %d: %v are left, not %v", at, len(text), got, want)
		}
	}
}

// Only an answer that shows that the hall has understood a report ends it: anything else is tried again, and holds up no other.
func TestAReportIsToldUntilItIsUnderstood(t *testing.T) {
	t.Parallel()
	const shaped = `{"error":{"code":"not_found","message":"没有"}}`
	for name, c := range map[string]struct {
		status int
		body   string
		final  bool
	}{
		"a token that is being changed":   {401, `{"error":{"code":"not_logged_in","message":"x"}}`, false},
		"a right that is being changed":   {403, `{"error":{"code":"forbidden","message":"x"}}`, false},
		"a hall that fails":               {500, `{"error":{"code":"internal","message":"x"}}`, false},
		"a proxy before a dead hall":      {502, "<html>", false},
		"a hall without disk":             {503, `{"error":{"code":"disk","message":"x"}}`, false},
		"too many":                        {429, `{"error":{"code":"too_many","message":"x"}}`, false},
		"a page that is not the hall's":   {404, "<html>", false},
		"a portal that sends elsewhere":   {302, "", false},
		"a ticket that nobody knows":      {404, shaped, true},
		"a state that it may not come to": {409, shaped, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newTestHall(t)
			tries := make(chan struct{}, 100)
			h.trouble = func(path string) (int, string) {
				if path != "/api/v1/tickets/t-1/prints" {
					return 0, ""
				}
				tries <- struct{}{}
				return c.status, c.body
			}
			k := start(t, kiosk.Config{Server: h.url, UsePrinter: wellPrinter(), ID: "kiosk-1"})
			await(t, k.listen(), "state", `"online":true`)
			k.take("key-1", wanted)
			<-tries
			k.take("key-2", wanted)
			eventually(t, "the other report", func() bool { return len(h.printed("t-2")) == 1 })
			if c.final {
				eventually(t, "it is forgotten", func() bool { return !strings.Contains(kept(t, k.dir), "t-1") })
				return
			}
			<-tries
			h.set(func(h *testHall) { h.trouble = nil })
			eventually(t, "it is told in the end", func() bool { return len(h.printed("t-1")) == 1 })
		})
	}
}

// A folder that cannot be synced after the log was written anew is told, and what is kept from then on stands in the new log: in the
// old one, which has no name any more, it would be gone with the kiosk, and its numbers be given out twice.
func TestALogWrittenAnewTakesTheNextLines(t *testing.T) {
	dir := t.TempDir()
	l, err := kiosk.OpenOfflineLog(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Save("2026-01-07", "K2-001"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Chmod(filepath.Dir(dir), 0o755), os.Chmod(dir, 0o333)); err != nil { // it can be written and not opened
		t.Fatal(err)
	}
	err = asNobody(t, dir, func() error { return l.Tidy("2026-01-07") })
	if err2 := os.Chmod(dir, 0o700); err2 != nil {
		t.Fatal(err2)
	}
	if err == nil {
		t.Error("nobody hears of the folder")
	}
	if err := l.Save("2026-01-07", "K2-002"); err != nil {
		t.Fatal(err)
	}
	again, err := kiosk.OpenOfflineLog(dir)
	if n := again.Last("K2", "2026-01-07"); err != nil || n != 2 {
		t.Errorf("the last number is %d, want 2; %v", n, err)
	}
}

// asNobody does something without root's right to open every folder, this one for instance; else the test is skipped.
func asNobody(t *testing.T, closed string, do func() error) error {
	t.Helper()
	if os.Geteuid() == 0 {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer unix.Setfsuid(0) //nolint:errcheck // of this thread
		_ = unix.Setfsuid(65534)
	}
	if f, err := os.Open(closed); err == nil {
		_ = f.Close()
		t.Skip("every folder can be opened here")
	}
	return do()
}
