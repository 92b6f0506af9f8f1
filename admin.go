package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/user"
	"slices"
	"strings"
	"time"

	"yitang/db"
	"yitang/server/account"
	"yitang/server/api"
	"yitang/server/hall"
	"yitang/server/wire"
)

type adminCmd struct {
	User     userCmd        `cmd:"" help:"Make an account, or give it a new password, and print it."`
	Users    usersCmd       `cmd:"" help:"List accounts; suspend, restore, unlock or close one."`
	Device   adminDeviceCmd `cmd:"" help:"Make a device's account and print its token."`
	Devices  devicesCmd     `cmd:"" help:"List devices; revoke the token of one."`
	Settings settingsCmd    `cmd:"" help:"Print the hall's settings, or put those of a file in force."`
	Webhook  webhookCmd     `cmd:"" help:"Tell another system what happens to cases and ratings."`
	Testhall testhallCmd    `cmd:"" help:"Make an always-open hall for tests and print its accounts."`
}

// console is who sits at the server itself: whoever can write to the hall's folder can do what the three administrators
// can, and stands in the journal with it.
func console() hall.Actor {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return hall.Actor("console:" + u.Username)
	}
	return "console:unknown"
}

// record writes an act about an account into the journal of a hall that is not running, before it is done.
func record(ctx context.Context, data *db.DB, r hall.RecordAccess) error {
	eng, err := still(ctx, data)
	if err != nil {
		return err
	}
	r.Source = "console"
	return eng.AloneAs(ctx, console(), r)
}

type userCmd struct {
	dirFlag
	Name   string `arg:"" help:"Name to log in with."`
	Role   string `enum:"clerk,guide,department,manager,system,security,audit" default:"clerk" help:"clerk, guide, department, manager, or an administrator: system, security or audit."`
	Window string `help:"A clerk's own window; any without."`

	Department string `help:"The department whose cases the account of the role department decides."`
}

func (userCmd) Help() string {
	return "Example: yitang admin user --dir /var/lib/yitang li --role clerk --window 3\n\nThe hall must not be running; while it runs, the administrators have /admin."
}

// Run makes the account with a password that it draws.
func (c *userCmd) Run(ctx context.Context, w out) error {
	data, err := openHall(c.Dir)
	if err != nil {
		return err
	}
	defer data.Close() //nolint:errcheck // the account is committed
	if err := errors.Join(knownWindow(ctx, data, c.Window), c.knownDepartment(ctx, data)); err != nil {
		return err
	}
	if why := account.CheckUser(c.Name); why != "" {
		return errors.New(why)
	}
	password := account.NewPassword()
	hash := account.HashPassword(password)
	a := account.Account{User: c.Name, Name: c.Name, Role: account.Role(c.Role), Window: c.Window, Department: c.Department, Password: hash}
	what, err := c.before(ctx, data, &a)
	if err != nil {
		return err
	}
	if err := record(ctx, data, hall.RecordAccess{What: what, User: a.User, Note: string(a.Role)}); err != nil {
		return err
	}
	if err := data.SetPassword(ctx, a.User, hash); err != nil { // keeps the one before and ends the sessions
		return err
	}
	if err := data.PutAccount(ctx, a); err != nil {
		return err
	}
	fmt.Fprintf(w, "%s: password %s\n", c.Name, password)
	return nil
}

// before says what the act is, by the account that is there already, whose name it keeps.
func (c *userCmd) before(ctx context.Context, data *db.DB, a *account.Account) (hall.Access, error) {
	old, err := data.Account(ctx, a.User)
	switch {
	case err != nil:
		return "", err
	case old == nil:
		return hall.AccountMade, nil
	case old.State == account.Closed:
		return "", fmt.Errorf("%s was closed for good: the journal knows the name; choose another", a.User)
	case !slices.Contains(account.People(), old.Role):
		return "", fmt.Errorf("%s is a device (%s): choose another name", a.User, old.Role)
	}
	a.Name = old.Name
	return hall.PasswordGiven, nil
}

// knownDepartment wants the department of a department's account, and no other's, to be one of the hall's.
func (c *userCmd) knownDepartment(ctx context.Context, data *db.DB) error {
	if (c.Department != "") != (account.Role(c.Role) == account.Department) {
		return errors.New("--department: an account of the role department belongs to a department, and no other does")
	}
	if c.Department == "" {
		return nil
	}
	eng, err := still(ctx, data)
	if err != nil {
		return err
	}
	known := eng.View().Layout.Departments()
	if !slices.Contains(known, c.Department) {
		return fmt.Errorf("--department %s: this hall has no such department; it has %s", c.Department, strings.Join(known, ", "))
	}
	return nil
}

type usersCmd struct {
	dirFlag
	Suspend string `placeholder:"USER" help:"Suspend an account; its sessions end." xor:"act"`
	Restore string `placeholder:"USER" help:"Let a suspended account work again." xor:"act"`
	Unlock  string `placeholder:"USER" help:"Lift the lock after too many wrong passwords." xor:"act"`
	Close   string `placeholder:"USER" help:"Close an account for good." xor:"act"`
	JSON    bool   `name:"json" help:"Print as JSON."`
}

func (usersCmd) Help() string {
	return "Example: yitang admin users --dir /var/lib/yitang --suspend li"
}

// Run does the act, if any, and lists.
func (c *usersCmd) Run(ctx context.Context, w out) error {
	data, err := openHall(c.Dir)
	if err != nil {
		return err
	}
	defer data.Close() //nolint:errcheck // what was done is committed
	for _, act := range []struct {
		user  string
		what  hall.Access
		state account.State
	}{
		{c.Suspend, hall.AccountBlocked, account.Suspended}, {c.Restore, hall.AccountRestored, account.Active},
		{c.Close, hall.AccountClosed, account.Closed}, {c.Unlock, hall.AccountUnlocked, ""},
	} {
		if act.user == "" {
			continue
		}
		if err := setState(ctx, data, act.user, account.People(), act.what, act.state); err != nil {
			return err
		}
	}
	return list(ctx, data, w, account.People(), c.JSON)
}

// setState changes the state of an account; an empty one lifts the lock instead.
func setState(ctx context.Context, data *db.DB, user string, among []account.Role, what hall.Access, state account.State) error {
	a, err := data.Account(ctx, user)
	if err != nil {
		return err
	}
	if a == nil || !slices.Contains(among, a.Role) {
		return fmt.Errorf("there is no %s", user)
	}
	if a.State == account.Closed {
		return fmt.Errorf("%s was closed for good", user)
	}
	if err := record(ctx, data, hall.RecordAccess{What: what, User: a.User, Note: string(a.Role)}); err != nil {
		return err
	}
	if state == "" {
		return data.PutTries(ctx, "user:"+user, account.Tries{})
	}
	a.State = state
	if err := data.PutAccount(ctx, *a); err != nil || state == account.Active {
		return err
	}
	return data.DropTokens(ctx, user)
}

// list prints the accounts of some roles.
func list(ctx context.Context, data *db.DB, w out, roles []account.Role, asJSON bool) error {
	all, err := data.Accounts(ctx)
	if err != nil {
		return err
	}
	rows := []wire.Account{}
	for _, a := range all {
		if slices.Contains(roles, a.Role) {
			rows = append(rows, wire.Account{User: a.User, Name: a.Name, Role: string(a.Role), Window: a.Window, Department: a.Department,
				State: string(a.State), MustChange: a.MustChange, Acts: []string{}})
		}
	}
	if asJSON {
		return json.NewEncoder(w).Encode(rows)
	}
	for _, r := range rows {
		fmt.Fprintf(w, "%-20s %-10s %-10s %s%s  %s\n", r.User, r.Role, r.State, r.Window, r.Department, r.Name)
	}
	return nil
}

type devicesCmd struct {
	dirFlag
	Revoke string `placeholder:"DEVICE" help:"Revoke a device's token."`
	JSON   bool   `name:"json" help:"Print as JSON."`
}

func (devicesCmd) Help() string {
	return "Example: yitang admin devices --dir /var/lib/yitang --revoke kiosk-1"
}

// Run revokes, if asked to, and lists.
func (c *devicesCmd) Run(ctx context.Context, w out) error {
	data, err := openHall(c.Dir)
	if err != nil {
		return err
	}
	defer data.Close() //nolint:errcheck // what was done is committed
	if c.Revoke != "" {
		if err := setState(ctx, data, c.Revoke, account.Devices(), hall.DeviceRevoked, account.Suspended); err != nil {
			return err
		}
	}
	return list(ctx, data, w, account.Devices(), c.JSON)
}

type adminDeviceCmd struct {
	dirFlag
	Name string `arg:"" help:"Name of the device, for example kiosk-1."`
	Role string `enum:"kiosk,screen,counter,platform,standby" default:"kiosk" help:"kiosk, screen, counter (keypad and evaluator of one window), platform (an approval system) or standby (the hall's second server)."`

	Window string `help:"The window on whose counter a keypad and an evaluator stand."`
}

func (adminDeviceCmd) Help() string {
	return "Example: yitang admin device --dir /var/lib/yitang kiosk-1 --role kiosk\n\nFor a keypad: yitang admin device --dir /var/lib/yitang pad-3 --role counter --window 3"
}

// Run makes the device with a token that it draws.
func (c *adminDeviceCmd) Run(ctx context.Context, w out) error {
	data, err := openHall(c.Dir)
	if err != nil {
		return err
	}
	defer data.Close() //nolint:errcheck // the account is committed
	if (c.Window != "") != (account.Role(c.Role) == account.Counter) {
		return errors.New("--window: a device of the role counter belongs to a window, and no other does")
	}
	if err := knownWindow(ctx, data, c.Window); err != nil {
		return err
	}
	a := account.Account{User: c.Name, Name: c.Name, Role: account.Role(c.Role), Window: c.Window}
	all, err := data.Accounts(ctx)
	if err != nil {
		return err
	}
	if why := a.Clash(all); why != "" {
		return errors.New(why)
	}
	if err := record(ctx, data, hall.RecordAccess{What: hall.DeviceEnrolled, User: c.Name, Note: c.Role}); err != nil {
		return err
	}
	token, err := device(ctx, data, a)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s: token %s\n", c.Name, token)
	return nil
}

// device makes a device's account with a new token, in the place of the one before.
func device(ctx context.Context, data *db.DB, a account.Account) (token string, err error) {
	token = account.NewToken()
	if err := errors.Join(data.PutAccount(ctx, a), data.DropTokens(ctx, a.User)); err != nil {
		return "", err
	}
	return token, data.PutToken(ctx, account.Token{Digest: account.Digest(token), User: a.User, Source: "console", Made: time.Now()})
}

type settingsCmd struct {
	dirFlag
	File string `arg:"" optional:"" type:"existingfile" placeholder:"FILE" help:"Settings as this command prints them."`
}

func (settingsCmd) Help() string {
	return "Example: yitang admin settings --dir /var/lib/yitang > settings.json, change it, and yitang admin settings --dir /var/lib/yitang settings.json"
}

// Run puts the file's settings in force, if one is named, and prints what holds.
func (c *settingsCmd) Run(ctx context.Context, w out) error {
	data, err := openHall(c.Dir)
	if err != nil {
		return err
	}
	defer data.Close() //nolint:errcheck // what was done is committed
	eng, err := still(ctx, data)
	if err != nil {
		return err
	}
	if c.File != "" {
		next, err := c.read(eng.View().Layout)
		if err != nil {
			return err
		}
		if err := eng.AloneAs(ctx, console(), *next); err != nil {
			return err
		}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(api.SettingsOf(eng.View().Layout))
}

// read makes the change that a file asks for.
func (c *settingsCmd) read(l *hall.Layout) (*hall.AdoptLayout, error) {
	text, err := os.ReadFile(c.File)
	if err != nil {
		return nil, err
	}
	var in wire.Settings
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return nil, fmt.Errorf("%s: %w", c.File, err)
	}
	next, err := api.WithSettings(l, &in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.File, err)
	}
	return &hall.AdoptLayout{Layout: *next, Base: in.Base}, nil
}
