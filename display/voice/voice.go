package voice

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"yitang/server/wire"
)

// Bounds.
const (
	speakTime   = 10 * time.Second // for one sentence; espeak-ng takes 20 ms
	speakers    = 2                // espeak-ng processes at once
	cacheBytes  = 32 << 20         // of sentences kept
	clipBytes   = 8 << 20          // of one recorded clip
	errorBytes  = 300              // of what espeak-ng says about a failure
	betweenTime = 250 * time.Millisecond
	rateMin     = 80 // words a minute
	rateMax     = 400
)

// ErrNoVoice means that nothing on this machine can speak. Its text says what to do.
var ErrNoVoice = errors.New("voice: neither espeak-ng nor recorded clips: sudo apt-get install espeak-ng, or put clips into the folder clips")

// Config says what a voice is made from.
type Config struct {
	Clips  string // folder of recorded clips; empty or missing = none
	Espeak string // the program; default espeak-ng, found in PATH
}

// Voice makes announcements. Its methods may be called from several goroutines. It starts none that outlives a call.
type Voice struct {
	cfg  Config
	free chan struct{} // speakers

	mu    sync.Mutex
	kept  map[string]*sentence
	order []string // of kept, those that are made, oldest first
	bytes int
}

// sentence is made once, however many ask for it at the same time.
type sentence struct {
	once  sync.Once
	sound sound
	err   error
}

// New makes a voice. It looks for its program and its clips at each sentence, so that they may be installed later.
func New(cfg Config) *Voice {
	if cfg.Espeak == "" {
		cfg.Espeak = "espeak-ng"
	}
	return &Voice{cfg: cfg, free: make(chan struct{}, speakers), kept: map[string]*sentence{}}
}

// Ready is nil when calls can be spoken, or ErrNoVoice.
func (v *Voice) Ready() error {
	if _, err := exec.LookPath(v.cfg.Espeak); err == nil {
		return nil
	}
	if _, err := os.Stat(filepath.Join(v.cfg.Clips, Chinese)); v.cfg.Clips != "" && err == nil {
		return nil
	}
	return ErrNoVoice
}

// WAV makes one announcement. Errors: ErrNoVoice, a language without phrases, a failure of espeak-ng, a broken clip.
func (v *Voice) WAV(ctx context.Context, u wire.Utterance) ([]byte, error) {
	languages, err := Languages(u.Languages)
	if err != nil {
		return nil, err
	}
	var whole sound
	if u.Gong {
		if whole, err = v.gong(); err != nil {
			return nil, err
		}
	}
	for i, p := range Phrases(languages, u.Number, u.Window, u.Brief) {
		s, err := v.say(ctx, p, u.Rate)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			whole = append(whole, silence(betweenTime)...)
		}
		whole = append(whole, s...)
	}
	return whole.encode(), nil
}

// gong is the hall's own from the clips, or ours.
func (v *Voice) gong() (sound, error) {
	s, err := v.clip("gong.wav")
	if errors.Is(err, os.ErrNotExist) {
		return gong(), nil
	}
	return s, err
}

// say gives a sentence from the cache, or makes it. One that failed is tried again the next time.
func (v *Voice) say(ctx context.Context, p Phrase, rate int) (sound, error) {
	rate = min(max(rate, rateMin), rateMax)
	key := p.Language + " " + strconv.Itoa(rate) + " " + p.Spoken
	v.mu.Lock()
	s := v.kept[key]
	if s == nil {
		s = &sentence{}
		v.kept[key] = s
	}
	v.mu.Unlock()
	s.once.Do(func() {
		made, stop := context.WithTimeout(context.WithoutCancel(ctx), speakTime) // others may wait for it too
		defer stop()
		s.sound, s.err = v.make(made, p, rate)
		v.keep(key, s)
	})
	return s.sound, s.err
}

// keep counts a new sentence and drops the oldest ones beyond the bound; a failure is not kept.
func (v *Voice) keep(key string, s *sentence) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if s.err != nil {
		delete(v.kept, key)
		return
	}
	v.order = append(v.order, key)
	v.bytes += 2 * len(s.sound)
	for v.bytes > cacheBytes && len(v.order) > 1 {
		v.bytes -= 2 * len(v.kept[v.order[0]].sound)
		delete(v.kept, v.order[0])
		v.order = v.order[1:]
	}
}

func (v *Voice) make(ctx context.Context, p Phrase, rate int) (sound, error) {
	if len(p.Clips) == 0 { // a sentence of a page
		return v.espeak(ctx, p, rate)
	}
	s, err := v.recorded(p)
	if !errors.Is(err, os.ErrNotExist) {
		return s, err
	}
	return v.espeak(ctx, p, rate)
}

// recorded joins the clips of a sentence; os.ErrNotExist when one is missing.
func (v *Voice) recorded(p Phrase) (sound, error) {
	var whole sound
	for _, name := range p.Clips {
		s, err := v.clip(filepath.Join(p.Language, name+".wav"))
		if err != nil {
			return nil, err
		}
		whole = append(whole, s.trim()...)
	}
	return whole, nil
}

func (v *Voice) clip(name string) (sound, error) {
	if v.cfg.Clips == "" {
		return nil, os.ErrNotExist
	}
	path := filepath.Join(v.cfg.Clips, name)
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > clipBytes {
		return nil, fmt.Errorf("voice: %s: larger than %d MB", path, clipBytes>>20)
	}
	b, err := os.ReadFile(path) // #nosec G304 -- the display's own folder
	if err != nil {
		return nil, fmt.Errorf("voice: %w", err)
	}
	s, err := decode(b)
	if err != nil {
		return nil, fmt.Errorf("voice: %s: %w", path, err)
	}
	return s, nil
}

// espeakVoice is the program's name of a language. Of its Chinese voices only this one reads hanzi (upstream issues 1028,
// 1044, 1236).
func espeakVoice(language string) string {
	if language == Chinese {
		return "cmn-latn-pinyin"
	}
	return language
}

func (v *Voice) espeak(ctx context.Context, p Phrase, rate int) (sound, error) {
	path, err := exec.LookPath(v.cfg.Espeak)
	if err != nil {
		return nil, ErrNoVoice
	}
	select {
	case v.free <- struct{}{}:
		defer func() { <-v.free }()
	case <-ctx.Done():
		return nil, fmt.Errorf("voice: %w", ctx.Err())
	}
	var out, said bytes.Buffer
	cmd := exec.CommandContext(ctx, path, "-v", espeakVoice(p.Language), "-s", strconv.Itoa(rate), "--stdin", "--stdout") // #nosec G204 -- espeak-ng, and our own words on its standard input
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(p.Spoken), &out, &said
	if err := cmd.Run(); err != nil {
		text := said.String()
		return nil, fmt.Errorf("voice: espeak-ng in %s: %w: %s", p.Language, err, text[:min(len(text), errorBytes)])
	}
	s, err := decode(out.Bytes())
	if err != nil {
		return nil, fmt.Errorf("voice: espeak-ng in %s: %w", p.Language, err)
	}
	if len(s) == 0 {
		return nil, fmt.Errorf("voice: espeak-ng in %s said nothing", p.Language)
	}
	return s.trim(), nil
}
