package hall

import "slices"

// queue holds the waiting tickets of one field or one window, in order. Slices handed out by list stay as they are:
// append and pop never touch what a reader can see, every other change copies first.
type queue struct {
	items  []*Ticket
	shared bool
}

func (q *queue) find(t *Ticket) int {
	return ahead(q.items, t)
}

func (q *queue) insert(t *Ticket) {
	i := q.find(t)
	if i < len(q.items) {
		q.own()
	}
	q.items = slices.Insert(q.items, i, t)
}

func (q *queue) remove(t *Ticket) {
	i := q.find(t)
	if i == 0 {
		q.items = q.items[1:]
		return
	}
	q.own()
	q.items = slices.Delete(q.items, i, i+1)
}

// replace puts a new version of a ticket in its place; its order must be the same.
func (q *queue) replace(t *Ticket) {
	i := q.find(t)
	q.own()
	q.items[i] = t
}

func (q *queue) own() {
	if q.shared {
		q.items = slices.Clone(q.items)
		q.shared = false
	}
}

func (q *queue) list() []*Ticket {
	q.shared = true
	return q.items[:len(q.items):len(q.items)]
}
