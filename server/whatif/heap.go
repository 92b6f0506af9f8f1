package whatif

import "yitang/server/hall"

// due is something that happens at a time: a window is done, a person loses patience.
type due struct {
	at hall.Millis
	id uint64
}

func (d due) before(o due) bool { return d.at < o.at || d.at == o.at && d.id < o.id }

// dues is a heap, the next one first.
type dues []due

// next is when the first is due; ok is false when nothing is.
func (h dues) next() (at hall.Millis, ok bool) {
	if len(h) == 0 {
		return 0, false
	}
	return h[0].at, true
}

func (h *dues) push(d due) {
	*h = append(*h, d)
	list := *h
	for i := len(list) - 1; i > 0; {
		up := (i - 1) / 2
		if !list[i].before(list[up]) {
			return
		}
		list[i], list[up] = list[up], list[i]
		i = up
	}
}

func (h *dues) pop() due {
	list := *h
	top, n := list[0], len(list)-1
	list[0] = list[n]
	list = list[:n]
	*h = list
	for i := 0; ; {
		c := 2*i + 1
		if c >= n {
			return top
		}
		if c+1 < n && list[c+1].before(list[c]) {
			c++
		}
		if !list[c].before(list[i]) {
			return top
		}
		list[i], list[c] = list[c], list[i]
		i = c
	}
}
