package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/whatif"
	"yitang/server/wire"
)

// Past tells the hall's own past.
type Past interface {
	whatif.Archive
	WorkedDays(ctx context.Context, from, to hall.Day, n int) ([]hall.Day, error)
	DayLoads(ctx context.Context, n int) ([]hall.DayLoad, error)
	Reasons(ctx context.Context, id hall.TicketID) ([]hall.CallReason, error)
	LayoutVersions(ctx context.Context, n int) ([]hall.LayoutVersion, error)
}

// Whatif is what a replay found: what really happened, the hall as it is now, and the one that was tried. The differences
// are tried minus base, paired by day.
type Whatif struct {
	Days    int               `json:"days"`
	Tickets int               `json:"tickets"`
	From    string            `json:"from"`
	To      string            `json:"to"`
	Real    *whatif.Result    `json:"real"`
	Base    *whatif.Result    `json:"base"`
	Tried   *whatif.Result    `json:"tried"`
	Wait    whatif.Difference `json:"wait_difference_min"`
	Within  whatif.Difference `json:"within_target_difference"`
}

// Bounds of a what-if.
const (
	maxWhatifDays = 60
	maxVersions   = 20
)

func (a *API) layoutRoutes() []route {
	manager := []account.Role{account.Manager}
	return []route{
		{method: http.MethodGet, path: "/api/v1/layout", summary: "Windows, their skills, the calling rule's settings and the rules for more windows, now and planned",
			roles: manager, out: wire.LayoutState{}, status: 200, handle: a.layout},
		{method: http.MethodPost, path: "/api/v1/layout", summary: "Change windows, skills and settings, at once or from the next business day on",
			detail: "Refused with layout_changed when somebody else changed the layout in between, with layout_in_use when it would strand somebody.",
			roles:  manager, in: wire.LayoutChange{}, out: wire.LayoutState{}, status: 200, handle: a.changeLayout},
		{method: http.MethodDelete, path: "/api/v1/layout/planned", summary: "Withdraw what is planned for the next business day",
			roles: manager, out: wire.LayoutState{}, status: 200, handle: a.withdrawLayout},
		{method: http.MethodPost, path: "/api/v1/whatif", summary: "Replay past days under other windows, staff or settings",
			detail: "Runs the calling rules on simulated time; changes nothing. The days are the named dates or, without any, the last ones.",
			roles:  manager, in: wire.WhatifRequest{}, out: Whatif{}, status: 200, handle: a.whatif},
		{method: http.MethodGet, path: "/api/v1/whatif/days", summary: "The last days that can be replayed, with their tickets",
			detail: "?last=20, at most 60.", roles: manager, out: wire.PastDays{},
			params: asks{may("last", "how many days, 20 without, at most 60")}, status: 200, handle: a.whatifDays},
		{method: http.MethodGet, path: "/api/v1/tickets/:ticket/calls", summary: "Why a ticket was called, each time: the whole table",
			roles: []account.Role{account.Manager, account.Clerk, account.Guide}, out: wire.TicketCalls{}, status: 200, handle: a.ticketCalls},
	}
}

func (a *API) layout(c *fiber.Ctx) error {
	v := a.Hall.View()
	versions, err := a.Past.LayoutVersions(c.UserContext(), maxVersions)
	if err != nil {
		return err
	}
	out := a.layoutState(v.Layout, v.Planned)
	for _, x := range versions {
		out.Versions = append(out.Versions, wire.LayoutVersion{Seq: x.Seq, At: a.present(v.Layout).time(x.At), By: string(x.By), Version: x.Version, Planned: x.Planned})
	}
	return c.JSON(out)
}

func (a *API) layoutState(now, planned *hall.Layout) wire.LayoutState {
	out := wire.LayoutState{Now: layoutPlan(now), Versions: []wire.LayoutVersion{}}
	if planned != nil {
		p := layoutPlan(planned)
		out.Planned = &p
	}
	return out
}

func layoutPlan(l *hall.Layout) wire.LayoutPlan {
	terms := l.Terms()
	minutes := func(c hall.ClassNo) float64 { return float64(terms.Targets[c]) / minuteMS }
	p := wire.LayoutPlan{Version: l.Version, Fields: []wire.LayoutField{}, Windows: []wire.LayoutWindow{}, Reliefs: []wire.Relief{}, Booking: bookingPlan(&l.Booking), Calling: wire.Calling{
		Policy: terms.Policy, Pure: l.Calling.Pure, Quota: terms.Quota, StatutoryMin: minutes(hall.ClassStatutory),
		AppointmentMin: minutes(hall.ClassAppointment), OrdinaryMin: minutes(hall.ClassOrdinary),
		IdleCallS: l.Calling.IdleCallS, AlarmMin: l.Calling.Alarm()}}
	matters := map[hall.FieldID]int{}
	for i := range l.Matters {
		matters[l.Matters[i].Field]++
	}
	for _, f := range l.Fields {
		p.Fields = append(p.Fields, wire.LayoutField{ID: string(f.ID), Name: wire.Text(f.Name), Matters: matters[f.ID]})
	}
	for i := range l.Windows {
		p.Windows = append(p.Windows, layoutWindow(&l.Windows[i]))
	}
	for _, r := range l.Reliefs {
		p.Reliefs = append(p.Reliefs, wire.Relief{Field: string(r.Field), Waiting: r.Waiting, OverMin: r.OverMin, Window: string(r.Window)})
	}
	return p
}

func layoutWindow(w *hall.WindowPlan) wire.LayoutWindow {
	out := wire.LayoutWindow{ID: string(w.ID), Name: w.Name, Kind: string(w.Kind), Fields: words(w.Fields)}
	for f, acts := range w.Acts {
		if out.Acts == nil {
			out.Acts = map[string][]string{}
		}
		out.Acts[string(f)] = words(acts)
	}
	return out
}

// changed is the layout with the windows and settings of a request; without reliefs or booking it keeps its own.
func changed(l *hall.Layout, windows []wire.LayoutWindow, s wire.Calling, reliefs []wire.Relief, booking *wire.BookingPlan) (*hall.Layout, error) {
	next := *l
	if booking != nil {
		next.Booking = hallBooking(booking)
	}
	if reliefs != nil {
		next.Reliefs = nil
	}
	for _, r := range reliefs {
		next.Reliefs = append(next.Reliefs, hall.Relief{Field: hall.FieldID(r.Field), Waiting: r.Waiting, OverMin: r.OverMin, Window: hall.WindowID(r.Window)})
	}
	next.Windows = nil
	for _, w := range windows {
		p := hall.WindowPlan{ID: hall.WindowID(w.ID), Name: w.Name, Kind: hall.WindowKind(w.Kind)}
		for _, f := range w.Fields {
			p.Fields = append(p.Fields, hall.FieldID(f))
		}
		for f, acts := range w.Acts {
			if p.Acts == nil {
				p.Acts = map[hall.FieldID][]hall.Act{}
			}
			for _, act := range acts {
				p.Acts[hall.FieldID(f)] = append(p.Acts[hall.FieldID(f)], hall.Act(act))
			}
		}
		switch p.Kind {
		case hall.General, hall.OfField, hall.Dedicated, hall.Delivery:
		default:
			return nil, refusal(http.StatusUnprocessableEntity, "invalid", "windows："+w.ID+" 号窗口没有 "+w.Kind+" 这种类型。")
		}
		next.Windows = append(next.Windows, p)
	}
	next.Calling = hall.Calling{Policy: s.Policy, Pure: s.Pure, Quota: s.Quota, StatutoryMin: s.StatutoryMin,
		AppointmentMin: s.AppointmentMin, OrdinaryMin: s.OrdinaryMin, IdleCallS: s.IdleCallS, AlarmMin: s.AlarmMin}
	if err := next.Check(); err != nil {
		return nil, refusal(http.StatusUnprocessableEntity, "invalid", "布局有误："+hall.InWords(err)+"。")
	}
	for _, f := range next.Fields {
		if !slices.ContainsFunc(next.Windows, func(w hall.WindowPlan) bool { return w.Serves(f.ID) }) {
			return nil, refusal(http.StatusUnprocessableEntity, "invalid", "没有窗口办理“"+f.Name["zh"]+"”。请至少给一个窗口这项技能。")
		}
	}
	next.Version = next.Named()
	return &next, nil
}

func (a *API) changeLayout(c *fiber.Ctx) error {
	var in wire.LayoutChange
	if err := body(c, &in); err != nil {
		return err
	}
	switch {
	case in.Base == "":
		return refusal(http.StatusUnprocessableEntity, "invalid", "base：请给出修改所依据的布局版本。")
	case len(in.Windows) == 0:
		return refusal(http.StatusUnprocessableEntity, "invalid", "windows：请给出全部窗口，它会整个替换现有的。现有窗口见 GET /api/v1/layout 的 now.windows。")
	}
	next, err := changed(a.Hall.View().Layout, in.Windows, in.Calling, in.Reliefs, in.Booking)
	if err != nil {
		return err
	}
	var cmd hall.Command = hall.PlanLayout{Layout: *next, Base: in.Base}
	switch in.When {
	case "now":
		cmd = hall.AdoptLayout{Layout: *next, Base: in.Base}
	case "next_day":
	default:
		return refusal(http.StatusUnprocessableEntity, "invalid", "when：只能是 now（立即）或 next_day（下一个工作日）。")
	}
	return a.do(c, command{status: http.StatusOK, cmd: cmd, answer: a.layoutAnswer})
}

func (a *API) layoutAnswer(s *hall.State, _ []hall.Event) any {
	v := s.View()
	return a.layoutState(v.Layout, v.Planned)
}

func (a *API) withdrawLayout(c *fiber.Ctx) error {
	return a.do(c, command{status: http.StatusOK, cmd: hall.PlanLayout{Withdraw: true}, answer: a.layoutAnswer})
}

func (a *API) whatif(c *fiber.Ctx) error {
	in := wire.WhatifRequest{Days: 20}
	if err := body(c, &in); err != nil {
		return err
	}
	l := a.Hall.View().Layout
	tried, err := changed(l, in.Windows, in.Calling, nil, nil)
	if err != nil {
		return err
	}
	tried.Windows = slices.DeleteFunc(tried.Windows, func(w hall.WindowPlan) bool { return slices.Contains(in.Closed, string(w.ID)) })
	days, err := a.daysToTry(c.UserContext(), &in)
	if err != nil {
		return err
	}
	out, err := a.replayed(c.UserContext(), l, tried, days)
	if err != nil {
		return err
	}
	return c.JSON(out)
}

// daysToTry are the dates of a request or, without any, the last days.
func (a *API) daysToTry(ctx context.Context, in *wire.WhatifRequest) ([]hall.Day, error) {
	if len(in.Dates) == 0 {
		if in.Days < 1 || in.Days > maxWhatifDays {
			return nil, refusal(http.StatusUnprocessableEntity, "invalid", "days：请选择 1 到 60 天。")
		}
		return a.Past.WorkedDays(ctx, "", "9999-12-31", in.Days)
	}
	if len(in.Dates) > maxWhatifDays {
		return nil, refusal(http.StatusUnprocessableEntity, "invalid", "dates：最多选择 60 天。")
	}
	var days []hall.Day
	for _, date := range in.Dates {
		day := hall.Day(date)
		known, err := a.Past.WorkedDays(ctx, day, day, 1)
		if err != nil {
			return nil, err
		}
		if len(known) == 0 {
			return nil, refusal(http.StatusUnprocessableEntity, "invalid", "dates："+date+" 不是已结束且有号票的工作日。请另选一天。")
		}
		days = append(days, day)
	}
	slices.Sort(days)
	return slices.Compact(days), nil
}

func (a *API) whatifDays(c *fiber.Ctx) error {
	n := c.QueryInt("last", 20)
	if n < 1 || n > maxWhatifDays {
		return refusal(http.StatusUnprocessableEntity, "invalid", "last：请填写 1 到 60 之间的天数。")
	}
	loads, err := a.Past.DayLoads(c.UserContext(), n)
	if err != nil {
		return err
	}
	out := wire.PastDays{Days: []wire.PastDay{}}
	for _, l := range loads {
		out.Days = append(out.Days, wire.PastDay{Day: string(l.Day), Tickets: l.Tickets})
	}
	return c.JSON(out)
}

// replayed replays days on two layouts when no report is being made: both read for seconds on the connections that clerks wait for.
func (a *API) replayed(ctx context.Context, now, tried *hall.Layout, days []hall.Day) (*Whatif, error) {
	done, err := a.oneReport(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	worked, err := whatif.Worked(ctx, a.Past, now, days)
	if err != nil {
		return nil, err
	}
	if len(worked) == 0 {
		return nil, refusal(http.StatusConflict, "no_past", "还没有已结束的工作日。明天就可以用今天的数据来试。")
	}
	return tryOut(now, tried, worked)
}

func tryOut(now, tried *hall.Layout, days []whatif.Day) (*Whatif, error) {
	out := &Whatif{Days: len(days), From: string(days[0].Day), To: string(days[len(days)-1].Day), Real: whatif.Real(now, days)}
	for i := range days {
		out.Tickets += len(days[i].Visits)
	}
	var err error
	if out.Base, err = whatif.Replay(now, now, days, nil); err != nil {
		return nil, err
	}
	if out.Tried, err = whatif.Replay(tried, now, days, nil); err != nil {
		return nil, err
	}
	out.Wait, out.Within = whatif.Compare(out.Base, out.Tried)
	return out, nil
}

func (a *API) ticketCalls(c *fiber.Ctx) error {
	id := hall.TicketID(c.Params("ticket"))
	t, err := a.Tickets.Ticket(c.UserContext(), id)
	if err != nil {
		return err
	}
	if t == nil {
		return refusal(http.StatusNotFound, "not_found", "没有这张号票。请核对号码。")
	}
	reasons, err := a.Past.Reasons(c.UserContext(), id)
	if err != nil {
		return err
	}
	p := a.present(a.Hall.View().Layout)
	out := wire.TicketCalls{Ticket: p.ticket(t, 0), Calls: []wire.TicketCall{}}
	for _, r := range reasons {
		out.Calls = append(out.Calls, wire.TicketCall{Leg: r.Leg, Window: string(r.Window), At: p.time(r.At).Round(time.Millisecond), Why: explain(r.Why, t)})
	}
	return c.JSON(out)
}

// words are named texts as plain ones.
func words[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = string(x)
	}
	return out
}
