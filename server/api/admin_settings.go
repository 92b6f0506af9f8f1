package api

import (
	"net/http"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/wire"
)

func (a *API) settingsRoutes() []route {
	system := []account.Role{account.System}
	return []route{
		{method: http.MethodGet, path: "/api/v1/admin/settings", summary: "The hall's name, hours, and how its windows call",
			roles: system, out: wire.Settings{}, status: 200, handle: a.settings},
		{method: http.MethodPost, path: "/api/v1/admin/settings", summary: "Change them; windows and the calling rule are the manager's",
			detail: "Hours hold from the next business day on, all else at once. Refused with layout_changed when somebody else changed the hall in between.",
			roles:  system, in: wire.Settings{}, out: wire.Settings{}, status: 200, handle: a.changeSettings},
	}
}

func (a *API) settings(c *fiber.Ctx) error { return c.JSON(SettingsOf(a.Hall.View().Layout)) }

// SettingsOf are the settings of a layout.
func SettingsOf(l *hall.Layout) wire.Settings {
	yellow, red := l.Desk.Warn()
	rating := l.Desk.RatingDays
	if rating == 0 {
		rating = hall.DefaultDesk().RatingDays
	}
	s := wire.Settings{Base: l.Version, Name: wire.Text(l.Name), Zone: l.Zone,
		Hours: wire.SettingsHours{Always: l.Hours.Always, Spans: []wire.Span{}},
		Desk: wire.SettingsDesk{Calls: l.Desk.Calls, RecallEveryS: l.Desk.RecallEveryS, LastCallFirst: l.Desk.LastCallFirst,
			RatingDays: rating, YellowDays: yellow, RedDays: red},
		Limit: wire.SettingsLimits{OpenPerMatter: l.Limits.OpenPerMatter, PerDay: l.Limits.PerDay}}
	for _, x := range l.Hours.Spans {
		s.Hours.Spans = append(s.Hours.Spans, wire.Span{FromMin: x.From, ToMin: x.To})
	}
	return s
}

func (a *API) changeSettings(c *fiber.Ctx) error {
	var in wire.Settings
	if err := body(c, &in); err != nil {
		return err
	}
	if in.Base == "" {
		return refusal(http.StatusUnprocessableEntity, "invalid", "base：请给出修改所依据的布局版本。")
	}
	next, err := WithSettings(a.Hall.View().Layout, &in)
	if err != nil {
		return err
	}
	return a.do(c, command{status: http.StatusOK, cmd: hall.AdoptLayout{Layout: *next, Base: in.Base},
		answer: func(s *hall.State, _ []hall.Event) any { return SettingsOf(s.Layout()) }})
}

// Bounds of the settings.
const (
	maxCalls     = 10
	maxRecallS   = 600
	maxDays      = 60 // working days
	maxPerPerson = 100
	maxSpans     = 4 // of a day
)

// WithSettings is the layout with the settings of a request.
func WithSettings(l *hall.Layout, in *wire.Settings) (*hall.Layout, error) {
	for _, f := range []struct {
		name       string
		value, max int
	}{
		{"desk.calls（叫号次数）", in.Desk.Calls, maxCalls}, {"desk.recall_every_s（重呼间隔秒数）", in.Desk.RecallEveryS, maxRecallS},
		{"desk.rating_days（差评办结工作日）", in.Desk.RatingDays, maxDays}, {"desk.yellow_days（黄灯工作日）", in.Desk.YellowDays, maxDays},
		{"desk.red_days（红灯工作日）", in.Desk.RedDays, maxDays}, {"limits.open_per_matter（同一事项未办完的号）", in.Limit.OpenPerMatter, maxPerPerson},
		{"limits.per_day（一人一天的号）", in.Limit.PerDay, maxPerPerson}, {"hours.spans（开放时段）", len(in.Hours.Spans), maxSpans},
	} {
		if f.value < 0 || f.value > f.max {
			return nil, refusal(http.StatusUnprocessableEntity, "invalid", f.name+"：只能在 0 到 "+strconv.Itoa(f.max)+" 之间。")
		}
	}
	next := *l
	next.Name, next.Hours = hall.Text(in.Name), hall.Hours{Always: in.Hours.Always}
	for _, s := range in.Hours.Spans {
		next.Hours.Spans = append(next.Hours.Spans, hall.Span{From: s.FromMin, To: s.ToMin})
	}
	next.Desk.Calls, next.Desk.RecallEveryS, next.Desk.LastCallFirst = in.Desk.Calls, in.Desk.RecallEveryS, in.Desk.LastCallFirst
	next.Desk.RatingDays, next.Desk.YellowDays, next.Desk.RedDays = in.Desk.RatingDays, in.Desk.YellowDays, in.Desk.RedDays
	next.Limits = hall.Limits{OpenPerMatter: in.Limit.OpenPerMatter, PerDay: in.Limit.PerDay}
	if in.Zone != "" && in.Zone != l.Zone {
		return nil, refusal(http.StatusUnprocessableEntity, "invalid", "zone：时区只能随大厅清单（hall.csv）更换。")
	}
	if err := next.Check(); err != nil {
		return nil, refusal(http.StatusUnprocessableEntity, "invalid", "设置有误："+hall.InWords(err)+"。")
	}
	next.Version = next.Named()
	return &next, nil
}
