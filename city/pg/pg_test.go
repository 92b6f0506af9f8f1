package pg_test

import (
	"errors"
	"net"
	"os"
	"testing"

	"yitang/city/pg"
)

// TestRelative: a folder that is named from where one stands, as on a command line; and the server is there again after a
// power cut, on the same data.
func TestRelative(t *testing.T) {
	dir, err := os.MkdirTemp("", "yitang-pg-test-") // t.TempDir lies in one that PostgreSQL, as another user, may not enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	s, err := pg.Start(t.Context(), "postgres")
	if errors.Is(err, pg.ErrNone) {
		t.Skip("NOT TESTED: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Database(t.Context(), "one"); err != nil {
		t.Error(err)
	}
	_ = s.Kill()
	if err := s.Again(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Database(t.Context(), "one"); err == nil {
		t.Error("what was made before the power cut is gone")
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
}

// TestAPortThatIsTakenMeanwhile: whoever takes the port after it was found free costs a try, not the start.
func TestAPortThatIsTakenMeanwhile(t *testing.T) {
	dir, err := os.MkdirTemp("", "yitang-pg-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	asked := 0
	s, err := pg.StartOn(t.Context(), dir, func() (int, error) {
		if asked++; asked == 1 {
			return other.Addr().(*net.TCPAddr).Port, nil
		}
		return pg.FreePort()
	})
	if errors.Is(err, pg.ErrNone) {
		t.Skip("NOT TESTED: ", err)
	}
	if err != nil || asked != 2 {
		t.Fatalf("%d ports: %v", asked, err)
	}
	if _, err := s.Database(t.Context(), "one"); err != nil {
		t.Error(err)
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
}
