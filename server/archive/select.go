package archive

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"yitang/server/hall"
	"yitang/server/runonce"
	"yitang/server/workday"
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
		if err := tryYears(ctx, from, *d, q, min(report, last+refiledDays)); err != nil {
			return nil, err
		}
	}
	g, both := errgroup.WithContext(ctx) // cases and days go into parts of their own
	g.Go(func() error { return addCases(both, from, d, first, min(report, last+refiledDays)) })
	g.Go(func() error { return addDays(both, from, d, first, report) })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	if err := addOwn(ctx, from, d, first, min(report, last+refiledDays), report); err != nil {
		return nil, err
	}
	return d, addStandards(ctx, from, d)
}

// tried is how many cases of a year are judged before all are read.
const tried = 1000

// tryYears judges the first cases of each year that the calendar does not know: what they ask of it, all ask, and nobody has to wait
// for millions to be read before being told. The errors are those of Judge.
func tryYears(ctx context.Context, from Store, d runonce.Data, q runonce.Query, last int) error {
	first, _, err := from.PastSpan(ctx)
	if err != nil || first == 0 {
		return err
	}
	if err := addStandards(ctx, from, &d); err != nil {
		return err
	}
	known := d.Calendar.Years()
	for begin := first; begin <= last; begin = yearAfter(begin) {
		if slices.Contains(known, yearOf(begin)) {
			continue
		}
		var u unpacker
		d.Cases, d.Tickets, d.Notices, d.Referrals = nil, nil, nil, nil
		err := from.PastCases(ctx, begin, min(yearAfter(begin)-1, last), func(body []byte) error {
			if len(d.Cases) == tried {
				return errFound
			}
			return u.record(&d, string(body))
		})
		if err != nil && !errors.Is(err, errFound) {
			return err
		}
		if _, err := runonce.Judge(d, q); err != nil {
			return err
		}
	}
	return nil
}

// lookBack is the first of so many working days up to the report day, of which A3 asks; where no calendar knows them, which
// leaves A3 out, it is early enough.
func lookBack(c workday.Calendar, report, days int) int {
	for d := report; d > report-lookBackDays; d-- {
		works, err := c.IsWorkday(workday.Day(dayName(d)))
		if err != nil {
			break
		}
		if works {
			days--
		}
		if days <= 0 {
			return d
		}
	}
	return report - lookBackDays
}

// addDays adds what was accepted lately, the tickets of the period up to the report day, and of the look-back before it
// those that A3 may ask for: of matters that had no case accepted lately.
func addDays(ctx context.Context, from Store, d *runonce.Data, first, report int) error {
	since, accepted := lookBack(d.Calendar, report, d.Limits.LookBackDays), map[hall.MatterCode]bool{}
	err := from.PastAccepted(ctx, report-lookBackDays, report, func(day int, matter string) error {
		a := runonce.Acceptance{Matter: hall.MatterCode(matter), Day: dayName(day)}
		d.Accepted = append(d.Accepted, a)
		if day >= since {
			accepted[a.Matter] = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	var u unpacker
	var before []runonce.Ticket
	err = from.PastDays(ctx, min(first, since), first-1, func(body []byte) error {
		if !namesOther(body, accepted) {
			return nil
		}
		return u.day(&before, string(body), func(t *runonce.Ticket) bool {
			return slices.ContainsFunc(t.Matters, func(m hall.MatterCode) bool { return !accepted[m] })
		})
	})
	if err != nil {
		return err
	}
	d.Days, err = issued(ctx, from, first, report, len(before))
	d.Days = append(d.Days, before...)
	return err
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
	var u unpacker
	d := &runonce.Data{Zone: zone}
	return d, u.record(d, string(body))
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
	var u unpacker
	var list []runonce.Ticket
	err = from.PastDays(ctx, lo-lookBackDays, hi, func(body []byte) error {
		list = list[:0]
		if err := u.day(&list, string(body), func(t *runonce.Ticket) bool { return t.ID == id }); err != nil || len(list) == 0 {
			return err
		}
		day = dayOf(zone, list[0].IssuedAt)
		return errFound
	})
	if !errors.Is(err, errFound) {
		return nil, err
	}
	if list, err = issued(ctx, from, day, day, 0); err != nil {
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
