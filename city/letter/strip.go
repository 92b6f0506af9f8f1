package letter

import "yitang/server/hall"

// Strip is what of a body leaves the hall: a new body with the fields listed here, or nil where the kind itself says
// enough. What is free text, a contact, a number of a document or parcel, a status page's code, a language or a class of
// priority is in no list.
func (w *Writer) Strip(body hall.Body) hall.Body {
	switch b := body.(type) {
	case *hall.LayoutAdopted:
		return &hall.LayoutAdopted{Layout: w.layout(&b.Layout)}
	case *hall.DayOpened:
		return &hall.DayOpened{IssueUntil: b.IssueUntil}
	case *hall.DayClosed:
		return &hall.DayClosed{}
	case *hall.DayReopened:
		return &hall.DayReopened{}
	case *hall.WindowOpened:
		return &hall.WindowOpened{Window: b.Window, Clerk: w.actor(b.Clerk)}
	case *hall.WindowPaused:
		return &hall.WindowPaused{Window: b.Window, Until: b.Until}
	case *hall.WindowHandedOver:
		return &hall.WindowHandedOver{Window: b.Window, Clerk: w.actor(b.Clerk), In: b.In}
	case *hall.WindowResumed:
		return &hall.WindowResumed{Window: b.Window}
	case *hall.WindowClosed:
		return &hall.WindowClosed{Window: b.Window}
	case *hall.RecordsPurged: // the city lets go of the same persons
		return &hall.RecordsPurged{Through: b.Through, ClosedFrom: b.ClosedFrom, ClosedBefore: b.ClosedBefore}
	case *hall.DeviceReported:
		return &hall.DeviceReported{Device: b.Device, Part: b.Part, State: b.State}
	}
	if t := w.ticket(body); t != nil {
		return t
	}
	return w.kase(body)
}

func (w *Writer) ticket(body hall.Body) hall.Body {
	switch b := body.(type) {
	case *hall.TicketIssued:
		return &hall.TicketIssued{Ticket: b.Ticket, Number: b.Number, Field: b.Field, Matters: b.Matters, Channel: b.Channel,
			PersonKind: b.PersonKind, Person: w.person(b.Person), Slot: b.Slot, Since: b.Since, Deliver: b.Deliver,
			IssuedAt: b.IssuedAt, Actor: b.Actor, Cases: b.Cases, From: b.From, To: b.To}
	case *hall.TicketCalled:
		return &hall.TicketCalled{Ticket: b.Ticket, Window: b.Window, Clerk: w.actor(b.Clerk), Leg: b.Leg}
	case *hall.TicketRecalled:
		return &hall.TicketRecalled{Ticket: b.Ticket, Window: b.Window, Calls: b.Calls}
	case *hall.TicketStarted:
		return &hall.TicketStarted{Ticket: b.Ticket, Window: b.Window, Leg: b.Leg, Implied: b.Implied}
	case *hall.TicketFinished:
		return &hall.TicketFinished{Ticket: b.Ticket, Window: b.Window, Leg: b.Leg, Outcomes: w.outcomes(b.Outcomes)}
	case *hall.TicketReopened:
		return &hall.TicketReopened{Ticket: b.Ticket, Window: b.Window, Leg: b.Leg, Remaining: b.Remaining, Last: b.Last, Dropped: b.Dropped}
	case *hall.TicketHeld:
		return &hall.TicketHeld{Ticket: b.Ticket, Window: b.Window, Leg: b.Leg}
	case *hall.TicketResumed:
		return &hall.TicketResumed{Ticket: b.Ticket, Window: b.Window, Leg: b.Leg, Serving: b.Serving, For: b.For}
	case *hall.TicketTransferred:
		t := &hall.TicketTransferred{Ticket: b.Ticket, Window: b.Window, Leg: b.Leg, Field: b.Field, To: b.To,
			Department: b.Department, Later: b.Later, Outcomes: w.outcomes(b.Outcomes), Left: b.Left}
		if b.Own() { // a word of ours, not of a clerk
			t.Reason = b.Reason
		}
		return t
	case *hall.TicketSplit:
		return &hall.TicketSplit{Ticket: b.Ticket, Window: b.Window, Into: b.Into, Matters: b.Matters}
	case *hall.TicketIdentified:
		return &hall.TicketIdentified{Ticket: b.Ticket, Window: b.Window, PersonKind: b.PersonKind, Person: w.person(b.Person), Actor: b.Actor}
	case *hall.TicketMissed:
		return &hall.TicketMissed{Ticket: b.Ticket, Window: b.Window, Leg: b.Leg}
	case *hall.TicketReactivated:
		return &hall.TicketReactivated{Ticket: b.Ticket, For: b.For, Reopened: b.Reopened, Held: b.Held}
	case *hall.TicketCancelled:
		return &hall.TicketCancelled{Ticket: b.Ticket}
	case *hall.TicketAbandoned:
		return &hall.TicketAbandoned{Ticket: b.Ticket}
	}
	return nil
}

func (w *Writer) kase(body hall.Body) hall.Body {
	switch b := body.(type) {
	case *hall.CaseStarted:
		return &hall.CaseStarted{Case: b.Case, Matter: b.Matter, Subject: w.person(b.Subject), SubjectKind: b.SubjectKind,
			Agent: w.person(b.Agent), Channel: b.Channel, By: b.By, Department: b.Department, PromisedDays: b.PromisedDays,
			OpenedAt: b.OpenedAt, Attempts: b.Attempts}
	case *hall.CaseStepped:
		return &hall.CaseStepped{Case: b.Case, Step: b.Step, Detail: w.detail(&b.Detail)}
	case *hall.CaseSynced:
		return &hall.CaseSynced{Case: w.synced(&b.Case), Undone: b.Undone}
	case *hall.CaseLinked:
		return &hall.CaseLinked{Of: b.Of, Leg: b.Leg, Matter: b.Matter, Case: b.Case, Purpose: b.Purpose, Was: b.Was}
	case *hall.RatingGiven:
		return &hall.RatingGiven{Rating: b.Rating, Of: b.Of, Leg: b.Leg, Window: b.Window, About: w.actor(b.About), Grade: b.Grade,
			Reasons: b.Reasons, Via: b.Via, AfterMS: b.AfterMS, Due: b.Due}
	case *hall.TaskStepped:
		return &hall.TaskStepped{Rating: b.Rating, State: b.State, Verified: b.Verified}
	}
	return nil
}

func (w *Writer) detail(d *hall.StepDetail) hall.StepDetail {
	return hall.StepDetail{Ticket: d.Ticket, Window: d.Window, Items: w.papers(d.Items), Written: d.Written, Days: d.Days,
		Today: d.Today, PromisedDay: d.PromisedDay, Department: d.Department, From: d.From, Departments: d.Departments, Kind: d.Kind,
		Result: d.Result, Decision: d.Decision, Org: d.Org, Seal: d.Seal, How: d.How, Offered: d.Offered, Chosen: d.Chosen,
		End: d.End, Deferred: w.deferred(d.Deferred), AcceptedAt: d.AcceptedAt}
}

func (w *Writer) deferred(list []hall.Deferral) []hall.Deferral {
	var out []hall.Deferral
	for _, d := range list {
		out = append(out, hall.Deferral{Item: w.papers([]string{d.Item})[0], Until: d.Until})
	}
	return out
}

func (w *Writer) outcomes(list []hall.Outcome) []hall.Outcome {
	var out []hall.Outcome
	for i := range list {
		o := &list[i]
		out = append(out, hall.Outcome{Matter: o.Matter, Outcome: o.Outcome, Purpose: o.Purpose, Derived: o.Derived, Case: o.Case,
			NewCase: o.NewCase, Subject: w.person(o.Subject), SubjectKind: o.SubjectKind, Missing: w.papers(o.Missing), Oral: o.Oral,
			Until: o.Until, Offered: o.Offered, Chosen: o.Chosen})
	}
	return out
}

func (w *Writer) synced(c *hall.Case) hall.Case {
	out := hall.Case{ID: c.ID, Seq: c.Seq, Matter: c.Matter, Subject: w.person(c.Subject), SubjectKind: c.SubjectKind,
		Agent: w.person(c.Agent), Channel: c.Channel, Ticket: c.Ticket, State: c.State, OpenedAt: c.OpenedAt, AcceptedAt: c.AcceptedAt,
		DecidedAt: c.DecidedAt, ReadyAt: c.ReadyAt, ClosedAt: c.ClosedAt, End: c.End, FirstComplete: c.FirstComplete,
		PromisedDays: c.PromisedDays, PromisedDay: c.PromisedDay, ExtendedDays: c.ExtendedDays, SuspendedOn: c.SuspendedOn,
		Department: c.Department, SentAt: c.SentAt, AcknowledgedAt: c.AcknowledgedAt, Decision: c.Decision, Org: c.Org, Seal: c.Seal,
		Offered: c.Offered, Chosen: c.Chosen, WishAt: c.WishAt, How: c.How, Deferred: w.deferred(c.Deferred), Master: c.Master}
	for _, n := range c.Notices {
		out.Notices = append(out.Notices, hall.OneTimeNotice{Seq: n.Seq, At: n.At, Items: w.papers(n.Items), Written: n.Written, By: w.actor(n.By)})
	}
	for _, o := range c.Joint {
		out.Joint = append(out.Joint, hall.Opinion{Department: o.Department, Kind: o.Kind, Result: o.Result, At: o.At})
	}
	return out
}

// layout keeps what the city needs of a hall's lists: who serves what, when, in what time.
func (w *Writer) layout(l *hall.Layout) hall.Layout {
	out := hall.Layout{Version: l.Version, Hall: l.Hall, Name: l.Name, Zone: l.Zone, Example: l.Example, Hours: l.Hours, Calendar: l.Calendar, Standard: l.Standard}
	for _, f := range l.Fields {
		out.Fields = append(out.Fields, hall.Field{ID: f.ID, Name: f.Name})
	}
	for i := range l.Matters {
		m := &l.Matters[i]
		out.Matters = append(out.Matters, hall.Matter{Code: m.Code, Name: hall.Text{"zh": m.Name["zh"]}, Field: m.Field,
			Department: m.Department, Kind: m.Kind, StatutoryDays: m.StatutoryDays, PromisedDays: m.PromisedDays, Transferred: m.Transferred,
			Subject: m.Subject, ServiceMin: m.ServiceMin, GuideVisits: m.GuideVisits, SiteVisit: m.SiteVisit, TransferredFrom: m.TransferredFrom})
	}
	for _, p := range l.Windows {
		out.Windows = append(out.Windows, hall.WindowPlan{ID: p.ID, Kind: p.Kind, Fields: p.Fields})
	}
	return out
}
