package hall

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"yitang/server/workday"
)

// ActOnCase takes a case (办件) a step on, at a department's desk, a delivery window or anywhere but in a ticket's service.
// Detail.Today must be the hall's day at that moment.
//
// What each step may do to a case, by the case's state (case_state is the refusal, case_closed that of a closed one;
// "same" means that the case changes and its state stays):
//
//	             filed       accepted     supplement   suspended    decided      ready
//	accept       → accepted  case_state   → accepted   case_state   case_state   case_state
//	notice       same        → supplement same         case_state   case_state   case_state
//	suspend      case_state  → suspended  → suspended  case_state   case_state   case_state
//	continue     case_state  case_state   case_state   → accepted   case_state   case_state
//	extend       case_state  same         same         same         case_state   case_state
//	send         same        same         same         same         same         same
//	acknowledge  same        same         same         same         same         same
//	return       same        same         same         same         case_state   case_state
//	joint        case_state  same         same         same         case_state   case_state
//	opinion      case_state  same         same         same         case_state   case_state
//	decide       case_state  → decided    case_state   case_state   case_state   case_state
//	ready        case_state  case_state   case_state   case_state   → ready      nothing to do
//	deliver      case_state  case_state   case_state   case_state   → closed     → closed
//	wish         same        same         same         same         same         same
//	end          → closed    → closed     → closed     → closed     → closed     → closed
//
// A case ends as delivered or, where it was refused, as refused, when the applicant has the result. "withdrawn" as an end
// gives case_state once the case is decided, and a decision gives joint_open while a department's opinion is awaited.
type ActOnCase struct {
	Case   CaseID
	Step   CaseStep
	Detail StepDetail
	Only   string // the department that acts; empty for who may act on every case
}

// MaxExtendDays is by how many working days a term may be extended (行政许可法 42).
const MaxExtendDays = 10

func (c ActOnCase) decide(s *State, _ call) ([]Body, error) {
	k := s.files.byID[c.Case]
	switch {
	case k == nil:
		return nil, refuse(CodeNotFound, "没有正在办理的办件 %s。请核对办件编号。", c.Case)
	case k.Over():
		return nil, refuse(CodeCaseClosed, "办件 %s 已经办结。", k.ID)
	case c.Only != "" && c.Only != k.Department && c.Step != StepOpinion:
		return nil, refuse(CodeNotYourCase, "办件 %s 现在由“%s”办理。", k.ID, k.Department)
	case !isDay(c.Detail.Today):
		return nil, refuse(CodeInvalid, "today：%q 不是 YYYY-MM-DD 格式的日期。", c.Detail.Today)
	case !slices.Contains(stepsIn(k.State), c.Step):
		return nil, refuse(CodeCaseState, "办件 %s 现在的状态是“%s”，不能%s。", k.ID, stateWord(k.State), stepWord(c.Step))
	}
	if c.Step == StepReady && k.State == CaseReady {
		return nil, nil
	}
	d := c.Detail
	if err := c.check(s, k, &d); err != nil {
		return nil, err
	}
	return []Body{&CaseStepped{Case: k.ID, Step: c.Step, Detail: d}}, nil
}

// stepsIn lists the steps that a state allows.
func stepsIn(state CaseState) []CaseStep {
	always := []CaseStep{StepSend, StepAcknowledge, StepWish, StepEnd}
	running := append([]CaseStep{StepReturn, StepJoint, StepOpinion, StepExtend}, always...)
	switch state {
	case CaseFiled:
		return append([]CaseStep{StepAccept, StepNotice, StepReturn}, always...)
	case CaseAccepted:
		return append([]CaseStep{StepNotice, StepSuspend, StepDecide}, running...)
	case CaseSupplement:
		return append([]CaseStep{StepAccept, StepNotice, StepSuspend}, running...)
	case CaseSuspended:
		return append([]CaseStep{StepContinue}, running...)
	case CaseDecided, CaseReady:
		return append([]CaseStep{StepReady, StepDeliver}, always...)
	}
	return nil
}

// check says what a step lacks, and fills in what follows from the rest.
func (c ActOnCase) check(s *State, k *Case, d *StepDetail) error {
	switch c.Step {
	case StepAccept:
		if k.AcceptedAt == 0 && k.PromisedDays > 0 {
			d.PromisedDay = s.due(d.Today, k.PromisedDays)
		}
		return checkDelivery(d)
	case StepWish:
		if d.Offered == "" && d.Chosen == "" {
			return refuse(CodeInvalid, "delivery_offered：请写明是否提供免费邮寄（yes 或 no），或 delivery_chosen。")
		}
		return checkDelivery(d)
	case StepNotice:
		return checkItems(d)
	case StepSuspend, StepReturn, StepExtend:
		if d.Reason == "" {
			return refuse(CodeInvalid, "reason：请写明理由。")
		}
		return c.checkTerm(s, k, d)
	case StepContinue:
		d.PromisedDay = s.resumed(k, d.Today)
	case StepSend, StepJoint, StepOpinion:
		return c.checkDepartments(s, k, d)
	case StepDecide:
		return c.checkDecision(s, k, d)
	case StepDeliver:
		d.How = cmp.Or(d.How, "window")
		if !slices.Contains([]string{"window", "mail", "electronic"}, d.How) {
			return refuse(CodeInvalid, "how：%q 不是 window、mail 或 electronic。", d.How)
		}
	case StepEnd:
		return checkEnd(k, d)
	}
	return nil
}

func checkItems(d *StepDetail) error {
	if len(d.Items) == 0 || len(d.Items) > MaxItems {
		return refuse(CodeInvalid, "items：请写明缺少的全部材料（1 至 %d 项）。", MaxItems)
	}
	return nil
}

func checkDelivery(d *StepDetail) error {
	if err := checkWish(d.Offered, d.Chosen); err != nil {
		return refuse(CodeInvalid, "%s", err.Error())
	}
	return nil
}

func checkWish(offered, chosen string) error {
	if offered != "" && offered != "yes" && offered != "no" {
		return fmt.Errorf("delivery_offered：%q 不是 yes 或 no。", offered) //nolint:staticcheck // a sentence for people
	}
	if chosen != "" && chosen != "mail" && chosen != "collect" {
		return fmt.Errorf("delivery_chosen：%q 不是 mail 或 collect。", chosen) //nolint:staticcheck // a sentence for people
	}
	return nil
}

// checkTerm bounds an extension and names the new day; a suspended case and one that goes back keep theirs.
func (c ActOnCase) checkTerm(s *State, k *Case, d *StepDetail) error {
	if c.Step == StepReturn {
		d.From, d.Department = k.Department, cmp.Or(d.Department, s.homeOf(k))
		return nil
	}
	if c.Step != StepExtend {
		return nil
	}
	if left := MaxExtendDays - k.ExtendedDays; d.Days < 1 || d.Days > left {
		return refuse(CodeInvalid, "days：延长期限总共不超过 %d 个工作日，还可延长 %d 个。", MaxExtendDays, max(0, left))
	}
	if k.PromisedDay != "" {
		d.PromisedDay = s.due(k.PromisedDay, d.Days)
	}
	return nil
}

// homeOf is the department that the case's matter belongs to.
func (s *State) homeOf(k *Case) string {
	if m := s.matters[k.Matter]; m != nil {
		return m.Department
	}
	return k.Department
}

func (c ActOnCase) checkDepartments(s *State, k *Case, d *StepDetail) error {
	switch c.Step {
	case StepSend:
		if !s.hasDepartment(d.Department) {
			return refuse(CodeNotFound, "没有部门 %q。", d.Department)
		}
		d.From = k.Department
	case StepJoint:
		if len(d.Departments) == 0 || len(d.Departments) > 10 || !slices.Contains([]string{"visit", "review", "check"}, d.Kind) {
			return refuse(CodeInvalid, "departments：联合踏勘（visit）、联审（review）或联合验收（check）需要 1 至 10 个部门。")
		}
		for i, dep := range d.Departments {
			if !s.hasDepartment(dep) || slices.Contains(d.Departments[:i], dep) {
				return refuse(CodeInvalid, "departments[%d]：没有部门 %q，或写了两次。", i, dep)
			}
		}
	case StepOpinion:
		if d.Result != "pass" && d.Result != "fail" {
			return refuse(CodeInvalid, "result：%q 不是 pass 或 fail。", d.Result)
		}
		if !slices.ContainsFunc(k.Joint, func(o Opinion) bool { return o.Department == d.Department && o.Result == "" }) {
			return refuse(CodeInvalid, "department：办件 %s 没有等待部门 %q 的意见。", k.ID, d.Department)
		}
	}
	return nil
}

func (s *State) hasDepartment(name string) bool {
	return name != "" && slices.Contains(s.layout.Departments(), name)
}

func (c ActOnCase) checkDecision(s *State, k *Case, d *StepDetail) error {
	switch {
	case k.Awaits():
		return refuse(CodeJointOpen, "办件 %s 还在等待有关部门的意见，不能作出决定。", k.ID)
	case d.Decision != DecisionGranted && d.Decision != DecisionRefused:
		return refuse(CodeInvalid, "decision：%q 不是 granted 或 refused。", d.Decision)
	case d.Decision == DecisionRefused && d.Reason == "":
		return refuse(CodeInvalid, "reason：不予许可的，请写明理由。")
	}
	if d.Org == "" {
		if m := s.matters[k.Matter]; m != nil {
			d.Org = s.layout.Seals(m)
		}
	}
	d.Seal = cmp.Or(d.Seal, d.Org)
	return nil
}

func checkEnd(k *Case, d *StepDetail) error {
	switch d.End {
	case EndTest, EndVoid:
		if d.Reason == "" {
			return refuse(CodeInvalid, "reason：请写明理由。")
		}
		return nil
	case Withdrawn:
		if k.DecidedAt != 0 {
			return refuse(CodeCaseState, "办件 %s 已经作出决定，不能撤回。", k.ID)
		}
		return nil
	case NoAuthority:
		if k.AcceptedAt != 0 || d.Authority == "" {
			return refuse(CodeInvalid, "authority：请写明应向哪个机关申请；已经受理的办件不能再以不属于职权为由结束。")
		}
		d.Written = true // the answer to the step is the receipt
		return nil
	}
	return refuse(CodeInvalid, "end：%q 不是 withdrawn、no_authority、test 或 void。", d.End)
}

// due is the n-th working day after a day, or empty where the calendar does not know the year: then the promise stands
// in days alone until the hall imports the year.
func (s *State) due(from Day, n int) Day {
	d, err := s.workdays.Due(workday.Day(from), n)
	if err != nil {
		return ""
	}
	return Day(d)
}

// resumed is the promised day moved on by the working days for which the clock stood: the day of the suspension counts as
// gone, the day on which the clock goes on counts again.
func (s *State) resumed(k *Case, today Day) Day {
	n, err := s.workdays.Between(workday.Day(k.SuspendedOn), workday.Day(today))
	if err != nil || k.PromisedDay == "" {
		return k.PromisedDay
	}
	return s.due(k.PromisedDay, max(0, n))
}

// SyncCase makes a case what an approval system, its master, says. Known is the case as it is on disk where it was closed
// on an earlier day, or nil.
type SyncCase struct {
	Case  Case
	Known *Case
}

func (c SyncCase) decide(s *State, _ call) ([]Body, error) {
	n := c.Case
	old := s.files.byID[n.ID]
	if old == nil {
		old = c.Known
	}
	switch {
	case n.ID == "" || len(n.ID) > 64 || strings.ContainsFunc(string(n.ID), func(r rune) bool { return r <= ' ' || r > '~' || r == '/' || r == ';' }):
		return nil, refuse(CodeInvalid, "case：办件编号为 1 至 64 个可见的 ASCII 字符，不含 / 和 ;。")
	case old == nil && isHallCase(n.ID):
		return nil, refuse(CodeInvalid, "case：%s 是本大厅编号的样式，但没有这个办件。", n.ID)
	case s.matters[n.Matter] == nil:
		return nil, refuse(CodeUnknownMatter, "matter：目录里没有事项 %q。", n.Matter)
	case n.OpenedAt <= 0:
		return nil, refuse(CodeInvalid, "opened_at：请写明何时开始。")
	case n.AcceptedAt != 0 && n.AcceptedAt < n.OpenedAt || n.ClosedAt != 0 && n.ClosedAt < n.OpenedAt:
		return nil, refuse(CodeInvalid, "accepted_at：不能早于 opened_at。")
	case (n.ClosedAt == 0) != (n.End == ""):
		return nil, refuse(CodeInvalid, "end：closed_at 和 end 必须同时填写或同时为空。")
	case n.End != "" && !slices.Contains([]End{Delivered, Refused, Withdrawn, NoAuthority, EndTest, EndVoid}, n.End):
		return nil, refuse(CodeInvalid, "end：没有 %q 这种结束方式。", n.End)
	}
	if err := checkWish(n.Offered, n.Chosen); err != nil {
		return nil, refuse(CodeInvalid, "%s", err.Error())
	}
	return c.merged(s, old, n)
}

// merged keeps what only the hall knows: which event opened the case, its notices, and what its departments said.
func (c SyncCase) merged(s *State, old *Case, n Case) ([]Body, error) {
	m := s.matters[n.Matter]
	n.Master, n.Seq = true, s.seq+1
	n.PromisedDays = cmp.Or(n.PromisedDays, m.PromisedDays)
	n.Department = cmp.Or(n.Department, m.Department)
	if old != nil {
		n.Seq, n.Ticket, n.Notices, n.Joint, n.Deferred = old.Seq, old.Ticket, old.Notices, old.Joint, old.Deferred
		n.Subject, n.SubjectKind = cmp.Or(n.Subject, old.Subject), cmp.Or(n.SubjectKind, old.SubjectKind)
		n.Agent, n.SentAt, n.AcknowledgedAt = cmp.Or(n.Agent, old.Agent), old.SentAt, old.AcknowledgedAt
		n.FirstComplete = cmp.Or(n.FirstComplete, old.FirstComplete)
		n.Offered, n.Chosen, n.WishAt = cmp.Or(n.Offered, old.Offered), cmp.Or(n.Chosen, old.Chosen), cmp.Or(n.WishAt, old.WishAt)
	}
	n.State = n.stateByTimes(old)
	return []Body{&CaseSynced{Case: n}}, nil
}

// stateByTimes is the state that follows from what has happened; suspended and supplement are kept from before.
func (n *Case) stateByTimes(old *Case) CaseState {
	switch {
	case n.ClosedAt != 0:
		return CaseClosed
	case n.ReadyAt != 0:
		return CaseReady
	case n.DecidedAt != 0:
		return CaseDecided
	case n.State == CaseSuspended || n.State == CaseSupplement:
		return n.State
	case old != nil && old.AcceptedAt != 0 && (old.State == CaseSuspended || old.State == CaseSupplement) && n.State == "":
		return old.State
	case n.AcceptedAt != 0:
		return CaseAccepted
	}
	return CaseFiled
}

// nextCase is the name of the n-th case that a command opens.
func (s *State) nextCase(n int) CaseID {
	return CaseID(fmt.Sprintf("%s%s%s-%04d", s.day[0:4], s.day[5:7], s.day[8:10], s.files.opened+n))
}

// isHallCase says whether a name looks like those that the hall gives.
func isHallCase(id CaseID) bool {
	day, n, ok := strings.Cut(string(id), "-")
	return ok && len(day) == 8 && len(n) >= 4 && strings.Trim(day+n, "0123456789") == ""
}

func isDay(d Day) bool {
	_, err := time.Parse(time.DateOnly, string(d))
	return err == nil
}

// LinkCase ties a ticket's matter to a case afterwards, or corrects the purpose of a visit. Window is where it was served
// and Was the purpose so far, as the caller read them; the case must exist.
type LinkCase struct {
	Ticket  TicketID
	Leg     int
	Matter  MatterCode
	Case    CaseID
	Purpose Purpose
	Was     Purpose
	Reason  string
}

func (c LinkCase) decide(_ *State, _ call) ([]Body, error) {
	switch {
	case !slices.Contains(Purposes(), c.Purpose):
		return nil, refuse(CodeInvalid, "purpose：%q 不是 Q A B V P C S X R 之一。", c.Purpose)
	case utf8.RuneCountInString(c.Reason) == 0:
		return nil, refuse(CodeInvalid, "reason：请写明更改的理由。")
	}
	return []Body{&CaseLinked{Of: c.Ticket, Leg: c.Leg, Matter: c.Matter, Case: c.Case, Purpose: c.Purpose, Was: c.Was, Reason: c.Reason}}, nil
}

func stateWord(s CaseState) string {
	switch s {
	case CaseFiled:
		return "待受理"
	case CaseAccepted:
		return "办理中"
	case CaseSupplement:
		return "待补正"
	case CaseSuspended:
		return "已中止计时"
	case CaseDecided:
		return "已决定"
	case CaseReady:
		return "待领取"
	}
	return "已办结"
}

func stepWord(s CaseStep) string {
	words := map[CaseStep]string{StepAccept: "受理", StepNotice: "要求补正", StepSuspend: "中止计时", StepContinue: "恢复计时", // #nosec G101 -- words for people, no credentials
		StepExtend: "延期", StepSend: "转送", StepAcknowledge: "签收", StepReturn: "退回", StepJoint: "发起联办", StepOpinion: "提交意见",
		StepDecide: "作出决定", StepReady: "通知领取", StepDeliver: "送达", StepWish: "登记领取方式", StepEnd: "结束"}
	if w := words[s]; w != "" {
		return w
	}
	return string(s)
}
