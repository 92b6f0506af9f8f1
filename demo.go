package main

import (
	"context"

	"github.com/rs/zerolog"

	"yitang/demo/stage"
	"yitang/demo/town"
	"yitang/web"
)

type demoCmd struct {
	Dir       string  `default:"data-demo" placeholder:"DIR" help:"Folder of the demo hall's data; it is kept and taken up again. A city's is data-city."`
	Listen    string  `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address of the hall; the kiosks take the next three ports."`
	Speed     float64 `default:"60" help:"How much faster than real time the hall lives: 60 makes an hour a minute, 1 is real time."`
	QuietHall bool    `help:"Without simulated people and clerks, to try it by hand."`
	Faults    bool    `help:"Let printers and card readers fail now and then: paper, cover, cable, noise, silence."`
	City      bool    `help:"A whole city instead: its pages, and four real halls that have five weeks behind them; in real time, without devices."`
	Seed      uint64  `default:"1" help:"Other people, other cards, other luck."`
}

func (demoCmd) Help() string {
	return "Example: yitang demo --speed 60\n\nTo try everything by hand: yitang demo --quiet-hall --speed 1\nA city with its halls: yitang demo --city --listen 127.0.0.1:8090"
}

// Run is the demo until Ctrl-C.
func (c *demoCmd) Run(ctx context.Context, log zerolog.Logger, w out) error {
	if c.City {
		if c.Dir == "data-demo" { // the hall's, which others than its owner may not enter
			c.Dir = "data-city"
		}
		return town.Run(ctx, town.Config{Dir: c.Dir, Listen: c.Listen, Seed: c.Seed, Pages: web.Pages(), Out: w, Log: log})
	}
	return stage.Run(ctx, stage.Config{Dir: c.Dir, Listen: c.Listen, Speed: c.Speed, Quiet: c.QuietHall, Faults: c.Faults, Past: true, Seed: c.Seed,
		Pages: web.Pages(), Out: w, Log: log})
}
