package escpos_test

import (
	"strings"
	"testing"

	"yitang/drivers/escpos"
)

func TestSamplesFitEveryPaper(t *testing.T) {
	for _, model := range []escpos.Model{escpos.Generic80, escpos.Generic58} {
		for _, kind := range []escpos.SampleKind{escpos.SampleTicket, escpos.SampleChecklist, escpos.SampleSelfTest} {
			for _, language := range []string{"zh", "ug", "kk", "en"} {
				b := escpos.NewBuilder(escpos.ProfileFor(model), escpos.NewShaper())
				if err := escpos.Sample(b, kind, language); err != nil {
					t.Fatalf("%s %s %s: %v", model, kind, language, err)
				}
				bytes, err := b.Bytes()
				if err != nil {
					t.Fatalf("%s %s %s: %v", model, kind, language, err)
				}
				ops, err := escpos.Decode(bytes)
				if err != nil {
					t.Fatalf("%s %s %s: %v", model, kind, language, err)
				}
				doc := escpos.Document{Ops: ops}
				if len(doc.QRCodes()) != 1 {
					t.Errorf("%s %s %s: %d QR codes", model, kind, language, len(doc.QRCodes()))
				}
				if kind == escpos.SampleTicket && !strings.Contains(doc.Text(), "A012") {
					t.Errorf("%s %s: no number in\n%s", model, language, doc.Text())
				}
			}
		}
	}
}

func TestSampleRefusesWhatItDoesNotKnow(t *testing.T) {
	b := escpos.NewBuilder(escpos.ProfileFor(escpos.Generic80), nil)
	if err := escpos.Sample(b, "poem", "zh"); err == nil || !strings.Contains(err.Error(), "selftest") {
		t.Errorf("kind: %v", err)
	}
	if err := escpos.Sample(b, escpos.SampleTicket, "fr"); err == nil || !strings.Contains(err.Error(), "zh") {
		t.Errorf("language: %v", err)
	}
}
