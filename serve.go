package main

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/rs/zerolog"

	"yitang/server"
	"yitang/web"
)

type serveCmd struct {
	dirFlag
	Listen string `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address to serve on."`

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
	return server.Run(ctx, server.Config{Dir: c.Dir, Listen: c.Listen, Now: time.Now, Pages: web.Pages(), Log: log,
		Copies: server.Copies{To: c.BackupTo, Every: c.BackupEvery, Keep: c.BackupKeep},
		Ready: func(addr net.Addr) {
			log.Info().Str("address", "http://"+addr.String()).Msg("the hall is open for requests")
		}})
}
