package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"yitang/db"
	"yitang/server/account"
	"yitang/server/catalogue"
	"yitang/server/engine"
	"yitang/server/hall"
	"yitang/server/route"
)

type importCmd struct {
	dirFlag
	From    string `arg:"" optional:"" type:"existingdir" placeholder:"FOLDER" help:"Folder with matters.csv, fields.csv, windows.csv and hall.csv; or with exchange files."`
	Example bool   `help:"Adopt the example lists instead."`
}

func (importCmd) Help() string {
	return "Example: yitang import --dir /var/lib/yitang ./our-lists\n\nThe hall must not be running. FOLDER is either a hall's own lists " +
		"(matters.csv, fields.csv, windows.csv, hall.csv), which the hall adopts, or the history of a hall in exchange files " +
		"(cases.csv, tickets.csv, notices.csv, referrals.csv), which replaces what was imported before. A folder with a mistake " +
		"is refused as a whole and changes nothing."
}

// Run adopts the lists, or takes the history over.
func (c *importCmd) Run(ctx context.Context, w out) error {
	if c.From != "" && !c.Example {
		kind, err := kindOf(os.DirFS(c.From))
		if err != nil {
			return fmt.Errorf("import: %s: %w", c.From, err)
		}
		if kind == exchangeFolder {
			return importHistory(ctx, c.Dir, c.From, w)
		}
	}
	layout, err := c.layout()
	if err != nil {
		return err
	}
	if err := adopt(ctx, c.Dir, layout); err != nil {
		return err
	}
	fmt.Fprintf(w, "%s: %d matters in %d fields, %d windows (version %s)\n", layout.Name["zh"], len(layout.Matters),
		len(layout.Fields), len(layout.Windows), layout.Version)
	return nil
}

func (c *importCmd) layout() (*hall.Layout, error) {
	switch {
	case c.Example && c.From == "":
		return catalogue.Example()
	case c.From != "" && !c.Example:
		l, err := catalogue.Load(os.DirFS(c.From))
		if err != nil {
			return nil, fmt.Errorf("import: %s was read as a hall's own lists and refused, nothing was changed:\n%w", c.From, err)
		}
		return l, nil
	}
	return nil, errors.New("import: name a folder with the four lists or with exchange files, or --example")
}

// adopt puts a layout into a hall that is not running.
func adopt(ctx context.Context, dir string, l *hall.Layout) error {
	data, err := db.Open(dir)
	if err != nil {
		return err
	}
	defer data.Close() //nolint:errcheck // what was acknowledged is on disk
	eng, err := still(ctx, data)
	if err != nil {
		return err
	}
	l.KeepSettings(eng.View().Layout)
	return eng.Alone(ctx, hall.AdoptLayout{Layout: *l})
}

// still is a hall that is not running.
func still(ctx context.Context, data *db.DB) (*engine.Engine, error) {
	return engine.New(ctx, data, route.Rule{}, time.Now, func(*hall.View) {})
}

type verifyCmd struct {
	dirFlag
	JSON bool `name:"json" help:"Print the verdict as JSON."`
}

func (verifyCmd) Help() string {
	return "Example: yitang verify --dir /var/lib/yitang\n\nMay run beside the working hall."
}

// Run verifies; a fault is a failure.
func (c *verifyCmd) Run(ctx context.Context, w out) error {
	v, err := verdict(ctx, c.Dir)
	if err != nil {
		return err
	}
	if c.JSON {
		if err := json.NewEncoder(w).Encode(map[string]any{"events": v.Events, "fault": v.Fault}); err != nil {
			return err
		}
	}
	if v.Fault != "" {
		return errors.New(v.Fault)
	}
	if !c.JSON {
		fmt.Fprintf(w, "%d events, chain whole, projections agree\n", v.Events)
	}
	return nil
}

type adminCmd struct {
	User     userCmd        `cmd:"" help:"Make an account, or give it a new password, and print it."`
	Device   adminDeviceCmd `cmd:"" help:"Make a device's account and print its token."`
	Webhook  webhookCmd     `cmd:"" help:"Tell another system what happens to cases and ratings."`
	Testhall testhallCmd    `cmd:"" help:"Make an always-open hall for tests and print its accounts."`
}

type userCmd struct {
	dirFlag
	Name   string `arg:"" help:"Name to log in with."`
	Role   string `enum:"clerk,guide,department,manager" default:"clerk" help:"clerk, guide, department or manager."`
	Window string `help:"A clerk's own window; any without."`

	Department string `help:"The department whose cases the account of the role department decides."`
}

func (userCmd) Help() string {
	return "Example: yitang admin user --dir /var/lib/yitang li --role clerk --window 3"
}

// Run makes the account with a password that it draws.
func (c *userCmd) Run(ctx context.Context, w out) error {
	data, err := openHall(c.Dir)
	if err != nil {
		return err
	}
	defer data.Close() //nolint:errcheck // the account is committed
	if err := knownWindow(ctx, data, c.Window); err != nil {
		return err
	}
	if err := c.knownDepartment(ctx, data); err != nil {
		return err
	}
	password := account.NewPassword()
	err = data.PutAccount(ctx, account.Account{User: c.Name, Name: c.Name, Role: account.Role(c.Role), Window: c.Window,
		Department: c.Department, Password: account.HashPassword(password)})
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s: password %s\n", c.Name, password)
	return nil
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

// knownWindow refuses a window that the hall does not have; empty is none.
func knownWindow(ctx context.Context, data *db.DB, window string) error {
	if window == "" {
		return nil
	}
	eng, err := still(ctx, data)
	if err != nil {
		return err
	}
	var known []string
	for _, w := range eng.View().Layout.Windows {
		if string(w.ID) == window {
			return nil
		}
		known = append(known, string(w.ID))
	}
	return fmt.Errorf("--window %s: this hall has no such window; it has %s", window, strings.Join(known, ", "))
}

// openHall opens a hall that is there: a mistyped folder must not become an empty hall.
func openHall(dir string) (*db.DB, error) {
	if _, err := os.Stat(filepath.Join(dir, db.File)); err != nil {
		return nil, fmt.Errorf("--dir %s: no hall here (%w); make one with yitang import --dir %s FOLDER, or --example", dir, err, dir)
	}
	return db.Open(dir)
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
	token, err := device(ctx, data, account.Account{User: c.Name, Name: c.Name, Role: account.Role(c.Role), Window: c.Window})
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s: token %s\n", c.Name, token)
	return nil
}

// device makes a device's account with a new token.
func device(ctx context.Context, data *db.DB, a account.Account) (token string, err error) {
	if a.Role == account.Kiosk {
		if err := ownSeries(ctx, data, a.User); err != nil {
			return "", err
		}
	}
	token = account.NewToken()
	if err := data.PutAccount(ctx, a); err != nil {
		return "", err
	}
	return token, data.PutToken(ctx, account.Token{Digest: account.Digest(token), User: a.User, Made: time.Now()})
}

// ownSeries refuses a kiosk's name that would give out the same numbers as another kiosk's while the hall is away.
func ownSeries(ctx context.Context, data *db.DB, name string) error {
	others, err := data.Users(ctx, account.Kiosk)
	if err != nil {
		return err
	}
	for _, other := range others {
		if other != name && account.Series(other) == account.Series(name) {
			return fmt.Errorf("admin device: %s and %s would both give out %s-001 while the hall is away: choose another name, for example kiosk-%d",
				name, other, account.Series(name), len(others)+1)
		}
	}
	return nil
}
