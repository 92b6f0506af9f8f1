package db_test

import (
	"context"
	"testing"

	"yitang/server/hall"
)

// TestPast: what was lived comes back as it was, day by day; the open day is no past one.
func TestPast(t *testing.T) {
	b := lived(t)
	ctx := context.Background()
	days, err := b.d.WorkedDays(ctx, "", "9999", 10)
	if err != nil || len(days) != 2 || days[0] != "2025-06-03" || days[1] != "2025-06-04" {
		t.Fatalf("%v, %v", days, err)
	}
	if days, err = b.d.WorkedDays(ctx, "", "9999", 1); err != nil || len(days) != 1 || days[0] != "2025-06-04" {
		t.Errorf("the last one: %v, %v", days, err)
	}
	if loads, err := b.d.DayLoads(ctx, 1); err != nil || len(loads) != 1 || loads[0].Day != "2025-06-04" || loads[0].Tickets == 0 {
		t.Errorf("the load of the last one: %v, %v", loads, err)
	}
	if loads, err := b.d.DayLoads(ctx, 10); err != nil || len(loads) != 2 || loads[0] != (hall.DayLoad{Day: "2025-06-03", Tickets: 8}) {
		t.Errorf("the loads: %v, %v", loads, err)
	}
	n, windows := 0, 0
	err = b.d.WorkedTickets(ctx, "2025-06-03", "2025-06-03", func(p *hall.WorkedTicket) error {
		n++
		windows = max(windows, p.Windows)
		if p.State == hall.Done && (p.CalledAt <= p.IssuedAt || p.AtWindow <= 0) || p.State == hall.Abandoned && p.CalledAt != 0 && p.Windows == 0 {
			t.Errorf("%+v", p)
		}
		if n == 1 && (len(p.Matters) != 2 || p.CalledAt == 0 || p.Priority != hall.Ordinary) {
			t.Errorf("the first: %+v", p)
		}
		return nil
	})
	if err != nil || n != 8 || windows != 1 {
		t.Errorf("%d tickets at %d windows, %v", n, windows, err)
	}
	spells, err := b.d.WorkedSpells(ctx, 0, 1<<60)
	if err != nil || len(spells) != 4 { // each day is cut in two by the pause
		t.Fatalf("%+v, %v", spells, err)
	}
	for _, s := range spells {
		if s.Window != "1" || s.Till <= s.Since {
			t.Errorf("%+v", s)
		}
	}
	reasons, err := b.d.Reasons(ctx, "20250603-A001")
	if err != nil || len(reasons) == 0 || reasons[0].Window != "1" || reasons[0].Leg != 1 || reasons[0].Why.Rule != "fcfs" || len(reasons[0].Why.Heads) == 0 {
		t.Errorf("%+v, %v", reasons, err)
	}
	versions, err := b.d.LayoutVersions(ctx, 10)
	if err != nil || len(versions) != 2 || versions[0].Version != "2" || versions[1].Version != "1" || versions[0].Planned || versions[0].By != hall.System {
		t.Fatalf("%+v, %v", versions, err)
	}
	changed := versions[0].At
	for _, c := range []struct {
		from, before hall.Millis
		want         string
	}{{0, 1 << 60, "12"}, {0, changed, "1"}, {changed - 1, changed + 1, "12"}, {changed, 1 << 60, "2"}, {changed + 1, 1 << 60, "2"}} {
		got := ""
		err := b.d.LayoutsInForce(ctx, c.from, c.before, func(_ hall.Millis, l *hall.Layout) error {
			got += l.Version
			return nil
		})
		if err != nil || got != c.want {
			t.Errorf("in force from %d to %d: %q, %v; want %q", c.from, c.before, got, err, c.want)
		}
	}
}
