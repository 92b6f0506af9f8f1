package api

import (
	"slices"
	"strings"
	"time"

	"yitang/server/forecast"
	"yitang/server/hall"
	"yitang/server/wire"
	"yitang/server/workday"
)

// maxWaiting bounds what one message shows.
const maxWaiting = 300

// presenter turns the hall's things into what travels, with times in the hall's zone.
type presenter struct {
	layout *hall.Layout
	zone   *time.Location

	workdays workday.Calendar
	waits    func() *forecast.Outlook
	now      func() time.Time
}

// present reads a layout's zone from its file once; it is asked for in every answer, also in the engine's loop.
func (a *API) present(l *hall.Layout) presenter {
	if p := a.newest.Load(); p != nil && p.layout == l {
		return *p
	}
	zone, err := time.LoadLocation(l.Zone)
	if err != nil { // the catalogue checks the zone; before the first one there is none
		zone = time.UTC
	}
	p := presenter{layout: l, zone: zone, workdays: l.Workdays(), waits: a.outlook, now: a.Now}
	a.newest.Store(&p)
	return p
}

func (p presenter) time(ms hall.Millis) time.Time { return time.UnixMilli(int64(ms)).In(p.zone) }

// clock is a moment as JSON has it.
func (p presenter) clock(t time.Time) string { return t.In(p.zone).Format(time.RFC3339Nano) }

func (p presenter) maybe(ms hall.Millis) *time.Time {
	if ms == 0 {
		return nil
	}
	t := p.time(ms)
	return &t
}

// after is from when something may be done after a call: at once where the call is still to come by the clock, which was set back.
// The hall's time stands still then, and the rule does not wait for it.
func (p presenter) after(ms hall.Millis) *time.Time {
	if called := ms - hall.Millis(p.layout.Desk.RecallEveryS)*1000; called > hall.Millis(p.now().UnixMilli()) {
		return nil
	}
	return p.maybe(ms)
}

func (p presenter) ticket(t *hall.Ticket, ahead int) wire.Ticket {
	w := wire.Ticket{
		ID: string(t.ID), Number: t.Number, Day: string(t.Day()), State: string(t.State), Field: string(t.Field),
		Matters: words(t.Matters), Remaining: words(t.Remaining), Priority: string(t.Priority), Language: t.Language,
		Window: string(t.Window), Calls: t.Calls, Ahead: ahead, IssuedAt: p.time(t.IssuedAt), CalledAt: p.maybe(t.CalledAt),
		StartedAt: p.maybe(t.StartedAt), EndedAt: p.maybe(t.EndedAt), TrackURL: "/t/" + t.Track, Print: string(t.Print), Note: t.Note,
		Collect: t.Deliver, From: string(t.From), Known: t.Person != "", Slot: p.maybe(t.Slot),
	}
	if t.Actor != "self" {
		w.Actor = t.Actor
	}
	for m, missing := range t.Papers {
		if w.Papers == nil {
			w.Papers = map[string][]string{}
		}
		w.Papers[string(m)] = missing
	}
	for _, id := range t.Cases {
		w.Cases = append(w.Cases, string(id))
	}
	if t.State == hall.Waiting {
		w.Window, w.Wait = string(t.For), p.waitOf(t)
	}
	return w
}

func (p presenter) tickets(v *hall.View, list []*hall.Ticket) []wire.Ticket {
	out := make([]wire.Ticket, 0, len(list))
	for _, t := range list {
		out = append(out, p.ticket(t, v.Ahead(t)))
	}
	return out
}

func (p presenter) window(w *hall.Window) wire.Window {
	out := wire.Window{ID: string(w.Plan.ID), Name: w.Plan.Name, Kind: string(w.Plan.Kind), Fields: words(w.Plan.Fields),
		State: string(w.State), Reason: w.Reason, Clerk: name(w.Clerk), Since: p.time(w.Since), Until: p.maybe(w.Until),
		Served: w.Served}
	offer := p.layout.Desk.Offer(w)
	out.May, out.RecallFrom, out.NoShowFrom = offer.Acts, p.after(offer.RecallFrom), p.after(offer.NoShowFrom)
	if w.Asked != nil {
		out.Asked = &wire.Asked{Field: p.fieldName(w.Asked.Field), Waiting: w.Asked.Waiting, OverMin: w.Asked.OverMin, At: p.time(w.Asked.At)}
	}
	if w.Ticket != nil {
		t := p.ticket(w.Ticket, 0)
		out.Ticket = &t
	}
	return out
}

// name is an actor without the role: what staff call each other.
func name(a hall.Actor) string {
	_, user, ok := strings.Cut(string(a), ":")
	if !ok {
		return string(a)
	}
	return user
}

func (p presenter) fieldName(id hall.FieldID) wire.Text {
	for _, f := range p.layout.Fields {
		if f.ID == id {
			return wire.Text(f.Name)
		}
	}
	return wire.Text{"zh": string(id)}
}

// hall says which hall it is and, when no ticket can be taken, why and until when.
func (p presenter) hall(v *hall.View, now time.Time) wire.Hall {
	h := wire.Hall{ID: string(v.Layout.Hall), Name: wire.Text(v.Layout.Name), Zone: v.Layout.Zone, Day: string(v.Day),
		Open: v.Open && (v.Until == 0 || hall.Millis(now.UnixMilli()) < v.Until), Hours: hours(v.Layout.Hours)}
	if h.EndedEarly = p.endedEarly(v, now); h.EndedEarly {
		h.Notice = p.early(v.Layout.Hours, now)
	} else if !h.Open {
		h.Notice = notice(v.Layout.Hours)
	} else if at, ok := v.Layout.Hours.Resumes(p.zone, now); ok {
		h.Resumes = &at
	} else if at, ok := v.Layout.Hours.Opens(p.zone, now); ok {
		h.Opens = &at
	}
	return h
}

func hours(h hall.Hours) wire.Hours {
	out := wire.Hours{Always: h.Always, EarlyMin: int(hall.OpensEarly.Minutes()), DayTurnsMin: int(hall.DayTurns.Minutes())}
	for _, s := range h.Spans {
		out.Spans = append(out.Spans, wire.Span{FromMin: s.From, ToMin: s.To})
	}
	return out
}

func (p presenter) catalogue(v *hall.View, now time.Time) wire.Catalogue {
	c := wire.Catalogue{Hall: p.hall(v, now), Version: v.Layout.Version, Example: v.Layout.Example,
		Fields: []wire.Field{}, Matters: []wire.Matter{}, Covers: covers(v.Layout)}
	for _, f := range v.Layout.Fields {
		c.Fields = append(c.Fields, wire.Field{ID: string(f.ID), Name: wire.Text(f.Name), Icon: f.Icon})
	}
	for _, m := range v.Layout.Matters {
		c.Matters = append(c.Matters, wire.Matter{Code: string(m.Code), Name: wire.Text(m.Name), Field: string(m.Field),
			Department: m.Department, Kind: string(m.Kind), PromisedDays: m.PromisedDays,
			Materials: append([]string{}, m.Materials...), Subject: m.Subject, ServiceMin: m.ServiceMin, Keywords: m.Keywords})
	}
	return c
}

// shows says whether a screen is about a field at a window.
func shows(s *hall.ScreenPlan, f hall.FieldID, w hall.WindowID) bool {
	switch s.Kind {
	case hall.AreaScreen:
		return slices.Contains(s.Fields, f)
	case hall.WindowScreen:
		return s.Window == w
	}
	return true
}

func (p presenter) board(v *hall.View, s *hall.ScreenPlan, now time.Time) wire.Board {
	b := wire.Board{Type: wire.TypeUpdate, Seq: v.Seq, At: now.In(p.zone), Hall: p.hall(v, now), Screen: screen(s),
		Calls: []wire.Call{}, Fields: []wire.FieldLoad{}, Windows: []wire.BoardWindow{}, Notices: p.notices(v.Screens.Notices, s.ID, now),
		Areas: p.elsewhere(v.Screens, s), Voice: p.voice(&v.Screens.Voice, s, now)}
	for i := len(v.Calls) - 1; i >= 0; i-- {
		if c := &v.Calls[i]; shows(s, c.Field, c.Window) {
			b.Calls = append(b.Calls, wire.Call{Seq: c.Seq, Number: c.Number, Window: string(c.Window), Field: string(c.Field),
				Calls: c.Calls, State: string(c.State), CalledAt: p.time(c.At)})
		}
	}
	for i := range v.Queues {
		if s.Kind != hall.AreaScreen || slices.Contains(s.Fields, v.Queues[i].Field.ID) {
			b.Fields = append(b.Fields, p.load(v, &v.Queues[i]))
		}
	}
	for i := range v.Windows {
		if w := &v.Windows[i]; windowOn(s, w) {
			b.Windows = append(b.Windows, p.boardWindow(w))
		}
	}
	return b
}

func windowOn(s *hall.ScreenPlan, w *hall.Window) bool {
	if s.Kind != hall.AreaScreen {
		return shows(s, "", w.Plan.ID)
	}
	return slices.ContainsFunc(w.Plan.Fields, func(f hall.FieldID) bool { return slices.Contains(s.Fields, f) })
}

func (p presenter) boardWindow(w *hall.Window) wire.BoardWindow {
	b := wire.BoardWindow{ID: string(w.Plan.ID), Name: w.Plan.Name, State: string(w.State), Fields: words(w.Plan.Fields), Until: p.maybe(w.Until)}
	if w.Ticket != nil {
		b.Number, b.Ticket = w.Ticket.Number, string(w.Ticket.State)
	}
	return b
}

func (p presenter) load(v *hall.View, q *hall.Queue) wire.FieldLoad {
	f := wire.FieldLoad{ID: string(q.Field.ID), Name: wire.Text(q.Field.Name), Icon: q.Field.Icon, Waiting: len(q.Waiting),
		ServedToday: q.Served, Wait: p.waitFor(q.Field.ID)}
	if len(q.Waiting) > 0 {
		f.HeadIssued = p.maybe(q.Waiting[0].IssuedAt)
	}
	for i := range v.Windows {
		if w := &v.Windows[i]; w.State == hall.Open && w.Plan.Serves(q.Field.ID) {
			f.Windows++
		}
	}
	return f
}

func (p presenter) state(v *hall.View, now time.Time) wire.HallState {
	s := wire.HallState{Type: wire.TypeUpdate, Seq: v.Seq, At: now.In(p.zone), Hall: p.hall(v, now), Totals: wire.Totals(v.Totals),
		Fields: []wire.FieldLoad{}, Windows: []wire.Window{}, Waiting: p.tickets(v, waiting(v)), Held: p.tickets(v, v.Held),
		Missed: p.tickets(v, reactivatable(v, now)), Unprinted: p.tickets(v, unprinted(v)), Devices: []wire.DeviceState{},
		IssueUntil: p.maybe(v.Until)}
	switch {
	case v.Open:
		s.DayMay = "close"
	case v.Day == hall.BusinessDay(p.zone, now):
		s.DayMay = "reopen"
	}
	for i := range v.Queues {
		s.Fields = append(s.Fields, p.load(v, &v.Queues[i]))
	}
	for i := range v.Windows {
		s.Windows = append(s.Windows, p.window(&v.Windows[i]))
	}
	for _, d := range v.Devices {
		s.Devices = append(s.Devices, wire.DeviceState{Device: d.Device, Part: d.Part, State: d.State, Reason: d.Reason,
			Note: d.Note, Since: p.time(d.Since)})
	}
	return s
}

// waiting lists who waits, in the order of arrival, up to the bound.
func waiting(v *hall.View) []*hall.Ticket {
	var list []*hall.Ticket
	for _, q := range v.Queues {
		list = append(list, q.Waiting[:min(len(q.Waiting), maxWaiting)]...)
	}
	for _, q := range v.AtWindow {
		list = append(list, q...)
	}
	slices.SortFunc(list, func(a, b *hall.Ticket) int {
		if a.Before(b) {
			return -1
		}
		return 1
	})
	return list[:min(len(list), maxWaiting)]
}

func reactivatable(v *hall.View, now time.Time) []*hall.Ticket {
	return slices.DeleteFunc(slices.Clone(v.Missed), func(t *hall.Ticket) bool {
		return t.Reactivated || hall.Millis(now.UnixMilli())-t.EndedAt > hall.ReactivateWithin
	})
}

func unprinted(v *hall.View) []*hall.Ticket {
	return slices.DeleteFunc(slices.Clone(v.Failed), func(t *hall.Ticket) bool { return t.Over() })
}
