package escpos

import "strings"

// Wrap breaks s into lines of at most columns columns: at spaces between Latin words, anywhere between Chinese
// characters, and never before punctuation that closes. A word longer than a line is broken.
func Wrap(s string, columns int) []string {
	columns = max(columns, 2)
	var lines []string
	for _, paragraph := range strings.Split(s, "\n") {
		lines = append(lines, wrapParagraph(paragraph, columns)...)
	}
	return lines
}

func wrapParagraph(s string, columns int) []string {
	var lines []string
	line, width := "", 0
	flush := func() {
		lines = append(lines, strings.TrimRight(line, " "))
		line, width = "", 0
	}
	for _, word := range words(s) {
		w := Columns(word)
		if width+Columns(strings.TrimRight(word, " ")) > columns && width > 0 {
			flush()
		}
		for w > columns { // only a word of its own line is longer
			head, rest := cutColumns(word, columns)
			if rest == "" || strings.TrimRight(rest, " ") == "" {
				word, w = head, Columns(head)
				break
			}
			lines = append(lines, head)
			word, w = rest, Columns(rest)
		}
		line, width = line+word, width+w
	}
	flush()
	return lines
}

// closing never begins a line.
const closing = "，。、；：！？）】》」』”’％,.;:!?)]}%"

// opening never ends a line.
const opening = "（【《「『“‘([{"

// words splits s where a line may break; spaces stay with the word before them.
func words(s string) []string {
	var all []string
	start := 0
	var last rune
	for i, r := range s {
		if i > start && mayBreak(last, r) {
			all = append(all, s[start:i])
			start = i
		}
		last = r
	}
	return append(all, s[start:])
}

func mayBreak(before, after rune) bool {
	switch {
	case after == ' ' || strings.ContainsRune(closing, after) || strings.ContainsRune(opening, before):
		return false
	case before == ' ':
		return true
	}
	return ideographic(before) || ideographic(after)
}

// ideographic characters stand alone: from the CJK radicals on, but for the presentation forms of Arabic.
func ideographic(r rune) bool {
	return r >= 0x2E80 && (r < 0xFB00 || r > 0xFDFF) && (r < 0xFE70 || r > 0xFEFF)
}

// cutColumns splits s after as many characters as fit.
func cutColumns(s string, columns int) (head, rest string) {
	width := 0
	for i, r := range s {
		if width += runeColumns(r); width > columns {
			return s[:i], s[i:]
		}
	}
	return s, ""
}

// Fit cuts s to columns and fills it with spaces on the right.
func Fit(s string, columns int) string {
	head, _ := cutColumns(s, columns)
	return head + strings.Repeat(" ", columns-Columns(head))
}

// Between puts left and right at the ends of one line; left is cut when both do not fit.
func Between(left, right string, columns int) string {
	room := columns - Columns(right)
	if room < 2 {
		head, _ := cutColumns(right, columns)
		return head
	}
	return Fit(left, room-1) + " " + right
}
