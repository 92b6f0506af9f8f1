package runonce_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yitang/server/runonce"
	"yitang/server/workday"
)

// TestLaw judges one case of two visits under the law: out (null), once or failed. Five working days after 3 June are
// 13 June: 6 to 10 June are off.
func TestLaw(t *testing.T) {
	twice := func(s *story) { s.ticket('A', "3 10:00", "3 10:10").ticket('B', "5 10:00", "5 10:10") }
	for _, c := range []struct {
		name string
		tell func(*story)
		end  string
	}{
		{"told nothing", func(s *story) { twice(s.kase("C", "3 09:00", "20 12:00", incomplete)) }, "false"},
		{"told at once", func(s *story) { twice(s.kase("C", "3 09:00", "20 12:00", incomplete).notice(1, "3 10:05", "yes", "x")) }, "null"},
		{"told orally", func(s *story) { twice(s.kase("C", "3 09:00", "20 12:00", incomplete).notice(1, "3 10:05", "no", "x")) }, "false"},
		{"told on the fifth working day", func(s *story) {
			twice(s.kase("C", "3 09:00", "20 12:00", incomplete).notice(1, "13 23:59", "yes", "x"))
		}, "null"},
		{"told on the sixth", func(s *story) {
			twice(s.kase("C", "3 09:00", "20 12:00", incomplete).notice(1, "14 00:00", "yes", "x"))
		}, "false"},
		{"the filing was complete", func(s *story) { twice(s.kase("C", "3 09:00", "20 12:00").notice(1, "3 10:05", "yes", "x")) }, "false"},
		{"told the same twice", func(s *story) {
			twice(s.kase("C", "3 09:00", "20 12:00", incomplete).notice(1, "3 10:05", "yes", "x", "y").notice(2, "5 10:05", "yes", "y"))
		}, "null"},
		{"told something new", func(s *story) {
			twice(s.kase("C", "3 09:00", "20 12:00", incomplete).notice(1, "3 10:05", "yes", "x").notice(2, "5 10:05", "yes", "x", "z"))
		}, "false"},
		{"something new orally", func(s *story) {
			twice(s.kase("C", "3 09:00", "20 12:00", incomplete).notice(1, "3 10:05", "yes", "x").notice(2, "5 10:05", "no", "z"))
		}, "null"},
		{"orally first, then in writing", func(s *story) {
			twice(s.kase("C", "3 09:00", "20 12:00", incomplete).notice(1, "3 10:05", "no", "x").notice(2, "5 10:05", "yes", "z"))
		}, "null"},
		{"something new after the report day", func(s *story) {
			s.q.ReportDay = "2025-06-24"
			twice(s.kase("C", "3 09:00", "20 12:00", incomplete).notice(1, "3 10:05", "yes", "x").notice(2, "25 10:05", "yes", "z"))
		}, "null"},
		{"one visit, something new", func(s *story) {
			s.kase("C", "3 09:00", "20 12:00").ticket('A', "3 10:00", "3 10:10").notice(1, "3 10:05", "yes", "x").notice(2, "5 10:05", "yes", "z")
		}, "false"},
		{"withdrawn", func(s *story) {
			twice(s.kase("C", "3 09:00", "20 12:00", func(c *runonce.Case) { c.End = runonce.Withdrawn }))
		}, "null"},
	} {
		s := newStory(t)
		c.tell(s)
		if got, _ := json.Marshal(s.c().OnceLaw); string(got) != c.end {
			t.Errorf("%s: %s, want %s", c.name, got, c.end)
		}
	}
}

// TestLawVisits counts a second visit under the law.
func TestLawVisits(t *testing.T) {
	recorded := func(when string) func(*runonce.Case) {
		return func(c *runonce.Case) { c.DeliveryRecordedAt = at(t, when) }
	}
	for _, c := range []struct {
		name string
		tell func(*story)
		want int
	}{
		{"collects by choice", func(s *story) { s.kase("C", "3 09:00", "20 12:00", declined).ticket('C', "20 10:00", "20 10:10") }, 1},
		{"chosen before the decision", func(s *story) {
			s.kase("C", "3 09:00", "20 12:00", declined, recorded("20 12:00")).ticket('C', "20 10:00", "20 10:10")
		}, 1},
		{"chosen after the decision", func(s *story) {
			s.kase("C", "3 09:00", "20 12:00", declined, recorded("20 12:01")).ticket('C', "20 10:00", "20 10:10")
		}, 2},
		{"delivery not offered", func(s *story) { s.kase("C", "3 09:00", "20 12:00").ticket('C', "20 10:00", "20 10:10") }, 2},
		{"collects and asks", func(s *story) {
			s.kase("C", "3 09:00", "20 12:00", declined).ticket('C', "20 10:00", "20 10:10").ticket('S', "20 10:20", "20 10:30")
		}, 2},
		{"presence that the guide lists", func(s *story) {
			s.standard(runonce.Standard{GuideVisits: true}).kase("C", "3 09:00", "20 12:00").ticket('V', "10 10:00", "10 10:10")
		}, 1},
		{"presence that no guide lists", func(s *story) { s.kase("C", "3 09:00", "20 12:00").ticket('V', "10 10:00", "10 10:10") }, 2},
	} {
		s := newStory(t)
		c.tell(s)
		s.ticket('A', "3 10:00", "3 10:10")
		if got := s.c(); got.LawVisits != c.want || got.Visits != 2 {
			t.Errorf("%s: %d of %d visits count, want %d", c.name, got.LawVisits, got.Visits, c.want)
		}
	}
}

// TestReasons finds why somebody came on 10 June, after a first visit on 3 June.
func TestReasons(t *testing.T) {
	standard := runonce.Standard{Promised: 2}
	for _, c := range []struct {
		name string
		tell func(*story)
		want runonce.Reason
		ids  []string
	}{
		{"something new", func(s *story) {
			s.notice(1, "3 10:05", "yes", "x").notice(2, "4 10:00", "yes", "z").ticket('B', "10 10:00", "10 10:10")
		}, "R1", []string{"b", "C#2"}},
		{"what was asked for", func(s *story) { s.notice(1, "3 10:05", "yes", "x").ticket('B', "10 10:00", "10 10:10") }, "R2", []string{"b", "C#1"}},
		{"told again what a second notice had named", func(s *story) {
			s.notice(1, "1 10:00", "yes", "x").notice(2, "2 10:00", "yes", "z").notice(3, "4 10:00", "yes", "z").ticket('B', "10 10:00", "10 10:10")
		}, "R2", []string{"b", "C#3"}},
		{"told only afterwards", func(s *story) { s.notice(1, "10 10:05", "yes", "x").ticket('B', "10 10:00", "10 10:10") }, "R3", []string{"b", "a"}},
		{"told orally", func(s *story) { s.notice(1, "3 10:05", "no", "x").ticket('B', "10 10:00", "10 10:10") }, "R3", []string{"b", "a"}},
		{"files again", func(s *story) { s.d.Cases[0].FirstComplete = runonce.No; s.ticket('A', "10 10:00", "10 10:10") }, "R3", []string{"b", "a"}},
		{"files again, was complete", func(s *story) { s.ticket('A', "10 10:00", "10 10:10") }, "R99", []string{"b"}},
		{"referred", func(s *story) {
			s.referral("4 10:00", "W1", "W2", "yes").ticket('S', "10 10:00", "10 10:10")
		}, "R4", []string{"b", "C@2025-06-04T02:00:00Z"}},
		{"sent away by a transfer", func(s *story) {
			s.d.Tickets[0].State = runonce.Transferred
			s.ticket('P', "10 10:00", "10 10:10")
		}, "R4", []string{"b", "a"}},
		{"was not served before", func(s *story) {
			s.d.Tickets[0].StartedAt = 0
			s.ticket('B', "10 10:00", "10 10:10")
		}, "R5", []string{"b", "a"}},
		{"collects", func(s *story) { s.ticket('C', "10 10:00", "10 10:10") }, "R7", []string{"b"}},
		{"collects by choice", func(s *story) { declined(&s.d.Cases[0]); s.ticket('C', "10 10:00", "10 10:10") }, "R7b", []string{"b"}},
		{"collects, the offer recorded after the report day", func(s *story) {
			s.q.ReportDay = "2025-06-24"
			declined(&s.d.Cases[0])
			s.d.Cases[0].DeliveryRecordedAt = at(t, "25 10:00")
			s.ticket('C', "10 10:00", "10 10:10")
		}, "R7", []string{"b"}},
		{"asks too early", func(s *story) { s.ticket('S', "5 10:00", "5 10:10") }, "R99", []string{"b"}},
		{"asks after the promised day", func(s *story) { s.ticket('S', "6 10:00", "6 10:10") }, "R8", []string{"b"}},
		{"has to be there", func(s *story) { s.ticket('V', "10 10:00", "10 10:10").ticket('P', "10 10:20", "10 10:30") }, "R9", []string{"b", "c"}},
		{"pays", func(s *story) { s.ticket('P', "10 10:00", "10 10:10") }, "R10", []string{"b"}},
		{"corrects", func(s *story) { s.ticket('R', "10 10:00", "10 10:10") }, "R12", []string{"b"}},
		{"complains", func(s *story) { s.ticket('X', "10 10:00", "10 10:10") }, "R99", []string{"b"}},
	} {
		s := newStory(t).standard(standard).kase("C", "3 09:00", "20 12:00").ticket('A', "3 10:00", "3 10:10")
		c.tell(s)
		want := []runonce.Cause{{Reason: c.want, IDs: c.ids}}
		if diff := cmp.Diff(want, s.c().Causes); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// One unknown reason among ten hides the breakdown, one among eleven does not.
func TestBreakdownHidden(t *testing.T) {
	for n, shown := range map[int]bool{10: false, 11: true} {
		s := newStory(t)
		for i := range n {
			id := fmt.Sprint("D", i)
			purpose := byte('P')
			if i == 0 {
				purpose = 'X'
			}
			link := func(k *runonce.Ticket) { k.Links[0].Case = runonce.CaseID(id) }
			s.kase(id, "3 09:00", "20 12:00").ticket('A', "3 10:00", "3 10:10", link).ticket(purpose, "10 10:00", "10 10:10", link)
		}
		if r := s.judge(); r.BreakdownShown != shown || (len(r.Causes) == 2) != shown {
			t.Errorf("of %d: shown %t, %v", n, r.BreakdownShown, r.Causes)
		}
	}
}

// The specification's own numbers: n = 140, 120 once, 10 tickets unlinked, so between 78.57 % and 85.71 %.
func TestBounds(t *testing.T) {
	s := newStory(t)
	for i := range 140 {
		id := runonce.CaseID(fmt.Sprint("D", i))
		link := func(k *runonce.Ticket) { k.Links[0].Case = id; k.Person = "" }
		s.kase(string(id), "3 09:00", "20 12:00").ticket('A', "3 10:00", "3 10:10", link)
		if i >= 120 {
			s.ticket('P', "4 10:00", "4 10:10", link)
		}
	}
	for range 10 {
		s.ticket('A', "3 10:00", "3 10:10", unnamed, func(k *runonce.Ticket) { k.Person = "" })
	}
	r := s.judge()
	near(t, "linked share", *r.LinkedShare, 160.0/170, 1e-12)
	if r.Bounds == nil || math.Abs(r.Bounds.Lo-0.7857) > 5e-5 || math.Abs(r.Bounds.Hi-0.8571) > 5e-5 {
		t.Errorf("bounds %+v", r.Bounds)
	}
	s.d.Tickets = s.d.Tickets[:162] // two of 162 unlinked: enough found their case
	if r := s.judge(); r.Bounds != nil {
		t.Errorf("bounds %+v with %v linked", r.Bounds, *r.LinkedShare)
	}
}

// TestAgents uses the interval over agents once one of them has five cases.
func TestAgents(t *testing.T) {
	for n, clustered := range map[int]bool{4: false, 5: true} {
		s := newStory(t)
		s.q.By = runonce.ByAgent
		for i := range 12 {
			s.kase(fmt.Sprint("D", i), "3 09:00", "20 12:00", func(c *runonce.Case) {
				if i < n {
					c.Agent = "a1"
				}
			})
		}
		r := s.judge()
		if (r.All.Deff != nil) != clustered {
			t.Errorf("with %d cases of an agent the interval has deff %v", n, r.All.Deff)
		}
		if g := r.Groups[1]; g.Key != "a1" || g.N != n || g.Suppressed == clustered || (g.Once == nil) == clustered {
			t.Errorf("the agent's group: %+v", g)
		}
	}
}

// TestOpened follows cases opened in the period, from their first visit or their opening.
func TestOpened(t *testing.T) {
	s := newStory(t).standard(runonce.Standard{Promised: 20})
	link := func(id runonce.CaseID) func(*runonce.Ticket) {
		return func(k *runonce.Ticket) { k.Links[0].Case = id }
	}
	s.kase("once", "3 09:00", "5 12:00").ticket('A', "3 10:00", "3 10:10", link("once")) // (2, closed)
	s.kase("none", "3 09:00", "4 12:00")                                                 // (1, closed), no visit
	s.kase("open", "10 09:00", "").ticket('A', "10 10:00", "10 10:10", link("open"))     // censored
	s.kase("twice", "3 09:00", "").ticket('A', "4 10:00", "4 10:10", link("twice")).     // (1, came back)
												ticket('B', "5 10:00", "5 10:10", link("twice")) //
	s.kase("gone", "3 09:00", "5 12:00", func(c *runonce.Case) { c.End = runonce.Void }) // left out
	r := s.judge().Opened
	if r.N != 4 || r.Tau != 30 {
		t.Fatalf("%d cases, tau %v", r.N, r.Tau)
	}
	near(t, "F1", *r.F1, 0.25, 1e-12)
	near(t, "F2", *r.F2, 0.5, 1e-12)
	near(t, "S", *r.S, 0.25, 1e-12)
}

// Without cases the figures are null, not 0.
func TestNothing(t *testing.T) {
	r := newStory(t).judge()
	if r.All.N != 0 || r.All.Rate != nil || r.All.Lo != nil || r.LinkedShare != nil || r.Opened.F2 != nil || r.CaseVisits.Mean != nil || !r.BreakdownShown {
		t.Errorf("%+v", r)
	}
}

func TestRefusals(t *testing.T) {
	s := newStory(t).kase("C", "3 09:00", "20 12:00")
	for _, q := range []runonce.Query{{From: "2025-06-31", To: "2025-07-01", ReportDay: "2025-07-01"},
		{From: "2025-06-02", To: "2025-06-01", ReportDay: "2025-06-30"}, {From: "2025-06-01", To: "2025-06-30", ReportDay: "today"}} {
		if _, err := runonce.Judge(s.d, q); err == nil {
			t.Errorf("%+v was judged", q)
		}
	}
	s.d.Calendar = workday.New()
	var unknown *workday.UnknownYearError
	if _, err := runonce.Judge(s.d, s.q); !errors.As(err, &unknown) || unknown.Year != 2025 {
		t.Errorf("without calendar: %v", err)
	}
}

// A hall far from Beijing has its own days.
func TestZone(t *testing.T) {
	s := newStory(t).kase("C", "3 09:00", "20 12:00").ticket('A', "3 23:50", "3 23:55").ticket('B', "4 00:05", "4 00:10")
	if got := s.c().Visits; got != 2 {
		t.Errorf("in Beijing %d visits", got)
	}
	s.d.Zone = time.UTC
	if got := s.c().Visits; got != 1 {
		t.Errorf("in UTC %d visits", got)
	}
}

// A promised day in a year that nobody has described is after every day that is known: it stops no report.
func TestPromiseBeyondTheCalendar(t *testing.T) {
	s := newStory(t).standard(runonce.Standard{Promised: 20})
	s.q.From, s.q.To, s.q.ReportDay = "2025-12-01", "2025-12-31", "2025-12-31"
	s.kase("C", "195 09:00", "210 12:00").ticket('A', "195 10:00", "195 10:10").ticket('S', "205 10:00", "205 10:10") // from 12 December on
	if got := s.c(); got.Visits != 2 || len(got.Causes) != 1 || got.Causes[0].Reason != runonce.R99 {
		t.Errorf("%+v", got)
	}
}
