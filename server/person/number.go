package person

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// Kind of person a ticket is for, as in the request that takes a number.
type Kind string

// The kinds that carry a number.
const (
	Individual Kind = "id"
	Company    Kind = "company"
)

// MaxInput bounds what is looked at, in bytes: the longest number has 18 characters, full-width 54 bytes.
const MaxInput = 96

// Number is a number that passed its rules. It prints masked; only [Number.Normal] gives it away.
type Number struct {
	kind    Kind
	normal  string
	warning Code
}

// Kind is what the number was parsed as.
func (n Number) Kind() Kind { return n.kind }

// Normal is the one spelling of the number: half-width, upper case, without separators, and without the issue count
// that older passes append, so that a renewed pass is the same person.
func (n Number) Normal() string { return n.normal }

// Warning is a doubt that does not refuse the number, or nil.
func (n Number) Warning() *Error {
	if n.warning == "" {
		return nil
	}
	return fail(n.warning)
}

// Masked shows enough for the holder to recognise the number.
func (n Number) Masked() string { return MaskNumber(n.normal) }

// String is Masked.
func (n Number) String() string { return n.Masked() }

// Format prints Masked for every verb, also where a Number is a field of something else.
func (n Number) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, n.Masked()) }

// LogValue is Masked for log/slog.
func (n Number) LogValue() slog.Value { return slog.StringValue(n.Masked()) }

// MarshalText is Masked: a Number never travels in the clear by accident.
func (n Number) MarshalText() ([]byte, error) { return []byte(n.Masked()), nil }

// Parse normalises what a person typed, or a card holds, and checks it by the rules of its kind. The error is an
// [*Error].
func Parse(kind Kind, input string) (Number, error) {
	if len(input) > MaxInput {
		return Number{}, fail(TooLong)
	}
	clean := normalise(input)
	if clean == "" {
		return Number{}, fail(Empty)
	}
	switch kind {
	case Individual:
		return parseIndividual(clean)
	case Company:
		return parseCompany(clean)
	default:
		return Number{}, fail(UnknownKind)
	}
}

// normalise makes full-width characters half-width, lower case upper, and drops spaces and dashes.
func normalise(input string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' { // full-width forms of ! to ~
			r -= '！' - '!'
		}
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r == ' ', r == '\u3000', r == '\u00A0', r == '\t', r == '-', r == '\u2010', r == '\u2013', r == '\u2014':
			return -1
		}
		return r
	}, strings.TrimSpace(input))
}

func parseIndividual(s string) (Number, error) {
	switch n := len([]rune(s)); {
	case isPass(s):
		return pass(s), nil
	case n == 18:
		return parse18(s)
	case n == 15:
		return parse15(s)
	default:
		if strings.Trim(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			return Number{}, fail(BadCharacter)
		}
		return Number{}, fail(WrongLength)
	}
}

// isPass fits `^[HM]\d{8}(\d{2})?$` and `^\d{8}(\d{2})?$`.
func isPass(s string) bool {
	rest := strings.TrimLeft(s, "HM")
	return len(s)-len(rest) <= 1 && (len(rest) == 8 || len(rest) == 10) && digits(rest)
}

func pass(s string) Number {
	if s[0] == 'H' || s[0] == 'M' {
		return Number{kind: Individual, normal: s[:9]}
	}
	return Number{kind: Individual, normal: s[:8]}
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
