package display

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
	Text     string // to show: 请A012号到3号窗口办理
	Spoken   string // to say: the digits of the number one by one
}

// Phrases composes a call in each of the languages, in their order. The Uyghur and Kazakh sentences want a native
// reader's check.
func Phrases(languages []string, number, window string) []Phrase {
	out := make([]Phrase, 0, len(languages))
	for _, l := range languages {
		p := Phrase{Language: l, Text: sentence(l, number, window)}
		if l == Chinese {
			p.Spoken = sentence(l, hanDigits(number), hanWindow(window))
		} else {
			p.Spoken = sentence(l, apart(number), window)
		}
		out = append(out, p)
	}
	return out
}

// sentence is the call itself. Every language that languagesOf lets through has one.
func sentence(language, number, window string) string {
	switch language {
	case Uyghur:
		return fmt.Sprintf("%s-نومۇر، %s-كۆزنەككە كېلىڭ", number, window)
	case Kazakh:
		return fmt.Sprintf("%s-نومىر، %s-تەرەزەگە كەلىڭىز", number, window)
	case English:
		return fmt.Sprintf("Number %s, please go to window %s", number, window)
	}
	return fmt.Sprintf("请%s号到%s号窗口办理", number, window)
}

// languagesOf checks the hall's setting and puts Chinese first where it is missing.
func languagesOf(asked []string) ([]string, error) {
	var out []string
	for _, l := range asked {
		switch l {
		case Chinese, Uyghur, Kazakh, English:
		default:
			return nil, fmt.Errorf("display: no phrases in %q; known are zh, ug, kk, en", l)
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
