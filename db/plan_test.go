package db_test

import (
	"strings"
	"testing"

	"yitang/db"
)

// TestReplayPlan holds a start to the indexes, so that a journal of ten years opens as fast as one of a day.
func TestReplayPlan(t *testing.T) {
	rows, err := lived(t).raw().Query("EXPLAIN QUERY PLAN " + db.ReplayDay)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	plan := strings.Join(steps, "\n")
	for _, slow := range []string{"SCAN events", "(rowid<?)", "SEARCH events\n"} {
		if strings.Contains(plan, slow) {
			t.Errorf("%q in the plan:\n%s", slow, plan)
		}
	}
	for _, index := range []string{"events_days", "events_layouts", "events_screens"} {
		if !strings.Contains(plan, index) {
			t.Errorf("%s is not used:\n%s", index, plan)
		}
	}
}
