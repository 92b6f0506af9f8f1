package db_test

import (
	"testing"

	"yitang/server/hall"
)

// A day that was opened again is no past one until it ends again, and is to be signed then, although it was signed before.
func TestAReopenedDay(t *testing.T) {
	b := lived(t)
	const last = hall.Day("2025-06-05")
	look := func(when string, past int, open bool, unsigned hall.Day) {
		t.Helper()
		if days, err := b.d.WorkedDays(t.Context(), "", "9999", 10); err != nil || len(days) != past {
			t.Errorf("%s: past days %v, %v", when, days, err)
		}
		if loads, err := b.d.DayLoads(t.Context(), 10); err != nil || len(loads) != past {
			t.Errorf("%s: loads %v, %v", when, loads, err)
		}
		if day, err := b.d.Unsigned(t.Context(), open); err != nil || day != unsigned {
			t.Errorf("%s: unsigned %q, %v", when, day, err)
		}
	}
	b.do(hall.System, hall.CloseDay{})
	b.do(hall.System, hall.SignHead{HeadSigned: hall.HeadSigned{Of: last, Seq: b.s.Seq()}})
	look("signed", 3, false, "")
	b.do("user:chief", hall.ReopenDay{Day: last})
	b.take("A-1")
	look("reopened", 2, true, "")
	b.do(hall.System, hall.CloseDay{})
	look("ended again", 3, false, last)
	b.do(hall.System, hall.SignHead{HeadSigned: hall.HeadSigned{Of: last, Seq: b.s.Seq()}})
	look("signed again", 3, false, "")
	if v := b.verify(); v.Fault != "" {
		t.Error(v.Fault)
	}
}
