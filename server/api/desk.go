package api

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/gofiber/fiber/v2"

	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/wire"
)

func (a *API) split(c *fiber.Ctx) error {
	var in wire.SplitRequest
	if err := body(c, &in); err != nil {
		return err
	}
	w := hall.WindowID(c.Params("window"))
	if err := errors.Join(mayUse(c, string(w)), text("reason", in.Reason)); err != nil {
		return err
	}
	cmd := hall.Split{Window: w, Matters: named[hall.MatterCode](in.Matters), Field: hall.FieldID(in.Field), To: hall.WindowID(in.Window),
		Reason: in.Reason, Track: a.drawTrack()}
	return a.do(c, command{status: http.StatusOK, cmd: cmd, answer: func(s *hall.State, events []hall.Event) any {
		p, into, from := a.present(s.Layout()), s.Ticket(events[0].Subject()), s.Ticket(events[1].Subject())
		return wire.SplitResponse{Ticket: p.ticket(from, 0), Split: p.ticket(into, s.Ahead(into))}
	}})
}

func (a *API) identify(c *fiber.Ctx) error {
	var in wire.IdentifyRequest
	if err := body(c, &in); err != nil {
		return err
	}
	kind, pseudonym, err := a.pseudonym(in.Person)
	if err != nil {
		return err
	}
	w := hall.WindowID(c.Params("window"))
	if err := mayUse(c, string(w)); err != nil {
		return err
	}
	return a.do(c, command{status: http.StatusOK, cmd: hall.Identify{Window: w, PersonKind: kind, Person: pseudonym, Actor: in.Actor},
		answer: func(s *hall.State, _ []hall.Event) any {
			return wire.TicketResponse{Ticket: a.present(s.Layout()).ticket(s.Window(w).Ticket, 0)}
		}})
}

// handOver wants the colleague to be a clerk who may use the window.
func (a *API) handOver(c *fiber.Ctx) error {
	var in wire.HandOverRequest
	if err := body(c, &in); err != nil {
		return err
	}
	to, err := a.Accounts.Account(c.UserContext(), in.To)
	if err != nil {
		return err
	}
	w := c.Params("window")
	if to == nil || to.Role != account.Clerk || to.Window != "" && to.Window != w {
		return refusal(http.StatusUnprocessableEntity, string(hall.CodeInvalid), "to：没有可以使用 "+w+" 号窗口的工作人员 "+in.To+"。")
	}
	return a.onWindow(c, func(w hall.WindowID) hall.Command { return hall.HandOver{Window: w, Clerk: actor(to)} })
}

func (a *API) finish(c *fiber.Ctx) error {
	var in wire.FinishRequest
	if err := body(c, &in); err != nil {
		return err
	}
	w := hall.WindowID(c.Params("window"))
	if err := mayUse(c, string(w)); err != nil {
		return err
	}
	cmd := hall.Finish{Window: w}
	for i := range in.Outcomes {
		o, err := a.outcome(&in.Outcomes[i])
		if err != nil {
			return err
		}
		cmd.Outcomes = append(cmd.Outcomes, o)
	}
	var err error
	if cmd.Known, err = a.knownCases(c.UserContext(), w, cmd.Outcomes); err != nil {
		return err
	}
	if cmd.Before, err = a.attempts(c.UserContext(), w, cmd.Outcomes); err != nil {
		return err
	}
	return a.do(c, command{status: http.StatusOK, cmd: cmd, answer: a.finishAnswer})
}

func (a *API) outcome(in *wire.Outcome) (hall.Outcome, error) {
	o := hall.Outcome{Matter: hall.MatterCode(in.Matter), Outcome: in.Outcome, Purpose: hall.Purpose(in.Purpose), Case: hall.CaseID(in.Case),
		NewCase: in.NewCase, Missing: in.Missing, Oral: in.Oral, Until: hall.Day(in.Until), Contact: in.Contact,
		Authority: in.Authority, Offered: in.DeliveryOffered, Chosen: in.DeliveryChosen, Note: in.Note}
	for _, t := range append([]string{in.Contact, in.Authority, in.Note}, in.Missing...) {
		if err := text("outcomes", t); err != nil {
			return o, err
		}
	}
	if in.Person == nil || in.Person.Kind == "" || in.Person.Kind == "none" {
		return o, nil
	}
	kind, pseudonym, err := a.pseudonym(*in.Person)
	o.Subject, o.SubjectKind = pseudonym, subjectKind(kind)
	return o, err
}

func subjectKind(person string) string {
	if person == "id" {
		return "person"
	}
	return person
}

// keptDays is how long a closed case is found by its person: R, the correction of our document, counts for 30 days.
const keptDays = 30

const dayMS hall.Millis = 24 * 60 * 60 * 1000

// knownCases finds the closed cases that the outcomes may be about, newest first: the hall's own state has the open ones.
func (a *API) knownCases(ctx context.Context, w hall.WindowID, list []hall.Outcome) ([]hall.KnownCase, error) {
	win := a.Hall.View().Window(w)
	if win == nil || win.Ticket == nil {
		return nil, nil
	}
	var out []hall.KnownCase
	looked := false
	for _, o := range list {
		if o.Case != "" {
			k, err := a.Cases.Case(ctx, o.Case)
			if err != nil {
				return nil, err
			}
			if k != nil && k.Over() {
				out = append(out, hall.KnownCase{Case: k.ID, Matter: k.Matter})
			}
			continue
		}
		if looked || !lateOutcome(o.Outcome) {
			continue
		}
		looked = true
		older, err := a.Cases.CasesOf(ctx, win.Ticket.Person, hall.Millis(a.Now().UnixMilli())-keptDays*dayMS, maxCasesOfPerson)
		if err != nil {
			return nil, err
		}
		for _, k := range older {
			if k.Over() {
				out = append(out, hall.KnownCase{Case: k.ID, Matter: k.Matter})
			}
		}
	}
	return out, nil
}

// attempts finds the tickets of the person that ended unserved before, where something is to be filed.
func (a *API) attempts(ctx context.Context, w hall.WindowID, list []hall.Outcome) ([]hall.Attempt, error) {
	win := a.Hall.View().Window(w)
	files := slices.ContainsFunc(list, func(o hall.Outcome) bool { return o.Files() })
	if win == nil || win.Ticket == nil || win.Ticket.Person == "" || !files {
		return nil, nil
	}
	return a.Cases.Attempts(ctx, win.Ticket.Person, hall.Millis(a.Now().UnixMilli())-keptDays*dayMS)
}

// lateOutcome says whether the outcome may be about a case that is closed.
func lateOutcome(outcome string) bool {
	return slices.Contains([]string{hall.OutcomeCorrected, hall.OutcomeCollected, hall.OutcomePaid, hall.OutcomeProgress,
		hall.OutcomeComplaint}, outcome)
}

// undoFinish takes the last finish back.
func (a *API) undoFinish(c *fiber.Ctx) error {
	return a.inHand(c, func(w hall.WindowID) hall.Command { return hall.Reopen{Window: w} })
}

// finishAnswer has the outcomes as the journal keeps them, and the papers that belong to them.
func (a *API) finishAnswer(s *hall.State, events []hall.Event) any {
	var out wire.FinishResponse
	p := a.present(s.Layout())
	for i := range events {
		t := s.Ticket(events[i].Subject())
		if t == nil {
			continue
		}
		out.Ticket = p.ticket(t, s.Ahead(t))
		switch b := events[i].Body.(type) {
		case *hall.TicketFinished:
			out.Outcomes = outcomes(b.Outcomes)
		case *hall.TicketTransferred:
			out.Outcomes = outcomes(b.Outcomes)
		}
	}
	out.Papers = []wire.PaperLink{}
	for _, e := range events {
		if b, ok := e.Body.(*hall.CaseStepped); ok {
			out.Papers = append(out.Papers, papersOf(s.Case(b.Case), b.Step)...)
		}
	}
	return out
}

func outcomes(list []hall.Outcome) []wire.Outcome {
	out := []wire.Outcome{}
	for _, o := range list {
		out = append(out, wire.Outcome{Matter: string(o.Matter), Outcome: o.Outcome, Purpose: string(o.Purpose), Derived: string(o.Derived),
			Case: string(o.Case), NewCase: o.NewCase, Missing: o.Missing, Oral: o.Oral, Until: string(o.Until), Contact: o.Contact,
			Authority: o.Authority, DeliveryOffered: o.Offered, DeliveryChosen: o.Chosen, Note: o.Note})
	}
	return out
}

// brief is what the clerk needs to know before the first word.
func (a *API) brief(c *fiber.Ctx) error {
	ctx := c.UserContext()
	t, err := a.Tickets.Ticket(ctx, ticketID(c))
	if err != nil {
		return err
	}
	if t == nil {
		return errNoTicket
	}
	services, err := a.Cases.Services(ctx, t.ID)
	if err != nil {
		return err
	}
	v := a.Hall.View()
	p := a.present(v.Layout)
	out := wire.Brief{Ticket: p.ticket(t, v.Ahead(t)), Legs: []wire.Leg{}, Matters: []wire.BriefMatter{}}
	for _, s := range services {
		out.Legs = append(out.Legs, wire.Leg{Leg: s.Leg, Window: string(s.Window), Clerk: name(s.Clerk), CalledAt: p.time(s.CalledAt),
			StartedAt: p.maybe(s.StartedAt), EndedAt: p.maybe(s.EndedAt), End: s.End, Reason: s.Reason, Outcomes: outcomes(s.Outcomes)})
	}
	known, err := a.Cases.CasesOf(ctx, t.Person, hall.Millis(a.Now().UnixMilli())-keptDays*dayMS, maxCasesOfPerson)
	if err != nil {
		return err
	}
	named := t.Cases
	if asked := c.Query("case"); asked != "" {
		named = append(slices.Clip(named), hall.CaseID(asked))
	}
	for _, id := range named { // those that the person or the clerk named come first
		k, err := a.Cases.Case(ctx, id)
		if err != nil {
			return err
		}
		if k != nil {
			known = append([]*hall.Case{k}, known...)
		}
	}
	for _, m := range t.Remaining {
		bm, err := a.briefMatter(ctx, p, m, known)
		if err != nil {
			return err
		}
		out.Matters = append(out.Matters, bm)
	}
	return c.JSON(out)
}

func (a *API) briefMatter(ctx context.Context, p presenter, m hall.MatterCode, known []*hall.Case) (wire.BriefMatter, error) {
	out := wire.BriefMatter{Matter: string(m), Purpose: string(hall.Apply)}
	i := slices.IndexFunc(known, func(k *hall.Case) bool { return k.Matter == m && !k.Over() })
	old := slices.ContainsFunc(known, func(k *hall.Case) bool { return k.Matter == m && k.Over() })
	if i < 0 {
		out.Endings = endings(nil, old)
		return out, nil
	}
	k := known[i]
	out.Endings = endings(k, old)
	visits, err := a.Cases.Visits(ctx, k.ID)
	if err != nil {
		return out, err
	}
	days := map[string]bool{}
	for _, v := range visits {
		days[string(v.Ticket)[:8]] = true // a ticket's name begins with its business day
	}
	w := p.kase(k, a.Now())
	out.Case, out.Visits = &w, len(days)
	switch {
	case k.DecidedAt != 0:
		out.Purpose = string(hall.Collect)
	case k.Attempted():
		out.Purpose = string(hall.Bring)
	}
	return out, nil
}

func endings(k *hall.Case, old bool) []wire.Ending {
	out := []wire.Ending{}
	for _, e := range hall.Endings(k, old) {
		out = append(out, wire.Ending{Outcome: e.Outcome, Purpose: string(e.Purpose)})
	}
	return out
}

// abandon marks a ticket whose holder has left.
func (a *API) abandon(c *fiber.Ctx) error {
	return a.do(c, command{status: http.StatusOK, answer: a.ticketAnswer, cmd: hall.Abandon{Ticket: ticketID(c)}})
}

// correctPurpose says afterwards what a visit was for.
func (a *API) correctPurpose(c *fiber.Ctx) error {
	var in wire.PurposeRequest
	if err := body(c, &in); err != nil {
		return err
	}
	services, err := a.Cases.Services(c.UserContext(), ticketID(c))
	if err != nil {
		return err
	}
	cmd := hall.LinkCase{Ticket: ticketID(c), Leg: in.Leg, Matter: hall.MatterCode(in.Matter), Case: hall.CaseID(in.Case),
		Purpose: hall.Purpose(in.Purpose), Reason: in.Reason}
	found := false
	for _, s := range services {
		for _, o := range s.Outcomes {
			if s.Leg == in.Leg && o.Matter == cmd.Matter {
				found, cmd.Was = true, o.Purpose
				if cmd.Case == "" {
					cmd.Case = o.Case
				}
			}
		}
	}
	if !found {
		return refusal(http.StatusUnprocessableEntity, string(hall.CodeInvalid), "leg、matter："+c.Params("ticket")+" 没有这次办理该事项的记录。")
	}
	if cmd.Case != "" {
		k, err := a.Cases.Case(c.UserContext(), cmd.Case)
		if err != nil {
			return err
		}
		if k == nil || k.Matter != cmd.Matter {
			return errNoCase
		}
	}
	if err := text("reason", in.Reason); err != nil {
		return err
	}
	return a.do(c, command{cmd: cmd})
}
