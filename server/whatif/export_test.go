package whatif

import "yitang/server/hall"

// Trace replays one day and says step by step what happened.
func Trace(l *hall.Layout, d *Day, see func(Step)) (*Result, error) {
	t := newTally(l, l)
	t.trace = see
	if err := t.day(d); err != nil {
		return nil, err
	}
	return t.result(), nil
}
