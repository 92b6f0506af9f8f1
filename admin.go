package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
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
	Clock    clockCmd       `cmd:"" help:"Say how the machine's clock stands to the journal, or that it is right."`
	Testhall testhallCmd    `cmd:"" help:"Make an always-open hall for tests and print its accounts."`
}

type userCmd struct {
	dirFlag
	Name   string `arg:"" help:"Name to log in with."`
	Role   string `enum:"clerk,guide,department,manager,system,security,audit," default:"" help:"clerk, guide, department, manager, or an administrator: system, security or audit. A new account is a clerk's without; an old one stays what it is, with its window or department."`
	Window string `help:"A clerk's own window; any without."`

	Department string `help:"The department whose cases the account of the role department decides."`
}

func (userCmd) Help() string {
	return "Example: yitang admin user --dir /var/lib/yitang li --role clerk --window 3\n\nThe password has to be changed at the first login. Works on a stopped hall, and on a running one for the user that it runs as, and root. The administrators have /admin."
}

// Run makes the account with a password that it draws.
func (c *userCmd) Run(ctx context.Context, w out) error { return visit(ctx, c.Dir, "user", c, w) }

func (c *userCmd) do(ctx context.Context, o *office, w io.Writer) error {
	if why := account.CheckUser(c.Name); why != "" {
		return errors.New(why)
	}
	a := account.Account{User: c.Name, Name: c.Name, Role: account.Role(c.Role), Window: c.Window, Department: c.Department}
	what, err := c.before(ctx, o.data, &a)
	if err != nil {
		return err
	}
	layout := o.hall.View().Layout
	if err := errors.Join(knownWindow(layout, c.Window), c.knownDepartment(layout, &a)); err != nil {
		return err
	}
	password, change := a.GivePassword()
	if err := o.record(ctx, hall.RecordAccess{What: what, User: a.User, Note: string(a.Role)}, &change); err != nil {
		return err
	}
	fmt.Fprintf(w, "%s: password %s\n", c.Name, password)
	return nil
}

// before says what the act is, by the account that is there already: it keeps its name and, unless --role says another, its
// role, window and department.
func (c *userCmd) before(ctx context.Context, data *db.DB, a *account.Account) (hall.Access, error) {
	old, err := data.Account(ctx, a.User)
	switch {
	case err != nil:
		return "", err
	case old == nil:
		a.Role = cmp.Or(a.Role, account.Clerk)
		return hall.AccountMade, nil
	case old.State == account.Closed:
		return "", fmt.Errorf("%s was closed for good: the journal knows the name; choose another", a.User)
	case !slices.Contains(account.People(), old.Role):
		return "", fmt.Errorf("%s is a device (%s): choose another name", a.User, old.Role)
	}
	a.Name = old.Name
	if a.Role == "" {
		a.Role, a.Window, a.Department = old.Role, cmp.Or(a.Window, old.Window), cmp.Or(a.Department, old.Department)
	}
	return hall.PasswordGiven, nil
}

// knownDepartment wants the department of a department's account, and no other's, to be one of the hall's.
func (c *userCmd) knownDepartment(l *hall.Layout, a *account.Account) error {
	if (a.Department != "") != (a.Role == account.Department) {
		return errors.New("--department: an account of the role department belongs to a department, and no other does")
	}
	if c.Department == "" {
		return nil
	}
	known := l.Departments()
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
func (c *usersCmd) Run(ctx context.Context, w out) error { return visit(ctx, c.Dir, "users", c, w) }

func (c *usersCmd) do(ctx context.Context, o *office, w io.Writer) error {
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
		if err := setState(ctx, o, act.user, account.People(), act.what, act.state); err != nil {
			return err
		}
	}
	return list(ctx, o.data, w, account.People(), c.JSON)
}

// setState changes the state of an account; an empty one lifts the lock instead.
func setState(ctx context.Context, o *office, user string, among []account.Role, what hall.Access, state account.State) error {
	a, err := o.data.Account(ctx, user)
	if err != nil {
		return err
	}
	if a == nil || !slices.Contains(among, a.Role) {
		return fmt.Errorf("there is no %s here; without a name the command lists those there are", user)
	}
	if a.State == account.Closed {
		return fmt.Errorf("%s was closed for good", user)
	}
	change := &account.Change{Tries: map[string]account.Tries{"user:" + user: {}}}
	if state != "" {
		a.State = state
		change = &account.Change{Put: []account.Account{*a}}
	}
	if state != "" && state != account.Active {
		change.End = []string{user}
	}
	return o.record(ctx, hall.RecordAccess{What: what, User: a.User, Note: string(a.Role)}, change)
}

// list prints the accounts of some roles.
func list(ctx context.Context, data *db.DB, w io.Writer, roles []account.Role, asJSON bool) error {
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
func (c *devicesCmd) Run(ctx context.Context, w out) error { return visit(ctx, c.Dir, "devices", c, w) }

func (c *devicesCmd) do(ctx context.Context, o *office, w io.Writer) error {
	if c.Revoke != "" {
		if err := setState(ctx, o, c.Revoke, account.Devices(), hall.DeviceRevoked, account.Suspended); err != nil {
			return err
		}
	}
	return list(ctx, o.data, w, account.Devices(), c.JSON)
}

type adminDeviceCmd struct {
	dirFlag
	Name string `arg:"" help:"Name of the device, for example kiosk-1."`
	Role string `enum:"kiosk,screen,counter,platform,standby" default:"kiosk" help:"kiosk, screen, counter (keypad and evaluator of one window), platform (an approval system) or standby (the hall's second server)."`

	Window string `help:"The window on whose counter a keypad and an evaluator stand."`
}

func (adminDeviceCmd) Help() string {
	return "Example: yitang admin device --dir /var/lib/yitang kiosk-1 --role kiosk\n\nDone again it prints another token; the one before is refused from then on. For a keypad: yitang admin device --dir /var/lib/yitang pad-3 --role counter --window 3"
}

// Run makes the device with a token that it draws.
func (c *adminDeviceCmd) Run(ctx context.Context, w out) error {
	return visit(ctx, c.Dir, "device", c, w)
}

func (c *adminDeviceCmd) do(ctx context.Context, o *office, w io.Writer) error {
	if (c.Window != "") != (account.Role(c.Role) == account.Counter) {
		return errors.New("--window: a device of the role counter belongs to a window, and no other does")
	}
	if err := knownWindow(o.hall.View().Layout, c.Window); err != nil {
		return err
	}
	a := account.Account{User: c.Name, Name: c.Name, Role: account.Role(c.Role), Window: c.Window}
	all, err := o.data.Accounts(ctx)
	if err != nil {
		return err
	}
	if why := a.Clash(all); why != "" {
		return errors.New(why)
	}
	token := account.NewToken()
	if err := o.record(ctx, hall.RecordAccess{What: hall.DeviceEnrolled, User: c.Name, Note: c.Role}, letIn(a, token)); err != nil {
		return err
	}
	fmt.Fprintf(w, "%s: token %s\n", c.Name, token)
	return nil
}

// letIn is a device with a new token, in the place of the one before.
func letIn(a account.Account, token string) *account.Change {
	return &account.Change{Put: []account.Account{a}, End: []string{a.User},
		Tokens: []account.Token{{Digest: account.Digest(token), User: a.User, Source: "console", Made: time.Now()}}}
}

type settingsCmd struct {
	dirFlag
	File string `arg:"" optional:"" type:"existingfile" placeholder:"FILE" help:"Settings as this command prints them."`
	Text []byte `kong:"-"` // of the file, for a hall whose process may not read it
}

func (settingsCmd) Help() string {
	return "Example: yitang admin settings --dir /var/lib/yitang > settings.json, change it, and yitang admin settings --dir /var/lib/yitang settings.json"
}

// Run puts the file's settings in force, if one is named, and prints what holds.
func (c *settingsCmd) Run(ctx context.Context, w out) (err error) {
	if c.File != "" {
		if c.Text, err = os.ReadFile(c.File); err != nil {
			return err
		}
	}
	return visit(ctx, c.Dir, "settings", c, w)
}

func (c *settingsCmd) do(ctx context.Context, o *office, w io.Writer) error {
	if c.File != "" {
		next, err := c.read(o.hall.View().Layout)
		if err != nil {
			return err
		}
		if err := o.command(ctx, *next, nil); err != nil {
			return err
		}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(api.SettingsOf(o.hall.View().Layout))
}

// read makes the change that a file asks for.
func (c *settingsCmd) read(l *hall.Layout) (*hall.AdoptLayout, error) {
	var in wire.Settings
	if err := api.Decode(c.Text, &in); err != nil {
		return nil, fmt.Errorf("%s: %w", c.File, err)
	}
	next, err := api.WithSettings(l, &in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.File, err)
	}
	return &hall.AdoptLayout{Layout: *next, Base: in.Base}, nil
}

type clockCmd struct {
	dirFlag
	Right string `placeholder:"YYYY-MM-DD" help:"The clock is right, and this is the business day that it shows: the hall goes on by it."`
	Close bool   `help:"End the business day that is open, with all tickets that wait: they have another time."`
	JSON  bool   `name:"json" help:"Print as JSON."`
}

func (clockCmd) Help() string {
	return "Example: yitang admin clock --dir /var/lib/yitang --right 2026-06-01 --close\n\nFor a hall that does not open because its journal stands in another time than the clock: after more than two weeks of silence, or after a clock " +
		"that had been ahead. Set the machine's clock first. No number is given out twice."
}

// Run says that the clock is right, if asked to, and prints how it stands.
func (c *clockCmd) Run(ctx context.Context, w out) error { return visit(ctx, c.Dir, "clock", c, w) }

func (c *clockCmd) do(ctx context.Context, o *office, w io.Writer) error {
	now := time.Now()
	shown := api.ClockOf(o.hall.View(), now)
	if c.Right != "" && c.Right != shown.Day {
		return fmt.Errorf("--right %s: the clock shows the business day %s; set the clock first", c.Right, shown.Day)
	}
	if c.Right != "" {
		if shown.Open && c.Close && shown.State != string(hall.ClockRight) {
			if err := o.command(ctx, hall.CloseDay{}, nil); err != nil {
				return err
			}
		}
		if err := o.command(ctx, hall.SetClock{Day: hall.Day(c.Right)}, nil); err != nil {
			return err
		}
		shown = api.ClockOf(o.hall.View(), now)
	}
	if c.JSON {
		return json.NewEncoder(w).Encode(shown)
	}
	fmt.Fprintf(w, "the clock shows %s, business day %s; the journal's last day is %s: %s\n", shown.Now.Format("2006-01-02 15:04"), shown.Day, cmp.Or(shown.LastDay, "none"), shown.State)
	return nil
}
