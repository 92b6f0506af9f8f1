package archive

import (
	"context"
	"encoding/json"
	"io/fs"
	"maps"
	"slices"
	"time"

	"yitang/server/exchange"
	"yitang/server/hall"
	"yitang/server/runonce"
)

// dayBytes is how much of a day's tickets is gathered before it is written.
const dayBytes = 256 << 10

// The marks in front of what belongs to a case.
const (
	markTicket   = 'T'
	markNotice   = 'N'
	markReferral = 'R'
)

// Counts says what was imported.
type Counts struct {
	Cases, Tickets, Notices, Referrals int
	Unlinked                           int      // tickets that found no case
	First, Last                        hall.Day // of the tickets
}

// importer gathers a history while it is read.
type importer struct {
	zone     *time.Location
	out      PastWriter
	index    map[runonce.CaseID]int32
	files    []caseFile
	days     map[int][]byte
	accepted map[day]map[hall.MatterCode]int
	loose    []runonce.Ticket // that name no case; linked once all cases are known
	counts   Counts
	pack     packer
	lo, hi   int
}

type day = int

// caseFile is a case being gathered.
type caseFile struct {
	opened, closed int32
	body           []byte
}

// Import replaces a hall's imported history by a folder's. It is one transaction: what is wrong with the folder comes
// back as exchange.Problems and nothing has changed.
func Import(ctx context.Context, to Store, files fs.FS, zone *time.Location, progress func(file string, rows int)) (Counts, error) {
	standards, err := exchange.ReadStandards(files)
	if err != nil {
		return Counts{}, err
	}
	im := importer{zone: zone, index: map[runonce.CaseID]int32{}, days: map[int][]byte{},
		accepted: map[day]map[hall.MatterCode]int{}, lo: Never}
	err = to.ReplacePast(ctx, func(w PastWriter) error {
		im.out = w
		if standards != nil {
			body, err := json.Marshal(standards)
			if err != nil {
				return err
			}
			if err := w.Standards(body); err != nil {
				return err
			}
		}
		err := exchange.Scan(files, exchange.Sink{Case: im.kase, Ticket: im.ticket, Notice: im.notice, Referral: im.referral, Progress: progress})
		if err != nil {
			return err
		}
		return im.finish()
	})
	if err != nil {
		return Counts{}, err
	}
	if im.counts.Tickets > 0 {
		im.counts.First, im.counts.Last = dayName(im.lo), dayName(im.hi)
	}
	return im.counts, nil
}

func (im *importer) kase(c *runonce.Case) error {
	im.counts.Cases++
	im.index[c.ID] = int32(len(im.files))
	im.pack.b = append(im.pack.b[:0], format)
	im.pack.kase(c)
	f := caseFile{opened: int32(dayOf(im.zone, c.OpenedAt)), closed: Never, body: slices.Clone(im.pack.b)}
	if at := runonce.ClosedAt(c); at != 0 {
		f.closed = int32(dayOf(im.zone, at))
	}
	im.files = append(im.files, f)
	if c.AcceptedAt != 0 && c.End != runonce.Test && c.End != runonce.Void {
		d := dayOf(im.zone, c.AcceptedAt)
		if im.accepted[d] == nil {
			im.accepted[d] = map[hall.MatterCode]int{}
		}
		im.accepted[d][c.Matter]++
	}
	return nil
}

func (im *importer) ticket(t *runonce.Ticket) error {
	im.counts.Tickets++
	if len(t.Links) == 0 {
		im.loose = append(im.loose, *t)
		return nil
	}
	return im.keep(t)
}

// keep packs a ticket for its day and for each of its cases.
func (im *importer) keep(t *runonce.Ticket) error {
	im.nameMatters(t)
	im.pack.b = append(im.pack.b[:0], markTicket)
	im.pack.ticket(t)
	for i, l := range t.Links {
		if k, ok := im.index[l.Case]; ok && !slices.ContainsFunc(t.Links[:i], func(o runonce.Link) bool { return o.Case == l.Case }) {
			im.files[k].body = append(im.files[k].body, im.pack.b...)
		}
	}
	d := dayOf(im.zone, t.IssuedAt)
	im.lo, im.hi = min(im.lo, d), max(im.hi, d)
	body := im.days[d]
	if body == nil {
		body = append(make([]byte, 0, dayBytes/8), format)
	}
	im.days[d] = append(body, im.pack.b[1:]...)
	if len(im.days[d]) < dayBytes {
		return nil
	}
	return im.flush(d)
}

// nameMatters gives a ticket that names no matter those of its cases: the day's records are counted without the cases.
func (im *importer) nameMatters(t *runonce.Ticket) {
	if len(t.Matters) > 0 {
		return
	}
	for _, l := range t.Links {
		if k, ok := im.index[l.Case]; ok {
			var c runonce.Case
			u := unpacker{s: string(im.files[k].body[1:])}
			if u.kase(&c); c.Matter != "" && !slices.Contains(t.Matters, c.Matter) {
				t.Matters = append(t.Matters, c.Matter)
			}
		}
	}
}

func (im *importer) flush(d int) error {
	err := im.out.Tickets(d, im.days[d])
	delete(im.days, d)
	return err
}

func (im *importer) notice(n *runonce.Notice) error {
	im.counts.Notices++
	im.pack.b = append(im.pack.b[:0], markNotice)
	im.pack.notice(n)
	return im.add(n.Case)
}

func (im *importer) referral(r *runonce.Referral) error {
	im.counts.Referrals++
	im.pack.b = append(im.pack.b[:0], markReferral)
	im.pack.referral(r)
	return im.add(r.Case)
}

func (im *importer) add(id runonce.CaseID) error {
	if k, ok := im.index[id]; ok {
		im.files[k].body = append(im.files[k].body, im.pack.b...)
	}
	return nil
}

// finish links what is loose and writes what is gathered.
func (im *importer) finish() error {
	linker := runonce.NewLinker(im.zone, im.wanted())
	for i := range im.loose {
		t := &im.loose[i]
		linker.Resolve(t)
		if len(t.Links) == 0 {
			im.counts.Unlinked++
		}
		if err := im.keep(t); err != nil {
			return err
		}
	}
	for _, d := range slices.Sorted(maps.Keys(im.days)) {
		if err := im.flush(d); err != nil {
			return err
		}
	}
	for _, d := range slices.Sorted(maps.Keys(im.accepted)) {
		for _, m := range slices.Sorted(maps.Keys(im.accepted[d])) {
			if err := im.out.Accepted(d, string(m), im.accepted[d][m]); err != nil {
				return err
			}
		}
	}
	return im.writeCases()
}

// wanted are the cases that a loose ticket may belong to.
func (im *importer) wanted() []runonce.Case {
	parties := map[runonce.Party]bool{}
	for i := range im.loose {
		parties[im.loose[i].Person] = true
	}
	delete(parties, "")
	var list []runonce.Case
	if len(parties) == 0 {
		return nil
	}
	for i := range im.files {
		u := unpacker{s: string(im.files[i].body[1:])}
		var c runonce.Case
		if u.kase(&c); parties[c.Subject] || parties[c.Agent] {
			list = append(list, c)
		}
	}
	return list
}

// writeCases writes the cases in the order of closing, so that a month's lie side by side.
func (im *importer) writeCases() error {
	type named struct {
		id runonce.CaseID
		at int32
	}
	order := make([]named, 0, len(im.index))
	for id, at := range im.index {
		order = append(order, named{id, at})
	}
	slices.SortFunc(order, func(a, b named) int {
		if c := im.files[a.at].closed - im.files[b.at].closed; c != 0 {
			return int(c)
		}
		return int(a.at - b.at)
	})
	for _, o := range order {
		f := &im.files[o.at]
		if err := im.out.Case(string(o.id), int(f.opened), int(f.closed), f.body); err != nil {
			return err
		}
		f.body = nil
	}
	return nil
}
