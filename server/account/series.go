package account

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// seriesMax bounds what stands before the hyphen of an offline number.
const seriesMax = 8

// Series is what a kiosk's own numbers begin with while the hall is away: K2 for kiosk-2 (K2-001, K2-002 …), the name in
// capitals for another short one, else a letter and a piece of the name's hash. Whoever makes a kiosk's account refuses
// a name whose series another kiosk has.
func Series(user string) string {
	if n, ok := strings.CutPrefix(user, "kiosk-"); ok && n != "" && len(n) < seriesMax && strings.Trim(n, "0123456789") == "" {
		return "K" + n
	}
	plain := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, user)
	if plain != "" && len(plain) <= seriesMax {
		return strings.ToUpper(plain)
	}
	sum := sha256.Sum256([]byte(user))
	return "K" + base32.StdEncoding.EncodeToString(sum[:])[:seriesMax-1]
}
