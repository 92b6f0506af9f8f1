package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/launcher"
	"github.com/go-rod/rod/lib/launcher/flags"
	"github.com/go-rod/rod/lib/utils"
	"github.com/rs/zerolog"

	"yitang/drivers/escpos"
	"yitang/drivers/sim"
	"yitang/kiosk"
	"yitang/server/halltest"
	"yitang/server/wire"
	"yitang/web"
)

// chromiumPath is where Debian puts it; make test installs it.
const chromiumPath = "/usr/bin/chromium"

// pageTime bounds what a page may take to show something: only a failure lasts that long, however busy the machine is.
const pageTime = 3 * time.Minute

// chromium is one headless Chromium for all tests, that talks to nobody but them: starting it costs more than many a test.
var chromium = sync.OnceValues(func() (*rod.Browser, error) {
	if _, err := os.Stat(chromiumPath); err != nil {
		return nil, fmt.Errorf("the browser tests need Chromium: run make browser (%w)", err)
	}
	l := launcher.New().Bin(chromiumPath).Leakless(false).Headless(true).NoSandbox(true)
	for _, flag := range []string{"disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
		"disable-component-update", "disable-sync", "hide-scrollbars"} {
		l.Set(flags.Flag(flag))
	}
	url, err := l.Launch()
	if err != nil {
		return nil, fmt.Errorf("start Chromium: %w", err)
	}
	b := rod.New().ControlURL(url)
	atEnd(func() {
		_ = b.Close()
		l.Kill()
		l.Cleanup()
	})
	return b, b.Connect()
})

// shared is what the tests of this package have together; TestMain ends it.
var shared struct {
	sync.Mutex
	ends []func()
}

func atEnd(end func()) {
	shared.Lock()
	defer shared.Unlock()
	shared.ends = append(shared.ends, end)
}

func TestMain(m *testing.M) {
	code := m.Run()
	for _, end := range shared.ends {
		end()
	}
	os.Exit(code)
}

func startBrowser(t *testing.T) *rod.Browser {
	t.Helper()
	b, err := chromium()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// open shows a page at a size, with cookies of its own. What does not come about in it fails the test.
func open(t *testing.T, b *rod.Browser, url string, width, height int) *rod.Page {
	t.Helper()
	alone := b.WithPanic(func(v any) { t.Fatalf("%v\n%s", v, debug.Stack()) }).MustIncognito()
	t.Cleanup(func() { _ = alone.Close() })
	p := alone.MustPage("").Timeout(12 * time.Minute).Sleeper(often)
	p.MustSetViewport(width, height, 1, false)
	p.MustNavigate(url)
	return p
}

// often has a page looked at every 25 ms while something is awaited, where rod's own way soon waits a second.
func often() utils.Sleeper {
	return func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(25 * time.Millisecond):
			return nil
		}
	}
}

// at waits for the element with a test id.
func at(p *rod.Page, id string) *rod.Element {
	return p.Timeout(pageTime).MustElement(`[data-testid="` + id + `"]`).CancelTimeout()
}

// waitText waits until an element with a test id says something.
func waitText(t *testing.T, p *rod.Page, id, want string) {
	t.Helper()
	deadline := time.Now().Add(pageTime)
	got := ""
	for time.Now().Before(deadline) {
		if has, e, err := p.Has(`[data-testid="` + id + `"]`); err == nil && has {
			if got, err = e.Text(); err == nil && strings.Contains(got, want) {
				return
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("%s says %q, not %q", id, got, want)
}

// child is `yitang serve` as a process of its own, so that it can be killed.
type child struct {
	binary, dir, addr string
	cmd               *exec.Cmd
}

func (c *child) start(t *testing.T) {
	t.Helper()
	c.cmd = exec.Command(c.binary, "serve", "--dir", c.dir, "--listen", c.addr)
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.kill() })
	deadline := time.Now().Add(pageTime)
	for time.Now().Before(deadline) {
		if res, err := http.Get("http://" + c.addr + "/readyz"); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("the server did not become ready")
}

func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}

// rig is a hall with one kiosk for the browser tests.
type rig struct {
	server  *child
	hall    string // http://…
	kiosk   string
	printer *sim.Printer
	reader  *sim.Reader
	manager *wire.Client // once client has logged in
	access  struct {
		DeviceToken string `json:"device_token"`
		ScreenToken string `json:"screen_token"`
		Clerks      []struct{ User, Password, Window string }
		Manager     struct{ User, Password string }
	}
}

// newRig is a hall with a kiosk.
func newRig(t *testing.T) *rig {
	t.Helper()
	r := newHall(t, 8)
	r.startKiosk(t)
	return r
}

// newHall is a hall as a process of its own. Prepare may add to its folder before it starts.
func newHall(t *testing.T, windows int, prepare ...func(r *rig)) *rig {
	t.Helper()
	r := &rig{server: &child{binary: buildYitang(t), dir: t.TempDir(), addr: halltest.Address(t)}}
	out, err := exec.Command(r.server.binary, "admin", "testhall", "--dir", r.server.dir, "--windows", strconv.Itoa(windows), "--json").Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &r.access); err != nil {
		t.Fatal(err)
	}
	for _, p := range prepare {
		p(r)
	}
	r.server.start(t)
	r.hall = "http://" + r.server.addr
	return r
}

func (r *rig) startKiosk(t *testing.T, clock ...func() time.Time) {
	t.Helper()
	now := time.Now
	if len(clock) > 0 {
		now = clock[0]
	}
	var err error
	if r.printer, err = sim.NewPrinter(sim.PrinterOptions{}); err != nil {
		t.Fatal(err)
	}
	if r.reader, err = sim.NewReader(sim.ReaderConfig{}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	listening, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- kiosk.Run(ctx, kiosk.Config{Server: r.hall, Token: r.access.DeviceToken, ID: "kiosk-1", Listen: "127.0.0.1:0",
			Dir: t.TempDir(), Pages: web.Pages(), Now: now, Log: zerolog.Nop(), OnListen: func(a string) { listening <- a },
			Printer: kiosk.PrinterConfig{Path: r.printer.Path()}, Reader: kiosk.ReaderConfig{Path: r.reader.Path(), Baud: 115200}})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("kiosk: %v", err)
		}
		_ = r.printer.Close()
		_ = r.reader.Close()
	})
	select {
	case a := <-listening:
		r.kiosk = "http://" + a
	case err := <-ended:
		ended <- err
		t.Fatalf("kiosk: %v", err)
	}
}

// takeByTouch walks through the kiosk's page as a person without a card does, and returns the number it shows.
func takeByTouch(t *testing.T, p *rod.Page) string {
	t.Helper()
	at(p, "lang-zh").MustClick()
	at(p, "no-card").MustClick()
	at(p, "field-A").MustClick()
	at(p, "matter-SCJG-004").MustClick()
	at(p, "take").MustClick()
	return strings.TrimSpace(at(p, "ticket-number").MustText())
}

func login(t *testing.T, p *rod.Page, user, password string) {
	t.Helper()
	at(p, "login-user").MustInput(user)
	at(p, "login-password").MustInput(password)
	at(p, "login-submit").MustClick()
}

// firstLogin is the login of somebody with a password that was given out: nothing works before it is changed.
func firstLogin(t *testing.T, p *rod.Page, user, password string) {
	t.Helper()
	login(t, p, user, password)
	at(p, "password-new").MustInput(ownPassword)
	at(p, "password-again").MustInput(ownPassword)
	at(p, "password-go").MustClick()
}

const ownPassword = "Chosen-by-me-1"

// TestAPersonIsServed plays the main way through the hall in a real browser: a number taken at the kiosk, printed,
// called, shown, finished, with the server killed in the middle.
func TestAPersonIsServed(t *testing.T) {
	t.Parallel()
	r, b := newRig(t), startBrowser(t)
	kioskPage := open(t, b, r.kiosk+"/kiosk", 1080, 1920)
	screen := open(t, b, r.hall+"/screen/hall-1?token="+r.access.ScreenToken, 1920, 1080)
	window := open(t, b, r.hall+"/window", 1366, 768)
	login(t, window, r.access.Clerks[0].User, r.access.Clerks[0].Password)

	number := takeByTouch(t, kioskPage)
	if number != "A001" {
		t.Fatalf("the kiosk shows %q", number)
	}
	receipt := firstReceipt(t, r.printer)
	if !strings.Contains(receipt.Text(), number) {
		t.Fatalf("the receipt does not say %s:\n%s", number, receipt.Text())
	}
	if codes := receipt.QRCodes(); len(codes) != 1 || !strings.HasPrefix(codes[0], r.hall+"/t/") {
		t.Fatalf("the receipt's QR codes are %q", codes)
	}

	at(window, "act-main").MustClick() // open the window
	waitText(t, window, "act-main", "叫下一位")
	heeds(window)
	time.Sleep(bounce)
	at(window, "act-main").MustClick()
	called := time.Now()
	waitText(t, screen, "call-number", number)
	t.Logf("the screen showed the call %v after the clerk's click", time.Since(called).Round(time.Millisecond))
	waitText(t, window, "in-hand-number", number)

	r.server.kill() // power cut
	second := r.server
	second.start(t)
	at(window, "act-start").MustClick()
	waitState(t, r, number, "serving")
	at(window, "act-finish").MustClick()
	waitState(t, r, number, "done")

	kioskPage.MustNavigate(r.kiosk + "/kiosk")
	if again := takeByTouch(t, kioskPage); again != "A002" {
		t.Fatalf("after the restart the kiosk shows %q, not A002", again)
	}
	at(window, "act-main").MustClick()
	waitText(t, screen, "call-number", "A002")
}

func firstReceipt(t *testing.T, p *sim.Printer) escpos.Document {
	t.Helper()
	for deadline := time.Now().Add(pageTime); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if list := p.Receipts(); len(list) > 0 {
			return list[0]
		}
	}
	t.Fatal("nothing was printed")
	return escpos.Document{}
}

// client is the manager as a program; the session outlives a restart of the hall.
func (r *rig) client(t *testing.T) *wire.Client {
	t.Helper()
	if r.manager == nil {
		c := wire.New(r.hall, "")
		s, err := c.Login(context.Background(), wire.Login{User: r.access.Manager.User, Password: r.access.Manager.Password})
		if err != nil {
			t.Fatal(err)
		}
		r.manager = c.WithToken(s.Token)
	}
	return r.manager
}

func waitWindowOpen(t *testing.T, r *rig) {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), pageTime)
	defer stop()
	err := r.client(t).WatchHall(ctx, func(s wire.HallState) {
		if s.Windows[0].State == "open" {
			stop()
		}
	})
	if ctx.Err() != context.Canceled {
		t.Fatalf("window 1 did not open: %v", err)
	}
}

// waitState waits until a ticket of today is in a state.
func waitState(t *testing.T, r *rig, number, want string) {
	t.Helper()
	c := r.client(t)
	cat, err := c.Catalogue(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	id := wire.TicketID(strings.ReplaceAll(cat.Hall.Day, "-", "") + "-" + number)
	got := ""
	for deadline := time.Now().Add(pageTime); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if k, err := c.Ticket(context.Background(), id); err == nil {
			if got = k.State; got == want {
				return
			}
		}
	}
	t.Fatalf("%s is %s, not %s", number, got, want)
}

// buildYitang builds the binary once for all tests that need it as a process.
func buildYitang(t *testing.T) string {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "yitang-test-")
	if err != nil {
		return "", err
	}
	atEnd(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "yitang")
	cmd := exec.Command("go", "build", "-ldflags", "-s -w", "-o", path, ".") // as make does
	cmd.Stderr = os.Stderr
	return path, cmd.Run()
})
