package api

import (
	"context"
	"time"

	"yitang/server/archive"
	"yitang/server/hall"
	"yitang/server/report"
	"yitang/server/runonce"
)

// A usual day is the average of so many days before that had tickets, looked for in so many calendar days.
const (
	usualDays  = 20
	usualReach = 45
)

// usualDay is what is usual beside a day: kept, because a past day does not change and today's page asks every minute.
type usualDay struct {
	day    hall.Day
	layout *hall.Layout
	usual  *report.Usual
}

// floor reads the tickets and windows of a period and what is usual beside it.
func (a *API) floor(ctx context.Context, q runonce.Query) (*report.Floor, error) {
	l := a.Hall.View().Layout
	zone, err := zoneOf(l)
	if err != nil {
		return nil, err
	}
	data, err := archive.Floor(ctx, a.History, q.From, q.To, zone)
	if err != nil {
		return nil, err
	}
	f := floorOf(l, q, data)
	f.Now = hall.Millis(a.Now().UnixMilli())
	f.Usual, err = a.usual(ctx, l, q, zone)
	return f, err
}

func floorOf(l *hall.Layout, q runonce.Query, data *runonce.Data) *report.Floor {
	f := &report.Floor{Hall: l.Name["zh"], From: q.From, To: q.To, ReportDay: q.ReportDay, Data: data, Fields: l.Fields,
		FieldOf: make(map[hall.MatterCode]hall.FieldID, len(l.Matters))}
	for i := range l.Matters {
		f.FieldOf[l.Matters[i].Code] = l.Matters[i].Field
	}
	return f
}

// usual is a usual day where the period is a day, else the period before.
func (a *API) usual(ctx context.Context, l *hall.Layout, q runonce.Query, zone *time.Location) (*report.Usual, error) {
	first, err := time.Parse(time.DateOnly, string(q.From))
	if err != nil {
		return nil, err
	}
	last, err := time.Parse(time.DateOnly, string(q.To))
	if err != nil {
		return nil, err
	}
	if q.From == q.To {
		if u := a.usually.Load(); u != nil && u.day == q.From && u.layout == l {
			return u.usual, nil
		}
	}
	reach, name := int(last.Sub(first).Hours()/24)+1, "上一期"
	if q.From == q.To {
		reach, name = usualReach, "平常一天"
	}
	before := runonce.Query{From: dayBefore(first, reach), To: dayBefore(first, 1), ReportDay: dayBefore(first, 1)}
	data, err := archive.Floor(ctx, a.History, before.From, before.To, zone)
	if err != nil {
		return nil, err
	}
	f := floorOf(l, before, data)
	if q.From == q.To {
		f.From = lastDays(data, zone, usualDays)
	}
	u := report.NewUsual(name, f, q.From == q.To)
	if q.From == q.To {
		a.usually.Store(&usualDay{q.From, l, u})
	}
	return u, nil
}

func dayBefore(t time.Time, n int) hall.Day {
	return hall.Day(t.AddDate(0, 0, -n).Format(time.DateOnly))
}

// lastDays is the first of the last n days that had tickets.
func lastDays(d *runonce.Data, zone *time.Location, n int) hall.Day {
	days := map[hall.Day]bool{}
	for i := range d.Days {
		days[hall.Day(time.UnixMilli(int64(d.Days[i].IssuedAt)).In(zone).Format(time.DateOnly))] = true
	}
	return report.LastDay(days, n)
}

func (a *API) trafficReport(ctx context.Context, q runonce.Query) (*report.Report, error) {
	return a.ofFloor(ctx, q, report.Traffic)
}

func (a *API) peopleReport(ctx context.Context, q runonce.Query) (*report.Report, error) {
	return a.ofFloor(ctx, q, report.People)
}

func (a *API) ofFloor(ctx context.Context, q runonce.Query, tell func(*report.Floor) report.Report) (*report.Report, error) {
	done, err := a.oneReport(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	f, err := a.floor(ctx, q)
	if err != nil {
		return nil, err
	}
	r := tell(f)
	return &r, nil
}

func (a *API) promisedReport(ctx context.Context, q runonce.Query) (*report.Report, error) {
	j, err := a.judge(ctx, q)
	if err != nil {
		return nil, err
	}
	_, red := j.layout.Desk.Warn()
	r := report.Promised(floorOf(j.layout, q, j.data), j.report, red, matterNames(j.layout))
	return &r, nil
}

func (a *API) periodReport(ctx context.Context, q runonce.Query) (*report.Report, error) {
	var usual *report.Usual
	j, err := a.judge(ctx, q, func(ctx context.Context) error {
		l := a.Hall.View().Layout
		zone, err := zoneOf(l)
		if err != nil {
			return err
		}
		usual, err = a.usual(ctx, l, q, zone)
		return err
	})
	if err != nil {
		return nil, err
	}
	f := floorOf(j.layout, q, j.data)
	f.Usual, f.Now = usual, hall.Millis(a.Now().UnixMilli())
	_, red := j.layout.Desk.Warn()
	r := report.Period(f, q, j.report, red, matterNames(j.layout))
	return &r, nil
}
