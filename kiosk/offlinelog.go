package kiosk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"

	"yitang/server/wire"
)

// Bounds of the log of the kiosk's own tickets.
const (
	offlineName = "offline.log"
	offlineMax  = 5000 // tickets in it; a kiosk gives out a tenth of that in its busiest day
)

// offlineTicket is a ticket that the kiosk gave out while the hall was away, and what has become of it.
type offlineTicket struct {
	wire.OfflineTicket
	Key     wire.Key `json:"key"`               // of the page's request: the same request gets the same ticket
	Settled bool     `json:"settled,omitempty"` // the hall has it, or has refused it for good
	Refused string   `json:"refused,omitempty"` // the hall's code then
}

// offlineLog keeps them on disk, each before anybody hears of it. It has one user at a time.
type offlineLog struct {
	*lines
	tickets []*offlineTicket // in order of issue
	byKey   map[wire.Key]*offlineTicket
}

// openOfflineLog reads the log, or makes an empty one. An error says why nothing can be kept: what could be read is there.
func openOfflineLog(dir string) (*offlineLog, error) {
	l := &offlineLog{byKey: map[wire.Key]*offlineTicket{}}
	disk, err := openLines(filepath.Join(dir, offlineName), func(text []byte) bool {
		t := &offlineTicket{}
		if json.Unmarshal(text, t) != nil {
			return false
		}
		l.put(t)
		return true
	})
	l.lines = disk
	return l, err
}

// put takes a ticket, or the newer state of one, into memory.
func (l *offlineLog) put(t *offlineTicket) {
	i := slices.IndexFunc(l.tickets, func(o *offlineTicket) bool { return o.Day == t.Day && o.Number == t.Number })
	if i >= 0 {
		l.tickets[i] = t
	} else {
		l.tickets = append(l.tickets, t)
	}
	if t.Key != "" {
		l.byKey[t.Key] = t
	}
}

// usable says whether tickets can be kept, and opens the file again that could not be opened before. Nothing is known then that
// is not in it.
func (l *offlineLog) usable() error {
	if l.file != nil {
		return nil
	}
	again, err := openOfflineLog(filepath.Dir(l.path))
	if err == nil {
		*l = *again
	}
	return err
}

// save puts a ticket's state on disk, then into memory. After an error nothing has changed and nothing may be said.
func (l *offlineLog) save(t *offlineTicket) error {
	if err := l.add(t); err != nil {
		return err
	}
	l.put(t)
	return nil
}

// waiting is the oldest ticket that the hall does not have, or nil; and how many there are.
func (l *offlineLog) waiting() (oldest *offlineTicket, n int) {
	for _, t := range l.tickets {
		if t.Settled {
			continue
		}
		if n++; oldest == nil {
			oldest = t
		}
	}
	return oldest, n
}

// last is the highest number of a day's series so far.
func (l *offlineLog) last(series, day string) int {
	n := 0
	for _, t := range l.tickets {
		if t.Day == day && len(t.Number) > len(series) && t.Number[:len(series)] == series {
			var own int
			if _, err := fmt.Sscanf(t.Number[len(series):], "-%d", &own); err == nil {
				n = max(n, own)
			}
		}
	}
	return n + l.damaged
}

// tidy drops settled tickets of other days and, from those of this day, whatever is about the person; only the numbers
// that were given out stay, so that none is given twice. A power cut leaves the old file or the new one.
func (l *offlineLog) tidy(day string) error {
	keep := slices.DeleteFunc(slices.Clone(l.tickets), func(t *offlineTicket) bool { return t.Settled && t.Day != day })
	var out bytes.Buffer
	for i, t := range keep {
		if t.Settled {
			bare := *t
			bare.Person = wire.Person{Kind: "none"}
			t, keep[i] = &bare, &bare
		}
		line, err := encodeLine(t)
		if err != nil {
			return err
		}
		out.Write(line)
	}
	if err := l.replace(out.Bytes()); err != nil {
		return err
	}
	l.tickets, l.byKey = nil, map[wire.Key]*offlineTicket{}
	for _, t := range keep {
		l.put(t)
	}
	return nil
}
