package api

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"yitang/server/archive"
	"yitang/server/exchange"
	"yitang/server/hall"
	"yitang/server/runonce"
	"yitang/server/wire"
)

// caseLine tells a case's story.
func (a *API) caseLine(c *fiber.Ctx) error {
	id := RowOf(c.Params("case"))
	zone, err := zoneOf(a.Hall.View().Layout)
	if err != nil {
		return err
	}
	data, err := archive.One(c.UserContext(), a.History, runonce.CaseID(id), zone)
	if err != nil {
		return err
	}
	if data == nil {
		if data, err = a.ownCase(c.UserContext(), hall.CaseID(id)); err != nil {
			return err
		}
	}
	if data == nil {
		if data, err = a.pastTicket(c, hall.TicketID(id), zone); err != nil {
			return err
		}
	}
	if data == nil {
		return errNoCase
	}
	return c.JSON(LineOf(data, zone))
}

// pastTicket is an imported ticket with those before and after it, as a case without a case. It is looked for on the days
// that the request names.
func (a *API) pastTicket(c *fiber.Ctx, id hall.TicketID, zone *time.Location) (*runonce.Data, error) {
	if c.Query("from") == "" && c.Query("to") == "" {
		return nil, nil
	}
	q, err := a.asked(c)
	if err != nil {
		return nil, err
	}
	return a.searched(c.UserContext(), id, q, zone)
}

// searched reads every ticket of the days, which may be two years: one at a time, as reports.
func (a *API) searched(ctx context.Context, id hall.TicketID, q runonce.Query, zone *time.Location) (*runonce.Data, error) {
	done, err := a.oneReport(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	list, err := archive.TicketsOf(ctx, a.History, id, q.From, q.To, zone)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	d := &runonce.Data{Cases: []runonce.Case{{ID: runonce.CaseID(id)}}, Tickets: list}
	if m := list[0].Matters; len(m) > 0 {
		d.Cases[0].Matter = m[0]
	}
	return d, nil
}

// ownCase is a case of the hall itself, its services as tickets; nil where neither a case nor a ticket of the hall is
// called so.
func (a *API) ownCase(ctx context.Context, id hall.CaseID) (*runonce.Data, error) {
	k, err := a.Cases.Case(ctx, id)
	if err != nil {
		return nil, err
	}
	if k == nil {
		return a.ownTicket(ctx, hall.TicketID(id))
	}
	row, notices := exchange.FromCase(k)
	d := &runonce.Data{Cases: []runonce.Case{row}, Notices: notices}
	visits, err := a.Cases.Visits(ctx, id)
	for _, v := range visits {
		t := runonce.Ticket{ID: v.Ticket, IssuedAt: v.At, Window: v.Window, State: runonce.Done}
		legs, err := a.Cases.Services(ctx, v.Ticket)
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(legs, func(s hall.Service) bool { return s.Leg == v.Leg }); i >= 0 {
			t = stayOf(v.Ticket, &legs[i])
		}
		if v.Purpose != "" {
			t.Links = []runonce.Link{{Case: row.ID, Purpose: runonce.Purpose(v.Purpose[0])}}
		}
		d.Tickets = append(d.Tickets, t)
	}
	return d, err
}

// RowOf is the case or ticket that a row of a lead names: a certificate stands before its case, what belongs to a case is
// written behind it.
func RowOf(row string) string {
	if _, id, found := strings.Cut(row, " "); found {
		row = id
	}
	if i := strings.IndexAny(row, "#@"); i > 0 {
		row = row[:i]
	}
	return row
}

// ownTicket is a ticket of the hall itself as a case without a case: its services as stays. A rating's name, and that of a
// later stay, is the ticket's with a number behind it.
func (a *API) ownTicket(ctx context.Context, id hall.TicketID) (*runonce.Data, error) {
	t, err := a.Tickets.Ticket(ctx, id)
	if i := strings.LastIndex(string(id), "-"); err == nil && t == nil && i > 0 {
		t, err = a.Tickets.Ticket(ctx, id[:i])
	}
	if err != nil {
		return nil, err
	}
	if t == nil {
		return nil, nil
	}
	legs, err := a.Cases.Services(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	d := &runonce.Data{Cases: []runonce.Case{{ID: runonce.CaseID(t.ID)}}}
	if len(t.Matters) > 0 {
		d.Cases[0].Matter = t.Matters[0]
	}
	d.Tickets = append(d.Tickets, runonce.Ticket{ID: t.ID, IssuedAt: t.IssuedAt, Channel: runonce.Channel(t.Channel), State: runonce.Waiting})
	for i := range legs {
		d.Tickets = append(d.Tickets, stayOf(t.ID, &legs[i]))
	}
	return d, nil
}

func stayOf(t hall.TicketID, s *hall.Service) runonce.Ticket {
	ends := map[string]runonce.State{"finished": runonce.Done, "transferred": runonce.Transferred, "no_show": runonce.NoShow}
	out := runonce.Ticket{ID: t, IssuedAt: s.CalledAt, CalledAt: s.CalledAt, StartedAt: s.StartedAt, EndedAt: s.EndedAt, Window: s.Window, State: ends[s.End]}
	if len(s.Outcomes) > 0 && s.Outcomes[0].Purpose != "" {
		out.Links = []runonce.Link{{Purpose: runonce.Purpose(s.Outcomes[0].Purpose[0])}}
	}
	return out
}

// LineOf puts what belongs to a case in the order of time. Data of several halls may hold the same application under several
// numbers: then each event says whose it is.
func LineOf(d *runonce.Data, zone *time.Location) wire.CaseLine {
	first := d.Cases[0]
	line := wire.CaseLine{Case: string(first.ID), Matter: string(first.Matter), End: string(first.End), Events: []wire.CaseEvent{}}
	add := func(at hall.Millis, e wire.CaseEvent) {
		if at != 0 {
			e.At = time.UnixMilli(int64(at)).In(zone)
			line.Events = append(line.Events, e)
		}
	}
	several := func(id runonce.CaseID) string {
		if len(d.Cases) > 1 {
			return string(id)
		}
		return ""
	}
	for _, k := range d.Cases {
		id := several(k.ID)
		add(k.OpenedAt, wire.CaseEvent{Kind: "opened", Case: id})
		add(k.AcceptedAt, wire.CaseEvent{Kind: "accepted", Case: id})
		add(k.DecidedAt, wire.CaseEvent{Kind: "decided", To: k.DecisionOrg, Case: id})
		add(k.ClosedAt, wire.CaseEvent{Kind: "closed", Case: id})
	}
	for _, t := range d.Tickets {
		e := wire.CaseEvent{Kind: "ticket", Ticket: string(t.ID), Window: string(t.Window), Channel: string(t.Channel), State: string(t.State), Staff: t.Actor == runonce.Staff}
		if len(t.Links) > 0 && t.Links[0].Purpose != 0 {
			e.Purpose = string(rune(t.Links[0].Purpose))
		}
		e.CalledAt, e.StartedAt, e.EndedAt = inZone(t.CalledAt, zone), inZone(t.StartedAt, zone), inZone(t.EndedAt, zone)
		for _, link := range t.Links {
			if id := string(link.Case); first.OpenedAt == 0 && id != "" && !slices.Contains(line.Cases, id) {
				line.Cases = append(line.Cases, id)
			}
		}
		add(t.IssuedAt, e)
	}
	for _, n := range d.Notices {
		add(n.At, wire.CaseEvent{Kind: "notice", Items: n.Items, Written: n.Written == runonce.Yes, Case: several(n.Case)})
	}
	for _, r := range d.Referrals {
		add(r.At, wire.CaseEvent{Kind: "referral", From: r.From, To: r.To})
	}
	slices.SortStableFunc(line.Events, func(a, b wire.CaseEvent) int { return a.At.Compare(b.At) })
	return line
}

// inZone is a moment, or nil where there was none.
func inZone(at hall.Millis, zone *time.Location) *time.Time {
	if at == 0 {
		return nil
	}
	t := time.UnixMilli(int64(at)).In(zone)
	return &t
}
