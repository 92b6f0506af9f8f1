package server

import (
	"context"
	"errors"
	"time"

	"github.com/rs/zerolog"

	"yitang/db"
	"yitang/server/engine"
	"yitang/server/hall"
)

// Rhythm of retention. The work is done while the hall is closed: writing the file anew keeps everybody else from writing.
const (
	purgeLook    = 10 * time.Minute
	purgeEvery   = 20 * time.Hour
	compactEvery = 28 * 24 * time.Hour
	quietHour    = 3 // at which a hall that never closes is purged
)

// markCompact is when the file was written anew last.
const markCompact db.MarkName = "compacted"

// Purged says what a purge did or would do.
type Purged struct {
	Days    int      `json:"days"`
	Records int      `json:"records"`
	Through hall.Day `json:"through"` // business days up to this one, empty when nothing was due
	Persons hall.Day `json:"persons"` // the last day whose persons are due
	Audit   hall.Day `json:"audit"`   // the last day whose access records are due
}

// Due are the last days that retention no longer keeps.
func Due(l *hall.Layout, now time.Time) (persons, audit hall.Day, err error) {
	zone, err := time.LoadLocation(l.Zone)
	if err != nil {
		return "", "", err
	}
	p, a := l.Retention.Terms()
	day := func(months int) hall.Day { return hall.Day(now.In(zone).AddDate(0, -months, -1).Format(time.DateOnly)) }
	return day(p), day(a), nil
}

// PurgeDue purges what is due, a business day at a time, by way of do: each day is one event of the journal.
func PurgeDue(ctx context.Context, data *db.DB, l *hall.Layout, now time.Time, do func(hall.Command) error) (p Purged, err error) {
	if p.Persons, p.Audit, err = Due(l, now); err != nil {
		return p, err
	}
	for ctx.Err() == nil {
		plan, err := data.PurgePlan(ctx, p.Persons, p.Audit)
		if err != nil || plan == nil {
			return p, err
		}
		n, err := data.PurgeCount(ctx, plan)
		if err != nil {
			return p, err
		}
		if err := do(hall.Purge{RecordsPurged: *plan}); err != nil {
			return p, err
		}
		if plan.To > plan.After { // else only access records are due
			p.Days++
		}
		p.Records, p.Through = p.Records+n, plan.Through
	}
	return p, ctx.Err()
}

// WouldPurge says what a purge would do, and changes nothing.
func WouldPurge(ctx context.Context, data *db.DB, l *hall.Layout, now time.Time) (p Purged, err error) {
	if p.Persons, p.Audit, err = Due(l, now); err != nil {
		return p, err
	}
	plan, err := data.PurgePlan(ctx, p.Persons, p.Audit)
	if err != nil || plan == nil {
		return p, err
	}
	if plan, p.Days, err = data.PurgeAllPlan(ctx, plan, p.Persons); err != nil {
		return p, err
	}
	p.Through = plan.Through
	p.Records, err = data.PurgeCount(ctx, plan)
	return p, err
}

// purger keeps to the retention while the hall works.
type purger struct {
	data *db.DB
	eng  *engine.Engine
	now  func() time.Time
	log  zerolog.Logger
}

func (p *purger) run(ctx context.Context) error {
	tick := time.NewTicker(purgeLook)
	defer tick.Stop()
	var last time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if time.Since(last) < purgeEvery || !quiet(p.eng.View(), p.now()) ||
			p.eng.View().Clock(hall.Millis(p.now().UnixMilli())) != hall.ClockRight { // what is taken out never comes back
			continue
		}
		last = time.Now()
		if err := p.once(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, engine.ErrMoved) {
			p.log.Error().Err(err).Msg("purge")
		}
	}
}

// quiet says whether nobody waits for the hall.
func quiet(v *hall.View, now time.Time) bool {
	if len(v.Layout.Matters) == 0 {
		return false
	}
	zone, err := time.LoadLocation(v.Layout.Zone)
	if err != nil {
		return false
	}
	return !v.Open || v.Layout.Hours.Always && now.In(zone).Hour() == quietHour || v.Day < hall.BusinessDay(zone, now)
}

func (p *purger) once(ctx context.Context) error {
	done, err := PurgeDue(ctx, p.data, p.eng.View().Layout, p.now(), func(cmd hall.Command) error {
		_, err := p.eng.Do(ctx, engine.Request{Actor: hall.System, Command: cmd})
		return err
	})
	if err != nil {
		return err
	}
	if done.Records > 0 {
		p.log.Info().Int("days", done.Days).Int("records", done.Records).Str("through", string(done.Through)).Msg("retention took the personal part out of old records")
	}
	if err := p.data.Tidy(ctx, p.now().Add(-24*time.Hour)); err != nil {
		return err
	}
	return CompactDue(ctx, p.data, p.now())
}

// CompactDue writes the file anew when something was purged and it has not been for four weeks.
func CompactDue(ctx context.Context, data *db.DB, now time.Time) error {
	purged, err := data.Mark(ctx, db.MarkPurgedTo)
	if err != nil || purged == "" {
		return err
	}
	text, err := data.Mark(ctx, markCompact)
	if err != nil {
		return err
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil && now.Sub(at) < compactEvery {
		return nil
	}
	return Compact(ctx, data, now)
}

// Compact writes the file anew.
func Compact(ctx context.Context, data *db.DB, now time.Time) error {
	if err := data.Compact(ctx); err != nil {
		return err
	}
	return data.SetMark(ctx, markCompact, now.UTC().Format(time.RFC3339))
}
