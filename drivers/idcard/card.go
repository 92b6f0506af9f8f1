package idcard

import (
	"fmt"
	"io"
	"log/slog"
)

// Type of card, decided by the code unit at offset 248 of the record.
type Type string

// The four records that share the chip.
const (
	Resident   Type = "resident" // 居民身份证
	HMT        Type = "hmt"      // 港澳台居民居住证
	ForeignNew Type = "pr2023"   // 外国人永久居留身份证, form of 2023
	ForeignOld Type = "pr_old"   // 外国人永久居留身份证, old form
)

// Forever is ValidTo of a card without end.
const Forever = "长期"

// Card is what is kept of a record. Dates are YYYY-MM-DD, or "" where the card has none. Its JSON is for the person's
// own use (`yitang device card`); everything that prints or logs a Card shows the type only: see [Card.String].
type Card struct {
	Type      Type      `json:"type"`
	Name      string    `json:"name"` // the Chinese one, else the English
	Sex       Sex       `json:"sex"`
	Ethnicity string    `json:"ethnicity"` // name, the code when unknown, "" where the card has none
	Birth     string    `json:"birth"`
	Number    string    `json:"number"`
	ValidFrom string    `json:"valid_from"`
	ValidTo   string    `json:"valid_to"` // or [Forever]
	SAM       SAMNumber `json:"sam"`      // the module that read it

	EnglishName string `json:"-"` // foreigners only
	Nationality string `json:"-"` // ISO 3166 alpha-3, foreigners only
	PassNumber  string `json:"-"` // Hong Kong, Macao and Taiwan residents only
	IssueCount  string `json:"-"` // two digits: issues of the pass, renewals of the form of 2023
	OldLink     string `json:"-"` // form of 2023: city (2) and sequence (1) of the holder's old number
}

// String names the type and nothing personal.
func (c Card) String() string { return fmt.Sprintf("idcard.Card{%s}", c.Type) }

// GoString is String: %#v would otherwise print the fields.
func (c Card) GoString() string { return c.String() }

// Format makes every verb of fmt print String, also where a Card is a field of something else.
func (c Card) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue is for log/slog. With zerolog write Stringer("card", c), never Interface or Any, which use the JSON.
func (c Card) LogValue() slog.Value { return slog.StringValue(c.String()) }
