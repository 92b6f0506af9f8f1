package port

import (
	"context"
	"errors"
	"time"
)

// supervise is the goroutine that owns the line: it opens it, waits until it dies, closes it, and tries again.
func (p *Port) supervise(ctx context.Context) {
	defer close(p.done)
	pause := p.cfg.BackoffMin
	for ctx.Err() == nil {
		up, why := p.once(ctx)
		if up {
			pause = p.cfg.BackoffMin
		}
		if ctx.Err() != nil {
			break
		}
		p.setDown(why)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
			pause = min(2*pause, p.cfg.BackoffMax)
		}
	}
	p.setDown(closedError(p.cfg.Path))
}

// once opens the line and keeps it until it dies or ctx ends; up is false when it did not open.
func (p *Port) once(ctx context.Context) (up bool, why *DownError) {
	if p.stuck.Load() >= maxStuck {
		return false, stalled(p.cfg.Path, p.cfg.WriteStall)
	}
	l, err := p.open(p.cfg)
	if err != nil {
		var down *DownError
		if !errors.As(err, &down) {
			down = openError(p.cfg.Path, err)
		}
		return false, down
	}
	s := newSession(p, l)
	p.opens.Add(1)
	p.setUp(s)
	select {
	case <-ctx.Done():
		p.setDown(closedError(p.cfg.Path))
		s.end(true)
	case <-s.dead:
		p.setDown(s.why)
		s.end(false)
	}
	return true, s.why
}

func (p *Port) setUp(s *session) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.session, p.rx = s, nil
	p.announce(State{Up: true, Since: time.Now()})
}

// setDown keeps Since when the reason stays the same, and then announces nothing.
func (p *Port) setDown(why *DownError) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.session != nil {
		p.downs.Add(1)
	}
	p.session, p.rx = nil, nil // an answer to a line that is gone is no answer
	if !p.state.Up && p.state.Why() == why.Reason {
		return
	}
	p.announce(State{Err: why, Since: time.Now()})
}

// announce sets the state and leaves only the newest in the channel; p.mu is held, so nobody else sends.
func (p *Port) announce(state State) {
	p.state = state
	select {
	case <-p.changes:
	default:
	}
	p.changes <- state
	p.wake()
}
