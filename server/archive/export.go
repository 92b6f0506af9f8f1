package archive

import (
	"context"
	"errors"

	"yitang/server/exchange"
	"yitang/server/hall"
	"yitang/server/runonce"
)

// ExportPast writes the imported part of a hall's history: cases that were open on a day of first..last, the tickets
// issued then, and the notices and referrals of those cases. Links to cases outside are left out.
func ExportPast(ctx context.Context, from Store, files *exchange.Writer, first, last hall.Day) error {
	lo, hi := 0, Never-1
	var err error
	if first != "" {
		if lo, err = dayNo(first); err != nil {
			return err
		}
	}
	if last != "" {
		if hi, err = dayNo(last); err != nil {
			return err
		}
	}
	var u unpacker
	whole, written := lo == 0 && hi == Never-1, map[runonce.CaseID]bool{}
	err = from.PastCases(ctx, lo, hi, func(body []byte) error {
		var d runonce.Data
		if err := u.record(&d, string(body)); err != nil {
			return err
		}
		if !whole {
			written[d.Cases[0].ID] = true
		}
		return writeCase(files, &d)
	})
	if err != nil {
		return err
	}
	var list []runonce.Ticket
	return from.PastDays(ctx, lo, hi, func(body []byte) error {
		list = list[:0]
		err := u.day(&list, string(body), nil)
		for i := range list {
			if !whole {
				list[i].Links = those(list[i].Links, written)
			}
			err = errors.Join(err, files.Ticket(&list[i]))
		}
		return err
	})
}

func writeCase(files *exchange.Writer, d *runonce.Data) error {
	err := files.Case(&d.Cases[0])
	for i := range d.Notices {
		err = errors.Join(err, files.Notice(&d.Notices[i]))
	}
	for i := range d.Referrals {
		err = errors.Join(err, files.Referral(&d.Referrals[i]))
	}
	return err
}

// those are the links to cases that are written.
func those(links []runonce.Link, written map[runonce.CaseID]bool) []runonce.Link {
	var kept []runonce.Link
	for _, l := range links {
		if written[l.Case] {
			kept = append(kept, l)
		}
	}
	return kept
}

// AllStandards are the standards of the hall's matters and of those that were imported; nil where there are none.
func AllStandards(ctx context.Context, from Store, l *hall.Layout) (map[hall.MatterCode]runonce.Standard, error) {
	d := runonce.Data{Standards: Standards(l)}
	err := addStandards(ctx, from, &d)
	return d.Standards, err
}
