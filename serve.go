package main

import (
	"context"
	"net"
	"time"

	"github.com/rs/zerolog"

	"yitang/server"
	"yitang/web"
)

type serveCmd struct {
	dirFlag
	Listen string `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address to serve on."`
}

func (serveCmd) Help() string {
	return "Example: yitang serve --dir /var/lib/yitang --listen 127.0.0.1:8080"
}

// Run serves until Ctrl-C.
func (c *serveCmd) Run(ctx context.Context, log zerolog.Logger) error {
	return server.Run(ctx, server.Config{Dir: c.Dir, Listen: c.Listen, Now: time.Now, Pages: web.Pages(), Log: log,
		Ready: func(addr net.Addr) {
			log.Info().Str("address", "http://"+addr.String()).Msg("the hall is open for requests")
		}})
}
