package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/rs/zerolog"

	"yitang/server"
	"yitang/server/cert"
	"yitang/web"
)

type serveCmd struct {
	dirFlag
	Listen string `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address to serve on."`

	TLS  string `enum:"auto,on,off" default:"auto" help:"auto: HTTPS unless only this machine can reach the server; on; off."`
	Cert string `type:"existingfile" placeholder:"FILE" help:"Certificate of your own, PEM; without, the hall makes one."`
	Key  string `type:"existingfile" placeholder:"FILE" help:"Its key."`

	BackupTo    string        `placeholder:"FOLDER" help:"Copy the hall to this folder while it works."`
	BackupEvery time.Duration `default:"6h" help:"How often."`
	BackupKeep  int           `default:"30" help:"Newest copies that stay; 0 keeps all."`
}

func (serveCmd) Help() string {
	return "Example: yitang serve --dir /var/lib/yitang --listen 127.0.0.1:8080"
}

// Run serves until Ctrl-C.
func (c *serveCmd) Run(ctx context.Context, log zerolog.Logger) error {
	if c.BackupEvery < time.Minute {
		return fmt.Errorf("--backup-every %s: at least a minute", c.BackupEvery)
	}
	cfg := server.Config{Dir: c.Dir, Listen: c.Listen, Now: time.Now, Pages: web.Pages(), Log: log, Console: os.Stderr,
		Copies: server.Copies{To: c.BackupTo, Every: c.BackupEvery, Keep: c.BackupKeep}}
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
	hosts, err := cert.Hosts(c.Listen)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return fmt.Errorf("--dir: %w", err)
	}
	if cfg.TLS, err = cert.Config(c.Dir, hosts, time.Now()); err != nil {
		return err
	}
	if cfg.CA, err = os.ReadFile(filepath.Join(c.Dir, cert.CAFile)); err != nil {
		return err
	}
	log.Info().Strs("hosts", hosts).Msg("TLS by the hall's own authority: let PCs and phones trust /tls-ca.pem")
	return nil
}
