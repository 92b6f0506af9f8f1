package db

import (
	"context"
	"encoding/json"
	"fmt"

	"yitang/server/hall"
)

// pastServices is every leg of the tickets of some days, and each ticket without one. A ticket's first leg comes first.
const pastServices = `SELECT t.day, t.field, t.matters, t.priority, t.deliver, t.issued_at, t.told,
		COALESCE(s.leg, 0), COALESCE(s.window, ''), COALESCE(s.clerk, ''), COALESCE(s.called_at, 0),
		COALESCE(` + serviceEnd + `, 0), COALESCE(s.end = 'no_show', 0),
		iif(s.ticket IS NULL AND t.state IN ('cancelled', 'abandoned') AND t.note NOT IN ('day_closed', 'reissued_offline'), t.ended_at, 0)
	FROM tickets t LEFT JOIN services s ON s.ticket = t.id
	WHERE t.day IN (SELECT DISTINCT day FROM tickets WHERE day <= ? ORDER BY day DESC LIMIT ?)
	ORDER BY t.day, t.seq, s.leg`

// PastServices hands over what the last so many business days up to a day teach about waits, in order.
func (d *DB) PastServices(ctx context.Context, until hall.Day, days int, each func(*hall.PastService) error) error {
	rows, err := d.read.QueryContext(ctx, pastServices, until, days)
	if err != nil {
		return fmt.Errorf("db: past services: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var s hall.PastService
		var matters, told string
		if err := rows.Scan(&s.Day, &s.Field, &matters, &s.Priority, &s.Deliver, &s.IssuedAt, &told, &s.Leg, &s.Window,
			&s.Clerk, &s.CalledAt, &s.EndedAt, &s.NoShow, &s.LeftAt); err != nil {
			return fmt.Errorf("db: past services: %w", err)
		}
		if err := json.Unmarshal([]byte(matters), &s.Matters); err != nil {
			return fmt.Errorf("db: past services: matters: %w", err)
		}
		if s.Told, err = readTold(told); err != nil {
			return fmt.Errorf("db: past services: told: %w", err)
		}
		if err := each(&s); err != nil {
			return err
		}
	}
	return rows.Err()
}

// PastSpells hands over the times since a moment in which windows were open.
func (d *DB) PastSpells(ctx context.Context, since hall.Millis, each func(hall.PastSpell) error) error {
	rows, err := d.read.QueryContext(ctx, `SELECT window, since, until, EXISTS (SELECT 1 FROM events WHERE kind = 'day_closed' AND at = until)
		FROM window_spells WHERE since >= ? AND state = 'open' ORDER BY since, seq`, since)
	if err != nil {
		return fmt.Errorf("db: past spells: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var s hall.PastSpell
		if err := rows.Scan(&s.Window, &s.Since, &s.Until, &s.Unended); err != nil {
			return fmt.Errorf("db: past spells: %w", err)
		}
		if err := each(s); err != nil {
			return err
		}
	}
	return rows.Err()
}
