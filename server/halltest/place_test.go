package halltest_test

import (
	"testing"
	"time"

	"yitang/server/hall"
	"yitang/server/halltest"
)

// Whenever a test begins, half an hour later it is still the same business day.
func TestSteady(t *testing.T) {
	zone := time.FixedZone("Beijing", 8*3600)
	for minute := range 24 * 60 {
		at := time.Date(2026, 11, 26, 0, minute, 0, 0, time.UTC)
		now := halltest.Steady(func() time.Time { return at })
		begun := hall.BusinessDay(zone, now())
		at = at.Add(29 * time.Minute)
		if ended := hall.BusinessDay(zone, now()); ended != begun {
			t.Fatalf("a test that begins at minute %d begins on %s and ends on %s", minute, begun, ended)
		}
	}
}

// A port that is free again, as while a hall is down, is given to no other test.
func TestAddress(t *testing.T) {
	given := map[string]bool{}
	for range 200 {
		at := halltest.Address(t)
		if given[at] {
			t.Fatalf("%s is given out twice", at)
		}
		given[at] = true
	}
}
