package server_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rs/zerolog"

	"yitang/server"
	"yitang/server/account"
	"yitang/server/halltest"
)

// A hall whose pseudonyms' key is lost, another's, or open to others does not start, and says what to do. One without
// pseudonyms makes a new key.
func TestALostKeyIsNotReplaced(t *testing.T) {
	h := halltest.New(t, 1)
	path := filepath.Join(h.Dir, "person.key")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v %v", info, err)
	}
	h.Stop()
	if err := os.Remove(path); err != nil { // nobody has shown a card: nothing hangs on it
		t.Fatal(err)
	}
	h.Start()
	h.Post(201, h.Tokens[account.Kiosk], "/api/v1/tickets", "", map[string]any{"matters": h.Matters[:1],
		"person": map[string]any{"kind": "id", "number": "11010519491231002X"}})
	h.Stop()
	key, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	refuses(t, h, "不见了")
	if _, err := os.Stat(path); err == nil {
		t.Error("a new key was made")
	}
	write := func(b []byte, mode os.FileMode) {
		t.Helper()
		if err := os.WriteFile(path, b, mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	write(make([]byte, len(key)), 0o600)
	refuses(t, h, "不是这个大厅的")
	write(key, 0o640)
	refuses(t, h, "0600")
	write(key, 0o600)
	h.Start()
}

// refuses wants the hall not to start, for a reason with a word in it.
func refuses(t *testing.T, h *halltest.Hall, word string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), waitFor)
	defer stop()
	err := server.Run(ctx, server.Config{Dir: h.Dir, Listen: "127.0.0.1:0", Now: time.Now, Pages: fstest.MapFS{}, Log: zerolog.Nop()})
	if err == nil || !strings.Contains(err.Error(), word) {
		t.Errorf("started, or for another reason than %s: %v", word, err)
	}
}
