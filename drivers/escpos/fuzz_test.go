package escpos_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yitang/drivers/escpos"
)

// FuzzDecode: no input may panic; what decodes and encodes again decodes to the same; a stream cut into bytes gives what
// the whole gives.
func FuzzDecode(f *testing.F) {
	for _, c := range golden {
		b, err := escpos.Encode(escpos.Chinese{On: true}, c.op)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	job, err := sample().Encode(escpos.ProfileFor(escpos.Generic80))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(job)
	f.Add([]byte("\x1D\x76\x30\x00\xFF\xFF\xFF\xFF"))
	f.Add(bytes.Repeat([]byte("A"), 5000)) // longer than the decoder keeps back: found by fuzzing
	f.Add(append([]byte("\x1C&A"), bytes.Repeat([]byte("\xBA\xC5"), 2500)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		var whole, bytewise escpos.Decoder
		all := whole.Feed(bytes.Clone(b))
		var pieces []escpos.Op
		for i := range b {
			pieces = append(pieces, bytewise.Feed(b[i:i+1])...)
		}
		if diff := cmp.Diff(all, pieces); diff != "" {
			t.Fatal(diff)
		}
		ops, err := escpos.Decode(b)
		if err != nil {
			return
		}
		again, err := escpos.Encode(ops...)
		if err != nil {
			return // a value the decoder takes and the encoder refuses
		}
		if _, err := escpos.Decode(again); err != nil {
			t.Fatalf("% X became % X: %v", b, again, err)
		}
	})
}

// FuzzReplies: a printer may send anything; the parser stays in step and bounded.
func FuzzReplies(f *testing.F) {
	f.Add([]byte{0x12, 0x14, 0, 0, 0x0F, 0x03})
	f.Add([]byte("\x5FBiXOLON\x00\x13\x11"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, r := range feed(b...) {
			if r.Kind == 0 || len(r.Text) > 80 {
				t.Fatalf("%+v", r)
			}
		}
		// Whatever came before, four automatic statuses and a question later the parser is in step again.
		tail := []byte{0, 0, 0x14, 0, 0, 0x0F, 0x12}
		got := feed(append(bytes.Clone(b), tail...)...)
		if len(got) < 2 || got[len(got)-1].Bytes[0] != 0x12 || got[len(got)-2].Kind != escpos.AutoReply {
			t.Fatalf("after % X: %+v", b, got)
		}
	})
}

// FuzzTemplate: a hall's own layout may be nonsense; it must end in an error or a receipt that decodes.
func FuzzTemplate(f *testing.F) {
	f.Add(escpos.TicketTemplate)
	f.Add("centre bold 2x2| {{.Number}}\nrow| a | b\nqr| x\nbarcode| y\nfeed 3\ncut")
	f.Fuzz(func(t *testing.T, source string) {
		layout, err := escpos.ParseTemplate(source)
		if err != nil {
			return
		}
		b := escpos.NewBuilder(escpos.ProfileFor(escpos.Generic58), nil)
		if sample().Build(b, layout) != nil {
			return
		}
		job, err := b.Bytes()
		if err != nil {
			return
		}
		if _, err := escpos.Decode(job); err != nil {
			t.Fatalf("%q: %v", source, err)
		}
	})
}
