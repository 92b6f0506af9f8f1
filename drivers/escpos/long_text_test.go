package escpos_test

import (
	"strings"
	"testing"

	"yitang/drivers/escpos"
)

// However long a text is, and however the stream is cut, every character comes out whole.
func TestLongTextIsCutBetweenCharacters(t *testing.T) {
	for _, text := range []string{strings.Repeat("号", 5000), "A" + strings.Repeat("号", 5000), "A" + strings.Repeat("㐂", 3000)} {
		job, err := escpos.Encode(escpos.Chinese{On: true}, escpos.Text{S: text})
		if err != nil {
			t.Fatal(err)
		}
		var d escpos.Decoder
		ops := d.Feed(job[:4999])
		ops = append(ops, d.Feed(append(job[4999:], '\n'))...)
		if got := (escpos.Document{Ops: ops}).Text(); got != text+"\n" {
			t.Errorf("%.10s… of %d bytes became %d bytes, first difference at %d", text, len(text), len(got), differ(got, text))
		}
	}
}

func differ(a, b string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}
