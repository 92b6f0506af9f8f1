package archive

import (
	"context"
	"slices"

	"yitang/server/runonce"
)

// records are packed records, read before they are unpacked: their number and size say how much room the lists need.
type records struct {
	bodies []string
	size   int
}

func (r *records) add(body []byte) error {
	r.bodies, r.size = append(r.bodies, string(body)), r.size+len(body)
	return nil
}

// About how many bytes of the records there are to a ticket, so that the size over it is about how many there are: in the
// record of a case, which has more than tickets, and in that of a day.
const (
	caseTicketBytes = 140
	dayTicketBytes  = 95
)

// addCases adds the cases that were open in the days, with what belongs to them.
func addCases(ctx context.Context, from Store, d *runonce.Data, first, last int) error {
	var r records
	if err := from.PastCases(ctx, first, last, r.add); err != nil {
		return err
	}
	var u unpacker
	d.Cases, d.Tickets = make([]runonce.Case, 0, len(r.bodies)), make([]runonce.Ticket, 0, r.size/caseTicketBytes)
	for _, body := range r.bodies {
		if err := u.record(d, body); err != nil {
			return err
		}
	}
	return nil
}

// issued are the tickets of the days first..last, in a list that has room for so many more.
func issued(ctx context.Context, from Store, first, last, more int) ([]runonce.Ticket, error) {
	var r records
	if err := from.PastDays(ctx, first, last, r.add); err != nil {
		return nil, err
	}
	var u unpacker
	list := make([]runonce.Ticket, 0, r.size/dayTicketBytes+more)
	for _, body := range r.bodies {
		if err := u.day(&list, body, nil); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// record unpacks a case and what belongs to it. A ticket for several cases is in the record of each; it then names
// only the one at hand, so that reading all of them files it once for each.
func (u *unpacker) record(d *runonce.Data, body string) error {
	if u.s = body; u.byte() != format {
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
			t.Links = slices.DeleteFunc(t.Links, func(l runonce.Link) bool { return l.Case != c.ID })
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

// day unpacks tickets; with want, only those it asks for.
func (u *unpacker) day(into *[]runonce.Ticket, body string, want func(*runonce.Ticket) bool) error {
	if u.s = body; u.byte() != format {
		return errPacked
	}
	var t runonce.Ticket // one for all: what want sees moves to the heap
	for len(u.s) > 0 && !u.bad {
		t = runonce.Ticket{}
		if u.ticket(&t); want == nil || want(&t) {
			*into = append(*into, t)
		} else {
			u.room.takeBack(&t)
		}
	}
	if u.bad {
		return errPacked
	}
	return nil
}
