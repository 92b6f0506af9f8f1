package ledger

import "yitang/server/hall"

// figures are what a hall's day is counted by, in the order of hall_days.
type figures struct {
	Events, Issued, Called, Served, Done, Missed, LeftEarly int64
	WaitMS                                                  int64
	Waits                                                   [waitClasses]int64
	ServiceMS                                               int64
	CasesOpened, CasesClosed                                int64
	Ratings, RatingSum, RatingsBad                          int64
}

const waitClasses = 9

// waitBounds are the classes of waiting, in minutes; the last one has no bound.
func waitBounds() [waitClasses - 1]int { return [...]int{5, 10, 15, 20, 30, 45, 60, 90} }

// add adds another day's figures, times sign.
func (f *figures) add(o *figures, sign int64) {
	to := f.list()
	for i, v := range o.list() {
		*to[i] += sign * *v
	}
}

// figureCount is how many there are.
const figureCount = 14 + waitClasses

// list is every figure, in the order of the columns.
func (f *figures) list() (l [figureCount]*int64) {
	l = [figureCount]*int64{&f.Events, &f.Issued, &f.Called, &f.Served, &f.Done, &f.Missed, &f.LeftEarly, &f.WaitMS}
	const waits = 8
	for i := range f.Waits {
		l[waits+i] = &f.Waits[i]
	}
	const rest = waits + waitClasses
	l[rest], l[rest+1], l[rest+2], l[rest+3], l[rest+4], l[rest+5] = &f.ServiceMS, &f.CasesOpened, &f.CasesClosed, &f.Ratings, &f.RatingSum, &f.RatingsBad
	return l
}

// of is what a ticket counts for on its day; nil counts nothing.
func (f *figures) of(t *ticket) {
	if t == nil {
		return
	}
	f.Issued = 1
	switch t.State {
	case hall.Done:
		f.Done = 1
	case hall.NoShow:
		f.Missed = 1
	case hall.Abandoned, hall.Cancelled:
		f.LeftEarly = 1
	}
	for i, l := range t.Legs {
		if i == 0 {
			f.wait(l.CalledAt - max(t.IssuedAt, t.Since))
		}
		if l.StartedAt != 0 && !l.unended() {
			f.Served = 1
			if l.EndedAt != 0 {
				f.ServiceMS += int64(l.EndedAt - l.StartedAt)
			}
		}
	}
}

func (f *figures) wait(ms hall.Millis) {
	ms = max(ms, 0)
	f.Called, f.WaitMS = 1, int64(ms)
	class := 0
	for bounds := waitBounds(); class < len(bounds) && ms >= hall.Millis(bounds[class])*60_000; {
		class++
	}
	f.Waits[class] = 1
}
