package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/go-rod/rod"
	"github.com/rs/zerolog"

	"yitang/db"
	"yitang/demo/history"
	"yitang/server"
	"yitang/server/account"
	"yitang/server/archive"
	"yitang/server/catalogue"
	"yitang/server/engine"
	"yitang/server/hall"
	"yitang/server/route"
	"yitang/server/wire"
	"yitang/server/workday"
	"yitang/web"
)

// office is a hall that has imported an invented year and then works for two weeks of November 2025, on a clock that this
// program moves: what a manager's pages show.
type office struct {
	ctx             context.Context //nolint:containedctx // of one run of this program
	clock           atomic.Int64    // unix ms
	hall            string
	password, token string
	matters         []string
	kiosk           *wire.Client
	clerks          []*wire.Client
	busy            []int // steps that each window still serves; 0 = free
	rng             *rand.Rand
}

const officeWindows = 8

// takeManager takes the pictures of the manager's reports and of the page for everybody.
func takeManager(ctx context.Context, b *rod.Browser, out string) error {
	dir, err := os.MkdirTemp("", "yitang-office-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	o := &office{ctx: ctx, rng: rand.New(rand.NewPCG(1, 2)), busy: make([]int, officeWindows)} // #nosec G404 -- a game of chance, not a secret
	if err := o.prepare(dir); err != nil {
		return err
	}
	o.clock.Store(time.Date(2025, 11, 16, 23, 0, 0, 0, time.UTC).UnixMilli())
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ready, ended := make(chan net.Addr, 1), make(chan error, 1)
	go func() {
		ended <- server.Run(ctx, server.Config{Dir: filepath.Join(dir, "hall"), Listen: "127.0.0.1:0", Pages: web.Pages(), Log: zerolog.Nop(),
			Now: func() time.Time { return time.UnixMilli(o.clock.Load()) }, Ready: func(a net.Addr) { ready <- a }})
	}()
	select {
	case err := <-ended:
		return err
	case a := <-ready:
		o.hall = "http://" + a.String()
	}
	err = rod.Try(func() { o.work(); o.shoot(b, out) })
	stop()
	<-ended
	return err
}

// before is when the hall was set up: a hall's time never runs back.
func before() time.Time { return time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC) }

// prepare makes the hall and its imported past.
func (o *office) prepare(dir string) error {
	data, err := db.Open(filepath.Join(dir, "hall"))
	if err != nil {
		return err
	}
	defer data.Close() //nolint:errcheck // everything is committed
	l, err := catalogue.Example()
	if err != nil {
		return err
	}
	l.Hours = hall.Hours{Spans: []hall.Span{{From: 10 * 60, To: 14 * 60}, {From: 16 * 60, To: 20 * 60}}}
	l.Windows = l.Windows[:officeWindows]
	for i := range l.Windows {
		l.Windows[i].Fields = nil
		for _, f := range l.Fields {
			l.Windows[i].Fields = append(l.Windows[i].Fields, f.ID)
		}
	}
	calendar := l.Workdays()
	works := func(d time.Time) bool {
		yes, err := calendar.IsWorkday(workday.Day(d.Format(time.DateOnly)))
		return err == nil && yes
	}
	past := filepath.Join(dir, "past")
	_, err = history.Write(past, history.Config{Layout: l, Open: l.Hours.Spans, Works: works, Share: 0.15, Shares: history.Reformed(), Seed: 1,
		First: before(), Last: time.Date(2025, 11, 16, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		return err
	}
	for i := range 12 {
		o.matters = append(o.matters, string(l.Matters[i*9].Code))
	}
	eng, err := o.still(data)
	if err != nil {
		return err
	}
	if err := eng.Alone(o.ctx, hall.AdoptLayout{Layout: *l}); err != nil {
		return err
	}
	if eng, err = o.still(data); err != nil { // before the import takes the one connection that writes
		return err
	}
	zone, err := time.LoadLocation(l.Zone)
	if err != nil {
		return err
	}
	if _, err := archive.Import(o.ctx, data, os.DirFS(past), zone, dir, nil, func(i hall.HistoryImported) error {
		return eng.Alone(o.ctx, hall.ImportHistory{HistoryImported: i})
	}); err != nil {
		return err
	}
	return o.accounts(data)
}

func weekday(d time.Time) bool { return d.Weekday() != time.Saturday && d.Weekday() != time.Sunday }

func (o *office) still(data *db.DB) (*engine.Engine, error) {
	return engine.New(o.ctx, data, route.Rule{}, before, func(*hall.View) {})
}

func (o *office) accounts(data *db.DB) error {
	o.password = account.NewPassword()
	hash := account.HashPassword(o.password)
	list := []account.Account{{User: "manager", Role: account.Manager, Password: hash}, {User: "kiosk-1", Role: account.Kiosk}}
	for i := range officeWindows {
		n := strconv.Itoa(i + 1)
		list = append(list, account.Account{User: "clerk" + n, Role: account.Clerk, Window: n, Password: hash})
	}
	for _, a := range list {
		a.Name = a.User
		if err := data.PutAccount(o.ctx, a); err != nil {
			return err
		}
	}
	token := account.NewToken()
	o.token = token
	return data.PutToken(o.ctx, account.Token{Digest: account.Digest(token), User: "kiosk-1", Made: before()})
}

// work lives the weekdays of two weeks, the last one until half past four.
func (o *office) work() {
	o.kiosk = wire.New(o.hall, o.token)
	for day := 17; day <= 28; day++ {
		at := time.Date(2025, 11, day, 1, 50, 0, 0, time.UTC)
		if !weekday(at) {
			continue
		}
		o.clock.Store(at.UnixMilli())
		o.opened(at)
		steps := 60 // of ten minutes
		if day == 28 {
			steps = 40
		}
		for i := range steps {
			o.clock.Add(10 * 60_000)
			o.step(i, day)
		}
		if day < 28 {
			o.home()
		}
	}
}

// home ends the clerks' day: nothing is left that would last the night.
func (o *office) home() {
	for w, clerk := range o.clerks {
		id := wire.WindowID(strconv.Itoa(w + 1))
		_, _ = clerk.Finish(o.ctx, id, wire.FinishRequest{})
		_, _ = clerk.CloseWindow(o.ctx, id)
	}
	o.clock.Add(30 * 60_000)
	o.wait(func(h wire.Hall) bool { return !h.Open })
}

// wait waits until the hall is so, half a minute at most.
func (o *office) wait(so func(wire.Hall) bool) {
	for range 600 {
		if c, err := o.kiosk.Catalogue(o.ctx); err == nil && so(c.Hall) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// opened waits until the hall has the day, then lets the clerks begin.
func (o *office) opened(at time.Time) {
	o.wait(func(h wire.Hall) bool { return h.Open && h.Day == at.Format(time.DateOnly) })
	o.clerks = nil
	clear(o.busy)
	for n := range officeWindows - 2 {
		window := strconv.Itoa(n + 1)
		s := must(wire.New(o.hall, "").Login(o.ctx, wire.Login{User: "clerk" + window, Password: o.password}))
		clerk := wire.New(o.hall, s.Token)
		must(clerk.Open(o.ctx, wire.WindowID(window)))
		o.clerks = append(o.clerks, clerk)
	}
}

// step is ten minutes: some come, each window goes on.
func (o *office) step(i, day int) {
	most := []int{2, 5, 5, 3, 0, 0, 3, 5, 4, 2}[i/6]
	if most == 0 {
		return
	}
	for range o.rng.IntN(most + 1 + day%3) {
		must(o.kiosk.Take(o.ctx, wire.NewKey(), wire.TakeRequest{Matters: []string{o.matters[o.rng.IntN(len(o.matters))]}, Person: wire.Person{Kind: "none"}}))
	}
	if i >= 25 && i < 37 { // the hall is closed at noon
		return
	}
	for w, clerk := range o.clerks {
		id := wire.WindowID(strconv.Itoa(w + 1))
		if o.busy[w]--; o.busy[w] > 0 {
			continue
		}
		if o.busy[w] == 0 {
			o.end(clerk, id, w)
		}
		if w == 2 && i == 20 { // a device that failed
			_, _ = clerk.Pause(o.ctx, id, wire.PauseRequest{Reason: "device"})
			o.busy[w] = -3
			continue
		}
		if o.busy[w] < -1 {
			continue
		}
		_, _ = clerk.ResumeWindow(o.ctx, id) // where it was paused
		if n := must(clerk.Next(o.ctx, id)); n != nil {
			must(clerk.Start(o.ctx, id))
			o.busy[w] = 1 + o.rng.IntN(2)
		} else {
			o.busy[w] = 0
		}
	}
}

// end finishes a service; window 6 rushes now and then, and is given five stars at once.
func (o *office) end(clerk *wire.Client, id wire.WindowID, w int) {
	_, _ = clerk.Finish(o.ctx, id, wire.FinishRequest{})
	if w != 5 {
		return
	}
	o.clock.Add(2000)
	_ = clerk.Rate(o.ctx, id, wire.RatingRequest{Grade: 5})
	if n := must(clerk.Next(o.ctx, id)); n != nil {
		must(clerk.Start(o.ctx, id))
		o.clock.Add(9000)
		must(clerk.Finish(o.ctx, id, wire.FinishRequest{}))
	}
}

func (o *office) shoot(b *rod.Browser, out string) {
	p := o.page(b, "/manager", 1440, 900)
	at(p, "login-user").MustInput("manager")
	at(p, "login-password").MustInput(o.password)
	at(p, "login-submit").MustClick()
	p.MustElement("nav a")
	for _, s := range []struct {
		name, hash string
		full       bool
		clicks     []string
	}{
		{"manager-traffic-zh", "traffic?from=2025-11-28&to=2025-11-28", true, nil},
		{"manager-runonce-zh", "runonce?from=2025-10-01&to=2025-10-31&by=department", true, nil},
		{"manager-promised-zh", "promised?from=2025-10-01&to=2025-10-31", false, nil},
		{"manager-leads-zh", "leads?month=2025-11", false, []string{`[data-testid^="lead-"]`}},
		{"manager-people-zh", "people?from=2025-11-17&to=2025-11-28", true, nil},
		{"manager-period-zh", "period?from=2025-10-01&to=2025-10-31&by=department", true, nil},
	} {
		q := o.page(p.Browser(), "/manager#/"+s.hash, 1440, 900)
		time.Sleep(8 * time.Second)
		q.MustEval(`() => document.querySelectorAll('[data-testid^="signal-"]').forEach((d) => (d.open = true))`)
		for _, c := range s.clicks {
			q.MustElement(c).MustClick()
			time.Sleep(time.Second)
		}
		save(q, out, s.name, s.full)
	}
	for name, s := range map[string]struct {
		path string
		w, h int
	}{"hall-zh": {"/hall", 1366, 900}, "hall-ug": {"/hall?lang=ug", 390, 844}} {
		q := o.page(b.MustIncognito(), s.path, s.w, s.h)
		time.Sleep(4 * time.Second)
		save(q, out, name, true)
	}
}

func (o *office) page(b *rod.Browser, path string, w, h int) *rod.Page {
	p := b.MustPage("").Timeout(3 * time.Minute)
	p.MustSetViewport(w, h, 1, false)
	return p.MustNavigate(o.hall + path)
}

func save(p *rod.Page, out, name string, full bool) {
	path := filepath.Join(out, name+".png")
	if full {
		p.MustScreenshotFullPage(path)
	} else {
		p.MustScreenshot(path)
	}
	fmt.Println(path)
	p.MustClose()
}
