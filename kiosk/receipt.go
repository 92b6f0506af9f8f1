package kiosk

import (
	"cmp"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"yitang/drivers/escpos"
	"yitang/server/wire"
)

// Bounds of a receipt.
const (
	receiptMatters = 6 // more are counted in a line
	receiptTime    = "2006-01-02 15:04"
	receiptSlot    = "15:04"
)

// waitStep is the step of minutes in which a wait is told.
const waitStep = 5

// waitWords is a wait in a sentence: of 10–20 minutes, of 40 where the median and the 90 % come to the same, and within so many
// where it may be none.
func waitWords(w lexicon, t *wire.Wait) string {
	switch t.P50Min {
	case 0:
		return fmt.Sprintf(w.soon, max(t.P90Min, waitStep))
	case t.P90Min:
		return fmt.Sprintf(w.wait, strconv.Itoa(t.P50Min))
	}
	return fmt.Sprintf(w.wait, fmt.Sprintf("%d–%d", t.P50Min, t.P90Min))
}

// receipt is what stands on the paper of a ticket in a language. c may be nil: then names are missing, never the number.
// Phones reach the status page under publicURL.
func receipt(t wire.Ticket, language string, c *wire.Catalogue, publicURL string) escpos.Ticket {
	w := words(language)
	r := escpos.Ticket{Number: t.Number, Ahead: t.Ahead, Field: t.Field, IssuedAt: t.IssuedAt.Format(receiptTime),
		TrackURL: trackURL(t, publicURL), Notes: []string{w.next}, Labels: escpos.LabelsFor(language)}
	if t.Slot != nil {
		r.Slot = t.Slot.Format(receiptSlot)
	}
	if t.Offline {
		r.Offline, r.Notes = true, append([]string{w.offline}, r.Notes...)
	}
	if t.Wait != nil {
		r.Wait = waitWords(w, t.Wait)
	}
	if t.Wait != nil && t.Wait.P80Min > 0 {
		r.Most = fmt.Sprintf(w.most, t.Wait.P80Min)
	}
	if c == nil {
		r.Matters = t.Matters
		return r
	}
	r.Hall = textIn(c.Hall.Name, w.language)
	for _, f := range c.Fields {
		if f.ID == t.Field {
			r.Field = textIn(f.Name, w.language)
		}
	}
	names := make(map[string]string, len(c.Matters))
	for _, m := range c.Matters {
		names[m.Code] = textIn(m.Name, w.language)
	}
	for i, code := range t.Matters {
		if i == receiptMatters {
			r.Matters = append(r.Matters, fmt.Sprintf(w.more, len(t.Matters)-i))
			break
		}
		r.Matters = append(r.Matters, cmp.Or(names[code], code))
	}
	return r
}

// textIn is a text in a language, in Chinese where it lacks.
func textIn(t wire.Text, language string) string { return cmp.Or(t[language], t[chinese]) }

// trackURL is the whole address of a ticket's status page, "" when the hall gave none.
func trackURL(t wire.Ticket, publicURL string) string {
	u, err := url.Parse(t.TrackURL)
	if t.TrackURL == "" || err != nil {
		return ""
	}
	if u.IsAbs() {
		return t.TrackURL
	}
	return publicURL + "/" + strings.TrimLeft(t.TrackURL, "/")
}

// Bounds of the tickets a kiosk remembers.
const (
	recentMax  = 256
	recentTime = 30 * time.Minute // a receipt can be printed again that long
)

// recent remembers the tickets this kiosk took, so that a request sent twice prints once and a receipt can be printed
// again. A ticket holds nothing about the person.
type recent struct {
	mu    sync.Mutex
	taken map[wire.TicketID]remembered
	order []wire.TicketID // oldest first
}

type remembered struct {
	ticket wire.Ticket
	at     time.Time
}

func newRecent() *recent { return &recent{taken: map[wire.TicketID]remembered{}} }

// add remembers a ticket; false when it was there already.
func (r *recent) add(t wire.Ticket) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	id := wire.TicketID(t.ID)
	if _, ok := r.taken[id]; ok {
		return false
	}
	for len(r.order) > 0 && (len(r.order) >= recentMax || time.Since(r.taken[r.order[0]].at) > recentTime) {
		delete(r.taken, r.order[0])
		r.order = r.order[1:]
	}
	r.taken[id] = remembered{ticket: t, at: time.Now()}
	r.order = append(r.order, id)
	return true
}

// find gives a ticket that may still be printed again.
func (r *recent) find(id wire.TicketID) (wire.Ticket, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t, ok := r.taken[id]
	return t.ticket, ok && time.Since(t.at) <= recentTime
}
