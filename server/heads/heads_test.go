package heads_test

import (
	"os"
	"sync"
	"testing"

	"yitang/server/heads"
)

// TestKeyAppearsWhole has programs come first together: each finds the same whole key, and nothing else is left in the folder.
func TestKeyAppearsWhole(t *testing.T) {
	dir, begin := t.TempDir(), make(chan struct{})
	var all sync.WaitGroup
	keys := make([]string, 32)
	for i := range keys {
		all.Go(func() {
			<-begin
			s, err := heads.Open(dir)
			if err != nil {
				t.Error(err)
				return
			}
			keys[i] = s.Sign("2026-01-05", 1, "").Key
		})
	}
	close(begin)
	all.Wait()
	for _, k := range keys {
		if k != keys[0] {
			t.Errorf("the key %s beside %s", k, keys[0])
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 || files[0].Name() != heads.KeyFile {
		t.Errorf("the folder holds %v, %v", files, err)
	}
}
