// Package town is a demo of a whole city: a city with its database and line, and a few real halls of different size that
// have five weeks behind them and are at work. Run owns everything it starts and ends it in order: people first, then the
// halls, the city last.
package town

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"yitang/city"
	"yitang/city/join"
	"yitang/city/pg"
	"yitang/city/play"
	"yitang/city/register"
	"yitang/server/account"
	"yitang/server/hall"
)

// Config says how to run the demo.
type Config struct {
	Dir      string
	Listen   string // of the city's pages; the halls take the ports after it, the line the one after them
	Database string // PostgreSQL; empty = one of the city's own in Dir
	Days     int    // that the halls have behind them; 0 = five weeks
	Seed     uint64
	Now      func() time.Time // the halls' clock; nil = the machine's
	Pages    fs.FS
	Out      io.Writer // gets the addresses
	Log      zerolog.Logger
	Ready    func(Addresses) // called when everything runs; may be nil
}

// Addresses are where a person can look at the demo.
type Addresses struct {
	City  string
	Halls map[hall.ID]string
	Kiosk map[hall.ID]string // token of a kiosk in each
}

// Password is every demo account's; the console says so.
const Password = "yitang-demo"

const usualDays = 35

// place is a hall of the demo.
type place struct {
	id       hall.ID
	name     string
	level    string
	address  string
	lat, lon float64
	windows  int
	people   int     // a day
	load     float64 // how many people come for those that the windows can serve now
}

func places() []place {
	return []place{
		{"changji", "昌吉市政务服务大厅", "city", "延安北路 198 号", 44.013, 87.304, 6, 150, 1.35},
		{"erliugong", "二六工镇便民服务中心", "township", "二六工镇中心路 6 号", 44.058, 87.262, 2, 45, 0.75},
		{"liuhuanggou", "硫磺沟镇便民服务中心", "township", "硫磺沟镇振兴街 11 号", 43.742, 87.163, 2, 30, 0.6},
		{"ashili", "阿什里乡便民服务站", "village", "阿什里乡政府旁", 43.812, 86.921, 1, 16, 0.7},
	}
}

// Run is the demo until ctx ends, or until a part of it fails.
func Run(ctx context.Context, c Config) error {
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("demo: --listen: %w", err)
	}
	addresses, err := ports(host, port, len(places())+2)
	if err != nil {
		return err
	}
	t := &town{Config: c, cityDir: filepath.Join(c.Dir, "city"), listen: addresses[0], line: addresses[len(addresses)-1]}
	if t.Days == 0 {
		t.Days = usualDays
	}
	if t.Now == nil {
		t.Now = time.Now
	}
	if t.Database == "" { // before the halls live through their weeks
		if _, err := pg.Find(); err != nil {
			return fmt.Errorf("demo: %w", err)
		}
	}
	if err := t.found(); err != nil {
		return err
	}
	fmt.Fprintf(c.Out, "The halls live through %d days first, once …\n", t.Days)
	for i, p := range places() {
		t.halls = append(t.halls, &branch{place: p, dir: filepath.Join(c.Dir, string(p.id)), listen: addresses[i+1], log: c.Log, seed: c.Seed + uint64(i), clock: t.Now})
	}
	if err := t.settle(ctx); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	return t.run(ctx)
}

type town struct {
	Config
	cityDir, listen, line string
	halls                 []*branch
	unmet                 play.Unmet
}

// ports are so many addresses from one on; port 0 takes any free ones.
func ports(host, first string, n int) ([]string, error) {
	at, err := net.LookupPort("tcp", first)
	if err != nil {
		return nil, fmt.Errorf("demo: --listen: %w", err)
	}
	var list []string
	for i := range n {
		if at != 0 {
			list = append(list, net.JoinHostPort(host, fmt.Sprint(at+i)))
			continue
		}
		ln, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
		if err != nil {
			return nil, fmt.Errorf("demo: %w", err)
		}
		defer ln.Close()
		list = append(list, ln.Addr().String())
	}
	return list, nil
}

// found makes the city where there is none.
func (t *town) found() error {
	if _, err := register.Load(t.cityDir); err == nil {
		return t.moved()
	} else if !errors.Is(err, register.ErrNone) {
		return err
	}
	if err := os.MkdirAll(t.Dir, 0o711); err != nil { // #nosec G301 -- PostgreSQL may run in it as another user
		return fmt.Errorf("demo: %w", err)
	}
	if _, err := register.Create(t.cityDir, "昌吉市", []string{"nats://" + t.line}); err != nil {
		return err
	}
	hash := account.HashPassword(Password)
	_, err := register.Change(t.cityDir, func(r *register.Register) error {
		for user, role := range map[string]register.Role{"viewer": register.Viewer, "editor": register.Editor, "admin": register.Admin} {
			r.Users[user] = register.User{Name: map[register.Role]string{register.Viewer: "王敏", register.Editor: "李强", register.Admin: "赵磊"}[role], Role: role, Password: hash}
		}
		return nil
	})
	return err
}

// moved gives the city the address of its line this time.
func (t *town) moved() error {
	_, err := register.Change(t.cityDir, func(r *register.Register) error {
		r.URLs = []string{"nats://" + t.line}
		return nil
	})
	return err
}

// enrol makes a hall's folder one of the city's.
func (t *town) enrol(h *branch) error {
	q, err := join.Ask(h.dir, h.id, h.name)
	if err != nil {
		return err
	}
	var a *join.Answer
	if _, err = register.Change(t.cityDir, func(r *register.Register) error {
		if a, err = r.Enrol(t.cityDir, q, time.Now().UTC()); err != nil {
			return err
		}
		m := r.Halls[h.id]
		m.Level, m.Address, m.Lat, m.Lon = h.level, h.address, &h.lat, &h.lon
		return nil
	}); err != nil {
		return err
	}
	p, err := join.Load(h.dir)
	if err != nil {
		return err
	}
	g, err := p.Open(a)
	if err != nil {
		return err
	}
	if err := join.WriteFile(filepath.Join(h.dir, "person.key"), g.Person); err != nil {
		return err
	}
	return p.Accept(h.dir, g)
}

// run keeps the city up until the halls have ended, and those until nobody is in them.
func (t *town) run(ctx context.Context) error {
	keep, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	ready, down := make(chan string, 1), make(chan error, 1)
	go func() {
		down <- city.Run(keep, city.Config{Dir: t.cityDir, Line: t.line, Listen: t.listen, Pages: t.Pages, Database: t.Database, Log: t.Log.Level(zerolog.WarnLevel),
			Ready: func(a net.Addr, _ string) { ready <- "http://" + a.String() }})
	}()
	var at string
	select {
	case err := <-down:
		return err
	case at = <-ready:
	}
	if err := t.publish(ctx, at); err != nil {
		end()
		return errors.Join(err, <-down)
	}
	g, inside := errgroup.WithContext(ctx)
	where := Addresses{City: at, Halls: map[hall.ID]string{}, Kiosk: map[hall.ID]string{}}
	for _, h := range t.halls {
		base, err := h.open(inside, g, t.Pages)
		if err != nil {
			end()
			return errors.Join(err, g.Wait(), <-down)
		}
		where.Halls[h.id], where.Kiosk[h.id] = base, h.token
	}
	t.announce(where)
	if t.Ready != nil {
		t.Ready(where)
	}
	err := g.Wait()
	end()
	return errors.Join(err, <-down)
}

func (t *town) announce(where Addresses) {
	p := func(format string, args ...any) { fmt.Fprintf(t.Out, format, args...) }
	p("\n  市 City        %s   user viewer, editor or admin\n", where.City)
	for _, h := range t.halls {
		p("  %-12s  %s   /manager: user manager; /appointment; /hall\n", h.id, where.Halls[h.id])
	}
	p("\n  *** THIS IS A DEMO. 这是演示。 Every account has the password %s. ***\n", Password)
	p("  The halls live in real time and never close, so that people are there whenever you look.\n")
	p("  Data in %s. Ctrl-C ends it.\n\n", t.Dir)
}
