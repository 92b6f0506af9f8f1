// Package stage sets up the demo: a real hall on a simulated clock, kiosks and screens that are the production code,
// with devices on pseudo-terminals, and the people of package demo. Run owns everything it starts and ends it in order:
// people first, then kiosks and screens, the hall last.
package stage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"yitang/demo"
	"yitang/demo/profile"
	"yitang/display"
	"yitang/server"
	"yitang/server/hall"
	"yitang/server/wire"
)

// Size of the demo hall beside its windows, which the example lists name.
const (
	kiosks  = 3
	minutes = 10 // before opening, when the demo begins
)

// screens of the demo hall.
func screens() []string {
	return []string{"hall-1", "hall-2", "area-AB", "area-CD", "area-EF", "area-GH", "window-1", "window-" + string(demo.HandWindow)}
}

// Config says how to run the demo.
type Config struct {
	Dir    string
	Listen string  // of the hall; the kiosks take the ports after it
	Speed  float64 // hall time per real time
	Quiet  bool    // without simulated people and clerks
	Faults bool    // devices fail now and then
	Past   bool    // a new hall has some months behind it, which are invented
	Seed   uint64
	From   time.Time // a new hall begins on this day; zero is today
	Pages  fs.FS
	Out    io.Writer // gets the addresses
	Log    zerolog.Logger
	Ready  func(Addresses) // called when everything runs; may be nil
}

// today is the clock of a new hall's making.
func (c *Config) today() func() time.Time {
	if c.From.IsZero() {
		return time.Now
	}
	return func() time.Time { return c.From }
}

// Addresses are where a person can look at the demo.
type Addresses struct {
	Hall   string   // http://…
	Kiosks []string // the kiosks' pages
}

// Run is the demo until ctx ends, or until a part of it fails.
func Run(ctx context.Context, c Config) error {
	hall, err := prepare(ctx, c.Dir, c.today(), c.Past)
	if err != nil {
		return err
	}
	clock, err := demo.NewClock(hall.start, c.Speed)
	if err != nil {
		return err
	}
	s := &stage{Config: c, hall: hall, clock: clock, rng: rand.New(rand.NewPCG(c.Seed, c.Seed+1))} // #nosec G404 -- a game of chance, not a secret
	return s.run(ctx)
}

// stage is a running demo.
type stage struct {
	Config
	hall  *prepared
	clock *demo.Clock
	rng   *rand.Rand
	where atomic.Pointer[Addresses] // once everything runs
}

// run keeps the hall up until everything else has ended.
func (s *stage) run(ctx context.Context) error {
	house, stopHouse := context.WithCancel(context.WithoutCancel(ctx))
	defer stopHouse()
	up := make(chan net.Addr, 1)
	down := make(chan error, 1)
	go func() {
		down <- server.Run(house, server.Config{Dir: s.Dir, Listen: s.Listen, Now: s.clock.Now, Pages: s.Pages, Demo: true, Lead: s.lead,
			Log: s.Log, Ready: func(a net.Addr) { up <- a }})
	}()
	select {
	case err := <-down:
		return err
	case a := <-up:
		rest, cancel := context.WithCancel(ctx)
		defer cancel()
		ended := make(chan error, 1)
		go func() { ended <- s.inside(rest, a) }()
		select {
		case err := <-ended:
			stopHouse()
			return errors.Join(err, <-down)
		case err := <-down: // the hall failed under them
			cancel()
			return errors.Join(err, <-ended)
		}
	}
}

// inside runs what is in the hall. Setting it up is one of its parts: when that fails, the others end too.
func (s *stage) inside(ctx context.Context, addr net.Addr) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.furnish(ctx, g, addr) })
	return g.Wait()
}

func (s *stage) furnish(ctx context.Context, g *errgroup.Group, addr net.Addr) error {
	base := "http://" + addr.String()
	stands, err := s.plugIn(ctx, g, base, addr)
	if err != nil {
		return err
	}
	strips, err := s.strips()
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { _ = strips.line.Close() })
	for _, id := range screens() {
		c := display.Config{Server: base, Token: s.hall.token("screen"), Screen: wire.ScreenID(id), Log: s.Log.Level(zerolog.WarnLevel)}
		if id == "hall-1" {
			c.Strips = strips.plan
		}
		g.Go(func() error { return display.Run(ctx, c) })
	}
	g.Go(func() error { return s.keepHandWindow(ctx, base) })
	benches, err := s.benches(ctx, g, base)
	if err != nil {
		return err
	}
	if !s.Quiet {
		scene, err := s.scene(base, stands, benches)
		if err != nil {
			return err
		}
		g.Go(func() error { scene.Run(ctx); return nil })
	}
	if s.Faults {
		rng := child(s.rng)
		g.Go(func() error { s.breakThings(ctx, stands, rng); return nil })
	}
	where := Addresses{Hall: base}
	for _, k := range stands {
		where.Kiosks = append(where.Kiosks, k.base+"/kiosk")
	}
	s.where.Store(&where)
	s.announce(where)
	if s.Ready != nil {
		s.Ready(where)
	}
	return nil
}

// lead takes a guest who opens a device's page at the hall itself to the device: the kiosk's page comes from the kiosk's own PC,
// the others want a token.
func (s *stage) lead(path string) string {
	where := s.where.Load()
	if path == "/kiosk" && where != nil {
		return where.Kiosks[len(where.Kiosks)-1]
	}
	account := ""
	if strings.HasPrefix(path, "/screen/") {
		account = "screen"
	}
	for _, w := range keyed() {
		if path == "/rating/"+string(w) {
			account = pad(w)
		}
	}
	if account == "" {
		return ""
	}
	return path + "?token=" + s.hall.token(account)
}

// plugIn starts the kiosks with their devices and waits until each can be opened.
func (s *stage) plugIn(ctx context.Context, g *errgroup.Group, base string, addr net.Addr) ([]*stand, error) {
	var list []*stand
	for i := range kiosks {
		name := "kiosk-" + strconv.Itoa(i+1)
		k, err := newStand(standConfig{name: name, dir: filepath.Join(s.Dir, name), hall: base, token: s.hall.token(name),
			listen: portAfter(addr, s.Listen, i+1), speed: s.Speed, pages: s.Pages, log: s.Log, now: s.clock.Now, rng: child(s.rng)})
		if err != nil {
			return nil, err
		}
		ready := make(chan struct{})
		g.Go(func() error { return k.run(ctx, ready) })
		select {
		case <-ready:
		case <-ctx.Done():
			return nil, fmt.Errorf("demo: %s did not start", name)
		}
		list = append(list, k)
	}
	return list, nil
}

// benches starts the counters with keypads.
func (s *stage) benches(ctx context.Context, g *errgroup.Group, base string) ([]*bench, error) {
	var list []*bench
	for _, w := range keyed() {
		b, err := newBench(w)
		if err != nil {
			return nil, err
		}
		rng := child(s.rng)
		g.Go(func() error { return s.work(ctx, b, base) })
		g.Go(func() error { b.applicants(ctx, rng); return nil })
		list = append(list, b)
	}
	return list, nil
}

// portAfter is the i-th port after the hall's, or any free one where the hall took any free one.
func portAfter(addr net.Addr, listen string, i int) string {
	host, port, err := net.SplitHostPort(listen)
	a, ok := addr.(*net.TCPAddr)
	if err != nil || !ok || port == "0" {
		return net.JoinHostPort(host, "0")
	}
	return net.JoinHostPort(host, strconv.Itoa(a.Port+i))
}

func child(r *rand.Rand) *rand.Rand {
	return rand.New(rand.NewPCG(r.Uint64(), r.Uint64())) // #nosec G404 -- a game of chance, not a secret
}

func (s *stage) scene(base string, stands []*stand, benches []*bench) (*demo.Scene, error) {
	p, err := profile.Load()
	if err != nil {
		return nil, err
	}
	c := demo.Config{Clock: s.clock, Layout: s.hall.layout, Profile: p, Rand: child(s.rng), Stations: map[hall.WindowID]demo.Station{},
		SkipMidday: s.Speed > 1, Report: func(who string, err error) { s.Log.Debug().Str("who", who).Err(err).Msg("demo") }}
	for _, k := range stands[:len(stands)-1] { // the last one is left to whoever tries the demo
		c.Kiosks = append(c.Kiosks, k)
	}
	for _, w := range demo.Staffed(s.hall.layout) {
		c.Stations[w] = wire.New(base, s.hall.token("clerk"+string(w)))
	}
	for _, b := range benches {
		if s.Speed > keysUpTo {
			break
		}
		c.Stations[b.window] = b.clerk(wire.New(base, s.hall.token("clerk"+string(b.window))))
	}
	return demo.NewScene(c)
}

// keysUpTo is the speed up to which clerks press the keys on their counters: a press takes real time, some minutes of a faster hall.
const keysUpTo = 120

// announce says where everything is, and loudly that this is a demo.
func (s *stage) announce(a Addresses) {
	p := func(format string, args ...any) { fmt.Fprintf(s.Out, format, args...) }
	p("\n  Yitang demo · 一趟演示  (%s, %s)\n\n", s.hall.layout.Name["zh"], s.clock.Now().Format("2006-01-02 15:04"))
	for i, k := range a.Kiosks {
		note := ""
		if i == len(a.Kiosks)-1 {
			note = "   left to you: nobody else uses it"
		}
		p("  kiosk %d     %s%s\n", i+1, k, note)
	}
	p("  screen      %s/screen/hall-1?token=%s\n", a.Hall, s.hall.token("screen"))
	w := keyed()[0]
	p("  rating      %s/rating/%s?token=%s\n", a.Hall, w, s.hall.token(pad(w)))
	for _, l := range []struct{ what, path, user string }{
		{"window " + string(demo.HandWindow), "/window", "clerk" + string(demo.HandWindow)}, {"delivery", "/delivery", "clerk" + string(demo.HandWindow)},
		{"guide desk", "/guide", "guide"}, {"department", "/department", "department"}, {"manager", "/manager", "manager"},
		{"screens", "/manager/screens", "manager"}, {"system", "/admin", "system"}, {"security", "/admin", "security"}, {"audit", "/admin", "audit"},
	} {
		p("  %-11s %-38s user %-10s  password %s\n", l.what, a.Hall+l.path, l.user, demoPassword)
	}
	p("  all pages   %s/\n  API         %s/api/docs\n\n", a.Hall, a.Hall)
	if s.Speed > keysUpTo {
		p("  At %g times the real speed the hall's clock stands still now and then: people at the kiosks need real time. A day takes\n"+
			"  a minute or two, and is as other days are. 速度很快时，时钟会停下来等取号的人，一天的人数不变。\n\n", s.Speed)
	}
	p("  ******************************************************************\n"+
		"  *** THIS IS A DEMO. 这是演示。 Everybody knows its passwords. ***\n"+
		"  *** Logins: clerk1 … clerk%s, guide, department, manager,\n"+
		"  *** system, security, audit: all with the password %s\n"+
		"  ******************************************************************\n", demo.HandWindow, demoPassword)
	p("  Data in %s. Ctrl-C ends it.\n\n", s.Dir)
}
