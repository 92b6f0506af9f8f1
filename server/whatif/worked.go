package whatif

import (
	"context"
	"fmt"
	"time"

	"yitang/server/hall"
)

// Archive tells a hall's own past: the database.
type Archive interface {
	WorkedTickets(ctx context.Context, from, to hall.Day, see func(*hall.WorkedTicket) error) error
	WorkedSpells(ctx context.Context, from, to hall.Millis) ([]hall.WorkedSpell, error)
}

// Worked reads days of a hall's own past. Left out are tickets with a matter that the layout lacks, tickets that were
// given up before a call, and days without any other. Who was never called is given the matters' usual service time.
func Worked(ctx context.Context, a Archive, l *hall.Layout, days []hall.Day) ([]Day, error) {
	zone, err := time.LoadLocation(l.Zone)
	if err != nil {
		return nil, fmt.Errorf("whatif: layout: %w", err)
	}
	usual := map[hall.MatterCode]hall.Millis{}
	for _, m := range l.Matters {
		usual[m.Code] = hall.Millis(max(1, m.ServiceMin)) * minuteMS
	}
	var list []Day
	for _, day := range days {
		d, err := workedDay(ctx, a, zone, usual, day)
		if err != nil {
			return nil, err
		}
		if len(d.Visits) > 0 {
			list = append(list, *d)
		}
	}
	return list, nil
}

func workedDay(ctx context.Context, a Archive, zone *time.Location, usual map[hall.MatterCode]hall.Millis, day hall.Day) (*Day, error) {
	midnight, err := time.ParseInLocation(time.DateOnly, string(day), zone)
	if err != nil {
		return nil, fmt.Errorf("whatif: %w", err)
	}
	d := &Day{Day: day}
	err = a.WorkedTickets(ctx, day, day, func(t *hall.WorkedTicket) error {
		if v, ok := worked(t, usual); ok {
			d.Visits = append(d.Visits, v)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	spells, err := a.WorkedSpells(ctx, hall.Millis(midnight.UnixMilli()), hall.Millis(midnight.AddDate(0, 0, 2).UnixMilli()))
	for _, s := range spells {
		if hall.BusinessDay(zone, time.UnixMilli(int64(s.Since))) == day {
			d.Spells = append(d.Spells, Spell{Window: s.Window, From: s.Since, To: s.Till})
		}
	}
	return d, err
}

func worked(t *hall.WorkedTicket, usual map[hall.MatterCode]hall.Millis) (v Visit, ok bool) {
	if t.State == hall.Cancelled && t.CalledAt == 0 {
		return v, false
	}
	v = Visit{At: t.IssuedAt, Slot: t.Slot, Priority: t.Priority, Deliver: t.Deliver, Matters: t.Matters, Service: t.AtWindow,
		Waited: Unknown, Windows: t.Windows}
	for _, code := range t.Matters {
		min, known := usual[code]
		if !known {
			return v, false
		}
		if t.CalledAt == 0 || t.State == hall.Done && t.AtWindow == 0 { // nobody knows how long it took
			v.Service += min
			v.Guessed = true
		}
	}
	if t.CalledAt != 0 {
		v.Waited = t.CalledAt - t.IssuedAt
	}
	return v, len(t.Matters) > 0
}
