package escpos_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"yitang/drivers/escpos"
)

func feed(b ...byte) []escpos.Reply {
	var p escpos.ReplyParser
	var all []escpos.Reply
	for _, c := range b {
		if r, ok := p.Feed(c); ok {
			all = append(all, r)
		}
	}
	return all
}

func one(b byte) [4]byte { return [4]byte{b} }

func TestRepliesAreSorted(t *testing.T) {
	realTime := func(b byte) escpos.Reply { return escpos.Reply{Kind: escpos.RealTimeReply, Bytes: one(b)} }
	well := escpos.Reply{Kind: escpos.AutoReply, Bytes: [4]byte{0x14, 0, 0, 0x0F}}
	for _, c := range []struct {
		name string
		in   []byte
		want []escpos.Reply
	}{
		{"DLE EOT", []byte{0x12, 0x1E}, []escpos.Reply{realTime(0x12), realTime(0x1E)}},
		{"ASB", []byte{0x14, 0, 0, 0x0F}, []escpos.Reply{well}},
		{"GS r", []byte{0x00, 0x03}, []escpos.Reply{{Kind: escpos.BufferedReply}, {Kind: escpos.BufferedReply, Bytes: one(3)}}},
		{"GS I", []byte("\x5FEPSON\x00"), []escpos.Reply{{Kind: escpos.TextReply, Text: "EPSON"}}},
		{"flow control", []byte{0x13, 0x11, 0x12}, []escpos.Reply{realTime(0x12)}},
		{"real time inside ASB", []byte{0x14, 0, 0x12, 0, 0x0F}, []escpos.Reply{realTime(0x12), well}},
		{"XOFF inside ASB", []byte{0x14, 0, 0x13, 0, 0x0F}, []escpos.Reply{well}},
		{"ASB begun again", []byte{0x14, 0x14, 0, 0, 0x0F}, []escpos.Reply{well}},
		{"noise like a name", []byte{0x5F, 0x12}, []escpos.Reply{realTime(0x12)}},
	} {
		if diff := cmp.Diff(c.want, feed(c.in...)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// The examples of HARDWARE.md, C2 and C3.
func TestStatusExamples(t *testing.T) {
	for _, c := range []struct {
		name    string
		answers [5]byte // to DLE EOT 1 to 4; 0 = not asked
		want    escpos.Status
		reason  escpos.Reason
	}{
		{"well", [5]byte{0, 0x12, 0x12, 0x12, 0x12}, escpos.Status{}, ""},
		{"near end", [5]byte{0, 0x12, 0x12, 0x12, 0x1E}, escpos.Status{PaperLow: true}, ""},
		{"out, end sensor only", [5]byte{0, 0, 0x32, 0, 0x72}, escpos.Status{PaperOut: true}, escpos.PaperOut},
		{"out, both sensors", [5]byte{0, 0, 0x32, 0, 0x7E}, escpos.Status{PaperOut: true, PaperLow: true}, escpos.PaperOut},
		{"cover", [5]byte{0, 0, 0x16, 0, 0}, escpos.Status{CoverOpen: true}, escpos.CoverOpen},
		{"error", [5]byte{0, 0, 0x52, 0, 0}, escpos.Status{Error: true}, escpos.PrinterError},
		{"cutter", [5]byte{0, 0x1A, 0x52, 0x1A, 0}, escpos.Status{Offline: true, Error: true, Cutter: true}, escpos.CutterError},
		{"hot", [5]byte{0, 0x1A, 0x52, 0x52, 0}, escpos.Status{Offline: true, Error: true, HeadHot: true}, escpos.HeadHot},
		{"jam", [5]byte{0, 0, 0, 0x16, 0}, escpos.Status{Mechanical: true}, escpos.PaperJam},
		{"offline", [5]byte{0, 0x1A, 0, 0, 0}, escpos.Status{Offline: true}, escpos.PrinterOffline},
		{"drawer pin alone", [5]byte{0, 0x16, 0, 0, 0}, escpos.Status{}, ""},
	} {
		var s escpos.Status
		for n := byte(1); n <= 4; n++ {
			if b := c.answers[n]; b != 0 {
				s.Apply(n, b)
			}
		}
		if diff := cmp.Diff(c.want, s); diff != "" || s.Reason() != c.reason {
			t.Errorf("%s: reason %q %s", c.name, s.Reason(), diff)
		}
	}
	var s escpos.Status
	s.ApplyAuto([4]byte{0x3C, 0, 0x0F, 0x0F})
	if want := (escpos.Status{Offline: true, CoverOpen: true, PaperLow: true, PaperOut: true}); s != want {
		t.Errorf("ASB: %+v", s)
	}
	s = escpos.Status{}
	if s.ApplyBuffered(0x03); !s.PaperLow || s.PaperOut {
		t.Errorf("GS r: %+v", s)
	}
	s = escpos.Status{}
	s.Apply(4, 0x1E)
	if s.ApplyBuffered(0); !s.PaperLow {
		t.Error("an answer to GS r without the near-end bits took back what DLE EOT 4 had told")
	}
}

func TestWhatAPrinterReportsIsWhatItHas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		is := func(name string) bool { return rapid.Bool().Draw(t, name) }
		had := escpos.Status{
			CoverOpen: is("cover"), PaperOut: is("out"), PaperLow: is("low"), Mechanical: is("jam"), Cutter: is("cutter"),
			Unrecoverable: is("dead"), HeadHot: is("hot"), Waiting: is("waiting"), FeedPressed: is("feed"),
		}
		auto := had.Auto()
		in := append(auto[:], had.Buffered())
		for n := byte(1); n <= 4; n++ {
			in = append(in, had.RealTime(n))
		}
		replies := feed(in...)
		if len(replies) != 6 {
			t.Fatalf("%d replies", len(replies))
		}
		want := had
		want.Offline = had.Reason() != ""
		want.PaperLow = had.PaperLow || had.PaperOut
		var byAuto, byAsking escpos.Status
		byAuto.ApplyAuto(replies[0].Bytes)
		for n := byte(1); n <= 4; n++ {
			byAsking.Apply(n, replies[n+1].Bytes[0])
		}
		if byAuto != want {
			t.Fatalf("ASB told %+v of %+v", byAuto, want)
		}
		want.Error = had.Mechanical || had.Cutter || had.Unrecoverable || had.HeadHot
		if byAsking != want {
			t.Fatalf("DLE EOT told %+v of %+v", byAsking, want)
		}
	})
}
