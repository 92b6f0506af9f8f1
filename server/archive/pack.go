package archive

import (
	"encoding/binary"
	"errors"

	"yitang/server/hall"
	"yitang/server/runonce"
)

// format is the first byte of what is packed; another one is refused.
const format = 1

// packer writes a record: texts with their length in front, whole numbers as varints, times as the distance from the
// record's first time (0 where unknown), words by their place in a list.
type packer struct {
	b    []byte
	base hall.Millis
}

func (p *packer) text(s string) {
	p.b = binary.AppendUvarint(p.b, uint64(len(s)))
	p.b = append(p.b, s...)
}

func (p *packer) count(n int) { p.b = binary.AppendUvarint(p.b, uint64(n)) } // #nosec G115 -- a count

func (p *packer) first(at hall.Millis) {
	p.base = at
	p.b = binary.AppendVarint(p.b, int64(at))
}

// instant writes a time relative to the first one, at least one off from 0, which is unknown.
func (p *packer) instant(at hall.Millis) {
	if at == 0 {
		p.b = append(p.b, 0)
		return
	}
	d := int64(at - p.base)
	if d >= 0 {
		d++
	}
	p.b = binary.AppendVarint(p.b, d)
}

// word writes one of a few words; they are all known, because reading checked them.
func (p *packer) word(list []string, w string) {
	for i, known := range list {
		if known == w {
			p.b = append(p.b, byte(i))
			return
		}
	}
	p.b = append(p.b, 0)
}

// The words in the order in which they are kept; new ones may only come behind.
func actors() []string   { return []string{"", "self", "agent", "staff"} }
func channels() []string { return []string{"", "kiosk", "desk", "phone", "online"} }
func states() []string {
	return []string{"", "done", "no_show", "abandoned", "cancelled", "transferred", "waiting"}
}
func ends() []string {
	return []string{"", "open", "delivered", "refused", "withdrawn", "no_authority", "test", "void"}
}
func kinds() []string   { return []string{"", "person", "company"} }
func answers() []string { return []string{"", "yes", "no"} }
func choices() []string { return []string{"", "mail", "collect"} }

func (p *packer) ticket(t *runonce.Ticket) {
	p.first(t.IssuedAt)
	for _, at := range []hall.Millis{t.CheckedInAt, t.CalledAt, t.StartedAt, t.EndedAt} {
		p.instant(at)
	}
	for _, s := range []string{string(t.ID), string(t.From), string(t.Person), string(t.Window), t.Clerk} {
		p.text(s)
	}
	p.word(actors(), string(t.Actor))
	p.word(channels(), string(t.Channel))
	p.word(states(), string(t.State))
	p.count(len(t.Matters))
	for _, m := range t.Matters {
		p.text(string(m))
	}
	p.count(len(t.Purposes))
	for _, u := range t.Purposes {
		p.b = append(p.b, byte(u))
	}
	links := 2 * len(t.Links)
	if t.Resolved {
		links++
	}
	p.count(links)
	for _, l := range t.Links {
		p.text(string(l.Case))
		p.b = append(p.b, byte(l.Purpose))
	}
}

func (p *packer) kase(c *runonce.Case) {
	p.first(c.OpenedAt)
	for _, at := range []hall.Millis{c.AcceptedAt, c.DecidedAt, c.ClosedAt, c.DeliveryRecordedAt} {
		p.instant(at)
	}
	for _, s := range []string{string(c.ID), string(c.Matter), string(c.Subject), string(c.Agent), c.DecisionOrg, c.Seal} {
		p.text(s)
	}
	p.word(kinds(), string(c.SubjectKind))
	p.word(ends(), string(c.End))
	p.word(answers(), string(c.FirstComplete))
	p.word(answers(), string(c.DeliveryOffered))
	p.word(choices(), c.DeliveryChosen)
}

func (p *packer) notice(n *runonce.Notice) {
	p.first(n.At)
	p.count(n.Seq)
	p.word(answers(), string(n.Written))
	p.count(len(n.Items))
	for _, item := range n.Items {
		p.text(item)
	}
}

func (p *packer) referral(r *runonce.Referral) {
	p.first(r.At)
	p.text(r.From)
	p.text(r.To)
	p.text(r.Reason)
	p.word(answers(), string(r.Accepted))
}

// errPacked means that a kept record is not what was written.
var errPacked = errors.New("archive: a kept record is damaged")

// unpacker reads what packer wrote, one record after the other. Its texts are parts of the record, and its lists of larger
// ones, so that reading allocates little.
type unpacker struct {
	s    string
	base hall.Millis
	bad  bool
	room room
}

// room is what lists are cut from.
type room struct {
	matters  []hall.MatterCode
	purposes []runonce.Purpose
	links    []runonce.Link
}

// roomFor is how many short lists' members are allocated together.
const roomFor = 1024

// cut takes a list of n, nil for none; all of it is to be written.
func cut[T any](room *[]T, n int) []T {
	if n == 0 {
		return nil
	}
	used := len(*room)
	if cap(*room)-used < n {
		used, *room = 0, make([]T, 0, max(n, roomFor))
	}
	*room = (*room)[:used+n]
	return (*room)[used : used+n : used+n]
}

// takeBack frees the lists of the ticket that was read last.
func (r *room) takeBack(t *runonce.Ticket) {
	r.matters = r.matters[:len(r.matters)-len(t.Matters)]
	r.purposes = r.purposes[:len(r.purposes)-len(t.Purposes)]
	r.links = r.links[:len(r.links)-len(t.Links)]
}

func (u *unpacker) byte() byte {
	if len(u.s) == 0 {
		u.bad = true
		return 0
	}
	b := u.s[0]
	u.s = u.s[1:]
	return b
}

func (u *unpacker) uvarint() uint64 {
	var v uint64
	for i := 0; i < len(u.s) && i < binary.MaxVarintLen64; i++ {
		b := u.s[i]
		v |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			u.s = u.s[i+1:]
			return v
		}
	}
	u.bad = true
	return 0
}

func (u *unpacker) varint() int64 {
	v := u.uvarint()
	if v&1 != 0 {
		return ^int64(v >> 1)
	}
	return int64(v >> 1)
}

// count reads a length that the rest must have room for.
func (u *unpacker) count() int {
	n := u.uvarint()
	if n > uint64(2*len(u.s))+1 {
		u.bad = true
		return 0
	}
	return int(n) // #nosec G115 -- bounded above, or written by pack from an int
}

func (u *unpacker) text() string {
	n := u.count()
	if n > len(u.s) {
		u.bad = true
		return ""
	}
	t := u.s[:n]
	u.s = u.s[n:]
	return t
}

func (u *unpacker) first() hall.Millis {
	u.base = hall.Millis(u.varint())
	return u.base
}

func (u *unpacker) instant() hall.Millis {
	d := u.varint()
	if d == 0 {
		return 0
	}
	if d > 0 {
		d--
	}
	return u.base + hall.Millis(d)
}

func (u *unpacker) word(list []string) string {
	i := int(u.byte())
	if i >= len(list) {
		u.bad = true
		return ""
	}
	return list[i]
}

func (u *unpacker) ticket(t *runonce.Ticket) {
	t.IssuedAt = u.first()
	t.CheckedInAt, t.CalledAt, t.StartedAt, t.EndedAt = u.instant(), u.instant(), u.instant(), u.instant()
	t.ID, t.From, t.Person = hall.TicketID(u.text()), hall.TicketID(u.text()), runonce.Party(u.text())
	t.Window, t.Clerk = hall.WindowID(u.text()), u.text()
	t.Actor, t.Channel = runonce.Actor(u.word(actors())), runonce.Channel(u.word(channels()))
	t.State = runonce.State(u.word(states()))
	t.Matters = cut(&u.room.matters, u.count())
	for i := range t.Matters {
		t.Matters[i] = hall.MatterCode(u.text())
	}
	t.Purposes = cut(&u.room.purposes, u.count())
	for i := range t.Purposes {
		t.Purposes[i] = runonce.Purpose(u.byte())
	}
	links := u.count()
	t.Resolved = links&1 != 0
	t.Links = cut(&u.room.links, links/2)
	for i := range t.Links {
		t.Links[i] = runonce.Link{Case: runonce.CaseID(u.text()), Purpose: runonce.Purpose(u.byte())}
	}
}

func (u *unpacker) kase(c *runonce.Case) {
	c.OpenedAt = u.first()
	c.AcceptedAt, c.DecidedAt, c.ClosedAt, c.DeliveryRecordedAt = u.instant(), u.instant(), u.instant(), u.instant()
	c.ID, c.Matter = runonce.CaseID(u.text()), hall.MatterCode(u.text())
	c.Subject, c.Agent, c.DecisionOrg, c.Seal = runonce.Party(u.text()), runonce.Party(u.text()), u.text(), u.text()
	c.SubjectKind, c.End = runonce.SubjectKind(u.word(kinds())), runonce.End(u.word(ends()))
	c.FirstComplete, c.DeliveryOffered = runonce.Answer(u.word(answers())), runonce.Answer(u.word(answers()))
	c.DeliveryChosen = u.word(choices())
}

func (u *unpacker) notice(n *runonce.Notice) {
	n.At = u.first()
	n.Seq, n.Written = int(u.uvarint()), runonce.Answer(u.word(answers())) // #nosec G115 -- bounded above, or written by pack from an int
	for range u.count() {
		n.Items = append(n.Items, u.text())
	}
}

func (u *unpacker) referral(r *runonce.Referral) {
	r.At = u.first()
	r.From, r.To, r.Reason, r.Accepted = u.text(), u.text(), u.text(), runonce.Answer(u.word(answers()))
}

// namesOther says whether a ticket in the record of a day names another matter than those, without unpacking it; a record
// that cannot be read may.
func namesOther(body []byte, than map[hall.MatterCode]bool) bool {
	b := body[min(1, len(body)):]
	bad := len(body) == 0 || body[0] != format
	number := func() int {
		v, n := binary.Uvarint(b)
		bad = bad || n <= 0
		b = b[max(n, 0):]
		return int(min(v, uint64(2*len(b)+2))) // #nosec G115 -- bounded by what is left
	}
	skip := func(n int) []byte {
		bad = bad || n > len(b)
		n = min(n, len(b))
		part := b[:n]
		b = b[n:]
		return part
	}
	for len(b) > 0 && !bad {
		for range 5 { // times
			number()
		}
		for range 5 { // texts
			skip(number())
		}
		skip(3) // words
		for range number() {
			if !than[hall.MatterCode(skip(number()))] {
				return true
			}
		}
		skip(number()) // purposes
		for range number() / 2 {
			skip(number() + 1) // a case and its purpose
		}
	}
	return bad
}
