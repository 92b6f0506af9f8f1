package main_test

import (
	"os"
	"path/filepath"
	"testing"

	"yitang/server/halltest"
)

// TestAHallThatHasWorkedJoinsACity and starts again: with the key that the city's halls share, though its own stands in its data.
// The answer taken a second time changes nothing.
func TestAHallThatHasWorkedJoinsACity(t *testing.T) {
	t.Parallel()
	h := halltest.New(t, 1)
	h.Stop()
	city, dir := filepath.Join(t.TempDir(), "city"), t.TempDir()
	do := func(args ...string) string {
		t.Helper()
		stdout, stderr, code := yitang(t, args...)
		if code != 0 {
			t.Fatalf("%v: %d %s", args, code, stderr)
		}
		return stdout
	}
	keep := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	do("city", "new", "--dir", city, "昌吉", "--url", "tls://127.0.0.1:4222")
	request := keep("request", do("join", "--dir", h.Dir))
	answer := keep("answer", do("city", "enrol", "--dir", city, request))
	for range 2 {
		do("join", "--dir", h.Dir, answer)
		h.Start()
		h.Stop()
	}
	if kept, err := filepath.Glob(filepath.Join(h.Dir, "person.key.before-*")); err != nil || len(kept) != 1 {
		t.Errorf("the hall's own key is kept as %v, %v", kept, err)
	}
}
