package escpos

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// unprintable stands for what cannot be printed.
const unprintable = '?'

// append sends the text as GB18030. Control characters would be commands to the printer, so they become spaces.
func (o Text) append(d []byte) ([]byte, error) {
	clean := strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError:
			return unprintable
		case unicode.IsControl(r):
			return ' '
		}
		return r
	}, o.S)
	encoded, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(clean))
	if err != nil {
		return nil, fmt.Errorf("text: %w", err)
	}
	return append(d, encoded...), nil
}

// InROM reports whether printers have r among their own characters: ASCII or a two-byte character of GBK. Four-byte
// characters of GB18030 are missing from most.
func InROM(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= ' ' && r != 0x7F
	}
	b, err := simplifiedchinese.GBK.NewEncoder().String(string(r))
	return err == nil && len(b) == 2
}

// fallback is a stand-in from the ROM for a character that is not in it, "" when there is none.
func fallback(r rune) string {
	switch r {
	case '\u00A0', '\u2002', '\u2003', '\u2009', '\u202F':
		return " "
	case '\u200B', '\u200C', '\u200D', '\u200E', '\u200F', '\uFEFF', '\u00AD':
		return "\u0000" // invisible: dropped
	case '\u2010', '\u2011', '\u2012', '\u2013', '\u2212':
		return "-"
	case '•', '∙', '・':
		return "·"
	case '¥':
		return "￥"
	case '©':
		return "(C)"
	case '®':
		return "(R)"
	case '✓', '✔':
		return "√"
	case '☐':
		return "□"
	case '☑':
		return "■"
	}
	return ""
}

// Plain replaces what the ROM lacks by the nearest it has. missing is true when something has no stand-in; such a line
// should be drawn as a raster, and prints '?' otherwise.
func Plain(s string) (plain string, missing bool) {
	var b strings.Builder
	for _, r := range s {
		switch stand := fallback(r); {
		case stand == "\u0000":
		case stand != "":
			b.WriteString(stand)
		case InROM(r):
			b.WriteRune(r)
		case unicode.IsControl(r):
			b.WriteByte(' ')
		default:
			missing = true
			b.WriteByte(unprintable)
		}
	}
	return b.String(), missing
}

// runeColumns is what r takes of a line: GBK's two-byte characters, Latin ones among them, are two columns wide.
func runeColumns(r rune) int {
	if r < utf8.RuneSelf {
		return 1
	}
	return 2
}

// Columns is how many columns s takes at size 1.
func Columns(s string) int {
	n := 0
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}
