package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"yitang/server"
	"yitang/server/hall"
)

type purgeCmd struct {
	dirFlag
	DryRun  bool `help:"Say what would be purged and change nothing."`
	Compact bool `default:"true" negatable:"" help:"Write the file anew, so that nothing of it is left between its pages."`
	JSON    bool `name:"json" help:"Print as JSON."`
}

func (purgeCmd) Help() string {
	return "Example: yitang purge --dir /var/lib/yitang --dry-run\n\nTakes persons out of what is older than the hall's retention (person_months and audit_months in hall.csv; 24 and 12 without). " +
		"Figures stay, and the journal's chain still verifies. A working hall does so by itself at night; this is for one that is not running."
}

// Run purges a hall that is not running, or says what it would do.
func (c *purgeCmd) Run(ctx context.Context, w out) error {
	data, err := openHall(c.Dir)
	if err != nil {
		return err
	}
	defer data.Close() //nolint:errcheck // what was purged is committed
	eng, err := still(ctx, data)
	if err != nil {
		return err
	}
	layout, now := eng.View().Layout, time.Now()
	var p server.Purged
	if c.DryRun {
		p, err = server.WouldPurge(ctx, data, layout, now)
	} else {
		p, err = server.PurgeDue(ctx, data, layout, now, func(cmd hall.Command) error {
			eng, err := still(ctx, data) // Alone ends an engine for good
			if err != nil {
				return err
			}
			return eng.Alone(ctx, cmd)
		})
	}
	if err != nil {
		return err
	}
	if !c.DryRun && c.Compact && p.Records > 0 {
		if err := server.Compact(ctx, data, now); err != nil {
			return err
		}
	}
	if c.JSON {
		return json.NewEncoder(w).Encode(p)
	}
	verb := "purged"
	if c.DryRun {
		verb = "would be purged"
	}
	fmt.Fprintf(w, "%d records of %d business days %s; persons are kept from after %s, access records from after %s\n", p.Records, p.Days, verb, p.Persons, p.Audit)
	return nil
}
