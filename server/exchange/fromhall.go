package exchange

import (
	"cmp"
	"strings"

	"yitang/server/hall"
	"yitang/server/runonce"
)

// FromCase is a hall's case as the measure knows cases, with its notices.
func FromCase(c *hall.Case) (runonce.Case, []runonce.Notice) {
	out := runonce.Case{
		ID: runonce.CaseID(c.ID), Matter: c.Matter, Subject: runonce.Party(c.Subject), SubjectKind: runonce.SubjectKind(c.SubjectKind),
		Agent: runonce.Party(c.Agent), End: runonce.End(c.End), OpenedAt: c.OpenedAt, AcceptedAt: c.AcceptedAt, DecidedAt: c.DecidedAt,
		ClosedAt: c.ClosedAt, FirstComplete: runonce.Answer(known(c.FirstComplete)), DeliveryOffered: runonce.Answer(known(c.Offered)),
		DeliveryChosen: known(c.Chosen), DeliveryRecordedAt: c.WishAt, DecisionOrg: c.Org, Seal: c.Seal, Deferred: len(c.Deferred) > 0,
		Online: c.Channel == string(runonce.Online), Register: runonce.HallRegister,
		Due: c.PromisedDay, Suspended: c.State == hall.CaseSuspended,
	}
	if c.Master {
		out.Register = runonce.PlatformRegister
	}
	if out.End == "" {
		out.End = runonce.Open
	}
	var notices []runonce.Notice
	for _, n := range c.Notices {
		written := runonce.No
		if n.Written {
			written = runonce.Yes
		}
		notices = append(notices, runonce.Notice{Case: out.ID, Seq: n.Seq, At: n.At, Items: n.Items, Written: written})
	}
	return out, notices
}

// known is a word, empty where it says that nobody knows.
func known(word string) string {
	if word == "unknown" {
		return ""
	}
	return word
}

// FiledOnline is the ticket that an online filing stands for, or nil for a case that was opened otherwise: nobody was
// here, yet the case did not come from nowhere.
func FiledOnline(c *hall.Case) *runonce.Ticket {
	if c.Channel != string(runonce.Online) {
		return nil
	}
	return &runonce.Ticket{ID: hall.TicketID("online-" + string(c.ID)), Links: []runonce.Link{{Case: runonce.CaseID(c.ID), Purpose: runonce.Apply}},
		Matters: []hall.MatterCode{c.Matter}, Person: runonce.Party(cmp.Or(c.Agent, c.Subject)), Actor: actorOf(c), Channel: runonce.Online,
		State: runonce.Done, IssuedAt: c.OpenedAt}
}

func actorOf(c *hall.Case) runonce.Actor {
	if c.Agent != "" {
		return runonce.Agent
	}
	return runonce.Self
}

// FromTicket is a stay of a hall's ticket as the measure knows tickets.
func FromTicket(t *hall.TicketRow) runonce.Ticket {
	out := runonce.Ticket{ID: t.Ticket, From: t.From, Matters: t.Matters, Person: runonce.Party(t.Person), Actor: runonce.Actor(t.Actor),
		Channel: runonce.Channel(t.Channel), State: runonce.State(t.State), Window: t.Window, Clerk: user(t.Clerk), IssuedAt: t.IssuedAt,
		CalledAt: t.CalledAt, StartedAt: t.StartedAt, EndedAt: t.EndedAt}
	for i, c := range t.Cases {
		out.Links = append(out.Links, runonce.Link{Case: runonce.CaseID(c), Purpose: runonce.Purpose(t.Purposes[i][0])})
	}
	if len(t.Cases) == 0 {
		for _, p := range t.Purposes {
			out.Purposes = append(out.Purposes, runonce.Purpose(p[0]))
		}
	}
	return out
}

// FromReferral is a hall's referral as the measure knows referrals.
func FromReferral(r *hall.ReferralRow) runonce.Referral {
	return runonce.Referral{Case: runonce.CaseID(r.Case), At: r.At, From: r.From, To: r.To, Reason: r.Reason, Accepted: runonce.Answer(r.Accepted)}
}

// user is an actor's name without the role.
func user(a hall.Actor) string {
	if _, name, ok := strings.Cut(string(a), ":"); ok {
		return name
	}
	return string(a)
}
