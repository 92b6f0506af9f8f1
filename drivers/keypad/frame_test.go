package keypad_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"yitang/drivers/keypad"
)

func TestGoldenLamps(t *testing.T) {
	for _, tt := range []struct {
		lamp keypad.Lamp
		want []byte
	}{
		{keypad.Off, []byte{1, 5, 0x30, 7}}, {keypad.Red, []byte{1, 5, 0x31, 7}}, {keypad.Green, []byte{1, 5, 0x32, 7}},
		{keypad.RedFast, []byte{1, 5, 0x33, 7}}, {keypad.GreenFast, []byte{1, 5, 0x34, 7}},
		{keypad.RedSlow, []byte{1, 5, 0x35, 7}}, {keypad.GreenSlow, []byte{1, 5, 0x36, 7}},
		{keypad.Off.Beep(), []byte{1, 5, 0x37, 7}}, {keypad.Red.Beep(), []byte{1, 5, 0x38, 7}},
		{keypad.GreenFast.Beep(), []byte{1, 5, 0x3B, 7}}, {keypad.GreenSlow.Beep(), []byte{1, 5, 0x3D, 7}},
		{keypad.GreenSlow.Beep().Beep(), []byte{1, 5, 0x3D, 7}}, {keypad.Red.Beep().Steady(), []byte{1, 5, 0x31, 7}},
	} {
		if got, err := keypad.EncodeLamp(5, tt.lamp); err != nil || !bytes.Equal(got, tt.want) {
			t.Errorf("% X, %v, want % X", got, err, tt.want)
		}
	}
	for _, l := range []keypad.Lamp{0, 0x2F, 0x3E, 0xFF} {
		if _, err := keypad.EncodeLamp(5, l); !errors.Is(err, keypad.ErrLamp) {
			t.Errorf("lamp %02X: %v", l, err)
		}
	}
}

func keys(p *keypad.Parser, chunks ...[]byte) (all []keypad.Key) {
	for _, c := range chunks {
		p.Feed(c, func(k keypad.Key) { all = append(all, k) })
	}
	return all
}

func TestKeysInAStream(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   []byte
		want []keypad.Key
	}{
		{"one", []byte{1, 5, 0x31, 7}, []keypad.Key{1}},
		{"each", []byte{1, 5, 0x31, 7, 1, 5, 0x32, 7, 1, 5, 0x33, 7, 1, 5, 0x34, 7}, []keypad.Key{1, 2, 3, 4}},
		{"idle", []byte{1, 5, 0x30, 7}, []keypad.Key{0}},
		{"another's", []byte{1, 6, 0x31, 7}, nil},
		{"no key", []byte{1, 5, 0x35, 7}, nil},
		{"after noise", []byte{0xFF, 1, 1, 5, 0x31, 7}, []keypad.Key{1}},
		{"noise inside", []byte{1, 5, 0, 0x31, 7}, nil},
		{"bare", []byte{5, 0x31}, []keypad.Key{1}},
		{"bare, twice", []byte{5, 0x31, 5, 0x34}, []keypad.Key{1, 4}},
		{"bare, another's", []byte{6, 0x31}, nil},
		{"bare and framed", []byte{5, 0x32, 1, 5, 0x31, 7, 5, 0x33}, []keypad.Key{2, 1, 3}},
		{"bare, noise inside", []byte{5, 0xFF, 0x31}, nil},
		{"framed, a wrong tail", []byte{1, 5, 0x31, 8, 1, 5, 0x32, 7}, []keypad.Key{2}},
		{"a lone key", []byte{0x31}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := keys(&keypad.Parser{Address: 5}, tt.in); !slices.Equal(got, tt.want) {
				t.Errorf("%v, want %v", got, tt.want)
			}
			var single [][]byte
			for i := range tt.in {
				single = append(single, tt.in[i:i+1])
			}
			if got := keys(&keypad.Parser{Address: 5}, single...); !slices.Equal(got, tt.want) {
				t.Errorf("byte by byte %v, want %v", got, tt.want)
			}
		})
	}
}

// pressed is what a keypad at address a sends for a key; key 0 is the answer of an idle one to a poll.
func pressed(a keypad.Address, k keypad.Key, bare bool) []byte {
	if bare {
		return []byte{byte(a), 0x30 + byte(k)}
	}
	return []byte{0x01, byte(a), 0x30 + byte(k), 0x07}
}

func TestHearsEveryKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, l := keypad.Address(rapid.Byte().Draw(t, "address")), keypad.Lamp(rapid.IntRange(0x30, 0x3D).Draw(t, "lamp"))
		if frame, err := keypad.EncodeLamp(a, l); err != nil || !bytes.Equal(frame, []byte{0x01, byte(a), byte(l), 0x07}) {
			t.Fatalf("% X %v", frame, err)
		}
		bare := rapid.Bool().Draw(t, "bare")
		want := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) keypad.Key {
			return keypad.Key(rapid.IntRange(0, 4).Draw(t, "key"))
		}), 1, 8).Draw(t, "keys")
		var stream []byte
		for _, k := range want {
			stream = append(stream, pressed(a, k, bare)...)
		}
		cut := rapid.IntRange(0, len(stream)).Draw(t, "cut")
		if got := keys(&keypad.Parser{Address: a}, stream[:cut], stream[cut:]); !slices.Equal(got, want) {
			t.Fatalf("%v of %v", got, want)
		}
	})
}

func FuzzKeypad(f *testing.F) {
	f.Add([]byte{1, 5, 0x31, 7})
	f.Add([]byte{1, 1, 5, 0x34, 7, 4, 5, 7})
	f.Add([]byte{5, 0x31, 5, 0x30})
	f.Fuzz(func(t *testing.T, b []byte) {
		got := keys(&keypad.Parser{Address: 5}, b)
		if len(got)*2 > len(b) {
			t.Errorf("%d keys in %d bytes", len(got), len(b))
		}
		for _, k := range got {
			if !bytes.Contains(b, pressed(5, k, true)) {
				t.Errorf("key %d is not in % X", k, b)
			}
		}
	})
}
