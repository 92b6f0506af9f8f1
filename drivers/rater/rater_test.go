package rater_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"yitang/drivers/rater"
)

func protocol(t testing.TB, tmpl rater.Template) *rater.Protocol {
	t.Helper()
	p, err := tmpl.Compile()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// unasked is a rater that speaks when a key is pressed and answers nothing.
func unasked() rater.Template {
	return rater.Template{
		Name: "unasked", Prompt: "F1 addr", Rating: "FE ?? addr stars xor8",
		Stars: map[int]string{1: "05", 2: "04", 3: "03", 4: "02", 5: "01"},
	}
}

func TestGoldenFrames(t *testing.T) {
	p, q := protocol(t, rater.DefaultTemplate()), protocol(t, unasked())
	five, _ := p.EncodeRating(7, 5)
	for _, tt := range []struct {
		name      string
		got, want []byte
	}{
		{"poll", p.EncodePoll(7), []byte{0x55, 7, 0x50, 0, 0xAC}},
		{"prompt", p.EncodePrompt(7), []byte{0x55, 7, 0x51, 1, 0xAE}},
		{"thank", p.EncodeThank(7), []byte{0x55, 7, 0x52, 2, 0xB0}},
		{"idle", p.EncodeIdle(7), []byte{0xAA, 7, 0x30, 0xE1}},
		{"five stars", five, []byte{0xAA, 7, 0x35, 0xE6}},
		{"no poll", q.EncodePoll(7), nil},
		{"lamp", q.EncodePrompt(7), []byte{0xF1, 7}},
	} {
		if !bytes.Equal(tt.got, tt.want) {
			t.Errorf("%s: % X, want % X", tt.name, tt.got, tt.want)
		}
	}
	if _, err := p.EncodeRating(7, 6); !errors.Is(err, rater.ErrStars) {
		t.Errorf("six stars: %v", err)
	}
	if s, used, ok := q.Find(7, []byte{0, 0xFE, 0x99, 7, 1, 0x61}); !ok || s != 5 || used != 6 {
		t.Errorf("unasked: %d %d %v", s, used, ok)
	}
}

func TestTemplateKeepsThroughJSON(t *testing.T) {
	text, err := json.Marshal(rater.DefaultTemplate())
	if err != nil {
		t.Fatal(err)
	}
	var back rater.Template
	if err := json.Unmarshal(text, &back); err != nil || cmp.Diff(rater.DefaultTemplate(), back) != "" {
		t.Errorf("%v: %s", err, text)
	}
}

func TestTemplatesThatAreRefused(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(*rater.Template)
	}{
		{"no rating", func(t *rater.Template) { t.Rating = "" }},
		{"a rating without stars", func(t *rater.Template) { t.Rating = "AA addr" }},
		{"a rating with two", func(t *rater.Template) { t.Rating = "stars stars" }},
		{"idle with stars", func(t *rater.Template) { t.Idle = "AA stars" }},
		{"a word nobody knows", func(t *rater.Template) { t.Poll = "55 crc" }},
		{"half a byte", func(t *rater.Template) { t.Poll = "5" }},
		{"any byte to send", func(t *rater.Template) { t.Prompt = "55 ??" }},
		{"too long", func(t *rater.Template) { t.Poll = string(bytes.Repeat([]byte("55 "), 33)) }},
		{"a rating without a byte", func(t *rater.Template) { delete(t.Stars, 3) }},
		{"a rating of six", func(t *rater.Template) { t.Stars[6] = "36" }},
		{"two ratings with one byte", func(t *rater.Template) { t.Stars[3] = "31" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tmpl := rater.DefaultTemplate()
			tt.spoil(&tmpl)
			if _, err := tmpl.Compile(); err == nil {
				t.Error("it passes")
			}
		})
	}
}

func TestFindsWhatItEncodes(t *testing.T) {
	all := []*rater.Protocol{protocol(t, rater.DefaultTemplate()), protocol(t, unasked())}
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom(all).Draw(t, "protocol")
		a := rater.Address(rapid.Byte().Draw(t, "address"))
		s := rater.Stars(rapid.IntRange(1, 5).Draw(t, "stars"))
		frame, err := p.EncodeRating(a, s)
		if err != nil {
			t.Fatal(err)
		}
		noise := rapid.SliceOfN(rapid.ByteMax(0x1F), 0, 8).Draw(t, "noise") // no frame begins so
		if got, used, ok := p.Find(a, append(noise, frame...)); !ok || got != s || used != len(noise)+len(frame) {
			t.Fatalf("%d stars, %d bytes, %v", got, used, ok)
		}
		if _, _, ok := p.Find(a, frame[:len(frame)-1]); ok {
			t.Fatal("half a frame passes")
		}
		if _, _, ok := p.Find(a+1, frame); ok {
			t.Fatal("another rater's passes")
		}
	})
}

func FuzzRater(f *testing.F) {
	f.Add([]byte{0xAA, 7, 0x30, 0xE1})
	f.Add([]byte{0, 0xAA, 0xAA, 7, 0x35, 0xE6, 0xFE, 0x99, 7, 1, 0x61})
	protocols := []*rater.Protocol{protocol(f, rater.DefaultTemplate()), protocol(f, unasked())}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, p := range protocols {
			rest := b
			for {
				s, used, ok := p.Find(7, rest)
				if !ok {
					break
				}
				if used <= 0 || used > len(rest) || s > rater.StarsMax {
					t.Fatalf("%d stars, %d of %d bytes", s, used, len(rest))
				}
				rest = rest[used:]
			}
			r := rater.New(rater.Config{Address: 7, Protocol: p})
			r.Prompt("")
			_, _ = r.Ask(time.Unix(1, 0))
			if _, err := r.Hear(b); err != nil || len(r.Ratings()) > 1 {
				t.Errorf("%v, %d ratings for one prompt", err, len(r.Ratings()))
			}
		}
	})
}

func FuzzTemplateJSON(f *testing.F) {
	text, err := json.Marshal(rater.DefaultTemplate())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		var tmpl rater.Template
		if json.Unmarshal(text, &tmpl) != nil {
			return
		}
		p, err := tmpl.Compile()
		if err != nil {
			return
		}
		frame, err := p.EncodeRating(1, 5)
		if err != nil {
			t.Fatal(err)
		}
		if _, used, ok := p.Find(1, frame); !ok || used == 0 {
			t.Errorf("%s: % X is not found", text, frame)
		}
	})
}

// line speaks with a rater as a bus does.
type line struct {
	t *testing.T
	r *rater.Rater
	n time.Duration
}

// turn expects a frame and answers it.
func (l *line) turn(want, answer []byte) {
	l.t.Helper()
	l.n += time.Second
	if frame, _ := l.r.Ask(time.Unix(0, 0).Add(l.n)); !bytes.Equal(frame, want) {
		l.t.Errorf("turn %v: % X, want % X", l.n, frame, want)
	}
	if answered, err := l.r.Hear(answer); answered != (len(answer) > 0) || err != nil {
		l.t.Errorf("turn %v: %v, %v", l.n, answered, err)
	}
}

func TestARatingCountsOncePerPrompt(t *testing.T) {
	p := protocol(t, rater.DefaultTemplate())
	poll, prompt, thank, idle := p.EncodePoll(7), p.EncodePrompt(7), p.EncodeThank(7), p.EncodeIdle(7)
	five, _ := p.EncodeRating(7, 5)
	one, _ := p.EncodeRating(7, 1)
	l := &line{t: t, r: rater.New(rater.Config{Address: 7, Protocol: p})}
	l.turn(poll, one) // nobody was asked
	l.turn(thank, idle)
	l.r.Prompt("")
	l.turn(prompt, nil) // lost
	l.turn(prompt, idle)
	l.turn(poll, idle)
	l.turn(poll, five)
	l.turn(thank, nil) // lost: the rater repeats the rating
	l.turn(thank, five)
	l.turn(thank, idle)
	l.turn(poll, idle)
	if len(l.r.Ratings()) != 1 || l.r.Ignored() != 2 {
		t.Fatalf("%d ratings, %d ignored", len(l.r.Ratings()), l.r.Ignored())
	}
	if got := <-l.r.Ratings(); got != (rater.Rating{Address: 7, Stars: 5}) {
		t.Errorf("%+v", got)
	}
	l.r.Prompt("")
	l.turn(prompt, one) // of the person before
	l.turn(thank, idle)
	l.r.Prompt("")
	l.r.Cancel()
	l.turn(thank, idle)
	l.turn(poll, one)
	if len(l.r.Ratings()) != 0 {
		t.Error("a rating that nobody was asked for counts")
	}
}

// A rating that is taken late, when the next person has been asked, is still about the one who gave it.
func TestARatingSaysWhatItIsAbout(t *testing.T) {
	p := protocol(t, rater.DefaultTemplate())
	five, _ := p.EncodeRating(7, 5)
	l := &line{t: t, r: rater.New(rater.Config{Address: 7, Protocol: p})}
	l.r.Prompt("A001")
	l.turn(p.EncodePrompt(7), p.EncodeIdle(7))
	l.turn(p.EncodePoll(7), five)
	l.r.Prompt("A002")
	if got := <-l.r.Ratings(); got != (rater.Rating{Address: 7, Stars: 5, About: "A001"}) {
		t.Errorf("%+v", got)
	}
}

func TestUnansweredRatersAreNotWaitedFor(t *testing.T) {
	r := rater.New(rater.Config{Address: 7, Protocol: protocol(t, unasked())})
	if frame, _ := r.Ask(time.Unix(9, 0)); frame != nil || r.Urgent() {
		t.Errorf("% X unasked", frame)
	}
	r.Prompt("")
	if frame, owed := r.Ask(time.Unix(9, 0)); !bytes.Equal(frame, []byte{0xF1, 7}) || owed || r.Urgent() {
		t.Errorf("% X, owed %v, urgent %v", frame, owed, r.Urgent())
	}
	for _, b := range []byte{0xFE, 0x99, 7, 1, 0x61} {
		if _, err := r.Hear([]byte{b}); err != nil {
			t.Error(err)
		}
	}
	if got := <-r.Ratings(); got.Stars != 5 {
		t.Errorf("%+v", got)
	}
}
