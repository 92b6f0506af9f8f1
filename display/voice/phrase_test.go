package voice_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yitang/display/voice"
)

func TestPhrases(t *testing.T) {
	cases := []struct{ language, number, window, text, spoken, clips string }{
		{"zh", "A012", "3", "请A012号到3号窗口办理", "请A零一二号到三号窗口办理", "请 A 零 一 二 号 到 三 号 窗口 办理"},
		{"zh", "B1000", "10", "请B1000号到10号窗口办理", "请B一零零零号到十号窗口办理", "请 B 一 零 零 零 号 到 十 号 窗口 办理"},
		{"zh", "C345", "21", "请C345号到21号窗口办理", "请C三四五号到二十一号窗口办理", "请 C 三 四 五 号 到 二 十 一 号 窗口 办理"},
		{"zh", "C678", "17", "请C678号到17号窗口办理", "请C六七八号到十七号窗口办理", "请 C 六 七 八 号 到 十 七 号 窗口 办理"},
		{"zh", "C909", "105", "请C909号到105号窗口办理", "请C九零九号到一零五号窗口办理", "请 C 九 零 九 号 到 一 零 五 号 窗口 办理"},
		{"zh", "C001", "07", "请C001号到07号窗口办理", "请C零零一号到零七号窗口办理", "请 C 零 零 一 号 到 零 七 号 窗口 办理"},
		{"zh", "C001", "A2", "请C001号到A2号窗口办理", "请C零零一号到A二号窗口办理", "请 C 零 零 一 号 到 A 二 号 窗口 办理"},
		{"ug", "A012", "3", "A012-نومۇر، 3-كۆزنەككە كېلىڭ", "A 0 1 2-نومۇر، 3-كۆزنەككە كېلىڭ", "A 0 1 2 number 3 window come"},
		{"kk", "A012", "3", "A012-نومىر، 3-تەرەزەگە كەلىڭىز", "A 0 1 2-нөмір, 3-терезеге келіңіз", "A 0 1 2 number 3 window come"},
		{"en", "A012", "12", "Number A012, please go to window 12", "Number A 0 1 2, please go to window 12", "number A 0 1 2 window 1 2"},
	}
	for _, tc := range cases {
		want := []voice.Phrase{{Language: tc.language, Text: tc.text, Spoken: tc.spoken, Clips: strings.Fields(tc.clips)}}
		if d := cmp.Diff(want, voice.Phrases([]string{tc.language}, tc.number, tc.window, false)); d != "" {
			t.Error(d)
		}
	}
	brief := voice.Phrases([]string{"zh"}, "A012", "3", true)[0]
	if brief.Text != cases[0].text || brief.Spoken != "A零一二号，三号窗口" || strings.Join(brief.Clips, " ") != "A 零 一 二 号 三 号 窗口" {
		t.Errorf("brief: %+v", brief)
	}
}

func TestLanguages(t *testing.T) {
	for asked, want := range map[string]string{"": "zh", "ug": "zh ug", "ug zh ug": "ug zh", "en kk zh": "en kk zh"} {
		got, err := voice.Languages(strings.Fields(asked))
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q: %v, %v", asked, got, err)
		}
	}
	if _, err := voice.Languages([]string{"zh", "fr"}); err == nil || !strings.Contains(err.Error(), `"fr"`) {
		t.Errorf("fr: %v", err)
	}
}
