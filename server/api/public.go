package api

import (
	"context"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"yitang/server/hall"
	"yitang/server/report"
	"yitang/server/runonce"
	"yitang/server/wire"
)

func (a *API) publicRoutes() []route {
	return []route{{method: http.MethodGet, path: "/api/v1/public", summary: "What the hall tells everybody: the waits now, and last month's run-at-most-once rates",
		detail: "Nothing in it is about a person. Rates of fewer than five cases are not told.", out: wire.PublicHall{}, status: 200, handle: a.public}}
}

// publishedMonth is last month as told: it is judged once a day, for what comes in late.
type publishedMonth struct {
	day    hall.Day // on which it was judged
	layout *hall.Layout
	month  *wire.PublicMonth
	again  time.Time // of a judging that failed: when it is tried once more
}

// publicRetry is how long a judging that failed rests: this is asked by everybody, and a month is seconds of work.
const publicRetry = 10 * time.Minute

func (m *publishedMonth) holds(day hall.Day, l *hall.Layout) bool {
	return m != nil && m.day == day && m.layout == l && (m.again.IsZero() || time.Now().Before(m.again))
}

// public answers from memory; who asks first on a day waits for last month's judging.
func (a *API) public(c *fiber.Ctx) error {
	v := a.Hall.View()
	p := a.present(v.Layout)
	out := wire.PublicHall{Hall: p.hall(v, a.Now()), At: a.Now().In(p.zone), Waiting: v.Totals.Waiting, Fields: []wire.FieldLoad{}}
	for i := range v.Queues {
		out.Fields = append(out.Fields, p.load(v, &v.Queues[i]))
	}
	for i := range v.Windows {
		if v.Windows[i].State == hall.Open {
			out.Windows++
		}
	}
	var err error
	if out.Month, err = a.lastMonth(c.UserContext(), v.Layout); err != nil {
		a.Log.Error().Err(err).Msg("last month cannot be told to the public")
	}
	return c.JSON(out)
}

func (a *API) lastMonth(ctx context.Context, l *hall.Layout) (*wire.PublicMonth, error) {
	zone, err := zoneOf(l)
	if err != nil {
		return nil, err
	}
	today := a.Now().In(zone)
	day := hall.Day(today.Format(time.DateOnly))
	if m := a.published.Load(); m.holds(day, l) {
		return m.month, nil
	}
	done, err := a.oneReport(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	if m := a.published.Load(); m.holds(day, l) { // judged while this one waited
		return m.month, nil
	}
	first := time.Date(today.Year(), today.Month(), 1, 0, 0, 0, 0, time.UTC)
	q := runonce.Query{From: hall.Day(first.AddDate(0, -1, 0).Format(time.DateOnly)), To: dayBefore(first, 1), ReportDay: dayBefore(first, 1)}
	j, err := a.judged(ctx, q)
	if err != nil {
		a.published.Store(&publishedMonth{day: day, layout: l, again: time.Now().Add(publicRetry)})
		return nil, err
	}
	month := publicMonth(q, j)
	a.published.Store(&publishedMonth{day: day, layout: l, month: month})
	return month, nil
}

// leastPublic is the number of cases from which on a rate is told.
const leastPublic = 5

func publicMonth(q runonce.Query, j *judgement) *wire.PublicMonth {
	r := j.report
	if r.All.N < leastPublic || r.Law.N < leastPublic || r.Opened.N < leastPublic {
		return nil
	}
	m := &wire.PublicMonth{From: string(q.From), To: string(q.To), Rates: []wire.PublicRate{}}
	if r.Bounds != nil {
		m.Bounds = &wire.PublicBounds{Lo: r.Bounds.Lo, Hi: r.Bounds.Hi}
	} else {
		lo, hi := r.Opened.Interval()
		m.Rates = []wire.PublicRate{{Kind: "all", Rate: *r.All.Rate, Lo: *r.All.Lo, Hi: *r.All.Hi, N: r.All.N},
			{Kind: "law", Rate: *r.Law.Rate, Lo: *r.Law.Lo, Hi: *r.Law.Hi, N: r.Law.N}, {Kind: "opened", Rate: *r.Opened.F2, Lo: lo, Hi: hi, N: r.Opened.N}}
	}
	if k, n := report.Kept(floorOf(j.layout, q, j.data)); n >= leastPublic {
		i := runonce.Wilson(k, n)
		m.Kept = &wire.PublicRate{Kind: "kept", Rate: float64(k) / float64(n), Lo: i.Lo, Hi: i.Hi, N: n}
	}
	return m
}
