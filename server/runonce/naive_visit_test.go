package runonce_test

import (
	"slices"
	"strings"
	"time"
)

// naiveStay is a ticket as one case sees it.
type naiveStay struct {
	naiveTicket
	purpose string
}

type naiveVisit []naiveStay

func (t naiveTicket) present() bool {
	return !t.started.IsZero() || !t.checkedIn.IsZero() || t.channel == "kiosk" || t.channel == "desk"
}

func (t naiveTicket) staff() bool { return t.actor == "staff" }

// end is ended_at, or the latest time that is known.
func (t naiveTicket) end() time.Time {
	if !t.ended.IsZero() {
		return t.ended
	}
	latest := t.issued
	for _, at := range []time.Time{t.checkedIn, t.called, t.started} {
		if at.After(latest) {
			latest = at
		}
	}
	return latest
}

// linkByPerson finds the case of a ticket that names none, "" for none.
func (f naiveFolder) linkByPerson(t naiveTicket, matter, purpose string) string {
	if t.person == "" {
		return ""
	}
	found := naiveCase{}
	for _, c := range f.cases {
		if c.matter != matter || c.subject != t.person && c.agent != t.person {
			continue
		}
		day := f.day(t.issued)
		if day < f.day(c.opened) {
			continue
		}
		if !c.closed.IsZero() {
			last := f.day(c.closed)
			if purpose == "R" {
				last = naiveAddDays(last, 30)
			}
			if day > last {
				continue
			}
		}
		if found.id == "" || c.opened.After(found.opened) {
			found = c
		}
	}
	return found.id
}

// purposeOf is the purpose for the i-th case or matter of a ticket.
func (t naiveTicket) purposeOf(i int) string {
	if len(t.purposes) == 1 {
		return t.purposes[0]
	}
	return t.purposes[i]
}

// linked says whether a ticket belongs to any case.
func (f naiveFolder) linked(t naiveTicket) bool {
	if len(t.cases) > 0 {
		return true
	}
	for i, matter := range t.matters {
		if f.linkByPerson(t, matter, t.purposeOf(i)) != "" {
			return true
		}
	}
	return false
}

// stays are all tickets of a case, in order, whoever came.
func (f naiveFolder) stays(c naiveCase) []naiveStay {
	var all []naiveStay
	for _, t := range f.tickets {
		for i, id := range t.cases {
			if id == c.id && f.mayBelong(c, t, t.purposeOf(i)) {
				all = append(all, naiveStay{t, t.purposeOf(i)})
			}
		}
		if len(t.cases) > 0 {
			continue
		}
		for i, matter := range t.matters {
			if f.linkByPerson(t, matter, t.purposeOf(i)) == c.id {
				all = append(all, naiveStay{t, t.purposeOf(i)})
			}
		}
	}
	naiveSort(all)
	return all
}

func naiveSort(stays []naiveStay) {
	slices.SortStableFunc(stays, func(a, b naiveStay) int {
		if !a.issued.Equal(b.issued) {
			return a.issued.Compare(b.issued)
		}
		return strings.Compare(a.id, b.id)
	})
}

// mayBelong: after the closing day only corrections and collecting.
func (f naiveFolder) mayBelong(c naiveCase, t naiveTicket, purpose string) bool {
	if c.closed.IsZero() || f.day(t.issued) <= f.day(c.closed) || purpose == "C" {
		return true
	}
	return purpose == "R" && f.day(t.issued) <= naiveAddDays(f.day(c.closed), 30)
}

// counted parts the tickets of a case into those that count and the consulting
// before the first application.
func (f naiveFolder) counted(c naiveCase) (counted, consult []naiveStay) {
	var present []naiveStay
	for _, s := range f.stays(c) {
		if !s.staff() && s.present() {
			present = append(present, s)
		}
	}
	first := c.opened
	for _, s := range present {
		if s.purpose == "A" {
			first = s.issued
			break
		}
	}
	for _, s := range present {
		if s.purpose == "Q" && s.issued.Before(first) {
			consult = append(consult, s)
		} else {
			counted = append(counted, s)
		}
	}
	return counted, consult
}

// chain makes visits of tickets that are in order.
func (f naiveFolder) chain(stays []naiveStay) []naiveVisit {
	var visits []naiveVisit
	for _, s := range stays {
		if len(visits) > 0 && f.joins(visits[len(visits)-1], s) {
			visits[len(visits)-1] = append(visits[len(visits)-1], s)
			continue
		}
		visits = append(visits, naiveVisit{s})
	}
	return visits
}

func (f naiveFolder) joins(v naiveVisit, s naiveStay) bool {
	if f.day(v[0].issued) != f.day(s.issued) {
		return false
	}
	latest := v[0].end()
	for _, before := range v {
		if before.end().After(latest) {
			latest = before.end()
		}
	}
	return s.from != "" || s.issued.Sub(latest) <= 60*time.Minute
}

func (f naiveFolder) visits(c naiveCase) []naiveVisit {
	counted, _ := f.counted(c)
	return f.chain(counted)
}

func (f naiveFolder) consultVisits(c naiveCase) int {
	_, consult := f.counted(c)
	return len(f.chain(consult))
}

// personVisits chains by person and day over all cases given; without a
// person the visit of each case is its own. A ticket without a person in a
// visit that knows one is that person's.
func (f naiveFolder) personVisits(cases []naiveCase) int {
	n := 0
	byPerson := map[string][]naiveStay{}
	for _, c := range cases {
		for _, v := range f.visits(c) {
			if v.person() == "" {
				n++
				continue
			}
			for _, s := range v {
				if s.person == "" {
					s.person = v.person()
				}
				if !slices.ContainsFunc(byPerson[s.person], func(o naiveStay) bool { return o.id == s.id }) {
					byPerson[s.person] = append(byPerson[s.person], s)
				}
			}
		}
	}
	for _, stays := range byPerson {
		naiveSort(stays)
		n += len(f.chain(stays))
	}
	return n
}

// person is the first that a ticket of the visit names.
func (v naiveVisit) person() string {
	for _, s := range v {
		if s.person != "" {
			return s.person
		}
	}
	return ""
}

func (v naiveVisit) all(purpose string) bool {
	for _, s := range v {
		if s.purpose != purpose {
			return false
		}
	}
	return true
}

func (v naiveVisit) has(purposes string) bool {
	for _, s := range v {
		if strings.Contains(purposes, s.purpose) {
			return true
		}
	}
	return false
}

func (v naiveVisit) served() bool {
	for _, s := range v {
		if !s.started.IsZero() {
			return true
		}
	}
	return false
}

// lawVisits leaves out collecting by choice and visits that the guide lists.
func (f naiveFolder) lawVisits(c naiveCase) int {
	n := 0
	for _, v := range f.visits(c) {
		switch {
		case v.all("C") && c.declined():
		case v.all("V") && f.matter(c.matter).guideVisits:
		default:
			n++
		}
	}
	return n
}

// declined: delivery was offered, and declined before the decision.
func (c naiveCase) declined() bool {
	if c.offered != "yes" || c.chosen != "collect" {
		return false
	}
	return c.recorded.IsZero() || c.decided.IsZero() || !c.recorded.After(c.decided)
}
