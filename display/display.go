// Package display says what the hall's screens show: it follows one screen's board, finds the new calls on it and hands
// them, one after another and in each of the hall's languages, to a Speaker, and it lights the LED strips over the
// windows. The screens' pages draw the board themselves; `yitang display` runs this beside them.
//
// Run owns four goroutines besides its own (speaking, reporting, the strips, and the socket's end) and waits for them.
package display

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"yitang/display/voice"
	"yitang/server/wire"
)

// Bounds of speaking and reporting.
const (
	sayTime     = 30 * time.Second // for one announcement in all languages
	sayTries    = 2
	reportTime  = 10 * time.Second
	reportRetry = 5 * time.Second
)

// Part is the name under which a display's health stands among the hall's devices.
const Part wire.Part = "voice"

// Announcement is one call, to be said.
type Announcement struct {
	Seq     uint64 // of the call
	Number  string
	Window  string
	Calls   int  // 1, then 2 after the first recall
	Brief   bool // calls follow one another quickly: only what is needed
	Volume  int  // percent
	Phrases []voice.Phrase
}

// Speaker says announcements. Say returns when it has been said; it blocks at most until ctx ends.
type Speaker interface {
	Say(ctx context.Context, a Announcement) error
}

// Config is what a display needs to know.
type Config struct {
	Server    string
	Token     string      // of this device
	TLS       *tls.Config // whom it trusts to be the hall; nil: whom the system trusts
	Screen    wire.ScreenID
	Device    wire.DeviceID // default: the name of the token's device
	Languages []string      // of announcements, in order; Chinese is always among them
	Speaker   Speaker       // default: the log
	Strips    *Strips       // LED strips; nil without
	State     string        // file that keeps up to which call all were said, so that a restart misses none; empty without
	Version   string        // of this program, for the manager
	Log       zerolog.Logger
}

// health is how the display is.
type health struct {
	Online bool   // the board is followed
	State  string // of the voice: up or down
	Reason string // of down: speaker_failed
	Note   string
}

const (
	stateUp       = "up"
	stateDown     = "down"
	reasonSpeaker = "speaker_failed"
	reasonMute    = "no_voice" // the hall has nothing to speak with
	lookEvery     = time.Second
)

// display is one running display.
type display struct {
	cfg    Config
	client *wire.Client
	queue  *queue
	report chan struct{} // of one: there is something to tell
	lines  []ledLine
	silent bool // nobody hears the speaker

	mu      sync.Mutex
	health  health
	untold  map[wire.Part]wire.DeviceReport // what the hall has not heard yet, besides the voice
	behindS float64
}

// Run follows the screen until ctx ends and returns nil then; or an error when the hall refuses the token or the screen.
func Run(ctx context.Context, cfg Config) error {
	languages, err := voice.Languages(cfg.Languages)
	if err != nil {
		return err
	}
	if cfg.Server == "" || cfg.Screen == "" {
		return errors.New("display: give the hall's address and the screen's name")
	}
	cfg.Languages = languages
	silent := cfg.Speaker == nil
	if silent {
		cfg.Speaker = LogSpeaker{Log: cfg.Log}
	}
	d := &display{cfg: cfg, client: wire.New(cfg.Server, cfg.Token).WithTLS(cfg.TLS), queue: newQueue(readLast(cfg.State)), report: make(chan struct{}, 1),
		health: health{State: stateUp}, untold: map[wire.Part]wire.DeviceReport{}, silent: silent}
	if cfg.Strips != nil {
		if d.lines, err = cfg.Strips.lines(); err != nil {
			return fmt.Errorf("display: %w", err)
		}
	}
	d.client.Device = cfg.Device
	d.client.OnLink, d.client.Status = d.link, d.status
	defer d.client.Close()
	reporter := *d.client
	ctx, stop := context.WithCancel(ctx)
	var parts sync.WaitGroup
	defer parts.Wait()
	defer stop()
	parts.Go(func() { d.speak(ctx) })
	parts.Go(func() { d.tell(ctx, &reporter) })
	parts.Go(func() { d.leds(ctx, d.lines) })
	if err = d.client.WatchBoard(ctx, cfg.Screen, d.take); ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("display: %w", err)
}

// take shows a board and finds its calls.
func (d *display) take(b wire.Board) {
	d.queue.take(b, time.Now())
	d.light(d.lines, b)
}

// status is what the manager sees of this display.
func (d *display) status() wire.ScreenReport {
	b := d.queue.shown()
	d.mu.Lock()
	defer d.mu.Unlock()
	r := wire.ScreenReport{Client: "display", Version: d.cfg.Version, Seq: b.Seq, Sound: "on", BehindS: d.behindS, Note: d.health.Note}
	if len(b.Calls) > 0 {
		r.Shows = b.Calls[0].Number + " → " + b.Calls[0].Window
	}
	switch {
	case d.health.State != stateUp:
		r.Sound = "failed"
	case !b.Voice.On || d.silent:
		r.Sound = "off"
	}
	return r
}

func (d *display) link(l wire.Link) {
	d.change(func(h *health) { h.Online = l.Up })
	if l.Up {
		d.cfg.Log.Info().Str("screen", string(d.cfg.Screen)).Msg("following the board")
		return
	}
	if l.Attempt == 1 { // 0: the hall refused, which Run returns
		d.cfg.Log.Warn().Err(l.Err).Msg("the board is gone; trying again")
	}
}

// speak says what waits, one after another, and looks now and then who has not come.
func (d *display) speak(ctx context.Context) {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.queue.wake:
		case <-look.C:
		}
		for ctx.Err() == nil {
			c, ok := d.queue.next(time.Now())
			if !ok {
				break
			}
			d.mu.Lock()
			d.behindS = time.Since(c.came).Seconds()
			d.mu.Unlock()
			d.say(ctx, Announcement{Seq: c.seq, Number: c.number, Window: c.window, Calls: c.calls, Brief: c.brief, Volume: d.queue.volume(),
				Phrases: voice.Phrases(d.cfg.Languages, c.number, c.window, c.brief)})
			if ctx.Err() == nil { // what was cut short is said again
				keepLast(d.cfg.State, d.queue.settled())
			}
		}
	}
}

// say tries twice; what cannot be said then is logged, so that the next call is not held up.
func (d *display) say(ctx context.Context, a Announcement) {
	var err error
	for range sayTries {
		bounded, cancel := context.WithTimeout(ctx, sayTime)
		err = d.cfg.Speaker.Say(bounded, a)
		cancel()
		if err == nil || ctx.Err() != nil || mute(err) {
			break
		}
	}
	switch {
	case ctx.Err() != nil:
	case mute(err): // the screen goes on with text, and the manager is told once
		d.change(func(h *health) { h.State, h.Reason, h.Note = stateDown, reasonMute, muteNote(err) })
	case err != nil:
		d.cfg.Log.Error().Err(err).Str("number", a.Number).Str("window", a.Window).Msg("a call could not be said")
		d.change(func(h *health) {
			h.State, h.Reason, h.Note = stateDown, reasonSpeaker, "语音播报失败，请检查音响。"
		})
	default:
		d.change(func(h *health) { h.State, h.Reason, h.Note = stateUp, "", "" })
	}
}

// change keeps the health and tells of it when it differs.
func (d *display) change(f func(*health)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	old := d.health
	f(&d.health)
	if d.health != old {
		d.poke()
	}
}

// LogSpeaker says calls to the log; it stands in where there is no voice.
type LogSpeaker struct{ Log zerolog.Logger }

var _ Speaker = LogSpeaker{}

// Say writes every phrase.
func (s LogSpeaker) Say(_ context.Context, a Announcement) error {
	for _, p := range a.Phrases {
		s.Log.Info().Uint64("seq", a.Seq).Str("number", a.Number).Str("window", a.Window).Int("calls", a.Calls).
			Str("language", p.Language).Str("text", p.Text).Msg("call")
	}
	return nil
}
