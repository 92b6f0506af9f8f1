package runonce_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"yitang/server/hall"
	"yitang/server/runonce"
	"yitang/server/workday"
)

// beijing is eight hours before UTC all year.
var beijing = time.FixedZone("Beijing", 8*60*60) //nolint:gochecknoglobals // a constant

// at is a moment of June 2025: "3 10:00" or "3 10:00:30"; 31 is the first of July; empty is unknown.
func at(t testing.TB, s string) hall.Millis {
	t.Helper()
	if s == "" {
		return 0
	}
	if strings.Count(s, ":") == 1 {
		s += ":00"
	}
	day, clock, _ := strings.Cut(s, " ")
	n, err := strconv.Atoi(day)
	if err != nil {
		t.Fatal(err)
	}
	m, err := time.ParseInLocation("2006-1-2 15:04:05", "2025-6-1 "+clock, beijing)
	if err != nil {
		t.Fatal(err)
	}
	return hall.Millis(m.AddDate(0, 0, n-1).UnixMilli())
}

// story is a case being told; its tickets, notices and referrals by short lines.
type story struct {
	testing.TB
	d runonce.Data
	q runonce.Query
}

func newStory(t testing.TB) *story {
	return &story{TB: t, d: runonce.Data{Zone: beijing, Calendar: workday.Default()},
		q: runonce.Query{From: "2025-06-01", To: "2025-06-30", ReportDay: "2025-06-30", AllCases: true}}
}

// kase opens a delivered case of matter M1 and subject p1, from one moment to another (empty: still open).
func (s *story) kase(id, opened, closed string, change ...func(*runonce.Case)) *story {
	s.Helper()
	c := runonce.Case{ID: runonce.CaseID(id), Matter: "M1", Subject: "p1", SubjectKind: runonce.Person, End: runonce.Open,
		OpenedAt: at(s, opened), AcceptedAt: at(s, opened), FirstComplete: runonce.Yes}
	if closed != "" {
		c.End, c.ClosedAt, c.DecidedAt = runonce.Delivered, at(s, closed), at(s, closed)
	}
	for _, f := range change {
		f(&c)
	}
	s.d.Cases = append(s.d.Cases, c)
	return s
}

// ticket takes a kiosk's ticket for case C at a moment, served from then until ended; ended empty: never served.
func (s *story) ticket(purpose byte, issued, ended string, change ...func(*runonce.Ticket)) *story {
	s.Helper()
	t := runonce.Ticket{ID: hall.TicketID(string(rune('a' + len(s.d.Tickets)))), Links: []runonce.Link{{Case: "C", Purpose: runonce.Purpose(purpose)}},
		Matters: []hall.MatterCode{"M1"}, Person: "p1", Actor: runonce.Self, Channel: runonce.Kiosk, State: runonce.Abandoned,
		Window: "1", IssuedAt: at(s, issued)}
	if ended != "" {
		t.State, t.StartedAt, t.EndedAt = runonce.Done, t.IssuedAt, at(s, ended)
	}
	for _, f := range change {
		f(&t)
	}
	s.d.Tickets = append(s.d.Tickets, t)
	return s
}

func (s *story) notice(seq int, when string, written runonce.Answer, items ...string) *story {
	s.Helper()
	s.d.Notices = append(s.d.Notices, runonce.Notice{Case: "C", Seq: seq, At: at(s, when), Written: written, Items: items})
	return s
}

func (s *story) referral(when, from, to string, accepted runonce.Answer) *story {
	s.Helper()
	s.d.Referrals = append(s.d.Referrals, runonce.Referral{Case: "C", At: at(s, when), From: from, To: to, Accepted: accepted})
	return s
}

func (s *story) standard(st runonce.Standard) *story {
	s.d.Standards = map[hall.MatterCode]runonce.Standard{"M1": st}
	return s
}

func (s *story) judge() *runonce.Report {
	s.Helper()
	r, err := runonce.Judge(s.d, s.q)
	if err != nil {
		s.Fatal(err)
	}
	return r
}

// c is the case C judged.
func (s *story) c() runonce.CaseResult {
	s.Helper()
	for _, c := range s.judge().Cases {
		if c.Case == "C" {
			return c
		}
	}
	s.Fatal("no case C")
	return runonce.CaseResult{}
}

func phone(t *runonce.Ticket)   { t.Channel = runonce.Phone }
func guide(t *runonce.Ticket)   { t.Actor = runonce.Staff }
func unnamed(t *runonce.Ticket) { t.Purposes, t.Links = []runonce.Purpose{t.Links[0].Purpose}, nil }
func moved(from string) func(*runonce.Ticket) {
	return func(t *runonce.Ticket) { t.From = hall.TicketID(from) }
}
func incomplete(c *runonce.Case) { c.FirstComplete = runonce.No }
func declined(c *runonce.Case) {
	c.DeliveryOffered, c.DeliveryChosen = runonce.Yes, "collect"
}

func runonceDay(s string) hall.Day { return hall.Day(s) }
