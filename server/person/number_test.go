package person_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yitang/server/person"
)

func TestParseAccepts(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		kind   person.Kind
		input  string
		normal string
		mask   string
	}{
		{person.Individual, "11010519491231002X", "11010519491231002X", "110***********002X"},
		{person.Individual, "11010519491231002x", "11010519491231002X", "110***********002X"},
		{person.Individual, "１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X", "110***********002X"},
		{person.Individual, " 110105 19491231 002X\t", "11010519491231002X", "110***********002X"},
		{person.Individual, "810000199001010027", "810000199001010027", "810***********0027"},
		{person.Individual, "820000198505050038", "820000198505050038", "820***********0038"},
		{person.Individual, "830000198002020015", "830000198002020015", "830***********0015"},
		{person.Individual, "932682198501010017", "932682198501010017", "932***********0017"},
		{person.Individual, "911124198108030024", "911124198108030024", "911***********0024"},
		{person.Individual, "931586198001010028", "931586198001010028", "931***********0028"},
		{person.Individual, "pak310080010103", "PAK310080010103", "PAK********0103"},
		{person.Individual, "h01234567", "H01234567", "H******67"},
		{person.Individual, "M0123456702", "M01234567", "M******67"},
		{person.Individual, "01234567", "01234567", "0*****67"},
		{person.Individual, "0123456701", "01234567", "0*****67"},
		{person.Company, "91350100M000100Y43", "91350100M000100Y43", "913***********0Y43"},
		{person.Company, "91110000802100433b", "91110000802100433B", "911***********433B"},
	} {
		t.Run(tc.input, func(t *testing.T) {
			t.Parallel()
			n, err := person.Parse(tc.kind, tc.input)
			if err != nil {
				t.Fatal(err)
			}
			if n.Normal() != tc.normal || n.Kind() != tc.kind || n.Masked() != tc.mask {
				t.Errorf("got %s %s %s", n.Normal(), n.Kind(), n.Masked())
			}
			if n.Warning() != nil {
				t.Errorf("warns: %v", n.Warning())
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		kind  person.Kind
		input string
		want  person.Code
	}{
		{person.Individual, "", person.Empty},
		{person.Individual, " 　- ", person.Empty},
		{"none", "11010519491231002X", person.UnknownKind},
		{person.Individual, strings.Repeat("1", person.MaxInput+1), person.TooLong},
		{person.Individual, "1101051949123100", person.WrongLength},
		{person.Individual, "110105194912310021", person.BadCheckDigit},
		{person.Individual, "110105194912310020", person.BadCheckDigit},
		{person.Individual, "1X010519491231002X", person.BadCharacter},
		{person.Individual, "11010519491231002A", person.BadCharacter},
		{person.Individual, "张三", person.BadCharacter},
		{person.Individual, "张10105194912310021", person.BadCharacter},
		{person.Individual, "16010519491231002X", person.BadProvince},
		{person.Individual, "110105199002300020", person.BadBirth},
		{person.Individual, "110105190002290028", person.BadBirth},
		{person.Individual, "110105000101010020", person.BadBirth},
		{person.Individual, "110105491231002", person.FirstGeneration},
		{person.Individual, "PA1310080010103", person.BadCharacter},
		{person.Individual, "HM1234567", person.WrongLength},
		{person.Individual, "X01234567", person.WrongLength},
		{person.Company, "91350100M000100Y4", person.WrongCodeLength},
		{person.Company, "91350100M000100Y44", person.BadCodeCheck},
		{person.Company, "91350100I000100Y43", person.BadCodeCharacter},
		{person.Company, "91350100Ω000100Y4", person.BadCodeCharacter},
	} {
		t.Run(tc.input, func(t *testing.T) {
			t.Parallel()
			_, err := person.Parse(tc.kind, tc.input)
			var e *person.Error
			if !errors.As(err, &e) || e.Code != tc.want {
				t.Fatalf("got %v, want %s", err, tc.want)
			}
			if e.Message == "" || !strings.HasSuffix(e.Message, "。") {
				t.Errorf("no sentence for %s: %q", e.Code, e.Message)
			}
		})
	}
}

func TestOldResidenceCardWarnsOnly(t *testing.T) {
	t.Parallel()
	for input, want := range map[string]person.Code{
		"CAN110081080319": person.BadCheckDigit, // the published specimen breaks the published rule
		"CAN110081130319": person.BadBirth,
	} {
		n, err := person.Parse(person.Individual, input)
		if err != nil {
			t.Fatal(err)
		}
		if w := n.Warning(); w == nil || w.Code != want {
			t.Errorf("%s: warning %v, want %s", input, w, want)
		}
	}
}

// Any single wrong digit and any swap of neighbours must be caught: that is what MOD 11-2 is for.
func TestCheckDigitCatchesSlips(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		good := rapid.SampledFrom([]string{"11010519491231002X", "810000199001010027", "932682198501010017"}).Draw(t, "good")
		slip := []byte(good)
		at := rapid.IntRange(0, 16).Draw(t, "at")
		if rapid.Bool().Draw(t, "swap") && at < 16 {
			slip[at], slip[at+1] = slip[at+1], slip[at]
		} else {
			slip[at] = byte('0' + rapid.IntRange(0, 9).Draw(t, "digit"))
		}
		if _, err := person.Parse(person.Individual, string(slip)); err == nil && string(slip) != good {
			t.Fatalf("%s accepted for %s", slip, good)
		}
	})
}

func TestParseIsIdempotentAndNeverPanics(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]person.Kind{person.Individual, person.Company}).Draw(t, "kind")
		in := rapid.OneOf(rapid.String(), rapid.StringMatching(`[HM]?\d{8,18}[Xx]?`)).Draw(t, "input")
		n, err := person.Parse(kind, in)
		if err != nil {
			return
		}
		again, err := person.Parse(kind, n.Normal())
		if err != nil || again.Normal() != n.Normal() {
			t.Fatalf("%q: again %v %v", in, again, err)
		}
	})
}

func TestNumberPrintsMasked(t *testing.T) {
	t.Parallel()
	n, err := person.Parse(person.Individual, "11010519491231002X")
	if err != nil {
		t.Fatal(err)
	}
	text, _ := n.MarshalText()
	holder := struct{ N person.Number }{n}
	for _, s := range []string{
		fmt.Sprint(n), fmt.Sprintf("%#v %+v %q %x %d", n, n, n, n, n), fmt.Sprintf("%+v", holder), string(text), n.LogValue().String(),
	} {
		if strings.Contains(s, "19491231") || strings.Contains(s, fmt.Sprintf("%x", "19491231")) || !strings.Contains(s, "002X") {
			t.Errorf("prints %q", s)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "11010519491231002X", "H0123456701", "PAK310080010103", "91350100M000100Y43", "一１x\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, kind := range []person.Kind{person.Individual, person.Company, "none"} {
			n, err := person.Parse(kind, s)
			var e *person.Error
			if err != nil && !errors.As(err, &e) {
				t.Fatalf("error of another type: %v", err)
			}
			if err == nil && strings.Contains(n.Masked(), n.Normal()) {
				t.Fatalf("%s is not masked", n.Normal())
			}
		}
	})
}
