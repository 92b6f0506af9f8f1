package runonce_test

import (
	"fmt"
	"strings"
	"time"
)

// tellStory lets people come for a case.
func (m *naiveMaker) tellStory(s *naiveStory) {
	if m.chance(15) {
		m.day(s, s.opened-m.IntN(3), m.one("Q", "Q", "Q", "Q", "A", "B", "V"))
	}
	if !m.chance(12) { // otherwise filed online
		m.day(s, s.opened, m.one("A", "A", "A", "QA", "AP"))
		if s.agent != "" {
			m.filed = append(m.filed, naiveFiled{s.id, s.matter, s.agent, s.opened})
		}
	}
	for range m.IntN(3) {
		if m.chance(65) {
			day := s.opened + m.IntN(max(1, min(s.closed, s.opened+15)-s.opened+1))
			m.day(s, day, m.one("B", "B", "A", "S", "V", "P", "VP", "X", "Q", "BS"))
		}
	}
	if m.chance(45) {
		m.day(s, s.closed+m.IntN(5), m.one("C", "C", "C", "CR", "PC"))
	}
	if m.chance(12) {
		m.day(s, s.closed+m.IntN(3), m.one("A", "B", "S", "X"))
	}
	if m.chance(15) {
		m.day(s, s.closed+m.one2(0, 29, 30, 31), "R")
	}
}

func (m *naiveMaker) one2(of ...int) int { return of[m.IntN(len(of))] }

// day is a day on which somebody takes a ticket for each purpose, and perhaps
// is transferred. Between them are all sorts of gaps.
func (m *naiveMaker) day(s *naiveStory, day int, purposes string) {
	person := s.subject
	actor := m.one("self", "self", "self", "self", "staff", "")
	if s.agent != "" && m.chance(80) {
		person, actor = s.agent, m.one("agent", "agent", "agent", "staff")
	}
	if s.named && m.chance(20) {
		person = ""
	}
	at := m.at(day, 10+m.IntN(5))
	if m.chance(4) {
		at = m.at(day, 22+m.IntN(2)) // may last over midnight
	}
	if purposes == "A" && m.chance(70) || purposes == "Q" && m.chance(25) {
		at = s.openedAt // both at the very second of the opening
	}
	from, transferred := "", false
	if m.chance(3) {
		from = fmt.Sprintf("T%04d", max(0, len(m.tickets)-1)) // of another day, or another case
	}
	for i := 0; i < len(purposes); i++ {
		row, end := m.ticket(s, person, actor, string(purposes[i]), at)
		row[9] = from
		if s.named && m.chance(8) {
			row[3] = ""
		} else if s.named && m.chance(3) {
			row[3] = m.one("p1", "p2", "a0") // two people came
		}
		s.came = append(s.came, at)
		from, transferred = "", !transferred && m.chance(15)
		at = end.Add(m.gap())
		if transferred {
			row[14], from = "transferred", row[0]
			i-- // the same purpose again, at another window
		}
		m.tickets = append(m.tickets, row)
	}
}

// gap lies about the bound of sixty minutes, often on it.
func (m *naiveMaker) gap() time.Duration {
	switch m.IntN(7) {
	case 6:
		return 0
	case 0:
		return time.Hour
	case 1:
		return time.Hour + time.Second
	case 2:
		return time.Hour - time.Second
	case 3:
		return time.Duration(60+m.IntN(240)) * time.Minute
	case 4:
		return -time.Duration(m.IntN(20)) * time.Minute // a second ticket taken meanwhile
	}
	return time.Duration(m.IntN(60)) * time.Minute
}

// ticket is a row of tickets.csv, and the latest time that stands in it.
func (m *naiveMaker) ticket(s *naiveStory, person, actor, purpose string, at time.Time) ([]string, time.Time) {
	id := fmt.Sprintf("T%04d", len(m.tickets))
	row := []string{id, s.id, s.matter, person, actor, purpose, m.one("kiosk", "kiosk", "kiosk", "desk", "desk", "phone", "phone", "online", "online", ""),
		fmt.Sprintf("W%d", m.IntN(4)), "u1", "", m.text(at), "", "", "", "", ""}
	if !s.named && person != "" {
		row[1] = ""
	}
	if m.chance(4) {
		row[7] = ""
	}
	latest := at
	if m.chance(40) {
		latest = latest.Add(time.Duration(m.IntN(600)) * time.Second)
		row[15] = m.text(latest)
	}
	if !m.checkedIn {
		latest = at
	}
	if m.chance(90) {
		latest = latest.Add(time.Duration(m.IntN(3000)) * time.Second)
		row[11] = m.text(latest)
	}
	row[14] = m.one("no_show", "abandoned", "cancelled", "waiting")
	if row[11] != "" && m.chance(85) {
		latest = latest.Add(time.Duration(m.IntN(120)) * time.Second)
		row[12], row[14] = m.text(latest), "done"
	}
	if m.chance(85) {
		latest = latest.Add(time.Duration(m.IntN(2400)) * time.Second)
		row[13] = m.text(latest)
	}
	return row, latest
}

// shareTickets lets an agent take one ticket for several cases.
func (m *naiveMaker) shareTickets() {
	for i, one := range m.filed {
		cases, matters, purposes := []string{one.caseID}, []string{one.matter}, []string{m.one("A", "B", "P")}
		for _, other := range m.filed[i+1:] {
			if other.agent == one.agent && m.chance(50) {
				cases, matters = append(cases, other.caseID), append(matters, other.matter)
				purposes = append(purposes, m.one("A", "A", "B", "Q", "C"))
			}
		}
		if len(cases) == 1 || !m.chance(30) {
			continue
		}
		s := &naiveStory{id: strings.Join(cases, ";"), matter: strings.Join(matters, ";"), named: m.chance(70)}
		row, _ := m.ticket(s, one.agent, "agent", strings.Join(purposes, ";"), m.at(one.day+m.IntN(4), 10+m.IntN(8)))
		m.tickets = append(m.tickets, row)
	}
}

// looseTicket names no case, and may find none.
func (m *naiveMaker) looseTicket() {
	person := m.one("", "p1", "p2", "p3", "a0", "a1", "K1", "nobody")
	s := &naiveStory{matter: fmt.Sprintf("M%d", m.IntN(6))}
	row, _ := m.ticket(s, person, m.one("self", "agent", "staff"), m.one("A", "Q", "B", "C", "R", "S"), m.at(m.IntN(60), 10+m.IntN(9)))
	m.tickets = append(m.tickets, row)
}
