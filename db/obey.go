package db

import (
	"fmt"
	"strconv"

	"yitang/server/hall"
)

// obey does what an event asks of the journal itself, in the transaction that writes it.
func (s *statements) obey(e *hall.Event) error {
	b, ok := e.Body.(*hall.PrimaryChanged)
	if !ok {
		return nil
	}
	for name, value := range map[MarkName]string{MarkEpoch: strconv.Itoa(b.Epoch), MarkFork: strconv.FormatUint(b.Place, 10)} {
		if _, err := s.mark.Exec(name, value); err != nil {
			return fmt.Errorf("db: event %d: %w", e.Seq, err)
		}
	}
	return nil
}
