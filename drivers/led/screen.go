package led

import (
	"errors"
	"slices"
	"sync"
	"time"
)

// How often a screen is spoken to when nothing changes.
const (
	defaultPoll   = 2 * time.Second
	defaultRepeat = time.Minute      // a screen that lost its power and got it back between two questions
	blindRepeat   = 10 * time.Second // of protocols that have no question
	heardMax      = 2 * answerMax
)

var errRefused = errors.New("led: the screen refused the frame")

// ScreenConfig describes a screen.
type ScreenConfig struct {
	Address  Address
	Protocol Protocol
	Poll     time.Duration // between two questions whether it is there; 0: 2 s
	Repeat   time.Duration // after which the message is sent again; 0: 60 s, 10 s where the protocol has no question
}

// Screen is one screen: it turns the newest message into frames until the screen has confirmed it. Its methods may be
// called from several goroutines and never wait.
type Screen struct {
	cfg      ScreenConfig
	question []byte

	mu      sync.Mutex
	frame   []byte // of the newest message, nil before the first
	done    bool   // the frame was confirmed, or sent where nothing confirms
	showing bool   // what is under way is the newest frame
	waiting bool   // an answer is owed
	heard   []byte // since the frame under way, at most heardMax
	sentAt  time.Time
	askedAt time.Time
}

// NewScreen makes a screen that shows nothing before the first Show.
func NewScreen(cfg ScreenConfig) *Screen {
	s := &Screen{cfg: cfg, question: cfg.Protocol.Ask(cfg.Address)}
	if s.cfg.Poll <= 0 {
		s.cfg.Poll = defaultPoll
	}
	if s.cfg.Repeat <= 0 {
		s.cfg.Repeat = defaultRepeat
		if s.question == nil {
			s.cfg.Repeat = blindRepeat
		}
	}
	return s
}

// Show makes m the message; an older one that the screen has not shown yet is dropped. The error wraps ErrCannotShow,
// and the message before stays.
func (s *Screen) Show(m Message) error {
	frame, err := s.cfg.Protocol.Show(s.cfg.Address, m)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.Equal(frame, s.frame) {
		return nil
	}
	s.frame, s.done, s.showing = frame, false, false
	return nil
}

// Shown tells whether the newest message is on the screen as far as the protocol lets one know.
func (s *Screen) Shown() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.done
}

// Urgent tells that the newest message is not shown yet.
func (s *Screen) Urgent() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.frame != nil && !s.done
}

// Ask is the screen's turn on the line.
func (s *Screen) Ask(now time.Time) (frame []byte, owed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting { // it did not answer: when it does, it may have been without power
		s.done = false
	}
	s.waiting, s.showing, s.heard = false, false, nil
	switch {
	case s.frame != nil && (!s.done || now.Sub(s.sentAt) >= s.cfg.Repeat):
		frame, s.sentAt, s.askedAt, s.showing = s.frame, now, now, true
	case s.question != nil && now.Sub(s.askedAt) >= s.cfg.Poll:
		frame, s.askedAt = s.question, now
	default:
		return nil, false
	}
	s.waiting = s.cfg.Protocol.Answers()
	s.done = s.done || s.showing && !s.waiting
	return frame, s.waiting
}

// Hear takes bytes from the line; those that come while nothing is owed are nobody's answer.
func (s *Screen) Hear(chunk []byte) (answered bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.waiting {
		return false, nil
	}
	s.heard = append(s.heard, chunk...)
	s.heard = s.heard[max(0, len(s.heard)-heardMax):]
	switch s.cfg.Protocol.Ack(s.cfg.Address, s.heard) {
	case Good:
		s.done = s.done || s.showing
	case Refused:
		err = errRefused
		s.done = s.done && !s.showing
	default:
		return false, nil
	}
	s.waiting = false
	return true, err
}
