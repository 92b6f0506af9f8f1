package archive

import (
	"context"
	"encoding/json"
	"time"

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

// Select reads what the judging of a period needs: the imported history and the hall's own. The layout gives the zone,
// the calendar and the matters' standards; those imported stand in for matters that it does not have.
func Select(ctx context.Context, from Hall, q runonce.Query, l *hall.Layout, zone *time.Location) (*runonce.Data, error) {
	d := &runonce.Data{Zone: zone, Calendar: l.Workdays(), Days: []runonce.Ticket{}, Standards: Standards(l)}
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
	if err := from.PastCases(ctx, first, min(report, last+refiledDays), func(body []byte) error { return readCase(d, body) }); err != nil {
		return nil, err
	}
	err = from.PastDays(ctx, min(first, report-lookBackDays), report, func(body []byte) error { return readDay(&d.Days, body) })
	if err != nil {
		return nil, err
	}
	err = from.PastAccepted(ctx, report-lookBackDays, report, func(day int, matter string) error {
		d.Accepted = append(d.Accepted, runonce.Acceptance{Matter: hall.MatterCode(matter), Day: dayName(day)})
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := addOwn(ctx, from, d, first, min(report, last+refiledDays), report); err != nil {
		return nil, err
	}
	return d, addStandards(ctx, from, d)
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

func readDay(into *[]runonce.Ticket, body []byte) error {
	u := unpacker{s: string(body)}
	if u.byte() != format {
		return errPacked
	}
	for len(u.s) > 0 && !u.bad {
		var t runonce.Ticket
		u.ticket(&t)
		*into = append(*into, t)
	}
	if u.bad {
		return errPacked
	}
	return nil
}
