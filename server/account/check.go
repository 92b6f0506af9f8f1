package account

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxUser bounds a user's name, in characters.
const MaxUser = 32

// Check says in words what is wrong with an account that somebody wants made, or nothing. Windows and departments are
// those of the hall.
func (a Account) Check(windows, departments []string) string {
	if why := CheckUser(a.User); why != "" {
		return why
	}
	if n := utf8.RuneCountInString(a.Name); n == 0 || n > MaxUser {
		return fmt.Sprintf("姓名（name）要有 1 到 %d 个字。", MaxUser)
	}
	switch {
	case !slices.Contains(Roles(), a.Role):
		return fmt.Sprintf("角色（role）：没有 %q 这种角色。", a.Role)
	case a.Role == Counter && a.Window == "":
		return "窗口（window）：窗口设备必须写明所在窗口。"
	case a.Window != "" && a.Role != Clerk && a.Role != Counter:
		return "窗口（window）：只有窗口人员和窗口设备有窗口。"
	case a.Window != "" && !slices.Contains(windows, a.Window):
		return fmt.Sprintf("窗口（window）：本大厅没有 %s 号窗口。", a.Window)
	case (a.Department != "") != (a.Role == Department):
		return "部门（department）：部门账号必须写明部门，其他账号不能写。"
	case a.Department != "" && !slices.Contains(departments, a.Department):
		return fmt.Sprintf("部门（department）：本大厅没有“%s”。", a.Department)
	}
	return ""
}

// CheckUser says in words why a name to log in with will not do, or nothing.
func CheckUser(user string) string {
	if n := utf8.RuneCountInString(user); n == 0 || n > MaxUser {
		return fmt.Sprintf("用户名（user）要有 1 到 %d 个字符。", MaxUser)
	}
	if i := strings.IndexFunc(user, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.", r)
	}); i >= 0 {
		return fmt.Sprintf("用户名（user）只能有文字、数字和 - _ . ，第 %d 个字节处不是。", i+1)
	}
	return ""
}

// Clash says in words why a device cannot have its name beside the other accounts, or nothing: it is a person's or another
// kind of device's, or a kiosk would give out another kiosk's numbers while the hall is away.
func (a Account) Clash(all []Account) string {
	for _, o := range all {
		switch {
		case o.User == a.User && o.Role != a.Role:
			return fmt.Sprintf("名称 %s 已用于别的账号（%s）。请换一个。", a.User, o.Role)
		case o.User != a.User && o.Role == Kiosk && a.Role == Kiosk && Series(o.User) == Series(a.User):
			return fmt.Sprintf("断网时 %s 和 %s 会发出同样的号（%s-001）。请换一个名称。", a.User, o.User, Series(a.User))
		}
	}
	return ""
}
