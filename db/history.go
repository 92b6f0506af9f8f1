package db

import (
	"context"
	"encoding/json"
	"fmt"

	"yitang/server/hall"
)

// WorkedTicket is a ticket of a past day with what became of it.
type WorkedTicket struct {
	Day      hall.Day
	IssuedAt hall.Millis
	Slot     hall.Millis // of an appointment
	Priority hall.Priority
	Deliver  bool
	Matters  []hall.MatterCode
	State    hall.TicketState
	CalledAt hall.Millis // first call; 0 = never
	AtWindow hall.Millis // from calls to ends, all windows together
	Windows  int         // that called it
}

// WorkedTickets hands over the tickets of the days from..to, inclusive, in the order of their issue.
func (d *DB) WorkedTickets(ctx context.Context, from, to hall.Day, see func(*WorkedTicket) error) error {
	rows, err := d.read.QueryContext(ctx, `SELECT t.day, t.issued_at, t.slot, t.priority, t.deliver, t.matters, t.state,
		ifnull(min(s.called_at), 0), ifnull(sum(max(s.ended_at - s.called_at, 0)), 0), count(DISTINCT s.window)
		FROM tickets t LEFT JOIN services s ON s.ticket = t.id WHERE t.day BETWEEN ? AND ?
		GROUP BY t.id ORDER BY t.day, t.seq`, from, to)
	if err != nil {
		return fmt.Errorf("db: past tickets: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var t WorkedTicket
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

// WorkedSpell is a time in which a window was open.
type WorkedSpell struct {
	Window      hall.WindowID
	Since, Till hall.Millis
}

// WorkedSpells lists the times between two moments in which windows were open, pauses left out.
func (d *DB) WorkedSpells(ctx context.Context, from, to hall.Millis) ([]WorkedSpell, error) {
	rows, err := d.read.QueryContext(ctx, `SELECT window, since, until FROM window_spells
		WHERE state = 'open' AND until > 0 AND since >= ? AND until <= ? ORDER BY since, seq`, from, to)
	if err != nil {
		return nil, fmt.Errorf("db: past spells: %w", err)
	}
	defer rows.Close()
	var list []WorkedSpell
	for rows.Next() {
		var s WorkedSpell
		if err := rows.Scan(&s.Window, &s.Since, &s.Till); err != nil {
			return nil, fmt.Errorf("db: past spells: %w", err)
		}
		list = append(list, s)
	}
	return list, rows.Err()
}

// WorkedDays lists the closed days from..to that had tickets, newest last, at most the last n of them.
func (d *DB) WorkedDays(ctx context.Context, from, to hall.Day, n int) ([]hall.Day, error) {
	rows, err := d.read.QueryContext(ctx, `SELECT day FROM (SELECT DISTINCT day FROM tickets WHERE day BETWEEN ?1 AND ?2
		AND day IN (SELECT day FROM events WHERE kind = 'day_closed') ORDER BY day DESC LIMIT ?3) ORDER BY day`, from, to, n)
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
