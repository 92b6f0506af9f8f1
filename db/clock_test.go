package db_test

import (
	"context"
	"testing"

	"yitang/server/hall"
)

// A day that was opened by a clock that was ahead holds up neither retention nor the daily signature, once the clock was set back,
// and what a day has given out is known when it comes again.
func TestADayOfAWrongClock(t *testing.T) {
	b := newBook(t)
	ctx := context.Background()
	const dayMS = 24 * 60 * 60 * 1000
	first := b.at
	next := func(day hall.Day, at hall.Millis, clockSet bool) {
		t.Helper()
		b.at = at
		if clockSet {
			b.do(hall.System, hall.SetClock{Day: day})
		}
		given, err := b.d.Given(ctx, day)
		if err != nil {
			t.Fatal(err)
		}
		b.do(hall.System, hall.OpenDay{Day: day, Given: given})
		b.take("A-1")
		b.do(hall.System, hall.CloseDay{})
		if open, err := b.d.Unsigned(ctx, false); err != nil || open != day {
			t.Errorf("after %s the head of %q is due (%v)", day, open, err)
		}
		b.do(hall.System, hall.SignHead{HeadSigned: hall.HeadSigned{Of: day, Seq: b.s.Seq()}})
		if open, err := b.d.Unsigned(ctx, false); err != nil || open != "" {
			t.Errorf("the head of %s is signed, that of %q is due (%v)", day, open, err)
		}
	}
	b.do(hall.System, hall.AdoptLayout{Layout: layout("1")})
	next("2025-06-03", first, false)
	next("2025-06-12", first+9*dayMS, false) // by a wrong clock
	next("2025-06-03", first+60_000, true)
	next("2025-06-04", first+dayMS, false)
	next("2025-06-05", first+2*dayMS, false)
	if g, err := b.d.Given(ctx, "2025-06-03"); err != nil || g.Numbers["A"] != 2 {
		t.Errorf("%+v %v: A001 and A002 were given on that day", g, err)
	}
	plan, err := b.d.PurgePlan(ctx, "2025-06-04", "2025-06-04")
	days := 0
	if err == nil && plan != nil {
		_, days, err = b.d.PurgeAllPlan(ctx, plan, "2025-06-04")
	}
	if err != nil || days != 4 {
		t.Errorf("retention takes %d stretches up to the fourth of June, want 4: %+v %v", days, plan, err)
	}
}
