package archive

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"yitang/server/hall"
	"yitang/server/runonce"
)

// How far beyond the period the judging looks: a case filed again within ten working days of being withdrawn (E2), and
// tickets of the sixty working days before the report day (A3), in calendar days with the longest holidays.
const (
	refiledDays  = 31
	lookBackDays = 120
)

// Hall is a hall on disk: what was imported and what it knows itself.
type Hall interface {
	Store
	Own
}

// Span is the first and the last day of which the hall has tickets, imported ones and its own; both are empty where there
// are none.
func Span(ctx context.Context, from Hall) (first, last hall.Day, err error) {
	if first, last, err = from.OwnDays(ctx); err != nil {
		return "", "", err
	}
	lo, hi, err := from.PastSpan(ctx)
	if err != nil || hi == 0 {
		return first, last, err
	}
	if day := dayName(lo); first == "" || day < first {
		first = day
	}
	return first, max(last, dayName(hi)), nil
}

// Select reads what the judging of a period needs: the imported history and the hall's own. The layout gives the zone,
// the calendar and the matters' standards; those imported stand in for matters that it does not have.
func Select(ctx context.Context, from Hall, q runonce.Query, l *hall.Layout, zone *time.Location) (*runonce.Data, error) {
	d := &runonce.Data{Zone: zone, Calendar: l.Workdays(), Days: []runonce.Ticket{}, Standards: Standards(l), Limits: runonce.ThresholdsOf(l)}
	first, err := dayNo(q.From)
	if err != nil {
		return d, nil // Judge refuses the query in its own words
	}
	last, err := dayNo(q.To)
	if err != nil {
		return d, nil
	}
	report, err := dayNo(q.ReportDay)
	if err != nil {
		return d, nil
	}
	if q.AllCases {
		first = 0
	}
	g, both := errgroup.WithContext(ctx) // cases and days go into parts of their own
	g.Go(func() error { return addCases(both, from, d, first, min(report, last+refiledDays)) })
	g.Go(func() error { return addDays(both, from, d, first, report) })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	if err := addOwn(ctx, from, d, l, first, min(report, last+refiledDays), report); err != nil {
		return nil, err
	}
	return d, addStandards(ctx, from, d)
}

// records are packed records, read before they are unpacked: their number and size say how much room the lists need.
type records struct {
	bodies [][]byte
	size   int
}

func (r *records) add(body []byte) error {
	r.bodies, r.size = append(r.bodies, bytes.Clone(body)), r.size+len(body)
	return nil
}

// ticketBytes is about how long a packed ticket is, so that size/ticketBytes is about how many there are.
const ticketBytes = 90

// addCases adds the cases that were open in the days, with what belongs to them.
func addCases(ctx context.Context, from Store, d *runonce.Data, first, last int) error {
	var r records
	if err := from.PastCases(ctx, first, last, r.add); err != nil {
		return err
	}
	d.Cases, d.Tickets = make([]runonce.Case, 0, len(r.bodies)), make([]runonce.Ticket, 0, r.size/ticketBytes)
	for _, body := range r.bodies {
		if err := readCase(d, body); err != nil {
			return err
		}
	}
	return nil
}

// surelyDays is a number of calendar days that surely lie within the look-back of A3, which is in working days.
const surelyDays = 60

// addDays adds what was accepted lately, the tickets of the period up to the report day, and of the look-back before it
// those that A3 may ask for: of matters that had no case accepted lately.
func addDays(ctx context.Context, from Store, d *runonce.Data, first, report int) error {
	accepted := map[hall.MatterCode]bool{}
	err := from.PastAccepted(ctx, report-lookBackDays, report, func(day int, matter string) error {
		a := runonce.Acceptance{Matter: hall.MatterCode(matter), Day: dayName(day)}
		d.Accepted = append(d.Accepted, a)
		if day >= report-surelyDays {
			accepted[a.Matter] = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	var before []runonce.Ticket
	err = from.PastDays(ctx, min(first, report-lookBackDays), first-1, func(body []byte) error {
		return readDay(&before, body, func(t *runonce.Ticket) bool {
			return slices.ContainsFunc(t.Matters, func(m hall.MatterCode) bool { return !accepted[m] })
		})
	})
	if err != nil {
		return err
	}
	var r records
	if err := from.PastDays(ctx, first, report, r.add); err != nil {
		return err
	}
	d.Days = make([]runonce.Ticket, 0, r.size/ticketBytes+len(before))
	for _, body := range r.bodies {
		if err := readDay(&d.Days, body, nil); err != nil {
			return err
		}
	}
	d.Days = append(d.Days, before...)
	return nil
}

// addStandards adds the imported standards of matters that the hall does not have itself. A hall without any has none.
func addStandards(ctx context.Context, from Store, d *runonce.Data) error {
	body, err := from.PastStandards(ctx)
	if err != nil {
		return err
	}
	if body != nil {
		imported := map[hall.MatterCode]runonce.Standard{}
		if err := json.Unmarshal(body, &imported); err != nil {
			return err
		}
		for code, s := range imported {
			if _, own := d.Standards[code]; !own {
				d.Standards[code] = s
			}
		}
	} else if len(d.Standards) == 0 {
		d.Standards = nil
	}
	return nil
}

// One reads a single case with its tickets, notices and referrals; nil when the history has no such case.
func One(ctx context.Context, from Store, id runonce.CaseID, zone *time.Location) (*runonce.Data, error) {
	body, err := from.PastCase(ctx, string(id))
	if err != nil || body == nil {
		return nil, err
	}
	d := &runonce.Data{Zone: zone}
	return d, readCase(d, body)
}

// errFound ends a search.
var errFound = errors.New("archive: found") //nolint:gochecknoglobals // a constant value

// TicketsOf finds an imported ticket issued on the days first..last, or in the look-back of A3 before them, with those that it was transferred from and to, in the
// order of issue; none where the history has no such ticket.
func TicketsOf(ctx context.Context, from Store, id hall.TicketID, first, last hall.Day, zone *time.Location) ([]runonce.Ticket, error) {
	lo, err := dayNo(first)
	if err != nil {
		return nil, err
	}
	hi, err := dayNo(last)
	if err != nil {
		return nil, err
	}
	var day int
	var list []runonce.Ticket
	err = from.PastDays(ctx, lo-lookBackDays, hi, func(body []byte) error {
		list = list[:0]
		if err := readDay(&list, body, func(t *runonce.Ticket) bool { return t.ID == id }); err != nil || len(list) == 0 {
			return err
		}
		day = dayOf(zone, list[0].IssuedAt)
		return errFound
	})
	if !errors.Is(err, errFound) {
		return nil, err
	}
	list = list[:0]
	if err := from.PastDays(ctx, day, day, func(body []byte) error { return readDay(&list, body, nil) }); err != nil {
		return nil, err
	}
	return stays(list, id), nil
}

// stays are the tickets of a day that belong to one: transfers follow each other on the day on which they begin.
func stays(day []runonce.Ticket, id hall.TicketID) []runonce.Ticket {
	chain := map[hall.TicketID]bool{id: true}
	for grown := true; grown; {
		grown = false
		for i := range day {
			t := &day[i]
			before, after := chain[t.ID] && t.From != "" && !chain[t.From], chain[t.From] && !chain[t.ID]
			if before {
				chain[t.From] = true
			}
			if after {
				chain[t.ID] = true
			}
			grown = grown || before || after
		}
	}
	mine := slices.DeleteFunc(day, func(t runonce.Ticket) bool { return !chain[t.ID] })
	slices.SortStableFunc(mine, func(a, b runonce.Ticket) int { return cmp.Compare(a.IssuedAt, b.IssuedAt) })
	return mine
}

// readCase unpacks a case and what belongs to it. A ticket for several cases is in the record of each; it then names
// only the one at hand, so that reading all of them files it once for each.
func readCase(d *runonce.Data, body []byte) error {
	u := unpacker{s: string(body)}
	if u.byte() != format {
		return errPacked
	}
	var c runonce.Case
	u.kase(&c)
	d.Cases = append(d.Cases, c)
	for len(u.s) > 0 && !u.bad {
		switch u.byte() {
		case markTicket:
			var t runonce.Ticket
			u.ticket(&t)
			t.Links = only(t.Links, c.ID)
			d.Tickets = append(d.Tickets, t)
		case markNotice:
			n := runonce.Notice{Case: c.ID}
			u.notice(&n)
			d.Notices = append(d.Notices, n)
		case markReferral:
			r := runonce.Referral{Case: c.ID}
			u.referral(&r)
			d.Referrals = append(d.Referrals, r)
		default:
			u.bad = true
		}
	}
	if u.bad {
		return errPacked
	}
	return nil
}

func only(links []runonce.Link, id runonce.CaseID) []runonce.Link {
	var mine []runonce.Link
	for _, l := range links {
		if l.Case == id {
			mine = append(mine, l)
		}
	}
	return mine
}

// readDay unpacks tickets; with want, only those it asks for.
func readDay(into *[]runonce.Ticket, body []byte, want func(*runonce.Ticket) bool) error {
	u := unpacker{s: string(body)}
	if u.byte() != format {
		return errPacked
	}
	var t runonce.Ticket // one for all: what want sees moves to the heap
	for len(u.s) > 0 && !u.bad {
		t = runonce.Ticket{}
		if u.ticket(&t); want == nil || want(&t) {
			*into = append(*into, t)
		}
	}
	if u.bad {
		return errPacked
	}
	return nil
}
