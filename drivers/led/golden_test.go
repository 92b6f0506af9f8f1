package led_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yitang/drivers/led"
)

// unhex reads bytes as the documents print them.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func templated(t testing.TB, tmpl led.Template) *led.Templated {
	t.Helper()
	p, err := led.NewTemplated(tmpl, led.DefaultWords())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestGoldenFrames has the frames that HARDWARE.md quotes in D2 and D8, and ours where it only gives the rule.
func TestGoldenFrames(t *testing.T) {
	tests := []struct {
		name     string
		protocol led.Protocol
		address  led.Address
		message  led.Message
		want     string
	}{
		{"D2 1234", led.Lihe{}, 3, led.Message{Kind: led.Call, Number: "1234", Window: 3}, "A0 06 28 03 01 0C 22 03 63 FF"},
		{"D2 B1234", led.Lihe{}, 3, led.Message{Kind: led.Call, Number: "B1234", Window: 3}, "A0 07 28 03 01 0C 22 03 42 42 FF"},
		{"D2 welcome", led.Lihe{}, 3, led.Message{Window: 3}, "A0 06 28 03 00 00 00 03 34 FF"},
		{"D2 paused", led.Lihe{}, 3, led.Message{Kind: led.Paused, Window: 3}, "A0 06 28 03 02 00 00 03 36 FF"},
		{"D2 serving", led.Lihe{}, 3, led.Message{Kind: led.Serving, Number: "1234", Window: 3}, "A0 06 28 03 04 0C 22 03 02 FF"},
		{"D2 combined", led.Lihe{Combined: true}, 3, led.Message{Kind: led.Call, Number: "1234", Window: 3}, "A0 06 2A 03 00 0C 22 03 00 FF"},
		{"D8 call", led.QSystem{}, 5, led.Message{Kind: led.Call, Number: "A012", Window: 3}, "01 05 21 30 31 32 07"},
		{"D8 serving", led.QSystem{}, 5, led.Message{Kind: led.Serving, Number: "A012"}, "01 05 20 30 31 32 07"},
		{"D8 paused", led.QSystem{}, 5, led.Message{Kind: led.Paused}, "01 05 20 2D 2D 2D 07"},
		{"D8 free", led.QSystem{}, 5, led.Message{}, "01 05 20 20 20 20 07"},
		{"D3 call", templated(t, led.Zhongyi()), 1, led.Message{Kind: led.Call, Text: "请8"}, "A0 90 01 A5 00 05 C7 EB 00 38 00 B5"},
		{"D2 instant text", templated(t, led.LiheText()), 3, led.Message{Kind: led.Serving, Text: "请8"}, "AA 03 BB 51 54 54 01 01 05 01 63 C7 EB 38 FF"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.protocol.Show(tt.address, tt.message)
			if err != nil || !bytes.Equal(got, unhex(t, tt.want)) {
				t.Errorf("% X, %v; want %s", got, err, tt.want)
			}
		})
	}
}

// TestTemplatesExpressThePublishedFrames holds the templates to the frames of D1 and D3, also after a way through JSON.
func TestTemplatesExpressThePublishedFrames(t *testing.T) {
	otherQuestion := led.Onbon()
	otherQuestion.Question = led.Hex{0xA3, 0x10, 0x01, 0, 0}
	const head = "A5 A5 A5 A5 A5 A5 A5 A5 01 00 00 80 00 00 00 00 00 00 FE 02 05 00 "
	for _, tt := range []struct {
		name     string
		template led.Template
		want     string
	}{
		{"D1 ping", led.Onbon(), head + "A2 00 01 00 00 68 F8 5A"},
		{"D1 A3 10", otherQuestion, head + "A3 10 01 00 00 51 F8 5A"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := templated(t, throughJSON(t, tt.template)).Ask(1); !bytes.Equal(got, unhex(t, tt.want)) {
				t.Errorf("% X, want %s", got, tt.want)
			}
		})
	}
	t.Run("D3", func(t *testing.T) { testZhongyi(t, throughJSON(t, led.Zhongyi())) })
}

func testZhongyi(t *testing.T, template led.Template) {
	p := templated(t, template)
	published, runs := unhex(t, "A0 90 01 A5 00 05 C7 EB 00 38 01 B4"), []led.Run{{Text: "请", Colour: led.Red}, {Text: "8", Colour: led.Green}}
	if got, err := p.Encode(1, runs...); err != nil || !bytes.Equal(got, published) {
		t.Errorf("% X, %v", got, err)
	}
	if a, got, err := p.Decode(published); err != nil || a != 1 || cmp.Diff(runs, got) != "" {
		t.Errorf("%d %v %v", a, got, err)
	}
	words := led.Words{Call: led.Phrase{Text: "请{number}", Colour: led.Red, Figures: led.Green}}
	byWords, err := led.NewTemplated(template, words)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := byWords.Show(1, led.Message{Kind: led.Call, Number: "8"}); err != nil || !bytes.Equal(got, published) {
		t.Errorf("by words: % X, %v", got, err)
	}
}

func throughJSON(t *testing.T, template led.Template) led.Template {
	t.Helper()
	text, err := json.Marshal(template)
	if err != nil {
		t.Fatal(err)
	}
	var back led.Template
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(template, back); d != "" {
		t.Errorf("through JSON:\n%s\n%s", d, text)
	}
	return back
}

func TestChecksums(t *testing.T) {
	// The check values over "123456789" are those of the catalogue of parametrised CRC algorithms (reveng).
	for _, tt := range []struct {
		sum  led.SumKind
		want string
	}{
		{led.CRCARC, "3D BB"}, {led.CRCModbus, "37 4B"}, {led.Sum8, "DD"}, {led.Xor8, "31"}, {led.Sum100, "4D"},
	} {
		t.Run(string(tt.sum), func(t *testing.T) {
			p := templated(t, led.Template{
				Name: "sum", Charset: led.ASCII,
				Frame: []led.Part{{Kind: led.PartBody}, {Kind: led.PartSum, Sum: tt.sum, From: 0, To: 1}},
				Show:  []led.Part{{Kind: led.PartText}},
			})
			frame, err := p.Encode(1, led.Run{Text: "123456789"})
			if err != nil || !bytes.Equal(frame[9:], unhex(t, tt.want)) {
				t.Errorf("% X, %v, want %s", frame, err, tt.want)
			}
		})
	}
}

func TestAnswers(t *testing.T) {
	lihe, zhongyi := led.Protocol(led.Lihe{}), led.Protocol(templated(t, led.Zhongyi()))
	for _, tt := range []struct {
		name     string
		protocol led.Protocol
		address  led.Address
		heard    string
		want     led.Ack
	}{
		{"D2 good", lihe, 3, "A0 03 14 03 50 06 FF", led.Good},
		{"D2 after noise", lihe, 3, "FF A0 A0 03 14 03 50 06 FF", led.Good},
		{"D2 of another", lihe, 4, "A0 03 14 03 50 06 FF", led.NoAck},
		{"D2 wrong sum", lihe, 3, "A0 03 14 03 50 07 FF", led.NoAck},
		{"D2 cut", lihe, 3, "A0 03 14 03 50 06", led.NoAck},
		{"D2 our own command", lihe, 3, "A0 06 28 03 01 0C 22 03 63 FF", led.NoAck},
		{"D3 good", zhongyi, 1, "A0 90 01 A5 AA", led.Good},
		{"D3 bad", zhongyi, 1, "A0 90 01 A5 55", led.Refused},
		{"D3 after noise", zhongyi, 1, "A0 90 A0 90 01 A5 55 00", led.Refused},
		{"D3 of another", zhongyi, 2, "A0 90 01 A5 AA", led.NoAck},
		{"D3 neither", zhongyi, 1, "A0 90 01 A5 AB", led.NoAck},
		{"nothing", zhongyi, 1, "", led.NoAck},
		{"D8 has none", led.QSystem{}, 1, "01 01 20 30 30 31 07", led.NoAck},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.protocol.Ack(tt.address, unhex(t, tt.heard)); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
	if got := led.Protocol(led.Lihe{}).Ask(3); !bytes.Equal(got, unhex(t, "A0 03 29 03 00 2F FF")) {
		t.Errorf("online test % X", got)
	}
}

func TestWhatCannotBeShown(t *testing.T) {
	call := func(number string, window int) led.Message {
		return led.Message{Kind: led.Call, Number: number, Window: window}
	}
	long := led.Message{Text: strings.Repeat("请", 300)}
	for _, tt := range []struct {
		name     string
		protocol led.Protocol
		message  led.Message
	}{
		{"no number", led.Lihe{}, call("", 1)}, {"words", led.Lihe{}, call("请", 1)}, {"two letters", led.Lihe{}, call("AB12", 1)},
		{"five digits", led.Lihe{}, call("10000", 1)}, {"window 256", led.Lihe{}, call("A001", 256)}, {"window -1", led.Lihe{}, call("A001", -1)},
		{"welcome on a combined screen", led.Lihe{Combined: true}, led.Message{}},
		{"four digits on a board", led.QSystem{}, call("A1000", 1)}, {"Chinese on a board", led.QSystem{}, led.Message{Text: "请进来"}},
		{"Uyghur", templated(t, led.Zhongyi()), led.Message{Text: "كۈتۈڭ"}}, {"control", templated(t, led.Zhongyi()), led.Message{Text: "\x1a"}},
		{"four GB18030 bytes", templated(t, led.LiheText()), led.Message{Text: "𠀀"}}, {"long", templated(t, led.Zhongyi()), long},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if frame, err := tt.protocol.Show(1, tt.message); !errors.Is(err, led.ErrCannotShow) {
				t.Errorf("% X, %v", frame, err)
			}
		})
	}
}

func TestDefaultWords(t *testing.T) {
	p := templated(t, led.Zhongyi())
	for _, tt := range []struct {
		message led.Message
		want    []led.Run
	}{
		{led.Message{}, []led.Run{{Text: "欢迎光临", Colour: led.Green}}},
		{led.Message{Kind: led.Call, Number: "A012", Window: 3}, []led.Run{
			{Text: "请", Colour: led.Red}, {Text: "A012", Colour: led.Green}, {Text: "号到", Colour: led.Red},
			{Text: "3", Colour: led.Green}, {Text: "窗", Colour: led.Red},
		}},
		{led.Message{Kind: led.Serving, Number: "A012"}, []led.Run{{Text: "正在办理A012", Colour: led.Green}}},
		{led.Message{Kind: led.Paused}, []led.Run{{Text: "暂停服务", Colour: led.Red}}}, // it has no yellow
		{led.Message{Text: "午休到13:30"}, []led.Run{{Text: "午休到13:30", Colour: led.Green}}},
	} {
		frame, err := p.Show(7, tt.message)
		if err != nil {
			t.Fatal(err)
		}
		if a, got, err := p.Decode(frame); err != nil || a != 7 || cmp.Diff(tt.want, got) != "" {
			t.Errorf("%+v: %d %+v %v", tt.message, a, got, err)
		}
	}
}
