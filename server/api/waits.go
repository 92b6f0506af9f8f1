package api

import (
	"cmp"
	"slices"

	"github.com/gofiber/fiber/v2"

	"yitang/server/forecast"
	"yitang/server/hall"
	"yitang/server/wire"
)

// outlook is the newest outlook, or nil.
func (a *API) outlook() *forecast.Outlook {
	if a.Waits == nil {
		return nil
	}
	return a.Waits.Outlook()
}

// told is the forecast that a ticket about to be issued is given, by its matters; nil when there is none.
func (a *API) told(c *hall.Take) *hall.Told {
	o := a.outlook()
	if o == nil {
		return nil
	}
	l := a.Hall.View().Layout
	var wants []forecast.Want
	for _, code := range c.Matters {
		for i := range l.Matters {
			if m := &l.Matters[i]; m.Code == code {
				wants = append(wants, forecast.Want{Field: m.Field, Act: m.Act(c.Deliver)})
			}
		}
	}
	return o.Arriving(wants, c.Priority.Class())
}

// waitOf is what a waiting ticket is shown now; nil when there is nothing honest to say.
func (p presenter) waitOf(t *hall.Ticket) *wire.Wait {
	return spoken(p.waits().Ticket(t, hall.Millis(p.now().UnixMilli())))
}

// waitFor is what somebody who comes for a field now is shown.
func (p presenter) waitFor(f hall.FieldID) *wire.Wait {
	return spoken(p.waits().Field(f, hall.Millis(p.now().UnixMilli())))
}

func spoken(s forecast.Spoken, ok bool) *wire.Wait {
	if !ok {
		return nil
	}
	return &wire.Wait{P50Min: s.P50Min, P80Min: s.P80Min, P90Min: s.P90Min}
}

// forecasts is the manager's report.
func (a *API) forecasts(c *fiber.Ctx) error {
	out := wire.ForecastReport{Needed: forecast.EnoughPast, AlarmMin: a.Hall.View().Layout.Calling.Alarm(), Fields: []wire.ForecastGroup{},
		Hours: []wire.ForecastGroup{}, Alarms: []wire.ForecastAlarm{}, Overall: judged(&forecast.Group{})}
	if a.Waits == nil || a.Waits.Report() == nil {
		return c.JSON(out)
	}
	r, p := a.Waits.Report(), a.present(a.Hall.View().Layout)
	out.Days, out.Enough, out.Foresees, out.Overall = r.Quality.Days, true, r.Foresees, judged(&r.Quality.All)
	for i := range r.Quality.Fields {
		out.Fields = append(out.Fields, judged(&r.Quality.Fields[i]))
	}
	for i := range r.Quality.Hours {
		out.Hours = append(out.Hours, judged(&r.Quality.Hours[i]))
	}
	now := hall.Millis(p.now().UnixMilli())
	for _, x := range slices.SortedFunc(slices.Values(r.Alarms), func(a, b forecast.Alarm) int { return cmp.Compare(a.From, b.From) }) {
		if x.Back != 0 && x.Back <= now {
			continue // the break is over
		}
		out.Alarms = append(out.Alarms, wire.ForecastAlarm{Field: string(x.Field), Name: p.fieldName(x.Field),
			From: p.time(max(x.From, now)), WaitMin: int(x.WaitMin), Cause: string(x.Cause), Back: p.maybe(x.Back)})
	}
	return c.JSON(out)
}

func judged(g *forecast.Group) wire.ForecastGroup {
	out := wire.ForecastGroup{Name: g.Name, N: g.N, MAEMin: g.MAEMin, BiasMin: g.BiasMin, WaitMin: g.WaitMin, Coverage: []wire.ForecastCoverage{}}
	if g.N == 0 {
		return out
	}
	for _, s := range g.Coverage {
		out.Coverage = append(out.Coverage, wire.ForecastCoverage{Level: s.Level, Share: s.Share, Lo: s.Lo, Hi: s.Hi})
	}
	return out
}
