package main

import (
	"cmp"
	"context"

	"github.com/rs/zerolog"

	"yitang/demo/stage"
	"yitang/demo/town"
	"yitang/web"
)

type demoCmd struct {
	Dir       string  `placeholder:"DIR" help:"Folder of the demo's data, which is kept and taken up again; data-demo for a hall and data-city for a city unless said."`
	Listen    string  `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address of the hall; the kiosks take the next three ports."`
	Speed     float64 `default:"60" help:"How much faster than real time the hall lives: 60 makes an hour a minute, 1 is real time."`
	QuietHall bool    `help:"Without simulated people and clerks, to try it by hand."`
	Faults    bool    `help:"Let printers and card readers fail now and then: paper, cover, cable, noise, silence."`
	City      bool    `help:"A whole city instead: its pages, and four real halls that have five weeks behind them; in real time, without devices. Needs PostgreSQL."`
	Database  string  `placeholder:"URL" help:"With --city: a PostgreSQL that runs already, postgres://…; without, the demo starts one of its own from the programs on this machine."`
	Seed      uint64  `default:"1" help:"Other people, other cards, other luck."`
}

func (demoCmd) Help() string {
	return "Example: yitang demo --speed 60\n\nTo try everything by hand: yitang demo --quiet-hall --speed 1\n\nA city with its halls: yitang demo --city --listen 127.0.0.1:8090"
}

// Run is the demo until Ctrl-C.
func (c *demoCmd) Run(ctx context.Context, log zerolog.Logger, w out) error {
	if c.City {
		return town.Run(ctx, town.Config{Dir: cmp.Or(c.Dir, "data-city"), Database: c.Database, Listen: c.Listen, Seed: c.Seed, Pages: web.Pages(), Out: w, Log: log})
	}
	return stage.Run(ctx, stage.Config{Dir: cmp.Or(c.Dir, "data-demo"), Listen: c.Listen, Speed: c.Speed, Quiet: c.QuietHall, Faults: c.Faults, Past: true, Seed: c.Seed,
		Pages: web.Pages(), Out: w, Log: log})
}
