package db

import (
	"context"
	"encoding/json"

	"yitang/server/hall"
)

const upsertAppointment = `INSERT INTO appointments (id, seq, day, slot, state, person, code, track, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (id) DO UPDATE SET day = excluded.day, slot = excluded.slot, state = excluded.state, body = excluded.body`

func (p *projector) appointment(a *hall.Appointment) error {
	body, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return p.appointments.exec(a.ID, a.Seq, a.Day, a.Slot, a.State, a.Person, a.Code, a.Track, string(body))
}

// keptAppointments are what a hall needs at its start: the booked ones, those of the newest business day and later, and
// the no-shows of a year.
func (d *DB) keptAppointments(ctx context.Context) ([]*hall.Appointment, error) {
	const newest = `coalesce((SELECT day FROM events WHERE kind = 'day_opened' ORDER BY seq DESC LIMIT 1), '')`
	return rows[hall.Appointment](ctx, d.write, `SELECT body FROM appointments WHERE state = 'booked' OR day >= `+newest+`
		OR state = 'missed' AND day >= coalesce(date(`+newest+`, '-365 days'), '')`)
}

// AppointmentByTrack returns the appointment of a page, of any day, or nil.
func (d *DB) AppointmentByTrack(ctx context.Context, track string) (*hall.Appointment, error) {
	list, err := rows[hall.Appointment](ctx, d.read, `SELECT body FROM appointments WHERE track = ?`, track)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// AppointmentsOn lists the appointments of a day in the order of their slots.
func (d *DB) AppointmentsOn(ctx context.Context, day hall.Day) ([]*hall.Appointment, error) {
	return rows[hall.Appointment](ctx, d.read, `SELECT body FROM appointments WHERE day = ? ORDER BY slot, seq`, day)
}
