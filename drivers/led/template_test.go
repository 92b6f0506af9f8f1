package led_test

import (
	"encoding/json"
	"testing"

	"yitang/drivers/led"
)

func fromJSON(text []byte) (*led.Templated, error) {
	var t led.Template
	if err := json.Unmarshal(text, &t); err != nil {
		return nil, err
	}
	return led.NewTemplated(t, led.DefaultWords())
}

func TestTemplatesThatAreRefused(t *testing.T) {
	bytesPart := led.Part{Kind: led.PartBytes, Bytes: led.Hex{1}}
	for _, tt := range []struct {
		name  string
		spoil func(*led.Template)
	}{
		{"no frame", func(t *led.Template) { t.Frame = nil }},
		{"no body", func(t *led.Template) { t.Frame = []led.Part{bytesPart} }},
		{"two bodies", func(t *led.Template) { t.Frame = append(t.Frame, led.Part{Kind: led.PartBody}) }},
		{"no text", func(t *led.Template) { t.Show = []led.Part{bytesPart} }},
		{"too many parts", func(t *led.Template) {
			for range 40 {
				t.Frame = append(t.Frame, bytesPart)
			}
		}},
		{"no bytes", func(t *led.Template) { t.Frame[0].Bytes = nil }},
		{"a part nobody knows", func(t *led.Template) { t.Frame[0].Kind = "crc" }},
		{"a text in the frame", func(t *led.Template) { t.Frame[0].Kind = led.PartText }},
		{"an address of three bytes", func(t *led.Template) { t.Frame[1].Size = 3 }},
		{"a length of nothing", func(t *led.Template) { t.Frame[3].To = 4 }},
		{"a length beyond the end", func(t *led.Template) { t.Frame[3].To = 9 }},
		{"a sum over itself", func(t *led.Template) { t.Frame[5].To = 6 }},
		{"a sum over a later sum", func(t *led.Template) {
			t.Frame = append(t.Frame, led.Part{Kind: led.PartSum, Sum: led.Sum8, From: 0, To: 1})
			t.Frame[5].From, t.Frame[5].To = 6, 7
		}},
		{"a sum nobody knows", func(t *led.Template) { t.Frame[5].Sum = "crc32" }},
		{"no colours", func(t *led.Template) { t.Colours = nil }},
		{"a charset nobody knows", func(t *led.Template) { t.Charset = "utf-8" }},
		{"an answer without good", func(t *led.Template) { t.Answer[3].Good = nil }},
		{"good and bad of two sizes", func(t *led.Template) { t.Answer[3].Bad = led.Hex{1, 2} }},
		{"two verdicts", func(t *led.Template) { t.Answer = append(t.Answer, t.Answer[3]) }},
		{"a verdict in the frame", func(t *led.Template) { t.Frame[0] = t.Answer[3] }},
		{"an escape without the body", func(t *led.Template) {
			t.Escape = &led.Escape{From: 0, To: 1, Table: []led.Spell{{Plain: led.Hex{1}, Wire: led.Hex{1, 1}}}}
		}},
		{"an escape that cannot be read back", func(t *led.Template) {
			t.Escape = &led.Escape{From: 0, To: 6, Table: []led.Spell{{Plain: led.Hex{1}, Wire: led.Hex{2, 1}}}}
		}},
		{"an escape of nothing", func(t *led.Template) { t.Escape = &led.Escape{From: 0, To: 6} }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tmpl := led.Zhongyi()
			tt.spoil(&tmpl)
			if _, err := led.NewTemplated(tmpl, led.DefaultWords()); err == nil {
				t.Error("it passes")
			}
		})
	}
	for _, tmpl := range templates() {
		if err := tmpl.Check(); err != nil {
			t.Error(err)
		}
	}
	if _, err := fromJSON([]byte(`{"question":"A0 9"}`)); err == nil {
		t.Error("half a byte passes")
	}
}
