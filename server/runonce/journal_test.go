package runonce_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"yitang/server/hall"
	"yitang/server/runonce"
	"yitang/server/workday"
)

// withJournal is a hall's own story: open from 10:00 to 14:00 and from 16:00 to 20:00, window 1 staffed on 3 June.
func withJournal(t testing.TB) *story {
	s := newStory(t).standard(runonce.Standard{Department: "住建局", Promised: 5, Transferred: true, TransferredFrom: "2019-09-01"})
	s.d.Journal = &runonce.Journal{Plans: []runonce.Plan{{Hours: hall.Hours{Spans: []hall.Span{{From: 600, To: 840}, {From: 960, To: 1200}}}}}}
	s.spell("2", "3 09:55", "3 20:00", hall.Open, "")
	return s
}

func (s *story) spell(w hall.WindowID, since, until string, state hall.WindowState, reason string) *story {
	s.Helper()
	s.d.Journal.Spells = append(s.d.Journal.Spells, hall.SpellRow{Window: w, Since: at(s, since), Until: at(s, until), State: state, Reason: reason})
	return s
}

// step is one step of a case of matter M1 by li.
func (s *story) step(id, when string, step hall.CaseStep, change ...func(*hall.StepRow)) *story {
	s.Helper()
	r := hall.StepRow{Case: hall.CaseID(id), Matter: "M1", At: at(s, when), By: "clerk:li", Step: step}
	for _, f := range change {
		f(&r)
	}
	s.d.Journal.Steps = append(s.d.Journal.Steps, r)
	return s
}

// TestJournalSignals finds each signal that only a hall's own journal allows, and does not find it one row below.
func TestJournalSignals(t *testing.T) {
	named := func(id string) func(*runonce.Ticket) {
		return func(k *runonce.Ticket) { k.ID = hall.TicketID(id) }
	}
	for _, c := range []struct {
		id      runonce.SignalID
		subject string
		n, k    int // as the signal says them
		odd     int // rows of the kind
		tell    func(s *story, n, odd int)
	}{
		{"A1", "M1", 20, 15, 5, func(s *story, n, odd int) {
			many(s, n, odd, func(id string, odd bool) {
				s.d.Journal.Certificates = append(s.d.Journal.Certificates, hall.CertificateRow{No: "№" + id, Case: hall.CaseID(id), Matter: "M1", At: at(s, "20 12:00"), InHall: !odd})
			})
		}},
		{"A2", "M1", 20, 3, 3, func(s *story, n, odd int) {
			s.kase("C", "3 09:00", "20 12:00")
			many(s, n, odd, func(id string, odd bool) {
				s.ticket('A', "3 10:00", "3 10:10", named(id))
				to := "2"
				if odd {
					to = "住建局"
				}
				s.d.Journal.Sent = append(s.d.Journal.Sent, hall.SentRow{Ticket: hall.TicketID(id), At: at(s, "3 10:10"), To: to})
			})
		}},
		{"A5", "1", 480, 421, 59, func(s *story, n, odd int) {
			s.d.Journal.Plans[0].Windows = []hall.WindowID{"1"}
			s.spell("1", "3 10:00", "3 14:00", hall.Open, "").spell("1", "3 16:00", fmt.Sprintf("3 %d:%02d", 16+(240-odd)/60, (240-odd)%60), hall.Open, "")
			s.spell("1", fmt.Sprintf("3 %d:%02d", 16+(240-odd)/60, (240-odd)%60), "3 20:00", hall.Paused, "water")
		}},
		{"B3", "M1", 5, 5, 5, func(s *story, _, odd int) {
			many(s, odd, 0, func(id string, _ bool) {
				s.kase(id, "3 09:00", "20 12:00").step(id, "3 10:0"+id[len(id)-1:], hall.StepAccept)
			})
		}},
		{"B4", "M1", 20, 2, 2, func(s *story, n, odd int) {
			many(s, n, odd, func(id string, odd bool) {
				s.kase(id, "3 09:00", "20 12:00", func(c *runonce.Case) {
					c.AcceptedAt, c.Online = at(s, "3 16:00"), false
					if odd {
						c.AcceptedAt = at(s, "3 14:00")
					}
				})
			})
		}},
		{"C2", "M1", 2, 2, 2, func(s *story, _, odd int) {
			s.kase("C", "3 09:00", "20 12:00", func(c *runonce.Case) { c.Register = runonce.HallRegister })
			s.kase("Z", "5 09:00", "12 12:00", func(c *runonce.Case) {
				c.Register = runonce.PlatformRegister
				if odd < 2 {
					c.Subject = "p2"
				}
			})
		}},
		{"D5", "住建局", 2, 1, 1, func(s *story, _, odd int) {
			many(s, 2, odd, func(id string, odd bool) {
				s.kase(id, "3 09:00", "20 12:00").step(id, "3 10:00", hall.StepAccept)
				if odd {
					s.step(id, "5 10:00", hall.StepAcknowledge)
				} else {
					s.step(id, "4 10:00", hall.StepAcknowledge)
				}
			})
		}},
		{"D6", "M1", 2, 1, 1, func(s *story, _, odd int) {
			many(s, 2, odd, func(id string, odd bool) {
				s.step(id, "3 10:00", hall.StepEnd, func(r *hall.StepRow) { r.End, r.Written = hall.NoAuthority, !odd })
			})
		}},
		{"E1", "M1", 2, 1, 1, func(s *story, _, odd int) { // due on the 13th: the 12th is one working day before
			many(s, 2, odd, func(id string, odd bool) {
				when, on := "11 10:00", "11 11:00"
				if odd {
					when, on = "12 10:00", "12 11:00"
				}
				s.kase(id, "3 09:00", "20 12:00").step(id, when, hall.StepSuspend, func(r *hall.StepRow) { r.PromisedDay = "" })
				s.step(id, on, hall.StepContinue)
				s.d.Journal.Steps = append([]hall.StepRow{{Case: hall.CaseID(id), Matter: "M1", At: at(s, "3 09:00"), Step: hall.StepAccept, PromisedDay: "2025-06-13"}}, s.d.Journal.Steps...)
			})
		}},
		{"F3", "1", 20, 10, 10, func(s *story, n, odd int) {
			many(s, n, odd, func(id string, odd bool) {
				after := int64(3001)
				if odd {
					after = 3000
				}
				s.d.Journal.Ratings = append(s.d.Journal.Ratings, hall.RatingRow{Rating: hall.RatingID(id), Window: "1", At: at(s, "3 10:00"), Grade: 5, AfterMS: after})
			})
		}},
		{"F4", "1", 2, 1, 1, func(s *story, _, odd int) {
			many(s, 2, odd, func(id string, odd bool) {
				k := &hall.Task{Rating: hall.RatingID(id), Window: "1", At: at(s, "3 10:00"), About: "clerk:li", Verifier: "manager:wang", Due: "2025-06-12", ClosedAt: at(s, "12 10:00")}
				if odd {
					k.ClosedAt = at(s, "13 10:00")
				}
				s.d.Journal.Tasks = append(s.d.Journal.Tasks, k)
			})
		}},
		{"F5", "1", 20, 2, 2, func(s *story, n, odd int) {
			many(s, n, odd, func(id string, odd bool) {
				r := hall.PurposeRow{Ticket: hall.TicketID(id), Window: "1", At: at(s, "3 10:00"), Purpose: hall.Consult}
				if odd {
					r.Derived = hall.Apply
				}
				s.d.Journal.Purposes = append(s.d.Journal.Purposes, r)
			})
		}},
	} {
		s := withJournal(t)
		c.tell(s, c.n, c.odd)
		got := signal(s.judge(), c.id)
		if got == nil || got.Subject != c.subject || got.N != c.n || got.K != c.k || len(got.Rows) == 0 {
			t.Errorf("%s: %+v", c.id, got)
		}
		s = withJournal(t)
		c.tell(s, c.n, c.odd-1)
		r := s.judge()
		if got := signal(r, c.id); got != nil {
			t.Errorf("%s without the last row: %+v", c.id, got)
		}
	}
}

// The clock that stood for more than half of the time is a lead wherever it stood.
func TestLongSuspension(t *testing.T) {
	for _, c := range []struct {
		on   string
		want bool
	}{{"11 22:30", false}, {"11 22:31", true}} { // from the 3rd at 09:00 to the 20th at 12:00 are 411 hours
		s := withJournal(t).standard(runonce.Standard{}).kase("C", "3 09:00", "20 12:00").step("C", "3 09:00", hall.StepSuspend).step("C", c.on, hall.StepContinue)
		if got := signal(s.judge(), "E1"); (got != nil) != c.want {
			t.Errorf("until %s: %+v", c.on, got)
		}
	}
}

// A bad rating verified by the person it is about is a lead though it was closed in time.
func TestOwnVerifier(t *testing.T) {
	s := withJournal(t)
	s.d.Journal.Tasks = []*hall.Task{{Rating: "r", Window: "1", At: at(t, "3 10:00"), About: "clerk:li", Verifier: "manager:li", Due: "2025-06-12", ClosedAt: at(t, "4 10:00")}}
	if got := signal(s.judge(), "F4"); got == nil || got.K != 1 {
		t.Errorf("%+v", got)
	}
}

// Who has to come again because a device failed at the window did not come again by choice; the pause proves it.
func TestOutage(t *testing.T) {
	for _, c := range []struct {
		since, reason, want string
	}{
		{"3 10:25", "device", "R6"}, {"3 10:31", "device", "R9"}, {"3 10:25", "meeting", "R9"}, {"3 09:59", "device", "R9"},
	} {
		s := withJournal(t).kase("C", "3 09:00", "20 12:00").ticket('A', "3 10:00", "3 10:20").ticket('V', "5 10:00", "5 10:10")
		s.spell("1", c.since, "3 11:00", hall.Paused, c.reason)
		causes := s.c().Causes
		if len(causes) != 1 || string(causes[0].Reason) != c.want {
			t.Errorf("%s %s: %v", c.since, c.reason, causes)
		}
		if c.want == "R6" && !slices.ContainsFunc(causes[0].IDs, func(id string) bool { return strings.HasPrefix(id, "1@") }) {
			t.Errorf("no proof: %v", causes[0].IDs)
		}
	}
}

// Only what no data exist for is named as not computed.
func TestJournalNotComputed(t *testing.T) {
	s := withJournal(t).kase("C", "3 09:00", "20 12:00", func(c *runonce.Case) { c.DecisionOrg = "行政审批局" })
	if got := fmt.Sprint(s.judge().NotComputed); got != "[A1 A5 B5 C2 D5]" {
		t.Error(got)
	}
}

// A day that is not over yet has no unstaffed minutes in its future, and a window that is open stays open until now.
func TestJournalUnstaffedToday(t *testing.T) {
	s := withJournal(t).spell("1", "30 10:00", "30 12:00", hall.Open, "").spell("3", "30 10:00", "30 11:00", hall.Open, "")
	s.spell("4", "30 10:00", "30 10:00", hall.Open, "")
	s.d.Journal.Spells[len(s.d.Journal.Spells)-1].Until = 0
	s.d.Journal.Plans[0].Windows = []hall.WindowID{"1", "3", "4"}
	s.d.Journal.Spells = s.d.Journal.Spells[1:] // nobody worked on 3 June
	for _, l := range s.judge().Signals {
		if l.ID == "A5" && (l.Subject != "3" || l.N != 120 || l.K != 60) {
			t.Errorf("%+v", l)
		}
	}
	if got := signals(s.judge(), "A5"); got != 1 {
		t.Errorf("%d windows were unstaffed", got)
	}
}

// A past day is judged by the hours and windows that the hall had then: in summer it closes half an hour later, and a new
// window had nobody before it was there.
func TestJournalSeasons(t *testing.T) {
	s := withJournal(t)
	s.d.Journal.Plans[0].Windows = []hall.WindowID{"2"}
	winter := runonce.Plan{Since: at(s, "20 09:00"), Hours: hall.Hours{Spans: []hall.Span{{From: 600, To: 840}, {From: 930, To: 1170}}}, Windows: []hall.WindowID{"2", "5"}}
	s.d.Journal.Plans = append(s.d.Journal.Plans, winter)
	s.spell("2", "20 10:00", "20 20:00", hall.Open, "").spell("5", "20 10:00", "20 12:00", hall.Open, "")
	many(s, 20, 0, func(id string, _ bool) {
		s.kase(id, "3 09:00", "20 12:00", func(c *runonce.Case) { c.AcceptedAt, c.Online = at(s, "3 19:40"), false })
	})
	var got []string
	for _, l := range s.judge().Signals {
		if l.ID == "A5" || l.ID == "B4" {
			got = append(got, fmt.Sprintf("%s %s %d/%d", l.ID, l.Subject, l.K, l.N))
		}
	}
	if fmt.Sprint(got) != "[A5 5 120/480]" {
		t.Errorf("%q", got)
	}
}

func signals(r *runonce.Report, id runonce.SignalID) (n int) {
	for _, l := range r.Signals {
		if l.ID == id {
			n++
		}
	}
	return n
}

// BenchmarkStaffing judges a month of a hall with 200 windows, each of which was opened and paused six times a day.
func BenchmarkStaffing(b *testing.B) {
	zone := time.FixedZone("", 8*60*60)
	d := runonce.Data{Zone: zone, Calendar: workday.Default(), Journal: &runonce.Journal{Plans: []runonce.Plan{{Hours: hall.Hours{Spans: []hall.Span{{From: 600, To: 840}, {From: 960, To: 1200}}}}}}}
	for w := range 200 {
		id := hall.WindowID(fmt.Sprint(w))
		d.Journal.Plans[0].Windows = append(d.Journal.Plans[0].Windows, id)
		for n := range 90 * 6 {
			since := time.Date(2025, 4, 1+n/6, 10, 90*(n%6), 0, 0, zone)
			d.Journal.Spells = append(d.Journal.Spells, hall.SpellRow{Window: id, Since: hall.Millis(since.UnixMilli()),
				Until: hall.Millis(since.Add(80 * time.Minute).UnixMilli()), State: []hall.WindowState{hall.Open, hall.Paused}[n%2]})
		}
	}
	for b.Loop() {
		if r, err := runonce.Judge(d, runonce.Query{From: "2025-06-01", To: "2025-06-29", ReportDay: "2025-06-29"}); err != nil || len(r.Signals) != 200 {
			b.Fatalf("%d leads, %v", len(r.Signals), err)
		}
	}
}
