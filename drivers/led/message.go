package led

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Address is a screen's number on its line.
type Address uint8

// Kind is what a message is about.
type Kind uint8

// The kinds of messages.
const (
	Welcome Kind = iota // nobody is called: a welcome, or Message.Text
	Call                // Message.Number is to come to Message.Window
	Serving             // Message.Number is being served
	Paused
)

// Message is what a screen shall show.
type Message struct {
	Kind   Kind
	Number string // of the ticket, such as A012; of Call and Serving
	Window int
	Text   string // in place of the words for Kind, for screens that show text
}

// Colour of a text on a screen of three colours.
type Colour uint8

// The colours.
const (
	Red Colour = iota
	Green
	Yellow
	colours
)

// Phrase is how a kind of message reads: {number} and {window} stand for the message's, which screens that colour each
// character show in Figures.
type Phrase struct {
	Text    string `json:"text"`
	Colour  Colour `json:"colour"`
	Figures Colour `json:"figures"`
}

// Run is a piece of text in one colour.
type Run struct {
	Text   string
	Colour Colour
}

// Words are the phrases of a screen that shows text.
type Words struct {
	Welcome Phrase `json:"welcome"`
	Call    Phrase `json:"call"`
	Serving Phrase `json:"serving"`
	Paused  Phrase `json:"paused"`
}

// DefaultWords fit a strip of eight Chinese characters with numbers up to A999.
func DefaultWords() Words {
	return Words{
		Welcome: Phrase{Text: "欢迎光临", Colour: Green},
		Call:    Phrase{Text: "请{number}号到{window}窗", Colour: Red, Figures: Green},
		Serving: Phrase{Text: "正在办理{number}", Colour: Green, Figures: Green},
		Paused:  Phrase{Text: "暂停服务", Colour: Yellow},
	}
}

func (w Words) render(m Message) []Run {
	p := w.of(m.Kind)
	if m.Text != "" {
		return []Run{{m.Text, p.Colour}}
	}
	figures := map[string]string{"{number}": m.Number, "{window}": strconv.Itoa(m.Window)}
	var runs []Run
	for rest := p.Text; rest != ""; {
		at, which := len(rest), ""
		for name := range figures {
			if i := strings.Index(rest, name); i >= 0 && i < at {
				at, which = i, name
			}
		}
		runs = append(runs, Run{rest[:at], p.Colour}, Run{figures[which], p.Figures})
		rest = rest[at+len(which):]
	}
	return merge(runs)
}

// merge joins neighbours of one colour and drops what is empty.
func merge(runs []Run) []Run {
	var merged []Run
	for _, r := range runs {
		switch last := len(merged) - 1; {
		case r.Text == "":
		case last >= 0 && merged[last].Colour == r.Colour:
			merged[last].Text += r.Text
		default:
			merged = append(merged, r)
		}
	}
	return merged
}

func (w Words) of(k Kind) Phrase {
	switch k {
	case Call:
		return w.Call
	case Serving:
		return w.Serving
	case Paused:
		return w.Paused
	default:
		return w.Welcome
	}
}

// ErrCannotShow is wrapped by every error that says that a screen has no way to show a message.
var ErrCannotShow = errors.New("led: the screen cannot show this")

func cannot(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrCannotShow, fmt.Sprintf(format, args...))
}

// ErrFrame is wrapped by every error of decoding.
var ErrFrame = errors.New("led: not a frame of this protocol")

func broken(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrFrame, fmt.Sprintf(format, args...))
}

// splitNumber takes a ticket number apart: a letter, 0 when there is none, and the number.
func splitNumber(number string) (letter byte, n int, err error) {
	digits := number
	if digits != "" && digits[0] >= 'A' && digits[0] <= 'Z' {
		letter, digits = digits[0], digits[1:]
	}
	n64, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || n64 == 0 {
		return 0, 0, cannot("%q is not a letter and a number from 1", number)
	}
	return letter, int(n64), nil
}

// joinNumber is the hall's way to write a number: at least three digits.
func joinNumber(letter byte, n int) string {
	if letter == 0 {
		return fmt.Sprintf("%03d", n)
	}
	return fmt.Sprintf("%c%03d", letter, n)
}
