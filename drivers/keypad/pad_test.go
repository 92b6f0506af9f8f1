package keypad_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"yitang/drivers/keypad"
)

func pad(t *testing.T, cfg keypad.Config) *keypad.Pad {
	t.Helper()
	p, err := keypad.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTurnsOfAPad(t *testing.T) {
	start := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	turn := func(p *keypad.Pad, after time.Duration, want string, owedWant bool) {
		t.Helper()
		frame, owed := p.Ask(start.Add(after))
		if !bytes.Equal(frame, []byte(want)) || owed != owedWant {
			t.Errorf("after %v: % X, owed %v, want % X, %v", after, frame, owed, want, owedWant)
		}
	}
	p := pad(t, keypad.Config{Address: 5, Polled: true, Repeat: time.Minute})
	if !p.Urgent() {
		t.Error("a new pad's lamp is not urgent")
	}
	turn(p, 0, "\x01\x050\x07", false)
	turn(p, 1, "\x04\x05\x07", true)
	if err := p.Light(keypad.GreenFast.Beep()); err != nil || !p.Urgent() {
		t.Errorf("light: %v, urgent %v", err, p.Urgent())
	}
	turn(p, 2, "\x01\x05;\x07", false)
	turn(p, 3, "\x04\x05\x07", true)
	turn(p, time.Hour, "\x01\x054\x07", false) // without the beep
	if err := p.Light(0); !errors.Is(err, keypad.ErrLamp) {
		t.Errorf("no lamp: %v", err)
	}
	unasked := pad(t, keypad.Config{Address: 5})
	turn(unasked, 0, "\x01\x050\x07", false)
	turn(unasked, time.Second, "", false)
}

func TestKeysHaveTheirActs(t *testing.T) {
	press := func(p *keypad.Pad, k keypad.Key) {
		if answered, err := p.Hear(pressed(5, k, false)); !answered || err != nil {
			t.Errorf("heard %v, %v", answered, err)
		}
	}
	for _, tt := range []struct {
		name string
		keys map[keypad.Key]keypad.Act
		want [5]keypad.Act
	}{
		{"as they come", nil, [5]keypad.Act{"", keypad.Next, keypad.Recall, keypad.Start, keypad.Finish}},
		{"configured", map[keypad.Key]keypad.Act{1: keypad.Recall, 4: keypad.NoShow}, [5]keypad.Act{"", keypad.Recall, "", "", keypad.NoShow}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := pad(t, keypad.Config{Address: 5, Keys: tt.keys})
			for k := keypad.Key(1); k <= keypad.KeyMax; k++ {
				press(p, k)
				if got := <-p.Presses(); got != (keypad.Press{Address: 5, Key: k, Act: tt.want[k]}) {
					t.Errorf("%+v", got)
				}
			}
		})
	}
	if _, err := keypad.New(keypad.Config{Keys: map[keypad.Key]keypad.Act{5: keypad.Next}}); !errors.Is(err, keypad.ErrKey) {
		t.Errorf("key 5: %v", err)
	}
	p := pad(t, keypad.Config{Address: 5})
	for range 20 {
		press(p, 1)
	}
	if got := p.Dropped(); got != 4 || len(p.Presses()) != 16 {
		t.Errorf("%d dropped, %d kept", got, len(p.Presses()))
	}
}
