package kiosk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"yitang/server/wire"
)

// Rhythm of the link to the hall.
const (
	probeEvery     = 5 * time.Second  // is the hall there?
	catalogueEvery = 30 * time.Second // is there anything new?
	askTime        = 5 * time.Second  // for one answer
	retryMin       = 500 * time.Millisecond
	retryMax       = 10 * time.Second
	knownEvery     = 10 * time.Second // is the token still good?
	refusedRetry   = 30 * time.Second // the token is wrong: asking often does not mend it
	catalogueName  = "catalogue.json"
	catalogueMode  = 0o600
)

// link knows whether the hall answers and what it offers.
type link struct {
	client *wire.Client
	cfg    Config
	tell   func(linkState)
	kick   chan struct{}

	mu        sync.Mutex
	online    bool
	refused   bool       // the hall does not know this kiosk's token
	last      *linkState // what was told, nil when that is out of date
	catalogue *wire.Catalogue

	fetched  time.Time // the rest belongs to run
	known    time.Time // when the hall last knew the token
	failures int
}

// linkState is how the kiosk stands with the hall.
type linkState struct {
	online  bool
	refused bool // the hall answers and does not know this kiosk's token
	open    bool
	hall    *wire.Hall
	series  bool // the kiosk may give out numbers of its own
}

func newLink(client *wire.Client, cfg Config, tell func(linkState)) *link {
	l := &link{client: client, cfg: cfg, tell: tell, kick: make(chan struct{}, 1)}
	c, err := loadCatalogue(cfg.Dir)
	switch {
	case err == nil:
		l.catalogue = c
	case !errors.Is(err, os.ErrNotExist):
		cfg.Log.Warn().Err(err).Msg("the kept catalogue cannot be read")
	}
	return l
}

// run asks the hall until ctx ends.
func (l *link) run(ctx context.Context) {
	for {
		wait := l.ask(ctx)
		t := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-l.kick:
			t.Stop()
		case <-t.C:
		}
	}
}

// ask asks once and says how long to wait.
func (l *link) ask(ctx context.Context) time.Duration {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	var err error
	if !l.isOnline() || time.Since(l.fetched) >= catalogueEvery {
		err = l.refresh(ctx)
	} else {
		err = l.present(ctx)
	}
	if err == nil {
		l.failures = 0
		l.set(true, false)
		return probeEvery
	}
	if errors.Is(err, context.Canceled) {
		return retryMin
	}
	l.fetched = time.Time{}
	l.set(false, tokenRefused(err))
	return l.failed(err)
}

// present asks whether the hall takes commands, and now and then whether it still knows this kiosk.
func (l *link) present(ctx context.Context) error {
	if err := l.client.Ready(ctx); err != nil || time.Since(l.known) < knownEvery {
		return err
	}
	who, err := l.client.WhoAmI(ctx)
	if err == nil && who.Role != "kiosk" { // it would be found out by the first person who takes a ticket
		err = &wire.Error{Status: http.StatusForbidden, Code: "forbidden", Message: fmt.Sprintf("这是 %s（%s）的令牌，不是取号机的。请核对令牌。", who.User, who.Role)}
	}
	if tokenRefused(err) {
		return err
	}
	l.known = time.Now()
	return nil
}

// tokenRefused tells a hall that does not know the kiosk from one that is away.
func tokenRefused(err error) bool {
	var refused *wire.Error
	return errors.As(err, &refused) && (refused.Status == http.StatusUnauthorized || refused.Status == http.StatusForbidden)
}

func (l *link) failed(err error) time.Duration {
	if tokenRefused(err) {
		l.cfg.Log.Error().Err(err).Msg("the hall refuses this kiosk's token")
		var refused *wire.Error
		if l.cfg.OnRevoked != nil && errors.As(err, &refused) && refused.Status == http.StatusUnauthorized {
			l.cfg.OnRevoked()
		}
		return refusedRetry
	}
	if l.failures == 0 {
		l.cfg.Log.Warn().Err(err).Msg("the hall does not answer")
	}
	d := min(retryMin<<min(l.failures, 10), retryMax)
	l.failures++
	return d/2 + rand.N(d/2) // #nosec G404 -- spreads retries, is no secret
}

// refresh fetches the catalogue and keeps it.
func (l *link) refresh(ctx context.Context) error {
	c, err := l.client.Catalogue(ctx)
	if err != nil {
		return err
	}
	l.fetched = time.Now()
	l.mu.Lock()
	same := l.catalogue != nil && sameCatalogue(l.catalogue, &c)
	l.catalogue = &c
	if !same {
		l.last = nil
	}
	l.mu.Unlock()
	if same {
		return nil
	}
	if err := saveCatalogue(l.cfg.Dir, &c); err != nil {
		l.cfg.Log.Error().Err(err).Msg("the catalogue cannot be kept")
	}
	return nil
}

func (l *link) set(online, refused bool) {
	l.mu.Lock()
	l.online, l.refused = online, refused
	now := l.stateLocked()
	if l.last == nil || l.last.online != now.online || l.last.refused != now.refused || l.last.open != now.open {
		l.last = &now
		l.tell(now) // locked, so that the last word told is the last one known
	}
	l.mu.Unlock()
}

// stateLocked judges by the hall's hours whether it is open when nobody can be asked.
func (l *link) stateLocked() linkState {
	s := linkState{online: l.online, refused: l.refused}
	if l.catalogue == nil {
		return s
	}
	h := l.catalogue.Hall
	if !l.online {
		h.Open = openNow(&h, l.cfg.Now())
	}
	s.hall, s.open, s.series = &h, h.Open, l.catalogue.Series != "" && !l.refused
	return s
}

// ownNumbers says why the kiosk may not give out numbers of its own now; nil when it may.
func (l *link) ownNumbers() *wire.Error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch s := l.stateLocked(); {
	case s.refused:
		return refusal(http.StatusInternalServerError, codeTokenRefused)
	case !s.series:
		return refusal(http.StatusServiceUnavailable, codeUnreachable)
	case !s.open:
		return refusal(http.StatusConflict, codeHallClosed)
	}
	return nil
}

func (l *link) isOnline() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.online
}

// lost is told by whoever found the hall away; the link looks again at once.
func (l *link) lost() {
	l.set(false, false)
	select {
	case l.kick <- struct{}{}:
	default:
	}
}

// current is the newest catalogue, nil when there never was one.
func (l *link) current() *wire.Catalogue {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.catalogue
}

func sameCatalogue(a, b *wire.Catalogue) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && string(x) == string(y)
}

func loadCatalogue(dir string) (*wire.Catalogue, error) {
	data, err := os.ReadFile(filepath.Join(dir, catalogueName)) // #nosec G304 -- the kiosk's own folder
	if err != nil {
		return nil, fmt.Errorf("kiosk: %w", err)
	}
	var c wire.Catalogue
	if err := json.Unmarshal(data, &c); err != nil {
		return nil, fmt.Errorf("kiosk: %s: %w", catalogueName, err)
	}
	return &c, nil
}

// saveCatalogue replaces the kept catalogue so that a power cut leaves the old one or the new one.
func saveCatalogue(dir string, c *wire.Catalogue) error {
	data, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("kiosk: %w", err)
	}
	return replaceFile(filepath.Join(dir, catalogueName), data)
}

// replaceFile puts a file in the place of another so that a power cut leaves the old one or the new one.
func replaceFile(final string, data []byte) error {
	if err := writeSynced(final+".new", data); err != nil {
		return fmt.Errorf("kiosk: %w", err)
	}
	if err := os.Rename(final+".new", final); err != nil {
		return fmt.Errorf("kiosk: %w", err)
	}
	return syncFolder(filepath.Dir(final))
}

// syncFolder puts on disk which files a folder has.
func syncFolder(dir string) error {
	folder, err := os.Open(dir) // #nosec G304 -- the kiosk's own folder
	if err != nil {
		return fmt.Errorf("kiosk: %w", err)
	}
	return errors.Join(folder.Sync(), folder.Close())
}

func writeSynced(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, catalogueMode) // #nosec G304 -- the kiosk's own folder
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}
