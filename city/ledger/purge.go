package ledger

import (
	"context"

	"github.com/jackc/pgx/v5"

	"yitang/server/hall"
)

// purge is what a hall's retention took out, to be taken out here as well.
type purge struct {
	hall hall.ID
	*hall.RecordsPurged
}

// forget takes the persons out of what the batch has in memory as it is when the purge comes: what follows the purge in the
// journal holds, in whatever parts the letters are taken in.
func (b *batch) forget(id hall.ID, p *hall.RecordsPurged) {
	b.purges = append(b.purges, purge{id, p})
	for k, t := range b.tickets {
		if k.hall == id && t != nil && t.Person != "" && dayOf(k.id) <= string(p.Through) {
			n := *t
			n.Person = ""
			b.tickets[k], b.dirty[k] = &n, true
		}
	}
	for k, c := range b.cases {
		if k.hall == id && c != nil && c.ClosedAt > 0 && c.ClosedAt >= p.ClosedFrom && c.ClosedAt < p.ClosedBefore {
			b.cases[k], b.dirty[k] = hall.RedactCase(c), true
		}
	}
}

// storePurges takes the persons out of the rows, before the batch writes over those that it has in memory. Figures and kept
// judgements name nobody and stay. The day up to which a hall's tickets are done bounds what the next purge looks at.
func (b *batch) storePurges(ctx context.Context, tx pgx.Tx) error {
	for _, p := range b.purges {
		if p.Through == "" { // only access records, which never leave the hall
			continue
		}
		q := &pgx.Batch{}
		q.Queue(`UPDATE tickets SET person = '' WHERE hall = $1 AND day >= (SELECT purged FROM halls WHERE id = $1)
			AND day <= $2::text::date AND person <> ''`, p.hall, p.Through)
		q.Queue(`UPDATE cases SET subject = '', agent = '', body = (body::jsonb - 'subject' - 'agent')::json
			WHERE hall = $1 AND closed_at > 0 AND closed_at >= $2 AND closed_at < $3`, p.hall, p.ClosedFrom, p.ClosedBefore)
		q.Queue(`UPDATE halls SET purged = greatest(purged, $2::text::date) WHERE id = $1`, p.hall, p.Through)
		if err := tx.SendBatch(ctx, q).Close(); err != nil {
			return err
		}
	}
	return nil
}
