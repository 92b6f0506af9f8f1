package led_test

import (
	"bytes"
	"testing"
	"time"

	"yitang/drivers/led"
)

// turns speaks with a screen as a bus does, a second at a time.
type turns struct {
	t   *testing.T
	s   *led.Screen
	now time.Time
}

func (l *turns) ask(want []byte, owedWant bool) {
	l.t.Helper()
	l.now = l.now.Add(time.Second)
	if frame, owed := l.s.Ask(l.now); !bytes.Equal(frame, want) || owed != owedWant {
		l.t.Errorf("% X, owed %v, want % X, %v", frame, owed, want, owedWant)
	}
}

func (l *turns) hear(b []byte, answered, refused bool) {
	l.t.Helper()
	if got, err := l.s.Hear(b); got != answered || (err != nil) != refused {
		l.t.Errorf("% X: answered %v, %v", b, got, err)
	}
}

func (l *turns) show(m led.Message) {
	l.t.Helper()
	if err := l.s.Show(m); err != nil {
		l.t.Fatal(err)
	}
}

func (l *turns) state(urgent, shown bool) {
	l.t.Helper()
	if l.s.Urgent() != urgent || l.s.Shown() != shown {
		l.t.Errorf("urgent %v, shown %v", l.s.Urgent(), l.s.Shown())
	}
}

func TestTurnsOfAScreenThatAnswers(t *testing.T) {
	call, paused := unhex(t, "A0 06 28 03 01 0C 22 03 63 FF"), unhex(t, "A0 06 28 03 02 00 00 03 36 FF")
	test, ack := unhex(t, "A0 03 29 03 00 2F FF"), unhex(t, "A0 03 14 03 50 06 FF")
	l := &turns{t, led.NewScreen(led.ScreenConfig{Address: 3, Protocol: led.Lihe{}, Poll: 2 * time.Second, Repeat: 7 * time.Second}), time.Unix(1000, 0)}
	l.ask(test, true) // nothing to show yet
	l.hear(ack, true, false)
	l.ask(nil, false)
	l.show(led.Message{Kind: led.Call, Number: "1234", Window: 3})
	l.state(true, false)
	l.ask(call, true)
	l.hear(ack[:3], false, false)
	l.hear(ack[3:], true, false) // cut in two
	l.hear(ack, false, false)    // nobody asked
	l.state(false, true)
	l.ask(nil, false)
	l.ask(test, true)
	l.ask(call, true) // the test went unanswered: it may have been without power
	l.hear(ack, true, false)
	l.show(led.Message{Kind: led.Paused, Window: 3})
	l.ask(paused, true)
	l.show(led.Message{Kind: led.Call, Number: "1234", Window: 3}) // while the other is under way
	l.hear(ack, true, false)
	l.state(true, false)
	l.ask(call, true)
	l.hear(ack, true, false)
	l.show(led.Message{Kind: led.Call, Number: "1234", Window: 3}) // it shows that already
	l.state(false, true)
	for range 3 {
		l.ask(nil, false)
		l.ask(test, true)
		l.hear(ack, true, false)
	}
	l.ask(call, true) // after Repeat
}

func TestTurnsOfAScreenThatRefuses(t *testing.T) {
	words := led.Words{Call: led.Phrase{Text: "请{number}", Figures: led.Green}}
	p, err := led.NewTemplated(led.Zhongyi(), words)
	if err != nil {
		t.Fatal(err)
	}
	call := unhex(t, "A0 90 01 A5 00 05 C7 EB 00 38 01 B4")
	l := &turns{t, led.NewScreen(led.ScreenConfig{Address: 1, Protocol: p, Repeat: 3 * time.Second}), time.Unix(1000, 0)}
	l.ask(nil, false) // it has no question
	l.show(led.Message{Kind: led.Call, Number: "8"})
	l.ask(call, true)
	l.hear(unhex(t, "A0 90 01 A5 55"), true, true)
	l.state(true, false)
	l.ask(call, true)
	l.hear(unhex(t, "A0 90 01 A5 AA"), true, false)
	l.state(false, true)
	l.ask(nil, false)
	l.ask(nil, false)
	l.ask(call, true)
}

func TestTurnsOfABoardWithoutAnswers(t *testing.T) {
	call := unhex(t, "01 05 21 30 31 32 07")
	l := &turns{t, led.NewScreen(led.ScreenConfig{Address: 5, Protocol: led.QSystem{}, Repeat: 2 * time.Second}), time.Unix(1000, 0)}
	l.show(led.Message{Kind: led.Call, Number: "A012"})
	l.ask(call, false)
	l.state(false, true)
	l.ask(nil, false)
	l.ask(call, false)
}
