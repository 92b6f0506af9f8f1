package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"yitang/server/hall"
)

const upsertCase = `INSERT INTO cases (id, seq, matter, subject, agent, state, department, opened_at, accepted_at, decided_at,
	ready_at, closed_at, promised_day, end, chosen, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, matter = excluded.matter, subject = excluded.subject, agent = excluded.agent,
	state = excluded.state, department = excluded.department, opened_at = excluded.opened_at, accepted_at = excluded.accepted_at,
	decided_at = excluded.decided_at, ready_at = excluded.ready_at, closed_at = excluded.closed_at,
	promised_day = excluded.promised_day, end = excluded.end, chosen = excluded.chosen, body = excluded.body`

const insertVisit = `INSERT INTO case_visits (ticket, leg, matter, case_id, at, window, outcome, purpose, derived)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`

const updateVisit = `UPDATE case_visits SET case_id = ?4, purpose = ?5,
	derived = CASE WHEN derived = '' THEN purpose ELSE derived END WHERE ticket = ?1 AND leg = ?2 AND matter = ?3`

const insertReferral = `INSERT INTO referrals (seq, ticket, case_id, at, from_at, to_at, reason, sent_back) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`

func (p *projector) kase(c *hall.Case) error {
	body, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return p.cases.exec(c.ID, c.Seq, c.Matter, c.Subject, c.Agent, c.State, c.Department, c.OpenedAt, c.AcceptedAt, c.DecidedAt,
		c.ReadyAt, c.ClosedAt, c.PromisedDay, c.End, c.Chosen, string(body))
}

// visits keeps what came of each matter of a service.
func (p *projector) visits(e *hall.Event, t hall.TicketID, leg int, w hall.WindowID, outcomes []hall.Outcome) error {
	for _, o := range outcomes {
		if err := p.visit.exec(t, leg, o.Matter, o.Case, e.At, w, o.Outcome, o.Purpose, o.Derived); err != nil {
			return err
		}
	}
	return nil
}

// transfer keeps a transfer that somebody wanted; the hall's own, such as the next matter's, are no referrals.
func (p *projector) transfer(e *hall.Event, b *hall.TicketTransferred) error {
	if err := p.ended(e, b.Ticket, b.Leg, "transferred", b.Outcomes); err != nil {
		return err
	}
	if err := p.visits(e, b.Ticket, b.Leg, b.Window, b.Outcomes); err != nil || b.Own() {
		return err
	}
	to := b.Department
	if to == "" {
		to = string(b.To)
	}
	if to == "" {
		to = string(b.Field)
	}
	return p.referral.exec(e.Seq, b.Ticket, "", e.At, b.Window, to, b.Reason, false)
}

// step keeps the step, and what goes from one department to another.
func (p *projector) step(e *hall.Event, b *hall.CaseStepped) error {
	d := &b.Detail
	if err := p.caseStep.exec(e.Seq, b.Case, e.At, e.Actor, b.Step, d.Ticket, d.Written, d.PromisedDay, d.Department, d.End); err != nil {
		return err
	}
	switch b.Step {
	case hall.StepSend, hall.StepReturn:
		return p.referral.exec(e.Seq, "", b.Case, e.At, b.Detail.From, b.Detail.Department, b.Detail.Reason, b.Step == hall.StepReturn)
	}
	return nil
}

// attempts ties the tickets that ended unserved before a case was opened to it, as leg 0.
func (p *projector) attempts(b *hall.CaseStarted) error {
	for _, t := range b.Attempts {
		if err := p.visit.exec(t, 0, b.Matter, b.Case, b.OpenedAt, "", "", hall.Apply, ""); err != nil {
			return err
		}
	}
	return nil
}

// Attempts lists a person's tickets since a moment that ended unserved and belong to no case yet, oldest first.
func (d *DB) Attempts(ctx context.Context, person string, since hall.Millis) ([]hall.Attempt, error) {
	r, err := d.read.QueryContext(ctx, `SELECT tickets.id, issued_at, value FROM tickets, json_each(matters) WHERE person = ? AND person <> ''
		AND issued_at >= ? AND started_at = 0 AND state IN ('abandoned', 'no_show', 'cancelled') AND leg <= 1 AND actor <> 'staff'
		AND NOT EXISTS (SELECT 1 FROM case_visits WHERE ticket = tickets.id AND matter = value) ORDER BY issued_at`, person, since)
	if err != nil {
		return nil, fmt.Errorf("db: attempts: %w", err)
	}
	defer r.Close()
	var list []hall.Attempt
	for r.Next() {
		var a hall.Attempt
		if err := r.Scan(&a.Ticket, &a.At, &a.Matter); err != nil {
			return nil, fmt.Errorf("db: attempts: %w", err)
		}
		list = append(list, a)
	}
	return list, r.Err()
}

// Case returns a case as it is on disk, or nil.
func (d *DB) Case(ctx context.Context, id hall.CaseID) (*hall.Case, error) {
	var body string
	err := d.read.QueryRowContext(ctx, `SELECT body FROM cases WHERE id = ?`, id).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("db: case %s: %w", id, err)
	}
	return decode[hall.Case](body)
}

// casesOf asks each index by itself; an OR would read every case.
const casesOf = `SELECT body FROM (
	SELECT body, seq FROM cases WHERE subject = ?1 AND subject <> '' AND (closed_at = 0 OR closed_at >= ?2)
	UNION SELECT body, seq FROM cases WHERE agent = ?1 AND agent <> '' AND (closed_at = 0 OR closed_at >= ?2)) ORDER BY seq DESC LIMIT ?3`

// CasesOf returns the cases of a person, as applicant or agent, that are open or were closed at since or later; newest
// first, at most limit.
func (d *DB) CasesOf(ctx context.Context, person string, since hall.Millis, limit int) ([]*hall.Case, error) {
	if person == "" {
		return nil, nil
	}
	return rows[hall.Case](ctx, d.read, casesOf, person, since, limit)
}

// Cases lists cases.
func (d *DB) Cases(ctx context.Context, f hall.CaseFilter) ([]*hall.Case, error) {
	query := `SELECT body FROM cases WHERE closed_at = 0`
	order := ` ORDER BY CASE promised_day WHEN '' THEN '9999' ELSE promised_day END, seq LIMIT ?`
	if f.Closed {
		query, order = `SELECT body FROM cases WHERE closed_at > 0`, ` ORDER BY closed_at DESC LIMIT ?`
	}
	var args []any
	for _, c := range []struct{ clause, value string }{{"department", f.Department}, {"state", string(f.State)}, {"chosen", f.Chosen}} {
		if c.value != "" {
			query += " AND " + c.clause + " = ?"
			args = append(args, c.value)
		}
	}
	return rows[hall.Case](ctx, d.read, query+order, append(args, f.Limit)...)
}

// JointCases lists open cases in which a department's opinion is awaited, or with an empty one anybody's.
func (d *DB) JointCases(ctx context.Context, department string, limit int) ([]*hall.Case, error) {
	return rows[hall.Case](ctx, d.read, `SELECT body FROM cases WHERE closed_at = 0 AND EXISTS (SELECT 1 FROM json_each(body, '$.joint')
		WHERE ?1 IN ('', value ->> 'department') AND value ->> 'result' IS NULL) ORDER BY seq LIMIT ?2`, department, limit)
}

// Kept implements engine.Journal: the cases and tasks that are open, or were closed since the newest day was opened, and
// appointments.
func (d *DB) Kept(ctx context.Context) (hall.Kept, error) {
	const since = `coalesce((SELECT at FROM events WHERE kind = 'day_opened' ORDER BY seq DESC LIMIT 1), 0)`
	var k hall.Kept
	var err error
	if k.Cases, err = rows[hall.Case](ctx, d.write, `SELECT body FROM cases WHERE closed_at = 0
		UNION ALL SELECT body FROM cases WHERE closed_at > 0 AND closed_at >= `+since); err != nil {
		return k, err
	}
	k.Tasks, err = rows[hall.Task](ctx, d.write, `SELECT body FROM rating_tasks WHERE closed_at = 0
		UNION ALL SELECT body FROM rating_tasks WHERE closed_at > 0 AND closed_at >= `+since)
	if err != nil {
		return k, err
	}
	k.Leads, err = rows[hall.Lead](ctx, d.write, `SELECT body FROM leads`)
	if err != nil {
		return k, err
	}
	k.Appointments, err = d.keptAppointments(ctx)
	return k, err
}

// rows reads bodies of JSON.
func rows[T any](ctx context.Context, q queryer, query string, args ...any) ([]*T, error) {
	r, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("db: %w", err)
	}
	defer r.Close()
	var list []*T
	for r.Next() {
		var body string
		if err := r.Scan(&body); err != nil {
			return nil, fmt.Errorf("db: %w", err)
		}
		v, err := decode[T](body)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, r.Err()
}

func decode[T any](body string) (*T, error) {
	v := new(T)
	if err := json.Unmarshal([]byte(body), v); err != nil {
		return nil, fmt.Errorf("db: a kept %T: %w", *v, err)
	}
	return v, nil
}

// Services lists the legs of a ticket in order.
func (d *DB) Services(ctx context.Context, id hall.TicketID) ([]hall.Service, error) {
	r, err := d.read.QueryContext(ctx, `SELECT leg, window, clerk, called_at, started_at, ended_at, end, outcomes,
		coalesce((SELECT reason FROM referrals WHERE ticket = services.ticket AND at = services.ended_at), '')
		FROM services WHERE ticket = ? ORDER BY leg`, id)
	if err != nil {
		return nil, fmt.Errorf("db: services of %s: %w", id, err)
	}
	defer r.Close()
	var list []hall.Service
	for r.Next() {
		var s hall.Service
		var outcomes string
		if err := r.Scan(&s.Leg, &s.Window, &s.Clerk, &s.CalledAt, &s.StartedAt, &s.EndedAt, &s.End, &outcomes, &s.Reason); err != nil {
			return nil, fmt.Errorf("db: services of %s: %w", id, err)
		}
		if err := json.Unmarshal([]byte(outcomes), &s.Outcomes); err != nil {
			return nil, fmt.Errorf("db: services of %s: %w", id, err)
		}
		list = append(list, s)
	}
	return list, r.Err()
}

// Visits lists the services that had to do with a case, oldest first.
func (d *DB) Visits(ctx context.Context, id hall.CaseID) ([]hall.Visit, error) {
	r, err := d.read.QueryContext(ctx, `SELECT ticket, leg, at, window, outcome, purpose, derived FROM case_visits
		WHERE case_id = ? ORDER BY at, ticket, leg`, id)
	if err != nil {
		return nil, fmt.Errorf("db: visits of %s: %w", id, err)
	}
	defer r.Close()
	var list []hall.Visit
	for r.Next() {
		var v hall.Visit
		if err := r.Scan(&v.Ticket, &v.Leg, &v.At, &v.Window, &v.Outcome, &v.Purpose, &v.Derived); err != nil {
			return nil, fmt.Errorf("db: visits of %s: %w", id, err)
		}
		list = append(list, v)
	}
	return list, r.Err()
}
