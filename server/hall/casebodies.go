package hall

import "cmp"

// CaseStarted opens a case (办件) by the first attempt to file it.
type CaseStarted struct {
	Case         CaseID     `json:"case"`
	Matter       MatterCode `json:"matter"`
	Subject      string     `json:"subject,omitempty"`
	SubjectKind  string     `json:"subject_kind,omitempty"`
	Agent        string     `json:"agent,omitempty"`
	Channel      string     `json:"channel"`
	By           TicketID   `json:"by_ticket,omitempty"`
	Department   string     `json:"department,omitempty"`
	PromisedDays int        `json:"promised_days,omitempty"`
	// OpenedAt is when somebody first tried to file: the beginning of the service, or the issue of the first of Attempts,
	// the tickets that ended unserved before; 0 = with this event.
	OpenedAt Millis     `json:"opened_at,omitempty"`
	Attempts []TicketID `json:"attempts,omitempty"`
}

// CaseStepped is one step of a case; which details it has depends on the step.
type CaseStepped struct {
	Case   CaseID     `json:"case"`
	Step   CaseStep   `json:"step"`
	Detail StepDetail `json:"detail"`
}

// CaseSynced is what an approval system, the case's master, says of it: the case as it is from then on. Undone: as it was
// before a finish that was taken back.
type CaseSynced struct {
	Case   Case `json:"state"`
	Undone bool `json:"undone,omitempty"`
}

// CaseLinked ties a ticket to a case afterwards, or gives the tie another purpose.
type CaseLinked struct {
	Of      TicketID   `json:"of_ticket"`
	Leg     int        `json:"leg"`
	Matter  MatterCode `json:"matter"`
	Case    CaseID     `json:"case,omitempty"`
	Purpose Purpose    `json:"purpose"`
	Was     Purpose    `json:"was,omitempty"`
	Reason  string     `json:"reason,omitempty"`
}

// CaseStep names what happens to a case, for ever.
type CaseStep string

// The steps.
const (
	StepAccept      CaseStep = "accept"      // 受理; also when what a notice named has come
	StepNotice      CaseStep = "notice"      // 补正: what is missing
	StepDone        CaseStep = "done"        // 办结: accepted, decided and handed over at once
	StepSuspend     CaseStep = "suspend"     // hearing, test, inspection, expert review (行政许可法 45)
	StepContinue    CaseStep = "continue"    // the clock goes on
	StepExtend      CaseStep = "extend"      // 延期, with the reason (行政许可法 42)
	StepSend        CaseStep = "send"        // to a department
	StepAcknowledge CaseStep = "acknowledge" // the department has it
	StepReturn      CaseStep = "return"      // the department sends it back
	StepJoint       CaseStep = "joint"       // several departments are asked
	StepOpinion     CaseStep = "opinion"     // one of them answers
	StepDecide      CaseStep = "decide"
	StepReady       CaseStep = "ready" // the result can be received
	StepDeliver     CaseStep = "deliver"
	StepWish        CaseStep = "wish" // how the result shall come
	StepEnd         CaseStep = "end"  // withdrawn, no_authority, test or void
)

// StepDetail is what a step says.
type StepDetail struct {
	Ticket      TicketID   `json:"at_ticket,omitempty"` // in whose service it happened
	Window      WindowID   `json:"window,omitempty"`
	Items       []string   `json:"items,omitempty"` // what is missing
	Written     bool       `json:"written,omitempty"`
	Contact     string     `json:"contact,omitempty"`
	Reason      string     `json:"reason,omitempty"`
	Note        string     `json:"note,omitempty"`
	Days        int        `json:"days,omitempty"`
	Today       Day        `json:"today,omitempty"` // the hall's day on which it happened
	PromisedDay Day        `json:"promised_day,omitempty"`
	Department  string     `json:"department,omitempty"`
	From        string     `json:"from_department,omitempty"` // that had it until then
	Departments []string   `json:"departments,omitempty"`
	Kind        string     `json:"kind,omitempty"`
	Result      string     `json:"result,omitempty"`
	Decision    string     `json:"decision,omitempty"`
	Org         string     `json:"org,omitempty"`
	Seal        string     `json:"seal,omitempty"`
	DocumentNo  string     `json:"document_no,omitempty"`
	How         string     `json:"how,omitempty"`
	Tracking    string     `json:"tracking,omitempty"`
	Offered     string     `json:"delivery_offered,omitempty"`
	Chosen      string     `json:"delivery_chosen,omitempty"`
	End         End        `json:"end,omitempty"`
	Authority   string     `json:"authority,omitempty"`
	Deferred    []Deferral `json:"deferred,omitempty"`
	AcceptedAt  Millis     `json:"accepted_at,omitempty"` // of done: when the service began, in which all was handed in
}

// Kind names the body in the journal.
func (*CaseStarted) Kind() Kind { return KindCaseStarted }

// Kind names the body in the journal.
func (*CaseStepped) Kind() Kind { return KindCaseStepped }

// Kind names the body in the journal.
func (*CaseSynced) Kind() Kind { return KindCaseSynced }

// Kind names the body in the journal.
func (*CaseLinked) Kind() Kind { return KindCaseLinked }

// CaseSubject is the case that the event changes, or empty.
func (e *Event) CaseSubject() CaseID {
	switch b := e.Body.(type) {
	case *CaseStarted:
		return b.Case
	case *CaseStepped:
		return b.Case
	case *CaseSynced:
		return b.Case.ID
	}
	return ""
}

func (b *CaseStarted) apply(s *State, e *Event) {
	if isHallCase(b.Case) {
		s.files.opened++
	}
	s.touch(b.By, b.Case, nil)
	s.files.put(b.file(e))
}

func (b *CaseStarted) file(e *Event) *Case {
	return &Case{ID: b.Case, Seq: e.Seq, Matter: b.Matter, Subject: b.Subject, SubjectKind: b.SubjectKind, Agent: b.Agent,
		Channel: b.Channel, Ticket: b.By, State: CaseFiled, OpenedAt: cmp.Or(b.OpenedAt, e.At), Department: b.Department, PromisedDays: b.PromisedDays}
}

// CaseAfter is a case after an event about it, for whoever keeps cases without a State; c is nil before its first event,
// and so is the result of an event about a case that nobody opened. It changes nothing.
func CaseAfter(c *Case, e *Event) *Case {
	switch b := e.Body.(type) {
	case *CaseStarted:
		return b.file(e)
	case *CaseSynced:
		n := b.Case
		return &n
	case *CaseStepped:
		if c == nil {
			return nil
		}
		n := *c
		n.step(b.Step, &b.Detail, e)
		return &n
	}
	return c
}

// apply skips a case that is not there: at a start the newest day is replayed alone, before Restore.
func (b *CaseStepped) apply(s *State, e *Event) {
	old := s.files.byID[b.Case]
	if old == nil {
		return
	}
	s.touch(b.Detail.Ticket, b.Case, old)
	s.files.put(CaseAfter(old, e))
}

func (b *CaseSynced) apply(s *State, _ *Event) {
	c := b.Case
	s.files.put(&c)
}

func (*CaseLinked) apply(*State, *Event) {}

// step changes the case. It must not write into slices that the old version shows.
func (c *Case) step(step CaseStep, d *StepDetail, e *Event) {
	switch step {
	case StepAccept:
		c.accept(d, e.At)
	case StepNotice:
		c.notice(d, e)
	case StepDone:
		c.accept(d, cmp.Or(d.AcceptedAt, e.At))
		c.settle(d, e.At)
		c.close(Delivered, d, e.At)
	case StepSuspend:
		c.State, c.SuspendedOn, c.SuspendedFor = CaseSuspended, d.Today, d.Reason
	case StepContinue:
		c.State, c.SuspendedOn, c.SuspendedFor, c.PromisedDay = CaseAccepted, "", "", d.PromisedDay
	case StepExtend:
		c.ExtendedDays, c.PromisedDay = c.ExtendedDays+d.Days, d.PromisedDay
	case StepSend:
		c.Department, c.SentAt, c.AcknowledgedAt, c.ReturnedFor = d.Department, e.At, 0, ""
	case StepAcknowledge:
		c.AcknowledgedAt = e.At
	case StepReturn:
		c.Department, c.SentAt, c.AcknowledgedAt, c.ReturnedFor = d.Department, e.At, 0, d.Reason
	case StepJoint, StepOpinion:
		c.joint(step, d, e.At)
	case StepDecide:
		c.settle(d, e.At)
	case StepReady:
		c.State, c.ReadyAt = CaseReady, e.At
	case StepDeliver:
		c.close(Delivered, d, e.At)
	case StepWish:
		c.wish(d, e.At)
	case StepEnd:
		c.Authority = d.Authority
		c.close(d.End, d, e.At)
	}
}

func (c *Case) accept(d *StepDetail, at Millis) {
	if c.AcceptedAt == 0 {
		c.AcceptedAt = at
		if c.FirstComplete == "" {
			c.FirstComplete = "yes"
		}
		c.SentAt = at
	}
	c.State, c.Deferred = CaseAccepted, d.Deferred
	if d.PromisedDay != "" {
		c.PromisedDay = d.PromisedDay
	}
	c.wish(d, at)
}

func (c *Case) notice(d *StepDetail, e *Event) {
	if len(d.Items) > 0 { // a word without a list is no notice
		n := OneTimeNotice{Seq: len(c.Notices) + 1, At: e.At, Items: d.Items, Written: d.Written, Contact: d.Contact, By: e.Actor}
		c.Notices = append(c.Notices[:len(c.Notices):len(c.Notices)], n)
	}
	switch {
	case c.State == CaseSuspended: // the clock stands as before
	case c.AcceptedAt != 0:
		c.State = CaseSupplement
	case c.FirstComplete == "":
		c.FirstComplete = "no"
	}
}

func (c *Case) joint(step CaseStep, d *StepDetail, at Millis) {
	list := append([]Opinion{}, c.Joint...)
	if step == StepJoint {
		for _, dep := range d.Departments {
			list = append(list, Opinion{Department: dep, Kind: d.Kind})
		}
	} else {
		for i := range list {
			if list[i].Department == d.Department && list[i].Result == "" {
				list[i].Result, list[i].Note, list[i].At = d.Result, d.Note, at
				break
			}
		}
	}
	c.Joint = list
}

func (c *Case) settle(d *StepDetail, at Millis) {
	c.State, c.DecidedAt, c.Decision, c.Org, c.Seal, c.DocumentNo = CaseDecided, at, d.Decision, d.Org, d.Seal, d.DocumentNo
}

func (c *Case) wish(d *StepDetail, at Millis) {
	if d.Offered == "" && d.Chosen == "" {
		return
	}
	c.Offered, c.Chosen, c.WishAt = cmp.Or(d.Offered, c.Offered), cmp.Or(d.Chosen, c.Chosen), at
}

func (c *Case) close(end End, d *StepDetail, at Millis) {
	c.State, c.ClosedAt, c.End = CaseClosed, at, end
	if end == Delivered {
		if c.Decision == DecisionRefused {
			c.End = Refused
		}
		c.How, c.Tracking = cmp.Or(d.How, "window"), d.Tracking
		c.ReadyAt = cmp.Or(c.ReadyAt, at)
	}
}

// Decisions on a case.
const (
	DecisionGranted = "granted"
	DecisionRefused = "refused"
)
