package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"yitang/server/exchange"
	"yitang/server/hall"
	"yitang/server/runonce"
)

// mostTickets bounds what is read of one person.
const mostTickets = "500"

// Story is a case with everything that its people did for the same matter at any hall, around its time: the other cases
// behind the first, tickets that name one of them or none for the matter. Of a ticket it is that ticket. Nil where the hall
// has neither.
func (l *Ledger) Story(ctx context.Context, id hall.ID, number string) (*runonce.Data, error) {
	h, err := l.hall(ctx, id)
	if err != nil || h == nil {
		return nil, err
	}
	zone, err := time.LoadLocation(h.Zone)
	if err != nil {
		return nil, fmt.Errorf("ledger: %s: %w", id, err)
	}
	o := &one{l: l, id: id, data: &runonce.Data{Zone: zone}}
	var body []byte
	err = l.pool.QueryRow(ctx, `SELECT body FROM cases WHERE hall = $1 AND id = $2`, id, number).Scan(&body)
	if err == pgx.ErrNoRows { //nolint:errorlint // pgx returns it as it is
		return o.ticketAlone(ctx, number)
	}
	if err != nil {
		return nil, fmt.Errorf("ledger: case: %w", err)
	}
	c := &hall.Case{}
	if err := json.Unmarshal(body, c); err != nil {
		return nil, fmt.Errorf("ledger: case: %w", err)
	}
	if err := o.story(ctx, c); err != nil {
		return nil, fmt.Errorf("ledger: case: %w", err)
	}
	return o.data, nil
}

// story gathers what belongs to a case.
func (o *one) story(ctx context.Context, c *hall.Case) error {
	mine, notices := kase(o.id, c)
	o.data.Cases, o.data.Notices = []runonce.Case{mine}, notices
	first, last := c.OpenedAt-bothDays*dayMS, c.OpenedAt+bothDays*dayMS
	if c.Subject != "" {
		r, err := o.l.pool.Query(ctx, `SELECT hall, body FROM cases WHERE subject = $1 AND matter = $2 AND hall <> $3 AND opened_at BETWEEN $4 AND $5`,
			c.Subject, c.Matter, o.id, int64(first), int64(last))
		if err != nil {
			return err
		}
		if err := eachCase(r, func(id hall.ID, other *hall.Case) {
			row, notices := kase(id, other)
			o.data.Cases, o.data.Notices = append(o.data.Cases, row), append(o.data.Notices, notices...)
		}); err != nil {
			return err
		}
	}
	if closed := runonce.ClosedAt(&mine); closed > last {
		last = closed
	}
	day := func(at hall.Millis) string { return time.UnixMilli(int64(at)).In(o.data.Zone).Format(time.DateOnly) }
	people := slices.DeleteFunc([]string{c.Subject, c.Agent}, func(p string) bool { return p == "" })
	for _, q := range []struct {
		where string
		args  []any
	}{{`person = ANY($3)`, []any{people}}, {`hall = $4 AND body::text LIKE '%' || $5 || '%' AND NOT person = ANY($3)`, []any{people, o.id, string(c.ID)}}} {
		r, err := o.l.pool.Query(ctx, `SELECT hall, id, person, body FROM tickets WHERE day BETWEEN $1::text::date AND $2::text::date AND `+q.where+
			` ORDER BY day, id LIMIT `+mostTickets, append([]any{day(first), day(last)}, q.args...)...)
		if err != nil {
			return err
		}
		if err := o.add(r); err != nil {
			return err
		}
	}
	o.keepOf(c.Matter)
	return nil
}

// keepOf keeps the stays that name one of the cases, or none and the matter.
func (o *one) keepOf(m hall.MatterCode) {
	isOurs := func(l runonce.Link) bool {
		return slices.ContainsFunc(o.data.Cases, func(c runonce.Case) bool { return c.ID == l.Case })
	}
	for _, t := range o.stubs {
		for _, stay := range t.stays() {
			row := o.row(t.hall, stay)
			ours := slices.ContainsFunc(row.Links, isOurs)
			if ours || len(row.Links) == 0 && slices.Contains(row.Matters, m) {
				row.Links = slices.DeleteFunc(row.Links, func(l runonce.Link) bool { return !isOurs(l) })
				o.data.Tickets = append(o.data.Tickets, row)
			}
		}
	}
}

// ticketAlone is a ticket as a case without a case.
func (o *one) ticketAlone(ctx context.Context, number string) (*runonce.Data, error) {
	r, err := o.l.pool.Query(ctx, `SELECT hall, id, person, body FROM tickets WHERE hall = $1 AND day = $2::text::date AND id = $3`, o.id, dayOf(number), number)
	if err != nil {
		return nil, fmt.Errorf("ledger: ticket: %w", err)
	}
	if err := o.add(r); err != nil || len(o.stubs) == 0 {
		return nil, err
	}
	o.data.Cases = []runonce.Case{{ID: runonce.CaseID(in(o.id, number))}}
	for _, stay := range o.stubs[0].stays() {
		row := exchange.FromTicket(stay)
		row.ID, row.Window, row.Hall = hall.TicketID(in(o.id, string(row.ID))), hall.WindowID(in(o.id, string(row.Window))), o.id
		if len(row.Matters) > 0 {
			o.data.Cases[0].Matter = row.Matters[0]
		}
		o.data.Tickets = append(o.data.Tickets, row)
	}
	return o.data, nil
}
