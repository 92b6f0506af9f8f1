package demo

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"yitang/server/hall"
	"yitang/server/wire"
)

// What happens at a window, in the hall's time.
const (
	walkMin       = 10 * time.Second
	walkMax       = 40 * time.Second
	recallAfter   = 21 * time.Second // called three times, 20 s apart
	calls         = 3
	absent        = 0.03             // of the people called are gone for reasons of their own; the impatient come on top
	patienceMean  = 80 * time.Minute // log-normal
	patienceCV2   = 0.3
	serviceCV2    = 1.2
	serviceMin    = 45 * time.Second
	longest       = 4    // times the usual time
	nextMatter    = 0.6  // of its usual time is needed for each matter after the first: the papers are the same
	holdShare     = 0.02 // of the services: the applicant fetches something
	holdMin       = 5 * time.Minute
	holdMax       = 12 * time.Minute
	maxHeld       = 4
	transferShare = 0.02
	clearMin      = 5 * time.Second // after a service
	clearMax      = 25 * time.Second
)

// Why a ticket is held or sent on, as the other staff read it.
const (
	reasonFetch = "申请人补取材料"
	reasonWrong = "需由其他领域窗口办理"
)

// desk knows how long a window's services take and how they end.
type desk struct {
	plan    hall.WindowPlan
	matters map[hall.MatterCode]hall.Matter
	fields  []hall.FieldID // of the hall
}

// heldTicket is a ticket whose applicant went to fetch something.
type heldTicket struct {
	id   wire.TicketID
	back time.Time
}

// served is the service in hand and when it will end.
type served struct {
	id    wire.TicketID
	until time.Time
}

// attend takes care of a ticket in hand, from wherever it stands, until the hand is empty.
func (c *Clerk) attend(ctx context.Context, t *wire.Ticket) error {
	if t.State != string(hall.Serving) {
		came, err := c.await(ctx, t)
		if err != nil || !came {
			return err
		}
	}
	if err := c.serve(ctx, t); err != nil {
		return err
	}
	return c.clock.Sleep(ctx, c.chance.between(clearMin, clearMax))
}

// await waits for the person called: most walk up, some do not and become a no-show.
func (c *Clerk) await(ctx context.Context, t *wire.Ticket) (came bool, err error) {
	if !c.isGone(t) {
		if err := c.clock.Sleep(ctx, c.chance.between(walkMin, walkMax)); err != nil {
			return false, err
		}
		_, err := c.station.Start(ctx, c.window)
		return err == nil, err
	}
	for range calls - t.Calls {
		if err := c.clock.Sleep(ctx, recallAfter); err != nil {
			return false, err
		}
		if _, err := c.station.Recall(ctx, c.window); err != nil {
			return false, err
		}
	}
	if err := c.clock.Sleep(ctx, recallAfter); err != nil {
		return false, err
	}
	_, err = c.station.NoShow(ctx, c.window)
	return false, err
}

// isGone draws whether the person has left. Who was served before, and came back or was sent on, stays.
func (c *Clerk) isGone(t *wire.Ticket) bool {
	if t.StartedAt != nil || t.Note != "" {
		return false
	}
	waited := c.clock.Now().Sub(t.IssuedAt)
	return c.chance.happens(absent) || waited > c.chance.logNormal(patienceMean, patienceCV2)
}

// serve ends the service of the ticket in one of its ways.
func (c *Clerk) serve(ctx context.Context, t *wire.Ticket) error {
	id := wire.TicketID(t.ID)
	if c.serving.id != id {
		c.serving = served{id, c.clock.Now().Add(c.desk.duration(c.chance, t))}
	}
	left := c.serving.until.Sub(c.clock.Now())
	switch plain := t.Note != "" || c.overtime(); {
	case !plain && len(c.held) < maxHeld && c.chance.happens(holdShare):
		return c.hold(ctx, id, left/3)
	case !plain && len(c.desk.fields) > 1 && c.chance.happens(transferShare):
		return c.sendOn(ctx, t, left/4)
	}
	if err := c.clock.Sleep(ctx, left); err != nil {
		return err
	}
	_, err := c.station.Finish(ctx, c.window, wire.FinishRequest{Outcomes: c.desk.outcomes(c.chance, t)})
	return c.done(err)
}

// overtime says that the hall is closed: nobody is sent for papers or to a window that may have closed.
func (c *Clerk) overtime() bool {
	now := c.clock.Now()
	return now.Before(c.calendar.At(now).From)
}

// done forgets the service in hand once it has ended.
func (c *Clerk) done(err error) error {
	if err == nil {
		c.serving = served{}
	}
	return err
}

func (c *Clerk) hold(ctx context.Context, id wire.TicketID, after time.Duration) error {
	if err := c.clock.Sleep(ctx, after); err != nil {
		return err
	}
	_, err := c.station.Hold(ctx, c.window, wire.HoldRequest{Reason: reasonFetch})
	if err == nil {
		c.held = append(c.held, heldTicket{id, c.clock.Now().Add(c.chance.between(holdMin, holdMax))})
	}
	return c.done(err)
}

// welcomeBack lets those who have fetched their papers wait again; they are called next.
func (c *Clerk) welcomeBack(ctx context.Context) error {
	for len(c.held) > 0 {
		i := slices.IndexFunc(c.held, func(h heldTicket) bool { return !c.clock.Now().Before(h.back) })
		if i < 0 {
			return nil
		}
		_, err := c.station.Resume(ctx, c.held[i].id, wire.ResumeRequest{Window: string(c.window)})
		if err != nil && !refused(err) {
			return err
		}
		c.held = slices.Delete(c.held, i, i+1) // refused: somebody else has brought it back, or its day is over
	}
	return nil
}

func (c *Clerk) sendOn(ctx context.Context, t *wire.Ticket, after time.Duration) error {
	if err := c.clock.Sleep(ctx, after); err != nil {
		return err
	}
	to := c.desk.anotherField(c.chance, hall.FieldID(t.Field))
	_, err := c.station.Transfer(ctx, c.window, wire.TransferRequest{Field: string(to), Reason: reasonWrong})
	return c.done(err)
}

// anotherField draws a field of the hall that is not f; there must be one.
func (d *desk) anotherField(c chance, f hall.FieldID) hall.FieldID {
	others := slices.DeleteFunc(slices.Clone(d.fields), func(g hall.FieldID) bool { return g == f })
	return others[c.rng.IntN(len(others))]
}

// here are the ticket's remaining matters that the window may serve, or all of them where it may serve none: the
// ticket was then sent here by hand.
func (d *desk) here(t *wire.Ticket) []hall.MatterCode {
	remaining := t.Remaining
	if len(remaining) == 0 {
		remaining = t.Matters
	}
	var mine, all []hall.MatterCode
	for _, m := range remaining {
		code := hall.MatterCode(m)
		all = append(all, code)
		if d.plan.Serves(d.matters[code].Field) {
			mine = append(mine, code)
		}
	}
	if len(mine) == 0 {
		return all
	}
	return mine
}

// usual is how long the matters take together as a rule.
func (d *desk) usual(matters []hall.MatterCode) time.Duration {
	total := 0.0
	for i, m := range matters {
		part := 1.0
		if i > 0 {
			part = nextMatter
		}
		total += part * float64(d.matters[m].ServiceMin)
	}
	return time.Duration(total * float64(time.Minute))
}

// duration draws how long a service takes: log-normal around the matters' usual time.
func (d *desk) duration(c chance, t *wire.Ticket) time.Duration {
	return Service(c.rng, d.usual(d.here(t)))
}

// Service draws how long one lasts that usually lasts so long.
func Service(rng *rand.Rand, usual time.Duration) time.Duration {
	return min(max(chance{rng}.logNormal(usual, serviceCV2), serviceMin), longest*usual+serviceMin)
}

// outcomes draws how each matter ends.
func (d *desk) outcomes(c chance, t *wire.Ticket) []wire.Outcome {
	var out []wire.Outcome
	for _, m := range d.here(t) {
		out = append(out, wire.Outcome{Matter: string(m), Outcome: pick(c, endings(d.matters[m].Kind))})
	}
	return out
}

// endings are the outcomes by kind of matter: one decided on the spot is done, a promised one is accepted first and
// collected another day.
func endings(k hall.MatterKind) []share[string] {
	if k == hall.OnTheSpot {
		return []share[string]{{hall.OutcomeDone, 80}, {"incomplete", 9}, {"consultation", 11}}
	}
	return []share[string]{{"accepted", 56}, {"incomplete", 16}, {"consultation", 14}, {"collected", 14}}
}
