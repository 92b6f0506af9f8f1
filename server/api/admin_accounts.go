package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/wire"
)

func (a *API) accounts(c *fiber.Ctx) error {
	ctx := c.UserContext()
	all, err := a.Office.Accounts(ctx)
	if err != nil {
		return err
	}
	locked, err := a.Office.Locked(ctx, time.Now())
	if err != nil {
		return err
	}
	windows, departments := a.places()
	out := wire.Accounts{Accounts: []wire.Account{}, Roles: words(account.People()), Windows: windows, Departments: departments,
		Missing: words(account.Missing(all))}
	for i := range all {
		if slices.Contains(account.People(), all[i].Role) {
			out.Accounts = append(out.Accounts, accountOf(&all[i], who(c), locked))
		}
	}
	return c.JSON(out)
}

// places are the hall's windows and departments.
func (a *API) places() (windows, departments []string) {
	l := a.Hall.View().Layout
	windows = []string{}
	for _, w := range l.Windows {
		windows = append(windows, string(w.ID))
	}
	return windows, append([]string{}, l.Departments()...)
}

// accountOf is an account as an administrator sees it.
func accountOf(x, by *account.Account, locked map[string]time.Time) wire.Account {
	out := wire.Account{User: x.User, Name: x.Name, Role: string(x.Role), Window: x.Window, Department: x.Department,
		State: string(x.State), MustChange: x.MustChange}
	until, isLocked := locked["user:"+x.User]
	if isLocked {
		out.LockedUntil = &until
	}
	out.Acts = words(x.ActsFor(by.Role, x.User == by.User, isLocked))
	return out
}

func (a *API) openAccount(c *fiber.Ctx) error {
	var in wire.AccountRequest
	if err := body(c, &in); err != nil {
		return err
	}
	return a.act(c, http.StatusCreated, func(ctx context.Context) (deed, error) {
		fresh := account.Account{User: in.User, Name: in.Name, Role: account.Role(in.Role), Window: in.Window,
			Department: in.Department, State: account.Pending}
		all, err := a.Office.Accounts(ctx)
		if err != nil {
			return deed{}, err
		}
		if err := a.mayOpen(&fresh, all); err != nil {
			return deed{}, err
		}
		d := deed{what: hall.AccountMade, user: fresh.User, note: string(fresh.Role)}
		if first := fresh.Role != account.System && slices.Contains(account.Missing(all), fresh.Role); first {
			return a.withPassword(c, d, fresh), nil
		}
		d.answer = func() any { return wire.AccountAnswer{Account: accountOf(&fresh, who(c), nil)} }
		d.change.Put = []account.Account{fresh}
		return d, nil
	})
}

func (a *API) mayOpen(fresh *account.Account, all []account.Account) error {
	windows, departments := a.places()
	if why := fresh.Check(windows, departments); why != "" {
		return refusal(http.StatusUnprocessableEntity, "invalid", why)
	}
	if !slices.Contains(account.People(), fresh.Role) {
		return refusal(http.StatusUnprocessableEntity, "invalid", "角色（role）：设备没有账号密码，请在设备页面登记。")
	}
	if slices.ContainsFunc(all, func(x account.Account) bool { return x.User == fresh.User }) {
		return refusal(http.StatusConflict, "user_taken", "用户名 "+fresh.User+" 已经有人用过。请换一个；已关闭的账号也不能重用。")
	}
	return nil
}

// withPassword completes a deed that draws a password, which is told this once.
func (a *API) withPassword(c *fiber.Ctx, d deed, x account.Account) deed {
	password, change := x.GivePassword()
	d.secret, d.change = true, change
	d.answer = func() any { return wire.AccountAnswer{Account: accountOf(&x, who(c), nil), Password: password} }
	return d
}

// on prepares an act on an account, if who asks may do it now.
func (a *API) on(c *fiber.Ctx, act account.Act, make func(x *account.Account, all []account.Account) (deed, error)) error {
	return a.act(c, http.StatusOK, func(ctx context.Context) (deed, error) {
		all, err := a.Office.Accounts(ctx)
		if err != nil {
			return deed{}, err
		}
		i := slices.IndexFunc(all, func(x account.Account) bool { return x.User == c.Params("user") })
		if i < 0 {
			return deed{}, refusal(http.StatusNotFound, "not_found", "没有账号 "+c.Params("user")+"。")
		}
		x, by := all[i], who(c)
		if x.User == by.User && act != account.Unlock {
			return deed{}, refusal(http.StatusForbidden, "own_account", "不能对自己的账号进行该操作。请由另一位管理员办理。")
		}
		if !slices.Contains(x.ActsFor(by.Role, x.User == by.User, true), act) {
			return deed{}, refusal(http.StatusConflict, "account_state", "账号 "+x.User+" 现在不能进行该操作。请刷新页面后再看。")
		}
		return make(&x, all)
	})
}

// put is a deed that leaves an account as x; its sessions end where end says so.
func (a *API) put(c *fiber.Ctx, what hall.Access, x *account.Account, end bool) deed {
	d := deed{what: what, user: x.User, note: string(x.Role), change: account.Change{Put: []account.Account{*x}},
		answer: func() any { return wire.AccountAnswer{Account: accountOf(x, who(c), nil)} }}
	if end {
		d.change.End = []string{x.User}
	}
	return d
}

func (a *API) closeAccount(c *fiber.Ctx) error {
	return a.on(c, account.Close, func(x *account.Account, all []account.Account) (deed, error) {
		if x.LastOf(all) {
			return deed{}, errLast
		}
		x.State, x.Password = account.Closed, ""
		return a.put(c, hall.AccountClosed, x, true), nil
	})
}

func (a *API) approveAccount(c *fiber.Ctx) error {
	return a.on(c, account.Approve, func(x *account.Account, _ []account.Account) (deed, error) {
		if err := a.rights(c, x); err != nil {
			return deed{}, err
		}
		return a.withPassword(c, deed{what: hall.AccountApproved, user: x.User, note: string(x.Role)}, *x), nil
	})
}

func (a *API) changeRights(c *fiber.Ctx) error {
	return a.on(c, account.Rights, func(x *account.Account, all []account.Account) (deed, error) {
		last, was := x.LastOf(all), x.Role
		if err := a.rights(c, x); err != nil {
			return deed{}, err
		}
		if last && x.Role != was {
			return deed{}, errLast
		}
		return a.put(c, hall.AccountChanged, x, true), nil
	})
}

// rights reads what security gives into an account.
func (a *API) rights(c *fiber.Ctx, x *account.Account) error {
	var in wire.AccountRights
	if err := body(c, &in); err != nil {
		return err
	}
	if in.Role != "" {
		x.Role, x.Window, x.Department = account.Role(in.Role), in.Window, in.Department
	}
	windows, departments := a.places()
	if why := x.Check(windows, departments); why != "" {
		return refusal(http.StatusUnprocessableEntity, "invalid", why)
	}
	if !slices.Contains(account.People(), x.Role) {
		return refusal(http.StatusUnprocessableEntity, "invalid", "角色（role）："+string(x.Role)+" 是设备的角色，不能给人。")
	}
	return nil
}

func (a *API) suspendAccount(c *fiber.Ctx) error {
	return a.on(c, account.Suspend, func(x *account.Account, all []account.Account) (deed, error) {
		if x.LastOf(all) {
			return deed{}, errLast
		}
		x.State = account.Suspended
		return a.put(c, hall.AccountBlocked, x, true), nil
	})
}

func (a *API) restoreAccount(c *fiber.Ctx) error {
	return a.on(c, account.Restore, func(x *account.Account, _ []account.Account) (deed, error) {
		x.State = account.Active
		return a.put(c, hall.AccountRestored, x, false), nil
	})
}

func (a *API) unlockAccount(c *fiber.Ctx) error {
	return a.on(c, account.Unlock, func(x *account.Account, _ []account.Account) (deed, error) {
		d := a.put(c, hall.AccountUnlocked, x, false)
		d.change = account.Change{Tries: map[string]account.Tries{"user:" + x.User: {}}}
		return d, nil
	})
}

func (a *API) givePassword(c *fiber.Ctx) error {
	return a.on(c, account.Password, func(x *account.Account, _ []account.Account) (deed, error) {
		return a.withPassword(c, deed{what: hall.PasswordGiven, user: x.User, note: string(x.Role)}, *x), nil
	})
}
