package archive

import (
	"context"
	"errors"
	"slices"
	"time"

	"yitang/server/exchange"
	"yitang/server/hall"
	"yitang/server/runonce"
)

// Own is what the hall itself knows of its tickets and cases: the projections of its journal.
type Own interface {
	exchange.Source
	// OwnAccepted calls with every matter accepted in [from, before).
	OwnAccepted(ctx context.Context, from, before hall.Millis, each func(at hall.Millis, m hall.MatterCode) error) error
	// What only the hall's journal knows, each in [from, before).
	CertificateRows(ctx context.Context, from, before hall.Millis, each func(*hall.CertificateRow) error) error
	StepRows(ctx context.Context, from, before hall.Millis, each func(*hall.StepRow) error) error
	SentRows(ctx context.Context, from, before hall.Millis, each func(*hall.SentRow) error) error
	RatingRows(ctx context.Context, from, before hall.Millis, each func(*hall.RatingRow) error) error
	TaskRows(ctx context.Context, from, before hall.Millis) ([]*hall.Task, error)
	PurposeRows(ctx context.Context, from, before hall.Millis, each func(*hall.PurposeRow) error) error
	SpellRows(ctx context.Context, from, before hall.Millis, each func(*hall.SpellRow) error) error
	// LayoutsInForce calls with every layout that was in force in [from, before), and since when, in order.
	LayoutsInForce(ctx context.Context, from, before hall.Millis, each func(since hall.Millis, l *hall.Layout) error) error
	// OwnDays are the days of the hall's first and last ticket, empty where there is none.
	OwnDays(ctx context.Context) (first, last hall.Day, err error)
	// OwnHas says whether the hall itself has a ticket or a case of a number.
	OwnHas(ctx context.Context, id string) (bool, error)
}

// consultDays is how long before the opening of a case consulting for it is looked for.
const consultDays = 31

// addOwn adds the hall's own cases that were open in the period, and the tickets since the first of them was opened.
func addOwn(ctx context.Context, from Own, d *runonce.Data, first, last, report int) error {
	since, before := min(first, report-lookBackDays), midnight(d.Zone, report+1)
	var online []runonce.Ticket
	err := from.CaseRows(ctx, midnight(d.Zone, first), midnight(d.Zone, last+1)-1, func(c *hall.Case) error {
		since = min(since, dayOf(d.Zone, c.OpenedAt)-consultDays)
		row, notices := exchange.FromCase(c)
		d.Cases, d.Notices = append(d.Cases, row), append(d.Notices, notices...)
		if t := exchange.FiledOnline(c); t != nil {
			online = append(online, *t)
		}
		return nil
	})
	if err != nil {
		return err
	}
	d.Tickets, d.Days = append(d.Tickets, online...), append(d.Days, online...)
	if err := addJournal(ctx, from, d, midnight(d.Zone, since), before); err != nil {
		return err
	}
	err = from.ReferralRows(ctx, midnight(d.Zone, since), before-1, func(r *hall.ReferralRow) error {
		d.Referrals = append(d.Referrals, exchange.FromReferral(r))
		return nil
	})
	if err != nil {
		return err
	}
	err = from.OwnAccepted(ctx, midnight(d.Zone, report-lookBackDays), before, func(at hall.Millis, m hall.MatterCode) error {
		d.Accepted = append(d.Accepted, runonce.Acceptance{Matter: m, Day: dayName(dayOf(d.Zone, at))})
		return nil
	})
	if err != nil {
		return err
	}
	var linker *runonce.Linker // made for the first ticket: a history may be all that there is
	return from.TicketRows(ctx, midnight(d.Zone, since), before-1, func(row *hall.TicketRow) error {
		t := exchange.FromTicket(row)
		if linker == nil {
			linker = runonce.NewLinker(d.Zone, d.Cases)
		}
		linker.Resolve(&t)
		d.Days = append(d.Days, t)
		if len(t.Links) > 0 {
			d.Tickets = append(d.Tickets, t)
		}
		return nil
	})
}

// addJournal adds what only the hall's journal knows; a hall that has not worked yet has none.
func addJournal(ctx context.Context, from Own, to *runonce.Data, since, before hall.Millis) error {
	worked, _, err := from.OwnDays(ctx)
	if err != nil || worked == "" {
		return err
	}
	d := &runonce.Journal{}
	to.Journal = d
	d.Tasks, err = from.TaskRows(ctx, since, before)
	return errors.Join(err,
		from.LayoutsInForce(ctx, since, before, func(since hall.Millis, l *hall.Layout) error {
			d.Plans = append(d.Plans, plan(since, l))
			return nil
		}),
		from.CertificateRows(ctx, since, before, into(&d.Certificates)), from.StepRows(ctx, since, before, into(&d.Steps)),
		from.SentRows(ctx, since, before, into(&d.Sent)), from.RatingRows(ctx, since, before, into(&d.Ratings)),
		from.PurposeRows(ctx, since, before, into(&d.Purposes)), from.SpellRows(ctx, since, before, into(&d.Spells)))
}

// into appends rows to a list.
func into[T any](list *[]T) func(*T) error {
	return func(row *T) error {
		*list = append(*list, *row)
		return nil
	}
}

// plan is what a layout says of the windows: all are to be staffed but those opened only when many wait.
func plan(since hall.Millis, l *hall.Layout) runonce.Plan {
	p := runonce.Plan{Since: since, Hours: l.Hours}
	for _, w := range l.Windows {
		if !slices.ContainsFunc(l.Reliefs, func(r hall.Relief) bool { return r.Window == w.ID }) {
			p.Windows = append(p.Windows, w.ID)
		}
	}
	return p
}

// midnight is when a day begins.
func midnight(zone *time.Location, day int) hall.Millis {
	y, m, d := time.Unix(int64(day)*secondsPerDay, 0).UTC().Date()
	return hall.Millis(time.Date(y, m, d, 0, 0, 0, 0, zone).UnixMilli())
}

// Standards are what the judging needs of the hall's own matters.
func Standards(l *hall.Layout) map[hall.MatterCode]runonce.Standard {
	list := make(map[hall.MatterCode]runonce.Standard, len(l.Matters))
	for _, m := range l.Matters {
		list[m.Code] = runonce.Standard{Department: m.Department, Promised: m.PromisedDays, Statutory: m.StatutoryDays, GuideVisits: m.GuideVisits,
			SiteVisit: m.SiteVisit, Transferred: m.Transferred, TransferredFrom: m.TransferredFrom}
	}
	return list
}

// Floor reads the tickets issued on the days first..last, imported and the hall's own, and the times in which its windows
// were open or paused: what reports of waits and windows need, without the cases.
func Floor(ctx context.Context, from Hall, first, last hall.Day, zone *time.Location) (*runonce.Data, error) {
	lo, err := dayNo(first)
	if err != nil {
		return nil, err
	}
	hi, err := dayNo(last)
	if err != nil {
		return nil, err
	}
	d := &runonce.Data{Zone: zone, Journal: &runonce.Journal{}}
	if d.Days, err = issued(ctx, from, lo, hi, 0); err != nil {
		return nil, err
	}
	since, before := midnight(zone, lo), midnight(zone, hi+1)
	err = from.TicketRows(ctx, since, before-1, func(row *hall.TicketRow) error {
		d.Days = append(d.Days, exchange.FromTicket(row))
		return nil
	})
	return d, errors.Join(err, from.SpellRows(ctx, since, before, into(&d.Journal.Spells)))
}
