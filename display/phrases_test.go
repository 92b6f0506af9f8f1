package display_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"yitang/display"
)

func TestPhrases(t *testing.T) {
	cases := []struct{ language, number, window, text, spoken string }{
		{"zh", "A012", "3", "请A012号到3号窗口办理", "请A零一二号到三号窗口办理"},
		{"zh", "B1000", "10", "请B1000号到10号窗口办理", "请B一零零零号到十号窗口办理"},
		{"zh", "C345", "21", "请C345号到21号窗口办理", "请C三四五号到二十一号窗口办理"},
		{"zh", "C678", "17", "请C678号到17号窗口办理", "请C六七八号到十七号窗口办理"},
		{"zh", "C909", "105", "请C909号到105号窗口办理", "请C九零九号到一零五号窗口办理"},
		{"zh", "C001", "07", "请C001号到07号窗口办理", "请C零零一号到零七号窗口办理"},
		{"zh", "C001", "A2", "请C001号到A2号窗口办理", "请C零零一号到A二号窗口办理"},
		{"ug", "A012", "3", "A012-نومۇر، 3-كۆزنەككە كېلىڭ", "A 0 1 2-نومۇر، 3-كۆزنەككە كېلىڭ"},
		{"kk", "A012", "3", "A012-نومىر، 3-تەرەزەگە كەلىڭىز", "A 0 1 2-نومىر، 3-تەرەزەگە كەلىڭىز"},
		{"en", "A012", "12", "Number A012, please go to window 12", "Number A 0 1 2, please go to window 12"},
	}
	for _, tc := range cases {
		want := []display.Phrase{{Language: tc.language, Text: tc.text, Spoken: tc.spoken}}
		if d := cmp.Diff(want, display.Phrases([]string{tc.language}, tc.number, tc.window)); d != "" {
			t.Error(d)
		}
	}
}
