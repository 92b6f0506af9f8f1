package hall

import (
	"cmp"
	"slices"
)

// Outcome is how one matter of a ticket ended at a window, with what goes into the case (办件) behind it.
type Outcome struct {
	Matter  MatterCode `json:"matter"`
	Outcome string     `json:"outcome"`
	Purpose Purpose    `json:"purpose,omitempty"`  // empty in a command: it follows from the outcome
	Derived Purpose    `json:"derived,omitempty"`  // what would have followed, where the clerk chose another
	Case    CaseID     `json:"case,omitempty"`     // empty in a command: found by person and matter
	NewCase bool       `json:"new_case,omitempty"` // a new application, although one is open

	Subject     string   `json:"subject,omitempty"`      // pseudonym of the applicant, where an agent came
	SubjectKind string   `json:"subject_kind,omitempty"` // person or company
	Missing     []string `json:"missing,omitempty"`      // incomplete: what the notice names; deferred: what may follow
	Oral        bool     `json:"oral,omitempty"`         // said, not written
	Until       Day      `json:"until,omitempty"`        // deferred: when the missing must be there
	Contact     string   `json:"contact,omitempty"`      // whom to ask
	Authority   string   `json:"authority,omitempty"`    // no_authority: the right one
	Offered     string   `json:"delivery_offered,omitempty"`
	Chosen      string   `json:"delivery_chosen,omitempty"`
	Note        string   `json:"note,omitempty"`
}

// Purpose says what somebody came for.
type Purpose string

// The purposes of a visit.
const (
	Consult  Purpose = "Q"
	Apply    Purpose = "A"
	Bring    Purpose = "B" // supplement
	Presence Purpose = "V" // required by law
	Pay      Purpose = "P"
	Collect  Purpose = "C"
	Ask      Purpose = "S" // about progress
	Complain Purpose = "X"
	Correct  Purpose = "R"
)

// Purposes lists all of them.
func Purposes() []Purpose {
	return []Purpose{Consult, Apply, Bring, Presence, Pay, Collect, Ask, Complain, Correct}
}

// The outcomes of a matter, and the purpose that follows from each:
//
//	accepted      A  受理; B where the case was tried before (a notice, or accepted already)
//	done          A  办结 on the spot; B as above
//	incomplete    A  补正: one notice with all that is missing; B as above
//	corrected     A  an error mended on the spot, then accepted; B as above; R where the case is decided: our document was wrong
//	deferred      A  容缺: accepted although something small is missing; B as above
//	no_authority  A  the right authority named, with a receipt
//	consultation  Q
//	collected     C
//	paid          P
//	progress      S
//	complaint     X
//	withdrawn     S
//
// V follows from nothing: the clerk chooses it when the law wanted the person here. The clerk may choose any other letter;
// the journal then keeps both. A finish that names no outcome says nothing: it opens no case and has no purpose.
const (
	OutcomeAccepted     = "accepted"
	OutcomeDone         = "done"
	OutcomeIncomplete   = "incomplete"
	OutcomeCorrected    = "corrected"
	OutcomeDeferred     = "deferred"
	OutcomeNoAuthority  = "no_authority"
	OutcomeConsultation = "consultation"
	OutcomeCollected    = "collected"
	OutcomePaid         = "paid"
	OutcomeProgress     = "progress"
	OutcomeComplaint    = "complaint"
	OutcomeWithdrawn    = "withdrawn"
)

// Outcomes lists the words that a matter may end with.
func Outcomes() []string {
	return []string{OutcomeAccepted, OutcomeDone, OutcomeIncomplete, OutcomeCorrected, OutcomeDeferred, OutcomeNoAuthority,
		OutcomeConsultation, OutcomeCollected, OutcomePaid, OutcomeProgress, OutcomeComplaint, OutcomeWithdrawn}
}

// Files says whether the outcome is an attempt to file.
func (o *Outcome) Files() bool {
	switch o.Outcome {
	case OutcomeAccepted, OutcomeDone, OutcomeIncomplete, OutcomeCorrected, OutcomeDeferred, OutcomeNoAuthority:
		return true
	}
	return false
}

// purpose follows from the outcome and the case as it was before.
func (o *Outcome) purpose(c *Case, settled bool) Purpose {
	switch o.Outcome {
	case OutcomeConsultation:
		return Consult
	case OutcomeCollected:
		return Collect
	case OutcomePaid:
		return Pay
	case OutcomeProgress, OutcomeWithdrawn:
		return Ask
	case OutcomeComplaint:
		return Complain
	}
	switch {
	case o.Outcome == OutcomeCorrected && settled:
		return Correct
	case c != nil && c.Attempted():
		return Bring
	}
	return Apply
}

// MaxItems bounds what an outcome, or a notice, says is missing.
const MaxItems = 30

// check says what is wrong with an outcome by itself.
func (o *Outcome) check(i int) error {
	switch {
	case !slices.Contains(Outcomes(), o.Outcome):
		return refuse(CodeInvalid, "outcomes[%d]：没有 %q 这种结果。", i, o.Outcome)
	case o.Purpose != "" && !slices.Contains(Purposes(), o.Purpose):
		return refuse(CodeInvalid, "outcomes[%d].purpose：%q 不是 Q A B V P C S X R 之一。", i, o.Purpose)
	case len(o.Missing) > MaxItems:
		return refuse(CodeInvalid, "outcomes[%d].missing：最多 %d 项。", i, MaxItems)
	case o.Outcome == OutcomeDeferred && len(o.Missing) == 0:
		return refuse(CodeInvalid, "outcomes[%d].missing：容缺受理请写明缺少的材料。", i)
	case o.Outcome == OutcomeDeferred && o.Until == "":
		return refuse(CodeInvalid, "outcomes[%d].until：容缺受理请写明补交期限。", i)
	case o.Until != "" && !isDay(o.Until):
		return refuse(CodeInvalid, "outcomes[%d].until：%q 不是 YYYY-MM-DD 格式的日期。", i, o.Until)
	case o.Outcome == OutcomeNoAuthority && o.Authority == "":
		return refuse(CodeInvalid, "outcomes[%d].authority：不属于本机关职权的，请写明应向哪个机关申请。", i)
	}
	if err := checkWish(o.Offered, o.Chosen); err != nil {
		return refuse(CodeInvalid, "outcomes[%d].%s", i, err.Error())
	}
	return nil
}

// Attempt is a ticket of the person that ended unserved before: already an attempt to file.
type Attempt struct {
	Matter MatterCode
	Ticket TicketID
	At     Millis // its issue
}

// KnownCase is a closed case that the caller has found among the older ones, for a visit that has to do with it.
type KnownCase struct {
	Case   CaseID
	Matter MatterCode
}

// filing works out what the outcomes of one service do to the cases.
type filing struct {
	s      *State
	t      *Ticket
	window WindowID
	known  []KnownCase
	before []Attempt
	begun  Millis // of the service
	bodies []Body
	opened int // cases that this command opens
}

// outcome settles one outcome: its case and purpose are filled in, and the case's events are added.
func (f *filing) outcome(i int, o *Outcome) error {
	c, old, err := f.find(i, o)
	if err != nil {
		return err
	}
	settled := old != "" || c != nil && (c.State == CaseDecided || c.State == CaseReady)
	want := o.purpose(c, settled)
	if o.Purpose == "" || o.Purpose == want {
		o.Purpose, o.Derived = want, ""
	} else {
		o.Derived = want
	}
	switch {
	case old != "":
		o.Case = old
		return nil
	case want == Correct:
		o.Case = c.ID
		return nil
	case o.Files():
		return f.file(o, c)
	case c == nil:
		return nil
	}
	o.Case = c.ID
	return f.visit(i, o, c)
}

// find is the open case that the outcome is about, or the name of a closed one, or neither.
func (f *filing) find(i int, o *Outcome) (*Case, CaseID, error) {
	if o.Case != "" {
		return f.named(i, o)
	}
	if o.NewCase {
		return nil, "", nil
	}
	c := f.s.FindCase(cmp.Or(o.Subject, f.t.Person), o.Matter)
	for _, id := range f.t.Cases {
		if named := f.s.Case(id); named != nil && named.Matter == o.Matter {
			c = named
		}
	}
	switch {
	case c != nil && !c.Over() && !(o.Files() && o.Outcome != OutcomeCorrected && c.DecidedAt != 0):
		return c, "", nil
	case o.Outcome == OutcomeConsultation || o.Files() && o.Outcome != OutcomeCorrected:
		return nil, "", nil // a new application for the same matter
	}
	for _, k := range f.known {
		if k.Matter == o.Matter {
			return nil, k.Case, nil
		}
	}
	return nil, "", nil
}

func (f *filing) named(i int, o *Outcome) (*Case, CaseID, error) {
	if c := f.s.Case(o.Case); c != nil {
		if c.Matter != o.Matter {
			return nil, "", refuse(CodeInvalid, "outcomes[%d].case：办件 %s 办理的是事项 %s。", i, c.ID, c.Matter)
		}
		if !c.Over() {
			return c, "", nil
		}
		return nil, c.ID, f.mayTie(i, o)
	}
	for _, k := range f.known {
		if k.Case == o.Case && k.Matter == o.Matter {
			return nil, k.Case, f.mayTie(i, o)
		}
	}
	return nil, "", refuse(CodeNotFound, "outcomes[%d].case：没有办件 %s。请核对办件编号。", i, o.Case)
}

// mayTie refuses to file anything into a closed case.
func (f *filing) mayTie(i int, o *Outcome) error {
	if o.Files() && o.Outcome != OutcomeCorrected {
		return refuse(CodeCaseState, "outcomes[%d].case：办件 %s 已经办结。请作为新的办件受理。", i, o.Case)
	}
	return nil
}

// file opens the case where there is none and takes it a step on.
func (f *filing) file(o *Outcome, c *Case) error {
	m := f.s.matters[o.Matter]
	switch {
	case c == nil:
		o.Case = f.open(o, m)
	case o.Outcome == OutcomeNoAuthority && c.AcceptedAt != 0:
		return refuse(CodeCaseState, "办件 %s 已经受理，不能再以不属于职权为由结束。", c.ID)
	default:
		o.Case = c.ID
	}
	d := StepDetail{Ticket: f.t.ID, Window: f.window, Today: f.s.day, Note: o.Note, Offered: o.Offered, Chosen: o.Chosen}
	step := StepAccept
	switch o.Outcome {
	case OutcomeIncomplete:
		step, d.Items, d.Contact = StepNotice, o.Missing, o.Contact
		d.Written = len(o.Missing) > 0 && !o.Oral
	case OutcomeNoAuthority:
		step, d.End, d.Authority, d.Written = StepEnd, NoAuthority, o.Authority, !o.Oral
	case OutcomeDone:
		step, d.Decision, d.Org = StepDone, DecisionGranted, f.s.layout.Seals(m)
		d.Seal, d.How, d.AcceptedAt = d.Org, "window", f.begun
	case OutcomeDeferred:
		for _, item := range o.Missing {
			d.Deferred = append(d.Deferred, Deferral{Item: item, Until: o.Until})
		}
	}
	if step == StepAccept && (c == nil || c.AcceptedAt == 0) && m.PromisedDays > 0 {
		d.PromisedDay = f.s.due(f.s.day, m.PromisedDays)
	}
	if c != nil && c.State == CaseSuspended && step == StepAccept {
		return nil // the paper has come, the clock still stands
	}
	f.bodies = append(f.bodies, &CaseStepped{Case: o.Case, Step: step, Detail: d})
	return nil
}

func (f *filing) open(o *Outcome, m *Matter) CaseID {
	f.opened++
	id := f.s.nextCase(f.opened)
	b := &CaseStarted{Case: id, Matter: o.Matter, Channel: "window", By: f.t.ID, Department: m.Department, PromisedDays: m.PromisedDays}
	b.Subject, b.SubjectKind = f.t.Person, subjectKind(f.t.PersonKind)
	if o.Subject != "" && o.Subject != f.t.Person {
		b.Subject, b.SubjectKind, b.Agent = o.Subject, o.SubjectKind, f.t.Person
	}
	if f.t.Actor == "staff" { // the hall's own people file for somebody and are nobody's agent
		b.Agent = ""
	}
	b.OpenedAt = f.begun
	for _, a := range f.before {
		if a.Matter == o.Matter && !o.NewCase {
			b.OpenedAt, b.Attempts = min(b.OpenedAt, a.At), append(b.Attempts, a.Ticket)
		}
	}
	f.bodies = append(f.bodies, b)
	return id
}

func subjectKind(personKind string) string {
	switch personKind {
	case "id":
		return "person"
	case "company":
		return "company"
	}
	return ""
}

// visit is what an outcome that files nothing does to the case.
func (f *filing) visit(i int, o *Outcome, c *Case) error {
	d := StepDetail{Ticket: f.t.ID, Window: f.window, Today: f.s.day, Note: o.Note}
	switch o.Outcome {
	case OutcomeCollected:
		if c.DecidedAt == 0 {
			return refuse(CodeCaseState, "outcomes[%d]：办件 %s 还没有办好，不能领取。", i, c.ID)
		}
		d.How = "window"
		f.bodies = append(f.bodies, &CaseStepped{Case: c.ID, Step: StepDeliver, Detail: d})
	case OutcomeWithdrawn:
		if c.DecidedAt != 0 {
			return refuse(CodeCaseState, "outcomes[%d]：办件 %s 已经作出决定，不能撤回。", i, c.ID)
		}
		d.End = Withdrawn
		f.bodies = append(f.bodies, &CaseStepped{Case: c.ID, Step: StepEnd, Detail: d})
	}
	return nil
}

// Finish ends the service. Without outcomes every matter that the window may serve counts as done, without a case.
type Finish struct {
	Window   WindowID
	Outcomes []Outcome
	Known    []KnownCase // newest first
	Before   []Attempt
}

func (c Finish) decide(s *State, at call) ([]Body, error) {
	w, t, err := s.holder(c.Window, at.by)
	if err != nil {
		return nil, err
	}
	results, cases, err := c.results(s, w, t, cmp.Or(t.begun, t.CalledAt, at.at))
	if err != nil {
		return nil, err
	}
	left := slices.DeleteFunc(slices.Clone(t.Remaining), func(m MatterCode) bool {
		return slices.ContainsFunc(results, func(o Outcome) bool { return o.Matter == m })
	})
	var out []Body
	if t.State != Serving { // the clerk went on without pressing start
		out = append(out, &TicketStarted{Ticket: t.ID, Window: c.Window, Leg: t.Leg, Implied: true})
	}
	out = append(out, cases...)
	if len(left) == 0 {
		return append(out, &TicketFinished{Ticket: t.ID, Window: c.Window, Leg: t.Leg, Outcomes: results}), nil
	}
	return append(out, &TicketTransferred{Ticket: t.ID, Window: c.Window, Leg: t.Leg, Field: s.nextField(t, left),
		Reason: reasonNextMatter, Outcomes: results, Left: left}), nil
}

// results checks the outcomes and settles their cases, or makes them: every remaining matter that the window may serve
// is done.
func (c Finish) results(s *State, w *window, t *Ticket, begun Millis) ([]Outcome, []Body, error) {
	if len(c.Outcomes) == 0 {
		return s.allDone(w, t), nil, nil
	}
	f := filing{s: s, t: t, window: c.Window, known: c.Known, before: c.Before, begun: begun}
	out := slices.Clone(c.Outcomes)
	for i := range out {
		o := &out[i]
		switch {
		case !slices.Contains(t.Remaining, o.Matter):
			return nil, nil, refuse(CodeInvalid, "outcomes[%d]：%s 号没有待办事项 %q。", i, t.Number, o.Matter)
		case slices.ContainsFunc(out[:i], func(p Outcome) bool { return p.Matter == o.Matter }):
			return nil, nil, refuse(CodeInvalid, "outcomes[%d]：事项 %s 写了两次。", i, o.Matter)
		}
		if err := o.check(i); err != nil {
			return nil, nil, err
		}
		if err := f.outcome(i, o); err != nil {
			return nil, nil, err
		}
	}
	return out, f.bodies, nil
}

func (s *State) allDone(w *window, t *Ticket) []Outcome {
	var out []Outcome
	for _, m := range t.Remaining {
		if s.serves(w, s.matters[m], t.Deliver) {
			out = append(out, Outcome{Matter: m, Outcome: OutcomeDone})
		}
	}
	if len(out) == 0 { // transferred to this window by hand: it served what it was sent
		for _, m := range t.Remaining {
			out = append(out, Outcome{Matter: m, Outcome: OutcomeDone})
		}
	}
	return out
}
