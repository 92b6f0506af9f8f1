package sim_test

import (
	"bytes"
	"encoding/hex"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"

	"yitang/drivers/sim"
)

// talk writes a request to the reader's line and gives the n bytes that come back.
func talk(t *testing.T, line *os.File, request string, n int) string {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll("AAAAAA9669"+request, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := line.Write(b); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, n)
	for at := 0; at < n; {
		k, err := line.Read(got[at:])
		if err != nil {
			t.Fatal(err)
		}
		at += k
	}
	head, rest, ok := bytes.Cut(got, []byte("\xAA\xAA\xAA\x96\x69"))
	if !ok || len(head) > 0 {
		t.Fatalf("% X", got)
	}
	return strings.ToUpper(hex.EncodeToString(rest))
}

// The bytes are those of HARDWARE.md A3, without the driver that is tested against this simulator.
func TestReaderSpeaksTheProtocol(t *testing.T) {
	t.Parallel()
	r, err := sim.NewReader(sim.ReaderConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	line, err := os.OpenFile(r.Path(), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer line.Close()
	stop := time.AfterFunc(patience, func() { _ = r.Close() }) // frees a Read that would wait for ever
	defer stop.Stop()
	setBaud(t, line)

	ask := func(what, request, want string) {
		t.Helper()
		want = strings.ReplaceAll(want, " ", "")
		if got := talk(t, line, request, 5+len(want)/2); got != want {
			t.Fatalf("%s: %s, want %s", what, got, want)
		}
	}
	ask("status", "00 03 11 FF ED", "00 04 00 00 90 94")
	ask("number", "00 03 12 FF EE", "00 14 00 00 90 05 00 01 00 A5 3A 34 01 39 30 00 00 F2 35 77 28 BB")
	ask("no card", "00 03 20 01 22", "00 04 00 00 80 84")
	ask("read without card", "00 03 30 01 32", "00 04 00 00 41 45")
	ask("unknown", "00 03 77 01 75", "00 04 00 00 21 25")
	ask("wrong checksum", "00 03 11 FF EE", "00 04 00 00 10 14")
	if err := r.Place(sim.RandomResident(rand.New(rand.NewPCG(1, 2)))); err != nil {
		t.Fatal(err)
	}
	ask("select before find", "00 03 20 02 21", "00 04 00 00 81 85")
	ask("find", "00 03 20 01 22", "00 08 00 00 9F 00 00 00 00 97")
	ask("select", "00 03 20 02 21", "00 0C 00 00 90 00 00 00 00 00 00 00 00 9C")
	if got := talk(t, line, "00 03 30 01 32", 1295); !strings.HasPrefix(got, "050800009001000400") {
		t.Fatalf("read: %s", got[:18])
	}
	ask("still there", "00 03 30 03 30", "00 04 00 00 91 95")
	ask("not found again", "00 03 20 01 22", "00 04 00 00 80 84")
	r.Lift()
	ask("gone", "00 03 30 03 30", "00 04 00 00 41 45")
}

// setBaud sets the rate of the reader, which does not understand another.
func setBaud(t *testing.T, line *os.File) {
	t.Helper()
	tio, err := unix.IoctlGetTermios(int(line.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	tio.Cflag = tio.Cflag&^unix.CBAUD | unix.B115200
	if err := unix.IoctlSetTermios(int(line.Fd()), unix.TCSETS, tio); err != nil {
		t.Fatal(err)
	}
}

func TestInventedResidents(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := sim.InventResident(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)))
		if len(p.Record()) != 256 || !strings.HasPrefix(p.Number, "6523") || p.Number[6:14] != p.Birth {
			t.Fatalf("%+v", p)
		}
		total := 0
		for i, w := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
			total += int(p.Number[i]-'0') * w
		}
		if p.Number[17] != "10X98765432"[total%11] || (p.Number[16]-'0')%2 == 1 != (p.Sex == '1') {
			t.Fatalf("%s: check or sex", p.Number)
		}
		for _, date := range []string{p.Birth, p.ValidFrom} {
			if _, err := time.Parse("20060102", date); err != nil {
				t.Fatal(err)
			}
		}
		if n := len([]rune(p.Name)); n < 2 || n > 15 || len([]rune(p.Address)) > 35 || len([]rune(p.Authority)) > 15 {
			t.Fatalf("%+v", p)
		}
	})
}
