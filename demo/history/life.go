package history

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"yitang/server/hall"
)

// invented is a hall whose days are made up one after the other.
type invented struct {
	Config
	Counts
	chance  *rand.Rand
	matters []matter
	due     map[int64][]errand // who comes on which day, by the day's Unix time

	caseFile, ticketFile, noticeFile, referralFile *bufio.Writer
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
		if h.maybe(h.Shares.Consult) {
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

// The errands of a day are laid on dayMin minutes of opening time; nobody comes in the last tailMin of a span, so that who
// comes is served while the hall is open.
const (
	dayMin  = 480
	tailMin = 30
)

// clock is a moment of the day between two minutes of dayMin.
func (h *invented) clock(d time.Time, from, to int) time.Time {
	open := 0
	for _, s := range h.Open {
		open += s.To - s.From - tailMin
	}
	second := (from*60 + h.chance.IntN((to-from)*60)) * open / dayMin
	for _, s := range h.Open {
		if long := (s.To - s.From - tailMin) * 60; second >= long {
			second -= long
			continue
		}
		return d.Add(time.Duration(s.From*60+second)*time.Second - east)
	}
	return d // no hours, nobody
}

// east is how much earlier the day begins in Beijing than in UTC.
const east = 8 * time.Hour

// file opens a case.
func (h *invented) file(d time.Time) *kase {
	h.Cases++
	c := &kase{id: fmt.Sprintf("C%07d", h.Cases), m: h.matters[h.chance.IntN(len(h.matters))], opened: h.clock(d, 120, 420),
		person: h.pseudonym(), kind: "person", complete: !h.maybe(h.Shares.Incomplete), offered: !h.maybe(h.Shares.NoDelivery),
		collect: h.maybe(h.Shares.Collect)}
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
	if h.Shares.NoShow > 0 && h.maybe(h.Shares.NoShow) { // was not heard, and takes another number; too late in the day comes tomorrow
		if _, _, e.at = h.ticket(e, "no_show", "", e.at); h.shut(e.at) {
			h.later(d, 1, e.c, e.purpose)
			return
		}
	}
	id := ""
	if h.maybe(h.Shares.Transfer) {
		id, _, e.at = h.ticket(e, "transferred", "", e.at)
	}
	_, begun, ended := h.ticket(e, "done", id, e.at)
	switch e.purpose {
	case 'A', 'B':
		h.filed(d, e, begun, ended)
	case 'C':
		e.c.closed = ended
		h.close(e.c, "delivered")
	}
}

// shut says whether the hall takes no more people, so that who came now would not be served in time.
func (h *invented) shut(at time.Time) bool {
	in := at.Add(east)
	minute := 60*in.Hour() + in.Minute()
	return !slices.ContainsFunc(h.Open, func(s hall.Span) bool { return s.From <= minute && minute < s.To-tailMin })
}

// filed is what comes of a filing in a service: a notice, an end at once, or a decision some days later.
func (h *invented) filed(d time.Time, e errand, begun, ended time.Time) {
	c := e.c
	missing := e.purpose == 'A' && !c.complete || e.purpose == 'B' && h.maybe(0.05)
	switch {
	case missing:
		c.seq++
		written := "yes"
		if h.maybe(0.1) {
			written = "no"
		}
		h.Notices++
		fmt.Fprintf(h.noticeFile, "%s,%d,%s,%s;%s,%s\n", c.id, c.seq, stamp(ended), c.m.paper(c.seq), c.m.paper(c.seq+1), written)
		h.later(d, 1+h.chance.IntN(5), c, 'B')
		return
	case h.maybe(0.01):
		c.closed = ended
		h.close(c, "no_authority")
		return
	}
	if c.accepted = ended; c.m.promised == 0 { // on the spot: accepted when the service began
		c.accepted, c.decided, c.closed = begun, ended, ended
		h.close(c, "delivered")
		return
	}
	for _, purpose := range []byte{'V', 'P'} {
		if h.maybe(h.Shares.Again) {
			h.later(d, 1, c, purpose)
		}
	}
	h.decide(d, c)
}

func (h *invented) decide(d time.Time, c *kase) {
	if h.maybe(h.Shares.Referral) {
		h.Referrals++
		fmt.Fprintf(h.referralFile, "%s,%s,%s,审批局,补充意见,yes\n", c.id, stamp(c.accepted.Add(time.Hour)), c.m.department)
	}
	after := 1 + h.chance.IntN(c.m.promised)
	if h.maybe(0.03) { // late
		after = c.m.promised + 1 + h.chance.IntN(4)
	}
	day := h.ahead(d, after)
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
		c.closed = h.ahead(day, 2).Add(4 * time.Hour)
		h.close(c, "delivered")
	}
}

// ahead is the n-th working day after a day.
func (h *invented) ahead(d time.Time, n int) time.Time {
	for n > 0 {
		if d = d.AddDate(0, 0, 1); h.Works(d) {
			n--
		}
	}
	return d
}

func (h *invented) later(d time.Time, n int, c *kase, purpose byte) {
	day := h.ahead(d, n)
	if purpose == 'A' {
		c.opened = h.clock(day, 120, 420)
	}
	h.due[day.Unix()] = append(h.due[day.Unix()], errand{c, purpose, h.clock(day, 0, 470)})
}

// ticket writes one. Two in a hundred name no case, and half of those nobody.
func (h *invented) ticket(e errand, state, from string, at time.Time) (id string, begun, ended time.Time) {
	h.Tickets++
	h.today++
	id = fmt.Sprintf("%s-%c%04d", at.Format("20060102"), 'A'+h.chance.IntN(8), h.today)
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
	called := at.Add(time.Duration(30+h.chance.IntN(h.longestWait(at))) * time.Second)
	ended = called
	switch state {
	case "abandoned":
		called = time.Time{}
	case "no_show":
		ended = called.Add(missedAfter)
	default:
		begun = called.Add(time.Duration(5+h.chance.IntN(40)) * time.Second)
		ended = begun.Add(time.Duration(60+h.chance.IntN(1200)) * time.Second)
	}
	fmt.Fprintf(h.ticketFile, "%s,%s,%s,%s,%s,%c,%s,%d,clerk%d,%s,%s,%s,%s,%s,%s\n", id, number, e.c.m.code, who, actor, e.purpose,
		[]string{"kiosk", "kiosk", "kiosk", "desk"}[h.chance.IntN(4)], window, window, from, stamp(at), stamp(called), stamp(begun), stamp(ended), state)
	return id, begun, ended
}

// longestWait is the longest wait in seconds of who comes at a moment: the queue grows until the middle of an opening time and is
// gone before the hall closes.
func (h *invented) longestWait(at time.Time) int {
	in := at.Add(east)
	minute := 60*in.Hour() + in.Minute()
	for _, s := range h.Open {
		if part := float64(minute-s.From) / float64(s.To-tailMin-s.From); 0 < part && part < 1 {
			return h.Shares.LongWaitS + int(4*part*(1-part)*float64(h.Shares.RushS))
		}
	}
	return h.Shares.LongWaitS
}

// missedAfter is how long a window calls: three times, twenty seconds apart.
const missedAfter = time.Minute

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
