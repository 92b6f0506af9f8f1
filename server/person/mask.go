package person

import "strings"

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

func mask(r []rune, head, tail int) string {
	return string(r[:head]) + strings.Repeat(star, len(r)-head-tail) + string(r[len(r)-tail:])
}
