package engine

// Reply is what one request of a batch got.
type Reply struct {
	Answer []byte
	Err    error
}

// Batch does in one go what Run does with requests that came together, on the caller's goroutine, so that a simulation
// of many days is the same at every run. The error is the commit's: then the engine is dead and no reply was given.
func (e *Engine) Batch(reqs []Request) ([]Reply, error) {
	batch := make([]*waiter, len(reqs))
	for i := range reqs {
		batch[i] = &waiter{req: reqs[i], done: make(chan struct{})}
	}
	if err := e.commit(batch); err != nil {
		return nil, err
	}
	replies := make([]Reply, len(batch))
	for i, w := range batch {
		replies[i] = Reply{w.answer, w.err}
	}
	return replies, nil
}
