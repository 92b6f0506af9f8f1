package display

import (
	"time"

	"yitang/server/wire"
)

// Queue opens what waits to be said to the tests.
type Queue struct{ q *queue }

func NewQueue() Queue             { return Queue{newQueue(0)} }
func (q Queue) Take(b wire.Board) { q.q.take(b, time.Now()) }

// Next is what is said next, as "A001>3"; empty when nothing waits.
func (q Queue) Next() string {
	c, ok := q.q.next(time.Now())
	if !ok {
		return ""
	}
	return c.number + ">" + c.window
}
