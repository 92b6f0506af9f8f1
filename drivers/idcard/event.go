package idcard

import "fmt"

// Event is what a reader has to tell: [CardRead], [CardRemoved], [CardUnreadable], [ReaderUp] or [ReaderDown].
type Event interface{ event() }

// CardRead comes once for each time a card is laid on the reader.
type CardRead struct{ Card Card }

// CardRemoved tells that the card last read was lifted. A module that cannot tell (it answers 21 to 30 03) has it
// follow only when the next card comes.
type CardRemoved struct{}

// CardUnreadable says what to tell the person whose card lies on the reader; the reader goes on trying. The same advice
// is not repeated until the card was lifted.
type CardUnreadable struct {
	Advice Advice
	Status Status // of the module; 0 when the record or the line was at fault
}

// ReaderUp comes when the module passed its self test, at the start and after each ReaderDown.
type ReaderUp struct {
	SAM  SAMNumber // "" when the module does not tell
	Baud int
}

// ReaderDown says why nothing can be read. Whatever lay on the reader counts as removed. It comes again only when the
// reason changes.
type ReaderDown struct {
	Fault *Fault
}

func (CardRead) event()       {}
func (CardRemoved) event()    {}
func (CardUnreadable) event() {}
func (ReaderUp) event()       {}
func (ReaderDown) event()     {}

// Fault is why a reader, or one reading, failed: a stable code and a sentence for people, and the cause for the log.
type Fault struct {
	Advice
	Cause error // may be nil
}

// Error gives code, sentence and cause.
func (f *Fault) Error() string {
	if f.Cause == nil {
		return fmt.Sprintf("idcard: %s: %s", f.Code, f.Sentence)
	}
	return fmt.Sprintf("idcard: %s: %s (%v)", f.Code, f.Sentence, f.Cause)
}

// Unwrap returns the cause.
func (f *Fault) Unwrap() error { return f.Cause }

func fault(code Code, cause error) *Fault { return &Fault{Advice: Advise(code), Cause: cause} }
