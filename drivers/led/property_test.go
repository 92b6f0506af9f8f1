package led_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"yitang/drivers/led"
)

// number draws a ticket number as the hall writes it.
func number(t *rapid.T, most int) string {
	letter := rapid.SampledFrom([]string{"", "A", "B", "Z"}).Draw(t, "letter")
	return fmt.Sprintf("%s%03d", letter, rapid.IntRange(1, most).Draw(t, "number"))
}

func message(t *rapid.T, most int) led.Message {
	m := led.Message{
		Kind:   rapid.SampledFrom([]led.Kind{led.Welcome, led.Call, led.Serving, led.Paused}).Draw(t, "kind"),
		Window: rapid.IntRange(0, 255).Draw(t, "window"),
	}
	if m.Kind == led.Call || m.Kind == led.Serving {
		m.Number = number(t, most)
	}
	return m
}

func address(t *rapid.T) led.Address { return led.Address(rapid.Byte().Draw(t, "address")) }

func TestLiheDecodesWhatItShows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, a := message(t, 9999), address(t)
		p := led.Lihe{Combined: m.Kind == led.Call && rapid.Bool().Draw(t, "combined")}
		frame, err := p.Show(a, m)
		if err != nil {
			t.Fatal(err)
		}
		if gotA, got, err := p.Decode(frame); err != nil || gotA != a || got != m {
			t.Fatalf("%d %+v %v from % X of %+v", gotA, got, err, frame, m)
		}
		spoiled := bytes.Clone(frame)
		spoiled[rapid.IntRange(1, len(frame)-2).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 5).Draw(t, "bit")
		if _, got, err := p.Decode(spoiled); err == nil {
			t.Fatalf("% X passes as %+v", spoiled, got)
		}
	})
}

func TestBoards(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := led.Board{
			Address: address(t), Blink: byte(rapid.IntRange(0x20, 0x7F).Draw(t, "blink")),
			Text: rapid.StringMatching(`[ -~]{3}`).Draw(t, "text"),
		}
		want := append([]byte{0x01, byte(b.Address), b.Blink, b.Text[0], b.Text[1], b.Text[2]}, 0x07)
		if got, err := led.EncodeBoard(b); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("% X %v, want % X", got, err, want)
		}
	})
}

func templates() []led.Template {
	ascii := led.LiheText()
	ascii.Name, ascii.Charset = "ascii", led.ASCII
	modbus := led.Onbon()
	modbus.Name, modbus.Frame[5].Sum = "modbus", led.CRCModbus
	return []led.Template{led.Zhongyi(), led.LiheText(), led.Onbon(), ascii, modbus}
}

func TestTemplatesDecodeWhatTheyShow(t *testing.T) {
	for _, tmpl := range templates() {
		p := templated(t, tmpl)
		// Among their bytes are those that Onbon escapes: Z is 5A, [ is 5B, 今 ends in F1 and あ is A4 A2, ウ A5 A6.
		char := rapid.SampledFrom([]rune("请号到窗口暂停服务欢迎今あウヂΩЖAZaz09 ~[Z啊齄"))
		if tmpl.Charset == led.ASCII {
			char = rapid.SampledFrom([]rune("AZ[az09 ~"))
		}
		most, mixed := 0, tmpl.Show[0].Coloured
		if len(tmpl.Colours) > 0 {
			most = int(led.Green)
		}
		t.Run(tmpl.Name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				var runs []led.Run
				for i := range rapid.IntRange(1, 5).Draw(t, "runs") {
					r := led.Run{Text: string(rapid.SliceOfN(char, 1, 12).Draw(t, "text")), Colour: led.Colour(rapid.IntRange(0, most).Draw(t, "colour"))}
					if i > 0 && (!mixed || r.Colour == runs[len(runs)-1].Colour) { // neighbours of one colour are one run
						runs[len(runs)-1].Text += r.Text
						continue
					}
					runs = append(runs, r)
				}
				a := address(t)
				frame, err := p.Encode(a, runs...)
				if err != nil {
					t.Fatal(err)
				}
				if gotA, got, err := p.Decode(frame); err != nil || gotA != a || cmp.Diff(runs, got) != "" {
					t.Fatalf("%d %+v %v from % X of %+v", gotA, got, err, frame, runs)
				}
			})
		})
	}
}

// TestEscapesHideTheFrameMarks: no A5 after the preamble, no 5A before the end, whatever the text, address and CRC are.
func TestEscapesHideTheFrameMarks(t *testing.T) {
	p := templated(t, led.Onbon())
	escaped := 0
	for a := range 256 {
		frame, err := p.Encode(led.Address(a), led.Run{Text: fmt.Sprintf("[Z]ΩЖ到%d号窗", a)})
		if err != nil {
			t.Fatal(err)
		}
		inner := frame[8 : len(frame)-1]
		if bytes.ContainsAny(inner, "Z") || bytes.IndexByte(inner, 0xA5) >= 0 || bytes.IndexByte(inner, 0x5A) >= 0 {
			t.Fatalf("a mark inside % X", inner)
		}
		escaped += bytes.Count(inner, []byte{0x5B, 0x01})
		if gotA, got, err := p.Decode(frame); err != nil || gotA != led.Address(a) || cmp.Diff(got, []led.Run{{Text: fmt.Sprintf("[Z]ΩЖ到%d号窗", a)}}) != "" {
			t.Fatalf("%d %+v %v", gotA, got, err)
		}
	}
	if escaped < 256 {
		t.Errorf("only %d escapes: the test tries nothing", escaped)
	}
}

func FuzzLihe(f *testing.F) {
	for _, s := range []string{"A0 06 28 03 01 0C 22 03 63 FF", "A0 07 28 03 01 0C 22 03 42 42 FF", "A0 03 14 03 50 06 FF", "A0 A0 03 14 03 50 06 FF"} {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p := led.Lihe{}
		p.Ack(3, b)
		a, m, err := p.Decode(b)
		if err != nil {
			return
		}
		p.Combined = b[2] == 0x2A
		if again, err := p.Show(a, m); err != nil || !bytes.Equal(again, b) {
			t.Errorf("% X became % X, %v", b, again, err)
		}
	})
}

func FuzzTemplates(f *testing.F) {
	for _, s := range []string{
		"A0 90 01 A5 00 05 C7 EB 00 38 01 B4", "A0 90 01 A5 AA", "A0 90 01 A5 55", "AA 03 BB 51 54 54 01 01 05 01 63 C7 EB 38 FF",
		"A5 A5 A5 A5 A5 A5 A5 A5 01 00 00 80 00 00 00 00 00 00 FE 02 05 00 A2 00 01 00 00 68 F8 5A",
	} {
		f.Add(unhex(f, s))
	}
	var all []*led.Templated
	for _, tmpl := range templates() {
		p := templated(f, tmpl)
		if frame, err := p.Encode(1, led.Run{Text: "[Z]"}); err == nil {
			f.Add(frame)
		}
		all = append(all, p)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, p := range all {
			p.Ack(1, b)
			a, s, err := p.Decode(b)
			if err != nil || len(s) == 0 { // an empty text keeps no colour
				continue
			}
			if again, err := p.Encode(a, s...); err != nil || !bytes.Equal(again, b) {
				t.Errorf("% X became % X, %v", b, again, err)
			}
		}
	})
}

func FuzzTemplateJSON(f *testing.F) {
	f.Add([]byte(`{"name":"x","charset":"gbk","frame":[{"kind":"body"},{"kind":"sum","sum":"xor8","to":1}],"show":[{"kind":"text"}]}`))
	f.Add([]byte(`{"name":"x","charset":"ascii","frame":[{"kind":"length","from":0,"to":2},{"kind":"body"}],"show":[{"kind":"text"}],"answer":[{"kind":"verdict","good":"AA"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := fromJSON(text)
		if err != nil {
			return
		}
		frame, err := p.Encode(1, led.Run{Text: "A1"})
		if err != nil {
			return
		}
		p.Ask(1)
		p.Ack(1, frame)
		if a, s, err := p.Decode(frame); err != nil {
			t.Errorf("%s: % X is not decoded: %d %+v %v", text, frame, a, s, err)
		}
	})
}
