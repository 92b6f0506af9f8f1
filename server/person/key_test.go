package person_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"yitang/server/person"
)

func countingKey(t *testing.T) person.Key {
	t.Helper()
	secret := make([]byte, 32)
	for i := range secret {
		secret[i] = byte(i)
	}
	k, err := person.NewKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// The values were computed with `openssl dgst -sm3 -mac HMAC` over "yitang person v1\0kind\0number", first 20 bytes.
func TestPseudonymAgreesWithOpenSSL(t *testing.T) {
	t.Parallel()
	k := countingKey(t)
	for _, tc := range []struct {
		kind   person.Kind
		number string
		want   person.Pseudonym
	}{
		{person.Individual, "11010519491231002X", "5n5rs34fffklprjgwvf5ev7ztp3u4kas"},
		{person.Individual, " 11010519491231002x", "5n5rs34fffklprjgwvf5ev7ztp3u4kas"},
		{person.Company, "91350100M000100Y43", "zm4xk3otp5tpskbomaw2fbtl6xs5hnuw"},
		{person.Individual, "H01234567", "egckdpj7l5ovxxy5b4g5r45f733vm4yf"},
		{person.Individual, "H0123456702", "egckdpj7l5ovxxy5b4g5r45f733vm4yf"},
	} {
		if got := k.Pseudonym(tc.kind, tc.number); got != tc.want || len(got) != person.PseudonymSize {
			t.Errorf("%s %s: %s, want %s", tc.kind, tc.number, got, tc.want)
		}
	}
	if k.Pseudonym("company", "11010519491231002X") == k.Pseudonym("id", "11010519491231002X") {
		t.Error("the kind does not count")
	}
	if other, _ := person.NewKey(make([]byte, 32)); other.Pseudonym("id", "1") == k.Pseudonym("id", "1") {
		t.Error("the key does not count")
	}
}

func TestKeyIsMadeOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "person.key")
	const racers = 16
	seen := make([]person.Pseudonym, racers)
	var wg sync.WaitGroup
	for i := range racers {
		wg.Go(func() {
			k, err := person.LoadOrCreateKey(path)
			if err != nil {
				t.Error(err)
			}
			seen[i] = k.Pseudonym(person.Individual, "11010519491231002X")
		})
	}
	wg.Wait()
	for _, p := range seen {
		if p != seen[0] {
			t.Fatal("two processes got two keys")
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 || info.Size() != 32 {
		t.Fatalf("%v %v", info, err)
	}
	left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*"))
	if len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestKeyIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, tc := range []struct {
		name string
		make func(path string) error
		says string
	}{
		{"short", func(p string) error { return os.WriteFile(p, make([]byte, 31), 0o600) }, "32 bytes"},
		{"long", func(p string) error { return os.WriteFile(p, make([]byte, 33), 0o600) }, "32 bytes"},
		{"empty", func(p string) error { return os.WriteFile(p, nil, 0o600) }, "32 bytes"},
		{"group", func(p string) error {
			return os.Chmod(p, 0o640)
		}, "0600"},
		{"others", func(p string) error {
			return os.Chmod(p, 0o604)
		}, "0600"},
		{"folder", func(p string) error { return os.Mkdir(p, 0o700) }, "plain file"},
		{"no folder", func(string) error { return nil }, "no such file"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(dir, tc.name)
			switch tc.says {
			case "0600":
				if err := os.WriteFile(path, make([]byte, 32), 0o600); err != nil {
					t.Fatal(err)
				}
			case "no such file":
				path = filepath.Join(dir, "absent", "key")
			}
			if err := tc.make(path); err != nil {
				t.Fatal(err)
			}
			before, _ := os.ReadFile(path)
			_, err := person.LoadOrCreateKey(path)
			if err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Fatalf("got %v, want %q", err, tc.says)
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
				t.Error("the file was changed")
			}
		})
	}
}

func TestKeyPrintsAsNothing(t *testing.T) {
	t.Parallel()
	k := countingKey(t)
	secret := hex.EncodeToString([]byte{4, 5, 6, 7})
	for _, s := range []string{
		fmt.Sprintf("%v %+v %#v %s %x %d", k, k, k, k, k, k), fmt.Sprintf("%+v", struct{ K person.Key }{k}), k.LogValue().String(),
	} {
		if strings.Contains(s, secret) || strings.Contains(s, "4 5 6") {
			t.Errorf("leaks: %s", s)
		}
	}
}
