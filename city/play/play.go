// Package play plays days of a hall by the hall's own rules, without a server: people come, are called, served, sent on, come
// again, and cases are decided, so that a city can be measured and tested with journals that real halls could have written.
// Chance is a seed. It owns no goroutine.
package play

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"yitang/server/hall"
	"yitang/server/route"
)

// Hall is a hall that is played.
type Hall struct {
	ID     hall.ID
	People func(r *rand.Rand) string // pseudonym of whoever comes next; halls may share people
	Keep   func(hall.Entry) error    // where the journal goes; nil keeps it nowhere
	Rush   bool                      // many come in the first hours, as they do; without, people come evenly, which keeps a measured load steady
	Unmet  *Unmet                    // who was sent home for papers and comes again, to whatever hall shares it; nil: nobody does

	s       *hall.State
	r       *rand.Rand
	at      hall.Millis
	tickets int
	last    hall.TicketID // issued last
	filed   []hall.CaseID // that may be open
	prev    [sha256.Size]byte
}

// Unmet are the people who have been told what is missing.
type Unmet struct{ list []errand }

type errand struct {
	person string
	matter hall.MatterCode
}

// Of those who are sent home.
const (
	comesAgain = 0.06 // chance that the next one who comes is one of them
	mostUnmet  = 200
)

// next is one of them, or nil.
func (u *Unmet) next(r *rand.Rand) *errand {
	if u == nil || len(u.list) == 0 || r.Float64() > comesAgain {
		return nil
	}
	i := r.IntN(len(u.list))
	e := u.list[i]
	u.list = append(u.list[:i], u.list[i+1:]...)
	return &e
}

func (u *Unmet) sent(person string, m hall.MatterCode) {
	if u != nil && len(u.list) < mostUnmet {
		u.list = append(u.list, errand{person, m})
	}
}

// New makes a hall with a layout.
func New(l hall.Layout, seed uint64, keep func(hall.Entry) error) (*Hall, error) {
	h := &Hall{ID: l.Hall, s: hall.New(route.Rule{}), r: rand.New(rand.NewPCG(seed, 1)), Keep: keep} // #nosec G404 -- a game of chance, not a secret
	h.People = func(r *rand.Rand) string { return fmt.Sprintf("%s-p%d", l.Hall, r.IntN(3000)) }
	return h, h.do(hall.System, hall.AdoptLayout{Layout: l})
}

// Tickets counts those issued so far.
func (h *Hall) Tickets() int { return h.tickets }

func (h *Hall) do(by hall.Actor, c hall.Command) error {
	events, err := hall.Decide(h.s, c, h.at, by)
	if err != nil {
		return fmt.Errorf("play: %T: %w", c, err)
	}
	for i := range events {
		h.s.Apply(&events[i])
		switch b := events[i].Body.(type) {
		case *hall.TicketIssued:
			h.last = b.Ticket
			h.tickets++
		case *hall.CaseStarted:
			h.filed = append(h.filed, b.Case)
		}
	}
	if h.Keep == nil || len(events) == 0 {
		return nil
	}
	e := hall.Entry{Actor: by, At: h.at, Events: events}
	h.s.Touched(&e)
	return h.Keep(e)
}

// Purge has the hall's retention take persons out.
func (h *Hall) Purge(b hall.RecordsPurged) error {
	return h.do(hall.System, hall.Purge{RecordsPurged: b})
}

// Chain gives events places in a chain of hashes, as a journal does.
func (h *Hall) Chain(events []hall.Event) []hall.Chained {
	out := make([]hall.Chained, len(events))
	for i, e := range events {
		prev := h.prev
		next := sha256.Sum256(binary.BigEndian.AppendUint64(prev[:], e.Seq))
		h.prev = next
		out[i] = hall.Chained{Event: e, Kind: e.Body.Kind(), Prev: prev[:], Hash: next[:]}
	}
	return out
}

// How long things take in a played hall.
const (
	openFor   = 8 * time.Hour
	aroundMin = 10 // minutes a service takes on average, less where there are many people for the windows
)

// Day plays a business day with so many people.
func (h *Hall) Day(day hall.Day, people int) error {
	begin, err := time.Parse(time.DateOnly, string(day))
	if err != nil {
		return fmt.Errorf("play: %w", err)
	}
	h.at = max(h.at, hall.Millis(begin.Add(2*time.Hour).UnixMilli())) // ten o'clock in Beijing
	err = h.do(hall.System, hall.OpenDay{Day: day})
	if no := new(hall.Error); errors.As(err, &no) && no.Code == hall.CodeClockAhead { // weeks later: somebody says that the date is right
		err = errors.Join(h.do("user:1", hall.SetClock{Day: day}), h.do(hall.System, hall.OpenDay{Day: day}))
	}
	if err != nil {
		return err
	}
	if err := h.decideCases(day); err != nil {
		return err
	}
	windows := h.s.Layout().Windows
	for _, w := range windows {
		if err := h.do(clerk(w.ID), hall.OpenWindow{Window: w.ID}); err != nil {
			return err
		}
	}
	if err := h.serve(people, windows); err != nil {
		return err
	}
	for _, w := range windows {
		if err := h.do(clerk(w.ID), hall.CloseWindow{Window: w.ID}); err != nil {
			return err
		}
	}
	return h.do(hall.System, hall.CloseDay{})
}

func clerk(w hall.WindowID) hall.Actor { return hall.Actor("clerk:" + string(w)) }

// In a rush so many of a day's people come in the first so much of it.
const (
	rushPeople = 0.6
	rushPart   = 0.25
)

// arrivals are the moments at which so many people come, one in each step or in a rush.
func (h *Hall) arrivals(people int, start, step hall.Millis) []hall.Millis {
	list := make([]hall.Millis, people)
	for i := range list {
		list[i] = start + hall.Millis(i)*step
		if h.Rush {
			part := 1.0
			if h.r.Float64() < rushPeople {
				part = rushPart
			}
			list[i] = start + hall.Millis(part*h.r.Float64()*float64(people)*float64(step))
		}
	}
	slices.Sort(list)
	return list
}

// serve lets people in and has every window call whenever it is free.
func (h *Hall) serve(people int, windows []hall.WindowPlan) error {
	start, step := h.at, hall.Millis(openFor.Milliseconds())/hall.Millis(max(people, 1))
	service := min(float64(aroundMin)*60_000, 0.9*float64(step)*float64(len(windows)))
	free := make([]hall.Millis, len(windows)) // when each window ends its service; 0 = it has nobody
	turn := func(w int) error {
		if err := h.turn(windows[w].ID); err != nil {
			return err
		}
		if free[w] = 0; h.s.Window(windows[w].ID).Ticket != nil {
			free[w] = h.at + hall.Millis(service*(0.4+1.2*h.r.Float64()))
		}
		return nil
	}
	for _, comes := range h.arrivals(people, start, step) {
		comes = max(h.at, comes)
		for w := firstFree(free, comes); w >= 0; w = firstFree(free, comes) { // a service ends at its own time, also when nobody comes for long
			h.at = max(h.at, free[w])
			if err := turn(w); err != nil {
				return err
			}
		}
		h.at = max(h.at, comes)
		if err := h.takes(); err != nil {
			return err
		}
		for w := range windows {
			if free[w] <= h.at {
				if err := turn(w); err != nil {
					return err
				}
			}
		}
	}
	for range 4 * people { // the last ones
		h.at += hall.Millis(service / float64(len(windows)))
		if err := h.turn(windows[h.r.IntN(len(windows))].ID); err != nil {
			return err
		}
		if len(h.waiting()) == 0 {
			break
		}
	}
	for _, w := range windows {
		if err := h.finish(w.ID); err != nil {
			return err
		}
	}
	return nil
}

// firstFree is the window that ends its service first, by a moment at the latest; -1 when none does.
func firstFree(free []hall.Millis, by hall.Millis) int {
	first := -1
	for w, at := range free {
		if at > 0 && at <= by && (first < 0 || at < free[first]) {
			first = w
		}
	}
	return first
}

func (h *Hall) waiting() []*hall.Ticket {
	var list []*hall.Ticket
	for _, f := range h.s.Layout().Fields {
		list = append(list, h.s.WaitingFor(f.ID)...)
	}
	return list
}

func (h *Hall) takes() error {
	matters := h.s.Layout().Matters
	m := matters[min(h.r.IntN(len(matters)), h.r.IntN(len(matters)))] // some are asked for more often
	c := hall.Take{Matters: []hall.MatterCode{m.Code}, Priority: hall.Ordinary, Language: "zh", Channel: "kiosk", PersonKind: "id",
		Person: h.People(h.r), Track: fmt.Sprintf("%s-%d", h.ID, h.tickets+1)}
	if e := h.Unmet.next(h.r); e != nil {
		c.Matters, c.Person = []hall.MatterCode{e.matter}, e.person
	}
	if h.r.Float64() < 0.1 {
		c.Channel = "phone"
	}
	err := h.do("kiosk:1", c)
	if refused(err) { // holds a ticket for it already, or as many as one may
		return nil
	}
	if err != nil {
		return err
	}
	return h.do("kiosk:1", hall.ReportReceipt{Ticket: h.last, State: hall.Printed})
}

// turn ends what a window does and calls the next.
func (h *Hall) turn(w hall.WindowID) error {
	if err := h.finish(w); err != nil {
		return err
	}
	by := clerk(w)
	if err := h.do(by, hall.CallNext{Window: w}); err != nil {
		return err
	}
	if h.s.Window(w).Ticket == nil {
		return nil
	}
	if h.r.Float64() < 0.03 {
		return h.miss(w)
	}
	h.at += 20_000
	return h.do(by, hall.Start{Window: w})
}

// miss calls in vain, three times.
func (h *Hall) miss(w hall.WindowID) error {
	const between = 21_000
	for range 2 {
		h.at += between
		if err := h.do(clerk(w), hall.Recall{Window: w}); err != nil {
			return err
		}
	}
	h.at += between
	return h.do(clerk(w), hall.Miss{Window: w})
}

// finish ends a window's service with one of the usual results.
func (h *Hall) finish(w hall.WindowID) error {
	t := h.s.Window(w).Ticket
	if t == nil || t.State != hall.Serving {
		return nil
	}
	by, m := clerk(w), t.Remaining[0]
	if p := h.r.Float64(); p < 0.03 {
		return h.do(by, hall.Transfer{Window: w, Field: t.Field, Reason: "改由专窗办理"})
	}
	o := hall.Outcome{Matter: m, Outcome: hall.OutcomeDone}
	switch p := h.r.Float64(); {
	case p < 0.25:
		o.Outcome, o.Offered, o.Chosen = hall.OutcomeAccepted, "yes", "mail"
	case p < 0.35:
		o.Outcome, o.Missing = hall.OutcomeIncomplete, []string{"身份证复印件", "租赁合同"}
	case p < 0.45:
		o.Outcome = hall.OutcomeConsultation
	case p < 0.46:
		o.Outcome, o.Authority = hall.OutcomeNoAuthority, "州税务局"
	}
	if o.Outcome == hall.OutcomeDone && h.Unmet != nil && h.promised(m) { // what takes days is not done at the window
		o.Outcome, o.Offered, o.Chosen = hall.OutcomeAccepted, "yes", "mail"
	}
	err := h.do(by, hall.Finish{Window: w, Outcomes: []hall.Outcome{o}})
	if refused(err) {
		return h.do(by, hall.Finish{Window: w, Outcomes: []hall.Outcome{{Matter: m, Outcome: hall.OutcomeConsultation}}})
	}
	if err == nil && o.Outcome == hall.OutcomeIncomplete {
		h.Unmet.sent(t.Person, m)
	}
	if err == nil && h.r.Float64() < 0.2 {
		grade := 5 - min(h.r.IntN(12), 4)*h.r.IntN(2)
		err = h.do("kiosk:1", hall.Rate{Ticket: t.ID, Grade: grade, Via: "tablet"})
	}
	return err
}

func (h *Hall) promised(code hall.MatterCode) bool {
	for _, m := range h.s.Layout().Matters {
		if m.Code == code {
			return m.Kind == hall.Promised
		}
	}
	return false
}

// decideCases decides what was accepted on the days before, and sends most results by mail.
func (h *Hall) decideCases(day hall.Day) error {
	const org = "行政审批局"
	var later []hall.CaseID
	for _, id := range h.filed {
		switch c := h.s.Case(id); {
		case c == nil || c.Over():
			continue
		case c.State != hall.CaseAccepted || h.r.Float64() < 0.4:
			later = append(later, id)
			continue
		}
		h.at += 1000
		d := hall.StepDetail{Today: day, Decision: hall.DecisionGranted, Org: org, Seal: org}
		if err := h.do("department:1", hall.ActOnCase{Case: id, Step: hall.StepDecide, Detail: d}); err != nil {
			return err
		}
		if err := h.do("department:1", hall.ActOnCase{Case: id, Step: hall.StepDeliver, Detail: hall.StepDetail{Today: day, How: "mail"}}); err != nil {
			return err
		}
	}
	h.filed = later
	return nil
}

func refused(err error) bool {
	var no *hall.Error
	return errors.As(err, &no)
}
