package display_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yitang/display"
	"yitang/drivers/sim"
	"yitang/server/wire"
)

// TestStrips lights simulated strips of two makers on one RS-485 line from the feed, and tells the hall of one that loses
// its power.
func TestStrips(t *testing.T) {
	line, err := sim.NewSegment(sim.SegmentConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer line.Close()
	three, err1 := line.Strip(sim.StripConfig{Address: 3, Kind: sim.StripLihe})
	four, err2 := line.Strip(sim.StripConfig{Address: 4, Kind: sim.StripZhongyi})
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	file := filepath.Join(t.TempDir(), "led.json")
	text := `{"lines":[{"path":"` + line.Path() + `","strips":[{"window":"3","address":3,"protocol":"lihe"},{"window":"4","address":4,"protocol":"zhongyi"}]}]}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	strips, err := display.ReadStrips(file)
	if err != nil {
		t.Fatal(err)
	}
	b := board(5, call(5, "B1234", "3", "called"), call(4, "A002", "4", "serving"))
	b.Windows[0].Ticket, b.Windows[1].Ticket = "called", "serving"
	h := newTestHall(t, b)
	runWith(t, h, display.Config{Speaker: newSpeaker(), Strips: strips})
	eventually(t, func() bool {
		v := three.Shown()
		return v.Mode == 1 && v.Letter == "B" && v.Number == 1234 && v.Window == 3
	})
	eventually(t, func() bool { return strings.Contains(four.Shown().Text, "A002") })
	eventually(t, func() bool { return h.reported("screen-1/led-3=up") && h.reported("screen-1/led-4=up") })
	b = board(6)
	b.Windows = []wire.BoardWindow{{ID: "3", State: "paused"}, {ID: "4", State: "open"}}
	h.show(b)
	eventually(t, func() bool { return three.Shown().Mode == 2 && strings.Contains(four.Shown().Text, "欢迎") })
	b = board(7, call(7, "K2-001", "3", "called")) // a kiosk's own number, which these strips have no way to show
	h.show(b)
	eventually(t, func() bool { v := three.Shown(); return v.Mode == 0 && v.Number == 0 && v.Window == 3 })
	if err := line.Inject(sim.Fault{Kind: sim.PowerOff, On: true, Bytes: []byte{3}}); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return h.reported("screen-1/led-3=down:silent") })
}

func TestStripsRefused(t *testing.T) {
	dir := t.TempDir()
	for text, word := range map[string]string{
		`{"lines":[{"path":"/dev/x","strips":[{"window":"3","address":3,"protocol":"morse"}]}]}`:                                             "morse",
		`{"lines":[{"path":"/dev/x","strips":[{"window":"3","address":3,"protocol":"lihe"},{"window":"3","address":4,"protocol":"lihe"}]}]}`: "two strips",
		`{"lines":[{"path":"/dev/x","strips":[]}]}`: "0 units",
		`{"rows":[]}`: "rows",
		`{`:           "EOF",
	} {
		file := filepath.Join(dir, "led.json")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := display.ReadStrips(file); err == nil || !strings.Contains(err.Error(), word) || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := display.ReadStrips(filepath.Join(dir, "none")); err == nil {
		t.Error("a missing file is no error")
	}
}

// TestPlayer plays through a program of the system: the file it gets is the announcement, at the volume of the hour.
func TestPlayer(t *testing.T) {
	dir := t.TempDir()
	got := filepath.Join(dir, "got.wav")
	program := filepath.Join(dir, "play")
	if err := os.WriteFile(program, []byte("#!/bin/sh\ncp \"$2\" "+got+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	wav := append([]byte("RIFF\x28\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x22\x56\x00\x00\x44\xAC\x00\x00\x02\x00\x10\x00data\x04\x00\x00\x00"), 0x00, 0x10, 0x00, 0xF0)
	h := newTestHall(t, board(1))
	p := &display.Player{Command: []string{program, "-q"}, Sound: func(context.Context, display.Announcement) ([]byte, error) { return wav, nil }}
	runWith(t, h, display.Config{Speaker: p})
	h.show(board(2, call(2, "A001", "3", "called")))
	var b []byte
	for end := time.Now().Add(patience); len(b) != len(wav); time.Sleep(10 * time.Millisecond) {
		if b, _ = os.ReadFile(got); time.Now().After(end) {
			t.Fatalf("played % X", b)
		}
	}
	if b[44] != 0x00 || b[45] != 0x08 || b[46] != 0x00 || b[47] != 0xF8 { // half of 4096 and of -4096
		t.Errorf("at half the volume: % X", b[44:])
	}
}

// TestNoVoiceAnywhere: the calls go on as text, and the manager is told what to do.
func TestNoVoiceAnywhere(t *testing.T) {
	h := newTestHall(t, board(1))
	runWith(t, h, display.Config{Speaker: &display.Player{Command: []string{"true"}, Sound: func(context.Context, display.Announcement) ([]byte, error) {
		return nil, &wire.Error{Status: 503, Code: "no_voice", Message: "请安装 espeak-ng"}
	}}})
	h.show(board(2, call(2, "A001", "3", "called")))
	eventually(t, func() bool { return h.reported("screen-1/voice=down:no_voice") })
}
