package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"yitang/db"
	"yitang/server/backup"
	"yitang/server/hall"
	"yitang/server/route"
)

type backupCmd struct {
	dirFlag
	To   string `required:"" placeholder:"FOLDER" help:"Folder of the backups, best on another disk."`
	Keep int    `default:"30" help:"Newest backups that stay; 0 keeps all."`
	Fast bool   `help:"Do not walk the copied journal; the pages and checksums are looked at all the same."`
}

func (backupCmd) Help() string {
	return "Example: yitang backup --dir /var/lib/yitang --to /mnt/disk2/yitang\n\nMay run beside the working hall. The copy holds the key of the pseudonyms: keep it as safe as the hall."
}

// Run makes one backup and verifies it.
func (c *backupCmd) Run(ctx context.Context, w out) error {
	if err := there(c.Dir); err != nil {
		return err
	}
	bar := newCount()
	folder, m, err := backup.Make(ctx, backup.Config{Dir: c.Dir, To: c.To, Keep: c.Keep, Now: time.Now,
		Progress: func(done, all int) { bar.say("copied %d %%", 100*done/max(1, all)) }})
	bar.done()
	if err != nil {
		return err
	}
	if !c.Fast {
		if err := whole(ctx, folder); err != nil {
			return err
		}
	}
	fmt.Fprintf(w, "%s: %d events, %d bytes\n", folder, m.Hall.Events, m.Hall.Bytes)
	return nil
}

// whole walks the journal of a hall and fails on a fault.
func whole(ctx context.Context, dir string) error {
	v, err := verdict(ctx, dir)
	if err != nil {
		return err
	}
	if v.Fault != "" {
		return errors.New(v.Fault)
	}
	return nil
}

// verdict walks the journal of a hall, which may go on working.
func verdict(ctx context.Context, dir string, heads ...hall.HeadSigned) (db.Verdict, error) {
	if err := there(dir); err != nil {
		return db.Verdict{}, err
	}
	bar := newCount()
	defer bar.done()
	return db.Verify(ctx, dir, route.Rule{}, func(n uint64) { bar.say("verified %d events", n) }, heads...)
}

type restoreCmd struct {
	dirFlag
	From  string `arg:"" type:"existingdir" placeholder:"BACKUP" help:"Folder of one backup."`
	Until string `placeholder:"TIME" help:"Be the hall as it was at that time, for example 2026-06-01T10:30:00+08:00; the backup must be younger."`
}

func (restoreCmd) Help() string {
	return "Example: yitang restore --dir /var/lib/yitang /mnt/disk2/yitang/yitang-20260601T020000Z\n\nThe folder must not hold a hall yet. Every file is held against its checksum and the journal is verified."
}

// until is the moment to go back to, or zero.
func (c *restoreCmd) until() (time.Time, error) {
	if c.Until == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, c.Until)
	if err != nil {
		return at, fmt.Errorf("--until %q: a time with its offset is wanted, such as 2026-06-01T10:30:00+08:00", c.Until)
	}
	m, err := backup.Read(c.From)
	if err != nil {
		return at, err
	}
	if m.Made.Before(at) {
		return at, fmt.Errorf("--until %s: this backup was made before, at %s; choose a younger one", c.Until, m.Made.Local().Format(time.RFC3339))
	}
	return at, nil
}

// cutAfter makes a restored hall what it was at a moment.
func cutAfter(ctx context.Context, dir string, at time.Time) (uint64, error) {
	data, err := db.Open(dir)
	if err != nil {
		return 0, err
	}
	last, err := data.CutAfter(ctx, at, route.Rule{})
	return last, errors.Join(err, data.Close())
}

// Run makes a hall of a backup and verifies it.
func (c *restoreCmd) Run(ctx context.Context, w out) error {
	until, err := c.until()
	if err != nil {
		return err
	}
	var last uint64
	m, err := backup.Restore(c.From, c.Dir, func(dir string) error {
		if until.IsZero() {
			return whole(ctx, dir)
		}
		var err error
		if last, err = cutAfter(ctx, dir, until); err != nil {
			return err
		}
		return whole(ctx, dir)
	})
	if err != nil {
		return err
	}
	if !until.IsZero() {
		m.Hall.Events, m.Made = last, until
	}
	fmt.Fprintf(w, "%s: %d events, as of %s\n", c.Dir, m.Hall.Events, m.Made.Local().Format(time.RFC3339))
	return nil
}
