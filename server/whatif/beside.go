package whatif

import (
	"cmp"
	"slices"

	"yitang/server/hall"
)

// flow is a change of how many wait, are served and sit at open windows.
type flow struct {
	at                  hall.Millis
	waiting, busy, open int
}

// beside is for how many seconds a call an open window was free while somebody waited; each has everybody's wait. Who went to
// several windows counts as if one had followed the other at once.
func beside(days []Day, each [][]hall.Millis) float64 {
	total, calls := hall.Millis(0), 0
	for i := range days {
		if days[i].Stay { // a history of tickets: the windows' hours are ours
			continue
		}
		idle, n := days[i].beside(each[i])
		total, calls = total+idle, calls+n
	}
	return float64(total) / 1000 / float64(max(calls, 1))
}

func (d *Day) beside(waits []hall.Millis) (idle hall.Millis, calls int) {
	var list []flow
	for i, wait := range waits {
		v := &d.Visits[i]
		if wait == Unknown {
			continue
		}
		calls++
		called := v.At + wait
		list = append(list, flow{at: v.At, waiting: 1}, flow{at: called, waiting: -1, busy: 1}, flow{at: called + v.Service, busy: -1})
	}
	for _, s := range d.Spells {
		list = append(list, flow{at: s.From, open: 1}, flow{at: s.To, open: -1})
	}
	slices.SortFunc(list, func(a, b flow) int { return cmp.Compare(a.at, b.at) })
	now := flow{}
	for _, f := range list {
		idle += (f.at - now.at) * hall.Millis(max(0, min(now.waiting, now.open-now.busy)))
		now = flow{f.at, now.waiting + f.waiting, now.busy + f.busy, now.open + f.open}
	}
	return idle, calls
}
