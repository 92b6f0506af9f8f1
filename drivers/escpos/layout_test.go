package escpos_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"yitang/drivers/escpos"
)

func TestColumns(t *testing.T) {
	for text, want := range map[string]int{"": 0, "A012": 4, "号": 2, "A号b": 4, "，": 2} {
		if got := escpos.Columns(text); got != want {
			t.Errorf("%q has %d columns, want %d", text, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text    string
		columns int
		want    []string
	}{
		{"", 8, []string{""}},
		{"取号", 8, []string{"取号"}},
		{"请到三号窗口办理", 8, []string{"请到三号", "窗口办理"}},
		{"请到三号窗口。", 12, []string{"请到三号窗", "口。"}}, // the stop does not begin a line
		{"请带（身份证）", 6, []string{"请带", "（身份", "证）"}},
		{"one two three", 8, []string{"one two", "three"}},
		{"abcdefghij", 4, []string{"abcd", "efgh", "ij"}},
		{"A012号请", 6, []string{"A012号", "请"}},
		{"a\nb", 8, []string{"a", "b"}},
		{"号", 1, []string{"号"}},
	} {
		if diff := cmp.Diff(c.want, escpos.Wrap(c.text, c.columns)); diff != "" {
			t.Errorf("%q at %d: %s", c.text, c.columns, diff)
		}
	}
}

func TestWrapKeepsTheTextAndThePaper(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-c一-三（）。， ]{0,60}`).Draw(t, "text")
		columns := rapid.IntRange(2, 48).Draw(t, "columns")
		lines := escpos.Wrap(text, columns)
		bare := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if got := bare(strings.Join(lines, "")); got != bare(text) {
			t.Fatalf("%q became %q", text, got)
		}
		for _, l := range lines {
			if escpos.Columns(l) > columns {
				t.Fatalf("%q is wider than %d", l, columns)
			}
		}
	})
}

func TestBetweenFillsTheLine(t *testing.T) {
	for _, c := range []struct {
		left, right string
		columns     int
		want        string
	}{
		{"等候", "7", 10, "等候     7"},
		{"等候人数很多", "7人", 12, "等候人数 7人"},
		{"x", "一二三四五六", 8, "一二三四"},
	} {
		if got := escpos.Between(c.left, c.right, c.columns); got != c.want {
			t.Errorf("%q", got)
		}
	}
}

func TestPlainReplacesWhatTheROMLacks(t *testing.T) {
	for _, c := range []struct {
		text, want string
		missing    bool
	}{
		{"约 10–20 分钟", "约 10-20 分钟", false},
		{"¥5 • x\u200B", "￥5 · x", false},
		{"𠮷野", "?野", true},
		{"نومۇر", "?????", true},
		{"a\tb", "a b", false},
	} {
		if got, missing := escpos.Plain(c.text); got != c.want || missing != c.missing {
			t.Errorf("%q became %q, %v", c.text, got, missing)
		}
	}
}

func TestWidthsOfTheProfiles(t *testing.T) {
	for m, want := range map[escpos.Model][2]int{
		escpos.Generic80: {576, 48}, escpos.Generic58: {384, 32}, escpos.EpsonT88: {512, 42}, escpos.CitizenCT: {640, 48},
		"unheard-of": {576, 48},
	} {
		if p := escpos.ProfileFor(m); p.Dots != want[0] || p.Columns != want[1] {
			t.Errorf("%s: %d dots, %d columns", m, p.Dots, p.Columns)
		}
	}
}
