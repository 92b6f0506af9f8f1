package led

import (
	"fmt"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// Charset is how text stands on the line.
type Charset string

// The charsets.
const (
	GBK   Charset = "gbk"
	ASCII Charset = "ascii"
)

// gbkLead is the first byte that begins a character of two.
const gbkLead = 0x81

func (c Charset) check() error {
	if c != GBK && c != ASCII {
		return fmt.Errorf("charset %q", c)
	}
	return nil
}

// encode gives the bytes of each character.
func (c Charset) encode(text string) ([][]byte, error) {
	var all [][]byte
	for _, r := range text {
		b, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(string(r)))
		single := r >= printableMin && r <= printableMax
		if err != nil || !single && (c == ASCII || len(b) != 2) {
			return nil, cannot("%s has no %q", c, r)
		}
		all = append(all, b)
	}
	return all, nil
}

// decode is the counterpart of encode; tail is how many bytes follow each character, and they are given apart.
func (c Charset) decode(b []byte, tail int) (chars []string, tails []byte, err error) {
	for len(b) > 0 {
		n := 1
		if c == GBK && b[0] >= gbkLead {
			n = 2
		}
		if len(b) < n+tail {
			return nil, nil, broken("half a character")
		}
		char, err := simplifiedchinese.GBK.NewDecoder().Bytes(b[:n])
		if err != nil {
			return nil, nil, broken("% X is no character", b[:n])
		}
		if again, err := c.encode(string(char)); err != nil || len(again) != 1 || string(again[0]) != string(b[:n]) {
			return nil, nil, broken("% X is no character", b[:n])
		}
		chars = append(chars, string(char))
		tails = append(tails, b[n:n+tail]...)
		b = b[n+tail:]
	}
	return chars, tails, nil
}
