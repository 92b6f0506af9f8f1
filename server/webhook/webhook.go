// Package webhook tells other systems what happens to cases (办件) and ratings (好差评): each event is posted to every
// address that asked for it, signed, in order, until it is taken. The journal is the queue: an address has a place in it,
// so nothing is lost by a restart and nothing is kept twice. What an address refuses for too long goes to its dead
// letters, from where a person can send it again, and the next one is tried.
//
// Run owns a goroutine for each address and returns when all have ended.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/emmansun/gmsm/sm3"
	"github.com/rs/zerolog"

	"yitang/server/hall"
)

// ID names an address that is told things.
type ID string

// Topic is what an address is told about.
type Topic string

// The topics.
const (
	Cases   Topic = "case"
	Ratings Topic = "rating"
)

// Algorithm signs.
type Algorithm string

// The algorithms.
const (
	SHA256 Algorithm = "hmac-sha256"
	SM3    Algorithm = "hmac-sm3"
)

// Hook is an address.
type Hook struct {
	ID        ID
	URL       string
	Secret    string
	Topics    []Topic
	Algorithm Algorithm
	Place     uint64 // number of the last event that is settled
}

// Check says what is wrong with a hook, or nil.
func (h *Hook) Check() error {
	u, err := url.Parse(h.URL)
	switch {
	case h.ID == "":
		return errors.New("webhook: it has no name")
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return fmt.Errorf("webhook %s: %q is no address; write http://… or https://…", h.ID, h.URL)
	case len(h.Topics) == 0 || slices.ContainsFunc(h.Topics, func(t Topic) bool { return t != Cases && t != Ratings }):
		return fmt.Errorf("webhook %s: topics %v: choose case, rating or both", h.ID, h.Topics)
	case h.Algorithm != SHA256 && h.Algorithm != SM3:
		return fmt.Errorf("webhook %s: %q is neither %s nor %s", h.ID, h.Algorithm, SHA256, SM3)
	case len(h.Secret) < 16:
		return fmt.Errorf("webhook %s: the secret has fewer than 16 characters", h.ID)
	}
	return nil
}

// Change makes, changes or forgets an address.
type Change struct {
	Put  *Hook // nil: forget
	Drop ID
}

// Letter is an event that an address did not take.
type Letter struct {
	Hook     ID
	Seq      uint64
	At       time.Time
	Attempts int
	Reason   string
}

// Store keeps the addresses, their places and their dead letters.
type Store interface {
	Hooks(ctx context.Context) ([]Hook, error)
	// HookEvents returns events about cases and ratings after a place, in order, at most limit.
	HookEvents(ctx context.Context, after uint64, limit int) ([]*hall.Event, error)
	// Settle moves a hook's place on; with a letter the event went there.
	Settle(ctx context.Context, id ID, seq uint64, dead *Letter) error
}

// Message is what is posted, as JSON.
type Message struct {
	ID     string        `json:"id"` // hall and number of the event: the same message may come twice
	Hall   hall.ID       `json:"hall"`
	Event  string        `json:"event"` // case.accept, case.decide …, rating.given, rating.verified …
	At     time.Time     `json:"at"`
	Case   hall.CaseID   `json:"case,omitempty"`
	Rating hall.RatingID `json:"rating,omitempty"`
	Detail any           `json:"detail,omitempty"`
}

// started and given are what an event says, without whom: pseudonyms stay in the hall.
type started struct {
	Matter       hall.MatterCode `json:"matter"`
	Channel      string          `json:"channel"`
	Department   string          `json:"department,omitempty"`
	PromisedDays int             `json:"promised_days,omitempty"`
}

type given struct {
	Window  hall.WindowID `json:"window"`
	Grade   int           `json:"grade"`
	Reasons []string      `json:"reasons,omitempty"`
	Text    string        `json:"text,omitempty"`
	Via     string        `json:"via"`
}

type synced struct {
	Matter hall.MatterCode `json:"matter"`
	State  hall.CaseState  `json:"state"`
	End    hall.End        `json:"end,omitempty"`
	Undone bool            `json:"undone,omitempty"` // a finish was taken back: the case is again as it was before
}

// MessageOf is an event as it is posted; ok is false for an event that no topic is about.
func MessageOf(e *hall.Event) (m Message, topic Topic, ok bool) {
	m = Message{ID: fmt.Sprintf("%s:%d", e.Hall, e.Seq), Hall: e.Hall, At: time.UnixMilli(int64(e.At)).UTC(), Case: e.CaseSubject(),
		Rating: e.RatingSubject()}
	switch b := e.Body.(type) {
	case *hall.CaseStarted:
		m.Event, m.Detail = "case.started", started{Matter: b.Matter, Channel: b.Channel, Department: b.Department, PromisedDays: b.PromisedDays}
	case *hall.CaseStepped:
		m.Event, m.Detail = "case."+string(b.Step), b.Detail
	case *hall.CaseSynced:
		m.Event, m.Detail = "case.synced", synced{Matter: b.Case.Matter, State: b.Case.State, End: b.Case.End, Undone: b.Undone}
	case *hall.RatingGiven:
		m.Event, m.Detail = "rating.given", given{Window: b.Window, Grade: b.Grade, Reasons: b.Reasons, Text: b.Text, Via: b.Via}
	case *hall.TaskStepped:
		m.Event = "rating." + string(b.State)
	default:
		return m, "", false
	}
	if m.Rating != "" {
		return m, Ratings, true
	}
	return m, Cases, true
}

// Sign is the signature of a body at a time (unix seconds): hex of the HMAC over "time.body".
func Sign(a Algorithm, secret string, at int64, body []byte) string {
	var fresh func() hash.Hash = sha256.New
	if a == SM3 {
		fresh = sm3.New
	}
	mac := hmac.New(fresh, []byte(secret))
	mac.Write([]byte(strconv.FormatInt(at, 10) + "."))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// Headers of a message.
const (
	HeaderSignature = "Yitang-Signature" // algorithm=hex
	HeaderTime      = "Yitang-Time"      // unix seconds, part of what is signed
	HeaderEvent     = "Yitang-Event"
	HeaderID        = "Yitang-Id"
)

// Bounds of a sender.
const (
	batch       = 100
	maxAttempts = 24 // with the pauses below some four hours
	firstPause  = time.Second
	maxPause    = 15 * time.Minute
	maxReply    = 64 << 10
	lookEvery   = 15 * time.Second // also without news
)

// Sender posts. Its fields are set before Run.
type Sender struct {
	Store Store
	HTTP  *http.Client
	News  func() (<-chan struct{}, func()) // a channel that has a value when there may be new events, and its end
	Log   zerolog.Logger

	Changed <-chan struct{} // has a value when the addresses may have changed; nil: they do not
}

// Run posts to every address until ctx ends; after a change it goes on with the addresses as they are then. An error means that
// they could not be read.
func (s *Sender) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := s.until(ctx, s.Changed); err != nil {
			return err
		}
	}
	return nil
}

// until posts until the addresses change or ctx ends.
func (s *Sender) until(ctx context.Context, changed <-chan struct{}) error {
	hooks, err := s.Store.Hooks(ctx)
	if err != nil {
		return err
	}
	working, stop := context.WithCancel(ctx)
	defer stop()
	var all sync.WaitGroup
	for _, h := range hooks {
		all.Go(func() { s.serve(working, h) })
	}
	select {
	case <-ctx.Done():
	case <-changed:
		stop()
	}
	all.Wait()
	return nil
}

// serve posts to one address. What the store cannot read or write is tried again at the next look: that others are told
// later is no reason to stop a hall.
func (s *Sender) serve(ctx context.Context, h Hook) {
	news, end := s.News()
	defer end()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		wake := news
		more, err := s.tell(ctx, &h)
		if err != nil && ctx.Err() == nil {
			s.Log.Error().Err(err).Str("webhook", string(h.ID)).Msg("nothing is told for the moment")
			wake = nil // or a busy hall would have it tried all the time
		}
		if more {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-tick.C:
		}
	}
}

// tell posts the next events and moves the place on; more says that there may be others.
func (s *Sender) tell(ctx context.Context, h *Hook) (more bool, err error) {
	events, err := s.Store.HookEvents(ctx, h.Place, batch)
	if err != nil {
		return false, err
	}
	for _, e := range events {
		letter, ok := s.deliver(ctx, h, e)
		if !ok {
			return false, ctx.Err()
		}
		if err := s.Store.Settle(ctx, h.ID, e.Seq, letter); err != nil {
			return false, err
		}
		h.Place = e.Seq
	}
	return len(events) == batch, nil
}

// deliver posts one event until it is taken or has failed too often; false when ctx ended first.
func (s *Sender) deliver(ctx context.Context, h *Hook, e *hall.Event) (*Letter, bool) {
	m, topic, ok := MessageOf(e)
	if !ok || !slices.Contains(h.Topics, topic) {
		return nil, true
	}
	pause := firstPause
	for attempt := 1; ; attempt++ {
		err := s.Post(ctx, h, m)
		if err == nil {
			return nil, true
		}
		if ctx.Err() != nil {
			return nil, false
		}
		if attempt == maxAttempts {
			s.Log.Warn().Err(err).Str("webhook", string(h.ID)).Str("message", m.ID).Msg("given up: it lies among the dead letters")
			return &Letter{Hook: h.ID, Seq: e.Seq, At: time.Now(), Attempts: attempt, Reason: err.Error()}, true
		}
		select {
		case <-ctx.Done():
			return nil, false
		case <-time.After(pause):
		}
		pause = min(2*pause, maxPause)
	}
}

// Post sends a message once. Only a status of 200 to 299 means that it was taken.
func (s *Sender) Post(ctx context.Context, h *Hook, m Message) error {
	body, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("webhook %s: %w", h.ID, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("webhook %s: %w", h.ID, err)
	}
	at := time.Now().Unix()
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set(HeaderTime, strconv.FormatInt(at, 10))
	req.Header.Set(HeaderEvent, m.Event)
	req.Header.Set(HeaderID, m.ID)
	req.Header.Set(HeaderSignature, string(h.Algorithm)+"="+Sign(h.Algorithm, h.Secret, at, body))
	res, err := s.HTTP.Do(req)
	if err != nil {
		return fmt.Errorf("webhook %s: %w", h.ID, err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, maxReply)) // so that the connection can be used again
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return fmt.Errorf("webhook %s: %s answered %s", h.ID, h.URL, res.Status)
	}
	return nil
}

// Client is how addresses are reached: no redirects, ten seconds for an answer.
func Client() *http.Client {
	return &http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}
