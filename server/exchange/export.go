package exchange

import (
	"context"
	"errors"
	"slices"

	"yitang/server/hall"
	"yitang/server/runonce"
)

// Source is a hall's own history: the projections. Each hands over what was issued or sent in [from, to], or was open then.
type Source interface {
	CaseRows(ctx context.Context, from, to hall.Millis, each func(*hall.Case) error) error
	TicketRows(ctx context.Context, from, to hall.Millis, each func(*hall.TicketRow) error) error
	ReferralRows(ctx context.Context, from, to hall.Millis, each func(*hall.ReferralRow) error) error
}

// Export writes what happened in [from, to]: cases before what names them, and leaves out what names a case outside the period.
func Export(ctx context.Context, data Source, files *Writer, from, to hall.Millis) error {
	written := map[hall.CaseID]bool{}
	err := data.CaseRows(ctx, from, to, func(c *hall.Case) error {
		written[c.ID] = true
		row, notices := FromCase(c)
		err := files.Case(&row)
		for i := range notices {
			err = errors.Join(err, files.Notice(&notices[i]))
		}
		if t := FiledOnline(c); t != nil {
			err = errors.Join(err, files.Ticket(t))
		}
		return err
	})
	if err != nil {
		return err
	}
	err = data.TicketRows(ctx, from, to, func(t *hall.TicketRow) error {
		row := FromTicket(t)
		row.Links = slices.DeleteFunc(row.Links, func(l runonce.Link) bool { return !written[hall.CaseID(l.Case)] })
		return files.Ticket(&row)
	})
	if err != nil {
		return err
	}
	return data.ReferralRows(ctx, from, to, func(r *hall.ReferralRow) error {
		if !written[r.Case] {
			return nil
		}
		row := FromReferral(r)
		return files.Referral(&row)
	})
}
