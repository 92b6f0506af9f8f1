package engine

// Reply is what one request of a batch got.
type Reply struct {
	Answer []byte
	Err    error
}

// Batch does in one go what Run does with requests that came together, on the caller's goroutine, so that a simulation
// of many days is the same at every run. The error is the commit's: then the engine is dead and no reply was given.
func (e *Engine) Batch(reqs []Request) ([]Reply, error) {
	batch := newBatch(0)
	for i := range reqs {
		if err := e.decide(batch, &waiter{req: reqs[i]}); err != nil {
			return nil, err
		}
	}
	if err := e.commit(e.seal(batch)); err != nil {
		return nil, err
	}
	e.flying = nil
	replies := make([]Reply, len(batch.waiters))
	for i, w := range batch.waiters {
		replies[i] = Reply{w.answer, w.err}
	}
	return replies, nil
}
