package runonce_test

import (
	"testing"

	"yitang/server/runonce"
)

// TestVisits counts the visits of one case.
func TestVisits(t *testing.T) {
	for _, c := range []struct {
		name string
		tell func(*story)
		want int
	}{
		{"none", func(*story) {}, 0},
		{"one ticket", func(s *story) { s.ticket('A', "3 10:00", "3 10:10") }, 1},
		{"60 min 0 s after the end", func(s *story) { s.ticket('A', "3 10:00", "3 10:10").ticket('B', "3 11:10", "3 11:20") }, 1},
		{"60 min 1 s after the end", func(s *story) { s.ticket('A', "3 10:00", "3 10:10").ticket('B', "3 11:10:01", "3 11:20") }, 2},
		{"after the latest end, not the last", func(s *story) {
			s.ticket('A', "3 10:00", "3 12:00").ticket('A', "3 10:05", "3 10:10").ticket('B', "3 12:59", "3 13:05")
		}, 1},
		{"a chain of three hours", func(s *story) {
			s.ticket('A', "3 10:00", "3 10:10").ticket('A', "3 11:00", "3 11:10").ticket('A', "3 12:00", "3 12:10").ticket('A', "3 13:00", "")
		}, 1},
		{"transfer after 80 min", func(s *story) {
			s.ticket('A', "3 10:00", "3 10:10").ticket('A', "3 11:30", "3 11:40", moved("a"))
		}, 1},
		{"transfer on the next day", func(s *story) {
			s.ticket('A', "3 10:00", "3 10:10").ticket('A', "4 10:00", "4 10:10", moved("a"))
		}, 2},
		{"over midnight", func(s *story) { s.ticket('A', "3 23:50", "3 23:55").ticket('A', "4 00:05", "4 00:10") }, 2},
		{"abandoned at the kiosk", func(s *story) { s.ticket('A', "3 10:00", "") }, 1},
		{"without end it lasts until it was called", func(s *story) {
			s.ticket('A', "3 10:00", "", func(k *runonce.Ticket) { k.CalledAt = at(t, "3 10:40") }).ticket('A', "3 11:40", "3 11:50")
		}, 1},
		{"by phone, never there", func(s *story) { s.ticket('A', "3 10:00", "", phone) }, 0},
		{"by phone, served", func(s *story) { s.ticket('A', "3 10:00", "3 10:10", phone) }, 1},
		{"by phone, checked in", func(s *story) {
			s.ticket('A', "3 10:00", "", phone, func(k *runonce.Ticket) { k.CheckedInAt = k.IssuedAt })
		}, 1},
		{"the hall's own guide", func(s *story) { s.ticket('A', "3 10:00", "3 10:10", guide) }, 0},
		{"asked before the first application", func(s *story) {
			s.ticket('Q', "2 10:00", "2 10:10").ticket('A', "3 10:00", "3 10:10")
		}, 1},
		{"asked after it", func(s *story) { s.ticket('A', "3 10:00", "3 10:10").ticket('Q', "4 10:00", "4 10:10") }, 2},
		{"asked before the opening, no application", func(s *story) { s.ticket('Q', "2 10:00", "2 10:10").ticket('Q', "4 10:00", "4 10:10") }, 1},
		{"a guide's application is none", func(s *story) {
			s.ticket('A', "2 09:00", "2 09:10", guide).ticket('Q', "2 10:00", "2 10:10").ticket('A', "3 10:00", "3 10:10")
		}, 1},
		{"asks after the closing", func(s *story) { s.ticket('A', "3 10:00", "3 10:10").ticket('S', "21 10:00", "21 10:10") }, 1},
		{"asks on the closing day", func(s *story) { s.ticket('A', "3 10:00", "3 10:10").ticket('S', "20 18:00", "20 18:10") }, 2},
		{"collects after the closing", func(s *story) { s.ticket('A', "3 10:00", "3 10:10").ticket('C', "25 10:00", "25 10:10") }, 2},
		{"corrects after the closing", func(s *story) { s.ticket('A', "3 10:00", "3 10:10").ticket('R', "30 10:00", "30 10:10") }, 2},
		{"after the report day", func(s *story) {
			s.q.ReportDay = "2025-06-24"
			s.ticket('A', "3 10:00", "3 10:10").ticket('C', "25 10:00", "25 10:10")
		}, 1},
		{"served after the report day", func(s *story) {
			s.q.ReportDay = "2025-06-24"
			s.ticket('A', "3 10:00", "3 10:10").ticket('A', "24 23:50", "25 10:10", phone, func(k *runonce.Ticket) { k.StartedAt = at(t, "25 10:00") })
		}, 1},
	} {
		s := newStory(t).kase("C", "3 09:00", "20 12:00")
		c.tell(s)
		if got := s.c(); got.Visits != c.want {
			t.Errorf("%s: %d visits, want %d", c.name, got.Visits, c.want)
		}
	}
}

// A correction belongs to the case for 30 calendar days after the closing day.
func TestCorrectionFor30Days(t *testing.T) {
	for day, want := range map[string]int{"2025-07-02": 1, "2025-07-03": 2, "2025-07-31": 2} {
		s := newStory(t).kase("C", "2 09:00", "3 12:00").ticket('A', "2 10:00", "2 10:10").ticket('R', "33 10:00", "33 10:10")
		s.q.ReportDay = runonceDay(day)
		if got := s.c(); got.Visits != want {
			t.Errorf("as of %s: %d visits, want %d", day, got.Visits, want)
		}
	}
	s := newStory(t).kase("C", "2 09:00", "3 12:00").ticket('A', "2 10:00", "2 10:10").ticket('R', "34 10:00", "34 10:10")
	s.q.ReportDay = "2025-07-31"
	if got := s.c(); got.Visits != 1 {
		t.Errorf("after 31 days: %d visits", got.Visits)
	}
}

// The report day ends with its midnight: what is then is not known yet. A phone's ticket proves a visit by being served.
func TestTheReportDayEndsWithItsMidnight(t *testing.T) {
	for started, want := range map[string]int{"3 23:59:59": 1, "4 00:00": 0} {
		s := newStory(t).kase("C", "2 09:00", "").ticket('A', "3 23:50", "4 00:10", phone, func(k *runonce.Ticket) { k.StartedAt = at(t, started) })
		s.q.ReportDay = "2025-06-03"
		if got := s.c(); got.Visits != want {
			t.Errorf("served from %s on: %d visits, want %d", started, got.Visits, want)
		}
	}
	for closed, want := range map[string]int{"3 23:59:59": 1, "4 00:00": 0} {
		s := newStory(t).kase("C", "2 09:00", closed)
		s.q.To, s.q.ReportDay = "2025-06-03", "2025-06-03"
		if got := s.judge().All.N; got != want {
			t.Errorf("closed at %s: %d closed cases, want %d", closed, got, want)
		}
	}
}

func TestConsultationsApart(t *testing.T) {
	r := newStory(t).kase("C", "3 09:00", "20 12:00").ticket('Q', "2 10:00", "2 10:10").ticket('Q', "2 10:30", "2 10:40").
		ticket('Q', "2 15:00", "2 15:10").ticket('A', "3 10:00", "3 10:10").judge()
	if r.ConsultVisits != 2 || r.CaseVisits.Total != 1 {
		t.Errorf("%d consultations, %d visits", r.ConsultVisits, r.CaseVisits.Total)
	}
}

// TestPersonVisits counts the errands of people: one for a ticket with two cases, each its own where nobody is known.
func TestPersonVisits(t *testing.T) {
	both := func(k *runonce.Ticket) {
		k.Links = []runonce.Link{{Case: "C", Purpose: 'A'}, {Case: "D", Purpose: 'A'}}
	}
	forD := func(k *runonce.Ticket) { k.Links = []runonce.Link{{Case: "D", Purpose: 'A'}} }
	nobody := func(k *runonce.Ticket) { k.Person = "" }
	for _, c := range []struct {
		name string
		tell func(*story)
		want int
	}{
		{"a ticket for two cases", func(s *story) { s.ticket('A', "3 10:00", "3 10:10", both) }, 1},
		{"two tickets within the hour", func(s *story) { s.ticket('A', "3 10:00", "3 10:10").ticket('A', "3 11:00", "3 11:10", forD) }, 1},
		{"two tickets apart", func(s *story) { s.ticket('A', "3 10:00", "3 10:10").ticket('A', "3 15:00", "3 15:10", forD) }, 2},
		{"two people", func(s *story) {
			s.ticket('A', "3 10:00", "3 10:10").ticket('A', "3 10:20", "3 10:30", forD, func(k *runonce.Ticket) { k.Person = "p2" })
		}, 2},
		{"nobody known", func(s *story) { s.ticket('A', "3 10:00", "3 10:10", both, nobody) }, 2},
		{"known by one of the visit's tickets", func(s *story) { s.ticket('A', "3 10:00", "3 10:10").ticket('A', "3 10:20", "3 10:30", nobody) }, 1},
	} {
		s := newStory(t).kase("C", "3 09:00", "20 12:00").kase("D", "3 09:00", "20 12:00")
		c.tell(s)
		if got := s.judge().PersonVisits; got != c.want {
			t.Errorf("%s: %d person-visits, want %d", c.name, got, c.want)
		}
	}
}

// TestLinking finds the case of a ticket that names none.
func TestLinking(t *testing.T) {
	company := func(c *runonce.Case) { c.Subject, c.SubjectKind = "91350100M000100Y43", runonce.Company }
	by := func(p runonce.Party) func(*runonce.Ticket) { return func(k *runonce.Ticket) { k.Person = p } }
	for _, c := range []struct {
		name string
		tell func(*story)
		want map[string]int
	}{
		{"person and matter", func(s *story) { s.kase("C", "3 09:00", "20 12:00").ticket('A', "3 08:00", "3 08:10", unnamed) }, map[string]int{"C": 1}},
		{"on the closing day", func(s *story) { s.kase("C", "3 09:00", "20 12:00").ticket('S', "20 18:00", "20 18:10", unnamed) }, map[string]int{"C": 1}},
		{"the day before", func(s *story) { s.kase("C", "3 09:00", "20 12:00").ticket('A', "2 10:00", "2 10:10", unnamed) }, map[string]int{"C": 0}},
		{"the day after", func(s *story) { s.kase("C", "3 09:00", "20 12:00").ticket('C', "21 10:00", "21 10:10", unnamed) }, map[string]int{"C": 0}},
		{"a correction after", func(s *story) { s.kase("C", "3 09:00", "20 12:00").ticket('R', "30 10:00", "30 10:10", unnamed) }, map[string]int{"C": 1}},
		{"another matter", func(s *story) {
			s.kase("C", "3 09:00", "20 12:00", func(c *runonce.Case) { c.Matter = "M2" }).ticket('A', "3 10:00", "3 10:10", unnamed)
		}, map[string]int{"C": 0}},
		{"the company's credit code", func(s *story) {
			s.kase("C", "3 09:00", "20 12:00", company).ticket('A', "3 10:00", "3 10:10", unnamed, by("91350100M000100Y43"))
		}, map[string]int{"C": 1}},
		{"the agent", func(s *story) {
			s.kase("C", "3 09:00", "20 12:00", company, func(c *runonce.Case) { c.Agent = "a1" }).ticket('A', "3 10:00", "3 10:10", unnamed, by("a1"))
		}, map[string]int{"C": 1}},
		{"of two the one opened last", func(s *story) {
			s.kase("C", "3 09:00", "20 12:00").kase("D", "3 15:00", "20 12:00").ticket('A', "3 10:00", "3 10:10", unnamed)
		}, map[string]int{"C": 0, "D": 1}},
		{"the one still open", func(s *story) {
			s.kase("C", "3 09:00", "20 12:00").kase("D", "4 09:00", "5 12:00").ticket('S', "6 10:00", "6 10:10", unnamed)
		}, map[string]int{"C": 1, "D": 0}},
		{"nobody", func(s *story) { s.kase("C", "3 09:00", "20 12:00").ticket('A', "3 10:00", "3 10:10", unnamed, by("")) }, map[string]int{"C": 0}},
	} {
		s := newStory(t)
		c.tell(s)
		r := s.judge()
		linked := 0
		for _, got := range r.Cases {
			linked += got.Visits
			if want := c.want[string(got.Case)]; got.Visits != want {
				t.Errorf("%s: case %s has %d visits, want %d", c.name, got.Case, got.Visits, want)
			}
		}
		if *r.LinkedShare != float64(linked) {
			t.Errorf("%s: linked share %v", c.name, *r.LinkedShare)
		}
	}
}
