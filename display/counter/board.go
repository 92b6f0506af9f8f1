package counter

import (
	"slices"

	"yitang/drivers/keypad"
	"yitang/server/wire"
)

// States of the hall's board.
const (
	windowOpen    = "open"
	ticketServing = "serving"
	ticketHeld    = "held"
	ticketDone    = "done"
)

// view is what is known of the window.
type view struct {
	online bool
	open   bool
	number string // in hand
	state  string // of that ticket: called or serving
}

// link is told when the board comes and goes.
func (a *agent) link(l wire.Link) {
	if l.Up {
		return // the board follows
	}
	a.change(func(v *view) { v.online = false })
}

// see takes in a board.
func (a *agent) see(b wire.Board) {
	i := slices.IndexFunc(b.Windows, func(w wire.BoardWindow) bool { return w.ID == string(a.cfg.Window) })
	if i < 0 {
		return
	}
	w := b.Windows[i]
	next := view{online: true, open: w.State == windowOpen, number: w.Number, state: stateOf(b, w.Number)}
	var before view
	a.change(func(v *view) { before, *v = *v, next })
	a.evaluate(before, next, b)
}

// stateOf is how the newest call of a number stands, "" for none.
func stateOf(b wire.Board, number string) string {
	i := slices.IndexFunc(b.Calls, func(c wire.Call) bool { return c.Number == number })
	if i < 0 || number == "" {
		return ""
	}
	return b.Calls[i].State
}

// change keeps what is known and lights the keypad's lamp for it.
func (a *agent) change(f func(*view)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	before := a.now.lamp()
	f(&a.now)
	if after := a.now.lamp(); after != before {
		a.light(after)
	}
}

// workable tells whether a key can do anything.
func (a *agent) workable() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.now.online && a.now.open
}

// lamp shows the clerk how the window stands: dark while it is closed or paused, blinking red while the hall is away, green while
// the hand is empty, blinking green while somebody is called, red while somebody is served.
func (v view) lamp() keypad.Lamp {
	switch {
	case !v.online:
		return keypad.RedSlow
	case !v.open:
		return keypad.Off
	case v.number == "":
		return keypad.Green
	case v.state == ticketServing:
		return keypad.Red
	}
	return keypad.GreenSlow
}
