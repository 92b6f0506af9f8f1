package main

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"yitang/server"
	"yitang/server/cert"
	"yitang/server/standby"
	"yitang/web"
)

type serveCmd struct {
	dirFlag
	Listen string `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address to serve on."`

	TLS  string `enum:"auto,on,off" default:"auto" help:"auto: HTTPS unless only this machine can reach the server; on; off."`
	Cert string `type:"existingfile" placeholder:"FILE" help:"Certificate of your own, PEM; without, the hall makes one."`
	Key  string `type:"existingfile" placeholder:"FILE" help:"Its key."`

	Proxy []string `placeholder:"ADDRESS" help:"Address of a proxy in front of the hall, whose X-Forwarded-For is believed: limits and the journal then know who asked."`
	City  string   `placeholder:"URL" help:"Publish the journal to the city that this hall has joined: the address of its line, or pass for the one in its answer."`

	BackupTo    string        `placeholder:"FOLDER" help:"Copy the hall to this folder while it works."`
	BackupEvery time.Duration `default:"6h" help:"How often."`
	BackupKeep  int           `default:"30" help:"Newest copies that stay; 0 keeps all."`
	HeadsTo     string        `placeholder:"FOLDER" help:"Write the signed head of each business day there, best outside this machine."`

	Follow   string `placeholder:"URL" help:"Be the standby of that primary: follow its journal, show the hall, take over at yitang promote."`
	Token    string `env:"YITANG_TOKEN" help:"Of the standby (yitang admin device NAME --role standby), for --follow."`
	FollowCA string `name:"follow-ca" type:"existingfile" placeholder:"FILE" help:"Certificate of the primary's authority, from https://…/tls-ca.pem."`
	Address  string `placeholder:"URL" help:"Under which the primary and the devices reach this server; where it listens without."`
	Alone    bool   `help:"Open although a standby that might have taken over does not answer: you know that it did not."`
}

func (serveCmd) Help() string {
	return "Example: yitang serve --dir /var/lib/yitang --listen 127.0.0.1:8080"
}

// gcPercentServe keeps the garbage of a thousand screens and a day's tickets in a small machine's memory: less than half of what lives.
const gcPercentServe = 40

// Run serves until Ctrl-C.
func (c *serveCmd) Run(ctx context.Context, log zerolog.Logger) error {
	debug.SetGCPercent(gcPercentServe)
	if err := c.check(); err != nil {
		return err
	}
	cfg := server.Config{Dir: c.Dir, Listen: c.Listen, Now: time.Now, Pages: web.Pages(), Log: log, Console: os.Stderr, HeadsTo: c.HeadsTo, Proxies: c.Proxy, City: c.City, AtConsole: atConsole,
		Copies: server.Copies{To: c.BackupTo, Every: c.BackupEvery, Keep: c.BackupKeep}}
	if err := c.follow(ctx, &cfg); err != nil { // first: a new standby gets the hall's certificates from the primary
		return err
	}
	if err := c.secure(&cfg, log); err != nil {
		return err
	}
	scheme := "http://"
	if cfg.TLS != nil {
		scheme = "https://"
	}
	cfg.Ready = func(addr net.Addr) {
		log.Info().Str("address", scheme+addr.String()).Msg("the hall is open for requests")
	}
	return server.Run(ctx, cfg)
}

// check refuses what would be found out late, or never.
func (c *serveCmd) check() error {
	if c.BackupEvery < time.Minute {
		return fmt.Errorf("--backup-every %s: at least a minute", c.BackupEvery)
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return fmt.Errorf("--listen %q: an address and a port are wanted, such as 127.0.0.1:8080", c.Listen)
	}
	for _, p := range c.Proxy {
		if net.ParseIP(p) == nil {
			return fmt.Errorf("--proxy %q: the proxy's IP address is wanted, such as 10.1.1.9", p)
		}
	}
	return nil
}

// follow sets up whose standby this is.
func (c *serveCmd) follow(ctx context.Context, cfg *server.Config) (err error) {
	cfg.Alone, cfg.Follow.Address = c.Alone, strings.TrimRight(c.Address, "/")
	if c.Follow == "" {
		return nil
	}
	if c.Token == "" {
		return errors.New("--follow needs --token: on the primary, yitang admin device standby --role standby prints one")
	}
	u, err := url.Parse(c.Follow)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("--follow %q: an address like https://10.1.1.5 is wanted", c.Follow)
	}
	if u.Scheme == "http" && !cert.Loopback(u.Host) {
		return fmt.Errorf("--follow %s: the whole hall with its keys would cross the network unencrypted; use https", c.Follow)
	}
	if h, _, err := net.SplitHostPort(c.Listen); c.Address == "" && (err != nil || h == "" || net.ParseIP(h).IsUnspecified()) {
		return fmt.Errorf("--listen %s: name the address under which others reach this server, with --address https://HOST:PORT", c.Listen)
	}
	cfg.Follow.URL, cfg.Follow.Token = strings.TrimRight(c.Follow, "/"), c.Token
	if c.FollowCA != "" {
		if cfg.Follow.Trust, err = cert.Trust(c.FollowCA); err != nil {
			return err
		}
	}
	return standby.Join(ctx, c.Dir, standby.NewServer(cfg.Follow.URL, c.Token, cfg.Follow.Trust), cfg.Log)
}

// secure sets up TLS: with given certificates, with the hall's own where others than this machine can reach it, or none.
func (c *serveCmd) secure(cfg *server.Config, log zerolog.Logger) (err error) {
	switch {
	case (c.Cert == "") != (c.Key == ""):
		return errors.New("--cert and --key go together")
	case c.Cert != "":
		cfg.TLS, err = cert.Given(c.Cert, c.Key)
		return err
	case c.TLS == "off":
		if !cert.Loopback(c.Listen) {
			log.Warn().Msg("passwords and tokens cross the hall's network unencrypted: --tls off is for a proxy in front")
		}
		return nil
	case c.TLS == "auto" && cert.Loopback(c.Listen):
		return nil
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return fmt.Errorf("--dir: %w", err)
	}
	hosts := func() ([]string, error) { return cert.Hosts(c.Listen) }
	names, err := hosts()
	if err != nil {
		return err
	}
	if cfg.TLS, err = cert.Config(c.Dir, hosts, time.Now); err != nil {
		return err
	}
	if cfg.CA, err = os.ReadFile(filepath.Join(c.Dir, cert.CAFile)); err != nil {
		return err
	}
	block, _ := pem.Decode(cfg.CA)
	if block == nil {
		return fmt.Errorf("%s: no certificate in it", cert.CAFile)
	}
	log.Info().Strs("hosts", names).Str("sha256", cert.Fingerprint(block.Bytes)).
		Msg("TLS by the hall's own authority: let PCs trust it at /trust, and compare this fingerprint")
	return nil
}
