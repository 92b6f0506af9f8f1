package server_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yitang/db"
	"yitang/server/account"
	"yitang/server/halltest"
	"yitang/server/heads"
	"yitang/server/route"
)

// A day that has ended is signed; the heads can be had by the auditor. A journal that was written anew as a whole, which fits in
// itself, does not fit to them; nor does one that was cut, nor a head that was changed.
func TestSignedHeads(t *testing.T) {
	h := halltest.New(t, 1)
	takeN(h, "a", 3)
	h.Post(200, h.Tokens[account.Manager], "/api/v1/day/close", "", nil)
	var text []byte
	eventually(t, "the day is signed", func() bool {
		text = h.Get(200, h.Tokens[account.Audit], "/api/v1/admin/heads").Body
		return len(text) > 0
	})
	h.Stop()
	list, err := heads.Read(bytes.NewReader(text))
	if err != nil || len(list) != 1 {
		t.Fatalf("%d heads, %v", len(list), err)
	}
	verify := func(dir string) string {
		t.Helper()
		v, err := db.Verify(t.Context(), dir, route.Rule{}, nil, list...)
		if err != nil {
			t.Fatal(err)
		}
		return v.Fault
	}
	if fault := verify(h.Dir); fault != "" {
		t.Error(fault)
	}
	other := halltest.Make(t, 1) // another history of the same length: its chain is whole
	steady := other.Now
	other.Now = func() time.Time { return steady().Add(time.Second) }
	other.Start()
	takeN(other, "b", 3)
	other.Post(200, other.Tokens[account.Manager], "/api/v1/day/close", "", nil)
	other.Stop()
	if fault := verify(other.Dir); !strings.Contains(fault, "rewritten") {
		t.Errorf("a rewritten journal: %q", fault)
	}
	short := halltest.New(t, 1)
	short.Stop()
	if fault := verify(short.Dir); !strings.Contains(fault, "is missing") && !strings.Contains(fault, "rewritten") {
		t.Errorf("a cut journal: %q", fault)
	}
	changed := strings.Replace(string(text), `"seq":`, `"seq":1`, 1)
	if _, err := heads.Read(strings.NewReader(changed)); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("a changed head was taken: %v", err)
	}
	if info, err := os.Stat(filepath.Join(h.Dir, heads.KeyFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
}
