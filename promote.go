package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"yitang/db"
	"yitang/server"
	"yitang/server/standby"
	"yitang/server/wire"
)

type promoteCmd struct {
	dirFlag
	Lost bool `help:"The primary is lost: take over with what is here. What it acknowledged in its last moment may be missing."`
	JSON bool `name:"json" help:"Print as JSON."`
}

func (promoteCmd) Help() string {
	return "Example: yitang promote --dir /var/lib/yitang\n\nRun it on the standby. The primary stops taking commands, the standby fetches the rest and opens: " +
		"nothing is lost. With --lost it opens although the primary does not answer; pull the old one's network cable first if you can."
}

// Run promotes the standby that runs on the folder, or the folder of one that does not run.
func (c *promoteCmd) Run(ctx context.Context, w out) error {
	p, err := standby.Demand(ctx, c.Dir, standby.Wanted{Lost: c.Lost})
	if errors.Is(err, standby.ErrNotRunning) {
		p, err = c.still(ctx)
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(w).Encode(p)
	}
	how := "the old primary handed over, nothing is lost"
	if !p.Planned {
		how = "the old primary was lost; what it acknowledged in its last moment may be missing"
	}
	fmt.Fprintf(w, "%s is the primary now (epoch %d, %d events): %s\n", c.Dir, p.Epoch, p.Seq, how)
	return nil
}

// still promotes a folder on which nothing runs.
func (c *promoteCmd) still(ctx context.Context) (standby.Promotion, error) {
	p := standby.Promotion{}
	data, err := openHall(c.Dir)
	if errors.Is(err, db.ErrInUse) {
		return p, c.working(ctx)
	}
	if err != nil {
		return p, err
	}
	defer data.Close() //nolint:errcheck // what counts is committed
	if p, err = standingOf(ctx, data); err != nil {
		return p, err
	}
	if !c.Lost {
		return p, fmt.Errorf("no standby is running on %s: start it with yitang serve --follow %s for a switch without loss, or add --lost", c.Dir, p.From)
	}
	return p, server.TakeOver(ctx, data, time.Now, p)
}

// working says what runs on the folder, when it is not a standby that answers.
func (c *promoteCmd) working(ctx context.Context) error {
	data, err := db.Reader(ctx, c.Dir)
	if err != nil {
		return err
	}
	defer data.Close() //nolint:errcheck // it only read
	switch p, err := standingOf(ctx, data); {
	case errors.Is(err, errPrimary):
		return fmt.Errorf("the hall that runs on %s is the primary already, there is nothing to promote: run promote on the standby, with the standby's folder", c.Dir)
	case err != nil:
		return err
	default:
		return fmt.Errorf("a program works on %s, the standby of %s, and does not answer: if it is yitang serve --follow, see its log and try again; another one stop first", c.Dir, p.From)
	}
}

// errPrimary is what a folder is that needs no promotion.
var errPrimary = errors.New("this is the primary's folder already: yitang serve opens it")

// standingOf is what a folder that is not the primary's would take over with.
func standingOf(ctx context.Context, data *db.DB) (standby.Promotion, error) {
	p := standby.Promotion{}
	follows, err := data.Mark(ctx, db.MarkFollows)
	if err != nil {
		return p, err
	}
	fenced, err := data.Mark(ctx, db.MarkFenced)
	if err != nil {
		return p, err
	}
	if p.Epoch, err = standby.Epoch(ctx, data); err != nil {
		return p, err
	}
	p.From = follows
	if fenced != "" {
		var f wire.Fence
		if err := json.Unmarshal([]byte(fenced), &f); err != nil {
			return p, err
		}
		p.From, p.Epoch = f.URL, max(p.Epoch, f.Epoch)
	}
	if p.From == "" {
		return p, errPrimary
	}
	p.Epoch++
	c, err := data.Cursor(ctx, false)
	p.Seq = c.Seq
	return p, err
}
