package rater

import (
	"sync"
	"time"
)

// Bounds of a rater.
const (
	ratingMax   = 16 // ratings not yet taken; later ones are dropped and counted
	heardMax    = 4 * patternMax
	defaultPoll = 300 * time.Millisecond
	thanksMax   = 3 // for a rating that the rater repeats although it was taken
)

// Rating is what a person pressed.
type Rating struct {
	Address Address
	Stars   Stars
	About   string // what Prompt said
}

// Config describes a rater.
type Config struct {
	Address  Address
	Protocol *Protocol
	Poll     time.Duration // between two questions for a rating; 0: 300 ms
}

// Rater is one evaluator. A rating counts once for each Prompt: keys pressed before it or after are not told. Its
// methods may be called from several goroutines and never wait.
type Rater struct {
	cfg     Config
	ratings chan Rating

	mu      sync.Mutex
	open    bool // a person was asked and has not rated
	about   string
	prompt  bool // to be sent
	thank   bool // to be sent
	thanked int  // times, since the last prompt
	sending step // what is under way
	heard   []byte
	askedAt time.Time
	ignored uint64
}

type step uint8

const (
	stepPoll step = iota
	stepPrompt
	stepThank
)

// New makes a rater that asks nobody before the first Prompt.
func New(cfg Config) *Rater {
	if cfg.Poll <= 0 {
		cfg.Poll = defaultPoll
	}
	return &Rater{cfg: cfg, ratings: make(chan Rating, ratingMax)}
}

// Ratings delivers the ratings in order. The channel is never closed.
func (r *Rater) Ratings() <-chan Rating { return r.ratings }

// Ignored is how many ratings nobody had asked for, or nobody took in time.
func (r *Rater) Ignored() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ignored
}

// Prompt asks the person at the counter for a rating, in place of a person asked before. The rating says what it is about,
// whenever it is taken.
func (r *Rater) Prompt(about string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.about = about
	r.open, r.prompt, r.thank, r.thanked = true, len(r.cfg.Protocol.prompt) > 0, false, 0
	r.sending = stepPoll // an answer to what was under way does not answer this
}

// Cancel takes the question back: the person left.
func (r *Rater) Cancel() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open {
		r.open, r.prompt, r.sending = false, false, stepPoll
		r.thank = len(r.cfg.Protocol.thank) > 0
	}
}

// Urgent tells that there is something to show a person.
func (r *Rater) Urgent() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.prompt || r.thank
}

// Ask is the rater's turn on the line.
func (r *Rater) Ask(now time.Time) (frame []byte, owed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p, a := r.cfg.Protocol, r.cfg.Address
	switch {
	case r.prompt:
		frame, r.sending = p.EncodePrompt(a), stepPrompt
	case r.thank:
		frame, r.sending = p.EncodeThank(a), stepThank
	case now.Sub(r.askedAt) >= r.cfg.Poll:
		frame, r.sending = p.EncodePoll(a), stepPoll
	}
	if frame == nil {
		return nil, false
	}
	r.askedAt, owed = now, len(p.idle) > 0
	if !owed {
		r.finished()
	}
	return frame, owed
}

// finished is called when what is under way has been taken.
func (r *Rater) finished() {
	switch r.sending {
	case stepPrompt:
		r.prompt = false
	case stepThank:
		r.thank = false
	}
	r.sending = stepPoll
}

// Hear takes bytes from the line.
func (r *Rater) Hear(chunk []byte) (answered bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.heard = append(r.heard, chunk...)
	for {
		stars, used, found := r.cfg.Protocol.Find(r.cfg.Address, r.heard)
		if !found {
			break
		}
		r.heard = r.heard[used:]
		answered = true
		r.take(stars)
	}
	r.heard = append([]byte(nil), r.heard[max(0, len(r.heard)-heardMax):]...)
	return answered, nil
}

// take is called for each whole frame. A rating that comes as the answer to a prompt is that of the person before,
// whose thanks went astray; one that comes after it was taken is a repetition, and is thanked for again.
func (r *Rater) take(stars Stars) {
	prompting := r.prompt
	r.finished()
	switch {
	case stars == 0:
		return
	case r.open && !prompting && r.tell(stars):
		r.open = false
	default:
		r.ignored++
	}
	if !r.prompt && len(r.cfg.Protocol.thank) > 0 && r.thanked < thanksMax {
		r.thank = true
		r.thanked++
	}
}

func (r *Rater) tell(stars Stars) bool {
	select {
	case r.ratings <- Rating{Address: r.cfg.Address, Stars: stars, About: r.about}:
		return true
	default:
		return false
	}
}
