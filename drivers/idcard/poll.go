package idcard

import (
	"context"
	"errors"
)

// desk is what lies on the reader, as far as is known.
type desk struct {
	present bool // a card that was read lies there
	owed    bool // its removal cannot be seen and is told when the next card comes
	told    Code // last advice for the card that cannot be read
	missed  int  // exchanges in a row without answer
	refused int  // selections in a row that failed
}

// poll looks for cards until the reader fails.
func (r *Reader) poll(ctx context.Context, s *session) *Fault {
	for {
		if err := r.step(ctx, s); err != nil {
			return asFault(err)
		}
		pause(ctx, r.cfg.Timing.Poll)
		if ctx.Err() != nil {
			return nil
		}
	}
}

// step is one look. Single missed answers are forgiven.
func (r *Reader) step(ctx context.Context, s *session) error {
	look := r.find
	if r.desk.present {
		look = r.watch
	}
	err := look(ctx, s)
	if m := (*missed)(nil); !errors.As(err, &m) {
		r.desk.missed = 0
		return err
	}
	if r.desk.missed++; r.desk.missed < missMax {
		return nil
	}
	return err
}

// find looks for a card, selects and reads it.
func (r *Reader) find(ctx context.Context, s *session) error {
	st, err := s.command(ctx, CmdFind, s.short(), finding)
	if err != nil {
		return err
	}
	switch st {
	case Found:
		return r.choose(ctx, s)
	case NoCard:
		r.desk.told, r.desk.refused = TellNothing, 0
		return nil
	case SelectFailed: // nothing was selected yet: keep looking
		return nil
	default:
		return r.unread(ctx, s, st)
	}
}

// choose selects the card that was found and reads it.
func (r *Reader) choose(ctx context.Context, s *session) error {
	st, err := s.command(ctx, CmdSelect, s.short(), selecting)
	switch {
	case err != nil:
		return err
	case st == Done:
		r.desk.refused = 0
		return r.take(ctx, s)
	case st != SelectFailed:
		return r.unread(ctx, s, st)
	}
	if r.desk.refused++; r.desk.refused >= selectMax {
		r.tell(ctx, TellPlaceAgain, st)
	}
	return nil
}

func (r *Reader) take(ctx context.Context, s *session) error {
	card, st, err := s.read(ctx)
	var wrong *RecordError
	var layout *LayoutError
	switch m := (*missed)(nil); {
	case errors.As(err, &wrong) && wrong.Field == "type":
		r.tell(ctx, TellNotIDCard, 0)
	case errors.As(err, &wrong):
		r.tell(ctx, TellCounter, 0)
	case errors.As(err, &layout):
		r.tell(ctx, TellPlaceAgain, 0)
	case errors.As(err, &m):
		r.tell(ctx, TellPlaceAgain, 0)
		r.desk.missed++ // both tries of the record, which take long
		return err
	case err != nil:
		return err
	case st != Done:
		return r.unread(ctx, s, st)
	default:
		r.read(ctx, card)
	}
	return nil
}

func (r *Reader) read(ctx context.Context, card Card) {
	if r.desk.owed {
		r.emit(ctx, CardRemoved{})
	}
	r.desk = desk{present: true}
	r.emit(ctx, CardRead{Card: card})
}

// unread tells the person, and ends the session when the module takes no more commands.
func (r *Reader) unread(ctx context.Context, s *session, st Status) error {
	if code, ends := st.ends(); ends {
		return fault(code, statusError(st))
	}
	code := st.Advice().Code
	if code == TellNothing { // the status needs no words elsewhere; here a person stands and waits
		code = TellPlaceAgain
	}
	r.tell(ctx, code, st)
	if st == UnknownError {
		_, err := s.command(ctx, CmdReset, s.short(), plain)
		return err
	}
	return nil
}

func (r *Reader) tell(ctx context.Context, code Code, st Status) {
	if code == TellNothing || code == r.desk.told {
		return
	}
	r.desk.told = code
	r.emit(ctx, CardUnreadable{Advice: Advise(code), Status: st})
}

// watch asks for the additional addresses: 90 and 91 mean that the card still lies there. That find answers 80 means
// nothing, since a card that was read is not found again until it is lifted and laid down.
func (r *Reader) watch(ctx context.Context, s *session) error {
	st, err := s.command(ctx, CmdMoreAddresses, s.short(), lying)
	if err != nil {
		return err
	}
	if code, ends := st.ends(); ends {
		return fault(code, statusError(st))
	}
	switch st {
	case Done, NoItem:
	case BadCommand: // an old module: only the next card shows that this one went
		r.desk = desk{owed: true}
	default:
		r.desk = desk{}
		r.emit(ctx, CardRemoved{})
	}
	return nil
}
