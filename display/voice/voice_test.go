package voice_test

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"yitang/display/voice"
	"yitang/server/wire"
)

// needEspeak skips loudly where the program is missing; make test installs it.
func needEspeak(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("espeak-ng")
	if err != nil {
		if os.Getenv("CI") != "" || os.Getuid() == 0 {
			t.Fatalf("espeak-ng is missing: run make browser (%v)", err)
		}
		t.Skip("SKIPPED: espeak-ng is missing, so nothing of the voice was tested: run make browser")
	}
	return path
}

// TestPhonemes holds what is really said of a call, syllable by syllable with its tone: a voice that reads pinyin as
// English, or a number as a quantity, is noticed here. The trace is espeak-ng 1.51's (-x).
func TestPhonemes(t *testing.T) {
	espeak := needEspeak(t)
	for _, c := range []struct{ language, voice, number, window, trace string }{
		{"zh", "cmn-latn-pinyin", "A012", "3",
			"tS;h'i21N_| 'ei51_| l'i35N_| j'i55_| '@r51_| X'Au51_| t'Au51_| s'a55n_| X'Au51_| ts.hw'A55N_| kh'ou21_| p'a51n_| l'i214_|"},
		{"zh", "cmn-latn-pinyin", "B1000", "12",
			"tS;h'i21N_| p'i51_| j'i55_| l'i35N_| l'i35N_| l'i35N_| X'Au51_| t'Au51_| s.'i.35_| '@r51_| X'Au51_| ts.hw'A55N_| kh'ou21_| p'a51n_| l'i214_|"},
		{"ug", "ug", "A012", "3", "'A n'Wl b'Ir 'IkkIn'omuR 'ytSkWzn'&kk& k'elIN"},
		{"kk", "kk", "A012", "3", "(en)'eI(kk) n'YL b'Ir j'ekIn8m'I* 'u#Ste*ezeg'e kelIN'Iz"},
		{"en", "en", "A012", "12", "n'Vmb3r- a# z'i@roU w'0n t'u: pl'i:z g,oU t@ w'IndoU tw'Elv"},
	} {
		p := voice.Phrases([]string{c.language}, c.number, c.window, false)[0]
		out, err := exec.Command(espeak, "-q", "-x", "-v", c.voice, p.Spoken).Output()
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(strings.Fields(string(out)), " "); got != c.trace {
			t.Errorf("%s %s to %s is said\n%s, want\n%s", c.language, c.number, c.window, got, c.trace)
		}
	}
}

func TestSpoken(t *testing.T) {
	needEspeak(t)
	v := voice.New(voice.Config{})
	if err := v.Ready(); err != nil {
		t.Fatal(err)
	}
	u := wire.Utterance{Number: "A012", Window: "3", Languages: []string{"zh"}, Rate: 160}
	plain := length(t, say(t, v, u))
	u.Gong = true
	gonged := length(t, say(t, v, u))
	u.Languages = []string{"zh", "ug", "kk", "en"}
	all := length(t, say(t, v, u))
	u.Brief, u.Gong, u.Languages = true, false, []string{"zh"}
	brief := length(t, say(t, v, u))
	if plain < 2*time.Second || plain > 8*time.Second || gonged-plain != 1500*time.Millisecond || all < gonged+4*time.Second || brief >= plain {
		t.Errorf("zh lasts %v, with the gong %v, in four languages %v, in brief %v", plain, gonged, all, brief)
	}
	u.Rate = 320
	if fast := length(t, say(t, v, u)); fast >= brief {
		t.Errorf("twice as fast it lasts %v, not less than %v", fast, brief)
	}
}

// TestOnce lets many screens ask for the same call at the same time.
func TestOnce(t *testing.T) {
	dir := t.TempDir()
	count := filepath.Join(dir, "count")
	fake := filepath.Join(dir, "espeak")
	clip := filepath.Join(dir, "one.wav")
	write(t, clip, tone(22050, 1, 400))
	write(t, fake, []byte("#!/bin/sh\necho x >> "+count+"\ncat "+clip+"\n"))
	v := voice.New(voice.Config{Espeak: fake})
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { say(t, v, wire.Utterance{Number: "A001", Window: "1", Rate: 160}) })
	}
	all.Wait()
	if b, err := os.ReadFile(count); err != nil || len(b) != 2 {
		t.Errorf("espeak-ng ran %d times, want once (%v)", len(b)/2, err)
	}
}

func TestClips(t *testing.T) {
	dir := t.TempDir()
	for i, name := range strings.Fields("请 A 零 一 二 号 到 三 窗口 办理") {
		rate, channels := 8000+1000*i, 1+i%2
		write(t, filepath.Join(dir, "zh", name+".wav"), tone(rate, channels, 100))
	}
	write(t, filepath.Join(dir, "gong.wav"), tone(22050, 1, 300))
	v := voice.New(voice.Config{Clips: dir, Espeak: filepath.Join(dir, "none")})
	if err := v.Ready(); err != nil {
		t.Fatal(err)
	}
	u := wire.Utterance{Number: "A012", Window: "3", Gong: true}
	got := length(t, say(t, v, u))
	if want := 1400 * time.Millisecond; got < want-60*time.Millisecond || got > want+60*time.Millisecond { // 11 words, 300 ms of gong
		t.Errorf("the recorded call lasts %v, want about %v", got, want)
	}
	u.Number = "B012" // B was not recorded, and there is no espeak-ng
	if _, err := v.WAV(context.Background(), u); !errors.Is(err, voice.ErrNoVoice) {
		t.Errorf("with a missing clip: %v", err)
	}
	write(t, filepath.Join(dir, "zh", "B.wav"), []byte("RIFF no sound"))
	if _, err := v.WAV(context.Background(), u); err == nil || !strings.Contains(err.Error(), filepath.Join("zh", "B.wav")) {
		t.Errorf("a broken clip: %v", err)
	}
}

func TestNothingToSpeakWith(t *testing.T) {
	v := voice.New(voice.Config{Espeak: "/nowhere/espeak-ng", Clips: "/nowhere/clips"})
	if err := v.Ready(); !errors.Is(err, voice.ErrNoVoice) || !strings.Contains(err.Error(), "apt-get install espeak-ng") {
		t.Errorf("ready: %v", err)
	}
	if _, err := v.WAV(context.Background(), wire.Utterance{Number: "A001", Window: "1"}); !errors.Is(err, voice.ErrNoVoice) {
		t.Errorf("WAV: %v", err)
	}
}

func FuzzClip(f *testing.F) {
	f.Add(tone(22050, 1, 20))
	f.Add(tone(8000, 2, 20))
	f.Add([]byte("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00"))
	dir := f.TempDir()
	for _, name := range strings.Fields("A 零 一 号 窗口") {
		write(f, filepath.Join(dir, "zh", name+".wav"), tone(22050, 1, 20))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		write(t, filepath.Join(dir, "zh", "一.wav"), b)
		v := voice.New(voice.Config{Clips: dir, Espeak: "/nowhere"})
		if wav, err := v.WAV(context.Background(), wire.Utterance{Number: "A001", Window: "1", Brief: true}); err == nil {
			length(t, wav)
		}
	})
}

func say(t testing.TB, v *voice.Voice, u wire.Utterance) []byte {
	t.Helper()
	wav, err := v.WAV(context.Background(), u)
	if err != nil {
		t.Fatal(err)
	}
	return wav
}

// length reads a WAV file as the format describes it: RIFF, fmt of 16 bytes, data.
func length(t testing.TB, b []byte) time.Duration {
	t.Helper()
	le := binary.LittleEndian
	if len(b) < 44 || string(b[:4]) != "RIFF" || int(le.Uint32(b[4:])) != len(b)-8 || string(b[8:16]) != "WAVEfmt " ||
		string(b[36:40]) != "data" || int(le.Uint32(b[40:])) != len(b)-44 {
		t.Fatalf("not a WAV file: % X", b[:min(len(b), 44)])
	}
	if !slices.Equal([]uint16{1, 1, 2, 16}, []uint16{le.Uint16(b[20:]), le.Uint16(b[22:]), le.Uint16(b[32:]), le.Uint16(b[34:])}) {
		t.Fatalf("not 16-bit PCM in mono: % X", b[:44])
	}
	return time.Duration(len(b)-44) * time.Second / time.Duration(le.Uint32(b[28:]))
}

// tone is a WAV file of a square wave, ms long.
func tone(rate, channels, ms int) []byte {
	n := rate * ms / 1000 * channels
	le := binary.LittleEndian
	b := append([]byte("RIFF"), le.AppendUint32(nil, uint32(36+2*n))...)
	b = append(b, "WAVEfmt "...)
	b = le.AppendUint32(b, 16)
	b = le.AppendUint16(le.AppendUint16(b, 1), uint16(channels))
	b = le.AppendUint32(le.AppendUint32(b, uint32(rate)), uint32(2*channels*rate))
	b = le.AppendUint16(le.AppendUint16(b, uint16(2*channels)), 16)
	b = le.AppendUint32(append(b, "data"...), uint32(2*n))
	for i := range n {
		b = le.AppendUint16(b, uint16(int16(8000-16000*(i/40%2))))
	}
	return b
}

func write(t testing.TB, path string, b []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o700); err != nil {
		t.Fatal(err)
	}
}

// TestFailuresAreForgotten: a hall without espeak-ng asks for thousands of sentences a day and must not remember them.
func TestFailuresAreForgotten(t *testing.T) {
	v := voice.New(voice.Config{Espeak: filepath.Join(t.TempDir(), "none")})
	for i := range 10 {
		if _, err := v.WAV(t.Context(), wire.Utterance{Number: "A00" + string(rune('0'+i)), Window: "1"}); !errors.Is(err, voice.ErrNoVoice) {
			t.Fatal(err)
		}
	}
	if sentences, order := voice.Kept(v); sentences != 0 || order != 0 {
		t.Errorf("%d sentences, %d in order", sentences, order)
	}
}
