package hall_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"yitang/server/hall"
)

const case1 hall.CaseID = "20250603-0001"

// caseSteps are all steps that a desk may take, by the step's name.
func caseSteps() map[string]hall.StepDetail {
	steps := map[string]hall.StepDetail{
		"accept": {}, "notice": {Items: []string{"章程"}, Written: true}, "suspend": {Reason: "听证"}, "continue": {},
		"extend": {Days: 5, Reason: "案情复杂"}, "send": {Department: "工信局"}, "acknowledge": {}, "return": {Reason: "材料不清"},
		"joint": {Departments: []string{"工信局"}, Kind: "visit"}, "opinion": {Department: "市监局", Result: "pass"},
		"decide": {Decision: hall.DecisionGranted}, "ready": {}, "deliver": {How: "mail", Tracking: "EMS1"},
		"wish": {Offered: "yes", Chosen: "mail"}, "end": {End: hall.EndVoid, Reason: "重复登记"},
	}
	for name, d := range steps {
		d.Today = today
		steps[name] = d
	}
	return steps
}

// caseRows: out is the state after the step, "=" for nothing to do, "~" when the case changes and its state stays.
func caseRows() []row {
	const running = "accepted, supplement, suspended"
	const settled = "decided, ready"
	const all = "filed, " + running + ", " + settled
	rows := []row{
		{"accept", "filed, supplement", "accepted"},
		{"accept", "accepted, suspended, " + settled, "!case_state"},
		{"notice", "filed, supplement", "~"},
		{"notice", "accepted", "supplement"},
		{"notice", "suspended, " + settled, "!case_state"},
		{"suspend", "accepted, supplement", "suspended"},
		{"suspend", "filed, suspended, " + settled, "!case_state"},
		{"continue", "suspended", "accepted"},
		{"continue", "filed, accepted, supplement, " + settled, "!case_state"},
		{"extend", running, "~"},
		{"extend", "filed, " + settled, "!case_state"},
		{"send", all, "~"},
		{"acknowledge", all, "~"},
		{"return", "filed, " + running, "~"},
		{"return", settled, "!case_state"},
		{"joint", running, "~"},
		{"joint", "filed, " + settled, "!case_state"},
		{"opinion", running, "!invalid"}, // nobody was asked
		{"opinion", "filed, " + settled, "!case_state"},
		{"decide", "accepted", "decided"},
		{"decide", "filed, supplement, suspended, " + settled, "!case_state"},
		{"ready", "decided", "ready"},
		{"ready", "ready", "="},
		{"ready", "filed, " + running, "!case_state"},
		{"deliver", settled, "closed"},
		{"deliver", "filed, " + running, "!case_state"},
		{"wish", all, "~"},
		{"end", all, "closed"},
	}
	for step := range caseSteps() {
		rows = append(rows, row{step, "closed", "!case_closed"})
	}
	return rows
}

// caseSituations are the steps that bring case1 into a state; its name is the CaseState.
func caseSituations() map[string][]string {
	return map[string][]string{
		"filed": {}, "accepted": {"accept"}, "supplement": {"accept", "notice"}, "suspended": {"accept", "suspend"},
		"decided": {"accept", "decide"}, "ready": {"accept", "decide", "ready"}, "closed": {"end"},
	}
}

// office is a layout whose matters belong to departments.
func office() hall.Layout {
	l := layout()
	for i := range l.Matters {
		l.Matters[i].Department = "市监局"
	}
	l.Matters[1].Transferred, l.Matters[4].Department = true, "工信局"
	return l
}

// newOffice is a day at which li works at window 1 and wang at window 2.
func newOffice(t testing.TB) *day {
	d := newHall(t)
	d.do(hall.System, hall.AdoptLayout{Layout: office()}, hall.OpenDay{Day: today})
	d.do(li, hall.OpenWindow{Window: one})
	d.do(wang, hall.OpenWindow{Window: "2"})
	return d
}

// come has a person take a ticket, and li begin to serve it.
func (d *day) come(person string, matters ...hall.MatterCode) hall.TicketID {
	d.Helper()
	c := ticketFor(matters...)
	if person != "" {
		c.PersonKind, c.Person = "id", person
	}
	id := d.do(desk, c)[0].Subject()
	d.do(li, hall.CallNext{Window: one}, hall.Start{Window: one})
	return id
}

// finish ends li's service with outcomes and returns what the journal keeps of them.
func (d *day) finish(out ...hall.Outcome) []hall.Outcome {
	d.Helper()
	events := d.do(li, hall.Finish{Window: one, Outcomes: out})
	switch b := events[len(events)-1].Body.(type) {
	case *hall.TicketFinished:
		return b.Outcomes
	case *hall.TicketTransferred:
		return b.Outcomes
	}
	d.Fatalf("finish made %v", kinds(events))
	return nil
}

func (d *day) kase(id hall.CaseID) hall.Case {
	d.Helper()
	c := d.s.Case(id)
	if c == nil {
		d.Fatalf("no case %s", id)
	}
	return *c
}

func (d *day) step(steps ...string) {
	d.Helper()
	for _, s := range steps {
		d.do("department:市监局", hall.ActOnCase{Case: case1, Step: hall.CaseStep(s), Detail: caseSteps()[s]})
	}
}

func TestEveryStepInEveryStateOfACase(t *testing.T) {
	situations := caseSituations()
	states := slices.Sorted(maps.Keys(situations))
	if diff(states, constants(t, "CaseState")) != "" {
		t.Errorf("situations for %v, states are %v", states, constants(t, "CaseState"))
	}
	cells := map[cell]string{}
	for _, r := range caseRows() {
		for in := range strings.SplitSeq(r.in, ", ") {
			if cells[cell{r.cmd, in}] != "" {
				t.Errorf("%s in %s stands twice", r.cmd, in)
			}
			cells[cell{r.cmd, in}] = r.out
		}
	}
	for _, step := range constants(t, "CaseStep") {
		detail, known := caseSteps()[step]
		if step == string(hall.StepDone) {
			continue // the window's
		}
		for _, in := range states {
			t.Run(step+"/"+in, func(t *testing.T) {
				want := cells[cell{step, in}]
				if want == "" || !known {
					t.Fatal("the table has no row")
				}
				d := newOffice(t)
				d.come("p-1", "A-1")
				d.finish(hall.Outcome{Matter: "A-1", Outcome: hall.OutcomeIncomplete, Missing: []string{"申请书"}})
				d.step(situations[in]...)
				d.verify(hall.System, hall.ActOnCase{Case: case1, Step: hall.CaseStep(step), Detail: detail}, want,
					func() string { return string(d.kase(case1).State) })
			})
		}
	}
}

// TestOutcomes holds each outcome to the case and the purpose that follow from it, at the first visit and at the second.
func TestOutcomes(t *testing.T) {
	missing := []string{"章程"}
	for _, c := range []struct {
		outcome       hall.Outcome
		first, second hall.Purpose
		state         hall.CaseState // after the first; empty: no case
		end           hall.End
	}{
		{hall.Outcome{Outcome: "accepted"}, "A", "B", hall.CaseAccepted, ""},
		{hall.Outcome{Outcome: "done"}, "A", "A", hall.CaseClosed, hall.Delivered}, // the second is a new application
		{hall.Outcome{Outcome: "incomplete", Missing: missing}, "A", "B", hall.CaseFiled, ""},
		{hall.Outcome{Outcome: "corrected"}, "A", "B", hall.CaseAccepted, ""},
		{hall.Outcome{Outcome: "deferred", Missing: missing, Until: "2025-06-20"}, "A", "B", hall.CaseAccepted, ""},
		{hall.Outcome{Outcome: "no_authority", Authority: "州交通局"}, "A", "A", hall.CaseClosed, hall.NoAuthority},
		{hall.Outcome{Outcome: "consultation"}, "Q", "Q", "", ""},
		{hall.Outcome{Outcome: "collected"}, "C", "C", "", ""},
		{hall.Outcome{Outcome: "paid"}, "P", "P", "", ""},
		{hall.Outcome{Outcome: "progress"}, "S", "S", "", ""},
		{hall.Outcome{Outcome: "complaint"}, "X", "X", "", ""},
		{hall.Outcome{Outcome: "withdrawn"}, "S", "S", "", ""},
	} {
		t.Run(c.outcome.Outcome, func(t *testing.T) {
			d := newOffice(t)
			c.outcome.Matter = "A-1"
			for i, want := range []hall.Purpose{c.first, c.second} {
				d.come("p-1", "A-1")
				got := d.finish(c.outcome)[0]
				if got.Purpose != want || got.Derived != "" || (got.Case == "") != (c.state == "") {
					t.Fatalf("visit %d: %+v, want the purpose %s", i+1, got, want)
				}
				if k := d.s.Case(got.Case); k != nil && (k.State != c.state || k.End != c.end || k.Subject != "p-1" || k.SubjectKind != "person") {
					t.Errorf("visit %d: the case is %+v", i+1, k)
				}
			}
		})
	}
	if got := len(hall.Outcomes()); got != 12 {
		t.Errorf("%d outcomes, 12 are tested", got)
	}
}

// TestACaseIsFoundAgain by the person and the matter, on another day, and by its number without a person.
func TestACaseIsFoundAgain(t *testing.T) {
	d := newOffice(t)
	d.come("p-1", "A-1")
	d.finish(hall.Outcome{Matter: "A-1", Outcome: "incomplete", Missing: []string{"章程"}, Contact: "li"})
	k := d.kase(case1)
	if k.FirstComplete != "no" || len(k.Notices) != 1 || !k.Notices[0].Written || k.Notices[0].Contact != "li" || k.AcceptedAt != 0 {
		t.Errorf("after the notice: %+v", k)
	}
	d.do(hall.System, hall.CloseDay{}, hall.OpenDay{Day: tomorrow})
	d.do(li, hall.OpenWindow{Window: one})
	d.come("p-1", "A-1")
	if got := d.finish(hall.Outcome{Matter: "A-1", Outcome: "accepted", Offered: "yes", Chosen: "mail"})[0]; got.Case != case1 || got.Purpose != hall.Bring {
		t.Errorf("the second visit: %+v", got)
	}
	k = d.kase(case1)
	if k.State != hall.CaseAccepted || k.PromisedDay != "2025-06-16" || k.Chosen != "mail" || k.FirstComplete != "no" {
		t.Errorf("accepted on 06-04 with five working days: %+v", k)
	}
	d.come("", "A-1")
	d.expect(hall.CodeInvalid, li, hall.Finish{Window: one, Outcomes: []hall.Outcome{{Matter: "A-1", Outcome: "progress", Purpose: "Z"}}})
	d.expect(hall.CodeNotFound, li, hall.Finish{Window: one, Outcomes: []hall.Outcome{{Matter: "A-1", Outcome: "progress", Case: "20250603-0009"}}})
	if got := d.finish(hall.Outcome{Matter: "A-1", Outcome: "progress", Case: case1, Purpose: hall.Presence})[0]; got.Case != case1 || got.Purpose != "V" || got.Derived != "S" {
		t.Errorf("by its number, with the clerk's own purpose: %+v", got)
	}
	d.come("p-1", "A-1")
	if got := d.finish(hall.Outcome{Matter: "A-1", Outcome: "accepted", NewCase: true})[0]; got.Case != "20250604-0001" || got.Purpose != hall.Apply {
		t.Errorf("a new application on top: %+v", got)
	}
	if got := d.s.FindCase("p-1", "A-1"); got.ID != "20250604-0001" {
		t.Errorf("of two open cases %s is found, not the one opened last", got.ID)
	}
}

// TestAnEarlierTicketWasAnAttempt: who left unserved before has tried to file; the service's beginning counts otherwise.
func TestAnEarlierTicketWasAnAttempt(t *testing.T) {
	d := newOffice(t)
	d.come("p-1", "A-1", "A-2")
	began := d.at
	d.at += 10 * min1
	before := []hall.Attempt{{Matter: "A-1", Ticket: "20250602-A007", At: ten - 1440*min1}}
	d.do(li, hall.Finish{Window: one, Before: before, Outcomes: []hall.Outcome{{Matter: "A-1", Outcome: "accepted"}, {Matter: "A-2", Outcome: "incomplete"}}})
	if k := d.kase(case1); k.OpenedAt != ten-1440*min1 || k.AcceptedAt != d.at {
		t.Errorf("%+v", k)
	}
	if k := d.kase("20250603-0002"); k.OpenedAt != began || k.FirstComplete != "no" || len(k.Notices) != 0 || !k.Attempted() {
		t.Errorf("a word without a list is no notice: %+v", k)
	}
}

// TestDoneOnTheSpot: what is decided at once was accepted when the service began, not in the moment of the decision; where
// nobody pressed start, when the number was called.
func TestDoneOnTheSpot(t *testing.T) {
	for _, c := range []struct {
		name  string
		start bool
		want  hall.Millis // accepted
	}{{"started", true, ten + 5*min1}, {"not started", false, ten + 2*min1}} {
		t.Run(c.name, func(t *testing.T) {
			d := newOffice(t)
			d.do(desk, ticketFor("A-1"))
			d.at = ten + 2*min1
			d.do(li, hall.CallNext{Window: one})
			if d.at = ten + 5*min1; c.start {
				d.do(li, hall.Start{Window: one})
			}
			d.at = ten + 20*min1
			d.finish(hall.Outcome{Matter: "A-1", Outcome: "done"})
			if k := d.kase(case1); k.OpenedAt != c.want || k.AcceptedAt != c.want || k.DecidedAt != ten+20*min1 || k.ClosedAt != ten+20*min1 {
				t.Errorf("%+v", k)
			}
		})
	}
}

// TestStaffAreNobodysAgent: a guide files for somebody who is not here.
func TestStaffAreNobodysAgent(t *testing.T) {
	d := newOffice(t)
	d.come("guide", "A-1")
	d.do(li, hall.Identify{Window: one, PersonKind: "id", Person: "guide", Actor: "staff"})
	d.finish(hall.Outcome{Matter: "A-1", Outcome: "accepted", Subject: "p-1", SubjectKind: "person"})
	if k := d.kase(case1); k.Agent != "" || k.Subject != "p-1" {
		t.Errorf("%+v", k)
	}
}

// TestAnAgentFiles for a company: the case is the company's and is found by either.
func TestAnAgentFiles(t *testing.T) {
	d := newOffice(t)
	d.come("agent", "A-1", "A-2")
	got := d.finish(hall.Outcome{Matter: "A-1", Outcome: "accepted", Subject: "company-1", SubjectKind: "company"},
		hall.Outcome{Matter: "A-2", Outcome: "done"})
	if k := d.kase(got[0].Case); k.Subject != "company-1" || k.Agent != "agent" || k.SubjectKind != "company" || d.s.FindCase("company-1", "A-1") == nil || d.s.FindCase("agent", "A-1") == nil {
		t.Errorf("%+v", k)
	}
	if k := d.kase(got[1].Case); k.ID != "20250603-0002" || k.Org != "行政审批局" || k.Seal != "行政审批局" || k.Decision != "granted" {
		t.Errorf("a transferred matter is the bureau's: %+v", k)
	}
}

// TestAResultIsCollected only when there is one, and what was wrong with it is corrected later.
func TestAResultIsCollected(t *testing.T) {
	d := newOffice(t)
	d.come("p-1", "A-1")
	d.finish(hall.Outcome{Matter: "A-1", Outcome: "accepted"})
	collect := ticketFor("A-1")
	collect.Cases, collect.Deliver = []hall.CaseID{case1}, true
	d.expect(hall.CodeCaseState, desk, collect)
	d.come("p-1", "A-1")
	d.expect(hall.CodeCaseState, li, hall.Finish{Window: one, Outcomes: []hall.Outcome{{Matter: "A-1", Outcome: "collected"}}})
	d.finish(hall.Outcome{Matter: "A-1", Outcome: "progress"})
	d.step("decide", "ready")
	if k := d.kase(case1); k.Org != "市监局" || k.ReadyAt == 0 {
		t.Errorf("decided: %+v", k)
	}
	id := d.do(desk, collect)[0].Subject()
	if got := d.ticket(id); !got.Deliver || got.Cases[0] != case1 {
		t.Errorf("the collect ticket: %+v", got)
	}
	d.do(li, hall.CallNext{Window: one})
	if got := d.finish(hall.Outcome{Matter: "A-1", Outcome: "collected"})[0]; got.Case != case1 || got.Purpose != hall.Collect {
		t.Errorf("collected: %+v", got)
	}
	if k := d.kase(case1); k.End != hall.Delivered || k.How != "window" || k.ClosedAt == 0 || d.s.FindCase("p-1", "A-1") != nil {
		t.Errorf("delivered: %+v", k)
	}
	d.come("p-1", "A-1")
	known := []hall.KnownCase{{Case: case1, Matter: "A-1"}}
	events := d.do(li, hall.Finish{Window: one, Known: known, Outcomes: []hall.Outcome{{Matter: "A-1", Outcome: "corrected"}}})
	if got := events[len(events)-1].Body.(*hall.TicketFinished).Outcomes[0]; got.Case != case1 || got.Purpose != hall.Correct || len(events) != 1 {
		t.Errorf("a closed case's document is corrected: %+v", got)
	}
}

// TestTheClockStands while a case is suspended, and an extension is bounded by the law.
func TestTheClockStands(t *testing.T) {
	d := newOffice(t)
	d.come("p-1", "A-1")
	d.finish(hall.Outcome{Matter: "A-1", Outcome: "accepted"}) // 06-03 + 5 working days = 06-13
	act := func(day hall.Day, step hall.CaseStep, detail hall.StepDetail) {
		t.Helper()
		detail.Today = day
		d.do(li, hall.ActOnCase{Case: case1, Step: step, Detail: detail})
	}
	act("2025-06-04", hall.StepSuspend, hall.StepDetail{Reason: "专家评审"})
	act("2025-06-12", hall.StepContinue, hall.StepDetail{}) // the 5th, 11th and 12th were working days
	if got := d.kase(case1).PromisedDay; got != "2025-06-18" {
		t.Errorf("three working days later than 06-13: %s", got)
	}
	act("2025-06-12", hall.StepExtend, hall.StepDetail{Days: 6, Reason: "案情复杂"})
	if got := d.kase(case1); got.PromisedDay != "2025-06-26" || got.ExtendedDays != 6 {
		t.Errorf("extended: %+v", got)
	}
	d.expect(hall.CodeInvalid, li, hall.ActOnCase{Case: case1, Step: hall.StepExtend, Detail: hall.StepDetail{Today: today, Days: 5, Reason: "再延"}})
}

// TestTheWindowKeepsWhatWasAccepted: a notice for a suspended case lets the clock stand, and what was accepted does not end
// for want of authority, at the window as in the department.
func TestTheWindowKeepsWhatWasAccepted(t *testing.T) {
	d := newOffice(t)
	d.come("p-1", "A-1")
	d.finish(hall.Outcome{Matter: "A-1", Outcome: "accepted"})
	d.step("suspend")
	d.come("p-1", "A-1")
	d.finish(hall.Outcome{Matter: "A-1", Outcome: "incomplete", Missing: []string{"章程"}})
	if got := d.kase(case1); got.State != hall.CaseSuspended || len(got.Notices) != 1 {
		t.Errorf("after a notice: %+v", got)
	}
	d.come("p-1", "A-1")
	d.expect(hall.CodeCaseState, li, hall.Finish{Window: one, Outcomes: []hall.Outcome{{Matter: "A-1", Outcome: "no_authority", Authority: "州交通局"}}})
}

func TestDepartmentsAreAsked(t *testing.T) {
	d := newOffice(t)
	d.come("p-1", "A-1")
	d.finish(hall.Outcome{Matter: "A-1", Outcome: "accepted"})
	act := func(step hall.CaseStep, detail hall.StepDetail) hall.ActOnCase {
		detail.Today = today
		return hall.ActOnCase{Case: case1, Step: step, Detail: detail}
	}
	d.do(li, act(hall.StepJoint, hall.StepDetail{Kind: "review", Departments: []string{"市监局", "工信局"}}))
	wrong := act(hall.StepDecide, hall.StepDetail{Decision: "granted"})
	wrong.Only = "工信局"
	d.expect(hall.CodeNotYourCase, li, wrong)
	d.expect(hall.CodeJointOpen, li, act(hall.StepDecide, hall.StepDetail{Decision: "granted"}))
	d.do(li, act(hall.StepOpinion, hall.StepDetail{Department: "工信局", Result: "pass"}), act(hall.StepOpinion, hall.StepDetail{Department: "市监局", Result: "fail", Note: "无消防"}))
	d.expect(hall.CodeInvalid, li, act(hall.StepOpinion, hall.StepDetail{Department: "工信局", Result: "pass"}))
	d.expect(hall.CodeInvalid, li, act(hall.StepDecide, hall.StepDetail{Decision: "refused"}))
	d.do(li, act(hall.StepDecide, hall.StepDetail{Decision: "refused", Reason: "消防不合格"}), act(hall.StepDeliver, hall.StepDetail{How: "mail"}))
	if k := d.kase(case1); k.State != hall.CaseClosed || k.End != hall.Refused || k.Joint[1].Result != "pass" || k.Joint[0].Note != "无消防" {
		t.Errorf("%+v", k)
	}
}

// TestAMasterSays what its cases are; the hall's notices stay.
func TestAMasterSays(t *testing.T) {
	d := newOffice(t)
	const master hall.Actor = "platform:ztp"
	in := hall.Case{ID: "ZTP-1", Matter: "A-1", Subject: "p-1", SubjectKind: "person", Channel: "online", OpenedAt: ten - min1, AcceptedAt: ten}
	d.do(master, hall.SyncCase{Case: in})
	d.come("p-1", "A-1")
	if got := d.finish(hall.Outcome{Matter: "A-1", Outcome: "incomplete", Missing: []string{"章程"}})[0]; got.Case != "ZTP-1" || got.Purpose != hall.Bring {
		t.Errorf("%+v", got)
	}
	d.do(master, hall.SyncCase{Case: in})
	if k := d.kase("ZTP-1"); len(k.Notices) != 1 || k.State != hall.CaseSupplement || !k.Master {
		t.Errorf("after a second word of the master: %+v", k)
	}
	in.DecidedAt, in.ClosedAt, in.End = ten+min1, ten+2*min1, hall.Delivered
	d.do(master, hall.SyncCase{Case: in})
	if k := d.kase("ZTP-1"); k.State != hall.CaseClosed || d.s.FindCase("p-1", "A-1") != nil {
		t.Errorf("closed by the master: %+v", k)
	}
	for name, bad := range map[string]func(c *hall.Case){
		"no name": func(c *hall.Case) { c.ID = "" }, "the hall's name": func(c *hall.Case) { c.ID = "20250603-0099" },
		"no matter": func(c *hall.Case) { c.Matter = "X" }, "no time": func(c *hall.Case) { c.OpenedAt = 0 },
		"accepted before": func(c *hall.Case) { c.AcceptedAt = 1 }, "closed without end": func(c *hall.Case) { c.End = "" },
		"strange end": func(c *hall.Case) { c.End = "lost" }, "strange wish": func(c *hall.Case) { c.Chosen = "pigeon" },
	} {
		c := in
		bad(&c)
		if _, code := d.try(master, hall.SyncCase{Case: c}); code == "" {
			t.Errorf("%s was taken", name)
		}
	}
}

// TestKeptCasesAreRestored: a start replays the newest day only and takes the cases as they are on disk.
func TestKeptCasesAreRestored(t *testing.T) {
	d := newOffice(t)
	d.come("p-1", "A-1")
	d.finish(hall.Outcome{Matter: "A-1", Outcome: "incomplete", Missing: []string{"章程"}})
	d.come("p-2", "A-1")
	d.finish(hall.Outcome{Matter: "A-1", Outcome: "done"})
	before := len(d.events)
	d.do(hall.System, hall.CloseDay{}, hall.OpenDay{Day: tomorrow})
	if d.s.Case("20250603-0002") != nil {
		t.Error("yesterday's closed case is kept for ever")
	}
	before += 2
	d.do(li, hall.OpenWindow{Window: one})
	d.come("p-1", "A-1")
	d.finish(hall.Outcome{Matter: "A-1", Outcome: "accepted"})
	d.come("p-3", "A-1")
	d.finish(hall.Outcome{Matter: "A-1", Outcome: "done"})
	again := hall.New(firstCome{})
	again.Apply(&d.events[0]) // the layout
	for i := range d.events[before:] {
		again.Apply(&d.events[before+i])
	}
	one, two := d.kase(case1), d.kase("20250604-0001")
	again.Restore(hall.Kept{Cases: []*hall.Case{&one, &two}})
	if !same(d.s.View(), again.View()) || diff(d.kase(case1), *again.Case(case1)) != "" || again.FindCase("p-1", "A-1").ID != case1 || again.FindCase("p-3", "A-1") != nil {
		t.Errorf("restored: %+v", again.Case(case1))
	}
	d.s = again
	d.come("p-4", "A-1")
	if got := d.finish(hall.Outcome{Matter: "A-1", Outcome: "done"})[0]; got.Case != "20250604-0002" {
		t.Errorf("the next case is %s", got.Case)
	}
}
