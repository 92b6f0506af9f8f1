package kiosk

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/nacl/box"

	"yitang/server/wire"
)

// seal closes a person's number to the hall's key, so that what the kiosk keeps on disk can be read by the hall only.
func seal(p wire.Person, key string) (wire.Person, error) {
	if p.Number == "" {
		return p, nil
	}
	public, err := base64.StdEncoding.DecodeString(key)
	if err != nil || len(public) != 32 {
		return wire.Person{Kind: "none"}, errors.New("kiosk: the hall's key for sealing is unusable")
	}
	sealed, err := box.SealAnonymous(nil, []byte(p.Number), (*[32]byte)(public), rand.Reader)
	if err != nil {
		return wire.Person{Kind: "none"}, fmt.Errorf("kiosk: seal: %w", err)
	}
	return wire.Person{Kind: p.Kind, Sealed: base64.StdEncoding.EncodeToString(sealed)}, nil
}

// zoneOf is the hall's zone; a PC without it goes by its own.
func zoneOf(h *wire.Hall) *time.Location {
	if zone, err := time.LoadLocation(h.Zone); err == nil {
		return zone
	}
	return time.Local
}

// dayOf is the business day of a moment, by the hall's own turn of the day.
func dayOf(h *wire.Hall, now time.Time) string {
	return now.In(zoneOf(h)).Add(-time.Duration(h.Hours.DayTurnsMin) * time.Minute).Format(time.DateOnly)
}

// openNow says by the hall's hours whether tickets are given out, for a kiosk that cannot ask.
func openNow(h *wire.Hall, now time.Time) bool {
	spans := h.Hours.Spans
	if h.Hours.Always || len(spans) == 0 {
		return h.Hours.Always
	}
	local := now.In(zoneOf(h))
	minute := local.Hour()*60 + local.Minute()
	return minute >= spans[0].FromMin-h.Hours.EarlyMin && minute < spans[len(spans)-1].ToMin
}

// offlineNumber is the n-th number of a kiosk's series: K2-001 … K2-999, K2-1000.
func offlineNumber(series string, n int) string { return fmt.Sprintf("%s-%03d", series, n) }

// ticketOf is a ticket of the kiosk's own as the page and the paper know it: nobody knows how many wait before it.
func ticketOf(t *offlineTicket, field string) wire.Ticket {
	return wire.Ticket{ID: string(t.id()), Number: t.Number, Day: t.Day, State: "waiting", Field: field, Matters: t.Matters,
		Priority: t.Priority, Language: t.Language, IssuedAt: t.IssuedAt, TrackURL: "/t/" + t.Track, Offline: true}
}

// id is what the hall will call it.
func (t *offlineTicket) id() wire.TicketID {
	return wire.TicketID(strings.ReplaceAll(t.Day, "-", "") + "-" + t.Number)
}
