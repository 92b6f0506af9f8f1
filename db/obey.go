package db

import (
	"fmt"
	"strconv"

	"yitang/server/hall"
)

// answersKept is how long an answer is kept for the client's key. Clients try again for minutes; a kiosk that delivers later is
// known by its ticket.
const answersKept hall.Millis = 7 * 24 * 60 * 60 * 1000

// forgetAnswers leaves the last one, from whose place a standby counts on.
const forgetAnswers = `DELETE FROM answers WHERE at < ? AND place < coalesce((SELECT max(place) FROM answers WHERE place > 0), 1)`

// obey does what an event asks of the journal itself, in the transaction that writes it.
func (s *statements) obey(e *hall.Event) error {
	switch b := e.Body.(type) {
	case *hall.PrimaryChanged:
		return s.primary(e, b)
	case *hall.RecordsPurged:
		return s.purge(e, b)
	case *hall.DayOpened:
		if err := s.forget.exec(e.At - answersKept); err != nil {
			return fmt.Errorf("db: event %d: forget answers: %w", e.Seq, err)
		}
	}
	return nil
}

// primary keeps who leads from now on.
func (s *statements) primary(e *hall.Event, b *hall.PrimaryChanged) error {
	for name, value := range map[MarkName]string{MarkEpoch: strconv.Itoa(b.Epoch), MarkFork: strconv.FormatUint(b.Place, 10)} {
		if err := s.mark.exec(name, value); err != nil {
			return fmt.Errorf("db: event %d: %w", e.Seq, err)
		}
	}
	return nil
}
