// Package kiosk is the agent on a ticket kiosk's PC: it serves the kiosk's page and a small API to it on localhost,
// takes tickets from the hall in the page's name, prints the receipts and reads identity cards.
//
// Run owns every goroutine: the link to the hall, the printer, the card reader, the reports and the page's requests;
// all of them have ended when it returns. A person's number lives in memory for at most two minutes and is neither
// logged nor written to disk.
package kiosk

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"yitang/drivers/port"
	"yitang/server/wire"
)

// PrinterConfig says where the receipt printer is. Without a Path the kiosk has none: the page shows the number large.
type PrinterConfig struct {
	Path    string
	Baud    int       // 0 = 115200
	Columns int       // 0 = 48; 32 on 58 mm paper
	OneWay  bool      // the cable carries no answers back: receipts are sent, never proven
	Flow    port.Flow // how the printer holds the line back
}

// ReaderConfig says where the card reader is. Without a Path the kiosk has none.
type ReaderConfig struct {
	Path string
	Baud int // 0 = found by asking
}

// Config is what a kiosk needs to know.
type Config struct {
	Server    string      // the hall, for example http://10.1.1.5:8080; with its standby http://10.1.1.5:8080,http://10.1.1.6:8080
	Token     string      // of this device
	TLS       *tls.Config // whom it trusts to be the hall; nil: whom the system trusts
	PublicURL string      // what phones reach the status page under; default Server
	Listen    string      // default 127.0.0.1:8090
	Dir       string      // holds the last catalogue; made when missing
	ID        wire.DeviceID
	Printer   PrinterConfig
	Reader    ReaderConfig
	Speak     bool             // every page is read aloud from the start; without, whoever turns it on
	Pages     fs.FS            // the built pages: kiosk.html and assets/
	Now       func() time.Time // clock that the page shows; default the PC's
	Log       zerolog.Logger

	// Stand-ins for the devices of the configuration above, for tests and demonstrations.
	UsePrinter Printer
	UseReader  Reader
	// OnListen is told the address when the page can be opened; may be nil.
	OnListen func(addr string)
	// OnRevoked is told, once or more, that the hall knows the token no more; may be nil.
	OnRevoked func()

	eventTime time.Duration // for one event of a page; 0 = the bound of the same name
	awayTime  time.Duration // for a hall that did not answer last time; 0 = the bound of the same name
}

const (
	defaultListen = "127.0.0.1:8090"
	dirMode       = 0o700
)

// agent is one running kiosk: its parts and nothing else.
type agent struct {
	cfg     Config
	hall    *wire.Client
	link    *link
	events  *hub
	cards   *cards
	prints  *prints
	reports *reports
	offline *offline
	recent  *recent
	popular *popular
	speech  *speech
	disk    disk
	hosts   []string // names this kiosk may be called by
}

// Run serves the kiosk until ctx ends and returns nil then; or the reason why it could not start or go on.
func Run(ctx context.Context, cfg Config) error {
	cfg, err := complete(cfg)
	if err != nil {
		return err
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", cfg.Listen)
	if err != nil {
		return fmt.Errorf("kiosk: %w", err)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	cfg = openDevices(cfg)
	a := newAgent(cfg)
	defer a.hall.Close()
	defer a.cards.close()
	defer a.prints.kept.close()
	var parts sync.WaitGroup
	defer parts.Wait()
	defer stop()
	parts.Go(func() { a.link.run(ctx) })
	parts.Go(func() { a.prints.run(ctx) })
	parts.Go(func() { a.reports.run(ctx) })
	parts.Go(func() { a.offline.run(ctx) })
	parts.Go(func() { a.events.beat(ctx) })
	if cfg.UseReader != nil {
		parts.Go(func() { _ = cfg.UseReader.Run(ctx) }) // ends with ctx and says nothing else
		parts.Go(func() { a.follow(ctx, cfg.UseReader.Events()) })
	}
	if cfg.OnListen != nil {
		cfg.OnListen(ln.Addr().String())
	}
	cfg.Log.Info().Str("page", "http://"+ln.Addr().String()+"/kiosk").Str("hall", cfg.Server).Msg("the kiosk is ready")
	return a.serve(ctx, ln)
}

// complete fills in the defaults and refuses what cannot work.
func complete(cfg Config) (Config, error) {
	switch {
	case cfg.Server == "":
		return cfg, errors.New("kiosk: no server: give the hall's address")
	case cfg.Dir == "":
		return cfg, errors.New("kiosk: no folder to keep the catalogue in")
	case cfg.Pages == nil:
		return cfg, errors.New("kiosk: no pages")
	}
	servers, err := wire.ParseServers(cfg.Server)
	if err != nil {
		return cfg, fmt.Errorf("kiosk: the server %w", err)
	}
	cfg.Server = strings.Join(servers, ",")
	if cfg.PublicURL == "" {
		cfg.PublicURL = servers[0]
	}
	cfg.PublicURL = strings.TrimRight(cfg.PublicURL, "/")
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Listen == "" {
		cfg.Listen = defaultListen
	}
	if cfg.eventTime == 0 {
		cfg.eventTime = eventTime
	}
	if cfg.awayTime == 0 {
		cfg.awayTime = awayTime
	}
	if err := os.MkdirAll(cfg.Dir, dirMode); err != nil {
		return cfg, fmt.Errorf("kiosk: %w", err)
	}
	return cfg, nil
}

// openDevices makes the devices of the configuration; a device that is away is no error.
func openDevices(cfg Config) Config {
	if cfg.UsePrinter == nil && cfg.Printer.Path != "" {
		cfg.UsePrinter = openPrinter(cfg.Printer)
	}
	if cfg.UseReader == nil && cfg.Reader.Path != "" {
		cfg.UseReader = openReader(cfg.Reader)
	}
	return cfg
}

// newAgent connects the parts.
func newAgent(cfg Config) *agent {
	client := wire.New(cfg.Server, cfg.Token).WithTLS(cfg.TLS)
	client.Device = cfg.ID
	events := newHub(cfg.UsePrinter != nil, cfg.UseReader != nil, cfg.Now)
	events.state.Speak = cfg.Speak
	reports := newReports(client, cfg.Log)
	a := &agent{cfg: cfg, hall: client, events: events, reports: reports, cards: newCards(), recent: newRecent(), popular: newPopular(cfg.Dir, cfg.Log), speech: newSpeech(),
		hosts: hostsOf(cfg.Listen)}
	a.offline = newOffline(cfg, client, a.undelivered, a.took(offlineName))
	reports.unknown = a.offline.undelivered
	a.link = newLink(client, cfg, func(s linkState) {
		events.setHall(s)
		if s.online {
			reports.cameBack()
			signal(a.offline.wake)
		}
	})
	a.prints = newPrints(cfg, events, reports, a.took(printsName))
	reports.told = a.prints.kept.told
	a.resume()
	return a
}

// undelivered tells the page how many of the kiosk's own tickets wait for the hall, and the staff of one it refused.
func (a *agent) undelivered(n int, refused string) {
	a.events.change(func(s *State) { s.Undelivered = n })
	if refused != "" {
		a.reports.device(partNumbers, DeviceHealth{State: stateWarning, Reason: "ticket_refused",
			Note: "离线号 " + refused + " 未能转入大厅系统。请导服台为持票人重新取号。"})
	}
	signal(a.reports.wake) // what became of its receipt can be told now
}

// hostsOf lists the names under which a browser on this PC may call the kiosk; any other name in Host means that a
// foreign page had its own name resolved to this machine.
func hostsOf(listen string) []string {
	hosts := []string{"localhost", "127.0.0.1", "::1"}
	if host, _, err := net.SplitHostPort(listen); err == nil && host != "" && !net.ParseIP(host).IsUnspecified() {
		hosts = append(hosts, strings.ToLower(host))
	}
	return hosts
}

// takeTime bounds what a person waits for a number.
const takeTime = 8 * time.Second
