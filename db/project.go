package db

import (
	"encoding/json"

	"yitang/server/hall"
)

// projector writes what events mean into the projections. Rows of tickets are the hall's own tickets after the events,
// so no rule is written a second time in SQL.
type projector struct {
	tickets                  *statement
	call, recall, begin, end *statement
	back, again              *statement
	forget, drop             *statement
	spell, endSpell          *statement
	cases, visit, relink     *statement
	referral, rating, tasks  *statement
	caseStep, leads          *statement
	appointments             *statement
}

func newProjector(p *preparer) projector {
	return projector{
		tickets: p.prepare(upsertTicket),
		call: p.prepare(`INSERT INTO services (ticket, leg, day, window, clerk, called_at, started_at, why)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`),
		recall: p.prepare(`UPDATE services SET calls = ?2
			WHERE ticket = ?1 AND leg = (SELECT max(leg) FROM services WHERE ticket = ?1)`),
		begin: p.prepare(`UPDATE services SET started_at = ?3, implied = ?4 WHERE ticket = ?1 AND leg = ?2`),
		end: p.prepare(`UPDATE services SET ended_at = ?3, end = ?4, outcomes = ?5
			WHERE ticket = ?1 AND leg = ?2 AND end = ''`),
		back:     p.prepare(`UPDATE services SET resumed_at = ?3 WHERE ticket = ?1 AND leg = ?2 AND end = 'transferred'`),
		again:    p.prepare(`UPDATE services SET ended_at = 0, end = '', outcomes = '[]' WHERE ticket = ?1 AND leg = ?2`),
		forget:   p.prepare(`DELETE FROM case_visits WHERE ticket = ?1 AND leg = ?2`),
		drop:     p.prepare(`DELETE FROM case_visits WHERE case_id = ?1`),
		spell:    p.prepare(`INSERT INTO window_spells (window, since, seq, state, clerk, reason) VALUES (?, ?, ?, ?, ?, ?)`),
		endSpell: p.prepare(`UPDATE window_spells SET until = ?2 WHERE window = ?1 AND until = 0`),
		cases:    p.prepare(upsertCase), visit: p.prepare(insertVisit), relink: p.prepare(updateVisit),
		referral: p.prepare(insertReferral), rating: p.prepare(insertRating), tasks: p.prepare(upsertTask),
		caseStep: p.prepare(insertStep), leads: p.prepare(upsertLead),
		appointments: p.prepare(upsertAppointment),
	}
}

// all projects one event by itself: what it says, and what it is about as it is after it.
func (p *projector) all(e *hall.Event, s *hall.State) error {
	if err := p.event(e); err != nil {
		return err
	}
	if t := s.Ticket(e.Subject()); t != nil {
		return p.ticket(t)
	}
	if c := s.Case(e.CaseSubject()); c != nil {
		return p.kase(c)
	}
	if t := s.Task(e.RatingSubject()); t != nil {
		return p.task(t)
	}
	if l := s.Lead(e.LeadSubject()); l != nil {
		return p.lead(l)
	}
	if a := s.Appointment(e.AppointmentSubject()); a != nil {
		return p.appointment(a)
	}
	return nil
}

// event projects what an event says beside its ticket.
func (p *projector) event(e *hall.Event) error {
	switch b := e.Body.(type) {
	case *hall.TicketCalled:
		return p.service(e, b.Ticket, b.Leg, b.Window, b.Clerk, 0, b.Why)
	case *hall.TicketRecalled:
		return p.recall.exec(b.Ticket, b.Calls)
	case *hall.TicketStarted:
		return p.begin.exec(b.Ticket, b.Leg, e.At, b.Implied)
	case *hall.TicketFinished:
		if err := p.ended(e, b.Ticket, b.Leg, "finished", b.Outcomes); err != nil {
			return err
		}
		return p.visits(e, b.Ticket, b.Leg, b.Window, b.Outcomes)
	case *hall.TicketReopened:
		return p.reopened(b)
	case *hall.TicketTransferred:
		return p.transfer(e, b)
	case *hall.TicketHeld:
		return p.ended(e, b.Ticket, b.Leg, "held", nil)
	case *hall.TicketMissed:
		return p.ended(e, b.Ticket, b.Leg, "no_show", nil)
	case *hall.TicketResumed:
		return p.resumed(e, b)
	case *hall.CaseStarted:
		return p.attempts(b)
	case *hall.CaseStepped:
		return p.step(e, b)
	case *hall.CaseLinked:
		return p.relink.exec(b.Of, b.Leg, b.Matter, b.Case, b.Purpose)
	case *hall.RatingGiven:
		return p.rated(e, b)
	}
	return p.window(e)
}

// reopened takes a finish back: the service goes on, and nothing has come of it yet.
func (p *projector) reopened(b *hall.TicketReopened) error {
	for _, id := range b.Dropped {
		if err := p.drop.exec(id); err != nil {
			return err
		}
	}
	if err := p.forget.exec(b.Ticket, b.Leg); err != nil {
		return err
	}
	return p.again.exec(b.Ticket, b.Leg)
}

// resumed begins a service where the ticket is in a hand at once. The leg before ended when it was sent away.
func (p *projector) resumed(e *hall.Event, b *hall.TicketResumed) error {
	if !b.Serving {
		return p.back.exec(b.Ticket, b.Leg, e.At)
	}
	if err := p.back.exec(b.Ticket, b.Leg-1, e.At); err != nil {
		return err
	}
	return p.service(e, b.Ticket, b.Leg, b.Window, e.Actor, e.At, hall.Why{Rule: "resumed"})
}

// window projects who worked at a window, and when.
func (p *projector) window(e *hall.Event) error {
	switch b := e.Body.(type) {
	case *hall.WindowOpened:
		return p.spells(e, b.Window, "open", b.Clerk, "")
	case *hall.WindowPaused:
		return p.spells(e, b.Window, "paused", e.Actor, b.Reason)
	case *hall.WindowResumed:
		return p.spells(e, b.Window, "open", e.Actor, "")
	case *hall.WindowHandedOver:
		return p.spells(e, b.Window, "open", b.Clerk, "")
	case *hall.WindowClosed:
		return p.endSpell.exec(b.Window, e.At)
	}
	return nil
}

func (p *projector) service(e *hall.Event, t hall.TicketID, leg int, w hall.WindowID, clerk hall.Actor, started hall.Millis, why hall.Why) error {
	text, err := json.Marshal(why)
	if err != nil {
		return err
	}
	return p.call.exec(t, leg, e.Day, w, clerk, e.At, started, string(text))
}

func (p *projector) ended(e *hall.Event, t hall.TicketID, leg int, end string, outcomes []hall.Outcome) error {
	if outcomes == nil {
		outcomes = []hall.Outcome{}
	}
	text, err := json.Marshal(outcomes)
	if err != nil {
		return err
	}
	return p.end.exec(t, leg, e.At, end, string(text))
}

func (p *projector) spells(e *hall.Event, w hall.WindowID, state string, clerk hall.Actor, reason string) error {
	if err := p.endSpell.exec(w, e.At); err != nil {
		return err
	}
	return p.spell.exec(w, e.At, e.Seq, state, clerk, reason)
}
