package person

import (
	"strings"
	"time"
)

// The weights are 2^(17-i) mod 11 (ISO 7064 MOD 11-2, GB 11643); sum mod 11 indexes the check character.
const (
	check11  = "10X98765432"
	modulo11 = 11
)

func weights11() [17]int {
	return [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
}

// GB 32100: 31 characters (no I O S V Z), weights 3^i mod 31.
const (
	alphabet31 = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	modulo31   = 31
)

func weights31() [17]int {
	return [17]int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28}
}

// Years of birth a number of 18 can hold: the centuries 18, 19 and 20.
const (
	firstBirthYear = 1800
	lastBirthYear  = 2099
)

// provinces are the first two digits in use; 83 only in permits of Taiwan residents. The six-digit region is never
// checked: codes that were abolished live on in numbers.
const provinces = "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83"

// parse18 reads numbers with a MOD 11-2 check: resident, residence permit (81, 82, 83), foreigner of 2023 (9…). The
// foreigner's two digits after the 9 are not held against the list of provinces: the check digit catches slips, and
// no list of the offices in use is public.
func parse18(s string) (Number, error) {
	if !digits(s[:len(s)-1]) || len(s) != 18 || !strings.ContainsRune("0123456789X", rune(s[17])) {
		return Number{}, fail(BadCharacter)
	}
	if s[0] != '9' && !knownProvince(s[:2]) {
		return Number{}, fail(BadProvince)
	}
	if !realBirth(s[6:14]) {
		return Number{}, fail(BadBirth)
	}
	if s[17] != checkDigit11(s[:17]) {
		return Number{}, fail(BadCheckDigit)
	}
	return Number{kind: Individual, normal: s}, nil
}

func knownProvince(two string) bool {
	for p := range strings.FieldsSeq(provinces) {
		if p == two {
			return true
		}
	}
	return false
}

func realBirth(yyyymmdd string) bool {
	t, err := time.Parse("20060102", yyyymmdd)
	return err == nil && t.Year() >= firstBirthYear && t.Year() <= lastBirthYear
}

func checkDigit11(s string) byte {
	sum := 0
	for i, w := range weights11() {
		sum += int(s[i]-'0') * w
	}
	return check11[sum%modulo11]
}

// parse15 reads the old permanent-residence number: country 3 letters, province and city 4 digits, birth YYMMDD,
// sequence, check. Published specimens break its check rule, so that a difference is a warning only. Fifteen digits
// are a first-generation resident number, void since 2013.
func parse15(s string) (Number, error) {
	if digits(s) {
		return Number{}, fail(FirstGeneration)
	}
	if len(s) != 15 || strings.Trim(s[:3], "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" || !digits(s[3:]) {
		return Number{}, fail(BadCharacter)
	}
	n := Number{kind: Individual, normal: s}
	if _, err := time.Parse("060102", s[7:13]); err != nil {
		n.warning = BadBirth
	} else if s[14] != checkDigit731(s[:14]) {
		n.warning = BadCheckDigit
	}
	return n, nil
}

// checkDigit731 weighs 7, 3, 1 over digits and letters (A = 10 … Z = 35), as the machine-readable line of passports.
func checkDigit731(s string) byte {
	weights, sum := [3]int{7, 3, 1}, 0
	for i := range len(s) {
		value := int(s[i] - '0')
		if s[i] >= 'A' {
			value = int(s[i]-'A') + 10
		}
		sum += value * weights[i%len(weights)]
	}
	return byte('0' + sum%10)
}

func parseCompany(s string) (Number, error) {
	if strings.Trim(s, alphabet31) != "" {
		return Number{}, fail(BadCodeCharacter)
	}
	if len(s) != 18 {
		return Number{}, fail(WrongCodeLength)
	}
	if s[17] != checkDigit31(s[:17]) {
		return Number{}, fail(BadCodeCheck)
	}
	return Number{kind: Company, normal: s}, nil
}

func checkDigit31(s string) byte {
	sum := 0
	for i, w := range weights31() {
		sum += strings.IndexByte(alphabet31, s[i]) * w
	}
	return alphabet31[(modulo31-sum%modulo31)%modulo31]
}
