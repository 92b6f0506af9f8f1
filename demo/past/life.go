package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// invented is a hall whose days are made up one after the other.
type invented struct {
	chance  *rand.Rand
	matters []matter
	due     map[int64][]errand // who comes on which day, by the day's Unix time

	caseFile, ticketFile, noticeFile, referralFile *bufio.Writer
	cases, tickets, notices, referrals             int
	today                                          int // tickets issued today
}

// kase is a case on its way.
type kase struct {
	id, person, agent string
	kind              string
	m                 matter
	opened            time.Time
	accepted          time.Time
	decided, closed   time.Time
	complete          bool
	offered, collect  bool
	seq               int
	written           bool
}

// errand is a visit that somebody will make.
type errand struct {
	c       *kase
	purpose byte
	at      time.Time
}

// day lives one day: old cases' errands and n new cases, in the order of the clock.
func (h *invented) day(d time.Time, n int) {
	list := h.due[d.Unix()]
	delete(h.due, d.Unix())
	for range n {
		c := h.file(d)
		if h.maybe(0.25) {
			list = append(list, errand{c, 'Q', h.clock(d, 0, 120)})
		}
		list = append(list, errand{c, 'A', c.opened})
	}
	for i := range list {
		if list[i].purpose != 'A' && list[i].purpose != 'Q' {
			list[i].at = h.clock(d, 0, 470)
		}
	}
	slices.SortStableFunc(list, func(a, b errand) int { return a.at.Compare(b.at) })
	h.today = 0
	for _, e := range list {
		h.come(d, e)
	}
}

func (h *invented) maybe(p float64) bool { return h.chance.Float64() < p }

// clock is a moment of the day, so many minutes after 10:00.
func (h *invented) clock(d time.Time, from, to int) time.Time {
	return d.Add(2*time.Hour + time.Duration(from*60+h.chance.IntN((to-from)*60))*time.Second) // 10:00 in Beijing is 02:00 UTC
}

// file opens a case.
func (h *invented) file(d time.Time) *kase {
	h.cases++
	c := &kase{id: fmt.Sprintf("C%07d", h.cases), m: h.matters[h.chance.IntN(len(h.matters))], opened: h.clock(d, 120, 420),
		person: h.pseudonym(), kind: "person", complete: h.maybe(0.7), offered: h.maybe(0.7), collect: h.maybe(0.4)}
	if h.maybe(0.4) {
		c.kind = "company"
	}
	if h.maybe(0.1) {
		c.agent = fmt.Sprintf("agent%04d", int(h.chance.ExpFloat64()*60))
	}
	return c
}

func (h *invented) pseudonym() string {
	const letters = "abcdefghijklmnopqrstuvwxyz234567"
	b := make([]byte, 32)
	for i := range b {
		b[i] = letters[h.chance.IntN(32)]
	}
	return string(b)
}

// come makes the tickets of an errand and moves the case on.
func (h *invented) come(d time.Time, e errand) {
	if h.maybe(0.02) { // gives up, and comes again tomorrow
		h.ticket(e, "abandoned", "", e.at)
		h.later(d, 1, e.c, e.purpose)
		return
	}
	if h.maybe(0.08) {
		id := h.ticket(e, "transferred", "", e.at)
		e.at = e.at.Add(10 * time.Minute)
		h.ticket(e, "done", id, e.at)
	} else {
		h.ticket(e, "done", "", e.at)
	}
	switch e.purpose {
	case 'A', 'B':
		h.filed(d, e)
	case 'C':
		e.c.closed = e.at.Add(15 * time.Minute)
		h.close(e.c, "delivered")
	}
}

// filed is what comes of a filing: a notice, an end at once, or a decision some days later.
func (h *invented) filed(d time.Time, e errand) {
	c := e.c
	missing := e.purpose == 'A' && !c.complete || e.purpose == 'B' && h.maybe(0.05)
	switch {
	case missing:
		c.seq++
		written := "yes"
		if h.maybe(0.1) {
			written = "no"
		}
		h.notices++
		fmt.Fprintf(h.noticeFile, "%s,%d,%s,材料%d;材料%d,%s\n", c.id, c.seq, stamp(e.at.Add(5*time.Minute)), c.seq, c.seq+1, written)
		h.later(d, 1+h.chance.IntN(5), c, 'B')
		return
	case h.maybe(0.01):
		c.closed = e.at.Add(10 * time.Minute)
		h.close(c, "no_authority")
		return
	}
	c.accepted = e.at.Add(8 * time.Minute)
	if c.m.promised == 0 {
		c.decided, c.closed = e.at.Add(10*time.Minute), e.at.Add(12*time.Minute)
		h.close(c, "delivered")
		return
	}
	for _, purpose := range []byte{'V', 'P'} {
		if h.maybe(0.22) {
			h.later(d, 1, c, purpose)
		}
	}
	h.decide(d, c)
}

func (h *invented) decide(d time.Time, c *kase) {
	if h.maybe(0.02) {
		h.referrals++
		fmt.Fprintf(h.referralFile, "%s,%s,%s,审批局,补充意见,yes\n", c.id, stamp(c.accepted.Add(time.Hour)), c.m.department)
	}
	after := 1 + h.chance.IntN(c.m.promised)
	day := ahead(d, after)
	c.decided = day.Add(5 * time.Hour)
	switch {
	case h.maybe(0.015):
		c.closed, c.decided = day.Add(3*time.Hour), time.Time{}
		h.close(c, "withdrawn")
	case h.maybe(0.03):
		c.closed = c.decided.Add(time.Hour)
		h.close(c, "refused")
	case c.collect || !c.offered:
		h.later(day, 1+h.chance.IntN(3), c, 'C')
	default:
		c.closed = ahead(day, 2).Add(4 * time.Hour)
		h.close(c, "delivered")
	}
}

// ahead is the n-th working day after a day.
func ahead(d time.Time, n int) time.Time {
	for n > 0 {
		if d = d.AddDate(0, 0, 1); works(d) {
			n--
		}
	}
	return d
}

func (h *invented) later(d time.Time, n int, c *kase, purpose byte) {
	day := ahead(d, n)
	if purpose == 'A' {
		c.opened = h.clock(day, 120, 420)
	}
	h.due[day.Unix()] = append(h.due[day.Unix()], errand{c, purpose, h.clock(day, 0, 470)})
}

// ticket writes one. Two in a hundred name no case, and half of those nobody.
func (h *invented) ticket(e errand, state, from string, at time.Time) string {
	h.tickets++
	h.today++
	id := fmt.Sprintf("%s-%c%04d", at.Format("20060102"), 'A'+h.chance.IntN(8), h.today)
	who, actor, number := e.c.person, "self", e.c.id
	if e.c.agent != "" {
		who, actor = e.c.agent, "agent"
	}
	if h.maybe(0.02) {
		number = ""
		if h.maybe(0.5) {
			who = ""
		}
	}
	window := h.window(e, from)
	called, started := at.Add(time.Duration(30+h.chance.IntN(1200))*time.Second), time.Time{}
	ended := called
	if state != "abandoned" {
		started = called.Add(time.Duration(5+h.chance.IntN(40)) * time.Second)
		ended = started.Add(time.Duration(60+h.chance.IntN(1200)) * time.Second)
	} else {
		called = time.Time{}
	}
	fmt.Fprintf(h.ticketFile, "%s,%s,%s,%s,%s,%c,%s,%d,clerk%d,%s,%s,%s,%s,%s,%s\n", id, number, e.c.m.code, who, actor, e.purpose,
		[]string{"kiosk", "kiosk", "kiosk", "desk"}[h.chance.IntN(4)], window, window, from, stamp(at), stamp(called), stamp(started), stamp(ended), state)
	return id
}

// window is the matter's own, that for results, or after a transfer the next one.
func (h *invented) window(e errand, from string) int {
	if e.purpose == 'C' {
		return 24
	}
	n := int(e.c.m.code[len(e.c.m.code)-1]+e.c.m.code[0]) % 22
	if from != "" {
		n++
	}
	return 1 + n
}

// close writes the case.
func (h *invented) close(c *kase, end string) {
	if c.written {
		return
	}
	c.written = true
	yes := func(b bool) string {
		if b {
			return "yes"
		}
		return "no"
	}
	chosen := ""
	if c.offered {
		chosen = "mail"
		if c.collect {
			chosen = "collect"
		}
	}
	org := ""
	if !c.decided.IsZero() {
		org = c.m.department
		if c.m.transferred {
			org = "行政审批局"
		}
	}
	fmt.Fprintf(h.caseFile, "%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s\n", c.id, c.m.code, c.person, c.kind, stamp(c.opened),
		stamp(c.accepted), stamp(c.decided), stamp(c.closed), end, yes(c.complete), yes(c.offered), chosen, org, org, c.agent)
}

// rest writes the cases that are still open when the last day ends.
func (h *invented) rest() {
	var open []*kase
	for _, list := range h.due {
		for _, e := range list {
			open = append(open, e.c)
		}
	}
	slices.SortFunc(open, func(a, b *kase) int {
		if a.id < b.id {
			return -1
		}
		return 1
	})
	for _, c := range open {
		h.close(c, "open")
	}
}

func stamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.Add(8*time.Hour).Format("2006-01-02T15:04:05") + "+08:00"
}
