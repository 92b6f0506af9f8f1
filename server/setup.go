package server

import (
	"context"
	"fmt"
	"slices"

	"yitang/db"
	"yitang/server/account"
	"yitang/server/api"
)

// firstStart opens the door for the first administrator, if the hall has none and a console to show the code on.
func firstStart(ctx context.Context, data *db.DB, c Config) (*api.Setup, error) {
	if c.Console == nil {
		return nil, nil
	}
	all, err := data.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(all, func(a account.Account) bool { return a.Role == account.System && a.Usable() }) {
		return nil, nil
	}
	s, code := api.NewSetup()
	_, err = fmt.Fprintf(c.Console, "\n*** 本大厅还没有管理员。请打开 /admin ，用这个一次性代码建立第一位系统管理员：\n"+
		"*** No administrator yet. Open /admin and use this one-time code:\n***\n***     %s\n***\n\n", code)
	if err != nil {
		return nil, fmt.Errorf("server: the console: %w", err)
	}
	return s, nil
}
