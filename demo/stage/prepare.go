package stage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"yitang/db"
	"yitang/demo"
	"yitang/server/account"
	"yitang/server/catalogue"
	"yitang/server/engine"
	"yitang/server/hall"
	"yitang/server/route"
	"yitang/server/workday"
)

// demoPassword is every demo account's; the pages and the console say so.
const demoPassword = "yitang-demo"

// prepared is a demo hall's folder, ready to be served.
type prepared struct {
	layout *hall.Layout
	start  time.Time         // where the hall's clock goes on
	tokens map[string]string // by account
}

func (p *prepared) token(name string) string { return p.tokens[name] }

// prepare makes the hall in a folder, or takes up the one that is there.
func prepare(ctx context.Context, dir string, now func() time.Time, past bool) (*prepared, error) {
	data, err := db.Open(dir)
	if err != nil {
		return nil, err
	}
	defer data.Close() //nolint:errcheck // what was acknowledged is on disk
	p := &prepared{tokens: map[string]string{}}
	if p.layout, err = catalogue.Example(); err != nil {
		return nil, err
	}
	TakeAppointments(p.layout, now())
	// A hall's time never runs back: what is adopted now must lie before the opening at which the demo's clock begins.
	yesterday := func() time.Time { return now().AddDate(0, 0, -1) }
	view, fresh, err := current(ctx, data, p.layout, yesterday)
	if err != nil {
		return nil, err
	}
	p.layout = view.Layout
	if fresh && past {
		if err := p.invent(ctx, data, dir, now()); err != nil {
			return nil, err
		}
	}
	if err := p.beginAt(view, now()); err != nil {
		return nil, err
	}
	return p, p.accounts(ctx, data, filepath.Join(dir, "tokens"))
}

// current adopts the example lists where the hall has none, which makes it a fresh one, and says where the hall stands.
func current(ctx context.Context, data *db.DB, l *hall.Layout, now func() time.Time) (v *hall.View, fresh bool, err error) {
	eng, err := engine.New(ctx, data, route.Rule{}, now, func(*hall.View) {})
	if err != nil {
		return nil, false, err
	}
	if v := eng.View(); v.Layout.Hall == l.Hall && v.Layout.Example { // also where its manager has changed windows since
		return v, false, nil
	}
	if eng.View().Seq > 0 {
		return nil, false, errors.New("demo: this folder holds another hall; choose another --dir, or remove it")
	}
	err = eng.Alone(ctx, hall.AdoptLayout{Layout: *l})
	return eng.View(), true, err
}

// Of the demo's appointments.
const (
	demoDaysAhead = 5
	demoPeople    = 2 // of a field in a half hour
	demoYears     = 3
)

// TakeAppointments lets the example hall take appointments. Its working days are the plain weeks of the years that no
// announcement is kept for: an example, as its matters are.
func TakeAppointments(l *hall.Layout, now time.Time) {
	known := l.Workdays().Years()
	for y := now.Year() - 1; y < now.Year()+demoYears; y++ { // the past may reach into the year before
		if !slices.Contains(known, y) {
			l.Calendar = append(l.Calendar, workday.Year{Year: y, Holidays: []workday.Day{}})
		}
	}
	l.Booking = hall.Booking{DaysAhead: demoDaysAhead}
	for _, f := range l.Fields {
		for _, from := range l.Hours.Slots() {
			l.Booking.Usual = append(l.Booking.Usual, hall.Places{Field: f.ID, From: from, People: demoPeople})
		}
	}
}

// beginAt goes on where an open day stopped, or shortly before the next opening.
func (p *prepared) beginAt(v *hall.View, today time.Time) error {
	calendar, err := demo.NewCalendar(p.layout)
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(p.layout.Zone)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	last := time.UnixMilli(int64(v.At)).In(zone)
	if v.Open {
		p.start = last
		return nil
	}
	opening := func(now time.Time, days int) time.Time { // the first of a day, by the hall's own midnight
		y, m, d := now.In(zone).Date()
		return calendar.At(time.Date(y, m, d+days, 0, 0, 0, 0, zone)).From.Add(-minutes * time.Minute)
	}
	p.start = opening(today, 0)
	if v.Day != "" && !p.start.After(last) {
		p.start = opening(last, 1)
	}
	return nil
}

// accounts makes whoever is in the demo, and keeps the tokens where a person can find them.
func (p *prepared) accounts(ctx context.Context, data *db.DB, dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	hash := account.HashPassword(demoPassword)
	list := []account.Account{
		{User: "manager", Name: "大厅管理员", Role: account.Manager, Password: hash},
		{User: "guide", Name: "导服台", Role: account.Guide, Password: hash},
		{User: "department", Name: "部门经办", Role: account.Department, Department: p.layout.Matters[0].Department, Password: hash},
		{User: "system", Name: "系统管理员", Role: account.System, Password: hash},
		{User: "security", Name: "安全保密管理员", Role: account.Security, Password: hash},
		{User: "audit", Name: "安全审计员", Role: account.Audit, Password: hash},
		{User: "screen", Name: "屏幕", Role: account.Screen},
	}
	for i := range kiosks {
		name := fmt.Sprintf("kiosk-%d", i+1)
		list = append(list, account.Account{User: name, Name: name, Role: account.Kiosk})
	}
	for _, w := range keyed() {
		list = append(list, account.Account{User: pad(w), Name: string(w) + "号窗口键盘", Role: account.Counter, Window: string(w)})
	}
	for _, w := range p.layout.Windows {
		list = append(list, account.Account{User: "clerk" + string(w.ID), Name: "工号 10" + string(w.ID),
			Role: account.Clerk, Window: string(w.ID), Password: hash})
	}
	for _, a := range list {
		if err := p.account(ctx, data, dir, a); err != nil {
			return err
		}
	}
	return nil
}

func (p *prepared) account(ctx context.Context, data *db.DB, dir string, a account.Account) error {
	path := filepath.Join(dir, a.User)
	b, err := os.ReadFile(path) // #nosec G304 -- the demo's own folder
	if err == nil {
		p.tokens[a.User] = strings.TrimSpace(string(b))
		who, err := data.Bearer(ctx, account.Digest(p.tokens[a.User]), time.Now())
		if who != nil || err != nil {
			return err
		}
	}
	if err := data.PutAccount(ctx, a); err != nil {
		return err
	}
	p.tokens[a.User] = account.NewToken()
	if err := data.PutToken(ctx, account.Token{Digest: account.Digest(p.tokens[a.User]), User: a.User, Made: time.Now()}); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(p.tokens[a.User]+"\n"), 0o600)
}
