package db

import (
	"context"
	"encoding/json"
	"fmt"

	"yitang/server/hall"
)

// WorkedTickets hands over the tickets of the days from..to, inclusive, in the order of their issue.
func (d *DB) WorkedTickets(ctx context.Context, from, to hall.Day, see func(*hall.WorkedTicket) error) error {
	rows, err := d.read.QueryContext(ctx, `SELECT t.day, t.issued_at, t.slot, t.priority, t.deliver, t.matters, t.state,
		ifnull(min(s.called_at), 0), ifnull(sum(max(`+serviceEnd+` - s.called_at, 0)), 0), count(DISTINCT s.window)
		FROM tickets t LEFT JOIN services s ON s.ticket = t.id WHERE t.day BETWEEN ? AND ?
		GROUP BY t.id ORDER BY t.day, t.seq`, from, to)
	if err != nil {
		return fmt.Errorf("db: past tickets: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var t hall.WorkedTicket
		var matters string
		if err := rows.Scan(&t.Day, &t.IssuedAt, &t.Slot, &t.Priority, &t.Deliver, &matters, &t.State, &t.CalledAt, &t.AtWindow, &t.Windows); err != nil {
			return fmt.Errorf("db: past tickets: %w", err)
		}
		if err := json.Unmarshal([]byte(matters), &t.Matters); err != nil {
			return fmt.Errorf("db: past tickets: matters: %w", err)
		}
		if err := see(&t); err != nil {
			return err
		}
	}
	return rows.Err()
}

// WorkedSpells lists the times between two moments in which windows were open, pauses left out.
func (d *DB) WorkedSpells(ctx context.Context, from, to hall.Millis) ([]hall.WorkedSpell, error) {
	rows, err := d.read.QueryContext(ctx, `SELECT window, since, until FROM window_spells
		WHERE state = 'open' AND until > 0 AND since >= ? AND until <= ? ORDER BY since, seq`, from, to)
	if err != nil {
		return nil, fmt.Errorf("db: past spells: %w", err)
	}
	defer rows.Close()
	var list []hall.WorkedSpell
	for rows.Next() {
		var s hall.WorkedSpell
		if err := rows.Scan(&s.Window, &s.Since, &s.Till); err != nil {
			return nil, fmt.Errorf("db: past spells: %w", err)
		}
		list = append(list, s)
	}
	return list, rows.Err()
}

// endedDays are the days that were closed, and not opened again since.
const endedDays = `SELECT day FROM events c WHERE kind = 'day_closed'
	AND NOT EXISTS (SELECT 1 FROM events r WHERE r.kind = 'day_reopened' AND r.day = c.day AND r.seq > c.seq)`

// WorkedDays lists the closed days from..to that had tickets, newest last, at most the last n of them.
func (d *DB) WorkedDays(ctx context.Context, from, to hall.Day, n int) ([]hall.Day, error) {
	rows, err := d.read.QueryContext(ctx, `SELECT day FROM (SELECT DISTINCT day FROM tickets WHERE day BETWEEN ?1 AND ?2
		AND day IN (`+endedDays+`) ORDER BY day DESC LIMIT ?3) ORDER BY day`, from, to, n)
	if err != nil {
		return nil, fmt.Errorf("db: past days: %w", err)
	}
	defer rows.Close()
	var list []hall.Day
	for rows.Next() {
		var day hall.Day
		if err := rows.Scan(&day); err != nil {
			return nil, fmt.Errorf("db: past days: %w", err)
		}
		list = append(list, day)
	}
	return list, rows.Err()
}

// DayLoads lists the days that WorkedDays lists, with their tickets.
func (d *DB) DayLoads(ctx context.Context, n int) ([]hall.DayLoad, error) {
	rows, err := d.read.QueryContext(ctx, `SELECT day, n FROM (SELECT day, count(*) AS n FROM tickets
		WHERE day IN (`+endedDays+`) GROUP BY day ORDER BY day DESC LIMIT ?) ORDER BY day`, n)
	if err != nil {
		return nil, fmt.Errorf("db: day loads: %w", err)
	}
	defer rows.Close()
	var list []hall.DayLoad
	for rows.Next() {
		var l hall.DayLoad
		if err := rows.Scan(&l.Day, &l.Tickets); err != nil {
			return nil, fmt.Errorf("db: day loads: %w", err)
		}
		list = append(list, l)
	}
	return list, rows.Err()
}

// Reasons lists the calls of a ticket with their reasons, the first one first.
func (d *DB) Reasons(ctx context.Context, id hall.TicketID) ([]hall.CallReason, error) {
	rows, err := d.read.QueryContext(ctx, `SELECT leg, window, called_at, why FROM services WHERE ticket = ? ORDER BY leg`, id)
	if err != nil {
		return nil, fmt.Errorf("db: reasons: %w", err)
	}
	defer rows.Close()
	var list []hall.CallReason
	for rows.Next() {
		var r hall.CallReason
		var why string
		if err := rows.Scan(&r.Leg, &r.Window, &r.At, &why); err != nil {
			return nil, fmt.Errorf("db: reasons: %w", err)
		}
		if err := json.Unmarshal([]byte(why), &r.Why); err != nil {
			return nil, fmt.Errorf("db: reasons: %w", err)
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

// LayoutVersions lists the last n layouts that came into force or were planned, the newest first.
func (d *DB) LayoutVersions(ctx context.Context, n int) ([]hall.LayoutVersion, error) {
	rows, err := d.read.QueryContext(ctx, `SELECT seq, at, actor, kind = 'layout_planned', ifnull(json_extract(payload, '$.layout.version'), '')
		FROM events WHERE kind IN ('layout_adopted', 'layout_planned') ORDER BY seq DESC LIMIT ?`, n)
	if err != nil {
		return nil, fmt.Errorf("db: layouts: %w", err)
	}
	defer rows.Close()
	var list []hall.LayoutVersion
	for rows.Next() {
		var v hall.LayoutVersion
		if err := rows.Scan(&v.Seq, &v.At, &v.By, &v.Planned, &v.Version); err != nil {
			return nil, fmt.Errorf("db: layouts: %w", err)
		}
		list = append(list, v)
	}
	return list, rows.Err()
}
