package account_test

import (
	"testing"

	"yitang/server/account"
)

func TestSeries(t *testing.T) {
	for user, want := range map[string]string{"kiosk-2": "K2", "kiosk-12": "K12", "kiosk": "KIOSK", "north-1": "NORTH1", "kiosk-b": "KIOSKB"} {
		if got := account.Series(user); got != want {
			t.Errorf("%s: %s, want %s", user, got, want)
		}
	}
	seen := map[string]string{}
	for _, user := range []string{"一楼东", "一楼西", "kiosk-on-the-second-floor", "kiosk-on-the-third-floor", "kiosk-12345678", "kiosk-1"} {
		s := account.Series(user)
		if len(s) == 0 || len(s) > 8 || seen[s] != "" {
			t.Errorf("%s: %q, as for %q", user, s, seen[s])
		}
		seen[s] = user
	}
}
