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

// Even is the first k numbers of an even stream of n.
func Even(n int, seed uint64, k int) []float64 {
	e, list := newEven(n, seed, 1), make([]float64, k)
	for i := range list {
		list[i] = e.next()
	}
	return list
}
