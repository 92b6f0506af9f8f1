package account

import (
	"crypto/rand"
	"crypto/subtle"
	"strings"
)

// codeSigns are what a person can read off a screen and type without taking one for another. There are 32 of them.
const codeSigns = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

// codeLength gives 40 bits: with a lock after a few failures nobody guesses that.
const codeLength = 8

// NewCode draws a code that somebody reads in one place and types in another, as ABCD-EFGH.
func NewCode() string {
	raw := make([]byte, codeLength)
	rand.Read(raw) //nolint:errcheck // crypto/rand.Read never fails since Go 1.24
	for i, b := range raw {
		raw[i] = codeSigns[int(b)%len(codeSigns)]
	}
	return string(raw[:codeLength/2]) + "-" + string(raw[codeLength/2:])
}

// SameCode compares a code with what somebody typed, who may leave out the hyphen and use small letters.
func SameCode(code, typed string) bool {
	return subtle.ConstantTimeCompare([]byte(plainCode(code)), []byte(plainCode(typed))) == 1
}

func plainCode(s string) string {
	return strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(s))
}

// NewDigits draws what a device shows on its screen while it waits, as 482-913: an administrator compares it, nobody has
// to keep it secret.
func NewDigits() string {
	raw := make([]byte, 6)
	rand.Read(raw) //nolint:errcheck // crypto/rand.Read never fails since Go 1.24
	for i, b := range raw {
		raw[i] = '0' + b%10
	}
	return string(raw[:3]) + "-" + string(raw[3:])
}
