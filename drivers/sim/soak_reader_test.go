package sim_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"yitang/drivers/idcard"
	"yitang/drivers/port"
	"yitang/drivers/sim"
)

func soakTiming() idcard.Timing {
	return idcard.Timing{
		Poll: 2 * time.Millisecond, Short: 150 * time.Millisecond, Record: 150 * time.Millisecond, RecordAll: 600 * time.Millisecond,
		Gap: 80 * time.Millisecond, Detect: 100 * time.Millisecond, Quiet: 10 * time.Millisecond,
		Open: 200 * time.Millisecond, Retry: 10 * time.Millisecond,
	}
}

// soakCardBound is what it may take until something is said of a card: a reader that is silent or babbles is given up
// after three exchanges and the quiet before each, and some of that may come before the card.
const soakCardBound = 6 * time.Second

// soakLine is the serial line with short pauses between two openings.
func soakLine(path string) func(baud int) idcard.Line {
	return func(baud int) idcard.Line {
		return port.Open(port.Config{Path: path, Baud: baud, WriteStall: 250 * time.Millisecond,
			BackoffMin: 2 * time.Millisecond, BackoffMax: 20 * time.Millisecond})
	}
}

// desk is one reader and the cards that were laid on it.
type desk struct {
	sim    *sim.Reader
	events <-chan idcard.Event
	rng    *rand.Rand
	sum    *tally
	up     bool
	lies   sim.Resident // the card on the reader
	lying  bool
	reads  map[string]int
}

// newDesk plugs a reader in; run unplugs it.
func newDesk(t *testing.T, rng *rand.Rand, sum *tally) *desk {
	t.Helper()
	d, err := sim.NewReader(sim.ReaderConfig{})
	if err != nil {
		t.Fatal(err)
	}
	return &desk{sim: d, rng: rng, sum: sum, reads: map[string]int{}}
}

// run lays down the reader's share of the cards. It is not the test's goroutine: it may only call t.Error.
func (s *desk) run(t *testing.T) {
	t.Helper()
	defer s.sim.Close()
	r := idcard.NewReader(idcard.Config{Baud: 115200, Timing: soakTiming(), Open: soakLine(s.sim.Path())})
	s.events = r.Events()
	ctx, stop := context.WithTimeout(context.Background(), soakPatience)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = r.Run(ctx) // ends with ctx and says nothing else
	}()
	defer func() {
		stop()
		<-ended
	}()
	for i := 0; i < soakCards/soakDevices && !t.Failed(); i++ {
		s.card(t)
	}
}

// stranger invents a person whose card was not here before.
func (s *desk) stranger() sim.Resident {
	for {
		p := sim.InventResident(s.rng)
		if _, seen := s.reads[p.Number]; !seen {
			s.reads[p.Number] = 0
			return p
		}
	}
}

// card lays one card down, waits for what is said of it, and lifts it again.
func (s *desk) card(t *testing.T) {
	t.Helper()
	s.awaitUp(t)
	kind := "none"
	var x *trouble
	if s.rng.IntN(soakOdds) == 0 {
		x = &trouble{device: s.sim, fault: s.fault()}
		kind = string(x.fault.Kind)
		x.strike(t, 0, s.rng.IntN(4))
	}
	s.lies, s.lying = s.stranger(), true
	if err := s.sim.Place(s.lies.Record()); err != nil {
		t.Error(err)
	}
	begun := time.Now()
	outcome := s.outcome(t)
	took := time.Since(begun)
	if x != nil {
		x.end(t)
	}
	s.sim.Lift()
	if outcome == "read" {
		s.awaitGone(t)
	} else {
		s.calm(t)
	}
	if outcome != "read" && s.reads[s.lies.Number] > 0 {
		outcome += ", then read"
	}
	s.lying = false
	s.sum.add("reader", kind, outcome, took)
}

// outcome is the first thing said of the card that lies there.
func (s *desk) outcome(t *testing.T) string {
	t.Helper()
	for end := time.Now().Add(soakCardBound + slowMachine); ; {
		e, ok := s.next(t, time.Until(end))
		if !ok {
			t.Errorf("nothing was said of a card for %v", soakCardBound)
			return "nothing"
		}
		switch e := e.(type) {
		case idcard.CardRead:
			return "read"
		case idcard.CardUnreadable:
			return "unreadable " + string(e.Advice.Code)
		case idcard.ReaderDown:
			return "down " + string(e.Fault.Code)
		}
	}
}

// next takes one event within d and judges it.
func (s *desk) next(t *testing.T, d time.Duration) (idcard.Event, bool) {
	t.Helper()
	select {
	case e, open := <-s.events:
		if open {
			s.judge(t, e)
		}
		return e, open
	case <-time.After(max(d, 0)):
		return nil, false
	}
}

// judge: a card that is read lies on the reader, was not read before, and says what its record says.
func (s *desk) judge(t *testing.T, e idcard.Event) {
	t.Helper()
	switch e := e.(type) {
	case idcard.ReaderUp:
		s.up = true
	case idcard.ReaderDown:
		s.up = false
	case idcard.CardRead:
		c, p := e.Card, s.lies
		if !s.lying || c.Number != p.Number || c.Name != p.Name || compactDate(c.Birth) != p.Birth || compactDate(c.ValidFrom) != p.ValidFrom {
			t.Errorf("read the card of %s, there lies (%v) %s", c.Number, s.lying, p.Number)
		}
		if s.reads[c.Number]++; s.reads[c.Number] > 1 {
			t.Errorf("%s was read %d times", c.Number, s.reads[c.Number])
		}
	}
}

func compactDate(s string) string {
	if len(s) != len("2006-01-02") {
		return s
	}
	return s[:4] + s[5:7] + s[8:]
}

func (s *desk) awaitUp(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(patience); !s.up; {
		if _, ok := s.next(t, time.Until(end)); !ok {
			t.Error("the reader did not come back")
			return
		}
	}
}

// awaitGone waits until the removal of a card that was read is told, or the reader is down, which says the same.
func (s *desk) awaitGone(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(soakCardBound + slowMachine); ; {
		e, ok := s.next(t, time.Until(end))
		switch e.(type) {
		case idcard.CardRemoved, idcard.ReaderDown:
			return
		}
		if !ok {
			t.Error("the removal of a card was not told")
			return
		}
	}
}

// calm lasts until the driver has looked three times more at the empty reader: what is said until then is said of the card before.
func (s *desk) calm(t *testing.T) {
	t.Helper()
	end := time.Now().Add(soakCardBound + slowMachine)
	for before := s.sim.Asks(); s.sim.Asks() < before+3; {
		if s.next(t, 5*time.Millisecond); time.Now().After(end) {
			t.Error("the driver does not look any more")
			return
		}
	}
	for { // what it said before it looked again
		select {
		case e, open := <-s.events:
			if !open {
				return
			}
			s.judge(t, e)
		default:
			return
		}
	}
}

// fault invents what can go wrong with a reader.
func (s *desk) fault() sim.Fault {
	if s.rng.IntN(2) == 0 {
		f := lineFault(s.rng)
		f.Bytes = make([]byte, 1+s.rng.IntN(40))
		for i := range f.Bytes {
			f.Bytes[i] = byte(s.rng.Uint32())
		}
		return f
	}
	short := [][]byte{{0x20, 0x01}, {0x20, 0x02}, {0x30, 0x01}}
	on := short[s.rng.IntN(len(short))]
	few := s.rng.IntN(4) // 0: until somebody comes
	switch s.rng.IntN(5) {
	case 0:
		return sim.Fault{Kind: sim.WrongChecksum, On: true, N: few, Bytes: on}
	case 1:
		return sim.Fault{Kind: sim.WrongLength, On: true, N: few, Bytes: on}
	case 2:
		return sim.Fault{Kind: sim.Babble, On: true, Bytes: [][]byte{nil, []byte("\xAA\xAA\xAA\x96\x69\x00\x04\x00\x00\x80\x84")}[s.rng.IntN(2)]}
	}
	refusals := []byte{0x10, 0x11, 0x21, 0x23, 0x24, 0x31, 0x32, 0x33, 0x3F, 0x40, 0x41, 0x47, 0x60, 0x66, 0x80, 0x81}
	status := refusals[s.rng.IntN(len(refusals))]
	if status == byte(idcard.NoCard) || status == byte(idcard.SelectFailed) {
		few++ // of a card that the module never finds nothing can be said
	}
	return sim.Fault{Kind: sim.CardStatus, On: true, N: few, Bytes: append([]byte{status}, on...)}
}
