package api

import (
	"cmp"
	"errors"
	"net/http"
	"slices"

	"github.com/gofiber/fiber/v2"

	"yitang/server/account"
	"yitang/server/engine"
	"yitang/server/hall"
	"yitang/server/person"
	"yitang/server/wire"
)

func (a *API) catalogue(c *fiber.Ctx) error {
	v := a.Hall.View()
	out := a.present(v.Layout).catalogue(v, a.Now())
	if who(c).Role == account.Kiosk {
		out.Series, out.SealKey = account.Series(who(c).User), a.Key.SealKey()
		if a.Receipts != nil {
			out.Receipt = a.Receipts.Template()
		}
	}
	return c.JSON(out)
}

func (a *API) take(c *fiber.Ctx) error {
	var in wire.TakeRequest
	if err := body(c, &in); err != nil {
		return err
	}
	kind, pseudonym, err := a.pseudonym(in.Person)
	if err != nil {
		return err
	}
	cmd := takeCommand(in, channel(who(c).Role))
	cmd.PersonKind, cmd.Person = kind, pseudonym
	if err := a.namedCases(c, &in, &cmd); err != nil {
		return err
	}
	if err := a.namedAppointment(c, &in, &cmd); err != nil {
		return err
	}
	cmd.Told = a.told(&cmd)
	cmd.Track = a.drawTrack()
	if key := c.Get("Idempotency-Key"); key != "" {
		cmd.Track = timed(a.Now(), a.trackOf(actor(who(c)), string(a.Hall.View().Day), key))
	}
	return a.do(c, command{status: http.StatusCreated, cmd: cmd, answer: func(s *hall.State, events []hall.Event) any {
		t := s.Ticket(events[0].Subject())
		w := a.present(s.Layout()).ticket(t, s.Ahead(t))
		w.Warning = doubt(in.Person)
		return w
	}})
}

// doubt is what the person at the desk should look at once more in a number that is taken all the same.
func doubt(p wire.Person) string {
	n, err := person.Parse(person.Kind(p.Kind), p.Number)
	if err != nil || n.Warning() == nil {
		return ""
	}
	return n.Warning().Message
}

// namedCases looks up the cases that the person named; a ticket for them alone is for their matters.
func (a *API) namedCases(c *fiber.Ctx, in *wire.TakeRequest, cmd *hall.Take) error {
	if in.Actor == "staff" && who(c).Role != account.Guide {
		return errForbidden
	}
	cmd.Actor, cmd.Deliver = in.Actor, in.Collect
	switch {
	case in.Channel == "" || in.Channel == cmd.Channel:
	case in.Channel == "phone" && cmd.Channel == "desk":
		cmd.Channel = in.Channel
	default:
		return refusal(http.StatusUnprocessableEntity, string(hall.CodeInvalid), "channel：这里不能登记为 "+in.Channel+"。")
	}
	for _, id := range in.Cases {
		k, err := a.Cases.Case(c.UserContext(), hall.CaseID(id))
		if err != nil {
			return err
		}
		cmd.Cases = append(cmd.Cases, hall.CaseID(id))
		if k != nil && len(in.Matters) == 0 && !slices.Contains(cmd.Matters, k.Matter) {
			cmd.Matters = append(cmd.Matters, k.Matter)
		}
	}
	return nil
}

// namedAppointment looks up the appointment that the person checks in. Staff may do so early, or when it was missed.
func (a *API) namedAppointment(c *fiber.Ctx, in *wire.TakeRequest, cmd *hall.Take) error {
	if in.Appointment == "" {
		if cmd.Priority == hall.ByAppointment {
			return refusal(http.StatusUnprocessableEntity, string(hall.CodeInvalid), "priority：没有预约不能按预约排队。请在 appointment 填写预约；本人证件名下的预约会自动找到，priority 不用填写。")
		}
		return nil
	}
	staff := who(c).Role == account.Guide
	k := appointmentOf(a.Hall.View().Appointments, in.Appointment, cmd.Person, staff)
	if k == nil {
		return errNoAppointment
	}
	cmd.Appointment, cmd.Excused = k.ID, staff
	if len(cmd.Matters) == 0 {
		cmd.Matters = k.Matters
	}
	if in.Language == "" {
		cmd.Language = k.Language
	}
	return nil
}

// takeCommand is a request as the hall's command, without the person.
func takeCommand(in wire.TakeRequest, channel string) hall.Take {
	cmd := hall.Take{Priority: hall.Priority(cmp.Or(in.Priority, string(hall.Ordinary))), Language: cmp.Or(in.Language, "zh"), Channel: channel,
		Matters: named[hall.MatterCode](in.Matters)}
	for m, missing := range in.Papers {
		if cmd.Papers == nil {
			cmd.Papers = hall.Papers{}
		}
		cmd.Papers[hall.MatterCode(m)] = missing
	}
	return cmd
}

// pseudonym checks the number and forgets it: only the pseudonym goes on.
func (a *API) pseudonym(p wire.Person) (kind, pseudonym string, err error) {
	kind = cmp.Or(p.Kind, "none")
	if kind == "none" {
		if p.Number != "" {
			return "", "", refusal(http.StatusUnprocessableEntity, "invalid", "person.number：不登记身份时不要填写号码。")
		}
		return kind, "", nil
	}
	if p.Sealed != "" {
		if p.Number, err = a.Key.Unseal(p.Sealed); err != nil {
			return "", "", refusal(http.StatusUnprocessableEntity, "invalid", "person.sealed：不是用本大厅的密钥加封的号码。")
		}
	}
	n, err := person.Parse(person.Kind(kind), p.Number)
	var bad *person.Error
	if errors.As(err, &bad) {
		return "", "", refusal(http.StatusUnprocessableEntity, string(bad.Code), bad.Message)
	}
	if err != nil {
		return "", "", err
	}
	return kind, string(a.Key.Pseudonym(n.Kind(), n.Normal())), nil
}

func channel(r account.Role) string {
	if r == account.Kiosk {
		return "kiosk"
	}
	return "desk"
}

func (a *API) ticket(c *fiber.Ctx) error {
	t, err := a.Tickets.Ticket(c.UserContext(), hall.TicketID(c.Params("ticket")))
	if err != nil {
		return err
	}
	if t == nil {
		return errNoTicket
	}
	v := a.Hall.View()
	return c.JSON(a.present(v.Layout).ticket(t, v.Ahead(t)))
}

func (a *API) track(c *fiber.Ctx) error {
	t, err := a.Tickets.TicketByTrack(c.UserContext(), c.Params("code"))
	if err != nil {
		return err
	}
	if t == nil {
		return refusal(http.StatusNotFound, string(hall.CodeNotFound), "没有这张号票。请扫描号票上的二维码。")
	}
	v := a.Hall.View()
	p := a.present(v.Layout)
	return c.JSON(wire.Track{Hall: p.hall(v, a.Now()), Ticket: p.ticket(t, v.Ahead(t)), Field: p.fieldName(t.Field)})
}

// giveUp cancels the ticket of a status page for whoever holds its code. A ticket that was given up already is no error.
func (a *API) giveUp(c *fiber.Ctx) error {
	t, err := a.Tickets.TicketByTrack(c.UserContext(), c.Params("code"))
	if err != nil {
		return err
	}
	if t == nil {
		return errNoTicket
	}
	if t.State == hall.Cancelled {
		return a.track(c)
	}
	_, err = a.Hall.Do(c.UserContext(), engine.Request{Actor: hall.Actor("holder:" + string(t.ID)), Command: hall.Cancel{Ticket: t.ID, Reason: "by_holder"}})
	if err != nil {
		return err
	}
	return a.track(c)
}

func (a *API) resumeTicket(c *fiber.Ctx) error {
	var in wire.ResumeRequest
	if err := body(c, &in); err != nil {
		return err
	}
	if in.Window != "" {
		if err := mayUse(c, in.Window); err != nil {
			return err
		}
	}
	return a.do(c, command{status: http.StatusOK, answer: a.ticketAnswer,
		cmd: hall.ResumeTicket{Ticket: ticketID(c), Window: hall.WindowID(in.Window)}})
}

func (a *API) reactivate(c *fiber.Ctx) error {
	return a.do(c, command{status: http.StatusOK, answer: a.ticketAnswer, cmd: hall.Reactivate{Ticket: ticketID(c)}})
}

func (a *API) markPriority(c *fiber.Ctx) error {
	var in wire.PriorityMark
	if err := body(c, &in); err != nil {
		return err
	}
	id := ticketID(c)
	return a.do(c, command{status: http.StatusOK, cmd: hall.MarkPriority{Ticket: id, Priority: hall.Priority(in.Priority)},
		answer: func(s *hall.State, _ []hall.Event) any {
			t := s.Ticket(id)
			return wire.TicketResponse{Ticket: a.present(s.Layout()).ticket(t, s.Ahead(t))}
		}})
}

func (a *API) cancel(c *fiber.Ctx) error {
	return a.do(c, command{status: http.StatusOK, answer: a.ticketAnswer,
		cmd: hall.Cancel{Ticket: ticketID(c), Reason: "by_" + string(who(c).Role)}})
}

func (a *API) reportPrint(c *fiber.Ctx) error {
	var in wire.PrintReport
	if err := body(c, &in); err != nil {
		return err
	}
	if err := errors.Join(text("reason", in.Reason), text("note", in.Note)); err != nil {
		return err
	}
	id := ticketID(c)
	return a.do(c, command{status: http.StatusOK,
		cmd: hall.ReportReceipt{Ticket: id, State: hall.PrintState(in.State), Reason: in.Reason, Note: in.Note},
		answer: func(s *hall.State, _ []hall.Event) any {
			t := s.Ticket(id)
			return wire.TicketResponse{Ticket: a.present(s.Layout()).ticket(t, s.Ahead(t))}
		}})
}

func ticketID(c *fiber.Ctx) hall.TicketID { return hall.TicketID(c.Params("ticket")) }
