package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"yitang/db"
	"yitang/server/account"
	"yitang/server/catalogue"
	"yitang/server/hall"
)

type testhallCmd struct {
	dirFlag
	Windows int     `default:"8" help:"How many windows, 1 to 200; each serves every field."`
	Hall    hall.ID `placeholder:"ID" help:"Name of the hall, where several are to join one city; the example's without."`
	JSON    bool    `name:"json" help:"Print as JSON, for programs."`
}

func (testhallCmd) Help() string {
	return "Example: yitang admin testhall --dir /tmp/hall --windows 8 --json"
}

// testhall is what a test needs to know of its hall.
type testhall struct {
	DeviceToken string     `json:"device_token"`
	ScreenToken string     `json:"screen_token"`
	Clerks      []testUser `json:"clerks"`
	Manager     testUser   `json:"manager"`
	Matters     []string   `json:"matters"`
	Screens     []string   `json:"screens"`
}

type testUser struct {
	User     string `json:"user"`
	Password string `json:"password"`
	Window   string `json:"window,omitempty"`
}

// maxTestWindows is a hall's largest size.
const maxTestWindows = 200

// Run makes the hall.
func (c *testhallCmd) Run(ctx context.Context, w out) error {
	if c.Windows < 1 || c.Windows > maxTestWindows {
		return fmt.Errorf("admin testhall: --windows %d: choose 1 to %d", c.Windows, maxTestWindows)
	}
	t, err := makeTesthall(ctx, c.Dir, c.Windows, c.Hall)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(w)
	if !c.JSON {
		enc.SetIndent("", "  ")
	}
	return enc.Encode(t)
}

func makeTesthall(ctx context.Context, dir string, windows int, id hall.ID) (*testhall, error) {
	data, eng, err := openStill(ctx, dir, db.Open)
	if err != nil {
		return nil, err
	}
	defer data.Close() //nolint:errcheck // everything is committed

	if eng.View().Seq > 0 { // a test's accounts and lists must never land in a real hall
		return nil, fmt.Errorf("admin testhall: %s holds a hall already; choose a new folder", dir)
	}
	layout, err := catalogue.AlwaysOpen(windows, time.Now())
	if err != nil {
		return nil, err
	}
	layout.Hall = cmp.Or(id, layout.Hall)
	if err := eng.Alone(ctx, hall.AdoptLayout{Layout: *layout}); err != nil {
		return nil, err
	}
	t := &testhall{Screens: []string{"hall-1", "area-" + string(layout.Fields[0].ID), "window-1"}}
	for _, m := range layout.Matters {
		t.Matters = append(t.Matters, string(m.Code))
	}
	return t, t.accounts(ctx, data, layout)
}

func (t *testhall) accounts(ctx context.Context, data *db.DB, l *hall.Layout) (err error) {
	for token, a := range map[*string]account.Account{&t.DeviceToken: {User: "kiosk-1", Role: account.Kiosk}, &t.ScreenToken: {User: "screen-1", Role: account.Screen}} {
		*token, a.Name = account.NewToken(), a.User
		err := errors.Join(data.PutAccount(ctx, a), data.PutToken(ctx, account.Token{Digest: account.Digest(*token), User: a.User, Source: "console", Made: time.Now()}))
		if err != nil {
			return err
		}
	}
	password := account.NewPassword() // one hash for all: argon2 is slow by intention, and these are a test's accounts
	hash := account.HashPassword(password)
	for _, w := range l.Windows {
		u := testUser{User: "clerk" + string(w.ID), Password: password, Window: string(w.ID)}
		t.Clerks = append(t.Clerks, u)
		a := account.Account{User: u.User, Name: u.User, Role: account.Clerk, Window: u.Window, Password: hash}
		if err := data.PutAccount(ctx, a); err != nil {
			return err
		}
	}
	t.Manager = testUser{User: "manager", Password: password}
	return data.PutAccount(ctx, account.Account{User: "manager", Name: "manager", Role: account.Manager, Password: hash})
}
