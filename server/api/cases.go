package api

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/wire"
	"yitang/server/workday"
)

// Cases finds what the projections keep of cases and services.
type Cases interface {
	Case(ctx context.Context, id hall.CaseID) (*hall.Case, error)
	// CasesOf lists a person's cases, open or closed at since or later, newest first.
	CasesOf(ctx context.Context, person string, since hall.Millis, limit int) ([]*hall.Case, error)
	Cases(ctx context.Context, f hall.CaseFilter) ([]*hall.Case, error)
	// JointCases lists open cases that wait for a department's opinion, or for anybody's where department is empty.
	JointCases(ctx context.Context, department string, limit int) ([]*hall.Case, error)
	Services(ctx context.Context, t hall.TicketID) ([]hall.Service, error)
	Visits(ctx context.Context, id hall.CaseID) ([]hall.Visit, error)
	// Attempts lists a person's tickets since a moment that ended unserved and belong to no case yet, oldest first.
	Attempts(ctx context.Context, person string, since hall.Millis) ([]hall.Attempt, error)
}

// Bounds of a list.
const (
	maxCasesOfPerson = 50
	maxCaseList      = 500
)

//nolint:gochecknoglobals // constant values; Go has no constant structs
var (
	errNoTicket = refusal(http.StatusNotFound, string(hall.CodeNotFound), "没有这张号票。请核对号码。")
	errNoCase   = refusal(http.StatusNotFound, string(hall.CodeNotFound), "没有这个办件。请核对办件编号。")
)

// kase is a case as staff see it, with the days left counted on the hall's calendar.
func (p presenter) kase(k *hall.Case, now time.Time) wire.Case {
	w := wire.Case{
		Case: string(k.ID), Matter: string(k.Matter), MatterName: p.matterName(k.Matter), SubjectKind: k.SubjectKind, Agent: k.Agent != "",
		Channel: k.Channel, State: string(k.State), OpenedAt: p.time(k.OpenedAt), AcceptedAt: p.maybe(k.AcceptedAt), DecidedAt: p.maybe(k.DecidedAt),
		ReadyAt: p.maybe(k.ReadyAt), ClosedAt: p.maybe(k.ClosedAt), End: string(k.End), FirstComplete: k.FirstComplete,
		PromisedDays: k.PromisedDays, PromisedDay: string(k.PromisedDay), ExtendedDays: k.ExtendedDays, SuspendedOn: string(k.SuspendedOn),
		SuspendedFor: k.SuspendedFor, Department: k.Department, SentAt: p.maybe(k.SentAt), AcknowledgedAt: p.maybe(k.AcknowledgedAt),
		ReturnedFor: k.ReturnedFor, Decision: k.Decision, Org: k.Org, Seal: k.Seal, DocumentNo: k.DocumentNo, DeliveryOffered: k.Offered,
		DeliveryChosen: k.Chosen, DeliveredHow: k.How, Tracking: k.Tracking, Authority: k.Authority, Master: k.Master,
	}
	for _, n := range k.Notices {
		w.Notices = append(w.Notices, wire.OneTimeNotice{Seq: n.Seq, At: p.time(n.At), Items: append([]string{}, n.Items...), Written: n.Written, Contact: n.Contact})
	}
	for _, d := range k.Deferred {
		w.Deferred = append(w.Deferred, wire.Deferral{Item: d.Item, Until: string(d.Until)})
	}
	for _, o := range k.Joint {
		w.Joint = append(w.Joint, wire.Opinion{Department: o.Department, Kind: o.Kind, Result: o.Result, Note: o.Note, At: p.maybe(o.At)})
	}
	p.clockOf(&w, k, now)
	return w
}

// clockOf fills in the days left and the colour. A promised day that was unknown at the acceptance is worked out as soon
// as the calendar knows the year.
func (p presenter) clockOf(w *wire.Case, k *hall.Case, now time.Time) {
	if k.AcceptedAt == 0 || k.DecidedAt != 0 || k.Over() || k.PromisedDays == 0 {
		return
	}
	if w.PromisedDay == "" {
		accepted := workday.Day(hall.BusinessDay(p.zone, time.UnixMilli(int64(k.AcceptedAt))))
		due, err := p.workdays.Due(accepted, k.PromisedDays+k.ExtendedDays)
		if w.CalendarNote = calendarNote(err); err != nil {
			return
		}
		w.PromisedDay = string(due)
	}
	left, err := p.workdays.Between(workday.Day(hall.BusinessDay(p.zone, now)), workday.Day(w.PromisedDay))
	if w.CalendarNote = calendarNote(err); err != nil {
		return
	}
	w.DaysLeft, w.Colour = &left, "green"
	yellow, red := p.layout.Desk.Warn()
	switch {
	case k.State == hall.CaseSuspended:
		w.Colour = "grey"
	case left <= red:
		w.Colour = "red"
	case left <= yellow:
		w.Colour = "yellow"
	}
}

func calendarNote(err error) string {
	var unknown *workday.UnknownYearError
	if errors.As(err, &unknown) {
		return unknown.Message()
	}
	return ""
}

func (p presenter) matterName(code hall.MatterCode) wire.Text {
	i := slices.IndexFunc(p.layout.Matters, func(m hall.Matter) bool { return m.Code == code })
	if i < 0 {
		return wire.Text{"zh": string(code)}
	}
	return wire.Text(p.layout.Matters[i].Name)
}

func (p presenter) cases(list []*hall.Case, now time.Time) wire.CaseList {
	out := wire.CaseList{Cases: []wire.Case{}, More: len(list) > maxCaseList}
	for _, k := range list[:min(len(list), maxCaseList)] {
		out.Cases = append(out.Cases, p.kase(k, now))
	}
	return out
}

// listCases shows a department its own cases, and everybody else all of them or those of a department.
func (a *API) listCases(c *fiber.Ctx) error {
	f := hall.CaseFilter{Department: c.Query("department"), State: hall.CaseState(c.Query("state")), Chosen: c.Query("delivery"), Limit: maxCaseList + 1}
	f.Closed = c.Query("closed") == "yes" || f.State == hall.CaseClosed
	if me := who(c); me.Role == account.Department {
		f.Department = me.Department
	}
	var list []*hall.Case
	var err error
	if c.Query("joint") == "yes" {
		list, err = a.Cases.JointCases(c.UserContext(), f.Department, f.Limit)
	} else {
		list, err = a.Cases.Cases(c.UserContext(), f)
	}
	if err != nil {
		return err
	}
	return c.JSON(a.present(a.Hall.View().Layout).cases(list, a.Now()))
}

func (a *API) searchCases(c *fiber.Ctx) error {
	var in wire.CaseSearch
	if err := body(c, &in); err != nil {
		return err
	}
	_, pseudonym, err := a.pseudonym(in.Person)
	if err != nil {
		return err
	}
	list, err := a.Cases.CasesOf(c.UserContext(), pseudonym, hall.Millis(a.Now().UnixMilli())-keptDays*dayMS, maxCasesOfPerson)
	if err != nil {
		return err
	}
	return c.JSON(a.present(a.Hall.View().Layout).cases(list, a.Now()))
}

// theCase is the case of the path as it is on disk.
func (a *API) theCase(c *fiber.Ctx) (*hall.Case, error) {
	k, err := a.Cases.Case(c.UserContext(), hall.CaseID(c.Params("case")))
	if err == nil && k == nil {
		err = errNoCase
	}
	return k, err
}

func (a *API) caseFile(c *fiber.Ctx) error {
	k, err := a.theCase(c)
	if err != nil {
		return err
	}
	visits, err := a.Cases.Visits(c.UserContext(), k.ID)
	if err != nil {
		return err
	}
	p := a.present(a.Hall.View().Layout)
	out := wire.CaseFile{Case: p.kase(k, a.Now()), Visits: []wire.CaseVisit{}, Papers: allPapers(k)}
	out.Case.Acts = actsOf(who(c), k)
	for _, v := range visits {
		out.Visits = append(out.Visits, wire.CaseVisit{Ticket: string(v.Ticket), Leg: v.Leg, At: p.time(v.At), Window: string(v.Window),
			Outcome: v.Outcome, Purpose: string(v.Purpose), Derived: string(v.Derived)})
	}
	return c.JSON(out)
}

// caseActs are the acts on a case with who may do them, by their step.
func caseActs() []struct {
	step    hall.CaseStep
	summary string
	roles   []account.Role
} {
	front := []account.Role{account.Clerk, account.Department, account.Manager}
	back := []account.Role{account.Department, account.Manager}
	return []struct {
		step    hall.CaseStep
		summary string
		roles   []account.Role
	}{
		{hall.StepAccept, "Accept (受理) outside a ticket's service, or take in what a notice asked for", front},
		{hall.StepNotice, "Name all that is missing, once, in writing (补正)", front},
		{hall.StepSuspend, "Stop the clock for a reason that the law names", back},
		{hall.StepContinue, "Let the clock go on", back},
		{hall.StepExtend, "Extend the term, with the reason; ten working days at most", back},
		{hall.StepSend, "Send it to a department", front},
		{hall.StepAcknowledge, "A department acknowledges that it has it", back},
		{hall.StepReturn, "A department sends it back, with the reason", back},
		{hall.StepJoint, "Ask several departments for a joint visit, review or check", back},
		{hall.StepOpinion, "Answer for a department", back},
		{hall.StepDecide, "Decide: granted or refused, by which organisation and seal", back},
		{hall.StepReady, "The result can be received", front},
		{hall.StepDeliver, "Hand the result over: at a window, by mail, electronically", front},
		{hall.StepWish, "Record how the result shall come", front},
		{hall.StepEnd, "End it: withdrawn, no authority, test or void", front},
	}
}

// actsOf are the acts that the rules leave to an account.
func actsOf(me *account.Account, k *hall.Case) []string {
	var out []string
	for _, step := range k.StepsFor(me.Department) {
		for _, act := range caseActs() {
			if act.step == step && slices.Contains(act.roles, me.Role) {
				out = append(out, string(step))
			}
		}
	}
	return out
}

func (a *API) actOnCase(step hall.CaseStep) fiber.Handler {
	return func(c *fiber.Ctx) error {
		var in wire.CaseAct
		if err := body(c, &in); err != nil {
			return err
		}
		me := who(c)
		k, err := a.theCase(c)
		if err != nil {
			return err
		}
		if me.Role == account.Department && step == hall.StepOpinion {
			in.Department = me.Department // one answers for one's own
		}
		for _, t := range append([]string{in.Contact, in.Reason, in.Note, in.Org, in.Seal, in.DocumentNo, in.Tracking, in.Authority}, in.Items...) {
			if err := text("body", t); err != nil {
				return err
			}
		}
		p := a.present(a.Hall.View().Layout)
		cmd := hall.ActOnCase{Case: k.ID, Step: step, Only: me.Department, Detail: detail(&in, hall.BusinessDay(p.zone, a.Now()))}
		return a.do(c, command{status: http.StatusOK, cmd: cmd, answer: func(s *hall.State, events []hall.Event) any {
			now := s.Case(k.ID)
			out := wire.CaseResponse{Case: a.present(s.Layout()).kase(now, a.Now())}
			out.Case.Acts = actsOf(me, now)
			if len(events) > 0 {
				out.Papers = papersOf(now, step)
			}
			return out
		}})
	}
}

func detail(in *wire.CaseAct, today hall.Day) hall.StepDetail {
	return hall.StepDetail{Today: today, Items: in.Items, Written: len(in.Items) > 0 && !in.Oral, Contact: in.Contact, Reason: in.Reason,
		Note: in.Note, Days: in.Days, Department: in.Department, Departments: in.Departments, Kind: in.Kind, Result: in.Result,
		Decision: in.Decision, Org: in.Org, Seal: in.Seal, DocumentNo: in.DocumentNo, How: in.How, Tracking: in.Tracking,
		Offered: in.DeliveryOffered, Chosen: in.DeliveryChosen, End: hall.End(in.End), Authority: in.Authority}
}

// putCase takes the word of an approval system, the case's master.
func (a *API) putCase(c *fiber.Ctx) error {
	var in wire.CasePut
	if err := body(c, &in); err != nil {
		return err
	}
	old, err := a.Cases.Case(c.UserContext(), hall.CaseID(c.Params("case")))
	if err != nil {
		return err
	}
	k, err := a.fromMaster(&in)
	if err != nil {
		return err
	}
	k.ID = hall.CaseID(c.Params("case"))
	status := http.StatusOK
	if old == nil {
		status = http.StatusCreated
	}
	return a.do(c, command{status: status, cmd: hall.SyncCase{Case: k, Known: old}, answer: func(s *hall.State, _ []hall.Event) any {
		return wire.CaseResponse{Case: a.present(s.Layout()).kase(s.Case(k.ID), a.Now())}
	}})
}

func (a *API) fromMaster(in *wire.CasePut) (hall.Case, error) {
	ms := func(t *time.Time) hall.Millis {
		if t == nil {
			return 0
		}
		return hall.Millis(t.UnixMilli())
	}
	k := hall.Case{Matter: hall.MatterCode(in.Matter), Channel: cmp.Or(in.Channel, "online"), OpenedAt: ms(&in.OpenedAt), AcceptedAt: ms(in.AcceptedAt),
		DecidedAt: ms(in.DecidedAt), ReadyAt: ms(in.ReadyAt), ClosedAt: ms(in.ClosedAt), End: hall.End(in.End), State: hall.CaseState(in.State),
		FirstComplete: in.FirstComplete, PromisedDay: hall.Day(in.PromisedDay), Department: in.Department, Decision: in.Decision, Org: in.Org,
		Seal: in.Seal, DocumentNo: in.DocumentNo, Offered: in.DeliveryOffered, Chosen: in.DeliveryChosen, WishAt: ms(in.DeliveryRecordedAt),
		How: in.DeliveredHow, Tracking: in.Tracking}
	for _, p := range []struct {
		in         *wire.Person
		kind, name *string
	}{{in.Subject, &k.SubjectKind, &k.Subject}, {in.Agent, new(string), &k.Agent}} {
		if p.in == nil {
			continue
		}
		kind, pseudonym, err := a.pseudonym(*p.in)
		if err != nil {
			return k, err
		}
		if pseudonym != "" {
			*p.kind, *p.name = subjectKind(kind), pseudonym
		}
	}
	return k, nil
}

// paper is a paper of the case, by its name in the path.
func (a *API) paper(c *fiber.Ctx) error {
	k, err := a.theCase(c)
	if err != nil {
		return err
	}
	kind, n := c.Params("paper"), 0
	if i := len("notice-"); len(kind) > i && kind[:i] == "notice-" {
		if n, err = strconv.Atoi(kind[i:]); err != nil {
			return errNoPaper
		}
		kind = paperNotice
	}
	p := a.present(a.Hall.View().Layout)
	doc, ok := p.paper(k, kind, n, a.Now())
	if !ok {
		return errNoPaper
	}
	return c.JSON(doc)
}
