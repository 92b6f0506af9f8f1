package demo

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"yitang/server/hall"
	"yitang/server/wire"
)

// A clerk's day, in the hall's time unless said.
const (
	arriveWithin = 3 * time.Minute // after the opening
	maxOvertime  = 90 * time.Minute
	idleMin      = 10 * time.Second // between two looks at an empty queue
	idleMax      = 20 * time.Second
	idleReal     = 100 * time.Millisecond // real time between two looks at least
	teaMin       = 8 * time.Minute
	teaMax       = 15 * time.Minute
	leaveTries   = 5
	firstBackOff = 250 * time.Millisecond // real time
	maxBackOff   = 4 * time.Second        // real time
)

// Why a window pauses, as its sign says.
const (
	reasonTea   = "短暂休息"
	reasonLunch = "午间休息"
)

// Clerk is a simulated clerk (窗口人员) at one window. It belongs to the goroutine of its Run, but for Away.
type Clerk struct {
	window   wire.WindowID
	station  Station
	clock    *Clock
	calendar Calendar
	desk     *desk // what service at this window is like
	chance   chance
	report   Report

	away    atomic.Bool
	held    []heldTicket
	serving served        // the service in hand, so that an outage does not begin it anew
	backOff time.Duration // real time to wait after the next failure
}

// Away says whether the clerk has left the window: before the opening, at midday and at night.
func (c *Clerk) Away() bool { return c.away.Load() }

// Run works day after day until ctx ends.
func (c *Clerk) Run(ctx context.Context) {
	for ctx.Err() == nil {
		o := c.calendar.At(c.clock.Now())
		if c.clock.SleepUntil(ctx, o.From.Add(c.chance.between(0, arriveWithin))) != nil {
			return
		}
		c.away.Store(false)
		c.work(ctx, o)
		c.leave(ctx, o)
		c.away.Store(true)
		if c.clock.SleepUntil(ctx, o.To) != nil { // a clerk who gave up early does not come back before the next opening
			return
		}
	}
}

// errGone ends a shift: the hall is closed and nobody waits for the window.
var errGone = errors.New("demo: clerk: the shift is over")

// work is one shift, from opening the window until the hall is closed and nobody waits.
func (c *Clerk) work(ctx context.Context, o Opening) {
	tea := o.From.Add(c.chance.between(o.To.Sub(o.From)/4, o.To.Sub(o.From)*3/4))
	fresh := false // the window is known to be open and its hand empty
	for ctx.Err() == nil && c.clock.Now().Before(o.To.Add(maxOvertime)) {
		var err error
		if fresh {
			err = c.turn(ctx, o, &tea)
		} else {
			err = c.begin(ctx)
		}
		if errors.Is(err, errGone) {
			return
		}
		fresh = err == nil
		c.settle(ctx, err)
	}
}

// settle waits a growing real time after a failure, so that a server that is away or refuses is not pressed.
func (c *Clerk) settle(ctx context.Context, err error) {
	if err == nil {
		c.backOff = firstBackOff
		return
	}
	if ctx.Err() != nil {
		return
	}
	c.report("window "+string(c.window), err)
	timer := time.NewTimer(c.chance.between(c.backOff/2, c.backOff))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
	c.backOff = min(2*c.backOff, maxBackOff)
}

// begin opens the window, or finds out how it stands after a failure, and ends what is in its hand.
func (c *Clerk) begin(ctx context.Context) error {
	w, err := c.station.Open(ctx, c.window)
	if code(err) == hall.CodeWindowPaused || err == nil && w.State == "paused" {
		w, err = c.station.ResumeWindow(ctx, c.window)
	}
	if err != nil || w.Ticket == nil {
		return err
	}
	return c.attend(ctx, w.Ticket)
}

// code is why the hall refused, or empty.
func code(err error) hall.Code {
	var e *wire.Error
	if errors.As(err, &e) {
		return hall.Code(e.Code)
	}
	return ""
}

// turn is one round at an open window with an empty hand: who comes back, tea, the next person or a short wait.
func (c *Clerk) turn(ctx context.Context, o Opening, tea *time.Time) error {
	if err := c.welcomeBack(ctx); err != nil {
		return err
	}
	if now := c.clock.Now(); now.After(*tea) && now.Before(o.To) {
		*tea = o.To
		return c.drinkTea(ctx)
	}
	next, err := c.station.Next(ctx, c.window)
	if err != nil {
		return err
	}
	if next != nil {
		return c.attend(ctx, &next.Ticket)
	}
	if len(c.held) == 0 && !c.clock.Now().Before(o.To) {
		return errGone
	}
	return c.clock.Sleep(ctx, c.clock.atLeast(c.chance.between(idleMin, idleMax), c.chance.between(idleReal, 2*idleReal)))
}

func (c *Clerk) drinkTea(ctx context.Context) error {
	if _, err := c.station.Pause(ctx, c.window, wire.PauseRequest{Reason: reasonTea}); err != nil {
		return err
	}
	if err := c.clock.Sleep(ctx, c.chance.between(teaMin, teaMax)); err != nil {
		return err
	}
	_, err := c.station.ResumeWindow(ctx, c.window)
	return err
}

// leave pauses the window for midday or closes it for the night. When the hall does not let it, it is left as it is:
// the end of the business day closes every window.
func (c *Clerk) leave(ctx context.Context, o Opening) {
	for range leaveTries {
		if ctx.Err() != nil {
			return
		}
		var err error
		if o.Last {
			_, err = c.station.CloseWindow(ctx, c.window)
		} else {
			_, err = c.station.Pause(ctx, c.window, wire.PauseRequest{Reason: reasonLunch})
		}
		if c.settle(ctx, err); err == nil || refused(err) {
			return
		}
	}
}
