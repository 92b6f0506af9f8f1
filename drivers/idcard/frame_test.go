package idcard_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"yitang/drivers/idcard"
)

// encodeReply is the frame of a reply as a module sends it.
func encodeReply(r idcard.Reply) []byte {
	payload := append([]byte{r.SW1, r.SW2, byte(r.Status)}, r.Data...)
	frame := binary.BigEndian.AppendUint16([]byte{0xAA, 0xAA, 0xAA, 0x96, 0x69}, uint16(len(payload)+1))
	frame = append(frame, payload...)
	sum := byte(0)
	for _, b := range frame[5:] {
		sum ^= b
	}
	return append(frame, sum)
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// parse feeds a stream in one piece and keeps copies of the replies.
func parse(stream []byte) []idcard.Reply {
	var p idcard.Parser
	return collect(&p, stream)
}

func collect(p *idcard.Parser, chunks ...[]byte) []idcard.Reply {
	var out []idcard.Reply
	for _, c := range chunks {
		p.Feed(c, keep(&out))
	}
	return out
}

func keep(out *[]idcard.Reply) func(idcard.Reply) {
	return func(r idcard.Reply) {
		r.Data = slices.Clone(r.Data)
		*out = append(*out, r)
	}
}

func TestRequestsAreGolden(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		cmd  idcard.Command
		data []byte
		want string
	}{
		{idcard.CmdStatus, nil, "00 03 11 FF ED"},
		{idcard.CmdReset, nil, "00 03 10 FF EC"},
		{idcard.CmdSAM, nil, "00 03 12 FF EE"},
		{idcard.CmdFind, nil, "00 03 20 01 22"},
		{idcard.CmdSelect, nil, "00 03 20 02 21"},
		{idcard.CmdRead, nil, "00 03 30 01 32"},
		{idcard.CmdMoreAddresses, nil, "00 03 30 03 30"},
		{idcard.CmdCardNumbers, nil, "00 03 30 05 36"},
		{idcard.CmdBaud115200, nil, "00 03 60 00 63"},
		{idcard.CmdBaud57600, nil, "00 03 60 01 62"},
		{idcard.CmdBaud38400, nil, "00 03 60 02 61"},
		{idcard.CmdBaud19200, nil, "00 03 60 03 60"},
		{idcard.CmdBaud9600, nil, "00 03 60 04 67"},
		{idcard.CmdMaxRF, []byte{0x50}, "00 04 61 FF 50 CA"},
		{idcard.CmdMaxRF, []byte{0x58}, "00 04 61 FF 58 C2"},
	} {
		want := unhex(t, "AA AA AA 96 69"+tc.want)
		if got := idcard.EncodeRequest(tc.cmd, tc.data...); !bytes.Equal(got, want) {
			t.Errorf("%04X: % X, want % X", uint16(tc.cmd), got, want)
		}
	}
	if n := len(idcard.EncodeRequest(idcard.CmdMaxRF, make([]byte, 1000)...)); n != 10+idcard.MaxRequestData {
		t.Errorf("an endless request has %d bytes", n)
	}
}

func TestRepliesAreGolden(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		frame string
		want  idcard.Reply
	}{
		{"00 04 00 00 90 94", idcard.Reply{Status: idcard.Done}},
		{"00 08 00 00 9F 00 00 00 00 97", idcard.Reply{Status: idcard.Found, Data: make([]byte, 4)}},
		{"00 0C 00 00 90 00 00 00 00 00 00 00 00 9C", idcard.Reply{Status: idcard.Done, Data: make([]byte, 8)}},
		{"00 04 00 00 80 84", idcard.Reply{Status: idcard.NoCard}},
		{"00 04 00 00 81 85", idcard.Reply{Status: idcard.SelectFailed}},
		{"00 04 00 00 41 45", idcard.Reply{Status: idcard.ReadFailed}},
		{"00 04 00 00 91 95", idcard.Reply{Status: idcard.NoItem}},
		{"00 04 00 00 10 14", idcard.Reply{Status: idcard.BadChecksum}},
		{"00 04 00 00 11 15", idcard.Reply{Status: idcard.BadLength}},
		{"00 04 00 00 21 25", idcard.Reply{Status: idcard.BadCommand}},
		{"00 04 00 00 60 64", idcard.Reply{Status: idcard.SelfTestFailed}},
		{"00 04 00 00 66 62", idcard.Reply{Status: idcard.NotAuthorised}},
		{"00 04 69 82 41 AE", idcard.Reply{SW1: 0x69, SW2: 0x82, Status: idcard.ReadFailed}},
	} {
		frame := unhex(t, "AA AA AA 96 69"+tc.frame)
		got := parse(frame)
		for i := range got {
			if len(got[i].Data) == 0 {
				got[i].Data = nil
			}
		}
		if diff := cmp.Diff([]idcard.Reply{tc.want}, got); diff != "" {
			t.Errorf("%s: %s", tc.frame, diff)
		}
		if again := encodeReply(tc.want); !bytes.Equal(again, frame) {
			t.Errorf("encodes to % X, want % X", again, frame)
		}
	}
}

func TestSAMNumber(t *testing.T) {
	t.Parallel()
	frame := unhex(t, "AA AA AA 96 69 00 14 00 00 90 05 00 01 00 A5 3A 34 01 39 30 00 00 F2 35 77 28 BB")
	got := parse(frame)
	if len(got) != 1 {
		t.Fatalf("%d replies", len(got))
	}
	n, err := idcard.ParseSAM(got[0].Data)
	if err != nil || n != "05.01-20200101-0000012345-0678901234" {
		t.Errorf("%q %v", n, err)
	}
	if _, err := idcard.ParseSAM(got[0].Data[1:]); err == nil {
		t.Error("15 bytes accepted")
	}
}

func TestParserResynchronises(t *testing.T) {
	t.Parallel()
	good := unhex(t, "AA AA AA 96 69 00 04 00 00 90 94")
	for _, tc := range []struct{ name, before string }{
		{"slides by one", "AA"},
		{"slides by three", "AA AA AA"},
		{"half a preamble", "AA AA AA 96"},
		{"noise", "00 FF 69 96 AA 12"},
		{"length too small", "AA AA AA 96 69 00 03 11 FF ED"},
		{"length 0", "AA AA AA 96 69 00 00"},
		{"length too large", "AA AA AA 96 69 0A 01"},
		{"wrong checksum", "AA AA AA 96 69 00 04 00 00 90 95"},
		{"another frame inside a wrong one", "AA AA AA 96 69 00 0B AA"},
		{"length covers the good frame's head", "AA AA AA 96 69 00 06"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			stream := append(unhex(t, tc.before), good...)
			var p idcard.Parser
			var got []idcard.Reply
			for _, c := range stream {
				p.Feed([]byte{c}, keep(&got))
			}
			p.Resync(keep(&got))
			if len(got) != 1 || got[0].Status != idcard.Done {
				t.Errorf("found %v", got)
			}
		})
	}
}

// A head of noise that promises 2560 bytes must not hide the answer behind it.
func TestResyncFindsSwallowedReply(t *testing.T) {
	t.Parallel()
	stream := slices.Concat(unhex(t, "AA AA AA 96 69 0A 00"), encodeReply(idcard.Reply{Status: idcard.NoCard}))
	var p idcard.Parser
	if got := collect(&p, stream); len(got) != 0 {
		t.Fatalf("too early: %v", got)
	}
	var got []idcard.Reply
	p.Resync(keep(&got))
	if len(got) != 1 || got[0].Status != idcard.NoCard {
		t.Errorf("found %v", got)
	}
	if p.Resync(keep(&got)); len(got) != 1 {
		t.Error("found twice")
	}
}

func TestParserTakesTheLongestReply(t *testing.T) {
	t.Parallel()
	long := encodeReply(idcard.Reply{Status: idcard.Done, Data: make([]byte, idcard.MaxLength-4)})
	if len(long) != idcard.MaxFrame || len(parse(long)) != 1 {
		t.Errorf("%d bytes: %d replies", len(long), len(parse(long)))
	}
	longer := encodeReply(idcard.Reply{Status: idcard.Done, Data: make([]byte, idcard.MaxLength-3)})
	if got := parse(longer); len(got) != 0 {
		t.Errorf("beyond the bound: %d replies", len(got))
	}
}

func TestParserMayBeResetWhileItReports(t *testing.T) {
	t.Parallel()
	var p idcard.Parser
	count := 0
	frame := encodeReply(idcard.Reply{Status: idcard.Done})
	p.Feed(slices.Concat(frame, frame), func(idcard.Reply) { count++; p.Reset() })
	if count != 2 {
		t.Errorf("%d replies", count)
	}
}

func genReply(t *rapid.T) idcard.Reply {
	return idcard.Reply{
		SW1: rapid.Byte().Draw(t, "sw1"), SW2: rapid.Byte().Draw(t, "sw2"), Status: idcard.Status(rapid.Byte().Draw(t, "sw3")),
		Data: rapid.SliceOfN(rapid.SampledFrom([]byte{0xAA, 0x96, 0x69, 0, 4, 0xFF}), 0, 300).Draw(t, "data"),
	}
}

// Whatever the pieces and the noise between them, every good frame comes out, whole and in order. The noise is free of
// AA, so that it cannot itself make the beginning of a frame.
func TestParserRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfN(rapid.Custom(genReply), 1, 5).Draw(t, "replies")
		var stream []byte
		for _, r := range want {
			stream = append(stream, rapid.SliceOfN(rapid.ByteMax(0xA9), 0, 20).Draw(t, "noise")...)
			stream = append(stream, encodeReply(r)...)
		}
		var p idcard.Parser
		var got []idcard.Reply
		for len(stream) > 0 {
			n := rapid.IntRange(1, len(stream)).Draw(t, "piece")
			p.Feed(stream[:n], keep(&got))
			stream = stream[n:]
		}
		if diff := cmp.Diff(want, got, cmp.Transformer("bytes", func(b []byte) string { return string(b) })); diff != "" {
			t.Fatal(diff)
		}
		if p.Rejected() != 0 {
			t.Fatalf("%d rejected", p.Rejected())
		}
	})
}

func FuzzParser(f *testing.F) {
	f.Add([]byte{}, 1)
	f.Add(unhex(f, "AA AA AA AA 96 69 00 04 00 00 90 94"), 1)
	f.Add(unhex(f, "AA AA AA 96 69 0A 00 AA AA AA 96 69 00 04 00 00 80 84"), 3)
	f.Add(unhex(f, "AA AA AA 96 69 00 08 00 00 9F 00 00 00 00 97 AA AA AA 96 69 00 04 00 00 91 94"), 64)
	f.Fuzz(func(t *testing.T, stream []byte, piece int) {
		size := min(max(piece, 1), 4096)
		var whole, cut idcard.Parser
		var a, b []idcard.Reply
		whole.Feed(stream, keep(&a))
		whole.Resync(keep(&a))
		for c := range slices.Chunk(stream, size) {
			cut.Feed(c, keep(&b))
		}
		cut.Resync(keep(&b))
		if !cmp.Equal(a, b) {
			t.Fatalf("the pieces matter: %d and %d replies", len(a), len(b))
		}
		for _, r := range a { // each must stand in the stream, as it is encoded
			frame := encodeReply(r)
			if !bytes.Contains(stream, frame) || int(binary.BigEndian.Uint16(frame[5:])) > idcard.MaxLength {
				t.Fatalf("invented % X", frame)
			}
		}
	})
}
