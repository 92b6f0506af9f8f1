package api

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"yitang/server/hall"
	"yitang/server/wire"
)

// findPerson tells a kiosk or the guide desk what somebody who has just shown who they are has open here: tickets of
// today and cases. Nothing in the answer is about the person, and the number is not kept.
func (a *API) findPerson(c *fiber.Ctx) error {
	var in wire.CaseSearch
	if err := body(c, &in); err != nil {
		return err
	}
	_, pseudonym, err := a.pseudonym(in.Person)
	if err != nil {
		return err
	}
	v := a.Hall.View()
	p := a.present(v.Layout)
	out := wire.PersonOpen{Tickets: []wire.Ticket{}, Cases: []wire.OpenCase{}, Appointments: []wire.Appointment{}}
	if pseudonym == "" {
		return c.JSON(out)
	}
	tickets, err := a.Tickets.OpenTicketsOf(c.UserContext(), pseudonym, v.Day)
	if err != nil {
		return err
	}
	out.Tickets = p.tickets(v, tickets)
	list, err := a.Cases.CasesOf(c.UserContext(), pseudonym, hall.Millis(a.Now().UnixMilli()), maxCasesOfPerson)
	if err != nil {
		return err
	}
	for _, k := range list {
		if k.ClosedAt != 0 {
			continue
		}
		out.Cases = append(out.Cases, wire.OpenCase{Case: string(k.ID), Matter: string(k.Matter), OpenedAt: p.time(k.OpenedAt), Ready: k.DecidedAt != 0})
	}
	for _, k := range v.Appointments {
		if k.Person == pseudonym && k.Day == v.Day && k.State == hall.Booked {
			out.Appointments = append(out.Appointments, p.appointment(k, nil))
		}
	}
	return c.JSON(out)
}

// covers are the sets of fields that windows serve, each once: with them a kiosk says how many windows a ticket will take.
func covers(l *hall.Layout) [][]string {
	var out [][]string
	for _, w := range l.Windows {
		set := words(w.Fields)
		slices.Sort(set)
		if w.Kind != hall.Delivery && !slices.ContainsFunc(out, func(o []string) bool { return slices.Equal(o, set) }) {
			out = append(out, set)
		}
	}
	return out
}
