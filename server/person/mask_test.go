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
		mask   func(string) string
		in     string
		masked string
	}{
		{"number", person.MaskNumber, "65230119900101123X", "652***********123X"},
		{"short number", person.MaskNumber, "1234567", "*******"},
		{"phone", person.MaskPhone, "13812341234", "138****1234"},
		{"landline", person.MaskPhone, "2345678", "*****78"},
		{"short phone", person.MaskPhone, "110", "***"},
		{"two", person.MaskName, "张三", "张*"},
		{"three", person.MaskName, "张三丰", "张**"},
		{"compound", person.MaskName, "欧阳娜娜", "欧阳**"},
		{"compound, one given", person.MaskName, "司马迁", "司马*"},
		{"not a compound", person.MaskName, "欧阳", "欧*"},
		{"minority", person.MaskName, "阿卜杜·买买提江", "阿**·买***"},
		{"other separator", person.MaskName, "阿卜杜•买买提江", "阿**•买***"},
		{"rare character", person.MaskName, "𠮷田", "𠮷*"},
		{"english", person.MaskName, "ZHENGJIAN, YANGBEN", "Z********, Y******"},
		{"empty", person.MaskName, "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := tc.mask(tc.in); got != tc.masked {
				t.Errorf("%q, want %q", got, tc.masked)
			}
		})
	}
}

func TestMasksKeepLengthAndHideMost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.StringN(0, 40, -1).Draw(t, "in")
		for _, mask := range []func(string) string{person.MaskNumber, person.MaskPhone} {
			out := mask(in)
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
		}
	})
}
