package escpos_test

import (
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"yitang/drivers/escpos"
)

// golden are the bytes of HARDWARE.md, C1 to C4.
var golden = []struct {
	op  escpos.Op
	hex string
}{
	{escpos.Init{}, "1B 40"},
	{escpos.Chinese{On: true}, "1C 26"},
	{escpos.Chinese{On: false}, "1C 2E"},
	{escpos.Mode{Bits: 0x0C, Chinese: true}, "1C 21 0C"},
	{escpos.ChineseSpace{Left: 0, Right: 2}, "1C 53 00 02"},
	{escpos.CodePage{N: 0}, "1B 74 00"},
	{escpos.International{N: 15}, "1B 52 0F"},
	{escpos.Bold{On: true}, "1B 45 01"},
	{escpos.Bold{On: false}, "1B 45 00"},
	{escpos.Underline{Dots: 2}, "1B 2D 02"},
	{escpos.Underline{Dots: 1, Chinese: true}, "1C 2D 01"},
	{escpos.Size{W: 1, H: 1}, "1D 21 00"},
	{escpos.Size{W: 2, H: 2}, "1D 21 11"},
	{escpos.Size{W: 3, H: 3}, "1D 21 22"},
	{escpos.Size{W: 4, H: 2}, "1D 21 31"},
	{escpos.Mode{Bits: 0x38}, "1B 21 38"},
	{escpos.Align{Where: escpos.Left}, "1B 61 00"},
	{escpos.Align{Where: escpos.Centre}, "1B 61 01"},
	{escpos.Align{Where: escpos.Right}, "1B 61 02"},
	{escpos.Spacing{Dots: 30}, "1B 33 1E"},
	{escpos.Spacing{}, "1B 32"},
	{escpos.Feed{Lines: 3}, "1B 64 03"},
	{escpos.FeedDots{Dots: 24}, "1B 4A 18"},
	{escpos.Invert{On: true}, "1D 42 01"},
	{escpos.Margin{Dots: 300}, "1D 4C 2C 01"},
	{escpos.Width{Dots: 576}, "1D 57 40 02"},
	{escpos.QRModel{}, "1D 28 6B 04 00 31 41 32 00"},
	{escpos.QRModule{Dots: 6}, "1D 28 6B 03 00 31 43 06"},
	{escpos.QRLevel{Level: 'L'}, "1D 28 6B 03 00 31 45 30"},
	{escpos.QRLevel{Level: 'M'}, "1D 28 6B 03 00 31 45 31"},
	{escpos.QRLevel{Level: 'Q'}, "1D 28 6B 03 00 31 45 32"},
	{escpos.QRLevel{Level: 'H'}, "1D 28 6B 03 00 31 45 33"},
	{escpos.QRStore{Data: "yi"}, "1D 28 6B 05 00 31 50 30 79 69"},
	{escpos.QRStore{Data: strings.Repeat("z", 300)}, "1D 28 6B 2F 01 31 50 30" + strings.Repeat(" 7A", 300)},
	{escpos.QRPrint{}, "1D 28 6B 03 00 31 51 30"},
	{escpos.BarHeight{Dots: 80}, "1D 68 50"},
	{escpos.BarModule{Dots: 2}, "1D 77 02"},
	{escpos.BarText{Where: 2}, "1D 48 02"},
	{escpos.Code128{Data: "A012"}, "1D 6B 49 06 7B 42 41 30 31 32"},
	{escpos.Raster{WidthBytes: 2, Rows: 2, Data: []byte{0xFF, 0, 0x80, 1}}, "1D 76 30 00 02 00 02 00 FF 00 80 01"},
	{escpos.Cut{How: escpos.CutFeed, Feed: 3}, "1D 56 42 03"},
	{escpos.Cut{How: escpos.CutFull}, "1D 56 00"},
	{escpos.Cut{How: escpos.CutPartial}, "1D 56 01"},
	{escpos.Buzz{Times: 2, Length: 3}, "1B 42 02 03"},
	{escpos.RealTimeStatus{N: 4}, "10 04 04"},
	{escpos.Recover{N: 2}, "10 05 02"},
	{escpos.AutoStatus{N: 0xFF}, "1D 61 FF"},
	{escpos.Ask{N: 1}, "1D 72 01"},
	{escpos.Identify{N: 0x42}, "1D 49 42"},
	{escpos.NewLine{}, "0A"},
	{escpos.Text{S: "A1"}, "41 31"},
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestGoldenBytesBothWays(t *testing.T) {
	for _, c := range golden {
		b, err := escpos.Encode(c.op)
		if want := unhex(t, c.hex); err != nil || string(b) != string(want) {
			t.Errorf("%#v is % X, %v, want %s", c.op, b, err, c.hex)
		}
		ops, err := escpos.Decode(unhex(t, c.hex))
		if err != nil || len(ops) != 1 || !reflect.DeepEqual(ops[0], c.op) {
			t.Errorf("%s is %#v, %v, want %#v", c.hex, ops, err, c.op)
		}
	}
}

func TestChineseTextIsGB18030(t *testing.T) {
	// Checked against Python's gb18030 codec; 𠮷 (U+20BB7) takes four bytes.
	for _, c := range []struct{ text, hex string }{
		{"请取号", "C7 EB C8 A1 BA C5"},
		{"A012 号", "41 30 31 32 20 BA C5"},
		{"𠮷", "95 34 B2 35"},
	} {
		b, err := escpos.Encode(escpos.Chinese{On: true}, escpos.Text{S: c.text})
		if want := append([]byte{0x1C, 0x26}, unhex(t, c.hex)...); err != nil || string(b) != string(want) {
			t.Errorf("%s is % X, %v", c.text, b, err)
		}
		ops, err := escpos.Decode(b)
		if diff := cmp.Diff([]escpos.Op{escpos.Chinese{On: true}, escpos.Text{S: c.text}}, ops); err != nil || diff != "" {
			t.Errorf("decoded: %v %s", err, diff)
		}
	}
}

func TestTextCannotCommandThePrinter(t *testing.T) {
	b, err := escpos.Encode(escpos.Text{S: "a\x1B@\x10\x04\x01\r\nb\x7F\xFFc"})
	if want := "a @     b ?c"; err != nil || string(b) != want {
		t.Errorf("%q, %v, want %q", b, err, want)
	}
}

func TestWhatCannotBeEncoded(t *testing.T) {
	for _, op := range []escpos.Op{
		escpos.Size{W: 0, H: 1}, escpos.Size{W: 9, H: 1}, escpos.Align{Where: 3}, escpos.QRModule{}, escpos.QRLevel{Level: 'X'},
		escpos.QRStore{}, escpos.QRStore{Data: strings.Repeat("x", escpos.QRMax+1)}, escpos.Code128{}, escpos.Code128{Data: "号"},
		escpos.Code128{Data: "{A"}, escpos.Raster{WidthBytes: 1, Rows: 2, Data: []byte{1}}, escpos.RealTimeStatus{N: 5},
		escpos.Cut{How: 7}, escpos.BarModule{Dots: 1}, escpos.Ask{N: 3}, escpos.Recover{}, escpos.Buzz{}, escpos.Underline{Dots: 3},
	} {
		if b, err := escpos.Encode(op); !errors.Is(err, escpos.ErrRange) && !errors.Is(err, escpos.ErrTooLong) {
			t.Errorf("%#v became % X, %v", op, b, err)
		}
	}
}

func bytesUpTo(least, most byte) *rapid.Generator[byte] { return rapid.ByteRange(least, most) }

// anyOp draws one command of every kind the encoder accepts.
func anyOp() *rapid.Generator[escpos.Op] {
	return rapid.Custom(func(t *rapid.T) escpos.Op {
		i := rapid.IntRange(0, len(golden)+4).Draw(t, "kind")
		switch i - len(golden) {
		case 0:
			return escpos.Size{W: bytesUpTo(1, 8).Draw(t, "w"), H: bytesUpTo(1, 8).Draw(t, "h")}
		case 1:
			return escpos.QRStore{Data: rapid.StringN(1, 100, escpos.QRMax).Draw(t, "qr")}
		case 2:
			return escpos.Code128{Data: rapid.StringMatching(`[ -z]{1,80}`).Draw(t, "bar")}
		case 3:
			w, h := rapid.IntRange(1, 72).Draw(t, "w"), rapid.IntRange(1, 20).Draw(t, "h")
			return escpos.Raster{
				Scale: bytesUpTo(0, 3).Draw(t, "scale"), WidthBytes: uint16(w), Rows: uint16(h),
				Data: rapid.SliceOfN(rapid.Byte(), w*h, w*h).Draw(t, "data"),
			}
		case 4:
			return escpos.Text{S: rapid.StringMatching(`[!-~一-龥]{1,30}`).Draw(t, "text")}
		}
		return golden[i].op
	})
}

// joined puts neighbouring texts together, as they are on the line.
func joined(ops []escpos.Op) []escpos.Op {
	var out []escpos.Op
	for _, op := range ops {
		text, isText := op.(escpos.Text)
		if isText && len(out) > 0 {
			if before, ok := out[len(out)-1].(escpos.Text); ok {
				out[len(out)-1] = escpos.Text{S: before.S + text.S}
				continue
			}
		}
		out = append(out, op)
	}
	return out
}

func TestDecodeUndoesEncode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ops := []escpos.Op{escpos.Chinese{On: true}}
		for _, op := range rapid.SliceOf(anyOp()).Draw(t, "ops") {
			ops = append(ops, op)
			switch op.(type) {
			case escpos.Init, escpos.Chinese:
				ops = append(ops, escpos.Chinese{On: true})
			}
		}
		b, err := escpos.Encode(ops...)
		if err != nil {
			t.Fatal(err)
		}
		got, err := escpos.Decode(b)
		if diff := cmp.Diff(joined(ops), got); err != nil || diff != "" {
			t.Fatalf("%v %s", err, diff)
		}
		// However the bytes are cut into pieces, the same commands come out.
		var d escpos.Decoder
		var pieces []escpos.Op
		for rest := append(b, 0x0A); len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "piece")
			pieces = append(pieces, d.Feed(rest[:n])...)
			rest = rest[n:]
		}
		if diff := cmp.Diff(append(joined(ops), escpos.NewLine{}), pieces); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestDecodeTellsWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		hex  string
		want error
	}{
		{"1B", escpos.ErrIncomplete},
		{"1D 76 30 00 02 00 02 00 FF", escpos.ErrIncomplete},
		{"1D 28 6B 09 00 31", escpos.ErrIncomplete},
		{"1B 01", escpos.ErrUnknown},
		{"1D 56 09", escpos.ErrUnknown},
		{"1D 76 30 00 FF FF FF FF", escpos.ErrUnknown},
	} {
		if _, err := escpos.Decode(unhex(t, c.hex)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.hex, err, c.want)
		}
	}
}

func TestOtherProgramsCommandsAreKept(t *testing.T) {
	// Drawer kick, real-time drawer, EPC barcode with NUL, a bit image, Epson's buzzer, CR: not ours, but well formed.
	for _, h := range []string{
		"1B 70 00 19 FA", "10 14 01 00 05", "1D 6B 04 41 42 00", "1B 2A 00 02 00 AA BB", "1B 28 41 02 00 30 01", "0D",
		"10 14 08 01 03 14 01 06 02 08", "1D 28 48 06 00 30 30 31 32 33 34", "1B 2A 21 01 00 AA BB CC", "1D 38 4C 03 00 00 00 30 70 30",
	} {
		b := unhex(t, h)
		ops, err := escpos.Decode(append(b, 0x0A))
		if diff := cmp.Diff([]escpos.Op{escpos.Other{Bytes: b}, escpos.NewLine{}}, ops); err != nil || diff != "" {
			t.Errorf("%s: %v %s", h, err, diff)
		}
	}
}
