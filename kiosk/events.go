package kiosk

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"yitang/server/wire"
)

// Bounds of the page's event stream.
const (
	subscribersMax = 16               // pages open at once on one kiosk; normally one
	queueMax       = 32               // events a page has not taken; then the oldest goes
	heartbeat      = 10 * time.Second // state is repeated to the hub's clock, a comment to the line
)

var errTooManyPages = errors.New("kiosk: too many pages listen already")

// DeviceHealth is a printer's or reader's state as the page sees it.
type DeviceHealth struct {
	State  string `json:"state"` // up, warning, down or unknown
	Reason string `json:"reason,omitempty"`
	Note   string `json:"note,omitempty"`
}

// State is the event "state".
type State struct {
	Online bool `json:"online"`
	// OwnNumbers: the hall is away, and the kiosk gives out numbers of its own series meanwhile.
	OwnNumbers   bool         `json:"own_numbers"`
	TokenRefused bool         `json:"token_refused"` // the hall answers and does not know this kiosk
	Undelivered  int          `json:"undelivered"`   // numbers of its own that the hall does not have yet
	Hall         *wire.Hall   `json:"hall"`
	ServerTime   time.Time    `json:"server_time"`
	Printer      DeviceHealth `json:"printer"`
	Reader       DeviceHealth `json:"reader"`
	Disk         DeviceHealth `json:"disk"`  // of the kiosk itself
	Speak        bool         `json:"speak"` // pages are read aloud from the start
}

// CardSeen is the event "card": what may be shown of a card, and the ref under which its number can be used.
type CardSeen struct {
	Ref        string `json:"ref"`
	NameMask   string `json:"name_mask"`
	NumberMask string `json:"number_mask"`
	Type       string `json:"type"`
}

// CardProblem is the event "card_problem".
type CardProblem struct {
	Code string `json:"code"`
	Note string `json:"note"`
}

// PrintState is the event "print".
type PrintState struct {
	Ticket string `json:"ticket"`
	State  string `json:"state"` // printing, printed, sent, failed or uncertain
	Reason string `json:"reason,omitempty"`
	Note   string `json:"note,omitempty"`
}

// event is one server-sent event, ready to be written.
type event struct {
	name string
	data []byte
}

// hub keeps the newest state and hands events to the pages. It never waits for a page.
type hub struct {
	now   func() time.Time
	mu    sync.Mutex
	state State
	card  *CardSeen // lies on the reader now
	pages map[*page]struct{}
}

// page is one subscriber: the newest state only, and a bounded queue of everything else.
type page struct {
	hub   *hub
	wake  chan struct{} // of one: something is there
	stale bool          // the state changed
	queue []event
}

func newHub(hasPrinter, hasReader bool, now func() time.Time) *hub {
	start := func(has bool) DeviceHealth {
		if has {
			return DeviceHealth{State: stateUnknown, Reason: "starting"}
		}
		return DeviceHealth{State: stateUnknown, Reason: "not_configured"}
	}
	return &hub{now: now, pages: map[*page]struct{}{}, state: State{Printer: start(hasPrinter), Reader: start(hasReader), Disk: start(true)}}
}

// subscribe adds a page, which first gets the state and the card that lies on the reader.
func (h *hub) subscribe() (*page, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.pages) >= subscribersMax {
		return nil, errTooManyPages
	}
	p := &page{hub: h, wake: make(chan struct{}, 1), stale: true}
	if h.card != nil {
		p.push("card", h.card)
	}
	p.nudge()
	h.pages[p] = struct{}{}
	return p, nil
}

func (p *page) leave() {
	p.hub.mu.Lock()
	defer p.hub.mu.Unlock()
	delete(p.hub.pages, p)
}

// take gives what waits for the page, the state first.
func (p *page) take() []event {
	p.hub.mu.Lock()
	defer p.hub.mu.Unlock()
	var out []event
	if p.stale {
		s := p.hub.state
		s.ServerTime = p.hub.now()
		if s.Hall != nil {
			if zone, err := time.LoadLocation(s.Hall.Zone); err == nil {
				s.ServerTime = s.ServerTime.In(zone)
			}
		}
		out = append(out, encode("state", s))
	}
	out = append(out, p.queue...)
	p.stale, p.queue = false, nil
	return out
}

// push and nudge are called with the hub locked.
func (p *page) push(name string, v any) {
	if len(p.queue) >= queueMax {
		p.queue = p.queue[1:]
	}
	p.queue = append(p.queue, encode(name, v))
	p.nudge()
}

func (p *page) nudge() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

func encode(name string, v any) event {
	data, err := json.Marshal(v)
	if err != nil { // only types of this file, which all can be marshalled
		data = []byte("{}")
	}
	return event{name: name, data: data}
}

func (h *hub) publish(name string, v any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.publishLocked(name, v)
}

func (h *hub) publishLocked(name string, v any) {
	for p := range h.pages {
		p.push(name, v)
	}
}

func (h *hub) change(f func(*State)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f(&h.state)
	for p := range h.pages {
		p.stale = true
		p.nudge()
	}
}

func (h *hub) setHall(l linkState) {
	h.change(func(s *State) {
		s.Online, s.Hall, s.OwnNumbers, s.TokenRefused = l.online, l.hall, !l.online && l.series, l.refused
	})
}

// part is where the state has a part's health.
func (s *State) part(p wire.Part) *DeviceHealth {
	switch p {
	case partReader:
		return &s.Reader
	case partDisk:
		return &s.Disk
	}
	return &s.Printer
}

// setPart keeps a part's health and reports whether it changed.
func (h *hub) setPart(part wire.Part, d DeviceHealth) bool {
	h.mu.Lock()
	same := *h.state.part(part) == d
	h.mu.Unlock()
	if !same {
		h.change(func(s *State) { *s.part(part) = d })
	}
	return !same
}

func (h *hub) cardSeen(c CardSeen) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.card = &c
	h.publishLocked("card", c)
}

func (h *hub) cardRemoved() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.card = nil
	h.publishLocked("card_removed", struct{}{})
}

// beat sends the state now and then, so that a page's clock does not drift away from the kiosk's.
func (h *hub) beat(ctx context.Context) {
	t := time.NewTicker(clockEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			h.change(func(*State) {})
		}
	}
}

const clockEvery = 15 * time.Second
