package db

import (
	"context"
	"fmt"
	"math"

	"yitang/server/hall"
)

// Held is everything kept about a person, by pseudonym.
func (d *DB) Held(ctx context.Context, person string) (hall.Dossier, error) {
	h := hall.Dossier{Tickets: []hall.HeldTicket{}, Cases: []*hall.Case{}, Appointments: []*hall.Appointment{}}
	if person == "" {
		return h, nil
	}
	ids, err := d.ticketsOf(ctx, person)
	if err != nil {
		return h, err
	}
	for _, id := range ids {
		t, err := d.heldTicket(ctx, id)
		if err != nil {
			return h, err
		}
		h.Tickets = append(h.Tickets, t)
	}
	cases, err := d.CasesOf(ctx, person, 0, math.MaxInt32)
	if err != nil {
		return h, err
	}
	h.Cases = append(h.Cases, cases...)
	booked, err := rows[hall.Appointment](ctx, d.read, `SELECT body FROM appointments WHERE person = ? ORDER BY slot`, person)
	h.Appointments = append(h.Appointments, booked...)
	return h, err
}

func (d *DB) ticketsOf(ctx context.Context, person string) ([]hall.TicketID, error) {
	r, err := d.read.QueryContext(ctx, `SELECT id FROM tickets WHERE person = ? AND person <> '' ORDER BY issued_at`, person)
	if err != nil {
		return nil, fmt.Errorf("db: held: %w", err)
	}
	defer r.Close()
	var list []hall.TicketID
	for r.Next() {
		var id hall.TicketID
		if err := r.Scan(&id); err != nil {
			return nil, fmt.Errorf("db: held: %w", err)
		}
		list = append(list, id)
	}
	return list, r.Err()
}

func (d *DB) heldTicket(ctx context.Context, id hall.TicketID) (hall.HeldTicket, error) {
	t, err := d.Ticket(ctx, id)
	if err != nil || t == nil {
		return hall.HeldTicket{}, err
	}
	h := hall.HeldTicket{Ticket: t.ID, Matters: t.Matters, Priority: t.Priority, Language: t.Language, Channel: t.Channel, Actor: t.Actor, State: t.State,
		Track: t.Track, Note: t.Note, IssuedAt: t.IssuedAt, CalledAt: t.CalledAt, StartedAt: t.StartedAt, EndedAt: t.EndedAt, Ratings: []hall.Rating{}}
	if h.Services, err = d.Services(ctx, id); err != nil {
		return h, err
	}
	for _, s := range h.Services {
		r, found, err := d.Rating(ctx, hall.MakeRatingID(id, s.Leg))
		if err != nil {
			return h, err
		}
		if found {
			h.Ratings = append(h.Ratings, r)
		}
	}
	return h, nil
}
