package forecast_test

import (
	"testing"

	"yitang/server/forecast"
	"yitang/server/hall"
)

// TestAlarmsMeanWhatIsTold: there is an alarm where half of the ordinary people who come will wait too long, as the table of the fields says
// beside it: neither rare long waits nor the short ones of those with priority change that.
func TestAlarmsMeanWhatIsTold(t *testing.T) {
	for _, c := range []struct {
		name    string
		windows int
		prior   float64
		policy  string
		shut    int // of twelve past days, on which windows closed from half past nine to the evening
		alarms  bool
	}{
		{"one past day in twelve was bad", 6, 0, "", 1, false},
		{"most past days were bad", 6, 0, "", 9, true},
		{"half have priority", 2, 0.5, "strict", 0, true},
		{"all is well", 8, 0.5, "strict", 0, false},
	} {
		p, start := quiet(t, truth{windows: repeat("A", 8), rates: []float64{24}, mean: []float64{6}, prior: c.prior, policy: c.policy})
		p.adopt(start, func(l *hall.Layout) { l.Calling.AlarmMin = 15 })
		for _, w := range p.layout.Windows[:c.windows] {
			p.do(hall.OpenWindow{Window: w.ID}, start)
			for day := range 12 {
				nine := start - hall.Millis(day+1)*dayMS
				if day < c.shut {
					p.spells = append(p.spells, hall.PastSpell{Window: w.ID, Since: nine, Until: nine + hourMS/2}, hall.PastSpell{Window: w.ID, Since: nine + 8*hourMS, Until: nine + 9*hourMS})
				} else {
					p.spells = append(p.spells, hall.PastSpell{Window: w.ID, Since: nine, Until: nine + 8*hourMS})
				}
			}
		}
		now := start + hourMS/3
		known := forecast.Learn(p.layout, p.past, p.spells, now, "2025-06-05", offset)
		if alarms := known.Alarms(p.s.View(), now, 1); (len(alarms) > 0) != c.alarms || c.alarms && alarms[0].WaitMin <= 15 {
			t.Errorf("%s: %+v", c.name, alarms)
		}
	}
}
