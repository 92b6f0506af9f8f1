package server_test

import (
	"context"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"

	"yitang/db"
	"yitang/server"
	"yitang/server/account"
	"yitang/server/halltest"
	"yitang/server/wire"
)

// A disk that fills while the hall works, as its clients see it: a ticket that is answered is on disk, one that is not on disk is
// not answered with a number, the server ends with a sentence that names the disk, and with room again it goes on with the next
// number. On a disk that is read-only it does not start, and says why.
func TestTheDiskUnderARunningHall(t *testing.T) {
	h := halltest.Make(t, 1)
	disk := t.TempDir()
	if err := unix.Mount("tmpfs", disk, "tmpfs", 0, "size=8m"); err != nil {
		t.Skipf("no disk may be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(disk, unix.MNT_DETACH) })
	dir := filepath.Join(disk, "hall")
	if err := os.CopyFS(dir, os.DirFS(h.Dir)); err != nil {
		t.Fatal(err)
	}
	h.Dir = dir
	ballast := filepath.Join(disk, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	var tickets []string
	take := func(until func(int) bool) {
		t.Helper()
		for i := 0; !until(i); i++ {
			a, err := h.Try(halltest.Request{Method: "POST", Path: "/api/v1/tickets", Token: h.Tokens[account.Kiosk], Body: map[string]any{"matters": h.Matters[:1]}})
			if err != nil || a.Status != 201 { // the hall ends
				return
			}
			tickets = append(tickets, halltest.Into[wire.Ticket](h, a).ID)
		}
	}
	ended := begin(t, h)
	take(func(n int) bool { return n > 200_000 })
	if said := db.Trouble(<-ended); !strings.Contains(said, "磁盘已满") {
		t.Errorf("the server of a full disk says %q", said)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	full := len(tickets)
	if full == 0 || full > 200_000 {
		t.Fatalf("%d tickets were given before the disk was full", full)
	}
	h.Start()
	if a := h.Get(503, "", "/readyz"); a.Code() != wire.CodeDiskLow { // a disk of 8 MB never has room enough
		t.Errorf("readyz: %s", a.Body)
	}
	take(func(n int) bool { return n == 3 })
	for i, id := range tickets {
		if want := fmt.Sprintf("-A%03d", i+1); !strings.HasSuffix(id, want) {
			t.Fatalf("ticket %d is %s, not %s", i, id, want)
		}
	}
	for _, id := range []string{tickets[0], tickets[full-1], tickets[full], tickets[len(tickets)-1]} {
		if !has(h, id) {
			t.Errorf("%s was acknowledged and is not there", id)
		}
	}
	h.Stop()
	h.Verify()

	if err := unix.Mount("", disk, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	if said := db.Trouble(<-begin(t, h)); !strings.Contains(said, "不能写入") {
		t.Errorf("the server of a read-only disk says %q", said)
	}
}

// begin starts a hall that will end by itself with an error; it has answered, or ended, when begin returns.
func begin(t *testing.T, h *halltest.Hall) <-chan error {
	t.Helper()
	ready, ended := make(chan net.Addr, 1), make(chan error, 1)
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(stop)
	var pages fs.FS = fstest.MapFS{}
	go func() {
		err := server.Run(ctx, server.Config{Dir: h.Dir, Listen: "127.0.0.1:0", Now: h.Now, Pages: pages, Log: zerolog.Nop(), Ready: func(a net.Addr) { ready <- a }})
		close(ready)
		ended <- err
	}()
	if a := <-ready; a != nil {
		h.URL = "http://" + a.String()
	}
	return ended
}
