package account_test

import (
	"strings"
	"testing"
	"time"

	"yitang/server/account"
)

func TestCheckNew(t *testing.T) {
	last := []string{account.HashPassword("First-used-1")}
	for range account.History - 1 {
		last = append(last, account.HashPassword("Other-used-2"))
	}
	for password, want := range map[string]string{
		"Ab1-xyz":       "至少 8 个字符",
		"abcdefgh":      "三种",
		"ABCDefgh":      "三种",
		"abcd1234":      "三种",
		"Abcd1234":      "",
		"密码密码abc1":      "", // neither capital nor small, small, digit
		"First-used-1":  "最近 5 次",
		"Other-used-2":  "最近 5 次",
		"Wang-xiao-li1": "用户名",
	} {
		got := account.CheckNew(password, "xiao-li", last)
		if (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%q: %q, want %q", password, got, want)
		}
	}
	if got := account.CheckNew("First-used-1", "li", append(last, account.HashPassword("Third-used-3"))); got != "" {
		t.Errorf("the sixth last password may come back: %s", got)
	}
	if account.CheckNew(strings.Repeat("Aa1-", 40), "li", nil) == "" {
		t.Error("a password without an end")
	}
}

func TestTriesLock(t *testing.T) {
	now := time.Date(2026, 6, 1, 10, 0, 0, 0, time.UTC)
	var tries account.Tries
	for range account.AccountFailures - 1 {
		tries = tries.Failed(now, account.AccountFailures)
	}
	if tries.Locked(now) != 0 {
		t.Fatal("locked too early")
	}
	forgotten := tries.Failed(now.Add(account.LockFor+time.Second), account.AccountFailures)
	if forgotten.Failures != 1 || forgotten.Locked(now.Add(account.LockFor+time.Second)) != 0 {
		t.Errorf("old failures count: %+v", forgotten)
	}
	tries = tries.Failed(now, account.AccountFailures)
	if got := tries.Locked(now.Add(time.Minute)); got != account.LockFor-time.Minute {
		t.Errorf("locked for %s more", got)
	}
	if tries.Locked(now.Add(account.LockFor)) != 0 {
		t.Error("locked for too long")
	}
}
