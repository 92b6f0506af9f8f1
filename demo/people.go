package demo

import (
	"context"
	"errors"
	"sync"
	"time"

	"yitang/demo/profile"
	"yitang/server/wire"
)

// Bounds of the crowd in front of the kiosks.
const (
	kioskQueue    = 32                   // who finds so many people in front of every kiosk goes home
	crowd         = 4                    // while so many stand there, the hall's clock waits for the kiosks, …
	crowdReal     = 2 * time.Second      // … and so long for each who comes: it may be out of order
	crowdLook     = 5 * time.Millisecond // between two looks at it
	takeAttempts  = 4
	takeAgain     = 30 * time.Second       // of the hall's time, before a person tries again …
	takeAgainReal = 500 * time.Millisecond // … and of real time at least
)

// errCrowded is reported for a person who went home because every kiosk had a long queue.
var errCrowded = errors.New("demo: people: every kiosk has a queue; somebody went home without a ticket")

// Kiosk gives a ticket to the person in front of it. Take may last as long as a printer and a server do; it is called
// by one person after the other.
type Kiosk interface {
	Take(ctx context.Context, r Request) (wire.Ticket, error)
}

// Report is told what a simulated person or clerk met and got over: an error that nobody else will see. It is called
// from many goroutines.
type Report func(who string, err error)

// People sends applicants to the kiosks, day after day as the profile has them.
type People struct {
	clock    *Clock
	calendar Calendar
	profile  *profile.Profile
	public   *Public
	lanes    []*lane
	report   Report
}

// lane is a kiosk with the people in front of it.
type lane struct {
	kiosk  Kiosk
	people chan Request
	clock  *Clock
	report Report
}

// Run sends people until ctx ends, and returns when nobody stands at a kiosk any more.
func (p *People) Run(ctx context.Context) {
	var lanes sync.WaitGroup
	for _, l := range p.lanes {
		lanes.Go(func() { l.run(ctx) })
	}
	for ctx.Err() == nil {
		p.day(ctx)
	}
	lanes.Wait()
}

// day sends the people of the day that has begun or begins next, and waits for its end. Who came before the demo
// began is left out.
func (p *People) day(ctx context.Context) {
	now := p.clock.Now()
	midnight := p.calendar.midnight(p.calendar.At(now).From)
	for _, a := range p.profile.Day(p.public.chance.rng) {
		who, ok := p.public.Person(a.Field)
		at := minuteOf(midnight, int(a.At/time.Minute)).Add(a.At % time.Minute)
		if !ok || at.Before(now) {
			continue
		}
		if p.clock.SleepUntil(ctx, at) != nil {
			return
		}
		p.send(ctx, who)
	}
	_ = p.clock.SleepUntil(ctx, midnight.AddDate(0, 0, 1)) // an end of ctx ends the caller's loop
}

// send puts a person where the fewest people stand. What a card reader, a printer and a server need is real time, of which a
// fast hall has little: the clock waits, so that as many people come to a number as in a slow one.
func (p *People) send(ctx context.Context, r Request) {
	one := p.lanes[p.public.chance.rng.IntN(len(p.lanes))]
	best := p.shortest(one)
	if len(best.people) >= crowd {
		p.clock.Hold(func() { best = p.thinner(ctx, one) })
	}
	select {
	case best.people <- r:
	default:
		p.report("people", errCrowded)
	}
}

// shortest is where the fewest people stand, the given lane or another.
func (p *People) shortest(best *lane) *lane {
	for _, l := range p.lanes {
		if len(l.people) < len(best.people) {
			best = l
		}
	}
	return best
}

// thinner waits until fewer than a crowd stand somewhere, for crowdReal at most.
func (p *People) thinner(ctx context.Context, one *lane) *lane {
	for end := time.Now().Add(crowdReal); ; {
		best := p.shortest(one)
		if len(best.people) < crowd || ctx.Err() != nil || time.Now().After(end) {
			return best
		}
		time.Sleep(crowdLook)
	}
}

func (l *lane) run(ctx context.Context) {
	for ctx.Err() == nil { // with people in the queue too, an end is an end: select would draw lots
		select {
		case <-ctx.Done():
		case r := <-l.people:
			l.take(ctx, r)
		}
	}
}

// take tries a few times, as a person does at a kiosk that is out of order for a moment. A refusal is final: the hall
// is closed, or does not have the matter.
func (l *lane) take(ctx context.Context, r Request) {
	for range takeAttempts {
		_, err := l.kiosk.Take(ctx, r)
		if err == nil || ctx.Err() != nil {
			return
		}
		l.report("people", err)
		if refused(err) || l.clock.Sleep(ctx, l.clock.atLeast(takeAgain, takeAgainReal)) != nil {
			return
		}
	}
}

// refused tells a refusal by the hall's rules from a failure that may pass.
func refused(err error) bool {
	var e *wire.Error
	return errors.As(err, &e) && !wire.Unreachable(err)
}
