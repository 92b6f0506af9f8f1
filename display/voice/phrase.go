package voice

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The languages of announcements. Chinese is always spoken, wherever the hall puts it in the order.
const (
	Chinese = "zh"
	Uyghur  = "ug"
	Kazakh  = "kk"
	English = "en"
)

// Phrase is one call in one language.
type Phrase struct {
	Language string
	Text     string   // to show: 请A012号到3号窗口办理
	Spoken   string   // for espeak-ng: the digits of the number one by one
	Clips    []string // the recorded words, in order
}

// Phrases composes a call in each of the languages, in their order; brief leaves out what is not needed to be followed.
// The Uyghur and Kazakh sentences want a native reader's check.
func Phrases(languages []string, number, window string, brief bool) []Phrase {
	out := make([]Phrase, 0, len(languages))
	for _, l := range languages {
		out = append(out, phrase(l, number, window, brief))
	}
	return out
}

func phrase(language, number, window string, brief bool) Phrase {
	n := apart(number)
	each := strings.Split(number, "")
	clips := append(slices.Clone(each), "number")
	clips = append(append(clips, strings.Split(window, "")...), "window", "come")
	switch language {
	case Uyghur:
		return Phrase{language, fmt.Sprintf("%s-نومۇر، %s-كۆزنەككە كېلىڭ", number, window),
			fmt.Sprintf("%s-نومۇر، %s-كۆزنەككە كېلىڭ", n, window), clips}
	case Kazakh: // espeak-ng spells Arabic letters by their names in Kazakh: it gets the sentence in Cyrillic
		return Phrase{language, fmt.Sprintf("%s-نومىر، %s-تەرەزەگە كەلىڭىز", number, window),
			fmt.Sprintf("%s-нөмір, %s-терезеге келіңіз", n, window), clips}
	case English:
		clips = append(append([]string{"number"}, each...), append([]string{"window"}, strings.Split(window, "")...)...)
		return Phrase{language, fmt.Sprintf("Number %s, please go to window %s", number, window),
			fmt.Sprintf("Number %s, please go to window %s", n, window), clips}
	}
	return chinese(number, window, brief)
}

func chinese(number, window string, brief bool) Phrase {
	n, w := hanDigits(number), hanWindow(window)
	p := Phrase{Language: Chinese, Text: fmt.Sprintf("请%s号到%s号窗口办理", number, window)}
	spell := func(s string) []string { return strings.Split(s, "") }
	if brief {
		p.Spoken = fmt.Sprintf("%s号，%s号窗口", n, w)
		p.Clips = append(append(append(spell(n), "号"), spell(w)...), "号", "窗口")
		return p
	}
	p.Spoken = fmt.Sprintf("请%s号到%s号窗口办理", n, w)
	p.Clips = append(append(append(append([]string{"请"}, spell(n)...), "号", "到"), spell(w)...), "号", "窗口", "办理")
	return p
}

// Languages checks the hall's setting, drops what stands twice and puts Chinese first where it is missing.
func Languages(asked []string) ([]string, error) {
	var out []string
	for _, l := range asked {
		switch l {
		case Chinese, Uyghur, Kazakh, English:
		default:
			return nil, fmt.Errorf("voice: no phrases in %q; known are zh, ug, kk, en", l)
		}
		if !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	if !slices.Contains(out, Chinese) {
		out = append([]string{Chinese}, out...)
	}
	return out, nil
}

// hanDigit is a digit as it is read; anything else stays as it is.
func hanDigit(r rune) string {
	if r < '0' || r > '9' {
		return string(r)
	}
	return string([]rune("零一二三四五六七八九")[r-'0'])
}

// hanDigits reads digits one by one: A012 is A零一二.
func hanDigits(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteString(hanDigit(r))
	}
	return b.String()
}

// hanWindow reads a window's number as people say it, 12 as 十二; from a hundred on digit by digit, as in a ticket.
func hanWindow(s string) string {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 99 || strconv.Itoa(n) != s {
		return hanDigits(s)
	}
	tens, ones := n/10, n%10
	out := ""
	switch {
	case tens == 1:
		out = "十"
	case tens > 1:
		out = hanDigit(rune('0'+tens)) + "十"
	}
	if ones > 0 {
		out += hanDigit(rune('0' + ones))
	}
	return out
}

// apart puts a space between the characters of a number, so that a voice reads them one by one.
func apart(s string) string { return strings.Join(strings.Split(s, ""), " ") }
