package person

import (
	"strings"
	"unicode"
)

const star = "*"

// MaskNumber keeps the first three and last four characters of a long number (652***********123X), the first and the
// last two of a pass, and nothing of anything shorter than a pass.
func MaskNumber(number string) string {
	r := []rune(number)
	switch {
	case len(r) >= 15:
		return mask(r, 3, 4)
	case len(r) >= 8:
		return mask(r, 1, 2)
	default:
		return strings.Repeat(star, len(r))
	}
}

// MaskPhone keeps the first three and last four digits of a mobile number (138****1234) and the last two of others.
func MaskPhone(phone string) string {
	r := []rune(phone)
	switch {
	case len(r) >= 11:
		return mask(r, 3, 4)
	case len(r) >= 7:
		return mask(r, 0, 2)
	default:
		return strings.Repeat(star, len(r))
	}
}

func mask(r []rune, head, tail int) string {
	return string(r[:head]) + strings.Repeat(star, len(r)-head-tail) + string(r[len(r)-tail:])
}

// compoundSurnames are the surnames of two characters that are met today.
const compoundSurnames = "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 长孙 宇文 司徒 司空 夏侯 轩辕 端木 南宫 独孤 呼延 " +
	"澹台 公羊 公冶 太史 申屠 钟离 闻人 赫连 濮阳 淳于 单于 百里 东郭 南门 西门 第五 完颜 拓跋 万俟 闾丘 宗政 鲜于 仲孙 耶律"

// MaskName keeps the surname of a Chinese name (张*, 欧阳**) and the first letter of each part of other names
// (阿**·买***, Z****, Y***).
func MaskName(name string) string {
	var out, part strings.Builder
	flush := func() {
		out.WriteString(maskPart([]rune(part.String())))
		part.Reset()
	}
	for _, r := range strings.TrimSpace(name) {
		if isNameSeparator(r) {
			flush()
			out.WriteRune(r)
			continue
		}
		part.WriteRune(r)
	}
	flush()
	return out.String()
}

func isNameSeparator(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune("·•・．‧･,，.-'", r)
}

func maskPart(r []rune) string {
	keep := 1
	if len(r) > 2 && isCompound(string(r[:2])) {
		keep = 2
	}
	if len(r) == 1 {
		return string(r)
	}
	keep = min(keep, len(r))
	return string(r[:keep]) + strings.Repeat(star, len(r)-keep)
}

func isCompound(two string) bool {
	for s := range strings.FieldsSeq(compoundSurnames) {
		if s == two {
			return true
		}
	}
	return false
}
