package idcard

import (
	"encoding/binary"
	"fmt"
	"strings"
	"time"
	"unicode/utf16"
)

// RecordSize is the length of a text record: UTF-16LE, padded with U+0020. Offsets and lengths below are in bytes.
const RecordSize = 256

const offType = 248

// field is a place in a record.
type field struct{ at, size int }

// RecordError says which field of a record is not as the standard wants it. It never holds the field's value.
type RecordError struct{ Field string }

func (e *RecordError) Error() string { return "idcard: record: " + e.Field + " is not valid" }

// ParseRecord reads a text record of any of the four types. The address is skipped.
func ParseRecord(rec []byte) (Card, error) {
	if len(rec) != RecordSize {
		return Card{}, fmt.Errorf("idcard: record: %d bytes instead of %d", len(rec), RecordSize)
	}
	r := record{b: rec}
	var c Card
	switch binary.LittleEndian.Uint16(rec[offType:]) {
	case ' ', 'A', '0', 0: // a space on the chip; A and 0, written either way, are what some modules make of it
		c = r.resident()
	case 'J':
		c = r.hmt()
	case 'Y':
		c = r.foreignNew()
	case 'I':
		c = r.foreignOld()
	default:
		return Card{}, &RecordError{Field: "type"}
	}
	if r.err != nil {
		return Card{}, r.err
	}
	return c, nil
}

// record reads fields and remembers the first that is wrong.
type record struct {
	b   []byte
	err error
}

func (r *record) resident() Card {
	c := r.common(Resident)
	c.Ethnicity = EthnicityName(r.text(field{32, 4}))
	return c
}

func (r *record) hmt() Card {
	c := r.common(HMT)
	c.PassNumber = r.text(field{220, 18})
	c.IssueCount = r.text(field{238, 4})
	return c
}

func (r *record) foreignNew() Card {
	c := r.common(ForeignNew)
	c.IssueCount = r.text(field{32, 4})
	c.EnglishName = r.text(field{52, 70}, field{220, 22})
	c.Nationality = r.text(field{242, 6})
	c.OldLink = r.text(field{250, 6})
	c.Name = r.name(c.Name, c.EnglishName)
	return c
}

// common reads what the resident record, the residence permit and the form of 2023 have in the same places.
func (r *record) common(t Type) Card {
	c := Card{
		Type:      t,
		Name:      r.text(field{0, 30}),
		Sex:       sexOf(r.text(field{30, 2})),
		Birth:     r.date("birth", field{36, 16}),
		Number:    r.number(field{122, 36}),
		ValidFrom: r.date("valid_from", field{188, 16}),
		ValidTo:   r.end(field{204, 16}),
	}
	if t != ForeignNew {
		c.Name = r.name(c.Name, "")
	}
	return c
}

func (r *record) foreignOld() Card {
	c := Card{
		Type:        ForeignOld,
		EnglishName: r.text(field{0, 120}),
		Sex:         sexOf(r.text(field{120, 2})),
		Number:      r.number(field{122, 30}),
		Nationality: r.text(field{152, 6}),
		Name:        r.text(field{158, 30}),
		ValidFrom:   r.date("valid_from", field{188, 16}),
		ValidTo:     r.end(field{204, 16}),
		Birth:       r.date("birth", field{220, 16}),
	}
	c.Name = r.name(c.Name, c.EnglishName)
	return c
}

// text decodes the parts as one string. Surrogate pairs become their character, private-use code points stay (rare
// characters of names live there), half a pair becomes U+FFFD. Padding is removed at both ends only.
func (r *record) text(parts ...field) string {
	var units []uint16
	for _, f := range parts {
		for at := f.at; at < f.at+f.size; at += 2 {
			units = append(units, binary.LittleEndian.Uint16(r.b[at:]))
		}
	}
	return strings.Trim(string(utf16.Decode(units)), " \x00")
}

func (r *record) name(chinese, english string) string {
	if chinese == "" {
		chinese = english
	}
	if chinese == "" {
		r.fail("name")
	}
	return chinese
}

func (r *record) number(f field) string {
	s := strings.ToUpper(r.text(f))
	for _, c := range s {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			r.fail("number")
		}
	}
	if s == "" {
		r.fail("number")
	}
	return s
}

// date turns YYYYMMDD into YYYY-MM-DD. An empty field stays empty: not every card has every date.
func (r *record) date(name string, f field) string {
	s := r.text(f)
	if s == "" {
		return ""
	}
	t, err := time.Parse("20060102", s)
	if err != nil {
		r.fail(name)
		return ""
	}
	return t.Format(time.DateOnly)
}

func (r *record) end(f field) string {
	if r.text(f) == Forever {
		return Forever
	}
	return r.date("valid_to", f)
}

func (r *record) fail(name string) {
	if r.err == nil {
		r.err = &RecordError{Field: name}
	}
}
