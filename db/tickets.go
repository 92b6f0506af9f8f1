package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"yitang/server/hall"
)

const ticketColumns = `id, seq, day, number, field, matters, remaining, priority, language, channel, person_kind, person,
	track, state, place, window, for_window, leg, calls, issued_at, called_at, started_at, ended_at, reactivated, print, note,
	since, slot, deliver, directed, actor, cases, from_ticket, told`

// upsertTicket writes a ticket; what an issued ticket never changes is left alone on the way.
const upsertTicket = `INSERT INTO tickets (` + ticketColumns + `)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (id) DO UPDATE SET person_kind = excluded.person_kind, person = excluded.person, actor = excluded.actor,
	field = excluded.field, remaining = excluded.remaining, state = excluded.state,
	place = excluded.place, window = excluded.window, for_window = excluded.for_window, leg = excluded.leg,
	calls = excluded.calls, called_at = excluded.called_at, started_at = excluded.started_at,
	ended_at = excluded.ended_at, reactivated = excluded.reactivated, print = excluded.print, note = excluded.note,
	directed = excluded.directed, priority = excluded.priority`

func (p *projector) ticket(t *hall.Ticket) error {
	matters, err := codes(t.Matters)
	if err != nil {
		return err
	}
	remaining, err := codes(t.Remaining)
	if err != nil {
		return err
	}
	cases, err := codes(t.Cases)
	if err != nil {
		return err
	}
	told, err := toldText(t.Told)
	if err != nil {
		return err
	}
	return p.tickets.exec(t.ID, t.Order, t.Day(), t.Number, t.Field, matters, remaining, t.Priority, t.Language,
		t.Channel, t.PersonKind, t.Person, t.Track, t.State, t.Place, t.Window, t.For, t.Leg, t.Calls, t.IssuedAt,
		t.CalledAt, t.StartedAt, t.EndedAt, t.Reactivated, t.Print, t.Note,
		t.Since, t.Slot, t.Deliver, t.Directed, t.Actor, cases, t.From, told)
}

// Given is what the journal has of a business day already. There is something only where the clock was set back; see hall.Given.
func (d *DB) Given(ctx context.Context, day hall.Day) (g hall.Given, err error) {
	digits := strings.ReplaceAll(string(day), "-", "")
	from, until := digits+"-", digits+"." // what follows the hyphen among the ids
	rows, err := d.read.QueryContext(ctx, `SELECT substr(number, 1, 1), max(CAST(substr(number, 2) AS INTEGER)) FROM tickets
		WHERE id >= ? AND id < ? AND instr(number, '-') = 0 GROUP BY 1`, from, until) // a hyphen: a kiosk's own number
	if err != nil {
		return g, fmt.Errorf("db: numbers of %s: %w", day, err)
	}
	defer rows.Close()
	for rows.Next() {
		var field hall.FieldID
		var last int
		if err := rows.Scan(&field, &last); err != nil {
			return g, fmt.Errorf("db: numbers of %s: %w", day, err)
		}
		if g.Numbers == nil {
			g.Numbers = map[hall.FieldID]int{}
		}
		g.Numbers[field] = last
	}
	err = d.read.QueryRowContext(ctx, `SELECT coalesce(max(CAST(substr(id, ?3) AS INTEGER)), 0) FROM cases WHERE id >= ?1 AND id < ?2`,
		from, until, len(from)+1).Scan(&g.Cases)
	if err != nil {
		return g, fmt.Errorf("db: cases of %s: %w", day, err)
	}
	return g, rows.Err()
}

// toldText is the forecast given with a ticket; empty when there was none.
func toldText(t *hall.Told) (string, error) {
	if t == nil {
		return "", nil
	}
	text, err := json.Marshal(t)
	return string(text), err
}

func readTold(text string) (*hall.Told, error) {
	if text == "" {
		return nil, nil
	}
	t := &hall.Told{}
	return t, json.Unmarshal([]byte(text), t)
}

func codes[T ~string](list []T) (string, error) {
	if list == nil {
		list = []T{}
	}
	text, err := json.Marshal(list)
	return string(text), err
}

// Ticket returns a ticket of any day as it is on disk, or nil.
func (d *DB) Ticket(ctx context.Context, id hall.TicketID) (*hall.Ticket, error) {
	return d.ticketBy(ctx, "id", string(id))
}

// TicketByTrack returns the ticket of a status page's code, or nil.
func (d *DB) TicketByTrack(ctx context.Context, code string) (*hall.Ticket, error) {
	return d.ticketBy(ctx, "track", code)
}

func (d *DB) ticketBy(ctx context.Context, column, value string) (*hall.Ticket, error) {
	row := d.read.QueryRowContext(ctx, "SELECT "+ticketColumns+" FROM tickets WHERE "+column+" = ?", value) // #nosec G202 -- columns of ours
	var t hall.Ticket
	var day, matters, remaining, cases, told string
	err := row.Scan(&t.ID, &t.Order, &day, &t.Number, &t.Field, &matters, &remaining, &t.Priority, &t.Language,
		&t.Channel, &t.PersonKind, &t.Person, &t.Track, &t.State, &t.Place, &t.Window, &t.For, &t.Leg, &t.Calls, &t.IssuedAt,
		&t.CalledAt, &t.StartedAt, &t.EndedAt, &t.Reactivated, &t.Print, &t.Note,
		&t.Since, &t.Slot, &t.Deliver, &t.Directed, &t.Actor, &cases, &t.From, &told)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("db: ticket %s: %w", value, err)
	}
	if err := json.Unmarshal([]byte(matters), &t.Matters); err != nil {
		return nil, fmt.Errorf("db: ticket %s: matters: %w", t.ID, err)
	}
	if err := json.Unmarshal([]byte(remaining), &t.Remaining); err != nil {
		return nil, fmt.Errorf("db: ticket %s: remaining: %w", t.ID, err)
	}
	if err := json.Unmarshal([]byte(cases), &t.Cases); err != nil {
		return nil, fmt.Errorf("db: ticket %s: cases: %w", t.ID, err)
	}
	if t.Told, err = readTold(told); err != nil {
		return nil, fmt.Errorf("db: ticket %s: told: %w", t.ID, err)
	}
	return &t, nil
}

// OpenTicketsOf are a person's tickets of a day that have not ended, in order of issue.
func (d *DB) OpenTicketsOf(ctx context.Context, pseudonym string, day hall.Day) ([]*hall.Ticket, error) {
	rows, err := d.read.QueryContext(ctx, `SELECT id FROM tickets WHERE person = ? AND person <> '' AND day = ?
		AND state IN ('waiting', 'called', 'serving', 'held') ORDER BY issued_at, seq`, pseudonym, string(day))
	if err != nil {
		return nil, fmt.Errorf("db: tickets of a person: %w", err)
	}
	defer rows.Close()
	var ids []hall.TicketID
	for rows.Next() {
		var id hall.TicketID
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("db: tickets of a person: %w", err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("db: tickets of a person: %w", err)
	}
	var list []*hall.Ticket
	for _, id := range ids {
		t, err := d.Ticket(ctx, id)
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, nil
}
