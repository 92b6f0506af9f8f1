package idcard_test

import (
	"strings"
	"testing"

	"yitang/drivers/idcard"
)

func TestStatusAdvice(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		st   idcard.Status
		code idcard.Code
	}{
		{0x90, idcard.TellNothing}, {0x9F, idcard.TellNothing}, {0x91, idcard.TellNothing}, {0x80, idcard.TellNothing}, {0x81, idcard.TellNothing},
		{0x10, idcard.TellWait}, {0x24, idcard.TellWait}, {0x47, idcard.TellWait},
		{0x11, idcard.TellProgramming}, {0x21, idcard.TellProgramming}, {0x23, idcard.TellProgramming},
		{0x31, idcard.TellPlaceAgain}, {0x3F, idcard.TellPlaceAgain}, {0x41, idcard.TellPlaceAgain}, {0xEE, idcard.TellPlaceAgain},
		{0x32, idcard.TellCounter}, {0x33, idcard.TellCounter}, {0x37, idcard.TellCounter},
		{0x40, idcard.TellNotIDCard}, {0x60, idcard.TellOutOfOrder}, {0x66, idcard.TellOutOfOrder},
	} {
		a := tc.st.Advice()
		if a.Code != tc.code {
			t.Errorf("%v: %s, want %s", tc.st, a.Code, tc.code)
		}
		if (a.Sentence == "") != (a.Code == idcard.TellNothing) {
			t.Errorf("%v: sentence %q", tc.st, a.Sentence)
		}
		if tc.st != 0xEE && strings.Contains(tc.st.String(), "undocumented") {
			t.Errorf("%v has no meaning", tc.st)
		}
	}
}

func TestEveryCodeHasASentence(t *testing.T) {
	t.Parallel()
	seen := map[string]idcard.Code{}
	for _, code := range []idcard.Code{
		idcard.TellWait, idcard.TellPlaceAgain, idcard.TellNotIDCard, idcard.TellCounter, idcard.TellOutOfOrder,
		idcard.TellProgramming, idcard.TellNoCard, idcard.WhySelfTest, idcard.WhyNotAuthorised, idcard.WhySilent,
		idcard.WhyBabbling, idcard.WhyVanished, idcard.WhyBusy, idcard.WhyUnusable, idcard.WhyRefuses,
	} {
		s := idcard.Advise(code).Sentence
		if !strings.HasSuffix(s, "。") || seen[s] != "" {
			t.Errorf("%s: %q (also %s)", code, s, seen[s])
		}
		seen[s] = code
	}
}
