package voice_test

import (
	"context"
	"strings"
	"testing"

	"yitang/display/voice"
)

func TestSay(t *testing.T) {
	needEspeak(t)
	v := voice.New(voice.Config{})
	for lang, text := range map[string]string{"zh": "您要办什么？", "ug": "نېمە ئىش بېجىرىسىز؟", "kk": "قانداي ٴىس اتقاراسىز؟", "en": "What is it about?"} {
		wav, err := v.Say(context.Background(), lang, text, 160)
		if err != nil || len(wav) < 20_000 || string(wav[:4]) != "RIFF" {
			t.Errorf("%s: %d bytes, %v", lang, len(wav), err)
		}
	}
	for _, bad := range [][2]string{{"fr", "bonjour"}, {"zh", " "}, {"zh", strings.Repeat("办", 401)}} {
		if _, err := v.Say(context.Background(), bad[0], bad[1], 160); err == nil {
			t.Errorf("%v was said", bad)
		}
	}
}

// Kazakh goes to espeak-ng in Cyrillic: what DOMAIN.md has in the Arabic script, with front and back vowels.
func TestKazakhInCyrillic(t *testing.T) {
	for arabic, want := range map[string]string{"نومىر الىڭىز": "номыр алыңыз", "ٴتىل تاڭداڭىز": "тіл таңдаңыз", "قوش كەلدىڭىز": "қош келдіңіз",
		"كۇتە تۇرىڭىز": "күте тұрыңыз", "A 0 1 2، تەرەزە": "A 0 1 2, терезе"} {
		if got := voice.Cyrillic(arabic); got != want {
			t.Errorf("%s: %q, want %q", arabic, got, want)
		}
	}
}
