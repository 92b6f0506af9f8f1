package account_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unicode"

	"yitang/server/account"
)

func TestPassword(t *testing.T) {
	kept := account.HashPassword("相信 me-1")
	again := account.HashPassword("相信 me-1")
	if kept == again {
		t.Error("two accounts with one password have one hash: no salt")
	}
	if strings.Contains(kept, "me-1") || !strings.HasPrefix(kept, "$argon2id$v=19$m=") {
		t.Errorf("kept %q", kept)
	}
	for _, c := range []struct {
		name, kept, password string
		want                 bool
	}{
		{"right", kept, "相信 me-1", true},
		{"right, other salt", again, "相信 me-1", true},
		{"wrong", kept, "相信 me-2", false},
		{"empty", kept, "", false},
		{"an account without a password", "", "", false},
		{"nonsense was kept", "password", "password", false},
		{"another algorithm", strings.Replace(kept, "argon2id", "argon2i", 1), "相信 me-1", false},
		{"broken parameters", strings.Replace(kept, "m=", "n=", 1), "相信 me-1", false},
		{"cut short", kept[:strings.LastIndex(kept, "$")], "相信 me-1", false},
		{"no time", strings.Replace(kept, "t=2", "t=0", 1), "相信 me-1", false},
		{"no threads", strings.Replace(kept, "p=1", "p=0", 1), "相信 me-1", false},
		{"broken salt", strings.Replace(kept, "$m=19456,t=2,p=1$", "$m=19456,t=2,p=1$!", 1), "相信 me-1", false},
	} {
		if got := account.CheckPassword(c.kept, c.password); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// TestPasswordWithoutKey holds that a kept password whose key is empty fits nothing.
func TestPasswordWithoutKey(t *testing.T) {
	kept := account.HashPassword("x")
	empty := kept[:strings.LastIndex(kept, "$")+1]
	if account.CheckPassword(empty, "x") || account.CheckPassword(empty, "") {
		t.Error("an empty key lets everybody in")
	}
}

func TestTokens(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		token := account.NewToken()
		if seen[token] || len(token) < 52 { // 256 bits in base 32
			t.Fatalf("token %q", token)
		}
		seen[token] = true
	}
	a, b := account.Digest("a"), account.Digest("b")
	if len(a) != 32 || bytes.Equal(a, b) || !bytes.Equal(a, account.Digest("a")) || bytes.Contains(a, []byte("a\x00")) {
		t.Errorf("digests %x and %x", a, b)
	}
}

func TestNewPassword(t *testing.T) {
	a, b := account.NewPassword(), account.NewPassword()
	if a == b || len(a) < 20 {
		t.Errorf("drew %q and %q", a, b)
	}
	for name, class := range map[string]func(rune) bool{"lower": unicode.IsLower, "upper": unicode.IsUpper, "digit": unicode.IsDigit, "sign": unicode.IsPunct} {
		if !strings.ContainsFunc(a, class) {
			t.Errorf("%q has no %s", a, name)
		}
	}
}

func TestRoles(t *testing.T) {
	want := []account.Role{account.Clerk, account.Guide, account.Manager, account.Kiosk, account.Screen, account.Counter, account.Department, account.Platform,
		account.System, account.Security, account.Audit, account.Standby}
	if got := account.Roles(); !slices.Equal(got, want) {
		t.Errorf("roles %v", got)
	}
}
