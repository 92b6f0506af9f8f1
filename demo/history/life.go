package history

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"yitang/demo"
	"yitang/demo/profile"
	"yitang/server/hall"
)

// invented is a hall whose days are made up one after the other.
type invented struct {
	Config
	Counts
	chance  *rand.Rand
	matters map[hall.MatterCode]matter
	people  *profile.Profile
	public  *demo.Public
	due     map[int64][]errand        // who comes on which day, by the day's Unix time
	waiting map[hall.FieldID][]errand // who comes today, by the field of their matter

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

// errand is a visit that somebody makes, not before a time.
type errand struct {
	c       *kase
	purpose byte
	at      time.Time
}

// day lives one day: people come as the profile has them, some on an errand that is due, the others with a new case.
func (h *invented) day(d time.Time) {
	h.today, h.waiting = 0, map[hall.FieldID][]errand{}
	for _, e := range h.due[d.Unix()] {
		h.waiting[e.c.m.field] = append(h.waiting[e.c.m.field], e)
	}
	delete(h.due, d.Unix())
	for _, a := range h.people.Day(h.chance) {
		h.come(d, h.errand(a.Field, d.Add(a.At-east)))
	}
	for _, f := range h.Layout.Fields { // nobody of the field came late enough: tomorrow
		for _, e := range h.waiting[f.ID] {
			h.later(d, 1, e.c, e.purpose)
		}
	}
}

// errand is what somebody who comes now for a field wants.
func (h *invented) errand(f hall.FieldID, at time.Time) errand {
	list := h.waiting[f]
	if i := slices.IndexFunc(list, func(e errand) bool { return !e.at.After(at) }); i >= 0 {
		e := list[i]
		h.waiting[f] = slices.Delete(list, i, i+1)
		e.at = at
		return e
	}
	c := h.file(f, at)
	if h.maybe(h.Shares.Consult) {
		return errand{c, 'Q', at}
	}
	return errand{c, 'A', at}
}

func (h *invented) maybe(p float64) bool { return h.chance.Float64() < p }

// east is how much earlier the day begins in Beijing than in UTC.
const east = 8 * time.Hour

// file opens a case of a field.
func (h *invented) file(f hall.FieldID, at time.Time) *kase {
	h.Cases++
	wants, _ := h.public.Person(f) // newHall has left out the fields without matters
	c := &kase{id: fmt.Sprintf("C%07d", h.Cases), m: h.matters[wants.Matters[0]], opened: at,
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
	if e.purpose == 'A' {
		e.c.opened = e.at
	}
	if h.maybe(0.02) { // gives up, and comes again tomorrow
		h.ticket(e, "abandoned", visit{})
		h.later(d, 1, e.c, e.purpose)
		return
	}
	if h.Shares.NoShow > 0 && h.maybe(h.Shares.NoShow) { // was not heard, and takes another number; when the hall is shut comes tomorrow
		if e.at = h.ticket(e, "no_show", visit{}).ended; h.shut(e.at) {
			h.later(d, 1, e.c, e.purpose)
			return
		}
	}
	from := visit{}
	if h.maybe(h.Shares.Transfer) {
		from = h.ticket(e, "transferred", visit{})
		e.at = from.ended
	}
	v := h.ticket(e, "done", from)
	switch e.purpose {
	case 'Q': // files when the papers are there
		e.purpose, e.at = 'A', v.ended.Add(fetchPapers)
		h.waiting[e.c.m.field] = append(h.waiting[e.c.m.field], e)
	case 'A', 'B':
		h.filed(d, e, v.begun, v.ended)
	case 'C':
		e.c.closed = v.ended
		h.close(e.c, "delivered")
	}
}

// fetchPapers is how soon after asking somebody files at the earliest.
const fetchPapers = time.Hour

// shut says whether the hall gives no numbers.
func (h *invented) shut(at time.Time) bool {
	minute := minuteOf(at)
	return !slices.ContainsFunc(h.Open, func(s hall.Span) bool { return s.From <= minute && minute < s.To })
}

func minuteOf(at time.Time) int {
	in := at.Add(east)
	return 60*in.Hour() + in.Minute()
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

// later puts a visit off by n working days.
func (h *invented) later(d time.Time, n int, c *kase, purpose byte) {
	day := h.ahead(d, n)
	h.due[day.Unix()] = append(h.due[day.Unix()], errand{c: c, purpose: purpose})
}

// visit is a ticket that was written.
type visit struct {
	id           string
	begun, ended time.Time
}

// ticket writes one, at another window than the ticket that it comes from. Two in a hundred name no case, and half of those nobody.
func (h *invented) ticket(e errand, state string, from visit) visit {
	h.Tickets++
	h.today++
	v := visit{id: fmt.Sprintf("%s-%s%04d", e.at.Format("20060102"), e.c.m.field, h.today)}
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
	window := h.window(e, from.id)
	called := h.serve(&v, e, state)
	fmt.Fprintf(h.ticketFile, "%s,%s,%s,%s,%s,%c,%s,%d,clerk%d,%s,%s,%s,%s,%s,%s\n", v.id, number, e.c.m.code, who, actor, e.purpose,
		[]string{"kiosk", "kiosk", "kiosk", "desk"}[h.chance.IntN(4)], window, window, from.id, stamp(e.at), stamp(called), stamp(v.begun), stamp(v.ended), state)
	return v
}

// serve says when the ticket was called, and fills in its service, which lasts as one in the demo does.
func (h *invented) serve(v *visit, e errand, state string) (called time.Time) {
	called = e.at.Add(h.seconds(10, h.longestWait(e.at)))
	switch v.ended = called; state {
	case "abandoned":
		return time.Time{}
	case "no_show":
		v.ended = called.Add(missedAfter)
	default:
		v.begun = called.Add(h.seconds(10, 40))
		v.ended = v.begun.Add(demo.Service(h.chance, e.c.m.usual).Round(time.Second))
	}
	return called
}

// seconds draws whole ones.
func (h *invented) seconds(from, to int) time.Duration {
	return time.Duration(from+h.chance.IntN(to-from)) * time.Second
}

// longestWait is the longest wait in seconds of who comes at a moment: the queue grows until the middle of an opening time and is
// gone before the hall closes.
func (h *invented) longestWait(at time.Time) int {
	minute := minuteOf(at)
	for _, s := range h.Open {
		if part := float64(minute-s.From) / float64(s.To-s.From); 0 < part && part < 1 {
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
