package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"github.com/go-rod/rod"
	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"yitang/db"
	"yitang/enrol"
	"yitang/server"
	"yitang/server/catalogue"
	"yitang/server/cert"
	"yitang/server/engine"
	"yitang/server/hall"
	"yitang/server/route"
	"yitang/server/wire"
	"yitang/web"
)

// codeOnConsole is how a hall without administrator shows its one-time code.
var codeOnConsole = regexp.MustCompile(`\*\*\* +([0-9A-Z]{4}-[0-9A-Z]{4})\n`)

// console keeps what a hall shows at its first start.
type console struct {
	mu   sync.Mutex
	text string
}

func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.text += string(p)
	return len(p), nil
}

func (c *console) code() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if m := codeOnConsole.FindStringSubmatch(c.text); m != nil {
		return m[1]
	}
	panic("no one-time code on the console: " + c.text)
}

// takeInstall takes the pictures of docs/install.zh-CN.md: a new hall over TLS, its first administrator, and a kiosk and a
// screen that are let in.
func takeInstall(ctx context.Context, b *rod.Browser, out string) error {
	dir, err := os.MkdirTemp("", "yitang-install-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := adoptExample(ctx, dir); err != nil {
		return err
	}
	tls, err := cert.Config(dir, cert.Fixed("localhost", "127.0.0.1"), time.Now)
	if err != nil {
		return err
	}
	authority, err := os.ReadFile(filepath.Join(dir, cert.CAFile)) // #nosec G304 -- the hall's own folder
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	g, ctx := errgroup.WithContext(ctx)
	ready, shown := make(chan net.Addr, 1), &console{}
	g.Go(func() error {
		return server.Run(ctx, server.Config{Dir: dir, Listen: "127.0.0.1:0", Now: time.Now, Pages: web.Pages(), Log: zerolog.Nop(),
			TLS: tls, CA: authority, Console: shown, Ready: func(a net.Addr) { ready <- a }})
	})
	select {
	case <-ctx.Done():
		return g.Wait()
	case a := <-ready:
		i := &installer{scene: scene{ctx: ctx, b: b, dir: dir, out: out, hall: "https://" + a.String()}}
		err := rod.Try(func() { i.work(g, shown.code()) })
		stop()
		_ = g.Wait() // what waited to be let in ends with ctx
		return err
	}
}

func adoptExample(ctx context.Context, dir string) error {
	data, err := db.Open(dir)
	if err != nil {
		return err
	}
	defer data.Close() //nolint:errcheck // everything is committed
	l, err := catalogue.Example()
	if err != nil {
		return err
	}
	eng, err := engine.New(ctx, data, route.Rule{}, time.Now, func(*hall.View) {})
	if err != nil {
		return err
	}
	return eng.Alone(ctx, hall.AdoptLayout{Layout: *l})
}

// installer does what the guide says, in its order.
type installer struct{ scene }

func (i *installer) work(g *errgroup.Group, code string) {
	trust := i.page("/trust", 1366, 1200)
	at(trust, "fingerprint")
	i.shootOne(trust, "install-trust-zh")

	admin := i.page("/admin", 1366, 820)
	at(admin, "setup-code").MustInput(code)
	at(admin, "setup-user").MustInput("li")
	at(admin, "setup-name").MustInput("李敏")
	i.shootOne(admin, "install-first-zh")
	at(admin, "setup-password").MustInput("Yitang-2026!")
	at(admin, "setup-again").MustInput("Yitang-2026!")
	at(admin, "setup-go").MustClick()

	kiosk, screen := i.ask(g, wire.EnrolmentRequest{Role: "kiosk", Name: "kiosk-1"}), i.ask(g, wire.EnrolmentRequest{Role: "screen", Name: "screen-hall-1"})
	waiting := i.b.MustIncognito().MustPage("").Timeout(time.Minute)
	waiting.MustSetViewport(1080, 1400, 1, false).MustNavigate("http://" + kiosk)
	at(waiting, "code")
	i.shootOne(waiting, "install-code-zh")

	at(admin, "part-devices").MustClick()
	at(admin, "approve-screen-hall-1")
	i.shootOne(admin, "install-approve-zh")
	at(admin, "approve-kiosk-1").MustClick()
	at(admin, "revoke-kiosk-1")
	i.settle()
	at(admin, "approve-screen-hall-1").MustClick()
	at(admin, "revoke-screen-hall-1")
	i.settle()
	i.shootOne(admin, "install-devices-zh")
	_ = screen
}

// ask lets a device of a PC wait to be let in, and returns where its browser looks.
func (i *installer) ask(g *errgroup.Group, want wire.EnrolmentRequest) string {
	trust := must(cert.Trust(filepath.Join(i.dir, cert.CAFile)))
	listen := freePort()
	g.Go(func() error {
		client := wire.New(i.hall, "").WithTLS(trust)
		defer client.Close()
		_, err := enrol.Token(i.ctx, enrol.Config{Hall: client, Ask: want, File: filepath.Join(i.dir, want.Name), Listen: listen, Log: zerolog.Nop()})
		return err
	})
	return listen
}

func freePort() string {
	ln := must(net.Listen("tcp", "127.0.0.1:0"))
	defer ln.Close() //nolint:errcheck // only its number is wanted
	return fmt.Sprint(ln.Addr())
}
