package exchange

import (
	"io/fs"
	"strings"

	"yitang/server/hall"
	"yitang/server/mistake"
	"yitang/server/runonce"
)

// folder is one folder being read.
type folder struct {
	files    fs.FS
	sink     Sink
	problems mistake.List
	cases    Index
	lines    []int32 // of each case, by its place
	blind    bool    // cases.csv could not be read whole: no case can be called missing
}

func ticketDesign() design {
	return design{TicketsFile, []string{"ticket", "case", "matter", "person", "actor", "purpose", "channel", "window", "clerk",
		"from_ticket", "issued_at", "called_at", "started_at", "ended_at", "state"}, []string{"checked_in_at"}}
}

func caseDesign() design {
	return design{CasesFile, []string{"case", "matter", "subject", "subject_kind", "opened_at", "accepted_at", "decided_at",
		"closed_at", "end", "first_complete", "delivery_offered", "delivery_chosen", "decision_org", "seal", "agent"},
		[]string{"delivery_recorded_at"}}
}

func noticeDesign() design {
	return design{NoticesFile, []string{"case", "seq", "at", "items", "written"}, nil}
}

func referralDesign() design {
	return design{ReferralsFile, []string{"case", "at", "from", "to", "reason", "accepted"}, nil}
}

// The columns that each file must have, in the order in which we write them.
func CaseColumns() []string     { return caseDesign().required }
func TicketColumns() []string   { return ticketDesign().required }
func NoticeColumns() []string   { return noticeDesign().required }
func ReferralColumns() []string { return referralDesign().required }

func (f *folder) readCases() (err error) {
	f.blind, err = f.each(caseDesign(), func(t *table) error {
		c := runonce.Case{
			ID: runonce.CaseID(t.id(0)), Matter: hall.MatterCode(t.text(1)), Subject: runonce.Party(t.text(2)),
			SubjectKind: runonce.SubjectKind(t.choice(3, "person", "company")),
			OpenedAt:    t.must(4), AcceptedAt: t.instant(5), DecidedAt: t.instant(6), ClosedAt: t.instant(7),
			End:             runonce.End(t.choice(8, "delivered", "refused", "withdrawn", "no_authority", "test", "void", "open")),
			FirstComplete:   runonce.Answer(t.yesNo(9)),
			DeliveryOffered: runonce.Answer(t.yesNo(10)), DeliveryChosen: t.choice(11, "mail", "collect"),
			DecisionOrg: t.text(12), Seal: t.text(13), Agent: runonce.Party(t.text(14)), DeliveryRecordedAt: t.instant(15),
		}
		if place, twice := f.cases[string(c.ID)]; twice {
			t.refuseCell(0, "%s stands twice, first in line %d", c.ID, f.lines[place])
		} else {
			f.cases[strings.Clone(string(c.ID))] = int32(len(f.lines)) // #nosec G115 -- lines of a file and places in a list
		}
		f.lines = append(f.lines, int32(t.line)) // #nosec G115 -- lines of a file and places in a list
		if f.sink.Case == nil {
			return nil
		}
		return f.sink.Case(&c)
	})
	return err
}

// unique refuses an id that stands twice.
func unique(t *table, col int, seen map[string]int32, id string) {
	if line, twice := seen[id]; twice && id != "" {
		t.refuseCell(col, "%s stands twice, first in line %d", id, line)
		return
	}
	seen[strings.Clone(id)] = int32(t.line) // #nosec G115 -- lines of a file and places in a list
}

// caseOf refuses a case that cases.csv lacks.
func (f *folder) caseOf(t *table, col int, id string) runonce.CaseID {
	if _, ok := f.cases[id]; !ok && !f.blind && !f.problems.Full() {
		t.refuseCell(col, "%s has no case %q", CasesFile, id)
	}
	return runonce.CaseID(id)
}

func (f *folder) readTickets() error {
	seen := newOnce()
	_, err := f.each(ticketDesign(), func(t *table) error {
		k := runonce.Ticket{
			ID: hall.TicketID(t.id(0)), Person: runonce.Party(t.text(3)),
			Actor:   runonce.Actor(t.choice(4, "self", "agent", "staff")),
			Channel: runonce.Channel(t.choice(6, "kiosk", "desk", "phone", "online")),
			Window:  hall.WindowID(t.text(7)), Clerk: t.text(8), From: hall.TicketID(t.text(9)),
			IssuedAt: t.must(10), CalledAt: t.instant(11), StartedAt: t.instant(12), EndedAt: t.instant(13),
			State:       runonce.State(t.choice(14, "done", "no_show", "abandoned", "cancelled", "transferred", "waiting")),
			CheckedInAt: t.instant(15),
		}
		for _, m := range t.list(2) {
			k.Matters = append(k.Matters, hall.MatterCode(m))
		}
		f.readLinks(t, &k)
		if k.EndedAt != 0 && k.EndedAt < k.StartedAt {
			t.refuseCell(13, "the service ends before it has started")
		}
		seen.add(string(k.ID))
		if f.sink.Ticket == nil {
			return nil
		}
		return f.sink.Ticket(&k)
	})
	if err != nil || len(seen.again) == 0 {
		return err
	}
	return f.twice(seen)
}

// twice reads the tickets' ids again to find the pairs of lines that share one.
func (f *folder) twice(seen *once) error {
	first := map[string]int32{}
	again := folder{files: f.files}
	_, err := again.each(ticketDesign(), func(t *table) error {
		if id := t.cell(0); id != "" && seen.suspect(id) {
			unique(t, 0, first, id)
		}
		return nil
	})
	for _, p := range again.problems {
		if p.Column == ticketDesign().required[0] && !f.problems.Full() {
			f.problems = append(f.problems, p)
		}
	}
	return err
}

// readLinks pairs the cases of a ticket with their purposes. A ticket without case keeps its purposes for the matters:
// one for all of them, or one each.
func (f *folder) readLinks(t *table, k *runonce.Ticket) {
	const caseCol, purposeCol = 1, 5
	cases, letters := t.list(caseCol), t.list(purposeCol)
	for _, l := range letters {
		if len(l) != 1 || !strings.Contains(runonce.Purposes, l) {
			t.refuseCell(purposeCol, "%q is not one of the letters %s", l, runonce.Purposes)
			return
		}
		k.Purposes = append(k.Purposes, runonce.Purpose(l[0]))
	}
	if len(cases) == 0 {
		if n := len(letters); n > 1 && n != len(k.Matters) {
			t.refuseCell(purposeCol, "%d purposes for %d matters of a ticket without case", n, len(k.Matters))
		}
		return
	}
	if len(letters) != len(cases) {
		t.refuseCell(purposeCol, "%d purposes for %d cases", len(letters), len(cases))
		return
	}
	for i, id := range cases {
		k.Links = append(k.Links, runonce.Link{Case: f.caseOf(t, caseCol, id), Purpose: k.Purposes[i]})
	}
	k.Purposes = nil
}

func (f *folder) readNotices() error {
	type key struct {
		id  runonce.CaseID
		seq int
	}
	seen := map[key]int{}
	_, err := f.each(noticeDesign(), func(t *table) error {
		n := runonce.Notice{Case: f.caseOf(t, 0, t.cell(0)), Seq: t.number(1), At: t.instant(2), Items: t.list(3),
			Written: runonce.Answer(t.yesNo(4))}
		if line, twice := seen[key{n.Case, n.Seq}]; twice {
			t.refuseCell(1, "notice %d of case %s stands twice, first in line %d", n.Seq, n.Case, line)
		}
		seen[key{n.Case, n.Seq}] = t.line
		if f.sink.Notice == nil {
			return nil
		}
		return f.sink.Notice(&n)
	})
	return err
}

func (f *folder) readReferrals() error {
	_, err := f.each(referralDesign(), func(t *table) error {
		r := runonce.Referral{Case: f.caseOf(t, 0, t.cell(0)), At: t.instant(1), From: t.text(2), To: t.text(3),
			Reason: t.text(4), Accepted: runonce.Answer(t.yesNo(5))}
		if f.sink.Referral == nil {
			return nil
		}
		return f.sink.Referral(&r)
	})
	return err
}
