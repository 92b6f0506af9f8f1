package runonce_test

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// naiveMaker invents a small folder of exchange files. The same seed gives the
// same folder.
type naiveMaker struct {
	*rand.Rand
	start                                               time.Time // midnight of the first day
	cases, tickets, notices, referrals, matters         [][]string
	checkedIn, recorded, listed, guideVisits, agentsRun bool
	filed                                               []naiveFiled // what agents filed by a ticket of one case
}

// naiveFiled is an application that one ticket may share with others.
type naiveFiled struct {
	caseID, matter, agent string
	day                   int
}

var (
	naiveShanghai = time.FixedZone("Asia/Shanghai", 8*60*60) // no summer time in 2025
	naiveUrumqi   = time.FixedZone("", 6*60*60)
)

// chance is true n times of a hundred.
func (m *naiveMaker) chance(n int) bool { return m.IntN(100) < n }

func (m *naiveMaker) one(of ...string) string { return of[m.IntN(len(of))] }

// at is a time of a day, counted from the start, with odd seconds.
func (m *naiveMaker) at(day, hour int) time.Time {
	return m.start.AddDate(0, 0, day).Add(time.Duration(hour)*time.Hour + time.Duration(m.IntN(3600))*time.Second)
}

// text writes a time with one of three offsets, which only fix the instant.
func (m *naiveMaker) text(at time.Time) string {
	switch m.IntN(8) {
	case 0:
		return at.UTC().Format(time.RFC3339)
	case 1:
		return at.In(naiveUrumqi).Format(time.RFC3339)
	}
	return at.Format(time.RFC3339)
}

// maybe is the time, or nothing n times of a hundred.
func (m *naiveMaker) maybe(n int, at time.Time) string {
	if m.chance(n) {
		return ""
	}
	return m.text(at)
}

func naiveMake(seed uint64) (*naiveMaker, naiveQuery) {
	m := &naiveMaker{Rand: rand.New(rand.NewPCG(seed, 6))}
	m.start = time.Date(2025, 5, 20, 0, 0, 0, 0, naiveShanghai)
	m.checkedIn, m.recorded, m.listed = m.chance(50), m.chance(50), m.chance(70)
	m.guideVisits, m.agentsRun = m.chance(70), m.chance(40)
	m.makeMatters()
	for i := range 5 + m.IntN(56) {
		m.makeCase(fmt.Sprintf("C%02d", i), i)
	}
	m.shareTickets()
	for range m.IntN(m.IntN(25) + 1) {
		m.looseTicket()
	}
	from := 10 + m.IntN(6)
	to := from + m.IntN(31)
	q := naiveQuery{by: m.one("", "matter", "department", "window", "week", "agent")}
	q.zone, q.allCases = naiveShanghai, m.chance(70)
	if m.chance(20) {
		q.zone = naiveUrumqi
	}
	q.from = m.start.AddDate(0, 0, from).Format(time.DateOnly)
	q.to = m.start.AddDate(0, 0, to).Format(time.DateOnly)
	q.reportDay = m.start.AddDate(0, 0, max(from, to-5)+m.IntN(25)).Format(time.DateOnly)
	return m, q
}

func (m *naiveMaker) makeMatters() {
	promises := []string{"0", "3", "15", "20", "10"}
	for i, promised := range promises {
		m.matters = append(m.matters, []string{
			fmt.Sprintf("M%d", i), "事项", fmt.Sprintf("部门%d", i/2), "承诺件", "20", promised, "", "yes", "个人", "10",
			m.one("yes", "no"),
		})
	}
}

// naiveStory is what a case's rows have in common while they are made.
type naiveStory struct {
	id, matter, subject, agent, firstComplete string
	opened, closed                            int // days
	openedAt, closedAt                        time.Time
	named                                     bool // its tickets give the case number
	came                                      []time.Time
}

func (m *naiveMaker) makeCase(id string, i int) {
	s := naiveStory{id: id, matter: fmt.Sprintf("M%d", m.IntN(6)), named: m.chance(60)}
	s.subject = fmt.Sprintf("p%d", m.IntN(12))
	kind := "person"
	if m.chance(30) {
		s.subject, kind = fmt.Sprintf("K%d", m.IntN(4)), "company"
	}
	if m.agentsRun && m.chance(70) || m.chance(15) {
		s.agent = m.one("a0", "a0", "a0", "a1", "a2")
	}
	s.opened = m.IntN(40)
	s.openedAt = m.at(s.opened, 10+m.IntN(9)).Truncate(time.Minute).Add(time.Duration(i) * time.Second)
	s.closed = s.opened + m.IntN(m.IntN(26)+1)
	s.closedAt = m.at(s.closed, 20)
	s.firstComplete = m.one("yes", "yes", "no", "no", "")
	end := m.one("delivered", "delivered", "delivered", "delivered", "refused", "open", "open", "withdrawn", "no_authority", "test", "void")
	decided, recorded := s.closedAt.Add(-time.Duration(m.IntN(72))*time.Hour), s.openedAt.Add(time.Duration(m.IntN(96))*time.Hour)
	if decided.Before(s.openedAt) {
		decided = s.closedAt
	}
	switch m.IntN(10) {
	case 0, 1:
		recorded = decided // the last moment that counts
	case 2, 3:
		recorded = m.at(m.IntN(60), 12)
	}
	accepted := s.openedAt.AddDate(0, 0, m.IntN(3))
	row := []string{id, s.matter, s.subject, kind, m.text(s.openedAt), m.maybe(20, accepted), m.maybe(8, decided), m.text(s.closedAt),
		end, s.firstComplete, m.one("yes", "yes", "no", ""), m.one("mail", "collect", "collect", ""), m.one("审批局", "市监局", ""), "", s.agent, m.maybe(40, recorded)}
	switch end {
	case "open":
		row[6], row[7] = "", ""
		s.closed, s.closedAt = 60, m.at(60, 20)
	case "withdrawn", "no_authority", "test", "void":
		if !m.chance(10) {
			row[6] = ""
		}
	}
	if m.agentsRun && s.agent == "a0" && m.chance(60) {
		row[8] = "delivered"
	}
	m.cases = append(m.cases, row)
	s.came = []time.Time{s.openedAt}
	m.tellStory(&s)
	m.makeNotices(s)
	m.makeReferrals(s)
}

func (m *naiveMaker) makeNotices(s naiveStory) {
	if !m.chance(60) {
		return
	}
	items := [][]string{{"a"}, {"a", "b"}, {"b", "c"}, {"a"}, {"c"}}
	at := s.openedAt
	for seq := 1; seq <= 1+m.IntN(3); seq++ {
		at = at.Add(time.Duration(1+m.IntN(m.IntN(240)+1)) * time.Hour)
		if again := s.came[m.IntN(len(s.came))]; again.After(at) && m.chance(30) {
			at = again // at the very second at which a ticket was taken
		}
		if at.After(s.closedAt) {
			return
		}
		m.notices = append(m.notices, []string{
			s.id, fmt.Sprint(seq), m.text(at), strings.Join(items[m.IntN(len(items))], ";"), m.one("yes", "yes", "yes", "no"),
		})
	}
}

func (m *naiveMaker) makeReferrals(s naiveStory) {
	if m.chance(12) {
		at := s.openedAt.Add(time.Duration(1+m.IntN(100)) * time.Hour)
		m.referrals = append(m.referrals, []string{s.id, m.text(at), "W1", "W2", "", m.one("yes", "no")})
	}
}

// put writes the folder.
func (m *naiveMaker) put(t *testing.T, dir string) {
	t.Helper()
	tickets := strings.Split("ticket,case,matter,person,actor,purpose,channel,window,clerk,from_ticket,issued_at,called_at,started_at,ended_at,state,checked_in_at", ",")
	cases := strings.Split("case,matter,subject,subject_kind,opened_at,accepted_at,decided_at,closed_at,end,first_complete,delivery_offered,delivery_chosen,decision_org,seal,agent,delivery_recorded_at", ",")
	m.write(t, dir, "tickets.csv", tickets, m.tickets, !m.checkedIn)
	m.write(t, dir, "cases.csv", cases, m.cases, !m.recorded)
	m.write(t, dir, "notices.csv", []string{"case", "seq", "at", "items", "written"}, m.notices, false)
	m.write(t, dir, "referrals.csv", []string{"case", "at", "from", "to", "reason", "accepted"}, m.referrals, false)
	if m.listed {
		matters := strings.Split("code,name,department,kind,statutory_working_days,promised_working_days,materials,transferred,subject,avg_service_minutes,guide_visits", ",")
		m.write(t, dir, "matters.csv", matters, m.matters, !m.guideVisits)
	}
}

// write leaves the last column away where it is optional and not wanted.
func (m *naiveMaker) write(t *testing.T, dir, name string, head []string, rows [][]string, shorter bool) {
	t.Helper()
	var text strings.Builder
	if m.chance(20) {
		text.WriteString("\ufeff")
	}
	w := csv.NewWriter(&text)
	w.UseCRLF = m.chance(20)
	m.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	for _, row := range append([][]string{head}, rows...) {
		if shorter {
			row = row[:len(row)-1]
		}
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}
