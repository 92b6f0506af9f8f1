package kiosk

import (
	"context"
	"net/http"
	"sync"
	"time"
	"unicode/utf8"

	"yitang/server/wire"
)

// Bounds of what the kiosk speaks.
const (
	speechTime = 8 * time.Second
	speechMax  = 400 // characters of a sentence
	speechKept = 96  // sentences, so that a page speaks at once the second time and while the hall is away
)

// speech keeps what the hall's voice has said.
type speech struct {
	mu    sync.Mutex
	kept  map[string][]byte
	order []string // oldest first
}

func newSpeech() *speech { return &speech{kept: map[string][]byte{}} }

// say gives a sentence from memory or from the hall.
func (s *speech) say(ctx context.Context, hall *wire.Client, lang, text string) ([]byte, error) {
	key := lang + " " + text
	s.mu.Lock()
	wav := s.kept[key]
	s.mu.Unlock()
	if wav != nil {
		return wav, nil
	}
	wav, err := hall.Speech(ctx, lang, text)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept[key] == nil {
		s.order = append(s.order, key)
	}
	s.kept[key] = wav
	if len(s.order) > speechKept {
		delete(s.kept, s.order[0])
		s.order = s.order[1:]
	}
	return wav, nil
}

// speak answers with a sentence of the page as sound.
func (a *agent) speak(w http.ResponseWriter, r *http.Request) {
	lang, text := language(r, r.URL.Query().Get("language")), r.URL.Query().Get("text")
	if text == "" || utf8.RuneCountInString(text) > speechMax {
		a.refuse(w, lang, invalid())
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), speechTime)
	defer cancel()
	wav, err := a.speech.say(ctx, a.hall, lang, text)
	if err != nil {
		a.refuse(w, lang, err)
		return
	}
	w.Header().Set("Content-Type", "audio/wav")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(wav) // #nosec G705 -- sound, said to be audio/wav
}
