package sim_test

import (
	"bytes"
	"errors"
	"os"
	"testing"
	"time"

	"yitang/drivers/sim"
)

// counter is a segment and the host's end of it.
type counter struct {
	*sim.Segment
	t    *testing.T
	host *os.File
}

func openCounter(t *testing.T) *counter {
	t.Helper()
	s, err := sim.NewSegment(sim.SegmentConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &counter{Segment: s, t: t, host: openFar(t, s.PTY)}
}

// says writes to the line and expects these bytes back.
func (c *counter) says(out, want string) {
	c.t.Helper()
	if _, err := c.host.WriteString(out); err != nil {
		c.t.Fatal(err)
	}
	got := make([]byte, 0, len(want))
	buf := make([]byte, 64)
	for len(got) < len(want) {
		n, err := c.host.Read(buf)
		if err != nil {
			c.t.Fatal(err)
		}
		got = append(got, buf[:n]...)
	}
	if string(got) != want {
		c.t.Errorf("% X brought % X, want % X", out, got, want)
	}
}

func (c *counter) strip(kind sim.StripKind, address byte) *sim.Strip {
	c.t.Helper()
	s, err := c.Strip(sim.StripConfig{Address: address, Kind: kind})
	if err != nil {
		c.t.Fatal(err)
	}
	return s
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not %s", what)
		}
	}
}

// TestStripsUnderstandThePublishedFrames types the frames of the documents in.
func TestStripsUnderstandThePublishedFrames(t *testing.T) {
	c := openCounter(t)
	lihe := c.strip(sim.StripLihe, 3)
	c.says("\xA0\x06\x28\x03\x01\x0C\x22\x03\x63\xFF", "\xA0\x03\x14\x03\x50\x06\xFF")
	if v := lihe.Shown(); v.Mode != 1 || v.Number != 1234 || v.Window != 3 || v.Letter != "" {
		t.Errorf("%+v", v)
	}
	c.says("\x00\xA0\xFF\xA0\x07\x28\x03\x01\x0C\x22\x03\x42\x42\xFF", "\xA0\x03\x14\x03\x50\x06\xFF")
	if v := lihe.Shown(); v.Letter != "B" || v.Number != 1234 || v.Frames != 2 {
		t.Errorf("%+v", v)
	}
	c.says("\xA0\x06\x28\x03\x01\x0C\x22\x03\x64\xFF"+"\xA0\x06\x28\x04\x01\x0C\x22\x03\x00\xFF"+"\xA0\x03\x29\x03\x00\x2F\xFF", "\xA0\x03\x14\x03\x50\x06\xFF")
	if v := lihe.Shown(); v.Frames != 2 {
		t.Errorf("a wrong sum or another's frame was shown: %+v", v)
	}
	d := openCounter(t)
	zhongyi := d.strip(sim.StripZhongyi, 1)
	d.says("\xA0\x90\x01\xA5\x00\x05\xC7\xEB\x00\x38\x01\xB4", "\xA0\x90\x01\xA5\xAA")
	if v := zhongyi.Shown(); v.Text != "请8" || !bytes.Equal(v.Colours, []byte{0, 1}) {
		t.Errorf("%+v", v)
	}
	d.says("\xA0\x90\x01\xA5\x00\x05\xC7\xEB\x00\x38\x01\xB5", "\xA0\x90\x01\xA5\x55")
	e := openCounter(t)
	board := e.strip(sim.StripQSystem, 5)
	e.says("\x01\x05\x21012\x07", "")
	eventually(t, "shown", func() bool { return board.Shown().Text == "012" && board.Shown().Mode == 0x21 })
}

func TestKeypadsAndRatersSpeakTheirBytes(t *testing.T) {
	c := openCounter(t)
	keys, err := c.Keypad(sim.KeypadConfig{Address: 5, Polled: true})
	if err != nil {
		t.Fatal(err)
	}
	stars, err := c.Rater(sim.RaterConfig{Address: 7})
	if err != nil {
		t.Fatal(err)
	}
	c.says("\x04\x05\x07", "\x01\x05\x30\x07")
	if err := errors.Join(keys.Press(2), stars.Rate(4)); err != nil {
		t.Fatal(err)
	}
	c.says("\x01\x05\x3B\x07\x04\x05\x07", "\x01\x05\x32\x07")
	if lamp, beeps := keys.Lamp(); lamp != 0x34 || beeps != 1 {
		t.Errorf("lamp %02X, %d beeps", lamp, beeps)
	}
	c.says("\x55\x07\x50\x00\xAC", "\xAA\x07\x34\xE5")
	c.says("\x55\x07\x52\x02\xB0", "\xAA\x07\x30\xE1")
	c.says("\x55\x07\x51\x01\xAE", "\xAA\x07\x30\xE1")
	if !stars.Lit() || string(stars.Voices()) != "\x02\x01" {
		t.Errorf("lit %v, spoken % X", stars.Lit(), stars.Voices())
	}
	if keys.Press(5) == nil || stars.Rate(6) == nil {
		t.Error("there is no fifth key and no sixth star")
	}
}

func TestAFaultStrikesOneAddress(t *testing.T) {
	c := openCounter(t)
	off, on := c.strip(sim.StripLihe, 3), c.strip(sim.StripLihe, 4)
	both := "\xA0\x06\x28\x03\x01\x0C\x22\x03\x63\xFF" + "\xA0\x06\x28\x04\x01\x0C\x22\x03\x00\xFF"
	if err := c.Inject(sim.Fault{Kind: sim.PowerOff, On: true, Bytes: []byte{3}}); err != nil {
		t.Fatal(err)
	}
	c.says(both, "\xA0\x03\x14\x04\x50\x07\xFF")
	if off.Shown().Frames != 0 || on.Shown().Number != 1234 {
		t.Errorf("%+v %+v", off.Shown(), on.Shown())
	}
	if err := errors.Join(c.Inject(sim.Fault{Kind: sim.PowerOff}), c.Inject(sim.Fault{Kind: sim.WrongChecksum, On: true, N: 1, Bytes: []byte{4}})); err != nil {
		t.Fatal(err)
	}
	c.says(both, "\xA0\x03\x14\x03\x50\x06\xFF\xA0\x03\x14\x04\x50\x52\xFF")
	c.says(both, "\xA0\x03\x14\x03\x50\x06\xFF\xA0\x03\x14\x04\x50\x07\xFF")
	if err := c.Inject(sim.Fault{Kind: sim.PaperOut, On: true}); err == nil {
		t.Error("a segment has no paper")
	}
}
