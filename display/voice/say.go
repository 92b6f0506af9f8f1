package voice

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxSay bounds a sentence of a page, in characters.
const maxSay = 400

// Say makes any sentence of a page as a WAV file, spoken by espeak-ng: there are no recordings of it. Errors: ErrNoVoice, a
// language without a voice, an empty or too long text, a failure of espeak-ng.
func (v *Voice) Say(ctx context.Context, language, text string, rate int) ([]byte, error) {
	text = strings.TrimSpace(text)
	switch {
	case !slices.Contains([]string{Chinese, Uyghur, Kazakh, English}, language):
		return nil, fmt.Errorf("voice: no voice for the language %q", language)
	case text == "" || utf8.RuneCountInString(text) > maxSay:
		return nil, errors.New("voice: a sentence must have 1 to 400 characters")
	}
	if language == Kazakh {
		text = cyrillic(text)
	}
	s, err := v.say(ctx, Phrase{Language: language, Text: text, Spoken: text}, rate)
	if err != nil {
		return nil, err
	}
	return s.encode(), nil
}

// cyrillic writes Kazakh of the Arabic script (төте жазу, as it is written in China) in Cyrillic letters, which is the only
// script of it that espeak-ng reads. A word has front vowels when it begins with the sign ٴ or has one of ە گ ك. Wants a
// native listener's check.
func cyrillic(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\n' })
	for i, w := range words {
		words[i] = cyrillicWord(w)
	}
	return strings.Join(words, " ")
}

func cyrillicWord(word string) string {
	front := strings.ContainsAny(word, "ٴەگك")
	var b strings.Builder
	for _, r := range word {
		switch {
		case r == 'ٴ':
		case front && frontVowels()[r] != 0:
			b.WriteRune(frontVowels()[r])
		case kazakhLetters()[r] != 0:
			b.WriteRune(kazakhLetters()[r])
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func frontVowels() map[rune]rune {
	return map[rune]rune{'ا': 'ә', 'و': 'ө', 'ۇ': 'ү', 'ى': 'і'}
}

// kazakhLetters are the letters one by one.
func kazakhLetters() map[rune]rune {
	return map[rune]rune{'ا': 'а', 'ە': 'е', 'و': 'о', 'ۇ': 'ұ', 'ى': 'ы', 'ب': 'б', 'پ': 'п', 'ت': 'т', 'ج': 'ж', 'چ': 'ч', 'ح': 'х',
		'د': 'д', 'ر': 'р', 'ز': 'з', 'س': 'с', 'ش': 'ш', 'ع': 'ғ', 'ف': 'ф', 'ق': 'қ', 'ك': 'к', 'گ': 'г', 'ڭ': 'ң', 'ل': 'л', 'م': 'м',
		'ن': 'н', 'ھ': 'һ', 'ۆ': 'в', 'ۋ': 'у', 'ي': 'й', '،': ',', '؟': '?', '؛': ';'}
}
