package api

import (
	"net/http"
	"sync"
	"time"
)

// source bounds what one address may ask for in a minute, so that nobody tries codes or fills the hall's half hours.
type source struct {
	mu   sync.Mutex
	from time.Time // of the minute that is counted
	seen map[string]int
}

// Bounds of a source.
const (
	asksAMinute = 30
	sourcesMax  = 10_000
)

func newSource() *source { return &source{seen: map[string]int{}} }

func (s *source) may(address string, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.from) >= time.Minute || len(s.seen) >= sourcesMax {
		s.from = now
		clear(s.seen)
	}
	s.seen[address]++
	if s.seen[address] > asksAMinute {
		return refusal(http.StatusTooManyRequests, "too_many_requests", "请求太频繁。请一分钟后再试，或到导服台。")
	}
	return nil
}
