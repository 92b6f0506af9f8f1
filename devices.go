package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"yitang/display"
	"yitang/display/counter"
	"yitang/drivers/keypad"
	"yitang/drivers/port"
	"yitang/enrol"
	"yitang/kiosk"
	"yitang/server/cert"
	"yitang/server/wire"
	"yitang/web"
)

// hallFlags say where the hall is and why to believe it, the same for every device.
type hallFlags struct {
	Server string `required:"" placeholder:"URL" help:"The hall, for example https://10.1.1.5; with its standby https://10.1.1.5,https://10.1.1.6."`
	Token  string `env:"YITANG_TOKEN" help:"The device's token (yitang admin device). Without, the device shows a code that the system administrator approves at /admin, and keeps a token of its own in DIR/token."`
	CA     string `name:"ca" type:"existingfile" placeholder:"FILE" help:"Certificate of the hall's own authority, from https://…/tls-ca.pem; without, the system's are trusted."`
}

// trust is whom the device believes to be the hall; nil for whom the system trusts. An address that is none is refused here, before
// the device asks it for ever.
func (f hallFlags) trust() (*tls.Config, error) {
	if _, err := wire.ParseServers(f.Server); err != nil {
		return nil, fmt.Errorf("--server: %w", err)
	}
	if f.CA == "" {
		return nil, nil
	}
	return cert.Trust(f.CA)
}

type kioskCmd struct {
	hallFlags
	ID         string `default:"kiosk-1" help:"The kiosk's name in the hall."`
	Listen     string `default:"127.0.0.1:8090" placeholder:"HOST:PORT" help:"Where the kiosk's page is served, on this PC only."`
	Dir        string `required:"" placeholder:"DIR" help:"Folder for what the kiosk keeps."`
	PublicURL  string `placeholder:"URL" help:"What phones reach the hall under; the server's address without."`
	Printer    string `placeholder:"PATH" help:"Serial port of the receipt printer, best from /dev/serial/by-id."`
	Baud       int    `default:"115200" help:"The printer's baud rate."`
	Columns    int    `default:"48" help:"The printer's columns: 48 on 80 mm paper, 32 on 58 mm."`
	OneWay     bool   `help:"The printer's cable carries no answers back."`
	Flow       string `default:"none" enum:"none,xonxoff,rtscts" help:"How the printer holds the line back: none, xonxoff or rtscts, as its self-test slip says."`
	Reader     string `placeholder:"PATH" help:"Serial port of the ID-card reader."`
	Speak      bool   `help:"Read every page aloud from the start; without it whoever turns it on hears it."`
	ReaderBaud int    `help:"The reader's baud rate; found by asking without."`
}

func (kioskCmd) Help() string {
	return "Example: yitang kiosk --server https://10.1.1.5 --ca /etc/yitang/ca.pem --dir /var/lib/yitang-kiosk --printer /dev/serial/by-id/usb-printer --reader /dev/serial/by-id/usb-reader\n\nThen open http://127.0.0.1:8090/kiosk in the kiosk's browser."
}

// Run is the kiosk until Ctrl-C.
func (c *kioskCmd) Run(ctx context.Context, log zerolog.Logger) error {
	trust, err := c.trust()
	if err != nil {
		return err
	}
	in := c.entrance(trust, c.Dir, wire.EnrolmentRequest{Role: "kiosk", Name: c.ID}, c.Listen, log)
	return in.admitted(ctx, func(ctx context.Context, token string, revoked func()) error {
		return kiosk.Run(ctx, c.config(token, revoked, trust, log))
	})
}

// config is the kiosk with a token.
func (c *kioskCmd) config(token string, revoked func(), trust *tls.Config, log zerolog.Logger) kiosk.Config {
	return kiosk.Config{Server: c.Server, Token: token, OnRevoked: revoked, TLS: trust, ID: wire.DeviceID(c.ID), Listen: c.Listen, Dir: c.Dir,
		PublicURL: c.PublicURL, Pages: web.Pages(), Log: log,
		Printer: kiosk.PrinterConfig{Path: c.Printer, Baud: c.Baud, Columns: c.Columns, OneWay: c.OneWay, Flow: port.FlowOf(c.Flow)},
		Speak:   c.Speak, Reader: kiosk.ReaderConfig{Path: c.Reader, Baud: c.ReaderBaud}}
}

type displayCmd struct {
	hallFlags
	Screen string `required:"" help:"The screen: hall-1, area-AB or window-3."`
	Sound  string `default:"auto" enum:"auto,off" help:"auto plays the hall's announcements here, with paplay or aplay; off leaves that to the screen's page."`
	LED    string `name:"led" placeholder:"FILE" help:"Description of the LED strips over the windows, JSON (docs/screens.md)."`
	Dir    string `placeholder:"DIR" help:"Folder that keeps which call was spoken last, so that a restart repeats and misses none, and the token."`
	Page   string `placeholder:"HOST:PORT" help:"Where this PC's browser is led to the screen's page, or to the evaluator's at a window with --rate; it shows the code while the device waits to be let in."`
	Rate   bool   `help:"The page is the window's evaluator (/rating/N), not its screen."`

	Keypad       string `placeholder:"PORT[@ADDRESS[:BAUD]]" help:"Serial port of the clerk's keypad on this window's counter; the screen is window-N then, and the token of the role counter."`
	KeypadPolled bool   `help:"The keypad is asked for its keys one by one."`
	Rater        string `placeholder:"PORT[@ADDRESS[:BAUD]]" help:"Serial port of the evaluator there; may be the keypad's, under another address."`
}

func (displayCmd) Help() string {
	return "Example: yitang display --server https://10.1.1.5 --ca /etc/yitang/ca.pem --dir /var/lib/yitang-screen --screen hall-1\n\nThe picture is the page /screen/hall-1 in any browser; this announces its calls.\n\nAt a window with a keypad: yitang display --server https://10.1.1.5 --ca /etc/yitang/ca.pem --dir /var/lib/yitang-screen --screen window-3 --keypad /dev/serial/by-id/usb-rs485@3"
}

// Run follows the screen until Ctrl-C, and works keypad and evaluator beside it.
func (c *displayCmd) Run(ctx context.Context, log zerolog.Logger) error {
	trust, err := c.trust()
	if err != nil {
		return err
	}
	if err := c.check(trust, log); err != nil { // before somebody lets it in
		return err
	}
	ask := wire.EnrolmentRequest{Role: "screen", Name: "screen-" + c.Screen}
	if window, ok := strings.CutPrefix(c.Screen, "window-"); ok && (c.Keypad != "" || c.Rater != "" || c.Rate) {
		ask = wire.EnrolmentRequest{Role: "counter", Name: "counter-" + window, Window: window}
	}
	in := c.entrance(trust, c.Dir, ask, c.Page, log)
	return in.admitted(ctx, func(ctx context.Context, token string, _ func()) error {
		c.Token = token
		return c.work(ctx, trust, log)
	})
}

// check refuses what would be found out only once the device is let in.
func (c *displayCmd) check(trust *tls.Config, log zerolog.Logger) error {
	if _, err := c.counter(trust, log); err != nil || c.LED == "" {
		return err
	}
	_, err := display.ReadStrips(c.LED)
	return err
}

func (c *displayCmd) work(ctx context.Context, trust *tls.Config, log zerolog.Logger) error {
	keys, err := c.counter(trust, log)
	if err != nil {
		return err
	}
	show, err := c.display(trust, log)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return display.Run(ctx, show) })
	if keys != nil {
		g.Go(func() error { return counter.Run(ctx, *keys) })
	}
	if c.Page != "" {
		g.Go(func() error { return enrol.Forward(ctx, c.Page, c.pageURL()) })
	}
	return g.Wait()
}

// pageURL is the hall's page that this PC's browser shows.
func (c *displayCmd) pageURL() string {
	path := "/screen/" + url.PathEscape(c.Screen)
	if window, ok := strings.CutPrefix(c.Screen, "window-"); ok && c.Rate {
		path = "/rating/" + url.PathEscape(window)
	}
	first, _, _ := strings.Cut(c.Server, ",")
	return strings.TrimRight(first, "/") + path + "?" + url.Values{"token": {c.Token}}.Encode()
}

// display is how the screen's calls are announced.
func (c *displayCmd) display(trust *tls.Config, log zerolog.Logger) (display.Config, error) {
	cfg := display.Config{Server: c.Server, Token: c.Token, TLS: trust, Screen: wire.ScreenID(c.Screen), Version: strings.TrimPrefix(version(), "yitang "), Log: log}
	if c.Dir != "" {
		cfg.State = filepath.Join(c.Dir, "said-"+c.Screen)
	}
	if c.Sound == "auto" {
		hall := wire.New(c.Server, c.Token).WithTLS(trust)
		command, err := display.FindPlayer()
		if err != nil {
			log.Warn().Msg(err.Error())
		}
		cfg.Speaker = &display.Player{Command: command, Sound: func(ctx context.Context, a display.Announcement) ([]byte, error) {
			return hall.Announcement(ctx, cfg.Screen, a.Number, a.Window, a.Brief)
		}}
	}
	if c.LED != "" {
		var err error
		if cfg.Strips, err = display.ReadStrips(c.LED); err != nil {
			return cfg, err
		}
	}
	return cfg, nil
}

// counter is how keypad and evaluator are worked, nil without.
func (c *displayCmd) counter(trust *tls.Config, log zerolog.Logger) (*counter.Config, error) {
	keys, err1 := counter.ParsePlace(c.Keypad)
	stars, err2 := counter.ParsePlace(c.Rater)
	if err := errors.Join(err1, err2); err != nil || keys.Path == "" && stars.Path == "" {
		return nil, err
	}
	window, ok := strings.CutPrefix(c.Screen, "window-")
	if !ok {
		return nil, fmt.Errorf("--keypad, --rater: they stand at one window: --screen window-N, not %s", c.Screen)
	}
	return &counter.Config{Server: c.Server, Token: c.Token, TLS: trust, Window: wire.WindowID(window), Keypad: keys,
		Pad: keypad.Config{Polled: c.KeypadPolled}, Rater: stars, Log: log}, nil
}
