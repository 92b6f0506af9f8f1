package archive

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"time"

	"yitang/server/exchange"
	"yitang/server/hall"
	"yitang/server/mistake"
	"yitang/server/runonce"
)

// How much of a day's tickets is gathered before it is written, and of all days together.
const (
	dayBytes  = 256 << 10
	heldBytes = 32 << 20
)

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
	worked   bool                          // the hall has tickets of its own
	has      func(id string) (bool, error) // says whether an id is one of them
	spill    *spill
	index    exchange.Index
	files    []caseFile // by the place in cases.csv
	ranks    []int32    // of each case, in the order of closing; made when the first ticket comes
	days     map[int][]byte
	held     int // bytes in days
	accepted map[day]map[hall.MatterCode]int
	loose    []runonce.Ticket // that name no case; linked once all is read
	counts   Counts
	pack     packer
	lo, hi   int
}

type day = int

// caseFile is where a case is kept until it is written.
type caseFile struct {
	opened, closed int32
	size           int32
	at             int64
}

// Import replaces a hall's imported history by a folder's. It is one transaction: what is wrong with the folder comes
// back as mistake.List and nothing has changed. Scratch is a folder for temporary files, about as large as the
// history. Seal puts the import into the hall's journal, in the same transaction.
func Import(ctx context.Context, to Hall, files fs.FS, zone *time.Location, scratch string, progress func(file string, rows int),
	seal func(hall.HistoryImported) error) (_ Counts, err error) {
	standards, err := exchange.ReadStandards(files)
	if err != nil {
		return Counts{}, err
	}
	first, _, err := to.OwnDays(ctx)
	if err != nil {
		return Counts{}, err
	}
	im := importer{zone: zone, worked: first != "", has: func(id string) (bool, error) { return to.OwnHas(ctx, id) }, index: exchange.Index{}, days: map[int][]byte{}, accepted: map[day]map[hall.MatterCode]int{}, lo: Never}
	if im.spill, err = newSpill(scratch); err != nil {
		return Counts{}, err
	}
	defer func() { err = errors.Join(err, im.spill.close()) }()
	err = to.ReplacePast(ctx, func(w PastWriter) error {
		im.out = w
		if err := im.standards(standards); err != nil {
			return err
		}
		err := exchange.Scan(files, exchange.Sink{Index: im.index, Case: im.kase, Ticket: im.ticket, Notice: im.notice,
			Referral: im.referral, Progress: progress})
		if err != nil {
			return err
		}
		return im.finish()
	}, func(digest string) error {
		c := &im.counts
		return seal(hall.HistoryImported{Cases: c.Cases, Tickets: c.Tickets, Notices: c.Notices, Referrals: c.Referrals, Digest: digest})
	})
	if err != nil {
		return Counts{}, err
	}
	if im.counts.Tickets > 0 {
		im.counts.First, im.counts.Last = dayName(im.lo), dayName(im.hi)
	}
	return im.counts, nil
}

func (im *importer) standards(list map[hall.MatterCode]runonce.Standard) error {
	if list == nil {
		return nil
	}
	body, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return im.out.Standards(body)
}

// foreign refuses an id that the hall has given itself: afterwards nobody could tell the two apart.
func (im *importer) foreign(file, column, id string) error {
	if !im.worked {
		return nil
	}
	has, err := im.has(id)
	if err == nil && has {
		err = mistake.List{{File: file, Column: column, Message: id + " is a number of this hall itself; import the history from before it began to work"}}
	}
	return err
}

func (im *importer) kase(c *runonce.Case) error {
	if err := im.foreign(exchange.CasesFile, "case", string(c.ID)); err != nil {
		return err
	}
	im.counts.Cases++
	im.pack.b = append(im.pack.b[:0], format)
	im.pack.kase(c)
	f := caseFile{opened: int32(dayOf(im.zone, c.OpenedAt)), closed: Never, size: int32(len(im.pack.b))} // #nosec G115 -- days, and sizes of records in memory
	if at := runonce.ClosedAt(c); at != 0 {
		f.closed = int32(dayOf(im.zone, at)) // #nosec G115 -- days, and sizes of records in memory
	}
	var err error
	if f.at, err = im.spill.kase(im.pack.b); err != nil {
		return err
	}
	im.files = append(im.files, f)
	if c.AcceptedAt != 0 {
		d := dayOf(im.zone, c.AcceptedAt)
		if im.accepted[d] == nil {
			im.accepted[d] = map[hall.MatterCode]int{}
		}
		im.accepted[d][c.Matter]++
	}
	return nil
}

// order ranks the cases by their closing, so that a month's lie side by side.
func (im *importer) order() []int32 {
	order := make([]int32, len(im.files))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int {
		if c := im.files[a].closed - im.files[b].closed; c != 0 {
			return int(c)
		}
		return int(a - b)
	})
	return order
}

// rank is the rank of a case; ok is false for one that is not there.
func (im *importer) rank(id runonce.CaseID) (rank int32, ok bool) {
	if im.ranks == nil {
		im.ranks = make([]int32, len(im.files))
		for rank, place := range im.order() {
			im.ranks[place] = int32(rank)
		}
	}
	place, ok := im.index[string(id)]
	if !ok || int(place) >= len(im.ranks) {
		return 0, false
	}
	return im.ranks[place], true
}

// shelf is where the records of a rank are kept.
func (im *importer) shelf(rank int32) int { return int(int64(rank) * shelves / int64(len(im.files))) }

func (im *importer) ticket(t *runonce.Ticket) error {
	if err := im.foreign(exchange.TicketsFile, "ticket", string(t.ID)); err != nil {
		return err
	}
	im.counts.Tickets++
	if len(t.Links) == 0 || len(t.Matters) == 0 {
		im.loose = append(im.loose, *t)
		return nil
	}
	return im.keep(t)
}

// keep packs a ticket for its day and for each of its cases.
func (im *importer) keep(t *runonce.Ticket) error {
	im.pack.b = append(im.pack.b[:0], markTicket)
	im.pack.ticket(t)
	for i, l := range t.Links {
		if slices.ContainsFunc(t.Links[:i], func(o runonce.Link) bool { return o.Case == l.Case }) {
			continue
		}
		if err := im.add(l.Case); err != nil {
			return err
		}
	}
	d := dayOf(im.zone, t.IssuedAt)
	im.lo, im.hi = min(im.lo, d), max(im.hi, d)
	body := im.days[d]
	if body == nil {
		body = []byte{format}
	}
	im.days[d] = append(body, im.pack.b[1:]...)
	im.held += len(im.pack.b)
	switch {
	case len(im.days[d]) >= dayBytes:
		return im.flush(d)
	case im.held >= heldBytes:
		return im.flushAll()
	}
	return nil
}

func (im *importer) flush(d int) error {
	im.held -= len(im.days[d])
	err := im.out.Tickets(d, im.days[d])
	delete(im.days, d)
	return err
}

func (im *importer) flushAll() error {
	for _, d := range slices.Sorted(maps.Keys(im.days)) {
		if err := im.flush(d); err != nil {
			return err
		}
	}
	im.held = 0
	return nil
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

// add keeps what is packed for a case.
func (im *importer) add(id runonce.CaseID) error {
	rank, ok := im.rank(id)
	if !ok {
		return nil // the reading refuses the folder for it
	}
	return im.spill.record(im.shelf(rank), rank, im.pack.b)
}

// finish links what is loose and writes what is gathered.
func (im *importer) finish() error {
	if err := im.tie(); err != nil {
		return err
	}
	if err := im.flushAll(); err != nil {
		return err
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

// tie links the tickets that name no case, and gives those that name no matter the matters of their cases: the day's
// records are counted without the cases.
func (im *importer) tie() error {
	if err := im.spill.settled(); err != nil || len(im.loose) == 0 {
		return err
	}
	parties, named := map[runonce.Party]bool{}, map[runonce.CaseID]hall.MatterCode{}
	for i := range im.loose {
		parties[im.loose[i].Person] = true
		for _, l := range im.loose[i].Links {
			named[l.Case] = ""
		}
	}
	delete(parties, "")
	candidates, err := im.candidates(parties, named)
	if err != nil {
		return err
	}
	linker := runonce.NewLinker(im.zone, candidates)
	for i := range im.loose {
		t := &im.loose[i]
		if linker.Resolve(t); len(t.Links) == 0 {
			im.counts.Unlinked++
		}
		if len(t.Matters) == 0 {
			for _, l := range t.Links {
				if m := named[l.Case]; m != "" && !slices.Contains(t.Matters, m) {
					t.Matters = append(t.Matters, m)
				}
			}
		}
		if err := im.keep(t); err != nil {
			return err
		}
	}
	return nil
}

// candidates are the cases of some parties; on the way it learns the matters of named ones.
func (im *importer) candidates(parties map[runonce.Party]bool, named map[runonce.CaseID]hall.MatterCode) ([]runonce.Case, error) {
	var list []runonce.Case
	var body []byte
	for i := range im.files {
		var err error
		if body, err = im.spill.read(im.files[i].at, int(im.files[i].size), body); err != nil {
			return nil, err
		}
		u := unpacker{s: string(body[1:])}
		var c runonce.Case
		if u.kase(&c); parties[c.Subject] || parties[c.Agent] {
			list = append(list, c)
		}
		if _, ok := named[c.ID]; ok {
			named[c.ID] = c.Matter
		}
	}
	return list, nil
}

// writeCases writes each case with what belongs to it, shelf by shelf.
func (im *importer) writeCases() error {
	if err := im.spill.settled(); err != nil {
		return err
	}
	var records map[int32][]byte
	var body []byte
	held := -1
	for rank, place := range im.order() {
		f := &im.files[place]
		var err error
		if shelf := im.shelf(int32(rank)); shelf != held {
			if records, err = im.spill.shelf(shelf); err != nil {
				return err
			}
			held = shelf
		}
		if body, err = im.spill.read(f.at, int(f.size), body); err != nil {
			return err
		}
		u := unpacker{s: string(body[1:])}
		var c runonce.Case
		u.kase(&c)
		body = append(body, records[int32(rank)]...)
		if err := im.out.Case(string(c.ID), int(f.opened), int(f.closed), body); err != nil {
			return err
		}
	}
	return nil
}
