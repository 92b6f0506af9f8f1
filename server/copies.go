package server

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"yitang/server/backup"
	"yitang/server/engine"
	"yitang/server/hall"
)

// Copies says where a hall is copied to while it works, and how often; the zero value makes none.
type Copies struct {
	To    string
	Every time.Duration
	Keep  int
}

// copier makes the copies and tells the manager's page, as of any device, whether they succeed.
type copier struct {
	eng *engine.Engine
	log zerolog.Logger
}

func (c *copier) run(ctx context.Context, from Config) error {
	copies := backup.Config{Dir: from.Dir, To: from.Copies.To, Keep: from.Copies.Keep, Now: from.Now}
	backup.Keep(ctx, copies, from.Copies.Every, func(folder string, m backup.Manifest, err error) {
		report := hall.ReportDevice{Device: "server", Part: "backup", State: "up"}
		if err != nil {
			report.State, report.Reason, report.Note = "down", "backup_failed", err.Error()
			c.log.Error().Err(err).Stringer("again_in", from.Copies.Every).Msg("no backup was made; the hall works on without it: see to the folder of --backup-to")
		} else {
			c.log.Info().Str("folder", folder).Uint64("events", m.Hall.Events).Msg("backup")
		}
		if _, err := c.eng.Do(ctx, engine.Request{Actor: hall.System, Command: report}); err != nil && ctx.Err() == nil {
			c.log.Error().Err(err).Msg("backup")
		}
	})
	return nil
}
