// Package letter is what a hall tells its city: each event of the journal as a Letter, without anything personal in it.
//
// A Letter has the event's number, time, kind and the hash by which the city proves that nothing is missing or changed.
// Of the body only what Strip lists leaves the hall, field by field: a field or a kind that nobody has decided on stays at
// home. Persons are pseudonyms of pseudonyms: the hall's own, under the key that the city's halls share, sealed once more
// under the city's key, so that a change of that key makes all that was published worthless without breaking a link.
//
// The package is pure and owns no goroutine. The hall's outbox writes letters, the city's ledger reads them.
package letter

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"yitang/server/hall"
	"yitang/server/person"
)

// Generation numbers a hall's account of itself: a new one begins again at the first event, under a new key or after the
// hall was restored from a backup, and replaces the one before.
type Generation int

// Letter is one event on its way to the city.
type Letter struct {
	Hall hall.ID         `json:"hall"`
	Gen  Generation      `json:"gen"`
	Seq  uint64          `json:"seq"`
	Day  hall.Day        `json:"day,omitempty"`
	At   hall.Millis     `json:"at"`
	By   hall.Actor      `json:"by,omitempty"`
	Kind hall.Kind       `json:"kind"`
	Body json.RawMessage `json:"body,omitempty"` // as Strip leaves it; none where the city needs only to know that it happened
	Prev string          `json:"prev"`           // of the event before, as Hash
	Hash string          `json:"hash"`           // first 16 bytes of the journal's own hash, hex
	Head uint64          `json:"head"`           // the journal's newest event when this was sent: how far the city is behind

	event *hall.Event // once decoded
	err   error
}

// seqMax is more than a journal reaches in any time, and what the city's database has room for.
const seqMax = 1 << 62

// hashBytes of the chain's 32 are enough to recognise a journal.
const hashBytes = 16

// ID is the letter's name in the stream: hall:sequence, with the generation in between from the second on. A message of
// several has the last one's number after it.
func (l *Letter) ID() string {
	if l.Gen <= 1 {
		return string(l.Hall) + ":" + strconv.FormatUint(l.Seq, 10)
	}
	return fmt.Sprintf("%s:%d:%d", l.Hall, l.Gen, l.Seq)
}

// Event is the letter as an event; its Body is nil where none was sent. Errors: a kind that a newer hall knows. A letter is
// decoded once, by one goroutine.
func (l *Letter) Event() (*hall.Event, error) {
	if l.event == nil {
		l.event, l.err = l.decode()
	}
	return l.event, l.err
}

func (l *Letter) decode() (*hall.Event, error) {
	e := &hall.Event{Seq: l.Seq, Hall: l.Hall, Day: l.Day, At: l.At, Actor: l.By}
	if len(l.Body) == 0 {
		return e, nil
	}
	body, err := hall.DecodeBody(l.Kind, l.Body)
	e.Body = body
	return e, err
}

// isDay wants no day or one that the database has room for.
func isDay(d hall.Day) bool {
	if d == "" {
		return true
	}
	t, err := time.Parse(time.DateOnly, string(d))
	return err == nil && t.Year() >= 2000 && t.Year() < 2100
}

// maxHallID bounds a hall's name, which is part of subjects, files and rows.
const maxHallID = 64

// CheckHall refuses a name that cannot stand in a subject of the stream.
func CheckHall(id hall.ID) error {
	if id == "" || len(id) > maxHallID || strings.ContainsAny(string(id), ".*>/ \t\r\n:") {
		//lint:ignore ST1005 the sentence ends with the signs that it names
		return fmt.Errorf("hall %q: a hall that belongs to a city needs a name of 1 to %d bytes without space . * > / :", id, maxHallID)
	}
	return nil
}

// Writer makes a hall's letters.
type Writer struct {
	Hall hall.ID
	Gen  Generation
	Key  person.Key // of the city, for persons
}

// Uses keep the digests of persons, staff and papers apart.
const (
	personUse = "yitang city person v1"
	staffUse  = "yitang city staff v1"
	paperUse  = "yitang city paper v1"
)

// person seals a pseudonym.
func (w *Writer) person(pseudonym string) string {
	if pseudonym == "" {
		return ""
	}
	return w.Key.Digest(personUse, []byte(pseudonym))
}

// staffChars of a digest tell a hall's staff apart.
const staffChars = 12

// actor keeps what kind of actor it was; people get a name that only tells them apart within their hall.
func (w *Writer) actor(a hall.Actor) hall.Actor {
	role, name, ok := strings.Cut(string(a), ":")
	switch {
	case a == "", a == hall.System, ok && (role == "kiosk" || role == "screen" || role == "counter" || role == "platform"):
		return a
	case !ok:
		role, name = "user", string(a)
	}
	return hall.Actor(role + ":" + w.Key.Digest(staffUse, []byte(string(w.Hall)+"\x00"+name))[:staffChars])
}

// papers keeps whether two papers are the same, not what somebody typed.
func (w *Writer) papers(items []string) []string {
	var out []string
	for _, item := range items {
		out = append(out, w.Key.Digest(paperUse, []byte(item))[:staffChars])
	}
	return out
}
