package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
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
		"Figures stay, and the journal's chain still verifies. A working hall does so by itself at night; this does it now, whether the hall runs or not. " +
		"A running hall's file is written anew at night only, since nobody can work meanwhile."
}

// Run purges, or says what it would do.
func (c *purgeCmd) Run(ctx context.Context, w out) error { return visit(ctx, c.Dir, "purge", c, w) }

func (c *purgeCmd) do(ctx context.Context, o *office, w io.Writer) (err error) {
	layout, now := o.hall.View().Layout, time.Now()
	var p server.Purged
	verb := "would be purged"
	if c.DryRun {
		p, err = server.WouldPurge(ctx, o.data, layout, now)
	} else {
		verb = "purged"
		p, err = server.PurgeDue(ctx, o.data, layout, now, func(cmd hall.Command) error { return o.command(ctx, cmd, nil) })
	}
	if err != nil {
		return err
	}
	if !o.running && !c.DryRun && c.Compact && p.Records > 0 {
		if err := server.Compact(ctx, o.data, now); err != nil {
			return err
		}
	}
	if c.JSON {
		return json.NewEncoder(w).Encode(p)
	}
	fmt.Fprintf(w, "%d records of %d business days %s; persons are kept from after %s, access records from after %s\n", p.Records, p.Days, verb, p.Persons, p.Audit)
	return nil
}
