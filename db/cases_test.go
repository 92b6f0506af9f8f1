package db_test

import (
	"testing"

	"yitang/db"
	"yitang/server/hall"
)

// TestCasesAreFound by number, person and department, and no more than asked for; the searches use their indexes, so that
// ten years of closed cases cost a clerk nothing.
func TestCasesAreFound(t *testing.T) {
	b := lived(t)
	ctx := t.Context()
	const first, second hall.CaseID = "20250603-0001", "20250604-0001"
	k, err := b.d.Case(ctx, first)
	if err != nil || k == nil || k.Matter != "B-1" || len(k.Notices) != 1 {
		t.Fatalf("%+v, %v", k, err)
	}
	if none, err := b.d.Case(ctx, "x"); none != nil || err != nil {
		t.Errorf("%+v, %v", none, err)
	}
	if list, err := b.d.CasesOf(ctx, k.Subject, 0, 10); err != nil || len(list) != 1 || list[0].ID != first {
		t.Errorf("by person: %+v, %v", list, err)
	}
	if list, err := b.d.CasesOf(ctx, "", 0, 10); err != nil || len(list) != 0 {
		t.Errorf("nobody's: %+v, %v", list, err)
	}
	if list, err := b.d.Cases(ctx, hall.CaseFilter{Department: k.Department, Limit: 10}); err != nil || len(list) != 2 {
		t.Errorf("by department: %+v, %v", list, err)
	}
	if list, err := b.d.Cases(ctx, hall.CaseFilter{State: "ready", Limit: 10}); err != nil || len(list) != 0 {
		t.Errorf("by state: %+v, %v", list, err)
	}
	if visits, err := b.d.Visits(ctx, second); err != nil || len(visits) != 1 || visits[0].Purpose != hall.Presence || visits[0].Derived != hall.Apply {
		t.Errorf("visits: %+v, %v", visits, err)
	}
	kept, err := b.d.Kept(ctx)
	if err != nil || len(kept.Cases) != 2 || kept.Cases[0].ID != first || len(kept.Tasks) != 2 {
		t.Errorf("kept: %+v, %v", kept, err)
	}
	b.close()
	again := hall.New(firstCome{})
	again.Restore(kept)
	for _, c := range kept.Cases {
		if got := again.Case(c.ID); got == nil || again.FindCase(c.Subject, c.Matter) != got {
			t.Errorf("%s was not restored", c.ID)
		}
	}
	w := b.raw()
	for _, q := range []string{db.CasesOfQuery, "SELECT body FROM cases WHERE closed_at = 0"} {
		rows, err := w.Query("EXPLAIN QUERY PLAN "+q, "p", 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var id, parent, unused int
			var step string
			if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
				t.Fatal(err)
			}
			if step == "SCAN cases" {
				t.Errorf("%s reads every case", q)
			}
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// firstCome is a rule that calls nobody.
type firstCome struct{}

func (firstCome) Next(*hall.State, hall.WindowID, hall.Millis) (*hall.Ticket, hall.Why) {
	return nil, hall.Why{}
}
