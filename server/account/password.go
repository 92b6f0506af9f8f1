package account

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of a password.
const (
	MinPassword = 8   // characters
	MaxPassword = 128 // argon2 would take more; nobody types it
	History     = 5   // last passwords that must not come back
	minClasses  = 3   // of capital letters, small letters, digits and others
)

// CheckNew says in words why a password that a user chose will not do, or nothing. Last are the kept hashes of the
// user's last passwords; each costs a moment, by intention.
func CheckNew(password, user string, last []string) string {
	switch n := utf8.RuneCountInString(password); {
	case n < MinPassword:
		return fmt.Sprintf("密码至少 %d 个字符，现在只有 %d 个。", MinPassword, n)
	case n > MaxPassword:
		return fmt.Sprintf("密码最多 %d 个字符。", MaxPassword)
	case classesOf(password) < minClasses:
		return "密码要包含大写字母、小写字母、数字、其他符号中的至少三种。"
	case user != "" && strings.Contains(strings.ToLower(password), strings.ToLower(user)):
		return "密码里不能包含用户名。"
	}
	for _, kept := range last[max(0, len(last)-History):] {
		if CheckPassword(kept, password) {
			return fmt.Sprintf("不能使用最近 %d 次用过的密码。", History)
		}
	}
	return ""
}

func classesOf(s string) int {
	var upper, lower, digit, other int
	for _, r := range s {
		switch {
		case unicode.IsUpper(r):
			upper = 1
		case unicode.IsLower(r):
			lower = 1
		case unicode.IsDigit(r):
			digit = 1
		default:
			other = 1
		}
	}
	return upper + lower + digit + other
}

// GivePassword draws a password for the account, which works from now on, but for nothing else before its owner has changed
// it. The change keeps the password before among the last ones and ends the account's sessions.
func (a *Account) GivePassword() (string, Change) {
	password := NewPassword()
	a.Password, a.State, a.MustChange = HashPassword(password), Active, true
	return password, Change{Passwords: []Account{*a}, Put: []Account{*a}}
}
