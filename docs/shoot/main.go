// Command shoot takes the pictures in docs/: it runs the demo hall for a while and looks at each page with Chromium.
package main

import (
	"context"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/launcher"
	"github.com/rs/zerolog"

	"yitang/demo/stage"
	"yitang/web"
)

// shot is one picture: a page at a size, and the test ids to click on the way.
type shot struct {
	name          string
	url           string
	width, height int
	login         string
	clicks        []string
}

func main() {
	out := flag.String("out", "docs", "folder for the pictures")
	after := flag.Duration("after", 90*time.Second, "how long the demo lives before the pictures are taken; an hour a minute")
	only := flag.String("only", "", "take only pictures whose name contains this")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *out, *after, *only); err != nil {
		fmt.Fprintln(os.Stderr, "shoot:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out string, after time.Duration, only string) error {
	if only == officeOnly || only == installOnly || only == cityOnly {
		b, err := chromium()
		if err != nil {
			return err
		}
		defer b.MustClose()
		switch only {
		case installOnly:
			return takeInstall(ctx, b, out)
		case cityOnly:
			return takeCity(ctx, b, out)
		}
		return takeManager(ctx, b, out)
	}
	dir, err := os.MkdirTemp("", "yitang-shoot-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ctx, stop := context.WithCancel(ctx)
	ready, ended := make(chan stage.Addresses, 1), make(chan error, 1)
	go func() {
		ended <- stage.Run(ctx, stage.Config{Dir: dir, Listen: "127.0.0.1:0", Speed: 60, Seed: 1, Pages: web.Pages(),
			Out: os.Stderr, Log: zerolog.Nop(), Ready: func(a stage.Addresses) { ready <- a }})
	}()
	select {
	case err := <-ended:
		stop()
		return err
	case where := <-ready:
		fmt.Fprintf(os.Stderr, "the demo lives %v …\n", after)
		time.Sleep(after)
		err := takeAll(dir, out, where, only)
		stop()
		if failed := <-ended; err == nil {
			err = failed
		}
		return err
	}
}

// Names by which only the manager's reports, the installer's guide or the city's pages are taken: they need no demo of a hall.
const (
	officeOnly  = "office"
	installOnly = "install"
	cityOnly    = "city"
)

func chromium() (*rod.Browser, error) {
	u, err := launcher.New().Bin("/usr/bin/chromium").Leakless(false).Headless(true).NoSandbox(true).
		Set("disable-gpu").Set("disable-quic").Set("no-first-run").Set("disable-background-networking").
		Set("disable-component-update").Set("disable-sync").Set("hide-scrollbars").Set("ignore-certificate-errors").Set("autoplay-policy", "no-user-gesture-required").Launch()
	if err != nil {
		return nil, fmt.Errorf("start Chromium: %w; run make browser", err)
	}
	b := rod.New().ControlURL(u)
	return b, b.Connect()
}

func takeAll(dir, out string, where stage.Addresses, only string) error {
	b, err := chromium()
	if err != nil {
		return err
	}
	defer b.MustClose()
	if only == "" {
		if err := takeManager(context.Background(), b, out); err != nil {
			return fmt.Errorf("office: %w", err)
		}
		if err := takeInstall(context.Background(), b, out); err != nil {
			return fmt.Errorf("install: %w", err)
		}
		if err := takeCity(context.Background(), b, out); err != nil {
			return fmt.Errorf("city: %w", err)
		}
	}
	if only == "" || only == "desk" {
		if err := takeDesk(context.Background(), b, out); err != nil {
			return fmt.Errorf("desk: %w", err)
		}
	}
	for _, s := range shots(dir, where) {
		if strings.Contains(s.name, only) {
			if err := take(b, s, filepath.Join(out, s.name+".png")); err != nil {
				return fmt.Errorf("%s: %w", s.name, err) // #nosec G304 -- the demo's own folder
			}
			fmt.Println(filepath.Join(out, s.name+".png"))
		}
	}
	return nil
}

func shots(dir string, where stage.Addresses) []shot {
	token, err := os.ReadFile(filepath.Join(dir, "tokens", "screen")) // #nosec G304 -- the demo's own folder
	if err != nil {
		panic(err)
	}
	screen := func(id, lang string) string {
		q := url.Values{"token": {strings.TrimSpace(string(token))}, "lang": {lang}}
		return where.Hall + "/screen/" + id + "?" + q.Encode()
	}
	kiosk := func(lang string) string { return where.Kiosks[len(where.Kiosks)-1] + "?lang=" + lang }
	toMatter := []string{"no-card", "field-A"}
	return []shot{
		{name: "kiosk-welcome-zh", url: kiosk("zh"), width: 1080, height: 1920},
		{name: "kiosk-zh", url: kiosk("zh"), width: 1080, height: 1920, clicks: []string{"lang-zh", "no-card"}},
		{name: "kiosk-ug", url: kiosk("ug"), width: 1080, height: 1920, clicks: []string{"lang-ug", "no-card"}},
		{name: "kiosk-matter-zh", url: kiosk("zh"), width: 1080, height: 1920, clicks: append([]string{"lang-zh"}, toMatter...)},
		{name: "kiosk-papers-zh", url: kiosk("zh"), width: 1080, height: 1920, clicks: append([]string{"lang-zh"}, append(toMatter, "matter-SCJG-004", "paper-SCJG-004")...)},
		{name: "kiosk-big-zh", url: kiosk("zh"), width: 1080, height: 1920, clicks: []string{"lang-zh", "view", "view-big", "view-done", "no-card"}},
		{name: "kiosk-contrast-ug", url: kiosk("ug"), width: 1080, height: 1920, clicks: []string{"lang-ug", "view", "view-contrast", "view-done", "no-card"}},
		{name: "kiosk-low-ug", url: kiosk("ug"), width: 1080, height: 1920, clicks: []string{"lang-ug", "view", "view-low", "view-done", "no-card"}},
		{name: "kiosk-appointment-zh", url: kiosk("zh"), width: 1080, height: 1920, clicks: []string{"lang-zh", "no-card", "my-appointment"}},
		{name: "appointment-zh", url: where.Hall + "/appointment?lang=zh", width: 390, height: 844, clicks: []string{"matter-SCJG-004"}},
		{name: "appointment-ug", url: where.Hall + "/appointment?lang=ug", width: 390, height: 844},
		{name: "guide-zh", url: where.Hall + "/guide", width: 1366, height: 768, login: "guide"},
		{name: "screen-zh", url: screen("hall-1", "zh"), width: 1920, height: 1080},
		{name: "screen-ug", url: screen("hall-1", "ug"), width: 1920, height: 1080},
		{name: "screen-portrait", url: screen("hall-2", "zh,ug"), width: 1080, height: 1920},
		{name: "screen-4k", url: screen("hall-1", "zh,ug"), width: 3840, height: 2160},
		{name: "screen-waiting", url: screen("waiting-1", "zh,ug"), width: 1920, height: 1080},
		{name: "screens-zh", url: where.Hall + "/manager/screens", width: 1600, height: 1000, login: "manager"},
		{name: "screens-edit-zh", url: where.Hall + "/manager/screens", width: 1600, height: 1000, login: "manager", clicks: []string{"edit-hall-1"}},
		{name: "screen-window", url: screen("window-1", "zh,ug"), width: 1920, height: 1080},
		{name: "manager-zh", url: where.Hall + "/manager", width: 1920, height: 1080, login: "manager"},
		{name: "manager-phone", url: where.Hall + "/manager", width: 390, height: 844, login: "manager"},
		{name: "admin-zh", url: where.Hall + "/admin", width: 1366, height: 900, login: "security"},
		{name: "admin-audit-zh", url: where.Hall + "/admin", width: 1366, height: 900, login: "audit"},
		{name: "admin-servers-zh", url: where.Hall + "/admin#/servers", width: 1366, height: 900, login: "system"},
		{name: "docs", url: where.Hall + "/api/docs", width: 1366, height: 900},
		{name: "home", url: where.Hall + "/", width: 1366, height: 768},
	}
}

// take opens a page as a new visitor, walks to what is to be seen, and waits until it has settled.
func take(b *rod.Browser, s shot, path string) (err error) {
	return rod.Try(func() {
		p := b.MustIncognito().MustPage("").Timeout(time.Minute)
		defer p.MustClose()
		p.MustSetViewport(s.width, s.height, 1, s.width < 500)
		p.MustNavigate(s.url)
		click := func(id string) *rod.Element { return p.MustElement(`[data-testid="` + id + `"]`) }
		if s.login != "" {
			click("login-user").MustInput(s.login)
			click("login-password").MustInput("yitang-demo")
			click("login-submit").MustClick()
		}
		for _, id := range s.clicks {
			click(id).MustWaitEnabled().MustClick()
			time.Sleep(700 * time.Millisecond)
		}
		if strings.HasPrefix(s.name, "screen-") {
			p.MustElement(".stage") // until the hall has answered it says only that it connects
		}
		time.Sleep(3 * time.Second)
		p.MustScreenshot(path)
	})
}
