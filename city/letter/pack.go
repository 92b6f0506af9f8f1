package letter

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"yitang/server/hall"
)

// Bounds of a message. Most of what a letter costs on its way is per message, so a hall that has more than one event to tell
// puts them together: one that is behind is taken in for a fraction, one that is not tells each event as it happens.
const (
	maxPack      = 64       // events
	maxPackBytes = 64 << 10 // of their bodies, but for a single one: a hall's lists alone may be more
)

// Message is one or more letters of a hall, in order and without a gap, as the stream keeps them.
type Message struct {
	ID   string // by which the stream knows it again: the same name always means the same events
	Data []byte
}

// wire is a message's JSON: the first letter, and what in those after it is new.
type wire struct {
	Letter
	More []next `json:"more,omitempty"`
}

// next is the letter after another one: its number is one more, the event before it is that one.
type next struct {
	Day  hall.Day        `json:"day,omitempty"` // empty = the same
	At   hall.Millis     `json:"at"`
	By   hall.Actor      `json:"by,omitempty"`
	Kind hall.Kind       `json:"kind"`
	Body json.RawMessage `json:"body,omitempty"`
	Hash string          `json:"hash"`
}

// Pack makes a message of the first of some events, at least one, as many as it may hold, and says how many they are. head
// is the newest event of the journal.
func (w *Writer) Pack(events []hall.Chained, head uint64) (m Message, n int, err error) {
	first, err := w.letter(&events[0])
	if err != nil {
		return m, 0, err
	}
	first.Prev, first.Head = hex.EncodeToString(events[0].Prev[:hashBytes]), max(head, first.Seq)
	p, size, day := wire{Letter: *first}, len(first.Body), first.Day
	for n = 1; n < min(len(events), maxPack) && events[n].Seq == first.Seq+uint64(n); n++ {
		l, err := w.letter(&events[n])
		if err != nil {
			return m, 0, err
		}
		if size += len(l.Body); size > maxPackBytes || l.Day == "" && day != "" {
			break
		}
		x := next{Day: l.Day, At: l.At, By: l.By, Kind: l.Kind, Body: l.Body, Hash: l.Hash}
		if x.Day == day {
			x.Day = ""
		}
		p.More, day = append(p.More, x), l.Day
	}
	m.ID = first.ID()
	if n > 1 {
		m.ID += fmt.Sprintf("-%d", first.Seq+uint64(n)-1)
	}
	m.Data, err = json.Marshal(&p)
	return m, n, err
}

// letter is an event's letter, without what only the first of a message has.
func (w *Writer) letter(r *hall.Chained) (*Letter, error) {
	l := &Letter{Hall: w.Hall, Gen: w.Gen, Seq: r.Seq, Day: r.Day, At: r.At, By: w.actor(r.Actor), Kind: r.Kind, Hash: hex.EncodeToString(r.Hash[:hashBytes])}
	if body := w.Strip(r.Body); body != nil {
		var err error
		if l.Body, err = json.Marshal(body); err != nil {
			return nil, fmt.Errorf("letter: %s: %w", l.ID(), err)
		}
	}
	return l, nil
}

// Decode reads a message's letters and refuses what no hall can have sent.
func Decode(data []byte) ([]*Letter, error) {
	var p wire
	if err := json.Unmarshal(data, &p); err != nil {
		return nil, fmt.Errorf("letter: %w", err)
	}
	l := &p.Letter
	switch {
	case CheckHall(l.Hall) != nil:
		return nil, CheckHall(l.Hall)
	case l.Seq == 0 || l.Gen < 1:
		return nil, fmt.Errorf("letter: %s: seq %d, gen %d: one of them is missing", l.Hall, l.Seq, l.Gen)
	case len(p.More) >= maxPack:
		return nil, fmt.Errorf("letter: %s: %d events in a message, %d are the most", l.ID(), 1+len(p.More), maxPack)
	case bytes.Contains(data, []byte(`\u0000`)):
		return nil, fmt.Errorf("letter: %s: a text holds a zero byte", l.ID())
	}
	list := make([]*Letter, 0, 1+len(p.More))
	for i := 0; ; i++ {
		if err := l.check(); err != nil {
			return nil, err
		}
		if list = append(list, l); i == len(p.More) {
			return list, nil
		}
		l = p.More[i].after(l)
	}
}

// after is the letter after another one.
func (x *next) after(l *Letter) *Letter {
	return &Letter{Hall: l.Hall, Gen: l.Gen, Seq: l.Seq + 1, Day: cmp.Or(x.Day, l.Day), At: x.At, By: x.By, Kind: x.Kind, Body: x.Body,
		Prev: l.Hash, Hash: x.Hash, Head: l.Head}
}

func (l *Letter) check() error {
	switch {
	case l.Kind == "":
		return fmt.Errorf("letter: %s: the kind is missing", l.ID())
	case l.Seq > seqMax || l.Head > seqMax: // the database has no room for it: one such letter would hold up the city's intake for good
		return fmt.Errorf("letter: %s: seq %d or head %d is more than a journal reaches", l.Hall, l.Seq, l.Head)
	case !isDay(l.Day):
		return fmt.Errorf("letter: %s: day %q is none of this century", l.ID(), l.Day)
	case len(l.Hash) != 2*hashBytes || len(l.Prev) != 2*hashBytes:
		return fmt.Errorf("letter: %s: a hash is not %d bytes", l.ID(), hashBytes)
	}
	return nil
}
