package person_test

import (
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"yitang/server/person"
)

func TestMasks(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		in     string
		masked string
	}{
		{"number", "65230119900101123X", "652***********123X"},
		{"short number", "1234567", "*******"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := person.MaskNumber(tc.in); got != tc.masked {
				t.Errorf("%q, want %q", got, tc.masked)
			}
		})
	}
}

func TestMasksKeepLengthAndHideMost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.StringN(0, 40, -1).Draw(t, "in")
		out := person.MaskNumber(in)
		if utf8.RuneCountInString(out) != utf8.RuneCountInString(in) {
			t.Fatalf("%q became %q", in, out)
		}
		shown := 0
		for _, r := range out {
			if r != '*' {
				shown++
			}
		}
		if shown > 7 {
			t.Fatalf("%q shows %d characters", out, shown)
		}
	})
}
